//! Rules on what is read of a series.

use super::fixtures::{expect, float, labels, one_series, read, read_one, select, service, told};
use super::rules::Probe;
use super::{TestSample, TestSeries};
use crate::model::{Histogram, Samples, is_stale, nan, stale};
use crate::source::{Columns, Keep, TimeRange};
use std::sync::Arc;

pub(super) fn ranges_include_their_ends(probe: &Probe<'_>) -> Result<(), String> {
    // Enough samples for sources that keep them in chunks.
    let times: Vec<i64> = (0..1000).map(|i| i * 100).collect();
    let series = one_series(times.iter().map(|t| float(*t, *t as f64)).collect());
    let ranges = [
        (0, 99_900),
        (i64::MIN, i64::MAX),
        (100, 100),
        (101, 199),
        (99, 101),
        (50_000, 50_200),
        (49_999, 50_201),
        (99_900, i64::MAX),
        (i64::MIN, 0),
        (-5, -1),
        (12_000, 91_000),
    ];
    probe(&series, &mut |source| {
        let wide = select(source, &[], TimeRange::ALL)?;
        for (start, end) in ranges {
            let range = TimeRange { start, end };
            let expected: Vec<i64> = times.iter().copied().filter(|t| range.contains(*t)).collect();
            let what = format!("times of {start} to {end}");
            expect(&what, &read_one(source, range, Columns::ALL)?.time, &expected)?;
            let samples = read(&*wide, 0, range, Columns::ALL)?;
            expect(&format!("{what}, within a wider selection"), &samples.time, &expected)?;
            expect("values", &samples.value, &expected.iter().map(|t| *t as f64).collect())?;
        }
        Ok(())
    })
}

pub(super) fn times_ascend(probe: &Probe<'_>) -> Result<(), String> {
    let times = [-86_400_000, -1, 0, 1, 2, 1_700_000_000_000, 4_000_000_000_000];
    let series = one_series(times.iter().enumerate().map(|(i, t)| float(*t, i as f64)).collect());
    probe(&series, &mut |source| {
        let samples = read_one(source, TimeRange::ALL, Columns::ALL)?;
        expect("times", &samples.time, &times.to_vec())?;
        expect("values", &samples.value, &(0..times.len()).map(|i| i as f64).collect())
    })
}

pub(super) fn bits_are_kept(probe: &Probe<'_>) -> Result<(), String> {
    let values = [
        1.0,
        stale(),
        nan(),
        f64::from_bits(0xfff8_0000_0000_0000),
        f64::from_bits(0x7ff8_dead_beef_0001),
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        0.0,
        f64::MIN_POSITIVE,
        f64::from_bits(1),
        f64::MAX,
        0.1 + 0.2,
        stale(),
        9_007_199_254_740_993.0,
    ];
    let series = one_series(values.iter().enumerate().map(|(i, v)| float(i as i64 * 1000, *v)).collect());
    probe(&series, &mut |source| {
        let samples = read_one(source, TimeRange::ALL, Columns::ALL)?;
        let hex = |values: &[f64]| values.iter().map(|v| format!("{:016x}", v.to_bits())).collect::<Vec<_>>();
        expect("bits of the values", &hex(&samples.value), &hex(&values))
    })
}

/// Columns that hold the rest of another reading.
fn used() -> Samples {
    let mut used = Samples::default();
    used.push_histogram(7, Arc::new(Histogram { sum: 5.0, ..Histogram::default() }));
    used.set_start(3);
    used.push_float(8, stale());
    used
}

pub(super) fn columns_are_replaced(probe: &Probe<'_>) -> Result<(), String> {
    let series = one_series(vec![float(1000, 1.0), float(2000, 2.0)]);
    probe(&series, &mut |source| {
        let set = select(source, &[], TimeRange::ALL)?;
        for range in [TimeRange::ALL, TimeRange { start: 2000, end: 2000 }, TimeRange { start: 5000, end: 6000 }] {
            let mut out = used();
            set.read(0, range, Columns::ALL, &mut out).map_err(|e| e.to_string())?;
            expect("samples read into used columns", &told(&out), &told(&read(&*set, 0, range, Columns::ALL)?))?;
            expect("histograms of a series of floats", &out.histograms().len(), &0)?;
        }
        Ok(())
    })
}

pub(super) fn columns_have_one_length(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| {
        let set = select(source, &[], TimeRange::ALL)?;
        for i in 0..set.labels().len() {
            for range in [TimeRange::ALL, TimeRange { start: 3000, end: 5500 }] {
                let out = read(&*set, i, range, Columns::ALL)?;
                expect("length of the values", &out.value.len(), &out.time.len())?;
                if !out.start.is_empty() {
                    expect("length of the start timestamps", &out.start.len(), &out.time.len())?;
                }
            }
        }
        Ok(())
    })
}

pub(super) fn times_alone_suffice(probe: &Probe<'_>) -> Result<(), String> {
    let value = |i: i64| if i % 10 == 3 { stale() } else { i as f64 };
    let series = one_series((0..500).map(|i| float(i * 1000, value(i))).collect());
    let columns = Columns { values: false, start_timestamps: false, histogram_stats: false };
    probe(&series, &mut |source| {
        for range in [TimeRange::ALL, TimeRange { start: 2500, end: 333_000 }] {
            let found = read_one(source, range, columns)?;
            let marked = found.time.iter().zip(&found.value).map(|(t, v)| (*t, is_stale(*v))).collect::<Vec<_>>();
            let written = (0..500).map(|i| (i * 1000, is_stale(value(i)))).filter(|(t, _)| range.contains(*t)).collect();
            expect("times, and which are stale", &marked, &written)?;
        }
        Ok(())
    })
}

pub(super) fn kept_is_enough(probe: &Probe<'_>) -> Result<(), String> {
    let wild = |i: i64| (i * 7_919 % 1_009) as f64 - 500.0;
    let odd = |i: i64| if i % 700 == 600 { stale() } else { f64::NAN };
    let rising = |i: i64| i as f64;
    let both = |i: i64| if i < 1000 { i as f64 } else { wild(i) };
    let values: [&dyn Fn(i64) -> f64; 4] = [&rising, &wild, &odd, &both];
    for value in values {
        let series = one_series((0..2000).map(|i| float(i * 1000, value(i))).collect());
        probe(&series, &mut |source| {
            for range in [TimeRange::ALL, TimeRange { start: 2500, end: 1_333_000 }, TimeRange { start: 5000, end: 5000 }] {
                let set = select(source, &[], TimeRange::ALL)?;
                let mut all = read(&*set, 0, range, Columns::ALL)?;
                all.drop_stale();
                for keep in [Keep::Ends, Keep::RisingEnds, Keep::Least, Keep::Greatest] {
                    let mut kept = Samples::default();
                    let left_out = set.read_kept(0, range, Columns::ALL, keep, &mut kept).map_err(|e| e.to_string())?;
                    kept.drop_stale();
                    expect("number of samples kept and left out", &(kept.len() + left_out), &all.len())?;
                    expect("order of times kept", &kept.time.is_sorted_by(|a, b| a < b), &true)?;
                    let figures = |samples: &Samples| {
                        let fell = |pair: &[f64]| if pair[1] < pair[0] { pair[0] } else { 0.0 };
                        let ends = [samples.value.first(), samples.value.last()].map(|v| v.copied().unwrap_or(f64::NAN).to_bits());
                        let times = [samples.time.first().copied(), samples.time.last().copied()];
                        match keep {
                            Keep::Ends => format!("{ends:?} {times:?}"),
                            Keep::RisingEnds => format!("{ends:?} {times:?} {}", samples.value.windows(2).map(fell).sum::<f64>()),
                            Keep::Least => format!("{}", samples.value.iter().copied().fold(f64::NAN, f64::min)),
                            Keep::Greatest => format!("{}", samples.value.iter().copied().fold(f64::NAN, f64::max)),
                        }
                    };
                    expect(&format!("what {keep:?} is to tell"), &figures(&kept), &figures(&all))?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

pub(super) fn likeness_is_sure(probe: &Probe<'_>) -> Result<(), String> {
    let regular = |i: i64| i * 1000;
    let jittered = |i: i64| i * 1000 + i * 7_919 % 13;
    let late = |i: i64| i * 1000 + i64::from(i == 300);
    let one_stale = |i: i64| if i == 300 { stale() } else { 0.5 };
    let series = |name: &str, samples: Vec<TestSample>| TestSeries { labels: labels(&[("__name__", name)]), samples };
    let of = |time: &dyn Fn(i64) -> i64, value: &dyn Fn(i64) -> f64| (0..600).map(|i| float(time(i), value(i))).collect::<Vec<_>>();
    let all = [
        series("a", of(&regular, &|i| i as f64)),
        series("b", of(&regular, &|i| -i as f64)),
        series("c", of(&jittered, &|i| i as f64 / 3.0)),
        series("d", of(&jittered, &|_| f64::NAN)),
        series("e", of(&late, &|i| i as f64)),
        series("f", of(&regular, &one_stale)),
        series("g", of(&regular, &|i| i as f64).split_off(1)),
        series("h", of(&regular, &one_stale)),
    ];
    probe(&all, &mut |source| {
        let set = select(source, &[], TimeRange::ALL)?;
        let n = set.labels().len();
        for range in [TimeRange::ALL, TimeRange { start: 2500, end: 333_000 }, TimeRange { start: 5000, end: 5000 }] {
            let read_all = |i| read(&*set, i, range, Columns::ALL);
            for (index, like) in (0..n).flat_map(|i| (0..n).map(move |k| (i, k))) {
                let (own, other) = (read_all(index)?, read_all(like)?);
                let mut values = vec![1.5; 3];
                if !set.read_values(index, like, range, Columns::ALL, &mut values).map_err(|e| e.to_string())? {
                    continue;
                }
                expect("times of a series like another", &own.time, &other.time)?;
                expect("stale markers of a series like another", &(own.has_stale() || other.has_stale()), &false)?;
                let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                expect("values read alone", &bits(&values), &bits(&own.value))?;
            }
        }
        Ok(())
    })
}

pub(super) fn ranges_are_read_whole(probe: &Probe<'_>) -> Result<(), String> {
    let value = |i: i64| if i % 700 == 90 { stale() } else { i as f64 };
    let all = [
        TestSeries { labels: labels(&[("job", "long")]), samples: (0..5000).map(|i| float(i * 1000, value(i))).collect() },
        TestSeries { labels: labels(&[("job", "short")]), samples: (2000..2300).map(|i| float(i * 1000, 1.0)).collect() },
    ];
    // First and last time of the first range, distance from one to the next, and how many there are.
    let cases = [(-5000, -2001, 1_000_000, 6), (90_000, 90_000, 700_000, 7), (500, 99_499, 100_000, 40), (7000, 8999, 9000, 1)];
    probe(&all, &mut |source| {
        let set = select(source, &[], TimeRange::ALL)?;
        for (start, end, distance, count) in cases {
            let on = |i: i64| TimeRange { start: start + i * distance, end: end + i * distance };
            let ranges: Vec<TimeRange> = (0..count).map(on).collect();
            for i in 0..set.labels().len() {
                let mut out = used();
                set.read_ranges(i, &ranges, Columns::ALL, &mut out).map_err(|e| e.to_string())?;
                let outside = |t: &&i64| **t < start || **t > on(count - 1).end;
                expect("order of times of ranges", &out.time.is_sorted_by(|a, b| a < b), &true)?;
                expect("a time outside", &out.time.iter().find(outside), &None)?;
                for range in &ranges {
                    let inside = |(time, _): &(&i64, String)| range.contains(**time);
                    let of_range =
                        |samples: &Samples| samples.time.iter().zip(told(samples)).filter(inside).map(|(_, told)| told).collect::<Vec<_>>();
                    expect("samples of a range", &of_range(&out), &of_range(&read(&*set, i, *range, Columns::ALL)?))?;
                }
            }
        }
        Ok(())
    })
}

pub(super) fn floats_are_told(probe: &Probe<'_>) -> Result<(), String> {
    probe(&service(), &mut |source| {
        for range in [TimeRange::ALL, TimeRange { start: 2500, end: 7000 }, TimeRange { start: 5000, end: 5000 }] {
            let set = select(source, &[], range)?;
            for i in 0..set.labels().len() {
                let Some(most) = set.floats(i, range) else { continue };
                let samples = read(&*set, i, range, Columns::ALL)?;
                expect("whether there are no more samples than was told", &(samples.len() <= most), &true)?;
            }
        }
        Ok(())
    })
}

pub(super) fn reads_are_independent(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| {
        let set = select(source, &[], TimeRange::ALL)?;
        let set = &*set;
        let n = set.labels().len();
        let all = (0..n).map(|i| Ok(told(&read(set, i, TimeRange::ALL, Columns::ALL)?))).collect::<Result<Vec<_>, String>>()?;
        for i in (0..n).rev() {
            expect("a series read again, in reverse order", &told(&read(set, i, TimeRange::ALL, Columns::ALL)?), &all[i])?;
        }
        let reader = |offset: usize| {
            let all = &all;
            move || {
                let mut out = used();
                for i in (0..n).map(|i| (i * 5 + offset) % n) {
                    set.read(i, TimeRange::ALL, Columns::ALL, &mut out).map_err(|e| e.to_string())?;
                    expect("a series read beside other threads", &told(&out), &all[i])?;
                }
                Ok(())
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|t| scope.spawn(reader(t * 3))).collect();
            threads.into_iter().try_for_each(|t| t.join().unwrap_or_else(|_| Err("a thread that read panicked".into())))
        })
    })
}

pub(super) fn no_such_series(probe: &Probe<'_>) -> Result<(), String> {
    probe(&one_series(vec![float(0, 1.0)]), &mut |source| {
        let set = select(source, &[], TimeRange::ALL)?;
        let attempt = || set.read(set.labels().len(), TimeRange::ALL, Columns::ALL, &mut Samples::default()).is_err();
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt)) {
            Ok(true) => Ok(()),
            Ok(false) => Err("read of a series behind the last succeeded".into()),
            Err(_) => Err("read of a series behind the last panicked".into()),
        }
    })
}
