//! Histograms for the tests of this folder.

use super::{CUSTOM_BUCKETS_SCHEMA, Histogram, HistogramSpan};

/// Buckets from an index on, as one span.
fn span(offset: i32, buckets: &[f64]) -> Vec<HistogramSpan> {
    if buckets.is_empty() { vec![] } else { vec![HistogramSpan { offset, length: buckets.len() as u32 }] }
}

/// An exponential histogram: schema, count and sum, zero bucket and its width, positive and
/// negative buckets.
pub(super) fn histogram(
    schema: i32,
    [count, sum]: [f64; 2],
    zero: (f64, f64),
    positive: (i32, &[f64]),
    negative: (i32, &[f64]),
) -> Histogram {
    Histogram {
        schema,
        count,
        sum,
        zero_count: zero.0,
        zero_threshold: zero.1,
        positive_spans: span(positive.0, positive.1),
        positive_buckets: positive.1.to_vec(),
        negative_spans: span(negative.0, negative.1),
        negative_buckets: negative.1.to_vec(),
        ..Histogram::default()
    }
}

/// A histogram with custom bounds.
pub(super) fn custom(numbers: [f64; 2], bounds: &[f64], buckets: &[f64]) -> Histogram {
    let exponential = histogram(CUSTOM_BUCKETS_SCHEMA, numbers, (0.0, 0.0), (0, buckets), (0, &[]));
    Histogram { custom_values: bounds.to_vec(), ..exponential }
}

/// A histogram with nothing but positive buckets, on any spans.
pub(super) fn side(spans: &[(i32, u32)], buckets: &[f64]) -> Histogram {
    Histogram {
        positive_spans: spans.iter().map(|(offset, length)| HistogramSpan { offset: *offset, length: *length }).collect(),
        positive_buckets: buckets.to_vec(),
        ..Histogram::default()
    }
}

/// The form of test scripts.
pub(super) fn script(h: &Histogram) -> String {
    h.to_test_expression(false).expect("not too wide")
}
