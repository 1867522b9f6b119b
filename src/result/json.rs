//! The HTTP API's JSON, byte for byte where the reference's order is defined.

use super::time::{api_time, short_time};
use crate::engine::{MatrixSeries, Point, QueryResult, Value};
use crate::model::histogram::Bucket;
use crate::model::number::{format_api, format_f};
use crate::model::{Annotation, Histogram, LabelSet, Severity, json};
use std::io::{self, Write};

/// How many warnings, and how many infos, the API returns before it only counts them.
pub const API_ANNOTATION_CAP: usize = 10;

/// The object with `resultType` and `result`.
pub(super) fn data(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    let kind = match value {
        Value::Scalar { .. } => "scalar",
        Value::String { .. } => "string",
        Value::Vector(_) => "vector",
        Value::Matrix(_) => "matrix",
    };
    write!(out, "{{\"resultType\":\"{kind}\",\"result\":")?;
    match value {
        Value::Scalar { time, value } => write!(out, "[{},\"{}\"]", short_time(*time), format_f(*value))?,
        Value::String { time, value } => write!(out, "[{},{}]", short_time(*time), json::html_bytes(value))?,
        Value::Vector(samples) => list(out, samples, |out, s| vector_sample(out, &s.labels, s.time, &s.value))?,
        Value::Matrix(matrix) => list(out, &matrix.series, matrix_series)?,
    }
    out.write_all(b"}")
}

/// One line a series.
pub(super) fn lines(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Scalar { time, value } => writeln!(out, "{{\"metric\":{{}},\"value\":[{},\"{}\"]}}", short_time(*time), format_f(*value)),
        Value::String { time, value } => {
            writeln!(out, "{{\"metric\":{{}},\"string\":[{},{}]}}", short_time(*time), json::html_bytes(value))
        }
        Value::Vector(samples) => samples.iter().try_for_each(|s| {
            vector_sample(out, &s.labels, s.time, &s.value)?;
            out.write_all(b"\n")
        }),
        Value::Matrix(matrix) => matrix.series.iter().try_for_each(|s| {
            matrix_series(out, s)?;
            out.write_all(b"\n")
        }),
    }
}

/// The envelope of a successful answer.
pub(super) fn response(result: &QueryResult, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"status\":\"success\",\"data\":")?;
    data(&result.value, out)?;
    let (warnings, infos) = annotations(&result.annotations);
    for (key, texts) in [("warnings", warnings), ("infos", infos)] {
        if !texts.is_empty() {
            write!(out, ",\"{key}\":")?;
            list(out, &texts, |out, text| out.write_all(json::html_string(text).as_bytes()))?;
        }
    }
    out.write_all(b"}")
}

/// Rendered warnings and infos, each list capped, with a line for what was left out.
pub(super) fn annotations(all: &[Annotation]) -> (Vec<String>, Vec<String>) {
    let of = |severity: Severity, name: &str| {
        let mut texts: Vec<String> = all.iter().filter(|a| a.severity == severity).map(|a| a.rendered.clone()).collect();
        let omitted = texts.len().saturating_sub(API_ANNOTATION_CAP);
        if omitted > 0 {
            texts.truncate(API_ANNOTATION_CAP);
            texts.push(format!("{omitted} more {name} annotations omitted"));
        }
        texts
    };
    (of(Severity::Warning, "warning"), of(Severity::Info, "info"))
}

fn list<T>(out: &mut dyn Write, items: &[T], mut item: impl FnMut(&mut dyn Write, &T) -> io::Result<()>) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, x) in items.iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        item(out, x)?;
    }
    out.write_all(b"]")
}

/// A label set as a JSON object.
pub(super) fn metric(out: &mut dyn Write, labels: &LabelSet) -> io::Result<()> {
    out.write_all(b"{")?;
    for (i, l) in labels.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        write!(out, "{comma}{}:{}", json::string(&l.name), json::string(&l.value))?;
    }
    out.write_all(b"}")
}

fn vector_sample(out: &mut dyn Write, labels: &LabelSet, time: i64, value: &Point) -> io::Result<()> {
    out.write_all(b"{\"metric\":")?;
    metric(out, labels)?;
    out.write_all(match value {
        Point::Float(_) => b",\"value\":",
        Point::Histogram(_) => b",\"histogram\":",
    })?;
    point(out, time, value)?;
    out.write_all(b"}")
}

fn matrix_series(out: &mut dyn Write, series: &MatrixSeries) -> io::Result<()> {
    out.write_all(b"{\"metric\":")?;
    metric(out, &series.labels)?;
    for (key, floats) in [("values", true), ("histograms", false)] {
        let mut opened = false;
        for (time, value) in series.points().filter(|(_, v)| matches!(v, Point::Float(_)) == floats) {
            if opened {
                out.write_all(b",")?;
            } else {
                write!(out, ",\"{key}\":[")?;
                opened = true;
            }
            point(out, time, &value)?;
        }
        if opened {
            out.write_all(b"]")?;
        }
    }
    out.write_all(b"}")
}

fn point(out: &mut dyn Write, time: i64, value: &Point) -> io::Result<()> {
    write!(out, "[{},", api_time(time))?;
    match value {
        Point::Float(v) => write!(out, "\"{}\"", format_api(*v))?,
        Point::Histogram(h) => histogram(out, h)?,
    }
    out.write_all(b"]")
}

fn histogram(out: &mut dyn Write, h: &Histogram) -> io::Result<()> {
    write!(out, "{{\"count\":\"{}\",\"sum\":\"{}\"", format_api(h.count), format_api(h.sum))?;
    let buckets: Vec<Bucket> = h.buckets().filter(|b| b.count != 0.0).collect();
    if !buckets.is_empty() {
        out.write_all(b",\"buckets\":")?;
        list(out, &buckets, |out, b| {
            write!(
                out,
                "[{},\"{}\",\"{}\",\"{}\"]",
                boundary_rule(b.lower_inclusive, b.upper_inclusive),
                format_api(b.lower),
                format_api(b.upper),
                format_api(b.count)
            )
        })?;
    }
    out.write_all(b"}")
}

/// The API's number for which ends of a bucket belong to it.
pub(crate) fn boundary_rule(lower_inclusive: bool, upper_inclusive: bool) -> u8 {
    match (lower_inclusive, upper_inclusive) {
        (false, true) => 0,
        (true, false) => 1,
        (false, false) => 2,
        (true, true) => 3,
    }
}
