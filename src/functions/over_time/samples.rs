//! Functions over all samples of a window, floats and histograms alike.

use crate::exec::Point;
use crate::functions::kernel::Window;

fn at(w: &Window<'_>, i: usize) -> Point {
    match w.samples.histogram_at(i) {
        Some(h) => Point::Histogram(h.clone()),
        None => Point::Float(w.samples.value[i]),
    }
}

pub(super) fn count(w: &Window<'_>) -> Option<Point> {
    Some(Point::Float(w.len() as f64))
}

pub(super) fn first(w: &Window<'_>) -> Option<Point> {
    Some(at(w, w.lo))
}

pub(super) fn last(w: &Window<'_>) -> Option<Point> {
    Some(at(w, w.hi - 1))
}

pub(super) fn ts_of_first(w: &Window<'_>) -> Option<Point> {
    w.times().first().map(|t| Point::Float(*t as f64 / 1000.0))
}

pub(super) fn ts_of_last(w: &Window<'_>) -> Option<Point> {
    w.times().last().map(|t| Point::Float(*t as f64 / 1000.0))
}
