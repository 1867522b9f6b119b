//! Errors for people: the text with the place underlined, and what to write instead.

use super::check::TypeError;
use super::error::{LexError, ParseError, ParseErrorKind};
use crate::functions;
use crate::model::Span;
use crate::model::duration::DurationError;
use std::cmp::Reverse;
use std::fmt;

/// An error beside the text that it speaks of.
///
/// ```
/// use ferula::syntax::{ParseOptions, parse};
/// let text = "sum by (job) (rat(x[5m]))";
/// let error = parse(text, &ParseOptions::default()).unwrap_err();
/// assert_eq!(error.render(text), "\
/// error: unknown function with name \"rat\"
///  --> 1:15
///   |
/// 1 | sum by (job) (rat(x[5m]))
///   |               ^^^
///   = help: write `rate`
/// ");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Diagnostic<'a> {
    error: &'a ParseError,
    text: &'a str,
}

impl ParseError {
    /// The error with its place in the text underlined and, where one is known, what to write
    /// instead. Pass the text that was parsed.
    pub fn render(&self, text: &str) -> String {
        self.diagnostic(text).to_string()
    }
    /// The same, to be shown later.
    pub fn diagnostic<'a>(&'a self, text: &'a str) -> Diagnostic<'a> {
        Diagnostic { error: self, text }
    }
}

/// How many characters of a long line are shown on each side of the place.
const CONTEXT: usize = 60;

impl Diagnostic<'_> {
    /// What to write instead, if it is known.
    pub fn help(&self) -> Option<String> {
        help(&self.error.kind, self.slice(self.error.span))
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..(span.end as usize).min(self.text.len())).unwrap_or_default()
    }

    /// The line of the error in three parts: before, underlined, after.
    fn line(&self) -> (String, String, String) {
        let start = (self.error.span.start as usize).min(self.text.len());
        let start = (0..=start).rev().find(|i| self.text.is_char_boundary(*i)).unwrap_or(0);
        let (before, from) = self.text.split_at(start);
        let before = before.rsplit('\n').next().unwrap_or_default();
        let after = from.split('\n').next().unwrap_or_default();
        let wanted = (self.error.span.end as usize).saturating_sub(start).min(after.len());
        let marked = (wanted..=after.len()).find(|i| after.is_char_boundary(*i)).unwrap_or(after.len());
        // A lexer's error reaches to the end of the text; its place is its first character.
        let marked = match self.error.kind {
            ParseErrorKind::Lexical(_) => after.chars().next().map_or(0, char::len_utf8),
            _ => marked,
        };
        let (marked, after) = after.split_at(marked);
        let skipped = before.chars().count().saturating_sub(CONTEXT);
        let before: String = before.chars().skip(skipped).collect();
        let before = if skipped > 0 { format!("…{before}") } else { before };
        (before, clip(marked), clip(after))
    }
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(CONTEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl fmt::Display for Diagnostic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.error.kind)?;
        if let Some(position) = self.error.position {
            let (before, marked, after) = self.line();
            let number = position.line.to_string();
            let margin = " ".repeat(number.len());
            let padding: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let carets = "^".repeat(marked.chars().count().max(1));
            writeln!(f, "{margin}--> {position}")?;
            writeln!(f, "{margin} |")?;
            writeln!(f, "{number} | {before}{marked}{after}")?;
            writeln!(f, "{margin} | {padding}{carets}")?;
            if let Some(help) = self.help() {
                writeln!(f, "{margin} = help: {help}")?;
            }
        }
        Ok(())
    }
}

/// What to write instead of the part of the text that an error speaks of.
fn help(kind: &ParseErrorKind, part: &str) -> Option<String> {
    Some(match kind {
        ParseErrorKind::UnknownFunction(name) => format!("write `{}`", closest_function(name)?),
        ParseErrorKind::FunctionDisabled(_) | ParseErrorKind::AggregateDisabled(_) => {
            "switch on the feature `promql-experimental-functions`".to_owned()
        }
        ParseErrorKind::FillDisabled => "switch on the feature `promql-binop-fill-modifiers`".to_owned(),
        ParseErrorKind::TrailingComma => "leave out this comma".to_owned(),
        ParseErrorKind::RangeOperand => format!("only a bare selector takes a range; for a subquery write `{}`", subquery(part)?),
        ParseErrorKind::OffsetBeforeRange => format!("write `{part}` directly after the selector, the offset after it"),
        ParseErrorKind::AtBeforeRange => format!("write `{part}` directly after the selector, the `@` after it"),
        ParseErrorKind::OffsetOperand | ParseErrorKind::AtOperand => {
            "write the modifier after the selector inside, or make a subquery of the whole".to_owned()
        }
        ParseErrorKind::DurationNotPositive => "write a duration above zero, such as `5m`".to_owned(),
        ParseErrorKind::Duration(DurationError::Invalid(_)) => {
            "write units from the longest to the shortest, each once: `1h30m`".to_owned()
        }
        ParseErrorKind::Duration(DurationError::UnknownUnit { .. }) => {
            "write whole numbers with the units y, w, d, h, m, s, ms: `1h30m`".to_owned()
        }
        ParseErrorKind::Unexpected { found, context, expected } => unexpected(found, *context, *expected, part)?,
        ParseErrorKind::Lexical(error) => lexical(error)?,
        ParseErrorKind::Type(error) => type_help(error, part)?,
        _ => return None,
    })
}

fn subquery(brackets: &str) -> Option<String> {
    Some(format!("{}:]", brackets.strip_suffix(']')?))
}

fn unexpected(found: &str, context: Option<&str>, expected: Option<&str>, part: &str) -> Option<String> {
    Some(match (context, expected) {
        (_, _) if found == "\"=\"" && context.is_none() => "write `==` to compare".to_owned(),
        (Some("label matching"), Some("string")) if found.starts_with("identifier") => format!("write `\"{part}\"`"),
        (Some("label matching"), Some("string")) if part == "=" => "write a single `=`".to_owned(),
        (Some("grouping opts"), Some("\"(\"")) => "write the labels in parentheses".to_owned(),
        (Some("@"), _) => "write a Unix time in seconds, `start()` or `end()`".to_owned(),
        (Some("offset"), _) => "write a duration such as `5m`".to_owned(),
        _ => return None,
    })
}

fn lexical(error: &LexError) -> Option<String> {
    Some(match error {
        LexError::AfterEquals('~') => "regular expressions select labels: `{label=~\"…\"}`".to_owned(),
        LexError::AfterBang(_) => "write `!=` to compare, `unless` to exclude".to_owned(),
        LexError::UnclosedParen => "write `)` to close".to_owned(),
        LexError::UnclosedBracket | LexError::EndInDuration => "write `]` to close".to_owned(),
        LexError::EndInBraces => "write `}` to close".to_owned(),
        LexError::UnexpectedRightParen | LexError::UnexpectedRightBracket => "leave it out, or open it before".to_owned(),
        LexError::UnterminatedString | LexError::UnterminatedRawString => "write the closing quote".to_owned(),
        LexError::UnknownEscape(_) => "write `\\\\` for a backslash, or quote the text with backticks".to_owned(),
        LexError::ColonBeforeDuration => "write the range before the colon: `[5m:1m]`".to_owned(),
        LexError::InBraces(':') => "write label names with other characters in quotes".to_owned(),
        LexError::UnexpectedCharacter('&') => "write `and`".to_owned(),
        LexError::UnexpectedCharacter('|') => "write `or`".to_owned(),
        LexError::UnexpectedCharacter('.') => "write a name with dots in quotes and braces: `{\"a.b\"}`".to_owned(),
        LexError::UnexpectedCharacter(c) if c.is_alphabetic() => format!("write a name with `{c}` in quotes and braces: `{{\"…\"}}`"),
        _ => return None,
    })
}

fn type_help(error: &TypeError, part: &str) -> Option<String> {
    Some(match error {
        TypeError::ScalarComparison => "write `bool` after the operator".to_owned(),
        TypeError::BoolWithoutComparison => "leave out `bool`".to_owned(),
        TypeError::EmptySelector => "name a metric, or write a matcher that excludes the empty text: `{job=~\".+\"}`".to_owned(),
        TypeError::NameTwice { .. } => "write the name once, before or inside the braces".to_owned(),
        TypeError::SubqueryOperand(_) => "aggregate over time first, as in `max_over_time(…)[1h:]`".to_owned(),
        TypeError::Expected { expected, found, .. } => {
            use super::ast::ValueType as T;
            match (expected, found) {
                (T::RangeVector, T::InstantVector) if !part.contains(['(', ' ']) => format!("write a range: `{part}[5m]`"),
                (T::RangeVector, T::InstantVector) => format!("make a subquery of it: `{part}[5m:]`"),
                (T::InstantVector, T::RangeVector) => "leave out the range, or aggregate over time: `avg_over_time(…)`".to_owned(),
                (T::InstantVector, T::Scalar) => format!("write `vector({part})`"),
                (T::Scalar, T::InstantVector) => format!("write `scalar({part})`"),
                (T::String, _) => "write a text in quotes".to_owned(),
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// The function whose name differs least, if it differs little.
fn closest_function(name: &str) -> Option<&'static str> {
    if name == "holt_winters" {
        return Some("double_exponential_smoothing");
    }
    let lower = name.to_ascii_lowercase();
    let limit = 1 + lower.len() / 5;
    // Among equally near names the one that begins alike is more likely meant.
    let differs_at = |name: &str| name.bytes().zip(lower.bytes()).take_while(|(a, b)| a == b).count();
    let near = functions::all().map(|f| (distance(&lower, f.name), Reverse(differs_at(f.name)), f.name));
    near.filter(|(distance, ..)| *distance <= limit).min().map(|(.., name)| name)
}

/// Insertions, deletions and replacements that turn one text into the other.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 64;
    if a.len() > LONGEST {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let best = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
