//! Aggregations.

use super::{Cx, Grid, Opened, Stop};
use crate::plan::Node;
use crate::syntax::ast::{AggregateOp, Grouping};

/// Opens an aggregation.
pub(crate) fn open<'q>(
    op: AggregateOp,
    _grouping: &'q Grouping,
    _param: Option<&'q Node>,
    _operand: &'q Node,
    _node: &'q Node,
    _grid: &Grid,
    _cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
    Err(Stop::Unsupported(format!("aggregation {}", op.as_str())))
}
