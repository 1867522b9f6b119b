//! Times of samples: of the sample itself below a selector, of the step elsewhere.

use super::kernel::CallSite;
use crate::exec::names::{Merge, dropped, merged};
use crate::exec::select::{Emit, open_instant};
use crate::exec::{Block, Cx, Opened, Series, Stop, VectorOp, nothing, open_vector};
use crate::plan::{Kind, Node};
use std::sync::Arc;

pub(super) fn timestamp<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    of(site, Emit::Time)
}

pub(super) fn start_timestamp<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let below_selector = matches!(site.args[0].without_invariant().kind, Kind::Select(_));
    if !below_selector || !site.cx.options.use_start_timestamps {
        // What the argument has to say still counts.
        if !below_selector {
            let input = open_vector(&site.args[0], &site.grid, site.cx)?;
            crate::exec::in_order(&*input, site.grid.n, site.node, site.cx, &mut |_| Ok(()))?;
        }
        return Ok(nothing());
    }
    of(site, Emit::Start)
}

/// A value for each element: told by the selector, or the time of the step in seconds.
struct Times<'q> {
    input: Arc<dyn VectorOp + 'q>,
    rows: Vec<Series>,
    /// `None` below a selector, which has told the times already.
    steps: Option<Vec<f64>>,
    node: &'q Node,
}

fn of<'q>(site: &CallSite<'q>, emit: Emit) -> Result<Opened<'q>, Stop> {
    let CallSite { node, args, grid, cx } = *site;
    let arg = args[0].without_invariant();
    let (input, steps) = match &arg.kind {
        Kind::Select(select) => (open_instant(arg, select, emit, &grid, cx)?, None),
        _ => (open_vector(&args[0], &grid, cx)?, Some((0..grid.n).map(|step| grid.time(step) as f64 / 1000.0).collect())),
    };
    let rows = dropped(input.rows(), cx);
    Ok(Opened::Vector(merged(Arc::new(Times { input, rows, steps, node }), Merge::Vector, node, &grid, cx)?))
}

impl VectorOp for Times<'_> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }
    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let before = out.len();
        self.input.fill(rows, cx, out)?;
        let Some(steps) = &self.steps else { return cx.hold_points(self.node, 0, self.rows.len() as u64) };
        for i in before..out.len() {
            for (step, time) in steps.iter().enumerate() {
                if out.has(i, step) {
                    out.clear(i, step);
                    out.set_float(i, step, *time);
                }
            }
        }
        crate::exec::select::hold(self.node, before, out, self.rows.len() as u64, cx)
    }
}
