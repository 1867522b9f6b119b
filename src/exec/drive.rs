//! Drivers: how operators are asked for their rows, on one thread or several.

#[cfg(feature = "parallel")]
use super::parallel::{self, Made};
use super::{Block, Cx, Series, Stop, VectorOp};
use crate::plan::Node;
use std::ops::Range;
use std::sync::Arc;

/// Values that a block should have, so that it stays in cache: 32 KiB.
const BLOCK_VALUES: usize = 4096;

/// Steps that take about as long as what has to be done once for each row: blocks of an instant
/// query are worth a thread, and no longer than that.
const STEPS_OF_A_ROW: usize = 15;

/// Rows of a block over `n` steps.
pub(crate) fn rows_of_a_block(n: usize) -> usize {
    (BLOCK_VALUES / n.saturating_add(STEPS_OF_A_ROW)).max(1)
}

/// So many times as long as a block are runs at most where threads share the work: for each run
/// they look at what others have written.
const LONGER: usize = 4;

/// The rows of a vector in runs of a block's size; of several at first where threads share them,
/// so that towards the end none is busy with a long run alone.
fn runs(op: &dyn VectorOp, n: usize, threads: usize) -> Vec<Range<u32>> {
    let (count, block) = (op.rows().len(), rows_of_a_block(n));
    let (least, most) = match threads > 1 {
        true => ((block / LONGER).max(1), (BLOCK_VALUES * LONGER / n.saturating_add(STEPS_OF_A_ROW)).max(1)),
        false => (block, block),
    };
    let mut from = 0;
    std::iter::from_fn(|| {
        let size = ((count - from) / (threads * 4)).clamp(least, most).min(count - from);
        from += size;
        (size > 0).then(|| (from - size) as u32..from as u32)
    })
    .collect()
}

/// Lists the rows of a run. Blocks that wait for their turn are not begun once the query has ended.
fn list(run: &Range<u32>, rows: &mut Vec<u32>, cx: &Cx<'_>) -> Result<(), Stop> {
    rows.clear();
    rows.extend(run.clone());
    cx.check()
}

/// Refills a block with some rows.
fn refill(op: &dyn VectorOp, n: usize, rows: &[u32], block: &mut Block, cx: &Cx<'_>) -> Result<(), Stop> {
    block.reset(n);
    block.expect(rows.len());
    op.fill(rows, cx, block)
}

/// What is done with a block. Not generic: it is called once a block, and what calls it is large.
pub(crate) type Fold<'a> = &'a mut (dyn FnMut(&Block) -> Result<(), Stop> + Send);

/// Hands all rows of a vector over in blocks, strictly in the order of the rows. Blocks are made
/// on any thread; the order of what `f` adds up is always the same, and so are its bits. `node`
/// is who asks, and answers for limits that are passed: which of its inputs a thread was busy
/// with may differ from run to run.
pub(crate) fn in_order(op: &dyn VectorOp, n: usize, node: &Node, cx: &Cx<'_>, f: Fold<'_>) -> Result<(), Stop> {
    let runs = runs(op, n, cx.threads);
    #[cfg(feature = "parallel")]
    if runs.len() > 1
        && let Some(helpers) = cx.helpers()
    {
        // Rows of millions of steps: no more of them at a time than the budget has room for.
        let largest = runs.iter().map(|run| run.len() as u64).max().unwrap_or(1);
        let room = cx.bytes_left() / (n as u64 * 9 * largest).max(1);
        let most = (cx.threads * 8).min(room.max(1) as usize);
        let make = |run: &Range<u32>, made: &mut Made| {
            list(run, &mut made.rows, cx)?;
            refill(op, n, &made.rows, &mut made.block, cx)
        };
        return parallel::in_order(helpers, most, &runs, make, f).map_err(|stop| stop.answered_by(node));
    }
    let (mut block, mut rows) = (Block::new(n), Vec::new());
    for run in &runs {
        let filled = list(run, &mut rows, cx).and_then(|()| refill(op, n, &rows, &mut block, cx));
        filled.and_then(|()| f(&block)).map_err(|stop| stop.answered_by(node))?;
    }
    Ok(())
}

/// Some rows of a block.
pub(crate) enum Rows<'a> {
    /// They stay where they are.
    Kept(&'a Block, Range<usize>),
    /// All of a block, which may be emptied.
    Own(&'a mut Block),
}

/// Some rows of a vector: those of a block, and others that have the points of the nearest row
/// before them there.
pub(crate) struct Run<'a> {
    pub(crate) rows: Rows<'a>,
    pub(crate) alike: Vec<u32>,
}

impl Rows<'_> {
    /// The block, and which of its rows are meant.
    pub(crate) fn block(&self) -> (&Block, Range<usize>) {
        match self {
            Rows::Kept(block, rows) => (block, rows.clone()),
            Rows::Own(block) => (block, 0..block.len()),
        }
    }

    /// Values and bitmaps of the rows, one after the other.
    pub(crate) fn into_columns(self) -> (Vec<f64>, Vec<u64>) {
        match self {
            Rows::Kept(block, rows) => {
                let (n, words) = (block.n, block.words());
                (block.values[rows.start * n..rows.end * n].to_vec(), block.floats[rows.start * words..rows.end * words].to_vec())
            }
            Rows::Own(block) => (std::mem::take(&mut block.values), std::mem::take(&mut block.floats)),
        }
    }
}

/// Something that a helper does before it helps. Without a helper it is not done.
pub(crate) type Aside<'a> = Option<Box<dyn FnOnce() + Send + 'a>>;

/// Makes something of each run of rows, on any thread; the list has the order of the rows.
pub(crate) fn map<T: Send>(
    op: &Arc<dyn VectorOp + '_>,
    n: usize,
    node: &Node,
    cx: &Cx<'_>,
    aside: Aside<'_>,
    make: impl Fn(Run<'_>) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    let runs = runs(&**op, n, cx.threads);
    match op.clone().kept() {
        Some(spool) => side_by_side(&runs, cx, |run| {
            let rows = Rows::Kept(spool.block(), run.start as usize..run.end as usize);
            cx.check().and_then(|()| make(Run { rows, alike: Vec::new() })).map_err(|stop| stop.answered_by(node))
        }),
        None => map_runs(&**op, &runs, n, node, cx, aside, |block, alike| make(Run { rows: Rows::Own(block), alike })),
    }
}

/// Makes something of the block of each of these runs of rows, and of the rows that it was spared,
/// on any thread; the list has their order.
pub(crate) fn map_runs<T: Send>(
    op: &dyn VectorOp,
    runs: &[Range<u32>],
    n: usize,
    node: &Node,
    cx: &Cx<'_>,
    aside: Aside<'_>,
    make: impl Fn(&mut Block, Vec<u32>) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    let one = |(block, rows): &mut (Block, Vec<u32>), run: &Range<u32>| {
        let mut one = || {
            list(run, rows, cx)?;
            // In WebAssembly nothing is left out.
            let alike = if cfg!(target_arch = "wasm32") { Vec::new() } else { op.leave_alike_out(rows, cx)? };
            refill(op, n, rows, block, cx)?;
            make(block, alike)
        };
        one().map_err(|stop| stop.answered_by(node))
    };
    with_scratch(runs, cx, aside, || (Block::new(n), Vec::new()), one)
}

/// Makes something of each of these ranges, on any thread; the list has their order.
pub(crate) fn side_by_side<T: Send>(
    ranges: &[Range<u32>],
    cx: &Cx<'_>,
    make: impl Fn(&Range<u32>) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    with_scratch(ranges, cx, None, || (), |(), range| make(range))
}

/// The same with some memory that a thread has for all of its ranges.
fn with_scratch<S, T: Send>(
    ranges: &[Range<u32>],
    cx: &Cx<'_>,
    aside: Aside<'_>,
    scratch: impl Fn() -> S + Sync,
    make: impl Fn(&mut S, &Range<u32>) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    #[cfg(feature = "parallel")]
    if ranges.len() > 1
        && let Some(helpers) = cx.helpers()
    {
        return parallel::map(helpers, aside, ranges, scratch, make);
    }
    let _ = (cx, aside);
    let mut scratch = scratch();
    ranges.iter().map(|range| make(&mut scratch, range)).collect()
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
        let mut all = Block::new(n);
        all.expect(op.rows().len());
        let hold = |rows: usize, all: &Block| cx.hold_bytes(node, (rows * (n * 8 + all.words() * 8)) as u64);
        if cfg!(feature = "parallel") && cx.threads > 1 {
            in_order(op, n, node, cx, &mut |block| {
                let before = all.len();
                for i in (0..block.len()).filter(|i| block.any(*i)) {
                    all.push_copy(block.heads[i], block, i);
                }
                hold(all.len() - before, &all)
            })?;
        } else {
            // Rows are made where they are kept.
            let mut rows = Vec::new();
            for run in runs(op, n, cx.threads) {
                let before = all.len();
                let filled = list(&run, &mut rows, cx).and_then(|()| {
                    op.fill(&rows, cx, &mut all)?;
                    all.leave_empty_out(before);
                    hold(all.len() - before, &all)
                });
                filled.map_err(|stop| stop.answered_by(node))?;
            }
        }
        let rows = all.heads.iter().map(|row| op.rows()[*row as usize].clone()).collect();
        Ok(Spool::new(rows, all))
    }

    /// All of `op`, evaluated now unless that was done before.
    pub(crate) fn of(op: Arc<dyn VectorOp + '_>, n: usize, node: &Node, cx: &Cx<'_>) -> Result<Arc<Spool>, Stop> {
        match op.clone().kept() {
            Some(spool) => Ok(spool),
            None => Spool::collect(&*op, n, node, cx).map(Arc::new),
        }
    }

    /// The rows' points.
    pub(crate) fn block(&self) -> &Block {
        &self.block
    }

    /// How many rows have a point.
    pub(crate) fn with_points(&self) -> u64 {
        (0..self.block.len()).filter(|i| self.block.any(*i)).count() as u64
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
    fn kept(self: Arc<Self>) -> Option<Arc<Spool>> {
        Some(self)
    }
}
