//! Drivers: how operators are asked for their rows, on one thread or several.

use super::{Block, Cx, Series, Stop, VectorOp};
use crate::plan::Node;

/// Bytes of values that a block should have, so that it stays in cache.
const BLOCK_BYTES: usize = 32 * 1024;

/// Rows of a block over `n` steps.
fn rows_of_a_block(n: usize) -> usize {
    (BLOCK_BYTES / 8 / n.max(1)).clamp(1, 4096)
}

/// Hands all rows of a vector over in blocks, strictly in the order of the rows. Blocks are made
/// on any thread; the order of what `f` adds up is always the same, and so are its bits. `node`
/// is who asks, and answers for limits that are passed: which of its inputs a thread was busy
/// with may differ from run to run.
pub(crate) fn in_order(
    op: &dyn VectorOp,
    n: usize,
    node: &Node,
    cx: &Cx<'_>,
    mut f: impl FnMut(&Block) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let count = op.rows().len() as u32;
    let size = rows_of_a_block(n) as u32;
    let runs: Vec<Vec<u32>> = (0..count).step_by(size as usize).map(|from| (from..count.min(from + size)).collect()).collect();
    #[cfg(feature = "parallel")]
    if cx.threads > 1 && runs.len() > 1 {
        return in_order_on_threads(op, n, cx, &runs, f).map_err(|stop| answered_by(node, stop));
    }
    let mut block = Block::new(n);
    for run in &runs {
        block.reset(n);
        op.fill(run, cx, &mut block).and_then(|()| f(&block)).map_err(|stop| answered_by(node, stop))?;
    }
    Ok(())
}

fn answered_by(node: &Node, stop: Stop) -> Stop {
    match stop {
        Stop::Limit(message, _) => Stop::Limit(message, node.describe()),
        other => other,
    }
}

/// Waves of a few blocks a thread: made in parallel, folded in order.
#[cfg(feature = "parallel")]
fn in_order_on_threads(
    op: &dyn VectorOp,
    n: usize,
    cx: &Cx<'_>,
    runs: &[Vec<u32>],
    mut f: impl FnMut(&Block) -> Result<(), Stop>,
) -> Result<(), Stop> {
    use rayon::prelude::*;
    // Rows of millions of steps: no more of them at a time than the budget has room for.
    let room = cx.bytes_left() / (n as u64 * 9 * rows_of_a_block(n) as u64).max(1);
    let wave = (cx.threads * 4).min(room.max(1) as usize);
    let mut blocks: Vec<Block> = vec![Block::new(n); wave.min(runs.len())];
    for runs in runs.chunks(wave) {
        let done: Vec<Result<(), Stop>> = blocks
            .par_iter_mut()
            .zip(runs)
            .map(|(block, run)| {
                block.reset(n);
                op.fill(run, cx, block)
            })
            .collect();
        // Of several failures the first row's is told.
        for (block, done) in blocks.iter().zip(done) {
            done?;
            f(block)?;
        }
    }
    Ok(())
}

/// A vector evaluated once and kept: rows and all their points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spool {
    rows: Vec<Series>,
    /// One row of the block for each of `rows`, in the same order.
    block: Block,
}

impl Spool {
    /// Keeps these rows; row `i` of the block belongs to series `i`.
    pub(crate) fn new(rows: Vec<Series>, mut block: Block) -> Spool {
        debug_assert_eq!(rows.len(), block.len());
        for (i, head) in block.heads.iter_mut().enumerate() {
            *head = i as u32;
        }
        Spool { rows, block }
    }

    /// Evaluates all of `op`; rows without a point are left out. `node` is who holds it.
    pub(crate) fn collect(op: &dyn VectorOp, n: usize, node: &Node, cx: &Cx<'_>) -> Result<Spool, Stop> {
        let mut rows = Vec::new();
        let mut all = Block::new(n);
        in_order(op, n, node, cx, |block| {
            let before = all.len();
            for i in 0..block.len() {
                if block.any(i) {
                    rows.push(op.rows()[block.heads[i] as usize].clone());
                    all.push_copy(rows.len() as u32 - 1, block, i);
                }
            }
            cx.hold_bytes(node, ((all.len() - before) * (n * 8 + block.words() * 8)) as u64)
        })?;
        Ok(Spool { rows, block: all })
    }

    /// The rows' points.
    pub(crate) fn block(&self) -> &Block {
        &self.block
    }

    /// Rows and points.
    pub(crate) fn into_parts(self) -> (Vec<Series>, Block) {
        (self.rows, self.block)
    }
}

impl VectorOp for Spool {
    fn rows(&self) -> &[Series] {
        &self.rows
    }
    fn fill(&self, rows: &[u32], _: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        for &row in rows {
            out.push_copy(row, &self.block, row as usize);
        }
        Ok(())
    }
}
