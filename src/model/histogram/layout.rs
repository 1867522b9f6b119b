//! Buckets by index: reading spans, and building them anew.
//!
//! Indexes are 64 bits wide here, so that sums of offsets cannot overflow. Where spans and
//! buckets disagree on the number of buckets, what both have counts.

use super::HistogramSpan;

/// The buckets of one side with their indexes, from the lowest index or from the highest.
#[derive(Clone)]
pub(super) struct Indexed<'a> {
    spans: &'a [HistogramSpan],
    buckets: &'a [f64],
    /// Next bucket from the front: its span, how many of that span are gone, its index.
    front: Cursor,
    /// One past the next bucket from the back.
    back: Cursor,
}

#[derive(Clone, Copy, Default)]
struct Cursor {
    span: usize,
    used: u32,
    index: i64,
}

/// The buckets of one side with their indexes.
pub(super) fn indexed<'a>(spans: &'a [HistogramSpan], buckets: &'a [f64]) -> Indexed<'a> {
    let front = Cursor { span: 0, used: 0, index: spans.first().map_or(0, |s| i64::from(s.offset)) };
    let mut back = front;
    let mut left = buckets.len();
    for (i, span) in spans.iter().enumerate() {
        if i > 0 {
            back = Cursor { span: i, used: 0, index: back.index.saturating_add(i64::from(span.offset)) };
        }
        let taken = u32::try_from(left).unwrap_or(u32::MAX).min(span.length);
        left -= taken as usize;
        back.used = taken;
        back.index = back.index.saturating_add(i64::from(taken));
        if left == 0 {
            break;
        }
    }
    Indexed { spans, buckets: &buckets[..buckets.len() - left], front, back }
}

impl<'a> Indexed<'a> {
    /// The same with whether each bucket begins a span.
    pub(super) fn with_span_starts(mut self) -> impl Iterator<Item = (i64, f64, bool)> + use<'a> {
        std::iter::from_fn(move || {
            let span = self.front.span;
            let fresh = self.front.used == 0;
            self.next().map(|(index, count)| (index, count, fresh || self.front.span != span))
        })
    }
}

impl Iterator for Indexed<'_> {
    type Item = (i64, f64);

    fn next(&mut self) -> Option<Self::Item> {
        let (count, rest) = self.buckets.split_first()?;
        while self.spans.get(self.front.span).is_some_and(|span| self.front.used >= span.length) {
            let span = self.front.span + 1;
            let offset = self.spans.get(span).map_or(0, |s| i64::from(s.offset));
            self.front = Cursor { span, used: 0, index: self.front.index.saturating_add(offset) };
        }
        let index = self.front.index;
        self.front.used += 1;
        self.front.index = index.saturating_add(1);
        self.buckets = rest;
        Some((index, *count))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.buckets.len(), Some(self.buckets.len()))
    }
}

impl DoubleEndedIterator for Indexed<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let (count, rest) = self.buckets.split_last()?;
        while self.back.used == 0 && self.back.span > 0 {
            let offset = self.spans.get(self.back.span).map_or(0, |s| i64::from(s.offset));
            let span = self.back.span - 1;
            let used = self.spans.get(span).map_or(0, |s| s.length);
            self.back = Cursor { span, used, index: self.back.index.saturating_sub(offset) };
        }
        self.back.used = self.back.used.saturating_sub(1);
        self.back.index = self.back.index.saturating_sub(1);
        self.buckets = rest;
        Some((self.back.index, *count))
    }
}

/// Spans and values under construction. A value is a count, or a count with its compensation.
pub(super) struct Layout<V> {
    pub(super) spans: Vec<HistogramSpan>,
    pub(super) values: Vec<V>,
    end: i64,
}

impl<V: Copy> Layout<V> {
    /// Nothing yet, with room for some buckets.
    pub(super) fn with_capacity(buckets: usize) -> Self {
        Layout { spans: Vec::new(), values: Vec::with_capacity(buckets), end: 0 }
    }

    /// Appends a bucket, to the last span if it touches that. Indexes ascend.
    pub(super) fn push(&mut self, index: i64, value: V) {
        self.push_at(index, value, !self.touches(index));
    }

    /// Whether a bucket of this index touches the last span.
    fn touches(&self, index: i64) -> bool {
        index == self.end && !self.spans.is_empty()
    }

    fn push_at(&mut self, index: i64, value: V, starts_span: bool) {
        match self.spans.last_mut() {
            Some(last) if !starts_span && index == self.end && last.length < u32::MAX => last.length += 1,
            _ => self.start_span(index),
        }
        self.values.push(value);
        self.end = index.saturating_add(1);
    }

    /// A gap wider than an offset can be is bridged by spans without buckets.
    fn start_span(&mut self, index: i64) {
        let mut gap = index.saturating_sub(self.end);
        while let Err(_too_wide) = i32::try_from(gap) {
            let offset = if gap > 0 { i32::MAX } else { i32::MIN };
            self.spans.push(HistogramSpan { offset, length: 0 });
            gap -= i64::from(offset);
            // Only damaged spans reach so far; what they say about indexes is lost anyway.
            if self.spans.len() > self.values.len() + 4 {
                gap = 0;
            }
        }
        self.spans.push(HistogramSpan { offset: i32::try_from(gap).unwrap_or(0), length: 1 });
    }

    /// The two parts.
    pub(super) fn into_parts(self) -> (Vec<HistogramSpan>, Vec<V>) {
        (self.spans, self.values)
    }
}

impl<V: Copy> FromIterator<(i64, V)> for Layout<V> {
    fn from_iter<I: IntoIterator<Item = (i64, V)>>(buckets: I) -> Self {
        let buckets = buckets.into_iter();
        let mut layout = Layout::with_capacity(buckets.size_hint().0);
        for (index, value) in buckets {
            layout.push(index, value);
        }
        layout
    }
}

/// The index at a schema lower by `levels` of the bucket that takes in bucket `index`.
pub(super) fn reduced_index(index: i64, levels: u32) -> i64 {
    (index.saturating_sub(1) >> levels.min(63)) + 1
}

/// Lowers the resolution by `levels` schemas. Buckets that fall together are put together with
/// `combine`, in order; empty ones are kept.
pub(super) fn reduce<V: Copy>(buckets: impl Iterator<Item = (i64, V)>, levels: u32, combine: impl Fn(V, V) -> V) -> Layout<V> {
    let mut layout = Layout::with_capacity(buckets.size_hint().0);
    let mut last = None;
    for (index, value) in buckets {
        let index = reduced_index(index, levels);
        match (last == Some(index), layout.values.last_mut()) {
            (true, Some(sum)) => *sum = combine(*sum, value),
            _ => layout.push(index, value),
        }
        last = Some(index);
    }
    layout
}

/// Merges two sides of the same resolution: `both` where both have a bucket, `inserted` where
/// only the right one has. The left side says which of its buckets begin a span.
///
/// Spans of the left side stay apart, even where an inserted bucket closes the gap between them:
/// it goes to the span before it, else to the one after it, else makes a new one. Equality of
/// histograms sees this.
pub(super) fn merge<V: Copy>(
    left: impl Iterator<Item = (i64, V, bool)>,
    right: impl Iterator<Item = (i64, V)>,
    both: impl Fn(V, V) -> V,
    inserted: impl Fn(V) -> V,
) -> Layout<V> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    let mut layout = Layout::with_capacity(left.size_hint().0.max(right.size_hint().0));
    let mut span_is_open = false;
    loop {
        match (left.peek().copied(), right.peek().copied()) {
            (Some((l, a, starts)), right_head) if right_head.is_none_or(|(r, _)| l <= r) => {
                left.next();
                let same = right.next_if(|(r, _)| l == *r);
                layout.push_at(l, same.map_or(a, |(_, b)| both(a, b)), starts && !span_is_open);
                span_is_open = false;
            }
            (left_head, Some((r, b))) => {
                right.next();
                let touches = layout.touches(r);
                span_is_open = !touches && left_head.is_some_and(|(l, _, starts)| starts && l == r.saturating_add(1));
                layout.push_at(r, inserted(b), !touches);
            }
            _ => return layout,
        }
    }
}

/// Whether two span lists name the same buckets with the same spans, spans without buckets aside.
pub(super) fn same_spans(a: &[HistogramSpan], b: &[HistogramSpan]) -> bool {
    if a == b {
        return true;
    }
    // The offset of a span without buckets goes over to the span after it.
    let populated = |spans: &[HistogramSpan]| {
        let mut carried = 0i64;
        let mut kept = Vec::with_capacity(spans.len());
        for span in spans {
            carried = carried.saturating_add(i64::from(span.offset));
            if span.length > 0 {
                kept.push((carried, span.length));
                carried = 0;
            }
        }
        kept
    };
    populated(a) == populated(b)
}

/// Whether spans have no span without buckets and none that touches the one before.
pub(super) fn is_canonical(spans: &[HistogramSpan]) -> bool {
    spans.iter().enumerate().all(|(i, span)| span.length > 0 && (i == 0 || span.offset != 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(list: &[(i32, u32)]) -> Vec<HistogramSpan> {
        list.iter().map(|(offset, length)| HistogramSpan { offset: *offset, length: *length }).collect()
    }

    #[test]
    fn indexes_from_both_ends() {
        let spans = spans(&[(-2, 2), (0, 0), (3, 1), (0, 1)]);
        let buckets = [1.0, 2.0, 3.0, 4.0];
        let all = [(-2, 1.0), (-1, 2.0), (3, 3.0), (4, 4.0)];
        assert_eq!(indexed(&spans, &buckets).collect::<Vec<_>>(), all);
        let mut backwards: Vec<_> = indexed(&spans, &buckets).rev().collect();
        backwards.reverse();
        assert_eq!(backwards, all);
    }

    #[test]
    fn damaged_spans_yield_what_both_sides_have() {
        let huge = spans(&[(i32::MAX, u32::MAX), (i32::MAX, u32::MAX)]);
        assert_eq!(indexed(&huge, &[1.0, 2.0]).rev().count(), 2);
        assert_eq!(indexed(&[], &[1.0]).count(), 0);
        assert_eq!(indexed(&spans(&[(0, 1)]), &[1.0, 2.0, 3.0]).rev().collect::<Vec<_>>(), [(0, 1.0)]);
    }

    #[test]
    fn gaps_wider_than_an_offset() {
        let (far, near) = (i64::from(i32::MAX), i64::from(i32::MIN) + 1);
        let layout: Layout<f64> = [(near, 1.0), (far, 2.0)].into_iter().collect();
        assert_eq!(indexed(&layout.spans, &layout.values).collect::<Vec<_>>(), [(near, 1.0), (far, 2.0)]);
    }

    #[test]
    fn reduction_of_negative_indexes() {
        assert_eq!([-4, -3, -1, 0, 1, 2, 5].map(|i| reduced_index(i, 2)), [-1, 0, 0, 0, 1, 1, 2]);
    }

    #[test]
    fn merged_spans_stay_apart() {
        let left = spans(&[(3, 1), (2, 1)]);
        let merged = |inserted: &[i64]| {
            let right = inserted.iter().map(|index| (*index, 1.0));
            let layout = merge(indexed(&left, &[1.0, 1.0]).with_span_starts(), right, |a, b| a + b, |b| b);
            layout.spans.iter().map(|s| (s.offset, s.length)).collect::<Vec<_>>()
        };
        assert_eq!(merged(&[2]), [(2, 2), (2, 1)]);
        assert_eq!(merged(&[1, 2]), [(1, 2), (0, 1), (2, 1)]);
        assert_eq!(merged(&[3, 5]), [(3, 1), (1, 2)]);
        assert_eq!(merged(&[4, 5]), [(3, 3), (0, 1)]);
        assert_eq!(merged(&[0, 8]), [(0, 1), (2, 1), (2, 1), (1, 1)]);
    }

    #[test]
    fn spans_without_buckets_do_not_count() {
        assert!(same_spans(&spans(&[(1, 2), (3, 0), (2, 1)]), &spans(&[(0, 0), (1, 2), (5, 1), (9, 0)])));
        assert!(!same_spans(&spans(&[(0, 2), (0, 1)]), &spans(&[(0, 3)])));
    }

    proptest! {
        #[test]
        fn what_is_built_is_read_back(gaps in prop::collection::vec((0i64..4, -9.0..9.0f64), 0..40), start in -50i64..50) {
            let mut index = start;
            let buckets: Vec<(i64, f64)> = gaps.into_iter().map(|(gap, v)| { index += gap + 1; (index, v) }).collect();
            let layout: Layout<f64> = buckets.iter().copied().collect();
            prop_assert!(is_canonical(&layout.spans));
            prop_assert_eq!(indexed(&layout.spans, &layout.values).collect::<Vec<_>>(), buckets.clone());
            let mut backwards: Vec<_> = indexed(&layout.spans, &layout.values).rev().collect();
            backwards.reverse();
            prop_assert_eq!(backwards, buckets);
        }

        #[test]
        fn both_ends_meet(lengths in prop::collection::vec((-3i32..4, 0u32..4), 0..8), buckets in 0usize..12, ends in prop::collection::vec(any::<bool>(), 12)) {
            let spans = spans(&lengths);
            let buckets: Vec<f64> = (0..buckets).map(|i| i as f64).collect();
            let all: Vec<_> = indexed(&spans, &buckets).collect();
            let mut iter = indexed(&spans, &buckets);
            let (mut front, mut back) = (vec![], vec![]);
            for end in ends {
                if end { front.extend(iter.next()) } else { back.extend(iter.next_back()) }
            }
            back.reverse();
            front.extend(back);
            prop_assert_eq!(front, all);
        }
    }
}
