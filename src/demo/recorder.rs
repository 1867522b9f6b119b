//! Collects the samples of a scrape loop into series.

use super::{END, INTERVAL, START};
use crate::model::{Histogram, LabelSet, Samples, stale};
use std::sync::Arc;

/// How many samples a series has, if the target shows it all the time.
const SCRAPES: usize = ((END - START) / INTERVAL + 1) as usize;

/// A series of the [`Recorder`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Handle(usize);

#[derive(Default)]
pub(super) struct Recorder {
    series: Vec<(LabelSet, Samples)>,
}

impl Recorder {
    /// A new series of a target.
    pub(super) fn series(&mut self, target: &LabelSet, name: &str, labels: &[(&str, &str)]) -> Handle {
        let labels = labels.iter().fold(target.with("__name__", name), |set, (n, v)| set.with(n, v));
        let samples = Samples { time: Vec::with_capacity(SCRAPES), value: Vec::with_capacity(SCRAPES), ..Samples::default() };
        self.series.push((labels, samples));
        Handle(self.series.len() - 1)
    }
    /// One sample; times must ascend within a series.
    pub(super) fn push(&mut self, handle: Handle, time: i64, value: f64) {
        if let Some((_, samples)) = self.series.get_mut(handle.0) {
            samples.push_float(time, value);
        }
    }
    /// One native histogram; times must ascend within a series.
    pub(super) fn push_histogram(&mut self, handle: Handle, time: i64, value: Arc<Histogram>) {
        if let Some((_, samples)) = self.series.get_mut(handle.0) {
            samples.push_histogram(time, value);
        }
    }
    /// Ends the series for now, as a scraper does when a target no longer shows it.
    pub(super) fn mark_stale(&mut self, handle: Handle, time: i64) {
        self.push(handle, time, stale());
    }
    /// All series that have samples, sorted by labels.
    pub(super) fn into_series(self) -> Vec<(LabelSet, Samples)> {
        let mut series = self.series;
        series.retain(|(_, samples)| !samples.is_empty());
        crate::model::order::sort_by(&mut series, |a, b| a.0.cmp(&b.0));
        series
    }
}
