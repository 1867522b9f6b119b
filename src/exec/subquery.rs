//! Subqueries: a range vector made of the points of a vector on a grid of its own.

use super::block::each_bit;
use super::{Block, Cx, Grid, Opened, RangeOp, Stop, VectorOp, Windows};
use crate::model::{CounterResetHint, LabelSet, Samples};
use crate::plan::{Node, Subquery};
use crate::source::TimeRange;
use std::sync::{Arc, Mutex, PoisonError};

struct SubqueryOp<'q> {
    child: Arc<dyn VectorOp + 'q>,
    grid: Grid,
    windows: Windows,
    /// Blocks of one row, that readers took, filled and put back.
    blocks: Mutex<Vec<Block>>,
}

/// Opens a subquery below a grid.
pub(crate) fn open<'q>(node: &'q Node, subquery: &'q Subquery, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    let offset = match subquery.slide {
        Some(at) => subquery.offset.saturating_add(grid.start).saturating_sub(grid.pinned(at)),
        None => subquery.offset,
    };
    let windows = Windows { range: subquery.range, offset, pin: subquery.pin.map(|t| grid.pinned(t)), extension: None };
    let child_grid = if grid.n == 0 { Grid::new(0, -1, 1) } else { child_grid(node, subquery, &windows, grid, cx)? };
    match super::open(&subquery.child, &child_grid, cx)? {
        Opened::Vector(child) => Ok(Opened::Range(Arc::new(SubqueryOp { child, grid: child_grid, windows, blocks: Mutex::default() }))),
        _ => Err(super::mistyped(node)),
    }
}

/// The steps that a subquery evaluates: multiples of its step since the epoch, strictly after the
/// left end of its first window, up to the right end of its last one.
fn child_grid(node: &Node, subquery: &Subquery, windows: &Windows, grid: &Grid, cx: &Cx<'_>) -> Result<Grid, Stop> {
    let step = subquery.step;
    let low = windows.reference(grid.start).saturating_sub(subquery.range);
    let end = windows.reference(grid.last());
    // Division truncates toward zero, as the reference's does.
    let mut first = step.saturating_mul(low / step);
    if first <= low {
        first = first.saturating_add(step);
    }
    let mut child = cx.grid(node, first, end, step)?;
    if first == grid.start {
        child.pin_shift = match subquery.pin {
            Some(t) => subquery.offset.saturating_add(grid.start).saturating_sub(t),
            None => grid.pin_shift.saturating_add(subquery.offset),
        };
    }
    Ok(child)
}

impl RangeOp for SubqueryOp<'_> {
    fn count(&self) -> usize {
        self.child.rows().len()
    }
    fn labels(&self, row: u32) -> &LabelSet {
        &self.child.rows()[row as usize].labels
    }
    fn drops_name(&self, row: u32) -> bool {
        self.child.rows()[row as usize].drop_name
    }
    fn windows(&self) -> Windows {
        self.windows
    }
    fn read(&self, row: u32, _: TimeRange, cx: &Cx<'_>, out: &mut Samples) -> Result<(), Stop> {
        out.clear();
        let lock = || self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut block = lock().pop().unwrap_or_default();
        block.reset(self.grid.n);
        self.child.fill(&[row], cx, &mut block)?;
        cx.check()?;
        if !block.has_histograms(0) {
            self.floats(&block, out);
        } else {
            self.points(&block, out);
        }
        lock().push(block);
        Ok(())
    }
}

impl SubqueryOp<'_> {
    /// The points of a row of floats, a word of the bitmap at a time: most words are full.
    fn floats(&self, block: &Block, out: &mut Samples) {
        let values = block.values_of(0);
        for ((at, word), values) in block.floats_of(0).iter().enumerate().zip(values.chunks(64)) {
            let first = at * 64;
            if word.count_ones() as usize == values.len() {
                out.time.extend((first..first + values.len()).map(|step| self.grid.time(step)));
                out.value.extend_from_slice(values);
            } else {
                each_bit(&[*word], |i| {
                    out.time.push(self.grid.time(first + i));
                    out.value.push(values[i]);
                });
            }
        }
    }

    /// The points of a row of both kinds.
    fn points(&self, block: &Block, out: &mut Samples) {
        for step in 0..self.grid.n {
            let time = self.grid.time(step);
            if let Some(value) = block.float(0, step) {
                out.push_float(time, value);
            } else if let Some(h) = block.histogram(0, step) {
                let mut h = h.to_histogram();
                if matches!(h.counter_reset_hint, CounterResetHint::Reset | CounterResetHint::NotReset) {
                    h.counter_reset_hint = CounterResetHint::Unknown;
                }
                out.push_histogram(time, h);
            }
        }
    }
}
