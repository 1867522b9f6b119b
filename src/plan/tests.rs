//! Plans of queries that strain the lowering, as text.

use crate::engine::{Engine, EngineOptions, Range};

fn explain(query: &str, start: i64, end: i64, step: i64) -> String {
    let prepared = Engine::new(EngineOptions::promqltest()).prepare(query).expect(query);
    format!("{query}\n{}", prepared.explain(Range { start, end, step }).unwrap_or_else(|e| format!("error: {e}\n")))
}

#[test]
fn range_queries() {
    let plans: Vec<String> = [
        "sum by (job) (rate(x_total{job!=\"a\"}[5m] offset 1m))",
        "a + on (i) group_left (v) (b @ 60 > bool 1)",
        "max_over_time(rate(x_total[1m])[10m:30s] @ end() offset 5m)",
        "histogram_quantile(scalar(q), sum by (le) (rate(b_bucket[5m])))",
        "topk(scalar(k @ 30), a @ 0)",
        "x[step() * 3] smoothed",
        "rate(x[step() * 3] smoothed)",
        "histogram_count(sum(h)) > 0",
        "time() - start() + -1",
        "info(a @ 60, {v=~\"1.*\"})",
        "a offset (range() / 2) and -b",
    ]
    .iter()
    .map(|query| explain(query, 60_000, 360_000, 60_000))
    .collect();
    insta::assert_snapshot!(plans.join("\n"));
}

#[test]
fn instant_queries() {
    let plans: Vec<String> = ["rate(x_total[5m])", "a[step()]", "a[5m:] @ start()", "b + a offset (1 / (0))", "\"text\""]
        .iter()
        .map(|query| explain(query, 60_000, 60_000, 0))
        .collect();
    insta::assert_snapshot!(plans.join("\n"));
}

#[test]
fn selections_are_what_a_query_reads() {
    let engine = Engine::new(EngineOptions::default());
    let query = engine.prepare("rate(a[5m] offset 1m) / max_over_time(b[10m:1m])").expect("parses");
    let selections = query.selections(Range { start: 3_600_000, end: 7_200_000, step: 60_000 }).expect("plans");
    let ranges: Vec<(i64, i64)> = selections.iter().map(|s| (s.range.start, s.range.end)).collect();
    // Windows are left-open: the first millisecond that counts is the one after the left end.
    assert_eq!(ranges, [(3_600_000 - 360_000 + 1, 7_200_000 - 60_000), (3_600_000 - 600_000 - 300_000 + 1, 7_200_000)]);
}
