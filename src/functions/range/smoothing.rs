//! Holt's linear smoothing, with a smoothing factor and a trend factor.

use super::regression::at_least_two;
use crate::exec::{Point, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::kernel::Window;
use crate::functions::over_time::cut::View;
use crate::functions::over_time::lanes::{self, Chain, Vectors};
use crate::functions::over_time::vector::Vector;

/// Windows that go side by side. In WebAssembly, where code has to be loaded, as many as one operation
/// takes in.
const SIDE: usize = if cfg!(target_arch = "wasm32") { 2 } else { 16 };

/// The two factors.
#[derive(Clone, Copy)]
struct Factors {
    smoothing: f64,
    trend: f64,
}

impl Factors {
    /// Why a window cannot be smoothed with these.
    fn fault(&self) -> Option<String> {
        let outside = |factor: &f64| *factor <= 0.0 || *factor >= 1.0;
        let named = [(self.smoothing, "smoothing", "sf"), (self.trend, "trend", "tf")];
        let (factor, what, sign) = named.into_iter().find(|(factor, _, _)| outside(factor))?;
        let got = crate::model::number::format_fixed(factor, 6);
        Some(format!("invalid {what} factor. Expected: 0 < {sign} < 1, got: {got}"))
    }

    /// Whether windows are so much longer than it takes to forget where they began that a chain over
    /// all samples, one after the other, costs less than what it saves.
    fn forget(&self, column: &Column<'_>) -> bool {
        // About (1 − factor)^n is left after n samples.
        let soon = (100.0 / self.smoothing.min(self.trend)) as usize;
        let known = column.bounds.steps().map(|step| column.bounds.window(step)).map(|(lo, hi)| (hi - lo).saturating_sub(soon));
        let (first, past) = column.bounds.span();
        known.sum::<usize>() / 16 > past - first
    }
}

/// Value before, value now and trend, from sample to sample.
struct Smoothing<'a> {
    factors: Factors,
    /// One such chain over all samples of a row, from the first of its first window on: the value
    /// and the trend after each. Empty where it would not help.
    ///
    /// What is smoothed forgets where it began. Once a window is in the state that this chain was
    /// in after the same sample, to the last bit, it has the same state from there on.
    trail: &'a [[f64; 2]],
    first: usize,
}

impl Chain<3> for Smoothing<'_> {
    const VECTORS: Vectors = Vectors::Fours;
    const HEAD: usize = 2;
    const STRETCH: usize = 128;
    #[inline(always)]
    fn head<V: Vector>(&self, k: usize, x: V, [before, smoothed, trend]: &mut [V; 3]) {
        let factor = self.factors.smoothing;
        if k == 0 {
            *smoothed = x;
        } else {
            *trend = x - *smoothed;
            *before = *smoothed;
            *smoothed = x.all(factor) * x + x.all(1.0 - factor) * (*before + *trend);
        }
    }
    #[inline(always)]
    fn push<V: Vector>(&self, _: f64, x: V, _: V, [before, smoothed, trend]: &mut [V; 3]) {
        let Factors { smoothing, trend: factor } = self.factors;
        *trend = x.all(factor) * (*smoothed - *before) + x.all(1.0 - factor) * *trend;
        let scaled = x.all(smoothing) * x;
        *before = *smoothed;
        *smoothed = scaled + x.all(1.0 - smoothing) * (*smoothed + *trend);
    }
    fn ahead(&self, at: usize, hi: usize, state: [f64; 3]) -> Option<[f64; 3]> {
        let after = |at: usize| {
            let at = at.checked_sub(self.first)?;
            let [[before, _], [smoothed, trend]] = *self.trail.get(at.checked_sub(2)?..at)?.first_chunk()?;
            Some([before, smoothed, trend])
        };
        (after(at)?.map(f64::to_bits) == state.map(f64::to_bits)).then(|| after(hi))?
    }
    fn finish(&self, view: &View<'_>, [_, smoothed, _]: [f64; 3]) -> Option<f64> {
        (view.value.len() >= 2).then(|| told(smoothed))
    }
}

/// The value and the trend after each of some samples.
fn smooth(values: &[f64], factors: Factors) -> impl Iterator<Item = [f64; 2]> {
    let chain = Smoothing { factors, trail: &[], first: 0 };
    let mut state = [0.0; 3];
    values.iter().enumerate().map(move |(k, value)| {
        if k < Smoothing::HEAD {
            chain.head(k, *value, &mut state);
        } else {
            chain.push(0.0, *value, 0.0, &mut state);
        }
        let [_, smoothed, trend] = state;
        [smoothed, trend]
    })
}

/// The last smoothed value of some samples, at least two.
fn last(values: &[f64], factors: Factors) -> Option<f64> {
    values.get(1)?;
    smooth(values, factors).last().map(|[smoothed, _]| told(smoothed))
}

/// Of two NaN in one operation either may be its result: they are all told as one.
fn told(smoothed: f64) -> f64 {
    if smoothed.is_nan() { crate::model::nan() } else { smoothed }
}

pub(super) fn double_exponential_smoothing(w: &Window<'_>) -> Option<Point> {
    let factors = Factors { smoothing: w.args[0], trend: w.args[1] };
    if let Some(fault) = factors.fault() {
        w.fault(fault);
        return None;
    }
    last(&at_least_two(w)?.1, factors).map(Point::Float)
}

pub(super) fn all(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let at = |step| Factors { smoothing: column.arg(0, step), trend: column.arg(1, step) };
    let steady = column.scalars.iter().all(|factor| factor.windows(2).all(|pair| pair[0] == pair[1]));
    if steady && at(0).fault().is_none() {
        let (factors, (first, past)) = (at(0), column.bounds.span());
        let mut trail = Vec::new();
        if factors.forget(column) {
            trail.extend(smooth(&column.value[first..past], factors));
            column.pace.spend(8 * trail.len());
        }
        // Whatever the values are: nothing here needs them tame.
        return lanes::fill::<SIDE, 3, _>(column, row, &Smoothing { factors, trail: &trail, first }, &|_| true);
    }
    column.each(row, |step, lo, hi| {
        if let Some(fault) = at(step).fault() {
            column.fault(step, fault);
            return None;
        }
        column.pace.spend(hi - lo);
        last(&column.value[lo..hi], at(step))
    })
}
