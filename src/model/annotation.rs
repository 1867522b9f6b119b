//! Warnings and infos: what a query says beside its answer.

use super::Span;
use std::fmt;

/// How much an annotation matters; it decides the field of the API's answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The answer may be wrong or incomplete.
    Warning,
    /// Something to know that is probably harmless.
    Info,
}

/// One thing that an evaluation has to say, with the place of the query that it speaks of.
#[derive(Clone, PartialEq, Debug)]
pub struct Annotation {
    /// Warning or info.
    pub severity: Severity,
    /// The text without prefix and without position.
    pub text: String,
    /// The expression that it speaks of; only its start is shown to users.
    pub span: Span,
    /// Text and position as Prometheus renders them: `PromQL info: … (1:6)`.
    pub rendered: String,
}

impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rendered)
    }
}
