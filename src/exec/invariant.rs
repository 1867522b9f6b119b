//! Parts that are the same at every step: evaluated at the first, copied to all.

use super::block::all_bits;
use super::{Block, Cx, Grid, Opened, Point, Series, Spool, Stop, VectorOp};
use crate::plan::Node;
use std::sync::Arc;

struct Broadcast {
    once: Spool,
    n: usize,
}

/// Opens an invariant part.
pub(crate) fn open<'q>(node: &'q Node, child: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    if grid.n == 0 {
        return Ok(super::nothing());
    }
    let once = grid.first();
    Ok(match super::open(child, &once, cx)? {
        Opened::Vector(op) if grid.single() => Opened::Vector(op),
        Opened::Vector(op) => {
            let once = Spool::collect(&*op, 1, node, cx)?;
            cx.hold_copies(node, grid.n)?;
            Opened::Vector(Arc::new(Broadcast { once, n: grid.n }))
        }
        Opened::Scalar(values) => Opened::Scalar(vec![values[0]; grid.n].into()),
        other => other,
    })
}

impl VectorOp for Broadcast {
    fn rows(&self) -> &[Series] {
        self.once.rows()
    }
    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let everywhere = all_bits(self.n);
        for &row in rows {
            cx.check()?;
            let point = self.once.block().point(row as usize, 0);
            if let Some(Point::Float(value)) = point {
                out.push_columns(row, &everywhere, |to| to.resize(to.len() + self.n, value));
                continue;
            }
            let i = out.push_row(row);
            for step in 0..self.n {
                if let Some(point) = &point {
                    out.set(i, step, point.clone());
                }
            }
        }
        Ok(())
    }
}
