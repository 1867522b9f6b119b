//! The vector of a histogram function, put together to histograms: some label sets at a time, so that
//! no more than the buckets of these are held.

use super::classic::ascend;
use super::quantile::metric;
use crate::exec::block::each_bit;
use crate::exec::grouped::{Member, map_groups};
use crate::exec::ids::Ids;
use crate::exec::{Block, Remark, Stop, VectorOp, open_vector};
use crate::functions::kernel::CallSite;
use crate::model::number::parse_go_float;
use crate::model::{HistogramRef, LabelSet, Span};
use crate::plan::Node;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The label of a classic bucket's upper bound.
const BUCKET_LABEL: &str = "le";

/// A histogram at a step. Histograms of one `key` have the same labels.
pub(super) enum Found<'a> {
    Classic {
        /// Bounds in order, and the counts under them.
        bounds: &'a [f64],
        counts: &'a [f64],
        /// The bounds [`ascend`].
        ascending: bool,
        labels: &'a LabelSet,
        key: u32,
        /// The first row with a point.
        first: u32,
    },
    Native {
        h: HistogramRef<'a>,
        labels: &'a LabelSet,
        key: u32,
        row: u32,
    },
}

/// What is done with a histogram at a step.
type Give<'f> = &'f mut dyn FnMut(usize, &Found<'_>);

/// The vector argument.
pub(super) struct Input<'q> {
    site: CallSite<'q>,
    /// Where remarks about the vector point.
    pub(super) span: Span,
    vector: Arc<dyn VectorOp + 'q>,
    /// Label sets without `le`.
    ids: Ids,
    /// Rows with a point.
    seen: AtomicUsize,
}

/// The rows of one label set that have points.
struct Members<'a> {
    id: u32,
    block: &'a Block,
    rows: &'a [Member],
    /// Bound and place in the block of each row whose bound can be read, ascending.
    bounds: Vec<(f64, usize)>,
    /// Rows whose bound cannot be read.
    malformed: Vec<Member>,
    /// The row that can hold a native histogram of just these labels.
    native: Option<usize>,
}

impl<'q> Input<'q> {
    pub(super) fn open(site: &CallSite<'q>, arg: &'q Node) -> Result<Input<'q>, Stop> {
        let vector = open_vector(arg, &site.grid, site.cx)?;
        let ids = Ids::new(vector.rows(), |name| name != BUCKET_LABEL);
        Ok(Input { site: *site, span: arg.note_span(), vector, ids, seen: AtomicUsize::new(0) })
    }

    /// How many rows had a point.
    pub(super) fn rows_seen(&self) -> usize {
        self.seen.load(Ordering::Relaxed)
    }

    /// Makes a `T` of some label sets at a time: calls `f` for every histogram at every step, of each
    /// label set native ones first, then classic ones. Where the same labels have both, neither
    /// counts. The list has the order of the label sets.
    pub(super) fn each<T: Send>(&self, new: impl Fn() -> T + Sync, f: &(dyn Fn(&mut T, usize, &Found<'_>) + Sync)) -> Result<Vec<T>, Stop> {
        let CallSite { node, grid, cx, .. } = self.site;
        let groups = (&self.ids.rows_by_id()[..], &self.ids.sizes()[..]);
        let id = |member: &Member| self.ids.of_rows()[member.row as usize];
        map_groups(&self.vector, groups, grid.n, node, cx, |block, members| {
            self.seen.fetch_add(members.len(), Ordering::Relaxed);
            let mut made = new();
            for members in members.chunk_by(|a, b| id(a) == id(b)) {
                let Some(first) = members.first() else { continue };
                self.histograms(&self.label_set(id(first), block, members), &mut |step, found| f(&mut made, step, found));
            }
            Ok(made)
        })
    }

    fn label_set<'a>(&self, id: u32, block: &'a Block, rows: &'a [Member]) -> Members<'a> {
        let mut members = Members { id, block, rows, bounds: Vec::with_capacity(rows.len()), malformed: Vec::new(), native: None };
        for &Member { at, row } in rows {
            let le = self.vector.rows()[row as usize].labels.get(BUCKET_LABEL);
            if le.is_none() {
                members.native = Some(at);
            }
            match le.and_then(|le| parse_go_float(le).ok()).filter(|bound| !bound.is_nan()) {
                Some(bound) => members.bounds.push((bound, at)),
                None => members.malformed.push(Member { at, row }),
            }
        }
        crate::model::order::sort_by(&mut members.bounds, |a, b| a.0.total_cmp(&b.0));
        members
    }

    /// Hands the histograms of one label set over.
    fn histograms(&self, members: &Members<'_>, f: Give<'_>) {
        self.native(members, f);
        self.classic(members, f);
    }

    fn native(&self, members: &Members<'_>, f: Give<'_>) {
        let Members { block, .. } = members;
        for &Member { at, row } in members.rows {
            let of_row = |row: u32| &self.vector.rows()[row as usize].labels;
            let labels = of_row(row);
            let alone = members.native == Some(at);
            for (step, h) in block.histograms(at) {
                if alone && members.bounds.iter().any(|(_, row)| block.float(*row, step).is_some()) {
                    let remark = Remark::MixedClassicNative { metric: metric(labels, &self.site) };
                    self.site.cx.note(self.site.node, step, 0, self.span, remark);
                    continue;
                }
                // Past the label sets stand rows whose own labels count, `le` among them.
                let same = || members.rows.iter().map(|other| other.row).find(|other| of_row(*other) == labels).unwrap_or(row);
                let key = if labels.find(BUCKET_LABEL).is_none() { members.id } else { self.ids.labels().len() as u32 + same() };
                f(step, &Found::Native { h, labels, key, row });
            }
        }
    }

    fn classic(&self, members: &Members<'_>, f: Give<'_>) {
        let Members { id, block, rows, bounds, malformed, native } = members;
        let Some(first) = rows.first().map(|first| first.row) else { return };
        let labels = &self.ids.labels()[*id as usize];
        for Member { at, row } in malformed {
            each_bit(block.floats_of(*at), |step| {
                let le = self.vector.rows()[*row as usize].labels.get(BUCKET_LABEL).unwrap_or("").to_string();
                let remark = Remark::BadBucketLabel { le, metric: metric(labels, &self.site) };
                self.site.cx.note(self.site.node, step, 0, self.span, remark);
            });
        }
        let all_bounds: Vec<f64> = bounds.iter().map(|(bound, _)| *bound).collect();
        let columns: Vec<&[f64]> = bounds.iter().map(|(_, row)| block.values_of(*row)).collect();
        let ascending = ascend(&all_bounds);
        let (mut some_bounds, mut counts) = (Vec::new(), Vec::new());
        for word in 0..block.words() {
            let present = || bounds.iter().map(|(_, row)| block.floats_of(*row)[word]);
            let any = present().fold(0, |any, bits| any | bits);
            let all = present().fold(u64::MAX, |all, bits| all & bits);
            each_bit(&[any], |bit| {
                let step = word * 64 + bit;
                if native.is_some_and(|row| block.histogram(row, step).is_some()) {
                    return;
                }
                counts.clear();
                if all >> bit & 1 == 1 {
                    counts.extend(columns.iter().map(|column| column[step]));
                    f(step, &Found::Classic { bounds: &all_bounds, counts: &counts, ascending, labels, key: *id, first });
                    return;
                }
                some_bounds.clear();
                for (bound, row) in bounds {
                    if let Some(count) = block.float(*row, step) {
                        some_bounds.push(*bound);
                        counts.push(count);
                    }
                }
                f(step, &Found::Classic { bounds: &some_bounds, counts: &counts, ascending: false, labels, key: *id, first });
            });
        }
    }
}
