//! Sealed blocks: columns as bytes, times apart from values.
//!
//! A block of floats is its times, start timestamps where there are any, and values. A block of
//! histograms has its times and starts likewise, then sums, counts, zero counts, and each bucket's
//! counts over time: what is asked for alone comes first.

use super::codec::{self, Column, PADDING, Reader};
use super::columns::{FloatColumns, HistogramColumns, Times};
use super::digest::Digest;
use super::runs::{Hints, Layout, Run, RunKind, empty_stale};
use crate::model::histogram::column::{BUCKETS, COUNT, ZERO};
use crate::model::{Samples, is_stale};
use crate::source::{Columns, Keep, TimeRange};
use std::sync::Arc;

/// Times and start timestamps, and what tells whether to look at them.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Head {
    first: i64,
    last: i64,
    len: u32,
    /// Where the columns after the times begin.
    starts_at: u32,
    values_at: u32,
}

impl Head {
    fn encode(times: &Times, out: &mut Vec<u8>) -> Head {
        codec::encode_ints(&times.time, out);
        let starts_at = out.len() as u32;
        if !times.start.is_empty() {
            codec::encode_ints(&times.start, out);
        }
        Head {
            first: times.time.first().copied().unwrap_or(0),
            last: times.time.last().copied().unwrap_or(0),
            len: times.time.len() as u32,
            starts_at,
            values_at: out.len() as u32,
        }
    }

    /// Looks at a byte where the columns begin, and at the last one.
    fn touch(&self, bytes: &[u8]) -> u8 {
        let at = |at: usize| bytes.get(at).copied().unwrap_or(0);
        at(0) ^ at(self.values_at as usize) ^ at(bytes.len().wrapping_sub(1))
    }

    fn has_starts(&self) -> bool {
        self.values_at > self.starts_at
    }

    fn len(&self) -> usize {
        self.len as usize
    }

    /// Appends the times in the range to `out`; which they are.
    fn read_times(&self, bytes: &[u8], range: TimeRange, out: &mut Vec<i64>) -> (usize, usize) {
        let column = Column::new(&mut Reader::new(bytes), self.len());
        if range.start <= self.first && self.last <= range.end {
            column.decode(0, self.len(), out, |time| time);
            return (0, self.len());
        }
        column.between(range.start, range.end, out)
    }

    /// Which samples are in the range.
    fn within(&self, bytes: &[u8], range: TimeRange) -> (usize, usize) {
        if range.start <= self.first && self.last <= range.end {
            return (0, self.len());
        }
        Column::new(&mut Reader::new(bytes), self.len()).within(range.start, range.end)
    }

    /// Appends the start timestamps `from..to` to `out`, which has them for none or for all of
    /// the `before` samples there.
    fn read_starts(&self, bytes: &[u8], from: usize, to: usize, before: usize, out: &mut Vec<i64>) {
        if !self.has_starts() {
            if !out.is_empty() {
                out.resize(before + (to - from), 0);
            }
            return;
        }
        out.resize(before, 0);
        let mut reader = Reader::new(bytes.get(self.starts_at as usize..).unwrap_or_default());
        Column::new(&mut reader, self.len()).decode(from, to, out, |start| start);
    }

    fn times(&self, bytes: &[u8]) -> Times {
        let mut times = Times::default();
        let (from, to) = self.read_times(bytes, TimeRange::ALL, &mut times.time);
        self.read_starts(bytes, from, to, 0, &mut times.start);
        times
    }
}

/// A sealed block of floats.
#[derive(Clone, Debug)]
pub(super) struct SealedFloats {
    head: Head,
    about: About,
    /// Columns, then the digest if there is one.
    bytes: Box<[u8]>,
}

/// What is known of a block of floats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum About {
    /// There is a stale marker among them.
    Stale,
    Undigested,
    Digested {
        /// No value is less than the one before.
        rises: bool,
    },
}

impl SealedFloats {
    pub(super) fn new(columns: &FloatColumns) -> Self {
        let mut bytes = Vec::new();
        let head = Head::encode(&columns.times, &mut bytes);
        codec::encode_floats(&columns.value, &mut bytes);
        bytes.extend_from_slice(&PADDING);
        let about = match Digest::of(&columns.value).filter(|_| !head.has_starts()) {
            Some((digest, rises)) => {
                digest.encode(&mut bytes);
                About::Digested { rises }
            }
            None if columns.value.iter().any(|v| is_stale(*v)) => About::Stale,
            None => About::Undigested,
        };
        SealedFloats { head, about, bytes: bytes.into() }
    }

    pub(super) fn touch(&self) -> u8 {
        self.head.touch(&self.bytes)
    }

    pub(super) fn relocate(&mut self) {
        self.bytes = self.bytes.clone();
    }

    pub(super) fn first(&self) -> i64 {
        self.head.first
    }

    pub(super) fn last(&self) -> i64 {
        self.head.last
    }

    pub(super) fn len(&self) -> usize {
        self.head.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn open(&self) -> FloatColumns {
        let mut value = Vec::new();
        codec::decode_floats(&mut self.values(), self.len(), 0, self.len(), &mut value);
        FloatColumns { times: self.head.times(&self.bytes), value }
    }

    fn values(&self) -> Reader<'_> {
        Reader::new(self.bytes.get(self.head.values_at as usize..).unwrap_or_default())
    }

    pub(super) fn read(&self, range: TimeRange, columns: Columns, out: &mut Samples) {
        let before = out.len();
        let (from, to) = self.head.read_times(&self.bytes, range, &mut out.time);
        if columns.values || self.about == About::Stale {
            codec::decode_floats(&mut self.values(), self.len(), from, to, &mut out.value);
        } else {
            out.value.resize(before + (to - from), 0.0);
        }
        if columns.start_timestamps {
            self.head.read_starts(&self.bytes, from, to, before, &mut out.start);
        }
    }

    /// Whether the times are those of another block, and neither has stale markers or start timestamps.
    pub(super) fn has_times_of(&self, other: &SealedFloats) -> bool {
        let plain = |block: &SealedFloats| block.about != About::Stale && !block.head.has_starts();
        let times = ..self.head.starts_at as usize;
        self.head == other.head && plain(self) && plain(other) && self.bytes.get(times) == other.bytes.get(times)
    }

    /// Appends the values in the range to `out`.
    pub(super) fn read_values(&self, range: TimeRange, out: &mut Vec<f64>) {
        let (from, to) = self.head.within(&self.bytes, range);
        codec::decode_floats(&mut self.values(), self.len(), from, to, out);
    }

    /// Appends no more than what is kept of the block, if that is known; gives how many samples
    /// are left out.
    pub(super) fn read_kept(&self, keep: Keep, out: &mut Samples) -> Option<usize> {
        let About::Digested { rises } = self.about else { return None };
        let digest = Digest::decode(self.bytes.get(self.bytes.len().checked_sub(Digest::SIZE)?..)?)?;
        let (first, last) = digest.kept(keep, rises)?;
        let before = out.len();
        for (time, value) in [(self.head.first, Some(first)), (self.head.last, last)] {
            if let Some(value) = value {
                out.push_float(time, value);
            }
        }
        Some(self.len() - (out.len() - before))
    }
}

/// A sealed block of histograms.
#[derive(Clone, Debug)]
pub(super) struct SealedHistograms {
    head: Head,
    pub(super) kind: Arc<RunKind>,
    layout: Layout,
    pub(super) continued: bool,
    /// The last is stale.
    pub(super) ends_stale: bool,
    bytes: Box<[u8]>,
}

impl SealedHistograms {
    pub(super) fn new(columns: &HistogramColumns) -> Self {
        let mut bytes = Vec::new();
        let head = Head::encode(&columns.times, &mut bytes);
        codec::encode_floats(&columns.sum, &mut bytes);
        // Of a stale histogram nothing but the sum counts, so that it may hold what costs least.
        let mut column: Vec<f64> = Vec::with_capacity(columns.len());
        let mut put = |of: &dyn Fn(usize) -> f64| {
            column.clear();
            for (i, sum) in columns.sum.iter().enumerate() {
                let value = if is_stale(*sum) { column.last().copied().unwrap_or(0.0) } else { of(i) };
                column.push(value);
            }
            codec::encode_floats(&column, &mut bytes);
        };
        put(&|i| columns.count.get(i).copied().unwrap_or(0.0));
        put(&|i| columns.zero_count.get(i).copied().unwrap_or(0.0));
        let width = columns.layout.len();
        for bucket in 0..width {
            put(&|i| columns.buckets.get(i * width + bucket).copied().unwrap_or(0.0));
        }
        bytes.extend_from_slice(&PADDING);
        SealedHistograms {
            head,
            kind: columns.kind.clone(),
            layout: columns.layout.clone(),
            continued: columns.continued,
            ends_stale: columns.ends_stale(),
            bytes: bytes.into(),
        }
    }

    pub(super) fn touch(&self) -> u8 {
        self.head.touch(&self.bytes)
    }

    pub(super) fn relocate(&mut self) {
        self.bytes = self.bytes.clone();
    }

    pub(super) fn first(&self) -> i64 {
        self.head.first
    }

    pub(super) fn last(&self) -> i64 {
        self.head.last
    }

    pub(super) fn len(&self) -> usize {
        self.head.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.len() + std::mem::size_of::<RunKind>() + self.kind.custom_values.len() * 8 + self.layout.bytes()
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn open(&self) -> HistogramColumns {
        let mut columns = HistogramColumns::new(self.kind.clone(), self.continued, self.layout.clone());
        columns.times = self.head.times(&self.bytes);
        let len = self.len();
        let mut reader = Reader::new(self.bytes.get(self.head.values_at as usize..).unwrap_or_default());
        codec::decode_floats(&mut reader, len, 0, len, &mut columns.sum);
        codec::decode_floats(&mut reader, len, 0, len, &mut columns.count);
        codec::decode_floats(&mut reader, len, 0, len, &mut columns.zero_count);
        let width = self.layout.len();
        columns.buckets.resize(width.saturating_mul(len), 0.0);
        let mut column = Vec::with_capacity(len);
        for bucket in 0..width {
            column.clear();
            codec::decode_floats(&mut reader, len, 0, len, &mut column);
            let places = columns.buckets.iter_mut().skip(bucket).step_by(width);
            places.zip(&column).for_each(|(place, value)| *place = *value);
        }
        columns
    }

    /// Appends the histograms in the range to `out`, with the buckets of the run.
    pub(super) fn read(&self, range: TimeRange, columns: Columns, run: &Run, stats: bool, out: &mut Samples) {
        let before = out.len();
        let (from, to) = self.head.read_times(&self.bytes, range, &mut out.time);
        let mut reader = Reader::new(self.bytes.get(self.head.values_at as usize..).unwrap_or_default());
        codec::decode_floats(&mut reader, self.len(), from, to, &mut out.value);
        let hints = Hints { gauge: self.kind.gauge, begins: from == 0 && !self.continued };
        let places = if stats { None } else { run.places(&self.layout) };
        let numbers = run.append(hints, before, out);
        let buckets = if stats { 0 } else { self.layout.len() };
        let buckets = (0..buckets).map(|i| BUCKETS + places.as_ref().map_or(i, |places| places.get(i).map_or(0, |place| *place as usize)));
        let mut column = Vec::with_capacity(to - from);
        for place in [COUNT].into_iter().chain((!stats).then_some(ZERO)).chain(buckets) {
            column.clear();
            codec::decode_floats(&mut reader, self.len(), from, to, &mut column);
            for (row, value) in numbers.chunks_exact_mut(run.width()).zip(&column) {
                row[place] = *value;
            }
        }
        empty_stale(to - from, out);
        if columns.start_timestamps {
            self.head.read_starts(&self.bytes, from, to, before, &mut out.start);
        }
    }
}
