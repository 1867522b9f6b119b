//! Checks any [`Source`] against what the engine relies on, from one `#[test]` of its author.
//!
//! `rules` lists what is checked; `series` holds the rules on which series are found, `samples`
//! those on what is read of them, `histograms` those on native histograms and start timestamps;
//! `fixtures` makes the data. The kit asks for small sources with given content, and looks at
//! them through the trait alone.

mod fixtures;
mod histograms;
mod rules;
mod samples;
mod series;

use super::Source;
use crate::model::{Histogram, LabelSet};
use std::fmt;

/// A series that the source under test has to hold.
#[derive(Clone, PartialEq, Debug)]
pub struct TestSeries {
    /// Its labels; no two series of a source have the same.
    pub labels: LabelSet,
    /// Its samples, by time strictly ascending.
    pub samples: Vec<TestSample>,
}

/// A sample of a [`TestSeries`].
#[derive(Clone, PartialEq, Debug)]
pub struct TestSample {
    /// ms since the epoch; may lie before it.
    pub time: i64,
    /// Start timestamp in ms; 0: unknown.
    pub start: i64,
    /// The value.
    pub value: TestValue,
}

/// The value of a [`TestSample`].
#[derive(Clone, PartialEq, Debug)]
pub enum TestValue {
    /// Any float, stale markers and other NaNs included.
    Float(f64),
    /// A native histogram; stale if its sum is the stale marker.
    Histogram(Box<Histogram>),
}

/// A rule that a source breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What the rule demands.
    pub rule: &'static str,
    /// What goes wrong in queries where it is broken.
    pub why: &'static str,
    /// What the source did.
    pub found: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken rule: {}\n  why it matters: {}\n  found: {}", self.rule, self.why, self.found)
    }
}

/// Which parts of the data model the source keeps, and with them which rules are checked.
///
/// ```
/// use ferula::model::Histogram;
/// use ferula::source::MemorySource;
/// use ferula::source::conformance::{Kit, TestSeries, TestValue};
///
/// fn make(series: &[TestSeries]) -> MemorySource {
///     let mut source = MemorySource::new();
///     for s in series {
///         for sample in &s.samples {
///             if let TestValue::Float(value) = sample.value {
///                 source.append_float(&s.labels, sample.time, sample.start, value).expect("in order");
///             }
///         }
///     }
///     source
/// }
/// Kit::new().without_histograms().check(make);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kit {
    histograms: bool,
    start_timestamps: bool,
}

impl Default for Kit {
    fn default() -> Self {
        Self::new()
    }
}

impl Kit {
    /// All rules.
    pub const fn new() -> Self {
        Kit { histograms: true, start_timestamps: true }
    }

    /// For sources of floats alone: no histogram is asked for.
    #[must_use]
    pub const fn without_histograms(self) -> Self {
        Kit { histograms: false, ..self }
    }

    /// For sources that do not keep start timestamps: none is asked for.
    #[must_use]
    pub const fn without_start_timestamps(self) -> Self {
        Kit { start_timestamps: false, ..self }
    }

    /// Checks the sources that `make` builds, each of the given series and nothing else.
    ///
    /// # Panics
    /// Where a rule is broken, with all broken rules in the message.
    pub fn check<S: Source>(self, make: impl Fn(&[TestSeries]) -> S) {
        let failures = self.failures(make);
        let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "the source breaks {} of the rules\n\n{}\n", failures.len(), told.join("\n\n"));
    }

    /// The rules that the sources built by `make` break.
    pub fn failures<S: Source>(self, make: impl Fn(&[TestSeries]) -> S) -> Vec<Failure> {
        let probe = |series: &[TestSeries], look: &mut rules::Look<'_>| look(&make(series));
        let rules = rules::RULES.iter().filter(|rule| match rule.needs {
            rules::Needs::Nothing => true,
            rules::Needs::Histograms => self.histograms,
            rules::Needs::StartTimestamps => self.start_timestamps,
        });
        rules.filter_map(|rule| (rule.check)(&probe).err().map(|found| Failure { rule: rule.rule, why: rule.why, found })).collect()
    }
}

/// Checks the sources that `make` builds against all rules: [`Kit::check`] of [`Kit::new`].
///
/// # Panics
/// Where a rule is broken, with all broken rules in the message.
pub fn check<S: Source>(make: impl Fn(&[TestSeries]) -> S) {
    Kit::new().check(make);
}
