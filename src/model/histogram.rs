//! Native histograms: one sample with its buckets.

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
