//! Reading the samples of one series: all of a range, some, or what is kept of them.

use super::Series;
use crate::model::Samples;
use crate::source::memory::block::Block;
use crate::source::memory::runs::{Layout, Run};
use crate::source::{Columns, Keep, TimeRange};

/// Where ranges have so many samples each, most of them between two, these are left out: to begin
/// anew takes as long as to read some hundred.
#[cfg(not(target_arch = "wasm32"))]
const FAR_APART: usize = 192;

impl Series {
    /// The first block with samples in the range, if there is one.
    fn first_block(&self, range: TimeRange) -> usize {
        match self.blocks.last() {
            Some(last) if last.first() <= range.start => self.blocks.len() - 1,
            _ => self.blocks.partition_point(|b| b.last() < range.start),
        }
    }

    /// The blocks with samples in the range.
    fn within(&self, range: TimeRange) -> &[Block] {
        let blocks = self.blocks.get(self.first_block(range)..).unwrap_or_default();
        match blocks {
            [one] if one.first() <= range.end => blocks,
            _ => blocks.get(..blocks.partition_point(|b| b.first() <= range.end)).unwrap_or_default(),
        }
    }

    /// Whether samples of the range are sure to be floats at the times that another series has
    /// floats at, none of them stale or with a start timestamp.
    pub(in crate::source::memory) fn has_times_of(&self, other: &Series, range: TimeRange) -> bool {
        let (own, other) = (self.within(range), other.within(range));
        own.len() == other.len() && own.iter().zip(other).all(|(own, other)| own.has_times_of(other))
    }

    /// Appends at least the samples in some ranges, one after the other, to `out`; what lies between
    /// is left out where that is quicker.
    #[cfg(not(target_arch = "wasm32"))]
    pub(in crate::source::memory) fn read_ranges(&self, ranges: &[TimeRange], columns: Columns, out: &mut Samples) {
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else { return };
        let all = TimeRange { start: first.start, end: last.end };
        let mut blocks = self.within(all);
        let apart = self.floats(all).is_some_and(|samples| samples / FAR_APART >= ranges.len());
        if !apart {
            return self.read(all, columns, out);
        }
        for range in ranges {
            let before = blocks.iter().take_while(|block| block.last() < range.start).count();
            blocks = blocks.get(before..).unwrap_or_default();
            blocks.iter().take_while(|block| block.first() <= range.end).for_each(|block| block.read(*range, columns, out));
        }
    }

    /// How many samples the blocks with samples in the range have, where they are all floats.
    #[cfg(not(target_arch = "wasm32"))]
    pub(in crate::source::memory) fn floats(&self, range: TimeRange) -> Option<usize> {
        self.within(range).iter().map(|block| block.kind().is_none().then(|| block.len())).sum()
    }

    /// Appends the values of the floats in the range to `out`.
    pub(in crate::source::memory) fn read_values(&self, range: TimeRange, out: &mut Vec<f64>) {
        for block in self.within(range) {
            if let Block::SealedFloats(block) = block {
                block.read_values(range, out);
            }
        }
    }

    /// Looks at what [`Series::read`] will begin with.
    pub(in crate::source::memory) fn touch(&self, range: TimeRange) -> u8 {
        self.blocks.get(self.first_block(range)).map_or(0, Block::touch)
    }

    /// Appends the samples in the range to `out`.
    pub(in crate::source::memory) fn read(&self, range: TimeRange, columns: Columns, out: &mut Samples) {
        let from = self.first_block(range);
        let mut run: Option<Run> = None;
        let mut stats: Option<Run> = None;
        for (at, block) in self.blocks.iter().enumerate().skip(from) {
            if block.first() > range.end {
                break;
            }
            let Some(kind) = block.kind() else {
                run = None;
                block.read(range, columns, out);
                continue;
            };
            if columns.histogram_stats && self.hints_suffice(at, range.end, out) {
                let known = stats.take().filter(|run: &Run| run.schema() == kind.schema);
                let run = stats.insert(known.unwrap_or_else(|| Run::stats(kind)));
                block.read_histograms(range, columns, run, true, out);
                continue;
            }
            if !block.continued() {
                run = None;
            }
            let run = run.get_or_insert_with(|| Run::new(kind, self.run_layout(at)));
            block.read_histograms(range, columns, run, false, out);
        }
    }

    /// Appends the samples in the range to `out`, of whole blocks no more than what is kept of
    /// them; gives how many are left out.
    pub(in crate::source::memory) fn read_kept(&self, range: TimeRange, columns: Columns, keep: Keep, out: &mut Samples) -> usize {
        // Most windows lie in the last block.
        if self.blocks.last().is_none_or(|last| last.first() < range.start) {
            self.read(range, columns, out);
            return 0;
        }
        let from = self.blocks.partition_point(|b| b.last() < range.start);
        let blocks = self.blocks.get(from..).unwrap_or_default();
        let blocks = blocks.get(..blocks.partition_point(|b| b.first() <= range.end)).unwrap_or_default();
        if blocks.iter().any(|b| b.kind().is_some()) {
            self.read(range, columns, out);
            return 0;
        }
        let mut left_out = 0;
        for block in blocks {
            let kept = match block {
                Block::SealedFloats(b) if range.start <= b.first() && b.last() <= range.end => b.read_kept(keep, out),
                _ => None,
            };
            match kept {
                Some(count) => left_out += count,
                None => block.read(range, columns, out),
            }
        }
        left_out
    }

    /// Whether the histograms of block `at` can do without buckets: all that is known about
    /// resets is in their hints. Only the first of a run must be compared with the one before.
    fn hints_suffice(&self, at: usize, end: i64, before: &Samples) -> bool {
        let unknown = |b: &Block| !b.continued() && b.kind().is_some_and(|kind| !kind.gauge);
        if before.histograms().len() > 0 && self.blocks.get(at).is_some_and(unknown) {
            return false;
        }
        let later = self.blocks.iter().skip(at + 1).take_while(|b| b.first() <= end).filter(|b| b.kind().is_some());
        // Stale ones are not compared with.
        for block in later {
            if unknown(block) {
                return false;
            }
            if !block.ends_stale() {
                break;
            }
        }
        true
    }

    /// The buckets of the whole run that block `at` is part of.
    fn run_layout(&self, at: usize) -> Layout {
        let mut first = at;
        while first > 0 && self.blocks.get(first).is_some_and(Block::continued) {
            first -= 1;
        }
        let mut blocks = self.blocks.get(first..).unwrap_or_default().iter();
        let mut run = blocks.next().and_then(Block::layout).cloned().unwrap_or_default();
        for layout in blocks.take_while(|b| b.continued()).filter_map(Block::layout) {
            if let Some(wider) = run.union(layout) {
                run = wider;
            }
        }
        run
    }
}
