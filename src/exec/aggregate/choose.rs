//! limitk and limit_ratio: rows chosen without looking at their values.

use super::groups::Groups;
use super::heap::{Entry, Worse, rise};
use super::{Site, param};
use crate::exec::{Block, Opened, Series, Spool, Stop, in_order, nothing, open_column};
use crate::plan::Node;
use crate::syntax::ast::AggregateOp;

/// Whom to keep.
enum Rule {
    /// The first so many of each group at each step.
    First(Vec<u32>),
    /// Those whose hash lies in this share of all hashes at each step.
    Share(Vec<f64>),
}

pub(super) fn open<'q>(site: &Site<'q>, param: &'q Node) -> Result<Opened<'q>, Stop> {
    let column = open_column(param, &site.grid, site.cx)?;
    let operand = site.open_operand()?;
    let n = site.grid.n;
    let rule = if site.op == AggregateOp::Limitk {
        param::counts(site, &column, operand.rows().len()).map(Rule::First)
    } else {
        param::ratios(site, &column, param).map(Rule::Share)
    };
    let mut groups = Groups::new(operand.rows(), site.grouping);
    let (mut kept, mut slots) = (Vec::<Series>::new(), Vec::new());
    let mut out = Block::new(n);
    let mut taken: Vec<u32> = Vec::new();
    in_order(&*operand, n, site.node, site.cx, |block| {
        let before = out.len();
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            let Some(rule) = &rule else { continue };
            let series = &operand.rows()[block.heads[i] as usize];
            let slot = groups.slot(block.heads[i], block, i);
            let left_out: Vec<usize> = match rule {
                Rule::First(k) => {
                    if taken.len() < (slot + 1) * n {
                        taken.resize((slot + 1) * n, 0);
                    }
                    let taken = &mut taken[slot * n..(slot + 1) * n];
                    steps(block, i).filter(|step| !take(&mut taken[*step], k[*step])).collect()
                }
                Rule::Share(ratios) => {
                    let offset = series.labels.prometheus_hash() as f64 / u64::MAX as f64;
                    steps(block, i).filter(|step| !within(offset, ratios[*step])).collect()
                }
            };
            if left_out.len() == steps(block, i).count() {
                continue;
            }
            let at = out.push_copy(0, block, i);
            left_out.into_iter().for_each(|step| out.clear(at, step));
            kept.push(series.clone());
            slots.push(slot);
        }
        site.hold((out.len() - before) * n * 8)
    })?;
    if rule.is_none() {
        return Ok(nothing());
    }
    let spool = if site.grid.single() { by_group(kept, &out, &slots) } else { Spool::new(kept, out) };
    site.done(spool)
}

/// The steps at which a row has a point.
fn steps(block: &Block, i: usize) -> impl Iterator<Item = usize> + '_ {
    (0..block.n).filter(move |step| block.has(i, *step))
}

/// Counts one more, unless there are enough.
fn take(taken: &mut u32, enough: u32) -> bool {
    let take = *taken < enough;
    *taken += u32::from(take);
    take
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
