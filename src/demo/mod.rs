//! Example data: six hours of a churn-prediction service, made by formula at start.
//!
//! Three instances of an API are scraped every 15 s. In the course of the six hours a wave of
//! traffic comes and goes, a deploy restarts the instances one after the other (counters start
//! again at 0; one instance hangs and goes stale for ten minutes), a burst of errors passes, and
//! near the end predictions become slow while the data drifts. Nothing is random: integers are
//! hashed and only `+ − × ÷` touch floats, so every machine makes the same bits. The command line
//! (`--demo`), the playground and the examples in the documentation use it.

mod metrics;
mod native;
mod recorder;
mod story;

use crate::model::{LabelSet, Samples};
use crate::source::{MemorySource, Metadata};

/// Time between two scrapes, ms.
pub const INTERVAL: i64 = 15_000;
/// The time that the data ends at, ms since the epoch: 2026-01-01T12:00:00Z.
pub const END: i64 = 1_767_268_800_000;
/// The time that the data starts at: six hours before [`END`].
pub const START: i64 = END - 6 * 3_600_000;

/// Every series of the demo with its samples, sorted by labels.
///
/// ```
/// let series = ferula::demo::series();
/// let up = series.iter().filter(|(labels, _)| labels.metric_name() == "up");
/// assert_eq!(up.count(), 3);
/// ```
pub fn series() -> Vec<(LabelSet, Samples)> {
    let mut recorder = recorder::Recorder::default();
    for instance in 0..story::INSTANCES.len() {
        metrics::scrape_all(&mut recorder, instance);
    }
    recorder.into_series()
}

/// The demo as a source that can be queried.
///
/// ```
/// use ferula::source::Source;
/// let source = ferula::demo::source();
/// assert_eq!(source.time_range().map(|r| r.end), Some(ferula::demo::END));
/// ```
pub fn source() -> MemorySource {
    let mut source = MemorySource::new();
    for (labels, samples) in series() {
        // a fresh source takes any samples whose times ascend, and these do
        let _ = source.append_samples(&labels, samples);
    }
    metadata().into_iter().for_each(|m| source.set_metadata(m));
    source
}

/// Type, help and unit of the demo's metrics.
pub fn metadata() -> Vec<Metadata> {
    metrics::METADATA
        .iter()
        .map(|(name, kind, help)| Metadata { name: (*name).into(), kind: (*kind).into(), help: (*help).into(), unit: unit_of(name).into() })
        .collect()
}

fn unit_of(name: &str) -> &'static str {
    let name = name.strip_suffix("_total").unwrap_or(name);
    ["seconds", "bytes"].into_iter().find(|unit| name.ends_with(unit)).unwrap_or("")
}

#[cfg(test)]
mod tests;
