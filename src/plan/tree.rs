//! The plan for programs: a list of its nodes, with what was measured of each.

use super::{Kind, Node};
use crate::exec::probe::Probe;
use crate::model::Span;
use crate::syntax::ast::ValueType;
use std::time::Duration;

/// One operator of a plan. A plan is a list of them: every node comes before its inputs.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanNode {
    /// Index of the node that this one is an input of; `None`: the root.
    pub parent: Option<usize>,
    /// The expression that it stands for.
    pub span: Span,
    /// What it does, in one word: `select`, `call`, `aggregate`, `binary`, `negate`, `number`,
    /// `string`, `subquery`, `once`.
    pub operator: &'static str,
    /// The operator and its settings in one line, as `explain` writes them.
    pub text: String,
    /// What it gives.
    pub value_type: ValueType,
    /// What came of it, if it was measured and ran.
    pub measured: Option<Measured>,
}

/// What an operator did in one evaluation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Measured {
    /// Series that came out.
    pub series: u64,
    /// Points that came out, over all steps.
    pub points: u64,
    /// Samples that it read from the source itself.
    pub samples: u64,
    /// Time spent in it and in its inputs.
    pub total: Duration,
    /// Time spent in it alone.
    pub own: Duration,
}

impl Node {
    /// The nodes in the order of `explain`.
    pub(crate) fn nodes(&self, probe: Option<&Probe>) -> Vec<PlanNode> {
        let mut nodes: Vec<PlanNode> = Vec::new();
        let mut stack = vec![(None, self)];
        while let Some((parent, node)) = stack.pop() {
            let at = nodes.len();
            stack.extend(node.children().into_iter().rev().map(|child| (Some(at), child)));
            nodes.push(PlanNode {
                parent,
                span: node.span,
                operator: node.operator(),
                text: node.describe(),
                value_type: node.own_type(),
                measured: probe.and_then(|p| p.of(node)),
            });
        }
        // Inputs come after their node, so that going backwards meets them first.
        for at in (0..nodes.len()).rev() {
            let Some(PlanNode { parent: Some(parent), value_type, measured, .. }) = nodes.get(at).cloned() else { continue };
            let Some(parent) = nodes.get_mut(parent) else { continue };
            match parent.operator {
                "negate" | "once" => parent.value_type = value_type,
                "binary" if value_type != ValueType::Scalar => parent.value_type = ValueType::InstantVector,
                _ => {}
            }
            if let (Some(outer), Some(inner)) = (&mut parent.measured, measured) {
                outer.own = outer.own.saturating_sub(inner.total);
            }
        }
        nodes
    }

    fn operator(&self) -> &'static str {
        match self.kind {
            Kind::Number(_) | Kind::Folded { .. } => "number",
            Kind::Text(_) => "string",
            Kind::Select(_) | Kind::Range(..) => "select",
            Kind::Subquery(_) => "subquery",
            Kind::Call { .. } => "call",
            Kind::Aggregate { .. } => "aggregate",
            Kind::Binary { .. } => "binary",
            Kind::Negate(_) => "negate",
            Kind::Invariant(_) => "once",
        }
    }

    /// The type as far as the node alone tells it; of a binary operator, that of two scalars.
    fn own_type(&self) -> ValueType {
        match &self.kind {
            Kind::Number(_) | Kind::Folded { .. } | Kind::Binary { .. } | Kind::Negate(_) | Kind::Invariant(_) => ValueType::Scalar,
            Kind::Text(_) => ValueType::String,
            Kind::Select(_) | Kind::Aggregate { .. } => ValueType::InstantVector,
            Kind::Range(..) | Kind::Subquery(_) => ValueType::RangeVector,
            Kind::Call { function, .. } => function.returns,
        }
    }
}
