//! Why a page cannot be read, and where.

use crate::model::ByteString;
use crate::model::quote::quote;
use std::fmt;
use std::ops::Range;

/// Why a text is not a number.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// It holds a `p`, `P` or `_`: hexadecimal floats and digit groups are refused outright.
    #[error("unsupported character in float")]
    Character,
    /// It is not a number.
    #[error("strconv.{function}: parsing {}: invalid syntax", quote(.text.as_bytes()))]
    Syntax {
        /// The reference's name for the notation.
        function: &'static str,
        /// The text.
        text: ByteString,
    },
    /// It is a number, but not one that can be held.
    #[error("strconv.{function}: parsing {}: value out of range", quote(.text.as_bytes()))]
    Range {
        /// The reference's name for the notation.
        function: &'static str,
        /// The text.
        text: ByteString,
    },
}

/// What is wrong with a page. `Display` gives the reference's words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageErrorKind {
    /// Something else stands where the grammar wants this.
    #[error("{expected}, got {} ({}) while parsing: {}", quote(.got.as_bytes()), quote(.token.as_bytes()), quote(.line.as_bytes()))]
    Unexpected {
        /// What was expected.
        expected: String,
        /// What stands there, and the byte after it.
        got: ByteString,
        /// What that was taken for.
        token: &'static str,
        /// The entry up to there.
        line: ByteString,
    },
    /// Not a number.
    #[error("{error} while parsing{}: {}", .part, quote(.line.as_bytes()))]
    Number {
        /// Why not.
        #[source]
        error: NumberError,
        /// Which part of the line: empty for value and time.
        part: &'static str,
        /// The entry up to there.
        line: ByteString,
    },
    /// A time is NaN or infinite.
    #[error("invalid {part} {value}")]
    NotATime {
        /// Which time.
        part: &'static str,
        /// `NaN`, `+Inf` or `-Inf`.
        value: &'static str,
    },
    /// A time is beyond what 64 bits of milliseconds hold. (The reference takes a number here
    /// that depends on the machine.)
    #[error("{part} is beyond the range of times: {text}")]
    TimeRange {
        /// Which time.
        part: &'static str,
        /// As it is written.
        text: String,
    },
    /// The name stands in front of the braces and in them, or twice in them.
    #[error("metric name already set while parsing: {}", quote(.0.as_bytes()))]
    NameTwice(ByteString),
    /// There is no name.
    #[error("metric name not set while parsing: {}", quote(.0.as_bytes()))]
    NoName(ByteString),
    /// A TYPE line has another word.
    #[error("invalid metric type {}", quote(.0.as_bytes()))]
    UnknownType(ByteString),
    /// A HELP text is not UTF-8.
    #[error("help text {} is not a valid utf8 string", quote(.0.as_bytes()))]
    HelpNotUtf8(ByteString),
    /// A label's value is not UTF-8.
    #[error("invalid UTF-8 label value: {}", quote(.0.as_bytes()))]
    ValueNotUtf8(ByteString),
    /// A quoted name is not UTF-8. (The reference finds that later, and drops the page too.)
    #[error("invalid UTF-8 {what} name: {}", quote(.name.as_bytes()))]
    NameNotUtf8 {
        /// `metric` or `label`.
        what: &'static str,
        /// The name.
        name: ByteString,
    },
    /// A name is empty. (OpenMetrics 2.0)
    #[error("{0} name must not be empty")]
    EmptyName(&'static str),
    /// The name stands in the braces, behind a label. (OpenMetrics 2.0)
    #[error("metric name must be the first item in the label set")]
    NameNotFirst,
    /// A metadata line ends in a carriage return. (OpenMetrics 2.0)
    #[error("unexpected carriage return in {word}: {}", quote(.text.as_bytes()))]
    CarriageReturn {
        /// HELP, TYPE or UNIT.
        word: &'static str,
        /// The text.
        text: ByteString,
    },
    /// Two times, or in the wrong order. (OpenMetrics 2.0)
    #[error("{what}: {}", quote(.line.as_bytes()))]
    Times {
        /// What is wrong with them.
        what: &'static str,
        /// The entry up to there.
        line: ByteString,
    },
    /// A metric is not what its type demands. (OpenMetrics 2.0)
    #[error("{0}")]
    Family(String),
    /// A sample is not what its type demands. (OpenMetrics 2.0)
    #[error("{what} while parsing: {}", quote(.line.as_bytes()))]
    Sample {
        /// What is wrong with it.
        what: String,
        /// The entry up to there.
        line: ByteString,
    },
    /// The fields of a composite value do not make a value. (OpenMetrics 2.0)
    #[error("{0}")]
    Composite(String),
    /// A metadata line ends after the name.
    #[error("expected text in {0}")]
    NoText(&'static str),
    /// The name of a metric does not end in its unit.
    #[error("unit {} not a suffix of metric {}", quote(.unit.as_bytes()), quote(.metric.as_bytes()))]
    UnitNotSuffix {
        /// The unit.
        unit: ByteString,
        /// The metric.
        metric: ByteString,
    },
    /// The last line is missing.
    #[error("data does not end with # EOF")]
    NoEof,
    /// Something follows the last line.
    #[error("unexpected data after # EOF")]
    AfterEof,
    /// A series has no name. (Found when a page is loaded, like those that follow.)
    #[error("missing metric name (__name__ label)")]
    NoMetricName,
    /// A label's name is empty.
    #[error("invalid metric name or label names: {0}")]
    InvalidNames(String),
    /// Two labels have the same name.
    #[error("label name {} is not unique: invalid sample", quote(.0.as_bytes()))]
    LabelTwice(String),
    /// A native histogram contradicts itself.
    #[error("{0}")]
    Histogram(String),
    /// A page of messages is wrong.
    #[cfg(feature = "protobuf")]
    #[error(transparent)]
    Protobuf(#[from] ProtobufError),
}

/// What is wrong with a page of protobuf messages.
#[cfg(feature = "protobuf")]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProtobufError {
    /// No length stands in front of a message.
    #[error("clientpb: invalid varint encountered")]
    Length,
    /// The page ends inside a message.
    #[error("clientpb: insufficient length of buffer, expected at least {expected} bytes, got {got} bytes")]
    Short {
        /// What the message takes with its length.
        expected: u64,
        /// What is there.
        got: u64,
    },
    /// Bytes that are no message of this kind.
    #[error("proto: {0}")]
    Malformed(String),
    /// The name of a family is empty or not UTF-8.
    #[error("invalid metric name: {0}")]
    MetricName(ByteString),
    /// A help text is not UTF-8.
    #[error("invalid help for metric {}: {help}", quote(.metric.as_bytes()))]
    Help {
        /// The metric family.
        metric: String,
        /// The text.
        help: ByteString,
    },
    /// No type has this number.
    #[error("unknown metric type for metric {}: {number}", quote(.metric.as_bytes()))]
    Type {
        /// The metric family.
        metric: String,
        /// The number.
        number: u64,
    },
    /// A label's name is empty or not UTF-8.
    #[error("invalid label name: {0}")]
    LabelName(ByteString),
    /// A label's value is not UTF-8.
    #[error("invalid label value: {0}")]
    LabelValue(ByteString),
    /// The spans of a native histogram have another number of buckets than it has.
    #[error("histogram {}: {side} side: spans require {need} buckets, have {have}", quote(.histogram.as_bytes()))]
    Spans {
        /// The metric family.
        histogram: String,
        /// `positive` or `negative`.
        side: &'static str,
        /// What the spans take.
        need: u64,
        /// What is there.
        have: usize,
    },
    /// A classic histogram cannot be converted.
    #[error("{0}")]
    Convert(String),
    /// A time is beyond what 64 bits of milliseconds hold.
    #[error("{what} is beyond the range of times: {seconds} s")]
    Time {
        /// Which time.
        what: &'static str,
        /// Its whole seconds since the epoch.
        seconds: i64,
    },
    /// The message of one metric takes more bytes than this reads. (The reference has no limit.)
    #[error("a metric of {} takes more than {limit} bytes", quote(.metric.as_bytes()))]
    TooLarge {
        /// The metric family.
        metric: String,
        /// In bytes.
        limit: usize,
    },
}

/// The first error of a page: what is wrong, and where. Entries before it stand.
///
/// ```
/// use ferula::text::{Format, read};
/// let mut page = read(b"up 1\ndown{a=b} 1\n", Format::Prometheus);
/// assert!(page.read_entry().unwrap().is_some());
/// let error = page.read_entry().unwrap_err();
/// assert_eq!((error.line(), error.column()), (2, 8));
/// assert_eq!(error.render().lines().nth(1), Some("2 | down{a=b} 1"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageError(Box<Inner>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Inner {
    kind: PageErrorKind,
    span: Range<usize>,
    line: usize,
    column: usize,
    source: String,
    underline: (usize, usize),
}

/// How much of a long line a diagnostic shows.
const SHOWN: usize = 160;

impl PageError {
    /// An error about the bytes `start..end` of a page.
    pub(super) fn new(kind: PageErrorKind, page: &[u8], start: usize, end: usize) -> Self {
        let start = start.min(page.len());
        let end = end.clamp(start, page.len());
        let before = page.get(..start).unwrap_or_default();
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let first = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let last = page.iter().skip(start).position(|b| *b == b'\n').map_or(page.len(), |i| start + i);
        let chars = |a: usize, b: usize| String::from_utf8_lossy(page.get(a..b.max(a)).unwrap_or_default()).chars().count();
        let column = chars(first, start) + 1;
        let width = chars(start, end.min(last)).max(1);
        // A long line is cut around the place, so that a diagnostic stays readable.
        let skipped = if column > SHOWN { column - SHOWN / 2 } else { 0 };
        let text = String::from_utf8_lossy(page.get(first..last).unwrap_or_default());
        let source: String = text.chars().skip(skipped).take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let at = column - 1 - skipped;
        let underline = (at, width.min(SHOWN.saturating_sub(at)).max(1));
        PageError(Box::new(Inner { kind, span: start..end, line, column, source, underline }))
    }
    /// An error about these bytes of a page that has no lines.
    pub(super) fn binary(kind: PageErrorKind, span: Range<usize>) -> Self {
        PageError(Box::new(Inner { kind, span, line: 0, column: 0, source: String::new(), underline: (0, 0) }))
    }
    /// What is wrong.
    pub fn kind(&self) -> &PageErrorKind {
        &self.0.kind
    }
    /// Where, as bytes of the (unpacked) page.
    pub fn span(&self) -> Range<usize> {
        self.0.span.clone()
    }
    /// The line, from 1 on; 0 where a page has no lines.
    pub fn line(&self) -> usize {
        self.0.line
    }
    /// The column in characters, from 1 on; 0 where a page has no lines.
    pub fn column(&self) -> usize {
        self.0.column
    }
    /// The message, the line, and the place underlined, as several lines of text. The message
    /// alone where a page has no lines.
    pub fn render(&self) -> String {
        if self.0.line == 0 {
            return self.to_string();
        }
        let Inner { line, source, underline, .. } = &*self.0;
        let margin = line.to_string().len();
        format!("{self}\n{line} | {source}\n{:margin$} | {:at$}{}", "", "", "^".repeat(underline.1), at = underline.0)
    }
}

/// `line:column: message`, or `byte N: message` where a page has no lines.
impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.line == 0 {
            return write!(f, "byte {}: {}", self.0.span.start, self.0.kind);
        }
        write!(f, "{}:{}: {}", self.0.line, self.0.column, self.0.kind)
    }
}

impl std::error::Error for PageError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.kind)
    }
}
