//! Expressions: operators by precedence, signs, and atoms.

use super::call::{aggregation, call};
use super::fault::{Fault, Parsed, expect_here, unexpected_here, wrong, wrong_unless_lexical};
use super::literal::{literal, unquote};
use super::modifiers::{Modifiers, binary_modifiers};
use super::postfix::postfixes;
use super::selector::selector;
use super::tokens::Tokens;
use super::{Grown, MAX_CHAIN, nested};
use crate::model::Span;
use crate::syntax::ast::{Binary, BinaryOp, Expr, Paren, StringLiteral, Unary, UnaryOp};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;
use nom::Parser;

/// expr = operand { binop bin_mod operand }, grouped by the precedence of the operators
pub(in crate::syntax) fn expression(input: Tokens<'_>) -> Parsed<'_, Grown> {
    climb(input, 0)
}

/// Operators that bind at least as tightly as `minimum`. What is parsed grows where it lies, here
/// and below: a tree that is handed on by value at every level is mostly copied.
fn climb(input: Tokens<'_>, minimum: u8) -> Parsed<'_, Grown> {
    // Every operand's span begins with its first token.
    let start = input.peek().span.start;
    let mut parsed = operand(input);
    while let Ok((input, left)) = &mut parsed
        && let TokenKind::Operator(op) = input.peek().kind
        && op.precedence() >= minimum
    {
        match binary(*input, op, left, start) {
            Ok(rest) => *input = rest,
            Err(fault) => parsed = Err(fault),
        }
    }
    parsed
}

/// binop bin_mod operand, where the left operand has been read
fn binary<'a>(input: Tokens<'a>, op: BinaryOp, left: &mut Grown, start: u32) -> Result<Tokens<'a>, nom::Err<Fault>> {
    let operator = input.peek().span;
    let (rest, modifiers) = binary_modifiers(input.advance(), op)?;
    // `^` groups to the right, all others to the left.
    let (rest, right) =
        if op == BinaryOp::Pow { nested(rest, |rest| climb(rest, op.precedence()))? } else { climb(rest, op.precedence() + 1)? };
    let span = Span::new(start, right.expr.span().end);
    let fills = modifiers.matching.fill_left.is_some() || modifiers.matching.fill_right.is_some();
    if fills && !rest.source.options.binop_fill_modifiers {
        return Err(wrong_unless_lexical(rest, ParseErrorKind::FillDisabled, span));
    }
    left.chain = left.chain.max(right.chain) + 1;
    if left.chain > MAX_CHAIN {
        return Err(wrong(ParseErrorKind::ChainTooLong { limit: MAX_CHAIN }, operator));
    }
    left.nesting = left.nesting.max(right.nesting + u32::from(op == BinaryOp::Pow));
    let Modifiers { return_bool, matching } = modifiers;
    left.grow(|lhs| Expr::Binary(Box::new(Binary { op, lhs, rhs: right.expr, return_bool, matching: Some(matching), span })));
    Ok(rest)
}

/// operand = ( "+" | "-" ) operand | atom { postfix }; a sign binds as tightly as "*"
fn operand(input: Tokens<'_>) -> Parsed<'_, Grown> {
    if let TokenKind::Operator(BinaryOp::Add | BinaryOp::Sub) = input.peek().kind {
        return signed(input);
    }
    let mut parsed = atom(input);
    if let Ok((input, atom)) = &mut parsed
        && input.peek().kind.modifies()
    {
        match postfixes(*input, atom) {
            Ok(rest) => *input = rest,
            Err(fault) => parsed = Err(fault),
        }
    }
    parsed
}

/// ( "+" | "-" ) operand
fn signed(input: Tokens<'_>) -> Parsed<'_, Grown> {
    let sign = input.peek();
    let op = if sign.kind == TokenKind::Operator(BinaryOp::Sub) { UnaryOp::Minus } else { UnaryOp::Plus };
    let (rest, mut operand) = nested(input.advance(), |input| climb(input, BinaryOp::Pow.precedence()))?;
    if let Expr::Number(number) = &mut operand.expr {
        number.span.start = sign.span.start;
        if op == UnaryOp::Minus {
            number.value = -number.value;
        }
        return Ok((rest, operand));
    }
    let span = Span::new(sign.span.start, operand.expr.span().end);
    operand.nesting += 1;
    operand.grow(|expr| Expr::Unary(Unary { op, expr: Box::new(expr), span }));
    Ok((rest, operand))
}

/// atom = number | duration | string | "(" expr ")" | selector | call | aggregation
fn atom(input: Tokens<'_>) -> Parsed<'_, Grown> {
    let token = input.peek();
    let next = input.peek_second().kind;
    match token.kind {
        TokenKind::Number | TokenKind::Duration => {
            let number = literal(input, token)?;
            Ok((input.advance(), Grown::leaf(Expr::Number(number))))
        }
        TokenKind::String => {
            let value = unquote(input.text(token));
            Ok((input.advance(), Grown::leaf(Expr::String(StringLiteral { value, span: token.span }))))
        }
        TokenKind::LeftParen => {
            let (rest, mut inner) = nested(input.advance(), expression)?;
            let (rest, close) = expect_here(TokenKind::RightParen).parse(rest)?;
            let span = Span::new(token.span.start, close.span.end);
            inner.nesting += 1;
            inner.grow(|expr| Expr::Paren(Paren { expr: Box::new(expr), span }));
            Ok((rest, inner))
        }
        TokenKind::Aggregate(op) if matches!(next, TokenKind::LeftParen | TokenKind::By | TokenKind::Without) => aggregation(input, op),
        kind if kind.names_function() && next == TokenKind::LeftParen => call(input),
        kind if kind.names_metric() || kind == TokenKind::LeftBrace => {
            let (rest, selector) = selector(input)?;
            Ok((rest, Grown::leaf(Expr::Vector(selector))))
        }
        _ => Err(unexpected_here(input)),
    }
}
