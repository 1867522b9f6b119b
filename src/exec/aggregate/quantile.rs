//! quantile: all values of a group at a step are needed at once, so rows are read group by group:
//! small groups side by side, and of a large one the steps, once all its rows are there.

use super::{Site, groups, param};
use crate::exec::drive::{rows_of_a_block, side_by_side};
use crate::exec::grouped::{Member, map_groups};
use crate::exec::ids::Ids;
use crate::exec::picked::Picked;
use crate::exec::{Block, Opened, Remark, Series, Spool, Stop, VectorOp, in_order, open_column};
use crate::model::quantile::by_rank;
use crate::plan::Node;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Steps whose values are gathered together: a line of cache holds eight.
const TILE: usize = 8;

pub(super) fn open<'q>(site: &Site<'q>, param: &'q Node) -> Result<Opened<'q>, Stop> {
    let column = open_column(param, &site.grid, site.cx)?;
    let operand = site.open_operand()?;
    if site.grid.n > 0 {
        param::check_quantiles(site, &column, param);
    }
    let ids = groups::ids(operand.rows(), site.grouping);
    let groups = ByGroup { site, operand, ids, column, ignored: AtomicBool::new(false) };
    let done = groups.all()?;
    if groups.ignored.load(Ordering::Relaxed) {
        site.note_operand(Remark::HistogramIgnoredInAggregation { aggregation: "quantile" });
    }
    site.done(groups.assemble(done))
}

/// The operand, to be read group by group.
struct ByGroup<'a, 'q> {
    site: &'a Site<'q>,
    operand: Arc<dyn VectorOp + 'q>,
    ids: Ids,
    /// Which quantile at each step.
    column: Arc<[f64]>,
    /// Some row has histograms.
    ignored: AtomicBool,
}

/// The quantiles of one group.
struct Done {
    /// The first row with a point.
    row: u32,
    drop_name: bool,
    values: Vec<f64>,
    floats: Vec<u64>,
}

impl ByGroup<'_, '_> {
    fn all(&self) -> Result<Vec<Done>, Stop> {
        let Site { node, cx, grid, .. } = *self.site;
        let sizes = self.ids.sizes();
        // What the largest group needs; groups are not kept.
        self.site.hold(sizes.iter().copied().max().unwrap_or(0) as usize * grid.row_bytes() as usize)?;
        // A group that has a good part of all rows would keep one thread busy while others wait.
        let good_part = rows_of_a_block(grid.n).max(self.operand.rows().len() / (4 * cx.threads));
        let is_large = |size: u32| cx.threads > 1 && size as usize > good_part;
        // Rows by group; inside a group they keep their order.
        let order = self.ids.rows_by_id();
        let (large, small): (Vec<u32>, Vec<u32>) =
            order.into_iter().partition(|row| is_large(sizes[self.ids.of_rows()[*row as usize] as usize]));

        let sizes: Vec<u32> = sizes.into_iter().filter(|size| !is_large(*size)).collect();
        let small = (&small[..], &sizes[..]);
        let some = map_groups(&self.operand, small, grid.n, node, cx, |block, members| self.groups(block, members))?;
        let mut done: Vec<Done> = some.into_iter().flatten().collect();
        // Without threads no group is large, and a module for browsers need not know what to do then.
        if cfg!(feature = "parallel") {
            for rows in large.chunk_by(|a, b| self.group(*a) == self.group(*b)) {
                done.extend(self.steps(rows)?);
            }
        }
        Ok(done)
    }

    fn group(&self, row: u32) -> u32 {
        self.ids.of_rows()[row as usize]
    }

    /// The quantiles of some whole groups.
    fn groups(&self, block: &Block, members: &[Member]) -> Result<Vec<Done>, Stop> {
        let mut gathered = Gathered::default();
        let done = members.chunk_by(|a, b| self.group(a.row) == self.group(b.row)).map(|members| {
            let tiles = (0..block.n).step_by(TILE).map(|from| gathered.tile(block, members, from, &self.column));
            self.done(block, members, tiles)
        });
        let done: Vec<Done> = done.collect();
        self.site.hold(done.len() * self.site.grid.row_bytes() as usize)?;
        Ok(done)
    }

    /// The quantiles of the group that these rows are, some steps on each thread.
    fn steps(&self, rows: &[u32]) -> Result<Option<Done>, Stop> {
        let Site { node, cx, grid, .. } = *self.site;
        let mut block = Block::new(grid.n);
        block.expect(rows.len());
        let picked = Picked::new(self.operand.clone(), rows.to_vec());
        in_order(&picked, grid.n, node, cx, &mut |some| {
            for i in (0..some.len()).filter(|i| some.any(*i)) {
                block.push_copy(some.heads[i], some, i);
            }
            Ok(())
        })?;
        let members: Vec<Member> = block.heads.iter().enumerate().map(|(at, head)| Member { at, row: rows[*head as usize] }).collect();
        if members.is_empty() {
            return Ok(None);
        }
        let tiles: Vec<_> = (0..grid.n as u32).step_by(TILE).map(|from| from..from + 1).collect();
        let tiles = side_by_side(&tiles, cx, |tile| {
            cx.check()?;
            Ok(Gathered::default().tile(&block, &members, tile.start as usize, &self.column))
        })?;
        self.site.hold(grid.row_bytes() as usize)?;
        Ok(Some(self.done(&block, &members, tiles.into_iter())))
    }

    /// The group that has these members and tiles.
    fn done(&self, block: &Block, members: &[Member], tiles: impl Iterator<Item = Tile>) -> Done {
        let (mut values, mut floats) = (Vec::with_capacity(block.n + TILE), vec![0; block.words()]);
        for (at, tile) in tiles.enumerate() {
            values.extend(tile.values);
            floats[at * TILE / 64] |= tile.bits << (at * TILE % 64);
        }
        values.truncate(block.n);
        let mut present = vec![0; block.words()];
        let mut flagged = present.clone();
        for &Member { at, row } in members {
            block.or_presence(at, &mut present);
            if self.operand.rows()[row as usize].drop_name {
                block.or_presence(at, &mut flagged);
            }
            if block.has_histograms(at) {
                self.ignored.store(true, Ordering::Relaxed);
            }
        }
        let row = members.first().map_or(0, |first| first.row);
        Done { row, drop_name: groups::last_is_flagged(&present, &flagged), values, floats }
    }

    /// Groups in the order of their first rows, as everywhere.
    fn assemble(&self, mut done: Vec<Done>) -> Spool {
        crate::model::order::sort_by(&mut done, |a, b| a.row.cmp(&b.row));
        let mut rows = Vec::with_capacity(done.len());
        let mut out = Block::new(self.site.grid.n);
        out.expect(done.len());
        for one in done {
            let labels = self.ids.labels()[self.group(one.row) as usize].clone();
            rows.push(Series { labels, drop_name: one.drop_name });
            out.heads.push(0);
            out.values.extend_from_slice(&one.values);
            out.floats.extend_from_slice(&one.floats);
        }
        Spool::new(rows, out)
    }
}

/// The quantiles at some steps that follow each other, and bits for those that are there.
struct Tile {
    values: [f64; TILE],
    bits: u64,
}

/// The values of a group at the steps of a tile, as [`ordered`] numbers.
#[derive(Default)]
struct Gathered([Vec<u64>; TILE]);

impl Gathered {
    /// The quantiles of some rows of a block from step `from` on.
    fn tile(&mut self, block: &Block, members: &[Member], from: usize, q: &[f64]) -> Tile {
        let steps = from..block.n.min(from + TILE);
        for &Member { at, .. } in members {
            let bits = block.floats_of(at)[from / 64] >> (from % 64);
            let values = block.values_of(at)[steps.clone()].iter().zip(&mut self.0).enumerate();
            for (_, (value, numbers)) in values.filter(|(offset, _)| bits >> offset & 1 == 1) {
                numbers.push(ordered(*value));
            }
        }
        let mut tile = Tile { values: [0.0; TILE], bits: 0 };
        for (offset, (step, numbers)) in steps.zip(&mut self.0).enumerate() {
            if !numbers.is_empty() {
                tile.values[offset] = quantile_of(q[step], numbers);
                tile.bits |= 1 << offset;
                numbers.clear();
            }
        }
        tile
    }
}

const SIGN: u64 = 1 << 63;

/// A whole number that stands to others as the float does; NaN is smaller than any.
fn ordered(x: f64) -> u64 {
    let bits = x.to_bits();
    match x.is_nan() {
        true => 0,
        false if bits & SIGN == 0 => bits | SIGN,
        false => !bits,
    }
}

/// The float of such a number.
fn float(number: u64) -> f64 {
    match number {
        0 => crate::model::nan(),
        _ if number & SIGN == 0 => f64::from_bits(!number),
        _ => f64::from_bits(number & !SIGN),
    }
}

/// The `q`-quantile of values as [`ordered`] numbers. Reorders them.
fn quantile_of(q: f64, values: &mut [u64]) -> f64 {
    let mut least = None;
    by_rank(q, values.len(), |k| {
        float(match least {
            Some(lower) if lower < k => values[k..].iter().copied().min().unwrap_or(0),
            _ => {
                least = Some(k);
                *values.select_nth_unstable(k).1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::ordered;
    use proptest::prelude::*;

    fn quantile_of(q: f64, values: &mut [f64]) -> f64 {
        super::quantile_of(q, &mut values.iter().map(|v| ordered(*v)).collect::<Vec<_>>())
    }

    #[test]
    fn whole_ranks_are_elements() {
        assert_eq!(quantile_of(0.5, &mut [3.0, f64::INFINITY, 1.0]), 3.0);
        assert_eq!(quantile_of(1.0, &mut [3.0, f64::INFINITY, 1.0]), f64::INFINITY);
        assert_eq!(quantile_of(0.5, &mut [3.0, 2.0, f64::NAN]), 2.0);
        assert!(quantile_of(0.25, &mut [3.0, 2.0, f64::NAN]).is_nan());
        assert_eq!(quantile_of(0.75, &mut [1.0, 2.0]), 1.75);
        assert_eq!(quantile_of(-0.1, &mut [1.0]), f64::NEG_INFINITY);
        assert_eq!(quantile_of(1.1, &mut [1.0]), f64::INFINITY);
        assert!(quantile_of(0.5, &mut []).is_nan());
    }

    proptest! {
        #[test]
        fn selecting_agrees_with_sorting(q in 0.0..=1.0f64, mut values in prop::collection::vec(-1e6..1e6f64, 1..50)) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = q * (sorted.len() - 1) as f64;
            let (low, high) = (rank.floor() as usize, rank.ceil() as usize);
            let weight = rank - rank.floor();
            let expected = if weight == 0.0 { sorted[low] } else { sorted[low] * (1.0 - weight) + sorted[high] * weight };
            prop_assert_eq!(quantile_of(q, &mut values), expected);
        }
    }
}
