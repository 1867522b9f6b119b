//! Aligned columns for people.

use super::time::{When, show};
use crate::engine::{Matrix, Point, Value, VectorSample};
use crate::model::labels::METRIC_NAME;
use crate::model::number::{format_api, format_f};
use crate::result::{label_columns, series_text};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Rows of text; every column is as wide as its widest cell.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns that are aligned to the right.
    right: Vec<usize>,
}

impl Table {
    /// A table with a first row; the columns in `right` are aligned to the right.
    pub(crate) fn new(header: Vec<String>, right: Vec<usize>) -> Self {
        Table { rows: vec![header], right }
    }
    pub(crate) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |c: usize| self.rows.iter().filter_map(|r| r.get(c)).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (c, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if c > 0 {
                    line.push_str("  ");
                }
                let fill = " ".repeat(width - cell.chars().count());
                let right = self.right.contains(&c);
                line.push_str(if right { &fill } else { "" });
                line.push_str(cell);
                line.push_str(if right { "" } else { &fill });
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// Writes an answer. `width` is the terminal's, if there is one: wide tables are cut into several.
pub(crate) fn write(value: &Value, when: When, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Scalar { value, .. } => writeln!(out, "{}", format_f(*value)),
        Value::String { value, .. } => writeln!(out, "{value}"),
        Value::Vector(samples) if samples.is_empty() => Ok(()),
        Value::Matrix(matrix) if matrix.series.is_empty() => Ok(()),
        Value::Vector(samples) => vector(samples, when, out),
        Value::Matrix(m) => matrix(m, width, out),
    }
}

fn vector(samples: &[VectorSample], when: When, out: &mut dyn Write) -> io::Result<()> {
    let columns = label_columns(samples.iter().map(|s| &s.labels));
    let heading = |c: &&str| if *c == METRIC_NAME { "metric".to_owned() } else { visible(c) };
    let mut header: Vec<String> = columns.iter().map(heading).collect();
    header.push("value".into());
    let mut table = Table::new(header, vec![columns.len()]);
    for s in samples {
        let mut row: Vec<String> = columns.iter().map(|c| visible(s.labels.get(c).unwrap_or(""))).collect();
        row.push(point(&s.value));
        table.push(row);
    }
    table.write(out)?;
    writeln!(out, "\n{} {}", count(samples.len(), "series", "series"), when.in_words())
}

/// A legend, then the times down and the series across.
fn matrix(matrix: &Matrix, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    for (i, s) in matrix.series.iter().enumerate() {
        writeln!(out, "[{}] {}", i + 1, visible(&series_text(&s.labels)))?;
    }
    let cells: Vec<BTreeMap<i64, String>> =
        matrix.series.iter().map(|s| s.points().map(|(time, value)| (time, point(&value))).collect()).collect();
    let mut from = 0;
    while from < cells.len() {
        let to = from + fitting(&cells[from..], width);
        let times: std::collections::BTreeSet<i64> = cells[from..to].iter().flat_map(|c| c.keys().copied()).collect();
        let header = std::iter::once("time".to_owned()).chain((from..to).map(|i| format!("[{}]", i + 1))).collect();
        let mut table = Table::new(header, (1..=to - from).collect());
        for time in times {
            let values = cells[from..to].iter().map(|c| c.get(&time).cloned().unwrap_or_default());
            table.push(std::iter::once(show(time)).chain(values).collect());
        }
        writeln!(out)?;
        table.write(out)?;
        from = to;
    }
    Ok(())
}

/// How many of the columns fit beside the times; at least one.
fn fitting(cells: &[BTreeMap<i64, String>], width: Option<usize>) -> usize {
    let Some(width) = width else { return cells.len() };
    let mut used = "2026-01-01T00:00:00.000Z".len();
    for (i, column) in cells.iter().enumerate() {
        used += 2 + column.values().map(|c| c.chars().count()).max().unwrap_or(0).max(4);
        if used > width && i > 0 {
            return i;
        }
    }
    cells.len()
}

fn point(value: &Point) -> String {
    match value {
        Point::Float(v) => format_api(*v),
        Point::Histogram(h) => h.to_string(),
    }
}

/// Control characters would break the columns, or worse, the terminal.
pub(crate) fn visible(text: &str) -> String {
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text.to_owned() }
}

/// `1 sample`, `3 samples`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::MatrixSeries;
    use crate::model::LabelSet;
    use crate::model::histogram::HistogramPoints;

    fn text(value: &Value, width: Option<usize>) -> String {
        let mut out = Vec::new();
        write(value, When::At(0), width, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_vector_has_a_column_for_each_label() {
        let sample = |labels: &[(&str, &str)], value| VectorSample {
            labels: LabelSet::from_pairs(labels.iter().map(|(n, v)| (*n, *v))),
            time: 0,
            value: Point::Float(value),
        };
        let value = Value::Vector(vec![
            sample(&[("__name__", "up"), ("job", "a")], 1.0),
            sample(&[("__name__", "up"), ("zone", "x\u{1b}[31m")], 12.5),
        ]);
        insta::assert_snapshot!(text(&value, None), @r"
        metric  job  zone         value
        up      a                     1
        up           x\u{1b}[31m   12.5

        2 series at 1970-01-01T00:00:00Z
        ");
        assert_eq!(text(&Value::Vector(Vec::new()), None), "");
    }

    #[test]
    fn a_matrix_is_cut_to_the_terminal() {
        let series = |job: &str, values: Vec<f64>, floats| MatrixSeries {
            labels: LabelSet::from_pairs([("__name__", "up"), ("job", job)]),
            times: [0, 60_000].into(),
            values: values.into(),
            floats: vec![floats].into(),
            histograms: HistogramPoints::default(),
        };
        let value = Value::Matrix(Matrix { series: vec![series("a", vec![1.0, 0.25], 0b11), series("b", vec![0.0, 7.0], 0b10)] });
        insta::assert_snapshot!(text(&value, None), @r#"
        [1] up{job="a"}
        [2] up{job="b"}

        time                   [1]  [2]
        1970-01-01T00:00:00Z     1
        1970-01-01T00:01:00Z  0.25    7
        "#);
        insta::assert_snapshot!(text(&value, Some(32)), @r#"
        [1] up{job="a"}
        [2] up{job="b"}

        time                   [1]
        1970-01-01T00:00:00Z     1
        1970-01-01T00:01:00Z  0.25

        time                  [2]
        1970-01-01T00:01:00Z    7
        "#);
    }
}
