//! Buckets with their bounds, in either direction.

use super::layout::indexed;
use super::{Histogram, exponential_bound};

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

impl Histogram {
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

    /// The buckets of the positive side, from zero outwards, empty ones included.
    pub fn positive(&self) -> impl DoubleEndedIterator<Item = Bucket> {
        let custom = self.has_custom_buckets();
        indexed(&self.positive_spans, &self.positive_buckets).map(move |(index, count)| {
            let (lower, upper) = (self.upper_bound(index.saturating_sub(1)), self.upper_bound(index));
            let lower_inclusive = if custom { index == 0 } else { lower < 0.0 };
            Bucket { lower, upper, lower_inclusive, upper_inclusive: custom || upper > 0.0, count }
        })
    }

    /// The buckets of the negative side, from zero outwards, empty ones included.
    pub fn negative(&self) -> impl DoubleEndedIterator<Item = Bucket> {
        indexed(&self.negative_spans, &self.negative_buckets).map(move |(index, count)| {
            let lower = -exponential_bound(index, self.schema);
            let upper = -exponential_bound(index.saturating_sub(1), self.schema);
            Bucket { lower, upper, lower_inclusive: lower < 0.0, upper_inclusive: upper > 0.0, count }
        })
    }

    /// The zero bucket `[-t, t]`, whatever its count.
    pub fn zero_bucket(&self) -> Bucket {
        let (lower, upper) = (-self.zero_threshold, self.zero_threshold);
        Bucket { lower, upper, lower_inclusive: true, upper_inclusive: true, count: self.zero_count }
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
        let threshold = self.zero_threshold;
        let clip = move |mut bucket: Bucket| {
            if bucket.upper < 0.0 && bucket.upper > -threshold {
                bucket.upper = -threshold;
            }
            if bucket.lower > 0.0 && bucket.lower < threshold {
                bucket.lower = threshold;
            }
            bucket
        };
        let zero = (self.zero_count > 0.0).then(|| self.zero_bucket());
        self.negative().rev().map(clip).chain(zero).chain(self.positive().map(clip))
    }
}
