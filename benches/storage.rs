//! What `MemorySource` costs: bytes a sample at rest, and nanoseconds a sample to write and read.
//!
//! `cargo bench --bench storage` prints a line a data set. Bytes are those of the blocks as they
//! stand after a load (`open`), and with the newest samples sealed too (`packed`).

mod formula;

use ferula::model::{Histogram, LabelSet, Samples};
use ferula::source::{Columns, Hints, MemorySource, Selection, Source, TimeRange};
use std::hint::black_box;
use std::time::Instant;

const INTERVAL: i64 = 15_000;
const SAMPLES: u64 = 1440;
const JITTER: u64 = 50;
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

fn measure(name: &str, fill: impl Fn(&mut MemorySource)) {
    let mut source = MemorySource::new();
    let start = Instant::now();
    fill(&mut source);
    let write = start.elapsed().as_nanos() as f64;
    let samples = source.sample_count() as f64;
    let open = source.sample_bytes() as f64 / samples;
    source.compact();
    let packed = source.sample_bytes() as f64 / samples;
    let all = read_time(&source, TimeRange::ALL) / SAMPLES as f64;
    let end = (SAMPLES as i64 - 1) * INTERVAL - 3 * INTERVAL;
    let last = read_time(&source, TimeRange { start: end - 300_000, end });
    println!("{name:<22} {samples:>9} {open:>7.2} {packed:>7.2} {:>9.0} {all:>8.2} {last:>9.0}", write / samples);
}

fn main() {
    println!("{:<22} {:>9} {:>7} {:>7} {:>9} {:>8} {:>9}", "data", "samples", "open", "packed", "ns/write", "ns/read", "ns/instant");
    measure("service", |s| {
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
}
