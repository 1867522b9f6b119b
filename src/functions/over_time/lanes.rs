//! Several windows side by side, each in the order of its samples.
//!
//! A compensated sum is one long chain: every addition waits for the one before. The chains of
//! several windows do not wait for each other, so a processor works on some of them at once, and
//! every window still has the bits of its own plain sum. Windows that begin with the same sample,
//! as at the start of a series, are one chain with several ends.

use super::cut::{Level, View};
use super::vector::{Plain, Side, Vector};
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::functions::range::{SHORT, short_seconds};
use crate::wide::{Wide, any_width, wide};
use std::ops::Range;

/// Windows that go side by side. In WebAssembly, where code has to be loaded, as many as one operation
/// takes in.
pub(crate) const SIDE_BY_SIDE: usize = if cfg!(target_arch = "wasm32") { 2 } else { 8 };

/// Values up to here overflow in no sum of squares, however long.
pub(crate) const TAME: f64 = 1e140;

/// What a chain gains from, as far as was measured: compilers do not make good use of long vectors
/// for all of them.
#[derive(Clone, Copy)]
pub(crate) enum Vectors {
    /// What all processors have.
    Any,
    /// Code that compilers make for [`wide`] vectors.
    Wide,
    /// Code that is written for them.
    Fours,
}

impl Vectors {
    /// Calls `work`, with what makes vectors of four where it is to use them.
    #[inline(always)]
    pub(super) fn use_for<R>(self, work: impl FnOnce(Option<Wide>) -> R) -> R {
        match self {
            Vectors::Any => work(None),
            Vectors::Wide => wide(
                #[inline(always)]
                || work(None),
            ),
            Vectors::Fours => any_width(work),
        }
    }
}

/// A function of a window that goes from sample to sample, with `C` numbers to remember, all 0
/// at first. What uses [`add`] needs values that are [`tame`].
pub(crate) trait Chain<const C: usize> {
    /// What its loops are compiled for.
    const VECTORS: Vectors = Vectors::Any;
    /// Asks for [`Chain::times`], and whether all values of a window are equal.
    const TIMED: bool = false;
    /// So many samples at the start of each window go to `head`, not to `push`.
    const HEAD: usize = 0;
    /// After so many samples each, windows on their way are asked whether their end is known.
    const STRETCH: usize = usize::MAX;
    /// Whether the chain has the bits of its plain kernel over the samples of these windows.
    fn tame(&self, _column: &Column<'_>) -> bool {
        true
    }
    /// Whether a window goes on from where a shorter one with the same first sample ends.
    fn shared(&self) -> bool {
        true
    }
    /// Times of all samples, ms, if the chain asks for them: whole numbers, so that differences
    /// are exact.
    fn times(&self) -> &[f64] {
        &[]
    }
    /// What times are counted from, ms, in a window that begins with sample `lo`.
    fn origin(&self, _lo: usize, _step: usize) -> f64 {
        0.0
    }
    /// Sample `k` of each of some windows.
    #[inline(always)]
    fn head<V: Vector>(&self, _k: usize, _value: V, _state: &mut [V; C]) {}
    /// The `n`-th sample of each of some windows, counted from 1, and its seconds since the origin
    /// if the chain asks for times.
    fn push<V: Vector>(&self, n: f64, value: V, seconds: V, state: &mut [V; C]);
    /// Sample `n` of each of some walks from cuts, counted from 1, and its ms after the cut if the
    /// chain asks for times: `SHORT` if none is further off than [`SHORT`] ms.
    #[inline(always)]
    fn walk<V: Vector, const SHORT: bool>(&self, n: f64, value: V, _ms: V, state: &mut [V; C]) {
        self.push(n, value, value, state);
    }
    /// The state after the sample before `hi`, where that follows from the one after the sample
    /// before `at`.
    fn ahead(&self, _at: usize, _hi: usize, _state: [f64; C]) -> Option<[f64; C]> {
        None
    }
    fn finish(&self, view: &View<'_>, state: [f64; C]) -> Option<f64>;
}

/// A step of a compensated sum in each lane: the bits of `kahan_inc` where nothing overflows and
/// nothing is NaN, without asking which of the two numbers is larger.
#[inline(always)]
pub(crate) fn add<V: Vector>(x: V, sum: &mut V, c: &mut V) {
    let total = *sum + x;
    let part = total - *sum;
    *c = *c + ((*sum - (total - part)) + (x - part));
    *sum = total;
}

/// Whether no sum over the values of any window can overflow, and none is NaN.
pub(crate) fn tame(column: &Column<'_>) -> bool {
    let (first, past) = column.bounds.span();
    column.value[first..past].iter().fold(true, |tame, v| tame & (v.abs() <= TAME))
}

/// A window on its way.
#[derive(Clone, Copy, Default)]
struct Entry {
    step: usize,
    lo: usize,
    hi: usize,
    constant: bool,
}

/// Fills the steps whose windows have a length that `takes` accepts, `L` windows at once.
#[inline(never)]
pub(crate) fn fill<const L: usize, const C: usize, K: Chain<C>>(
    column: &Column<'_>,
    row: &mut Row<'_>,
    chain: &K,
    takes: &dyn Fn(usize) -> bool,
) -> Result<(), Stop>
where
    Wide: Side<L>,
{
    let steps = column.bounds.steps();
    let n = steps.end;
    let mut level = Level::default();
    let mut constant = |step| {
        let (lo, hi) = column.bounds.window(step);
        K::TIMED && level.holds(column.value, lo, hi)
    };
    let (mut waiting, mut count) = ([Entry::default(); L], 0);
    let mut step = steps.start;
    while step < n {
        let (lo, hi) = column.bounds.window(step);
        if lo == hi || !takes(hi - lo) {
            step += 1;
            continue;
        }
        let goes_on = |next: &usize| {
            let (start, end) = column.bounds.window(*next);
            start == lo && end > lo && takes(end - lo)
        };
        let alike = if chain.shared() { (step + 1..n).take_while(goes_on).count() + 1 } else { 1 };
        if alike >= L {
            let mut state = [0.0; C];
            let mut seen = lo;
            for step in step..step + alike {
                let (_, hi) = column.bounds.window(step);
                let entry = Entry { step, lo, hi, constant: constant(step) };
                follow(column, chain, entry, seen, &mut state);
                column.pace.spend(1);
                column.pace.check()?;
                seen = hi;
                finish(column, row, chain, entry, state);
            }
            step += alike;
            continue;
        }
        waiting[count] = Entry { step, lo, hi, constant: constant(step) };
        count += 1;
        step += 1;
        if count == L {
            side_by_side(column, row, chain, &waiting)?;
            count = 0;
        }
    }
    for entry in &waiting[..count] {
        let mut state = [0.0; C];
        follow(column, chain, *entry, entry.lo, &mut state);
        column.pace.check()?;
        finish(column, row, chain, *entry, state);
    }
    Ok(())
}

/// All of them together as far as the shortest goes, then each on its own.
fn side_by_side<const L: usize, const C: usize, K: Chain<C>>(
    column: &Column<'_>,
    row: &mut Row<'_>,
    chain: &K,
    windows: &[Entry; L],
) -> Result<(), Stop>
where
    Wide: Side<L>,
{
    let common = windows.iter().map(|w| w.hi - w.lo).min().unwrap_or(0);
    let (mut state, mut done) = ([[0.0; L]; C], 0);
    while done < common {
        let stretch = done..common.min(done.saturating_add(K::STRETCH));
        done = stretch.end;
        // Of windows that count from their first sample none is longer than asked for.
        state = match K::TIMED && chain.shared() && column.windows.range < SHORT {
            true => together::<L, C, true, K>(column, chain, windows, stretch, state),
            false => together::<L, C, false, K>(column, chain, windows, stretch, state),
        };
        let known = |(i, w): (usize, &Entry)| chain.ahead(w.lo + done, w.hi, state.map(|part| part[i])).is_some();
        if done < common && windows.iter().enumerate().all(known) {
            break;
        }
    }
    column.pace.spend(1 + done * L / 4);
    for (i, entry) in windows.iter().enumerate() {
        let mut own = state.map(|part| part[i]);
        follow(column, chain, *entry, entry.lo + done, &mut own);
        finish(column, row, chain, *entry, own);
    }
    column.pace.check()
}

/// Some samples of each window, counted from its first one. By itself and free of branches:
/// compilers make vectors of such a loop.
#[inline(never)]
fn together<const L: usize, const C: usize, const SHORT: bool, K: Chain<C>>(
    column: &Column<'_>,
    chain: &K,
    windows: &[Entry; L],
    stretch: Range<usize>,
    state: [[f64; L]; C],
) -> [[f64; L]; C]
where
    Wide: Side<L>,
{
    K::VECTORS.use_for(
        #[inline(always)]
        |wide| match wide {
            Some(side) => all_at_once::<L, C, SHORT, K, _>(side, column, chain, windows, stretch, state),
            None => all_at_once::<L, C, SHORT, K, _>(Plain, column, chain, windows, stretch, state),
        },
    )
}

#[inline(always)]
fn all_at_once<const L: usize, const C: usize, const SHORT: bool, K: Chain<C>, S: Side<L>>(
    side: S,
    column: &Column<'_>,
    chain: &K,
    windows: &[Entry; L],
    stretch: Range<usize>,
    mut lanes: [[f64; L]; C],
) -> [[f64; L]; C] {
    // Loops and functions that are always inlined: closures may be left uncompiled for these vectors.
    let (mut values, mut times, mut origins) = ([&column.value[..0]; L], [&column.value[..0]; L], [0.0; L]);
    for (((values, times), origin), w) in values.iter_mut().zip(&mut times).zip(&mut origins).zip(windows) {
        *values = &column.value[w.lo + stretch.start..][..stretch.len()];
        if K::TIMED {
            *times = &chain.times()[w.lo + stretch.start..][..stretch.len()];
            *origin = chain.origin(w.lo, w.step);
        }
    }
    let origins = side.vector(origins);
    let mut state = [side.vector([0.0; L]); C];
    for (vector, lanes) in state.iter_mut().zip(&lanes) {
        *vector = side.vector(*lanes);
    }
    let head = K::HEAD.saturating_sub(stretch.start).min(stretch.len());
    for k in 0..head {
        chain.head(stretch.start + k, across(side, &values, k), &mut state);
    }
    let mut n = (stretch.start + head) as f64;
    for k in head..stretch.len() {
        n += 1.0;
        let value = across(side, &values, k);
        let mut seconds = value;
        if K::TIMED {
            let ms = across(side, &times, k) - origins;
            seconds = if SHORT { short_seconds(ms) } else { ms / ms.all(1000.0) };
        }
        chain.push(n, value, seconds, &mut state);
    }
    for (lanes, vector) in lanes.iter_mut().zip(&state) {
        *lanes = side.lanes(*vector);
    }
    lanes
}

/// Number `k` of each column.
#[inline(always)]
fn across<const L: usize, S: Side<L>>(side: S, columns: &[&[f64]; L], k: usize) -> S::Vector {
    side.vector(std::array::from_fn(|i| columns[i][k]))
}

/// Goes on with one window, from the sample `from`.
fn follow<const C: usize, K: Chain<C>>(column: &Column<'_>, chain: &K, window: Entry, from: usize, state: &mut [f64; C]) {
    let origin = chain.origin(window.lo, window.step);
    let mut from = from;
    while from < window.hi {
        let known = if from < window.lo + K::HEAD { None } else { chain.ahead(from, window.hi, *state) };
        if let Some(end) = known {
            *state = end;
            return;
        }
        let to = window.hi.min(from.saturating_add(K::STRETCH));
        for i in from..to {
            let (k, value) = (i - window.lo, column.value[i]);
            if k < K::HEAD {
                chain.head(k, value, state);
            } else {
                let seconds = if K::TIMED { (chain.times()[i] - origin) / 1000.0 } else { 0.0 };
                chain.push((k + 1) as f64, value, seconds, state);
            }
        }
        column.pace.spend(to - from);
        from = to;
    }
}

fn finish<const C: usize>(column: &Column<'_>, row: &mut Row<'_>, chain: &impl Chain<C>, window: Entry, state: [f64; C]) {
    let Entry { step, lo, hi, constant } = window;
    let view = View { time: &column.time[lo..hi], value: &column.value[lo..hi], step, cut: 0, nan: false, constant };
    if let Some(value) = chain.finish(&view, state) {
        row.set(step, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::float::kahan_inc;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lanes_keep_what_kahan_keeps(values in prop::collection::vec(prop_oneof![any::<f64>(), -1.0..1.0f64, Just(-0.0), Just(0.0)], 1..60)) {
            let (mut plain, mut sum, mut c) = ((0.0, 0.0), 0.0, 0.0);
            for x in values.into_iter().filter(|v| v.abs() <= TAME) {
                plain = kahan_inc(x, plain.0, plain.1);
                add(x, &mut sum, &mut c);
                prop_assert_eq!((plain.0.to_bits(), plain.1.to_bits()), (sum.to_bits(), c.to_bits()));
            }
        }
    }
}
