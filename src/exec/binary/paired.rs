//! Joins in which every signature has at most one row on the one side, and makes one row of the
//! result of each row on the many side.
//!
//! Nothing can be matched twice then, at whatever step, so nothing has to be kept: a row of the
//! result is computed from its two rows when it is asked for. Only a row of the one side that
//! several others need is read once and kept.

use super::matched::LastRemarks;
use super::{Class, Site, class, element, numbers};
use crate::exec::picked::Picked;
use crate::exec::{Block, Cx, Series, Spool, Stop, VectorOp, in_order};
use crate::model::deep;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The one side.
pub(super) enum OneSide<'q> {
    /// Each row is needed once, or not at all.
    Read(Arc<dyn VectorOp + 'q>),
    Kept(Arc<Spool>),
}

impl OneSide<'_> {
    pub(super) fn rows(&self) -> &[Series] {
        match self {
            OneSide::Read(op) => op.rows(),
            OneSide::Kept(spool) => spool.rows(),
        }
    }
}

/// The rows of the result, and of each the rows of the many and the one side that make it.
#[derive(Default)]
pub(super) struct Pairs {
    pub(super) of: Vec<(u32, u32)>,
    pub(super) rows: Vec<Series>,
}

pub(super) struct Paired<'q> {
    site: Site<'q>,
    /// The many side is the right operand.
    flipped: bool,
    many: Arc<dyn VectorOp + 'q>,
    /// The many side, if it is kept.
    kept: Option<Arc<Spool>>,
    one: OneSide<'q>,
    pairs: Pairs,
    /// Rows with points on both sides, so far.
    met: AtomicU64,
    remarks: Mutex<LastRemarks>,
    /// Where rows of the one side are read to.
    spare: Mutex<Vec<Block>>,
}

impl<'q> Paired<'q> {
    /// Opens a join. Rows without a partner are read here: they may have something to say.
    pub(super) fn open(
        site: &Site<'q>,
        flipped: bool,
        many: Arc<dyn VectorOp + 'q>,
        one: OneSide<'q>,
        pairs: Pairs,
    ) -> Result<Paired<'q>, Stop> {
        let mut met = match &one {
            OneSide::Read(op) => read_rest(site, &**op, pairs.of.iter().map(|p| p.1))?,
            OneSide::Kept(spool) => spool.with_points(),
        };
        met += read_rest(site, &*many, pairs.of.iter().map(|p| p.0))?;
        site.cx.hold_points(site.node, 0, met)?;
        let (met, remarks, spare) = (AtomicU64::new(met), Mutex::default(), Mutex::default());
        let kept = many.clone().kept();
        Ok(Paired { site: *site, flipped, many, kept, one, pairs, met, remarks, spare })
    }

    /// Rows of floats that are kept on both sides: computed from where they are. Gives how many of
    /// the many side have points; nothing is done where rows are not like that, or where steps
    /// without a point should not be computed.
    fn fill_kept(&self, rows: &[u32], out: &mut Block) -> Option<u64> {
        let (Some(many), OneSide::Kept(one)) = (&self.kept, &self.one) else { return None };
        // In WebAssembly what this saves is not worth the code that has to be loaded.
        if cfg!(target_arch = "wasm32") {
            return None;
        }
        let (many, one) = (many.block(), one.block());
        let cheap = numbers::append(self.site.op, &[], &[], &mut Vec::new());
        if !cheap || !many.hists.is_empty() || !one.hists.is_empty() {
            return None;
        }
        let (mut met, mut both) = (0, Vec::with_capacity(out.words()));
        for &row in rows {
            let (i, k) = self.pairs.of[row as usize];
            let (i, k) = (i as usize, k as usize);
            met += u64::from(many.any(i));
            both.clear();
            both.extend(many.floats_of(i).iter().zip(one.floats_of(k)).map(|(a, b)| a & b));
            let (own, other) = (many.values_of(i), one.values_of(k));
            let (left, right) = if self.flipped { (other, own) } else { (own, other) };
            out.push_columns(row, &both, |to| {
                numbers::append(self.site.op, left, right, to);
            });
        }
        Some(met)
    }

    /// Counts rows that were appended, for which `met` rows had points.
    fn hold(&self, before: usize, out: &Block, met: u64, cx: &Cx<'_>) -> Result<(), Stop> {
        let met = self.met.fetch_add(met, Ordering::Relaxed) + met;
        crate::exec::select::hold(self.site.node, before, out, met, cx)
    }

    /// Two rows of floats: row `i` of `out`, which is replaced, and row `k` of the one side.
    fn columns(&self, out: &mut Block, i: usize, one: &Block, k: usize, bits: &mut Vec<u64>) {
        let (values, present) = out.row_mut(i);
        let mut any = 0;
        for (word, other) in present.iter_mut().zip(one.floats_of(k)) {
            *word &= other;
            any |= *word;
        }
        if any == 0 {
            return;
        }
        let other = one.values_of(k);
        if class(self.site.op) == Class::Arithmetic {
            numbers::arithmetic_at(self.site.op, values, other, self.flipped, present);
            return;
        }
        if self.flipped {
            numbers::compare(self.site.op, other, values, bits);
        } else {
            numbers::compare(self.site.op, values, other, bits);
        }
        if self.site.return_bool {
            numbers::as_numbers(bits, values);
            return;
        }
        present.iter_mut().zip(bits).for_each(|(word, holds)| *word &= *holds);
        if self.flipped {
            values.copy_from_slice(other);
        }
    }

    /// Two rows of which one at least has histograms.
    fn steps(&self, out: &mut Block, i: usize, one: &Block, k: usize) {
        let row = out.heads[i];
        for step in 0..out.n {
            let Some(own) = out.point(i, step) else { continue };
            out.clear(i, step);
            let Some(other) = one.point(k, step) else { continue };
            let (left, right) = if self.flipped { (&other, &own) } else { (&own, &other) };
            let (value, remark) = element::between_vectors(self.site.op, self.site.return_bool, left, right);
            if let Some(remark) = remark {
                lock(&self.remarks).put(out.n, step, row, remark);
            }
            if let Some(Some(value)) = value {
                out.set(i, step, value);
            }
        }
    }
}

impl VectorOp for Paired<'_> {
    fn rows(&self) -> &[Series] {
        &self.pairs.rows
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let before = out.len();
        if let Some(met) = self.fill_kept(rows, out) {
            return self.hold(before, out, met, cx);
        }
        let many: Vec<u32> = rows.iter().map(|row| self.pairs.of[*row as usize].0).collect();
        deep(|| self.many.fill(&many, cx, out))?;
        out.heads[before..].copy_from_slice(rows);
        let ones: Vec<u32> = rows.iter().map(|row| self.pairs.of[*row as usize].1).collect();
        let mut read = None;
        let (one, places) = match &self.one {
            OneSide::Kept(spool) => (spool.block(), ones),
            OneSide::Read(op) => {
                let block = read.insert(lock(&self.spare).pop().unwrap_or_default());
                block.reset(out.n);
                deep(|| op.fill(&ones, cx, block))?;
                (&*block, (0..ones.len() as u32).collect())
            }
        };
        let mut met = 0;
        let mut bits = Vec::new();
        for (i, k) in (before..out.len()).zip(places) {
            let k = k as usize;
            met += u64::from(out.any(i));
            met += u64::from(matches!(self.one, OneSide::Read(_)) && one.any(k));
            if class(self.site.op) == Class::Trim || out.has_histograms(i) || one.has_histograms(k) {
                self.steps(out, i, one, k);
            } else {
                self.columns(out, i, one, k, &mut bits);
            }
        }
        lock(&self.spare).extend(read);
        self.hold(before, out, met, cx)
    }
}

/// What is remarked at a step is known when all rows have been computed.
impl Drop for Paired<'_> {
    fn drop(&mut self) {
        lock(&self.remarks).tell(&self.site);
    }
}

/// Reads the rows that are not among `used`, for what they may say; gives how many have points.
fn read_rest(site: &Site<'_>, op: &dyn VectorOp, used: impl Iterator<Item = u32>) -> Result<u64, Stop> {
    let mut rest = vec![true; op.rows().len()];
    used.for_each(|row| rest[row as usize] = false);
    let rest: Vec<u32> = (0..rest.len() as u32).filter(|row| rest[*row as usize]).collect();
    let mut met = 0;
    if !rest.is_empty() {
        in_order(&Picked::new(op, rest), site.grid.n, site.node, site.cx, &mut |block| {
            met += (0..block.len()).filter(|i| block.any(*i)).count() as u64;
            site.cx.check()
        })?;
    }
    Ok(met)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
