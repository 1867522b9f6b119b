//! `rate`, `increase`, `delta`: the change over a window, extrapolated to its bounds.

use super::extended;
use crate::exec::{Block, Point, Remark, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::kernel::Window;
use crate::functions::native;
use crate::functions::over_time::vector::Vector;
use crate::model::histogram::column::COUNT;
use crate::model::{CounterResetHint, Histogram};
use std::collections::VecDeque;
use std::sync::Arc;

/// Which of the three.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Rate,
    Increase,
    Delta,
}

impl Change {
    pub(super) fn is_counter(self) -> bool {
        self != Change::Delta
    }
}

pub(super) fn rate(w: &Window<'_>) -> Option<Point> {
    change(w, Change::Rate)
}

pub(super) fn increase(w: &Window<'_>) -> Option<Point> {
    change(w, Change::Increase)
}

pub(super) fn delta(w: &Window<'_>) -> Option<Point> {
    change(w, Change::Delta)
}

/// Whether the start timestamps of two consecutive samples tell of a reset between them. Times
/// and start timestamps in ms; a start timestamp of 0 is unknown.
pub(crate) fn start_reset(previous_start: i64, previous: i64, start: i64, time: i64) -> bool {
    if start == previous_start || start == 0 || start >= time || start < previous {
        return false;
    }
    start > previous || (previous_start <= previous && previous_start != 0 && previous_start != previous)
}

/// Whether a sample claims to have started before the sample before it was taken.
pub(crate) fn start_overlaps(previous_start: i64, previous: i64, start: i64) -> bool {
    start != 0 && start < previous && start != previous_start
}

fn change(w: &Window<'_>, change: Change) -> Option<Point> {
    let histograms = w.natives();
    if !histograms.is_empty() && histograms.len() < w.len() {
        w.note(0, Remark::MixedFloatsHistograms { metric: w.metric().into() });
        return None;
    }
    if w.extension.is_some() {
        return extended::change(w, change);
    }
    if histograms.is_empty() { floats(w, change) } else { of_histograms(w, change) }
}

fn floats(w: &Window<'_>, change: Change) -> Option<Point> {
    let (times, values) = (w.times(), w.values());
    let (first, last) = (*values.first()?, *values.last()?);
    let mut result = last - first;
    if change.is_counter() {
        let mut previous = first;
        if w.samples.start.is_empty() {
            for &value in &values[1..] {
                if value < previous {
                    result += previous;
                }
                previous = value;
            }
        } else {
            for i in 1..values.len() {
                if values[i] < previous || start_reset(w.start_of(i - 1), times[i - 1], w.start_of(i), times[i]) {
                    result += previous;
                }
                previous = values[i];
            }
            note_overlap(w);
        }
    }
    stretched(&Ends::of(w)?, change, first, result).map(Point::Float)
}

/// The change between first and last sample, stretched to the window; `first` is the first value.
fn stretched(ends: &Ends, change: Change, first: f64, mut result: f64) -> Option<f64> {
    let to_zero = |result: f64, sampled: f64| if result > 0.0 && first >= 0.0 { Some(sampled * (first / result)) } else { None };
    let (factor, from_start) = extrapolation(ends, change, |sampled, from_start| {
        let result = if from_start { result + first } else { result };
        to_zero(result, sampled)
    })?;
    if from_start {
        result += first;
    }
    Some(result * factor)
}

/// All windows of a series of floats that may have start timestamps: resets and overlaps are
/// queued, and each window looks at its own.
pub(super) fn with_starts(column: &Column<'_>, row: &mut Row<'_>, change: Change) -> Result<(), Stop> {
    let (mut resets, mut overlaps) = (VecDeque::new(), VecDeque::new());
    let mut seen = 1;
    column.each(row, |step, lo, hi| {
        let (first, last) = (column.value[lo], column.value[hi - 1]);
        let mut result = last - first;
        if change.is_counter() {
            // A reset belongs to the windows that have the sample before it too.
            let inside = |queue: &mut VecDeque<usize>| {
                while queue.front().is_some_and(|i| *i <= lo) {
                    queue.pop_front();
                }
            };
            for i in seen.max(lo + 1)..hi {
                if column.fell(i) {
                    resets.push_back(i);
                }
                if start_overlaps(column.start_of(i - 1), column.time[i - 1], column.start_of(i)) {
                    overlaps.push_back(i);
                }
            }
            seen = seen.max(hi);
            inside(&mut resets);
            inside(&mut overlaps);
            column.pace.spend(resets.len());
            for reset in &resets {
                result += column.value[reset - 1];
            }
            if !overlaps.is_empty() {
                column.note(step, 0, Remark::StartTimeOverlap { metric: column.metric().into() });
            }
        }
        let end = column.end(step);
        let ends = Ends {
            first: column.time[lo],
            last: column.time[hi - 1],
            n: hi - lo,
            first_start: column.start_of(lo),
            start: end.saturating_sub(column.windows.range),
            end,
            range: column.windows.range,
        };
        stretched(&ends, change, first, result)
    })
}

/// What extrapolation looks at; all but `n` in ms.
struct Ends {
    /// Times of the first and the last sample.
    first: i64,
    last: i64,
    /// Number of samples.
    n: usize,
    /// Start timestamp of the first sample, 0 if unknown.
    first_start: i64,
    /// Bounds of the window, and its length as asked for.
    start: i64,
    end: i64,
    range: i64,
}

impl Ends {
    fn of(w: &Window<'_>) -> Option<Ends> {
        let (first, last) = (*w.times().first()?, *w.times().last()?);
        Some(Ends { first, last, n: w.count(), first_start: w.start_of(0), start: w.start, end: w.end, range: w.range })
    }
}

/// The overlap of start timestamps is told once for a series and call.
fn note_overlap(w: &Window<'_>) {
    let times = w.times();
    if (1..times.len()).any(|i| start_overlaps(w.start_of(i - 1), times[i - 1], w.start_of(i))) {
        w.note(0, Remark::StartTimeOverlap { metric: w.metric().into() });
    }
}

/// Seconds that a window's samples cover, and that their change is taken to go on beyond them:
/// samples that end close to a bound are taken to go on to it, others by half a sample distance.
#[derive(Clone, Copy, Default)]
pub(super) struct Margins {
    pub(super) sampled: f64,
    pub(super) to_start: f64,
    pub(super) to_end: f64,
}

impl Margins {
    /// From the times of the first and the last of `n` samples and the bounds of the window, ms.
    #[inline]
    pub(super) fn of((first, last): (i64, i64), n: usize, (start, end): (i64, i64)) -> Margins {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let (to_start, to_end) = (seconds(first.wrapping_sub(start)), seconds(end.wrapping_sub(last)));
        Margins::within(seconds(last.wrapping_sub(first)), to_start, to_end, n.saturating_sub(1) as f64)
    }

    /// From the seconds sampled, those to the bounds, and how many gaps there are between the
    /// samples.
    #[inline(always)]
    pub(super) fn within(sampled: f64, to_start: f64, to_end: f64, gaps: f64) -> Margins {
        let average = if gaps > 0.0 { sampled / gaps } else { 0.0 };
        let threshold = average * 1.1;
        let near = |distance: f64| if distance >= threshold { average / 2.0 } else { distance };
        Margins { sampled, to_start: near(to_start), to_end: near(to_end) }
    }

    /// What the change over the time sampled is stretched by, over `scale`.
    #[inline(always)]
    pub(super) fn factor(&self, scale: f64) -> f64 {
        (self.sampled + self.to_start + self.to_end) / self.sampled / scale
    }
}

/// Lengths below this, in ms, may be told by [`short_seconds`]. In WebAssembly none: code for two
/// ways would take longer to load than one saves.
pub(crate) const SHORT: i64 = if cfg!(target_arch = "wasm32") { i64::MIN } else { 1 << 26 };

/// Whole ms below [`SHORT`] divided by 1000, as exactly as division does it, and faster: the
/// product with the upper half of the inverse is exact, so that only the sum is rounded.
#[inline(always)]
pub(crate) fn short_seconds<V: Vector>(ms: V) -> V {
    const HIGH: f64 = f64::from_bits((1.0f64 / 1000.0).to_bits() & !((1 << 27) - 1));
    const LOW: f64 = (1.0 - HIGH * 1000.0) / 1000.0;
    ms * ms.all(HIGH) + ms * ms.all(LOW)
}

/// The factor that stretches the change between first and last sample to the whole window, and
/// whether the counter started inside the window (then its first value belongs to the change).
///
/// The rule is that of Prometheus: margins on both sides, but a counter is not taken below zero
/// (`to_zero` tells how many seconds before the first sample it would get there, given the
/// sampled seconds).
fn extrapolation(w: &Ends, change: Change, to_zero: impl Fn(f64, bool) -> Option<f64>) -> Option<(f64, bool)> {
    let Ends { first, last, n, first_start: start, .. } = *w;
    let Margins { mut sampled, mut to_start, to_end } = Margins::of((first, last), n, (w.start, w.end));
    let from_start = change.is_counter() && start != 0 && w.start < start && start < first;
    if from_start {
        to_start = 0.0;
        sampled = (last - start) as f64 / 1000.0;
    } else if n == 1 {
        return None;
    } else if change.is_counter() {
        let zero = to_zero(sampled, false).unwrap_or(to_start);
        if zero < to_start {
            to_start = zero;
        }
    }
    let mut factor = if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled };
    if change == Change::Rate {
        factor /= seconds(w.range);
    }
    Some((factor, from_start))
}

/// A length in ms as Go has its seconds: whole ones and the rest apart.
pub(super) fn seconds(ms: i64) -> f64 {
    (ms / 1000) as f64 + ((ms % 1000) * 1_000_000) as f64 / 1e9
}

pub(super) fn native_rate(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    set_native(w, Change::Rate, out, i)
}

pub(super) fn native_increase(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    set_native(w, Change::Increase, out, i)
}

pub(super) fn native_delta(w: &Window<'_>, out: &mut Block, i: usize) -> bool {
    set_native(w, Change::Delta, out, i)
}

/// Windows over which histograms only count on.
fn set_native(w: &Window<'_>, change: Change, out: &mut Block, i: usize) -> bool {
    let ends = if change.is_counter() { native::ends_of_counter(w) } else { native::ends_of_gauge(w) };
    let Some((first, last)) = ends.filter(|_| w.samples.start.is_empty()) else { return false };
    let count = |i: usize| w.samples.histogram.numbers(i)[COUNT];
    let counted = count(last) - count(first);
    let to_zero = |sampled: f64, _| (counted > 0.0 && count(first) >= 0.0).then(|| sampled * (count(first) / counted));
    match Ends::of(w).and_then(|ends| extrapolation(&ends, change, to_zero)) {
        Some((factor, _)) => native::set_difference(w, (first, last), |x| x * factor, out, i),
        None => false,
    }
}

fn of_histograms(w: &Window<'_>, change: Change) -> Option<Point> {
    let first: &Histogram = w.histograms().get(0)?;
    let difference = match w.len() {
        1 => None,
        _ => Some(difference(w, change.is_counter())?),
    };
    let count = difference.as_ref().map_or(0.0, |d| d.count);
    let (factor, from_start) =
        extrapolation(&Ends::of(w)?, change, |sampled, _| (count > 0.0 && first.count >= 0.0).then(|| sampled * (first.count / count)))?;
    let mut result = match difference {
        None => first.clone(),
        Some(mut d) => {
            if from_start {
                match d.add(first) {
                    Ok(outcome) if outcome.nhcb_reconciled => w.note(0, Remark::MismatchedCustomBuckets { during: "addition" }),
                    Ok(_) => {}
                    Err(_) => {
                        w.note(0, Remark::MixedExponentialCustom { metric: w.metric().into() });
                        return None;
                    }
                }
            }
            d
        }
    };
    result.mul(factor);
    Some(Point::Histogram(Arc::new(result)))
}

/// The difference between the last and the first histogram of a window; of a counter with what
/// was counted before each reset added (semantics of the reference's histogram rate).
fn difference(w: &Window<'_>, counter: bool) -> Option<Histogram> {
    let hists = w.histograms();
    let gauge = |h: &Histogram| h.counter_reset_hint == CounterResetHint::Gauge;
    let metric = || w.metric().to_string();
    let (first, last) = (hists.get(0)?, hists.get(hists.len() - 1)?);
    let mut notes = Vec::new();
    if counter && (gauge(first) || gauge(last)) {
        notes.push(Remark::NotCounter { metric: metric() });
    }
    let time = |i: usize| w.times()[i];
    let st_reset = |i: usize| start_reset(w.start_of(i - 1), time(i - 1), w.start_of(i), time(i));
    let emptied;
    let mut previous = first;
    let second = hists.get(1)?;
    if counter && (st_reset(1) || second.detect_reset(first)) {
        emptied = Histogram { schema: second.schema, custom_values: second.custom_values.clone(), ..Histogram::default() };
        previous = &emptied;
    }
    let base = previous;
    if last.has_custom_buckets() != previous.has_custom_buckets() {
        notes.push(Remark::MixedExponentialCustom { metric: metric() });
        notes.into_iter().for_each(|n| w.note(0, n));
        return None;
    }
    let mut schema = last.schema.min(previous.schema);
    if counter {
        for h in hists.iter().take(hists.len() - 1).skip(1) {
            if gauge(h) {
                notes.push(Remark::NotCounter { metric: metric() });
            }
            schema = schema.min(h.schema);
            if h.has_custom_buckets() != last.has_custom_buckets() {
                w.note(0, Remark::MixedExponentialCustom { metric: metric() });
                return None;
            }
        }
    }
    let mut result = last.clone();
    result.reduce_to(schema);
    match result.sub(previous) {
        Ok(outcome) if outcome.nhcb_reconciled => notes.push(Remark::MismatchedCustomBuckets { during: "subtraction" }),
        Ok(_) => {}
        Err(_) => {
            w.note(0, Remark::MixedExponentialCustom { metric: metric() });
            return None;
        }
    }
    if counter {
        previous = base;
        for (i, h) in hists.iter().enumerate().skip(1) {
            if st_reset(i) || h.detect_reset(previous) {
                match result.add(previous) {
                    Ok(outcome) if outcome.nhcb_reconciled => notes.push(Remark::MismatchedCustomBuckets { during: "addition" }),
                    Ok(_) => {}
                    Err(_) => {
                        w.note(0, Remark::MixedExponentialCustom { metric: metric() });
                        return None;
                    }
                }
            }
            previous = h;
        }
        if !w.samples.start.is_empty() {
            note_overlap(w);
        }
    } else if !gauge(first) || !gauge(last) {
        notes.push(Remark::NotGauge { metric: metric() });
    }
    notes.into_iter().for_each(|n| w.note(0, n));
    if result.has_custom_buckets() {
        // There is no zero bucket, whatever a factor of infinity has made of its count.
        result.zero_count = 0.0;
    }
    result.counter_reset_hint = CounterResetHint::Gauge;
    result.compact(0);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lengths_are_divided_exactly() {
        for ms in (0..SHORT).step_by(977).chain(0..100_000).chain(SHORT - 1_000..SHORT) {
            assert_eq!(short_seconds(ms as f64).to_bits(), (ms as f64 / 1000.0).to_bits(), "{ms} ms");
        }
    }
}
