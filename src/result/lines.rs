//! The notation of the reference's own tool: `up{job="a"} => 1 @[1.5]`.

use super::time::short_time;
use crate::engine::{Point, Value};
use crate::model::labels::{METRIC_NAME, is_plain_label_name};
use crate::model::number::{format_f, format_fixed, format_g};
use crate::model::{Histogram, LabelSet, quote::quote};
use std::io::{self, Write};

pub(super) fn promql(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Scalar { time, value } => writeln!(out, "scalar: {} @[{}]", format_f(*value), short_time(*time)),
        Value::String { value, .. } => {
            out.write_all(value.to_string().as_bytes())?;
            out.write_all(b"\n")
        }
        Value::Vector(samples) => {
            samples.iter().try_for_each(|s| writeln!(out, "{} => {} @[{}]", series(&s.labels), point(&s.value), short_time(s.time)))
        }
        Value::Matrix(matrix) => matrix.series.iter().try_for_each(|s| {
            writeln!(out, "{} =>", series(&s.labels))?;
            s.points().try_for_each(|(time, value)| writeln!(out, "{} @[{}]", point(&value), short_time(time)))
        }),
    }
}

fn point(value: &Point) -> String {
    match value {
        Point::Float(v) => format_f(*v),
        Point::Histogram(h) => histogram(h),
    }
}

/// A series in the notation that users write: the name before the braces where it can stand there.
pub(crate) fn series(labels: &LabelSet) -> String {
    let name = labels.metric_name();
    let plain = !name.is_empty() && is_plain_label_name(name.replace(':', "_").as_bytes());
    let mut parts: Vec<String> = Vec::with_capacity(labels.len());
    if !name.is_empty() && !plain {
        parts.push(quote(name.as_bytes()));
    }
    for l in labels.iter().filter(|l| &*l.name != METRIC_NAME) {
        let key = if is_plain_label_name(l.name.as_bytes()) { l.name.to_string() } else { quote(l.name.as_bytes()) };
        parts.push(format!("{key}={}", quote(l.value.as_bytes())));
    }
    match (plain, parts.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{name}{{{}}}", parts.join(", ")),
        (false, _) => format!("{{{}}}", parts.join(", ")),
    }
}

fn histogram(h: &Histogram) -> String {
    let buckets: Vec<String> = h
        .buckets()
        .filter(|b| b.count != 0.0)
        .map(|b| {
            let (open, close) = (if b.lower_inclusive { '[' } else { '(' }, if b.upper_inclusive { ']' } else { ')' });
            format!("{open}{},{}{close}:{}", format_g(b.lower), format_g(b.upper), format_f(b.count))
        })
        .collect();
    format!("Count: {}, Sum: {}, Buckets: [{}]", format_fixed(h.count, 6), format_fixed(h.sum, 6), buckets.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_outside_only_where_it_can() {
        let text = |pairs: &[(&str, &str)]| series(&LabelSet::from_pairs(pairs.iter().map(|(n, v)| (*n, *v))));
        assert_eq!(text(&[]), "{}");
        assert_eq!(text(&[("__name__", "up")]), "up");
        assert_eq!(text(&[("__name__", "a:b"), ("x", "1\"")]), r#"a:b{x="1\""}"#);
        assert_eq!(text(&[("__name__", "a.b"), ("c d", "1")]), r#"{"a.b", "c d"="1"}"#);
    }
}
