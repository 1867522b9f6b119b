//! Many histograms as contiguous numbers over shared layouts.
//!
//! Histograms of a series mostly have the same buckets, sample after sample. Their layout is kept
//! once, and each of them is a stretch of numbers, so that most arithmetic is arithmetic of slices.

use super::layout::is_canonical;
use super::view::{HistogramRef, size};
use super::{CounterResetHint, Histogram, HistogramSpan};
use std::sync::Arc;

/// Where a histogram's count is among its numbers.
pub(crate) const COUNT: usize = 0;
/// Where its sum is.
pub(crate) const SUM: usize = 1;
/// Where the count of its zero bucket is.
pub(crate) const ZERO: usize = 2;
/// Where the buckets begin, positive ones first.
pub(crate) const BUCKETS: usize = 3;

/// What histograms have in common: all but hint and numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct HistogramLayout {
    pub(crate) schema: i32,
    pub(crate) zero_threshold: f64,
    pub(crate) positive_spans: Vec<HistogramSpan>,
    pub(crate) negative_spans: Vec<HistogramSpan>,
    pub(crate) custom_values: Vec<f64>,
    /// Number of buckets on each side: what the spans say, unless the histogram is damaged.
    pub(crate) positive: usize,
    pub(crate) negative: usize,
    /// What [`Histogram::size`] is.
    pub(crate) size: usize,
    /// No span is without buckets, none touches the one before, and no bucket lies in the zero
    /// bucket: sums and differences of two such histograms are those of their numbers.
    pub(crate) plain: bool,
}

impl HistogramLayout {
    pub(crate) fn of(h: &Histogram) -> HistogramLayout {
        HistogramLayout {
            schema: h.schema,
            zero_threshold: h.zero_threshold,
            positive_spans: h.positive_spans.clone(),
            negative_spans: h.negative_spans.clone(),
            custom_values: h.custom_values.clone(),
            positive: h.positive_buckets.len(),
            negative: h.negative_buckets.len(),
            ..HistogramLayout::default()
        }
        .measured()
    }

    /// The layout with all that follows from its parts.
    pub(crate) fn measured(mut self) -> HistogramLayout {
        let (spans, buckets) = (self.positive_spans.len() + self.negative_spans.len(), self.positive + self.negative);
        self.size = size(spans, buckets + self.custom_values.len());
        let zeros = vec![0.0; self.width()];
        let empty = self.view(CounterResetHint::Unknown, &zeros, false).to_histogram();
        let in_zero = empty.leading_in_zero(&empty);
        let complete = |spans: &[HistogramSpan], buckets: usize| {
            is_canonical(spans) && spans.iter().map(|s| s.length as usize).sum::<usize>() == buckets
        };
        self.plain = in_zero == [0, 0]
            && !self.zero_threshold.is_nan()
            && self.custom_values.iter().all(|bound| bound.is_finite())
            && complete(&self.positive_spans, self.positive)
            && complete(&self.negative_spans, self.negative);
        self
    }

    /// How many numbers a histogram has.
    pub(crate) fn width(&self) -> usize {
        BUCKETS + self.positive + self.negative
    }

    pub(crate) fn has_custom_buckets(&self) -> bool {
        self.schema == super::CUSTOM_BUCKETS_SCHEMA
    }

    /// Whether the buckets of both have the same bounds, and so does the zero bucket.
    pub(crate) fn same_bounds(&self, other: &HistogramLayout) -> bool {
        self.schema == other.schema
            && self.zero_threshold.to_bits() == other.zero_threshold.to_bits()
            && same_bits(&self.custom_values, &other.custom_values)
    }

    /// Whether the spans of both are the same.
    pub(crate) fn same_buckets(&self, other: &HistogramLayout) -> bool {
        (self.positive, self.negative) == (other.positive, other.negative)
            && self.positive_spans == other.positive_spans
            && self.negative_spans == other.negative_spans
    }

    fn same_as(&self, other: &HistogramLayout) -> bool {
        self.same_bounds(other) && self.same_buckets(other)
    }

    /// The layout of these bounds with the buckets of both; `None` if this has them all already.
    pub(crate) fn union(&self, other: &HistogramLayout) -> Option<HistogramLayout> {
        let positive = union(&self.positive_spans, &other.positive_spans);
        let negative = union(&self.negative_spans, &other.negative_spans);
        if positive.is_none() && negative.is_none() {
            return None;
        }
        let count = |spans: &[HistogramSpan]| spans.iter().map(|s| s.length as usize).sum();
        let positive_spans = positive.unwrap_or_else(|| self.positive_spans.clone());
        let negative_spans = negative.unwrap_or_else(|| self.negative_spans.clone());
        let (positive, negative) = (count(&positive_spans), count(&negative_spans));
        Some(HistogramLayout { positive_spans, negative_spans, positive, negative, ..self.clone() }.measured())
    }

    /// For each number of this layout its place in one that has all its buckets.
    pub(crate) fn places(&self, wider: &HistogramLayout) -> Vec<u32> {
        let mut out: Vec<u32> = (0..BUCKETS as u32).collect();
        places(&self.positive_spans, &wider.positive_spans, BUCKETS, &mut out);
        places(&self.negative_spans, &wider.negative_spans, BUCKETS + wider.positive, &mut out);
        out
    }

    /// Whether histograms of this layout have nothing but count and sum.
    fn is_stats(&self, schema: i32) -> bool {
        self.schema == schema
            && self.zero_threshold.to_bits() == 0
            && (self.positive, self.negative) == (0, 0)
            && self.positive_spans.is_empty()
            && self.negative_spans.is_empty()
            && self.custom_values.is_empty()
    }

    fn fits(&self, h: &Histogram) -> bool {
        self.schema == h.schema
            && self.zero_threshold.to_bits() == h.zero_threshold.to_bits()
            && same_bits(&self.custom_values, &h.custom_values)
            && (self.positive, self.negative) == (h.positive_buckets.len(), h.negative_buckets.len())
            && self.positive_spans == h.positive_spans
            && self.negative_spans == h.negative_spans
    }

    /// A histogram of this layout.
    pub(crate) fn view<'a>(&'a self, counter_reset_hint: CounterResetHint, numbers: &'a [f64], loose: bool) -> HistogramRef<'a> {
        let number = |i: usize| numbers.get(i).copied().unwrap_or(0.0);
        let buckets = numbers.get(BUCKETS..).unwrap_or_default();
        let (positive_buckets, negative_buckets) = buckets.split_at(self.positive.min(buckets.len()));
        HistogramRef {
            counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: number(ZERO),
            count: number(COUNT),
            sum: number(SUM),
            positive_spans: &self.positive_spans,
            negative_spans: &self.negative_spans,
            positive_buckets,
            negative_buckets,
            custom_values: &self.custom_values,
            loose,
        }
    }
}

/// The bucket indices that spans list.
pub(crate) fn indices(spans: &[HistogramSpan]) -> impl Iterator<Item = i64> + '_ {
    let mut next = 0i64;
    spans.iter().flat_map(move |s| {
        let from = next.saturating_add(i64::from(s.offset));
        next = from.saturating_add(i64::from(s.length));
        from..next
    })
}

/// The buckets of both, or `None` if the first has all of the second's.
pub(crate) fn union(a: &[HistogramSpan], b: &[HistogramSpan]) -> Option<Vec<HistogramSpan>> {
    if a == b {
        return None;
    }
    let mut all: Vec<i64> = indices(a).collect();
    let before = all.len();
    all.extend(indices(b));
    all.sort_unstable();
    all.dedup();
    if all.len() == before {
        return None;
    }
    let mut spans: Vec<HistogramSpan> = Vec::new();
    let mut next = 0i64;
    for index in all {
        match spans.last_mut() {
            Some(span) if next == index => span.length += 1,
            // Validation keeps indices, and with them gaps of one side, within 32 bits.
            _ => spans.push(HistogramSpan { offset: i32::try_from(index - next).unwrap_or(i32::MAX), length: 1 }),
        }
        next = index + 1;
    }
    Some(spans)
}

/// Appends for each bucket its place among those of the wider spans, counted from `base`.
pub(crate) fn places(narrow: &[HistogramSpan], wide: &[HistogramSpan], base: usize, out: &mut Vec<u32>) {
    let mut wide = indices(wide).enumerate();
    for index in indices(narrow) {
        if let Some((place, _)) = wide.by_ref().find(|(_, i)| *i == index) {
            out.push((base + place) as u32);
        }
    }
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// A histogram of a column.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Where its numbers begin.
    at: usize,
    layout: u32,
    hint: CounterResetHint,
    /// Its empty buckets are there for the layout's sake alone.
    loose: bool,
}

/// Histograms one after the other, as numbers over few layouts.
#[derive(Clone, Debug, Default)]
pub struct HistogramColumn {
    layouts: Vec<Arc<HistogramLayout>>,
    /// The layout that was asked for last.
    recent: usize,
    entries: Vec<Entry>,
    numbers: Vec<f64>,
}

/// So many of the newest layouts are looked through for one that is wanted again.
const LAYOUTS_TRIED: usize = 8;

impl HistogramColumn {
    /// None yet, with room for some that have `width` numbers.
    pub(crate) fn with_capacity(count: usize, width: usize) -> HistogramColumn {
        HistogramColumn {
            entries: Vec::with_capacity(count),
            numbers: Vec::with_capacity(count.saturating_mul(width)),
            ..HistogramColumn::default()
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.layouts.clear();
        self.entries.clear();
        self.numbers.clear();
    }

    /// One of them.
    #[inline]
    pub fn get(&self, i: usize) -> Option<HistogramRef<'_>> {
        let entry = self.entries.get(i)?;
        Some(self.layouts[entry.layout as usize].view(entry.hint, self.numbers(i), entry.loose))
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = HistogramRef<'_>> {
        self.entries.iter().enumerate().map(|(i, entry)| self.layouts[entry.layout as usize].view(entry.hint, self.numbers(i), entry.loose))
    }

    /// Appends one.
    pub fn push(&mut self, h: &Histogram) {
        let layout = self.find(|layout| layout.fits(h)).unwrap_or_else(|| self.add_layout(Arc::new(HistogramLayout::of(h))));
        self.entries.push(Entry { at: self.numbers.len(), layout, hint: h.counter_reset_hint, loose: false });
        self.numbers.extend([h.count, h.sum, h.zero_count]);
        self.numbers.extend_from_slice(&h.positive_buckets);
        self.numbers.extend_from_slice(&h.negative_buckets);
    }

    /// Appends a copy of one of another column, with a hint of its own.
    pub(crate) fn push_from(&mut self, other: &HistogramColumn, i: usize, hint: CounterResetHint) {
        let layout = self.layout_id(other.layout(i));
        self.entries.push(Entry { at: self.numbers.len(), layout, hint, loose: other.entries[i].loose });
        self.numbers.extend_from_slice(other.numbers(i));
    }

    /// Appends a copy of one, with a hint of its own; gives its numbers. Custom bounds have no zero
    /// bucket: what a division by zero left in its place is not copied.
    pub(crate) fn push_copy(&mut self, i: usize, hint: CounterResetHint) -> &mut [f64] {
        let (entry, at) = (self.entries[i], self.numbers.len());
        let width = self.layouts[entry.layout as usize].width();
        self.entries.push(Entry { at, hint, ..entry });
        self.numbers.extend_from_within(entry.at..entry.at + width);
        if self.layouts[entry.layout as usize].has_custom_buckets() {
            self.numbers[at + ZERO] = 0.0;
        }
        &mut self.numbers[at..]
    }

    /// Appends schema, count and sum of one of another column, with a hint of its own.
    pub(crate) fn push_stats(&mut self, other: &HistogramColumn, i: usize, hint: CounterResetHint) {
        let schema = other.layout(i).schema;
        let layout = self.find(|layout| layout.is_stats(schema)).unwrap_or_else(|| {
            let stats = HistogramLayout { schema, ..HistogramLayout::default() };
            self.add_layout(Arc::new(stats.measured()))
        });
        self.entries.push(Entry { at: self.numbers.len(), layout, hint, loose: false });
        let numbers = other.numbers(i);
        self.numbers.extend([numbers[COUNT], numbers[SUM], 0.0]);
    }

    /// Appends one of a layout of this column; gives its numbers to be set.
    pub(crate) fn push_numbers(&mut self, layout: u32, hint: CounterResetHint) -> &mut [f64] {
        let at = self.numbers.len();
        self.entries.push(Entry { at, layout, hint, loose: false });
        self.numbers.resize(at + self.layouts[layout as usize].width(), 0.0);
        &mut self.numbers[at..]
    }

    /// Says of the last one whether it is without its empty buckets.
    pub(crate) fn set_loose(&mut self, loose: bool) {
        if let Some(entry) = self.entries.last_mut() {
            entry.loose = loose;
        }
    }

    /// Removes the last one.
    pub(crate) fn pop(&mut self) {
        if let Some(entry) = self.entries.pop() {
            self.numbers.truncate(entry.at);
        }
    }

    /// Appends some of a layout, whose numbers are all zero as yet; gives the numbers of all.
    pub(crate) fn push_many(&mut self, layout: u32, hints: impl ExactSizeIterator<Item = CounterResetHint>) -> &mut [f64] {
        let width = self.layouts[layout as usize].width();
        let at = self.numbers.len();
        self.numbers.resize(at + width * hints.len(), 0.0);
        self.entries.extend(hints.enumerate().map(|(i, hint)| Entry { at: at + i * width, layout, hint, loose: false }));
        &mut self.numbers[at..]
    }

    /// The number of a layout in this column, which from here on has it.
    pub(crate) fn layout_id(&mut self, layout: &Arc<HistogramLayout>) -> u32 {
        if let Some(recent) = self.layouts.get(self.recent)
            && Arc::ptr_eq(recent, layout)
        {
            return self.recent as u32;
        }
        self.find(|known| Arc::ptr_eq(known, layout) || known.same_as(layout)).unwrap_or_else(|| self.add_layout(layout.clone()))
    }

    fn find(&mut self, same: impl Fn(&Arc<HistogramLayout>) -> bool) -> Option<u32> {
        let tried = std::iter::once(self.recent).chain((0..self.layouts.len()).rev().take(LAYOUTS_TRIED));
        self.recent = tried.into_iter().find(|i| self.layouts.get(*i).is_some_and(&same))?;
        Some(self.recent as u32)
    }

    fn add_layout(&mut self, layout: Arc<HistogramLayout>) -> u32 {
        self.recent = self.layouts.len();
        self.layouts.push(layout);
        self.recent as u32
    }

    #[inline]
    pub(crate) fn layout(&self, i: usize) -> &Arc<HistogramLayout> {
        &self.layouts[self.entries[i].layout as usize]
    }

    /// Count, sum, zero bucket, buckets.
    #[inline]
    pub(crate) fn numbers(&self, i: usize) -> &[f64] {
        let entry = &self.entries[i];
        &self.numbers[entry.at..entry.at + self.layouts[entry.layout as usize].width()]
    }

    #[inline]
    pub(crate) fn hint(&self, i: usize) -> CounterResetHint {
        self.entries[i].hint
    }

    /// Whether one is without its empty buckets.
    #[inline]
    pub(crate) fn is_loose(&self, i: usize) -> bool {
        self.entries[i].loose
    }

    /// Whether two have the very same layout.
    #[inline]
    pub(crate) fn same_layout(&self, i: usize, j: usize) -> bool {
        self.entries[i].layout == self.entries[j].layout
    }

    /// Gives one another layout of this column, no wider than its own; the numbers are cut off.
    pub(crate) fn replace_layout(&mut self, i: usize, layout: u32, hint: CounterResetHint) -> &mut [f64] {
        let entry = &mut self.entries[i];
        (entry.layout, entry.hint) = (layout, hint);
        let at = entry.at;
        &mut self.numbers[at..at + self.layouts[layout as usize].width()]
    }

    /// What [`HistogramRef::size`] is.
    #[inline]
    pub(crate) fn size(&self, i: usize) -> usize {
        let entry = &self.entries[i];
        if entry.loose { self.get(i).map_or(0, |h| h.size()) } else { self.layouts[entry.layout as usize].size }
    }

    /// Whether none has anything but count and sum.
    pub(crate) fn is_stats(&self) -> bool {
        self.layouts.iter().all(|layout| layout.is_stats(layout.schema)) && (0..self.len()).all(|i| self.numbers(i)[ZERO].to_bits() == 0)
    }

    /// Removes those that `keep` is false for.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let mut i = 0;
        self.entries.retain(|_| {
            i += 1;
            keep(i - 1)
        });
    }
}

/// The same histograms in the same order.
impl PartialEq for HistogramColumn {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}
