//! Holt's linear smoothing, with a smoothing factor and a trend factor.

use super::regression::at_least_two;
use crate::exec::{Point, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::kernel::Window;
use crate::functions::over_time::cut::View;
use crate::functions::over_time::lanes::{self, Chain};

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
}

/// Value before, value now and trend, from sample to sample.
impl Chain<3> for Factors {
    const HEAD: usize = 2;
    fn head<const L: usize>(&self, k: usize, x: &[f64; L], [before, smoothed, trend]: &mut [[f64; L]; 3]) {
        if k == 0 {
            *smoothed = *x;
        } else {
            *trend = std::array::from_fn(|i| x[i] - smoothed[i]);
            *before = *smoothed;
            *smoothed = std::array::from_fn(|i| self.smoothing * x[i] + (1.0 - self.smoothing) * (before[i] + trend[i]));
        }
    }
    #[inline(always)]
    fn push<const L: usize>(&self, _: f64, x: &[f64; L], _: &[f64; L], [before, smoothed, trend]: &mut [[f64; L]; 3]) {
        for i in 0..L {
            trend[i] = self.trend * (smoothed[i] - before[i]) + (1.0 - self.trend) * trend[i];
            let scaled = self.smoothing * x[i];
            let rest = (1.0 - self.smoothing) * (smoothed[i] + trend[i]);
            before[i] = smoothed[i];
            smoothed[i] = scaled + rest;
        }
    }
    fn finish(&self, view: &View<'_>, [_, smoothed, _]: [f64; 3]) -> Option<f64> {
        (view.value.len() >= 2).then_some(smoothed)
    }
}

/// The last smoothed value of some samples, at least two.
fn smooth(values: &[f64], factors: Factors) -> Option<f64> {
    values.get(1)?;
    let mut state = [[0.0]; 3];
    for (k, value) in values.iter().enumerate() {
        if k < Factors::HEAD {
            factors.head(k, &[*value], &mut state);
        } else {
            factors.push(0.0, &[*value], &[0.0], &mut state);
        }
    }
    Some(state[1][0])
}

pub(super) fn double_exponential_smoothing(w: &Window<'_>) -> Option<Point> {
    let factors = Factors { smoothing: w.args[0], trend: w.args[1] };
    if let Some(fault) = factors.fault() {
        w.fault(fault);
        return None;
    }
    smooth(&at_least_two(w)?.1, factors).map(Point::Float)
}

pub(super) fn all(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let at = |step| Factors { smoothing: column.arg(0, step), trend: column.arg(1, step) };
    let steady = column.scalars.iter().all(|factor| factor.windows(2).all(|pair| pair[0] == pair[1]));
    if steady && at(0).fault().is_none() {
        // Whatever the values are: nothing here needs them tame.
        return lanes::fill::<16, 3, _>(column, row, &at(0), &|_| true);
    }
    column.each(row, |step, lo, hi| {
        if let Some(fault) = at(step).fault() {
            column.fault(step, fault);
            return None;
        }
        column.pace.spend(hi - lo);
        smooth(&column.value[lo..hi], at(step))
    })
}
