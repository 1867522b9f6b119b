//! Reading no more rows than are wanted.

use super::picked::Picked;
use super::{Block, Cx, Stop, VectorOp, in_order};
use crate::plan::{Kind, Node};
use std::sync::Arc;

/// Whether a vector can neither fail a query nor remark on it: rows of it that nobody needs may
/// stay unread.
pub(crate) fn quiet(node: &Node) -> bool {
    matches!(node.without_invariant().kind, Kind::Select(ref s) if s.extension.is_none())
}

/// Like [`in_order`], until `f` has enough: it gets the row that the block's heads count from, and
/// may get some more blocks after it said so. All rows are read of a vector that is not `quiet`.
pub(crate) fn in_order_until<'q>(
    op: &Arc<dyn VectorOp + 'q>,
    quiet: bool,
    n: usize,
    node: &Node,
    cx: &Cx<'_>,
    f: &mut (dyn FnMut(u32, &Block) -> Result<bool, Stop> + Send),
) -> Result<(), Stop> {
    const FIRST: u32 = 16;
    let rows = op.rows().len() as u32;
    if !quiet || rows <= FIRST {
        return in_order(&**op, n, node, cx, &mut |block| f(0, block).map(drop));
    }
    let (mut from, mut size) = (0, FIRST);
    while from < rows {
        let to = rows.min(from.saturating_add(size));
        let some = Picked::new(op.clone(), (from..to).collect());
        let mut enough = false;
        in_order(&some, n, node, cx, &mut |block| {
            enough = f(from, block)?;
            Ok(())
        })?;
        if enough {
            break;
        }
        (from, size) = (to, size.saturating_mul(4));
    }
    Ok(())
}
