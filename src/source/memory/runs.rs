//! Runs: how far histograms of a series share their buckets and their reset hints.
//!
//! Prometheus stores consecutive histograms in chunks, which shows in what it reads back. A run
//! here is what a chunk is there: histograms of one resolution among which no counter was reset,
//! all of them with the union of their buckets.

use crate::model::histogram::column::{COUNT, HistogramLayout, SUM, ZERO, indices, places, union};
use crate::model::{CounterResetHint, Histogram, HistogramSpan, Samples, is_stale};
use std::sync::Arc;

/// No run crosses a multiple of this many ms.
const RUN_LENGTH: i64 = 24 * 3_600_000;

/// What all histograms of a run have in common, but for the buckets.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct RunKind {
    pub(super) schema: i32,
    pub(super) zero_threshold: f64,
    pub(super) custom_values: Vec<f64>,
    pub(super) gauge: bool,
    /// The run began because its first histogram said so.
    pub(super) explicit_reset: bool,
}

impl RunKind {
    pub(super) fn of(h: &Histogram) -> Self {
        RunKind {
            schema: h.schema,
            zero_threshold: h.zero_threshold,
            custom_values: h.custom_values.clone(),
            gauge: h.counter_reset_hint == CounterResetHint::Gauge,
            explicit_reset: h.counter_reset_hint == CounterResetHint::Reset,
        }
    }

    /// Whether the samples of a run may have this resolution and these bounds.
    pub(super) fn fits(&self, h: &Histogram) -> bool {
        self.schema == h.schema
            && self.zero_threshold == h.zero_threshold
            && self.custom_values.len() == h.custom_values.len()
            && self.custom_values.iter().zip(&h.custom_values).all(|(a, b)| a.to_bits() == b.to_bits())
    }
}

/// The buckets of both sides, as spans.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Layout {
    pub(super) positive: Vec<HistogramSpan>,
    pub(super) negative: Vec<HistogramSpan>,
}

impl Layout {
    pub(super) fn of(h: &Histogram) -> Self {
        Layout { positive: h.positive_spans.clone(), negative: h.negative_spans.clone() }
    }

    /// Whether these are the buckets of a histogram.
    pub(super) fn is_of(&self, h: &Histogram) -> bool {
        self.positive == h.positive_spans && self.negative == h.negative_spans
    }

    /// Buckets of the positive side.
    pub(super) fn positive_len(&self) -> usize {
        self.positive.iter().map(|s| s.length as usize).sum()
    }

    /// Buckets of both sides: the width of a row.
    pub(super) fn len(&self) -> usize {
        self.positive_len() + self.negative.iter().map(|s| s.length as usize).sum::<usize>()
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        (self.positive.capacity() + self.negative.capacity()) * std::mem::size_of::<HistogramSpan>()
    }

    /// The buckets of both; `None` if this has them all already.
    pub(super) fn union(&self, other: &Layout) -> Option<Layout> {
        let positive = union(&self.positive, &other.positive);
        let negative = union(&self.negative, &other.negative);
        if positive.is_none() && negative.is_none() {
            return None;
        }
        Some(Layout {
            positive: positive.unwrap_or_else(|| self.positive.clone()),
            negative: negative.unwrap_or_else(|| self.negative.clone()),
        })
    }

    /// For each bucket of this layout its place in the wider one.
    pub(super) fn places(&self, wider: &Layout) -> Vec<u32> {
        let mut out = Vec::with_capacity(self.len());
        places(&self.positive, &wider.positive, 0, &mut out);
        places(&self.negative, &wider.negative, wider.positive_len(), &mut out);
        out
    }
}

/// A run as it is read: its histograms have the buckets of all its blocks.
#[derive(Debug)]
pub(super) struct Run {
    layout: Layout,
    whole: Arc<HistogramLayout>,
}

impl Run {
    pub(super) fn new(kind: &RunKind, layout: Layout) -> Run {
        let whole = HistogramLayout {
            schema: kind.schema,
            zero_threshold: kind.zero_threshold,
            positive_spans: layout.positive.clone(),
            negative_spans: layout.negative.clone(),
            custom_values: kind.custom_values.clone(),
            positive: layout.positive_len(),
            negative: layout.len() - layout.positive_len(),
            ..HistogramLayout::default()
        };
        Run { layout, whole: Arc::new(whole.measured()) }
    }

    /// The same run where only count and sum are looked at.
    pub(super) fn stats(kind: &RunKind) -> Run {
        let whole = HistogramLayout { schema: kind.schema, ..HistogramLayout::default() };
        Run { layout: Layout::default(), whole: Arc::new(whole.measured()) }
    }

    pub(super) fn schema(&self) -> i32 {
        self.whole.schema
    }

    /// How many numbers a histogram has.
    pub(super) fn width(&self) -> usize {
        self.whole.width()
    }

    /// For each bucket of a block its place among those of the run; `None` if it is the same.
    pub(super) fn places(&self, block: &Layout) -> Option<Vec<u32>> {
        (self.layout != *block).then(|| block.places(&self.layout))
    }

    /// Makes histograms of the last samples of `out`, from `before` on, which have times and
    /// sums already. Gives their numbers, row by row, in which only the sums are set.
    pub(super) fn append<'a>(&self, hints: Hints, before: usize, out: &'a mut Samples) -> &'a mut [f64] {
        let layout = out.histogram.layout_id(&self.whole);
        out.histogram_at.extend(before as u32..out.time.len() as u32);
        let sums = &out.value[before..];
        let hints = (0..sums.len()).map(|i| match hints {
            Hints { gauge: true, .. } => CounterResetHint::Gauge,
            Hints { begins: true, .. } if i == 0 => CounterResetHint::Unknown,
            _ => CounterResetHint::NotReset,
        });
        let numbers = out.histogram.push_many(layout, hints);
        for (row, sum) in numbers.chunks_exact_mut(self.width()).zip(sums) {
            row[SUM] = *sum;
        }
        numbers
    }
}

/// What the samples of a block say about resets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hints {
    pub(super) gauge: bool,
    /// The first of them is the first of its run.
    pub(super) begins: bool,
}

/// Empties the stale ones of the last `rows` histograms.
pub(super) fn empty_stale(rows: usize, out: &mut Samples) {
    let Some(first) = out.histogram.len().checked_sub(rows) else { return };
    let stale: Vec<usize> = (first..out.histogram.len()).filter(|i| is_stale(out.histogram.numbers(*i)[SUM])).collect();
    if stale.is_empty() {
        return;
    }
    let empty = out.histogram.layout_id(&Arc::new(HistogramLayout::default().measured()));
    for i in stale {
        let numbers = out.histogram.replace_layout(i, empty, CounterResetHint::Unknown);
        (numbers[COUNT], numbers[ZERO]) = (0.0, 0.0);
    }
}

/// One histogram of a run without what the run holds for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) time: i64,
    pub(super) count: f64,
    pub(super) zero_count: f64,
    pub(super) sum: f64,
    /// Positive, then negative buckets.
    pub(super) buckets: &'a [f64],
}

/// Whether `next` belongs to the run whose last histogram is `last`.
///
/// A stale marker may end any run of counters, and nothing follows it but others.
pub(super) fn continues(kind: &RunKind, layout: &Layout, last: Row<'_>, next_time: i64, next: &Histogram) -> bool {
    if last.time.div_euclid(RUN_LENGTH) != next_time.div_euclid(RUN_LENGTH) {
        return false;
    }
    let gauge = next.counter_reset_hint == CounterResetHint::Gauge;
    if kind.gauge != gauge || next.counter_reset_hint == CounterResetHint::Reset {
        return false;
    }
    if is_stale(next.sum) {
        return true;
    }
    if is_stale(last.sum) || !kind.fits(next) {
        return false;
    }
    gauge || !dropped(layout, last, next)
}

/// Whether a histogram would make the union of a run's buckets far larger than its own.
///
/// Prometheus ends a run by its size in bytes. That shows in nothing but the hint `unknown` of
/// the sample after, and is not followed; but gauges that never have a bucket in common must not
/// fill the memory with zeros.
pub(super) fn sprawls(layout: &Layout, next: &Histogram) -> bool {
    const PLENTY: usize = 1024;
    let own = next.positive_buckets.len() + next.negative_buckets.len();
    let unlike = layout.positive != next.positive_spans || layout.negative != next.negative_spans;
    unlike && layout.len() > PLENTY.max(own.saturating_mul(4))
}

/// Whether a count became less: a counter was reset.
fn dropped(layout: &Layout, last: Row<'_>, next: &Histogram) -> bool {
    if next.count < last.count || next.zero_count < last.zero_count {
        return true;
    }
    let (positive, negative) = last.buckets.split_at(layout.positive_len().min(last.buckets.len()));
    side_dropped(&layout.positive, positive, &next.positive_spans, &next.positive_buckets)
        || side_dropped(&layout.negative, negative, &next.negative_spans, &next.negative_buckets)
}

fn side_dropped(old_spans: &[HistogramSpan], old: &[f64], new_spans: &[HistogramSpan], new: &[f64]) -> bool {
    if old_spans == new_spans {
        return old.iter().zip(new).any(|(old, new)| new < old);
    }
    let mut new = indices(new_spans).zip(new).peekable();
    for (index, old) in indices(old_spans).zip(old) {
        while new.next_if(|(i, _)| *i < index).is_some() {}
        match new.next_if(|(i, _)| *i == index) {
            Some((_, new)) if new < old => return true,
            Some(_) => {}
            None if *old != 0.0 => return true,
            None => {}
        }
    }
    false
}
