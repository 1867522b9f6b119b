//! Windows of histograms, as far as they can be computed from their numbers alone.
//!
//! Histograms of a run share a layout, so that the change between two of them is a difference of
//! slices, and a sum of many a compensated sum of slices. What is not that simple (resets, other
//! buckets, gauges among counters, remarks) is left to the kernels over whole histograms, which
//! define what the result is.

use super::kernel::Window;
use super::range::{start_overlaps, start_reset};
use crate::exec::Block;
use crate::model::float::kahan_add_slices;
use crate::model::histogram::HistogramColumn;
use crate::model::histogram::column::{BUCKETS, COUNT, ZERO};
use crate::model::{CounterResetHint, Histogram, Samples};
use std::cell::OnceCell;

/// What several windows of a series ask for; each made at most once.
#[derive(Default)]
pub(crate) struct Natives {
    whole: OnceCell<Vec<OnceCell<Histogram>>>,
    since: OnceCell<Vec<u32>>,
    pairs: OnceCell<Vec<OnceCell<bool>>>,
}

/// Some of the histograms of a series, each made when it is first looked at.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'a> {
    column: &'a HistogramColumn,
    cells: &'a [OnceCell<Histogram>],
    /// Which of the column the first is.
    first: usize,
}

impl<'a> Whole<'a> {
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }
    pub(crate) fn get(&self, i: usize) -> Option<&'a Histogram> {
        let make = || self.column.get(self.first + i).map(|h| h.to_histogram()).unwrap_or_default();
        Some(self.cells.get(i)?.get_or_init(make))
    }
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a Histogram> {
        (0..self.cells.len()).filter_map(move |i| self.get(i))
    }
}

impl Natives {
    /// Some of the histograms of a series.
    pub(crate) fn whole<'a>(&'a self, samples: &'a Samples, which: std::ops::Range<usize>) -> Whole<'a> {
        let column = &samples.histogram;
        let cells = self.whole.get_or_init(|| vec![OnceCell::new(); column.len()]);
        Whole { column, first: which.start, cells: cells.get(which).unwrap_or_default() }
    }

    /// What a kernel finds out about sample `i` and the one before it.
    pub(super) fn pair(&self, samples: &Samples, i: usize, find: impl FnOnce() -> bool) -> bool {
        let pairs = self.pairs.get_or_init(|| vec![OnceCell::new(); samples.len()]);
        pairs.get(i).is_some_and(|pair| *pair.get_or_init(find))
    }

    /// Whether the samples `lo..hi` are histograms of a counter with the same plain layout, and
    /// no reset lies between any two.
    fn steady(&self, samples: &Samples, lo: usize, hi: usize) -> bool {
        let since = self.since.get_or_init(|| stretches(samples));
        hi.checked_sub(1).and_then(|last| since.get(last)).is_some_and(|since| *since as usize <= lo)
    }
}

/// Of each sample, the first one from which on nothing but counting lies between them.
fn stretches(samples: &Samples) -> Vec<u32> {
    let mut since = Vec::with_capacity(samples.len());
    let mut first = 0;
    let mut before = None;
    for i in 0..samples.len() {
        let this = samples.histogram_index(i);
        if !before.zip(this).is_some_and(|(before, this)| counts_on(samples, i, before, this)) {
            first = i as u32;
        }
        since.push(first);
        before = this;
    }
    since
}

/// Whether sample `i`, which is histogram `this`, goes on counting from the one before.
fn counts_on(samples: &Samples, i: usize, before: usize, this: usize) -> bool {
    let column = &samples.histogram;
    let (start, previous_start) = (samples.start_of(i), samples.start_of(i - 1));
    let (time, previous) = (samples.time[i], samples.time[i - 1]);
    if !column.same_layout(before, this) || !column.layout(this).plain || column.hint(before) == CounterResetHint::Gauge {
        return false;
    }
    if start != 0 && (start_reset(previous_start, previous, start, time) || start_overlaps(previous_start, previous, start)) {
        return false;
    }
    match column.hint(this) {
        CounterResetHint::NotReset => true,
        CounterResetHint::Unknown => {
            let (a, b) = (column.numbers(before), column.numbers(this));
            let fell = |(a, b): (&f64, &f64)| b < a;
            !(fell((&a[COUNT], &b[COUNT])) || a[ZERO..].iter().zip(&b[ZERO..]).any(fell))
        }
        CounterResetHint::Reset | CounterResetHint::Gauge => false,
    }
}

/// The first and the last of a window's histograms, if the change of a counter over the window
/// is their difference.
pub(super) fn ends_of_counter(w: &Window<'_>) -> Option<(usize, usize)> {
    let natives = w.natives();
    (natives.len() > 1 && natives.len() == w.len() && w.cache.steady(w.samples, w.lo, w.hi)).then(|| (natives.start, natives.end - 1))
}

/// The same for a gauge.
pub(super) fn ends_of_gauge(w: &Window<'_>) -> Option<(usize, usize)> {
    let (natives, column) = (w.natives(), &w.samples.histogram);
    let ends = (natives.start, natives.end.checked_sub(1)?);
    let gauge = |i: usize| column.hint(i) == CounterResetHint::Gauge;
    let simple = natives.len() > 1 && natives.len() == w.len() && gauge(ends.0) && gauge(ends.1);
    (simple && column.same_layout(ends.0, ends.1) && column.layout(ends.0).plain).then_some(ends)
}

/// Sets the difference between two histograms of one plain layout, each number scaled; false
/// where that is not the difference of the histograms.
///
/// Buckets that did not change are left out of a difference before it is scaled. Here they stay
/// as empty ones that do not count, so none may become or cease to be empty by scaling.
pub(super) fn set_difference(w: &Window<'_>, (first, last): (usize, usize), scale: impl Fn(f64) -> f64, out: &mut Block, i: usize) -> bool {
    let column = &w.samples.histogram;
    let layout = column.layout(last);
    let (before, after) = (column.numbers(first), column.numbers(last));
    let mut moved = false;
    let numbers = out.push_numbers(layout, CounterResetHint::Gauge);
    for ((number, before), after) in numbers.iter_mut().zip(before).zip(after) {
        let difference = after - before;
        *number = scale(difference);
        moved |= (difference == 0.0) != (*number == 0.0);
    }
    let empty = numbers[BUCKETS..].contains(&0.0);
    // There is no zero bucket beside custom bounds, but a factor may have made a NaN of it.
    moved |= layout.has_custom_buckets() && numbers[ZERO] != 0.0;
    if moved {
        out.take_back();
        return false;
    }
    out.set_pushed(i, w.step, empty);
    true
}

/// Sets a histogram of the series.
pub(super) fn set_one(w: &Window<'_>, which: usize, out: &mut Block, i: usize) -> bool {
    out.set_histogram_from(i, w.step, &w.samples.histogram, which);
    true
}

/// Sets the compensated sum of a window's histograms, over their number for a mean; false where
/// there is more to it.
pub(super) fn set_sum(w: &Window<'_>, mean: bool, out: &mut Block, i: usize) -> bool {
    let (natives, column) = (w.natives(), &w.samples.histogram);
    let (first, n) = (natives.start, natives.len());
    let layout = column.layout(first);
    let (mut hint, mut seen) = (column.hint(first), [false; 2]);
    for which in natives.clone() {
        seen[0] |= column.hint(which) == CounterResetHint::Reset;
        seen[1] |= column.hint(which) == CounterResetHint::NotReset;
        hint = hint.combined(column.hint(which));
    }
    if n != w.len() || seen == [true, true] || !layout.plain || !natives.clone().all(|h| column.same_layout(h, first)) {
        return false;
    }
    let mut sum = column.numbers(first).to_vec();
    let mut lost = vec![0.0; sum.len()];
    for which in natives.skip(1) {
        kahan_add_slices(column.numbers(which), &mut sum, &mut lost);
        // The count of the zero bucket comes with a compensation of its own, which is 0 here.
        kahan_add_slices(&[0.0], &mut sum[ZERO..BUCKETS], &mut lost[ZERO..BUCKETS]);
    }
    // A sum that overflows goes on as a mean.
    if mean && sum.iter().any(|x| !x.is_finite()) {
        return false;
    }
    let divisor = if mean { n as f64 } else { 1.0 };
    let numbers = out.push_numbers(layout, hint);
    for ((number, sum), lost) in numbers.iter_mut().zip(sum).zip(lost) {
        *number = if n == 1 { sum / divisor } else { sum / divisor + lost / divisor };
    }
    out.set_pushed(i, w.step, false);
    true
}
