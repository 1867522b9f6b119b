//! Minimum and maximum of all windows of a series, by a queue of the samples that may still
//! become the best of a window.

use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use std::collections::VecDeque;

/// From so many samples a step on, stretches of samples that no window cuts are looked at whole.
const STRETCH: usize = 4;

/// Fills a row from the best sample of each window. A sample `yields` to a later one when no
/// window with both has any use for it. NaN is best where there is nothing else, and then the
/// last one.
#[inline]
fn best(column: &Column<'_>, row: &mut Row<'_>, yields: impl Fn(f64, f64) -> bool, value: impl Fn(usize) -> f64) -> Result<(), Stop> {
    let mut queue: VecDeque<usize> = VecDeque::new();
    let mut seen = 0;
    column.each(row, |_, lo, hi| {
        for i in seen.max(lo)..hi {
            let new = column.value[i];
            if new.is_nan() {
                continue;
            }
            while queue.back().is_some_and(|old| yields(column.value[*old], new)) {
                queue.pop_back();
            }
            queue.push_back(i);
        }
        seen = seen.max(hi);
        while queue.front().is_some_and(|i| *i < lo) {
            queue.pop_front();
        }
        Some(value(queue.front().copied().unwrap_or(hi - 1)))
    })
}

/// The same for the values alone, of which `better` prefers one to another and everything to
/// `worst`. Where steps are far apart the queue holds the best of whole stretches.
#[inline]
fn extreme(column: &Column<'_>, row: &mut Row<'_>, worst: f64, better: impl Fn(f64, f64) -> bool) -> Result<(), Stop> {
    let (first, past) = column.bounds.span();
    let steps = column.bounds.steps();
    if past - first < steps.len().saturating_mul(STRETCH) {
        return best(column, row, |old, new| better(new, old), |i| column.value[i]);
    }
    // Where each stretch begins, and its best value.
    let mut queue: VecDeque<(usize, f64)> = VecDeque::new();
    let (mut seen, mut cut) = (0, steps.start);
    column.each(row, |_, lo, hi| {
        let mut from = seen.max(lo);
        while from < hi {
            // No window begins inside of a stretch.
            while cut < steps.end && column.bounds.window(cut).0 <= from {
                cut += 1;
            }
            let to = if cut < steps.end { column.bounds.window(cut).0.min(hi) } else { hi };
            if let Some(new) = best_of(&column.value[from..to], worst, &better) {
                while queue.back().is_some_and(|(_, old)| better(new, *old)) {
                    queue.pop_back();
                }
                queue.push_back((from, new));
            }
            from = to;
        }
        seen = seen.max(hi);
        while queue.front().is_some_and(|(from, _)| *from < lo) {
            queue.pop_front();
        }
        Some(queue.front().map_or(column.value[hi - 1], |(_, value)| *value))
    })
}

/// The first of the best values that are no NaN.
#[inline]
fn best_of(values: &[f64], worst: f64, better: &impl Fn(f64, f64) -> bool) -> Option<f64> {
    let choose = |a: f64, b: f64| if better(b, a) { b } else { a };
    let (whole, rest) = values.as_chunks::<8>();
    let mut lanes = [worst; 8];
    for values in whole {
        for (lane, value) in lanes.iter_mut().zip(values) {
            *lane = choose(*lane, *value);
        }
    }
    let found = lanes.iter().chain(rest).fold(worst, |a, b| choose(a, *b));
    if found != 0.0 && found != worst {
        return Some(found);
    }
    // −0 and 0 are equal, and the worst value may not be there at all.
    values.iter().copied().find(|v| *v == found)
}

pub(super) fn min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    extreme(column, row, f64::INFINITY, |a, b| a < b)
}

pub(super) fn max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    extreme(column, row, f64::NEG_INFINITY, |a, b| a > b)
}

pub(super) fn ts_of_min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new <= old, |i| column.time[i] as f64 / 1000.0)
}

pub(super) fn ts_of_max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new >= old, |i| column.time[i] as f64 / 1000.0)
}
