//! Functions over all samples of a window, floats and histograms alike.

use crate::exec::{Block, Point, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::kernel::Window;
use crate::functions::native;
use std::sync::Arc;

fn at(w: &Window<'_>, i: usize) -> Point {
    match w.samples.histogram_at(i) {
        Some(h) => Point::Histogram(Arc::new(h.to_histogram())),
        None => Point::Float(w.samples.value[i]),
    }
}

pub(super) fn count(w: &Window<'_>) -> Option<Point> {
    Some(Point::Float(w.count() as f64))
}

pub(super) fn first(w: &Window<'_>) -> Option<Point> {
    Some(at(w, w.lo))
}

pub(super) fn last(w: &Window<'_>) -> Option<Point> {
    Some(at(w, w.hi - 1))
}

pub(super) fn native_first(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    native::set_one(w, w.natives().start, out, i)
}

pub(super) fn native_last(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    native::set_one(w, w.natives().end - 1, out, i)
}

pub(super) fn ts_of_first(w: &Window<'_>) -> Option<Point> {
    w.times().first().map(|t| Point::Float(*t as f64 / 1000.0))
}

pub(super) fn ts_of_last(w: &Window<'_>) -> Option<Point> {
    w.times().last().map(|t| Point::Float(*t as f64 / 1000.0))
}

pub(super) fn counts(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    column.every(row, |lo, hi| f64::from((hi - lo) as u32))
}

pub(super) fn firsts(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    column.every(row, |lo, _| column.value.get(lo).copied().unwrap_or(0.0))
}

pub(super) fn lasts(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    column.every(row, |_, hi| column.value.get(hi.wrapping_sub(1)).copied().unwrap_or(0.0))
}

pub(super) fn times_of_first(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    column.every(row, |lo, _| column.time.get(lo).map_or(0.0, |t| *t as f64 / 1000.0))
}

pub(super) fn times_of_last(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    column.every(row, |_, hi| column.time.get(hi.wrapping_sub(1)).map_or(0.0, |t| *t as f64 / 1000.0))
}
