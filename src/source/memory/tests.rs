//! That neither the order of appending nor compression shows in what is read.

use super::series::{Point, Series, Value};
use super::{MemorySource, OutOfOrder};
use crate::model::{CounterResetHint, Histogram, HistogramSpan, LabelSet, Samples, stale};
use crate::source::{Columns, Hints, Keep, Selection, Source, TimeRange};
use proptest::prelude::*;
use std::sync::Arc;

fn read(series: &Series, range: TimeRange) -> Samples {
    let mut out = Samples::default();
    series.read(range, Columns::ALL, &mut out);
    out
}

/// All that can be told of samples, with NaNs comparable, a line each.
fn told(samples: &Samples) -> Vec<String> {
    let one = |i: usize| {
        let histogram = samples.histogram_at(i).map(|h| {
            let buckets: Vec<(i64, f64)> = h
                .positive_spans
                .iter()
                .fold((0, Vec::new()), |(at, mut all), s| {
                    let from = at + i64::from(s.offset);
                    all.extend(from..from + i64::from(s.length));
                    (from + i64::from(s.length), all)
                })
                .1
                .into_iter()
                .zip(h.positive_buckets.iter().copied())
                .collect();
            (h.counter_reset_hint, h.count, buckets)
        });
        format!("{} {:x} {} {histogram:?}", samples.time[i], samples.value[i].to_bits(), samples.start_of(i))
    };
    (0..samples.len()).map(one).collect()
}

/// The same without empty buckets: a histogram keeps those that it got from its run, though a
/// late sample part it from that run.
fn without_empty(mut samples: Samples) -> Vec<String> {
    let mut column = crate::model::histogram::HistogramColumn::default();
    for (_, h) in samples.histograms() {
        let mut compact = h.to_histogram();
        let mut at = 0;
        let mut next = 0;
        let (mut spans, mut buckets) = (Vec::new(), Vec::new());
        let mut counts = compact.positive_buckets.iter();
        for span in &compact.positive_spans {
            at += span.offset;
            for count in counts.by_ref().take(span.length as usize) {
                if *count != 0.0 {
                    spans.push(HistogramSpan { offset: at - next, length: 1 });
                    buckets.push(*count);
                    next = at + 1;
                }
                at += 1;
            }
        }
        (compact.positive_spans, compact.positive_buckets) = (spans, buckets);
        column.push(&compact);
    }
    samples.histogram = column;
    told(&samples)
}

fn series(points: &[Point]) -> Series {
    let mut series = Series::default();
    for point in points {
        series.append(point.clone()).expect("no two samples at one time");
    }
    series
}

fn float(time: i64, value: f64) -> Point {
    Point { time, start: 0, value: Value::Float(value) }
}

fn histogram(offset: i32, buckets: &[u8], hint: CounterResetHint) -> Histogram {
    let buckets: Vec<f64> = buckets.iter().map(|b| f64::from(*b)).collect();
    Histogram {
        counter_reset_hint: hint,
        count: buckets.iter().sum(),
        sum: 1.5,
        positive_spans: vec![HistogramSpan { offset, length: buckets.len() as u32 }],
        positive_buckets: buckets,
        ..Histogram::default()
    }
}

/// Points at distinct times in order: floats, markers, and histograms that do not say `reset`
/// (a late sample may part such a histogram from the one it was compared with).
fn points() -> impl Strategy<Value = Vec<Point>> {
    let value = prop_oneof![
        6 => any::<i16>().prop_map(|v| Value::Float(f64::from(v))),
        1 => Just(Value::Float(f64::NAN)),
        6 => (0i32..3, prop::collection::vec(0u8..4, 0..5), prop::bool::weighted(0.2)).prop_map(|(offset, buckets, gauge)| {
            let hint = if gauge { CounterResetHint::Gauge } else { CounterResetHint::Unknown };
            Value::Histogram(Arc::new(histogram(offset, &buckets, hint)))
        }),
        1 => Just(Value::Histogram(Arc::new(Histogram { sum: stale(), ..Histogram::default() }))),
    ];
    prop::collection::vec((1i64..100, any::<bool>(), value), 0..120).prop_map(|steps| {
        let mut time = -500;
        let point = |(step, known, value): (i64, bool, Value)| {
            time += step;
            Point { time, start: if known { time - 1 } else { 0 }, value }
        };
        steps.into_iter().map(point).collect()
    })
}

proptest! {
    #[test]
    fn late_samples_end_up_where_sorted_ones_are(points in points(), seed in any::<u64>()) {
        let mut shuffled = points.clone();
        shuffled.sort_by_key(|p| (p.time as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        prop_assert_eq!(without_empty(read(&series(&points), TimeRange::ALL)), without_empty(read(&series(&shuffled), TimeRange::ALL)));
    }

    #[test]
    fn sealed_blocks_say_what_open_ones_do(points in points(), from in -600i64..6000, length in 0i64..3000) {
        let range = TimeRange { start: from, end: from + length };
        let open = series(&points);
        let mut sealed = open.clone();
        sealed.compact();
        prop_assert_eq!(told(&read(&open, range)), told(&read(&sealed, range)));
        for point in &points {
            sealed.append(point.clone()).expect("the same once more is ignored");
        }
        prop_assert_eq!(sealed.len(), points.len());
    }
}

#[test]
fn long_series_are_the_same_whichever_way_they_come() {
    let times: Vec<i64> = (0..5000).map(|i| i * 15_000 + i * 7919 % 101).collect();
    let points: Vec<Point> = times.iter().map(|t| float(*t, (*t / 1000) as f64)).collect();
    let forward = series(&points);
    let backward = series(&points.iter().rev().cloned().collect::<Vec<_>>());
    let odd_last: Vec<Point> = points.iter().step_by(2).chain(points.iter().skip(1).step_by(2)).cloned().collect();
    let range = TimeRange { start: times[700], end: times[4000] };
    let expected = read(&forward, range);
    assert_eq!(expected.time, times[700..=4000]);
    assert_eq!(told(&read(&backward, range)), told(&expected));
    assert_eq!(told(&read(&series(&odd_last), range)), told(&expected));
}

#[test]
fn samples_taken_as_they_stand_are_as_if_they_had_come_one_by_one() {
    for len in [1, 600, 1024, 1441, 5000] {
        let points: Vec<Point> = (0..len).map(|i| float(i * 15_000 + i * 7919 % 101, (i % 77) as f64)).collect();
        let mut samples = Samples::default();
        points.iter().for_each(|p| samples.push_float(p.time, if let Value::Float(v) = p.value { v } else { 0.0 }));
        let span = TimeRange { start: 0, end: points.last().map_or(0, |p| p.time) };
        let mut filled = Series::default();
        filled.fill(span, samples);
        let range = TimeRange { start: 40_000, end: len * 15_000 };
        assert_eq!(told(&read(&filled, range)), told(&read(&series(&points), range)), "{len}");
        // compressed at once, or when more follow, late ones among them
        for compact in [true, false] {
            let mut filled = filled.clone();
            if compact {
                filled.compact();
            }
            let more: Vec<Point> = (0..400).map(|i| float((len - 300 + i) * 15_000 - 7, 1.5)).collect();
            more.iter().for_each(|p| filled.append(p.clone()).expect("no two samples at one time"));
            let all: Vec<Point> = points.iter().chain(&more).cloned().collect();
            assert_eq!(told(&read(&filled, TimeRange::ALL)), told(&read(&series(&all), TimeRange::ALL)), "{len}");
            filled.compact();
            assert_eq!(told(&read(&filled, TimeRange::ALL)), told(&read(&series(&all), TimeRange::ALL)), "{len}");
            assert_eq!((filled.len(), filled.is_open()), (all.len(), false));
        }
    }
}

#[test]
fn samples_of_a_series_keep_to_the_rules_of_order() {
    let up = LabelSet::from_pairs([("__name__", "up")]);
    let of = |times: &[i64]| Samples { time: times.to_vec(), value: vec![1.0; times.len()], ..Samples::default() };
    let mut source = MemorySource::with_order(OutOfOrder::PROMQLTEST);
    source.append_samples(&up, of(&[])).expect("none at all");
    source.append_samples(&up, of(&[5, 9])).expect("the first");
    assert!(source.append_samples(&up, of(&[8])).is_err());
    let other = LabelSet::from_pairs([("__name__", "other")]);
    assert!(source.append_samples(&other, of(&[4, 3])).is_err(), "the second is late");
    source.append_samples(&up, of(&[100_000_000])).expect("newer ones");
    source.commit();
    let late = LabelSet::from_pairs([("__name__", "late")]);
    assert!(source.append_samples(&late, of(&[6, 100_000_001])).is_err(), "beyond the horizon");
    assert_eq!((source.sample_count(), source.time_range()), (4, Some(TimeRange { start: 4, end: 100_000_000 })));
}

#[test]
fn a_time_without_a_value_is_no_sample() {
    let up = LabelSet::from_pairs([("__name__", "up")]);
    for (time, value) in [(vec![1, 2, 3], vec![5.0]), (vec![1], vec![5.0, 6.0])] {
        let mut source = MemorySource::new();
        source.append_samples(&up, Samples { time, value, ..Samples::default() }).expect("one sample");
        assert_eq!(source.sample_count(), 1);
        source.compact();
        assert_eq!(source.sample_count(), 1);
    }
}

#[test]
fn a_run_may_span_blocks_and_shares_its_buckets_over_all() {
    let mut series = Series::default();
    for i in 0..300 {
        let buckets: &[u8] = if i < 280 { &[1] } else { &[1, 1] };
        let value = Value::Histogram(Arc::new(histogram(0, buckets, CounterResetHint::Unknown)));
        series.append(Point { time: i, start: 0, value }).expect("appended");
    }
    let out = read(&series, TimeRange { start: 0, end: 200 });
    assert!(out.histograms().all(|(_, h)| h.positive_buckets == [1.0, 0.0]));
    let unknown = out.histograms().filter(|(_, h)| h.counter_reset_hint == CounterResetHint::Unknown);
    assert_eq!(unknown.count(), 1, "blocks are no runs");
}

#[test]
fn times_alone_still_tell_stale_markers() {
    let mut series = series(&[float(1, 5.0), float(2, stale()), float(3, 7.0)]);
    series.compact();
    let mut out = Samples::default();
    let columns = Columns { values: false, start_timestamps: false, histogram_stats: false };
    series.read(TimeRange::ALL, columns, &mut out);
    assert_eq!(out.time, [1, 2, 3]);
    assert!(crate::model::is_stale(out.value[1]) && !crate::model::is_stale(out.value[0]));
}

#[test]
fn of_whole_blocks_no_more_is_read_than_what_is_kept() {
    let left_out = |value: fn(i64) -> f64, keep: Keep| {
        let mut series = series(&(0..3000).map(|i| float(i, value(i))).collect::<Vec<_>>());
        series.compact();
        let mut out = Samples::default();
        series.read_kept(TimeRange { start: 100, end: 2_900 }, Columns::ALL, keep, &mut out)
    };
    assert!(left_out(|i| i as f64, Keep::RisingEnds) > 1_500);
    assert_eq!(left_out(|i| (i % 100) as f64, Keep::RisingEnds), 0);
    assert_eq!(left_out(|i| if i % 100 == 0 { f64::NAN } else { i as f64 }, Keep::RisingEnds), 0);
    assert!(left_out(|i| (i % 100) as f64, Keep::Greatest) > 1_500);
    assert_eq!(left_out(|i| if i % 100 == 0 { stale() } else { 1.0 }, Keep::Ends), 0);
}

#[test]
fn of_series_scraped_together_values_are_read_alone() {
    let mut source = MemorySource::new();
    let series = |name: &str| LabelSet::from_pairs([("__name__", name)]);
    for (name, jitter, marker) in [("a", 0, 0.0), ("b", 0, 7.0), ("c", 3, 0.0), ("d", 3, 0.0), ("e", 0, stale())] {
        for i in 0..2000 {
            let value = if i == 1000 { marker } else { i as f64 };
            source.append_float(&series(name), i * 1000 + i * jitter % 7, 0, value).expect("appended");
        }
    }
    source.compact();
    let set = source.select(&Selection { matchers: &[], range: TimeRange::ALL, hints: Hints::default() }).expect("series");
    for range in [TimeRange::ALL, TimeRange { start: 700_500, end: 1_300_000 }] {
        let mut values = Vec::new();
        let mut alike = |index, like| set.read_values(index, like, range, Columns::ALL, &mut values).expect("read");
        assert!(alike(1, 0) && alike(3, 2) && alike(2, 2));
        assert!(!alike(2, 0) && !alike(4, 0) && !alike(0, 4));
    }
}
