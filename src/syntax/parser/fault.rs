//! How parsers fail: cheaply where another way is tried, for good once a production has begun.

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

/// Why a parser failed.
pub(in crate::syntax) enum Fault {
    /// This token cannot stand here.
    Unexpected(Token, Place),
    /// A production is complete and wrong.
    Wrong(Box<(ParseErrorKind, Span)>),
}

impl<'a> nom::error::ParseError<Tokens<'a>> for Fault {
    fn from_error_kind(input: Tokens<'a>, _: ErrorKind) -> Self {
        Fault::Unexpected(input.peek(), Place::default())
    }
    fn append(_: Tokens<'a>, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// The next token cannot stand here; nothing else is tried.
pub(in crate::syntax) fn unexpected(input: Tokens<'_>, place: Place) -> nom::Err<Fault> {
    nom::Err::Failure(Fault::Unexpected(input.peek(), place))
}

/// The next token cannot stand here, and no construct has a word of its own for it.
pub(in crate::syntax) fn unexpected_here(input: Tokens<'_>) -> nom::Err<Fault> {
    unexpected(input, if input.in_aggregation { Place::within("aggregation") } else { Place::default() })
}

/// A production that is complete and wrong.
pub(in crate::syntax) fn wrong(kind: impl Into<ParseErrorKind>, span: Span) -> nom::Err<Fault> {
    nom::Err::Failure(Fault::Wrong(Box::new((kind.into(), span))))
}

/// The same where the reference has read the next token before it knows that the production is
/// complete: if that is no token, it says so first.
pub(in crate::syntax) fn wrong_unless_lexical(next: Tokens<'_>, kind: impl Into<ParseErrorKind>, span: Span) -> nom::Err<Fault> {
    if next.next_is(TokenKind::Error) { unexpected_here(next) } else { wrong(kind, span) }
}

/// Takes a token of this kind, or fails so that another way can be tried.
pub(in crate::syntax) fn token<'a>(kind: TokenKind) -> impl Parser<Tokens<'a>, Output = Token, Error = Fault> {
    move |input: Tokens<'a>| match input.peek() {
        token if token.kind == kind => Ok((input.advance(), token)),
        token => Err(nom::Err::Error(Fault::Unexpected(token, Place::default()))),
    }
}

/// Takes a token of this kind; anything else is an error at this place.
pub(in crate::syntax) fn expect<'a>(kind: TokenKind, place: Place) -> impl Parser<Tokens<'a>, Output = Token, Error = Fault> {
    move |input: Tokens<'a>| token(kind).parse(input).map_err(|_: nom::Err<Fault>| unexpected(input, place))
}

/// Takes a token of this kind; anything else is an error of the construct that is open.
pub(in crate::syntax) fn expect_here<'a>(kind: TokenKind) -> impl Parser<Tokens<'a>, Output = Token, Error = Fault> {
    move |input: Tokens<'a>| token(kind).parse(input).map_err(|_: nom::Err<Fault>| unexpected_here(input))
}

/// Turns what ended the parser into the error that users see.
pub(in crate::syntax) fn report(source: &Source<'_>, fault: nom::Err<Fault>) -> ParseError {
    let (kind, span) = match fault {
        nom::Err::Error(Fault::Wrong(wrong)) | nom::Err::Failure(Fault::Wrong(wrong)) => *wrong,
        nom::Err::Error(Fault::Unexpected(token, place)) | nom::Err::Failure(Fault::Unexpected(token, place)) => {
            let lexical = source.lexed.error.clone().filter(|_| token.kind == TokenKind::Error);
            let kind = lexical.map(ParseErrorKind::from).unwrap_or_else(|| ParseErrorKind::Unexpected {
                found: token.describe(source.text),
                context: place.context,
                expected: place.expected,
            });
            (kind, token.span)
        }
        // No parser here asks for more input; the end is a token.
        nom::Err::Incomplete(_) => (ParseErrorKind::Empty, Span::default()),
    };
    ParseError::new(kind, span, source.text)
}
