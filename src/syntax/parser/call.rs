//! Calls and aggregations.

use super::fault::{Parsed, expect_here, unexpected_here, wrong, wrong_unless_lexical};
use super::modifiers::grouping;
use super::tokens::Tokens;
use super::{Size, expression, nested};
use crate::functions;
use crate::model::Span;
use crate::syntax::ast::{Aggregate, AggregateOp, Call, Expr, Grouping};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;
use nom::Parser;

/// arguments = "(" [ expr { "," expr } ] ")"
fn arguments<'a>(input: Tokens<'a>, take: &mut dyn FnMut(Expr)) -> Parsed<'a, Size> {
    let (mut input, _) = expect_here(TokenKind::LeftParen).parse(input)?;
    let mut largest = Size::LEAF;
    if input.next_is(TokenKind::RightParen) {
        return Ok((input.advance(), largest));
    }
    loop {
        let mut argument = Expr::default();
        let (rest, size) = nested(input, |input| expression(input, &mut argument))?;
        take(argument);
        largest = largest.max(size);
        match rest.peek().kind {
            TokenKind::RightParen => return Ok((rest.advance(), largest)),
            TokenKind::Comma => {
                input = rest.advance();
                if !input.peek().kind.starts_expression() {
                    return Err(wrong_unless_lexical(input, ParseErrorKind::TrailingComma, rest.peek().span));
                }
            }
            _ => return Err(unexpected_here(rest)),
        }
    }
}

/// call = func_name arguments
#[inline(never)] // names and numbers need not its stack
pub(super) fn call<'a>(input: Tokens<'a>, place: &mut Expr) -> Parsed<'a, Size> {
    let token = input.peek();
    let mut args = Vec::new();
    let (rest, size) = arguments(input.advance(), &mut |arg| args.push(arg))?;
    let Some(function) = functions::find_bytes(input.text(token)) else {
        return Err(wrong(ParseErrorKind::UnknownFunction(input.name(token).to_string()), token.span));
    };
    if function.experimental && !input.source.options.experimental_functions {
        return Err(wrong(ParseErrorKind::FunctionDisabled(function.name), token.span));
    }
    let span = Span::new(token.span.start, rest.last_closing(false));
    place.put(Expr::Call(Call { function, args, span }));
    Ok((rest, size.nested()))
}

/// aggregation = aggr_op grouping arguments | aggr_op arguments [ grouping ]
#[inline(never)] // as above
pub(super) fn aggregation<'a>(input: Tokens<'a>, op: AggregateOp, place: &mut Expr) -> Parsed<'a, Size> {
    let start = input.peek().span.start;
    let outside = input.source.in_aggregation.replace(true);
    let mut rest = input.advance();
    let mut clause = None;
    if !rest.next_is(TokenKind::LeftParen) {
        let (after, grouping) = grouping(rest)?;
        (rest, clause) = (after, Some(grouping));
    }
    let (mut operand, mut param, mut found) = (None, None, 0);
    let mut take = |arg| {
        (operand, param) = (Some(arg), operand.take());
        found += 1;
    };
    let (mut rest, size) = arguments(rest, &mut take)?;
    // Without a clause in front, one may follow, and the reference looks for it.
    let mut looked_ahead = false;
    if clause.is_none() {
        if let TokenKind::By | TokenKind::Without = rest.peek().kind {
            let (after, grouping) = grouping(rest)?;
            (rest, clause) = (after, Some(grouping));
        } else {
            looked_ahead = true;
        }
    }
    input.source.in_aggregation.set(outside);
    // A number there cannot follow, but the reference has read it and counts it in.
    let number_follows = matches!(rest.peek().kind, TokenKind::Number | TokenKind::Duration);
    let span = Span::new(start, rest.last_closing(looked_ahead && number_follows));
    let fail = |kind| if looked_ahead { wrong_unless_lexical(rest, kind, span) } else { wrong(kind, span) };
    let expected = 1 + usize::from(op.has_param());
    let Some(operand) = operand else {
        return Err(fail(ParseErrorKind::NoAggregateArguments));
    };
    if op.experimental() && !rest.source.options.experimental_functions {
        return Err(fail(ParseErrorKind::AggregateDisabled(op)));
    }
    if found != expected {
        return Err(fail(ParseErrorKind::AggregateArguments { expected, found }));
    }
    let grouping: Grouping = clause.unwrap_or_default();
    place.put(Expr::Aggregate(Box::new(Aggregate { op, grouping, param, expr: operand, span })));
    Ok((rest, size.nested()))
}
