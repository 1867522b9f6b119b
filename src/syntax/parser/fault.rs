//! How parsers fail: for good, since each chooses its way by the next token.

use super::tokens::{Source, Tokens};
use crate::model::Span;
use crate::syntax::error::{ParseError, ParseErrorKind};
use crate::syntax::token::{Token, TokenKind};
use nom::error::ErrorKind;
use nom::{IResult, Parser};

/// What a parser of this crate returns.
pub(in crate::syntax) type Parsed<'a, T> = IResult<Tokens<'a>, T, Fault>;

/// What was being read, and what would have been right; both go into the error text.
#[derive(Clone, Copy, Default)]
pub(in crate::syntax) struct Place {
    context: Option<&'static str>,
    expected: Option<&'static str>,
}

impl Place {
    pub(in crate::syntax) const fn expecting(context: &'static str, expected: &'static str) -> Place {
        Place { context: Some(context), expected: Some(expected) }
    }
    pub(in crate::syntax) const fn within(context: &'static str) -> Place {
        Place { context: Some(context), expected: None }
    }
}

/// Why a parser failed. In a box, so that what every parser returns is small.
pub(in crate::syntax) struct Fault(Box<Why>);

enum Why {
    /// This token cannot stand here.
    Unexpected(Token, Place),
    /// A production is complete and wrong.
    Wrong(ParseErrorKind, Span),
}

impl<'a> nom::error::ParseError<Tokens<'a>> for Fault {
    fn from_error_kind(input: Tokens<'a>, _: ErrorKind) -> Self {
        Fault(Box::new(Why::Unexpected(input.peek(), Place::default())))
    }
    fn append(_: Tokens<'a>, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// The next token cannot stand here; nothing else is tried.
#[cold]
pub(in crate::syntax) fn unexpected(input: Tokens<'_>, place: Place) -> nom::Err<Fault> {
    nom::Err::Failure(Fault(Box::new(Why::Unexpected(input.peek(), place))))
}

/// The next token cannot stand here, and no construct has a word of its own for it.
#[cold]
pub(in crate::syntax) fn unexpected_here(input: Tokens<'_>) -> nom::Err<Fault> {
    unexpected(input, if input.source.in_aggregation.get() { Place::within("aggregation") } else { Place::default() })
}

/// A production that is complete and wrong.
#[cold]
pub(in crate::syntax) fn wrong(kind: impl Into<ParseErrorKind>, span: Span) -> nom::Err<Fault> {
    nom::Err::Failure(Fault(Box::new(Why::Wrong(kind.into(), span))))
}

/// The same where the reference has read the next token before it knows that the production is
/// complete: if that is no token, it says so first.
#[cold]
pub(in crate::syntax) fn wrong_unless_lexical(next: Tokens<'_>, kind: impl Into<ParseErrorKind>, span: Span) -> nom::Err<Fault> {
    if next.next_is(TokenKind::Error) { unexpected_here(next) } else { wrong(kind, span) }
}

/// Takes a token of this kind; anything else is an error at this place.
pub(in crate::syntax) fn expect<'a>(kind: TokenKind, place: Place) -> impl Parser<Tokens<'a>, Output = Token, Error = Fault> {
    move |input: Tokens<'a>| match input.peek() {
        token if token.kind == kind => Ok((input.advance(), token)),
        _ => Err(unexpected(input, place)),
    }
}

/// Takes a token of this kind; anything else is an error of the construct that is open.
pub(in crate::syntax) fn expect_here<'a>(kind: TokenKind) -> impl Parser<Tokens<'a>, Output = Token, Error = Fault> {
    move |input: Tokens<'a>| match input.peek() {
        token if token.kind == kind => Ok((input.advance(), token)),
        _ => Err(unexpected_here(input)),
    }
}

/// Turns what ended the parser into the error that users see.
#[cold]
pub(in crate::syntax) fn report(source: &Source<'_>, fault: nom::Err<Fault>) -> Box<ParseError> {
    let (kind, span) =
        match fault {
            nom::Err::Error(Fault(why)) | nom::Err::Failure(Fault(why)) => match *why {
                Why::Wrong(kind, span) => (kind, span),
                Why::Unexpected(token, place) => {
                    let lexical = source.error.as_ref().filter(|_| token.kind == TokenKind::Error);
                    let kind = lexical.map(|error| ParseErrorKind::Lexical((**error).clone())).unwrap_or_else(|| {
                        ParseErrorKind::Unexpected { found: token.describe(source.text), context: place.context, expected: place.expected }
                    });
                    (kind, token.span)
                }
            },
            // No parser here asks for more input; the end is a token.
            nom::Err::Incomplete(_) => (ParseErrorKind::Empty, Span::default()),
        };
    Box::new(ParseError::new(kind, span, source.text))
}
