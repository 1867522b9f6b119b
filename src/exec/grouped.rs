//! Rows of a vector by what they have in common, whole groups at a time on any thread.

use super::drive::{map_runs, rows_of_a_block, side_by_side};
use super::picked::Picked;
use super::{Block, Cx, Stop, VectorOp};
use crate::plan::Node;
use std::ops::Range;
use std::sync::Arc;

/// A row: where it is in a block, and which of its vector it is.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) at: usize,
    pub(crate) row: u32,
}

/// Makes something of some groups at a time: `make` gets a block, and the rows of these groups that
/// have a point. `order` are the rows of the vector that are looked at, group by group, and `sizes`
/// how many each group has. The list has the order of the groups.
pub(crate) fn map_groups<'q, T: Send>(
    op: &Arc<dyn VectorOp + 'q>,
    (order, sizes): (&[u32], &[u32]),
    n: usize,
    node: &Node,
    cx: &Cx<'_>,
    make: impl Fn(&Block, &[Member]) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    let runs = runs_of_groups(sizes, rows_of_a_block(n) as u32);
    if let Some(spool) = op.clone().kept() {
        let block = spool.block();
        return side_by_side(&runs, cx, |run| {
            let rows = order[run.start as usize..run.end as usize].iter();
            let members = rows.map(|row| Member { at: *row as usize, row: *row }).filter(|member| block.any(member.at));
            cx.check().and_then(|()| make(block, &members.collect::<Vec<_>>())).map_err(|stop| stop.answered_by(node))
        });
    }
    let picked = Picked::new(op.clone(), order.to_vec());
    // What is picked has all of its rows filled.
    map_runs(&picked, &runs, n, node, cx, None, |block, _| {
        let members = (0..block.len()).filter(|at| block.any(*at)).map(|at| Member { at, row: order[block.heads[at] as usize] });
        make(block, &members.collect::<Vec<_>>())
    })
}

/// Runs of at least so many rows, where there are as many, that part no group.
fn runs_of_groups(sizes: &[u32], least: u32) -> Vec<Range<u32>> {
    let (mut from, mut to) = (0, 0);
    let mut runs = Vec::new();
    for (i, size) in sizes.iter().enumerate() {
        to += size;
        if to - from >= least || i + 1 == sizes.len() {
            runs.push(from..to);
            from = to;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::runs_of_groups;

    #[test]
    fn runs_part_no_group() {
        assert_eq!(runs_of_groups(&[1, 1, 1, 5, 1, 2, 1], 3), [0..3, 3..8, 8..11, 11..12]);
        assert_eq!(runs_of_groups(&[9, 1], 3), [0..9, 9..10]);
        assert_eq!(runs_of_groups(&[], 3), []);
    }
}
