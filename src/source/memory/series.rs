//! The samples of one series: blocks in order of time, the last of them open.

use super::AppendError;
use super::columns::{FloatColumns, HistogramColumns, Times};
use super::runs::{self, Layout, RunKind};
use crate::model::number::format_g;
use crate::model::{Histogram, Samples, is_stale};
use crate::source::{Columns, TimeRange};
use std::sync::Arc;

/// A sample on its way in.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) time: i64,
    /// 0 if unknown.
    pub(super) start: i64,
    pub(super) value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Float(f64),
    Histogram(Arc<Histogram>),
}

impl Value {
    fn describe(&self) -> String {
        match self {
            Value::Float(value) => format_g(*value),
            Value::Histogram(_) => "is a histogram".to_owned(),
        }
    }
}

#[derive(Clone, Debug)]
enum Block {
    Floats(FloatColumns),
    Histograms(Box<HistogramColumns>),
}

impl Block {
    fn times(&self) -> &Times {
        match self {
            Block::Floats(b) => &b.times,
            Block::Histograms(b) => &b.times,
        }
    }
    fn first(&self) -> i64 {
        self.times().time.first().copied().unwrap_or(i64::MAX)
    }
    fn last(&self) -> i64 {
        self.times().time.last().copied().unwrap_or(i64::MIN)
    }
    fn len(&self) -> usize {
        self.times().time.len()
    }
    fn continued(&self) -> bool {
        matches!(self, Block::Histograms(b) if b.continued)
    }
    fn point(&self, i: usize) -> Option<Point> {
        let time = *self.times().time.get(i)?;
        let value = match self {
            Block::Floats(b) => Value::Float(*b.value.get(i)?),
            Block::Histograms(b) => Value::Histogram(Arc::new(b.histogram(i)?)),
        };
        Some(Point { time, start: self.times().start_of(i), value })
    }
}

/// One series.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    blocks: Vec<Block>,
}

impl Series {
    /// Time of the latest sample.
    pub(super) fn newest(&self) -> Option<i64> {
        self.blocks.last().map(Block::last)
    }

    /// Time of the earliest sample.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.blocks.first().map(Block::first)
    }

    pub(super) fn overlaps(&self, range: TimeRange) -> bool {
        self.oldest().is_some_and(|t| t <= range.end) && self.newest().is_some_and(|t| t >= range.start)
    }

    /// Puts a sample where it belongs.
    pub(super) fn append(&mut self, mut point: Point) -> Result<(), AppendError> {
        match self.newest() {
            Some(newest) if point.time <= newest => self.insert(point),
            _ => {
                if let (Value::Float(value), Some(Block::Histograms(_))) = (&point.value, self.blocks.last())
                    && is_stale(*value)
                {
                    point.value = stale_histogram(*value);
                }
                self.push(&point);
                Ok(())
            }
        }
    }

    fn push(&mut self, point: &Point) {
        let last = self.blocks.last_mut();
        match (&point.value, last) {
            (Value::Float(value), Some(Block::Floats(b))) => b.insert(b.len(), point.time, point.start, *value),
            (Value::Float(value), _) => {
                let mut b = FloatColumns::default();
                b.insert(0, point.time, point.start, *value);
                self.blocks.push(Block::Floats(b));
            }
            (Value::Histogram(h), last) => {
                if let Some(Block::Histograms(b)) = last
                    && let Some(row) = b.len().checked_sub(1).and_then(|i| b.row(i))
                    && runs::continues(&b.kind, &b.layout, row, point.time, h)
                {
                    b.push(point.time, point.start, h);
                    return;
                }
                let layout = if is_stale(h.sum) { Layout::default() } else { Layout::of(h) };
                let mut b = HistogramColumns::new(Arc::new(RunKind::of(h)), false, layout);
                b.push(point.time, point.start, h);
                self.blocks.push(Block::Histograms(Box::new(b)));
            }
        }
    }

    /// Inserts a sample that is not after all others.
    fn insert(&mut self, mut point: Point) -> Result<(), AppendError> {
        // The block that the sample lies in or behind.
        let at = self.blocks.partition_point(|b| b.first() <= point.time).saturating_sub(1);
        let Some(block) = self.blocks.get_mut(at) else { return Ok(()) };
        let place = match block.times().time.binary_search(&point.time) {
            Ok(place) => return check_duplicate(block.point(place), point),
            Err(place) => place,
        };
        match (&point.value, block) {
            (Value::Float(value), Block::Floats(b)) => b.insert(place, point.time, point.start, *value),
            (Value::Float(value), Block::Histograms(_)) if is_stale(*value) && place > 0 => {
                point.value = stale_histogram(*value);
                self.rebuild(at, place, point);
            }
            _ => self.rebuild(at, place, point),
        }
        Ok(())
    }

    /// Lays the samples of block `at`, with one more at `place`, and of the block after it out
    /// anew. Blocks further on are not concerned: whether a histogram begins a run depends on it
    /// and the sample before it alone.
    fn rebuild(&mut self, at: usize, place: usize, point: Point) {
        let end = (at + 2).min(self.blocks.len());
        let continued = place > 0 && self.blocks.get(at).is_some_and(Block::continued);
        let mut points: Vec<Point> = Vec::new();
        for block in self.blocks.get(at..end).unwrap_or_default() {
            points.extend((0..block.len()).filter_map(|i| block.point(i)));
        }
        points.insert(place.min(points.len()), point);
        let mut fresh = Series::default();
        for point in &points {
            fresh.push(point);
        }
        if continued && let Some(Block::Histograms(b)) = fresh.blocks.first_mut() {
            b.continued = true;
        }
        self.blocks.splice(at..end, fresh.blocks);
    }

    /// Appends the samples in the range to `out`.
    pub(super) fn read(&self, range: TimeRange, columns: Columns, out: &mut Samples) {
        let from = self.blocks.partition_point(|b| b.last() < range.start);
        let mut run: Option<Layout> = None;
        for (at, block) in self.blocks.iter().enumerate().skip(from) {
            if block.first() > range.end {
                break;
            }
            let times = block.times();
            let lo = times.time.partition_point(|t| *t < range.start);
            let hi = times.time.partition_point(|t| *t <= range.end);
            let before = out.len();
            match block {
                Block::Floats(b) => {
                    out.time.extend_from_slice(times.time.get(lo..hi).unwrap_or_default());
                    out.value.extend_from_slice(b.value.get(lo..hi).unwrap_or_default());
                }
                Block::Histograms(b) => {
                    let layout = match run.take() {
                        Some(layout) if b.continued => layout,
                        _ => self.run_layout(at),
                    };
                    b.read(lo, hi, &layout, out);
                    run = Some(layout);
                }
            }
            if columns.start_timestamps && (!times.start.is_empty() || !out.start.is_empty()) {
                out.start.resize(before, 0);
                out.start.extend((lo..hi).map(|i| times.start_of(i)));
            }
        }
    }

    /// The buckets of the whole run that block `at` is part of.
    fn run_layout(&self, at: usize) -> Layout {
        let mut first = at;
        while first > 0 && self.blocks.get(first).is_some_and(Block::continued) {
            first -= 1;
        }
        let mut layout: Option<Layout> = None;
        for (i, block) in self.blocks.iter().enumerate().skip(first) {
            let Block::Histograms(b) = block else { break };
            if i > first && !b.continued {
                break;
            }
            layout = Some(match layout {
                None => b.layout.clone(),
                Some(layout) => layout.union(&b.layout).unwrap_or(layout),
            });
        }
        layout.unwrap_or_default()
    }
}

fn stale_histogram(sum: f64) -> Value {
    Value::Histogram(Arc::new(Histogram { sum, ..Histogram::default() }))
}

/// A sample at a taken time: fine if it says the same.
fn check_duplicate(existing: Option<Point>, new: Point) -> Result<(), AppendError> {
    let Some(existing) = existing else { return Ok(()) };
    let same = match (&existing.value, &new.value) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Histogram(a), Value::Histogram(b)) => same_histogram(a, b),
        _ => false,
    };
    if same {
        return Ok(());
    }
    Err(AppendError::Duplicate { time: new.time, existing: existing.value.describe(), new: new.value.describe() })
}

/// Equal but for hints and for empty buckets that storage added.
fn same_histogram(stored: &Histogram, new: &Histogram) -> bool {
    if is_stale(stored.sum) || is_stale(new.sum) {
        return stored.sum.to_bits() == new.sum.to_bits();
    }
    let bits = |h: &Histogram| (h.count.to_bits(), h.zero_count.to_bits(), h.sum.to_bits());
    if !RunKind::of(stored).fits(new) || bits(stored) != bits(new) {
        return false;
    }
    let layout = Layout::of(stored);
    if layout.union(&Layout::of(new)).is_some() {
        return false;
    }
    let mut row = HistogramColumns::new(Arc::new(RunKind::of(stored)), false, layout);
    row.push(0, 0, stored);
    row.push(1, 0, new);
    match (row.row(0), row.row(1)) {
        (Some(a), Some(b)) => a.buckets.iter().zip(b.buckets).all(|(a, b)| a.to_bits() == b.to_bits()),
        _ => false,
    }
}
