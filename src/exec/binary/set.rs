//! `and`, `or`, `unless`: whose signature is on the other side at the same step.

use super::Site;
use super::signature::Signatures;
use crate::exec::names::{Merge, merged};
use crate::exec::picked::Picked;
use crate::exec::until::quiet;
use crate::exec::{Block, Cx, Opened, Series, Stop, VectorOp, in_order};
use crate::model::deep;
use crate::plan::Node;
use crate::syntax::ast::{BinaryOp, Matching};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Opens a set operator; `nodes` are the plans of left and right.
pub(super) fn open<'q>(
    site: &Site<'q>,
    matching: &Matching,
    left: Arc<dyn VectorOp + 'q>,
    right: Arc<dyn VectorOp + 'q>,
    nodes: [&Node; 2],
) -> Result<Opened<'q>, Stop> {
    Ok(Opened::Vector(match site.op {
        BinaryOp::And => intersect(site, matching, left, right, nodes)?,
        BinaryOp::Unless => subtract(site, matching, left, right, nodes)?,
        _ => unite(site, matching, left, right)?,
    }))
}

/// Rows of a vector at the steps where their signature is present (or absent) elsewhere.
struct Masked<'q> {
    input: Arc<dyn VectorOp + 'q>,
    /// Of each row its signature.
    mask_of: Vec<u32>,
    masks: Masks,
    /// Keep where the signature is present, rather than where it is absent.
    present: bool,
    node: &'q Node,
}

/// For each signature the steps at which it has a point.
struct Masks {
    words: usize,
    bits: Vec<u64>,
}

impl Masks {
    fn new(count: usize, n: usize, site: &Site<'_>) -> Result<Masks, Stop> {
        let words = n.div_ceil(64);
        site.cx.hold_bytes(site.node, (count * words * 8) as u64)?;
        Ok(Masks { words, bits: vec![0; count * words] })
    }

    /// How many signatures there are.
    fn count(&self) -> usize {
        self.bits.len() / self.words.max(1)
    }

    fn of(&self, signature: u32) -> &[u64] {
        &self.bits[signature as usize * self.words..(signature as usize + 1) * self.words]
    }

    fn add(&mut self, signature: u32, block: &Block, i: usize) {
        let bits = &mut self.bits[signature as usize * self.words..(signature as usize + 1) * self.words];
        block.or_presence(i, bits);
    }
}

/// Reads where the signatures of `other` have points; `wanted` numbers the signatures of its
/// rows. Rows of quiet inputs whose signature is not wanted are not read.
fn presence(site: &Site<'_>, other: &dyn VectorOp, wanted: &[Option<u32>], count: usize, quiet: bool) -> Result<Masks, Stop> {
    let mut masks = Masks::new(count, site.grid.n, site)?;
    let of: Vec<u32> = (0..other.rows().len() as u32).filter(|row| !quiet || wanted[*row as usize].is_some()).collect();
    let picked = Picked::new(other, of.clone());
    in_order(&picked, site.grid.n, site.node, site.cx, &mut |block| {
        for i in 0..block.len() {
            if let Some(signature) = wanted[of[block.heads[i] as usize] as usize] {
                masks.add(signature, block, i);
            }
        }
        site.cx.check()
    })?;
    Ok(masks)
}

fn intersect<'q>(
    site: &Site<'q>,
    matching: &Matching,
    left: Arc<dyn VectorOp + 'q>,
    right: Arc<dyn VectorOp + 'q>,
    nodes: [&Node; 2],
) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    let mut signatures = Signatures::new(left.rows(), matching);
    let wanted = signatures.of_others(right.rows());
    let masks = presence(site, &*right, &wanted, signatures.len(), quiet(nodes[1]))?;
    let mask_of = signatures.of_row().to_vec();
    let hit = |row: u32| masks.of(mask_of[row as usize]).iter().any(|w| *w != 0);
    if !quiet(nodes[0]) {
        return Ok(Arc::new(Masked { input: left, mask_of, masks, present: true, node: site.node }));
    }
    let of: Vec<u32> = (0..mask_of.len() as u32).filter(|row| hit(*row)).collect();
    let mask_of = of.iter().map(|row| mask_of[*row as usize]).collect();
    Ok(Arc::new(Masked { input: Arc::new(Picked::new(left, of)), mask_of, masks, present: true, node: site.node }))
}

fn subtract<'q>(
    site: &Site<'q>,
    matching: &Matching,
    left: Arc<dyn VectorOp + 'q>,
    right: Arc<dyn VectorOp + 'q>,
    nodes: [&Node; 2],
) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    let mut signatures = Signatures::new(left.rows(), matching);
    let wanted = signatures.of_others(right.rows());
    let masks = presence(site, &*right, &wanted, signatures.len(), quiet(nodes[1]))?;
    let mask_of = signatures.of_row().to_vec();
    Ok(Arc::new(Masked { input: left, mask_of, masks, present: false, node: site.node }))
}

impl VectorOp for Masked<'_> {
    fn rows(&self) -> &[Series] {
        self.input.rows()
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let before = out.len();
        deep(|| self.input.fill(rows, cx, out))?;
        for (i, row) in (before..out.len()).zip(rows) {
            mask(out, i, self.masks.of(self.mask_of[*row as usize]), self.present);
        }
        let rows = self.mask_of.len() + self.masks.count();
        crate::exec::select::hold(self.node, before, out, rows as u64, cx)
    }
}

/// Keeps the points of a row where a bitmap has a bit (or has none).
fn mask(out: &mut Block, i: usize, bits: &[u64], present: bool) {
    let (n, words) = (out.n, out.words());
    for (word, keep) in out.floats[i * words..(i + 1) * words].iter_mut().zip(bits) {
        *word &= if present { *keep } else { !*keep };
    }
    if !out.hists.is_empty() {
        for step in (0..n).filter(|step| (bits[step / 64] >> (step % 64) & 1 == 1) != present) {
            out.clear_histogram(i, step);
        }
    }
}

/// The place of a row that has no points.
const NOWHERE: u32 = u32::MAX;

/// Rows of one vector that something else has to see before they are asked for, and the others,
/// which are read when they are.
struct PartlyKept<'q> {
    input: Arc<dyn VectorOp + 'q>,
    /// Of each row its place in `kept`, or that it is not there.
    place: Vec<Option<u32>>,
    kept: Block,
}

impl<'q> PartlyKept<'q> {
    /// Keeps the rows `of`, after `see` has seen each of them with its place in `of`.
    fn new(
        site: &Site<'_>,
        input: Arc<dyn VectorOp + 'q>,
        of: Vec<u32>,
        mut see: impl FnMut(usize, &Block, usize) + Send,
    ) -> Result<PartlyKept<'q>, Stop> {
        let mut place = vec![None; input.rows().len()];
        let mut kept = Block::new(site.grid.n);
        if !of.is_empty() {
            let picked = Picked::new(&*input, of.clone());
            in_order(&picked, site.grid.n, site.node, site.cx, &mut |block| {
                let before = kept.len();
                for i in (0..block.len()).filter(|i| block.any(*i)) {
                    let head = block.heads[i] as usize;
                    see(head, block, i);
                    place[of[head] as usize] = Some(kept.len() as u32);
                    kept.push_copy(0, block, i);
                }
                site.cx.hold_bytes(site.node, (kept.len() - before) as u64 * site.grid.row_bytes())
            })?;
        }
        // Rows without points need not be read twice.
        for row in of {
            place[row as usize].get_or_insert(NOWHERE);
        }
        Ok(PartlyKept { input, place, kept })
    }
}

impl VectorOp for PartlyKept<'_> {
    fn rows(&self) -> &[Series] {
        self.input.rows()
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let place = |row: &u32| self.place[*row as usize];
        for run in rows.chunk_by(|a, b| place(a).is_none() == place(b).is_none()) {
            if place(&run[0]).is_none() {
                deep(|| self.input.fill(run, cx, out))?;
                continue;
            }
            for row in run {
                match place(row) {
                    Some(at) if at != NOWHERE => out.push_copy(*row, &self.kept, at as usize),
                    _ => out.push_row(*row),
                };
            }
        }
        Ok(())
    }
}

/// All rows of one vector, then all of another.
struct Both<'q> {
    left: PartlyKept<'q>,
    right: Masked<'q>,
    rows: Vec<Series>,
    node: &'q Node,
    /// Rows of the left side with points, so far.
    met: AtomicU64,
}

fn unite<'q>(
    site: &Site<'q>,
    matching: &Matching,
    left: Arc<dyn VectorOp + 'q>,
    right: Arc<dyn VectorOp + 'q>,
) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    let mut signatures = Signatures::new(right.rows(), matching);
    let shared = signatures.of_others(left.rows());
    let mut masks = Masks::new(signatures.len(), site.grid.n, site)?;
    // What the right side has to wait for is what both sides may have at one step.
    let (of, signature): (Vec<u32>, Vec<u32>) = (0u32..).zip(&shared).filter_map(|(row, signature)| Some((row, (*signature)?))).unzip();
    let left = PartlyKept::new(site, left, of, |at, block, i| masks.add(signature[at], block, i))?;
    let mask_of = signatures.of_row().to_vec();
    let right = Masked { input: right, mask_of, masks, present: false, node: site.node };
    let rows = left.rows().iter().chain(right.rows()).cloned().collect();
    let both = Both { left, right, rows, node: site.node, met: AtomicU64::new(0) };
    merged(Arc::new(both), Merge::Vector, site.node, &site.grid, site.cx)
}

impl VectorOp for Both<'_> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let count = self.left.rows().len() as u32;
        for run in rows.chunk_by(|a, b| (*a < count) == (*b < count)) {
            let before = out.len();
            if run[0] < count {
                deep(|| self.left.fill(run, cx, out))?;
                let met = (before..out.len()).filter(|i| out.any(*i)).count() as u64;
                let met = self.met.fetch_add(met, Ordering::Relaxed) + met;
                crate::exec::select::hold(self.node, before, out, met + self.right.rows().len() as u64, cx)?;
            } else {
                let right: Vec<u32> = run.iter().map(|row| row - count).collect();
                deep(|| self.right.fill(&right, cx, out))?;
                out.heads[before..].copy_from_slice(run);
            }
        }
        Ok(())
    }
}
