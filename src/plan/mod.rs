//! The logical plan: what is left of an expression once its query's times are known.
//!
//! [`lower`] resolves durations, `@` and the functions of the query's bounds, decides which
//! parts are the same at every step, and works out which samples each selector may read. The
//! plan is a tree of [`Node`]s; `exec` opens it. Called by [`crate::engine`].

mod durations;
mod explain;
mod lower;
pub(crate) mod passes;
pub(crate) mod reference;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use lower::Bounds;
pub(crate) use passes::share::Shares;
pub use tree::{Measured, PlanNode};

use crate::engine::{EngineOptions, QueryError};
use crate::functions::Function;
use crate::model::{ByteString, Matcher, Span};
use crate::source::{Hints, TimeRange};
use crate::syntax::ast::{AggregateOp, BinaryOp, Expr, Extension, Grouping, Matching};

/// A query, lowered and rewritten, for one evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) root: Node,
    /// What is evaluated once for several places.
    pub(crate) shares: Shares,
    /// What the passes did.
    done: Vec<passes::Done>,
}

/// Lowers a checked expression for one evaluation, and rewrites the plan.
///
/// # Errors
/// Bad duration expressions, and modifiers that the options switch off.
pub(crate) fn plan(expr: &Expr, bounds: Bounds, options: &EngineOptions) -> Result<Plan, QueryError> {
    let (mut root, tally) = lower::lower(expr, bounds, options)?;
    let (done, shares) = passes::apply(&mut root, &tally, options);
    Ok(Plan { root, shares, done })
}

/// One operator of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Comes before the ranks of all its inputs: what is checked before they are evaluated.
    pub(crate) first: u32,
    /// Position in the order of evaluation, unique in the plan.
    pub(crate) rank: u32,
    /// The expression that it stands for.
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a node does.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Number(f64),
    /// A number that was made of literals; evaluating them would have held so many points.
    Folded {
        value: f64,
        held: u64,
    },
    Text(ByteString),
    Select(Select),
    /// A range selector: the window's length in ms.
    Range(Select, i64),
    Subquery(Subquery),
    Call {
        function: &'static Function,
        args: Vec<Node>,
    },
    Aggregate {
        op: AggregateOp,
        grouping: Grouping,
        param: Option<Box<Node>>,
        operand: Box<Node>,
    },
    Binary {
        op: BinaryOp,
        return_bool: bool,
        matching: Option<Matching>,
        lhs: Box<Node>,
        rhs: Box<Node>,
    },
    Negate(Box<Node>),
    /// The same at every step: evaluated at the first, copied to all.
    Invariant(Box<Node>),
}

/// A selector with its times resolved, ms.
#[derive(Clone, Debug)]
pub(crate) struct Select {
    pub(crate) matchers: Vec<Matcher>,
    /// So many of the last matchers come from the other side of an operator, and are asked for only
    /// where no series has a type or a unit.
    pub(crate) propagated: usize,
    /// Samples outside are never seen.
    pub(crate) window: TimeRange,
    /// The reference time is the step's time (or the pinned one) less this.
    pub(crate) offset: i64,
    /// `@`
    pub(crate) pin: Option<i64>,
    /// `@` inside the parameter of an aggregation: exact at the first step, and moving with the
    /// steps after that, as the reference has it.
    pub(crate) slide: Option<i64>,
    pub(crate) extension: Option<Extension>,
    pub(crate) hints: Hints,
    /// Something looks at the values of its floats.
    pub(crate) values: bool,
    /// Of histograms only count, sum and hint are looked at.
    pub(crate) histogram_stats: bool,
}

impl Select {
    /// The matchers that stand in the query.
    pub(crate) fn own_matchers(&self) -> &[Matcher] {
        &self.matchers[..self.matchers.len().saturating_sub(self.propagated)]
    }
}

/// A subquery with its times resolved, ms.
#[derive(Clone, Debug)]
pub(crate) struct Subquery {
    pub(crate) child: Box<Node>,
    pub(crate) range: i64,
    pub(crate) step: i64,
    pub(crate) offset: i64,
    pub(crate) pin: Option<i64>,
    /// As in [`Select::slide`].
    pub(crate) slide: Option<i64>,
}

impl Node {
    /// The inputs in the order of their evaluation.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) | Kind::Select(_) | Kind::Range(..) => Vec::new(),
            Kind::Subquery(s) => vec![&s.child],
            Kind::Call { args, .. } => {
                let mut args: Vec<&Node> = args.iter().collect();
                // A range vector is evaluated before the scalar arguments beside it.
                crate::model::order::sort_by(&mut args, |a, b| b.is_range().cmp(&a.is_range()));
                args
            }
            Kind::Aggregate { param, operand, .. } => param.iter().map(|p| &**p).chain([&**operand]).collect(),
            Kind::Binary { lhs, rhs, .. } => vec![lhs, rhs],
            Kind::Negate(child) | Kind::Invariant(child) => vec![child],
        }
    }

    /// The same inputs, to be changed.
    pub(crate) fn children_mut(&mut self) -> Vec<&mut Node> {
        match &mut self.kind {
            Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) | Kind::Select(_) | Kind::Range(..) => Vec::new(),
            Kind::Subquery(s) => vec![&mut s.child],
            Kind::Call { args, .. } => args.iter_mut().collect(),
            Kind::Aggregate { param, operand, .. } => param.iter_mut().map(|p| &mut **p).chain([&mut **operand]).collect(),
            Kind::Binary { lhs, rhs, .. } => vec![lhs, rhs],
            Kind::Negate(child) | Kind::Invariant(child) => vec![child],
        }
    }

    /// Whether it gives a range vector.
    pub(crate) fn is_range(&self) -> bool {
        matches!(self.kind, Kind::Range(..) | Kind::Subquery(_))
    }

    /// The place that annotations about this node as an argument point at. A subquery has lost
    /// its place by the time it is an argument, in the reference and so here.
    pub(crate) fn note_span(&self) -> Span {
        if matches!(self.kind, Kind::Subquery(_)) { Span::default() } else { self.span }
    }

    /// The node without the invariant part around it.
    pub(crate) fn without_invariant(&self) -> &Node {
        match &self.kind {
            Kind::Invariant(child) => child,
            _ => self,
        }
    }
}

impl Drop for Node {
    /// Takes long chains of operands apart without recursion.
    fn drop(&mut self) {
        let mut rest = Vec::new();
        self.take_children(&mut rest);
        while let Some(mut node) = rest.pop() {
            node.take_children(&mut rest);
        }
    }
}

impl Node {
    fn take_children(&mut self, out: &mut Vec<Node>) {
        fn take(node: &mut Node) -> Node {
            std::mem::replace(node, Node { first: 0, rank: 0, span: Span::default(), kind: Kind::Number(0.0) })
        }
        match &mut self.kind {
            Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) | Kind::Select(_) | Kind::Range(..) => {}
            Kind::Subquery(s) => out.push(take(&mut s.child)),
            Kind::Call { args, .. } => out.append(args),
            Kind::Aggregate { param, operand, .. } => {
                out.extend(param.as_mut().map(|p| take(p)));
                out.push(take(operand));
            }
            Kind::Binary { lhs, rhs, .. } => out.extend([take(lhs), take(rhs)]),
            Kind::Negate(child) | Kind::Invariant(child) => {
                if !matches!(child.kind, Kind::Number(_)) {
                    out.push(take(child));
                }
            }
        }
        if let Kind::Subquery(_) | Kind::Binary { .. } | Kind::Aggregate { .. } = self.kind {
            self.kind = Kind::Number(0.0);
        }
    }
}
