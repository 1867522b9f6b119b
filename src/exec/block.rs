//! Blocks of columns: a few rows × all steps.

use crate::model::Histogram;
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
    /// heads × n, or empty while there is no histogram in the block.
    pub(crate) hists: Vec<Option<Arc<Histogram>>>,
}

impl Block {
    pub(crate) fn new(n: usize) -> Block {
        Block { n, ..Block::default() }
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
        if !self.hists.is_empty() {
            self.hists.resize((i + 1) * self.n, None);
        }
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
        if !self.hists.is_empty() {
            self.hists.resize((i + 1) * self.n, None);
        }
    }
    #[inline]
    pub(crate) fn set_float(&mut self, i: usize, step: usize, value: f64) {
        self.values[i * self.n + step] = value;
        let word = i * self.words() + step / 64;
        self.floats[word] |= 1 << (step % 64);
    }
    pub(crate) fn set_histogram(&mut self, i: usize, step: usize, value: Arc<Histogram>) {
        if self.hists.is_empty() {
            self.hists.resize(self.heads.len() * self.n, None);
        }
        self.hists[i * self.n + step] = Some(value);
    }
    /// Sets a point of either kind.
    pub(crate) fn set(&mut self, i: usize, step: usize, point: Point) {
        match point {
            Point::Float(v) => self.set_float(i, step, v),
            Point::Histogram(h) => self.set_histogram(i, step, h),
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
    pub(crate) fn histogram(&self, i: usize, step: usize) -> Option<&Arc<Histogram>> {
        self.hists.get(i * self.n + step)?.as_ref()
    }
    /// The point at a step of a row, of either kind.
    pub(crate) fn point(&self, i: usize, step: usize) -> Option<Point> {
        match self.float(i, step) {
            Some(v) => Some(Point::Float(v)),
            None => self.histogram(i, step).map(|h| Point::Histogram(h.clone())),
        }
    }
    /// Whether a step of a row has a point of either kind.
    #[inline]
    pub(crate) fn has(&self, i: usize, step: usize) -> bool {
        self.floats[i * self.words() + step / 64] >> (step % 64) & 1 == 1 || self.histogram(i, step).is_some()
    }
    /// Whether a row has any point.
    pub(crate) fn any(&self, i: usize) -> bool {
        self.floats_of(i).iter().any(|w| *w != 0) || self.hists_of(i).iter().any(Option::is_some)
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
    /// Histograms of a row, one for each step; empty while the block has none.
    #[inline]
    pub(crate) fn hists_of(&self, i: usize) -> &[Option<Arc<Histogram>>] {
        self.hists.get(i * self.n..(i + 1) * self.n).unwrap_or(&[])
    }
    /// Whether a row has any histogram.
    #[inline]
    pub(crate) fn has_histograms(&self, i: usize) -> bool {
        self.hists_of(i).iter().any(Option::is_some)
    }
    /// Adds to a bitmap the steps at which a row has a point of either kind.
    pub(crate) fn or_presence(&self, i: usize, bits: &mut [u64]) {
        for (word, more) in bits.iter_mut().zip(self.floats_of(i)) {
            *word |= more;
        }
        for (step, h) in self.hists_of(i).iter().enumerate() {
            bits[step / 64] |= u64::from(h.is_some()) << (step % 64);
        }
    }
    /// Takes the float away at a step of a row.
    pub(crate) fn clear(&mut self, i: usize, step: usize) {
        let word = i * self.words() + step / 64;
        self.floats[word] &= !(1 << (step % 64));
        if let Some(h) = self.hists.get_mut(i * self.n + step) {
            *h = None;
        }
    }
    /// Appends a copy of row `i` of another block of as many steps, as row `row`.
    pub(crate) fn push_copy(&mut self, row: u32, from: &Block, i: usize) -> usize {
        let at = self.heads.len();
        self.heads.push(row);
        self.values.extend_from_slice(from.values_of(i));
        self.floats.extend_from_slice(from.floats_of(i));
        if !from.hists_of(i).is_empty() && self.hists.is_empty() {
            self.hists.resize(at * self.n, None);
        }
        if !self.hists.is_empty() || !from.hists_of(i).is_empty() {
            self.hists.extend_from_slice(from.hists_of(i));
            self.hists.resize((at + 1) * self.n, None);
        }
        at
    }
    /// Number of points, histograms weighed as the sample budget weighs them.
    pub(crate) fn weight(&self) -> u64 {
        let floats: u64 = self.floats.iter().map(|w| u64::from(w.count_ones())).sum();
        let hists: u64 = self.hists.iter().flatten().map(|h| histogram_weight(h)).sum();
        floats + hists
    }
}

/// What a histogram counts for in the sample budget: its size in 16-byte samples.
pub(crate) fn histogram_weight(h: &Histogram) -> u64 {
    (h.size() as u64 + 8) / 16
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
