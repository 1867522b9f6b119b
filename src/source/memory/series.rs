//! The samples of one series: blocks in order of time, the last of them open.

mod read;

use super::AppendError;
use super::block::Block;
use super::columns::{FloatColumns, HistogramColumns, Times};
use super::runs::{self, Layout, RunKind};
use crate::model::number::format_g;
use crate::model::{Histogram, Samples, is_stale};
use crate::source::TimeRange;
use smallvec::SmallVec;
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

/// An open block of floats is sealed, or joined to the sealed one before it, at this length.
const OPEN_FLOATS: usize = 128;
/// The length that sealed blocks of floats grow to.
const SEALED_FLOATS: usize = 512;
/// The same for histograms, which take ten times the space and rarely make runs as long.
const OPEN_HISTOGRAMS: usize = 128;

/// One series: blocks in order of time. The last one is open, unless the series was compacted;
/// so is at most one other, that late samples went to.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    /// Many series have but one block, which is found without another look into memory.
    blocks: SmallVec<[Block; 1]>,
    /// The block before the last that is open.
    reopened: Option<usize>,
    /// From the earliest sample to the latest: kept here, so that a selection need not look at
    /// blocks.
    span: Option<TimeRange>,
}

impl Series {
    /// Time of the latest sample.
    pub(super) fn newest(&self) -> Option<i64> {
        self.span.map(|s| s.end)
    }

    /// Time of the earliest sample.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.span.map(|s| s.start)
    }

    pub(super) fn overlaps(&self, range: TimeRange) -> bool {
        self.span.is_some_and(|s| s.start <= range.end && s.end >= range.start)
    }

    /// How many samples there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(Block::len).sum()
    }

    /// Bytes that the samples take.
    pub(super) fn bytes(&self) -> usize {
        let spilled = if self.blocks.spilled() { self.blocks.capacity() } else { 0 };
        std::mem::size_of::<Series>() + spilled * std::mem::size_of::<Block>() + self.blocks.iter().map(Block::bytes).sum::<usize>()
    }

    /// Whether there is something to seal.
    pub(super) fn is_open(&self) -> bool {
        self.reopened.is_some() || self.blocks.last().is_some_and(Block::is_open)
    }

    /// Seals all there is.
    pub(super) fn compact(&mut self) {
        self.seal_reopened();
        self.seal_last(true);
        self.blocks.shrink_to_fit();
    }

    /// Copies what is sealed to where there is room: for one series after another that is mostly
    /// one place after another.
    pub(super) fn relocate(&mut self) {
        self.blocks.iter_mut().for_each(Block::relocate);
    }

    /// Puts a sample where it belongs.
    pub(super) fn append(&mut self, mut point: Point) -> Result<(), AppendError> {
        let time = point.time;
        match self.span {
            Some(span) if time <= span.end => {
                self.insert(point)?;
                self.span = Some(TimeRange { start: span.start.min(time), ..span });
                Ok(())
            }
            span => {
                self.span = Some(TimeRange { start: span.map_or(time, |s| s.start), end: time });
                if let Value::Float(value) = point.value
                    && is_stale(value)
                    && self.blocks.last().is_some_and(|b| b.layout().is_some())
                {
                    point.value = stale_histogram(value);
                }
                self.push(&point);
                Ok(())
            }
        }
    }

    /// Takes floats in order of time as they stand. The series was empty, and these are not.
    pub(super) fn fill(&mut self, span: TimeRange, samples: Samples) {
        let times = Times { time: samples.time, start: Vec::new() };
        self.blocks.push(Block::Floats(Box::new(FloatColumns { times, value: samples.value })));
        self.span = Some(span);
    }

    fn push(&mut self, point: &Point) {
        match &point.value {
            Value::Float(value) => self.push_float(point, *value),
            Value::Histogram(h) => self.push_histogram(point, h),
        }
    }

    fn push_float(&mut self, point: &Point, value: f64) {
        if !matches!(self.blocks.last(), Some(Block::Floats(b)) if b.len() < OPEN_FLOATS) {
            self.seal_last(false);
            // A series that filled a block will fill another.
            let room = if self.blocks.is_empty() { 0 } else { OPEN_FLOATS };
            self.blocks.push(Block::Floats(Box::new(FloatColumns::with_room(room))));
        }
        if let Some(Block::Floats(b)) = self.blocks.last_mut() {
            b.insert(b.len(), point.time, point.start, value);
        }
    }

    fn push_histogram(&mut self, point: &Point, h: &Histogram) {
        if let Some(last) = self.blocks.last_mut() {
            if last.layout().is_some() {
                last.open();
            }
            if let Block::Histograms(b) = last
                && let Some(row) = b.len().checked_sub(1).and_then(|i| b.row(i))
                && runs::continues(&b.kind, &b.layout, row, point.time, h)
                && !runs::sprawls(&b.layout, h)
            {
                if b.len() < OPEN_HISTOGRAMS {
                    b.push(point.time, point.start, h);
                    return;
                }
                let (kind, layout) = (b.kind.clone(), b.layout.clone());
                self.begin_histograms(HistogramColumns::new(kind, true, layout), point, h);
                return;
            }
        }
        let layout = if is_stale(h.sum) { Layout::default() } else { Layout::of(h) };
        self.begin_histograms(HistogramColumns::new(Arc::new(RunKind::of(h)), false, layout), point, h);
    }

    fn begin_histograms(&mut self, mut columns: HistogramColumns, point: &Point, h: &Histogram) {
        self.seal_last(true);
        columns.push(point.time, point.start, h);
        self.blocks.push(Block::Histograms(Box::new(columns)));
    }

    /// Seals the last block, joined to those before it if no more fit in, or none follow.
    fn seal_last(&mut self, at_once: bool) {
        self.seal_reopened();
        let Some(last) = self.blocks.len().checked_sub(1) else { return };
        if let Some(Block::Floats(open)) = self.blocks.get(last) {
            let mut len = open.len();
            let before = self.blocks.get(..last).unwrap_or_default().iter().rev();
            let short = before.map_while(|b| match b {
                Block::SealedFloats(b) if len + b.len() <= SEALED_FLOATS => {
                    len += b.len();
                    Some(())
                }
                _ => None,
            });
            let from = last - short.count();
            if from < last && (at_once || len + OPEN_FLOATS > SEALED_FLOATS) {
                self.join(from);
            }
        }
        self.seal_long(self.blocks.len().saturating_sub(1));
    }

    /// Seals block `at`, the last one: in several, if it is so long.
    fn seal_long(&mut self, at: usize) {
        while let Some(Block::Floats(open)) = self.blocks.get_mut(at)
            && open.len() >= 2 * SEALED_FLOATS
        {
            let mut later = Block::Floats(Box::new(open.split_off((open.len() - 1) / SEALED_FLOATS * SEALED_FLOATS)));
            later.seal();
            self.blocks.insert(at + 1, later);
        }
        if let Some(block) = self.blocks.get_mut(at) {
            block.seal();
        }
    }

    /// Makes one open block of the floats from a block on.
    fn join(&mut self, from: usize) {
        let mut joined = FloatColumns::default();
        for block in self.blocks.drain(from..) {
            match block {
                Block::Floats(b) => joined.append(*b),
                Block::SealedFloats(b) => joined.append(b.open()),
                Block::Histograms(_) | Block::SealedHistograms(_) => {}
            }
        }
        self.blocks.push(Block::Floats(Box::new(joined)));
    }

    fn seal_reopened(&mut self) {
        if let Some(at) = self.reopened.take()
            && let Some(block) = self.blocks.get_mut(at)
        {
            block.seal();
        }
    }

    /// Makes block `at` one that may change; the one that was so before is sealed.
    fn reopen(&mut self, at: usize) {
        if self.blocks.get(at).is_some_and(Block::is_open) {
            return;
        }
        self.seal_reopened();
        if let Some(block) = self.blocks.get_mut(at) {
            block.open();
        }
        if at + 1 < self.blocks.len() {
            self.reopened = Some(at);
        }
    }

    /// Inserts a sample that is not after all others.
    fn insert(&mut self, mut point: Point) -> Result<(), AppendError> {
        // The block that the sample lies in or behind.
        let at = self.blocks.partition_point(|b| b.first() <= point.time).saturating_sub(1);
        self.reopen(at);
        let Some(block) = self.blocks.get_mut(at) else { return Ok(()) };
        let times = match block {
            Block::Floats(b) => &b.times,
            Block::Histograms(b) => &b.times,
            _ => return Ok(()),
        };
        let place = match times.time.binary_search(&point.time) {
            Ok(place) => return check_duplicate(block.point(place), point),
            Err(place) => place,
        };
        match (&point.value, block) {
            (Value::Float(value), Block::Floats(b)) => {
                b.insert(place, point.time, point.start, *value);
                if b.len() >= 2 * SEALED_FLOATS {
                    self.split(at);
                }
            }
            (Value::Float(value), Block::Histograms(_)) if is_stale(*value) && place > 0 => {
                point.value = stale_histogram(*value);
                self.rebuild(at, place, point);
            }
            _ => self.rebuild(at, place, point),
        }
        Ok(())
    }

    /// Makes two blocks of an overlong one.
    fn split(&mut self, at: usize) {
        let Some(Block::Floats(b)) = self.blocks.get_mut(at) else { return };
        let later = b.split_off(b.len() / 2);
        let was_last = at + 1 == self.blocks.len();
        let mut later = Block::Floats(Box::new(later));
        if !was_last {
            later.seal();
        }
        self.seal_reopened();
        if let Some(block) = self.blocks.get_mut(at) {
            block.seal();
        }
        self.blocks.insert(at + 1, later);
    }

    /// Lays the samples of block `at`, with one more at `place`, and of the block after it out
    /// anew. Blocks further on are not concerned: whether a histogram begins a run depends on it
    /// and the sample before it alone.
    fn rebuild(&mut self, at: usize, place: usize, point: Point) {
        self.seal_reopened();
        let end = (at + 2).min(self.blocks.len());
        let continued = place > 0 && self.blocks.get(at).is_some_and(Block::continued);
        let mut points: Vec<Point> = self.blocks.get(at..end).unwrap_or_default().iter().flat_map(Block::points).collect();
        points.insert(place.min(points.len()), point);
        let mut fresh = Series::default();
        for point in &points {
            fresh.push(point);
        }
        if continued && let Some(first) = fresh.blocks.first_mut() {
            first.set_continued();
        }
        if end < self.blocks.len() {
            fresh.compact();
        }
        self.blocks.drain(at..end);
        self.blocks.insert_many(at, fresh.blocks);
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
