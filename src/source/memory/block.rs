//! Blocks: a stretch of samples of one kind, open or sealed.

use super::columns::{FloatColumns, HistogramColumns, Times};
use super::runs::{Layout, Run, RunKind};
use super::sealed::{SealedFloats, SealedHistograms};
use super::series::{Point, Value};
use crate::model::Samples;
use crate::source::{Columns, TimeRange};
use std::sync::Arc;

/// A stretch of samples; never empty. Histograms of a block are of one run.
#[derive(Clone, Debug)]
pub(super) enum Block {
    /// Floats that may change.
    Floats(Box<FloatColumns>),
    /// Histograms that may change.
    Histograms(Box<HistogramColumns>),
    /// Compressed floats.
    SealedFloats(SealedFloats),
    /// Compressed histograms.
    SealedHistograms(Box<SealedHistograms>),
}

impl Block {
    pub(super) fn first(&self) -> i64 {
        match self {
            Block::Floats(b) => b.times.time.first().copied().unwrap_or(i64::MAX),
            Block::Histograms(b) => b.times.time.first().copied().unwrap_or(i64::MAX),
            Block::SealedFloats(b) => b.first(),
            Block::SealedHistograms(b) => b.first(),
        }
    }

    pub(super) fn last(&self) -> i64 {
        match self {
            Block::Floats(b) => b.times.time.last().copied().unwrap_or(i64::MIN),
            Block::Histograms(b) => b.times.time.last().copied().unwrap_or(i64::MIN),
            Block::SealedFloats(b) => b.last(),
            Block::SealedHistograms(b) => b.last(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Block::Floats(b) => b.len(),
            Block::Histograms(b) => b.len(),
            Block::SealedFloats(b) => b.len(),
            Block::SealedHistograms(b) => b.len(),
        }
    }

    /// Bytes that the samples take beside the block itself.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Block::Floats(b) => {
                let columns = b.times.time.capacity() + b.times.start.capacity() + b.value.capacity();
                std::mem::size_of::<FloatColumns>() + columns * 8
            }
            Block::Histograms(b) => b.bytes(),
            Block::SealedFloats(b) => b.bytes(),
            Block::SealedHistograms(b) => std::mem::size_of::<SealedHistograms>() + b.bytes(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self, Block::Floats(_) | Block::Histograms(_))
    }

    /// The run of histograms began in the block before.
    pub(super) fn continued(&self) -> bool {
        match self {
            Block::Histograms(b) => b.continued,
            Block::SealedHistograms(b) => b.continued,
            _ => false,
        }
    }

    /// Says that the run began in the block before.
    pub(super) fn set_continued(&mut self) {
        match self {
            Block::Histograms(b) => b.continued = true,
            Block::SealedHistograms(b) => b.continued = true,
            _ => {}
        }
    }

    /// The buckets, if these are histograms.
    pub(super) fn layout(&self) -> Option<&Layout> {
        match self {
            Block::Histograms(b) => Some(&b.layout),
            Block::SealedHistograms(b) => Some(b.layout()),
            _ => None,
        }
    }

    /// Makes the block one that may change.
    pub(super) fn open(&mut self) {
        match self {
            Block::SealedFloats(b) => *self = Block::Floats(Box::new(b.open())),
            Block::SealedHistograms(b) => *self = Block::Histograms(Box::new(b.open())),
            _ => {}
        }
    }

    /// Compresses the block.
    pub(super) fn seal(&mut self) {
        match self {
            Block::Floats(b) => *self = Block::SealedFloats(SealedFloats::new(b)),
            Block::Histograms(b) => *self = Block::SealedHistograms(Box::new(SealedHistograms::new(b))),
            _ => {}
        }
    }

    /// Looks at some of the bytes.
    pub(super) fn touch(&self) -> u8 {
        let last = |times: &Times, values: &[f64]| (times.time.last().map_or(0, |t| *t as u8)) ^ values.last().map_or(0, |v| *v as u8);
        match self {
            Block::Floats(b) => last(&b.times, &b.value),
            Block::Histograms(b) => last(&b.times, &b.sum),
            Block::SealedFloats(b) => b.touch(),
            Block::SealedHistograms(b) => b.touch(),
        }
    }

    /// Copies the bytes of a sealed block to another place.
    pub(super) fn relocate(&mut self) {
        match self {
            Block::SealedFloats(b) => b.relocate(),
            Block::SealedHistograms(b) => b.relocate(),
            Block::Floats(_) | Block::Histograms(_) => {}
        }
    }

    /// All samples, with the hints that make the same runs once more.
    pub(super) fn points(&self) -> Vec<Point> {
        let floats = |b: &FloatColumns| {
            let points = b.times.time.iter().zip(&b.value).enumerate();
            points.map(|(i, (time, value))| Point { time: *time, start: b.times.start_of(i), value: Value::Float(*value) }).collect()
        };
        let histograms = |b: &HistogramColumns| {
            let points = b.times.time.iter().enumerate().filter_map(|(i, time)| {
                Some(Point { time: *time, start: b.times.start_of(i), value: Value::Histogram(Arc::new(b.histogram(i)?)) })
            });
            points.collect()
        };
        match self {
            Block::Floats(b) => floats(b),
            Block::Histograms(b) => histograms(b),
            Block::SealedFloats(b) => floats(&b.open()),
            Block::SealedHistograms(b) => histograms(&b.open()),
        }
    }

    /// Sample `i` of a block that is open.
    pub(super) fn point(&self, i: usize) -> Option<Point> {
        let (times, value) = match self {
            Block::Floats(b) => (&b.times, Value::Float(*b.value.get(i)?)),
            Block::Histograms(b) => (&b.times, Value::Histogram(Arc::new(b.histogram(i)?))),
            _ => return None,
        };
        Some(Point { time: *times.time.get(i)?, start: times.start_of(i), value })
    }

    /// What the histograms have in common, if these are histograms.
    pub(super) fn kind(&self) -> Option<&RunKind> {
        match self {
            Block::Histograms(b) => Some(&b.kind),
            Block::SealedHistograms(b) => Some(&b.kind),
            _ => None,
        }
    }

    /// Whether the last sample is a stale histogram.
    pub(super) fn ends_stale(&self) -> bool {
        match self {
            Block::Histograms(b) => b.ends_stale(),
            Block::SealedHistograms(b) => b.ends_stale,
            _ => false,
        }
    }

    /// Whether both are sealed floats at the same times, without stale markers or start timestamps.
    pub(super) fn has_times_of(&self, other: &Block) -> bool {
        matches!((self, other), (Block::SealedFloats(own), Block::SealedFloats(other)) if own.has_times_of(other))
    }

    /// Appends the floats in the range to `out`.
    pub(super) fn read(&self, range: TimeRange, columns: Columns, out: &mut Samples) {
        match self {
            Block::SealedFloats(b) => b.read(range, columns, out),
            Block::Floats(b) => {
                let before = out.len();
                let (from, to) = b.times.within(range);
                out.time.extend_from_slice(b.times.time.get(from..to).unwrap_or_default());
                out.value.extend_from_slice(b.value.get(from..to).unwrap_or_default());
                if columns.start_timestamps {
                    b.times.read_starts(from, to, before, &mut out.start);
                }
            }
            Block::Histograms(_) | Block::SealedHistograms(_) => {}
        }
    }

    /// Appends the histograms in the range to `out`, with the buckets of the whole run; with
    /// nothing but count and sum for `stats`.
    pub(super) fn read_histograms(&self, range: TimeRange, columns: Columns, run: &Run, stats: bool, out: &mut Samples) {
        match self {
            Block::SealedHistograms(b) => b.read(range, columns, run, stats, out),
            Block::Histograms(b) => {
                let before = out.len();
                let (from, to) = b.read(range, run, stats, out);
                if columns.start_timestamps {
                    b.times.read_starts(from, to, before, &mut out.start);
                }
            }
            Block::Floats(_) | Block::SealedFloats(_) => {}
        }
    }
}
