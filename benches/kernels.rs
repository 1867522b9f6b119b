//! What a window costs: the same functions over windows of 5 minutes and of 1 day.
//!
//! `cargo bench --bench kernels` prints nanoseconds per sample read and step, and what the long
//! window costs more. Samples come as ready columns, so that decoding is left out.

use ferula::engine::Range;
use ferula::model::{LabelSet, Samples};
use ferula::source::{Columns, Selection, SeriesSet, Source, SourceError, TimeRange};
use ferula::{Engine, EngineOptions};
use std::hint::black_box;
use std::time::Instant;

const INTERVAL: i64 = 10_000;
const DAY: i64 = 86_400_000;

/// Series as columns of two days.
struct Ready {
    labels: Vec<LabelSet>,
    samples: Vec<Samples>,
}

impl Source for Ready {
    fn select<'a>(&'a self, _: &Selection<'_>) -> Result<Box<dyn SeriesSet + 'a>, SourceError> {
        Ok(Box::new(Set(self)))
    }
}

struct Set<'a>(&'a Ready);

impl SeriesSet for Set<'_> {
    fn labels(&self) -> &[LabelSet] {
        &self.0.labels
    }
    fn read(&self, index: usize, range: TimeRange, _: Columns, out: &mut Samples) -> Result<(), SourceError> {
        let all = &self.0.samples[index];
        let (from, to) = (all.time.partition_point(|t| *t < range.start), all.time.partition_point(|t| *t <= range.end));
        out.clear();
        out.time.extend_from_slice(&all.time[from..to]);
        out.value.extend_from_slice(&all.value[from..to]);
        Ok(())
    }
}

fn data() -> Ready {
    let labels = (0..8).map(|i| LabelSet::from_pairs([("__name__", "x_total".to_owned()), ("i", i.to_string())])).collect();
    let mut state = 1_u64;
    let samples = (0..8).map(|_| {
        let (mut samples, mut level) = (Samples::default(), 0.0);
        for i in 0..2 * DAY / INTERVAL {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            level = if state >> 52 == 0 { 0.0 } else { level + (state >> 40) as f64 / 1e4 };
            samples.push_float(i * INTERVAL, level);
        }
        samples
    });
    Ready { samples: samples.collect(), labels }
}

/// Nanoseconds per sample and step of the best of some runs.
fn cost(engine: &Engine, source: &Ready, call: &str, window: &str, length: i64) -> f64 {
    let text = call.replace("[]", &format!("[{window}]"));
    let query = engine.prepare(&text).expect("a query");
    let range = Range { start: DAY, end: 2 * DAY - INTERVAL, step: INTERVAL };
    let steps = DAY / INTERVAL;
    let work = source.labels.len() as f64 * (steps + steps + length / INTERVAL) as f64;
    let runs = (0..5).map(|_| {
        let started = Instant::now();
        black_box(query.range(source, range).expect("an answer"));
        started.elapsed().as_nanos() as f64
    });
    runs.fold(f64::INFINITY, f64::min) / work
}

fn main() {
    let source = data();
    let engine = Engine::new(EngineOptions { threads: 1, experimental_functions: true, ..EngineOptions::default() });
    let calls = [
        "rate(x[])",
        "increase(x[])",
        "delta(x[])",
        "irate(x[])",
        "changes(x[])",
        "resets(x[])",
        "count_over_time(x[])",
        "last_over_time(x[])",
        "min_over_time(x[])",
        "max_over_time(x[])",
        "sum_over_time(x[])",
        "avg_over_time(x[])",
        "stddev_over_time(x[])",
        "deriv(x[])",
        "predict_linear(x[], 60)",
        "quantile_over_time(0.9, x[])",
        "mad_over_time(x[])",
    ];
    println!("{:<32}{:>10}{:>10}{:>8}", "ns per sample and step", "5m", "1d", "ratio");
    for call in calls {
        let (short, long) = (cost(&engine, &source, call, "5m", 300_000), cost(&engine, &source, call, "1d", DAY));
        println!("{call:<32}{short:>10.1}{long:>10.1}{:>8.2}", long / short);
    }
}
