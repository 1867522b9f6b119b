//! `anchored` and `smoothed` windows: values at the window's own bounds instead of extrapolation.

use super::interpolate;
use super::rate::{Change, seconds, start_reset};
use crate::exec::{Point, Remark, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::cursor::past;
use crate::functions::kernel::Window;
use crate::model::{CounterResetHint, Histogram};
use crate::syntax::ast::Extension;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// A float with its time and start timestamp, ms.
#[derive(Clone, Copy)]
struct Sample {
    time: i64,
    value: f64,
    start: i64,
}

impl Sample {
    /// Whether the counter began after `time` and before this sample.
    fn began_after(self, time: i64) -> bool {
        self.start != 0 && time < self.start && self.start < self.time
    }
    /// Where the counter began: a zero.
    fn origin(self) -> Sample {
        Sample { time: self.start, value: 0.0, start: self.start }
    }
}

fn reset_between(previous: Sample, next: Sample) -> bool {
    start_reset(previous.start, previous.time, next.start, next.time)
}

/// What a counter lost between two samples.
fn lost(previous: Sample, next: Sample) -> f64 {
    if next.value < previous.value || reset_between(previous, next) { previous.value } else { 0.0 }
}

/// The value at `time` on the line between two samples.
fn interpolate(a: Sample, b: Sample, time: i64, counter: bool) -> f64 {
    interpolate::floats((a.time, a.value), (b.time, b.value), time, counter)
}

/// First and last sample that matter, as indexes into the window.
fn ends(w: &Window<'_>) -> Option<(usize, usize)> {
    let times = w.times();
    let but_last = &times[..times.len() - 1];
    let first = but_last.partition_point(|t| *t <= w.start).saturating_sub(1);
    let last = match w.extension {
        Some(Extension::Smoothed) => but_last.partition_point(|t| *t < w.end),
        _ => times.len() - 1,
    };
    (times[last] > w.start).then_some((first, last))
}

pub(super) fn change(w: &Window<'_>, change: Change) -> Option<Point> {
    if w.natives().is_empty() { floats(w, change) } else { native(w, change) }
}

/// A window of floats: what it begins and ends with, each as a sample at its bound, and which
/// samples lie strictly inside.
struct Edges {
    left: Sample,
    right: Sample,
    inside: Range<usize>,
}

/// What all windows of a call have in common; the lookback delta in ms.
#[derive(Clone, Copy)]
struct Kind {
    smoothed: bool,
    counter: bool,
    lookback: i64,
}

impl Kind {
    /// The edges of the window `(start, end]` (ms), of whose samples `first` and `last` are those
    /// that matter; before `earliest` it has none.
    #[inline(always)]
    fn edges(
        self,
        sample: impl Fn(usize) -> Sample,
        (earliest, first, last): (usize, usize, usize),
        (start, end): (i64, i64),
    ) -> Option<Edges> {
        let Kind { smoothed, counter, lookback } = self;
        let (f, l) = (sample(first), sample(last));
        let reach = start.saturating_sub(lookback);
        if smoothed && f.time > end && !(counter && f.began_after(reach) && !f.began_after(end)) {
            return None;
        }
        let mut left_start = if f.start <= start { f.start } else { 0 };
        let left = if f.time == start {
            left_start = f.start;
            f.value
        } else if f.time > start {
            if counter && f.began_after(reach) {
                if !smoothed || f.began_after(start) { 0.0 } else { interpolate(f.origin(), f, start, counter) }
            } else {
                f.value
            }
        } else {
            let (mut p, mut q) = (f, sample(first + 1));
            if counter && q.began_after(start) {
                q = q.origin();
            } else if counter && reset_between(p, q) {
                left_start = q.start;
                p = q.origin();
            }
            if smoothed { interpolate(p, q, start, counter) } else { p.value }
        };
        let mut right_start = if l.start <= end { l.start } else { 0 };
        let right = if l.time <= end {
            l.value
        } else if last == earliest {
            if counter && l.began_after(reach) { interpolate(l.origin(), l, end, counter) } else { l.value }
        } else {
            let (mut p, mut q) = (sample(last - 1), l);
            if counter && q.began_after(end) {
                right_start = p.start;
                q = q.origin();
            } else if counter && reset_between(p, q) {
                p = q.origin();
            }
            interpolate(p, q, end, counter)
        };
        Some(Edges {
            left: Sample { time: start, value: left, start: left_start },
            right: Sample { time: end, value: right, start: right_start },
            inside: first + usize::from(f.time <= start)..last + 1 - usize::from(l.time >= end),
        })
    }
}

fn floats(w: &Window<'_>, change: Change) -> Option<Point> {
    let (first, last) = ends(w)?;
    let kind = Kind { smoothed: w.extension == Some(Extension::Smoothed), counter: change.is_counter(), lookback: w.lookback };
    let sample = |i: usize| Sample { time: w.times()[i], value: w.values()[i], start: if kind.counter { w.start_of(i) } else { 0 } };
    let Edges { left, right, inside } = kind.edges(sample, (0, first, last), (w.start, w.end))?;
    let mut result = right.value - left.value;
    if kind.counter {
        // Summed apart from the difference: the last digit depends on the order.
        let (mut previous, mut correction) = (left, 0.0);
        for next in inside.map(sample).chain([right]) {
            correction += lost(previous, next);
            previous = next;
        }
        result += correction;
    }
    if change == Change::Rate {
        result /= seconds(w.range);
    }
    Some(Point::Float(result))
}

/// The same for all windows of a series of floats: their bounds move along with the steps, and
/// resets are queued, each window looks at its own.
pub(super) fn all(column: &Column<'_>, row: &mut Row<'_>, change: Change) -> Result<(), Stop> {
    let sample = |i: usize, start| Sample { time: column.time[i], value: column.value[i], start };
    match change.is_counter() && !column.start.is_empty() {
        true => slide(column, row, change, |i| sample(i, column.start_of(i))),
        false => slide(column, row, change, |i| sample(i, 0)),
    }
}

fn slide(column: &Column<'_>, row: &mut Row<'_>, change: Change, sample: impl Fn(usize) -> Sample + Copy) -> Result<(), Stop> {
    let smoothed = column.windows.extension == Some(Extension::Smoothed);
    let kind = Kind { smoothed, counter: change.is_counter(), lookback: column.site.cx.options.lookback_delta };
    // Divided by 1, a number stays what it is.
    let scale = if change == Change::Rate { seconds(column.windows.range) } else { 1.0 };
    // The first samples after a window's start and at or after its end, and after the last reset
    // that was looked for.
    let (mut after, mut end, mut seen) = (0, 0, 0);
    let mut resets: VecDeque<usize> = VecDeque::new();
    column.each(row, |step, lo, hi| {
        let bounds = (column.begin(step), column.end(step));
        after = past(column.time, after, bounds.0);
        let first = after.clamp(lo, hi - 1).saturating_sub(1).max(lo);
        let mut last = hi - 1;
        if smoothed {
            end = past(column.time, end, bounds.1.saturating_sub(1));
            last = end.clamp(lo, last);
        }
        if column.time[last] <= bounds.0 {
            return None;
        }
        let Edges { left, right, inside } = kind.edges(sample, (lo, first, last), bounds)?;
        let mut result = right.value - left.value;
        if kind.counter && inside.is_empty() {
            result += lost(left, right);
        } else if kind.counter {
            resets.extend((seen.max(inside.start + 1)..inside.end).filter(|i| column.fell(*i)));
            seen = seen.max(inside.end);
            while resets.front().is_some_and(|i| *i <= inside.start) {
                resets.pop_front();
            }
            column.pace.spend(resets.len());
            let mut correction = lost(left, sample(inside.start));
            for reset in &resets {
                correction += column.value[reset - 1];
            }
            correction += lost(sample(inside.end - 1), right);
            result += correction;
        }
        Some(result / scale)
    })
}

fn gauge(h: &Histogram) -> bool {
    h.counter_reset_hint == CounterResetHint::Gauge
}

fn native(w: &Window<'_>, change: Change) -> Option<Point> {
    let (first, last) = ends(w)?;
    let counter = change.is_counter();
    let smoothed = w.extension == Some(Extension::Smoothed);
    let (rs, re) = (w.start, w.end);
    let (times, hists) = (w.times(), w.histograms());
    if smoothed && times[first] > re {
        return None;
    }
    let none = Histogram::default();
    let h = |i: usize| -> &Histogram { hists.get(i).unwrap_or(&none) };
    for i in first..=last {
        if h(i).has_custom_buckets() != h(first).has_custom_buckets() {
            w.note(0, Remark::MixedExponentialCustom { metric: w.metric().into() });
            return None;
        }
        if counter && gauge(h(i)) {
            w.note(0, Remark::NotCounter { metric: w.metric().into() });
        }
    }
    let between = |i: usize, time: i64| -> Option<Histogram> { between(w, (times[i], h(i)), (times[i + 1], h(i + 1)), time, counter) };
    let left = if smoothed && times[first] < rs { between(first, rs)? } else { h(first).clone() };
    let right = if smoothed && times[last] > re && last > 0 { between(last - 1, re)? } else { h(last).clone() };
    if !(counter || gauge(&left) && gauge(&right)) {
        w.note(0, Remark::NotGauge { metric: w.metric().into() });
    }
    let mut result = right.clone();
    combine(w, &mut result, &left, false)?;
    if counter {
        let mut correction: Option<Histogram> = None;
        let mut add = |h: &Histogram| match &mut correction {
            Some(sum) => combine(w, sum, h, true),
            None => {
                correction = Some(h.clone());
                Some(())
            }
        };
        let mut from = first + 1;
        let mut previous: &Histogram = &left;
        if smoothed && times[first] < rs && from < hists.len() && h(first + 1).detect_reset(h(first)) {
            previous = h(first + 1);
            from = first + 2;
        }
        if from <= last {
            for i in from..last {
                if h(i).detect_reset(previous) {
                    add(previous)?;
                }
                previous = h(i);
            }
            if right.detect_reset(previous) {
                add(previous)?;
            }
        }
        if let Some(correction) = correction {
            combine(w, &mut result, &correction, true)?;
        }
    }
    if change == Change::Rate {
        result.div(seconds(w.range));
    }
    result.counter_reset_hint = CounterResetHint::Gauge;
    result.compact(0);
    Some(Point::Histogram(Arc::new(result)))
}

/// Adds or subtracts, with the remarks that go with it.
fn combine(w: &Window<'_>, to: &mut Histogram, other: &Histogram, addition: bool) -> Option<()> {
    match if addition { to.add(other) } else { to.sub(other) } {
        Ok(outcome) => {
            if outcome.nhcb_reconciled {
                w.note(0, Remark::MismatchedCustomBuckets { during: if addition { "addition" } else { "subtraction" } });
            }
            Some(())
        }
        Err(_) => {
            w.note(0, Remark::MixedExponentialCustom { metric: w.metric().into() });
            None
        }
    }
}

/// The histogram at `time` between two samples.
fn between(w: &Window<'_>, a: (i64, &Histogram), b: (i64, &Histogram), time: i64, counter: bool) -> Option<Histogram> {
    let mut remarks = Vec::new();
    let result = interpolate::histograms(a, b, time, counter, &mut remarks);
    if result.is_none() {
        w.note(0, Remark::MixedExponentialCustom { metric: w.metric().into() });
    }
    remarks.into_iter().for_each(|r| w.note(0, r));
    result
}

/// A bare window made whole: values at its bounds and the samples strictly inside, as (times in
/// ms, values). Empty where all samples lie at or before its left end.
pub(crate) fn bare(times: &[i64], values: &[f64], (rs, re): (i64, i64), smoothed: bool) -> Vec<(i64, f64)> {
    let n = times.len();
    if n == 0 || times[n - 1] <= rs {
        return Vec::new();
    }
    let but_last = &times[..n - 1];
    let first = but_last.partition_point(|t| *t <= rs).saturating_sub(1);
    let last = if smoothed { but_last.partition_point(|t| *t < re) } else { n - 1 };
    if times[last] <= rs || smoothed && times[first] > re {
        return Vec::new();
    }
    let at = |i: usize| (times[i], values[i]);
    let left = if smoothed && times[first] < rs { interpolate::floats(at(first), at(first + 1), rs, false) } else { values[first] };
    let right =
        if smoothed && times[last] > re && last > 0 { interpolate::floats(at(last - 1), at(last), re, false) } else { values[last] };
    let inside = (first..=last).map(at).filter(|(t, _)| rs < *t && *t < re);
    [(rs, left)].into_iter().chain(inside).chain([(re, right)]).collect()
}
