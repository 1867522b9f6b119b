//! CSV: one row a sample, a column for each label that occurs, then time and value.

use super::time::api_time;
use crate::engine::{Point, Value};
use crate::model::LabelSet;
use crate::model::labels::METRIC_NAME;
use crate::model::number::format_api;
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) fn csv(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Scalar { time, value } => write!(out, "timestamp,value\n{},{}\n", api_time(*time), format_api(*value)),
        Value::String { time, value } => write!(out, "timestamp,value\n{},{}\n", api_time(*time), field(&value.to_string())),
        Value::Vector(samples) => {
            let columns = label_columns(samples.iter().map(|s| &s.labels));
            header(out, &columns)?;
            samples.iter().try_for_each(|s| row(out, &columns, &s.labels, s.time, &s.value))
        }
        Value::Matrix(matrix) => {
            let columns = label_columns(matrix.series.iter().map(|s| &s.labels));
            header(out, &columns)?;
            matrix.series.iter().try_for_each(|s| s.points().try_for_each(|(time, value)| row(out, &columns, &s.labels, time, &value)))
        }
    }
}

/// The labels that occur: the metric name first, the others sorted.
pub(crate) fn label_columns<'a>(sets: impl Iterator<Item = &'a LabelSet>) -> Vec<&'a str> {
    let mut names: BTreeSet<&str> = sets.flat_map(|l| l.iter().map(|l| &*l.name)).collect();
    let first = names.take(METRIC_NAME);
    first.into_iter().chain(names).collect()
}

fn header(out: &mut dyn Write, columns: &[&str]) -> io::Result<()> {
    for column in columns {
        write!(out, "{},", field(column))?;
    }
    out.write_all(b"timestamp,value\n")
}

fn row(out: &mut dyn Write, columns: &[&str], labels: &LabelSet, time: i64, value: &Point) -> io::Result<()> {
    for column in columns {
        write!(out, "{},", field(labels.get(column).unwrap_or("")))?;
    }
    match value {
        Point::Float(v) => writeln!(out, "{},{}", api_time(time), format_api(*v)),
        Point::Histogram(h) => writeln!(out, "{},{}", api_time(time), field(&h.to_string())),
    }
}

/// A field, quoted where it has a comma, quote or line break.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
