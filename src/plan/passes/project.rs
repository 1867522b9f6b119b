//! Projection: which labels of a selector's series are looked at, as a hint to its source.

use crate::functions::LabelReading;
use crate::functions::kernel::Kernel;
use crate::model::labels::{METADATA_LABELS, METRIC_NAME};
use crate::model::{MatchOp, Name, deep};
use crate::plan::{Kind, Node, Select, Shares};
use crate::source::Projection;
use crate::syntax::ast::{AggregateOp, Grouping};

/// Writes the hint of every selector below an aggregation; gives how many have one.
/// What is read for several places is read with all its labels.
pub(super) fn project(root: &mut Node, shares: &Shares) -> usize {
    walk(root, &Wanted::All, shares)
}

/// The labels that are looked at, those of the metadata aside, which always are.
#[derive(Clone)]
enum Wanted {
    All,
    Only(Vec<Name>),
    AllBut(Vec<Name>),
}

impl Wanted {
    /// What an aggregation looks at that leaves of each group one row.
    fn of(grouping: &Grouping) -> Wanted {
        if grouping.without { Wanted::AllBut(grouping.labels.clone()) } else { Wanted::Only(grouping.labels.clone()) }
    }
    fn and(mut self, label: &str) -> Wanted {
        match &mut self {
            Wanted::All => {}
            Wanted::Only(labels) => labels.push(label.into()),
            Wanted::AllBut(labels) => labels.retain(|l| l != label),
        }
        self
    }
}

fn walk(node: &mut Node, wanted: &Wanted, shares: &Shares) -> usize {
    if shares.group(node).is_some() {
        return 0;
    }
    deep(|| match &mut node.kind {
        Kind::Select(select) | Kind::Range(select, _) => hint(select, wanted),
        Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) => 0,
        Kind::Negate(child) | Kind::Invariant(child) => walk(child, wanted, shares),
        Kind::Subquery(subquery) => walk(&mut subquery.child, wanted, shares),
        Kind::Aggregate { op, grouping, param, operand } => {
            let below = match op {
                // The rows themselves come out, or their labels decide which.
                AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk | AggregateOp::LimitRatio => Wanted::All,
                _ => Wanted::of(grouping),
            };
            param.as_mut().map_or(0, |param| walk(param, &Wanted::All, shares)) + walk(operand, &below, shares)
        }
        Kind::Binary { matching, lhs, rhs, .. } => {
            let wanted = if matching.is_some() { &Wanted::All } else { wanted };
            walk(lhs, wanted, shares) + walk(rhs, wanted, shares)
        }
        Kind::Call { function, args } => {
            let below = match (function.labels, &function.kernel) {
                (Some(LabelReading::WithLe), _) => wanted.clone().and("le"),
                (Some(LabelReading::None), _) => Wanted::Only(Vec::new()),
                (None, Kernel::Special(_)) => Wanted::All,
                (None, _) => wanted.clone(),
            };
            args.iter_mut().map(|arg| walk(arg, &below, shares)).sum()
        }
    })
}

/// Series of several metrics may become equal when their names are dropped, which is an error:
/// there all labels are needed.
fn hint(select: &mut Select, wanted: &Wanted) -> usize {
    if !select.matchers.iter().any(|m| m.op == MatchOp::Equal && m.name == METRIC_NAME && !m.value.is_empty()) {
        return 0;
    }
    let texts = |labels: &[Name]| labels.iter().map(|label| label.to_string()).collect::<Vec<_>>();
    select.hints.projection = match wanted {
        Wanted::All => None,
        Wanted::Only(labels) => {
            let mut labels = texts(labels);
            labels.extend(METADATA_LABELS.map(str::to_owned));
            crate::model::order::sort_by(&mut labels, Ord::cmp);
            labels.dedup();
            Some(Projection { include: true, labels })
        }
        Wanted::AllBut(labels) => {
            let mut labels = texts(labels);
            labels.retain(|label| !METADATA_LABELS.contains(&label.as_str()));
            crate::model::order::sort_by(&mut labels, Ord::cmp);
            labels.dedup();
            (!labels.is_empty()).then_some(Projection { include: false, labels })
        }
    };
    usize::from(select.hints.projection.is_some())
}
