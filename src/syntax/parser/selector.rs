//! Selectors: a metric name, matchers in braces, or both.

use super::fault::{Fault, Parsed, Place, unexpected, unexpected_here, wrong};
use super::literal::unquote;
use super::tokens::Tokens;
use crate::model::labels::METRIC_NAME;
use crate::model::{ByteString, MatchOp, Matcher, Span};
use crate::syntax::ast::{BinaryOp, Matchers, VectorSelector};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;

const NAME_OR_END: Place = Place::expecting("label matching", "identifier or \"}\"");
const OPERATOR: Place = Place::expecting("label matching", "label matching operator");
const VALUE: Place = Place::expecting("label matching", "string");
const COMMA_OR_END: Place = Place::expecting("label matching", "\",\" or \"}\"");

/// selector = metric_name [ matchers ] | matchers
pub(in crate::syntax) fn selector(input: Tokens<'_>) -> Parsed<'_, Box<VectorSelector>> {
    let first = input.peek();
    let (mut input, name) = match first.kind {
        kind if kind.names_metric() => (input.advance(), Some(input.name(first))),
        TokenKind::LeftBrace => (input, None),
        _ => return Err(unexpected_here(input)),
    };
    let mut span = first.span;
    let outside = name.as_ref().map(|name| Matcher::of_name(name, span));
    let matchers = if input.next_is(TokenKind::LeftBrace) {
        let (rest, mut matchers) = matchers_in_braces(input, name.is_some())?;
        outside.into_iter().for_each(|matcher| matchers.push(matcher));
        span.end = rest.last_closing(false);
        input = rest;
        matchers
    } else {
        outside.map(Matchers::from).unwrap_or_default()
    };
    Ok((input, Box::new(VectorSelector { name, matchers, offset: None, at: None, extension: None, span })))
}

/// matchers = "{" [ matcher { "," matcher } [ "," ] ] "}"
fn matchers_in_braces(input: Tokens<'_>, named: bool) -> Parsed<'_, Matchers> {
    let mut input = input.advance();
    // A name in front becomes one more.
    let mut matchers = Matchers::with_capacity(input.strings_in_braces() + usize::from(named));
    while !input.next_is(TokenKind::RightBrace) {
        let (after, matcher) = matcher(input)?;
        matchers.push(matcher);
        input = match after.peek().kind {
            TokenKind::Comma => after.advance(),
            TokenKind::RightBrace => after,
            _ => return Err(unexpected(after, COMMA_OR_END)),
        };
    }
    Ok((input.advance(), matchers))
}

/// matcher = ( name | STRING ) ( "=" | "!=" | "=~" | "!~" ) STRING | STRING
fn matcher(input: Tokens<'_>) -> Parsed<'_, Matcher> {
    let label = input.peek();
    let after_label = input.advance();
    let name = match label.kind {
        TokenKind::Identifier => ByteString::from(input.text(label)),
        TokenKind::String => unquote(input.text(label)),
        _ => return Err(unexpected(input, NAME_OR_END)),
    };
    let op = match after_label.peek().kind {
        TokenKind::Assign => MatchOp::Equal,
        TokenKind::Operator(BinaryOp::Ne) => MatchOp::NotEqual,
        TokenKind::RegexMatch => MatchOp::Regex,
        TokenKind::RegexNotMatch => MatchOp::NotRegex,
        // A text alone is the metric's name.
        _ if label.kind == TokenKind::String => {
            let matcher = new_matcher(METRIC_NAME.into(), MatchOp::Equal, name, label.span)?;
            return Ok((after_label, matcher));
        }
        _ => return Err(unexpected(after_label, OPERATOR)),
    };
    let after_op = after_label.advance();
    let value = after_op.peek();
    if value.kind != TokenKind::String {
        return Err(unexpected(after_op, VALUE));
    }
    let span = Span::new(label.span.start, value.span.end);
    Ok((after_op.advance(), new_matcher(name, op, unquote(input.text(value)), span)?))
}

fn new_matcher(name: ByteString, op: MatchOp, value: ByteString, span: Span) -> Result<Matcher, nom::Err<Fault>> {
    Matcher::new(name, op, value, span).map_err(|error| wrong(ParseErrorKind::Regex(error), span))
}
