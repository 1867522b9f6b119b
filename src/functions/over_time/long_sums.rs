//! sum, avg, stddev and stdvar over all windows of a series.

use super::cut::{self, Part, View};
use super::lanes::{Chain, SIDE_BY_SIDE, TAME, Vectors, add};
use super::totals::totals;
use super::vector::Vector;
use super::{floats, sums};
use crate::exec::Stop;
use crate::exec::block::each_bit;
use crate::functions::bounds::CHUNK;
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

impl Part<2> for Sum {
    #[inline]
    fn add(&mut self, _: i64, value: f64) {
        (self.sum, self.compensation) = kahan_inc(value, self.sum, self.compensation);
        self.peak = self.peak.max(value.abs());
    }
    #[inline]
    fn of_chain(_: usize, [sum, compensation]: [f64; 2]) -> Sum {
        Sum { sum, compensation, peak: TAME }
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

/// A compensated sum from sample to sample: sum and compensation.
struct Summing(fn(f64, f64, usize) -> f64);

impl Chain<2> for Summing {
    const VECTORS: Vectors = Vectors::Fours;
    #[inline(always)]
    fn push<V: Vector>(&self, _: f64, value: V, _: V, [sum, c]: &mut [V; 2]) {
        add(value, sum, c);
    }
    fn finish(&self, view: &View<'_>, [sum, c]: [f64; 2]) -> Option<f64> {
        Some((self.0)(sum, c, view.value.len()))
    }
}

/// Sums of whole numbers, if these are: `finish` gets the sum and the number of samples.
fn whole(column: &Column<'_>, row: &mut Row<'_>, finish: impl Fn(f64, usize) -> f64) -> Result<bool, Stop> {
    let mut before = column.work.totals.take();
    let whole = totals(column, &mut before);
    if whole {
        let (first, _) = column.bounds.span();
        let before = |i: usize| before.get(i.wrapping_sub(first)).copied().unwrap_or(0.0);
        column.every(row, |lo, hi| finish(before(hi) - before(lo), hi - lo))?;
    }
    column.work.totals.set(before);
    Ok(whole)
}

pub(super) fn sum(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    if whole(column, row, |sum, _| sum)? {
        return Ok(());
    }
    let plain = |view: &View<'_>| Some(sums::total(view.value));
    cut::fill::<SIDE_BY_SIDE, 2, _>(column, row, &Summing(|sum, c, _| sum + c), &plain, &|view: &View<'_>, part: Sum| match view.nan {
        true => Some(crate::model::nan()),
        false => safe(part.peak, view.value.len()).then_some(part.sum + part.compensation),
    })
}

pub(super) fn avg(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    if whole(column, row, |sum, n| sum / n as f64)? {
        return Ok(());
    }
    let plain = |view: &View<'_>| Some(sums::mean(view.value));
    let mean = |sum: f64, c: f64, n: usize| sum / n as f64 + c / n as f64;
    cut::fill::<SIDE_BY_SIDE, 2, _>(column, row, &Summing(mean), &plain, &|view: &View<'_>, part: Sum| {
        if view.nan {
            return Some(crate::model::nan());
        }
        let n = view.value.len();
        safe(part.peak, n).then(|| mean(part.sum, part.compensation, n))
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

impl Part<4> for Spread {
    #[inline]
    fn add(&mut self, _: i64, x: f64) {
        self.n += 1.0;
        let delta = x - (self.mean + self.mean_c);
        (self.mean, self.mean_c) = kahan_inc(delta / self.n, self.mean, self.mean_c);
        (self.squares, self.squares_c) = kahan_inc(delta * (x - (self.mean + self.mean_c)), self.squares, self.squares_c);
        self.peak = self.peak.max(x.abs());
    }
    #[inline]
    fn of_chain(n: usize, [mean, mean_c, squares, squares_c]: [f64; 4]) -> Spread {
        Spread { n: n as f64, mean, mean_c, squares, squares_c, peak: TAME }
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

/// Welford's method from sample to sample: mean and sum of squares, each with compensation.
struct Spreading;

impl Chain<4> for Spreading {
    const VECTORS: Vectors = Vectors::Wide;
    #[inline(always)]
    fn push<V: Vector>(&self, n: f64, x: V, _: V, [mean, mean_c, squares, squares_c]: &mut [V; 4]) {
        let delta = x - (*mean + *mean_c);
        add(delta / x.all(n), mean, mean_c);
        add(delta * (x - (*mean + *mean_c)), squares, squares_c);
    }
    fn finish(&self, view: &View<'_>, [_, _, squares, squares_c]: [f64; 4]) -> Option<f64> {
        Some((squares + squares_c) / view.value.len() as f64)
    }
}

pub(super) fn stdvar(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let plain = |view: &View<'_>| Some(floats::variance(view.value));
    cut::fill::<SIDE_BY_SIDE, 4, _>(column, row, &Spreading, &plain, &|view: &View<'_>, part: Spread| {
        if view.nan {
            return Some(crate::model::nan());
        }
        let peak = 2.0 * part.peak;
        safe(peak * peak, view.value.len()).then_some((part.squares + part.squares_c) / part.n)
    })
}

pub(super) fn stddev(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    stdvar(column, row)?;
    let chunks = row.values[column.bounds.steps()].chunks_mut(CHUNK).zip(column.bounds.present());
    for (values, present) in chunks {
        match present.count_ones() as usize == values.len() {
            true => values.iter_mut().for_each(|value| *value = value.sqrt()),
            // Windows with histograms have their values already.
            false => each_bit(&[*present], |i| values[i] = values[i].sqrt()),
        }
    }
    Ok(())
}
