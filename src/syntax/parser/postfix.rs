//! What follows an operand: ranges and subqueries, `offset`, `@`, `anchored` and `smoothed`.

use super::duration::{OffsetForm, offset_duration, positive_duration};
use super::fault::{Parsed, Place, expect, unexpected, wrong, wrong_unless_lexical};
use super::literal::literal;
use super::tokens::Tokens;
use super::{Size, check_nesting};
use crate::model::Span;
use crate::syntax::ast::{At, BinaryOp, Duration, Expr, Extension, MatrixSelector, NumberLiteral, Subquery};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;
use nom::Parser;
use std::mem::take;

const RANGE: Place = Place::expecting("subquery or range selector", "number, duration, step(), or range()");
const COLON_OR_END: Place = Place::expecting("subquery or range", "\":\" or \"]\"");
const STEP: Place = Place::expecting("subquery selector", "number, duration, step(), range(), or \"]\"");
const END: Place = Place::expecting("subquery selector", "\"]\"");
const OFFSET: Place = Place::expecting("offset", "number, duration, step(), or range()");
const TIME: Place = Place::expecting("@", "timestamp");

/// { postfix }, where
/// postfix = "[" range "]" | "[" range ":" [ range ] "]" | "offset" offset_dur | "@" at_time
///         | "anchored" | "smoothed"
pub(super) fn postfixes<'a>(mut input: Tokens<'a>, mut size: Size, operand: &mut Expr) -> Parsed<'a, Size> {
    loop {
        (input, ()) = match input.peek().kind {
            TokenKind::LeftBracket => brackets(input, &mut size, operand)?,
            TokenKind::Offset => offset(input, operand)?,
            TokenKind::At => at(input, operand)?,
            TokenKind::Anchored => extension(input, operand, Extension::Anchored)?,
            TokenKind::Smoothed => extension(input, operand, Extension::Smoothed)?,
            _ => return Ok((input, size)),
        };
    }
}

/// "[" range "]" | "[" range ":" [ range ] "]"
fn brackets<'a>(input: Tokens<'a>, size: &mut Size, operand: &mut Expr) -> Parsed<'a, ()> {
    let open = input.peek().span;
    let (rest, range) = positive_duration(input.advance(), RANGE)?;
    match rest.peek().kind {
        TokenKind::Colon => {
            let mut rest = rest.advance();
            let mut step = None;
            if !rest.next_is(TokenKind::RightBracket) {
                let (after, duration) = positive_duration(rest, STEP)?;
                (rest, step) = (after, Some(duration));
            }
            let (rest, close) = expect(TokenKind::RightBracket, END).parse(rest)?;
            *size = size.nested();
            check_nesting(input, size.nesting)?;
            let span = Span::new(operand.span().start, close.span.end);
            let expr = take(operand);
            operand.put(Expr::Subquery(Box::new(Subquery { expr, range, step, offset: None, at: None, span })));
            Ok((rest, ()))
        }
        TokenKind::RightBracket => {
            let close = rest.peek().span;
            let brackets = Span::new(open.start, close.end);
            let Expr::Vector(vector) = operand else {
                return Err(wrong(ParseErrorKind::RangeOperand, brackets));
            };
            if vector.offset.is_some() {
                return Err(wrong(ParseErrorKind::OffsetBeforeRange, brackets));
            }
            if vector.at.is_some() {
                return Err(wrong(ParseErrorKind::AtBeforeRange, brackets));
            }
            let span = Span::new(vector.span.start, close.end);
            if let Expr::Vector(vector) = take(operand) {
                operand.put(Expr::Matrix(MatrixSelector { vector, range, span }));
            }
            Ok((rest.advance(), ()))
        }
        _ => Err(unexpected(rest, COLON_OR_END)),
    }
}

/// What `offset` and `@` change.
struct Timing<'e> {
    offset: &'e mut Option<Duration>,
    at: &'e mut Option<At>,
    span: &'e mut Span,
}

fn timing(expr: &mut Expr) -> Option<Timing<'_>> {
    match expr {
        Expr::Vector(v) => Some(Timing { offset: &mut v.offset, at: &mut v.at, span: &mut v.span }),
        Expr::Matrix(m) => Some(Timing { offset: &mut m.vector.offset, at: &mut m.vector.at, span: &mut m.span }),
        Expr::Subquery(s) => Some(Timing { offset: &mut s.offset, at: &mut s.at, span: &mut s.span }),
        _ => None,
    }
}

/// "offset" offset_dur
fn offset<'a>(input: Tokens<'a>, operand: &mut Expr) -> Parsed<'a, ()> {
    let (rest, (duration, form)) = offset_duration(input.advance(), OFFSET)?;
    let looked_ahead = form == OffsetForm::Full;
    let span = operand.span();
    let fail = |kind| if looked_ahead { wrong_unless_lexical(rest, kind, span) } else { wrong(kind, span) };
    let Some(timing) = timing(operand) else {
        return Err(fail(ParseErrorKind::OffsetOperand));
    };
    if timing.offset.is_some() {
        return Err(fail(ParseErrorKind::OffsetTwice));
    }
    // An offset of zero leaves no trace: another one may follow.
    *timing.offset = Some(duration).filter(|duration| *duration != Duration::Literal(0));
    timing.span.end = rest.last_closing(looked_ahead);
    Ok((rest, ()))
}

/// "@" at_time, where
/// at_time = [ "+" | "-" ] ( number | duration ) | ( "start" | "end" ) "(" ")"
fn at<'a>(input: Tokens<'a>, operand: &mut Expr) -> Parsed<'a, ()> {
    let first = input.advance();
    let (rest, at) = match first.peek().kind {
        kind @ (TokenKind::Start | TokenKind::EndOfQuery) => {
            let (rest, _) = expect(TokenKind::LeftParen, TIME).parse(first.advance())?;
            let (rest, _) = expect(TokenKind::RightParen, TIME).parse(rest)?;
            (rest, if kind == TokenKind::Start { At::Start } else { At::End })
        }
        TokenKind::Operator(BinaryOp::Add) => time(first.advance(), 1.0, operand)?,
        TokenKind::Operator(BinaryOp::Sub) => time(first.advance(), -1.0, operand)?,
        _ => time(first, 1.0, operand)?,
    };
    let span = operand.span();
    let Some(timing) = timing(operand) else {
        return Err(wrong(ParseErrorKind::AtOperand, span));
    };
    if timing.at.is_some() {
        return Err(wrong(ParseErrorKind::AtTwice, span));
    }
    *timing.at = Some(at);
    timing.span.end = rest.last_closing(false);
    Ok((rest, ()))
}

fn time<'a>(input: Tokens<'a>, sign: f64, operand: &Expr) -> Parsed<'a, At> {
    let token = input.peek();
    let (TokenKind::Number | TokenKind::Duration) = token.kind else {
        return Err(unexpected(input, TIME));
    };
    let NumberLiteral { value, .. } = literal(input)?;
    let seconds = value * sign;
    const LIMIT: f64 = i64::MAX as f64;
    if !(-LIMIT < seconds && seconds < LIMIT) {
        return Err(wrong(ParseErrorKind::AtOutOfBounds(seconds), operand.span()));
    }
    let ms = (seconds * 1000.0).round();
    // Beyond 64 bits of ms the reference wraps, on amd64 to this value.
    let ms = if ms.abs() >= LIMIT { i64::MIN } else { ms as i64 };
    Ok((input.advance(), At::Time(ms)))
}

/// "anchored" | "smoothed"
fn extension<'a>(input: Tokens<'a>, operand: &mut Expr, extension: Extension) -> Parsed<'a, ()> {
    let span = operand.span();
    let vector = match operand {
        Expr::Vector(vector) => vector,
        Expr::Matrix(matrix) => &mut matrix.vector,
        Expr::Subquery(_) => return Err(wrong(ParseErrorKind::ExtensionOnSubquery(extension), span)),
        _ => return Err(wrong(ParseErrorKind::ExtensionOperand(extension), span)),
    };
    if vector.extension.is_some_and(|other| other != extension) {
        return Err(wrong(ParseErrorKind::ExtensionConflict, span));
    }
    vector.extension = Some(extension);
    Ok((input.advance(), ()))
}
