//! Queries that everybody asks of a service, each with a sensible answer on the demo data.
#![cfg(feature = "demo")]

use ferula::engine::{Engine, EngineOptions, Point, QueryResult, Value, VectorSample};
use ferula::source::MemorySource;
use std::sync::OnceLock;

fn source() -> &'static MemorySource {
    static SOURCE: OnceLock<MemorySource> = OnceLock::new();
    SOURCE.get_or_init(ferula::demo::source)
}

fn ask(query: &str) -> QueryResult {
    let engine = Engine::new(EngineOptions::default());
    let prepared = engine.prepare(query).unwrap_or_else(|e| panic!("{query}: {e}"));
    prepared.instant(source(), ferula::demo::END).unwrap_or_else(|e| panic!("{query}: {e}"))
}

fn vector(query: &str) -> Vec<VectorSample> {
    match ask(query).value {
        Value::Vector(v) => v,
        other => panic!("{query}: {other:?}"),
    }
}

fn numbers(query: &str) -> Vec<f64> {
    let number = |s: &VectorSample| match &s.value {
        Point::Float(v) => *v,
        Point::Histogram(h) => panic!("{query}: {h:?}"),
    };
    vector(query).iter().map(number).collect()
}

/// Query, number of series, and the numbers between which every value lies.
const SHEET: &[(&str, usize, f64, f64)] = &[
    ("churn_api_predictions_total", 3, 100_000.0, 300_000.0),
    ("rate(churn_api_predictions_total[5m])", 3, 10.0, 30.0),
    ("sum(rate(churn_api_predictions_total[5m]))", 1, 40.0, 70.0),
    (r#"churn_api_requests_total{status="200"}"#, 12, 10_000.0, 300_000.0),
    (r#"churn_api_requests_total{method="POST", path="/predict", status="200"}"#, 3, 100_000.0, 250_000.0),
    ("sum(rate(churn_api_requests_total[5m]))", 1, 60.0, 100.0),
    ("avg(churn_api_active_requests)", 1, 1.0, 30.0),
    ("max(churn_api_active_requests)", 1, 1.0, 30.0),
    (r#"count(up{job="churn-api"})"#, 1, 3.0, 3.0),
    ("sum by(path) (rate(churn_api_requests_total[5m]))", 4, 3.0, 60.0),
    ("increase(churn_api_predictions_total[1h])", 3, 40_000.0, 100_000.0),
    ("increase(http_requests_total[1h])", 12, 0.0, 100_000.0),
    ("avg_over_time(active_users[5m])", 3, 100.0, 400.0),
    ("avg_over_time(churn_api_model_confidence[5m])", 3, 0.6, 0.95),
    ("predict_linear(churn_api_predictions_total[1h], 3600)", 3, 150_000.0, 400_000.0),
    ("histogram_quantile(0.95, rate(churn_api_request_latency_seconds_bucket[5m]))", 12, 0.001, 5.0),
    ("histogram_quantile(0.99, rate(churn_api_request_latency_seconds_bucket[5m]))", 12, 0.001, 5.0),
    ("histogram_quantile(0.95, sum by (le, path) (rate(churn_api_request_latency_seconds_bucket[5m])))", 4, 0.001, 5.0),
    ("rate(churn_api_request_latency_seconds_sum[5m]) / rate(churn_api_request_latency_seconds_count[5m])", 12, 0.001, 2.0),
    (r#"sum(rate(churn_api_requests_total{status=~"5.."}[5m])) / sum(rate(churn_api_requests_total[5m])) * 100"#, 1, 0.1, 2.0),
    ("(container_memory_usage_bytes / container_memory_limit_bytes) * 100", 3, 30.0, 60.0),
    ("rate(churn_api_predictions_total[5m]) * 60", 3, 600.0, 1800.0),
    ("churn_data_drift_score > 0.3", 2, 0.3, 0.5),
    ("rate(missing_features_total[15m]) > 0", 3, 0.05, 1.0),
    ("avg by (instance) (churn_api_model_confidence) * on (instance) group_left(version) churn_api_model_info", 3, 0.6, 0.95),
];

#[test]
fn every_query_of_the_sheet_has_a_sensible_answer() {
    let mut wrong = Vec::new();
    for (query, series, low, high) in SHEET {
        let values = numbers(query);
        if values.len() != *series || !values.iter().all(|v| (*low..=*high).contains(v)) {
            wrong.push(format!("{query}: {values:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_story_can_be_seen() {
    // the join carries the version of the deploy
    let joined = vector("avg by (instance) (churn_api_model_confidence) * on (instance) group_left(version) churn_api_model_info");
    assert!(joined.iter().all(|s| s.labels.get("version") == Some("v2.4.0")));
    // one restart each, one instance away for a while
    assert_eq!(numbers("resets(churn_api_predictions_total[6h])"), [1.0, 1.0, 1.0]);
    assert_eq!(numbers("min_over_time(up[6h])"), [1.0, 1.0, 0.0]);
    let ratio = |offset: &str| {
        let part = |matcher: &str| format!("sum(increase(churn_api_requests_total{matcher}[10m] offset {offset}))");
        numbers(&format!("{} / {}", part(r#"{status=~"5.."}"#), part("")))[0]
    };
    assert!(ratio("65m") > 10.0 * ratio("2h"), "errors burst: {} {}", ratio("65m"), ratio("2h"));
    let p95 = |offset: &str| {
        let rate = format!(r#"rate(churn_api_request_latency_seconds_bucket{{path="/predict"}}[10m] offset {offset})"#);
        numbers(&format!("histogram_quantile(0.95, sum by (le) ({rate}))"))[0]
    };
    assert!(p95("0s") > 3.0 * p95("1h30m"), "latency regressed: {} {}", p95("0s"), p95("1h30m"));
    let traffic = |offset: &str| numbers(&format!("sum(rate(churn_api_requests_total[10m] offset {offset}))"))[0];
    assert!(traffic("4h") > 2.0 * traffic("5h45m"), "traffic wave: {} {}", traffic("4h"), traffic("5h45m"));
}
