//! Ways through a tree: look at every node, or rewrite it.

use super::ast::Expr;
use crate::model::deep;

impl Expr {
    /// The expressions directly below this one, in the order of the text; the parameter of an
    /// aggregation comes before its operand.
    pub fn children(&self) -> Vec<&Expr> {
        match self {
            Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => Vec::new(),
            Expr::Paren(e) => vec![&e.expr],
            Expr::Subquery(e) => vec![&e.expr],
            Expr::Unary(e) => vec![&e.expr],
            Expr::Binary(e) => vec![&e.lhs, &e.rhs],
            Expr::Call(e) => e.args.iter().collect(),
            Expr::Aggregate(e) => e.param.iter().chain([&e.expr]).collect(),
        }
    }

    /// The same, to be changed.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => Vec::new(),
            Expr::Paren(e) => vec![&mut e.expr],
            Expr::Subquery(e) => vec![&mut e.expr],
            Expr::Unary(e) => vec![&mut e.expr],
            Expr::Binary(e) => {
                let e = &mut **e;
                vec![&mut e.lhs, &mut e.rhs]
            }
            Expr::Call(e) => e.args.iter_mut().collect(),
            Expr::Aggregate(e) => e.param.iter_mut().chain([&mut e.expr]).collect(),
        }
    }

    /// Shows every node to `look`: parents before children, left before right.
    ///
    /// ```
    /// use ferula::syntax::{ParseOptions, ast::Expr, parse};
    /// let expr = parse("rate(a[5m]) + abs(b)", &ParseOptions::default())?;
    /// let mut calls = Vec::new();
    /// expr.walk(&mut |node| if let Expr::Call(call) = node { calls.push(call.function.name) });
    /// assert_eq!(calls, ["rate", "abs"]);
    /// # Ok::<(), ferula::syntax::ParseError>(())
    /// ```
    pub fn walk<'e>(&'e self, look: &mut impl FnMut(&'e Expr)) {
        let mut pending = vec![self];
        while let Some(expr) = pending.pop() {
            look(expr);
            pending.extend(expr.children().into_iter().rev());
        }
    }

    /// Lets `change` change every node: children before parents, left before right. A node may
    /// be replaced whole; what replaces it is not visited again.
    ///
    /// ```
    /// use ferula::model::Matcher;
    /// use ferula::syntax::{ParseOptions, ast::Expr, parse};
    /// let mut expr = parse("rate(a[5m]) / b", &ParseOptions::default())?;
    /// expr.rewrite(&mut |node| match node {
    ///     Expr::Vector(v) => v.matchers.push(Matcher::equal("env", "prod")),
    ///     Expr::Matrix(m) => m.vector.matchers.push(Matcher::equal("env", "prod")),
    ///     _ => {}
    /// });
    /// assert_eq!(expr.to_string(), r#"rate(a{env="prod"}[5m]) / b{env="prod"}"#);
    /// # Ok::<(), ferula::syntax::ParseError>(())
    /// ```
    pub fn rewrite(&mut self, change: &mut impl FnMut(&mut Expr)) {
        for child in self.children_mut() {
            deep(|| child.rewrite(change));
        }
        change(self);
    }
}
