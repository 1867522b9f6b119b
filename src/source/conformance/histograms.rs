//! Rules on native histograms and start timestamps.

use super::fixtures::{buckets, expect, float, histogram, one_series, read_one, select};
use super::rules::Probe;
use super::{TestSample, TestValue};
use crate::model::histogram::CUSTOM_BUCKETS_SCHEMA;
use crate::model::{CounterResetHint, Histogram, HistogramSpan, Samples, is_stale, stale};
use crate::source::{Columns, TimeRange};

pub(super) fn starts_are_kept(probe: &Probe<'_>) -> Result<(), String> {
    let starts = [0, 900, 900, 2500, 0, 4999, -7];
    let samples = starts.iter().enumerate().map(|(i, start)| TestSample { start: *start, ..float(i as i64 * 1000, i as f64) });
    probe(&one_series(samples.collect()), &mut |source| {
        let out = read_one(source, TimeRange::ALL, Columns::ALL)?;
        expect("start timestamps", &(0..out.len()).map(|i| out.start_of(i)).collect(), &starts.to_vec())?;
        let out = read_one(source, TimeRange { start: 2000, end: 4000 }, Columns::ALL)?;
        expect("start timestamps of a part", &(0..out.len()).map(|i| out.start_of(i)).collect(), &starts[2..5].to_vec())
    })
}

/// Populated buckets of one side by index.
fn populated(spans: &[HistogramSpan], counts: &[f64]) -> Vec<(i64, f64)> {
    let mut counts = counts.iter();
    let mut index = 0;
    let mut all = Vec::new();
    for span in spans {
        index += i64::from(span.offset);
        for count in counts.by_ref().take(span.length as usize) {
            if *count != 0.0 {
                all.push((index, *count));
            }
            index += 1;
        }
    }
    all
}

/// A histogram without its hint and empty buckets, which a source may add.
fn told(h: &Histogram) -> String {
    if is_stale(h.sum) {
        return "stale".into();
    }
    format!(
        "schema {} zero {}±{} count {} sum {} positive {:?} negative {:?} bounds {:?}",
        h.schema,
        h.zero_count,
        h.zero_threshold,
        h.count,
        h.sum,
        populated(&h.positive_spans, &h.positive_buckets),
        populated(&h.negative_spans, &h.negative_buckets),
        h.custom_values
    )
}

fn found(samples: &Samples) -> Vec<String> {
    let one = |(i, time): (usize, &i64)| match samples.histogram_at(i) {
        Some(h) => format!("{time}: {}", told(&h.to_histogram())),
        None => format!("{time}: {:016x}", samples.value.get(i).map_or(0, |v| v.to_bits())),
    };
    samples.time.iter().enumerate().map(one).collect()
}

fn expected(samples: &[TestSample]) -> Vec<String> {
    let one = |s: &TestSample| match &s.value {
        TestValue::Histogram(h) => format!("{}: {}", s.time, told(h)),
        TestValue::Float(value) => format!("{}: {:016x}", s.time, value.to_bits()),
    };
    samples.iter().map(one).collect()
}

fn custom(counts: [f64; 2]) -> Histogram {
    Histogram {
        schema: CUSTOM_BUCKETS_SCHEMA,
        count: counts[0] + counts[1],
        sum: 4.0,
        positive_spans: vec![HistogramSpan { offset: 0, length: 1 }, HistogramSpan { offset: 1, length: 1 }],
        positive_buckets: counts.to_vec(),
        custom_values: vec![0.5, 1.0],
        ..Histogram::default()
    }
}

pub(super) fn histograms_are_kept(probe: &Probe<'_>) -> Result<(), String> {
    let wider = Histogram {
        positive_spans: vec![HistogramSpan { offset: -1, length: 5 }],
        positive_buckets: vec![1.0, 5.0, 5.0, 0.0, 9.0],
        count: 23.0,
        ..buckets([5.0, 5.0, 9.0, 2.0])
    };
    let samples = vec![
        histogram(0, buckets([1.0, 2.0, 3.0, 1.0])),
        histogram(1000, buckets([2.0, 2.5, 3.0, 1.0])),
        histogram(2000, wider),
        histogram(3000, buckets([0.0, 1.0, 0.0, 0.0])),
        histogram(4000, custom([1.0, 2.0])),
        histogram(5000, Histogram { custom_values: vec![0.5, 1.0, 2.0], ..custom([3.0, 4.0]) }),
        histogram(6000, Histogram { sum: f64::NEG_INFINITY, ..Histogram::default() }),
    ];
    probe(&one_series(samples.clone()), &mut |source| {
        expect("samples", &found(&read_one(source, TimeRange::ALL, Columns::ALL)?), &expected(&samples))?;
        let part = read_one(source, TimeRange { start: 1000, end: 4000 }, Columns::ALL)?;
        expect("samples of a part", &found(&part), &expected(&samples[1..5]))
    })
}

fn hints(samples: &Samples) -> Vec<CounterResetHint> {
    samples.histograms().map(|(_, h)| h.counter_reset_hint).collect()
}

pub(super) fn gauges_stay_gauges(probe: &Probe<'_>) -> Result<(), String> {
    let with = |hint, counts| Histogram { counter_reset_hint: hint, ..buckets(counts) };
    let written = [CounterResetHint::Unknown, CounterResetHint::Gauge, CounterResetHint::Gauge, CounterResetHint::Unknown];
    let samples = written.iter().enumerate().map(|(i, hint)| histogram(i as i64 * 1000, with(*hint, [4.0, 4.0, 4.0 - i as f64, 4.0])));
    probe(&one_series(samples.collect()), &mut |source| {
        let is_gauge = |hints: Vec<CounterResetHint>| hints.iter().map(|h| *h == CounterResetHint::Gauge).collect::<Vec<_>>();
        let found = is_gauge(hints(&read_one(source, TimeRange::ALL, Columns::ALL)?));
        expect("which histograms are gauges", &found, &is_gauge(written.to_vec()))
    })
}

pub(super) fn hints_are_true(probe: &Probe<'_>) -> Result<(), String> {
    let counts = [3.0, 5.0, 1.0, 2.0, 2.0, 0.0];
    let samples = counts.iter().enumerate().map(|(i, c)| histogram(i as i64 * 1000, buckets([*c, 1.0, 1.0, 1.0])));
    probe(&one_series(samples.collect()), &mut |source| {
        let hints = hints(&read_one(source, TimeRange::ALL, Columns::ALL)?);
        expect("number of histograms", &hints.len(), &counts.len())?;
        for (i, pair) in counts.windows(2).enumerate() {
            let hint = hints.get(i + 1).copied().unwrap_or_default();
            if pair[1] < pair[0] && hint == CounterResetHint::NotReset {
                return Err(format!("a bucket goes from {} to {}, and the hint is {hint:?}", pair[0], pair[1]));
            }
            if pair[1] >= pair[0] && hint == CounterResetHint::Reset {
                return Err(format!("a bucket goes from {} to {}, and the hint is {hint:?}", pair[0], pair[1]));
            }
        }
        Ok(())
    })
}

pub(super) fn kinds_take_turns(probe: &Probe<'_>) -> Result<(), String> {
    let samples = vec![
        float(0, 1.0),
        histogram(1000, buckets([1.0, 1.0, 1.0, 1.0])),
        float(2000, 2.0),
        float(3000, stale()),
        histogram(4000, buckets([1.0, 1.0, 1.0, 1.0])),
        histogram(5000, Histogram { sum: stale(), ..Histogram::default() }),
        histogram(6000, buckets([2.0, 1.0, 1.0, 1.0])),
        float(7000, 3.0),
    ];
    probe(&one_series(samples.clone()), &mut |source| {
        let out = read_one(source, TimeRange::ALL, Columns::ALL)?;
        expect("samples", &found(&out), &expected(&samples))?;
        for (at, h) in out.histograms() {
            let value = out.value.get(at).map(|v| v.to_bits());
            expect("the value beside a histogram is its sum", &value, &Some(h.sum.to_bits()))?;
        }
        let part = read_one(source, TimeRange { start: 3000, end: 6000 }, Columns::ALL)?;
        expect("samples of a part", &found(&part), &expected(&samples[3..7]))?;
        let set = select(source, &[], TimeRange::ALL)?;
        expect("number of floats of a series that has histograms", &set.floats(0, TimeRange::ALL), &None)
    })
}

pub(super) fn statistics_suffice(probe: &Probe<'_>) -> Result<(), String> {
    let samples: Vec<TestSample> = (0..100).map(|i| histogram(i * 1000, buckets([(i % 40) as f64, 1.0, i as f64, 2.0]))).collect();
    let columns = Columns { values: true, start_timestamps: false, histogram_stats: true };
    probe(&one_series(samples), &mut |source| {
        let statistics = |samples: &Samples| samples.histograms().map(|(at, h)| (at, h.schema, h.count, h.sum)).collect::<Vec<_>>();
        let full = read_one(source, TimeRange::ALL, Columns::ALL)?;
        let found = read_one(source, TimeRange::ALL, columns)?;
        expect("counts and sums", &statistics(&found), &statistics(&full))?;
        let whole = |samples: &Samples| samples.histograms().map(|(_, h)| told(&h.to_histogram())).collect::<Vec<_>>();
        let (found_whole, full_whole, hints) = (whole(&found), whole(&full), hints(&found));
        for i in (1..hints.len()).filter(|i| hints[*i] == CounterResetHint::Unknown) {
            let pair = |all: &[String]| all.get(i - 1..=i).map(<[String]>::to_vec);
            expect("a histogram without hint and the one before", &pair(&found_whole), &pair(&full_whole))?;
        }
        Ok(())
    })
}
