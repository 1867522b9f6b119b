//! The tree of a PromQL expression, with the span of every node.

use crate::model::{ByteString, Matcher, Name, Span};

/// The four types of PromQL values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValueType {
    /// One number at each step.
    Scalar,
    /// A text.
    String,
    /// At most one sample for each series at each step.
    InstantVector,
    /// A window of samples for each series at each step.
    RangeVector,
}

/// An expression.
///
/// What is large stands in a box, so that an expression is small enough to be moved about. Chains
/// of operators nest as deep as they are long; cloning, comparing, printing and dropping such trees
/// is safe on a small stack.
pub enum Expr {
    /// `1.5`, or a duration in its place: `5m`.
    Number(NumberLiteral),
    /// `"text"`.
    String(StringLiteral),
    /// `(e)`.
    Paren(Paren),
    /// `up{job="x"} @ 5 offset 1m`.
    Vector(Box<VectorSelector>),
    /// `up[5m]`.
    Matrix(MatrixSelector),
    /// `e[5m:1m]`.
    Subquery(Box<Subquery>),
    /// `rate(x[5m])`.
    Call(Call),
    /// `sum by (job) (x)`.
    Aggregate(Box<Aggregate>),
    /// `a + b`.
    Binary(Box<Binary>),
    /// `-e`.
    Unary(Unary),
}

/// A number, or a duration standing for its seconds.
#[derive(Clone, PartialEq, Debug)]
pub struct NumberLiteral {
    /// The value; seconds for a duration.
    pub value: f64,
    /// Written as a duration (`5m`), and so printed as one.
    pub duration: bool,
    /// Where it stands, a folded sign included.
    pub span: Span,
}

/// A text.
#[derive(Clone, PartialEq, Debug)]
pub struct StringLiteral {
    /// The text, unescaped.
    pub value: ByteString,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// An expression in parentheses.
#[derive(Clone, PartialEq, Debug)]
pub struct Paren {
    /// What is inside.
    pub expr: Box<Expr>,
    /// Both parentheses included.
    pub span: Span,
}

/// `@ t`, `@ start()`, `@ end()`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum At {
    /// A time in ms since the epoch.
    Time(i64),
    /// The start of the query.
    Start,
    /// The end of the query.
    End,
}

/// `anchored` or `smoothed`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extension {
    /// Extends the window to the left up to a sample at or before its start.
    Anchored,
    /// Interpolates at both ends of the window.
    Smoothed,
}

/// A length of time: known, or computed when the query's range and step are.
#[derive(Clone, PartialEq, Debug)]
pub enum Duration {
    /// A literal, in nanoseconds (Prometheus truncates to ms later).
    Literal(i64),
    /// An expression over literals, `step()` and `range()`.
    Expr(Box<DurationExpr>),
}

/// An operator of a duration expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DurationOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
}

/// A duration expression.
#[derive(Clone, PartialEq, Debug)]
pub struct DurationExpr {
    /// What it is.
    pub kind: DurationKind,
    /// In parentheses.
    pub wrapped: bool,
    /// Where it stands (the parentheses not included).
    pub span: Span,
}

/// The kinds of duration expressions. Numbers are seconds.
#[derive(Clone, PartialEq, Debug)]
pub enum DurationKind {
    /// A literal.
    Number(NumberLiteral),
    /// `step()`
    Step,
    /// `range()`
    Range,
    /// `max_of(a, b)`
    MaxOf(Box<DurationExpr>, Box<DurationExpr>),
    /// `min_of(a, b)`
    MinOf(Box<DurationExpr>, Box<DurationExpr>),
    /// `+a`: only directly after `offset`, elsewhere the sign disappears.
    Plus(Box<DurationExpr>),
    /// `-a`
    Negate(Box<DurationExpr>),
    /// `a + b`
    Binary(DurationOp, Box<DurationExpr>, Box<DurationExpr>),
}

/// An instant vector selector.
#[derive(Clone, PartialEq, Debug)]
pub struct VectorSelector {
    /// The metric name written outside the braces.
    pub name: Option<Name>,
    /// The matchers written in the braces, in their order.
    pub matchers: Vec<Matcher>,
    /// `offset`; `None` if there is none (a literal of zero leaves no trace).
    pub offset: Option<Duration>,
    /// `@`.
    pub at: Option<At>,
    /// `anchored` or `smoothed`; on a range selector it is kept here as well.
    pub extension: Option<Extension>,
    /// From the name or brace to the end of its last modifier.
    pub span: Span,
}

/// A range vector selector.
#[derive(Clone, PartialEq, Debug)]
pub struct MatrixSelector {
    /// The selector, with the modifiers that follow the bracket.
    pub vector: Box<VectorSelector>,
    /// The length of the window.
    pub range: Duration,
    /// From the selector's start to the end of its last modifier.
    pub span: Span,
}

/// A subquery.
#[derive(Clone, PartialEq, Debug)]
pub struct Subquery {
    /// What is evaluated at each of its steps.
    pub expr: Expr,
    /// The length of the window.
    pub range: Duration,
    /// Its step; `None` takes the engine's default.
    pub step: Option<Duration>,
    /// `offset`, as in [`VectorSelector::offset`].
    pub offset: Option<Duration>,
    /// `@`.
    pub at: Option<At>,
    /// From the expression's start to the end of its last modifier.
    pub span: Span,
}

/// A function call.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// The function.
    pub function: &'static crate::functions::Function,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// From the name to the closing parenthesis.
    pub span: Span,
}

/// An aggregation operator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)] // named as in the language
pub enum AggregateOp {
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    Topk,
    Bottomk,
    CountValues,
    Quantile,
    Limitk,
    LimitRatio,
}

/// `by (…)` or `without (…)`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Grouping {
    /// `without` instead of `by`. No clause at all is `by ()`.
    pub without: bool,
    /// The labels as written.
    pub labels: Vec<Name>,
}

/// An aggregation.
#[derive(Clone, PartialEq, Debug)]
pub struct Aggregate {
    /// The operator.
    pub op: AggregateOp,
    /// The grouping.
    pub grouping: Grouping,
    /// The parameter of topk, quantile and the like.
    pub param: Option<Expr>,
    /// What is aggregated.
    pub expr: Expr,
    /// From the operator to the last closing parenthesis.
    pub span: Span,
}

/// A binary operator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)] // named as in the language
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    /// `</`
    TrimUpper,
    /// `>/`
    TrimLower,
    And,
    Or,
    Unless,
}

/// How many rows may match on each side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // named as in the language
pub enum Cardinality {
    OneToOne,
    /// `group_left`
    ManyToOne,
    /// `group_right`
    OneToMany,
    /// Set operators.
    ManyToMany,
}

/// How the sides of a binary operator find each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Matching {
    /// How many rows may match.
    pub cardinality: Cardinality,
    /// `on` rather than `ignoring` (or nothing).
    pub on: bool,
    /// The labels of `on` or `ignoring`.
    pub labels: Vec<Name>,
    /// The labels of `group_left` or `group_right`.
    pub include: Vec<Name>,
    /// The value for a missing left side.
    pub fill_left: Option<f64>,
    /// The value for a missing right side.
    pub fill_right: Option<f64>,
}

/// A binary expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// Left operand.
    pub lhs: Expr,
    /// Right operand.
    pub rhs: Expr,
    /// `bool`.
    pub return_bool: bool,
    /// Matching; `None` unless both sides are vectors.
    pub matching: Option<Matching>,
    /// From the left operand's start to the right one's end.
    pub span: Span,
}

/// The sign of a unary expression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Plus,
    Minus,
}

/// A signed expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Unary {
    /// The sign.
    pub op: UnaryOp,
    /// The operand.
    pub expr: Box<Expr>,
    /// From the sign to the operand's end.
    pub span: Span,
}

impl VectorSelector {
    /// All that a series has to fit: the matchers in the braces, then the name outside of them as
    /// `__name__="name"`.
    pub fn all_matchers(&self) -> Vec<Matcher> {
        let outside = self.name.as_ref().map(|name| {
            let start = self.span.start;
            Matcher::of_name(name, Span::new(start, start + name.len() as u32))
        });
        self.matchers.iter().cloned().chain(outside).collect()
    }
}

impl Expr {
    /// Where the expression stands in the text.
    pub fn span(&self) -> Span {
        match self {
            Expr::Number(e) => e.span,
            Expr::String(e) => e.span,
            Expr::Paren(e) => e.span,
            Expr::Vector(e) => e.span,
            Expr::Matrix(e) => e.span,
            Expr::Subquery(e) => e.span,
            Expr::Call(e) => e.span,
            Expr::Aggregate(e) => e.span,
            Expr::Binary(e) => e.span,
            Expr::Unary(e) => e.span,
        }
    }
    /// The expression without the parentheses around it.
    pub fn unwrap_parens(&self) -> &Expr {
        let mut expr = self;
        while let Expr::Paren(p) = expr {
            expr = &p.expr;
        }
        expr
    }
}
