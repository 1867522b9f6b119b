//! What parsing and checking an expression costs, beside the crate `promql-parser` in one run.
//!
//! `cargo bench --bench parser` prints nanoseconds a parse, the tree dropped again, for the
//! expressions of Prometheus's own `BenchmarkParser`, and the geometric mean of the ratios. Runs
//! of the two take turns, and the best of each counts. `-- --only N` parses the N-th expression a
//! thousand times and prints nothing: for counting instructions.

#[path = "allocator/mod.rs"]
mod allocator;
use ferula::syntax::{ParseOptions, parse};
use std::hint::black_box;
use std::time::Instant;

/// Expressions that are right.
const RIGHT: [&str; 14] = [
    "a",
    "metric",
    "1",
    "1 >= bool 1",
    "1 + 2/(3*1)",
    "foo or bar",
    "foo and bar unless baz or qux",
    "bar + on(foo) bla / on(baz, buz) group_right(test) blub",
    "foo / ignoring(test,blub) group_left(blub) bar",
    "foo - ignoring(test,blub) group_right(bar,foo) bar",
    r#"foo{a="b", foo!="bar", test=~"test", bar!~"baz"}"#,
    r#"min_over_time(rate(foo{bar="baz"}[2s])[5m:])[4m:3s]"#,
    "sum without(and, by, avg, count, alert, annotations)(some_metric) [30m:10s]",
    r#"sort_by_label(metric, "foo", "bar")"#,
];

/// Expressions that are wrong.
const WRONG: [&str; 6] = ["(", "}", "1 or 1", "1 or on(bar) foo", "foo unless on(bar) group_left(baz) bar", "test[5d] OFFSET 10s [10m:5s]"];

/// Expressions as dashboards have them.
const REAL: [&str; 3] = [
    r#"sum by (job) (rate(http_requests_total{job="api-server"}[5m]))"#,
    r#"histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket{service=~"checkout|cart",code!~"5.."}[5m])))"#,
    r#"100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle",instance=~"$host.*"}[1m])))"#,
];

const ROUNDS: usize = 15;

/// Nanoseconds of one of `count` calls.
fn time(count: u32, mut call: impl FnMut()) -> f64 {
    let started = Instant::now();
    (0..count).for_each(|_| call());
    started.elapsed().as_nanos() as f64 / f64::from(count)
}

/// Parses with both and gives the best nanoseconds of each; both must agree whether it is right.
fn measure(text: &str, right: bool) -> (f64, f64) {
    let options = ParseOptions { experimental_functions: true, ..ParseOptions::default() };
    assert_eq!(parse(text, &options).is_ok(), right, "{text}");
    let ours = || drop(black_box(parse(black_box(text), &options)));
    let theirs = || drop(black_box(promql_parser::parser::parse(black_box(text))));
    let count = (1_000_000.0 / time(200, theirs)).max(50.0) as u32;
    (0..ROUNDS).fold((f64::INFINITY, f64::INFINITY), |(a, b), _| (a.min(time(4 * count, ours)), b.min(time(count, theirs))))
}

fn table(title: &str, texts: &[&str], right: bool) {
    println!("{title:<80}{:>8}{:>15}{:>8}", "ns", "promql-parser", "ratio");
    let (mut ours, mut theirs) = (0.0, 0.0);
    for text in texts {
        let (a, b) = measure(text, right);
        (ours, theirs) = (ours + a.ln(), theirs + b.ln());
        let shown: String = text.chars().take(78).collect();
        println!("{shown:<80}{a:>8.0}{b:>15.0}{:>8.1}", b / a);
    }
    let (ours, theirs) = ((ours / texts.len() as f64).exp(), (theirs / texts.len() as f64).exp());
    println!("{:<80}{ours:>8.0}{theirs:>15.0}{:>8.1}\n", "geometric mean", theirs / ours);
}

fn main() {
    let mut args = std::env::args().skip_while(|arg| arg != "--only").skip(1);
    if let Some(only) = args.next().and_then(|n| n.parse::<usize>().ok()) {
        let options = ParseOptions { experimental_functions: true, ..ParseOptions::default() };
        let text = RIGHT.iter().chain(&WRONG).chain(&REAL).nth(only).expect("an expression of that number");
        (0..1000).for_each(|_| drop(black_box(parse(black_box(text), &options))));
        return;
    }
    table("right", &RIGHT, true);
    table("wrong", &WRONG, false);
    table("from dashboards", &REAL, true);
}
