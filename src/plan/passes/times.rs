//! Times alone: of samples that are only counted, or only looked for, no values are read.
//!
//! Stale markers are told by their source all the same, and histograms are read whole: what they
//! count for in the sample budget depends on their buckets.

use crate::functions::FloatReading;
use crate::model::deep;
use crate::plan::{Kind, Node, Shares};
use crate::syntax::ast::{AggregateOp, BinaryOp};

/// Marks the selectors whose values nobody looks at; gives how many they are.
pub(super) fn skip_values(root: &mut Node, shares: &Shares) -> usize {
    walk(root, true, shares)
}

/// `wanted` tells whether anything above looks at the values that the node gives.
fn walk(node: &mut Node, wanted: bool, shares: &Shares) -> usize {
    // What is read once is read with all that any of its places looks at.
    let wanted = wanted || shares.group(node).is_some();
    deep(|| match &mut node.kind {
        Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) => 0,
        Kind::Select(select) | Kind::Range(select, _) => {
            // The extensions make values of their own out of those around a window.
            select.values = wanted || select.extension.is_some();
            usize::from(!select.values)
        }
        Kind::Negate(child) | Kind::Invariant(child) => walk(child, wanted, shares),
        Kind::Subquery(subquery) => walk(&mut subquery.child, wanted, shares),
        Kind::Aggregate { op, param, operand, .. } => {
            let below = !matches!(op, AggregateOp::Count | AggregateOp::Group);
            param.as_mut().map_or(0, |param| walk(param, true, shares)) + walk(operand, below, shares)
        }
        Kind::Binary { op, lhs, rhs, .. } => {
            let (left, right) = match op {
                BinaryOp::And | BinaryOp::Unless => (wanted, false),
                BinaryOp::Or => (wanted, wanted),
                _ => (true, true),
            };
            walk(lhs, left, shares) + walk(rhs, right, shares)
        }
        Kind::Call { function, args } => {
            let below = match function.floats {
                FloatReading::Values => true,
                FloatReading::Times => false,
                FloatReading::Through => wanted,
            };
            args.iter_mut().map(|arg| walk(arg, below, shares)).sum()
        }
    })
}
