//! Mode `eval`: answers of queries over the data of load commands.

use crate::page::histogram;
use ferula::engine::{MatrixSeries, Point, QueryResult, Range, Value as Answer};
use ferula::golden::{self, Command};
use ferula::model::number::format_g;
use ferula::model::{LabelSet, Severity};
use ferula::source::MemorySource;
use ferula::source::memory::OutOfOrder;
use ferula::{Engine, EngineOptions};
use serde_json::{Map, Value, json};

/// The options of a case; what is left out is as in the reference's test runner.
pub fn options(case: &Value) -> Result<EngineOptions, String> {
    let mut options = EngineOptions { max_samples: 50_000_000, ..EngineOptions::promqltest() };
    for (name, value) in case.get("options").and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            continue;
        }
        let number = || value.as_i64().ok_or_else(|| format!("option {name} is no integer"));
        let flag = || value.as_bool().ok_or_else(|| format!("option {name} is no truth value"));
        match name.as_str() {
            "lookback_ms" => options.lookback_delta = number()?,
            "max_samples" => options.max_samples = number()?.max(0) as u64,
            "subquery_step_ms" => options.default_subquery_step = number()?,
            "delayed_name_removal" => options.delayed_name_removal = flag()?,
            "type_and_unit_labels" => options.type_and_unit_labels = flag()?,
            "start_timestamps" => options.use_start_timestamps = flag()?,
            "experimental_functions" => options.experimental_functions = flag()?,
            "fill_modifiers" => options.binop_fill_modifiers = flag()?,
            "unquoted_utf8_names" => options.unquoted_utf8_names = flag()?,
            "at_modifier" => options.at_modifier = flag()?,
            "strict_order" => options.strict_order = flag()?,
            "negative_offset" => options.negative_offset = flag()?,
            _ => return Err(format!("not a case: unknown option {name}")),
        }
    }
    Ok(options)
}

/// The results of the case's queries.
pub fn answer(case: &Value) -> Result<Map<String, Value>, String> {
    let engine = Engine::new(options(case)?);
    let mut source = MemorySource::with_order(OutOfOrder::PROMQLTEST);
    for command in golden::parse(case.get("load").and_then(Value::as_str).unwrap_or_default()).commands {
        match command {
            Command::Load(load) => golden::load(&mut source, &load).map_err(|e| e.message)?,
            Command::Broken(error) | Command::BrokenLoad(error) => return Err(error.message),
            _ => return Err("not a load command".into()),
        }
    }
    let queries = case.get("queries").and_then(Value::as_array).cloned().unwrap_or_default();
    let api = case.get("api").and_then(Value::as_bool).unwrap_or(false);
    let results: Vec<Value> = queries.iter().map(|q| result(&engine, &source, q, api)).collect();
    Ok(if results.is_empty() { Map::new() } else { Map::from_iter([("results".to_owned(), Value::Array(results))]) })
}

fn result(engine: &Engine, source: &MemorySource, query: &Value, api: bool) -> Value {
    let text = query.get("q").and_then(Value::as_str).unwrap_or_default();
    let ms = |name: &str| query.get(name).and_then(Value::as_i64).unwrap_or(0);
    let answer = engine.prepare(text).and_then(|prepared| match query.get("t").and_then(Value::as_i64) {
        Some(time) => prepared.instant(source, time),
        None => prepared.range(source, Range { start: ms("start"), end: ms("end"), step: ms("step") }),
    });
    match answer {
        Ok(result) => Value::Object(describe(&result, api)),
        Err(error) => json!({"error": error.to_string()}),
    }
}

fn describe(result: &QueryResult, api: bool) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    let kind = match &result.value {
        Answer::Scalar { .. } => "scalar",
        Answer::String { .. } => "string",
        Answer::Vector(_) => "vector",
        Answer::Matrix(_) => "matrix",
    };
    put("type", json!(kind));
    let series: Vec<Value> = match &result.value {
        Answer::Scalar { time, value } => vec![json!({"labels": {}, "points": [{"t": time, "v": format_g(*value)}]})],
        Answer::String { value, .. } => {
            put("string", json!(value.to_string()));
            Vec::new()
        }
        Answer::Vector(samples) => {
            samples.iter().map(|s| json!({"labels": labels(&s.labels), "points": [point(s.time, &s.value)]})).collect()
        }
        Answer::Matrix(matrix) => matrix.series.iter().map(matrix_series).collect(),
    };
    if !series.is_empty() {
        put("series", Value::Array(series));
    }
    for (severity, name) in [(Severity::Warning, "warnings"), (Severity::Info, "infos")] {
        let mut texts: Vec<&str> = result.annotations.iter().filter(|a| a.severity == severity).map(|a| a.rendered.as_str()).collect();
        texts.sort_unstable();
        if !texts.is_empty() {
            put(name, json!(texts));
        }
    }
    if api {
        put("api", serde_json::from_str(&result.to_api_json()).unwrap_or(Value::Null));
    }
    out
}

fn matrix_series(series: &MatrixSeries) -> Value {
    let points: Vec<Value> = series.points().map(|(t, p)| point(t, &p)).collect();
    json!({"labels": labels(&series.labels), "points": points})
}

fn point(time: i64, value: &Point) -> Value {
    match value {
        Point::Float(v) => json!({"t": time, "v": format_g(*v)}),
        Point::Histogram(h) => json!({"t": time, "h": histogram(h)}),
    }
}

fn labels(labels: &LabelSet) -> Value {
    Value::Object(labels.iter().map(|l| (l.name.to_string(), json!(&*l.value))).collect())
}
