//! Errors as JavaScript gets them.

use super::places::{Diagnostic, Places};
use crate::engine::QueryError;
use crate::model::Span;
use crate::syntax::{ParseError, ParseErrorKind};
use crate::text::{LoadError, PageError};
use serde::Serialize;

/// Why a question has no answer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Failure {
    pub(super) kind: &'static str,
    pub(super) message: String,
    pub(super) diagnostics: Vec<Diagnostic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<String>,
}

impl Failure {
    fn new(kind: &'static str, message: String) -> Failure {
        Failure { kind, message, diagnostics: Vec::new(), page: None }
    }
    /// The question cannot be asked like that.
    pub(super) fn bad(message: &str) -> Failure {
        Failure::new("bad", message.to_owned())
    }
    /// A page cannot be loaded.
    pub(super) fn data(page: &str, message: String) -> Failure {
        Failure { page: Some(page.to_owned()), ..Failure::new("data", message) }
    }
    /// The text is not PromQL.
    pub(super) fn of_parse(error: &ParseError, text: &str) -> Failure {
        Failure { diagnostics: vec![of_parser(error, text)], ..Failure::new("parse", error.to_string()) }
    }
    /// The query has no answer.
    pub(super) fn of_query(error: &QueryError, text: &str) -> Failure {
        let kind = match error {
            QueryError::Parse(error) => return Failure::of_parse(error, text),
            QueryError::Bad(_) => "bad",
            QueryError::Execution { .. } | QueryError::Source(_) => "execution",
            QueryError::Limit { .. } => "limit",
            QueryError::Timeout => "timeout",
            QueryError::Cancelled => "cancelled",
            QueryError::Unsupported(_) => "unsupported",
        };
        let mut failure = Failure::new(kind, error.to_string());
        match error {
            QueryError::Execution { message, span } => {
                failure.diagnostics.push(Diagnostic::new("error", message.clone(), text, *span));
            }
            QueryError::Limit { operator, .. } => failure.message.push_str(&format!(" (in: {operator})")),
            _ => {}
        }
        failure
    }
    /// A page is wrong.
    pub(super) fn of_load(error: &LoadError, page: &str, content: &[u8]) -> Failure {
        let failure = Failure::data(page, format!("{page}:{error}"));
        match error {
            LoadError::Page(error) => Failure { diagnostics: vec![of_page(error, content)], ..failure },
            _ => Failure { message: format!("{page}: {error}"), ..failure },
        }
    }
    /// A line of a script is wrong.
    pub(super) fn of_line(line: usize, message: &str, page: &str, text: &str) -> Failure {
        let span = Places::of(text).line(line);
        let diagnostic = Diagnostic::new("error", message.to_owned(), text, span);
        Failure { diagnostics: vec![diagnostic], ..Failure::data(page, format!("{page}:{line}: {message}")) }
    }
}

/// The error of the parser at its place, with what to write instead.
pub(super) fn of_parser(error: &ParseError, text: &str) -> Diagnostic {
    let Span { start, mut end } = error.span;
    if let ParseErrorKind::Lexical(_) = error.kind {
        // It reaches to the end of the text; its place is its first character.
        let first = text.get(start as usize..).and_then(|rest| rest.chars().next());
        end = start + first.map_or(0, char::len_utf8) as u32;
    }
    let help = error.diagnostic(text).help();
    Diagnostic { help, ..Diagnostic::new("error", error.message(), text, Span::new(start, end)) }
}

fn of_page(error: &PageError, content: &[u8]) -> Diagnostic {
    let bytes = error.span();
    let message = error.kind().to_string();
    match std::str::from_utf8(content) {
        Ok(text) if error.line() > 0 => {
            let span = Span::new(u32::try_from(bytes.start).unwrap_or(u32::MAX), u32::try_from(bytes.end).unwrap_or(u32::MAX));
            Diagnostic::new("error", message, text, span)
        }
        _ => Diagnostic {
            from: bytes.start as u32,
            to: bytes.end as u32,
            severity: "error",
            message,
            line: error.line() as u32,
            column: error.column() as u32,
            help: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{ParseOptions, parse};

    #[test]
    fn an_error_of_the_parser_has_place_and_help() {
        let text = "\"é\" == rat(x[5m])";
        let error = parse(text, &ParseOptions::default()).unwrap_err();
        let found = Failure::of_parse(&error, text);
        assert_eq!((found.kind, found.message.as_str()), ("parse", "1:9: parse error: unknown function with name \"rat\""));
        let [d] = &found.diagnostics[..] else { panic!("{found:?}") };
        assert_eq!((d.from, d.to, d.line, d.column, d.help.as_deref()), (7, 10, 1, 8, Some("write `rate`")));
    }

    #[test]
    fn an_error_of_the_lexer_is_one_character() {
        let text = "up & 𝛼 down";
        let error = parse(text, &ParseOptions::default()).unwrap_err();
        let d = of_parser(&error, text);
        assert_eq!((d.from, d.to), (3, 4));
    }
}
