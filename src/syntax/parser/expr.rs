//! Expressions: operators by precedence, signs, and atoms.

use super::call::{aggregation, call};
use super::fault::{Parsed, expect_here, unexpected_here, wrong, wrong_unless_lexical};
use super::literal::{literal, unquote};
use super::modifiers::binary_modifiers;
use super::postfix::postfixes;
use super::selector::selector;
use super::tokens::Tokens;
use super::{MAX_CHAIN, Size, nested};
use crate::model::Span;
use crate::syntax::ast::{Binary, BinaryOp, Expr, Paren, StringLiteral, Unary, UnaryOp};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;
use nom::Parser;
use std::mem::{swap, take};

/// expr = operand { binop bin_mod operand }, grouped by the precedence of the operators
pub(in crate::syntax) fn expression<'a>(input: Tokens<'a>, place: &mut Expr) -> Parsed<'a, Size> {
    climb(input, 0, place)
}

/// Operators that bind at least as tightly as `minimum`.
fn climb<'a>(input: Tokens<'a>, minimum: u8, place: &mut Expr) -> Parsed<'a, Size> {
    // Every operand's span begins with its first token.
    let start = input.peek().span.start;
    let (mut input, mut size) = operand(input, place)?;
    while let TokenKind::Operator(op) = input.peek().kind
        && op.precedence() >= minimum
    {
        (input, size) = binary(input, op, start, size, place)?;
    }
    Ok((input, size))
}

/// binop bin_mod operand, where the left operand has been read and is to be found in its place
#[inline(never)] // most operands have no operator behind them, and need not its stack
fn binary<'a>(input: Tokens<'a>, op: BinaryOp, start: u32, left: Size, place: &mut Expr) -> Parsed<'a, Size> {
    let operator = input.peek().span;
    let mut binary = Box::<Binary>::default();
    binary.op = op;
    swap(&mut binary.lhs, place);
    let (rest, ()) = binary_modifiers(input.advance(), &mut binary)?;
    // `^` groups to the right, all others to the left.
    let (rest, right) = if op == BinaryOp::Pow {
        let (rest, right) = nested(rest, |rest| climb(rest, op.precedence(), &mut binary.rhs))?;
        (rest, right.nested())
    } else {
        climb(rest, op.precedence() + 1, &mut binary.rhs)?
    };
    binary.span = Span::new(start, binary.rhs.span().end);
    let fills = binary.matching.as_ref().is_some_and(|matching| matching.fill_left.is_some() || matching.fill_right.is_some());
    if fills && !rest.source.options.binop_fill_modifiers {
        return Err(wrong_unless_lexical(rest, ParseErrorKind::FillDisabled, binary.span));
    }
    let mut size = left.max(right);
    size.chain += 1;
    if size.chain > MAX_CHAIN {
        return Err(wrong(ParseErrorKind::ChainTooLong { limit: MAX_CHAIN }, operator));
    }
    place.put(Expr::Binary(binary));
    Ok((rest, size))
}

/// operand = ( "+" | "-" ) operand | atom { postfix }; a sign binds as tightly as "*"
fn operand<'a>(input: Tokens<'a>, place: &mut Expr) -> Parsed<'a, Size> {
    if let TokenKind::Operator(BinaryOp::Add | BinaryOp::Sub) = input.peek().kind {
        return signed(input, place);
    }
    let (input, size) = atom(input, place)?;
    if input.peek().kind.modifies() { postfixes(input, size, place) } else { Ok((input, size)) }
}

/// ( "+" | "-" ) operand
fn signed<'a>(input: Tokens<'a>, place: &mut Expr) -> Parsed<'a, Size> {
    let sign = input.peek();
    let op = if sign.kind == TokenKind::Operator(BinaryOp::Sub) { UnaryOp::Minus } else { UnaryOp::Plus };
    let (rest, size) = nested(input.advance(), |input| climb(input, BinaryOp::Pow.precedence(), place))?;
    if let Expr::Number(number) = place {
        number.span.start = sign.span.start;
        if op == UnaryOp::Minus {
            number.value = -number.value;
        }
        return Ok((rest, size));
    }
    let span = Span::new(sign.span.start, place.span().end);
    let expr = Box::new(take(place));
    place.put(Expr::Unary(Unary { op, expr, span }));
    Ok((rest, size.nested()))
}

/// atom = number | duration | string | "(" expr ")" | selector | call | aggregation
fn atom<'a>(input: Tokens<'a>, place: &mut Expr) -> Parsed<'a, Size> {
    let token = input.peek();
    let next = input.peek_second().kind;
    match token.kind {
        TokenKind::Number | TokenKind::Duration => {
            place.put(Expr::Number(literal(input)?));
            Ok((input.advance(), Size::LEAF))
        }
        TokenKind::String => {
            let value = unquote(input.text(token));
            place.put(Expr::String(StringLiteral { value, span: token.span }));
            Ok((input.advance(), Size::LEAF))
        }
        TokenKind::LeftParen => {
            let mut expr = Box::new(Expr::default());
            let (rest, size) = nested(input.advance(), |input| expression(input, &mut expr))?;
            let (rest, close) = expect_here(TokenKind::RightParen).parse(rest)?;
            let span = Span::new(token.span.start, close.span.end);
            place.put(Expr::Paren(Paren { expr, span }));
            Ok((rest, size.nested()))
        }
        TokenKind::Aggregate(op) if matches!(next, TokenKind::LeftParen | TokenKind::By | TokenKind::Without) => {
            aggregation(input, op, place)
        }
        kind if kind.names_function() && next == TokenKind::LeftParen => call(input, place),
        kind if kind.names_metric() || kind == TokenKind::LeftBrace => {
            let (rest, selector) = selector(input)?;
            place.put(Expr::Vector(selector));
            Ok((rest, Size::LEAF))
        }
        _ => Err(unexpected_here(input)),
    }
}
