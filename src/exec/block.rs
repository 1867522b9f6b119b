//! Blocks of columns: a few rows × all steps.

use crate::model::histogram::column::HistogramLayout;
use crate::model::histogram::{HistogramColumn, HistogramRef};
use crate::model::{CounterResetHint, Histogram};
use std::sync::Arc;

pub(crate) use crate::engine::Point;

/// A few rows × all steps of a grid: values row by row, a presence bitmap, and histograms in a
/// side column only where there are any. A step of a row holds a float, a histogram or nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// Steps of a row.
    pub(crate) n: usize,
    /// Which row of its operator each row of the block is.
    pub(crate) heads: Vec<u32>,
    /// heads × n; defined where `floats` has a bit.
    pub(crate) values: Vec<f64>,
    /// heads × `words()`; bit `step % 64` of word `step / 64` of a row: there is a float.
    pub(crate) floats: Vec<u64>,
    pub(crate) hists: Hists,
}

/// The histograms of a block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hists {
    /// heads × n, or empty while there is no histogram in the block: which of the column the one
    /// at a step is. Steps may share one.
    slots: Vec<u32>,
    column: HistogramColumn,
}

/// For so many values room is made before they are there: 8 MiB.
pub(crate) const MOST_EXPECTED: usize = 1 << 20;

/// There is no histogram at a step.
const NONE: u32 = u32::MAX;

impl Hists {
    /// Whether no histogram was ever set.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
    /// Forgets all, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.column.clear();
    }
    /// Histograms by slot; some may have been taken away from their steps since.
    pub(crate) fn column(&self) -> &HistogramColumn {
        &self.column
    }
}

impl Block {
    pub(crate) fn new(n: usize) -> Block {
        Block { n, ..Block::default() }
    }
    /// Makes room for so many rows, or for the first of them.
    pub(crate) fn expect(&mut self, rows: usize) {
        let rows = rows.min(MOST_EXPECTED / self.n.max(1));
        self.heads.reserve(rows);
        self.values.reserve(rows * self.n);
        self.floats.reserve(rows * self.words());
    }
    /// Forgets all rows, keeps the memory.
    pub(crate) fn reset(&mut self, n: usize) {
        self.n = n;
        self.heads.clear();
        self.values.clear();
        self.floats.clear();
        self.hists.clear();
    }
    /// Words of a row's bitmap.
    #[inline]
    pub(crate) fn words(&self) -> usize {
        self.n.div_ceil(64)
    }
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.heads.len()
    }
    /// Appends a row without points and gives its index in the block.
    pub(crate) fn push_row(&mut self, row: u32) -> usize {
        let i = self.heads.len();
        self.heads.push(row);
        self.values.resize((i + 1) * self.n, 0.0);
        self.floats.resize((i + 1) * self.words(), 0);
        self.pad_hists();
        i
    }
    /// Appends a row of floats: those that `floats` has a bit for, of the values that `fill`
    /// appends. Missing values are 0.
    pub(crate) fn push_columns(&mut self, row: u32, floats: &[u64], fill: impl FnOnce(&mut Vec<f64>)) {
        let i = self.heads.len();
        self.heads.push(row);
        fill(&mut self.values);
        self.values.resize((i + 1) * self.n, 0.0);
        self.floats.extend_from_slice(floats);
        self.floats.resize((i + 1) * self.words(), 0);
        self.pad_hists();
    }
    #[inline]
    pub(crate) fn set_float(&mut self, i: usize, step: usize, value: f64) {
        self.values[i * self.n + step] = value;
        let word = i * self.words() + step / 64;
        self.floats[word] |= 1 << (step % 64);
    }
    /// Makes room for histograms at all steps, where there are any.
    pub(crate) fn pad_hists(&mut self) {
        if !self.hists.is_empty() {
            self.hists.slots.resize(self.heads.len() * self.n, NONE);
        }
    }
    pub(crate) fn set_histogram(&mut self, i: usize, step: usize, value: &Histogram) {
        self.hists.column.push(value);
        self.set_last(i, step);
    }
    /// Sets the histogram that was appended to the column last.
    fn set_last(&mut self, i: usize, step: usize) {
        let last = self.hists.column.len() as u32 - 1;
        self.set_slot(i, step, last);
    }
    fn set_slot(&mut self, i: usize, step: usize, slot: u32) {
        if self.hists.is_empty() {
            self.hists.slots.resize(self.heads.len() * self.n, NONE);
        }
        self.hists.slots[i * self.n + step] = slot;
    }
    /// Sets a histogram of a column.
    pub(crate) fn set_histogram_from(&mut self, i: usize, step: usize, from: &HistogramColumn, which: usize) {
        self.hists.column.push_from(from, which, from.hint(which));
        self.set_last(i, step);
    }
    /// Sets the same histogram as at the step before.
    pub(crate) fn repeat_histogram(&mut self, i: usize, step: usize) {
        let slot = step.checked_sub(1).and_then(|before| self.hists.slots.get(i * self.n + before)).copied();
        self.set_slot(i, step, slot.unwrap_or(NONE));
    }
    /// Makes a histogram for [`Block::set_pushed`] to set; gives its numbers, which are all zero.
    pub(crate) fn push_numbers(&mut self, layout: &Arc<HistogramLayout>, hint: CounterResetHint) -> &mut [f64] {
        let layout = self.hists.column.layout_id(layout);
        self.hists.column.push_numbers(layout, hint)
    }
    /// Sets the histogram that was pushed last; `loose` if it is without its empty buckets.
    pub(crate) fn set_pushed(&mut self, i: usize, step: usize, loose: bool) {
        self.hists.column.set_loose(loose);
        self.set_last(i, step);
    }
    /// Takes back the histogram that was pushed last.
    pub(crate) fn take_back(&mut self) {
        self.hists.column.pop();
    }
    /// Sets a point of either kind.
    pub(crate) fn set(&mut self, i: usize, step: usize, point: Point) {
        match point {
            Point::Float(v) => self.set_float(i, step, v),
            Point::Histogram(h) => self.set_histogram(i, step, &h),
        }
    }
    /// The float at a step of a row, if there is one.
    #[inline]
    pub(crate) fn float(&self, i: usize, step: usize) -> Option<f64> {
        let word = self.floats[i * self.words() + step / 64];
        (word >> (step % 64) & 1 == 1).then(|| self.values[i * self.n + step])
    }
    /// The histogram at a step of a row, if there is one.
    #[inline]
    pub(crate) fn histogram(&self, i: usize, step: usize) -> Option<HistogramRef<'_>> {
        self.hists.column.get(self.slot(i, step)?)
    }
    /// Which of the block's histograms is at a step of a row.
    #[inline]
    pub(crate) fn slot(&self, i: usize, step: usize) -> Option<usize> {
        self.hists.slots.get(i * self.n + step).filter(|slot| **slot != NONE).map(|slot| *slot as usize)
    }
    /// The point at a step of a row, of either kind.
    pub(crate) fn point(&self, i: usize, step: usize) -> Option<Point> {
        match self.float(i, step) {
            Some(v) => Some(Point::Float(v)),
            None => self.histogram(i, step).map(|h| Point::Histogram(Arc::new(h.to_histogram()))),
        }
    }
    /// Whether a step of a row has a point of either kind.
    #[inline]
    pub(crate) fn has(&self, i: usize, step: usize) -> bool {
        self.floats[i * self.words() + step / 64] >> (step % 64) & 1 == 1 || self.slot(i, step).is_some()
    }
    /// Whether a row has any point.
    pub(crate) fn any(&self, i: usize) -> bool {
        self.floats_of(i).iter().any(|w| *w != 0) || self.has_histograms(i)
    }
    /// Values of a row, one for each step.
    #[inline]
    pub(crate) fn values_of(&self, i: usize) -> &[f64] {
        &self.values[i * self.n..(i + 1) * self.n]
    }
    /// Values of a row and the bitmap of those that are there.
    #[inline]
    pub(crate) fn row_mut(&mut self, i: usize) -> (&mut [f64], &mut [u64]) {
        let (n, words) = (self.n, self.words());
        (&mut self.values[i * n..(i + 1) * n], &mut self.floats[i * words..(i + 1) * words])
    }
    /// Bitmap of a row's floats.
    #[inline]
    pub(crate) fn floats_of(&self, i: usize) -> &[u64] {
        &self.floats[i * self.words()..(i + 1) * self.words()]
    }
    /// The slots of a row, one for each step; empty while the block has no histograms.
    #[inline]
    fn slots_of(&self, i: usize) -> &[u32] {
        self.hists.slots.get(i * self.n..(i + 1) * self.n).unwrap_or(&[])
    }
    /// The steps of a row that have a histogram, each with which of the block's it is.
    pub(crate) fn slots(&self, i: usize) -> impl Iterator<Item = (usize, usize)> + Clone {
        self.slots_of(i).iter().enumerate().filter(|(_, slot)| **slot != NONE).map(|(step, slot)| (step, *slot as usize))
    }
    /// The histograms of a row, each with its step.
    pub(crate) fn histograms(&self, i: usize) -> impl Iterator<Item = (usize, HistogramRef<'_>)> {
        self.slots(i).filter_map(|(step, slot)| Some((step, self.hists.column.get(slot)?)))
    }
    /// What the histograms of a row count for in the sample budget.
    pub(crate) fn histogram_weight(&self, i: usize) -> u64 {
        self.slots(i).map(|(_, slot)| histogram_weight(self.hists.column.size(slot))).sum()
    }
    /// Whether a row has any histogram.
    #[inline]
    pub(crate) fn has_histograms(&self, i: usize) -> bool {
        self.slots_of(i).iter().any(|slot| *slot != NONE)
    }
    /// Adds to a bitmap the steps at which a row has a point of either kind.
    pub(crate) fn or_presence(&self, i: usize, bits: &mut [u64]) {
        for (word, more) in bits.iter_mut().zip(self.floats_of(i)) {
            *word |= more;
        }
        for (step, _) in self.slots(i) {
            bits[step / 64] |= 1 << (step % 64);
        }
    }
    /// Takes the point away at a step of a row.
    pub(crate) fn clear(&mut self, i: usize, step: usize) {
        let word = i * self.words() + step / 64;
        self.floats[word] &= !(1 << (step % 64));
        self.clear_histogram(i, step);
    }
    /// Takes the histogram away at a step of a row.
    pub(crate) fn clear_histogram(&mut self, i: usize, step: usize) {
        if let Some(slot) = self.hists.slots.get_mut(i * self.n + step) {
            *slot = NONE;
        }
    }
    /// Takes the histograms away from row `from` on.
    pub(crate) fn clear_histograms(&mut self, from: usize) {
        if let Some(slots) = self.hists.slots.get_mut(from * self.n..) {
            slots.fill(NONE);
        }
    }
    /// Negates the histograms from row `from` on.
    pub(crate) fn negate_histograms(&mut self, from: usize) {
        for slot in self.hists.slots.iter_mut().skip(from * self.n).filter(|slot| **slot != NONE) {
            let numbers = self.hists.column.push_copy(*slot as usize, CounterResetHint::Gauge);
            numbers.iter_mut().for_each(|x| *x *= -1.0);
            *slot = self.hists.column.len() as u32 - 1;
        }
    }
    /// From row `from` on: a float for each histogram, and nothing for what was a float.
    pub(crate) fn histograms_to_floats(&mut self, from: usize, f: impl Fn(&HistogramRef<'_>) -> f64) {
        let (n, words) = (self.n, self.words());
        self.floats[from * words..].fill(0);
        for (at, slot) in self.hists.slots.iter_mut().enumerate().skip(from * n).filter(|(_, slot)| **slot != NONE) {
            if let Some(h) = self.hists.column.get(*slot as usize) {
                self.values[at] = f(&h);
                self.floats[at / n * words + at % n / 64] |= 1 << (at % n % 64);
            }
            *slot = NONE;
        }
    }
    /// Appends a copy of row `i` of another block of as many steps, as row `row`.
    pub(crate) fn push_copy(&mut self, row: u32, from: &Block, i: usize) -> usize {
        let at = self.heads.len();
        self.heads.push(row);
        self.values.extend_from_slice(from.values_of(i));
        self.floats.extend_from_slice(from.floats_of(i));
        self.pad_hists();
        let mut last = None;
        for (step, slot) in from.slots(i) {
            match last {
                Some((before, copy)) if before == slot => self.set_slot(at, step, copy),
                _ => {
                    self.set_histogram_from(at, step, &from.hists.column, slot);
                    last = Some((slot, self.hists.column.len() as u32 - 1));
                }
            }
        }
        at
    }
    /// Takes the rows without a point away, from row `from` on.
    pub(crate) fn leave_empty_out(&mut self, from: usize) {
        let (n, words, mut kept) = (self.n, self.words(), from);
        for i in from..self.len() {
            if !self.any(i) {
                continue;
            }
            if kept < i {
                self.heads[kept] = self.heads[i];
                self.values.copy_within(i * n..(i + 1) * n, kept * n);
                self.floats.copy_within(i * words..(i + 1) * words, kept * words);
                if !self.hists.is_empty() {
                    self.hists.slots.copy_within(i * n..(i + 1) * n, kept * n);
                }
            }
            kept += 1;
        }
        self.heads.truncate(kept);
        self.values.truncate(kept * n);
        self.floats.truncate(kept * words);
        self.hists.slots.truncate(kept * n);
    }
    /// Number of points, histograms weighed as the sample budget weighs them.
    pub(crate) fn weight(&self) -> u64 {
        let floats: u64 = self.floats.iter().map(|w| u64::from(w.count_ones())).sum();
        let hists: u64 = (0..self.len()).map(|i| self.histogram_weight(i)).sum();
        floats + hists
    }
}

/// What a histogram of some size counts for in the sample budget: in 16-byte samples.
pub(crate) fn histogram_weight(size: usize) -> u64 {
    (size as u64 + 8) / 16
}

/// A bitmap of `n` set bits.
pub(crate) fn all_bits(n: usize) -> Vec<u64> {
    let mut words = vec![u64::MAX; n.div_ceil(64)];
    if let Some(last) = words.last_mut() {
        *last >>= (64 - n % 64) % 64;
    }
    words
}

/// The word of a bitmap that has these bits, at most 64, the first one lowest.
#[inline(always)]
pub(crate) fn word_of(bits: impl DoubleEndedIterator<Item = bool>) -> u64 {
    if cfg!(target_arch = "wasm32") {
        return bits.rev().fold(0, |word, bit| word << 1 | u64::from(bit));
    }
    // A byte for each bit, and of eight bytes one: as byte `i` times 2^(56 − 7i) its bit comes to
    // stand at 56 + i.
    let mut bytes = [0u8; 64];
    bytes.iter_mut().zip(bits).for_each(|(byte, bit)| *byte = u8::from(bit));
    let (eights, _) = bytes.as_chunks::<8>();
    let eight = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |word, bytes| word << 8 | eight(bytes))
}

/// The bits of a bitmap from one on, the first one lowest.
#[inline]
pub(crate) fn bits_from(bits: &[u64], from: usize) -> u64 {
    let (word, by) = (from / 64, from % 64);
    let at = |word: usize| bits.get(word).copied().unwrap_or(0);
    let next = if by == 0 { 0 } else { at(word + 1) << (64 - by) };
    at(word) >> by | next
}

/// Calls `f` for every set bit of a bitmap, ascending.
#[inline]
pub(crate) fn each_bit(words: &[u64], mut f: impl FnMut(usize)) {
    for (w, word) in words.iter().enumerate() {
        let mut rest = *word;
        while rest != 0 {
            f(w * 64 + rest.trailing_zeros() as usize);
            rest &= rest - 1;
        }
    }
}
