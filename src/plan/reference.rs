//! Which info series `info()` looks up, and at which time: that of the selectors below its first
//! argument, where all agree.

use super::{Kind, Node};
use crate::model::labels::METRIC_NAME;
use crate::model::{MatchOp, Matcher, Span, deep};
use crate::syntax::ast::ValueType;

/// A reference time, ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reference {
    /// The same for all steps.
    At(i64),
    /// The time of the step less this.
    Before(i64),
}

/// The common reference time of all selectors that feed a vector; `None` where they differ, or
/// where a vector without a selector takes part.
pub(crate) fn uniform(node: &Node) -> Option<Reference> {
    let mut found = Vec::new();
    let complete = collect(node, None, 0, &mut found);
    let first = *found.first()?;
    (complete && found.iter().all(|r| *r == first)).then_some(first)
}

/// The matchers of info series: of the name first, `target_info` where none is given and any
/// `…_info` where names are only ruled out, then those of the labels to copy.
pub(super) fn info_matchers(given: &[Matcher]) -> Vec<Matcher> {
    let (mut names, data): (Vec<Matcher>, Vec<Matcher>) = given.iter().cloned().partition(|m| m.name == METRIC_NAME);
    if names.is_empty() {
        names.push(Matcher::equal(METRIC_NAME, "target_info"));
    } else if names.iter().all(|m| matches!(m.op, MatchOp::NotEqual | MatchOp::NotRegex)) {
        let any = Matcher::new(METRIC_NAME.into(), MatchOp::Regex, ".+_info".into(), Span::default());
        names.splice(0..0, any.ok());
    }
    names.extend(data);
    names
}

/// Adds the references below `node`, and tells whether every branch has a selector. `at` and
/// `offset` are those of the subqueries passed.
fn collect(node: &Node, at: Option<i64>, offset: i64, found: &mut Vec<Reference>) -> bool {
    deep(|| match &node.kind {
        Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) => false,
        Kind::Select(s) | Kind::Range(s, _) => {
            found.push(match (s.pin.or(s.slide), at) {
                (Some(t), _) => Reference::At(t.saturating_sub(s.offset)),
                (None, Some(t)) => Reference::At(t.saturating_sub(offset).saturating_sub(s.offset)),
                (None, None) => Reference::Before(offset.saturating_add(s.offset)),
            });
            true
        }
        Kind::Subquery(s) => match s.pin.or(s.slide) {
            Some(t) => collect(&s.child, Some(t), s.offset, found),
            None => collect(&s.child, at, offset.saturating_add(s.offset), found),
        },
        Kind::Negate(child) | Kind::Invariant(child) => collect(child, at, offset, found),
        Kind::Aggregate { operand, .. } => collect(operand, at, offset, found),
        Kind::Binary { lhs, rhs, .. } => {
            let vectors: Vec<&Node> = [&**lhs, &**rhs].into_iter().filter(|n| is_vector(n)).collect();
            all(&vectors, at, offset, found)
        }
        Kind::Call { function, args } => {
            let counted = function.selector_arg().unwrap_or(args.len());
            let vectors: Vec<&Node> = args.iter().take(counted).filter(|n| is_vector(n)).collect();
            all(&vectors, at, offset, found)
        }
    })
}

fn all(nodes: &[&Node], at: Option<i64>, offset: i64, found: &mut Vec<Reference>) -> bool {
    let complete: Vec<bool> = nodes.iter().map(|n| collect(n, at, offset, found)).collect();
    !complete.is_empty() && complete.into_iter().all(|c| c)
}

/// Whether a node gives an instant or a range vector.
fn is_vector(node: &Node) -> bool {
    deep(|| match &node.kind {
        Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) => false,
        Kind::Select(_) | Kind::Range(..) | Kind::Subquery(_) | Kind::Aggregate { .. } => true,
        Kind::Negate(child) | Kind::Invariant(child) => is_vector(child),
        Kind::Call { function, .. } => function.returns != ValueType::Scalar,
        Kind::Binary { lhs, rhs, .. } => is_vector(lhs) || is_vector(rhs),
    })
}
