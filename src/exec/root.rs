//! The root of an evaluation: opens the plan, applies delayed names, builds the result.

use super::block::{all_bits, bits_from};
use super::drive::{Aside, Rows, Run, map};
use super::names::{differ_without_metadata, has_equal, merge_spool, of_one_metric, of_one_selection};
use super::{Block, Cx, Grid, Opened, RangeOp, Series, Spool, Stop, VectorOp};
use crate::engine::{Matrix, MatrixSeries, Point, Value, VectorSample};
use crate::functions::range::extended::bare;
use crate::model::histogram::HistogramPoints;
use crate::model::label_order::{order_by_labels, sort_by_labels};
use crate::model::order::arrange;
use crate::model::{HashMap, LabelSet, Samples, SharedSlice, nan};
use crate::plan::{Kind, Node};
use crate::source::TimeRange;
use crate::syntax::ast::Extension;
use std::ops::Range;
use std::sync::Arc;

/// The order of more rows than that is found beside other work.
const MANY: usize = 250;

/// Evaluates a plan at one time, ms.
pub(crate) fn instant<'q>(plan: &'q Node, time: i64, cx: &'q Cx<'q>) -> Result<Value, Stop> {
    let grid = Grid::at(time);
    Ok(match super::open(plan, &grid, cx)? {
        Opened::Scalar(values) => Value::Scalar { time, value: values.first().copied().unwrap_or_else(nan) },
        Opened::Text(value) => Value::String { time, value },
        Opened::Vector(op) => {
            let op = final_rows(op, &grid, plan, cx)?;
            let samples = finished(&op, &grid, plan, cx, None, &|series, run| {
                let (block, rows) = run.rows.block();
                let sample = |i: usize| Some((i, block.point(i, 0)?));
                Ok(rows
                    .filter_map(sample)
                    .map(|(i, value)| VectorSample { labels: named_of(head(series, block, i)), time, value })
                    .collect())
            })?;
            Value::Vector(samples)
        }
        Opened::Range(op) => Value::Matrix(raw(&*op, &grid, plan, cx)?),
    })
}

/// Evaluates a plan at every step of a grid.
pub(crate) fn range<'q>(plan: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Value, Stop> {
    let op: Arc<dyn VectorOp + 'q> = match super::open(plan, grid, cx)? {
        Opened::Scalar(values) => Arc::new(super::one_row(&values)),
        Opened::Vector(op) => op,
        Opened::Text(_) | Opened::Range(_) => return Err(super::mistyped(plan)),
    };
    cx.hold_bytes(plan, grid.row_bytes())?;
    let times: Arc<[i64]> = (0..grid.n).map(|step| grid.time(step)).collect();
    let op = match own(final_rows(op, grid, plan, cx)?) {
        Ok((rows, mut block)) => {
            let mut series = columns(&rows, &times, Rows::Own(&mut block));
            by_labels(&mut series);
            return Ok(Value::Matrix(Matrix { series }));
        }
        Err(op) => op,
    };
    let (rows, mut order) = (op.rows(), None);
    // The order of the rows is found while their points are made.
    let early = cfg!(feature = "parallel") && rows.len() > MANY && !rows.iter().any(|s| s.drop_name);
    let find = || order = Some(order_by_labels(rows, |s| &s.labels));
    let aside: Aside<'_> = if early { Some(Box::new(find)) } else { None };
    let mut series = finished(&op, grid, plan, cx, aside, &|series, run| all_columns(series, &times, run, plan, cx))?;
    match order {
        Some(mut order) if order.len() == series.len() => arrange(&mut series, &mut order),
        _ => by_labels(&mut series),
    }
    Ok(Value::Matrix(Matrix { series }))
}

/// The rows and points of a vector that is evaluated already and that nobody else looks at: they become
/// the result as they are.
fn own<'a>(op: Arc<dyn VectorOp + 'a>) -> Result<(Vec<Series>, Block), Arc<dyn VectorOp + 'a>> {
    // In WebAssembly what this saves is not worth the code that has to be loaded.
    let kept = if cfg!(target_arch = "wasm32") { None } else { op.clone().kept() };
    let Some(spool) = kept else { return Err(op) };
    drop(op);
    Arc::try_unwrap(spool).map(Spool::into_parts).map_err(|spool| spool as Arc<dyn VectorOp>)
}

/// The series that a row of a block is of.
fn head<'a>(series: &'a [Series], block: &Block, row: usize) -> &'a Series {
    &series[block.heads[row] as usize]
}

/// Rows as series, those that have points. What is alike has the same columns.
fn all_columns(
    series: &[Series],
    times: &Arc<[i64]>,
    Run { rows, alike }: Run<'_>,
    plan: &Node,
    cx: &Cx<'_>,
) -> Result<Vec<MatrixSeries>, Stop> {
    // In WebAssembly nothing is left out.
    if alike.is_empty() || cfg!(target_arch = "wasm32") {
        return Ok(columns(series, times, rows));
    }
    let (block, range) = rows.block();
    let own: Vec<(u32, bool)> = range.map(|i| (block.heads[i], block.any(i))).collect();
    let mut made = columns(series, times, rows).into_iter();
    let (mut all, mut points) = (Vec::with_capacity(own.len() + alike.len()), 0);
    let mut alike = alike.into_iter().peekable();
    for (i, (_, any)) in own.iter().enumerate() {
        let next = own.get(i + 1).map_or(u32::MAX, |(next, _)| *next);
        let one = if *any { made.next() } else { None };
        all.extend(one.clone());
        while let Some(row) = alike.next_if(|row| *row < next) {
            let Some(one) = &one else { continue };
            points += one.floats.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
            all.push(MatrixSeries { labels: named_of(&series[row as usize]), ..one.clone() });
        }
    }
    cx.hold_points(plan, points, 0)?;
    Ok(all)
}

/// Rows as series, those that have points. The columns of a block in which all do, over most of the
/// range, become theirs as they are.
fn columns(series: &[Series], times: &Arc<[i64]>, rows: Rows<'_>) -> Vec<MatrixSeries> {
    let (block, range) = rows.block();
    let whole = |i: usize| lived(block.floats_of(i)).is_some_and(|steps| !is_short(&steps, block.n));
    // In WebAssembly what this saves is not worth the code that has to be loaded.
    if cfg!(target_arch = "wasm32") || !block.hists.is_empty() || !range.clone().all(whole) {
        return copies(series, times, block, range);
    }
    let (n, words) = (block.n, block.words());
    let labels: Vec<LabelSet> = range.map(|i| named_of(head(series, block, i))).collect();
    let (values, floats) = rows.into_columns();
    let (values, floats) = (SharedSlice::from(values), SharedSlice::from(floats));
    let row = |(i, labels)| MatrixSeries {
        labels,
        times: times.clone(),
        values: values.part(i * n..(i + 1) * n),
        floats: floats.part(i * words..(i + 1) * words),
        histograms: HistogramPoints::default(),
    };
    labels.into_iter().enumerate().map(row).collect()
}

/// Rows as series, copied out of their block into columns that they share.
fn copies(series: &[Series], times: &Arc<[i64]>, block: &Block, rows: Range<usize>) -> Vec<MatrixSeries> {
    let with_points: Vec<(usize, Range<usize>)> = rows.filter_map(|i| Some((i, steps_of(block, i)?))).collect();
    // Of a row of histograms alone there are no values.
    let values_of =
        |i: usize, steps: &Range<usize>| if lived(block.floats_of(i)).is_some() { &block.values_of(i)[steps.clone()] } else { &[] };
    let (mut values, mut floats) = (Vec::new(), Vec::new());
    for (i, steps) in &with_points {
        values.extend_from_slice(values_of(*i, steps));
        floats.extend(moved(block.floats_of(*i), steps.clone()));
    }
    values.shrink_to_fit();
    floats.shrink_to_fit();
    let (values, floats) = (SharedSlice::from(values), SharedSlice::from(floats));
    let (mut value, mut word) = (0, 0);
    let mut short: HashMap<Range<usize>, Arc<[i64]>> = HashMap::default();
    let row = |(i, steps): (usize, Range<usize>)| {
        let next = (value + values_of(i, &steps).len(), word + steps.len().div_ceil(64));
        let (values, floats) = (values.part(value..next.0), floats.part(word..next.1));
        (value, word) = next;
        let times = match steps.len() < block.n {
            false => times.clone(),
            // In WebAssembly what sharing saves is not worth the code that has to be loaded.
            true if cfg!(target_arch = "wasm32") => times[steps].into(),
            true => short.entry(steps).or_insert_with_key(|steps| times[steps.clone()].into()).clone(),
        };
        MatrixSeries {
            labels: named_of(head(series, block, i)),
            times,
            values,
            floats,
            histograms: HistogramPoints::of(block.hists.column(), block.slots(i)),
        }
    };
    with_points.into_iter().map(row).collect()
}

/// The steps that the series of a row tells of, if it has a point. One that is short has times of
/// its own, so that what short-lived series need does not grow with the range.
fn steps_of(block: &Block, row: usize) -> Option<Range<usize>> {
    let lived = lived(block.floats_of(row));
    match lived {
        _ if block.has_histograms(row) => Some(0..block.n),
        Some(steps) if is_short(&steps, block.n) => Some(steps),
        lived => lived.map(|_| 0..block.n),
    }
}

/// From the first step that has a float to the last.
fn lived(floats: &[u64]) -> Option<Range<usize>> {
    let (first, last) = floats.iter().position(|w| *w != 0).zip(floats.iter().rposition(|w| *w != 0))?;
    Some(first * 64 + floats[first].trailing_zeros() as usize..(last + 1) * 64 - floats[last].leading_zeros() as usize)
}

/// Whether a series lives in less than half of so many steps.
fn is_short(lived: &Range<usize>, steps: usize) -> bool {
    lived.len() * 2 < steps
}

/// The bits of some steps, the first of them as bit 0. No bit is set beyond the last.
fn moved(bits: &[u64], steps: Range<usize>) -> impl Iterator<Item = u64> + '_ {
    steps.step_by(64).map(|from| bits_from(bits, from))
}

/// The rows with the labels that they will have at the end, but for [`named_of`]: those that become
/// equal when their names go are one.
fn final_rows<'a>(op: Arc<dyn VectorOp + 'a>, grid: &Grid, plan: &Node, cx: &Cx<'_>) -> Result<Arc<dyn VectorOp + 'a>, Stop> {
    if !cx.delayed_names() {
        return Ok(op);
    }
    let rows = op.rows();
    let dropping = rows.iter().filter(|s| s.drop_name).count();
    let apart = !grid.single() || of_one_selection(plan);
    if apart
        && (dropping == 0
            || dropping == rows.len() && (of_one_metric(plan, cx) || differ_without_metadata(&mut rows.iter().map(|s| &s.labels))))
    {
        return Ok(op);
    }
    let named = |rows: &[Series]| rows.iter().map(|s| Series { labels: named_of(s), drop_name: false }).collect::<Vec<_>>();
    if !has_equal(&named(rows)) {
        return Ok(op);
    }
    let (kept, block) = Spool::collect(&*op, grid.n, plan, cx)?.into_parts();
    Ok(Arc::new(merge_spool(Spool::new(named(&kept), block), plan, cx)))
}

/// What is made of some rows of series.
type Make<'a, T> = &'a (dyn Fn(&[Series], Run<'_>) -> Result<Vec<T>, Stop> + Sync);

/// Makes what the result is made of of all rows, some at a time, in their order; `make` gets them
/// with the series that their heads tell.
fn finished<T: Send>(
    op: &Arc<dyn VectorOp + '_>,
    grid: &Grid,
    plan: &Node,
    cx: &Cx<'_>,
    aside: Aside<'_>,
    make: Make<'_, T>,
) -> Result<Vec<T>, Stop> {
    let made = map(op, grid.n, plan, cx, aside, |run| {
        let made = make(op.rows(), run)?;
        cx.hold_bytes(plan, made.len() as u64 * grid.row_bytes())?;
        Ok(made)
    })?;
    let mut all = Vec::with_capacity(made.iter().map(Vec::len).sum());
    made.into_iter().for_each(|some| all.extend(some));
    Ok(all)
}

/// The labels of a row at the end of the query.
fn named_of(s: &Series) -> LabelSet {
    if s.drop_name { s.labels.without_metadata() } else { s.labels.clone() }
}

/// The samples of a bare range vector, series sorted by labels.
fn raw(op: &dyn RangeOp, grid: &Grid, plan: &Node, cx: &Cx<'_>) -> Result<Matrix, Stop> {
    let windows = op.windows();
    if let Some(extension) = windows.extension {
        return extended(op, extension, grid, plan, cx);
    }
    let end = windows.reference(grid.start);
    let start = end.saturating_sub(windows.range);
    let mut samples = Samples::default();
    let mut series: Vec<MatrixSeries> = Vec::new();
    for row in 0..op.count() as u32 {
        op.read(row, TimeRange::ALL, cx, &mut samples)?;
        let lo = samples.time.partition_point(|t| *t <= start);
        let hi = samples.time.partition_point(|t| *t <= end);
        if lo == hi {
            continue;
        }
        let mut floats = all_bits(hi - lo);
        let which = samples.histograms_of(lo, hi).map(|which| (samples.histogram_at[which] as usize - lo, which));
        which.clone().for_each(|(i, _)| floats[i / 64] &= !(1 << (i % 64)));
        let histograms = HistogramPoints::of(&samples.histogram, which);
        if let Kind::Subquery(_) = plan.without_invariant().kind {
            cx.check()?;
        } else {
            cx.hold_points(plan, (hi - lo) as u64, 0)?;
        }
        cx.hold_bytes(plan, (hi - lo) as u64 * 17)?;
        let labels = if op.drops_name(row) { op.labels(row).without_metadata() } else { op.labels(row).clone() };
        series.push(MatrixSeries {
            labels,
            times: samples.time[lo..hi].into(),
            values: samples.value[lo..hi].to_vec().into(),
            floats: floats.into(),
            histograms,
        });
    }
    by_labels(&mut series);
    if cx.delayed_names() && series.windows(2).any(|w| w[0].labels == w[1].labels) {
        return merge_raw(series, plan, cx);
    }
    Ok(Matrix { series })
}

/// The points of a bare anchored or smoothed range vector: made at its bounds, as they are inside.
fn extended(op: &dyn RangeOp, extension: Extension, grid: &Grid, plan: &Node, cx: &Cx<'_>) -> Result<Matrix, Stop> {
    let windows = op.windows();
    let end = windows.reference(grid.start);
    let start = end.saturating_sub(windows.range);
    let (before, after) = windows.reach(cx.options.lookback_delta);
    let smoothed = extension == Extension::Smoothed;
    let mut samples = Samples::default();
    let mut series = Vec::new();
    for row in 0..op.count() as u32 {
        op.read(row, TimeRange::ALL, cx, &mut samples)?;
        let lo = samples.time.partition_point(|t| *t <= start.saturating_sub(before));
        let hi = samples.time.partition_point(|t| *t <= end.saturating_add(after));
        if !samples.histograms_of(lo, hi).is_empty() {
            let modifier = if smoothed { "smoothed" } else { "anchored" };
            cx.fault(plan, (u64::from(row), 0), format!("{modifier} modifier is not supported with histograms"));
            continue;
        }
        let points = bare(&samples.time[lo..hi], &samples.value[lo..hi], (start, end), smoothed);
        if points.is_empty() {
            continue;
        }
        cx.hold_points(plan, points.len() as u64, 0)?;
        let mut floats = vec![0; points.len().div_ceil(64)];
        (0..points.len()).for_each(|i| floats[i / 64] |= 1 << (i % 64));
        series.push(MatrixSeries {
            labels: op.labels(row).clone(),
            times: points.iter().map(|(t, _)| *t).collect(),
            values: points.iter().map(|(_, v)| *v).collect(),
            floats: floats.into(),
            histograms: HistogramPoints::default(),
        });
    }
    by_labels(&mut series);
    Ok(Matrix { series })
}

fn by_labels(series: &mut [MatrixSeries]) {
    sort_by_labels(series, |series| &series.labels);
}

/// Series of a subquery that became equal when their names were dropped.
fn merge_raw(series: Vec<MatrixSeries>, plan: &Node, cx: &Cx<'_>) -> Result<Matrix, Stop> {
    let mut merged: Vec<MatrixSeries> = Vec::with_capacity(series.len());
    for one in series {
        let Some(last) = merged.last_mut().filter(|l| l.labels == one.labels) else {
            merged.push(one);
            continue;
        };
        let mut points: Vec<(i64, Point)> = last.points().chain(one.points()).collect();
        crate::model::order::sort_by(&mut points, |a, b| a.0.cmp(&b.0));
        if points.windows(2).any(|w| w[0].0 == w[1].0) {
            cx.fault(plan, (0, 0), super::names::SAME_LABELSET);
            continue;
        }
        last.times = points.iter().map(|(t, _)| *t).collect();
        let (mut values, mut floats) = (vec![0.0; points.len()], vec![0; points.len().div_ceil(64)]);
        last.histograms.clear();
        for (i, (_, point)) in points.into_iter().enumerate() {
            match point {
                Point::Float(v) => {
                    values[i] = v;
                    floats[i / 64] |= 1 << (i % 64);
                }
                Point::Histogram(h) => last.histograms.push(i, &h),
            }
        }
        (last.values, last.floats) = (values.into(), floats.into());
    }
    Ok(Matrix { series: merged })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, EngineOptions, QueryResult, Range};
    use crate::source::MemorySource;

    /// A metric whose series are mostly scraped together; some have a gap, a stale marker, other
    /// times, or begin late.
    fn scraped() -> MemorySource {
        let mut source = MemorySource::new();
        for i in 0..40 {
            let labels = LabelSet::from_pairs([("__name__", "a".to_owned()), ("i", i.to_string())]);
            for s in 0..200 {
                let value = if i == 20 && s == 90 { crate::model::stale() } else { f64::from(s * i) };
                let skipped = i == 7 && (50..70).contains(&s) || i >= 33 && s < 100 || i == 31;
                if !skipped {
                    source.append_float(&labels, i64::from(s) * 15_000 + i64::from(i == 12), 0, value).expect("in order");
                }
            }
        }
        source.compact();
        source
    }

    #[test]
    fn series_scraped_together_share_what_follows_from_their_times() {
        let source = scraped();
        let range = Range { start: 0, end: 3_000_000, step: 30_000 };
        let points = |answer: QueryResult| match answer.value {
            Value::Matrix(matrix) => matrix.series.iter().map(|s| (s.labels.clone(), s.points().collect())).collect::<Vec<(_, Vec<_>)>>(),
            _ => panic!("a matrix"),
        };
        for function in ["count_over_time", "ts_of_first_over_time", "ts_of_last_over_time"] {
            let answer = |window_by_window, threads, max_samples| {
                let options = EngineOptions { window_by_window, threads, max_samples, ..EngineOptions::promqltest() };
                let query = Engine::new(options).prepare(&format!("{function}(a[5m])")).expect("a query");
                query.range(&source, range).map_err(|e| e.to_string())
            };
            let plain = answer(true, 1, 50_000_000).expect("an answer");
            for threads in [1, 3] {
                assert_eq!(points(answer(false, threads, 50_000_000).expect("an answer")), points(plain.clone()), "{function}");
                for most in [10, 2_000, 3_500, 5_000] {
                    assert_eq!(answer(false, threads, most).err(), answer(true, 1, most).err(), "{function}, {most} samples");
                }
            }
            let answer = answer(false, 1, 50_000_000).expect("an answer").value;
            let Value::Matrix(matrix) = answer else { panic!("a matrix") };
            let column = |i: &str| {
                let series = matrix.series.iter().find(|s| s.labels.get("i") == Some(i)).expect("a series");
                series.values.as_ptr()
            };
            assert_eq!(column("2"), column("3"), "{function}");
            assert!(["7", "12", "20", "33"].iter().all(|i| column(i) != column("2")), "{function}");
        }
    }

    #[test]
    fn short_lives_have_times_of_their_own() {
        let n = 500;
        let times: Arc<[i64]> = (0..n as i64).map(|step| step * 1_000).collect();
        for (first, last) in [(0, 0), (63, 64), (64, 127), (70, 200), (100, 349), (0, 499), (499, 499)] {
            let mut block = Block::new(n);
            let row = block.push_row(0);
            let lived: Vec<usize> = (first..=last).filter(|step| *step == first || *step == last || step % 3 == 0).collect();
            lived.iter().for_each(|step| block.set_float(row, *step, *step as f64));
            let made = columns(&[Series { labels: LabelSet::default(), drop_name: false }], &times, Rows::Own(&mut block))
                .pop()
                .expect("it has points");
            let points: Vec<(i64, Point)> = made.points().collect();
            let wanted: Vec<(i64, Point)> = lived.iter().map(|step| (times[*step], Point::Float(*step as f64))).collect();
            assert_eq!(points, wanted);
            let held = if (last + 1 - first) * 2 < n { last + 1 - first } else { n };
            assert_eq!((made.times.len(), made.values.len(), made.floats.len()), (held, held, held.div_ceil(64)));
        }
    }
}
