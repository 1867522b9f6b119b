//! Data for the rules, and short ways to select and read.

use super::{TestSample, TestSeries, TestValue};
use crate::model::{Histogram, HistogramSpan, LabelSet, MatchOp, Matcher, Samples, Span};
use crate::source::{Columns, Hints, Selection, SeriesSet, Source, TimeRange};

/// Labels of pairs in the order given; not sorted, to see that the source does not mind.
pub(super) fn labels(pairs: &[(&str, &str)]) -> LabelSet {
    LabelSet::from_pairs(pairs.iter().copied())
}

pub(super) fn float(time: i64, value: f64) -> TestSample {
    TestSample { time, start: 0, value: TestValue::Float(value) }
}

pub(super) fn histogram(time: i64, histogram: Histogram) -> TestSample {
    TestSample { time, start: 0, value: TestValue::Histogram(Box::new(histogram)) }
}

/// Schema 1, buckets 0, 1 and 3 on the positive side, 2 on the negative side.
pub(super) fn buckets(counts: [f64; 4]) -> Histogram {
    Histogram {
        schema: 1,
        zero_threshold: 0.001,
        zero_count: 1.0,
        count: 1.0 + counts.iter().sum::<f64>(),
        sum: 2.5 * counts[0],
        positive_spans: vec![HistogramSpan { offset: 0, length: 2 }, HistogramSpan { offset: 1, length: 1 }],
        negative_spans: vec![HistogramSpan { offset: 2, length: 1 }],
        positive_buckets: counts[..3].to_vec(),
        negative_buckets: counts[3..].to_vec(),
        ..Histogram::default()
    }
}

pub(super) fn one_series(samples: Vec<TestSample>) -> Vec<TestSeries> {
    vec![TestSeries { labels: labels(&[("__name__", "one"), ("job", "api")]), samples }]
}

/// A small service: instances of two jobs, some with labels that others lack.
pub(super) fn service() -> Vec<TestSeries> {
    let mut all = Vec::new();
    for i in 0..12 {
        let instance = format!("host-{i}");
        let mut pairs = vec![
            ("__name__", if i % 3 == 0 { "errors_total" } else { "requests_total" }),
            ("job", if i % 2 == 0 { "api" } else { "api-canary" }),
            ("instance", &*instance),
        ];
        if i % 4 > 0 {
            pairs.push(("zone", ["a", "b", "ab"][i % 3]));
        }
        all.push(TestSeries { labels: labels(&pairs), samples: (0..10).map(|s| float(s * 1000, (s * i as i64) as f64)).collect() });
    }
    all.push(TestSeries { labels: labels(&[("job", "without a name")]), samples: vec![float(5000, 1.0)] });
    all
}

pub(super) fn matcher(name: &str, op: MatchOp, value: &str) -> Result<Matcher, String> {
    Matcher::new(name.into(), op, value.into(), Span::default()).map_err(|e| e.to_string())
}

pub(super) fn select<'s>(source: &'s dyn Source, matchers: &[Matcher], range: TimeRange) -> Result<Box<dyn SeriesSet + 's>, String> {
    select_for(source, matchers, range, Hints::default())
}

pub(super) fn select_for<'s>(
    source: &'s dyn Source,
    matchers: &[Matcher],
    range: TimeRange,
    hints: Hints,
) -> Result<Box<dyn SeriesSet + 's>, String> {
    source.select(&Selection { matchers, range, hints }).map_err(|e| format!("select of {matchers:?} failed: {e}"))
}

/// The samples of the only series of a source.
pub(super) fn read_one(source: &dyn Source, range: TimeRange, columns: Columns) -> Result<Samples, String> {
    let set = select(source, &[], range)?;
    match set.labels().len() {
        0 => Ok(Samples::default()),
        1 => read(&*set, 0, range, columns),
        n => Err(format!("{n} series were found in a source of one")),
    }
}

pub(super) fn read(set: &dyn SeriesSet, index: usize, range: TimeRange, columns: Columns) -> Result<Samples, String> {
    let mut out = Samples::default();
    set.read(index, range, columns, &mut out).map_err(|e| format!("read of series {index} failed: {e}"))?;
    Ok(out)
}

/// Everything that matters of samples, comparable bit by bit.
pub(super) fn told(samples: &Samples) -> Vec<String> {
    let one = |(i, time): (usize, &i64)| {
        let value = samples.value.get(i).map_or(0, |v| v.to_bits());
        format!("{time}: {value:016x} start {} {:?}", samples.start_of(i), samples.histogram_at(i))
    };
    samples.time.iter().enumerate().map(one).collect()
}

/// `Err` with both where they differ.
pub(super) fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found:?}, expected {expected:?}"))
}
