//! Matcher propagation: in `a{job="x"} + b` the right side needs no series but those of `job="x"`.
//!
//! A row without a partner leaves no trace in the answer only where it can neither fail nor remark
//! on anything (hard case 11), and where it cannot be one of two rows that must not be there at
//! once. So both sides must be plain selectors of one metric each, and all their labels must take
//! part in the matching: then no two rows of a side have the same. Type and unit never do, which is
//! why sources that may store them are asked without what is added here.

use crate::model::labels::{METRIC_NAME, is_metadata};
use crate::model::{MatchOp, Matcher, deep};
use crate::plan::{Kind, Node, Select};
use crate::syntax::ast::{Cardinality, Matching};

/// Adds the matchers of one side to the other wherever that is safe; gives how many were added.
pub(super) fn propagate(node: &mut Node) -> usize {
    deep(|| {
        let below: usize = node.children_mut().into_iter().map(propagate).sum();
        let Kind::Binary { op, matching: Some(matching), lhs, rhs, .. } = &mut node.kind else { return below };
        if op.is_set() || op.is_trim() || !by_all_labels(matching) {
            return below;
        }
        let (Some(left), Some(right)) = (selector(lhs), selector(rhs)) else { return below };
        let (from_left, from_right) = (telling(left), telling(right));
        below + add(left, from_right) + add(right, from_left)
    })
}

/// One row meets one row, by all labels but the name, and none is made up.
fn by_all_labels(matching: &Matching) -> bool {
    matching.cardinality == Cardinality::OneToOne
        && !matching.on
        && matching.labels.is_empty()
        && matching.fill_left.is_none()
        && matching.fill_right.is_none()
}

/// The plain selector of one metric that a node is.
fn selector(node: &mut Node) -> Option<&mut Select> {
    let node = match &mut node.kind {
        Kind::Invariant(child) => &mut child.kind,
        kind => kind,
    };
    match node {
        Kind::Select(select) if select.extension.is_none() && names_one(&select.matchers) => Some(select),
        _ => None,
    }
}

fn names_one(matchers: &[Matcher]) -> bool {
    matchers.iter().any(|m| m.op == MatchOp::Equal && m.name == METRIC_NAME && !m.value.is_empty())
}

/// The matchers that a partner fulfils too. One that fits an absent label says little, and is left
/// where it is.
fn telling(select: &Select) -> Vec<Matcher> {
    let tells = |m: &&Matcher| !m.matches_empty() && m.name.as_str().is_some_and(|name| !is_metadata(name));
    select.matchers.iter().filter(tells).cloned().collect()
}

fn add(select: &mut Select, matchers: Vec<Matcher>) -> usize {
    let before = select.matchers.len();
    for matcher in matchers {
        if !select.matchers.contains(&matcher) {
            select.matchers.push(matcher);
        }
    }
    select.propagated = select.matchers.len() - before;
    select.propagated
}
