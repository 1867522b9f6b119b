//! Native histograms: one sample with its buckets, and all that is computed from it.
//!
//! Everything is a method of [`Histogram`] and depends on nothing but the number formats and
//! float helpers of the model; readers, the engine and the test-script language all call it.
//! Damaged histograms, whose spans and buckets disagree, make no method panic: what both sides
//! have counts. [`Histogram::validate`] finds them.

mod api;
mod arith;
mod between;
mod bounds;
mod buckets;
#[cfg(any(feature = "text", feature = "golden"))]
mod classic;
#[cfg(feature = "engine")]
pub(crate) mod column;
mod compact;
mod custom;
mod interpolation;
mod kahan;
mod layout;
mod moments;
#[cfg(feature = "engine")]
mod points;
#[cfg(test)]
mod properties;
mod quantile;
mod reset;
#[cfg(test)]
mod testing;
mod text;
mod trim;
mod validate;
mod view;
mod zero;

pub use between::BetweenOutcome;
pub use bounds::exponential_bound;
pub use buckets::Bucket;
#[cfg(feature = "engine")]
pub use column::HistogramColumn;
#[cfg(feature = "engine")]
pub use points::HistogramPoints;
// Readers of pages and the test scripts convert classic histograms.
#[cfg(any(feature = "text", feature = "golden"))]
#[cfg_attr(not(feature = "text"), allow(unused_imports))]
pub(crate) use classic::{Classic, ClassicError};
pub use quantile::{FractionOutcome, QuantileOutcome};
pub use validate::{CustomProblem, InvalidHistogram, SpanProblem};
pub use view::HistogramRef;

/// What is known about a counter reset before a histogram sample.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum CounterResetHint {
    /// Nothing is known: compare with the sample before.
    #[default]
    Unknown,
    /// A reset lies before this sample.
    Reset,
    /// No reset lies before this sample.
    NotReset,
    /// A gauge: resets mean nothing.
    Gauge,
}

/// A run of consecutive buckets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct HistogramSpan {
    /// Gap to the end of the span before; for the first span its absolute index.
    pub offset: i32,
    /// Number of buckets.
    pub length: u32,
}

/// The schema of histograms with custom bucket bounds (NHCB).
pub const CUSTOM_BUCKETS_SCHEMA: i32 = -53;

/// A native histogram sample, counts as floats.
///
/// Bucket counts are absolute, not cumulative. Schemas −4 to 8 are exponential; −53 has the
/// upper bounds of its buckets in `custom_values` and nothing on the negative side.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Histogram {
    /// What is known about a reset before this sample.
    pub counter_reset_hint: CounterResetHint,
    /// Bucket resolution, −4..=8, or −53 for custom bounds.
    pub schema: i32,
    /// Width of the zero bucket: it covers `[-t, t]`.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: f64,
    /// All observations.
    pub count: f64,
    /// Sum of all observations; the stale marker here makes the sample stale.
    pub sum: f64,
    /// Which positive buckets exist.
    pub positive_spans: Vec<HistogramSpan>,
    /// Which negative buckets exist.
    pub negative_spans: Vec<HistogramSpan>,
    /// Counts of the positive buckets.
    pub positive_buckets: Vec<f64>,
    /// Counts of the negative buckets.
    pub negative_buckets: Vec<f64>,
    /// Upper bounds for schema −53, strictly increasing, +Inf left out.
    pub custom_values: Vec<f64>,
}

/// What there is to say about a sum or difference beside its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AddOutcome {
    /// One histogram had a reset hint, the other one for no reset.
    pub reset_collision: bool,
    /// The custom bounds differed, and only common ones are left.
    pub nhcb_reconciled: bool,
}

/// Why an operation on histograms has no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HistogramError {
    /// One has exponential buckets, the other custom bounds.
    #[error("cannot apply this operation on histograms with a mix of exponential and custom bucket schemas")]
    IncompatibleSchema,
    /// Custom bounds and a zero bucket, which cannot be.
    #[error("histograms with custom buckets have no zero bucket")]
    CustomZeroBucket,
    /// The populated buckets lie too far apart to be listed.
    #[error("the populated buckets of the histogram lie too far apart to be listed")]
    TooWide,
}

impl Histogram {
    /// Whether the buckets have custom bounds (schema −53).
    pub fn has_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// Whether this ends its series: the sum is the stale marker.
    pub fn is_stale(&self) -> bool {
        super::is_stale(self.sum)
    }

    /// The size by which Prometheus counts a histogram against its sample limits, in bytes.
    pub fn size(&self) -> usize {
        self.view().size()
    }
}
