//! What can be wrong with a regular expression, in Go's words.

use crate::model::ByteString;
use std::fmt;

/// The kinds of fault that a regular expression can have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RegexErrorKind {
    /// A bracket expression that ends in the middle of a range, or an impossible class.
    InvalidCharClass,
    /// A range that runs backwards, or a class name that does not exist.
    InvalidCharRange,
    /// A backslash sequence that means nothing.
    InvalidEscape,
    /// A group name that is empty, unclosed, or has other than word characters.
    InvalidNamedCapture,
    /// `(?` with something that the dialect does not have, such as a look-around.
    InvalidPerlOp,
    /// A repetition of a repetition (`a**`).
    InvalidRepeatOp,
    /// More than a thousand repetitions, also by nesting, or a maximum below the minimum.
    InvalidRepeatSize,
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// `[` without `]`.
    MissingBracket,
    /// `(` without `)`.
    MissingParen,
    /// A repetition operator with nothing before it.
    MissingRepeatArgument,
    /// A lone backslash at the end.
    TrailingBackslash,
    /// `)` without `(`.
    UnexpectedParen,
    /// More than a thousand levels of nesting.
    NestingDepth,
    /// Too large to compile.
    TooLarge,
}

impl RegexErrorKind {
    /// The kind in the words that users see.
    pub fn as_str(self) -> &'static str {
        match self {
            RegexErrorKind::InvalidCharClass => "invalid character class",
            RegexErrorKind::InvalidCharRange => "invalid character class range",
            RegexErrorKind::InvalidEscape => "invalid escape sequence",
            RegexErrorKind::InvalidNamedCapture => "invalid named capture",
            RegexErrorKind::InvalidPerlOp => "invalid or unsupported Perl syntax",
            RegexErrorKind::InvalidRepeatOp => "invalid nested repetition operator",
            RegexErrorKind::InvalidRepeatSize => "invalid repeat count",
            RegexErrorKind::InvalidUtf8 => "invalid UTF-8",
            RegexErrorKind::MissingBracket => "missing closing ]",
            RegexErrorKind::MissingParen => "missing closing )",
            RegexErrorKind::MissingRepeatArgument => "missing argument to repetition operator",
            RegexErrorKind::TrailingBackslash => "trailing backslash at end of expression",
            RegexErrorKind::UnexpectedParen => "unexpected )",
            RegexErrorKind::NestingDepth => "expression nests too deeply",
            RegexErrorKind::TooLarge => "expression too large",
        }
    }
}

impl fmt::Display for RegexErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault of a regular expression: its kind and the part of the text that it is about.
///
/// It knows no span: whoever holds the query adds where the text stands.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("error parsing regexp: {kind}: `{text}`")]
pub struct RegexError {
    /// What is wrong.
    pub kind: RegexErrorKind,
    /// The offending part of the expression.
    pub text: ByteString,
}

impl RegexError {
    /// The error of `kind` about `text`.
    pub(crate) fn new(kind: RegexErrorKind, text: &[u8]) -> Self {
        RegexError { kind, text: text.to_vec().into() }
    }
}
