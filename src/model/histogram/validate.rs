//! Whether a histogram can be stored.

use super::{Histogram, HistogramSpan};
use crate::model::number::{format_fixed, format_g};

/// What is wrong with a histogram; the messages are those of Prometheus's database.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum InvalidHistogram {
    /// No such schema.
    #[error(
        "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema {0}"
    )]
    Schema(i32),
    /// Custom bounds without the schema for them.
    #[error("histogram with exponential schema must not have custom bounds")]
    BoundsOfExponential,
    /// Something is wrong with custom bounds or with what must not be beside them.
    #[error("custom buckets: {0}")]
    Custom(CustomProblem),
    /// Something is wrong with the spans of a side.
    #[error("{side} side: {problem}")]
    Side {
        /// `positive` or `negative`.
        side: &'static str,
        /// What is wrong.
        problem: SpanProblem,
    },
    /// Fewer observations than none in the zero bucket.
    #[error("zero bucket has observation count of {}: histogram has a bucket whose observation count is negative", format_g(*.0))]
    NegativeZeroBucket(f64),
    /// Fewer observations than none.
    #[error("observation count is  {}: histogram's observation count is negative", format_g(*.0))]
    NegativeCount(f64),
}

/// What is wrong with the spans or buckets of a side. Spans and buckets count from 1.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum SpanProblem {
    /// A gap of negative width.
    #[error("span number {number} with offset {offset}: histogram has a span whose offset is negative")]
    NegativeOffset {
        /// The span.
        number: usize,
        /// Its offset.
        offset: i32,
    },
    /// A bucket below the lowest index.
    #[error("span number {number} starts at bucket index {index}: histogram has a span whose bucket index is out of range")]
    StartsOutOfRange {
        /// The span.
        number: usize,
        /// Its first index.
        index: i64,
    },
    /// A bucket above the highest index.
    #[error("span number {number} ends at bucket index {index}: histogram has a span whose bucket index is out of range")]
    EndsOutOfRange {
        /// The span.
        number: usize,
        /// Its last index.
        index: i64,
    },
    /// Spans and buckets disagree.
    #[error("spans need {needed} buckets, have {have} buckets: histogram spans specify different number of buckets than provided")]
    Mismatch {
        /// What the spans say.
        needed: u64,
        /// What is there.
        have: usize,
    },
    /// Fewer observations than none.
    #[error("bucket number {number} has observation count of {}: histogram has a bucket whose observation count is negative", format_g(*.count))]
    NegativeBucket {
        /// The bucket.
        number: usize,
        /// Its count.
        count: f64,
    },
}

/// What is wrong with a histogram with custom bounds.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum CustomProblem {
    /// Bounds that do not ascend.
    #[error("previous bound is {} and current is {}: histogram custom bounds must be in strictly increasing order", format_fixed(*.0, 6), format_fixed(*.1, 6))]
    NotIncreasing(f64, f64),
    /// A bound that is no number.
    #[error("histogram custom bounds must not be NaN")]
    NaNBound,
    /// The last bound is +Inf, which is there anyway.
    #[error("last +Inf bound must not be explicitly defined: histogram custom bounds must be finite")]
    InfiniteBound,
    /// Buckets beyond the last bound.
    #[error(
        "only {bounds} custom bounds defined which is insufficient to cover total span length of {length}: histogram custom bounds are too few"
    )]
    TooFewBounds {
        /// How many bounds there are.
        bounds: usize,
        /// Where the spans end.
        length: i64,
    },
    /// A gap of negative width, the first offset included.
    #[error(transparent)]
    Spans(SpanProblem),
    /// A zero bucket.
    #[error("must have zero count of 0")]
    ZeroCount,
    /// The width of a zero bucket.
    #[error("must have zero threshold of 0")]
    ZeroThreshold,
    /// Negative buckets: their spans.
    #[error("must not have negative spans")]
    NegativeSpans,
    /// Negative buckets: their counts.
    #[error("must not have negative buckets")]
    NegativeBuckets,
}

const LOWEST_INDEX: i64 = i32::MIN as i64 + 1;
const HIGHEST_INDEX: i64 = i32::MAX as i64;

impl Histogram {
    /// Whether Prometheus's database would take the histogram: known schema, ascending spans
    /// that fit the buckets, nothing negative. Whether the count fits the buckets is not looked
    /// at, as floats are rounded.
    ///
    /// # Errors
    /// The first thing that is wrong.
    ///
    /// ```
    /// use ferula::model::Histogram;
    /// let h = Histogram { schema: 9, ..Histogram::default() };
    /// assert!(h.validate().unwrap_err().to_string().ends_with("got schema 9"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidHistogram> {
        match self.schema {
            -4..=8 if !self.custom_values.is_empty() => return Err(InvalidHistogram::BoundsOfExponential),
            -4..=8 => {}
            _ if self.has_custom_buckets() => self.validate_custom().map_err(InvalidHistogram::Custom)?,
            schema => return Err(InvalidHistogram::Schema(schema)),
        }
        let sides =
            [("positive", &self.positive_spans, &self.positive_buckets), ("negative", &self.negative_spans, &self.negative_buckets)];
        for (side, spans, buckets) in sides {
            validate_spans(spans, buckets.len()).map_err(|problem| InvalidHistogram::Side { side, problem })?;
        }
        // The reference looks at the negative counts first.
        for (side, _, buckets) in sides.into_iter().rev() {
            if let Some((i, count)) = buckets.iter().enumerate().find(|(_, count)| **count < 0.0) {
                let problem = SpanProblem::NegativeBucket { number: i + 1, count: *count };
                return Err(InvalidHistogram::Side { side, problem });
            }
        }
        if self.zero_count < 0.0 {
            return Err(InvalidHistogram::NegativeZeroBucket(self.zero_count));
        }
        if self.count < 0.0 {
            return Err(InvalidHistogram::NegativeCount(self.count));
        }
        Ok(())
    }

    fn validate_custom(&self) -> Result<(), CustomProblem> {
        let mut previous = f64::NEG_INFINITY;
        for (i, bound) in self.custom_values.iter().enumerate() {
            if bound.is_nan() {
                return Err(CustomProblem::NaNBound);
            }
            if i > 0 && *bound <= previous {
                return Err(CustomProblem::NotIncreasing(previous, *bound));
            }
            previous = *bound;
        }
        if previous == f64::INFINITY {
            return Err(CustomProblem::InfiniteBound);
        }
        let mut length = 0i64;
        for (i, span) in self.positive_spans.iter().enumerate() {
            if span.offset < 0 {
                return Err(CustomProblem::Spans(SpanProblem::NegativeOffset { number: i + 1, offset: span.offset }));
            }
            length = length.saturating_add(i64::from(span.offset) + i64::from(span.length));
        }
        if length > self.custom_values.len() as i64 + 1 {
            return Err(CustomProblem::TooFewBounds { bounds: self.custom_values.len(), length });
        }
        if self.zero_count != 0.0 {
            return Err(CustomProblem::ZeroCount);
        }
        if self.zero_threshold != 0.0 {
            return Err(CustomProblem::ZeroThreshold);
        }
        if !self.negative_spans.is_empty() {
            return Err(CustomProblem::NegativeSpans);
        }
        if !self.negative_buckets.is_empty() {
            return Err(CustomProblem::NegativeBuckets);
        }
        Ok(())
    }
}

fn validate_spans(spans: &[HistogramSpan], have: usize) -> Result<(), SpanProblem> {
    let (mut end, mut needed) = (0i64, 0u64);
    for (i, span) in spans.iter().enumerate() {
        let number = i + 1;
        if i > 0 && span.offset < 0 {
            return Err(SpanProblem::NegativeOffset { number, offset: span.offset });
        }
        let start = end.saturating_add(i64::from(span.offset));
        if start < LOWEST_INDEX {
            return Err(SpanProblem::StartsOutOfRange { number, index: start });
        }
        end = start.saturating_add(i64::from(span.length));
        if end - 1 > HIGHEST_INDEX {
            return Err(SpanProblem::EndsOutOfRange { number, index: end - 1 });
        }
        needed = needed.saturating_add(u64::from(span.length));
    }
    if needed == have as u64 { Ok(()) } else { Err(SpanProblem::Mismatch { needed, have }) }
}

#[cfg(test)]
mod tests {
    use crate::model::Histogram;
    use crate::model::histogram::testing::{custom, histogram, side};

    fn problem(h: &Histogram) -> String {
        h.validate().expect_err("invalid").to_string()
    }

    #[test]
    fn what_is_fine() {
        for h in [
            Histogram::default(),
            side(&[(i32::MAX, 1)], &[1.0]),
            side(&[(i32::MIN + 1, 1)], &[f64::NAN]),
            histogram(8, [f64::NAN, -1.0], (f64::NAN, f64::NAN), (0, &[1.0]), (-3, &[2.0])),
            custom([1.0, 2.0], &[], &[1.0]),
            custom([1.0, 2.0], &[-1.0, 2.0], &[1.0, 2.0, 3.0]),
        ] {
            assert_eq!(h.validate(), Ok(()), "{h:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_any() {
        let zero = (0.0, 0.0);
        let table = [
            (
                histogram(9, [0.0, 0.0], zero, (0, &[]), (0, &[])),
                "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema 9",
            ),
            (Histogram { schema: 0, ..custom([0.0, 0.0], &[1.0], &[]) }, "histogram with exponential schema must not have custom bounds"),
            (
                side(&[(0, 1)], &[-1.0]),
                "positive side: bucket number 1 has observation count of -1: histogram has a bucket whose observation count is negative",
            ),
            (
                histogram(0, [0.0, 0.0], zero, (0, &[]), (0, &[1.0, -2.0])),
                "negative side: bucket number 2 has observation count of -2: histogram has a bucket whose observation count is negative",
            ),
            (
                histogram(0, [0.0, 0.0], (-1.0, 0.0), (0, &[]), (0, &[])),
                "zero bucket has observation count of -1: histogram has a bucket whose observation count is negative",
            ),
            (histogram(0, [-1.0, 0.0], zero, (0, &[]), (0, &[])), "observation count is  -1: histogram's observation count is negative"),
            (
                side(&[(i32::MAX, 2)], &[1.0, 1.0]),
                "positive side: span number 1 ends at bucket index 2147483648: histogram has a span whose bucket index is out of range",
            ),
            (
                side(&[(i32::MIN, 1)], &[1.0]),
                "positive side: span number 1 starts at bucket index -2147483648: histogram has a span whose bucket index is out of range",
            ),
            (
                side(&[(0, 1), (-1, 1)], &[1.0, 1.0]),
                "positive side: span number 2 with offset -1: histogram has a span whose offset is negative",
            ),
            (
                side(&[(0, 3)], &[1.0]),
                "positive side: spans need 3 buckets, have 1 buckets: histogram spans specify different number of buckets than provided",
            ),
        ];
        for (h, message) in table {
            assert_eq!(problem(&h), message);
        }
    }

    #[test]
    fn what_is_wrong_with_custom_bounds() {
        let bounds = |bounds: &[f64]| custom([0.0, 0.0], bounds, &[]);
        let table = [
            (
                bounds(&[2.0, 1.0]),
                "previous bound is 2.000000 and current is 1.000000: histogram custom bounds must be in strictly increasing order",
            ),
            (bounds(&[1.0, f64::NAN]), "histogram custom bounds must not be NaN"),
            (bounds(&[1.0, f64::INFINITY]), "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite"),
            (
                custom([0.0, 0.0], &[1.0], &[1.0, 1.0, 1.0]),
                "only 1 custom bounds defined which is insufficient to cover total span length of 3: histogram custom bounds are too few",
            ),
            (
                Histogram { positive_spans: side(&[(-1, 1)], &[]).positive_spans, ..bounds(&[1.0]) },
                "span number 1 with offset -1: histogram has a span whose offset is negative",
            ),
            (Histogram { zero_count: 1.0, ..bounds(&[1.0]) }, "must have zero count of 0"),
            (Histogram { zero_threshold: 1.0, ..bounds(&[1.0]) }, "must have zero threshold of 0"),
            (Histogram { negative_spans: side(&[(0, 1)], &[]).positive_spans, ..bounds(&[1.0]) }, "must not have negative spans"),
        ];
        for (h, message) in table {
            assert_eq!(problem(&h), format!("custom buckets: {message}"));
        }
    }
}
