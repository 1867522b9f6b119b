//! How the cost of a query grows: laws as ratios of two queries timed in turns in one run, so
//! that they hold on a slow machine as on a quick one. Prints `pass` or `FAIL` for each.
//!
//! Laws of storage are in `storage`, those of window kernels in `kernels`.
//!
//! ```text
//! cargo bench --bench laws
//! ```

#[path = "allocator/mod.rs"]
mod allocator;
#[path = "clock/mod.rs"]
mod clock;
#[path = "formula/mod.rs"]
#[allow(dead_code)]
mod formula;

use ferula::engine::{Engine, EngineOptions, Range};
use ferula::model::LabelSet;
use ferula::source::MemorySource;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

const INTERVAL: i64 = 15_000;
const ROUNDS: usize = 41;

/// A query over a source, on some threads. One whose step is 0 is an instant query.
#[derive(Clone, Copy)]
struct Case<'a> {
    source: &'a MemorySource,
    query: &'a str,
    range: Range,
    threads: usize,
}

/// Counters `a` and `b`; `pad` lengthens the value of a label that all have.
fn counters(series: u64, samples: u64, pad: usize) -> MemorySource {
    let mut source = MemorySource::new();
    for name in ["a", "b"] {
        for i in 0..series {
            let labels = [
                ("__name__", name.to_owned()),
                ("cluster", format!("eu-{}", "x".repeat(pad))),
                ("namespace", format!("{}-{}", "y".repeat(pad), i % 3)),
                ("pod", format!("pod-{}{i}", "z".repeat(pad))),
                ("team", (i % 20).to_string()),
            ];
            let id = source.series_id(&LabelSet::from_pairs(labels)).expect("a series");
            for (s, value) in formula::counter(i, samples, 0).enumerate() {
                source.append_float(id, s as i64 * INTERVAL, 0, value).expect("in order");
            }
        }
    }
    source.compact();
    source
}

/// Classic histograms `h_bucket` of ten buckets each, and ten times as many native ones, `n`.
fn histograms(series: u64, samples: u64) -> MemorySource {
    let mut source = MemorySource::new();
    let bounds = ["0.1", "0.25", "0.5", "1", "2.5", "5", "10", "25", "50", "+Inf"];
    for i in 0..series * 10 {
        let (pod, le) = (format!("pod-{}", i / 10), bounds[i as usize % 10]);
        let labels = LabelSet::from_pairs([("__name__", "h_bucket"), ("le", le), ("pod", &pod)]);
        let id = source.series_id(&labels).expect("a series");
        for (s, value) in formula::classic(i, 10, samples).enumerate() {
            source.append_float(id, s as i64 * INTERVAL, 0, value).expect("in order");
        }
        let id = source.series_id(&LabelSet::from_pairs([("__name__", "n".into()), ("pod", format!("pod-{i}"))])).expect("a series");
        for (s, histogram) in formula::native(i, samples).enumerate() {
            source.append_histogram(id, s as i64 * INTERVAL, 0, Arc::new(histogram)).expect("in order");
        }
    }
    source.compact();
    source
}

fn range(samples: u64, steps: i64) -> Range {
    let end = (samples as i64 - 1) * INTERVAL;
    let step = (end - 600_000) / steps;
    Range { start: end - (steps - 1) * step, end, step }
}

impl<'a> Case<'a> {
    /// What evaluates it.
    fn run(self) -> impl Fn() + 'a {
        let engine = Engine::new(EngineOptions { threads: self.threads, ..EngineOptions::default() });
        let query = engine.prepare(self.query).expect("a query");
        move || {
            let answer = match self.range.step {
                0 => query.instant(self.source, self.range.end),
                _ => query.range(self.source, self.range),
            };
            drop(black_box(answer.expect("an answer")));
        }
    }
}

/// The least processor time of some rounds in which the cases take turns.
fn times<const N: usize>(cases: [Case<'_>; N]) -> [f64; N] {
    let runs = cases.map(Case::run);
    let mut least = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (least, run) in least.iter_mut().zip(&runs) {
            *least = least.min(clock::of(run));
        }
    }
    least
}

/// Wall time of the second case over that of the first, and that of the first in ns. The machine
/// may be quick at one time and slow at another, and is less often quick for two threads than for
/// one: what is compared lies side by side, and counts is the round in the middle.
fn wall([first, second]: [Case<'_>; 2]) -> (f64, f64) {
    let (first, second) = (first.run(), second.run());
    let time = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64
    };
    let mut rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let one = time(&first);
            (time(&second) / one, one)
        })
        .collect();
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let least = rounds.iter().fold(f64::INFINITY, |least, round| least.min(round.1));
    (rounds[ROUNDS / 2].0, least)
}

fn at_most(law: &str, figure: f64, limit: f64) -> bool {
    println!("{}  {law:<79} {figure:>7.2}  at most {limit}", if figure <= limit { "pass" } else { "FAIL" });
    figure <= limit
}

fn main() -> ExitCode {
    let mut held = true;
    let source = counters(500, 1_000, 0);
    let case = |query, steps, threads| Case { source: &source, query, range: range(1_000, steps), threads };

    let long = counters(20, 20_000, 0);
    let over = |steps: i64| Range { start: 600_000, end: 600_000 + (steps - 1) * INTERVAL, step: INTERVAL };
    let few = Case { source: &long, query: "rate(a[5m])", range: over(1_000), threads: 1 };
    let many = Case { range: over(10_000), ..few };
    let [few, many] = times([few, many]);
    held &= at_most("10 times the steps, over as much more data", many / few, 10.5);

    let wide = counters(500, 1_000, 60);
    for (law, query) in [
        ("sum by over labels many times as long", "sum by (pod) (a)"),
        ("a join over labels many times as long", "a + on (pod, namespace) b"),
    ] {
        let long = Case { source: &wide, query, range: range(1_000, 240), threads: 1 };
        let [short, long] = times([case(query, 240, 1), long]);
        held &= at_most(law, long / short, 1.1);
    }

    let [one, each] = times([case("sum(a)", 240, 1), case("sum by (pod) (a)", 240, 1)]);
    held &= at_most("a group for each series, against one for all", each / one, 1.5);

    for (law, once, twice) in [
        ("an expression that appears twice: a + a", "a", "a + a"),
        ("a rate that appears twice", "sum by (pod) (rate(a[5m]))", "sum by (pod) (rate(a[5m])) / sum by (pod) (rate(a[5m]))"),
    ] {
        let [once, twice] = times([case(once, 240, 1), case(twice, 240, 1)]);
        held &= at_most(law, twice / once, 1.15);
    }

    // Enough series that calling a thread does not count.
    let (source, histograms) = (counters(2_500, 1_000, 0), histograms(250, 1_000));
    let (steps, once) = (range(1_000, 240), Range { step: 0, ..range(1_000, 240) });
    let two = [
        (&source, "rate(a[5m])", steps),
        (&source, "sum by (team) (rate(a[5m]))", steps),
        (&source, "quantile_over_time(0.9, a[10m])", steps),
        (&source, "topk(5, rate(a[5m]))", steps),
        (&source, "quantile(0.9, stddev_over_time(a[10m]))", steps),
        (&source, "quantile by (team) (0.9, rate(a[5m]))", steps),
        (&source, "rate(a[5m]) / rate(b[5m])", steps),
        (&source, "rate(a[5m]) / on (pod) group_left () rate(b[5m])", steps),
        (&source, "rate(a[5m]) and rate(b[5m])", steps),
        (&histograms, "histogram_quantile(0.9, rate(h_bucket[5m]))", steps),
        (&histograms, "histogram_quantile(0.9, n)", steps),
        (&histograms, "sum(rate(n[5m]))", steps),
        (&source, "rate(a[1h])", once),
        (&source, "sum_over_time(a[4h])", once),
        (&source, "sum by (pod) (stddev_over_time(a[1h]))", once),
    ];
    for (source, query, range) in two {
        let one = Case { source, query, range, threads: 1 };
        let (ratio, ns) = wall([one, Case { threads: 2, ..one }]);
        let (points, at) = if range.step == 0 { (2_500.0, " at one time") } else { (2_500.0 * 240.0, "") };
        held &= at_most(&format!("two threads: {query}{at}, {:.1} ns a point", ns / points), ratio, 0.571);
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
