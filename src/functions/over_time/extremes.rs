//! Minimum and maximum of all windows of a series, by a queue of the samples that may still
//! become the best of a window.

use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use std::collections::VecDeque;

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

pub(super) fn min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new < old, |i| column.value[i])
}

pub(super) fn max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new > old, |i| column.value[i])
}

pub(super) fn ts_of_min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new <= old, |i| column.time[i] as f64 / 1000.0)
}

pub(super) fn ts_of_max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new >= old, |i| column.time[i] as f64 / 1000.0)
}
