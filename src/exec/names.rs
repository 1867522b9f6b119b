//! Dropping names, and what follows: series that become equal.

use super::{Block, Cx, Grid, RangeOp, Series, Spool, Stop, VectorOp};
use crate::functions::kernel::Kernel;
use crate::model::labels::{METRIC_NAME, is_metadata, is_past_metadata};
use crate::model::{HashMap, HashSet, Label, LabelSet, MatchOp};
use crate::plan::{Kind, Node};
use crate::syntax::ast::AggregateOp;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// The text of the error for two points of equal labels at one step.
pub(crate) const SAME_LABELSET: &str = "vector cannot contain metrics with the same labelset";

/// Keys of faults about the result of a step, after those of the step's work.
const AFTERWARDS: u64 = 1 << 40;

/// The rows after an operation that drops the name: at once, or flagged for the end.
pub(crate) fn dropped(rows: &[Series], cx: &Cx<'_>) -> Vec<Series> {
    rows.iter().map(|s| nameless(&s.labels, cx)).collect()
}

/// One of these rows.
pub(crate) fn nameless(labels: &LabelSet, cx: &Cx<'_>) -> Series {
    match cx.delayed_names() {
        true => Series { labels: labels.clone(), drop_name: true },
        false => Series { labels: labels.without_metadata(), drop_name: false },
    }
}

/// The rows of a range vector.
pub(crate) fn series(range: &dyn RangeOp) -> Vec<Series> {
    (0..range.count() as u32).map(|row| Series { labels: range.labels(row).clone(), drop_name: range.drops_name(row) }).collect()
}

/// When rows with equal labels are made one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Operators and functions of instant vectors: except in a one-step evaluation with delayed
    /// names, where the root does it.
    Vector,
    /// Range functions and unary minus: the root does it if names are delayed.
    Range,
    /// label_replace, label_join and the root.
    Always,
}

/// Makes one row of rows with equal labels: points from whichever is present, a fault where two
/// are present at one step.
pub(crate) fn merged<'q>(
    op: Arc<dyn VectorOp + 'q>,
    when: Merge,
    node: &'q Node,
    grid: &Grid,
    cx: &Cx<'q>,
) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    let skip = cx.delayed_names() && (when == Merge::Range || when == Merge::Vector && grid.single());
    if skip || !has_equal(op.rows()) {
        return Ok(op);
    }
    let spool = Spool::collect(&*op, grid.n, node, cx)?;
    Ok(Arc::new(merge_spool(spool, node, cx)))
}

/// Whether two rows have the same labels.
pub(crate) fn has_equal(rows: &[Series]) -> bool {
    let mut seen = HashSet::with_capacity_and_hasher(rows.len(), Default::default());
    !rows.iter().all(|s| seen.insert(&s.labels))
}

/// Whether rows whose labels differ still do when the metadata labels of all are gone: without a
/// look at the other labels where those are the same in every row.
pub(crate) fn differ_without_metadata(mut rows: &mut dyn Iterator<Item = &LabelSet>) -> bool {
    fn metadata(labels: &LabelSet) -> impl Iterator<Item = &Label> {
        labels.iter().take_while(|l| !is_past_metadata(&l.name)).filter(|l| is_metadata(&l.name))
    }
    rows.next().is_none_or(|first| Iterator::all(&mut rows, |labels| metadata(labels).eq(metadata(first))))
}

/// Whether the rows of a vector are series of one selector, or groups, so that no two had the same
/// labels before names were dropped.
pub(crate) fn of_one_selection(plan: &Node) -> bool {
    match &plan.kind {
        Kind::Select(_) | Kind::Range(..) => true,
        Kind::Subquery(subquery) => of_one_selection(&subquery.child),
        Kind::Call { function, args } => match function.kernel {
            Kernel::Float(_) | Kernel::Histogram(_) | Kernel::Date(_) | Kernel::Range(_) => args.iter().any(of_one_selection),
            Kernel::Scalar(_) | Kernel::Special(_) => false,
        },
        Kind::Aggregate { op, operand, .. } => match op {
            AggregateOp::CountValues => false,
            AggregateOp::Topk | AggregateOp::Bottomk | AggregateOp::Limitk | AggregateOp::LimitRatio => of_one_selection(operand),
            _ => true,
        },
        Kind::Binary { lhs, rhs, matching: None, .. } => of_one_selection(lhs) || of_one_selection(rhs),
        Kind::Negate(child) | Kind::Invariant(child) => of_one_selection(child),
        Kind::Number(_) | Kind::Folded { .. } | Kind::Text(_) | Kind::Binary { .. } => false,
    }
}

/// [`merged`] for an operator whose rows are those of `before` after they were [`dropped`]:
/// rows that had different labels and one name differ as they did.
pub(crate) fn merged_nameless<'q>(
    op: Arc<dyn VectorOp + 'q>,
    before: &mut dyn Iterator<Item = &LabelSet>,
    when: Merge,
    node: &'q Node,
    grid: &Grid,
    cx: &Cx<'q>,
) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    if !cx.delayed_names() && (of_one_metric(node, cx) || differ_without_metadata(before)) {
        return Ok(op);
    }
    merged(op, when, node, grid, cx)
}

/// Whether the rows of a vector are series of one selector that asks for one name, so that their
/// metadata is the same without a look at any of them.
pub(crate) fn of_one_metric(node: &Node, cx: &Cx<'_>) -> bool {
    match &node.kind {
        // In WebAssembly what this saves is not worth the code that has to be loaded.
        _ if cfg!(target_arch = "wasm32") => false,
        Kind::Select(select) | Kind::Range(select, _) => {
            !cx.may_have_types() && select.matchers.iter().any(|m| m.op == MatchOp::Equal && m.name == *METRIC_NAME)
        }
        Kind::Call { args, .. } if of_one_selection(node) => args.iter().any(|arg| of_one_metric(arg, cx)),
        Kind::Negate(child) | Kind::Invariant(child) => of_one_metric(child, cx),
        _ => false,
    }
}

/// Merges the rows of a spool whose labels are equal. The row takes the flag of its first point.
pub(crate) fn merge_spool(spool: Spool, node: &Node, cx: &Cx<'_>) -> Spool {
    if !has_equal(spool.rows()) {
        return spool;
    }
    let (rows, block) = spool.into_parts();
    let mut kept: Vec<Series> = Vec::with_capacity(rows.len());
    let mut out = Block::new(block.n);
    let mut of_labels: HashMap<LabelSet, usize> = HashMap::with_capacity_and_hasher(rows.len(), Default::default());
    for (i, series) in rows.into_iter().enumerate() {
        match of_labels.entry(series.labels.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(kept.len());
                out.push_copy(kept.len() as u32, &block, i);
                kept.push(series);
            }
            Entry::Occupied(entry) => {
                let target = *entry.get();
                let first = |block: &Block, i: usize| (0..block.n).find(|step| block.has(i, *step));
                if first(&block, i).is_some_and(|step| first(&out, target).is_none_or(|before| step < before)) {
                    kept[target].drop_name = series.drop_name;
                }
                for step in 0..block.n {
                    let Some(point) = block.point(i, step) else { continue };
                    if out.has(target, step) {
                        // A node's own faults come before those of its result.
                        cx.fault(node, (step as u64, AFTERWARDS + i as u64), SAME_LABELSET);
                    } else {
                        out.set(target, step, point);
                    }
                }
            }
        }
    }
    Spool::new(kept, out)
}
