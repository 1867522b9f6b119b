//! The type check: which values meet where.
//!
//! Runs over a tree without syntax errors and reports the first thing that does not fit, in the
//! reference's order: operands before operators, left before right.

use super::ast::{Aggregate, Binary, BinaryOp, Call, Cardinality, Expr, Matching, ValueType, VectorSelector};
use crate::model::labels::METRIC_NAME;
use crate::model::quote::quote;
use crate::model::{ByteString, Span, deep};

/// Why a well-formed expression means nothing.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypeError {
    /// An operand or argument of the wrong type.
    #[error("expected type {expected} in {place}, got {found}")]
    Expected {
        /// The type it must have.
        expected: ValueType,
        /// Where: `aggregation expression`, `call to function "rate"`.
        place: String,
        /// The type it has.
        found: ValueType,
    },
    /// `bool` on an operator that compares nothing.
    #[error("bool modifier can only be used on comparison operators")]
    BoolWithoutComparison,
    /// Two scalars compared without `bool`.
    #[error("comparisons between scalars must use BOOL modifier")]
    ScalarComparison,
    /// One label in `on` and in `group_left` or `group_right`.
    #[error("label {} must not occur in ON and GROUP clause at once", quote(.0.as_bytes()))]
    LabelInOnAndGroup(String),
    /// A text or range vector beside an operator.
    #[error("binary expression must contain only scalar and instant vector types")]
    BinaryOperand,
    /// `on` or `ignoring` where one side is a scalar.
    #[error("vector matching only allowed between instant vectors")]
    MatchingOnScalar,
    /// `fill` where one side is a scalar.
    #[error("filling in missing series only allowed between instant vectors")]
    FillOnScalar,
    /// `group_left` or `group_right` on a set operator.
    #[error("no grouping allowed for {} operation", quote(.0.as_str().as_bytes()))]
    GroupOnSet(BinaryOp),
    /// `fill` on a set operator.
    #[error("filling in missing series not allowed for set operators")]
    FillOnSet,
    /// A set operator beside a scalar.
    #[error("set operator {} not allowed in binary scalar expression", quote(.0.as_str().as_bytes()))]
    SetOnScalar(BinaryOp),
    /// Too few or too many arguments.
    #[error("expected {bound}{expected} argument(s) in call to {}, got {found}", quote(.function.as_bytes()))]
    ArgumentCount {
        /// `at least `, `at most `, or nothing.
        bound: &'static str,
        /// The number it must have.
        expected: usize,
        /// The function.
        function: &'static str,
        /// The number it has.
        found: usize,
    },
    /// `info` with a metric name in its second argument.
    #[error("expected label selectors only, got vector selector instead")]
    InfoSelectorNamed,
    /// `info` with something else than braces as its second argument.
    #[error("expected label selectors only")]
    InfoSelector,
    /// A subquery of something that is no instant vector.
    #[error("subquery is only allowed on instant vector, got {} instead", .0.api_name())]
    SubqueryOperand(ValueType),
    /// A sign before a text or range vector.
    #[error("unary expression only allowed on expressions of type scalar or instant vector, got {}", quote(.0.name().as_bytes()))]
    UnaryOperand(ValueType),
    /// A name outside the braces and one inside.
    #[error("metric name must not be set twice: {} or {}", quote(.outside.as_bytes()), quote(.inside.as_bytes()))]
    NameTwice {
        /// The name outside.
        outside: String,
        /// What the matcher says.
        inside: ByteString,
    },
    /// A selector that would select everything.
    #[error("vector selector must contain at least one non-empty matcher")]
    EmptySelector,
}

type Checked<T = ValueType> = Result<T, Box<(TypeError, Span)>>;

#[cold]
fn wrong<T>(error: TypeError, span: Span) -> Checked<T> {
    Err(Box::new((error, span)))
}

/// Checks an expression and returns its type. The matching of operators that do not join two
/// vectors is removed on the way.
pub(super) fn check(expr: &mut Expr, text: &[u8]) -> Checked {
    match expr {
        Expr::Number(_) => Ok(ValueType::Scalar),
        Expr::String(_) => Ok(ValueType::String),
        Expr::Vector(vector) => {
            check_selector(vector)?;
            Ok(ValueType::InstantVector)
        }
        Expr::Matrix(matrix) => {
            check_selector(&matrix.vector)?;
            Ok(ValueType::RangeVector)
        }
        inner => deep(|| check_node(inner, text)),
    }
}

/// Checks what has expressions inside.
fn check_node(expr: &mut Expr, text: &[u8]) -> Checked {
    match expr {
        Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => check(expr, text),
        Expr::Paren(paren) => check(&mut paren.expr, text),
        Expr::Subquery(subquery) => match check(&mut subquery.expr, text)? {
            ValueType::InstantVector => Ok(ValueType::RangeVector),
            found => wrong(TypeError::SubqueryOperand(found), subquery.span),
        },
        Expr::Unary(unary) => match check(&mut unary.expr, text)? {
            found @ (ValueType::Scalar | ValueType::InstantVector) => Ok(found),
            found => wrong(TypeError::UnaryOperand(found), unary.span),
        },
        Expr::Aggregate(aggregate) => check_aggregate(aggregate, text),
        Expr::Binary(binary) => check_binary(binary, text),
        Expr::Call(call) => check_call(call, text),
    }
}

fn expect(expr: &mut Expr, expected: ValueType, text: &[u8], place: impl FnOnce() -> String) -> Checked<()> {
    let found = check(expr, text)?;
    if found == expected {
        return Ok(());
    }
    wrong(TypeError::Expected { expected, place: place(), found }, expr.span())
}

fn check_selector(vector: &VectorSelector) -> Checked<()> {
    let Some(outside) = &vector.name else {
        if vector.matchers.iter().all(|matcher| matcher.matches_empty()) {
            return wrong(TypeError::EmptySelector, vector.span);
        }
        return Ok(());
    };
    match vector.matchers.iter().find(|matcher| matcher.name == METRIC_NAME) {
        None => Ok(()),
        Some(matcher) => wrong(TypeError::NameTwice { outside: outside.to_string(), inside: matcher.value.clone() }, vector.span),
    }
}

fn check_aggregate(aggregate: &mut Aggregate, text: &[u8]) -> Checked {
    expect(&mut aggregate.expr, ValueType::InstantVector, text, || "aggregation expression".to_owned())?;
    if let (Some(param), Some(expected)) = (&mut aggregate.param, aggregate.op.param_type()) {
        expect(param, expected, text, || "aggregation parameter".to_owned())?;
    }
    Ok(ValueType::InstantVector)
}

fn check_binary(binary: &mut Binary, text: &[u8]) -> Checked {
    let left = check(&mut binary.lhs, text)?;
    let right = check(&mut binary.rhs, text)?;
    let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
    let vectors = left == ValueType::InstantVector && right == ValueType::InstantVector;
    let op = binary.op;
    if binary.return_bool && !op.is_comparison() {
        return wrong(TypeError::BoolWithoutComparison, operator_span(binary, text));
    }
    if op.is_comparison() && !binary.return_bool && scalars {
        return wrong(TypeError::ScalarComparison, operator_span(binary, text));
    }
    if let Some(label) = binary.matching.as_ref().and_then(label_in_on_and_group) {
        return wrong(TypeError::LabelInOnAndGroup(label), operator_span(binary, text));
    }
    let fits = |found| matches!(found, ValueType::Scalar | ValueType::InstantVector);
    if !fits(left) || !fits(right) {
        let side = if fits(left) { &binary.rhs } else { &binary.lhs };
        return wrong(TypeError::BinaryOperand, side.span());
    }
    if let Some(matching) = &binary.matching {
        let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
        let grouped = matches!(matching.cardinality, Cardinality::OneToMany | Cardinality::ManyToOne);
        let error = match (vectors, op.is_set()) {
            (false, _) if !matching.labels.is_empty() => Some(TypeError::MatchingOnScalar),
            (false, _) if fills => Some(TypeError::FillOnScalar),
            (true, true) if grouped => Some(TypeError::GroupOnSet(op)),
            (true, true) if fills => Some(TypeError::FillOnSet),
            _ => None,
        };
        if let Some(error) = error {
            return wrong(error, binary.span);
        }
    }
    if !vectors {
        binary.matching = None;
        if op.is_set() {
            return wrong(TypeError::SetOnScalar(op), binary.span);
        }
    }
    Ok(if scalars { ValueType::Scalar } else { ValueType::InstantVector })
}

fn label_in_on_and_group(matching: &Matching) -> Option<String> {
    if !matching.on {
        return None;
    }
    matching.labels.iter().find(|label| matching.include.contains(label)).map(|label| label.to_string())
}

/// The place of an operator as the reference reckons it: from the first byte after the left
/// side that is no space, up to (not including) the last such byte before the right side.
fn operator_span(binary: &Binary, text: &[u8]) -> Span {
    let (from, to) = (binary.lhs.span().end as usize, binary.rhs.span().start as usize);
    let between = text.get(from..to).unwrap_or_default();
    let space = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
    let first = between.iter().position(|b| !space(b)).unwrap_or(0);
    let last = between.iter().rposition(|b| !space(b)).unwrap_or(0);
    Span::new((from + first) as u32, (from + last) as u32)
}

fn check_call(call: &mut Call, text: &[u8]) -> Checked {
    let function = call.function;
    let found = call.args.len();
    let count = |bound, expected| wrong(TypeError::ArgumentCount { bound, expected, function: function.name, found }, call.span);
    if found < function.min_args() {
        return count(if function.variadic == 0 { "" } else { "at least " }, function.min_args());
    }
    if let Some(most) = function.max_args().filter(|most| found > *most) {
        return count(if function.variadic == 0 { "" } else { "at most " }, most);
    }
    let place = || format!("call to function {}", quote(function.name.as_bytes()));
    let braces_only = function.selector_arg();
    if let Some(selector) = braces_only.and_then(|i| call.args.get(i)) {
        let found = selector.value_type();
        if found != ValueType::InstantVector {
            return wrong(TypeError::Expected { expected: ValueType::InstantVector, place: place(), found }, call.span);
        }
        match selector {
            Expr::Vector(vector) if vector.name.is_none() => {}
            Expr::Vector(_) => return wrong(TypeError::InfoSelectorNamed, selector.span()),
            _ => return wrong(TypeError::InfoSelector, selector.span()),
        }
    }
    for (i, arg) in call.args.iter_mut().enumerate() {
        // These braces may be empty: they choose among info metrics, not among all series.
        if braces_only == Some(i) {
            continue;
        }
        if let Some(expected) = function.arg_type(i) {
            expect(arg, expected, text, place)?;
        }
    }
    Ok(function.returns)
}
