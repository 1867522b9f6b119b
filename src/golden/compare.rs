//! Whether an answer is the expected one: with a tolerance for numbers, none for the rest.

use super::notation::{metric, point, slot, slots};
use super::report::{Mismatch, Row};
use super::script::{Expect, ExpectSeries, Slot};
use crate::engine::{MatrixSeries, Point, Range, Value, VectorSample};
use crate::model::{HashMap, Histogram, HistogramSpan, LabelSet, is_stale};

/// Largest relative difference of two numbers that are taken for equal.
const TOLERANCE: f64 = 1e-6;

/// Whether two numbers are equal up to the reference's tolerance.
///
/// Stale markers equal stale markers only, NaN equals NaN. An expected 0 needs an exact 0.
pub fn almost_equal(a: f64, b: f64) -> bool {
    if is_stale(a) || is_stale(b) {
        return is_stale(a) == is_stale(b);
    }
    if a.is_nan() && b.is_nan() || a == b {
        return true;
    }
    let (sum, difference) = (a.abs() + b.abs(), (a - b).abs());
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < TOLERANCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < TOLERANCE
}

/// The buckets that are not empty, as index and count.
fn filled(spans: &[HistogramSpan], counts: &[f64]) -> Vec<(i64, f64)> {
    let (mut found, mut counts, mut index) = (Vec::new(), counts.iter(), 0i64);
    for span in spans {
        index += i64::from(span.offset);
        for _ in 0..span.length {
            let Some(count) = counts.next() else { return found };
            if *count != 0.0 {
                found.push((index, *count));
            }
            index += 1;
        }
    }
    found
}

fn same_buckets(a: &[(i64, f64)], b: &[(i64, f64)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && almost_equal(a.1, b.1))
}

fn same_histogram(got: &Histogram, wanted: &Histogram, compare_hint: bool) -> bool {
    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    got.schema == wanted.schema
        && (got.zero_threshold == wanted.zero_threshold)
        && bits(&got.custom_values) == bits(&wanted.custom_values)
        && almost_equal(got.count, wanted.count)
        && almost_equal(got.sum, wanted.sum)
        && almost_equal(got.zero_count, wanted.zero_count)
        && same_buckets(&filled(&got.positive_spans, &got.positive_buckets), &filled(&wanted.positive_spans, &wanted.positive_buckets))
        && same_buckets(&filled(&got.negative_spans, &got.negative_buckets), &filled(&wanted.negative_spans, &wanted.negative_buckets))
        && (!compare_hint || got.counter_reset_hint == wanted.counter_reset_hint)
}

/// Whether a point is the expected one, kind included.
fn same_point(got: Option<&Point>, wanted: &Slot) -> bool {
    match (got, wanted) {
        (None, Slot::Gap) => true,
        (Some(Point::Float(got)), Slot::Float(wanted)) => almost_equal(*got, *wanted),
        (Some(Point::Histogram(got)), Slot::Histogram { value, hint_written }) => same_histogram(got, value, *hint_written),
        _ => false,
    }
}

/// Whether points at the steps of a range are the expected ones.
pub(super) fn same_series(got: &[Option<Point>], wanted: &[Slot]) -> bool {
    let length = got.len().max(wanted.len());
    (0..length).all(|i| same_point(got.get(i).and_then(Option::as_ref), wanted.get(i).unwrap_or(&Slot::Gap)))
}

/// Compares the answer of an instant query.
pub(super) fn check_instant(expect: &Expect, got: &Value) -> Result<(), Mismatch> {
    match got {
        Value::String { value, .. } => {
            let quoted = |text: &crate::model::ByteString| crate::model::quote::quote(text.as_bytes());
            match &expect.string {
                Some(wanted) if wanted == value => Ok(()),
                wanted => Err(Mismatch::one("the answer is another string", Row::new("", quoted(value), wanted.as_ref().map(quoted)))),
            }
        }
        Value::Scalar { value, .. } => check_scalar(expect, *value),
        Value::Vector(samples) => check_vector(expect, samples),
        Value::Matrix(matrix) => match expect.range {
            Some(range) => check_matrix(expect, &matrix.series, range),
            None => Err(Mismatch::new("the answer is a range vector, which needs `expect range vector`")),
        },
    }
}

/// Compares the points of the middle step of a range query around an instant query.
pub(super) fn check_middle(expect: &Expect, got: &[MatrixSeries], time: i64, scalar: bool) -> Result<(), Mismatch> {
    if !got.is_sorted_by(|a, b| a.labels <= b.labels) {
        return Err(Mismatch::new("the series are not sorted by their labels"));
    }
    let at_time =
        |s: &MatrixSeries| s.points().find(|(t, _)| *t == time).map(|(time, value)| VectorSample { labels: s.labels.clone(), time, value });
    let samples: Vec<VectorSample> = got.iter().filter_map(at_time).collect();
    match (scalar, samples.as_slice()) {
        (false, _) => check_vector(expect, &samples),
        (true, [VectorSample { value: Point::Float(value), .. }]) => check_scalar(expect, *value),
        (true, _) => Err(Mismatch::new("the range query has no number at this step")),
    }
}

fn check_scalar(expect: &Expect, got: f64) -> Result<(), Mismatch> {
    let row = |wanted: Option<f64>| Row::new("", point(&Point::Float(got), false), wanted.map(|w| point(&Point::Float(w), false)));
    match expect.scalar {
        None => Err(Mismatch::one("the answer is a scalar", row(None))),
        Some(wanted) if almost_equal(got, wanted) => Ok(()),
        wanted => Err(Mismatch::one("the number is another one", row(wanted))),
    }
}

/// The expected series by labels with their place from 1; a later line takes the place of an
/// earlier one with the same labels.
fn by_labels(expect: &Expect) -> HashMap<&LabelSet, (usize, &ExpectSeries)> {
    expect.series.iter().enumerate().map(|(i, s)| (&s.labels, (i + 1, s))).collect()
}

fn check_vector(expect: &Expect, got: &[VectorSample]) -> Result<(), Mismatch> {
    if let Some(wanted) = expect.scalar {
        let row = Row::new("", format!("a vector of {} series", got.len()), Some(point(&Point::Float(wanted), false)));
        return Err(Mismatch::one("the answer is a vector, not a scalar", row));
    }
    // The reference counts the line of the string as a place.
    if expect.ordered && expect.string.is_some() {
        return Err(Mismatch::new("`expect string` and `expect ordered` do not go together"));
    }
    let wanted = by_labels(expect);
    let mut seen = vec![false; expect.series.len() + 1];
    let mut mismatch = Mismatch::new("");
    for (at, sample) in got.iter().enumerate() {
        let name = metric(&sample.labels);
        let (place, series) = match wanted.get(&sample.labels) {
            None => {
                mismatch.add("a series is not expected", Row::new(&name, point(&sample.value, false), None));
                continue;
            }
            Some(found) => *found,
        };
        seen[place] = true;
        let shown = |hint| (point(&sample.value, hint), slots(&series.values));
        match series.values.as_slice() {
            [wanted] if same_point(Some(&sample.value), wanted) => {
                if expect.ordered && place != at + 1 {
                    mismatch.add("the order is another one", Row::new(&name, format!("place {}", at + 1), Some(format!("place {place}"))));
                }
            }
            values => {
                let hint = matches!(values, [Slot::Histogram { hint_written: true, .. }]);
                let (got, wanted) = shown(hint);
                mismatch.add("a value is another one", Row::new(&name, got, Some(wanted)));
            }
        }
    }
    add_missing(&mut mismatch, &wanted, |place| seen[place]);
    mismatch.into_result()
}

fn add_missing(mismatch: &mut Mismatch, wanted: &HashMap<&LabelSet, (usize, &ExpectSeries)>, seen: impl Fn(usize) -> bool) {
    let mut missing: Vec<_> = wanted.values().filter(|(place, _)| !seen(*place)).collect();
    crate::model::order::sort_by(&mut missing, |a, b| a.0.cmp(&b.0));
    for (_, series) in missing {
        mismatch.add("a series is missing", Row::missing(&metric(&series.labels), slots(&series.values)));
    }
}

/// Compares the answer of a range query over `range`.
pub(super) fn check_matrix(expect: &Expect, got: &[MatrixSeries], range: Range) -> Result<(), Mismatch> {
    if expect.ordered {
        return Err(Mismatch::new("`expect ordered` is for instant vectors, and the answer is a matrix"));
    }
    if expect.scalar.is_some() {
        return Err(Mismatch::new("a number is expected, and the answer is a matrix"));
    }
    if !got.is_sorted_by(|a, b| a.labels <= b.labels) {
        return Err(Mismatch::new("the series are not sorted by their labels"));
    }
    let wanted = by_labels(expect);
    let mut seen = vec![false; expect.series.len() + 1];
    let mut mismatch = Mismatch::new("");
    for series in got {
        let name = metric(&series.labels);
        let points = align(series, range);
        let Some((place, expected)) = wanted.get(&series.labels) else {
            mismatch.add("a series is not expected", Row::new(&name, aligned_text(&points, false), None));
            continue;
        };
        seen[*place] = true;
        let hint = expected.values.iter().any(|v| matches!(v, Slot::Histogram { hint_written: true, .. }));
        let length = points.len().max(expected.values.len());
        let step = |i: usize| points.get(i).map_or(&Step::Nothing, |p| p);
        let differs = (0..length).find(|&i| match (step(i), expected.values.get(i).unwrap_or(&Slot::Gap)) {
            (Step::Nothing, wanted) => !wanted.is_gap(),
            (Step::At(point), wanted) => !same_point(Some(point), wanted),
            (Step::Off(..), _) => true,
        });
        if let Some(i) = differs {
            let time = range.step.saturating_mul(i as i64).saturating_add(range.start);
            let problem = format!("a value is another one, first at {}", super::notation::time(time));
            mismatch.add(&problem, Row::new(&name, aligned_text(&points, hint), Some(slots(&expected.values))));
        }
    }
    add_missing(&mut mismatch, &wanted, |place| seen[place]);
    mismatch.into_result()
}

/// A step of a range and what the answer has there.
enum Step {
    Nothing,
    At(Point),
    /// A point that lies at no step.
    Off(i64, Point),
}

/// The points by step; those that lie at no step come last.
fn align(series: &MatrixSeries, range: Range) -> Vec<Step> {
    let mut aligned: Vec<Step> = Vec::new();
    let mut off = Vec::new();
    for (time, value) in series.points() {
        let from_start = time.saturating_sub(range.start);
        let step = match range.step {
            0 => (from_start == 0).then_some(0),
            step => (time >= range.start && time <= range.end && from_start % step == 0).then(|| from_start / step),
        };
        // A range that a script names has few steps; anything else lies outside of it.
        match step.and_then(|s| usize::try_from(s).ok()).filter(|s| *s >= aligned.len() && *s < 10_000_000) {
            Some(step) => {
                aligned.resize_with(step, || Step::Nothing);
                aligned.push(Step::At(value));
            }
            None => off.push(Step::Off(time, value)),
        }
    }
    aligned.append(&mut off);
    aligned
}

fn aligned_text(steps: &[Step], hint: bool) -> String {
    let text = |step: &Step| match step {
        Step::Nothing => slot(&Slot::Gap),
        Step::At(value) => point(value, hint),
        Step::Off(time, value) => format!("{}@{}", point(value, hint), super::notation::time(*time)),
    };
    super::notation::join_runs(steps.iter().map(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{nan, stale};

    #[test]
    fn numbers_within_the_tolerance() {
        assert!(almost_equal(1.0, 1.000_000_9));
        assert!(!almost_equal(1.0, 1.000_003));
        assert!(almost_equal(nan(), f64::NAN) && almost_equal(stale(), stale()));
        assert!(!almost_equal(stale(), nan()) && !almost_equal(nan(), 1.0));
        assert!(!almost_equal(0.0, 1e-300) && almost_equal(0.0, -0.0));
        assert!(almost_equal(f64::INFINITY, f64::INFINITY) && !almost_equal(f64::INFINITY, f64::MAX));
        assert!(almost_equal(f64::MAX, f64::MAX) && !almost_equal(f64::MAX, -f64::MAX));
    }

    #[test]
    fn histograms_are_compared_without_their_empty_buckets() {
        let wide = Histogram {
            positive_spans: vec![HistogramSpan { offset: -1, length: 3 }],
            positive_buckets: vec![0.0, 2.0, 0.0],
            count: 2.0,
            ..Histogram::default()
        };
        let narrow = Histogram {
            positive_spans: vec![HistogramSpan { offset: 0, length: 1 }],
            positive_buckets: vec![2.0],
            count: 2.0,
            counter_reset_hint: crate::model::CounterResetHint::Gauge,
            ..Histogram::default()
        };
        assert!(same_histogram(&wide, &narrow, false));
        assert!(!same_histogram(&wide, &narrow, true));
        let moved = Histogram { positive_spans: vec![HistogramSpan { offset: 1, length: 1 }], ..narrow };
        assert!(!same_histogram(&wide, &moved, false));
    }
}
