//! Sliding kernels against the kernel of one window, which defines the function.

use super::*;
use crate::engine::EngineOptions;
use crate::exec::{Windows, block::each_bit, cx::StopKind};
use crate::functions::kernel::Kernel;
use crate::model::{CounterResetHint, Histogram, HistogramSpan, LabelSet, Span};
use crate::source::{MemorySource, TimeRange};
use proptest::prelude::*;

/// A range vector of one series.
struct Given {
    labels: LabelSet,
    samples: Samples,
    windows: Windows,
}

impl RangeOp for Given {
    fn count(&self) -> usize {
        1
    }
    fn labels(&self, _: u32) -> &LabelSet {
        &self.labels
    }
    fn windows(&self) -> Windows {
        self.windows
    }
    fn read(&self, _: u32, _: TimeRange, _: &Cx<'_>, out: &mut Samples) -> Result<(), Stop> {
        out.clone_from(&self.samples);
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Case<'a> {
    function: &'a str,
    samples: &'a Samples,
    windows: Windows,
    grid: Grid,
    arg: f64,
}

/// The row that a call gives, and its annotations; `window_by_window` leaves sliding kernels out.
fn evaluate(case: Case<'_>, window_by_window: bool, options: &EngineOptions) -> (Block, Vec<crate::model::Annotation>) {
    let Case { function, samples, windows, grid, arg } = case;
    let function = crate::functions::find(function).expect("a function");
    let Kernel::Range(kernel) = &function.kernel else { panic!("no range function") };
    let options = &EngineOptions { window_by_window, ..options.clone() };
    let node = Node { first: 0, rank: 0, span: Span::default(), kind: Kind::Number(0.0) };
    let source = MemorySource::default();
    let cx = Cx::new(&source, options, "", &node, None);
    let labels = LabelSet::from_pairs([("__name__", "x_total")]);
    let rows = vec![Series { labels: labels.clone(), drop_name: false }];
    let input = Arc::new(Given { labels, samples: samples.clone(), windows });
    // Factors of smoothing have limits.
    let arg = if function.name.starts_with("double") { arg.clamp(0.1, 0.9) } else { arg };
    let scalars = vec![vec![arg; grid.n].into(), vec![0.4; grid.n].into()];
    let call = RangeCall {
        input,
        kernel,
        rows,
        doubtful: kernel.wants_counter,
        one_metric: true,
        scalars,
        node: &node,
        args: &[],
        grid,
        scratch: Mutex::default(),
    };
    let mut block = Block::new(grid.n);
    call.fill(&[0], &cx, &mut block).expect("a row");
    drop(call);
    (block, cx.finish().expect("no fault"))
}

fn equal(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

const EXACT: &[&str] = &[
    "rate",
    "increase",
    "delta",
    "irate",
    "idelta",
    "resets",
    "changes",
    "min_over_time",
    "max_over_time",
    "ts_of_min_over_time",
    "ts_of_max_over_time",
    "count_over_time",
    "present_over_time",
    "first_over_time",
    "last_over_time",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "quantile_over_time",
    "mad_over_time",
    "double_exponential_smoothing",
];
const REORDERED: &[&str] = &["sum_over_time", "avg_over_time", "stddev_over_time", "stdvar_over_time", "deriv", "predict_linear"];

/// What a series looks like: its values and what else there is.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Counter,
    /// A counter of whole numbers that falls often, now and then below zero.
    Whole,
    Gauge,
    Few,
    Rough,
    Mixed,
}

fn series(shape: Shape, picks: &[(u32, u32)]) -> Samples {
    let mut samples = Samples::default();
    let (mut time, mut level) = (1_000_000_i64, 0.0_f64);
    for (i, &(a, b)) in picks.iter().enumerate() {
        // Scrapes jitter, and some are missing.
        time += 9_990 + if picks[0].0.is_multiple_of(3) { 10 } else { i64::from(a % 20) } + if a % 97 == 0 { 400_000 } else { 0 };
        let unit = f64::from(b) / f64::from(u32::MAX);
        let value = match shape {
            Shape::Counter => {
                level = if b % 61 == 0 { unit * 3.0 } else { level + unit * 7.3 };
                level
            }
            Shape::Whole => {
                level = if b % 7 == 0 { f64::from(b % 5) } else { level + f64::from(b % 900) };
                if picks[0].1.is_multiple_of(4) && b.is_multiple_of(31) { -0.0 } else { level }
            }
            Shape::Gauge | Shape::Mixed => 100.0 + 40.0 * unit + i as f64 * 0.01,
            Shape::Few => [0.0, -0.0, 1.0, 1.0, 5.0][b as usize % 5],
            Shape::Rough => match b % 40 {
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => f64::NEG_INFINITY,
                3 => 1.7e308,
                4 => -1.7e308,
                _ => unit - 0.5,
            },
        };
        if matches!(shape, Shape::Mixed) && b % 150 == 0 {
            samples.push_histogram(time, Arc::new(Histogram { count: unit, sum: unit, ..Histogram::default() }));
        } else {
            samples.push_float(time, value);
        }
        if matches!(shape, Shape::Counter) && picks[0].0.is_multiple_of(2) {
            samples.set_start(if b % 5 == 0 { 0 } else { time - i64::from(b % 3) * 8_000 - 1 });
        }
    }
    samples
}

/// A series of histograms: mostly a counter whose buckets often stay as they are, with resets,
/// other layouts, gauges and overflow here and there.
fn natives(custom: bool, picks: &[(u32, u32)]) -> Samples {
    let mut samples = Samples::default();
    let mut counts = [0.0, 2.0, 0.0, 1.0];
    let hints = [CounterResetHint::Unknown, CounterResetHint::NotReset, CounterResetHint::Gauge, CounterResetHint::Reset];
    for (i, &(a, b)) in picks.iter().enumerate() {
        if a % 31 == 0 {
            counts = [0.0; 4];
        }
        counts[a as usize % 4] += f64::from(b % 3);
        let wide = a % 41 > 30;
        let scale = [1.0, 1.0, 0.1, 1e-320, 1e307][if b % 29 == 0 { i % 5 } else { 0 }];
        let h = Histogram {
            counter_reset_hint: hints[match a % 23 {
                0 => 3,
                1..=4 => 2,
                5..=12 => 1,
                _ => 0,
            }],
            schema: if custom { -53 } else { 3 - i32::from(a % 53 == 0) },
            zero_threshold: if custom || b % 57 != 0 { 0.0 } else { 0.5 },
            zero_count: if custom { 0.0 } else { counts[0] * scale },
            count: counts.iter().sum::<f64>() * scale,
            sum: f64::from(b) * scale,
            positive_spans: vec![HistogramSpan { offset: 0, length: 2 }, HistogramSpan { offset: 1, length: 1 + u32::from(wide) }],
            positive_buckets: [&counts[1..], if wide { &[0.5] } else { &[] }].concat().iter().map(|c| c * scale).collect(),
            custom_values: if custom { vec![1.0, 2.0, 3.0, 4.0] } else { Vec::new() },
            ..Histogram::default()
        };
        samples.push_histogram(1_000_000 + i as i64 * 10_000, h);
        if picks[0].0.is_multiple_of(5) {
            samples.set_start(1_000_000 - i64::from(b % 2) * 500 + i as i64 * 100);
        }
    }
    samples
}

const NATIVE: &[&str] =
    &["rate", "increase", "delta", "irate", "idelta", "sum_over_time", "avg_over_time", "first_over_time", "last_over_time", "resets"];

fn cases() -> impl Strategy<Value = (Shape, Samples, Windows, Grid, f64)> {
    let shape =
        prop_oneof![Just(Shape::Counter), Just(Shape::Whole), Just(Shape::Gauge), Just(Shape::Few), Just(Shape::Rough), Just(Shape::Mixed)];
    // Some windows begin where others end.
    let range = prop_oneof![20_000..300_000i64, 600_000..9_000_000i64, (2..90i64).prop_map(|n| n * 10_000)];
    let step = prop_oneof![1..5_000i64, Just(10_000), Just(20_000), 10_000..60_000i64, 1_000_000..3_000_000i64];
    let arg = prop_oneof![0.0..1.0f64, Just(0.0), Just(1.0), Just(0.5), Just(2.0)];
    let picks = prop::collection::vec(any::<(u32, u32)>(), 1..1_500);
    (shape, picks, range, step, -2_000_000..4_000_000i64, 1..150i64, arg).prop_map(|(shape, picks, range, step, from, n, arg)| {
        let samples = series(shape, &picks);
        let grid = Grid::new(1_000_000 + from, 1_000_000 + from + (n - 1) * step, step);
        (shape, samples, Windows { range, offset: 0, pin: None, extension: None }, grid, arg)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn same_bits_where_nothing_is_reordered((shape, samples, windows, grid, arg) in cases()) {
        let options = EngineOptions::default();
        for function in EXACT {
            let case = Case { function, samples: &samples, windows, grid, arg };
            let (expected, notes) = evaluate(case, true, &options);
            let (got, got_notes) = evaluate(case, false, &options);
            prop_assert_eq!(&got.floats, &expected.floats, "{} {:?}", function, shape);
            prop_assert_eq!(got.hists.column(), expected.hists.column());
            each_bit(&got.floats, |i| assert!(equal(got.values[i], expected.values[i]), "{function} {shape:?} step {i}: {} != {}", got.values[i], expected.values[i]));
            prop_assert_eq!(&got_notes, &notes, "{} {:?}", function, shape);
        }
    }

    #[test]
    fn smoothing_forgets_where_it_began_to_the_last_bit(
        shape in prop_oneof![Just(Shape::Whole), Just(Shape::Gauge), Just(Shape::Few)],
        picks in prop::collection::vec(any::<(u32, u32)>(), 1_200..1_500), smoothing in 0.1..0.9f64,
    ) {
        let samples = series(shape, &picks);
        let windows = Windows { range: 9_000_000, offset: 0, pin: None, extension: None };
        let grid = Grid::new(6_000_000, 18_000_000, 100_000);
        let case = Case { function: "double_exponential_smoothing", samples: &samples, windows, grid, arg: smoothing };
        let [got, expected] = [false, true].map(|by_window| evaluate(case, by_window, &EngineOptions::default()).0);
        prop_assert_eq!(&got.floats, &expected.floats);
        each_bit(&got.floats, |i| assert!(equal(got.values[i], expected.values[i]), "{shape:?} step {i}: {} != {}", got.values[i], expected.values[i]));
    }

    #[test]
    fn extended_windows_have_the_same_bits((shape, samples, windows, grid, arg) in cases(), lookback in prop_oneof![Just(300_000i64), 1..60_000i64]) {
        let options = EngineOptions { lookback_delta: lookback, ..EngineOptions::default() };
        let allowed = [
            (Extension::Anchored, &["rate", "increase", "delta", "resets", "changes"][..]),
            (Extension::Smoothed, &["rate", "increase", "delta"][..]),
        ];
        // Once where samples lie, and once beside them.
        for aligned in [true, false] {
            let mut grid = grid;
            if aligned {
                grid.start += samples.time[samples.len() / 2] - 1_000_000;
            }
            for (extension, functions) in allowed {
                for function in functions {
                    let case = Case { function, samples: &samples, windows: Windows { extension: Some(extension), ..windows }, grid, arg };
                    let (expected, notes) = evaluate(case, true, &options);
                    let (got, got_notes) = evaluate(case, false, &options);
                    prop_assert_eq!(&got.floats, &expected.floats, "{} {:?} {:?}", function, extension, shape);
                    prop_assert_eq!(got.hists.column(), expected.hists.column());
                    each_bit(&got.floats, |i| assert!(equal(got.values[i], expected.values[i]), "{function} {extension:?} {shape:?} step {i}: {} != {}", got.values[i], expected.values[i]));
                    prop_assert_eq!(&got_notes, &notes, "{} {:?} {:?}", function, extension, shape);
                }
            }
        }
    }

    #[test]
    fn numbers_tell_what_histograms_do(
        custom in any::<bool>(), picks in prop::collection::vec(any::<(u32, u32)>(), 1..200), range in 20_000..400_000i64, n in 1..40i64,
    ) {
        let samples = natives(custom, &picks);
        let windows = Windows { range, offset: 0, pin: None, extension: None };
        let grid = Grid::new(1_000_000, 1_000_000 + (n - 1) * 37_000, 37_000);
        let options = EngineOptions { use_start_timestamps: true, ..EngineOptions::default() };
        for function in NATIVE {
            let case = Case { function, samples: &samples, windows, grid, arg: 0.0 };
            let (expected, notes) = evaluate(case, true, &options);
            let (got, got_notes) = evaluate(case, false, &options);
            prop_assert_eq!(&got_notes, &notes, "{}", function);
            for step in 0..grid.n {
                let told = |block: &Block| block.histogram(0, step).map(|h| format!("{} {:?}", h.size(), h.to_histogram()));
                prop_assert_eq!(told(&got), told(&expected), "{} at step {}", function, step);
            }
        }
    }

    #[test]
    fn sums_differ_in_the_last_digits_alone((shape, samples, windows, grid, arg) in cases()) {
        for function in REORDERED {
            let case = Case { function, samples: &samples, windows, grid, arg };
            let (expected, notes) = evaluate(case, true, &EngineOptions::default());
            let (got, got_notes) = evaluate(case, false, &EngineOptions::default());
            prop_assert_eq!(&got.floats, &expected.floats, "{} {:?}", function, shape);
            prop_assert_eq!(&got_notes, &notes, "{} {:?}", function, shape);
            // What a line foretells may be the small difference of terms as large as the samples.
            let largest = samples.value.iter().filter(|v| v.is_finite()).fold(1.0, |largest: f64, v| largest.max(v.abs()));
            let scale = match *function {
                "predict_linear" => largest,
                "deriv" => 1.0,
                _ => 0.0,
            };
            each_bit(&got.floats, |i| {
                let (a, b) = (got.values[i], expected.values[i]);
                let close = (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(scale);
                assert!(equal(a, b) || close, "{function} {shape:?} step {i}: {a} != {b}");
            });
            let strict = EngineOptions { strict_order: true, ..EngineOptions::default() };
            let (strict, _) = evaluate(case, false, &strict);
            each_bit(&got.floats, |i| assert!(equal(strict.values[i], expected.values[i]), "{function} in strict order"));
        }
    }

    #[test]
    fn a_window_has_the_same_bits_in_every_grid((shape, samples, windows, grid, arg) in cases(), at in 0..150usize) {
        let options = EngineOptions::default();
        let step = at % grid.n;
        let time = grid.time(step);
        for function in EXACT.iter().chain(REORDERED) {
            let case = Case { function, samples: &samples, windows, grid, arg };
            let (range, _) = evaluate(case, false, &options);
            // An instant query reads the samples of its window alone.
            let mut own = Samples::default();
            for i in (0..samples.len()).filter(|i| time - windows.range < samples.time[*i] && samples.time[*i] <= time) {
                match samples.histogram_at(i) {
                    Some(h) => own.push_histogram(samples.time[i], h.to_histogram()),
                    None => own.push_float(samples.time[i], samples.value[i]),
                }
                own.set_start(samples.start_of(i));
            }
            let (instant, _) = evaluate(Case { samples: &own, grid: Grid::at(time), ..case }, false, &options);
            prop_assert_eq!(range.float(0, step).map(f64::to_bits), instant.float(0, 0).map(f64::to_bits), "{} {:?}", function, shape);
            // The line of predict_linear starts at the step, wherever the window is pinned.
            if *function != "predict_linear" {
                let pinned = Windows { pin: Some(time), ..windows };
                let (pinned, _) = evaluate(Case { windows: pinned, ..case }, false, &options);
                for other in [0, grid.n - 1] {
                    prop_assert_eq!(range.float(0, step).map(f64::to_bits), pinned.float(0, other).map(f64::to_bits), "{}", function);
                }
            }
        }
    }

    // Over a row with a number that large, sums walk from one cut after the other.
    #[test]
    fn a_window_has_the_same_bits_beside_a_wild_one((shape, samples, windows, grid, arg) in cases()) {
        let last = grid.time(grid.n - 1);
        let mut calm = Samples::default();
        for i in (0..samples.len()).filter(|i| samples.time[*i] <= last) {
            match samples.histogram_at(i) {
                Some(h) => calm.push_histogram(samples.time[i], h.to_histogram()),
                None => calm.push_float(samples.time[i], samples.value[i]),
            }
        }
        let mut wild = calm.clone();
        wild.push_float(last + grid.step, 1e200);
        let longer = Grid::new(grid.start, last + grid.step, grid.step);
        for function in REORDERED {
            let (expected, _) = evaluate(Case { function, samples: &wild, windows, grid: longer, arg }, false, &EngineOptions::default());
            let (got, _) = evaluate(Case { function, samples: &calm, windows, grid, arg }, false, &EngineOptions::default());
            for step in 0..grid.n {
                prop_assert_eq!(got.float(0, step).map(f64::to_bits), expected.float(0, step).map(f64::to_bits), "{} {:?} step {}", function, shape, step);
            }
        }
    }
}

#[test]
fn the_cut_of_a_window_follows_its_time() {
    let mut samples = Samples::default();
    for i in 0..=150 {
        samples.push_float(i * 60_000, 0.1 + 0.37 * i as f64);
    }
    let windows = Windows { range: 6_000_000, offset: 0, pin: None, extension: None };
    let case = Case { function: "sum_over_time", samples: &samples, windows, grid: Grid::new(8_880_000, 9_000_000, 60_000), arg: 0.0 };
    let (range, _) = evaluate(case, false, &EngineOptions::default());
    let pinned = Windows { pin: Some(9_000_000), ..windows };
    let (pinned, _) = evaluate(Case { windows: pinned, ..case }, false, &EngineOptions::default());
    assert_eq!(range.values[2], pinned.values[0]);
    assert_ne!(range.values[1], pinned.values[1]);
}

#[test]
fn overflow_keeps_the_order_of_the_samples() {
    let mut samples = Samples::default();
    for i in 0..100 {
        samples.push_float(i * 1_000, if i < 50 { 1.7e308 } else { -1.7e308 });
    }
    let windows = Windows { range: 100_000, offset: 0, pin: None, extension: None };
    let case = Case { function: "sum_over_time", samples: &samples, windows, grid: Grid::at(99_000), arg: 0.0 };
    assert_eq!(evaluate(case, false, &EngineOptions::default()).0.values, [f64::INFINITY]);
}

#[test]
fn equal_values_have_no_spread_and_no_slope() {
    let mut samples = Samples::default();
    for i in 0..1_000 {
        samples.push_float(i * 1_000, 0.1);
    }
    let windows = Windows { range: 900_000, offset: 0, pin: None, extension: None };
    for (function, expected) in [("stdvar_over_time", 0.0), ("stddev_over_time", 0.0), ("deriv", 0.0), ("predict_linear", 0.1)] {
        let case = Case { function, samples: &samples, windows, grid: Grid::new(0, 999_000, 7_000), arg: 60.0 };
        let (block, _) = evaluate(case, false, &EngineOptions::default());
        each_bit(&block.floats, |i| assert_eq!(block.values[i], expected, "{function}"));
    }
}

#[test]
fn a_long_row_can_be_cancelled() {
    let mut samples = Samples::default();
    for i in 0..30_000 {
        samples.push_float(i * 1_000, i as f64);
    }
    let node = Node { first: 0, rank: 0, span: Span::default(), kind: Kind::Number(0.0) };
    let source = MemorySource::default();
    let options = EngineOptions::default();
    let cancel = std::sync::atomic::AtomicBool::new(true);
    let cx = Cx::new(&source, &options, "", &node, Some(&cancel));
    let rows = vec![Series { labels: LabelSet::default(), drop_name: false }];
    let windows = Windows { range: 20_000_000, offset: 0, pin: None, extension: None };
    let kernel = RangeKernel::new(|w| (w.step < 200).then_some(crate::exec::Point::Float(0.0)).or_else(|| panic!("goes on")));
    let input = Arc::new(Given { labels: LabelSet::default(), samples, windows });
    let grid = Grid::new(20_000_000, 29_000_000, 1_000);
    let call = RangeCall {
        input,
        kernel: &kernel,
        rows,
        doubtful: false,
        one_metric: true,
        scalars: Vec::new(),
        node: &node,
        args: &[],
        grid,
        scratch: Mutex::default(),
    };
    let stop = call.fill(&[0], &cx, &mut Block::new(grid.n)).unwrap_err();
    assert!(matches!(stop.kind(), StopKind::Cancelled));
}
