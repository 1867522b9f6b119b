//! Blocks that several threads make.
//!
//! The thread that asks works like the others: each claims the next run of rows, and another one
//! when that is done, so that none waits for a wave of blocks to end. No operator's `fill` uses
//! threads itself.

use super::{Block, Stop};
use rayon::{Scope, ThreadPool};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Makes something of each run of rows; the list has the order of the runs. Of several failures
/// the first run's is told.
pub(super) fn map<S, T: Send>(
    helpers: &ThreadPool,
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
    helpers.in_place_scope(|scope| {
        (0..helpers.current_num_threads().min(runs.len().saturating_sub(1))).for_each(|_| scope.spawn(|_| work()));
        work();
    });
    let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, made)| made).collect()
}

/// Does one thing on a helper, and another one here.
pub(super) fn beside<A: Send, B>(helpers: &ThreadPool, there: impl FnOnce() -> A + Send, here: impl FnOnce() -> B) -> (Option<A>, B) {
    let mut done = None;
    let here = helpers.in_place_scope(|scope| {
        scope.spawn(|_| done = Some(there()));
        here()
    });
    (done, here)
}

/// Hands the block of each run over to `take`, in the order of the runs: by whichever thread has
/// made the one whose turn it is. No more than `most` blocks are there at a time.
pub(super) fn in_order(
    helpers: &ThreadPool,
    most: usize,
    runs: &[Range<u32>],
    make: impl Fn(&Range<u32>, &mut Made) -> Result<(), Stop> + Sync,
    take: impl FnMut(&Block) -> Result<(), Stop> + Send,
) -> Result<(), Stop> {
    let threads = helpers.current_num_threads() + 1;
    let line = Line {
        runs,
        threads,
        make,
        state: Mutex::new(State {
            claimed: 0,
            over: 0,
            ready: (0..most).map(|_| None).collect(),
            spare: Vec::new(),
            workers: threads,
            take: Some(take),
            failed: None,
        }),
    };
    helpers.in_place_scope(|scope| {
        (1..threads).for_each(|_| scope.spawn(|scope| line.work(scope)));
        line.work(scope);
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
    threads: usize,
    make: M,
    state: Mutex<State<F>>,
}

struct State<F> {
    /// How many runs are claimed, and how many are handed over.
    claimed: usize,
    over: usize,
    /// Blocks that wait for those before them, that of a run at its number modulo the length.
    ready: Vec<Option<(Made, Result<(), Stop>)>>,
    spare: Vec<Made>,
    /// Threads at work. One that may not begin a block leaves, and is called back.
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
    fn work<'s>(&'s self, scope: &Scope<'s>) {
        let mut state = lock(&self.state);
        while let at = state.claimed
            && let Some(run) = self.runs.get(at)
            && at - state.over < state.ready.len()
            && state.failed.is_none()
        {
            state.claimed += 1;
            let mut made = state.spare.pop().unwrap_or_default();
            drop(state);
            let done = (self.make)(run, &mut made);
            state = lock(&self.state);
            let place = at % state.ready.len();
            state.ready[place] = Some((made, done));
            state = self.hand_over(state, scope);
        }
        state.workers -= 1;
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
            if state.workers < self.threads && state.claimed < self.runs.len() {
                state.workers += 1;
                scope.spawn(|scope| self.work(scope));
            }
        }
        state.take = Some(take);
        state
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
