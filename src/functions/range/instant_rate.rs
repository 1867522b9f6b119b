//! `irate` and `idelta`: the change between the last two samples of a window.

use super::rate::start_reset;
use crate::exec::{Point, Remark};
use crate::functions::kernel::Window;
use crate::model::{CounterResetHint, Histogram};
use std::sync::Arc;

pub(super) fn irate(w: &Window<'_>) -> Option<Point> {
    last_two(w, true)
}

pub(super) fn idelta(w: &Window<'_>) -> Option<Point> {
    last_two(w, false)
}

fn last_two(w: &Window<'_>, rate: bool) -> Option<Point> {
    let (a, b) = (w.hi.checked_sub(2).filter(|a| *a >= w.lo)?, w.hi - 1);
    let (previous_time, time) = (w.samples.time[a], w.samples.time[b]);
    if previous_time == time {
        return None;
    }
    let by_start = rate && start_reset(w.samples.start_of(a), previous_time, w.samples.start_of(b), time);
    let seconds = time.saturating_sub(previous_time) as f64 / 1000.0;
    match (w.samples.histogram_at(a), w.samples.histogram_at(b)) {
        (None, None) => {
            let (previous, last) = (w.samples.value[a], w.samples.value[b]);
            let change = if rate && (last < previous || by_start) { last } else { last - previous };
            Some(Point::Float(if rate { change / seconds } else { change }))
        }
        (Some(previous), Some(last)) => {
            let mut change = histograms(w, previous, last, rate, by_start)?;
            change.counter_reset_hint = CounterResetHint::Gauge;
            change.compact(0);
            if rate {
                change.div(seconds);
            }
            Some(Point::Histogram(Arc::new(change)))
        }
        _ => {
            w.note(0, Remark::MixedFloatsHistograms { metric: w.metric.into() });
            None
        }
    }
}

fn histograms(w: &Window<'_>, previous: &Histogram, last: &Histogram, rate: bool, by_start: bool) -> Option<Histogram> {
    let gauge = |h: &Histogram| h.counter_reset_hint == CounterResetHint::Gauge;
    let metric = || w.metric.to_string();
    if rate && (gauge(previous) || gauge(last)) {
        w.note(0, Remark::NotCounter { metric: metric() });
    }
    if !rate && !(gauge(previous) && gauge(last)) {
        w.note(0, Remark::NotGauge { metric: metric() });
    }
    let mut change = last.clone();
    if !rate || !(by_start || last.detect_reset(previous)) {
        match change.sub(previous) {
            Ok(outcome) if outcome.nhcb_reconciled => w.note(0, Remark::MismatchedCustomBuckets { during: "subtraction" }),
            Ok(_) => {}
            Err(_) => {
                w.note(0, Remark::MixedExponentialCustom { metric: metric() });
                return None;
            }
        }
    }
    Some(change)
}
