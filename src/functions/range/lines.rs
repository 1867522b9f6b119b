//! deriv and predict_linear over all windows of a series.

use super::moments::Moments;
use super::regression::{Sums, linear_regression};
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::functions::over_time::cut::{self, Part, View};
use crate::functions::over_time::lanes::{Chain, SIDE_BY_SIDE, add};
use crate::model::float::kahan_inc;

/// Longest distance of times for which the sums of whole numbers fit: 139 years in ms.
const FAR: u64 = 1 << 42;
/// Largest magnitude of values for which no product or sum overflows.
const LARGE: f64 = 1e200;

/// The sums of a least-squares line, with times in ms after the cut. Those of times alone are
/// exact.
#[derive(Clone, Copy, Default)]
struct Fit {
    n: i128,
    x: i128,
    xx: i128,
    y: (f64, f64),
    xy: (f64, f64),
    peak: f64,
}

impl Part<4> for Fit {
    #[inline]
    fn add(&mut self, time: i64, value: f64) {
        self.n += 1;
        // Windows of a length for which these wrap are left to the plain sums.
        self.x = self.x.wrapping_add(i128::from(time));
        self.xx = self.xx.wrapping_add(i128::from(time).wrapping_mul(i128::from(time)));
        self.y = kahan_inc(value, self.y.0, self.y.1);
        let (product, rest) = product(time as f64, value);
        self.xy = kahan_inc(product, self.xy.0, self.xy.1 + rest);
        self.peak = self.peak.max(value.abs());
    }
    #[inline]
    fn join(self, later: Fit) -> Fit {
        Fit {
            n: self.n + later.n,
            x: self.x.wrapping_add(later.x),
            xx: self.xx.wrapping_add(later.xx),
            y: kahan_inc(later.y.0, self.y.0, self.y.1 + later.y.1),
            xy: kahan_inc(later.xy.0, self.xy.0, self.xy.1 + later.xy.1),
            peak: self.peak.max(later.peak),
        }
    }
}

/// A product and what rounding lost of it, by splitting both factors in halves (Dekker).
#[inline]
fn product(a: f64, b: f64) -> (f64, f64) {
    let split = |v: f64| {
        let high = v * 134_217_729.0;
        let high = high - (high - v);
        (high, v - high)
    };
    let ((a1, a2), (b1, b2)) = (split(a), split(b));
    let p = a * b;
    (p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2)
}

/// Slope per second and value at `origin` (ms) of the line through a window; `None` where plain
/// sums have to be taken.
fn line(view: &View<'_>, fit: &Fit, origin: i64) -> Option<(f64, f64)> {
    let shift = view.cut.checked_sub(origin)?;
    let (first, last) = (*view.time.first()?, *view.time.last()?);
    let far = |time: i64| time.abs_diff(view.cut) > FAR;
    if fit.peak > LARGE || shift.unsigned_abs() > FAR || far(first) || far(last) {
        return None;
    }
    // Moved to the origin of the reference, so that rounding happens where it has it.
    let d = i128::from(shift);
    let x = fit.x + fit.n * d;
    let xx = fit.xx + 2 * d * fit.x + fit.n * d * d;
    let (moved, rest) = product(shift as f64, fit.y.0);
    let xy = kahan_inc(moved, fit.xy.0, fit.xy.1 + rest + shift as f64 * fit.y.1);
    let sums = Sums { n: fit.n as f64, x: x as f64 / 1000.0, y: fit.y.0 + fit.y.1, xy: (xy.0 + xy.1) / 1000.0, xx: xx as f64 / 1e6 };
    Some(sums.line())
}

/// What the two functions differ in.
pub(super) trait Line {
    /// Windows that begin alike have the same origin.
    const SHARED: bool;
    /// What times are counted from, ms, in a window whose first sample is at `first`.
    fn origin(&self, first: i64, step: usize) -> i64;
    /// The value of the function from slope and value at the origin.
    fn value(&self, step: usize, line: (f64, f64)) -> f64;
}

/// What a least-squares line needs of values, from sample to sample: the sums of values and of
/// their products with times, each with its compensation.
struct Fitting<'a, F> {
    of: &'a F,
    column: &'a Column<'a>,
    moments: &'a Moments,
}

impl<F: Line> Chain<4> for Fitting<'_, F> {
    const TIMED: bool = true;
    const SHARED: bool = F::SHARED;
    fn tame(&self, _: &Column<'_>) -> bool {
        self.moments.known()
    }
    fn times(&self) -> &[f64] {
        &self.moments.times
    }
    fn origin(&self, lo: usize, step: usize) -> f64 {
        self.of.origin(self.column.time[lo], step) as f64
    }
    #[inline(always)]
    fn push<const L: usize>(&self, _: f64, y: &[f64; L], x: &[f64; L], [sy, cy, sxy, cxy]: &mut [[f64; L]; 4]) {
        add(y, sy, cy);
        add(&std::array::from_fn(|i| x[i] * y[i]), sxy, cxy);
    }
    fn finish(&self, view: &View<'_>, [sy, cy, sxy, cxy]: [f64; 4]) -> Option<f64> {
        let n = view.value.len();
        let line = || match view.constant {
            true => (0.0, view.value[0]),
            false => {
                let (x, xx) = self.moments.of_window(view.step);
                Sums { n: n as f64, x, y: sy + cy, xy: sxy + cxy, xx }.line()
            }
        };
        (n >= 2).then(|| self.of.value(view.step, line()))
    }
}

fn all(column: &Column<'_>, row: &mut Row<'_>, of: &impl Line) -> Result<(), Stop> {
    let origin = |view: &View<'_>| of.origin(view.time[0], view.step);
    let plain = |view: &View<'_>| {
        let enough = view.value.len() >= 2;
        enough.then(|| of.value(view.step, linear_regression(view.time, view.value, origin(view))))
    };
    let joined = |view: &View<'_>, fit: Fit| {
        let line = if view.constant {
            linear_regression(&view.time[..1], &view.value[..1], 0)
        } else if view.nan {
            (crate::model::nan(), crate::model::nan())
        } else {
            line(view, &fit, origin(view))?
        };
        Some(of.value(view.step, line))
    };
    let mut moments = column.work.moments.take();
    moments.fit(column, of)?;
    cut::fill::<SIDE_BY_SIDE, 4, _>(column, row, &Fitting { of, column, moments: &moments }, &plain, &joined)?;
    column.work.moments.set(moments);
    Ok(())
}

/// The slope alone; times count from the first sample.
struct Slope;

impl Line for Slope {
    const SHARED: bool = true;
    fn origin(&self, first: i64, _: usize) -> i64 {
        first
    }
    fn value(&self, _: usize, (slope, _): (f64, f64)) -> f64 {
        slope
    }
}

/// The value some seconds from now; times count from now.
struct Forecast<'a>(&'a Column<'a>);

impl Line for Forecast<'_> {
    const SHARED: bool = false;
    fn origin(&self, _: i64, step: usize) -> i64 {
        self.0.grid.time(step)
    }
    fn value(&self, step: usize, (slope, intercept): (f64, f64)) -> f64 {
        slope * self.0.arg(0, step) + intercept
    }
}

pub(super) fn deriv(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, &Slope)
}

pub(super) fn predict_linear(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, &Forecast(column))
}
