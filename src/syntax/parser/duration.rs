//! Duration expressions: what may stand in brackets and after `offset`.

use super::fault::{Fault, Parsed, Place, expect, unexpected, wrong, wrong_unless_lexical};
use super::literal::literal;
use super::tokens::Tokens;
use super::{nested, nested_by};
use crate::model::Span;
use crate::model::duration::DurationError;
use crate::syntax::ast::{BinaryOp, Duration, DurationExpr, DurationKind, DurationOp, NumberLiteral};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::{Token, TokenKind};
use nom::Parser;

/// A range or step: a literal must be above zero.
pub(super) fn positive_duration(input: Tokens<'_>, place: Place) -> Parsed<'_, Duration> {
    if let TokenKind::RightBracket | TokenKind::Colon = input.peek_second().kind
        && let token @ Token { kind: TokenKind::Number | TokenKind::Duration, .. } = input.peek()
    {
        // What most are.
        let number = literal(input)?;
        check_length(&number, token.span)?;
        if number.value <= 0.0 {
            return Err(wrong(ParseErrorKind::DurationNotPositive, token.span));
        }
        return Ok((input.advance(), Duration::Literal(nanoseconds(number.value))));
    }
    let (input, expr) = climb(input, place, 0)?;
    if let (DurationKind::Number(number), false) = (&expr.kind, expr.wrapped)
        && number.value <= 0.0
    {
        return Err(wrong_unless_lexical(input, ParseErrorKind::DurationNotPositive, number.span));
    }
    Ok((input, into_duration(expr)))
}

/// Whether an offset ends as soon as it can, so that operators after it are the vector's, or
/// takes all operators that follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OffsetForm {
    /// A literal or call with at most one sign, or a sign and parentheses.
    Simple,
    /// Parentheses without a sign, or more than one sign.
    Full,
}

/// The duration after `offset`.
pub(super) fn offset_duration(input: Tokens<'_>, place: Place) -> Parsed<'_, (Duration, OffsetForm)> {
    use TokenKind as K;
    let sign = sign(input);
    let operand = if sign.is_some() { input.advance() } else { input };
    let token = operand.peek();
    let simple = match token.kind {
        K::Number | K::Duration => {
            let number = literal(operand)?;
            // The reference speaks of the sign alone where a signed literal is too long.
            check_length(&number, sign.map_or(token.span, |(_, span)| span))?;
            let expr = apply_sign(DurationExpr::literal(number), sign);
            return Ok((operand.advance(), (into_duration(expr), OffsetForm::Simple)));
        }
        K::Step | K::Range | K::MaxOf | K::MinOf => true,
        K::LeftParen => sign.is_some(),
        _ => false,
    };
    if simple {
        let (rest, expr) = primary(operand, place)?;
        let expr = match sign {
            // Here alone, and before all but parentheses, the reference keeps a plus.
            Some((BinaryOp::Add, plus)) if token.kind != K::LeftParen => {
                let span = Span::new(plus.start, expr.span.end);
                DurationExpr { kind: DurationKind::Plus(Box::new(expr)), wrapped: false, span }
            }
            sign => apply_sign(expr, sign),
        };
        return Ok((rest, (into_duration(expr), OffsetForm::Simple)));
    }
    let (rest, expr) = climb(input, place, 0)?;
    Ok((rest, (into_duration(expr), OffsetForm::Full)))
}

/// dur_expr = term { ( "+" | "-" | "*" | "/" | "%" | "^" ) term }, operators as in expressions
fn climb(input: Tokens<'_>, place: Place, minimum: u8) -> Parsed<'_, DurationExpr> {
    let (mut input, mut left) = term(input, place)?;
    let mut levels = 2;
    while let TokenKind::Operator(op) = input.peek().kind
        && let Some(op) = duration_op(op).filter(|op| op.precedence() >= minimum)
    {
        let operator = input.peek().span;
        // A chain nests to the left; its levels count like those of parentheses.
        let minimum = op.precedence() + u8::from(op != DurationOp::Pow);
        let (rest, right) = nested_by(levels, input.advance(), |input| climb(input, place, minimum))?;
        levels += 1;
        if let (DurationKind::Number(NumberLiteral { value: 0.0, .. }), false) = (&right.kind, right.wrapped) {
            match op {
                DurationOp::Div => return Err(wrong_unless_lexical(rest, ParseErrorKind::DivisionByZero, operator)),
                DurationOp::Mod => return Err(wrong_unless_lexical(rest, ParseErrorKind::ModuloByZero, operator)),
                _ => {}
            }
        }
        let span = Span::new(left.span.start, right.span.end);
        left = DurationExpr { kind: DurationKind::Binary(op, Box::new(left), Box::new(right)), wrapped: false, span };
        input = rest;
    }
    Ok((input, left))
}

/// term = ( "+" | "-" ) term | primary; a sign binds as tightly as "*"
fn term(input: Tokens<'_>, place: Place) -> Parsed<'_, DurationExpr> {
    let sign = sign(input);
    if sign.is_none() {
        return primary(input, place);
    }
    let (rest, expr) = nested(input.advance(), |input| climb(input, place, DurationOp::Pow.precedence()))?;
    Ok((rest, apply_sign(expr, sign)))
}

/// primary = number | duration | "(" dur_expr ")" | ( "step" | "range" ) "(" ")"
///         | ( "max_of" | "min_of" ) "(" dur_expr "," dur_expr ")"
fn primary(input: Tokens<'_>, place: Place) -> Parsed<'_, DurationExpr> {
    let token = input.peek();
    let rest = input.advance();
    let (rest, kind) = match token.kind {
        TokenKind::Number | TokenKind::Duration => {
            let number = literal(input)?;
            check_length(&number, token.span)?;
            return Ok((rest, DurationExpr::literal(number)));
        }
        TokenKind::LeftParen => {
            let (rest, expr) = nested(rest, |input| climb(input, place, 0))?;
            let (rest, _) = expect(TokenKind::RightParen, place).parse(rest)?;
            return Ok((rest, wrap(expr, token.span.start)));
        }
        TokenKind::Step | TokenKind::Range => {
            let (rest, _) = expect(TokenKind::LeftParen, place).parse(rest)?;
            (rest, if token.kind == TokenKind::Step { DurationKind::Step } else { DurationKind::Range })
        }
        TokenKind::MaxOf | TokenKind::MinOf => {
            let (rest, _) = expect(TokenKind::LeftParen, place).parse(rest)?;
            let (rest, a) = nested(rest, |input| climb(input, place, 0))?;
            let (rest, _) = expect(TokenKind::Comma, place).parse(rest)?;
            let (rest, b) = nested(rest, |input| climb(input, place, 0))?;
            let (a, b) = (Box::new(a), Box::new(b));
            (rest, if token.kind == TokenKind::MaxOf { DurationKind::MaxOf(a, b) } else { DurationKind::MinOf(a, b) })
        }
        _ => return Err(unexpected(input, place)),
    };
    let (rest, close) = expect(TokenKind::RightParen, place).parse(rest)?;
    Ok((rest, DurationExpr { kind, wrapped: false, span: Span::new(token.span.start, close.span.end) }))
}

/// Parentheses: doubled ones count once, and a literal's span takes in the opening one, as the
/// reference has it.
fn wrap(mut expr: DurationExpr, open: u32) -> DurationExpr {
    if !expr.wrapped {
        expr.wrapped = true;
        if let DurationKind::Number(_) = expr.kind {
            expr.span.start = open;
        }
    }
    expr
}

/// A sign folds into a literal; a plus before anything else disappears.
fn apply_sign(mut expr: DurationExpr, sign: Option<(BinaryOp, Span)>) -> DurationExpr {
    let Some((op, place)) = sign else { return expr };
    if let (DurationKind::Number(number), false) = (&mut expr.kind, expr.wrapped) {
        number.span.start = place.start;
        if op == BinaryOp::Sub {
            number.value = -number.value;
        }
        expr.span = number.span;
        return expr;
    }
    if op == BinaryOp::Add {
        return expr;
    }
    let span = Span::new(place.start, expr.span.end);
    DurationExpr { kind: DurationKind::Negate(Box::new(expr)), wrapped: false, span }
}

fn sign(input: Tokens<'_>) -> Option<(BinaryOp, Span)> {
    match input.peek().kind {
        TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) => Some((op, input.peek().span)),
        _ => None,
    }
}

fn duration_op(op: BinaryOp) -> Option<DurationOp> {
    Some(match op {
        BinaryOp::Add => DurationOp::Add,
        BinaryOp::Sub => DurationOp::Sub,
        BinaryOp::Mul => DurationOp::Mul,
        BinaryOp::Div => DurationOp::Div,
        BinaryOp::Mod => DurationOp::Mod,
        BinaryOp::Pow => DurationOp::Pow,
        _ => return None,
    })
}

/// The most seconds that fit 64 bits of nanoseconds.
const LONGEST: f64 = i64::MAX as f64 / 1e9;

fn check_length(number: &NumberLiteral, span: Span) -> Result<(), nom::Err<Fault>> {
    if number.value.abs() > LONGEST { Err(wrong(DurationError::OutOfRange, span)) } else { Ok(()) }
}

fn into_duration(expr: DurationExpr) -> Duration {
    match expr.kind {
        DurationKind::Number(number) if !expr.wrapped => Duration::Literal(nanoseconds(number.value)),
        kind => Duration::Expr(Box::new(DurationExpr { kind, ..expr })),
    }
}

fn nanoseconds(seconds: f64) -> i64 {
    // What the reference's conversion makes of NaN depends on the machine; this is amd64's.
    if seconds.is_nan() { i64::MIN } else { (seconds * 1e9).round() as i64 }
}

impl DurationExpr {
    fn literal(number: NumberLiteral) -> DurationExpr {
        let span = number.span;
        DurationExpr { kind: DurationKind::Number(number), wrapped: false, span }
    }
}
