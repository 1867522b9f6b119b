//! Quantiles of a histogram, and the share of observations between two values.

use super::buckets::Place;
use super::{Bucket, Histogram, HistogramRef};

/// A quantile, and what there is to say about it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct QuantileOutcome {
    /// The quantile.
    pub value: f64,
    /// Some observations are NaN, and the quantile lies among them: the value is NaN.
    pub nan_result: bool,
    /// Some observations are NaN; they count as larger than all others.
    pub nan_skew: bool,
}

/// A share of the observations, and what there is to say about it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FractionOutcome {
    /// The share, 0 to 1.
    pub value: f64,
    /// Some observations are NaN and lie in no interval.
    pub nan_observations: bool,
}

impl From<f64> for QuantileOutcome {
    fn from(value: f64) -> Self {
        QuantileOutcome { value, nan_result: false, nan_skew: false }
    }
}

impl From<f64> for FractionOutcome {
    fn from(value: f64) -> Self {
        FractionOutcome { value, nan_observations: false }
    }
}

impl Histogram {
    /// The value below which a share `q` of the observations lies, as `histogram_quantile()`
    /// estimates it: −Inf below 0, +Inf above 1, NaN without observations.
    ///
    /// ```
    /// use ferula::model::{Histogram, HistogramSpan};
    /// let h = Histogram {
    ///     count: 4.0,
    ///     positive_spans: vec![HistogramSpan { offset: 1, length: 2 }],
    ///     positive_buckets: vec![2.0, 2.0],
    ///     ..Histogram::default()
    /// };
    /// assert_eq!(h.quantile(0.5).value, 2.0);
    /// ```
    pub fn quantile(&self, q: f64) -> QuantileOutcome {
        self.view().quantile(q)
    }

    /// The share of the observations above `lower` and up to `upper`, as `histogram_fraction()`
    /// estimates it. NaN without observations and for NaN bounds, 0 for an empty interval.
    ///
    /// ```
    /// use ferula::model::{Histogram, HistogramSpan};
    /// let h = Histogram {
    ///     count: 4.0,
    ///     positive_spans: vec![HistogramSpan { offset: 1, length: 2 }],
    ///     positive_buckets: vec![1.0, 3.0],
    ///     ..Histogram::default()
    /// };
    /// assert_eq!(h.fraction(0.0, 2.0).value, 0.25);
    /// ```
    pub fn fraction(&self, lower: f64, upper: f64) -> FractionOutcome {
        self.view().fraction(lower, upper)
    }
}

impl HistogramRef<'_> {
    /// See [`Histogram::quantile`].
    pub fn quantile(&self, q: f64) -> QuantileOutcome {
        if q < 0.0 {
            return f64::NEG_INFINITY.into();
        }
        if q > 1.0 {
            return f64::INFINITY.into();
        }
        if self.count == 0.0 || q.is_nan() {
            return f64::NAN.into();
        }
        // From the nearer end, for precision. NaN observations are counted in no bucket, so that
        // only the rank from below is right for them.
        if self.sum.is_nan() || q < 0.5 {
            self.quantile_at(self.places(), q * self.count, true)
        } else {
            self.quantile_at(self.places().rev(), (1.0 - q) * self.count, false)
        }
    }

    fn quantile_at(&self, mut places: impl Iterator<Item = (Place, f64)>, mut rank: f64, ascending: bool) -> QuantileOutcome {
        let mut last = None;
        let mut seen = 0.0;
        for (place, count) in places.by_ref() {
            if count == 0.0 && self.loose {
                continue;
            }
            last = Some((place, count));
            seen += count;
            if seen >= rank && count != 0.0 {
                break;
            }
        }
        // Bounds take longer than counts: those of one bucket will do.
        let mut bucket = last.map_or(Bucket::default(), |(place, count)| self.bucket_at(place, count));
        let custom = self.has_custom_buckets();
        if !custom {
            if bucket.lower < 0.0 && bucket.upper > 0.0 {
                self.cut_at_zero(&mut bucket);
            }
        } else if bucket.lower == f64::NEG_INFINITY {
            if bucket.upper <= 0.0 {
                return bucket.upper.into();
            }
            bucket.lower = 0.0;
        } else if bucket.upper == f64::INFINITY {
            return bucket.lower.into();
        }
        if seen > self.count {
            seen = self.count;
        }
        if seen < rank {
            return match self.sum.is_nan() {
                true => QuantileOutcome { value: f64::NAN, nan_result: true, nan_skew: false },
                false => bucket.upper.into(),
            };
        }
        rank = if ascending { rank - (seen - bucket.count) } else { seen - rank };
        let nan_skew = self.sum.is_nan() && places.fold(seen, |total, (_, rest)| total + rest) < self.count;
        let share = rank / bucket.count;
        let linear = custom || (bucket.lower <= 0.0 && bucket.upper >= 0.0);
        let value = if linear { bucket.linear_value(share) } else { bucket.exponential_value(share) };
        QuantileOutcome { value, nan_result: false, nan_skew }
    }

    /// See [`Histogram::fraction`].
    pub fn fraction(&self, lower: f64, upper: f64) -> FractionOutcome {
        if self.count == 0.0 || lower.is_nan() || upper.is_nan() {
            return f64::NAN.into();
        }
        if lower >= upper {
            return 0.0.into();
        }
        let mut buckets = self.buckets();
        let mut ranks = [(lower, None), (upper, None)];
        let mut below = 0.0;
        for bucket in buckets.by_ref() {
            self.rank_in_bucket(bucket, below, &mut ranks);
            below += bucket.count;
            if ranks.iter().all(|(_, rank)| rank.is_some()) {
                break;
            }
        }
        let mut total = self.count;
        let mut nan_observations = false;
        if self.sum.is_nan() {
            total = buckets.fold(below, |total, rest| total + rest.count);
            nan_observations = total < self.count;
        }
        let [low, high] = ranks.map(|(_, rank)| match rank {
            Some(rank) if rank > total => total,
            rank => rank.unwrap_or(total),
        });
        FractionOutcome { value: (high - low) / self.count, nan_observations }
    }

    /// Sets the ranks of those values that lie below the end of a bucket: the number of
    /// observations up to them, `below` of which lie before the bucket.
    fn rank_in_bucket(&self, mut bucket: Bucket, below: f64, ranks: &mut [(f64, Option<f64>); 2]) {
        let mut linear = self.has_custom_buckets();
        if linear {
            if bucket.lower == f64::NEG_INFINITY && bucket.upper > 0.0 {
                bucket.lower = 0.0;
            }
        } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
            linear = true;
            self.cut_at_zero(&mut bucket);
        }
        for (value, rank) in ranks.iter_mut().filter(|(_, rank)| rank.is_none()) {
            if bucket.lower >= *value {
                *rank = Some(below);
            } else if *value < bucket.upper {
                *rank = Some(if bucket.lower == f64::NEG_INFINITY {
                    bucket.count
                } else if linear {
                    below + bucket.count * bucket.linear_share_below(*value)
                } else {
                    below + bucket.count * bucket.exponential_share_below(*value)
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Histogram;
    use crate::model::histogram::testing::{custom, histogram};

    fn both_sides() -> Histogram {
        histogram(1, [20.0, 30.0], (4.0, 0.25), (-1, &[2.0, 3.0, 5.0]), (0, &[4.0, 2.0]))
    }

    #[test]
    fn quantiles_of_exponential_buckets() {
        for (q, value) in [
            (0.0, -crate::model::histogram::exponential_bound(1, 1)),
            (0.1, -1.0),
            (0.3, -0.7071067811865475),
            (0.45, 0.125),
            (0.5, 0.5),
            (0.6, 0.7071067811865475),
            (0.9, 1.2311444133449163),
            (1.0, crate::model::histogram::exponential_bound(1, 1)),
            (-0.1, f64::NEG_INFINITY),
            (1.1, f64::INFINITY),
        ] {
            let outcome = both_sides().quantile(q);
            assert!((outcome.value - value).abs() < 1e-15 || outcome.value == value, "{q}: {outcome:?}");
            assert!(!outcome.nan_result && !outcome.nan_skew);
        }
        assert!(both_sides().quantile(f64::NAN).value.is_nan());
        assert!(Histogram::default().quantile(0.5).value.is_nan());
    }

    #[test]
    fn fractions_of_exponential_buckets() {
        for (lower, upper, value) in [
            (-1.0, 1.0, 0.65),
            (-0.1, 0.1, 0.08000000000000003),
            (0.3, 0.9, 0.20439907196648505),
            (f64::NEG_INFINITY, 0.0, 0.4),
            (1.2, f64::INFINITY, 0.11848279708310301),
            (1.0, 1.0, 0.0),
            (2.0, 1.0, 0.0),
        ] {
            assert_eq!(both_sides().fraction(lower, upper).value, value, "({lower}, {upper}]");
        }
        assert!(both_sides().fraction(f64::NAN, 1.0).value.is_nan());
    }

    #[test]
    fn custom_bounds() {
        let h = custom([20.0, 60.0], &[1.0, 4.0, 5.0, 6.0], &[1.0, 2.0, 3.0, 4.0, 10.0]);
        for (q, value) in [(0.0, 0.0), (0.1, 2.5), (0.5, 6.0), (0.8, 6.0), (1.0, 6.0)] {
            assert_eq!(h.quantile(q).value, value, "{q}");
        }
        let h = custom([15.0, 0.0], &[-10.0, 5.0, 7.0], &[6.0, 4.0, 5.0]);
        for (upper, value) in [
            (-12.0, 0.4),
            (-10.0, 0.4),
            (-5.0, 0.4888888888888889),
            (0.0, 0.5777777777777777),
            (2.0, 0.6133333333333333),
            (5.0, 0.6666666666666666),
        ] {
            assert_eq!(h.fraction(f64::NEG_INFINITY, upper).value, value, "{upper}");
        }
    }

    #[test]
    fn observations_that_are_no_numbers() {
        let h = histogram(0, [15.0, f64::NAN], (0.0, 0.0), (0, &[6.0, 4.0, 2.0]), (0, &[]));
        for (q, value) in [(0.1, 0.5946035575013605), (0.4, 1.0), (0.6, 1.6817928305074292), (0.75, 3.084421650815882)] {
            let outcome = h.quantile(q);
            assert_eq!(outcome.value, value, "{q}");
            assert!(outcome.nan_skew && !outcome.nan_result);
        }
        let outcome = h.quantile(0.9);
        assert!(outcome.value.is_nan() && outcome.nan_result && !outcome.nan_skew);
        let outcome = h.fraction(0.0, 2.0);
        assert_eq!((outcome.value, outcome.nan_observations), (10.0 / 15.0, true));
    }
}
