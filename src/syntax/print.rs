//! The canonical text of an expression, equal to the reference's byte for byte.
//!
//! Not every text can be read back as the same tree: the reference prints `foo[0.0004]` as
//! `foo[0s]`, for one. Such texts are kept.

use super::ParseOptions;
use super::ast::*;
use super::lexer::is_letter;
use crate::model::labels::is_plain_label_name;
use crate::model::{Name, deep, duration, number, quote::quote};
use std::fmt::{self, Write};

/// The canonical text under the given options: with unquoted UTF-8 names, more names stand
/// without quotes.
///
/// ```
/// use ferula::syntax::{ParseOptions, parse, print};
/// let options = ParseOptions::all();
/// let expr = parse(r#"foo{"a.b"="x"}"#, &options)?;
/// assert_eq!(print(&expr, &options), r#"foo{a.b="x"}"#);
/// assert_eq!(expr.to_string(), r#"foo{"a.b"="x"}"#);
/// # Ok::<(), ferula::syntax::ParseError>(())
/// ```
pub fn print(expr: &Expr, options: &ParseOptions) -> String {
    let mut text = String::new();
    let mut printer = Printer { out: &mut text, utf8_names: options.unquoted_utf8_names };
    // Writing to a String does not fail.
    let _ = printer.expr(expr);
    text
}

/// The canonical text under default options.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { out: f, utf8_names: false }.expr(self)
    }
}

/// The canonical text of a duration expression.
impl fmt::Display for DurationExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { out: f, utf8_names: false }.duration_expr(self)
    }
}

pub(super) struct Printer<'w> {
    pub(super) out: &'w mut dyn Write,
    pub(super) utf8_names: bool,
}

impl Printer<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> fmt::Result {
        deep(|| self.node(expr))
    }

    fn node(&mut self, expr: &Expr) -> fmt::Result {
        match expr {
            Expr::Number(number) => self.number(number),
            Expr::String(text) => self.out.write_str(&quote(text.value.as_bytes())),
            Expr::Paren(paren) => {
                self.out.write_str("(")?;
                self.expr(&paren.expr)?;
                self.out.write_str(")")
            }
            Expr::Vector(vector) => {
                self.selector(vector)?;
                self.at(vector.at)?;
                self.extension(vector.extension)?;
                self.offset(&vector.offset)
            }
            Expr::Matrix(matrix) => {
                self.selector(&matrix.vector)?;
                self.out.write_str("[")?;
                self.duration(&matrix.range)?;
                self.out.write_str("]")?;
                self.extension(matrix.vector.extension)?;
                self.at(matrix.vector.at)?;
                self.offset(&matrix.vector.offset)
            }
            Expr::Subquery(subquery) => {
                self.expr(&subquery.expr)?;
                self.subquery_suffix(subquery)
            }
            Expr::Call(call) => {
                write!(self.out, "{}(", call.function.name)?;
                for (i, arg) in call.args.iter().enumerate() {
                    self.separator(i, ", ")?;
                    self.expr(arg)?;
                }
                self.out.write_str(")")
            }
            Expr::Aggregate(aggregate) => {
                self.aggregate_head(aggregate)?;
                self.out.write_str("(")?;
                if let Some(param) = &aggregate.param {
                    self.expr(param)?;
                    self.out.write_str(", ")?;
                }
                self.expr(&aggregate.expr)?;
                self.out.write_str(")")
            }
            Expr::Binary(binary) => {
                self.expr(&binary.lhs)?;
                self.out.write_str(" ")?;
                self.operator(binary)?;
                self.out.write_str(" ")?;
                self.expr(&binary.rhs)
            }
            Expr::Unary(unary) => {
                self.out.write_str(unary.op.as_str())?;
                self.expr(&unary.expr)
            }
        }
    }

    fn separator(&mut self, index: usize, separator: &str) -> fmt::Result {
        if index > 0 { self.out.write_str(separator) } else { Ok(()) }
    }

    fn number(&mut self, literal: &NumberLiteral) -> fmt::Result {
        if !literal.duration {
            return self.out.write_str(&number::format_f(literal.value));
        }
        // The float is not exact, and the reference cuts rather than rounds: it loses
        // a ms here and there.
        let ns = (literal.value * 1e9) as i64;
        self.out.write_str(&duration::format_ms(ns / 1_000_000))
    }

    /// Name and matchers, without modifiers. The matchers are sorted as they are written.
    fn selector(&mut self, vector: &VectorSelector) -> fmt::Result {
        if let Some(name) = &vector.name {
            self.out.write_str(name)?;
        }
        let mut matchers: Vec<String> =
            vector.matchers.iter().map(|m| format!("{}{}{}", self.name(m.name.as_bytes()), m.op, quote(m.value.as_bytes()))).collect();
        if matchers.is_empty() {
            return Ok(());
        }
        crate::model::order::sort_by(&mut matchers, Ord::cmp);
        write!(self.out, "{{{}}}", matchers.join(","))
    }

    /// A label name, quoted where it has to be.
    fn name(&self, name: &[u8]) -> String {
        match std::str::from_utf8(name) {
            Ok(plain) if is_plain_label_name(name) || (self.utf8_names && is_utf8_name(plain)) => plain.to_owned(),
            _ => quote(name),
        }
    }

    fn labels(&mut self, labels: &[Name]) -> fmt::Result {
        self.out.write_str("(")?;
        for (i, label) in labels.iter().enumerate() {
            self.separator(i, ", ")?;
            let label = self.name(label.as_bytes());
            self.out.write_str(&label)?;
        }
        self.out.write_str(")")
    }

    fn at(&mut self, at: Option<At>) -> fmt::Result {
        match at {
            None => Ok(()),
            Some(At::Time(ms)) => write!(self.out, " @ {}", number::format_fixed(ms as f64 / 1000.0, 3)),
            Some(At::Start) => self.out.write_str(" @ start()"),
            Some(At::End) => self.out.write_str(" @ end()"),
        }
    }

    fn extension(&mut self, extension: Option<Extension>) -> fmt::Result {
        extension.map_or(Ok(()), |extension| write!(self.out, " {extension}"))
    }

    fn offset(&mut self, offset: &Option<Duration>) -> fmt::Result {
        let Some(offset) = offset else { return Ok(()) };
        self.out.write_str(" offset ")?;
        match offset {
            // The sign is written even where nothing else is left: `-0s`.
            Duration::Literal(ns) if *ns < 0 => write!(self.out, "-{}", duration::format_ms(ns.wrapping_neg() / 1_000_000)),
            offset => self.duration(offset),
        }
    }

    fn duration(&mut self, duration: &Duration) -> fmt::Result {
        match duration {
            Duration::Literal(ns) => self.out.write_str(&duration::format_ms(ns / 1_000_000)),
            Duration::Expr(expr) => self.duration_expr(expr),
        }
    }

    fn duration_expr(&mut self, expr: &DurationExpr) -> fmt::Result {
        if expr.wrapped {
            self.out.write_str("(")?;
        }
        match &expr.kind {
            DurationKind::Number(number) => self.number(number)?,
            DurationKind::Step => self.out.write_str("step()")?,
            DurationKind::Range => self.out.write_str("range()")?,
            DurationKind::MaxOf(a, b) => self.duration_pair("max_of(", a, ", ", b, ")")?,
            DurationKind::MinOf(a, b) => self.duration_pair("min_of(", a, ", ", b, ")")?,
            DurationKind::Plus(a) => deep(|| self.duration_expr(a))?,
            DurationKind::Negate(a) => {
                self.out.write_str("-")?;
                deep(|| self.duration_expr(a))?;
            }
            DurationKind::Binary(op, a, b) => self.duration_pair("", a, &format!(" {op} "), b, "")?,
        }
        if expr.wrapped { self.out.write_str(")") } else { Ok(()) }
    }

    fn duration_pair(&mut self, open: &str, a: &DurationExpr, between: &str, b: &DurationExpr, close: &str) -> fmt::Result {
        self.out.write_str(open)?;
        deep(|| self.duration_expr(a))?;
        self.out.write_str(between)?;
        deep(|| self.duration_expr(b))?;
        self.out.write_str(close)
    }

    /// `[5m:1m] @ 5.000 offset 1m`
    pub(super) fn subquery_suffix(&mut self, subquery: &Subquery) -> fmt::Result {
        self.out.write_str("[")?;
        self.duration(&subquery.range)?;
        self.out.write_str(":")?;
        if let Some(step) = &subquery.step {
            self.duration(step)?;
        }
        self.out.write_str("]")?;
        self.at(subquery.at)?;
        self.offset(&subquery.offset)
    }

    /// What stands before the parenthesis of an aggregation: `sum by (job) `.
    pub(super) fn aggregate_head(&mut self, aggregate: &Aggregate) -> fmt::Result {
        self.out.write_str(aggregate.op.as_str())?;
        let Grouping { without, labels } = &aggregate.grouping;
        if !without && labels.is_empty() {
            return Ok(());
        }
        self.out.write_str(if *without { " without " } else { " by " })?;
        self.labels(labels)?;
        self.out.write_str(" ")
    }

    /// The operator with its modifiers: `+ on (a) group_left ()`.
    pub(super) fn operator(&mut self, binary: &Binary) -> fmt::Result {
        self.out.write_str(binary.op.as_str())?;
        if binary.return_bool {
            self.out.write_str(" bool")?;
        }
        let Some(matching) = &binary.matching else { return Ok(()) };
        let group = match matching.cardinality {
            Cardinality::ManyToOne => Some(" group_left "),
            Cardinality::OneToMany => Some(" group_right "),
            Cardinality::OneToOne | Cardinality::ManyToMany => None,
        };
        if !matching.labels.is_empty() || matching.on || group.is_some() {
            self.out.write_str(if matching.on { " on " } else { " ignoring " })?;
            self.labels(&matching.labels)?;
        }
        if let Some(group) = group {
            self.out.write_str(group)?;
            self.labels(&matching.include)?;
        }
        match (matching.fill_left, matching.fill_right) {
            (Some(left), Some(right)) if left == right => write!(self.out, " fill ({})", number::format_g(left)),
            (left, right) => {
                if let Some(left) = left {
                    write!(self.out, " fill_left ({})", number::format_g(left))?;
                }
                if let Some(right) = right {
                    write!(self.out, " fill_right ({})", number::format_g(right))?;
                }
                Ok(())
            }
        }
    }
}

/// Whether a name can stand without quotes where UTF-8 names are on.
fn is_utf8_name(name: &str) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_' || is_letter(c);
    let mut chars = name.chars();
    chars.next().is_some_and(start) && chars.all(|c| start(c) || c.is_ascii_digit() || c == '.')
}
