//! Expressions: operators by precedence, signs, and atoms.

use super::call::{aggregation, call};
use super::fault::{Parsed, expect_here, unexpected_here, wrong, wrong_unless_lexical};
use super::literal::{literal, unquote};
use super::modifiers::binary_modifiers;
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

/// Operators that bind at least as tightly as `minimum`.
fn climb(input: Tokens<'_>, minimum: u8) -> Parsed<'_, Grown> {
    let (mut input, mut left) = operand(input)?;
    while let TokenKind::Operator(op) = input.peek().kind
        && op.precedence() >= minimum
    {
        let operator = input.peek().span;
        let (rest, modifiers) = binary_modifiers(input.advance(), op)?;
        // `^` groups to the right, all others to the left.
        let (rest, right) =
            if op == BinaryOp::Pow { nested(rest, |rest| climb(rest, op.precedence()))? } else { climb(rest, op.precedence() + 1)? };
        let span = Span::new(left.expr.span().start, right.expr.span().end);
        let fills = modifiers.matching.fill_left.is_some() || modifiers.matching.fill_right.is_some();
        if fills && !rest.source.options.binop_fill_modifiers {
            return Err(wrong_unless_lexical(rest, ParseErrorKind::FillDisabled, span));
        }
        let chain = left.chain.max(right.chain) + 1;
        if chain > MAX_CHAIN {
            return Err(wrong(ParseErrorKind::ChainTooLong { limit: MAX_CHAIN }, operator));
        }
        let nesting = left.nesting.max(right.nesting + u32::from(op == BinaryOp::Pow));
        let (lhs, rhs) = (Box::new(left.expr), Box::new(right.expr));
        let (return_bool, matching) = (modifiers.return_bool, Some(modifiers.matching));
        left = Grown { expr: Expr::Binary(Binary { op, lhs, rhs, return_bool, matching, span }), nesting, chain };
        input = rest;
    }
    Ok((input, left))
}

/// operand = ( "+" | "-" ) operand | atom { postfix }; a sign binds as tightly as "*"
fn operand(input: Tokens<'_>) -> Parsed<'_, Grown> {
    let sign = input.peek();
    let op = match sign.kind {
        TokenKind::Operator(BinaryOp::Add) => UnaryOp::Plus,
        TokenKind::Operator(BinaryOp::Sub) => UnaryOp::Minus,
        _ => {
            let atom = atom(input);
            return match atom {
                Ok((input, atom)) if input.peek().kind.modifies() => postfixes(input, atom),
                other => other,
            };
        }
    };
    let (rest, operand) = nested(input.advance(), |input| climb(input, BinaryOp::Pow.precedence()))?;
    let Grown { expr, nesting, chain } = operand;
    if let Expr::Number(mut number) = expr {
        number.span.start = sign.span.start;
        if op == UnaryOp::Minus {
            number.value = -number.value;
        }
        return Ok((rest, Grown { expr: Expr::Number(number), nesting, chain }));
    }
    let span = Span::new(sign.span.start, expr.span().end);
    let expr = Expr::Unary(Unary { op, expr: Box::new(expr), span });
    Ok((rest, Grown { expr, nesting: nesting + 1, chain }))
}

/// atom = number | duration | string | "(" expr ")" | selector | call | aggregation
fn atom(input: Tokens<'_>) -> Parsed<'_, Grown> {
    let token = input.peek();
    let next = input.peek_at(1).kind;
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
            let (rest, inner) = nested(input.advance(), expression)?;
            let (rest, close) = expect_here(TokenKind::RightParen).parse(rest)?;
            let span = Span::new(token.span.start, close.span.end);
            let expr = Expr::Paren(Paren { expr: Box::new(inner.expr), span });
            Ok((rest, Grown { expr, nesting: inner.nesting + 1, chain: inner.chain }))
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
