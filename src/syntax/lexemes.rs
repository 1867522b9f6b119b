//! The tokens of a text with their classes: for highlighting, completion and tests of the grammar.

use super::lexer::{Language, lex};
use super::token::TokenKind;
use super::{MAX_TEXT, ParseOptions};
use crate::model::Span;

/// What a piece of a query is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum LexemeClass {
    /// A name of a metric, function or label.
    Name,
    /// A metric name with a colon.
    Metric,
    /// A keyword, word-like operators included.
    Keyword,
    /// The name of an aggregation.
    Aggregate,
    /// A number.
    Number,
    /// A duration.
    Duration,
    /// A quoted text.
    String,
    /// An operator made of signs.
    Operator,
    /// Brackets, commas, colons.
    Punctuation,
    /// From here on the text cannot be cut into tokens.
    Invalid,
}

/// A piece of a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lexeme {
    /// What it is.
    pub class: LexemeClass,
    /// Where it stands.
    pub span: Span,
}

/// Cuts a text into its pieces, spaces and comments left out. Never fails: what is no token ends
/// the list as [`LexemeClass::Invalid`].
///
/// ```
/// use ferula::syntax::{LexemeClass, ParseOptions, lexemes};
/// let classes: Vec<_> = lexemes("sum(x[5m])", &ParseOptions::default()).iter().map(|l| l.class).collect();
/// assert_eq!(classes[0], LexemeClass::Aggregate);
/// assert_eq!(classes[4], LexemeClass::Duration);
/// ```
pub fn lexemes(text: &str, options: &ParseOptions) -> Vec<Lexeme> {
    if text.len() > MAX_TEXT as usize {
        return Vec::new();
    }
    let lexed = lex(text.as_bytes(), Language::Expression, options.unquoted_utf8_names, Vec::new());
    let pieces = lexed.tokens.iter().filter(|token| token.kind != TokenKind::End);
    pieces.map(|token| Lexeme { class: class(token.kind), span: token.span }).collect()
}

fn class(kind: TokenKind) -> LexemeClass {
    use TokenKind as K;
    match kind {
        K::Error => LexemeClass::Invalid,
        K::Identifier => LexemeClass::Name,
        K::MetricIdentifier => LexemeClass::Metric,
        K::String => LexemeClass::String,
        K::Number => LexemeClass::Number,
        K::Duration => LexemeClass::Duration,
        K::Aggregate(_) => LexemeClass::Aggregate,
        K::Operator(op) if op.as_str().starts_with(|c: char| c.is_ascii_alphabetic()) => LexemeClass::Keyword,
        K::Operator(_) | K::At | K::Assign | K::RegexMatch | K::RegexNotMatch => LexemeClass::Operator,
        K::LeftParen | K::RightParen | K::LeftBrace | K::RightBrace | K::LeftBracket | K::RightBracket => LexemeClass::Punctuation,
        K::Comma | K::Colon => LexemeClass::Punctuation,
        _ => LexemeClass::Keyword,
    }
}
