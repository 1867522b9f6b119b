//! A histogram that lives elsewhere: in a [`Histogram`], or as numbers in a column.

use super::layout::indexed;
use super::{CUSTOM_BUCKETS_SCHEMA, CounterResetHint, Histogram, HistogramSpan};

/// A borrowed histogram; its fields are those of [`Histogram`].
#[derive(Clone, Copy, Debug)]
pub struct HistogramRef<'a> {
    /// What is known about a reset before this sample.
    pub counter_reset_hint: CounterResetHint,
    /// Bucket resolution.
    pub schema: i32,
    /// Width of the zero bucket.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: f64,
    /// All observations.
    pub count: f64,
    /// Sum of all observations.
    pub sum: f64,
    /// Which positive buckets exist.
    pub positive_spans: &'a [HistogramSpan],
    /// Which negative buckets exist.
    pub negative_spans: &'a [HistogramSpan],
    /// Counts of the positive buckets.
    pub positive_buckets: &'a [f64],
    /// Counts of the negative buckets.
    pub negative_buckets: &'a [f64],
    /// Upper bounds of custom buckets.
    pub custom_values: &'a [f64],
    /// Empty buckets are there for the layout's sake alone: the histogram is without them.
    pub(crate) loose: bool,
}

impl Histogram {
    /// The histogram, borrowed.
    pub fn view(&self) -> HistogramRef<'_> {
        HistogramRef {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count,
            count: self.count,
            sum: self.sum,
            positive_spans: &self.positive_spans,
            negative_spans: &self.negative_spans,
            positive_buckets: &self.positive_buckets,
            negative_buckets: &self.negative_buckets,
            custom_values: &self.custom_values,
            loose: false,
        }
    }
}

impl HistogramRef<'_> {
    /// A histogram of its own.
    pub fn to_histogram(&self) -> Histogram {
        let mut own = Histogram {
            counter_reset_hint: self.counter_reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count,
            count: self.count,
            sum: self.sum,
            positive_spans: self.positive_spans.to_vec(),
            negative_spans: self.negative_spans.to_vec(),
            positive_buckets: self.positive_buckets.to_vec(),
            negative_buckets: self.negative_buckets.to_vec(),
            custom_values: self.custom_values.to_vec(),
        };
        if self.loose {
            own.compact(0);
        }
        own
    }

    /// Whether the buckets have custom bounds (schema −53).
    pub fn has_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// The size by which Prometheus counts a histogram against its sample limits, in bytes.
    pub fn size(&self) -> usize {
        let (mut spans, mut buckets) = (0, 0);
        for (own_spans, own_buckets) in [(self.positive_spans, self.positive_buckets), (self.negative_spans, self.negative_buckets)] {
            if !self.loose || (!own_buckets.contains(&0.0) && super::layout::is_canonical(own_spans)) {
                spans += own_spans.len();
                buckets += own_buckets.len();
                continue;
            }
            let mut end = None;
            for (index, _) in indexed(own_spans, own_buckets).filter(|(_, count)| *count != 0.0) {
                spans += usize::from(end != Some(index));
                buckets += 1;
                end = Some(index.saturating_add(1));
            }
        }
        size(spans, buckets + self.custom_values.len())
    }
}

/// The size of a histogram by its number of spans, and of buckets and bounds.
pub(super) fn size(spans: usize, numbers: usize) -> usize {
    168 + 8 * (spans + numbers)
}

impl From<HistogramRef<'_>> for Histogram {
    fn from(h: HistogramRef<'_>) -> Histogram {
        h.to_histogram()
    }
}

/// As [`Histogram`]s.
impl PartialEq for HistogramRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.to_histogram() == other.to_histogram()
    }
}
