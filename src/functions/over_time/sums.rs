//! Sums and means over a window.

use crate::exec::{Block, Point, Remark};
use crate::functions::kernel::Window;
use crate::functions::native;
use crate::model::float::kahan_inc;
use crate::model::{CounterResetHint, Histogram};
use std::sync::Arc;

/// Remarks on a window with both kinds of samples, which has no sum.
fn mixed(w: &Window<'_>) -> bool {
    let histograms = w.natives().len();
    let mixed = histograms > 0 && histograms < w.len();
    if mixed {
        w.note(0, Remark::MixedFloatsHistograms { metric: w.metric().into() });
    }
    mixed
}

pub(super) fn sum(w: &Window<'_>) -> Option<Point> {
    if mixed(w) {
        return None;
    }
    if !w.natives().is_empty() {
        let (mut sum, compensation) = add_up(w, |_, _, _, _| false)?;
        if let Some(c) = compensation {
            sum.add(&c).ok()?;
        }
        return Some(Point::Histogram(Arc::new(sum)));
    }
    Some(Point::Float(total(w.values())))
}

pub(super) fn native_sum(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    native::set_sum(w, false, out, i)
}

pub(super) fn native_avg(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    native::set_sum(w, true, out, i)
}

/// The compensated sum, in the order of the values.
pub(super) fn total(values: &[f64]) -> f64 {
    let (mut sum, mut c) = (0.0, 0.0);
    for &value in values {
        (sum, c) = kahan_inc(value, sum, c);
    }
    if sum.is_infinite() { sum } else { sum + c }
}

pub(super) fn avg(w: &Window<'_>) -> Option<Point> {
    if mixed(w) {
        return None;
    }
    if !w.natives().is_empty() {
        return histogram_mean(w);
    }
    Some(Point::Float(mean(w.values())))
}

/// The mean from a compensated sum; a running mean from where the sum overflows on.
pub(super) fn mean(values: &[f64]) -> f64 {
    let (mut sum, mut c) = (values[0], 0.0);
    for (i, &value) in values.iter().enumerate().skip(1) {
        let (next, next_c) = kahan_inc(value, sum, c);
        if next.is_infinite() {
            return running_mean(sum / i as f64, c / i as f64, values, i);
        }
        (sum, c) = (next, next_c);
    }
    let n = values.len() as f64;
    sum / n + c / n
}

fn running_mean(mut mean: f64, mut c: f64, values: &[f64], from: usize) -> f64 {
    for (i, &value) in values.iter().enumerate().skip(from) {
        let n = (i + 1) as f64;
        let q = (n - 1.0) / n;
        (mean, c) = kahan_inc(value / n, q * mean, q * c);
    }
    mean + c
}

type Sum = (Histogram, Option<Histogram>);

/// Adds the histograms of a window up with compensation; `stop` may take over before the next.
fn add_up(w: &Window<'_>, mut stop: impl FnMut(usize, &mut Histogram, &mut Option<Histogram>, &Histogram) -> bool) -> Option<Sum> {
    let hists = w.histograms();
    let mut sum = hists.get(0)?.clone();
    let mut compensation = None;
    let mut seen = [false; 2];
    let mut see = |h: &Histogram| match h.counter_reset_hint {
        CounterResetHint::Reset => seen[0] = true,
        CounterResetHint::NotReset => seen[1] = true,
        _ => {}
    };
    see(&sum);
    let mut reconciled = false;
    for (i, h) in hists.iter().enumerate().skip(1) {
        see(h);
        if stop(i, &mut sum, &mut compensation, h) {
            continue;
        }
        match sum.kahan_add(h, &mut compensation) {
            Ok(outcome) => reconciled |= outcome.nhcb_reconciled,
            Err(_) => {
                w.note(0, Remark::MixedExponentialCustom { metric: w.metric().into() });
                return None;
            }
        }
    }
    if seen == [true, true] {
        w.note(0, Remark::CounterResetCollision { during: "aggregation" });
    }
    if reconciled {
        w.note(0, Remark::MismatchedCustomBuckets { during: "aggregation" });
    }
    Some((sum, compensation))
}

fn histogram_mean(w: &Window<'_>) -> Option<Point> {
    let mut running = false;
    let n = w.natives().len() as f64;
    let (mut sum, compensation) = add_up(w, |i, sum, compensation, next| {
        if !running {
            let (mut trial, mut trial_c) = (sum.clone(), compensation.clone());
            if trial.kahan_add(next, &mut trial_c).is_err() || !overflows(&trial) {
                return false;
            }
            running = true;
            sum.div(i as f64);
            if let Some(c) = compensation {
                c.div(i as f64);
            }
        }
        let n = (i + 1) as f64;
        let q = (n - 1.0) / n;
        if let Some(c) = compensation {
            c.mul(q);
        }
        sum.mul(q);
        let mut part = next.clone();
        part.div(n);
        // A mix of schemas has no mean; the plain way reports it.
        sum.kahan_add(&part, compensation).is_ok()
    })?;
    if !running {
        sum.div(n);
    }
    if let Some(mut c) = compensation {
        if !running {
            c.div(n);
        }
        sum.add(&c).ok()?;
    }
    Some(Point::Histogram(Arc::new(sum)))
}

/// Whether any number of a histogram is infinite.
fn overflows(h: &Histogram) -> bool {
    let buckets = h.positive_buckets.iter().chain(&h.negative_buckets).chain(&h.custom_values);
    [h.zero_count, h.count, h.sum].iter().chain(buckets).any(|v| v.is_infinite())
}
