//! A query with its selectors pinned to one time, so that it must have the same answer at any.

use crate::model::deep;
use crate::syntax::ast::{At, Expr};

/// The query with `@ time` (ms) on each selector and subquery that is not pinned to a time yet;
/// what is inside of a subquery stays as it is. `None` if the query depends on the time of
/// evaluation in another way.
pub(super) fn pinned(expr: &Expr, time: i64) -> Option<Expr> {
    let mut expr = expr.clone();
    pin(&mut expr, time).then_some(expr)
}

fn pin(expr: &mut Expr, time: i64) -> bool {
    let set = |at: &mut Option<At>| {
        if !matches!(at, Some(At::Time(_))) {
            *at = Some(At::Time(time));
        }
        true
    };
    deep(|| match expr {
        Expr::Number(_) | Expr::String(_) => true,
        Expr::Vector(e) => set(&mut e.at),
        Expr::Matrix(e) => set(&mut e.vector.at),
        Expr::Subquery(e) => set(&mut e.at),
        Expr::Paren(e) => pin(&mut e.expr, time),
        Expr::Unary(e) => pin(&mut e.expr, time),
        Expr::Aggregate(e) => e.param.as_mut().is_none_or(|p| pin(p, time)) && pin(&mut e.expr, time),
        Expr::Binary(e) => pin(&mut e.lhs, time) && pin(&mut e.rhs, time),
        Expr::Call(e) => !e.function.timed && e.args.iter_mut().all(|a| pin(a, time)),
    })
}
