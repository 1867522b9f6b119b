//! From the checked tree to the plan of one evaluation.

use super::durations::{Sign, resolve};
use super::reference::Reference;
use super::{Kind, Node, Select, Subquery};
use crate::engine::{EngineOptions, QueryError};
use crate::functions::{Function, HistogramReading};
use crate::model::{Name, Span, deep};
use crate::source::{Hints, TimeRange};
use crate::syntax::ast::{self, At, Duration, Expr, Extension};

/// The times of a query, ms. An instant query has `start == end` and step 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) step: i64,
}

impl Bounds {
    pub(crate) fn range_seconds(&self) -> f64 {
        self.end.saturating_sub(self.start) as f64 / 1000.0
    }
    /// `step()` as a function: 0 where the range has one point, unlike in durations.
    fn step_seconds(&self) -> f64 {
        if self.start == self.end { 0.0 } else { self.step as f64 / 1000.0 }
    }
}

/// Lowers a checked expression for one evaluation.
///
/// # Errors
/// Bad duration expressions, and modifiers that the options switch off.
pub(super) fn lower(expr: &Expr, bounds: Bounds, options: &EngineOptions) -> Result<(Node, Tally), QueryError> {
    let mut lower = Lower { bounds, options, next: 0, tally: Tally::default() };
    let (node, invariant) = lower.expr(expr, &Path::default())?;
    let node = if invariant { lower.wrap(node) } else { node };
    Ok((node, lower.tally))
}

/// What was counted in passing: most rewrites have nothing to do in most queries.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) selectors: usize,
    /// Parts that are the same at every step, apart from bare literals.
    pub(super) invariants: usize,
}

struct Lower<'a> {
    bounds: Bounds,
    options: &'a EngineOptions,
    next: u32,
    tally: Tally,
}

/// What stands above an expression, as far as selectors ask.
#[derive(Clone, Copy, Default)]
struct Path<'a> {
    /// Nearest function or aggregation.
    function: &'static str,
    /// Grouping of the aggregation directly above.
    grouping: &'a [Name],
    by: bool,
    /// Enclosing subqueries since the closest one with `@`: sums of offset and range, ms.
    offsets: i64,
    ranges: i64,
    /// `@` of the closest enclosing subquery that has one.
    at: Option<i64>,
    /// Step of the innermost subquery.
    step: Option<i64>,
    /// Below the parameter of an aggregation.
    param: bool,
    /// Something above reads only count and sum of histograms …
    stats: bool,
    /// … and something above reads all of them.
    full: bool,
}

impl<'a> Path<'a> {
    /// Below a node that has no influence on how selectors read.
    fn plain(&self) -> Path<'a> {
        Path { grouping: &[], by: false, ..*self }
    }
    fn function(&self, function: &Function) -> Path<'a> {
        let full = self.full || function.reads == Some(HistogramReading::Whole);
        let stats = self.stats || function.reads == Some(HistogramReading::Stats);
        Path { function: function.name, full, stats, ..self.plain() }
    }
    fn aggregation(&self, op: ast::AggregateOp) -> Path<'a> {
        // The values that are counted are whole histograms.
        Path { function: op.as_str(), full: self.full || op == ast::AggregateOp::CountValues, ..self.plain() }
    }
    fn binary(&self, op: ast::BinaryOp) -> Path<'a> {
        use ast::BinaryOp::*;
        Path { function: "", full: self.full || matches!(op, Eq | Ne | TrimUpper | TrimLower), ..self.plain() }
    }
}

/// Node and whether it is the same at every step.
type Lowered = Result<(Node, bool), QueryError>;

impl Lower<'_> {
    fn rank(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    fn leaf(&mut self, span: Span, kind: Kind) -> Node {
        let rank = self.rank();
        self.tally.selectors += usize::from(matches!(kind, Kind::Select(_) | Kind::Range(..)));
        Node { first: rank, rank, span, kind }
    }

    /// An invariant part: literals and range vectors are never wrapped.
    fn wrap(&mut self, node: Node) -> Node {
        if matches!(node.kind, Kind::Number(_) | Kind::Text(_)) || node.is_range() {
            return node;
        }
        self.tally.invariants += 1;
        Node { first: node.first, rank: self.rank(), span: node.span, kind: Kind::Invariant(Box::new(node)) }
    }

    fn expr(&mut self, expr: &Expr, path: &Path<'_>) -> Lowered {
        deep(|| match expr {
            Expr::Number(n) => Ok((self.leaf(n.span, Kind::Number(n.value)), true)),
            Expr::String(s) => Ok((self.leaf(s.span, Kind::Text(s.value.clone())), true)),
            Expr::Paren(p) => self.expr(&p.expr, path),
            Expr::Vector(v) => {
                let select = self.select(v, path, None)?;
                let invariant = select.pin.is_some();
                Ok((self.leaf(v.span, Kind::Select(select)), invariant))
            }
            Expr::Matrix(m) => {
                let range = resolve(&m.range, &self.bounds, Sign::Positive)?;
                let select = self.select(&m.vector, path, Some(range))?;
                let invariant = select.pin.is_some();
                Ok((self.leaf(m.span, Kind::Range(select, range)), invariant))
            }
            Expr::Subquery(s) => self.subquery(s, path),
            Expr::Call(c) => self.call(c, path),
            Expr::Aggregate(a) => self.aggregate(a, path),
            Expr::Binary(b) => self.binary(b, path),
            Expr::Unary(u) => {
                if u.op == ast::UnaryOp::Plus {
                    return self.expr(&u.expr, path);
                }
                let first = self.rank();
                let (child, invariant) = self.expr(&u.expr, &path.plain())?;
                let rank = self.rank();
                Ok((Node { first, rank, span: u.span, kind: Kind::Negate(Box::new(child)) }, invariant))
            }
        })
    }

    fn at(&self, at: Option<At>) -> Result<Option<i64>, QueryError> {
        if at.is_some() && !self.options.at_modifier {
            return Err(QueryError::Bad("@ modifier is disabled".into()));
        }
        Ok(at.map(|at| match at {
            At::Time(t) => t,
            At::Start => self.bounds.start,
            At::End => self.bounds.end,
        }))
    }

    fn offset(&self, offset: Option<&Duration>) -> Result<i64, QueryError> {
        let offset = offset.map_or(Ok(0), |d| resolve(d, &self.bounds, Sign::Any))?;
        if offset < 0 && !self.options.negative_offset {
            return Err(QueryError::Bad("negative offset is disabled".into()));
        }
        Ok(offset)
    }

    fn select(&self, v: &ast::VectorSelector, path: &Path<'_>, range: Option<i64>) -> Result<Select, QueryError> {
        let offset = self.offset(v.offset.as_ref())?;
        let mut at = self.at(v.at)?;
        if path.param && matches!(v.at, Some(At::Start | At::End)) {
            at = None;
        }
        let (pin, slide) = if path.param { (None, at) } else { (at, None) };
        let (mut start, mut end) = at.map_or_else(|| self.place(path), |t| (t, t));
        let lookback = self.options.lookback_delta;
        let smoothed = v.extension == Some(Extension::Smoothed);
        let before = match range {
            None => lookback.saturating_sub(1),
            Some(r) if v.extension.is_some() => lookback.saturating_add(r).saturating_sub(1),
            Some(r) => r.saturating_sub(1),
        };
        start = start.saturating_sub(before).saturating_sub(offset);
        end = end.saturating_add(if smoothed { lookback } else { 0 }).saturating_sub(offset);
        Ok(Select {
            matchers: v.all_matchers(),
            propagated: 0,
            window: TimeRange { start, end },
            offset,
            pin,
            slide,
            extension: v.extension,
            hints: Hints {
                function: path.function.to_owned(),
                step: path.step.unwrap_or(self.bounds.step),
                range: range.unwrap_or(0),
                grouping: path.grouping.iter().map(|label| label.to_string()).collect(),
                by: path.by,
                limit: 0,
                projection: None,
            },
            values: true,
            histogram_stats: path.stats && !path.full,
        })
    }

    /// First and last time at which something at this place of the query is evaluated, ms.
    fn place(&self, path: &Path<'_>) -> (i64, i64) {
        let (start, end) = path.at.map_or((self.bounds.start, self.bounds.end), |t| (t, t));
        (start.saturating_sub(path.offsets.saturating_add(path.ranges)), end.saturating_sub(path.offsets))
    }

    /// The selector of the info series that `info()` joins: the one given, or the one understood.
    fn info_series(&mut self, call: &ast::Call, vector: &Node, path: &Path<'_>) -> Node {
        let given = match call.args.get(1) {
            Some(Expr::Vector(v)) => v.matchers.as_slice(),
            _ => &[],
        };
        let reference = super::reference::uniform(vector);
        let (start, end) = match reference {
            Some(Reference::At(t)) => (t, t),
            Some(Reference::Before(offset)) => {
                let (start, end) = self.place(path);
                (start.saturating_sub(offset), end.saturating_sub(offset))
            }
            None => self.place(path),
        };
        let select = Select {
            matchers: super::reference::info_matchers(given),
            propagated: 0,
            window: TimeRange { start: start.saturating_sub(self.options.lookback_delta.saturating_sub(1)), end },
            offset: 0,
            pin: None,
            slide: None,
            extension: None,
            hints: Hints { function: "info".into(), ..Hints::default() },
            values: true,
            histogram_stats: false,
        };
        self.leaf(call.args.get(1).map_or(call.span, Expr::span), Kind::Select(select))
    }

    fn subquery(&mut self, s: &ast::Subquery, path: &Path<'_>) -> Lowered {
        let first = self.rank();
        let range = resolve(&s.range, &self.bounds, Sign::Positive)?;
        let step = s.step.as_ref().map(|d| resolve(d, &self.bounds, Sign::Positive)).transpose()?;
        let offset = self.offset(s.offset.as_ref())?;
        let mut at = self.at(s.at)?;
        if path.param && matches!(s.at, Some(At::Start | At::End)) {
            at = None;
        }
        // Prometheus takes an explicit step of less than a millisecond to its division by zero.
        if step == Some(0) {
            return Err(QueryError::Execution { message: "unexpected error: runtime error: integer divide by zero".into(), span: s.span });
        }
        let step = step.unwrap_or(self.options.default_subquery_step).max(1);
        let mut below = Path { full: true, step: Some(step), ..path.plain() };
        if at.is_some() {
            (below.at, below.offsets, below.ranges) = (at, 0, 0);
        }
        below.offsets = below.offsets.saturating_add(offset);
        below.ranges = below.ranges.saturating_add(range);
        let (child, invariant) = self.expr(&s.expr, &below)?;
        let child = if invariant && !path.param { self.wrap(child) } else { child };
        let (pin, slide) = if path.param { (None, at) } else { (at, None) };
        let rank = self.rank();
        let kind = Kind::Subquery(Subquery { child: Box::new(child), range, step, offset, pin, slide });
        Ok((Node { first, rank, span: s.span, kind }, pin.is_some()))
    }

    fn call(&mut self, c: &ast::Call, path: &Path<'_>) -> Lowered {
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let folded = match c.function.name {
            "start" => Some(seconds(self.bounds.start)),
            "end" => Some(seconds(self.bounds.end)),
            "range" => Some(self.bounds.range_seconds()),
            "step" => Some(self.bounds.step_seconds()),
            _ => None,
        };
        if let Some(value) = folded {
            return Ok((self.leaf(c.span, Kind::Number(value)), true));
        }
        let first = self.rank();
        let below = path.function(c.function);
        // What chooses labels is no vector to lower: the series that it reads follow from it.
        let chooses = c.function.selector_arg();
        let given = c.args.get(..chooses.unwrap_or(c.args.len())).unwrap_or(&c.args);
        // Ranks follow the order of evaluation: a range vector, of which there is one at most, first.
        let range = given.iter().position(|e| matches!(e.unwrap_parens(), Expr::Matrix(_) | Expr::Subquery(_)));
        let mut args: Vec<(Node, bool)> = Vec::with_capacity(c.args.len());
        for at in range.into_iter().chain((0..given.len()).filter(|at| Some(*at) != range)) {
            args.push(self.expr(&given[at], &below)?);
        }
        if let Some(at) = range.filter(|at| *at > 0) {
            let range = args.remove(0);
            args.insert(at, range);
        }
        let own_times = c.function.selector && matches!(&args[..], [(Node { kind: Kind::Select(_), .. }, _)]);
        let uniform = chooses.is_none() || args.first().is_some_and(|(v, _)| super::reference::uniform(v).is_some());
        let invariant = uniform && args.iter().all(|(_, inv)| *inv) && (!c.function.timed || own_times);
        let wraps = !invariant && !path.param;
        if chooses.is_some()
            && let Some((vector, _)) = args.first()
        {
            let series = self.info_series(c, vector, path);
            args.push((series, false));
        }
        let args = args.into_iter().map(|(node, inv)| if inv && wraps { self.wrap(node) } else { node }).collect();
        let rank = self.rank();
        Ok((Node { first, rank, span: c.span, kind: Kind::Call { function: c.function, args } }, invariant))
    }

    fn aggregate(&mut self, a: &ast::Aggregate, path: &Path<'_>) -> Lowered {
        let first = self.rank();
        let param = match &a.param {
            Some(p) => Some(Box::new(self.expr(p, &Path { param: true, ..path.aggregation(a.op) })?.0)),
            None => None,
        };
        let below = Path { grouping: &a.grouping.labels, by: !a.grouping.without, ..path.aggregation(a.op) };
        let (operand, invariant) = self.expr(&a.expr, &below)?;
        let rank = self.rank();
        let kind = Kind::Aggregate { op: a.op, grouping: a.grouping.clone(), param, operand: Box::new(operand) };
        Ok((Node { first, rank, span: a.span, kind }, invariant))
    }

    fn binary(&mut self, b: &ast::Binary, path: &Path<'_>) -> Lowered {
        let first = self.rank();
        let below = path.binary(b.op);
        let (lhs, left) = self.expr(&b.lhs, &below)?;
        let (rhs, right) = self.expr(&b.rhs, &below)?;
        let invariant = left && right;
        let wraps = !invariant && !path.param;
        let lhs = if left && wraps { self.wrap(lhs) } else { lhs };
        let rhs = if right && wraps { self.wrap(rhs) } else { rhs };
        let rank = self.rank();
        let kind =
            Kind::Binary { op: b.op, return_bool: b.return_bool, matching: b.matching.clone(), lhs: Box::new(lhs), rhs: Box::new(rhs) };
        Ok((Node { first, rank, span: b.span, kind }, invariant))
    }
}
