//! Clauses around operators: `by` and `without`, `bool`, `on` and `ignoring`, `group_left` and
//! `group_right`, `fill`.

use super::fault::{Parsed, Place, expect_here, unexpected, wrong};
use super::literal::{number_or_duration, unquote};
use super::tokens::Tokens;
use crate::model::Name;
use crate::syntax::ast::{Binary, BinaryOp, Cardinality, Grouping, Matching};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;
use nom::Parser;
use nom::sequence::delimited;

const OPEN: Place = Place::expecting("grouping opts", "\"(\"");
const LABEL: Place = Place::expecting("grouping opts", "label");
const COMMA_OR_CLOSE: Place = Place::expecting("grouping opts", "\",\" or \")\"");

/// label_list = "(" [ label { "," label } [ "," ] ] ")"
fn label_list(input: Tokens<'_>) -> Parsed<'_, Vec<Name>> {
    if !input.next_is(TokenKind::LeftParen) {
        return Err(unexpected(input, OPEN));
    }
    let mut input = input.advance();
    let mut labels = Vec::with_capacity(input.items_in_parens());
    while !input.next_is(TokenKind::RightParen) {
        let (after, label) = label(input)?;
        labels.push(label);
        input = match after.peek().kind {
            TokenKind::Comma => after.advance(),
            TokenKind::RightParen => after,
            _ => return Err(unexpected(after, COMMA_OR_CLOSE)),
        };
    }
    Ok((input.advance(), labels))
}

/// label = name | keyword | STRING
fn label(input: Tokens<'_>) -> Parsed<'_, Name> {
    let token = input.peek();
    let label = match token.kind {
        TokenKind::String => {
            let text = unquote(input.text(token));
            match text.as_str() {
                Some(name) if !name.is_empty() => name.into(),
                _ => return Err(wrong(ParseErrorKind::GroupingLabel(text), token.span)),
            }
        }
        TokenKind::MetricIdentifier if input.source.options.unquoted_utf8_names => {
            return Err(wrong(ParseErrorKind::GroupingLabel(input.text(token).into()), token.span));
        }
        kind if kind.names_grouping_label() => input.name(token),
        _ => return Err(unexpected(input, LABEL)),
    };
    Ok((input.advance(), label))
}

/// grouping = ( "by" | "without" ) label_list
pub(super) fn grouping(input: Tokens<'_>) -> Parsed<'_, Grouping> {
    let without = input.next_is(TokenKind::Without);
    label_list.map(move |labels| Grouping { without, labels }).parse(input.advance())
}

/// bin_mod = [ "bool" ] [ ( "on" | "ignoring" ) label_list [ group ] ] [ fills ]
pub(super) fn binary_modifiers<'a>(mut input: Tokens<'a>, binary: &mut Binary) -> Parsed<'a, ()> {
    if input.next_is(TokenKind::Bool) {
        binary.return_bool = true;
        input = input.advance();
    }
    // The type check removes it again where it joins no vectors.
    let cardinality = if binary.op.is_set() { Cardinality::ManyToMany } else { Cardinality::OneToOne };
    let (on, labels, include) = (false, Vec::new(), Vec::new());
    let matching = binary.matching.insert(Matching { cardinality, on, labels, include, fill_left: None, fill_right: None });
    if let TokenKind::On | TokenKind::Ignoring = input.peek().kind {
        matching.on = input.next_is(TokenKind::On);
        (input, matching.labels) = label_list(input.advance())?;
        (input, ()) = group(input, matching)?;
    }
    fills(input, matching)
}

/// group = ( "group_left" | "group_right" ) [ label_list ]
fn group<'a>(input: Tokens<'a>, matching: &mut Matching) -> Parsed<'a, ()> {
    matching.cardinality = match input.peek().kind {
        TokenKind::GroupLeft => Cardinality::ManyToOne,
        TokenKind::GroupRight => Cardinality::OneToMany,
        _ => return Ok((input, ())),
    };
    let input = input.advance();
    let next = input.peek().kind;
    // A parenthesis always opens the list, never the right side.
    if next == TokenKind::LeftParen || !next.starts_expression() {
        let (input, labels) = label_list(input)?;
        matching.include = labels;
        return Ok((input, ()));
    }
    Ok((input, ()))
}

/// fills = "fill" fv | "fill_left" fv [ "fill_right" fv ] | "fill_right" fv [ "fill_left" fv ]
fn fills<'a>(input: Tokens<'a>, matching: &mut Matching) -> Parsed<'a, ()> {
    match input.peek().kind {
        TokenKind::Fill => {
            let (input, value) = fill_value(input.advance())?;
            (matching.fill_left, matching.fill_right) = (Some(value), Some(value));
            Ok((input, ()))
        }
        first @ (TokenKind::FillLeft | TokenKind::FillRight) => {
            let left_first = first == TokenKind::FillLeft;
            let (mut input, value) = fill_value(input.advance())?;
            let second = if left_first { TokenKind::FillRight } else { TokenKind::FillLeft };
            let mut other = None;
            if input.next_is(second) {
                let (after, value) = fill_value(input.advance())?;
                (input, other) = (after, Some(value));
            }
            let (left, right) = if left_first { (Some(value), other) } else { (other, Some(value)) };
            (matching.fill_left, matching.fill_right) = (left, right);
            Ok((input, ()))
        }
        _ => Ok((input, ())),
    }
}

/// fv = "(" [ "+" | "-" ] ( number | duration ) ")"
fn fill_value(input: Tokens<'_>) -> Parsed<'_, f64> {
    delimited(expect_here(TokenKind::LeftParen), signed_literal, expect_here(TokenKind::RightParen)).parse(input)
}

fn signed_literal(input: Tokens<'_>) -> Parsed<'_, f64> {
    match input.peek().kind {
        TokenKind::Operator(BinaryOp::Sub) => number_or_duration.map(|literal| -literal.value).parse(input.advance()),
        TokenKind::Operator(BinaryOp::Add) => number_or_duration.map(|literal| literal.value).parse(input.advance()),
        _ => number_or_duration.map(|literal| literal.value).parse(input),
    }
}
