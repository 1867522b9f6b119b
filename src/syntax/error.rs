//! Why a text is not an expression, in the reference's words and at the reference's place.

use super::ast::{AggregateOp, Extension};
use super::check::TypeError;
use crate::model::duration::DurationError;
use crate::model::number::{NumberError, format_fixed};
use crate::model::quote::{quote, quote_rune, unicode_point};
use crate::model::regex::RegexError;
use crate::model::{ByteString, Span};
use std::fmt;

/// The first error of a text; the parser stops there.
///
/// Its text is the reference's: line and byte column, then the message.
///
/// ```
/// use ferula::syntax::{ParseOptions, parse};
/// let error = parse("sum by (a b) (x)", &ParseOptions::default()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"1:11: parse error: unexpected identifier "b" in grouping opts, expected "," or ")""#
/// );
/// assert_eq!((error.span.start, error.span.end), (10, 11));
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// The bytes that the error speaks of.
    pub span: Span,
    /// Line and column of the span's start; `None` in an empty text.
    pub position: Option<Position>,
}

/// A place in a text, for people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1, in bytes.
    pub byte_column: u32,
}

impl Position {
    /// The place of a byte offset; offsets past the end count as the end.
    ///
    /// ```
    /// use ferula::syntax::Position;
    /// assert_eq!(Position::of(b"a\nbc", 3), Position { line: 2, byte_column: 2 });
    /// ```
    pub fn of(text: &[u8], offset: u32) -> Position {
        let before = text.get(..offset as usize).unwrap_or(text);
        let lines = before.iter().filter(|b| **b == b'\n').count();
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        Position { line: lines as u32 + 1, byte_column: (before.len() - line_start) as u32 + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.byte_column)
    }
}

impl ParseError {
    pub(super) fn new(kind: ParseErrorKind, span: Span, text: &[u8]) -> ParseError {
        let position = (!text.is_empty()).then(|| Position::of(text, span.start));
        ParseError { kind, span, position }
    }
    /// The message without its place: `unexpected identifier "b" …`.
    pub fn message(&self) -> String {
        self.kind.to_string()
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "{position}: parse error: {}", self.kind),
            None => write!(f, "unknown position: parse error: {}", self.kind),
        }
    }
}

/// What is wrong with a text.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Nothing but spaces and comments.
    #[error("no expression found in input")]
    Empty,
    /// A character or text that is no token.
    #[error(transparent)]
    Lexical(#[from] LexError),
    /// A token that cannot stand where it stands.
    #[error("unexpected {found}{}", Place(.context, .expected))]
    Unexpected {
        /// The token: `identifier "foo"`.
        found: String,
        /// What was being read: `grouping opts`.
        context: Option<&'static str>,
        /// What would have been right: `","` or `")"`.
        expected: Option<&'static str>,
    },
    /// Digits that are no number, or too large a one.
    #[error("error parsing number: strconv.ParseFloat: parsing {}: {reason}", quote(.text.as_bytes()))]
    Number {
        /// The digits.
        text: String,
        /// What is wrong with them.
        reason: NumberError,
    },
    /// A duration that cannot be read, or is too long.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// A range or step that is not above zero.
    #[error("duration must be greater than 0")]
    DurationNotPositive,
    /// A literal divided by a literal zero in a duration expression.
    #[error("division by zero")]
    DivisionByZero,
    /// The same with `%`.
    #[error("modulo by zero")]
    ModuloByZero,
    /// A call of something that is no function.
    #[error("unknown function with name {}", quote(.0.as_bytes()))]
    UnknownFunction(String),
    /// An experimental function while those are switched off.
    #[error("function {} is not enabled", quote(.0.as_bytes()))]
    FunctionDisabled(&'static str),
    /// A comma before the closing parenthesis of a call.
    #[error("trailing commas not allowed in function call args")]
    TrailingComma,
    /// An aggregation of nothing.
    #[error("no arguments for aggregate expression provided")]
    NoAggregateArguments,
    /// Too few or too many arguments for an aggregation.
    #[error("wrong number of arguments for aggregate expression provided, expected {expected}, got {found}")]
    AggregateArguments {
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// An experimental aggregation while those are switched off.
    #[error("{0}() is experimental and must be enabled with --enable-feature=promql-experimental-functions")]
    AggregateDisabled(AggregateOp),
    /// A grouping label that is empty or not UTF-8.
    #[error("invalid label name for grouping: {}", quote(.0.as_bytes()))]
    GroupingLabel(ByteString),
    /// `fill` modifiers while those are switched off.
    #[error("binop fill modifiers are experimental and not enabled")]
    FillDisabled,
    /// A range on something that is no selector.
    #[error("ranges only allowed for vector selectors")]
    RangeOperand,
    /// `foo offset 5m[1h]`.
    #[error("no offset modifiers allowed before range")]
    OffsetBeforeRange,
    /// `foo @ 5 [1h]`.
    #[error("no @ modifiers allowed before range")]
    AtBeforeRange,
    /// `offset` on something that has no time of its own.
    #[error("offset modifier must be preceded by an instant vector selector or range vector selector or a subquery")]
    OffsetOperand,
    /// `@` on something that has no time of its own.
    #[error("@ modifier must be preceded by an instant vector selector or range vector selector or a subquery")]
    AtOperand,
    /// Two offsets.
    #[error("offset may not be set multiple times")]
    OffsetTwice,
    /// Two times.
    #[error("@ <timestamp> may not be set multiple times")]
    AtTwice,
    /// A time that does not fit.
    #[error("timestamp out of bounds for @ modifier: {}", format_fixed(*.0, 6))]
    AtOutOfBounds(f64),
    /// `anchored` and `smoothed` at once.
    #[error("anchored and smoothed modifiers cannot be used together")]
    ExtensionConflict,
    /// `anchored` or `smoothed` on a subquery.
    #[error("{0} modifier is not supported for subqueries")]
    ExtensionOnSubquery(Extension),
    /// `anchored` or `smoothed` on what is no selector.
    #[error("{0} modifier not implemented")]
    ExtensionOperand(Extension),
    /// A regular expression that cannot be read.
    #[error(transparent)]
    Regex(RegexError),
    /// A well-formed expression whose types do not fit.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// Something wrong in a series description.
    #[error(transparent)]
    Series(#[from] super::series::SeriesError),
    /// Parentheses, calls, signs and the like within each other beyond our limit.
    #[error("expression is nested more than {limit} levels deep")]
    NestedTooDeep {
        /// The limit.
        limit: u32,
    },
    /// Operators chained beyond our limit.
    #[error("expression has more than {limit} chained operators")]
    ChainTooLong {
        /// The limit.
        limit: u32,
    },
    /// A text beyond our limit.
    #[error("expression has more than {limit} bytes")]
    TextTooLong {
        /// The limit.
        limit: u32,
    },
}

struct Place<'a>(&'a Option<&'static str>, &'a Option<&'static str>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(context) = self.0 {
            write!(f, " in {context}")?;
        }
        if let Some(expected) = self.1 {
            write!(f, ", expected {expected}")?;
        }
        Ok(())
    }
}

/// Why a text cannot be cut into tokens.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)] // the texts say it
#[non_exhaustive]
pub enum LexError {
    #[error("unexpected character: {}", quote_rune(*.0))]
    UnexpectedCharacter(char),
    #[error("unexpected character: {}, expected ':'", quote_rune(*.0))]
    ExpectedColon(char),
    #[error("unexpected character after '=': {}", quote_rune(*.0))]
    AfterEquals(char),
    #[error("unexpected character after '!': {}", quote_rune(*.0))]
    AfterBang(char),
    #[error("unexpected character after '!' inside braces: {}", quote_rune(*.0))]
    AfterBangInBraces(char),
    #[error("unexpected character inside braces: {}", quote_rune(*.0))]
    InBraces(char),
    #[error("unexpected end of input inside braces")]
    EndInBraces,
    #[error("unexpected left brace '{{'")]
    UnexpectedLeftBrace,
    #[error("unexpected right parenthesis ')'")]
    UnexpectedRightParen,
    #[error("unexpected left bracket '['")]
    UnexpectedLeftBracket,
    #[error("unexpected right bracket ']'")]
    UnexpectedRightBracket,
    #[error("unexpected colon ':'")]
    UnexpectedColon,
    #[error("unclosed left parenthesis")]
    UnclosedParen,
    #[error("unclosed left bracket")]
    UnclosedBracket,
    #[error("unexpected character in duration expression: {}", quote_rune(*.0))]
    InDuration(char),
    #[error("unexpected end of input in duration expression")]
    EndInDuration,
    #[error("unexpected colon before duration in duration expression")]
    ColonBeforeDuration,
    #[error("unexpected repeated colon in duration expression")]
    RepeatedColon,
    #[error("bad number or duration syntax: {}", quote(.0.as_bytes()))]
    BadNumberOrDuration(String),
    #[error("bad number syntax: {}", quote(.0.as_bytes()))]
    BadNumber(String),
    #[error("unterminated quoted string")]
    UnterminatedString,
    #[error("unterminated raw string")]
    UnterminatedRawString,
    #[error("invalid UTF-8 rune")]
    InvalidUtf8,
    #[error("escape sequence not terminated")]
    EscapeNotTerminated,
    #[error("unknown escape sequence {}", unicode_point(*.0))]
    UnknownEscape(char),
    #[error("illegal character {} in escape sequence", unicode_point(*.0))]
    IllegalInEscape(char),
    #[error("escape sequence is an invalid Unicode code point")]
    EscapeOutOfRange,
    #[error("unexpected character in series sequence: {}", quote_rune(*.0))]
    InSeries(char),
    #[error("histogram description incomplete unexpected: {}", quote_rune(*.0))]
    HistogramIncomplete(char),
    #[error("bad histogram descriptor found: {}", quote(.0.as_bytes()))]
    BadHistogramKey(String),
    #[error("missing `:` for histogram descriptor")]
    MissingColon,
    #[error("invalid character in buckets description: {}", quote_rune(*.0))]
    InBuckets(char),
}
