//! Binary operators.

use super::{Cx, Grid, Opened, Stop};
use crate::plan::Node;
use crate::syntax::ast::{BinaryOp, Matching};

/// Opens a binary operator.
#[allow(clippy::too_many_arguments)]
pub(crate) fn open<'q>(
    op: BinaryOp,
    _return_bool: bool,
    _matching: Option<&'q Matching>,
    _lhs: &'q Node,
    _rhs: &'q Node,
    _node: &'q Node,
    _grid: &Grid,
    _cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
    Err(Stop::Unsupported(format!("operator {}", op.as_str())))
}
