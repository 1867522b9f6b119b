//! What `MemorySource` costs: bytes a sample at rest, and nanoseconds a sample to write and read.
//!
//! `cargo bench --bench storage` prints a line a data set. Bytes are those of the blocks as they
//! stand after a load (`open`), and with the newest samples sealed too (`packed`). Then it says
//! whether what must hold on any machine does: how bytes and costs relate to one another.

#[path = "allocator/mod.rs"]
mod allocator;
mod clock;
mod formula;

use ferula::engine::Range;
use ferula::model::{Histogram, LabelSet, Samples};
use ferula::source::{Columns, Hints, MemorySource, Selection, Source, TimeRange};
use ferula::{Engine, EngineOptions};
use std::hint::black_box;
use std::time::Instant;

const INTERVAL: i64 = 15_000;
const SAMPLES: u64 = 1440;
const JITTER: u64 = 50;
/// Bytes a sample that Prometheus's blocks take on the same formulas as `service`.
const PROMETHEUS_BYTES: f64 = 4.07;
/// A tenth of the pods that the service of the comparison with Prometheus has.
const PODS: u64 = 25;

fn floats(source: &mut MemorySource, metric: &str, i: u64, jitter: u64, values: impl Iterator<Item = f64>) {
    let labels = LabelSet::from_pairs([("__name__", metric.to_owned()), ("i", i.to_string())]);
    let id = source.series_id(&labels).expect("a series");
    for (s, value) in values.enumerate() {
        source.append_float(id, formula::time(i, s as u64, INTERVAL, jitter), 0, value).expect("in order");
    }
}

fn histograms(source: &mut MemorySource, metric: &str, i: u64, values: impl Iterator<Item = Histogram>) {
    let labels = LabelSet::from_pairs([("__name__", metric.to_owned()), ("i", i.to_string())]);
    let id = source.series_id(&labels).expect("a series");
    for (s, value) in values.enumerate() {
        source.append_histogram(id, formula::time(i, s as u64, INTERVAL, JITTER), 0, value).expect("in order");
    }
}

fn counters(source: &mut MemorySource, jitter: u64) {
    for i in 0..40 * PODS {
        floats(source, "requests_total", i, jitter, formula::counter(i, SAMPLES, 997));
    }
}

fn classics(source: &mut MemorySource) {
    for n in 0..12 * PODS {
        floats(source, "latency_seconds_bucket", 40 * PODS + n, JITTER, formula::classic(n, 12, SAMPLES));
    }
}

fn gauges(source: &mut MemorySource) {
    for i in 52 * PODS..53 * PODS {
        floats(source, "memory_bytes", i, JITTER, formula::gauge(i, SAMPLES));
    }
}

fn natives(source: &mut MemorySource) {
    for i in 53 * PODS..54 * PODS {
        histograms(source, "latency_native_seconds", i, formula::native(i, SAMPLES));
    }
}

fn ones(source: &mut MemorySource) {
    for i in 54 * PODS..55 * PODS {
        floats(source, "build_info", i, 0, std::iter::repeat_n(1.0, SAMPLES as usize));
    }
}

fn ramps(source: &mut MemorySource) {
    for i in 0..10 * PODS {
        floats(source, "ramp", i, 0, formula::ramp(i, 10 * PODS, SAMPLES));
    }
}

/// Reads every series over a range; nanoseconds a series, the least of some rounds for each, so
/// that other work on the machine does not count.
fn read_time(source: &MemorySource, range: TimeRange) -> f64 {
    let selection = Selection { matchers: &[], range, hints: Hints::default() };
    let set = source.select(&selection).expect("selected");
    let mut samples = Samples::default();
    let mut least = vec![u128::MAX; set.labels().len()];
    for _ in 0..15 {
        for (i, least) in least.iter_mut().enumerate() {
            let start = Instant::now();
            set.read(i, range, Columns::ALL, &mut samples).expect("read");
            black_box(&samples);
            *least = start.elapsed().as_nanos().min(*least);
        }
    }
    least.iter().sum::<u128>() as f64 / least.len() as f64
}

/// Prints a line, and returns the bytes a sample takes when packed.
fn measure(name: &str, fill: impl Fn(&mut MemorySource)) -> f64 {
    let mut source = MemorySource::new();
    let write = clock::of(|| fill(&mut source));
    let samples = source.sample_count() as f64;
    let open = source.sample_bytes() as f64 / samples;
    source.compact();
    let packed = source.sample_bytes() as f64 / samples;
    let all = read_time(&source, TimeRange::ALL) / SAMPLES as f64;
    let end = (SAMPLES as i64 - 1) * INTERVAL - 3 * INTERVAL;
    let last = read_time(&source, TimeRange { start: end - 300_000, end });
    println!("{name:<22} {samples:>9} {open:>7.2} {packed:>7.2} {:>9.0} {all:>8.2} {last:>9.0}", write / samples);
    packed
}

/// Counters of 20 teams that live one after another, `lives` times as many as are alive at once.
fn generations(alive: u64, lives: u64, samples: u64) -> MemorySource {
    let mut source = MemorySource::new();
    for i in 0..alive * lives {
        let labels = [("__name__", "cpu_seconds_total".to_owned()), ("team", (i % 20).to_string()), ("pod", i.to_string())];
        let id = source.series_id(&LabelSet::from_pairs(labels)).expect("a series");
        let (from, to) = (i / alive * samples / lives, (i / alive + 1) * samples / lives);
        for (s, value) in (from..to).zip(formula::counter(i, to - from, 0)) {
            source.append_float(id, formula::time(i, s, INTERVAL, JITTER), 0, value).expect("in order");
        }
    }
    source.compact();
    source
}

/// Nanoseconds of a query over each source, the least of some rounds in which they take turns.
fn query_times<const N: usize>(query: &str, sources: [&MemorySource; N], range: Range) -> [f64; N] {
    let engine = Engine::new(EngineOptions { threads: 1, ..EngineOptions::default() });
    let query = engine.prepare(query).expect("a query");
    let mut least = [f64::INFINITY; N];
    for _ in 0..7 {
        for (least, source) in least.iter_mut().zip(sources) {
            *least = least.min(clock::of(|| {
                black_box(query.range(source, range).expect("an answer"));
            }));
        }
    }
    least
}

fn verdict(law: &str, figure: f64, at_most: f64) {
    let word = if figure <= at_most { "pass" } else { "FAIL" };
    println!("{word}  {law:<60} {figure:>8.2}  at most {at_most}");
}

fn main() {
    println!("{:<22} {:>9} {:>7} {:>7} {:>9} {:>8} {:>9}", "data", "samples", "open", "packed", "ns/write", "ns/read", "ns/instant");
    let service = measure("service", |s| {
        counters(s, JITTER);
        classics(s);
        gauges(s);
        natives(s);
        ones(s);
    });
    measure("counters, jitter", |s| counters(s, JITTER));
    measure("counters, regular", |s| counters(s, 0));
    measure("classic histograms", classics);
    measure("gauges", gauges);
    measure("native histograms", natives);
    measure("constants", ones);
    measure("ramps", ramps);

    println!();
    verdict("bytes a sample on service, of 4.07 in Prometheus's blocks", service / PROMETHEUS_BYTES, 0.7);
    let (few, many) = (generations(1_000, 1, 20), generations(100_000, 1, 20));
    let range = Range { start: 0, end: 19 * INTERVAL, step: 2 * INTERVAL };
    let [few, many] = query_times("sum by (team) (cpu_seconds_total)", [&few, &many], range);
    verdict("sum by over 100 times as many series", many / few, 105.0);
    let (dense, churn) = (generations(200, 1, SAMPLES), generations(200, 20, SAMPLES));
    let range = Range { start: 300_000, end: SAMPLES as i64 * INTERVAL, step: 60_000 };
    let [dense, churn] = query_times("sum by (team) (rate(cpu_seconds_total[5m]))", [&dense, &churn], range);
    verdict("the same samples in 20 times as many series", churn / dense, 2.5);
}
