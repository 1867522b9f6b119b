//! What a query costs however little it reads: microseconds to prepare it and to evaluate it over
//! one series, at one time and at a few. `cargo bench --bench fixed`.
//!
//! `-- --only N` evaluates the N-th query a thousand times and prints nothing: for counting
//! instructions.

#[path = "allocator/mod.rs"]
mod allocator;
use ferula::engine::Range;
use ferula::model::LabelSet;
use ferula::source::MemorySource;
use ferula::{Engine, EngineOptions};
use std::hint::black_box;
use std::time::Instant;

const QUERIES: [&str; 9] = [
    "a",
    "rate(a[1m])",
    "sum(a)",
    "sum by (l) (rate(a[5m]))",
    "a + b",
    "sum(rate(a[5m])) / sum(rate(b[5m])) > 0.5",
    "absent(nothing)",
    "1 + 2 * 3",
    "histogram_quantile(0.9, sum by (le) (rate(h_bucket[5m])))",
];

const HOUR: i64 = 3_600_000;

fn source() -> MemorySource {
    let mut source = MemorySource::new();
    for (name, le) in [("a", ""), ("b", ""), ("h_bucket", "1"), ("h_bucket", "+Inf")] {
        let labels = LabelSet::from_pairs([("__name__", name), ("l", "x"), ("le", le)]);
        for i in 0..2 * HOUR / 10_000 {
            source.append_float(&labels, i * 10_000, 0, i as f64).expect("in order");
        }
    }
    source.compact();
    source
}

/// Microseconds of a call, of the best of some rounds.
fn best(mut call: impl FnMut()) -> f64 {
    let round = |call: &mut dyn FnMut()| {
        let started = Instant::now();
        (0..500).for_each(|_| call());
        started.elapsed().as_nanos() as f64 / 500e3
    };
    (0..20).map(|_| round(&mut call)).fold(f64::INFINITY, f64::min)
}

fn main() {
    let source = source();
    let engine = Engine::new(EngineOptions { threads: 1, ..EngineOptions::default() });
    let mut args = std::env::args().skip_while(|arg| arg != "--only").skip(1);
    if let Some(text) = args.next().and_then(|n| QUERIES.get(n.parse::<usize>().ok()?)) {
        for _ in 0..1000 {
            let query = engine.prepare(text).expect("a query");
            black_box(query.instant(&source, HOUR).expect("an answer"));
        }
        return;
    }
    println!("{:<62}{:>9}{:>9}{:>11}", "microseconds", "prepare", "instant", "11 steps");
    let range = Range { start: HOUR - 100_000, end: HOUR, step: 10_000 };
    for text in QUERIES {
        let query = engine.prepare(text).expect("a query");
        let prepare = best(|| drop(black_box(engine.prepare(black_box(text)))));
        let instant = best(|| drop(black_box(query.instant(&source, HOUR))));
        let steps = best(|| drop(black_box(query.range(&source, range))));
        println!("{text:<62}{prepare:>9.2}{instant:>9.2}{steps:>11.2}");
    }
}
