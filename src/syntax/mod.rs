//! From text to a checked tree, and back to text.
//!
//! `lexer` cuts the text into tokens, `parser` (nom over the token slice) builds the [`ast`],
//! [`check`] types it, [`print`](mod@print) and [`pretty`](mod@pretty) write it, [`json`] writes it
//! for machines. Depends on [`crate::model`] and on the signatures in [`crate::functions`];
//! nothing here knows about evaluation.
//!
//! ```
//! use ferula::syntax::{ParseOptions, ast::Expr, parse};
//!
//! let expr = parse("SUM by(job)(rate(x_total [300]))", &ParseOptions::default())?;
//! assert_eq!(expr.to_string(), "sum by (job) (rate(x_total[5m]))");
//! let mut names = Vec::new();
//! expr.walk(&mut |node| if let Expr::Vector(v) = node { names.extend(v.name.clone()) });
//! # Ok::<(), ferula::syntax::ParseError>(())
//! ```

pub mod ast;
pub mod check;
mod diagnostic;
mod error;
pub mod json;
mod lexemes;
mod lexer;
mod names;
mod parser;
pub mod pretty;
pub mod print;
pub mod series;
mod token;
mod tree;
mod visit;

pub use diagnostic::Diagnostic;
pub use error::{LexError, ParseError, ParseErrorKind, Position};
pub use json::to_json;
pub use lexemes::{Lexeme, LexemeClass, lexemes};
pub use parser::{MAX_CHAIN, MAX_NESTING};
pub use pretty::pretty;
pub use print::print;

use crate::model::{LabelSet, Matcher, Span};
use ast::Expr;
use lexer::{Language, Lexed};
use parser::fault::{Parsed, report, unexpected_here};
use parser::{Source, Tokens};
use std::cell::Cell;
use token::{Token, TokenKind};

/// The longest text that is read: spans have 32 bits.
pub const MAX_TEXT: u32 = u32::MAX - 1;

/// What the parser accepts beyond the stable language. All off by default, as in Prometheus.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ParseOptions {
    /// Experimental functions and aggregations (`promql-experimental-functions`).
    pub experimental_functions: bool,
    /// `fill`, `fill_left`, `fill_right` (`promql-binop-fill-modifiers`).
    pub binop_fill_modifiers: bool,
    /// Letters beyond ASCII, and dots, in unquoted names (`promql-unquoted-utf8-names`).
    pub unquoted_utf8_names: bool,
}

impl ParseOptions {
    /// Everything switched on, as the reference's own test scripts have it.
    pub fn all() -> ParseOptions {
        ParseOptions { experimental_functions: true, binop_fill_modifiers: true, unquoted_utf8_names: true }
    }
}

/// Parses and checks an expression.
///
/// # Errors
/// The first error that Prometheus finds, with its text and place; beyond Prometheus, a limit on
/// nesting ([`MAX_NESTING`]) and on chained operators ([`MAX_CHAIN`]).
pub fn parse(text: &str, options: &ParseOptions) -> Result<Expr, ParseError> {
    parse_bytes(text.as_bytes(), options)
}

/// Parses and checks an expression that need not be UTF-8: invalid bytes are errors that point
/// at them.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_bytes(text: &[u8], options: &ParseOptions) -> Result<Expr, ParseError> {
    let mut expr = Expr::default();
    let parsed = run(text, Language::Expression, options, |input| {
        if input.next_is(TokenKind::End) {
            return Err(parser::fault::wrong(ParseErrorKind::Empty, Span::default()));
        }
        parser::expression(input, &mut expr)
    });
    parsed.map_err(|error| *error)?;
    match check::check(&mut expr, text) {
        Ok(_) => Ok(expr),
        Err(wrong) => Err(ParseError::new(wrong.0.into(), wrong.1, text)),
    }
}

/// Parses a selector without range and modifiers, as the HTTP API's `match[]` takes it.
///
/// `{}` is accepted here; callers who need a matcher that excludes something must look.
///
/// # Errors
/// The first error that Prometheus finds.
///
/// ```
/// use ferula::syntax::{ParseOptions, parse_metric_selector};
/// let matchers = parse_metric_selector(r#"up{job=~"a.*"}"#, &ParseOptions::default())?;
/// assert_eq!(matchers.len(), 2);
/// # Ok::<(), ferula::syntax::ParseError>(())
/// ```
pub fn parse_metric_selector(text: &str, options: &ParseOptions) -> Result<Vec<Matcher>, ParseError> {
    let selector = run(text.as_bytes(), Language::Expression, options, parser::selector);
    selector.map(|selector| selector.all_matchers()).map_err(|error| *error)
}

/// Parses the labels of one series: `up{job="api"}`.
///
/// # Errors
/// The first error that Prometheus finds.
///
/// ```
/// use ferula::syntax::{ParseOptions, parse_metric};
/// let labels = parse_metric(r#"up{job="api"}"#, &ParseOptions::default())?;
/// assert_eq!(labels.to_string(), r#"{__name__="up", job="api"}"#);
/// # Ok::<(), ferula::syntax::ParseError>(())
/// ```
pub fn parse_metric(text: &str, options: &ParseOptions) -> Result<LabelSet, ParseError> {
    run(text.as_bytes(), Language::Expression, options, series::metric).map_err(|error| *error)
}

/// Lexes a text and lets a parser read all of it.
fn run<T>(
    text: &[u8],
    language: Language,
    options: &ParseOptions,
    parse: impl for<'a> FnOnce(Tokens<'a>) -> Parsed<'a, T>,
) -> Result<T, Box<ParseError>> {
    if text.len() > MAX_TEXT as usize {
        return Err(Box::new(ParseError::new(ParseErrorKind::TextTooLong { limit: MAX_TEXT }, Span::default(), text)));
    }
    let Lexed { tokens, error } = lexer::lex(text, language, options.unquoted_utf8_names, TOKENS.take());
    let source = Source::new(text, &tokens, error, options);
    let parsed = match parse(Tokens::new(&source)) {
        Ok((rest, parsed)) if rest.next_is(TokenKind::End) => Ok(parsed),
        Ok((rest, _)) => Err(report(&source, unexpected_here(rest))),
        Err(fault) => Err(report(&source, fault)),
    };
    if tokens.capacity() <= MOST_KEPT {
        TOKENS.set(tokens);
    }
    parsed
}

/// So many tokens' memory is kept for the next text.
const MOST_KEPT: usize = 1024;

thread_local! {
    /// Memory for tokens: they are gone before the tree is used.
    static TOKENS: Cell<Vec<Token>> = const { Cell::new(Vec::new()) };
}
