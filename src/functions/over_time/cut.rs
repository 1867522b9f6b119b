//! Sums of long windows from two parts that many windows share.
//!
//! Time is cut at the multiples of B, the largest power of two (in ms) that is not longer than
//! the windows. The last cut at or before a window's right end always lies inside the window: it
//! is the sum of a suffix, summed from the cut down to its first sample, and a prefix, summed
//! from the cut up to its last one. Windows with the same cut share both walks, so a sample is
//! added about three times whatever the windows' length. Nothing is ever subtracted, and since
//! the cut follows from the window's own bounds, its sum has the same bits in every grid.

use super::lanes::{self, Chain};
use super::vector::Side;
use super::walks;
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::wide::Wide;
use std::ops::Range;

/// Windows of up to so many samples are summed in the order of their samples, as the reference
/// sums them.
const SHORT: usize = 64;

/// Windows of more samples than this are cut.
pub(crate) fn longest_whole(column: &Column<'_>) -> usize {
    if column.site.cx.options.strict_order { usize::MAX } else { SHORT }
}

/// What some neighbouring samples of a window add up to.
pub(crate) trait Part<const C: usize>: Copy + Default {
    /// Adds a sample, `time` ms after the cut.
    fn add(&mut self, time: i64, value: f64);
    /// The part of `n` samples from what the chain remembers of them.
    fn of_chain(n: usize, state: [f64; C]) -> Self;
    /// Both parts of a window.
    fn join(self, later: Self) -> Self;
}

/// What a window has for a value, from its parts. A closure is one; what is large, and yet has to be
/// where the parts are made, tells compilers so.
pub(crate) trait Joined<P> {
    /// The value; `None` where the plain kernel has to tell it.
    fn value(&self, view: &View<'_>, part: P) -> Option<f64>;
}

impl<P, F: Fn(&View<'_>, P) -> Option<f64>> Joined<P> for F {
    #[inline]
    fn value(&self, view: &View<'_>, part: P) -> Option<f64> {
        self(view, part)
    }
}

/// One window.
pub(crate) struct View<'a> {
    pub(crate) time: &'a [i64],
    pub(crate) value: &'a [f64],
    pub(crate) step: usize,
    /// Where the window was cut, ms.
    pub(crate) cut: i64,
    /// There is a NaN among the values.
    pub(crate) nan: bool,
    /// All values are equal.
    pub(crate) constant: bool,
}

/// Fills a row: `chain` sums windows in the order of their samples, side by side, and `joined`
/// finishes a long one; it gives `None` where the order of additions may matter for more than the
/// last digits, and `plain` takes over, which needs no tame values.
pub(crate) fn fill<const L: usize, const C: usize, P: Part<C>>(
    column: &Column<'_>,
    row: &mut Row<'_>,
    chain: &impl Chain<C>,
    plain: &dyn Fn(&View<'_>) -> Option<f64>,
    joined: &impl Joined<P>,
) -> Result<(), Stop>
where
    Wide: Side<L>,
{
    let steps = column.bounds.steps();
    let n = steps.end;
    let whole = longest_whole(column);
    let is_long = |samples: usize| samples > whole;
    let tame = lanes::tame(column) && chain.tame(column);
    if tame {
        lanes::fill::<L, C, _>(column, row, chain, &|samples| !is_long(samples))?;
        if !is_long(column.bounds.longest()) {
            return Ok(());
        }
    }
    if tame && column.bounds.longest() <= walks::LONGEST {
        return walks::fill::<L, C, P, _>(column, row, chain, whole, plain, joined);
    }
    let mut level = Level::default();
    // Samples up to `seen` were looked at; the last NaN among them is before `nan`.
    let (mut seen, mut nan) = (0, 0);
    let mut suffixes: Vec<P> = Vec::new();
    let mut from = steps.start;
    while from < n {
        let Group { steps, cut: m, at } = Group::next(column, from..n, whole);
        let to = steps.end;
        let long = |step: usize| {
            let (lo, hi) = column.bounds.window(step);
            is_long(hi - lo)
        };
        // Down from the cut: the last window of the group has the shortest suffix.
        suffixes.clear();
        suffixes.resize(to - from, P::default());
        let (mut part, mut i) = (P::default(), at);
        for step in (from..to).rev().filter(|s| long(*s)) {
            let lo = column.bounds.window(step).0;
            column.pace.spend(i.saturating_sub(lo));
            while i > lo {
                i -= 1;
                part.add(column.time[i].wrapping_sub(m), column.value[i]);
            }
            suffixes[step - from] = part;
            column.pace.check()?;
        }
        // Up from the cut.
        let (mut part, mut i) = (P::default(), at);
        for step in from..to {
            let (lo, hi) = column.bounds.window(step);
            if lo == hi || tame && !is_long(hi - lo) {
                continue;
            }
            nan = (seen.max(lo)..hi).rfind(|i| column.value[*i].is_nan()).map_or(nan, |i| i + 1);
            seen = seen.max(hi);
            let view = View {
                time: &column.time[lo..hi],
                value: &column.value[lo..hi],
                step,
                cut: m,
                nan: nan > lo,
                constant: level.holds(column.value, lo, hi),
            };
            let mut value = None;
            if long(step) {
                column.pace.spend(1 + hi.saturating_sub(i));
                while i < hi {
                    part.add(column.time[i].wrapping_sub(m), column.value[i]);
                    i += 1;
                }
                // Times so far out that the arithmetic saturates may lie beside their cut.
                if lo <= at && at <= hi {
                    value = joined.value(&view, suffixes[step - from].join(part));
                }
            }
            if value.is_none() {
                column.pace.spend(hi - lo);
                value = plain(&view);
            }
            if let Some(value) = value {
                row.set(step, value);
            }
            column.pace.check()?;
        }
        from = to;
    }
    Ok(())
}

/// Neighbouring steps whose windows have the same cut.
pub(super) struct Group {
    pub(super) steps: Range<usize>,
    /// Where the windows are cut, ms.
    pub(super) cut: i64,
    /// The first sample at or after the cut, if a window is long.
    pub(super) at: usize,
}

impl Group {
    /// The first of some steps, and those after it with the same cut.
    pub(super) fn next(column: &Column<'_>, steps: Range<usize>, whole: usize) -> Group {
        let mask = !(1i64.checked_shl(column.windows.range.max(1).ilog2()).unwrap_or(1) - 1);
        let cut = column.end(steps.start) & mask;
        let alike = steps.clone().take_while(|step| column.end(*step) & mask == cut).count();
        let steps = steps.start..steps.start + alike;
        let mut windows = steps.clone().map(|step| column.bounds.window(step));
        let at = match windows.find(|(lo, hi)| hi - lo > whole) {
            None => 0,
            Some((lo, hi)) => lo + column.time[lo..hi].partition_point(|t| *t < cut),
        };
        Group { steps, cut, at }
    }
}

/// Some neighbouring samples of one value: those that were found last.
#[derive(Default)]
pub(super) struct Level {
    from: usize,
    to: usize,
}

impl Level {
    /// Whether all values of a window are equal. Bounds of windows never fall, so that no sample is
    /// looked at twice.
    #[inline]
    pub(super) fn holds(&mut self, values: &[f64], lo: usize, hi: usize) -> bool {
        if !(self.from..self.to).contains(&lo) {
            (self.from, self.to) = (lo, lo + 1);
        }
        while self.to < hi && values[self.to] == values[self.to - 1] {
            self.to += 1;
        }
        self.to >= hi
    }
}
