//! `resets` and `changes`: how often a series fell, or changed at all, within a window.

use super::rate::start_reset;
use crate::exec::{Point, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::cursor::past;
use crate::functions::kernel::Window;
use crate::model::Histogram;

/// One sample as it is compared with the next.
#[derive(Clone, Copy)]
struct Sample<'a> {
    value: f64,
    histogram: Option<&'a Histogram>,
    time: i64,
    start: i64,
}

pub(super) fn resets(w: &Window<'_>) -> Option<Point> {
    count(w, |previous, sample| {
        let fell = match (previous.histogram, sample.histogram) {
            (None, None) => sample.value < previous.value,
            (Some(p), Some(h)) => h.detect_reset(p),
            _ => return true,
        };
        fell || start_reset(previous.start, previous.time, sample.start, sample.time)
    })
}

pub(super) fn changes(w: &Window<'_>) -> Option<Point> {
    count(w, |previous, sample| match (previous.histogram, sample.histogram) {
        (None, None) => changed(previous.value, sample.value),
        (Some(p), Some(h)) => !h.same_as(p),
        _ => true,
    })
}

fn changed(previous: f64, value: f64) -> bool {
    value != previous && !(value.is_nan() && previous.is_nan())
}

/// Counts, for all windows, the samples that differ from the one before them.
fn count_all(column: &Column<'_>, row: &mut Row<'_>, differs: impl Fn(usize) -> bool) -> Result<(), Stop> {
    // Counts up to and including each sample, from the first window on.
    let mut counts: Vec<u32> = vec![0; column.value.len()];
    let (mut seen, mut inside) = (1, 0);
    let anchored = column.windows.extension.is_some();
    column.each(row, |step, lo, hi| {
        let mut lo = lo;
        if anchored {
            inside = past(column.time, inside, column.begin(step));
            lo = with_anchor(lo, inside, hi)?;
        }
        for i in seen..hi {
            counts[i] = counts[i - 1] + u32::from(differs(i));
        }
        seen = seen.max(hi);
        Some(f64::from(counts[hi - 1] - counts[lo]))
    })
}

pub(super) fn all_changes(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    count_all(column, row, |i| changed(column.value[i - 1], column.value[i]))
}

pub(super) fn all_resets(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    count_all(column, row, |i| column.fell(i))
}

/// The first sample of an anchored window: the last one at or before its left end. It needs one
/// after it, and `inside` is the first of those.
fn with_anchor(lo: usize, inside: usize, hi: usize) -> Option<usize> {
    (inside < hi).then(|| inside.saturating_sub(1).max(lo))
}

/// Counts pairs of neighbours.
fn count(w: &Window<'_>, differs: impl Fn(Sample<'_>, Sample<'_>) -> bool) -> Option<Point> {
    let mut lo = w.lo;
    if w.extension.is_some() {
        let inside = w.lo + w.times().partition_point(|t| *t <= w.start);
        lo = with_anchor(lo, inside, w.hi)?;
    }
    let s = w.samples;
    let natives = w.histograms();
    let first_native = w.natives().start;
    let sample = |i: usize| Sample {
        value: s.value[i],
        histogram: s.histogram_index(i).and_then(|at| natives.get(at.checked_sub(first_native)?)),
        time: s.time[i],
        start: s.start_of(i),
    };
    let differs = |i: &usize| differs(sample(i - 1), sample(*i));
    let later = lo + 1..w.hi;
    let found = match w.natives().is_empty() {
        true => later.filter(differs).count(),
        // Histograms take long to compare, and windows have most of them in common.
        false => later.filter(|i| w.cache.pair(s, *i, || differs(i))).count(),
    };
    Some(Point::Float(found as f64))
}
