//! Columns of samples, as sources hand them out.

use super::{Histogram, is_stale};
use std::sync::Arc;

/// A histogram among the samples of a series.
#[derive(Clone, PartialEq, Debug)]
pub struct HistogramSample {
    /// Index of the sample in [`Samples::time`].
    pub at: u32,
    /// The histogram.
    pub histogram: Arc<Histogram>,
}

/// The samples of one series as columns, in order of time. Reused from series to series.
#[derive(Clone, Default, Debug)]
pub struct Samples {
    /// Milliseconds since the epoch, strictly increasing.
    pub time: Vec<i64>,
    /// The values; for a histogram its sum (so the stale marker is found here in either case).
    pub value: Vec<f64>,
    /// Start timestamps in ms, 0 where unknown; empty if the source keeps none.
    pub start: Vec<i64>,
    /// The histograms, in order of `at`. Empty on float series.
    pub histograms: Vec<HistogramSample>,
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
        self.histograms.clear();
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
    pub fn push_histogram(&mut self, time: i64, histogram: Arc<Histogram>) {
        self.histograms.push(HistogramSample { at: self.time.len() as u32, histogram: histogram.clone() });
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
    pub fn histogram_at(&self, i: usize) -> Option<&Arc<Histogram>> {
        let found = self.histograms.binary_search_by_key(&(i as u32), |h| h.at).ok()?;
        Some(&self.histograms[found].histogram)
    }
    /// Removes stale markers of both kinds.
    pub fn drop_stale(&mut self) {
        if !self.value.iter().any(|v| is_stale(*v)) {
            return;
        }
        let (mut kept, mut hist) = (0, 0);
        let mut hists = std::mem::take(&mut self.histograms);
        let mut hists_kept = 0;
        for i in 0..self.time.len() {
            let is_hist = hist < hists.len() && hists[hist].at as usize == i;
            if !is_stale(self.value[i]) {
                self.time[kept] = self.time[i];
                self.value[kept] = self.value[i];
                if !self.start.is_empty() {
                    self.start[kept] = self.start[i];
                }
                if is_hist {
                    hists[hist].at = kept as u32;
                    hists.swap(hists_kept, hist);
                    hists_kept += 1;
                }
                kept += 1;
            }
            hist += usize::from(is_hist);
        }
        hists.truncate(hists_kept);
        self.histograms = hists;
        self.time.truncate(kept);
        self.value.truncate(kept);
        self.start.truncate(kept);
    }
}
