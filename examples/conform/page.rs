//! Mode `page`: how a metrics page reads.

use ferula::model::number::format_g;
use ferula::model::{CounterResetHint, Histogram, HistogramSpan, Label};
use ferula::text::{Entry, Exemplar, Format, ReadOptions, Reader, Sample, Value as SampleValue};
use serde_json::{Map, Value, json};

/// The entries of the case's page, and the error that ended it.
pub fn answer(case: &Value) -> Result<Map<String, Value>, String> {
    let content_type = case.get("content_type").and_then(Value::as_str).ok_or("no content_type")?;
    let page = match (case.get("bytes").and_then(Value::as_str), case.get("page").and_then(Value::as_str)) {
        (Some(bytes), _) => base64(bytes).ok_or("bytes are not base64")?,
        (None, page) => page.unwrap_or_default().as_bytes().to_vec(),
    };
    let mut options = ReadOptions::default();
    for (name, _) in case.as_object().into_iter().flatten().filter(|(_, value)| **value == json!(true)) {
        match name.as_str() {
            "skip_created" => options.created_as_start = true,
            "classic" => options.keep_classic = true,
            "nhcb" => options.nhcb = true,
            "type_and_unit_labels" => options.type_and_unit_labels = true,
            other => return Err(format!("unsupported option {other}")),
        }
    }
    let mut answer = Map::new();
    let mut entries = Vec::new();
    match Format::from_content_type(content_type) {
        Err(error) => drop(answer.insert("error".into(), json!(error.to_string()))),
        Ok(format) => {
            let mut reader = Reader::new(page, format, options);
            loop {
                match reader.read_entry() {
                    Ok(Some(read)) => entries.push(entry(&read)),
                    Ok(None) => break,
                    Err(error) => {
                        answer.insert("error".into(), json!(error.kind().to_string()));
                        break;
                    }
                }
            }
        }
    }
    answer.insert("entries".into(), Value::Array(entries));
    Ok(answer)
}

fn entry(entry: &Entry) -> Value {
    let meta = |kind: &str, metric: &str, text: &str| {
        let fields = [("kind", kind), ("metric", metric), ("text", text)];
        Value::Object(fields.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| ((*k).to_owned(), json!(v))).collect())
    };
    match entry {
        Entry::Help { metric, text } => meta("help", metric, text),
        Entry::Type { metric, kind } => meta("type", metric, kind.as_str()),
        Entry::Unit { metric, unit } => meta("unit", metric, unit),
        Entry::Comment(text) => meta("comment", "", text),
        Entry::Sample(s) => sample(s),
        _ => Value::Null,
    }
}

fn sample(sample: &Sample) -> Value {
    let mut out = Map::from_iter([("kind".to_owned(), json!("sample"))]);
    if !sample.labels.is_empty() {
        out.insert("labels".into(), labels(sample.labels));
    }
    if let Some(t) = sample.time {
        out.insert("t".into(), json!(t));
    }
    if let Some(start) = sample.start.filter(|start| *start != 0) {
        out.insert("st".into(), json!(start));
    }
    match sample.value {
        SampleValue::Float(v) => out.insert("v".into(), json!(format_g(v))),
        SampleValue::Histogram(h) => out.insert("h".into(), histogram(h)),
    };
    if !sample.exemplars.is_empty() {
        out.insert("exemplars".into(), sample.exemplars.iter().map(exemplar).collect());
    }
    Value::Object(out)
}

/// A map: of labels with the same name the last one stands.
fn labels(labels: &[Label]) -> Value {
    Value::Object(labels.iter().map(|l| (l.name.to_string(), json!(&*l.value))).collect())
}

fn exemplar(exemplar: &Exemplar) -> Value {
    let mut out = Map::from_iter([("labels".to_owned(), labels(&exemplar.labels)), ("v".to_owned(), json!(format_g(exemplar.value)))]);
    if let Some(t) = exemplar.time {
        out.insert("t".into(), json!(t));
    }
    Value::Object(out)
}

pub fn histogram(h: &Histogram) -> Value {
    let number = |v: f64| json!(format_g(v));
    let mut out = Map::from_iter([
        ("schema".to_owned(), json!(h.schema)),
        ("zero_threshold".to_owned(), number(h.zero_threshold)),
        ("zero_count".to_owned(), number(h.zero_count)),
        ("count".to_owned(), number(h.count)),
        ("sum".to_owned(), number(h.sum)),
    ]);
    let spans = |spans: &[HistogramSpan]| spans.iter().map(|s| json!({"offset": s.offset, "length": s.length})).collect();
    for (name, list) in [("positive_spans", &h.positive_spans), ("negative_spans", &h.negative_spans)] {
        if !list.is_empty() {
            out.insert(name.into(), spans(list));
        }
    }
    for (name, list) in [("positive", &h.positive_buckets), ("negative", &h.negative_buckets), ("custom_values", &h.custom_values)] {
        if !list.is_empty() {
            out.insert(name.into(), list.iter().map(|v| number(*v)).collect());
        }
    }
    let hint = match h.counter_reset_hint {
        CounterResetHint::Unknown => 0,
        CounterResetHint::Reset => 1,
        CounterResetHint::NotReset => 2,
        CounterResetHint::Gauge => 3,
    };
    out.insert("reset_hint".into(), json!(hint));
    Value::Object(out)
}

/// Bytes of a base64 text with its padding.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for c in text.bytes().filter(|c| *c != b'=') {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    Some(out)
}
