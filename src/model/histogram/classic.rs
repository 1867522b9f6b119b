//! Classic histograms as native ones with custom buckets.

use super::{CUSTOM_BUCKETS_SCHEMA, Histogram, HistogramSpan, InvalidHistogram};
use crate::model::number::format_g;
use ordered_float::OrderedFloat;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// Where integers of 64 bits end: floats from here on are none.
const INTEGERS: f64 = 9_223_372_036_854_775_808.0;

/// How many empty buckets in a row a histogram of whole numbers keeps.
const KEPT_EMPTY: usize = 2;

/// What the series of one classic histogram say at one time, collected part by part.
#[derive(Clone, Default, Debug)]
pub(crate) struct Classic {
    /// Cumulative counts by upper bound.
    buckets: BTreeMap<OrderedFloat<f64>, f64>,
    count: Option<f64>,
    sum: Option<f64>,
    /// The first contradiction.
    error: Option<ClassicError>,
}

/// Why the parts of a classic histogram make no histogram. `Display` gives the reference's words.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub(crate) enum ClassicError {
    #[error("count must be non-negative: count={}", format_g(*.0))]
    NegativeCount(f64),
    #[error("bucket count must be non-negative: le={}, count={}", format_g(*.bound), format_g(*.count))]
    NegativeBucket { bound: f64, count: f64 },
    #[error("count must be provided when no buckets are present")]
    NoCount,
    #[error("count mismatch: count={} != le=+Inf count={}", format_g(*.count), format_g(*.highest))]
    Mismatch { count: f64, highest: f64 },
    #[error("count is not cumulative: {} < {}", format_g(*.count), format_g(*.below))]
    LessThanBelow { count: f64, below: f64 },
    #[error("count is not cumulative: {} > {}", format_g(*.count), format_g(*.above))]
    MoreThanAbove { count: f64, above: f64 },
    #[error("bucket boundary must not be NaN")]
    NoBound,
    #[error("invalid {kind}histogram: {error}")]
    Invalid { kind: &'static str, error: InvalidHistogram },
}

impl Classic {
    /// Adds the number of observations up to a bound. Of equal bounds the first stays.
    pub(crate) fn add_bucket(&mut self, bound: f64, count: f64) {
        if let Err(error) = self.try_bucket(bound, count) {
            self.error.get_or_insert(error);
        }
    }
    fn try_bucket(&mut self, bound: f64, count: f64) -> Result<(), ClassicError> {
        if bound.is_nan() {
            return Err(ClassicError::NoBound);
        }
        if count < 0.0 {
            return Err(ClassicError::NegativeBucket { bound, count });
        }
        let bound = OrderedFloat(bound);
        if self.buckets.contains_key(&bound) {
            return Ok(());
        }
        // Compared when it comes, not at the end: the error says what came in vain.
        if let Some((_, below)) = self.buckets.range(..bound).next_back().filter(|(_, below)| count < **below) {
            return Err(ClassicError::LessThanBelow { count, below: *below });
        }
        if let Some((_, above)) = self.buckets.range((Excluded(bound), Unbounded)).next().filter(|(_, above)| count > **above) {
            return Err(ClassicError::MoreThanAbove { count, above: *above });
        }
        self.buckets.insert(bound, count);
        Ok(())
    }
    /// Sets the number of all observations.
    pub(crate) fn set_count(&mut self, count: f64) {
        if count < 0.0 {
            self.error.get_or_insert(ClassicError::NegativeCount(count));
        }
        self.count = Some(count);
    }
    /// Sets the sum of all observations.
    pub(crate) fn set_sum(&mut self, sum: f64) {
        self.sum = Some(sum);
    }

    /// The histogram. As in the reference, one of whole numbers keeps up to two empty buckets in
    /// a row where `keep_empty` holds; else only populated buckets are left.
    ///
    /// # Errors
    /// The counts contradict each other.
    pub(crate) fn histogram(mut self, keep_empty: bool) -> Result<Histogram, ClassicError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let highest = self.buckets.last_key_value().map(|(bound, count)| (bound.0, *count));
        let count = self.count.or(highest.map(|h| h.1)).ok_or(ClassicError::NoCount)?;
        match highest {
            Some((f64::INFINITY, highest)) if highest == count => {}
            Some((f64::INFINITY, highest)) => return Err(ClassicError::Mismatch { count, highest }),
            _ if count.is_nan() => return Err(ClassicError::Mismatch { count, highest: count }),
            _ => drop(self.buckets.insert(OrderedFloat(f64::INFINITY), count)),
        }
        let mut h = Histogram { schema: CUSTOM_BUCKETS_SCHEMA, count, sum: self.sum.unwrap_or(0.0), ..Histogram::default() };
        let mut whole = true;
        let mut below = 0.0;
        for (OrderedFloat(bound), count) in self.buckets {
            if bound != f64::INFINITY {
                h.custom_values.push(bound);
            }
            whole &= count.fract() == 0.0 && count < INTEGERS;
            h.positive_buckets.push(count - below);
            below = count;
        }
        let length = u32::try_from(h.positive_buckets.len()).unwrap_or(u32::MAX);
        h.positive_spans.push(HistogramSpan { offset: 0, length });
        h.compact(if keep_empty && whole { KEPT_EMPTY } else { 0 });
        h.validate().map_err(|error| ClassicError::Invalid { kind: if whole { "" } else { "float " }, error })?;
        Ok(h)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::testing::script;

    fn classic(buckets: &[(f64, f64)], count: Option<f64>) -> Classic {
        let mut parts = Classic::default();
        buckets.iter().for_each(|(bound, count)| parts.add_bucket(*bound, *count));
        count.into_iter().for_each(|count| parts.set_count(count));
        parts
    }

    #[test]
    fn short_gaps_stay_among_whole_numbers_only() {
        let buckets = |last: f64| [(4.0, 2.0), (1.0, 1.0), (2.0, 1.0), (4.0, 9.0), (f64::INFINITY, last)];
        let text = |last, keep| classic(&buckets(last), None).histogram(keep).map(|h| (script(&h), h.positive_spans.len()));
        let whole = "{{schema:-53 count:3 custom_values:[1 2 4] buckets:[1 0 1 1]}}".to_owned();
        assert_eq!(text(3.0, true), Ok((whole.clone(), 1)));
        assert_eq!(text(3.0, false).unwrap().1, 2);
        assert_eq!(text(2.5, true).unwrap().1, 2);
    }

    #[test]
    fn contradictions_are_found() {
        let inf = f64::INFINITY;
        for (buckets, count, wanted) in [
            (&[(1.0, 2.0), (2.0, 1.0)][..], None, "count is not cumulative: 1 < 2"),
            (&[(2.0, 2.0), (1.0, 5.0)], None, "count is not cumulative: 5 > 2"),
            (&[(inf, 2.0)], Some(1.0), "count mismatch: count=1 != le=+Inf count=2"),
            (&[(1.0, 2.0)], Some(f64::NAN), "count mismatch: count=NaN != le=+Inf count=NaN"),
            (&[(f64::NAN, 2.0)], None, "bucket boundary must not be NaN"),
            (&[(1.0, -2.0)], None, "bucket count must be non-negative: le=1, count=-2"),
            (&[], Some(-2.0), "count must be non-negative: count=-2"),
            (&[], None, "count must be provided when no buckets are present"),
        ] {
            assert_eq!(classic(buckets, count).histogram(true).unwrap_err().to_string(), wanted);
        }
        let below = classic(&[(1.0, 2.5)], Some(1.5)).histogram(true).unwrap_err().to_string();
        assert!(below.starts_with("invalid float histogram: positive side: bucket number 2 has observation count of -1:"), "{below}");
    }
}
