//! Answers as text: the HTTP API's JSON, the reference tool's lines, CSV and one JSON object a line.
//!
//! Nothing here evaluates; the command line, the browser and servers call it with a finished
//! [`QueryResult`]. What is made for people alone (tables, plots) lives with the command line.

mod delimited;
mod json;
mod lines;
mod time;

#[cfg(feature = "cli")]
pub(crate) use delimited::label_columns;
pub use json::API_ANNOTATION_CAP;
#[cfg(feature = "wasm")]
pub(crate) use json::boundary_rule;
#[cfg(any(feature = "cli", feature = "wasm"))]
pub(crate) use lines::series as series_text;
pub use time::api_time;

use crate::engine::{QueryResult, Value};
use std::io;

/// How an answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// The `data` of the HTTP API: `{"resultType":…,"result":…}`.
    Json,
    /// One JSON object a series, in the API's notation, each on a line of its own.
    Ndjson,
    /// One row a sample with a column for each label that occurs.
    Csv,
    /// As the reference's own tool prints values: `up{job="a"} => 1 @[1.5]`.
    Promql,
}

impl Value {
    /// Writes the value; all formats but [`Format::Json`] end in a newline unless nothing is written.
    ///
    /// # Errors
    /// What `out` returns.
    ///
    /// ```
    /// use ferula::engine::Value;
    /// use ferula::result::Format;
    /// let mut out = Vec::new();
    /// Value::Scalar { time: 1500, value: 2.0 }.write(Format::Promql, &mut out)?;
    /// assert_eq!(out, b"scalar: 2 @[1.5]\n");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write(&self, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
        match format {
            Format::Json => json::data(self, out),
            Format::Ndjson => json::lines(self, out),
            Format::Csv => delimited::csv(self, out),
            Format::Promql => lines::promql(self, out),
        }
    }
    /// How many series (or single values) there are.
    pub fn len(&self) -> usize {
        match self {
            Value::Scalar { .. } | Value::String { .. } => 1,
            Value::Vector(v) => v.len(),
            Value::Matrix(m) => m.series.len(),
        }
    }
    /// Whether a vector or matrix has no series.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl QueryResult {
    /// The `data` of the HTTP API's answer to `query` and `query_range`.
    ///
    /// ```
    /// use ferula::engine::{QueryResult, Value};
    /// let result = QueryResult { value: Value::Scalar { time: 1500, value: 2.0 }, annotations: Vec::new() };
    /// assert_eq!(result.to_api_json(), r#"{"resultType":"scalar","result":[1.5,"2"]}"#);
    /// assert_eq!(
    ///     result.to_api_response(),
    ///     r#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"2"]}}"#
    /// );
    /// ```
    pub fn to_api_json(&self) -> String {
        in_memory(|out| json::data(&self.value, out))
    }
    /// The whole body of the HTTP API's answer: status, `data`, and at most
    /// [`API_ANNOTATION_CAP`] warnings and infos each.
    pub fn to_api_response(&self) -> String {
        in_memory(|out| json::response(self, out))
    }
    /// The warnings and the infos as the API lists them: rendered, capped, the rest counted.
    pub fn api_annotations(&self) -> (Vec<String>, Vec<String>) {
        json::annotations(&self.annotations)
    }
}

/// Writing to memory does not fail, and the writers emit UTF-8 alone.
fn in_memory(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    let _ = write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
