//! The conformance kit accepts the crate's own source, and sees what others do wrong.
#![cfg(feature = "engine")]

use ferula::model::{LabelSet, Matcher, Samples, nan};
use ferula::source::conformance::{Kit, TestSeries, TestValue, check};
use ferula::source::{Columns, Keep, MemorySource, Selection, SeriesSet, Source, SourceError, TimeRange};
use std::sync::atomic::{AtomicUsize, Ordering};

fn memory(series: &[TestSeries]) -> MemorySource {
    let mut source = MemorySource::new();
    for s in series {
        let id = source.series_id(&s.labels).expect("a series");
        for sample in &s.samples {
            match &sample.value {
                TestValue::Float(value) => source.append_float(id, sample.time, sample.start, *value),
                TestValue::Histogram(h) => source.append_histogram(id, sample.time, sample.start, (**h).clone()),
            }
            .expect("in order");
        }
    }
    source
}

#[test]
fn the_memory_source_conforms() {
    check(memory);
}

#[test]
fn the_memory_source_conforms_with_all_blocks_sealed() {
    check(|series| {
        let mut source = memory(series);
        source.compact();
        source
    });
}

/// One thing that a source does wrong.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    ExclusiveEnd,
    Appends,
    QuietNan,
    DropsStale,
    Reverses,
    LosesNamelessSeries,
    PanicsBehindTheLast,
    IgnoresStarts,
    UnsortedValues,
    ForgetsHints,
    DeniesTypes,
    KeepsTooLittle,
    HoldsAllAlike,
    ReadsOneRange,
    CountsTooFew,
}

struct Faulty {
    inner: MemorySource,
    fault: Fault,
    calls: AtomicUsize,
}

struct FaultySet<'a> {
    inner: Box<dyn SeriesSet + 'a>,
    labels: Vec<LabelSet>,
    order: Vec<usize>,
    fault: Fault,
}

impl Source for Faulty {
    fn select<'a>(&'a self, selection: &Selection<'_>) -> Result<Box<dyn SeriesSet + 'a>, SourceError> {
        let inner = self.inner.select(selection)?;
        let mut order: Vec<usize> = (0..inner.labels().len()).collect();
        if self.fault == Fault::Reverses && self.calls.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            order.reverse();
        }
        if self.fault == Fault::LosesNamelessSeries {
            order.retain(|i| !inner.labels()[*i].metric_name().is_empty());
        }
        let labels = order.iter().map(|i| inner.labels()[*i].clone()).collect();
        Ok(Box::new(FaultySet { inner, labels, order, fault: self.fault }))
    }

    fn may_have_types(&self) -> bool {
        self.fault != Fault::DeniesTypes
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, SourceError> {
        let mut values = self.inner.label_values(name, matchers, range)?;
        if self.fault == Fault::UnsortedValues {
            values.reverse();
        }
        Ok(values)
    }
}

impl SeriesSet for FaultySet<'_> {
    fn labels(&self) -> &[LabelSet] {
        &self.labels
    }

    fn read(&self, index: usize, mut range: TimeRange, columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        if self.fault == Fault::PanicsBehindTheLast {
            assert!(index < self.order.len(), "index out of bounds");
        }
        let Some(index) = self.order.get(index) else { return Err(SourceError::new("no such series")) };
        if self.fault == Fault::ExclusiveEnd {
            range.end = range.end.saturating_sub(1);
        }
        let mut samples = Samples::default();
        self.inner.read(*index, range, columns, &mut samples)?;
        match self.fault {
            Fault::QuietNan => samples.value.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = nan()),
            Fault::DropsStale => samples.drop_stale(),
            Fault::IgnoresStarts => samples.start.clear(),
            Fault::ForgetsHints => {
                let mut forgetful = Samples::default();
                for i in 0..samples.len() {
                    match samples.histogram_at(i) {
                        None => forgetful.push_float(samples.time[i], samples.value[i]),
                        Some(h) => {
                            let mut histogram = h.to_histogram();
                            histogram.counter_reset_hint = ferula::model::CounterResetHint::NotReset;
                            forgetful.push_histogram(samples.time[i], histogram);
                        }
                    }
                    forgetful.set_start(samples.start_of(i));
                }
                samples = forgetful;
            }
            _ => {}
        }
        if self.fault == Fault::Appends {
            out.time.append(&mut samples.time);
            out.value.append(&mut samples.value);
        } else {
            *out = samples;
        }
        Ok(())
    }

    fn read_ranges(&self, index: usize, ranges: &[TimeRange], columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        let last = if self.fault == Fault::ReadsOneRange { 0 } else { ranges.len() - 1 };
        self.read(index, TimeRange { start: ranges[0].start, end: ranges[last].end }, columns, out)
    }

    fn floats(&self, _: usize, _: TimeRange) -> Option<usize> {
        (self.fault == Fault::CountsTooFew).then_some(0)
    }

    fn read_kept(&self, index: usize, range: TimeRange, columns: Columns, _: Keep, out: &mut Samples) -> Result<usize, SourceError> {
        self.read(index, range, columns, out)?;
        if self.fault != Fault::KeepsTooLittle || out.len() < 3 {
            return Ok(0);
        }
        let mut ends = Samples::default();
        for i in [0, out.len() - 1] {
            ends.push_float(out.time[i], out.value[i]);
        }
        let left_out = out.len() - 2;
        *out = ends;
        Ok(left_out)
    }

    fn read_values(&self, index: usize, _: usize, range: TimeRange, columns: Columns, out: &mut Vec<f64>) -> Result<bool, SourceError> {
        let mut samples = Samples::default();
        self.read(index, range, columns, &mut samples)?;
        *out = samples.value;
        Ok(self.fault == Fault::HoldsAllAlike)
    }
}

fn broken_by(fault: Fault) -> Vec<&'static str> {
    let make = |series: &[TestSeries]| Faulty { inner: memory(series), fault, calls: AtomicUsize::new(0) };
    Kit::new().failures(make).iter().map(|f| f.rule).collect()
}

#[test]
fn each_fault_breaks_its_rule() {
    let cases = [
        (Fault::ExclusiveEnd, "both ends included"),
        (Fault::Appends, "replaces what the columns held"),
        (Fault::QuietNan, "every bit of a float"),
        (Fault::DropsStale, "every bit of a float"),
        (Fault::DropsStale, "where only times are asked for"),
        (Fault::Reverses, "in the same order each time"),
        (Fault::LosesNamelessSeries, "finds every series"),
        (Fault::LosesNamelessSeries, "if and only if all matchers fit"),
        (Fault::PanicsBehindTheLast, "an error and no panic"),
        (Fault::IgnoresStarts, "a start timestamp comes back"),
        (Fault::UnsortedValues, "label_values"),
        (Fault::ForgetsHints, "a gauge histogram is told as such"),
        (Fault::ForgetsHints, "a reset hint says nothing wrong"),
        (Fault::DeniesTypes, "may_have_types"),
        (Fault::KeepsTooLittle, "a part of the samples is enough"),
        (Fault::HoldsAllAlike, "that have the times of another"),
        (Fault::ReadsOneRange, "of ranges that are apart"),
        (Fault::CountsTooFew, "so many floats at most"),
        (Fault::CountsTooFew, "may take turns in one series"),
    ];
    for (fault, part) in cases {
        let broken = broken_by(fault);
        assert!(broken.iter().any(|rule| rule.contains(part)), "{fault:?} breaks {broken:?}, not {part:?}");
    }
    let mild = broken_by(Fault::IgnoresStarts);
    assert_eq!(mild.len(), 1, "a fault that concerns one rule breaks no other: {mild:?}");
}

#[test]
fn what_a_source_does_not_keep_is_not_asked_for() {
    let floats = |series: &[TestSeries]| {
        let is_float = |value: &TestValue| matches!(value, TestValue::Float(_));
        assert!(series.iter().flat_map(|s| &s.samples).all(|s| is_float(&s.value)), "only floats are written");
        assert!(series.iter().flat_map(|s| &s.samples).all(|s| s.start == 0), "no start timestamp is written");
        memory(series)
    };
    Kit::new().without_histograms().without_start_timestamps().check(floats);
}

#[test]
#[should_panic(expected = "why it matters: a stale marker that is an ordinary NaN")]
fn a_failing_check_says_why_it_matters() {
    check(|series: &[TestSeries]| Faulty { inner: memory(series), fault: Fault::QuietNan, calls: AtomicUsize::new(0) });
}
