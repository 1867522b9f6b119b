//! `irate` and `idelta`: the change between the last two samples of a window.

use super::rate::start_reset;
use crate::exec::{Block, Point, Remark, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::kernel::Window;
use crate::functions::native;
use crate::model::{CounterResetHint, Histogram};
use std::sync::Arc;

pub(super) fn irate(w: &Window<'_>) -> Option<Point> {
    last_two(w, true)
}

pub(super) fn idelta(w: &Window<'_>) -> Option<Point> {
    last_two(w, false)
}

/// The change from a float to the next, per second if `seconds` are given.
fn change(previous: f64, last: f64, reset: bool, seconds: Option<f64>) -> f64 {
    let change = if reset { last } else { last - previous };
    seconds.map_or(change, |seconds| change / seconds)
}

pub(super) fn irates(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, true)
}

pub(super) fn ideltas(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, false)
}

fn all(column: &Column<'_>, row: &mut Row<'_>, rate: bool) -> Result<(), Stop> {
    column.each(row, |_, lo, hi| {
        let (a, b) = (hi.checked_sub(2).filter(|a| *a >= lo)?, hi - 1);
        let length = column.time[b].saturating_sub(column.time[a]);
        let seconds = length as f64 / 1000.0;
        (length != 0).then(|| change(column.value[a], column.value[b], rate && column.fell(b), rate.then_some(seconds)))
    })
}

fn last_two(w: &Window<'_>, rate: bool) -> Option<Point> {
    let (a, b) = (w.hi.checked_sub(2).filter(|a| *a >= w.lo)?, w.hi - 1);
    let (previous_time, time) = (w.samples.time[a], w.samples.time[b]);
    if previous_time == time {
        return None;
    }
    let by_start = rate && start_reset(w.samples.start_of(a), previous_time, w.samples.start_of(b), time);
    let seconds = time.saturating_sub(previous_time) as f64 / 1000.0;
    let natives = w.samples.histograms_of(a, w.hi).len();
    match natives {
        0 => {
            let (previous, last) = (w.samples.value[a], w.samples.value[b]);
            let reset = rate && (last < previous || by_start);
            Some(Point::Float(change(previous, last, reset, rate.then_some(seconds))))
        }
        2 => {
            let whole = w.histograms();
            let (previous, last) = (whole.get(whole.len().checked_sub(2)?)?, whole.get(whole.len() - 1)?);
            let mut change = histograms(w, previous, last, rate, by_start)?;
            change.counter_reset_hint = CounterResetHint::Gauge;
            change.compact(0);
            if rate {
                change.div(seconds);
            }
            Some(Point::Histogram(Arc::new(change)))
        }
        _ => {
            w.note(0, Remark::MixedFloatsHistograms { metric: w.metric().into() });
            None
        }
    }
}

pub(super) fn native_irate(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    set_native(w, true, out, i)
}

pub(super) fn native_idelta(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    set_native(w, false, out, i)
}

fn set_native(w: &Window<'_>, rate: bool, out: &mut Block, i: usize) -> bool {
    let Some(lo) = w.hi.checked_sub(2).filter(|lo| *lo >= w.lo) else { return false };
    let two = Window { lo, ..*w };
    let length = w.samples.time[lo + 1].saturating_sub(w.samples.time[lo]);
    let ends = if rate { native::ends_of_counter(&two) } else { native::ends_of_gauge(&two) };
    let seconds = if rate { length as f64 / 1000.0 } else { 1.0 };
    ends.filter(|_| length != 0).is_some_and(|ends| native::set_difference(&two, ends, |x| x / seconds, out, i))
}

fn histograms(w: &Window<'_>, previous: &Histogram, last: &Histogram, rate: bool, by_start: bool) -> Option<Histogram> {
    let gauge = |h: &Histogram| h.counter_reset_hint == CounterResetHint::Gauge;
    let metric = || w.metric().to_string();
    if rate && (gauge(previous) || gauge(last)) {
        w.note(0, Remark::NotCounter { metric: metric() });
    }
    if !rate && (!gauge(previous) || !gauge(last)) {
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
