//! sum, avg, stddev and stdvar over all windows of a series.

use super::cut::{self, Part, View};
use super::{floats, sums};
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::model::float::kahan_inc;

/// Below this no partial sum of a window overflows, in whatever order it is made.
const SAFE: f64 = f64::MAX / 4.0;

/// A compensated sum.
#[derive(Clone, Copy, Default)]
struct Sum {
    sum: f64,
    compensation: f64,
    /// The largest magnitude, NaN aside.
    peak: f64,
}

impl Part for Sum {
    #[inline]
    fn add(&mut self, _: i64, value: f64) {
        (self.sum, self.compensation) = kahan_inc(value, self.sum, self.compensation);
        self.peak = self.peak.max(value.abs());
    }
    #[inline]
    fn join(self, later: Sum) -> Sum {
        let (sum, compensation) = kahan_inc(later.sum, self.sum, self.compensation + later.compensation);
        Sum { sum, compensation, peak: self.peak.max(later.peak) }
    }
}

/// Whether the order of additions matters for the last digits alone.
fn safe(peak: f64, n: usize) -> bool {
    peak * n as f64 <= SAFE
}

pub(super) fn sum(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let plain = |view: &View<'_>| Some(sums::total(view.value));
    cut::fill(column, row, plain, |view, part: Sum| match view.nan {
        true => Some(crate::model::nan()),
        false => safe(part.peak, view.value.len()).then_some(part.sum + part.compensation),
    })
}

pub(super) fn avg(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let plain = |view: &View<'_>| Some(sums::mean(view.value));
    cut::fill(column, row, plain, |view, part: Sum| {
        if view.nan {
            return Some(crate::model::nan());
        }
        let n = view.value.len() as f64;
        safe(part.peak, view.value.len()).then_some(part.sum / n + part.compensation / n)
    })
}

/// Count, mean and sum of squared distances from it.
#[derive(Clone, Copy, Default)]
struct Spread {
    n: f64,
    mean: f64,
    mean_c: f64,
    squares: f64,
    squares_c: f64,
    peak: f64,
}

impl Part for Spread {
    #[inline]
    fn add(&mut self, _: i64, x: f64) {
        self.n += 1.0;
        let delta = x - (self.mean + self.mean_c);
        (self.mean, self.mean_c) = kahan_inc(delta / self.n, self.mean, self.mean_c);
        (self.squares, self.squares_c) = kahan_inc(delta * (x - (self.mean + self.mean_c)), self.squares, self.squares_c);
        self.peak = self.peak.max(x.abs());
    }
    #[inline]
    fn join(self, later: Spread) -> Spread {
        if self.n == 0.0 || later.n == 0.0 {
            return if self.n == 0.0 { later } else { self };
        }
        let n = self.n + later.n;
        let delta = (later.mean - self.mean) + (later.mean_c - self.mean_c);
        let between = delta * delta * (self.n * later.n / n);
        let (mean, mean_c) = kahan_inc(delta * (later.n / n), self.mean, self.mean_c);
        let (squares, squares_c) = kahan_inc(later.squares, self.squares, self.squares_c + later.squares_c);
        let (squares, squares_c) = kahan_inc(between, squares, squares_c);
        Spread { n, mean, mean_c, squares, squares_c, peak: self.peak.max(later.peak) }
    }
}

fn spread(column: &Column<'_>, row: &mut Row<'_>, finish: fn(f64) -> f64) -> Result<(), Stop> {
    let plain = |view: &View<'_>| Some(finish(floats::variance(view.value)));
    cut::fill(column, row, plain, |view, part: Spread| {
        if view.nan {
            return Some(crate::model::nan());
        }
        let peak = 2.0 * part.peak;
        safe(peak * peak, view.value.len()).then(|| finish((part.squares + part.squares_c) / part.n))
    })
}

pub(super) fn stdvar(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    spread(column, row, |variance| variance)
}

pub(super) fn stddev(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    spread(column, row, f64::sqrt)
}
