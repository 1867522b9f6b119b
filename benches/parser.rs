//! What parsing and checking an expression costs, beside the crate `promql-parser` and, on
//! request, Prometheus's own parser in one run.
//!
//! ```text
//! cargo bench --bench parser [-- --go DIR | --only N]
//! ```
//!
//! Prints nanoseconds a parse, the tree dropped again, for the expressions of Prometheus's own
//! `BenchmarkParser`, and the geometric mean of the ratios. Runs of the two take turns, and the
//! best of each counts. With `--go`, Prometheus's benchmark is run before them as it stands, from
//! `DIR`: the folder of any Go module that requires `github.com/prometheus/prometheus`. `--only`
//! parses the N-th expression a thousand times and prints nothing: for counting instructions.

#[path = "allocator/mod.rs"]
mod allocator;
use ferula::syntax::{ParseOptions, parse};
use std::collections::HashMap;
use std::hint::black_box;
use std::process::Command;
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

/// Nanoseconds by the name of the expression: each the best of Prometheus's own benchmark.
type GoTimes = HashMap<String, f64>;

/// Runs Prometheus's own benchmark in a Go module that requires it; what it prints by the name of
/// an expression: blanks are underscores there, and a wrong one says so.
fn time_go(module: &str) -> GoTimes {
    let package = "github.com/prometheus/prometheus/promql";
    let run = ["test", "-run", "^$", "-bench", "^BenchmarkParser$", "-cpu", "1", "-count", "40", "-benchtime", "5ms", package];
    let output = Command::new("go").args(run).current_dir(module).output().expect("go");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut times = GoTimes::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        // BenchmarkParser/1_>=_bool_1 \t 2000 \t 1040 ns/op …
        let Some(line) = line.strip_prefix("BenchmarkParser/") else { continue };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, _, time, "ns/op", ..] = words[..] else { continue };
        let time: f64 = time.parse().expect("nanoseconds");
        times.entry(name.to_owned()).and_modify(|best| *best = best.min(time)).or_insert(time);
    }
    times
}

/// A table of what each expression takes, with the geometric means of the times and their ratios.
fn table(title: &str, texts: &[&str], right: bool, go: Option<&GoTimes>) {
    let mut peers = vec!["promql-parser"];
    peers.extend(go.map(|_| "Prometheus"));
    print!("{title:<80}{:>8}", "ns");
    peers.iter().for_each(|peer| print!("{peer:>15}{:>8}", "ratio"));
    println!();
    let line = |name: &str, ours: f64, theirs: &[f64]| {
        print!("{name:<80}{ours:>8.0}");
        theirs.iter().for_each(|time| print!("{time:>15.0}{:>8.1}", time / ours));
        println!();
    };
    let mut logs = vec![0.0; 1 + peers.len()];
    for text in texts {
        let (ours, crates) = measure(text, right);
        let mut theirs = vec![crates];
        theirs.extend(go.map(|go| {
            let name = text.replace(' ', "_") + if right { "" } else { "_(should_fail)" };
            *go.get(&name).unwrap_or_else(|| panic!("Prometheus's benchmark has no {name}"))
        }));
        logs.iter_mut().zip([&[ours], &theirs[..]].concat()).for_each(|(sum, time)| *sum += time.ln());
        line(&text.chars().take(78).collect::<String>(), ours, &theirs);
    }
    let means: Vec<f64> = logs.iter().map(|sum| (sum / texts.len() as f64).exp()).collect();
    line("geometric mean", means[0], &means[1..]);
    println!();
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let value = |flag: &str| args.iter().skip_while(|arg| *arg != flag).nth(1);
    if let Some(only) = value("--only").and_then(|n| n.parse::<usize>().ok()) {
        let options = ParseOptions { experimental_functions: true, ..ParseOptions::default() };
        let text = RIGHT.iter().chain(&WRONG).chain(&REAL).nth(only).expect("an expression of that number");
        (0..1000).for_each(|_| drop(black_box(parse(black_box(text), &options))));
        return;
    }
    let go = value("--go").map(|module| time_go(module));
    table("right", &RIGHT, true, go.as_ref());
    table("wrong", &WRONG, false, go.as_ref());
    table("from dashboards", &REAL, true, None);
}
