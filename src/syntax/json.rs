//! The tree as JSON, as the reference's HTTP API writes it (`parse_query`): keys in alphabetical
//! order, numbers as texts, times and durations in ms.

use super::ast::{
    Aggregate, At, Binary, Call, Cardinality, Duration, DurationExpr, DurationKind, Expr, Extension, Matching, NumberLiteral, Subquery,
    VectorSelector,
};
use crate::model::Name;
use crate::model::json::{html_bytes, html_string};
use crate::model::number::{format_api, format_f};
use crate::model::{Matcher, deep};

/// The JSON of an expression.
///
/// A fill value that is not finite is `null`: the reference has no answer for it.
///
/// ```
/// use ferula::syntax::{ParseOptions, parse, to_json};
/// let tree = parse("-(5m)", &ParseOptions::default())?;
/// assert_eq!(
///     to_json(&tree),
///     r#"{"expr":{"expr":{"type":"numberLiteral","val":"300"},"type":"parenExpr"},"op":"-","type":"unaryExpr"}"#
/// );
/// # Ok::<(), ferula::syntax::ParseError>(())
/// ```
pub fn to_json(expr: &Expr) -> String {
    let mut out = String::new();
    node(&mut out, expr);
    out
}

fn node(out: &mut String, expr: &Expr) {
    deep(|| match expr {
        Expr::Number(n) => number(out, n, None),
        Expr::String(s) => Object::open(out).text("type", "stringLiteral").raw("val", &html_bytes(&s.value)).close(),
        Expr::Paren(p) => Object::open(out).expr("expr", &p.expr).text("type", "parenExpr").close(),
        Expr::Vector(v) => selector(out, v, None),
        Expr::Matrix(m) => selector(out, &m.vector, Some(&m.range)),
        Expr::Subquery(s) => subquery(out, s),
        Expr::Call(c) => call(out, c),
        Expr::Aggregate(a) => aggregate(out, a),
        Expr::Binary(b) => binary(out, b),
        Expr::Unary(u) => Object::open(out).expr("expr", &u.expr).text("op", u.op.as_str()).text("type", "unaryExpr").close(),
    });
}

/// An object being written, member by member, in alphabetical order of the keys. Everything goes
/// straight to the end of one text, so that deep trees cost no copies.
struct Object<'o> {
    out: &'o mut String,
    last: &'static str,
}

impl<'o> Object<'o> {
    fn open(out: &'o mut String) -> Self {
        out.push('{');
        Object { out, last: "" }
    }
    fn with(mut self, key: &'static str, value: impl FnOnce(&mut String)) -> Self {
        debug_assert!(self.last < key, "{key} after {}", self.last);
        self.out.push_str(if self.last.is_empty() { "\"" } else { ",\"" });
        self.out.push_str(key);
        self.out.push_str("\":");
        value(self.out);
        self.last = key;
        self
    }
    fn raw(self, key: &'static str, json: &str) -> Self {
        self.with(key, |out| out.push_str(json))
    }
    fn text(self, key: &'static str, text: &str) -> Self {
        self.raw(key, &html_string(text))
    }
    fn bool(self, key: &'static str, value: bool) -> Self {
        self.raw(key, if value { "true" } else { "false" })
    }
    fn list<T>(self, key: &'static str, items: &[T], mut item: impl FnMut(&mut String, &T)) -> Self {
        self.with(key, |out| {
            out.push('[');
            for (i, x) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                item(out, x);
            }
            out.push(']');
        })
    }
    fn texts(self, key: &'static str, texts: &[Name]) -> Self {
        self.list(key, texts, |out, text| out.push_str(&html_string(text)))
    }
    fn expr(self, key: &'static str, expr: &Expr) -> Self {
        self.with(key, |out| node(out, expr))
    }
    /// A length: ms under one key and, where it has to be computed, its tree under another.
    fn duration(self, key: &'static str, expr_key: &'static str, duration: Option<&Duration>) -> Self {
        match duration {
            None => self.raw(key, "0").raw(expr_key, "null"),
            Some(Duration::Literal(ns)) => self.raw(key, &(ns / 1_000_000).to_string()).raw(expr_key, "null"),
            Some(Duration::Expr(e)) => self.raw(key, "0").with(expr_key, |out| duration_expr(out, e)),
        }
    }
    fn start_or_end(self, at: Option<At>) -> Self {
        let word = match at {
            None | Some(At::Time(_)) => "null",
            Some(At::Start) => "\"start\"",
            Some(At::End) => "\"end\"",
        };
        self.raw("startOrEnd", word)
    }
    fn timestamp(self, at: Option<At>) -> Self {
        match at {
            Some(At::Time(ms)) => self.raw("timestamp", &ms.to_string()),
            _ => self.raw("timestamp", "null"),
        }
    }
    fn close(self) {
        self.out.push('}');
    }
}

/// `duration` is told only inside duration expressions.
fn number(out: &mut String, n: &NumberLiteral, duration: Option<bool>) {
    let object = Object::open(out);
    let object = match duration {
        Some(is) => object.bool("duration", is),
        None => object,
    };
    object.text("type", "numberLiteral").text("val", &format_f(n.value)).close();
}

fn selector(out: &mut String, v: &VectorSelector, range: Option<&Duration>) {
    let matcher = |out: &mut String, m: &Matcher| {
        let object = Object::open(out).raw("name", &html_bytes(&m.name)).text("type", m.op.as_str());
        object.raw("value", &html_bytes(&m.value)).close();
    };
    let object = Object::open(out)
        .bool("anchored", v.extension == Some(Extension::Anchored))
        .list("matchers", &v.all_matchers(), matcher)
        .text("name", v.name.as_deref().unwrap_or(""))
        .duration("offset", "offsetExpr", v.offset.as_ref());
    let object = match range {
        Some(range) => object.duration("range", "rangeExpr", Some(range)),
        None => object,
    };
    object
        .bool("smoothed", v.extension == Some(Extension::Smoothed))
        .start_or_end(v.at)
        .timestamp(v.at)
        .text("type", if range.is_some() { "matrixSelector" } else { "vectorSelector" })
        .close();
}

fn subquery(out: &mut String, s: &Subquery) {
    Object::open(out)
        .expr("expr", &s.expr)
        .duration("offset", "offsetExpr", s.offset.as_ref())
        .duration("range", "rangeExpr", Some(&s.range))
        .start_or_end(s.at)
        .duration("step", "stepExpr", s.step.as_ref())
        .timestamp(s.at)
        .text("type", "subquery")
        .close();
}

fn call(out: &mut String, c: &Call) {
    let f = c.function;
    let signature = |out: &mut String| {
        Object::open(out)
            .list("argTypes", f.args, |out, t| out.push_str(&html_string(t.api_name())))
            .text("name", f.name)
            .text("returnType", f.returns.api_name())
            .raw("variadic", &f.variadic.to_string())
            .close();
    };
    Object::open(out).list("args", &c.args, node).with("func", signature).text("type", "call").close();
}

fn aggregate(out: &mut String, a: &Aggregate) {
    let object = Object::open(out).expr("expr", &a.expr).texts("grouping", &a.grouping.labels).text("op", a.op.as_str());
    let object = match &a.param {
        Some(param) => object.expr("param", param),
        None => object.raw("param", "null"),
    };
    object.text("type", "aggregation").bool("without", a.grouping.without).close();
}

fn binary(out: &mut String, b: &Binary) {
    let object = Object::open(out).bool("bool", b.return_bool).expr("lhs", &b.lhs);
    let object = match &b.matching {
        Some(m) => object.with("matching", |out| matching(out, m)),
        None => object.raw("matching", "null"),
    };
    object.text("op", b.op.as_str()).expr("rhs", &b.rhs).text("type", "binaryExpr").close();
}

fn matching(out: &mut String, m: &Matching) {
    let card = match m.cardinality {
        Cardinality::OneToOne => "one-to-one",
        Cardinality::ManyToOne => "many-to-one",
        Cardinality::OneToMany => "one-to-many",
        Cardinality::ManyToMany => "many-to-many",
    };
    Object::open(out)
        .text("card", card)
        .with("fillValues", |out| Object::open(out).raw("lhs", &fill(m.fill_left)).raw("rhs", &fill(m.fill_right)).close())
        .texts("include", &m.include)
        .texts("labels", &m.labels)
        .bool("on", m.on)
        .close();
}

/// A JSON number.
fn fill(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map_or("null".to_owned(), format_api)
}

fn duration_expr(out: &mut String, e: &DurationExpr) {
    deep(|| {
        let (lhs, op, rhs) = match &e.kind {
            // to the reference, parentheses around a literal are a sign
            DurationKind::Number(n) if e.wrapped => {
                let object = Object::open(out).raw("lhs", "null").text("op", "+");
                let object = object.with("rhs", |out| number(out, n, Some(n.duration)));
                return object.text("type", "durationExpr").bool("wrapped", true).close();
            }
            DurationKind::Number(n) => return number(out, n, Some(n.duration)),
            DurationKind::Step => (None, "step", None),
            DurationKind::Range => (None, "range", None),
            DurationKind::MaxOf(a, b) => (Some(a), "max_of", Some(b)),
            DurationKind::MinOf(a, b) => (Some(a), "min_of", Some(b)),
            DurationKind::Plus(a) => (None, "+", Some(a)),
            DurationKind::Negate(a) => (None, "-", Some(a)),
            DurationKind::Binary(op, a, b) => (Some(a), op.as_str(), Some(b)),
        };
        let side = |out: &mut String, e: Option<&DurationExpr>| match e {
            Some(e) => duration_expr(out, e),
            None => out.push_str("null"),
        };
        Object::open(out)
            .with("lhs", |out| side(out, lhs.map(|e| &**e)))
            .text("op", op)
            .with("rhs", |out| side(out, rhs.map(|e| &**e)))
            .text("type", "durationExpr")
            .bool("wrapped", e.wrapped)
            .close();
    });
}
