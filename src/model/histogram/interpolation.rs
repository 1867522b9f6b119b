//! Where in a bucket a value lies: evenly spread in linear buckets, evenly spread by logarithm
//! in exponential ones.

use super::{Bucket, HistogramRef};
use crate::model::float::{exp2, log2};

impl HistogramRef<'_> {
    /// A bucket across zero, cut at zero where the histogram has no buckets on one side: there
    /// can be no observations on the side without.
    pub(super) fn cut_at_zero(&self, bucket: &mut Bucket) {
        let none = |buckets: &[f64]| buckets.is_empty() || self.loose && buckets.iter().all(|count| *count == 0.0);
        match (none(self.negative_buckets), none(self.positive_buckets)) {
            (true, false) => bucket.lower = 0.0,
            (false, true) => bucket.upper = 0.0,
            _ => {}
        }
    }
}

impl Bucket {
    /// The share of the bucket's width that lies below `value`.
    pub(super) fn linear_share_below(&self, value: f64) -> f64 {
        (value - self.lower) / (self.upper - self.lower)
    }

    /// The share below `value` of a bucket that does not touch zero, by logarithms.
    pub(super) fn exponential_share_below(&self, value: f64) -> f64 {
        let (lower, upper, value_log) = (log2(self.lower.abs()), log2(self.upper.abs()), log2(value.abs()));
        if value > 0.0 { (value_log - lower) / (upper - lower) } else { 1.0 - (value_log - upper) / (lower - upper) }
    }

    /// The value below which a share of the bucket's width lies.
    pub(super) fn linear_value(&self, share: f64) -> f64 {
        self.lower + (self.upper - self.lower) * share
    }

    /// The value below which a share of a bucket lies that does not touch zero, by logarithms.
    pub(super) fn exponential_value(&self, share: f64) -> f64 {
        let (lower, upper) = (log2(self.lower.abs()), log2(self.upper.abs()));
        if self.lower > 0.0 { exp2(lower + (upper - lower) * share) } else { -exp2(upper + (lower - upper) * (1.0 - share)) }
    }
}
