//! What a page consists of: metadata lines, comments and samples.

use crate::model::{Histogram, Label, LabelSet};
use std::sync::Arc;

/// What kind of metric a TYPE line declares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum MetricKind {
    /// Only goes up, or starts again at 0.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
    /// A histogram that goes up and down.
    GaugeHistogram,
    /// Counts observations and tells quantiles of them.
    Summary,
    /// Labels are the message; the value is 1.
    Info,
    /// One series for each of several states, 0 or 1.
    StateSet,
    /// Nothing is known (`untyped` in Prometheus text).
    #[default]
    Unknown,
}

impl MetricKind {
    /// The word of OpenMetrics.
    ///
    /// ```
    /// assert_eq!(ferula::text::MetricKind::GaugeHistogram.as_str(), "gaugehistogram");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
            MetricKind::GaugeHistogram => "gaugehistogram",
            MetricKind::Summary => "summary",
            MetricKind::Info => "info",
            MetricKind::StateSet => "stateset",
            MetricKind::Unknown => "unknown",
        }
    }

    /// The value of the label `__type__`: empty where nothing is known.
    pub(super) fn label(self) -> &'static str {
        if self == MetricKind::Unknown { "" } else { self.as_str() }
    }

    /// The kind of an OpenMetrics word; the words are case-sensitive.
    pub(super) fn from_openmetrics(word: &[u8]) -> Option<MetricKind> {
        Some(match word {
            b"counter" => MetricKind::Counter,
            b"gauge" => MetricKind::Gauge,
            b"histogram" => MetricKind::Histogram,
            b"gaugehistogram" => MetricKind::GaugeHistogram,
            b"summary" => MetricKind::Summary,
            b"info" => MetricKind::Info,
            b"stateset" => MetricKind::StateSet,
            b"unknown" => MetricKind::Unknown,
            _ => return None,
        })
    }

    /// The kind of a word of Prometheus text, which has fewer of them.
    pub(super) fn from_prometheus(word: &[u8]) -> Option<MetricKind> {
        match word {
            b"untyped" => Some(MetricKind::Unknown),
            b"counter" | b"gauge" | b"histogram" | b"summary" => MetricKind::from_openmetrics(word),
            _ => None,
        }
    }
}

/// One thing that a page says. It borrows from the reader until the next one is read.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub enum Entry<'r> {
    /// What a metric means.
    Help {
        /// The metric family.
        metric: &'r str,
        /// The text, unescaped.
        text: &'r str,
    },
    /// What kind a metric has.
    Type {
        /// The metric family.
        metric: &'r str,
        /// Its kind.
        kind: MetricKind,
    },
    /// What a metric is measured in.
    Unit {
        /// The metric family.
        metric: &'r str,
        /// The unit, possibly empty.
        unit: &'r str,
    },
    /// A comment, from its `#` on.
    Comment(&'r str),
    /// A sample.
    Sample(Sample<'r>),
}

/// One sample of a page.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sample<'r> {
    /// The labels as written, `__name__` among them, sorted by name. Unlike in a [`LabelSet`],
    /// values may be empty and names may stand twice: that is for the user of a page to judge.
    pub labels: &'r [Label],
    /// When, ms since the epoch, if the page says so.
    pub time: Option<i64>,
    /// Since when the series counts, ms since the epoch, if the page says so.
    pub start: Option<i64>,
    /// What was measured.
    pub value: Value<'r>,
    /// Single observations that are examples of it.
    pub exemplars: &'r [Exemplar],
}

impl Sample<'_> {
    /// The labels without empty ones, and with the last of those that have the same name.
    pub fn label_set(&self) -> LabelSet {
        LabelSet::new(self.labels.to_vec())
    }
}

/// The value of a sample.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'r> {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(&'r Arc<Histogram>),
}

/// One observation, as an example of those that a sample counts.
#[derive(Clone, PartialEq, Debug)]
pub struct Exemplar {
    /// Its labels, a trace id say, sorted by name.
    pub labels: Vec<Label>,
    /// What was observed.
    pub value: f64,
    /// When, ms since the epoch, if the page says so.
    pub time: Option<i64>,
}
