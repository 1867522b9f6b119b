//! topk and bottomk: a heap of the best for each group and step.

use super::groups::Groups;
use super::heap::{Entry, Worse, best_first, rise, sink};
use super::{Site, param};
use crate::exec::{Block, Cx, Opened, Remark, Series, Stop, VectorOp, in_order, nothing, open_column};
use crate::plan::Node;
use crate::syntax::ast::AggregateOp;
use std::sync::Arc;

pub(super) fn open<'q>(site: &Site<'q>, param: &'q Node) -> Result<Opened<'q>, Stop> {
    let column = open_column(param, &site.grid, site.cx)?;
    let operand = site.open_operand()?;
    let n = site.grid.n;
    let k = param::counts(site, &column, operand.rows().len());
    let worse = Worse { of_top: site.op == AggregateOp::Topk };
    let mut groups = Groups::new(operand.rows(), site.grouping);
    let mut heaps = Heaps::new(n, worse, &groups, k.as_deref().unwrap_or_default());
    let mut ignored = false;
    in_order(&*operand, n, site.node, site.cx, &mut |block| {
        let mut bytes = 0;
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            let Some(k) = &k else { continue };
            let slot = groups.slot(block.heads[i], block, i);
            let grown = heaps.grow(slot, &groups);
            if grown > 0 {
                // Before the memory is taken: k may be far beyond what the budget allows.
                site.cx.hold_bytes(site.node, grown as u64)?;
                heaps.make_room(slot);
            }
            heaps.add_row(slot, block, i, k);
            ignored |= block.slots(i).any(|(step, _)| k[step] > 0);
            bytes += 4;
        }
        site.hold(bytes)
    })?;
    if k.is_none() {
        return Ok(nothing());
    }
    if ignored {
        let remark = Remark::HistogramIgnoredInAggregation { aggregation: site.op.as_str() };
        site.cx.note(site.node, n, 0, site.node.span, remark);
    }
    site.cx.hold_points(site.node, heaps.lens.iter().map(|len| u64::from(*len)).sum(), 0)?;
    let all = operand.rows();
    let chosen = if site.grid.single() { heaps.by_group(all) } else { heaps.by_row(all) };
    Ok(Opened::Vector(Arc::new(chosen)))
}

/// Heaps of slots × steps in one piece of memory, the worst of each at its root.
struct Heaps {
    n: usize,
    worse: Worse,
    /// The largest k of all steps.
    largest: usize,
    /// Rows of each group.
    sizes: Vec<u32>,
    /// Where the heaps of each slot start, and how many entries each may have.
    places: Vec<(usize, usize)>,
    entries: Vec<Entry>,
    /// Entries of each slot and step.
    lens: Vec<u32>,
}

impl Heaps {
    fn new(n: usize, worse: Worse, groups: &Groups, k: &[u32]) -> Heaps {
        let largest = k.iter().copied().max().unwrap_or(0) as usize;
        Heaps { n, worse, largest, sizes: groups.ids().sizes(), places: Vec::new(), entries: Vec::new(), lens: Vec::new() }
    }

    /// Makes a place for a slot if it is new, and gives the bytes that it needs.
    fn grow(&mut self, slot: usize, groups: &Groups) -> usize {
        if slot < self.places.len() {
            return 0;
        }
        let size = self.largest.min(self.sizes[groups.group_of(slot)] as usize);
        self.places.push((self.entries.len(), size));
        self.n.saturating_mul(size).saturating_mul(size_of::<Entry>()).saturating_add(self.n * 4)
    }

    fn make_room(&mut self, slot: usize) {
        let (at, size) = self.places[slot];
        self.entries.resize(at + self.n * size, Entry::default());
        self.lens.resize((slot + 1) * self.n, 0);
    }

    fn heap(&self, slot: usize, step: usize) -> &[Entry] {
        let (at, size) = self.places[slot];
        let at = at + step * size;
        &self.entries[at..at + self.lens[slot * self.n + step] as usize]
    }

    fn add_row(&mut self, slot: usize, block: &Block, i: usize, k: &[u32]) {
        let row = block.heads[i];
        let worse = self.worse;
        let (at, size) = self.places[slot];
        let heaps = &mut self.entries[at..at + self.n * size];
        let lens = &mut self.lens[slot * self.n..(slot + 1) * self.n];
        let values = block.values_of(i);
        crate::exec::block::each_bit(block.floats_of(i), |step| {
            let value = values[step];
            let k = (k[step] as usize).min(size);
            let len = lens[step] as usize;
            let heap = &mut heaps[step * size..step * size + k];
            if len < k {
                heap[len] = Entry { value, row };
                lens[step] += 1;
                rise(&mut heap[..=len], worse);
            } else if k > 0 && worse.yields(heap[0].value, value) {
                sink(heap, Entry { value, row }, worse);
            }
        });
    }

    /// The points of each row, over steps.
    fn by_row(self, all: &[Series]) -> Chosen {
        let mut of_row: Vec<Vec<(u32, f64)>> = vec![Vec::new(); all.len()];
        for slot in 0..self.places.len() {
            for step in 0..self.n {
                for entry in self.heap(slot, step) {
                    of_row[entry.row as usize].push((step as u32, entry.value));
                }
            }
        }
        let mut chosen = Chosen::default();
        for (series, points) in all.iter().zip(of_row).filter(|(_, points)| !points.is_empty()) {
            chosen.rows.push(series.clone());
            chosen.points.push(points);
        }
        chosen
    }

    /// The one step of each slot, the best first.
    fn by_group(mut self, all: &[Series]) -> Chosen {
        let mut chosen = Chosen::default();
        let worse = self.worse;
        for slot in 0..self.places.len() {
            let (at, _) = self.places[slot];
            let len = self.lens[slot * self.n] as usize;
            let heap = &mut self.entries[at..at + len];
            best_first(heap, worse);
            for entry in heap {
                chosen.rows.push(all[entry.row as usize].clone());
                chosen.points.push(vec![(0, entry.value)]);
            }
        }
        chosen
    }
}

/// What was chosen: few points of perhaps many rows.
#[derive(Default)]
struct Chosen {
    rows: Vec<Series>,
    /// Of each row, steps and values.
    points: Vec<Vec<(u32, f64)>>,
}

impl VectorOp for Chosen {
    fn rows(&self) -> &[Series] {
        &self.rows
    }
    fn fill(&self, rows: &[u32], _: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        for &row in rows {
            let i = out.push_row(row);
            for (step, value) in &self.points[row as usize] {
                out.set_float(i, *step as usize, *value);
            }
        }
        Ok(())
    }
}
