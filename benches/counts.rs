//! The work of a dozen queries, to be counted rather than timed: `.ci/counts` runs this program
//! under callgrind, which counts the instructions of [`counted`] alone, and compares them with
//! those of the commit before. Prints the names of what it ran.
//!
//! ```text
//! cargo bench --bench counts            run all of them, to see that they work
//! cargo bench --bench counts -- topk    run one
//! .ci/counts                            count, and compare with the parent commit
//! ```

#[path = "formula/mod.rs"]
#[allow(dead_code)]
mod formula;

use ferula::engine::{Engine, EngineOptions, Range};
use ferula::model::{CounterResetHint, Histogram, HistogramSpan, LabelSet};
use ferula::source::MemorySource;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

/// Samples of each series, 15 s apart.
const SAMPLES: u64 = 960;
const INTERVAL: i64 = 15_000;
const END: i64 = (SAMPLES as i64 - 1) * INTERVAL;

/// What is counted: a name, a query, and how many steps it has (1: an instant query).
const QUERIES: [(&str, &str, i64); 18] = [
    ("one series, instant", r#"rate(c{i="7"}[1m])"#, 1),
    ("select", "c", 240),
    ("rate 1m", "rate(c[1m])", 240),
    ("rate 1h", "rate(c[1h])", 240),
    ("sum 1h", "sum_over_time(c[1h])", 240),
    ("max 1h", "max_over_time(c[1h])", 240),
    ("stddev 1h", "stddev_over_time(c[1h])", 240),
    ("quantile 1h", "quantile_over_time(0.9, c[1h])", 240),
    ("rate 1m smoothed", "rate(c[1m] smoothed)", 240),
    ("deriv 5m", "deriv(d[5m])", 240),
    ("sum by rate", "sum by (job) (rate(c[5m]))", 240),
    ("topk", "topk(3, c)", 240),
    ("plus", "c + d", 240),
    ("group_left", "c * on (job) group_left () one", 240),
    ("and", "c and d > 1000", 240),
    ("classic quantile", "histogram_quantile(0.9, rate(h_bucket[5m]))", 240),
    ("native rate", "sum(rate(n[5m]))", 60),
    ("native quantile", "histogram_quantile(0.9, sum(rate(n[5m])))", 60),
];

/// The one function whose instructions are counted, with all that it calls.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let source = source()?;
    let engine = Engine::new(EngineOptions { threads: 1, experimental_functions: true, ..EngineOptions::default() });
    for (name, text, steps) in QUERIES.into_iter().filter(|(name, ..)| wanted.as_ref().is_none_or(|w| w == name)) {
        let mut failed = None;
        let mut run = || {
            let asked = engine.prepare(text).and_then(|query| match steps {
                1 => query.instant(&source, END),
                _ => query.range(&source, Range { start: END - (steps - 1) * 30_000, end: END, step: 30_000 }),
            });
            failed = black_box(asked).err();
        };
        // Once before: what is made on first use is not counted.
        run();
        counted(&mut run);
        match failed {
            Some(e) => return Err(format!("{text}: {e}").into()),
            None => println!("{name}"),
        }
    }
    Ok(())
}

fn source() -> Result<MemorySource, Box<dyn Error>> {
    let mut filled = MemorySource::new();
    let source = &mut filled;
    let labels = |name: &str, i: u64, more: &[(&str, &str)]| {
        let (i, job) = (i.to_string(), format!("job-{}", i % 5));
        let own = [("__name__", name), ("i", &*i), ("job", &*job)];
        LabelSet::from_pairs(own.into_iter().chain(more.iter().copied()))
    };
    let floats = |source: &mut MemorySource, labels: LabelSet, values: &mut dyn Iterator<Item = f64>| -> Result<(), Box<dyn Error>> {
        let id = source.series_id(&labels)?;
        for (s, value) in values.enumerate() {
            source.append_float(id, s as i64 * INTERVAL, 0, value)?;
        }
        Ok(())
    };
    for i in 0..50 {
        floats(source, labels("c", i, &[]), &mut formula::counter(i, SAMPLES, 300))?;
        floats(source, labels("d", i, &[]), &mut formula::gauge(i, SAMPLES))?;
    }
    for i in 0..5 {
        let one = LabelSet::from_pairs([("__name__", "one"), ("job", &*format!("job-{i}"))]);
        floats(source, one, &mut formula::gauge(900 + i, SAMPLES))?;
        for (k, le) in ["0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"].iter().enumerate() {
            let n = i * 8 + k as u64;
            floats(source, labels("h_bucket", i, &[("le", le)]), &mut formula::classic(n, 8, SAMPLES))?;
        }
        let id = source.series_id(&labels("n", i, &[]))?;
        for s in 0..SAMPLES {
            let k = (s * (i + 1)) as f64;
            let histogram = Histogram {
                counter_reset_hint: CounterResetHint::Unknown,
                schema: 1,
                zero_threshold: 0.001,
                zero_count: k,
                count: 9.0 * k,
                sum: 18.4 * k,
                positive_spans: vec![HistogramSpan { offset: 0, length: 4 }],
                positive_buckets: vec![k, 2.0 * k, k, 0.5 * k],
                negative_spans: vec![HistogramSpan { offset: 1, length: 2 }],
                negative_buckets: vec![k, 2.5 * k],
                ..Histogram::default()
            };
            source.append_histogram(id, s as i64 * INTERVAL, 0, Arc::new(histogram))?;
        }
    }
    source.commit();
    Ok(filled)
}
