//! The rules of writing: order of samples, duplicates, and histograms that make sense.

use super::MemorySource;
use crate::model::histogram::CUSTOM_BUCKETS_SCHEMA;
use crate::model::{Histogram, HistogramSpan, LabelSet, is_stale};

/// A series of a [`MemorySource`]; means nothing to another source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SeriesId(pub(super) u32);

/// What names a series when a sample is appended: a [`SeriesId`], or a label set, whose series is
/// made on its first sample.
pub trait SeriesKey {
    /// The id of the series.
    ///
    /// # Errors
    /// See [`MemorySource::series_id`].
    fn resolve(self, source: &mut MemorySource) -> Result<SeriesId, AppendError>;
}

impl SeriesKey for SeriesId {
    fn resolve(self, _: &mut MemorySource) -> Result<SeriesId, AppendError> {
        Ok(self)
    }
}

impl SeriesKey for &LabelSet {
    fn resolve(self, source: &mut MemorySource) -> Result<SeriesId, AppendError> {
        source.series_id(self)
    }
}

/// What happens to a sample that is not newer than all of its series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutOfOrder {
    /// Samples go where they belong, if they are at most `window` ms older than the newest of
    /// the source.
    Accept {
        /// ms
        window: i64,
    },
    /// Each series only moves forward.
    Reject {
        /// How much older, in ms, than the newest sample before the current batch
        /// ([`MemorySource::commit`]) a sample may be, in whichever series.
        horizon: i64,
    },
}

impl OutOfOrder {
    /// The rule of the reference's test runner: forward only, and within 12 hours.
    pub const PROMQLTEST: OutOfOrder = OutOfOrder::Reject { horizon: 12 * 3_600_000 };

    pub(super) fn check(
        self,
        time: i64,
        of_series: Option<i64>,
        of_source: Option<i64>,
        committed: Option<i64>,
    ) -> Result<(), AppendError> {
        match self {
            OutOfOrder::Accept { window } => {
                let oldest = of_source.map_or(i64::MIN, |t| t.saturating_sub(window));
                if time < oldest {
                    return Err(AppendError::TooOld { time, oldest });
                }
            }
            OutOfOrder::Reject { horizon } => {
                let oldest = committed.map_or(i64::MIN, |t| t.saturating_sub(horizon));
                if time < oldest {
                    return Err(AppendError::OutOfBounds { time, oldest });
                }
                if let Some(newest) = of_series.filter(|newest| time < *newest) {
                    return Err(AppendError::OutOfOrder { time, newest });
                }
            }
        }
        Ok(())
    }
}

/// Any order, any age.
impl Default for OutOfOrder {
    fn default() -> Self {
        OutOfOrder::Accept { window: i64::MAX }
    }
}

/// Why a sample was not appended; the source is as before. Times in ms.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The series has a newer sample.
    #[error("out of order sample: {time} is before {newest}, the newest of its series")]
    OutOfOrder {
        /// Of the sample.
        time: i64,
        /// Newest of the series.
        newest: i64,
    },
    /// Too far behind the batches before.
    #[error("out of bounds: {time} is before {oldest}")]
    OutOfBounds {
        /// Of the sample.
        time: i64,
        /// Where the bounds begin.
        oldest: i64,
    },
    /// Outside of the window for late samples.
    #[error("too old sample: {time} is before {oldest}")]
    TooOld {
        /// Of the sample.
        time: i64,
        /// Where the window begins.
        oldest: i64,
    },
    /// Another value has the same time.
    #[error("duplicate sample for timestamp {time}; overrides not allowed: existing {existing}, new value {new}")]
    Duplicate {
        /// Of both.
        time: i64,
        /// The value that is there.
        existing: String,
        /// The value that was refused.
        new: String,
    },
    /// The histogram contradicts itself.
    #[error(transparent)]
    Histogram(#[from] HistogramError),
    /// The id is of another source.
    #[error("no series with this id")]
    NoSuchSeries,
    /// The source is full.
    #[error("too many series")]
    TooManySeries,
}

/// What is wrong with a histogram.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// A schema without meaning.
    #[error(
        "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema {0}"
    )]
    Schema(i32),
    /// Fewer observations than none.
    #[error("observation count is {0}: histogram's observation count is negative")]
    NegativeCount(f64),
    /// The same of the zero bucket.
    #[error("zero bucket has observation count of {0}: histogram has a bucket whose observation count is negative")]
    NegativeZeroCount(f64),
    /// The same of another bucket.
    #[error("{side}: bucket number {number} has observation count of {count}: histogram has a bucket whose observation count is negative")]
    NegativeBucket {
        /// Which buckets.
        side: Side,
        /// From 1.
        number: usize,
        /// Its count.
        count: f64,
    },
    /// A span that goes back.
    #[error("{side}: span number {number} with offset {offset}: histogram has a span whose offset is negative")]
    NegativeOffset {
        /// Which buckets.
        side: Side,
        /// From 1.
        number: usize,
        /// Its offset.
        offset: i32,
    },
    /// A bucket index that 32 bits cannot hold.
    #[error("{side}: span number {number} reaches bucket index {index}: histogram has a span whose bucket index is out of range")]
    IndexOutOfRange {
        /// Which buckets.
        side: Side,
        /// From 1.
        number: usize,
        /// The index.
        index: i64,
    },
    /// Spans and counts differ.
    #[error(
        "{side}: spans need {needed} buckets, have {present} buckets: histogram spans specify different number of buckets than provided"
    )]
    BucketCount {
        /// Which buckets.
        side: Side,
        /// By the spans.
        needed: u64,
        /// By the counts.
        present: usize,
    },
    /// Custom bounds with an exponential schema.
    #[error("histogram with exponential schema must not have custom bounds")]
    UnexpectedBounds,
    /// Custom bounds that do not rise.
    #[error(
        "custom buckets: previous bound is {previous} and current is {current}: histogram custom bounds must be in strictly increasing order"
    )]
    BoundOrder {
        /// One bound.
        previous: f64,
        /// The next.
        current: f64,
    },
    /// A custom bound that is no number.
    #[error("custom buckets: histogram custom bounds must not be NaN")]
    BoundNan,
    /// The last bucket's bound is implied.
    #[error("custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite")]
    BoundInfinite,
    /// More buckets than bounds.
    #[error(
        "custom buckets: only {bounds} custom bounds defined which is insufficient to cover total span length of {length}: histogram custom bounds are too few"
    )]
    TooFewBounds {
        /// Custom bounds.
        bounds: usize,
        /// One past the last bucket.
        length: i64,
    },
    /// Something that only exponential histograms have.
    #[error("custom buckets: must {0}")]
    NotCustom(&'static str),
}

/// The buckets that an error speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Of positive observations.
    Positive,
    /// Of negative observations.
    Negative,
    /// With custom bounds.
    Custom,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Side::Positive => "positive side",
            Side::Negative => "negative side",
            Side::Custom => "custom buckets",
        })
    }
}

/// Checks a histogram; a stale one may hold anything but too few counts for its spans.
pub(super) fn validate(h: &Histogram) -> Result<(), HistogramError> {
    if is_stale(h.sum) {
        return Ok(());
    }
    match h.schema {
        -4..=8 => {
            if !h.custom_values.is_empty() {
                return Err(HistogramError::UnexpectedBounds);
            }
            check_side(Side::Positive, &h.positive_spans, &h.positive_buckets)?;
            check_side(Side::Negative, &h.negative_spans, &h.negative_buckets)?;
        }
        CUSTOM_BUCKETS_SCHEMA => check_custom(h)?,
        other => return Err(HistogramError::Schema(other)),
    }
    if h.zero_count < 0.0 {
        return Err(HistogramError::NegativeZeroCount(h.zero_count));
    }
    if h.count < 0.0 {
        return Err(HistogramError::NegativeCount(h.count));
    }
    check_counts(if h.schema == CUSTOM_BUCKETS_SCHEMA { Side::Custom } else { Side::Positive }, &h.positive_buckets)?;
    check_counts(Side::Negative, &h.negative_buckets)
}

/// One past the last bucket index of the side.
fn check_side(side: Side, spans: &[HistogramSpan], buckets: &[f64]) -> Result<i64, HistogramError> {
    let (mut index, mut needed) = (0i64, 0u64);
    for (i, span) in spans.iter().enumerate() {
        let number = i + 1;
        if span.offset < 0 && (i > 0 || side == Side::Custom) {
            return Err(HistogramError::NegativeOffset { side, number, offset: span.offset });
        }
        // Each step is at most 2³² and checked at once, so 64 bits cannot overflow.
        index += i64::from(span.offset);
        let end = index + i64::from(span.length);
        if index <= i64::from(i32::MIN) {
            return Err(HistogramError::IndexOutOfRange { side, number, index });
        }
        if end - 1 > i64::from(i32::MAX) {
            return Err(HistogramError::IndexOutOfRange { side, number, index: end - 1 });
        }
        index = end;
        needed += u64::from(span.length);
    }
    if needed != buckets.len() as u64 {
        return Err(HistogramError::BucketCount { side, needed, present: buckets.len() });
    }
    Ok(index)
}

fn check_counts(side: Side, buckets: &[f64]) -> Result<(), HistogramError> {
    match buckets.iter().position(|b| *b < 0.0) {
        Some(i) => Err(HistogramError::NegativeBucket { side, number: i + 1, count: buckets[i] }),
        None => Ok(()),
    }
}

fn check_custom(h: &Histogram) -> Result<(), HistogramError> {
    if h.custom_values.iter().any(|v| v.is_nan()) {
        return Err(HistogramError::BoundNan);
    }
    if let Some(pair) = h.custom_values.windows(2).find(|p| p[0] >= p[1]) {
        return Err(HistogramError::BoundOrder { previous: pair[0], current: pair[1] });
    }
    if h.custom_values.last() == Some(&f64::INFINITY) {
        return Err(HistogramError::BoundInfinite);
    }
    if h.zero_count != 0.0 {
        return Err(HistogramError::NotCustom("have zero count of 0"));
    }
    if h.zero_threshold != 0.0 {
        return Err(HistogramError::NotCustom("have zero threshold of 0"));
    }
    if !h.negative_spans.is_empty() {
        return Err(HistogramError::NotCustom("not have negative spans"));
    }
    if !h.negative_buckets.is_empty() {
        return Err(HistogramError::NotCustom("not have negative buckets"));
    }
    let end = check_side(Side::Custom, &h.positive_spans, &h.positive_buckets)?;
    if end > h.custom_values.len() as i64 + 1 {
        return Err(HistogramError::TooFewBounds { bounds: h.custom_values.len(), length: end });
    }
    Ok(())
}
