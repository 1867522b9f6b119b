//! Durations of a query: literals, and expressions over its step and range.

use super::Bounds;
use crate::engine::QueryError;
use crate::model::{Span, deep, float};
use crate::syntax::ast::{Duration, DurationExpr, DurationKind, DurationOp};

/// Whether zero and less are allowed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sign {
    Any,
    Positive,
}

/// The length in ms, truncated toward zero.
pub(super) fn resolve(duration: &Duration, bounds: &Bounds, sign: Sign) -> Result<i64, QueryError> {
    match duration {
        Duration::Literal(ns) => Ok(ns / 1_000_000),
        Duration::Expr(expr) => {
            let seconds = seconds(expr, bounds)?;
            let fail = |message: &str| Err(bad(expr.span, message));
            if !seconds.is_finite() {
                return fail("duration is NaN or infinite");
            }
            if sign == Sign::Positive && seconds <= 0.0 {
                return fail("duration must be greater than 0");
            }
            if seconds.abs() > i64::MAX as f64 / 1e9 {
                return fail("duration is out of range");
            }
            Ok((seconds * 1000.0) as i64)
        }
    }
}

fn bad(span: Span, message: &str) -> QueryError {
    QueryError::Bad(format!("{}:{}: {message}", span.start, span.end))
}

fn seconds(expr: &DurationExpr, bounds: &Bounds) -> Result<f64, QueryError> {
    deep(|| {
        Ok(match &expr.kind {
            DurationKind::Number(n) => n.value,
            DurationKind::Step => bounds.step as f64 / 1000.0,
            DurationKind::Range => bounds.range_seconds(),
            DurationKind::MaxOf(a, b) => float::go_max(seconds(a, bounds)?, seconds(b, bounds)?),
            DurationKind::MinOf(a, b) => float::go_min(seconds(a, bounds)?, seconds(b, bounds)?),
            DurationKind::Plus(a) => seconds(a, bounds)?,
            DurationKind::Negate(a) => -seconds(a, bounds)?,
            DurationKind::Binary(op, a, b) => {
                let (a, b) = (seconds(a, bounds)?, seconds(b, bounds)?);
                match op {
                    DurationOp::Add => a + b,
                    DurationOp::Sub => a - b,
                    DurationOp::Mul => a * b,
                    DurationOp::Div if b == 0.0 => return Err(bad(expr.span, "division by zero")),
                    DurationOp::Div => a / b,
                    DurationOp::Mod if b == 0.0 => return Err(bad(expr.span, "modulo by zero")),
                    DurationOp::Mod => a % b,
                    DurationOp::Pow => float::pow(a, b),
                }
            }
        })
    })
}
