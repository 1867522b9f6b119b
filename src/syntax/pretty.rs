//! The text of an expression over several lines, equal to the reference's byte for byte.

use super::ParseOptions;
use super::ast::Expr;
use super::print::Printer;
use crate::model::deep;
use std::collections::HashSet;
use std::fmt::{self, Write};

/// Expressions longer than this, in bytes of canonical text, are split.
const LONGEST_LINE: usize = 100;

/// The canonical text, split where it is long; short parts stay on one line. Comments of the
/// source are lost.
///
/// ```
/// use ferula::syntax::{ParseOptions, parse, pretty};
/// let options = ParseOptions::default();
/// let text = format!("sum by (job) (rate({}[5m]))", "a".repeat(90));
/// let lines = pretty(&parse(&text, &options)?, &options);
/// assert_eq!(lines.lines().next(), Some("sum by (job) ("));
/// # Ok::<(), ferula::syntax::ParseError>(())
/// ```
pub fn pretty(expr: &Expr, options: &ParseOptions) -> String {
    let mut pretty = Pretty { out: String::new(), long: HashSet::new(), utf8_names: options.unquoted_utf8_names };
    pretty.find_long(expr);
    // Writing to a String does not fail.
    let _ = pretty.expr(expr, 0);
    pretty.out
}

struct Pretty {
    out: String,
    /// The expressions that are split, by their places in memory.
    long: HashSet<*const Expr>,
    utf8_names: bool,
}

impl Pretty {
    fn printer(&mut self) -> Printer<'_> {
        Printer { out: &mut self.out, utf8_names: self.utf8_names }
    }

    /// Measures all expressions, from the leaves up: one with a long part is long itself, so only
    /// short texts are ever written to be measured.
    fn find_long(&mut self, expr: &Expr) -> bool {
        let mut long = false;
        for child in expr.children() {
            long |= deep(|| self.find_long(child));
        }
        let mut line = Line { left: LONGEST_LINE };
        long = long || Printer { out: &mut line, utf8_names: self.utf8_names }.expr(expr).is_err();
        if long {
            self.long.insert(std::ptr::from_ref(expr));
        }
        long
    }

    fn indent(&mut self, level: usize) {
        self.out.extend(std::iter::repeat_n("  ", level));
    }

    fn expr(&mut self, expr: &Expr, level: usize) -> fmt::Result {
        deep(|| self.node(expr, level))
    }

    fn node(&mut self, expr: &Expr, level: usize) -> fmt::Result {
        let whole = matches!(expr, Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_));
        if whole || !self.long.contains(&std::ptr::from_ref(expr)) {
            // The reference forgets the indent of subqueries.
            if !matches!(expr, Expr::Subquery(_)) {
                self.indent(level);
            }
            return self.printer().expr(expr);
        }
        match expr {
            Expr::Aggregate(aggregate) => {
                self.indent(level);
                self.printer().aggregate_head(aggregate)?;
                self.out.push_str("(\n");
                if let Some(param) = &aggregate.param {
                    self.expr(param, level + 1)?;
                    self.out.push_str(",\n");
                }
                self.expr(&aggregate.expr, level + 1)?;
                self.close(level);
            }
            Expr::Call(call) => {
                self.indent(level);
                self.out.push_str(call.function.name);
                self.out.push_str("(\n");
                for (i, arg) in call.args.iter().enumerate() {
                    self.out.push_str(if i > 0 { ",\n" } else { "" });
                    self.expr(arg, level + 1)?;
                }
                self.close(level);
            }
            Expr::Paren(paren) => {
                self.indent(level);
                self.out.push_str("(\n");
                self.expr(&paren.expr, level + 1)?;
                self.close(level);
            }
            Expr::Binary(binary) => {
                self.expr(&binary.lhs, level + 1)?;
                self.out.push('\n');
                self.indent(level);
                self.printer().operator(binary)?;
                self.out.push('\n');
                self.expr(&binary.rhs, level + 1)?;
            }
            Expr::Unary(unary) => {
                self.indent(level);
                self.out.push_str(unary.op.as_str());
                let from = self.out.len();
                self.expr(&unary.expr, level)?;
                // The operand comes with its own indent; it follows the sign directly.
                let operand = self.out.split_off(from);
                self.out.push_str(operand.trim_matches([' ', '\t', '\n', '\r']));
            }
            Expr::Subquery(subquery) => {
                self.expr(&subquery.expr, level)?;
                self.printer().subquery_suffix(subquery)?;
            }
            Expr::Number(_) | Expr::String(_) | Expr::Vector(_) | Expr::Matrix(_) => {}
        }
        Ok(())
    }

    fn close(&mut self, level: usize) {
        self.out.push('\n');
        self.indent(level);
        self.out.push(')');
    }
}

/// Takes so many bytes and then refuses: measures a text without making it.
struct Line {
    left: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}
