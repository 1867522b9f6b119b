//! limitk and limit_ratio: rows chosen without looking at their values.

use super::groups::{Groups, is_one};
use super::heap::{Entry, Worse, rise};
use super::{Site, param};
use crate::exec::block::each_bit;
use crate::exec::picked::Picked;
use crate::exec::until::{in_order_until, quiet};
use crate::exec::{Block, Opened, Series, Spool, Stop, VectorOp, in_order, nothing, open_column};
use crate::plan::Node;
use crate::syntax::ast::AggregateOp;
use std::sync::Arc;

pub(super) fn open<'q>(site: &Site<'q>, param: &'q Node) -> Result<Opened<'q>, Stop> {
    let column = open_column(param, &site.grid, site.cx)?;
    let operand = site.open_operand()?;
    let kept = if site.op == AggregateOp::Limitk {
        let k = param::counts(site, &column, operand.rows().len());
        k.map(|k| first_rows(site, &operand, &k)).transpose()?
    } else {
        let ratios = param::ratios(site, &column, param);
        ratios.map(|ratios| share_of_rows(site, &operand, &ratios)).transpose()?
    };
    match kept {
        Some(kept) => site.done(kept.into_spool(site.grid.single())),
        None => {
            // Nothing is kept, but what the operand has to say is wanted.
            in_order(&*operand, site.grid.n, site.node, site.cx, &mut |_| site.hold(0))?;
            Ok(nothing())
        }
    }
}

/// The first so many rows of each group at each step.
fn first_rows<'q>(site: &Site<'q>, operand: &Arc<dyn VectorOp + 'q>, k: &[u32]) -> Result<Kept, Stop> {
    let n = site.grid.n;
    let mut groups = Groups::new(operand.rows(), site.grouping);
    let mut kept = Kept::new(n);
    let mut taken: Vec<u32> = Vec::new();
    // Of each slot, the steps that have enough; and of how many slots all steps have.
    let mut full: Vec<u64> = Vec::new();
    let mut done = 0;
    let mut present = vec![0; n.div_ceil(64)];
    let words = present.len();
    in_order_until(operand, quiet(site.operand), n, site.node, site.cx, &mut |from, block| {
        let before = kept.block.len();
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            let row = from + block.heads[i];
            let slot = groups.slot(row, block, i);
            if taken.len() < (slot + 1) * n {
                taken.resize((slot + 1) * n, 0);
                full.resize((slot + 1) * words, 0);
                let full = &mut full[slot * words..];
                k.iter().enumerate().filter(|(_, k)| **k == 0).for_each(|(step, _)| full[step / 64] |= 1 << (step % 64));
            }
            let taken = &mut taken[slot * n..(slot + 1) * n];
            let full = &mut full[slot * words..(slot + 1) * words];
            present.fill(0);
            block.or_presence(i, &mut present);
            present.iter_mut().zip(&*full).for_each(|(present, full)| *present &= !full);
            if present.iter().all(|word| *word == 0) {
                continue;
            }
            each_bit(&present, |step| {
                taken[step] += 1;
                full[step / 64] |= u64::from(taken[step] == k[step]) << (step % 64);
            });
            done += usize::from(full.iter().map(|word| word.count_ones() as usize).sum::<usize>() == n);
            kept.push(&operand.rows()[row as usize], slot, block, i, &present);
        }
        site.hold((kept.block.len() - before) * n * 8)?;
        Ok(done == groups.ids().labels().len())
    })?;
    Ok(kept)
}

/// The rows whose hash lies in a share of all hashes at each step.
fn share_of_rows<'q>(site: &Site<'q>, operand: &Arc<dyn VectorOp + 'q>, ratios: &[f64]) -> Result<Kept, Stop> {
    let n = site.grid.n;
    let offsets: Vec<f64> = operand.rows().iter().map(|s| s.labels.prometheus_hash() as f64 / u64::MAX as f64).collect();
    // Which rows are there tells the order of groups, which is seen on one-step grids alone.
    let skip = quiet(site.operand) && (!site.grid.single() || is_one(site.grouping));
    let wanted = |row: &u32| !skip || ratios.iter().any(|ratio| within(offsets[*row as usize], *ratio));
    let rows: Vec<u32> = (0..operand.rows().len() as u32).filter(wanted).collect();
    let picked = Picked::new(operand.clone(), rows.clone());
    let mut groups = Groups::new(operand.rows(), site.grouping);
    let mut kept = Kept::new(n);
    let mut chosen = vec![0; n.div_ceil(64)];
    in_order(&picked, n, site.node, site.cx, &mut |block| {
        let before = kept.block.len();
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            let row = rows[block.heads[i] as usize];
            let slot = groups.slot(row, block, i);
            chosen.fill(0);
            block.or_presence(i, &mut chosen);
            for (word, ratios) in chosen.iter_mut().zip(ratios.chunks(64)) {
                let within = |(bit, ratio): (usize, &f64)| u64::from(within(offsets[row as usize], *ratio)) << bit;
                *word &= ratios.iter().enumerate().map(within).fold(0, |a, b| a | b);
            }
            if chosen.iter().any(|word| *word != 0) {
                kept.push(&operand.rows()[row as usize], slot, block, i, &chosen);
            }
        }
        site.hold((kept.block.len() - before) * n * 8)
    })?;
    Ok(kept)
}

/// The rows that were chosen, with the steps at which they were.
struct Kept {
    rows: Vec<Series>,
    /// Slot of each row.
    slots: Vec<usize>,
    block: Block,
}

impl Kept {
    fn new(n: usize) -> Kept {
        Kept { rows: Vec::new(), slots: Vec::new(), block: Block::new(n) }
    }

    fn push(&mut self, series: &Series, slot: usize, from: &Block, i: usize, steps: &[u64]) {
        let at = self.block.push_copy(0, from, i);
        for (step, _) in from.slots(i) {
            if steps[step / 64] >> (step % 64) & 1 == 0 {
                self.block.clear_histogram(at, step);
            }
        }
        let (_, floats) = self.block.row_mut(at);
        floats.iter_mut().zip(steps).for_each(|(floats, steps)| *floats &= steps);
        self.rows.push(series.clone());
        self.slots.push(slot);
    }

    fn into_spool(self, single: bool) -> Spool {
        if single { by_group(self.rows, &self.block, &self.slots) } else { Spool::new(self.rows, self.block) }
    }
}

/// Whether a hash, as a fraction of all hashes, is kept by a ratio. A ratio `r` and `r − 1` keep
/// complements.
fn within(offset: f64, ratio: f64) -> bool {
    (ratio >= 0.0 && offset < ratio) || (ratio < 0.0 && offset >= 1.0 + ratio)
}

/// A one-step result stands group by group, and each group as the reference's heap of values
/// leaves it. Histograms have no value, which is zero.
fn by_group(rows: Vec<Series>, block: &Block, slots: &[usize]) -> Spool {
    let mut heaps: Vec<Vec<Entry>> = Vec::new();
    for (i, slot) in slots.iter().enumerate() {
        if heaps.len() <= *slot {
            heaps.resize(slot + 1, Vec::new());
        }
        heaps[*slot].push(Entry { value: block.float(i, 0).unwrap_or(0.0), row: i as u32 });
        rise(&mut heaps[*slot], Worse { of_top: true });
    }
    let order: Vec<usize> = heaps.iter().flatten().map(|entry| entry.row as usize).collect();
    let mut out = Block::new(block.n);
    for i in &order {
        out.push_copy(0, block, *i);
    }
    Spool::new(order.iter().map(|i| rows[*i].clone()).collect(), out)
}
