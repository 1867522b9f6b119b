//! What a window costs, as ratios that hold on any machine: `pass` or `FAIL` for each.
//!
//! `cargo bench --bench kernels` prints nanoseconds per sample read and step in windows of 5
//! minutes and of 1 day, then how much faster each kernel is than the one that takes a window
//! after the other, at the length where it gains least. Samples come as ready columns, so that
//! decoding is left out.

#[path = "allocator/mod.rs"]
mod allocator;
#[path = "clock/mod.rs"]
mod clock;

use ferula::engine::Range;
use ferula::model::{LabelSet, Samples};
use ferula::source::{Columns, Selection, SeriesSet, Source, SourceError, TimeRange};
use ferula::{Engine, EngineOptions, PreparedQuery};
use std::hint::black_box;
use std::process::ExitCode;

const INTERVAL: i64 = 10_000;
const MINUTES_5: i64 = 300_000;
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

/// A query over the windows of `range`.
struct Case<'a> {
    query: PreparedQuery,
    source: &'a Ready,
    range: Range,
}

impl Case<'_> {
    fn run(&self) -> f64 {
        clock::of(|| drop(black_box(self.query.range(self.source, self.range).expect("an answer"))))
    }
}

/// The least nanoseconds of each of two cases that take turns.
fn in_turns(rounds: usize, a: &Case<'_>, b: &Case<'_>) -> (f64, f64) {
    (0..rounds).fold((f64::INFINITY, f64::INFINITY), |least, _| (least.0.min(a.run()), least.1.min(b.run())))
}

fn prepared(options: &EngineOptions, call: &str, window: i64) -> PreparedQuery {
    let text = call.replace("[]", &format!("[{window}ms]"));
    Engine::new(options.clone()).prepare(&text).expect("a query")
}

/// What a day's window costs more than one of five minutes, for each sample read and step.
fn growth(source: &Ready, options: &EngineOptions, call: &str) -> (f64, f64) {
    let case = |window| Case {
        query: prepared(options, call, window),
        source,
        range: Range { start: DAY, end: 2 * DAY - INTERVAL, step: INTERVAL },
    };
    let steps = DAY / INTERVAL;
    let work = |window| source.labels.len() as f64 * (steps + steps + window / INTERVAL) as f64;
    let (short, long) = in_turns(5, &case(MINUTES_5), &case(DAY));
    (short / work(MINUTES_5), long / work(DAY))
}

/// How many times faster than one window after the other, where that is least, and the number of
/// samples in a window there.
fn gain(source: &Ready, options: &EngineOptions, call: &str) -> (f64, i64) {
    let plain = EngineOptions { window_by_window: true, ..options.clone() };
    let gains = [2, 6, 30, 64, 65, 90, 360].map(|samples| {
        let case = |options| Case {
            query: prepared(options, call, samples * INTERVAL),
            source,
            range: Range { start: DAY, end: DAY + 1_999 * INTERVAL, step: INTERVAL },
        };
        let (own, plain) = in_turns(7, &case(options), &case(&plain));
        (plain / own, samples)
    });
    gains.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default()
}

fn verdict(held: bool) -> &'static str {
    if held { "pass" } else { "FAIL" }
}

fn main() -> ExitCode {
    let source = data();
    let options = EngineOptions { threads: 1, experimental_functions: true, ..EngineOptions::default() };
    let steady = [
        "rate(x[])",
        "increase(x[])",
        "delta(x[])",
        "irate(x[])",
        "idelta(x[])",
        "changes(x[])",
        "resets(x[])",
        "count_over_time(x[])",
        "present_over_time(x[])",
        "first_over_time(x[])",
        "last_over_time(x[])",
        "min_over_time(x[])",
        "max_over_time(x[])",
        "sum_over_time(x[])",
        "avg_over_time(x[])",
        "stddev_over_time(x[])",
        "stdvar_over_time(x[])",
        "deriv(x[])",
        "predict_linear(x[], 60)",
    ];
    let ordered = ["quantile_over_time(0.9, x[])", "mad_over_time(x[])"];
    let mut held = true;
    println!("{:<36}{:>10}{:>10}{:>8}", "ns per sample and step", "5m", "1d", "ratio");
    for (call, limit) in steady.map(|call| (call, 1.3)).into_iter().chain(ordered.map(|call| (call, 4.0))) {
        let (short, long) = growth(&source, &options, call);
        let passed = long <= limit * short;
        println!("{call:<36}{short:>10.1}{long:>10.1}{:>8.2}  at most {limit}: {}", long / short, verdict(passed));
        held &= passed;
    }
    println!("\n{:<36}{:>10}{:>18}", "against one window after the other", "gain", "samples a window");
    for call in steady.iter().chain(&ordered).chain(&["double_exponential_smoothing(x[], 0.3, 0.3)"]) {
        let (gain, samples) = gain(&source, &options, call);
        println!("{call:<44}{gain:>6.2}{samples:>14}  at least 1: {}", verdict(gain >= 0.97));
        held &= gain >= 0.97;
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
