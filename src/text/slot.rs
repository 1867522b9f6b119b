//! The reader's current entry, in memory that is used again and again.

use super::entry::{Entry, Exemplar, MetricKind, Sample, Value};
use super::labels::{Labels, decode};
use crate::model::{Histogram, Label};
use std::sync::Arc;

/// Which kind of entry a slot holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Kind {
    Help,
    Type,
    Unit,
    #[default]
    Comment,
    Sample,
}

/// One entry. Fields that do not belong to its kind hold what they held before.
#[derive(Clone, Default, Debug)]
pub(super) struct Slot {
    pub kind: Kind,
    /// The metric family of a metadata line, its quotes removed.
    pub metric: String,
    /// Help text, unit, or comment.
    pub text: String,
    pub metric_kind: MetricKind,
    pub labels: Labels,
    pub time: Option<i64>,
    pub start: Option<i64>,
    pub value: f64,
    pub histogram: Option<Arc<Histogram>>,
    pub exemplars: Vec<Exemplar>,
    /// Why a storage refuses the histogram, where its floats do not tell any more.
    pub problem: Option<String>,
}

impl Slot {
    /// The slot becomes a metadata line or a comment.
    pub fn set_text(&mut self, kind: Kind, metric: &[u8], text: &str) {
        self.kind = kind;
        self.metric.clear();
        self.metric.push_str(&decode(metric));
        self.text.clear();
        self.text.push_str(text);
    }
    /// The slot becomes a float sample without start timestamp and exemplars; the labels are
    /// the caller's to set.
    pub fn set_sample(&mut self, value: f64, time: Option<i64>) {
        self.kind = Kind::Sample;
        self.value = value;
        self.time = time;
        self.start = None;
        self.histogram = None;
        self.exemplars.clear();
        self.problem = None;
    }
    /// The labels of a sample.
    pub fn labels(&self) -> &[Label] {
        self.labels.sorted()
    }
    /// The entry as users see it.
    pub fn entry(&self) -> Entry<'_> {
        match self.kind {
            Kind::Help => Entry::Help { metric: &self.metric, text: &self.text },
            Kind::Type => Entry::Type { metric: &self.metric, kind: self.metric_kind },
            Kind::Unit => Entry::Unit { metric: &self.metric, unit: &self.text },
            Kind::Comment => Entry::Comment(&self.text),
            Kind::Sample => Entry::Sample(Sample {
                labels: self.labels(),
                time: self.time,
                start: self.start,
                value: self.histogram.as_ref().map_or(Value::Float(self.value), Value::Histogram),
                exemplars: &self.exemplars,
            }),
        }
    }
}
