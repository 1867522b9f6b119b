//! Selectors: a metric name, matchers in braces, or both.

use super::fault::{Parsed, Place, unexpected, unexpected_here, wrong};
use super::literal::unquote;
use super::tokens::Tokens;
use crate::model::labels::METRIC_NAME;
use crate::model::{MatchOp, Matcher, Span};
use crate::syntax::ast::{BinaryOp, VectorSelector};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;

const NAME_OR_END: Place = Place::expecting("label matching", "identifier or \"}\"");
const OPERATOR: Place = Place::expecting("label matching", "label matching operator");
const VALUE: Place = Place::expecting("label matching", "string");
const COMMA_OR_END: Place = Place::expecting("label matching", "\",\" or \"}\"");

/// selector = metric_name [ matchers ] | matchers
pub(in crate::syntax) fn selector(mut input: Tokens<'_>) -> Parsed<'_, Box<VectorSelector>> {
    let first = input.peek();
    let (matchers, span) = (Vec::new(), first.span);
    let mut selector = Box::new(VectorSelector { name: None, matchers, offset: None, at: None, extension: None, span });
    match first.kind {
        kind if kind.names_metric() => {
            selector.name = Some(input.name(first));
            input = input.advance();
        }
        TokenKind::LeftBrace => {}
        _ => return Err(unexpected_here(input)),
    }
    if input.next_is(TokenKind::LeftBrace) {
        (input, selector.matchers) = matchers_in_braces(input)?;
        selector.span.end = input.last_closing(false);
    }
    Ok((input, selector))
}

/// matchers = "{" [ matcher { "," matcher } [ "," ] ] "}"
#[inline(never)] // most selectors are a name alone
fn matchers_in_braces(input: Tokens<'_>) -> Parsed<'_, Vec<Matcher>> {
    let mut input = input.advance();
    let mut matchers = Vec::with_capacity(input.strings_in_braces());
    while !input.next_is(TokenKind::RightBrace) {
        let (after, ()) = matcher(input, &mut matchers)?;
        input = match after.peek().kind {
            TokenKind::Comma => after.advance(),
            TokenKind::RightBrace => after,
            _ => return Err(unexpected(after, COMMA_OR_END)),
        };
    }
    Ok((input.advance(), matchers))
}

/// matcher = ( name | STRING ) ( "=" | "!=" | "=~" | "!~" ) STRING | STRING
fn matcher<'a>(input: Tokens<'a>, matchers: &mut Vec<Matcher>) -> Parsed<'a, ()> {
    let label = input.peek();
    let after_label = input.advance();
    if !matches!(label.kind, TokenKind::Identifier | TokenKind::String) {
        return Err(unexpected(input, NAME_OR_END));
    }
    let op = match after_label.peek().kind {
        TokenKind::Assign => MatchOp::Equal,
        TokenKind::Operator(BinaryOp::Ne) => MatchOp::NotEqual,
        TokenKind::RegexMatch => MatchOp::Regex,
        TokenKind::RegexNotMatch => MatchOp::NotRegex,
        // A text alone is the metric's name.
        _ if label.kind == TokenKind::String => {
            matchers.push(Matcher::with_pattern(METRIC_NAME.into(), MatchOp::Equal, unquote(input.text(label)), label.span, None));
            return Ok((after_label, ()));
        }
        _ => return Err(unexpected(after_label, OPERATOR)),
    };
    let after_op = after_label.advance();
    let value = after_op.peek();
    if value.kind != TokenKind::String {
        return Err(unexpected(after_op, VALUE));
    }
    let span = Span::new(label.span.start, value.span.end);
    let text = input.text(label);
    let name = if label.kind == TokenKind::String { unquote(text) } else { text.into() };
    let value = unquote(input.text(value));
    let pattern = Matcher::pattern(op, value.as_bytes()).map_err(|error| wrong(ParseErrorKind::Regex(error), span))?;
    matchers.push(Matcher::with_pattern(name, op, value, span, pattern));
    Ok((after_op.advance(), ()))
}
