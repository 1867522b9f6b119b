//! Long series and long windows: what is read in parts or with gaps, and summed from several cuts at once,
//! gives the same answers, to the bit, as what is read whole and asked for at one time.
#![cfg(feature = "engine")]

#[path = "../benches/formula/mod.rs"]
#[allow(dead_code)]
mod formula;

use ferula::engine::{Point, Range, Value};
use ferula::model::{Histogram, LabelSet, Samples, stale};
use ferula::source::{Columns, MemorySource, Selection, SeriesSet, Source, SourceError, TimeRange};
use ferula::{Engine, EngineOptions};
use formula::mix;

const SAMPLES: i64 = 36_000;
const INTERVAL: i64 = 15_000;

/// A source that tells nothing of its series before they are read.
struct Whole<'a>(&'a MemorySource);

struct Set<'a>(Box<dyn SeriesSet + 'a>);

impl Source for Whole<'_> {
    fn select<'a>(&'a self, selection: &Selection<'_>) -> Result<Box<dyn SeriesSet + 'a>, SourceError> {
        Ok(Box::new(Set(self.0.select(selection)?)))
    }
}

impl SeriesSet for Set<'_> {
    fn labels(&self) -> &[LabelSet] {
        self.0.labels()
    }
    fn read(&self, index: usize, range: TimeRange, columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        self.0.read(index, range, columns, out)
    }
}

/// Series of about a week: two scraped together, one at times of its own, with resets, NaN and stale
/// markers, one that ends early and one that begins late.
fn source(with_histograms: bool) -> MemorySource {
    let mut source = MemorySource::new();
    for shape in 0..5 {
        let id = source.series_id(&LabelSet::from_pairs([("__name__", "x_total"), ("shape", &shape.to_string())])).expect("a series");
        let mut value = 0.0;
        for i in 0..SAMPLES {
            let random = mix(shape * 1_000_003 + i as u64 + 1);
            if shape == 3 && i > 15_000 || shape == 4 && i < 20_000 {
                continue;
            }
            value += (random % 100) as f64 / 8.0;
            let time = i * INTERVAL + if shape == 2 { (random >> 8) as i64 % 9000 } else { 0 };
            let told = match (shape, random % 1009) {
                (1, 0..4) => f64::NAN,
                (2, 0..4) => stale(),
                (2, 4..8) => {
                    value = 0.0;
                    value
                }
                _ => value,
            };
            if with_histograms && shape == 4 && i == 30_000 {
                source.append_histogram(id, time, 0, Histogram { count: 3.0, sum: value, ..Histogram::default() }).expect("in order");
            } else {
                let start = if shape == 2 { i / 5000 * 5000 * INTERVAL } else { 0 };
                source.append_float(id, time, start, told).expect("in order");
            }
        }
    }
    source.compact();
    source
}

fn answer(source: &dyn Source, text: &str, step: i64, threads: usize) -> String {
    let use_start_timestamps = step % 2 == 1;
    let engine = Engine::new(EngineOptions { threads, experimental_functions: true, use_start_timestamps, ..EngineOptions::default() });
    let query = engine.prepare(text).expect(text);
    let range = Range { start: INTERVAL * 100, end: SAMPLES * INTERVAL + 3_600_000, step };
    query.range(source, range).expect(text).to_api_json()
}

const CALLS: [&str; 22] = [
    "rate(#)",
    "increase(#)",
    "delta(#)",
    "irate(#)",
    "idelta(#)",
    "deriv(#)",
    "predict_linear(#, time() / 1000)",
    "double_exponential_smoothing(#, 0.4, 0.3)",
    "changes(#)",
    "resets(#)",
    "sum_over_time(#)",
    "avg_over_time(#)",
    "min_over_time(#)",
    "ts_of_max_over_time(#)",
    "count_over_time(#)",
    "present_over_time(#)",
    "first_over_time(#)",
    "last_over_time(#)",
    "stddev_over_time(#)",
    "quantile_over_time(scalar(vector(time() % 7 / 6)), #)",
    "mad_over_time(#)",
    "sum(rate(#))",
];

/// Compares all calls over these windows, with and without a source that tells of its series.
fn compare(windows: &[(&str, i64)]) {
    for (source, calls) in [(source(false), &CALLS[..]), (source(true), &CALLS[..8])] {
        for (call, (window, step)) in calls.iter().flat_map(|call| windows.iter().map(move |w| (call, w))) {
            let text = call.replace('#', window);
            let whole = answer(&Whole(&source), &text, *step, 1);
            assert!(whole.contains("values"), "{text}: {whole:.300}");
            for threads in [1, 2] {
                assert!(answer(&source, &text, *step, threads) == whole, "{text} on {threads} threads");
            }
        }
    }
}

#[test]
fn a_series_in_parts_is_the_series() {
    compare(&[("x_total[1h]", 600_000), ("x_total[70m] offset -7m", 577_001)]);
}

#[test]
fn what_lies_between_windows_is_not_missed() {
    compare(&[("x_total[7m]", 21_600_000), ("x_total[1h] offset 1h", 8_000_001)]);
    let source = source(true);
    for text in ["x_total", "x_total offset 50m > 99", "timestamp(x_total)", "sum by (shape) (x_total)", "x_total offset 7d"] {
        for step in [3_600_000, 21_600_001, 86_400_000] {
            assert!(answer(&source, text, step, 1) == answer(&Whole(&source), text, step, 1), "{text} by {step}");
        }
    }
}

#[test]
fn a_long_window_is_the_same_in_every_grid() {
    let source = source(false);
    let engine = Engine::new(EngineOptions::default());
    for call in ["sum_over_time(#)", "avg_over_time(#)", "stddev_over_time(#)", "deriv(#)", "predict_linear(#, 3600)"] {
        for window in ["x_total[8h]", "x_total[30h]", "x_total[50h]"] {
            let text = call.replace('#', window);
            let query = engine.prepare(&text).expect(&text);
            let (start, step) = (130 * 3_600_000, 2_000_000);
            let Value::Matrix(matrix) = query.range(&source, Range { start, end: start + 11 * step, step }).expect(&text).value else {
                panic!("{text} is no matrix");
            };
            assert_eq!(matrix.series.len(), 4, "{text}");
            for time in (0..12).map(|i| start + i * step) {
                let Value::Vector(samples) = query.instant(&source, time).expect(&text).value else { panic!("{text} is no vector") };
                let bits = |value: &Point| if let Point::Float(value) = value { value.to_bits() } else { panic!("{text} has a histogram") };
                for sample in samples {
                    let series = matrix.series.iter().find(|series| series.labels == sample.labels).expect("a series");
                    let at = series.times.iter().position(|t| *t == time).expect("a point");
                    assert_eq!(series.values[at].to_bits(), bits(&sample.value), "{text} at {time} of {}", sample.labels);
                }
            }
        }
    }
}
