//! Calls and aggregations.

use super::fault::{Parsed, expect_here, unexpected_here, wrong, wrong_unless_lexical};
use super::modifiers::grouping;
use super::tokens::Tokens;
use super::{Grown, expression, nested};
use crate::functions;
use crate::model::Span;
use crate::syntax::ast::{Aggregate, AggregateOp, Call, Expr, Grouping};
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::TokenKind;
use nom::Parser;

/// Arguments with the measures of the deepest.
struct Arguments {
    args: Vec<Expr>,
    nesting: u32,
    chain: u32,
}

/// arguments = "(" [ expr { "," expr } ] ")"
fn arguments(input: Tokens<'_>) -> Parsed<'_, Arguments> {
    let (mut input, _) = expect_here(TokenKind::LeftParen).parse(input)?;
    let mut arguments = Arguments { args: Vec::new(), nesting: 0, chain: 0 };
    if input.next_is(TokenKind::RightParen) {
        return Ok((input.advance(), arguments));
    }
    loop {
        let (rest, argument) = nested(input, expression)?;
        arguments.nesting = arguments.nesting.max(argument.nesting);
        arguments.chain = arguments.chain.max(argument.chain);
        arguments.args.push(argument.expr);
        match rest.peek().kind {
            TokenKind::RightParen => return Ok((rest.advance(), arguments)),
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
pub(super) fn call(input: Tokens<'_>) -> Parsed<'_, Grown> {
    let token = input.peek();
    let (rest, Arguments { args, nesting, chain }) = arguments(input.advance())?;
    let Some(function) = functions::find_bytes(input.text(token)) else {
        return Err(wrong(ParseErrorKind::UnknownFunction(input.name(token).to_string()), token.span));
    };
    if function.experimental && !input.source.options.experimental_functions {
        return Err(wrong(ParseErrorKind::FunctionDisabled(function.name), token.span));
    }
    let span = Span::new(token.span.start, rest.last_closing(false));
    let expr = Expr::Call(Call { function, args, span });
    Ok((rest, Grown { expr, nesting: nesting + 1, chain }))
}

/// aggregation = aggr_op grouping arguments | aggr_op arguments [ grouping ]
pub(super) fn aggregation(input: Tokens<'_>, op: AggregateOp) -> Parsed<'_, Grown> {
    let outer = input;
    let start = input.peek().span.start;
    let mut rest = input.advance().within_aggregation();
    let mut clause = None;
    if !rest.next_is(TokenKind::LeftParen) {
        let (after, grouping) = grouping(rest)?;
        (rest, clause) = (after, Some(grouping));
    }
    let (mut rest, Arguments { mut args, nesting, chain }) = arguments(rest)?;
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
    let rest = rest.level_of(outer);
    // A number there cannot follow, but the reference has read it and counts it in.
    let number_follows = matches!(rest.peek().kind, TokenKind::Number | TokenKind::Duration);
    let span = Span::new(start, rest.last_closing(looked_ahead && number_follows));
    let fail = |kind| if looked_ahead { wrong_unless_lexical(rest, kind, span) } else { wrong(kind, span) };
    let (expected, found) = (1 + usize::from(op.has_param()), args.len());
    let Some(operand) = args.pop() else {
        return Err(fail(ParseErrorKind::NoAggregateArguments));
    };
    if op.experimental() && !rest.source.options.experimental_functions {
        return Err(fail(ParseErrorKind::AggregateDisabled(op)));
    }
    if found != expected {
        return Err(fail(ParseErrorKind::AggregateArguments { expected, found }));
    }
    let param = args.pop().map(Box::new);
    let grouping: Grouping = clause.unwrap_or_default();
    let expr = Expr::Aggregate(Aggregate { op, grouping, param, expr: Box::new(operand), span });
    Ok((rest, Grown { expr, nesting: nesting + 1, chain }))
}
