//! Straight lines through the floats of a window.

use crate::exec::{Point, Remark};
use crate::functions::kernel::Window;
use crate::functions::over_time::floats::{Floats, only_floats};
use crate::model::float::kahan_inc;

pub(super) fn deriv(w: &Window<'_>) -> Option<Point> {
    let (times, values) = at_least_two(w)?;
    let (slope, _) = linear_regression(&times, &values, times[0]);
    Some(Point::Float(slope))
}

pub(super) fn predict_linear(w: &Window<'_>) -> Option<Point> {
    let (times, values) = at_least_two(w)?;
    // From the time of the step, not from the end of a shifted or pinned window.
    let (slope, intercept) = linear_regression(&times, &values, w.time);
    Some(Point::Float(slope * w.args[0] + intercept))
}

pub(super) fn at_least_two<'a>(w: &Window<'a>) -> Option<Floats<'a>> {
    let floats = only_floats(w);
    let mixed = !w.natives().is_empty() && !floats.1.is_empty();
    if mixed {
        w.note(0, Remark::HistogramIgnoredInMixedRange { metric: w.metric().into() });
    }
    (floats.1.len() >= 2).then_some(floats)
}

/// Slope per second and value at `origin` (ms) of the least-squares line, from compensated sums.
pub(super) fn linear_regression(times: &[i64], values: &[f64], origin: i64) -> (f64, f64) {
    let first = values[0];
    let (mut n, mut constant) = (0.0, true);
    let (mut sx, mut cx, mut sy, mut cy) = (0.0, 0.0, 0.0, 0.0);
    let (mut sxy, mut cxy, mut sxx, mut cxx) = (0.0, 0.0, 0.0, 0.0);
    for (&time, &y) in times.iter().zip(values) {
        constant &= y == first;
        n += 1.0;
        let x = time.wrapping_sub(origin) as f64 / 1000.0;
        (sx, cx) = kahan_inc(x, sx, cx);
        (sy, cy) = kahan_inc(y, sy, cy);
        (sxy, cxy) = kahan_inc(x * y, sxy, cxy);
        (sxx, cxx) = kahan_inc(x * x, sxx, cxx);
    }
    if constant {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    Sums { n, x: sx + cx, y: sy + cy, xy: sxy + cxy, xx: sxx + cxx }.line()
}

/// What a least-squares line needs of its points: their number, and the sums of times (s),
/// values, products and squares.
pub(super) struct Sums {
    pub(super) n: f64,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) xy: f64,
    pub(super) xx: f64,
}

impl Sums {
    /// Slope per second, and value at the origin of time.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub(super) fn line(&self) -> (f64, f64) {
        let Sums { n, x, y, xy, xx } = *self;
        let covariance = xy - x * y / n;
        let variance = xx - x * x / n;
        let slope = covariance / variance;
        (slope, y / n - slope * x / n)
    }
}
