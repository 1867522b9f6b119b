//! The items after the labels, and what they stand for.

use super::histogram::histogram;
use super::metric::metric;
use super::{MAX_VALUES, SequenceValue, SeriesDescription, SeriesError};
use crate::model::number::NumberError;
use crate::model::{Histogram, LabelSet, stale};
use crate::syntax::ast::BinaryOp;
use crate::syntax::parser::Tokens;
use crate::syntax::parser::fault::{Fault, Parsed, Place, expect, unexpected, wrong};
use crate::syntax::parser::literal::number_value;
use crate::syntax::token::{Token, TokenKind};
use nom::Parser;
use std::sync::Arc;

const VALUES: Place = Place::within("series values");
const VALUE: Place = Place::expecting("series values", "number or \"stale\"");

/// series_desc = [ metric ] { SP [ item ] }
pub(super) fn series_description(input: Tokens<'_>) -> Parsed<'_, SeriesDescription> {
    let (mut input, labels) = match input.peek().kind {
        kind if kind.names_metric() || kind == TokenKind::LeftBrace => metric(input)?,
        _ => (input, LabelSet::default()),
    };
    let mut values = Vec::new();
    if !matches!(input.peek().kind, TokenKind::Space | TokenKind::End) {
        return Err(unexpected(input, VALUES));
    }
    // What begins no item ends the description; the caller says that it cannot follow.
    while input.next_is(TokenKind::Space) {
        input = input.advance();
        if starts_item(input.peek().kind) {
            input = item(input, &mut values)?;
        }
    }
    Ok((input, SeriesDescription { labels, values }))
}

fn starts_item(kind: TokenKind) -> bool {
    use TokenKind as K;
    matches!(kind, K::Blank | K::OpenHistogram | K::Identifier | K::Number) || matches!(kind, K::Operator(BinaryOp::Add | BinaryOp::Sub))
}

/// item = "_" [ "x" UINT ] | value [ step ] | histogram [ step ]
fn item<'a>(input: Tokens<'a>, values: &mut Vec<SequenceValue>) -> Result<Tokens<'a>, nom::Err<Fault>> {
    match input.peek().kind {
        TokenKind::Blank => {
            let input = input.advance();
            if !input.next_is(TokenKind::Times) {
                return push(input, values, input.peek(), 1, SequenceValue::Omitted);
            }
            let (rest, (times, token)) = repetition(input)?;
            push(rest, values, token, times, SequenceValue::Omitted)
        }
        TokenKind::OpenHistogram => histograms(input, values),
        TokenKind::Identifier => {
            let token = input.peek();
            if input.text(token) != b"stale" {
                return Err(unexpected(input, VALUE));
            }
            push(input.advance(), values, token, 1, SequenceValue::Float(stale()))
        }
        _ => floats(input, values),
    }
}

/// value [ ( "+" | "-" ) number ] [ "x" UINT ]; a step needs its repetition
fn floats<'a>(input: Tokens<'a>, values: &mut Vec<SequenceValue>) -> Result<Tokens<'a>, nom::Err<Fault>> {
    let first = input.peek();
    let (input, base) = signed_number(input)?;
    let (input, step) = match sign(input) {
        Some(_) => signed_number(input)?,
        None if input.next_is(TokenKind::Times) => (input, 0.0),
        None => return push(input, values, first, 1, SequenceValue::Float(base)),
    };
    let stepped = step != 0.0 || !input.next_is(TokenKind::Times);
    let (rest, (times, token)) = repetition(input)?;
    check_room(values, times.saturating_add(1), token)?;
    let mut value = base;
    for _ in 0..=times {
        values.push(SequenceValue::Float(value));
        // Repeated addition, as the reference has it, not multiplication.
        value = if stepped { value + step } else { value };
    }
    Ok(rest)
}

fn histograms<'a>(input: Tokens<'a>, values: &mut Vec<SequenceValue>) -> Result<Tokens<'a>, nom::Err<Fault>> {
    let first = input.peek();
    let (input, (base, hint_set)) = histogram(input)?;
    let base = Arc::new(base);
    let Some(op) = sign(input) else {
        let value = SequenceValue::Histogram { histogram: base, hint_set };
        if !input.next_is(TokenKind::Times) {
            return push(input, values, first, 1, value);
        }
        let (rest, (times, token)) = repetition(input)?;
        return push(rest, values, token, times.saturating_add(1), value);
    };
    if !input.advance().next_is(TokenKind::OpenHistogram) {
        return Err(unexpected(input.advance(), VALUES));
    }
    let (input, (step, hint_set)) = histogram(input.advance())?;
    let (rest, (times, token)) = repetition(input)?;
    check_room(values, times.saturating_add(1), token)?;
    if step.schema < base.schema {
        return Err(wrong(SeriesError::Schemas { from: step.schema, to: base.schema }, token.span));
    }
    let mut current: Histogram = (*base).clone();
    for i in 0..=times {
        values.push(SequenceValue::Histogram { histogram: Arc::new(current.clone()), hint_set });
        if i < times {
            let added = if op == BinaryOp::Add { current.add(&step) } else { current.sub(&step) };
            added.map_err(|error| wrong(SeriesError::Combine(error), token.span))?;
        }
    }
    Ok(rest)
}

/// "x" UINT, with the token of the number
fn repetition(input: Tokens<'_>) -> Parsed<'_, (usize, Token)> {
    let (rest, _) = expect(TokenKind::Times, VALUES).parse(input)?;
    let (rest, token) = expect(TokenKind::Number, VALUES).parse(rest)?;
    let text = String::from_utf8_lossy(rest.text(token));
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let reason = if digits { NumberError::Range } else { NumberError::Syntax };
    match text.parse::<u64>() {
        Ok(times) if digits => Ok((rest, (usize::try_from(times).unwrap_or(usize::MAX), token))),
        _ => Err(wrong(SeriesError::Repetition { text: text.into_owned(), reason }, token.span)),
    }
}

/// number | ( "+" | "-" ) number
fn signed_number(input: Tokens<'_>) -> Parsed<'_, f64> {
    let sign = sign(input);
    let input = if sign.is_some() { input.advance() } else { input };
    let (rest, value) = number(input)?;
    Ok((rest, if sign == Some(BinaryOp::Sub) { -value } else { value }))
}

fn sign(input: Tokens<'_>) -> Option<BinaryOp> {
    match input.peek().kind {
        TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) => Some(op),
        _ => None,
    }
}

fn number(input: Tokens<'_>) -> Parsed<'_, f64> {
    let (rest, token) = expect(TokenKind::Number, VALUES).parse(input)?;
    let text = String::from_utf8_lossy(rest.text(token));
    Ok((rest, number_value(&text, token.span)?))
}

/// Appends so many copies.
fn push<'a>(
    rest: Tokens<'a>,
    values: &mut Vec<SequenceValue>,
    token: Token,
    times: usize,
    value: SequenceValue,
) -> Result<Tokens<'a>, nom::Err<Fault>> {
    check_room(values, times, token)?;
    values.extend(std::iter::repeat_n(value, times));
    Ok(rest)
}

fn check_room(values: &[SequenceValue], more: usize, token: Token) -> Result<(), nom::Err<Fault>> {
    match values.len().checked_add(more).is_some_and(|total| total <= MAX_VALUES) {
        true => Ok(()),
        false => Err(wrong(SeriesError::TooLong { limit: MAX_VALUES }, token.span)),
    }
}
