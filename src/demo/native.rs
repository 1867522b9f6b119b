//! The native histogram beside a classic one: the same observations in exponential buckets.

use super::metrics::at_most;
use super::recorder::Handle;
use crate::model::histogram::exponential_bound;
use crate::model::{Histogram, HistogramSpan};
use std::sync::Arc;

/// Two buckets for each doubling.
const SCHEMA: i32 = 1;
/// Index of the first bucket: its upper bound is about 1.4 ms.
const FIRST: i32 = -19;
/// Buckets up to 16 s.
const BUCKETS: usize = 28;
/// Width of the zero bucket, the default of Prometheus's client libraries.
const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

pub(super) struct Native {
    pub(super) handle: Handle,
    /// Upper bounds of the buckets, and what is in each.
    bounds: [f64; BUCKETS],
    buckets: [f64; BUCKETS],
}

impl Native {
    pub(super) fn new(handle: Handle) -> Self {
        Native { handle, bounds: std::array::from_fn(|i| exponential_bound(i64::from(FIRST) + i as i64, SCHEMA)), buckets: [0.0; BUCKETS] }
    }

    /// Adds `n` observations around a median; what lies beyond the last bound is in the last
    /// bucket, so that the buckets add up to the count.
    pub(super) fn observe(&mut self, n: f64, median: f64, dither: f64) {
        let mut before = 0.0;
        for (i, (bucket, bound)) in self.buckets.iter_mut().zip(&self.bounds).enumerate() {
            let below = if i + 1 == BUCKETS { n } else { (n * at_most(*bound, median) + dither).floor().min(n) };
            *bucket += below - before;
            before = below;
        }
    }

    /// A new process starts at 0.
    pub(super) fn restart(&mut self) {
        self.buckets = [0.0; BUCKETS];
    }

    /// The sample of a scrape; `sum` in seconds.
    pub(super) fn sample(&self, sum: f64) -> Arc<Histogram> {
        Arc::new(Histogram {
            schema: SCHEMA,
            zero_threshold: ZERO_THRESHOLD,
            count: self.buckets.iter().sum(),
            sum,
            positive_spans: vec![HistogramSpan { offset: FIRST, length: BUCKETS as u32 }],
            positive_buckets: self.buckets.to_vec(),
            ..Histogram::default()
        })
    }
}
