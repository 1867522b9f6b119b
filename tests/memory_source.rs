//! What `MemorySource` takes, refuses and gives back.
#![cfg(feature = "engine")]

use ferula::model::{CounterResetHint, Histogram, HistogramSpan, LabelSet, MatchOp, Matcher, Samples, Span, is_stale, stale};
use ferula::source::memory::{AppendError, HistogramError, OutOfOrder};
use ferula::source::{Columns, Hints, MemorySource, Metadata, Selection, Source, TimeRange};

const MINUTE: i64 = 60_000;

fn labels(text: &str) -> LabelSet {
    LabelSet::from_pairs(text.split(',').filter(|p| !p.is_empty()).map(|p| p.split_once('=').expect("a pair")))
}

fn matcher(name: &str, op: MatchOp, value: &str) -> Matcher {
    Matcher::new(name.into(), op, value.into(), Span::default()).expect("a matcher")
}

fn read_range(source: &MemorySource, series: &LabelSet, range: TimeRange) -> Samples {
    let selection = Selection { matchers: &[], range: TimeRange::ALL, hints: Hints::default() };
    let found = source.select(&selection).expect("selected");
    let index = found.labels().iter().position(|l| l == series).expect("the series");
    let mut out = Samples::default();
    found.read(index, range, Columns::ALL, &mut out).expect("read");
    out
}

fn read(source: &MemorySource, series: &LabelSet) -> Samples {
    read_range(source, series, TimeRange::ALL)
}

fn selected(source: &MemorySource, matchers: &[Matcher]) -> Vec<String> {
    let selection = Selection { matchers, range: TimeRange::ALL, hints: Hints::default() };
    source.select(&selection).expect("selected").labels().iter().map(ToString::to_string).collect()
}

/// Schema 0, positive buckets from index `offset` on.
fn histogram(count: f64, offset: i32, buckets: &[f64]) -> Histogram {
    Histogram {
        count,
        sum: 5.0,
        positive_spans: vec![HistogramSpan { offset, length: buckets.len() as u32 }],
        positive_buckets: buckets.to_vec(),
        ..Histogram::default()
    }
}

fn hinted(hint: CounterResetHint, h: Histogram) -> Histogram {
    Histogram { counter_reset_hint: hint, ..h }
}

/// `time: hint buckets` of each histogram, `time: stale`, or `time: float`.
fn describe(samples: &Samples) -> Vec<String> {
    let one = |i: usize| match samples.histogram_at(i) {
        Some(h) if is_stale(h.sum) => "stale histogram".to_owned(),
        Some(h) => {
            let spans: Vec<(i32, u32)> = h.positive_spans.iter().map(|s| (s.offset, s.length)).collect();
            format!("{:?} {spans:?} {:?}", h.counter_reset_hint, h.positive_buckets)
        }
        None if is_stale(samples.value[i]) => "stale".to_owned(),
        None => samples.value[i].to_string(),
    };
    (0..samples.len()).map(|i| format!("{}: {}", samples.time[i] / MINUTE, one(i))).collect()
}

#[test]
fn series_are_told_in_the_order_of_their_creation() {
    let mut source = MemorySource::new();
    for name in ["z", "a", "m"] {
        source.append_float(&labels(&format!("__name__={name}")), 0, 0, 1.0).unwrap();
    }
    source.append_float(&labels("__name__=z"), 1, 0, 1.0).unwrap();
    assert_eq!(selected(&source, &[]), [r#"{__name__="z"}"#, r#"{__name__="a"}"#, r#"{__name__="m"}"#]);
    let any = [matcher("__name__", MatchOp::Regex, "a|z")];
    assert_eq!(selected(&source, &any), [r#"{__name__="z"}"#, r#"{__name__="a"}"#]);
}

#[test]
fn matchers_select_what_a_walk_over_all_series_would() {
    let mut source = MemorySource::new();
    let mut all = Vec::new();
    for i in 0..60 {
        let mut text = format!("__name__=m{},i={i}", i % 2);
        if i % 3 > 0 {
            text += &format!(",mod={}", i % 3);
        }
        all.push(labels(&text));
        source.append_float(all.last().unwrap(), 0, 0, 1.0).unwrap();
    }
    use MatchOp::{Equal, NotEqual, NotRegex, Regex};
    let single = [
        ("mod", Equal, "1"),
        ("mod", Equal, ""),
        ("mod", Equal, "9"),
        ("mod", NotEqual, "1"),
        ("mod", NotEqual, ""),
        ("mod", Regex, "1|2"),
        ("mod", Regex, "|2"),
        ("mod", Regex, ".*"),
        ("mod", Regex, ".+"),
        ("mod", NotRegex, "1|"),
        ("mod", NotRegex, ".+"),
        ("i", Regex, "1.*"),
        ("i", Regex, "1"),
        ("i", NotRegex, "[1-4].?"),
        ("none", Equal, ""),
        ("none", NotEqual, ""),
        ("none", Regex, ".*"),
        ("none", Regex, ".+"),
        ("__name__", Equal, "m1"),
    ];
    for a in single {
        for b in single {
            let matchers = [matcher(a.0, a.1, a.2), matcher(b.0, b.1, b.2)];
            let fits = |l: &&LabelSet| matchers.iter().all(|m| m.matches(l.get(m.name.as_str().unwrap()).unwrap_or("")));
            let expected: Vec<String> = all.iter().filter(fits).map(ToString::to_string).collect();
            assert_eq!(selected(&source, &matchers), expected, "{matchers:?}");
        }
    }
}

#[test]
fn ranges_include_both_ends_and_hide_series_without_samples() {
    let mut source = MemorySource::new();
    let series = labels("a=b");
    for t in 0..10 {
        source.append_float(&series, t * 10, 0, t as f64).unwrap();
    }
    source.series_id(&labels("a=empty")).unwrap();
    let out = read_range(&source, &series, TimeRange { start: 20, end: 40 });
    assert_eq!(out.time, [20, 30, 40]);
    assert_eq!(out.value, [2.0, 3.0, 4.0]);
    assert_eq!(selected(&source, &[]).len(), 1);
    let late = Selection { matchers: &[], range: TimeRange { start: 91, end: 100 }, hints: Hints::default() };
    assert!(source.select(&late).unwrap().labels().is_empty());
    assert_eq!(source.time_range(), Some(TimeRange { start: 0, end: 90 }));
}

#[test]
fn start_timestamps_come_back_where_there_are_any() {
    let mut source = MemorySource::new();
    let (with, without) = (labels("a=with"), labels("a=without"));
    source.append_float(&with, 10, 0, 1.0).unwrap();
    source.append_float(&with, 20, 15, 2.0).unwrap();
    source.append_histogram(&with, 30, 25, histogram(1.0, 0, &[1.0])).unwrap();
    source.append_float(&with, 40, 0, 2.0).unwrap();
    source.append_float(&without, 10, 0, 1.0).unwrap();
    assert_eq!(read(&source, &with).start, [0, 15, 25, 0]);
    assert!(read(&source, &without).start.is_empty());
}

#[test]
fn the_forward_rule_refuses_what_is_behind() {
    let mut source = MemorySource::with_order(OutOfOrder::PROMQLTEST);
    let (a, b) = (labels("a=a"), labels("a=b"));
    let day = 24 * 60 * MINUTE;
    source.append_float(&a, day, 0, 1.0).unwrap();
    source.append_float(&b, 0, 0, 1.0).expect("one batch may hold any span of time");
    source.commit();
    assert_eq!(source.append_float(&b, 1, 0, 1.0), Err(AppendError::OutOfBounds { time: 1, oldest: day / 2 }));
    assert_eq!(source.append_float(&a, day - 1, 0, 1.0), Err(AppendError::OutOfOrder { time: day - 1, newest: day }));
    source.append_float(&a, day, 0, 1.0).expect("the same once more is ignored");
    let error = source.append_float(&a, day, 0, 2.0).unwrap_err();
    assert_eq!(error.to_string(), "duplicate sample for timestamp 86400000; overrides not allowed: existing 1, new value 2");
    assert_eq!(read(&source, &a).value, [1.0]);
    assert_eq!(read(&source, &b).value, [1.0]);
}

#[test]
fn the_window_for_late_samples_is_kept() {
    let mut source = MemorySource::with_order(OutOfOrder::Accept { window: 10 });
    let a = labels("a=a");
    source.append_float(&a, 100, 0, 1.0).unwrap();
    source.append_float(&a, 90, 0, 2.0).unwrap();
    assert_eq!(source.append_float(&a, 89, 0, 1.0), Err(AppendError::TooOld { time: 89, oldest: 90 }));
    assert_eq!(read(&source, &a).time, [90, 100]);
}

/// The case and its expectation were compared with what Prometheus 3.16 reads back.
#[test]
fn histograms_come_back_in_runs() {
    use CounterResetHint::{Gauge, Reset};
    let mut source = MemorySource::new();
    let h = labels("__name__=h");
    let one = || histogram(1.0, 0, &[1.0]);
    let written = [
        Some(histogram(4.0, 0, &[1.0, 2.0, 1.0])),
        Some(histogram(6.0, 0, &[1.0, 2.0, 3.0])),
        Some(histogram(6.0, 0, &[1.0, 2.0, 3.0, 0.0, 1.0])),
        Some(one()),
        Some(hinted(Reset, one())),
        None,
        Some(one()),
        Some(hinted(Gauge, histogram(1.0, 2, &[1.0]))),
        Some(hinted(Gauge, one())),
        None,
        Some(hinted(Gauge, one())),
    ];
    for (i, sample) in written.into_iter().enumerate() {
        let time = i as i64 * MINUTE;
        match sample {
            Some(sample) => source.append_histogram(&h, time, 0, sample).unwrap(),
            None => source.append_float(&h, time, 0, stale()).unwrap(),
        }
    }
    assert_eq!(
        describe(&read(&source, &h)),
        [
            "0: Unknown [(0, 5)] [1.0, 2.0, 1.0, 0.0, 0.0]",
            "1: NotReset [(0, 5)] [1.0, 2.0, 3.0, 0.0, 0.0]",
            "2: NotReset [(0, 5)] [1.0, 2.0, 3.0, 0.0, 1.0]",
            "3: Unknown [(0, 1)] [1.0]",
            "4: Unknown [(0, 1)] [1.0]",
            "5: stale histogram",
            "6: Unknown [(0, 1)] [1.0]",
            "7: Gauge [(0, 1), (1, 1)] [0.0, 1.0]",
            "8: Gauge [(0, 1), (1, 1)] [1.0, 0.0]",
            "9: stale histogram",
            "10: Gauge [(0, 1)] [1.0]",
        ]
    );
}

#[test]
fn a_run_ends_at_midnight() {
    let mut source = MemorySource::new();
    let h = labels("__name__=h");
    let day = 24 * 60;
    for minute in [-1, 0, day - 1, day, day + 1] {
        source.append_histogram(&h, minute * MINUTE, 0, histogram(1.0, 0, &[1.0])).unwrap();
    }
    let hints: Vec<CounterResetHint> = read(&source, &h).histograms().map(|(_, h)| h.counter_reset_hint).collect();
    use CounterResetHint::{NotReset, Unknown};
    assert_eq!(hints, [Unknown, Unknown, NotReset, Unknown, NotReset]);
}

#[test]
fn floats_and_histograms_share_a_series() {
    let mut source = MemorySource::new();
    let h = labels("__name__=h");
    source.append_float(&h, 0, 0, 1.0).unwrap();
    source.append_histogram(&h, MINUTE, 0, histogram(1.0, 0, &[1.0])).unwrap();
    source.append_float(&h, 2 * MINUTE, 0, 2.0).unwrap();
    source.append_float(&h, 3 * MINUTE, 0, stale()).unwrap();
    assert_eq!(describe(&read(&source, &h)), ["0: 1", "1: Unknown [(0, 1)] [1.0]", "2: 2", "3: stale"]);
    let error = source.append_histogram(&h, 2 * MINUTE, 0, histogram(1.0, 0, &[1.0])).unwrap_err();
    assert_eq!(error.to_string(), "duplicate sample for timestamp 120000; overrides not allowed: existing 2, new value is a histogram");
}

#[test]
fn histograms_that_contradict_themselves_are_refused() {
    let custom = |bounds: &[f64], buckets: &[f64]| Histogram { schema: -53, custom_values: bounds.to_vec(), ..histogram(4.0, 0, buckets) };
    let cases = [
        (Histogram { schema: 9, ..histogram(1.0, 0, &[1.0]) }, "got schema 9"),
        (histogram(-4.0, 0, &[1.0]), "observation count is -4"),
        (Histogram { zero_count: -1.0, ..histogram(1.0, 0, &[1.0]) }, "zero bucket has observation count of -1"),
        (histogram(1.0, 0, &[1.0, -2.0]), "positive side: bucket number 2 has observation count of -2"),
        (histogram(1.0, i32::MIN, &[1.0]), "bucket index -2147483648"),
        (histogram(1.0, i32::MAX - 1, &[1.0, 1.0, 1.0]), "bucket index 2147483648"),
        (Histogram { positive_buckets: vec![], ..histogram(1.0, 0, &[1.0]) }, "spans need 1 buckets, have 0"),
        (Histogram { custom_values: vec![1.0], ..histogram(1.0, 0, &[1.0]) }, "must not have custom bounds"),
        (custom(&[1.0, 1.0], &[1.0]), "previous bound is 1 and current is 1"),
        (custom(&[f64::NAN], &[1.0]), "must not be NaN"),
        (custom(&[1.0, f64::INFINITY], &[1.0]), "+Inf"),
        (custom(&[1.0, 2.0], &[1.0; 4]), "only 2 custom bounds defined which is insufficient to cover total span length of 4"),
        (Histogram { zero_count: 1.0, ..custom(&[1.0], &[1.0]) }, "zero count of 0"),
    ];
    let mut source = MemorySource::new();
    for (h, part) in cases {
        let error = source.append_histogram(&labels("a=b"), 0, 0, h).unwrap_err();
        assert!(matches!(error, AppendError::Histogram(_)), "{error:?}");
        assert!(error.to_string().contains(part), "{error} lacks {part:?}");
    }
    assert_eq!(source.series_count(), 0, "a refused sample makes no series");
    let many = Histogram { positive_spans: vec![HistogramSpan { offset: 0, length: u32::MAX }; 3], ..histogram(1.0, 0, &[1.0]) };
    let error = source.append_histogram(&labels("a=b"), 0, 0, many).unwrap_err();
    assert!(matches!(error, AppendError::Histogram(HistogramError::IndexOutOfRange { .. })), "{error}");
}

#[test]
fn names_values_and_metadata_are_sorted() {
    let mut source = MemorySource::new();
    for text in ["__name__=z,job=b", "__name__=a,job=c,zone=x", "__name__=a,job=a"] {
        source.append_float(&labels(text), 5, 0, 1.0).unwrap();
    }
    source.append_float(&labels("__name__=late,late=yes"), 50, 0, 1.0).unwrap();
    let early = TimeRange { start: 0, end: 10 };
    assert_eq!(source.label_names(&[], early).unwrap(), ["__name__", "job", "zone"]);
    assert_eq!(source.label_values("job", &[], early).unwrap(), ["a", "b", "c"]);
    assert_eq!(source.label_values("late", &[], early).unwrap(), [""; 0]);
    let only_a = [Matcher::equal("__name__", "a")];
    assert_eq!(source.label_values("job", &only_a, early).unwrap(), ["a", "c"]);
    assert_eq!(source.label_names(&[Matcher::equal("__name__", "z")], early).unwrap(), ["__name__", "job"]);
    for name in ["z", "a"] {
        source.set_metadata(Metadata { name: name.into(), ..Metadata::default() });
    }
    source.set_metadata(Metadata { name: "a".into(), kind: "gauge".into(), ..Metadata::default() });
    let metadata = source.metadata().unwrap();
    assert_eq!(metadata.iter().map(|m| (&*m.name, &*m.kind)).collect::<Vec<_>>(), [("a", "gauge"), ("z", "")]);
}
