//! Aggregations: many rows of a vector to one for each group, or to a choice among them.
//!
//! [`open`] evaluates the operand once, in the order of its rows, into accumulators of
//! groups × steps, so that memory does not grow with the series read (quantile and topk keep
//! what they have to choose from). Called by [`super::open`] alone.

mod choose;
mod count_values;
mod fold;
mod groups;
mod heap;
mod histograms;
mod lane;
mod lanes;
mod packed;
mod param;
mod quantile;
mod topk;

use super::{Cx, Grid, Opened, Remark, Spool, Stop, VectorOp};
use crate::plan::Node;
use crate::syntax::ast::{AggregateOp, Grouping};
use std::sync::Arc;

/// One aggregation of the plan.
#[derive(Clone, Copy)]
struct Site<'q> {
    op: AggregateOp,
    grouping: &'q Grouping,
    operand: &'q Node,
    node: &'q Node,
    grid: Grid,
    cx: &'q Cx<'q>,
}

impl<'q> Site<'q> {
    fn open_operand(&self) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
        super::open_vector(self.operand, &self.grid, self.cx)
    }

    /// Remarks on the operand.
    fn note_operand(&self, remark: Remark) {
        self.cx.note(self.node, self.grid.n, 0, self.operand.note_span(), remark);
    }

    /// Checks the budgets after a block.
    fn hold(&self, bytes: usize) -> Result<(), Stop> {
        self.cx.hold_points(self.node, 0, 0)?;
        self.cx.hold_bytes(self.node, bytes as u64)
    }

    /// Hands the result over, which counts from here on.
    fn done(&self, result: Spool) -> Result<Opened<'q>, Stop> {
        self.cx.hold_points(self.node, result.block().weight(), 0)?;
        Ok(Opened::Vector(Arc::new(result)))
    }
}

/// Opens an aggregation. The parameter is evaluated before the operand, and judged after it.
pub(crate) fn open<'q>(
    op: AggregateOp,
    grouping: &'q Grouping,
    param: Option<&'q Node>,
    operand: &'q Node,
    node: &'q Node,
    grid: &Grid,
    cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
    let site = Site { op, grouping, operand, node, grid: *grid, cx };
    let need = || param.ok_or_else(|| super::mistyped(node));
    match op {
        AggregateOp::CountValues => count_values::open(&site, need()?),
        AggregateOp::Quantile => quantile::open(&site, need()?),
        AggregateOp::Topk | AggregateOp::Bottomk => topk::open(&site, need()?),
        AggregateOp::Limitk | AggregateOp::LimitRatio => choose::open(&site, need()?),
        AggregateOp::Sum
        | AggregateOp::Avg
        | AggregateOp::Count
        | AggregateOp::Min
        | AggregateOp::Max
        | AggregateOp::Group
        | AggregateOp::Stddev
        | AggregateOp::Stdvar => fold::open(&site),
    }
}
