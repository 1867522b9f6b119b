//! Buckets with their bounds, in either direction.

use super::layout::indexed;
use super::{Histogram, HistogramRef, HistogramSpan, exponential_bound};

/// A bucket with its bounds.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bucket {
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// Whether the lower bound belongs to the bucket.
    pub lower_inclusive: bool,
    /// Whether the upper bound belongs to the bucket.
    pub upper_inclusive: bool,
    /// The observations in it.
    pub count: f64,
}

/// Where a bucket is among those of its side.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Negative(usize),
    Zero,
    Positive(usize),
}

/// The buckets that spans have an index for.
fn with_spans<'a>(spans: &[HistogramSpan], buckets: &'a [f64]) -> &'a [f64] {
    let indexes = spans.iter().map(|span| span.length as usize).fold(0, usize::saturating_add);
    &buckets[..buckets.len().min(indexes)]
}

/// The index of bucket `i` of a side.
fn index_at(spans: &[HistogramSpan], mut i: usize) -> i64 {
    let mut next = 0i64;
    for span in spans {
        next = next.saturating_add(i64::from(span.offset));
        match i.checked_sub(span.length as usize) {
            None => break,
            Some(rest) => i = rest,
        }
        next = next.saturating_add(i64::from(span.length));
    }
    next.saturating_add(i as i64)
}

impl Histogram {
    /// The upper bound of a positive bucket, by schema.
    pub(super) fn upper_bound(&self, index: i64) -> f64 {
        self.view().upper_bound(index)
    }

    /// The buckets of the positive side, from zero outwards, empty ones included.
    pub fn positive(&self) -> impl DoubleEndedIterator<Item = Bucket> {
        self.view().positive()
    }

    /// The buckets of the negative side, from zero outwards, empty ones included.
    pub fn negative(&self) -> impl DoubleEndedIterator<Item = Bucket> {
        self.view().negative()
    }

    /// The zero bucket `[-t, t]`, whatever its count.
    pub fn zero_bucket(&self) -> Bucket {
        self.view().zero_bucket()
    }

    /// All buckets from the lowest to the highest, empty ones included, the zero bucket only if
    /// it has a positive count. Buckets that reach into the zero bucket begin at its edge.
    ///
    /// ```
    /// use ferula::model::{Histogram, HistogramSpan};
    /// let h = Histogram {
    ///     zero_count: 1.0,
    ///     zero_threshold: 0.75,
    ///     positive_spans: vec![HistogramSpan { offset: 0, length: 2 }],
    ///     positive_buckets: vec![2.0, 3.0],
    ///     ..Histogram::default()
    /// };
    /// let bounds: Vec<_> = h.buckets().map(|b| (b.lower, b.upper)).collect();
    /// assert_eq!(bounds, [(-0.75, 0.75), (0.75, 1.0), (1.0, 2.0)]);
    /// ```
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> {
        self.view().buckets()
    }
}

impl<'a> HistogramRef<'a> {
    /// The upper bound of a positive bucket, by schema.
    pub(super) fn upper_bound(&self, index: i64) -> f64 {
        if !self.has_custom_buckets() {
            exponential_bound(index, self.schema)
        } else if index < 0 {
            f64::NEG_INFINITY
        } else {
            usize::try_from(index).ok().and_then(|i| self.custom_values.get(i)).copied().unwrap_or(f64::INFINITY)
        }
    }

    /// See [`Histogram::positive`].
    pub fn positive(self) -> impl DoubleEndedIterator<Item = Bucket> + use<'a> {
        self.populated(indexed(self.positive_spans, self.positive_buckets)).map(move |(index, count)| self.positive_bucket(index, count))
    }

    /// See [`Histogram::negative`].
    pub fn negative(self) -> impl DoubleEndedIterator<Item = Bucket> + use<'a> {
        self.populated(indexed(self.negative_spans, self.negative_buckets)).map(move |(index, count)| self.negative_bucket(index, count))
    }

    /// Leaves out the empty buckets that are not the histogram's own.
    pub(super) fn populated(self, buckets: impl DoubleEndedIterator<Item = (i64, f64)>) -> impl DoubleEndedIterator<Item = (i64, f64)> {
        buckets.filter(move |(_, count)| !self.loose || *count != 0.0)
    }

    pub(super) fn positive_bucket(&self, index: i64, count: f64) -> Bucket {
        let custom = self.has_custom_buckets();
        let (lower, upper) = (self.upper_bound(index.saturating_sub(1)), self.upper_bound(index));
        let lower_inclusive = if custom { index == 0 } else { lower < 0.0 };
        Bucket { lower, upper, lower_inclusive, upper_inclusive: custom || upper > 0.0, count }
    }

    pub(super) fn negative_bucket(&self, index: i64, count: f64) -> Bucket {
        let lower = -exponential_bound(index, self.schema);
        let upper = -exponential_bound(index.saturating_sub(1), self.schema);
        Bucket { lower, upper, lower_inclusive: lower < 0.0, upper_inclusive: upper > 0.0, count }
    }

    /// The places of all buckets from the lowest to the highest, as [`Histogram::buckets`] lists
    /// them, with their counts.
    pub(super) fn places(&self) -> impl DoubleEndedIterator<Item = (Place, f64)> + use<'a> {
        let zero = (self.zero_count > 0.0).then_some((Place::Zero, self.zero_count));
        let negative = with_spans(self.negative_spans, self.negative_buckets).iter().enumerate().rev();
        let positive = with_spans(self.positive_spans, self.positive_buckets).iter().enumerate();
        let negative = negative.map(|(i, count)| (Place::Negative(i), *count));
        negative.chain(zero).chain(positive.map(|(i, count)| (Place::Positive(i), *count)))
    }

    /// The bucket at a place.
    pub(super) fn bucket_at(&self, place: Place, count: f64) -> Bucket {
        match place {
            Place::Zero => self.zero_bucket(),
            Place::Negative(i) => self.clipped(self.negative_bucket(index_at(self.negative_spans, i), count)),
            Place::Positive(i) => self.clipped(self.positive_bucket(index_at(self.positive_spans, i), count)),
        }
    }

    /// See [`Histogram::zero_bucket`].
    pub fn zero_bucket(&self) -> Bucket {
        let (lower, upper) = (-self.zero_threshold, self.zero_threshold);
        Bucket { lower, upper, lower_inclusive: true, upper_inclusive: true, count: self.zero_count }
    }

    /// A bucket that reaches into the zero bucket begins at its edge.
    pub(super) fn clipped(&self, mut bucket: Bucket) -> Bucket {
        let threshold = self.zero_threshold;
        if bucket.upper < 0.0 && bucket.upper > -threshold {
            bucket.upper = -threshold;
        }
        if bucket.lower > 0.0 && bucket.lower < threshold {
            bucket.lower = threshold;
        }
        bucket
    }

    /// See [`Histogram::buckets`].
    pub fn buckets(self) -> impl DoubleEndedIterator<Item = Bucket> + use<'a> {
        let clip = move |bucket| self.clipped(bucket);
        let zero = (self.zero_count > 0.0).then(|| self.zero_bucket());
        self.negative().rev().map(clip).chain(zero).chain(self.positive().map(clip))
    }
}
