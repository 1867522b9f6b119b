//! Smoothed instant selectors: values interpolated between the samples around the step.

use super::{Cx, Grid, Stop, VectorOp};
use crate::plan::{Node, Select};
use std::sync::Arc;

/// Opens a smoothed instant selector.
pub(crate) fn open<'q>(_: &'q Node, _: &'q Select, _: &Grid, _: &Cx<'q>) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    Err(Stop::Unsupported("smoothed instant vector selectors".into()))
}
