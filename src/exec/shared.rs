//! What stands in a query more than once and is evaluated once ([`crate::plan::Shares`]).
//!
//! The first place that is opened is evaluated and kept; the others get the same, tell the same
//! remarks at their own positions, and count the same points in the sample budget. What would take
//! much memory is evaluated at each place anew.

use super::cx::Notes;
use super::{Cx, Grid, Opened, RangeOp, Spool, Stop, Windows};
use crate::model::{LabelSet, Samples};
use crate::plan::{Kind, Node};
use crate::source::TimeRange;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Bytes of a vector, or of the samples of a selector, that are kept for another place.
const MOST_KEPT: u64 = 8 << 20;

/// What was evaluated for a group on a grid.
type Entry = (u32, Grid, Arc<Kept>);

/// All that one evaluation keeps.
#[derive(Default)]
pub(super) struct Keep(Mutex<Vec<Entry>>);

impl Keep {
    fn find(&self, group: u32, grid: &Grid) -> Option<Arc<Kept>> {
        let entries = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        entries.iter().find(|(g, on, _)| *g == group && on == grid).map(|(_, _, kept)| kept.clone())
    }
    fn add(&self, group: u32, grid: &Grid, kept: Arc<Kept>) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((group, *grid, kept));
    }
}

/// The result of a place, and what another place has to tell and to count.
struct Kept {
    what: What,
    first: u32,
    last: u32,
    start: u32,
    notes: Notes,
    series: u64,
}

enum What {
    Vector(Arc<Spool>),
    Scalar(Arc<[f64]>),
    Samples(Arc<SampleCache>),
    /// Not kept: each place for itself.
    Nothing,
}

/// Opens a node of a group.
pub(super) fn open<'q>(group: u32, node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    if let Kind::Range(..) = node.kind {
        return open_range(group, node, grid, cx);
    }
    match cx.keep().find(group, grid) {
        Some(kept) => again(&kept, node, grid, cx),
        None => first(group, node, grid, cx),
    }
}

fn first<'q>(group: u32, node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    let outside = cx.swap_notes(Notes::default());
    let series = cx.touched_series();
    let opened = super::open_alone(node, grid, cx)?;
    let (opened, what) = match opened {
        Opened::Vector(op) => {
            let small = grid.row_bytes().saturating_mul(op.rows().len() as u64) <= MOST_KEPT;
            let kept = if small { Some(Spool::of(op.clone(), grid.n, node, cx)?) } else { op.clone().kept() };
            kept.map_or((Opened::Vector(op), What::Nothing), |spool| (Opened::Vector(spool.clone()), What::Vector(spool)))
        }
        Opened::Scalar(values) => (Opened::Scalar(values.clone()), What::Scalar(values)),
        other => (other, What::Nothing),
    };
    let notes = cx.swap_notes(outside);
    cx.retell(&notes, 0, 0);
    let series = cx.touched_series() - series;
    let kept = Kept { what, first: node.first, last: node.rank, start: node.span.start, notes, series };
    cx.keep().add(group, grid, Arc::new(kept));
    Ok(opened)
}

fn again<'q>(kept: &Kept, node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    let opened = match &kept.what {
        What::Vector(spool) => Opened::Vector(spool.clone()),
        What::Scalar(values) => {
            cx.hold_bytes(node, grid.n as u64 * 8)?;
            Opened::Scalar(values.clone())
        }
        What::Samples(_) | What::Nothing => return super::open_alone(node, grid, cx),
    };
    cx.touch_series(kept.series as usize, node)?;
    cx.hold_as(node, kept.first..=kept.last)?;
    cx.retell(&kept.notes, node.first.wrapping_sub(kept.first), node.span.start.wrapping_sub(kept.start));
    Ok(opened)
}

/// Samples of the rows of a range selector that some place has read.
#[derive(Default)]
struct SampleCache {
    rows: Vec<OnceLock<Samples>>,
    bytes: AtomicUsize,
}

/// A range selector that reads through a cache.
struct Cached<'q> {
    input: Arc<dyn RangeOp + 'q>,
    cache: Arc<SampleCache>,
}

fn open_range<'q>(group: u32, node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    let opened = super::open_alone(node, grid, cx)?;
    let Opened::Range(input) = opened else { return Ok(opened) };
    let cache = match cx.keep().find(group, grid).as_deref() {
        Some(Kept { what: What::Samples(cache), .. }) if cache.rows.len() == input.count() => cache.clone(),
        Some(_) => return Ok(Opened::Range(input)),
        None => {
            let rows = (0..input.count()).map(|_| OnceLock::new()).collect();
            let cache = Arc::new(SampleCache { rows, bytes: AtomicUsize::new(0) });
            let what = What::Samples(cache.clone());
            let (first, last, start) = (node.first, node.rank, node.span.start);
            cx.keep().add(group, grid, Arc::new(Kept { what, first, last, start, notes: Notes::default(), series: 0 }));
            cache
        }
    };
    Ok(Opened::Range(Arc::new(Cached { input, cache })))
}

impl RangeOp for Cached<'_> {
    fn count(&self) -> usize {
        self.input.count()
    }
    fn labels(&self, row: u32) -> &LabelSet {
        self.input.labels(row)
    }
    fn drops_name(&self, row: u32) -> bool {
        self.input.drops_name(row)
    }
    fn windows(&self) -> Windows {
        self.input.windows()
    }
    fn expect(&self, rows: &[u32]) {
        self.input.expect(rows);
    }
    fn read(&self, row: u32, _: TimeRange, cx: &Cx<'_>, out: &mut Samples) -> Result<(), Stop> {
        let slot = self.cache.rows.get(row as usize);
        if let Some(samples) = slot.and_then(OnceLock::get) {
            out.clear();
            out.time.extend_from_slice(&samples.time);
            out.value.extend_from_slice(&samples.value);
            out.start.extend_from_slice(&samples.start);
            return Ok(());
        }
        self.input.read(row, TimeRange::ALL, cx, out)?;
        // Histograms are large, and shared by their readers anyway.
        let bytes = out.len() * 24;
        if let Some(slot) = slot
            && out.histogram_at.is_empty()
            && self.cache.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= MOST_KEPT as usize
        {
            let _ = slot.set(out.clone());
        }
        Ok(())
    }
}
