//! Variance of the observations, as far as buckets tell it.

use super::{Histogram, HistogramRef};
use crate::model::float::kahan_inc;

impl Histogram {
    /// The population variance, as `histogram_stdvar()` estimates it: every observation is taken
    /// for the middle of its bucket, the geometric one in exponential buckets.
    pub fn stdvar(&self) -> f64 {
        self.view().stdvar()
    }

    /// The population standard deviation, the root of [`Histogram::stdvar`].
    pub fn stddev(&self) -> f64 {
        self.stdvar().sqrt()
    }
}

impl HistogramRef<'_> {
    /// See [`Histogram::stdvar`].
    pub fn stdvar(&self) -> f64 {
        let mean = self.sum / self.count;
        let (mut variance, mut lost) = (0.0, 0.0);
        for bucket in self.buckets().filter(|bucket| bucket.count != 0.0) {
            let middle = if self.has_custom_buckets() {
                (bucket.upper + bucket.lower) / 2.0
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                0.0
            } else {
                (bucket.upper * bucket.lower).sqrt().copysign(bucket.upper)
            };
            let distance = middle - mean;
            (variance, lost) = kahan_inc(bucket.count * distance * distance, variance, lost);
        }
        (variance + lost) / self.count
    }
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::testing::{custom, histogram};

    #[test]
    fn middles_of_buckets() {
        let h = custom([4.0, 8.0], &[2.0, 4.0], &[0.0, 4.0]);
        assert_eq!(h.stdvar(), 1.0);
        let h = histogram(0, [2.0, 0.0], (0.0, 0.0), (0, &[1.0]), (0, &[1.0]));
        assert!((h.stddev() - 0.5f64.sqrt()).abs() < 1e-15);
        let h = histogram(0, [2.0, 6.0], (2.0, 0.1), (0, &[]), (0, &[]));
        assert_eq!(h.stdvar(), 9.0);
    }
}
