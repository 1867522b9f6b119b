//! Blocks that several threads make.
//!
//! The thread that asks works like the others: each claims the next run of rows, and another one
//! when that is done, so that none waits for a wave of blocks to end. No operator's `fill` uses
//! threads itself.

use super::drive::Aside;
use super::pool::Helpers;
use super::{Block, Stop};
use rayon::Scope;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Makes something of each run of rows; the list has the order of the runs. Of several failures
/// the first run's is told.
pub(super) fn map<S, T: Send>(
    helpers: &Helpers,
    mut aside: Aside<'_>,
    runs: &[Range<u32>],
    scratch: impl Fn() -> S + Sync,
    make: impl Fn(&mut S, &Range<u32>) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(runs.len())));
    let work = || {
        let (mut scratch, mut own) = (scratch(), Vec::new());
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(run) = runs.get(at)
        {
            let made = make(&mut scratch, run);
            if made.is_err() {
                // All runs before this one are claimed.
                next.store(runs.len(), Ordering::Relaxed);
            }
            own.push((at, made));
        }
        lock(&all).append(&mut own);
    };
    let work = &work;
    helpers.scope(|scope| {
        for _ in 0..helpers.count().min(runs.len().saturating_sub(1)) {
            let aside = aside.take();
            let called = helpers.call(scope, move |_| {
                aside.into_iter().for_each(|aside| aside());
                work();
            });
            if !called {
                break;
            }
        }
        work();
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, made)| made).collect()
}

/// Hands the block of each run over to `take`, in the order of the runs: by whichever thread has
/// made the one whose turn it is. No more than `most` blocks are there at a time.
pub(super) fn in_order(
    helpers: &Helpers,
    most: usize,
    runs: &[Range<u32>],
    make: impl Fn(&Range<u32>, &mut Made) -> Result<(), Stop> + Sync,
    take: impl FnMut(&Block) -> Result<(), Stop> + Send,
) -> Result<(), Stop> {
    let line = Line {
        runs,
        helpers,
        make,
        room: Condvar::new(),
        state: Mutex::new(State {
            claimed: 0,
            over: 0,
            ready: (0..most).map(|_| None).collect(),
            spare: Vec::new(),
            workers: 0,
            take: Some(take),
            failed: None,
        }),
    };
    helpers.scope(|scope| {
        line.call(&mut lock(&line.state), scope);
        line.work(true, scope);
    });
    line.state.into_inner().unwrap_or_else(PoisonError::into_inner).failed.map_or(Ok(()), Err)
}

/// A block, and the rows that it was asked for.
#[derive(Default)]
pub(super) struct Made {
    pub(super) block: Block,
    pub(super) rows: Vec<u32>,
}

struct Line<'a, M, F> {
    runs: &'a [Range<u32>],
    helpers: &'a Helpers,
    make: M,
    state: Mutex<State<F>>,
    /// There may be room for another block.
    room: Condvar,
}

struct State<F> {
    /// How many runs are claimed, and how many are handed over.
    claimed: usize,
    over: usize,
    /// Blocks that wait for those before them, that of a run at its number modulo the length.
    ready: Vec<Option<(Made, Result<(), Stop>)>>,
    spare: Vec<Made>,
    /// Helpers at work. One that may not begin a block leaves, and is called back.
    workers: usize,
    /// Not there while a thread hands over.
    take: Option<F>,
    failed: Option<Stop>,
}

impl<M, F> Line<'_, M, F>
where
    M: Fn(&Range<u32>, &mut Made) -> Result<(), Stop> + Sync,
    F: FnMut(&Block) -> Result<(), Stop> + Send,
{
    /// Calls the helpers that are idle, as many as there may be something to do for.
    fn call<'s>(&'s self, state: &mut State<F>, scope: &Scope<'s>) {
        let most = self.helpers.count().min((self.runs.len() - state.claimed).saturating_sub(1));
        while state.workers < most && self.helpers.call(scope, |scope| self.work(false, scope)) {
            state.workers += 1;
        }
    }

    /// What the one that asks does, and each helper.
    fn work<'s>(&'s self, asks: bool, scope: &Scope<'s>) {
        let _end = End(self);
        let mut state = lock(&self.state);
        while let at = state.claimed
            && let Some(run) = self.runs.get(at)
            && state.failed.is_none()
        {
            if at - state.over >= state.ready.len() {
                if !asks {
                    break;
                }
                // Helpers are at work, or it would have handed over itself.
                state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.claimed += 1;
            let mut made = state.spare.pop().unwrap_or_default();
            drop(state);
            let done = (self.make)(run, &mut made);
            state = lock(&self.state);
            let place = at % state.ready.len();
            state.ready[place] = Some((made, done));
            state = self.hand_over(state, scope);
        }
        if !asks {
            state.workers -= 1;
        }
    }

    /// Hands over what is ready and has its turn, unless another thread is at it: that one finds
    /// what has become ready meanwhile.
    fn hand_over<'s>(&'s self, mut state: MutexGuard<'s, State<F>>, scope: &Scope<'s>) -> MutexGuard<'s, State<F>> {
        let Some(mut take) = state.take.take() else { return state };
        while let place = state.over % state.ready.len()
            && state.failed.is_none()
            && let Some((made, done)) = state.ready[place].take()
        {
            drop(state);
            let done = done.and_then(|()| take(&made.block));
            state = lock(&self.state);
            state.over += 1;
            state.spare.push(made);
            state.failed = done.err();
            self.room.notify_one();
            self.call(&mut state, scope);
        }
        state.take = Some(take);
        state
    }
}

/// Tells the one that asks where a thread ends by a panic: what it was busy with will not come.
struct End<'a, 'b, M, F>(&'a Line<'b, M, F>);

impl<M, F> Drop for End<'_, '_, M, F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).claimed = self.0.runs.len();
            self.0.room.notify_one();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc::channel;
    use std::time::Duration;

    fn runs(count: u32) -> Vec<Range<u32>> {
        (0..count).map(|run| run..run + 1).collect()
    }

    /// Some work that takes longer for some runs than for others.
    fn uneven(run: u32) {
        (0..run * 7919 % 97 * 50).for_each(|i| {
            std::hint::black_box(i);
        });
    }

    #[test]
    fn blocks_are_handed_over_in_the_order_of_their_runs() {
        for (count, most) in [(1, 1), (1, 3), (2, 2), (3, 16)] {
            let (helpers, runs) = (Helpers::start(count).expect("threads"), runs(300));
            let make = |run: &Range<u32>, made: &mut Made| {
                uneven(run.start);
                made.block.reset(1);
                made.block.push_row(run.start);
                Ok(())
            };
            let mut taken = Vec::new();
            let take = |block: &Block| {
                uneven(block.heads[0] + 1);
                taken.extend_from_slice(&block.heads);
                Ok(())
            };
            in_order(&helpers, most, &runs, make, take).expect("no failure");
            assert_eq!(taken, (0..300).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn a_panic_ends_the_work_of_all() {
        let (helpers, runs) = (Helpers::start(2).expect("threads"), runs(200));
        for at in [0, 1, 17, 199] {
            let make = |run: &Range<u32>, _: &mut Made| {
                uneven(run.start);
                assert_ne!(run.start, at, "as it should");
                Ok(())
            };
            assert!(catch_unwind(AssertUnwindSafe(|| in_order(&helpers, 4, &runs, make, |_| Ok(())))).is_err());
            assert!(helpers.all_idle());
        }
    }

    #[test]
    fn work_does_not_wait_for_helpers_that_are_busy() {
        let (helpers, runs) = (Helpers::start(1).expect("threads"), runs(20));
        let (done, wait) = channel();
        let (tell, told) = channel();
        helpers.scope(|scope| {
            let busy = move || tell.send(wait.recv_timeout(Duration::from_secs(20)).is_ok());
            assert!(helpers.call(scope, move |_| busy().expect("it is asked")));
            let made = map(&helpers, None, &runs, || (), |(), run| Ok(run.start)).expect("no failure");
            assert_eq!(made, (0..20).collect::<Vec<u32>>());
            in_order(&helpers, 2, &runs, |_, _| Ok(()), |_| Ok(())).expect("no failure");
            done.send(()).expect("the helper still waits");
        });
        assert_eq!(told.recv(), Ok(true));
        assert!(helpers.all_idle());
    }
}
