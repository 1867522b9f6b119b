//! The labels of one series.

use super::SeriesError;
use crate::model::labels::METRIC_NAME;
use crate::model::{ByteString, Label, LabelSet};
use crate::syntax::parser::Tokens;
use crate::syntax::parser::fault::{Fault, Parsed, Place, expect, unexpected, unexpected_here, wrong};
use crate::syntax::parser::literal::unquote;
use crate::syntax::token::{Token, TokenKind};
use nom::Parser;

const NAME_OR_END: Place = Place::expecting("label set", "identifier or \"}\"");
const EQUALS: Place = Place::expecting("label set", "\"=\"");
const VALUE: Place = Place::expecting("label set", "string");
const COMMA_OR_END: Place = Place::expecting("label set", "\",\" or \"}\"");

/// metric = metric_ident [ label_set ] | label_set; a name in front wins over one inside
pub(in crate::syntax) fn metric(input: Tokens<'_>) -> Parsed<'_, LabelSet> {
    let first = input.peek();
    let (mut input, name) = match first.kind {
        kind if kind.names_metric() => (input.advance(), Some(input.name(first))),
        TokenKind::LeftBrace => (input, None),
        _ => return Err(unexpected_here(input)),
    };
    let mut labels = Vec::new();
    if input.next_is(TokenKind::LeftBrace) {
        (input, ()) = label_set(input, &mut labels)?;
    }
    labels.extend(name.map(|name| Label { name: METRIC_NAME.into(), value: name.as_str().into() }));
    Ok((input, LabelSet::new(labels)))
}

/// label_set = "{" [ label_item { "," label_item } [ "," ] ] "}"
fn label_set<'a>(input: Tokens<'a>, labels: &mut Vec<Label>) -> Parsed<'a, ()> {
    let mut input = input.advance();
    while !input.next_is(TokenKind::RightBrace) {
        let (after, label) = label_item(input)?;
        if labels.iter().any(|other| other.name == label.name) {
            return Err(wrong(SeriesError::DuplicateLabel(label.name.to_string()), input.peek().span));
        }
        labels.push(label);
        input = match after.peek().kind {
            TokenKind::Comma => after.advance(),
            TokenKind::RightBrace => after,
            _ => return Err(unexpected(after, COMMA_OR_END)),
        };
    }
    Ok((input.advance(), ()))
}

/// label_item = ( name | STRING ) "=" STRING | STRING
fn label_item(input: Tokens<'_>) -> Parsed<'_, Label> {
    let token = input.peek();
    let after = input.advance();
    let name = match token.kind {
        TokenKind::Identifier => ByteString::from(input.text(token)),
        TokenKind::String => unquote(input.text(token)),
        _ => return Err(unexpected(input, NAME_OR_END)),
    };
    let alone = token.kind == TokenKind::String && matches!(after.peek().kind, TokenKind::Comma | TokenKind::RightBrace);
    if alone {
        return Ok((after, Label { name: METRIC_NAME.into(), value: utf8(name, token)?.into() }));
    }
    let (after, _) = expect(TokenKind::Assign, if token.kind == TokenKind::String { COMMA_OR_END } else { EQUALS }).parse(after)?;
    let (after, value) = expect(TokenKind::String, VALUE).parse(after)?;
    let label = Label { name: utf8(name, token)?.into(), value: utf8(unquote(after.text(value)), value)?.into() };
    Ok((after, label))
}

fn utf8(text: ByteString, token: Token) -> Result<String, nom::Err<Fault>> {
    match text.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(wrong(SeriesError::NotUtf8(text), token.span)),
    }
}
