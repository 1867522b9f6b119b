//! Open blocks: the columns that samples are appended to.

use super::runs::{Hints, Layout, Row, Run, RunKind, empty_stale};
use crate::model::histogram::column::{BUCKETS, COUNT, ZERO};
use crate::model::{CounterResetHint, Histogram, Samples, is_stale};
use crate::source::TimeRange;
use std::sync::Arc;

/// Times and start timestamps.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// ms, strictly ascending.
    pub(super) time: Vec<i64>,
    /// Empty where none is known, else as long as `time`.
    pub(super) start: Vec<i64>,
}

impl Times {
    pub(super) fn insert(&mut self, at: usize, time: i64, start: i64) {
        let at = at.min(self.time.len());
        if start != 0 && self.start.is_empty() {
            self.start.resize(self.time.len(), 0);
        }
        if start != 0 || !self.start.is_empty() {
            self.start.insert(at, start);
        }
        self.time.insert(at, time);
    }

    pub(super) fn start_of(&self, i: usize) -> i64 {
        self.start.get(i).copied().unwrap_or(0)
    }

    fn split_off(&mut self, at: usize) -> Times {
        let start = if self.start.is_empty() { Vec::new() } else { self.start.split_off(at) };
        Times { time: self.time.split_off(at), start }
    }

    fn append(&mut self, mut other: Times) {
        if !self.start.is_empty() || !other.start.is_empty() {
            self.start.resize(self.time.len(), 0);
            other.start.resize(other.time.len(), 0);
            self.start.append(&mut other.start);
        }
        self.time.append(&mut other.time);
    }

    /// Which samples lie in the range.
    pub(super) fn within(&self, range: TimeRange) -> (usize, usize) {
        let from = self.time.partition_point(|t| *t < range.start);
        (from, self.time.partition_point(|t| *t <= range.end).max(from))
    }

    /// Appends the start timestamps `from..to` to `out`, which has them for none or for all of
    /// the `before` samples there.
    pub(super) fn read_starts(&self, from: usize, to: usize, before: usize, out: &mut Vec<i64>) {
        if !self.start.is_empty() || !out.is_empty() {
            out.resize(before, 0);
            out.extend((from..to).map(|i| self.start_of(i)));
        }
    }
}

/// Floats and stale markers.
#[derive(Clone, Debug, Default)]
pub(super) struct FloatColumns {
    pub(super) times: Times,
    pub(super) value: Vec<f64>,
}

impl FloatColumns {
    pub(super) fn with_room(samples: usize) -> Self {
        let time = Vec::with_capacity(samples);
        FloatColumns { times: Times { time, start: Vec::new() }, value: Vec::with_capacity(samples) }
    }

    pub(super) fn len(&self) -> usize {
        self.value.len()
    }

    pub(super) fn insert(&mut self, at: usize, time: i64, start: i64, value: f64) {
        let at = at.min(self.value.len());
        self.times.insert(at, time, start);
        self.value.insert(at, value);
    }

    pub(super) fn split_off(&mut self, at: usize) -> FloatColumns {
        let at = at.min(self.value.len());
        FloatColumns { times: self.times.split_off(at), value: self.value.split_off(at) }
    }

    pub(super) fn append(&mut self, mut later: FloatColumns) {
        self.times.append(later.times);
        self.value.append(&mut later.value);
    }
}

/// Histograms of one run, or of a part of it.
#[derive(Clone, Debug)]
pub(super) struct HistogramColumns {
    pub(super) times: Times,
    pub(super) kind: Arc<RunKind>,
    /// The run began in the block before.
    pub(super) continued: bool,
    pub(super) layout: Layout,
    pub(super) count: Vec<f64>,
    pub(super) zero_count: Vec<f64>,
    pub(super) sum: Vec<f64>,
    /// Row by row, as many to a row as the layout has buckets.
    pub(super) buckets: Vec<f64>,
}

impl HistogramColumns {
    pub(super) fn new(kind: Arc<RunKind>, continued: bool, layout: Layout) -> Self {
        HistogramColumns {
            times: Times::default(),
            kind,
            continued,
            layout,
            count: Vec::new(),
            zero_count: Vec::new(),
            sum: Vec::new(),
            buckets: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sum.len()
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        let numbers = self.count.capacity() + self.zero_count.capacity() + self.sum.capacity() + self.buckets.capacity();
        let times = self.times.time.capacity() + self.times.start.capacity();
        std::mem::size_of::<Self>() + (numbers + times) * 8 + self.layout.bytes()
    }

    pub(super) fn row(&self, i: usize) -> Option<Row<'_>> {
        let width = self.layout.len();
        Some(Row {
            time: *self.times.time.get(i)?,
            count: *self.count.get(i)?,
            zero_count: *self.zero_count.get(i)?,
            sum: *self.sum.get(i)?,
            buckets: self.buckets.get(i * width..(i + 1) * width)?,
        })
    }

    /// Appends a histogram that belongs to the run, whose buckets grow to hold it.
    pub(super) fn push(&mut self, time: i64, start: i64, h: &Histogram) {
        self.times.insert(self.times.time.len(), time, start);
        self.count.push(h.count);
        self.zero_count.push(h.zero_count);
        self.sum.push(h.sum);
        if is_stale(h.sum) {
            self.buckets.resize(self.buckets.len() + self.layout.len(), 0.0);
        } else if self.layout.is_of(h) {
            self.buckets.extend_from_slice(&h.positive_buckets);
            self.buckets.extend_from_slice(&h.negative_buckets);
            // Spans and buckets may disagree in a histogram that nobody has validated.
            self.buckets.resize(self.len() * self.layout.len(), 0.0);
        } else {
            self.push_other_buckets(h);
        }
    }

    /// Appends the buckets of the histogram whose other numbers were appended last.
    fn push_other_buckets(&mut self, h: &Histogram) {
        let own = Layout::of(h);
        if let Some(wider) = self.layout.union(&own) {
            self.widen(wider);
        }
        let from = self.buckets.len();
        self.buckets.resize(from + self.layout.len(), 0.0);
        let values = h.positive_buckets.iter().chain(&h.negative_buckets);
        for (place, value) in own.places(&self.layout).into_iter().zip(values) {
            if let Some(to) = self.buckets.get_mut(from + place as usize) {
                *to = *value;
            }
        }
    }

    fn widen(&mut self, wider: Layout) {
        let (old, new) = (self.layout.len(), wider.len());
        let places = self.layout.places(&wider);
        let rows = self.buckets.len().checked_div(old).unwrap_or(self.len().saturating_sub(1));
        let mut buckets = vec![0.0; new * rows];
        if old > 0 {
            for (from, to) in self.buckets.chunks_exact(old).zip(buckets.chunks_exact_mut(new)) {
                for (place, value) in places.iter().zip(from) {
                    to[*place as usize] = *value;
                }
            }
        }
        self.buckets = buckets;
        self.layout = wider;
    }

    /// Histogram `i` as it was appended, but for hints that were recomputed and empty buckets
    /// that were added.
    pub(super) fn histogram(&self, i: usize) -> Option<Histogram> {
        let hint = match (self.kind.gauge, self.kind.explicit_reset && i == 0 && !self.continued) {
            (true, _) => CounterResetHint::Gauge,
            (_, true) => CounterResetHint::Reset,
            _ => CounterResetHint::Unknown,
        };
        Some(self.kind.histogram(&self.layout, self.row(i)?, hint))
    }

    /// Appends the histograms in the range to `out`, with the buckets of the run; which they are.
    pub(super) fn read(&self, range: TimeRange, run: &Run, stats: bool, out: &mut Samples) -> (usize, usize) {
        let before = out.len();
        let (from, to) = self.times.within(range);
        let (from, to) = (from.min(self.len()), to.min(self.len()));
        out.time.extend_from_slice(&self.times.time[from..to]);
        out.value.extend_from_slice(&self.sum[from..to]);
        let hints = Hints { gauge: self.kind.gauge, begins: from == 0 && !self.continued };
        let places = if stats { None } else { run.places(&self.layout) };
        let rows = run.append(hints, before, out);
        for (i, numbers) in (from..to).zip(rows.chunks_exact_mut(run.width())) {
            let Some(row) = self.row(i) else { break };
            numbers[COUNT] = row.count;
            if stats {
                continue;
            }
            numbers[ZERO] = row.zero_count;
            match &places {
                None => numbers[BUCKETS..].copy_from_slice(row.buckets),
                Some(places) => places.iter().zip(row.buckets).for_each(|(place, value)| numbers[BUCKETS + *place as usize] = *value),
            }
        }
        empty_stale(to - from, out);
        (from, to)
    }

    /// Whether the last is stale.
    pub(super) fn ends_stale(&self) -> bool {
        self.sum.last().is_some_and(|sum| is_stale(*sum))
    }
}

impl RunKind {
    /// One histogram of the run; a stale one is otherwise empty.
    pub(super) fn histogram(&self, layout: &Layout, row: Row<'_>, counter_reset_hint: CounterResetHint) -> Histogram {
        if is_stale(row.sum) {
            return Histogram { sum: row.sum, ..Histogram::default() };
        }
        let (positive, negative) = row.buckets.split_at(layout.positive_len().min(row.buckets.len()));
        Histogram {
            counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: row.zero_count,
            count: row.count,
            sum: row.sum,
            positive_spans: layout.positive.clone(),
            negative_spans: layout.negative.clone(),
            positive_buckets: positive.to_vec(),
            negative_buckets: negative.to_vec(),
            custom_values: self.custom_values.clone(),
        }
    }
}
