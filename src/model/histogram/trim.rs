//! Keeping the observations on one side of a value (`</` and `>/`).

use super::{Bucket, Histogram};

/// Which observations are kept.
#[derive(Clone, Copy)]
enum Keep {
    Below(f64),
    Above(f64),
}

/// How the observations lie in a bucket.
#[derive(Clone, Copy, PartialEq)]
enum Spread {
    Linear,
    Exponential,
}

impl Histogram {
    /// Keeps the observations below `bound` (`h </ bound`). A bucket around the bound keeps what
    /// lies below it by interpolation; count and sum are estimated anew if anything was cut off.
    ///
    /// ```
    /// use ferula::model::{Histogram, HistogramSpan};
    /// let mut h = Histogram {
    ///     count: 5.0,
    ///     positive_spans: vec![HistogramSpan { offset: 1, length: 2 }],
    ///     positive_buckets: vec![2.0, 3.0],
    ///     ..Histogram::default()
    /// };
    /// h.trim_upper(2.0);
    /// assert_eq!(h.to_test_expression(false).unwrap(), "{{count:2 sum:2.8284271247461903 offset:1 buckets:[2]}}");
    /// ```
    pub fn trim_upper(&mut self, bound: f64) {
        self.trim(Keep::Below(bound));
    }

    /// Keeps the observations above `bound` (`h >/ bound`); otherwise like
    /// [`Histogram::trim_upper`].
    pub fn trim_lower(&mut self, bound: f64) {
        self.trim(Keep::Above(bound));
    }

    fn trim(&mut self, keep: Keep) {
        let spread = if self.has_custom_buckets() { Spread::Linear } else { Spread::Exponential };
        let (mut count, mut sum, mut trimmed) = (0.0, 0.0, false);
        let mut keep_part = |kept: f64, middle: f64, of: f64| {
            count += kept;
            sum += middle * kept;
            // NaN counts as trimmed.
            trimmed |= kept != of;
            kept
        };
        let mut keep_side = |buckets: &mut dyn Iterator<Item = Bucket>| -> Vec<f64> {
            let kept = buckets.map(|bucket| {
                if bucket.count == 0.0 {
                    return bucket.count;
                }
                let (kept, middle) = keep.part_of(bucket, spread);
                keep_part(kept, middle, bucket.count)
            });
            kept.collect()
        };
        let positive = keep_side(&mut self.positive());
        let negative = keep_side(&mut self.negative());
        let mut zero_count = self.zero_count;
        if zero_count > 0.0 {
            let mut bucket = self.zero_bucket();
            // Other than for quantiles, a side with empty buckets alone counts as absent.
            let populated = |buckets: &[f64]| buckets.iter().any(|count| *count != 0.0);
            match (populated(&self.negative_buckets), populated(&self.positive_buckets)) {
                (true, false) => bucket.upper = 0.0,
                (false, true) => bucket.lower = 0.0,
                _ => {}
            }
            let (kept, middle) = keep.part_of_zero(bucket);
            zero_count = keep_part(kept, middle, bucket.count);
        }
        if trimmed {
            (self.count, self.sum, self.zero_count) = (count, sum, zero_count);
            (self.positive_buckets, self.negative_buckets) = (positive, negative);
            self.compact(0);
        }
    }
}

impl Keep {
    /// How much of a bucket is kept, and the middle of it.
    fn part_of(self, bucket: Bucket, spread: Spread) -> (f64, f64) {
        let Bucket { lower, upper, count, .. } = bucket;
        let middle = |lower: f64, upper: f64| middle(lower, upper, spread);
        match self {
            Keep::Below(bound) if upper <= bound => (count, middle(lower, upper)),
            Keep::Above(bound) if lower >= bound => (count, middle(lower, upper)),
            Keep::Below(bound) if lower < bound => match () {
                () if lower == f64::NEG_INFINITY => below_in_first(bound, upper, count),
                () if upper == f64::INFINITY => (0.0, 0.0),
                () => (bucket.count_below(bound, spread), middle(lower, bound)),
            },
            Keep::Above(bound) if upper > bound => match () {
                () if lower == f64::NEG_INFINITY => above_in_first(bound, upper, count),
                () if upper == f64::INFINITY => (count, bound),
                () => (count - bucket.count_below(bound, spread), middle(bound, upper)),
            },
            _ => (0.0, 0.0),
        }
    }

    /// The same for the zero bucket, which is linear. A bound that is no number lies inside.
    fn part_of_zero(self, bucket: Bucket) -> (f64, f64) {
        let Bucket { lower, upper, count, .. } = bucket;
        let (Keep::Below(bound) | Keep::Above(bound)) = self;
        // A zero bucket of no width lies above a bound of zero.
        let (above, below) = (bound <= lower, bound >= upper);
        match self {
            Keep::Above(_) if above => (count, (lower + upper) / 2.0),
            Keep::Below(_) if above => (0.0, 0.0),
            Keep::Below(_) if below => (count, (lower + upper) / 2.0),
            Keep::Above(_) if below => (0.0, 0.0),
            Keep::Below(bound) => (count * bucket.linear_share_below(bound), (lower + bound) / 2.0),
            Keep::Above(bound) => (count * ((upper - bound) / (upper - lower)), (bound + upper) / 2.0),
        }
    }
}

impl Bucket {
    fn count_below(&self, bound: f64, spread: Spread) -> f64 {
        self.count
            * match spread {
                Spread::Linear => self.linear_share_below(bound),
                Spread::Exponential => self.exponential_share_below(bound),
            }
    }
}

/// What lies below `bound` in a bucket that begins at −Inf. Observations are taken to begin at
/// zero if the bucket ends above it, and to lie anywhere else.
fn below_in_first(bound: f64, upper: f64, count: f64) -> (f64, f64) {
    if upper <= 0.0 {
        (count, bound)
    } else if bound > 0.0 && upper < f64::INFINITY {
        (count * bound / upper, bound / 2.0)
    } else {
        (0.0, 0.0)
    }
}

/// What lies above `bound` in a bucket that begins at −Inf.
fn above_in_first(bound: f64, upper: f64, count: f64) -> (f64, f64) {
    if bound >= 0.0 && upper < f64::INFINITY { (count * (1.0 - bound / upper), (bound + upper) / 2.0) } else { (0.0, 0.0) }
}

/// The value that stands for the observations between two bounds.
fn middle(lower: f64, upper: f64, spread: Spread) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) if upper > 0.0 => upper / 2.0,
        (true, false) => upper,
        (false, true) => lower,
        _ if spread == Spread::Linear => (lower + upper) / 2.0,
        _ => (lower * upper).abs().sqrt().copysign(lower),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Histogram;
    use crate::model::histogram::testing::{custom, histogram, script};

    fn both_sides() -> Histogram {
        histogram(1, [20.0, 30.0], (4.0, 0.25), (-1, &[2.0, 3.0, 5.0]), (0, &[4.0, 2.0]))
    }

    fn below(h: &Histogram, bound: f64) -> String {
        let mut h = h.clone();
        h.trim_upper(bound);
        script(&h)
    }

    fn above(h: &Histogram, bound: f64) -> String {
        let mut h = h.clone();
        h.trim_lower(bound);
        script(&h)
    }

    #[test]
    fn both_sides_of_exponential_buckets() {
        let q = both_sides();
        assert_eq!(below(&q, 0.3), "{{schema:1 count:10 sum:-5.7419998910203 z_bucket:4 z_bucket_w:0.25 n_buckets:[4 2]}}");
        assert_eq!(above(&q, 0.3), "{{schema:1 count:10 sum:9.65793193577747 z_bucket_w:0.25 offset:-1 buckets:[2 3 5]}}");
        assert_eq!(
            below(&q, -0.2),
            "{{schema:1 count:6.4 sum:-5.8319998910203 z_bucket:0.3999999999999999 z_bucket_w:0.25 n_buckets:[4 2]}}"
        );
        assert_eq!(above(&q, -0.2), "{{schema:1 count:13.6 sum:9.74793193577747 z_bucket:3.6 z_bucket_w:0.25 offset:-1 buckets:[2 3 5]}}");
        assert_eq!(above(&q, 1.5), "{{schema:1 z_bucket_w:0.25}}");
        let thirds = histogram(1, [0.0, 4.0], (5.0, 3.0), (-5, &[0.5]), (2, &[4.0]));
        assert_eq!(
            above(&thirds, 1.0),
            "{{schema:1 count:1.6666666666666665 sum:3.333333333333333 z_bucket:1.6666666666666665 z_bucket_w:3}}"
        );
        let nothing = "{{schema:1 count:NaN sum:NaN z_bucket:NaN z_bucket_w:0.25}}";
        assert_eq!([below(&q, f64::NAN), above(&q, f64::NAN)], [nothing, nothing]);
    }

    #[test]
    fn edges_of_the_zero_bucket() {
        let point = histogram(0, [4.0, 0.0], (3.0, 0.0), (2, &[1.0]), (0, &[]));
        assert_eq!(below(&point, 0.0), "{{}}");
        assert_eq!(above(&point, 0.0), script(&point));
        let empty = histogram(0, [8.0, 8.0], (1.0, 0.5), (0, &[0.0, 0.0]), (0, &[]));
        assert_eq!(above(&empty, 0.0), "{{count:0.5 sum:0.125 z_bucket:0.5 z_bucket_w:0.5}}");
        let negative = histogram(0, [6.0, -7.0], (4.0, 1.0), (2, &[0.0]), (2, &[2.0]));
        assert_eq!(above(&negative, -0.5), "{{count:2 sum:-0.5 z_bucket:2 z_bucket_w:1}}");
    }

    #[test]
    fn nothing_cut_off_changes_nothing() {
        let q = both_sides();
        for same in [below(&q, 1.5), below(&q, f64::INFINITY), above(&q, f64::NEG_INFINITY), above(&q, -2.0)] {
            assert_eq!(same, script(&q));
        }
    }

    #[test]
    fn open_ends_of_custom_bounds() {
        let h = custom([10.0, 50.0], &[4.0, 8.0], &[2.0, 3.0, 5.0]);
        assert_eq!(below(&h, 1.0), "{{schema:-53 count:0.5 sum:0.25 custom_values:[4 8] buckets:[0.5]}}");
        assert_eq!(above(&h, 1.0), "{{schema:-53 count:9.5 sum:61.75 custom_values:[4 8] buckets:[1.5 3 5]}}");
        assert_eq!(below(&h, 10.0), "{{schema:-53 count:5 sum:22 custom_values:[4 8] buckets:[2 3]}}");
        assert_eq!(above(&h, 10.0), "{{schema:-53 count:5 sum:50 custom_values:[4 8] offset:2 buckets:[5]}}");
    }
}
