//! Values and labels in the notation of scripts, for reports and for new expectations.

use super::script::Slot;
use crate::engine::Point;
use crate::model::{CounterResetHint, Histogram, HistogramSpan, LabelSet, duration, is_stale, labels, number};
use crate::syntax::ast::Expr;

/// Buckets that a histogram literal may list; wider ones have no literal.
const MAX_BUCKETS: i64 = 10_000;

/// A time of a script: a duration since the epoch.
pub(super) fn time(ms: i64) -> String {
    duration::format_ms(ms)
}

/// A query as text.
pub(super) fn query(expr: &Expr) -> String {
    expr.to_string()
}

/// A series as scripts name it: `name{label="value"}`.
pub(super) fn metric(set: &LabelSet) -> String {
    let quoted = |text: &str| crate::model::quote::quote(text.as_bytes());
    let name = set.get(labels::METRIC_NAME);
    let plain = name.filter(|n| labels::is_plain_label_name(n.replace(':', "_").as_bytes()));
    let mut items: Vec<String> = Vec::new();
    if let (Some(name), None) = (name, plain) {
        items.push(quoted(name));
    }
    for label in set.iter().filter(|l| &*l.name != labels::METRIC_NAME) {
        let plain = labels::is_plain_label_name(label.name.as_bytes());
        let name = if plain { label.name.to_string() } else { quoted(&label.name) };
        items.push(format!("{name}={}", quoted(&label.value)));
    }
    match (plain, items.is_empty()) {
        (Some(name), true) => name.to_owned(),
        (name, _) => format!("{}{{{}}}", name.unwrap_or_default(), items.join(",")),
    }
}

/// A number in the shortest form that is read back as the same one.
pub(super) fn float(value: f64) -> String {
    if is_stale(value) {
        return "stale".into();
    }
    match value {
        v if v.is_nan() => "NaN".into(),
        v if v.is_infinite() => if v > 0.0 { "Inf" } else { "-Inf" }.into(),
        v => number::format_api(v),
    }
}

/// A point of an answer. The reset hint of a histogram is written on demand only, because
/// written hints are compared.
pub(super) fn point(value: &Point, hint: bool) -> String {
    match value {
        Point::Float(value) => float(*value),
        Point::Histogram(value) => histogram(value, hint),
    }
}

/// One expected value.
pub(super) fn slot(value: &Slot) -> String {
    match value {
        Slot::Gap => "_".into(),
        Slot::Float(value) => float(*value),
        Slot::Histogram { value, hint_written } => histogram(value, *hint_written),
    }
}

/// Expected values, repetitions folded.
pub(super) fn slots(values: &[Slot]) -> String {
    join_runs(values.iter().map(slot))
}

/// Joins values with spaces and folds four or more equal ones in a row: `1x3`, `_x4`.
pub(super) fn join_runs(values: impl Iterator<Item = String>) -> String {
    let mut runs: Vec<(String, usize)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((last, count)) if *last == value => *count += 1,
            _ => runs.push((value, 1)),
        }
    }
    let written = |(value, count): (String, usize)| match value.as_str() {
        "_" if count > 3 => format!("_x{count}"),
        // These words cannot be repeated, since the `x` would become part of the word.
        "stale" | "NaN" | "Inf" | "-Inf" => vec![value; count].join(" "),
        _ if count > 3 => format!("{value}x{}", count - 1),
        _ => vec![value; count].join(" "),
    };
    runs.into_iter().map(written).collect::<Vec<_>>().join(" ")
}

/// A histogram literal: what is 0 is left out.
pub(super) fn histogram(h: &Histogram, hint: bool) -> String {
    let mut items = Vec::new();
    let mut add = |key: &str, value: f64| {
        if value != 0.0 {
            items.push(format!("{key}:{}", float(value)));
        }
    };
    add("schema", f64::from(h.schema));
    add("count", h.count);
    add("sum", h.sum);
    add("z_bucket", h.zero_count);
    add("z_bucket_w", h.zero_threshold);
    if !h.custom_values.is_empty() {
        items.push(format!("custom_values:[{}]", list(&h.custom_values)));
    }
    if hint {
        items.push(match h.counter_reset_hint {
            CounterResetHint::Unknown => "counter_reset_hint:unknown".into(),
            CounterResetHint::Reset => "counter_reset_hint:reset".into(),
            CounterResetHint::NotReset => "counter_reset_hint:not_reset".into(),
            CounterResetHint::Gauge => "counter_reset_hint:gauge".into(),
        });
    }
    for (prefix, spans, counts) in [("", &h.positive_spans, &h.positive_buckets), ("n_", &h.negative_spans, &h.negative_buckets)] {
        if let Some((offset, counts)) = dense(spans, counts) {
            if offset != 0 {
                items.push(format!("{prefix}offset:{offset}"));
            }
            items.push(format!("{prefix}buckets:[{}]", list(&counts)));
        }
    }
    format!("{{{{{}}}}}", items.join(" "))
}

fn list(values: &[f64]) -> String {
    values.iter().map(|v| float(*v)).collect::<Vec<_>>().join(" ")
}

/// The buckets from the first to the last that is not empty, without gaps; `None` if all are
/// empty. Where they are too many, the far ones are left out.
fn dense(spans: &[HistogramSpan], counts: &[f64]) -> Option<(i64, Vec<f64>)> {
    let (mut index, mut counts) = (0i64, counts.iter());
    let mut first = None;
    let mut listed: Vec<f64> = Vec::new();
    for span in spans {
        index += i64::from(span.offset);
        for _ in 0..span.length {
            let Some(&count) = counts.next() else { break };
            if count != 0.0 {
                let start = *first.get_or_insert(index);
                if let at @ 0..MAX_BUCKETS = index - start {
                    listed.resize(at as usize, 0.0);
                    listed.push(count);
                }
            }
            index += 1;
        }
    }
    first.map(|first| (first, listed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_names() {
        for (pairs, text) in [
            (vec![("__name__", "a:b")], "a:b"),
            (vec![("__name__", "a"), ("x", "1\"")], r#"a{x="1\""}"#),
            (vec![("__name__", "a b"), ("x.y", "1")], r#"{"a b","x.y"="1"}"#),
            (vec![], "{}"),
        ] {
            assert_eq!(metric(&LabelSet::from_pairs(pairs)), text);
        }
    }

    #[test]
    fn runs_are_folded() {
        let fold = |text: &str| join_runs(text.split(' ').map(str::to_owned));
        assert_eq!(fold("1 1 1 2 2 2 2 _ _ _ _"), "1 1 1 2x3 _x4");
        assert_eq!(fold("NaN NaN NaN NaN NaN"), "NaN NaN NaN NaN NaN");
    }

    #[test]
    fn histogram_literals() {
        let h = Histogram {
            schema: 1,
            count: 7.0,
            zero_threshold: 0.001,
            positive_spans: vec![HistogramSpan { offset: -1, length: 2 }, HistogramSpan { offset: 1, length: 1 }],
            positive_buckets: vec![0.0, 3.0, 4.0],
            ..Histogram::default()
        };
        assert_eq!(histogram(&h, false), "{{schema:1 count:7 z_bucket_w:0.001 buckets:[3 0 4]}}");
        assert_eq!(histogram(&Histogram::default(), true), "{{counter_reset_hint:unknown}}");
    }
}
