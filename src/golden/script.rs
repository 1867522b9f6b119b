//! What a test script says, as data: its commands in order, and what each eval expects.

use crate::engine::Range;
use crate::model::regex::Regex;
use crate::model::{ByteString, Histogram, LabelSet};
use std::sync::Arc;

/// A script: its commands in the order of the file, those that could not be read among them.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The commands.
    pub commands: Vec<Command>,
}

/// One command of a script.
#[derive(Clone, Debug)]
pub enum Command {
    /// Forget all samples.
    Clear,
    /// Add samples.
    Load(Load),
    /// Ask a query and check its answer.
    Eval(Box<Eval>),
    /// Lines that are no command.
    Broken(ScriptError),
    /// A load block with a mistake: what follows it has not the data that it was written for.
    BrokenLoad(ScriptError),
}

/// A mistake in a script.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ScriptError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl ScriptError {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        ScriptError { line, message: message.into() }
    }
}

/// `load` and `load_with_nhcb`.
#[derive(Clone, Debug)]
pub struct Load {
    /// Line of the command, from 1.
    pub line: usize,
    /// Distance of the samples, ms.
    pub step: i64,
    /// Classic histograms are loaded as native ones with custom buckets as well.
    pub with_nhcb: bool,
    /// The series; no two have the same labels.
    pub series: Vec<LoadSeries>,
}

/// One series of a load block.
#[derive(Clone, Debug)]
pub struct LoadSeries {
    /// Its labels.
    pub labels: LabelSet,
    /// Its samples at 0, step, 2·step, …
    pub values: Vec<Slot>,
    /// Start timestamps relative to the samples, ms, one for each of `values`; empty without an
    /// `@st` line.
    pub starts: Vec<Option<i64>>,
}

/// The value of a series at one place.
#[derive(Clone, Debug)]
pub enum Slot {
    /// `_`: no sample.
    Gap,
    /// A number or the stale marker.
    Float(f64),
    /// A native histogram.
    Histogram {
        /// The histogram.
        value: Arc<Histogram>,
        /// `counter_reset_hint` was written, so an expectation compares it.
        hint_written: bool,
    },
}

impl Slot {
    /// Whether there is no sample.
    pub fn is_gap(&self) -> bool {
        matches!(self, Slot::Gap)
    }
    /// Whether it is a histogram with a written reset hint.
    pub fn has_written_hint(&self) -> bool {
        matches!(self, Slot::Histogram { hint_written: true, .. })
    }
}

/// `eval instant` or `eval range`.
#[derive(Clone, Debug)]
pub struct Eval {
    /// Line of the command, from 1.
    pub line: usize,
    /// First line that is not part of it, from 1.
    pub end: usize,
    /// When it is evaluated.
    pub time: EvalTime,
    /// The query as written.
    pub query: String,
    /// `eval_fail` and the like.
    pub form: Form,
    /// What must come out.
    pub expect: Expect,
    /// Mistakes in the block; an eval that has any fails.
    pub errors: Vec<ScriptError>,
}

/// When a query is evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EvalTime {
    /// At one time, ms.
    Instant(i64),
    /// At each step of a range.
    Range(Range),
}

/// The word that begins an eval.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `eval`
    Plain,
    /// `eval_fail`
    Fail,
    /// `eval_warn`
    Warn,
    /// `eval_info`
    Info,
    /// `eval_ordered`
    Ordered,
}

/// Which text is expected.
#[derive(Clone, Debug)]
pub enum TextMatch {
    /// Any at all.
    Any,
    /// Exactly this one.
    Exact(String),
    /// One in which the expression finds something.
    Regex(Arc<Regex>),
}

impl TextMatch {
    /// Whether a text is as expected.
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            TextMatch::Any => true,
            TextMatch::Exact(wanted) => wanted == text,
            TextMatch::Regex(re) => re.captures(text).is_some(),
        }
    }
}

impl std::fmt::Display for TextMatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TextMatch::Any => f.write_str("any text"),
            TextMatch::Exact(text) => write!(f, "msg: {text}"),
            TextMatch::Regex(re) => write!(f, "regex: {}", re.source()),
        }
    }
}

/// What must come out of an eval.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// The query must fail, with a text that all of these accept.
    pub fail: Vec<TextMatch>,
    /// There are warnings, and each is accepted by one of these, and each of these accepts one.
    pub warn: Vec<TextMatch>,
    /// The same for infos.
    pub info: Vec<TextMatch>,
    /// There are no warnings.
    pub no_warn: bool,
    /// There are no infos.
    pub no_info: bool,
    /// The samples come in the order of `series`.
    pub ordered: bool,
    /// The answer is this text.
    pub string: Option<ByteString>,
    /// The answer of the instant query is a range vector with its points at these times.
    pub range: Option<Range>,
    /// The answer is this number.
    pub scalar: Option<f64>,
    /// The answer is a vector or matrix of these series.
    pub series: Vec<ExpectSeries>,
}

/// One expected series.
#[derive(Clone, Debug)]
pub struct ExpectSeries {
    /// Line in the file, from 1.
    pub line: usize,
    /// Its labels.
    pub labels: LabelSet,
    /// Its values: one for an instant vector, else one for each step.
    pub values: Vec<Slot>,
}
