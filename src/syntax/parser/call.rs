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

/// The measures of the deepest argument.
#[derive(Default)]
struct Deepest {
    nesting: u32,
    chain: u32,
}

/// arguments = "(" [ expr { "," expr } ] ")"
fn arguments<'a>(input: Tokens<'a>, take: &mut dyn FnMut(Expr)) -> Parsed<'a, Deepest> {
    let (mut input, _) = expect_here(TokenKind::LeftParen).parse(input)?;
    let mut deepest = Deepest::default();
    if input.next_is(TokenKind::RightParen) {
        return Ok((input.advance(), deepest));
    }
    loop {
        let (rest, argument) = nested(input, expression)?;
        deepest.nesting = deepest.nesting.max(argument.nesting);
        deepest.chain = deepest.chain.max(argument.chain);
        take(argument.expr);
        match rest.peek().kind {
            TokenKind::RightParen => return Ok((rest.advance(), deepest)),
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
    let mut args = Vec::new();
    let (rest, Deepest { nesting, chain }) = arguments(input.advance(), &mut |arg| args.push(arg))?;
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
    let (mut rest, Deepest { nesting, chain }) = arguments(rest, &mut take)?;
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
    let expr = Expr::Aggregate(Box::new(Aggregate { op, grouping, param, expr: operand, span }));
    Ok((rest, Grown { expr, nesting: nesting + 1, chain }))
}
