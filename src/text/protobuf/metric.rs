//! The samples of one metric message.

use super::super::composite::fits;
use super::super::entry::MetricKind;
use super::ProtobufError;
use super::message::{Bucket, BucketSpan, Exemplar, Histogram as Message, Metric, Timestamp};
use crate::model::histogram::Classic;
use crate::model::{CounterResetHint, Histogram, HistogramSpan};
use std::sync::Arc;

/// A sample that a metric stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// What the name gets appended.
    pub suffix: &'static str,
    /// A bound or quantile.
    pub bound: Option<(&'static str, f64)>,
    pub value: f64,
    pub histogram: Option<Arc<Histogram>>,
    pub exemplars: Vec<Exemplar>,
    /// Why a storage refuses the histogram.
    pub problem: Option<String>,
}

/// The samples of a metric, up to an error.
pub(super) type Rows = Vec<Result<Row, ProtobufError>>;

/// What is asked of histograms.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub keep_classic: bool,
    pub convert: bool,
}

/// The samples of a metric of this kind, and since when they count.
///
/// # Errors
/// A native histogram that is none. One that cannot be converted is an error among the rows.
pub(super) fn rows(name: &str, kind: MetricKind, metric: Metric, wanted: Wanted) -> Result<(Rows, Option<Timestamp>), ProtobufError> {
    let single = |value: f64| vec![Row { value, ..Row::default() }];
    let (rows, start) = match kind {
        MetricKind::Counter => {
            let counter = metric.counter.unwrap_or_default();
            let row = Row { value: counter.value, exemplars: counter.exemplar.into_iter().collect(), ..Row::default() };
            (vec![row], counter.start_timestamp)
        }
        MetricKind::Gauge => (single(metric.gauge.unwrap_or_default().value), None),
        MetricKind::Summary => {
            let summary = metric.summary.unwrap_or_default();
            let mut rows = totals(summary.sample_count as f64, summary.sample_sum);
            rows.extend(summary.quantile.iter().map(|q| Row { bound: Some(("quantile", q.quantile)), value: q.value, ..Row::default() }));
            (rows, summary.start_timestamp)
        }
        MetricKind::Histogram | MetricKind::GaugeHistogram => {
            let mut message = metric.histogram.unwrap_or_default();
            let start = message.start_timestamp.take();
            let gauge = kind == MetricKind::GaugeHistogram;
            return Ok((histogram(name, message, gauge, wanted)?, start));
        }
        _ => (single(metric.untyped.unwrap_or_default().value), None),
    };
    Ok((rows.into_iter().map(Ok).collect(), start))
}

fn totals(count: f64, sum: f64) -> Vec<Row> {
    vec![Row { suffix: "_count", value: count, ..Row::default() }, Row { suffix: "_sum", value: sum, ..Row::default() }]
}

fn histogram(name: &str, mut message: Message, gauge: bool, wanted: Wanted) -> Result<Rows, ProtobufError> {
    let native = is_native(&message);
    let mut rows = Vec::new();
    if native {
        let (histogram, problem) = native_histogram(name, &message, gauge)?;
        rows.push(Ok(Row { problem, ..whole(&message, histogram) }));
        if !wanted.keep_classic || message.bucket.is_empty() {
            return Ok(rows);
        }
    }
    let converted = (wanted.convert && !native).then(|| convert(&message, gauge).map(|h| whole(&message, h)));
    if converted.is_none() || wanted.keep_classic {
        rows.extend(classic(&mut message).into_iter().map(Ok));
    }
    rows.extend(converted);
    Ok(rows)
}

/// The row of a whole histogram.
fn whole(message: &Message, histogram: Histogram) -> Row {
    Row { histogram: Some(Arc::new(histogram)), exemplars: timed_exemplars(message), ..Row::default() }
}

/// Whether a message tells a native histogram: an empty one has a zero threshold or an empty span.
fn is_native(m: &Message) -> bool {
    !m.positive_span.is_empty() || !m.negative_span.is_empty() || m.zero_threshold > 0.0 || m.zero_count > 0
}

/// The float of the two fields for one number, unless it is 0.
fn either(float: f64, integer: u64) -> f64 {
    if float == 0.0 { integer as f64 } else { float }
}

fn bucket_count(bucket: &Bucket) -> f64 {
    either(bucket.cumulative_count_float, bucket.cumulative_count)
}

fn total(m: &Message) -> f64 {
    either(m.sample_count_float, m.sample_count)
}

/// `_count`, `_sum` and the buckets up to the one without bound, which is added where it is missing.
fn classic(m: &mut Message) -> Vec<Row> {
    let count = total(m);
    let mut rows = totals(count, m.sample_sum);
    for bucket in &mut m.bucket {
        let bound = bucket.upper_bound;
        let exemplars = bucket.exemplar.take().into_iter().collect();
        rows.push(Row { suffix: "_bucket", bound: Some(("le", bound)), value: bucket_count(bucket), exemplars, ..Row::default() });
        if bound == f64::INFINITY {
            return rows;
        }
    }
    rows.push(Row { suffix: "_bucket", bound: Some(("le", f64::INFINITY)), value: count, ..Row::default() });
    rows
}

fn convert(m: &Message, gauge: bool) -> Result<Histogram, ProtobufError> {
    let mut parts = Classic::default();
    parts.set_count(total(m));
    parts.set_sum(m.sample_sum);
    for bucket in &m.bucket {
        parts.add_bucket(bucket.upper_bound, bucket_count(bucket));
    }
    let mut histogram = parts.histogram(true).map_err(|e| ProtobufError::Convert(e.to_string()))?;
    if gauge {
        histogram.counter_reset_hint = CounterResetHint::Gauge;
    }
    Ok(histogram)
}

/// The exemplars of a native histogram: its own, or else those of the classic buckets. Only
/// those with a time count.
fn timed_exemplars(m: &Message) -> Vec<Exemplar> {
    let timed = |e: &&Exemplar| e.timestamp.is_some();
    if m.exemplars.is_empty() {
        m.bucket.iter().filter_map(|b| b.exemplar.as_ref()).filter(timed).cloned().collect()
    } else {
        m.exemplars.iter().filter(timed).cloned().collect()
    }
}

fn native_histogram(name: &str, m: &Message, gauge: bool) -> Result<(Histogram, Option<String>), ProtobufError> {
    let float = m.sample_count_float > 0.0 || m.zero_count_float > 0.0 || !m.positive_count.is_empty() || !m.negative_count.is_empty();
    let (positive, negative) =
        if float { (m.positive_count.len(), m.negative_count.len()) } else { (m.positive_delta.len(), m.negative_delta.len()) };
    for (side, spans, have) in [("positive", &m.positive_span, positive), ("negative", &m.negative_span, negative)] {
        let need: u64 = spans.iter().map(|s| u64::from(s.length)).sum();
        if need != have as u64 {
            return Err(ProtobufError::Spans { histogram: name.to_owned(), side, need, have });
        }
    }
    let spans = |spans: &[BucketSpan]| spans.iter().map(|s| HistogramSpan { offset: s.offset, length: s.length }).collect();
    let mut histogram = Histogram {
        counter_reset_hint: if gauge { CounterResetHint::Gauge } else { CounterResetHint::Unknown },
        schema: m.schema,
        zero_threshold: m.zero_threshold,
        sum: m.sample_sum,
        positive_spans: spans(&m.positive_span),
        negative_spans: spans(&m.negative_span),
        ..Histogram::default()
    };
    let mut problem = None;
    if float {
        (histogram.count, histogram.zero_count) = (m.sample_count_float, m.zero_count_float);
        (histogram.positive_buckets, histogram.negative_buckets) = (m.positive_count.clone(), m.negative_count.clone());
    } else {
        (histogram.count, histogram.zero_count) = (m.sample_count as f64, m.zero_count as f64);
        let mut observed = m.zero_count;
        let mut counts = |deltas: &[i64]| -> Vec<f64> {
            let running = deltas.iter().scan(0i64, |count, delta| {
                *count = count.wrapping_add(*delta);
                Some(*count)
            });
            running.inspect(|count| observed = observed.wrapping_add(*count as u64)).map(|count| count as f64).collect()
        };
        (histogram.positive_buckets, histogram.negative_buckets) = (counts(&m.positive_delta), counts(&m.negative_delta));
        problem = fits(observed, m.sample_count, m.sample_sum).err();
    }
    histogram.compact(0);
    Ok((histogram, problem))
}
