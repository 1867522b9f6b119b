//! The root of an evaluation: opens the plan, applies delayed names, builds the result.

use super::names::merge_spool;
use super::{Cx, Grid, Opened, RangeOp, Series, Spool, Stop, VectorOp};
use crate::engine::{Matrix, MatrixSeries, Point, Value, VectorSample};
use crate::functions::range::extended::bare;
use crate::model::{Samples, nan};
use crate::plan::{Kind, Node};
use crate::syntax::ast::Extension;
use std::sync::Arc;

/// Evaluates a plan at one time, ms.
pub(crate) fn instant<'q>(plan: &'q Node, time: i64, cx: &'q Cx<'q>) -> Result<Value, Stop> {
    let grid = Grid::at(time);
    Ok(match super::open(plan, &grid, cx)? {
        Opened::Scalar(values) => Value::Scalar { time, value: values.first().copied().unwrap_or_else(nan) },
        Opened::Text(value) => Value::String { time, value },
        Opened::Vector(op) => {
            let spool = finished(&*op, &grid, plan, cx)?;
            let block = spool.block();
            let samples = spool.rows().iter().enumerate().filter_map(|(i, series)| {
                let value = block.point(i, 0)?;
                Some(VectorSample { labels: series.labels.clone(), time, value })
            });
            Value::Vector(samples.collect())
        }
        Opened::Range(op) => Value::Matrix(raw(&*op, &grid, plan, cx)?),
    })
}

/// Evaluates a plan at every step of a grid.
pub(crate) fn range<'q>(plan: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Value, Stop> {
    let spool = match super::open(plan, grid, cx)? {
        Opened::Scalar(values) => {
            cx.hold_bytes(plan, grid.row_bytes())?;
            super::one_row(&values)
        }
        Opened::Vector(op) => finished(&*op, grid, plan, cx)?,
        Opened::Text(_) | Opened::Range(_) => return Err(super::mistyped(plan)),
    };
    cx.hold_bytes(plan, grid.row_bytes())?;
    let times: Arc<[i64]> = (0..grid.n).map(|step| grid.time(step)).collect();
    let block = spool.block();
    let mut series: Vec<MatrixSeries> = Vec::with_capacity(spool.rows().len());
    for (i, row) in spool.rows().iter().enumerate() {
        let histograms: Vec<_> = block.hists_of(i).iter().enumerate().filter_map(|(step, h)| Some((step as u32, h.clone()?))).collect();
        if block.any(i) {
            series.push(MatrixSeries {
                labels: row.labels.clone(),
                times: times.clone(),
                values: block.values_of(i).to_vec(),
                floats: block.floats_of(i).to_vec(),
                histograms,
            });
        }
    }
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    Ok(Value::Matrix(Matrix { series }))
}

/// All points of a vector with their final labels.
fn finished(op: &dyn VectorOp, grid: &Grid, plan: &Node, cx: &Cx<'_>) -> Result<Spool, Stop> {
    let spool = Spool::collect(op, grid.n, plan, cx)?;
    if !cx.delayed_names() {
        return Ok(spool);
    }
    let (rows, block) = spool.into_parts();
    let named =
        rows.into_iter().map(|s| Series { labels: if s.drop_name { s.labels.without_metadata() } else { s.labels }, drop_name: false });
    Ok(merge_spool(Spool::new(named.collect(), block), plan, cx))
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
    for (row, s) in op.rows().iter().enumerate() {
        op.read(row as u32, cx, &mut samples)?;
        let lo = samples.time.partition_point(|t| *t <= start);
        let hi = samples.time.partition_point(|t| *t <= end);
        if lo == hi {
            continue;
        }
        let mut floats = vec![u64::MAX; (hi - lo).div_ceil(64)];
        if !(hi - lo).is_multiple_of(64) {
            floats[(hi - lo) / 64] = (1 << ((hi - lo) % 64)) - 1;
        }
        let mut histograms = Vec::new();
        for h in samples.histograms.iter().filter(|h| (lo..hi).contains(&(h.at as usize))) {
            let i = h.at as usize - lo;
            floats[i / 64] &= !(1 << (i % 64));
            histograms.push((i as u32, h.histogram.clone()));
        }
        if let Kind::Subquery(_) = plan.without_invariant().kind {
            cx.check()?;
        } else {
            cx.hold_points(plan, (hi - lo) as u64, 0)?;
        }
        cx.hold_bytes(plan, (hi - lo) as u64 * 17)?;
        let labels = if s.drop_name { s.labels.without_metadata() } else { s.labels.clone() };
        series.push(MatrixSeries {
            labels,
            times: samples.time[lo..hi].into(),
            values: samples.value[lo..hi].to_vec(),
            floats,
            histograms,
        });
    }
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
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
    for (row, s) in op.rows().iter().enumerate() {
        op.read(row as u32, cx, &mut samples)?;
        let lo = samples.time.partition_point(|t| *t <= start.saturating_sub(before));
        let hi = samples.time.partition_point(|t| *t <= end.saturating_add(after));
        if samples.histograms.iter().any(|h| (lo..hi).contains(&(h.at as usize))) {
            let modifier = if smoothed { "smoothed" } else { "anchored" };
            cx.fault(plan, (row as u64, 0), format!("{modifier} modifier is not supported with histograms"));
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
            labels: s.labels.clone(),
            times: points.iter().map(|(t, _)| *t).collect(),
            values: points.iter().map(|(_, v)| *v).collect(),
            floats,
            histograms: Vec::new(),
        });
    }
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    Ok(Matrix { series })
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
        points.sort_by_key(|(t, _)| *t);
        if points.windows(2).any(|w| w[0].0 == w[1].0) {
            cx.fault(plan, (0, 0), super::names::SAME_LABELSET);
            continue;
        }
        last.times = points.iter().map(|(t, _)| *t).collect();
        last.values = vec![0.0; points.len()];
        last.floats = vec![0; points.len().div_ceil(64)];
        last.histograms.clear();
        for (i, (_, point)) in points.into_iter().enumerate() {
            match point {
                Point::Float(v) => {
                    last.values[i] = v;
                    last.floats[i / 64] |= 1 << (i % 64);
                }
                Point::Histogram(h) => last.histograms.push((i as u32, h)),
            }
        }
    }
    Ok(Matrix { series: merged })
}
