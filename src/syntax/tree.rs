//! What every tree can do however deep it is: be cloned, compared, shown and dropped.

use super::ast::{Binary, BinaryOp, Duration, DurationExpr, DurationKind, Expr, NumberLiteral, ValueType};
use crate::model::{Span, deep};
use std::fmt;
use std::mem::take;

impl Clone for Expr {
    fn clone(&self) -> Expr {
        deep(|| match self {
            Expr::Number(e) => Expr::Number(e.clone()),
            Expr::String(e) => Expr::String(e.clone()),
            Expr::Paren(e) => Expr::Paren(e.clone()),
            Expr::Vector(e) => Expr::Vector(e.clone()),
            Expr::Matrix(e) => Expr::Matrix(e.clone()),
            Expr::Subquery(e) => Expr::Subquery(e.clone()),
            Expr::Call(e) => Expr::Call(e.clone()),
            Expr::Aggregate(e) => Expr::Aggregate(e.clone()),
            Expr::Binary(e) => Expr::Binary(e.clone()),
            Expr::Unary(e) => Expr::Unary(e.clone()),
        })
    }
}

/// Spans take part, those of matchers aside; use [`Expr::same`] to leave them out.
impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        deep(|| match (self, other) {
            (Expr::Number(a), Expr::Number(b)) => a == b,
            (Expr::String(a), Expr::String(b)) => a == b,
            (Expr::Paren(a), Expr::Paren(b)) => a == b,
            (Expr::Vector(a), Expr::Vector(b)) => a == b,
            (Expr::Matrix(a), Expr::Matrix(b)) => a == b,
            (Expr::Subquery(a), Expr::Subquery(b)) => a == b,
            (Expr::Call(a), Expr::Call(b)) => a == b,
            (Expr::Aggregate(a), Expr::Aggregate(b)) => a == b,
            (Expr::Binary(a), Expr::Binary(b)) => a == b,
            (Expr::Unary(a), Expr::Unary(b)) => a == b,
            _ => false,
        })
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        deep(|| match self {
            Expr::Number(e) => e.fmt(f),
            Expr::String(e) => e.fmt(f),
            Expr::Paren(e) => e.fmt(f),
            Expr::Vector(e) => e.fmt(f),
            Expr::Matrix(e) => e.fmt(f),
            Expr::Subquery(e) => e.fmt(f),
            Expr::Call(e) => e.fmt(f),
            Expr::Aggregate(e) => e.fmt(f),
            Expr::Binary(e) => e.fmt(f),
            Expr::Unary(e) => e.fmt(f),
        })
    }
}

/// Where the stack comes to its end, operators are taken apart in a loop: dropping a long chain by
/// recursion would need as much stack as it is long.
impl Drop for Binary {
    fn drop(&mut self) {
        if !matches!(self.lhs, Expr::Binary(_)) && !matches!(self.rhs, Expr::Binary(_)) {
            return;
        }
        if stacker::remaining_stack().is_some_and(|left| left > 128 * 1024) {
            return;
        }
        let mut pending = vec![take(&mut self.lhs), take(&mut self.rhs)];
        while let Some(mut expr) = pending.pop() {
            if let Expr::Binary(binary) = &mut expr {
                pending.push(take(&mut binary.lhs));
                pending.push(take(&mut binary.rhs));
            }
        }
    }
}

/// The number 0: what stays where [`std::mem::take`] takes an expression out of a tree.
///
/// ```
/// use ferula::syntax::{ParseOptions, ast::Expr, parse};
/// let mut expr = parse("(a) + (b)", &ParseOptions::default())?;
/// expr.rewrite(&mut |node| if let Expr::Paren(paren) = node { *node = std::mem::take(&mut *paren.expr) });
/// assert_eq!(expr.to_string(), "a + b");
/// # Ok::<(), ferula::syntax::ParseError>(())
/// ```
impl Default for Expr {
    #[inline]
    fn default() -> Expr {
        Expr::Number(NumberLiteral { value: 0.0, duration: false, span: Span::default() })
    }
}

/// `0 + 0`. A node that is made by default and filled in its box has not to be copied there.
impl Default for Binary {
    #[inline]
    fn default() -> Binary {
        let (lhs, rhs, span) = (Expr::default(), Expr::default(), Span::default());
        Binary { op: BinaryOp::Add, lhs, rhs, return_bool: false, matching: None, span }
    }
}

impl Expr {
    /// Puts an expression where mostly the default is, of which nothing has to be dropped.
    #[inline]
    pub(super) fn put(&mut self, expr: Expr) {
        match std::mem::replace(self, expr) {
            Expr::Number(_) => {}
            other => drop(other),
        }
    }

    /// The type of the value that the expression has.
    ///
    /// ```
    /// use ferula::syntax::{ParseOptions, ast::ValueType, parse};
    /// let expr = parse("-(1 + 2)", &ParseOptions::default())?;
    /// assert_eq!(expr.value_type(), ValueType::Scalar);
    /// # Ok::<(), ferula::syntax::ParseError>(())
    /// ```
    pub fn value_type(&self) -> ValueType {
        let (mut expr, mut beside_scalar) = (self, false);
        let found = loop {
            expr = match expr {
                Expr::Number(_) => break ValueType::Scalar,
                Expr::String(_) => break ValueType::String,
                Expr::Vector(_) | Expr::Aggregate(_) => break ValueType::InstantVector,
                Expr::Matrix(_) | Expr::Subquery(_) => break ValueType::RangeVector,
                Expr::Call(call) => break call.function.returns,
                Expr::Paren(paren) => &paren.expr,
                Expr::Unary(unary) => &unary.expr,
                // A scalar only if both sides are. The left side, where chains are long, is next.
                Expr::Binary(binary) => {
                    if deep(|| binary.rhs.value_type()) != ValueType::Scalar {
                        break ValueType::InstantVector;
                    }
                    beside_scalar = true;
                    &binary.lhs
                }
            };
        };
        if beside_scalar && found != ValueType::Scalar { ValueType::InstantVector } else { found }
    }

    /// Whether two trees are equal, wherever their parts stand in their texts.
    ///
    /// ```
    /// use ferula::syntax::{ParseOptions, parse};
    /// let options = ParseOptions::default();
    /// assert!(parse("a+b", &options)?.same(&parse("a  +  b", &options)?));
    /// # Ok::<(), ferula::syntax::ParseError>(())
    /// ```
    pub fn same(&self, other: &Expr) -> bool {
        let (mut a, mut b) = (self.clone(), other.clone());
        a.forget_spans();
        b.forget_spans();
        a == b
    }

    fn forget_spans(&mut self) {
        let nowhere = Span::default();
        self.rewrite(&mut |expr| match expr {
            Expr::Number(e) => e.span = nowhere,
            Expr::String(e) => e.span = nowhere,
            Expr::Paren(e) => e.span = nowhere,
            Expr::Vector(e) => {
                e.span = nowhere;
                forget_duration(&mut e.offset);
            }
            Expr::Matrix(e) => {
                (e.span, e.vector.span) = (nowhere, nowhere);
                forget_duration(&mut e.vector.offset);
                forget_duration(&mut Some(&mut e.range));
            }
            Expr::Subquery(e) => {
                e.span = nowhere;
                forget_duration(&mut e.offset);
                forget_duration(&mut e.step);
                forget_duration(&mut Some(&mut e.range));
            }
            Expr::Call(e) => e.span = nowhere,
            Expr::Aggregate(e) => e.span = nowhere,
            Expr::Binary(e) => e.span = nowhere,
            Expr::Unary(e) => e.span = nowhere,
        });
    }
}

fn forget_duration<D: std::borrow::BorrowMut<Duration>>(duration: &mut Option<D>) {
    if let Some(Duration::Expr(expr)) = duration.as_mut().map(|duration| duration.borrow_mut()) {
        forget_duration_expr(expr);
    }
}

fn forget_duration_expr(expr: &mut DurationExpr) {
    expr.span = Span::default();
    match &mut expr.kind {
        DurationKind::Number(number) => number.span = Span::default(),
        DurationKind::Step | DurationKind::Range => {}
        DurationKind::Plus(a) | DurationKind::Negate(a) => forget_duration_expr(a),
        DurationKind::MaxOf(a, b) | DurationKind::MinOf(a, b) | DurationKind::Binary(_, a, b) => {
            forget_duration_expr(a);
            forget_duration_expr(b);
        }
    }
}
