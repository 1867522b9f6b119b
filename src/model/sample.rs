//! Columns of samples, as sources hand them out.

use super::histogram::{HistogramColumn, HistogramRef};
use super::{Histogram, is_stale};
use crate::wide::wide;
use std::borrow::Borrow;

/// The samples of one series as columns, in order of time. Reused from series to series.
#[derive(Clone, Default, Debug)]
pub struct Samples {
    /// Milliseconds since the epoch, strictly increasing.
    pub time: Vec<i64>,
    /// The values; for a histogram its sum (so the stale marker is found here in either case).
    pub value: Vec<f64>,
    /// Start timestamps in ms, 0 where unknown; empty if the source keeps none.
    pub start: Vec<i64>,
    /// Which samples are histograms, ascending. Empty on float series.
    pub(crate) histogram_at: Vec<u32>,
    /// The histograms, in that order.
    pub(crate) histogram: HistogramColumn,
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.time.len()
    }
    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }
    /// Forgets all samples, keeps the memory.
    pub fn clear(&mut self) {
        self.time.clear();
        self.value.clear();
        self.start.clear();
        self.histogram_at.clear();
        self.histogram.clear();
    }
    /// Appends a float.
    pub fn push_float(&mut self, time: i64, value: f64) {
        self.time.push(time);
        self.value.push(value);
        if !self.start.is_empty() {
            self.start.push(0);
        }
    }
    /// Appends a histogram.
    pub fn push_histogram(&mut self, time: i64, histogram: impl Borrow<Histogram>) {
        let histogram = histogram.borrow();
        self.histogram_at.push(self.time.len() as u32);
        self.histogram.push(histogram);
        self.push_float(time, histogram.sum);
    }
    /// Sets the start timestamp (ms, 0 unknown) of the sample appended last.
    pub fn set_start(&mut self, start: i64) {
        if self.start.is_empty() {
            if start == 0 {
                return;
            }
            self.start.resize(self.time.len(), 0);
        }
        if let Some(last) = self.start.last_mut() {
            *last = start;
        }
    }
    /// The start timestamp of sample `i`, 0 if unknown.
    pub fn start_of(&self, i: usize) -> i64 {
        self.start.get(i).copied().unwrap_or(0)
    }
    /// The histogram at sample `i`, if it is one.
    pub fn histogram_at(&self, i: usize) -> Option<HistogramRef<'_>> {
        self.histogram.get(self.histogram_index(i)?)
    }
    /// The histograms, each with the index of its sample.
    pub fn histograms(&self) -> impl ExactSizeIterator<Item = (usize, HistogramRef<'_>)> {
        self.histogram_at.iter().map(|at| *at as usize).zip(self.histogram.iter())
    }
    /// Which of the histograms sample `i` is, if it is one.
    #[inline]
    pub(crate) fn histogram_index(&self, i: usize) -> Option<usize> {
        // Of most series with histograms every sample is one.
        match self.histogram_at.get(i) {
            Some(at) if *at as usize == i => Some(i),
            _ => self.histogram_at.binary_search(&(i as u32)).ok(),
        }
    }
    /// Which of the histograms belong to the samples `lo..hi`.
    #[inline]
    pub(crate) fn histograms_of(&self, lo: usize, hi: usize) -> std::ops::Range<usize> {
        if self.histogram_at.is_empty() {
            return 0..0;
        }
        if self.histogram_at.len() == self.time.len() {
            return lo..hi;
        }
        let before = |i: usize| self.histogram_at.partition_point(|at| (*at as usize) < i);
        before(lo)..before(hi)
    }
    /// Whether there is a stale marker, of either kind.
    pub(crate) fn has_stale(&self) -> bool {
        // Without a jump inside of a chunk: most have none.
        wide(
            #[inline(always)]
            || self.value.chunks(256).any(|values| values.iter().fold(0, |any, v| any | u64::from(is_stale(*v))) > 0),
        )
    }
    /// Removes stale markers of both kinds.
    pub fn drop_stale(&mut self) {
        if !self.has_stale() {
            return;
        }
        if !self.histogram_at.is_empty() {
            self.drop_stale_histograms();
        }
        let mut kept = 0;
        for i in 0..self.time.len() {
            if !is_stale(self.value[i]) {
                self.time[kept] = self.time[i];
                self.value[kept] = self.value[i];
                if !self.start.is_empty() {
                    self.start[kept] = self.start[i];
                }
                kept += 1;
            }
        }
        self.time.truncate(kept);
        self.value.truncate(kept);
        self.start.truncate(kept);
    }

    fn drop_stale_histograms(&mut self) {
        let (at, value) = (&self.histogram_at, &self.value);
        self.histogram.retain(|i| !is_stale(value[at[i] as usize]));
        let (mut seen, mut stale) = (0, 0);
        self.histogram_at.retain_mut(|at| {
            let here = *at as usize;
            stale += value[seen..here].iter().filter(|v| is_stale(**v)).count() as u32;
            seen = here;
            *at -= stale;
            !is_stale(value[here])
        });
    }
}

/// Whether two columns of times are the same.
pub(crate) fn same_times(a: &[i64], b: &[i64]) -> bool {
    if cfg!(target_arch = "wasm32") {
        // There memory is compared byte by byte.
        return a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0;
    }
    a == b
}
