//! Results as columns: numbers in typed arrays, everything else as plain objects.

use super::places::Diagnostic;
use super::plan::{self, Node};
use super::to_js;
use crate::engine::{Matrix, MatrixSeries, PlanNode, Point, QueryResult, Range, Value, VectorSample};
use crate::model::labels::METRIC_NAME;
use crate::model::{Annotation, HistogramRef, LabelSet, Severity};
use crate::result::series_text;
use js_sys::{Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

/// What all kinds of answers have.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Frame<'r> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Single<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Vec<Series<'r>>>,
    annotations: Vec<Diagnostic>,
    stats: Stats,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Node>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Single<'r> {
    Number(f64),
    Text(std::borrow::Cow<'r, str>),
}

#[derive(Serialize)]
struct Series<'r> {
    name: &'r str,
    labels: Labels<'r>,
    text: String,
}

/// All labels but the metric's name.
struct Labels<'r>(&'r LabelSet);

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter(|l| &*l.name != METRIC_NAME).map(|l| (&*l.name, &*l.value)))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    total_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples_read: Option<u64>,
    steps: usize,
}

/// The answer of a query as JavaScript gets it.
pub(super) fn answer(
    result: &QueryResult,
    nodes: Option<&[PlanNode]>,
    query: &str,
    range: Range,
    elapsed_ms: f64,
) -> Result<JsValue, JsValue> {
    let times = steps(range);
    let frame = Frame {
        kind: "range",
        time: None,
        value: None,
        series: None,
        annotations: result.annotations.iter().map(|a| annotation(a, query)).collect(),
        stats: Stats {
            total_ms: elapsed_ms,
            samples_read: nodes.map(|nodes| nodes.iter().filter_map(|n| n.measured).map(|m| m.samples).sum()),
            steps: times.len(),
        },
        plan: nodes.and_then(|nodes| plan::tree(nodes, query)),
    };
    match &result.value {
        Value::Scalar { time, value } => to_js(&Frame { kind: "scalar", time: Some(*time), value: Some(Single::Number(*value)), ..frame }),
        Value::String { time, value } => {
            let text = String::from_utf8_lossy(value.as_bytes());
            to_js(&Frame { kind: "string", time: Some(*time), value: Some(Single::Text(text)), ..frame })
        }
        Value::Vector(samples) => {
            let series = Some(samples.iter().map(|s| series(&s.labels)).collect());
            let object = to_js(&Frame { kind: "vector", time: Some(range.start), series, ..frame })?;
            vector(samples).set(&object)?;
            Ok(object)
        }
        Value::Matrix(m) => {
            let kind = if range.step == 0 { "matrix" } else { "range" };
            let object = to_js(&Frame { kind, series: Some(m.series.iter().map(|s| series(&s.labels)).collect()), ..frame })?;
            if range.step == 0 {
                let own = ragged(m);
                set(&object, "times", &Float64Array::from(own.times.as_slice()))?;
                set(&object, "offset", &Uint32Array::from(own.offset.as_slice()))?;
                own.points.set(&object)?;
            } else {
                set(&object, "times", &Float64Array::from(times.as_slice()))?;
                grid(m, &times).set(&object)?;
            }
            Ok(object)
        }
    }
}

/// The times of all steps, ms.
fn steps(range: Range) -> Vec<f64> {
    if range.step <= 0 {
        return vec![range.start as f64];
    }
    (0..).map_while(|i| range.step.checked_mul(i)?.checked_add(range.start)).take_while(|t| *t <= range.end).map(|t| t as f64).collect()
}

fn annotation(a: &Annotation, query: &str) -> Diagnostic {
    let severity = if a.severity == Severity::Warning { "warning" } else { "info" };
    // Between the prefix and the place stands the text with the number of occurrences.
    let rendered = a.rendered.strip_prefix("PromQL ").and_then(|r| r.strip_prefix(severity)).and_then(|r| r.strip_prefix(": "));
    let message = rendered.and_then(|r| r.rsplit_once('(')).map_or(a.text.as_str(), |(message, _)| message.trim_end());
    Diagnostic::new(severity, message.to_owned(), query, a.span)
}

fn series(labels: &LabelSet) -> Series<'_> {
    Series { name: labels.metric_name(), labels: Labels(labels), text: series_text(labels) }
}

fn set(object: &JsValue, key: &str, value: &JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &JsValue::from_str(key), value).map(|_| ())
}

/// What stands at a point of a column.
const FLOAT: u8 = 1;
const HISTOGRAM: u8 = 2;

/// A column of points.
#[derive(Default)]
struct Points {
    values: Vec<f64>,
    present: Vec<u8>,
    histograms: Histograms,
}

impl Points {
    fn push(&mut self, point: &Point) {
        match point {
            Point::Float(value) => {
                self.values.push(*value);
                self.present.push(FLOAT);
            }
            Point::Histogram(h) => {
                self.histograms.push(self.values.len() as u32, h.view());
                self.values.push(f64::NAN);
                self.present.push(HISTOGRAM);
            }
        }
    }

    /// One series over the steps of its query, ms; a short-lived one tells its own.
    fn push_row(&mut self, series: &MatrixSeries, steps: &[f64]) {
        let lived = series.times.first().map_or(0, |first| steps.partition_point(|t| *t < *first as f64));
        let start = self.values.len();
        self.values.resize(start + lived, f64::NAN);
        self.values.extend(series.values.iter().take(steps.len() - lived));
        self.values.resize(start + steps.len(), f64::NAN);
        self.present.resize(start + steps.len(), 0);
        let present = self.present.iter_mut().skip(start + lived).take(series.values.len());
        for (i, present) in present.enumerate() {
            *present = series.floats.get(i / 64).map_or(0, |w| (w >> (i % 64) & 1) as u8 * FLOAT);
        }
        for (step, histogram) in series.histograms.iter() {
            let at = start + lived + step;
            if let (Some(value), Some(present)) = (self.values.get_mut(at), self.present.get_mut(at)) {
                *value = f64::NAN;
                *present = HISTOGRAM;
                self.histograms.push(at as u32, histogram);
            }
        }
    }

    fn set(&self, object: &JsValue) -> Result<(), JsValue> {
        set(object, "values", &Float64Array::from(self.values.as_slice()))?;
        set(object, "present", &Uint8Array::from(self.present.as_slice()))?;
        if self.histograms.at.is_empty() {
            return Ok(());
        }
        set(object, "histograms", &self.histograms.object()?)
    }
}

fn vector(samples: &[VectorSample]) -> Points {
    let mut points = Points::default();
    samples.iter().for_each(|s| points.push(&s.value));
    points
}

fn grid(m: &Matrix, steps: &[f64]) -> Points {
    let mut points = Points::default();
    points.values.reserve_exact(m.series.len() * steps.len());
    points.present.reserve_exact(m.series.len() * steps.len());
    m.series.iter().for_each(|s| points.push_row(s, steps));
    points
}

/// Series with times of their own, one after the other.
struct Ragged {
    times: Vec<f64>,
    offset: Vec<u32>,
    points: Points,
}

fn ragged(m: &Matrix) -> Ragged {
    let mut own = Ragged { times: Vec::new(), offset: vec![0], points: Points::default() };
    for series in &m.series {
        for (time, point) in series.points() {
            own.times.push(time as f64);
            own.points.push(&point);
        }
        own.offset.push(own.times.len() as u32);
    }
    own
}

/// Histograms, their buckets one after the other.
#[derive(Default)]
struct Histograms {
    at: Vec<u32>,
    offset: Vec<u32>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    count: Vec<f64>,
    bounds: Vec<u8>,
    sum: Vec<f64>,
    total: Vec<f64>,
    custom: Vec<u8>,
}

impl Histograms {
    fn push(&mut self, at: u32, h: HistogramRef<'_>) {
        if self.offset.is_empty() {
            self.offset.push(0);
        }
        self.at.push(at);
        for b in h.buckets().filter(|b| b.count != 0.0) {
            self.lower.push(b.lower);
            self.upper.push(b.upper);
            self.count.push(b.count);
            self.bounds.push(crate::result::boundary_rule(b.lower_inclusive, b.upper_inclusive));
        }
        self.offset.push(self.lower.len() as u32);
        self.sum.push(h.sum);
        self.total.push(h.count);
        self.custom.push(u8::from(h.has_custom_buckets()));
    }

    fn object(&self) -> Result<JsValue, JsValue> {
        let object: JsValue = Object::new().into();
        set(&object, "at", &Uint32Array::from(self.at.as_slice()))?;
        set(&object, "offset", &Uint32Array::from(self.offset.as_slice()))?;
        for (key, column) in
            [("lower", &self.lower), ("upper", &self.upper), ("count", &self.count), ("sum", &self.sum), ("total", &self.total)]
        {
            set(&object, key, &Float64Array::from(column.as_slice()))?;
        }
        set(&object, "bounds", &Uint8Array::from(self.bounds.as_slice()))?;
        set(&object, "custom", &Uint8Array::from(self.custom.as_slice()))?;
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::HistogramPoints;
    use crate::model::{Histogram, HistogramSpan};

    fn histogram_at(step: usize) -> HistogramPoints {
        let positive_spans = vec![HistogramSpan { offset: 0, length: 3 }];
        let h = Histogram { count: 5.0, sum: 7.0, positive_spans, positive_buckets: vec![2.0, 0.0, 3.0], ..Histogram::default() };
        let mut points = HistogramPoints::default();
        points.push(step, &h);
        points
    }

    #[test]
    fn a_row_tells_floats_histograms_and_gaps_apart() {
        let series = MatrixSeries {
            labels: LabelSet::default(),
            times: vec![0, 1, 2, 3].into(),
            values: vec![1.0, 9.0, 9.0, f64::NAN].into(),
            floats: vec![0b1001].into(),
            histograms: histogram_at(2),
        };
        let points = grid(&Matrix { series: vec![series.clone(), series] }, &[0.0, 1.0, 2.0, 3.0]);
        assert_eq!(points.present, [1, 0, 2, 1, 1, 0, 2, 1]);
        assert_eq!((points.values[0], points.values[4]), (1.0, 1.0));
        let h = points.histograms;
        assert_eq!((h.at, h.offset), (vec![2, 6], vec![0, 2, 4]));
        assert_eq!((&h.lower[..2], &h.upper[..2], &h.count[..2]), (&[0.5, 2.0][..], &[1.0, 4.0][..], &[2.0, 3.0][..]));
    }

    #[test]
    fn a_short_life_stands_at_its_steps() {
        let series = MatrixSeries {
            labels: LabelSet::default(),
            times: vec![20, 30].into(),
            values: vec![7.0, 8.0].into(),
            floats: vec![0b11].into(),
            histograms: HistogramPoints::default(),
        };
        let points = grid(&Matrix { series: vec![series] }, &[0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(points.present, [0, 0, 1, 1, 0]);
        assert_eq!((points.values[2], points.values[3]), (7.0, 8.0));
    }

    #[test]
    fn the_last_step_lies_not_after_the_end() {
        assert_eq!(steps(Range { start: -10, end: 19, step: 10 }), [-10.0, 0.0, 10.0]);
        assert_eq!(steps(Range { start: 0, end: i64::MAX, step: i64::MAX / 2 }).len(), 3);
    }
}
