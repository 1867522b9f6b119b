//! Functions over the floats of a window; histograms beside them are ignored with an info.

use crate::exec::{Point, Remark};
use crate::functions::kernel::Window;
use crate::model::float::kahan_inc;
use std::borrow::Cow;

/// Times (ms) and values.
pub(crate) type Floats<'a> = (Cow<'a, [i64]>, Cow<'a, [f64]>);

/// Times and values of the floats in a window.
pub(crate) fn only_floats<'a>(w: &Window<'a>) -> Floats<'a> {
    let histograms = w.natives();
    if histograms.is_empty() {
        return (w.times().into(), w.values().into());
    }
    let mut hists = w.samples.histogram_at[histograms].iter().map(|at| *at as usize - w.lo).peekable();
    let kept: Vec<usize> = (0..w.len()).filter(|i| hists.next_if_eq(i).is_none()).collect();
    let times: Vec<i64> = kept.iter().map(|i| w.times()[*i]).collect();
    let values: Vec<f64> = kept.iter().map(|i| w.values()[*i]).collect();
    (times.into(), values.into())
}

/// The floats if there are any; remarks on histograms beside them.
pub(super) fn floats<'a>(w: &Window<'a>, vector: usize) -> Option<Floats<'a>> {
    let floats = only_floats(w);
    if floats.1.is_empty() {
        return None;
    }
    if floats.1.len() < w.len() {
        w.note(vector, Remark::HistogramIgnoredInMixedRange { metric: w.metric().into() });
    }
    Some(floats)
}

/// The value that `better` prefers over all others; NaN only if there is nothing else.
fn extreme(values: &[f64], better: impl Fn(f64, f64) -> bool) -> f64 {
    let mut best = values[0];
    for &value in &values[1..] {
        if better(value, best) || best.is_nan() {
            best = value;
        }
    }
    best
}

pub(super) fn min(w: &Window<'_>) -> Option<Point> {
    Some(Point::Float(extreme(&floats(w, 0)?.1, |a, b| a < b)))
}

pub(super) fn max(w: &Window<'_>) -> Option<Point> {
    Some(Point::Float(extreme(&floats(w, 0)?.1, |a, b| a > b)))
}

/// The time of the latest extreme, in seconds.
fn time_of(w: &Window<'_>, as_good: impl Fn(f64, f64) -> bool) -> Option<Point> {
    let (times, values) = floats(w, 0)?;
    let mut best = 0;
    for i in 1..values.len() {
        if as_good(values[i], values[best]) || values[best].is_nan() {
            best = i;
        }
    }
    Some(Point::Float(times[best] as f64 / 1000.0))
}

pub(super) fn ts_of_min(w: &Window<'_>) -> Option<Point> {
    time_of(w, |a, b| a <= b)
}

pub(super) fn ts_of_max(w: &Window<'_>) -> Option<Point> {
    time_of(w, |a, b| a >= b)
}

/// Population variance by Welford's method, mean and sum of squares both compensated.
pub(super) fn variance(values: &[f64]) -> f64 {
    let (mut n, mut mean, mut mean_c, mut squares, mut squares_c) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &x in values {
        n += 1.0;
        let delta = x - (mean + mean_c);
        (mean, mean_c) = kahan_inc(delta / n, mean, mean_c);
        (squares, squares_c) = kahan_inc(delta * (x - (mean + mean_c)), squares, squares_c);
    }
    (squares + squares_c) / n
}

pub(super) fn stdvar(w: &Window<'_>) -> Option<Point> {
    Some(Point::Float(variance(&floats(w, 0)?.1)))
}

pub(super) fn stddev(w: &Window<'_>) -> Option<Point> {
    Some(Point::Float(variance(&floats(w, 0)?.1).sqrt()))
}

/// The integral over time in seconds: between two samples the left value (strategy 0), the right
/// one (1) or their mean (2). NaN counts as 0.
pub(super) fn integral(w: &Window<'_>) -> Option<Point> {
    let (times, values) = floats(w, 0)?;
    let mut strategy = w.args.first().copied().unwrap_or(2.0);
    if strategy != 0.0 && strategy != 1.0 && strategy != 2.0 {
        w.note(1, Remark::InvalidIntegralStrategy { got: strategy });
        strategy = 2.0;
    }
    let value = |i: usize| if values[i].is_nan() { 0.0 } else { values[i] };
    let (mut sum, mut c) = (0.0, 0.0);
    for i in 1..values.len() {
        let seconds = (times[i] - times[i - 1]) as f64 / 1000.0;
        let (previous, current) = (value(i - 1), value(i));
        let (y, cy) = if strategy == 0.0 {
            (previous, 0.0)
        } else if strategy == 1.0 {
            (current, 0.0)
        } else {
            mean(previous, current)
        };
        if y != 0.0 || cy != 0.0 {
            (sum, c) = kahan_inc(y * seconds, sum, c + cy * seconds);
        }
    }
    Some(Point::Float(if sum.is_infinite() { sum } else { sum + c }))
}

/// The mean of two values and its compensation; halves first where the sum overflows.
fn mean(a: f64, b: f64) -> (f64, f64) {
    if a == 0.0 && b == 0.0 {
        return (0.0, 0.0);
    }
    let (y, c) = kahan_inc(b, a, 0.0);
    if y.is_infinite() && a.is_finite() && b.is_finite() {
        return kahan_inc(b / 2.0, a / 2.0, 0.0);
    }
    (y / 2.0, c / 2.0)
}
