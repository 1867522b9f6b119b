//! Series descriptions: one line of labels and values, as test scripts and unit tests of rules
//! write them: `up{job="api"} 1 2+3x4 _ stale {{schema:0 sum:5}}`.
//!
//! [`parse_series`] is the door; `metric` reads the labels, `values` the items, `histogram` what
//! stands between double braces.

mod histogram;
mod metric;
mod values;

pub(super) use metric::metric;

use super::error::ParseError;
use super::lexer::Language;
use super::{ParseOptions, run};
use crate::model::number::NumberError;
use crate::model::quote::quote;
use crate::model::{ByteString, Histogram, HistogramError, LabelSet};
use std::sync::Arc;

/// How many values one description may stand for.
pub const MAX_VALUES: usize = 1_000_000;

/// The labels of a series and its values, one for each step.
#[derive(Clone, PartialEq, Debug)]
pub struct SeriesDescription {
    /// The labels.
    pub labels: LabelSet,
    /// The values, repetitions written out.
    pub values: Vec<SequenceValue>,
}

/// One value of a series description.
#[derive(Clone, PartialEq, Debug)]
pub enum SequenceValue {
    /// `_`: no sample at this step.
    Omitted,
    /// A float; `stale` is the stale marker ([`crate::model::is_stale`]).
    Float(f64),
    /// A native histogram.
    Histogram {
        /// The histogram; repetitions share it.
        histogram: Arc<Histogram>,
        /// Its reset hint was written, and so is to be compared.
        hint_set: bool,
    },
}

/// Why a series description means nothing.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// A repetition that is no whole number.
    #[error("invalid repetition in series values: strconv.ParseUint: parsing {}: {reason}", quote(.text.as_bytes()))]
    Repetition {
        /// The digits.
        text: String,
        /// What is wrong with them.
        reason: NumberError,
    },
    /// A histogram with one key twice.
    #[error("duplicate key {} in histogram", quote(.0.as_bytes()))]
    DuplicateKey(&'static str),
    /// Histograms that cannot be added.
    #[error("error combining histograms: cannot merge from schema {from} to {to}")]
    Schemas {
        /// The resolution of what is added.
        from: i32,
        /// The resolution that it does not fit.
        to: i32,
    },
    /// Histograms that cannot be added.
    #[error("{0}")]
    Combine(HistogramError),
    /// A histogram number that does not fit.
    #[error("{} does not fit a histogram", quote(.0.as_bytes()))]
    OutOfRange(String),
    /// One label twice, which no series can have.
    #[error("label name {} is not unique: invalid sample", quote(.0.as_bytes()))]
    DuplicateLabel(String),
    /// A label that is no UTF-8.
    #[error("label is not valid UTF-8: {}", quote(.0.as_bytes()))]
    NotUtf8(ByteString),
    /// More values than our limit.
    #[error("series description stands for more than {limit} values")]
    TooLong {
        /// The limit.
        limit: usize,
    },
}

/// Parses a series description.
///
/// # Errors
/// The first error that Prometheus finds; beyond Prometheus, a limit on the number of values
/// ([`MAX_VALUES`]).
///
/// ```
/// use ferula::syntax::ParseOptions;
/// use ferula::syntax::series::{SequenceValue, parse_series};
///
/// let series = parse_series("up 1+2x2 _", &ParseOptions::default())?;
/// assert_eq!(series.labels.metric_name(), "up");
/// let [SequenceValue::Float(a), SequenceValue::Float(b), SequenceValue::Float(c), SequenceValue::Omitted] = series.values[..]
/// else { panic!() };
/// assert_eq!((a, b, c), (1.0, 3.0, 5.0));
/// # Ok::<(), ferula::syntax::ParseError>(())
/// ```
pub fn parse_series(line: &str, options: &ParseOptions) -> Result<SeriesDescription, ParseError> {
    run(line.as_bytes(), Language::Series, options, values::series_description).map_err(|error| *error)
}
