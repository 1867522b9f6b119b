//! What each node of a plan does while it runs: counted only where somebody asked for it.
//!
//! [`super::open`] wraps what it opened where a context has a [`Probe`]; without one an
//! evaluation runs the same code as ever.

use super::{Block, Cx, Opened, RangeOp, Series, Stop, VectorOp, Windows};
use crate::clock::Moment;
use crate::model::{HashMap, LabelSet, Samples};
use crate::plan::{Measured, Node};
use crate::source::{Columns, Keep, SeriesSet, SourceError, TimeRange};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The counters of all nodes of a plan.
#[derive(Debug, Default)]
pub(crate) struct Probe(Mutex<HashMap<u32, Arc<Counter>>>);

/// What one node did so far.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    series: AtomicU64,
    points: AtomicU64,
    samples: AtomicU64,
    nanos: AtomicU64,
}

impl Counter {
    fn count(&self, series: u64, points: u64) {
        self.series.fetch_add(series, Ordering::Relaxed);
        self.points.fetch_add(points, Ordering::Relaxed);
    }
    fn spend(&self, since: Moment) {
        let nanos = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}

impl Probe {
    fn counter(&self, node: &Node) -> Arc<Counter> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).entry(node.rank).or_default().clone()
    }

    /// What was measured of a node; `None` if it never ran.
    pub(crate) fn of(&self, node: &Node) -> Option<Measured> {
        let counters = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let counter = counters.get(&node.rank)?;
        let total = Duration::from_nanos(counter.nanos.load(Ordering::Relaxed));
        Some(Measured {
            series: counter.series.load(Ordering::Relaxed),
            points: counter.points.load(Ordering::Relaxed),
            samples: counter.samples.load(Ordering::Relaxed),
            total,
            own: total,
        })
    }

    /// Opens a node, and watches what comes of it.
    pub(crate) fn watch<'q>(
        &self,
        node: &Node,
        grid: &super::Grid,
        open: impl FnOnce() -> Result<Opened<'q>, Stop>,
    ) -> Result<Opened<'q>, Stop> {
        let began = Moment::now();
        let opened = open();
        let counter = self.counter(node);
        counter.spend(began);
        Ok(match opened? {
            Opened::Vector(inner) => {
                let seen = Seen::new(inner.rows().len());
                Opened::Vector(Arc::new(Watched { inner, counter, seen }))
            }
            Opened::Range(inner) => {
                let seen = Seen::new(inner.count());
                Opened::Range(Arc::new(Watched { inner, counter, seen }))
            }
            Opened::Scalar(values) => {
                counter.count(1, grid.n as u64);
                Opened::Scalar(values)
            }
            text => text,
        })
    }

    /// Counts the samples that a selector's series give.
    pub(crate) fn count_samples<'q>(&self, node: &Node, set: Box<dyn SeriesSet + 'q>) -> Box<dyn SeriesSet + 'q> {
        Box::new(Counted { set, counter: self.counter(node) })
    }
}

/// Which rows were counted: an operator may be asked for a row more than once.
struct Seen(Mutex<Vec<u64>>);

impl Seen {
    fn new(rows: usize) -> Seen {
        Seen(Mutex::new(vec![0; rows.div_ceil(64)]))
    }
    /// Whether this is the first time.
    fn first(&self, row: u32) -> bool {
        let mut words = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let Some(word) = words.get_mut(row as usize / 64) else { return false };
        let bit = 1 << (row % 64);
        let first = *word & bit == 0;
        *word |= bit;
        first
    }
}

/// An operator that is watched.
struct Watched<O: ?Sized> {
    counter: Arc<Counter>,
    seen: Seen,
    inner: Arc<O>,
}

impl VectorOp for Watched<dyn VectorOp + '_> {
    fn rows(&self) -> &[Series] {
        self.inner.rows()
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let began = Moment::now();
        let before = out.len();
        let done = self.inner.fill(rows, cx, out);
        self.counter.spend(began);
        for i in before..out.len() {
            let floats: u32 = out.floats_of(i).iter().map(|word| word.count_ones()).sum();
            let points = u64::from(floats) + out.slots(i).count() as u64;
            if points > 0 && out.heads.get(i).is_some_and(|row| self.seen.first(*row)) {
                self.counter.count(1, points);
            }
        }
        done
    }
}

impl RangeOp for Watched<dyn RangeOp + '_> {
    fn count(&self) -> usize {
        self.inner.count()
    }
    fn labels(&self, row: u32) -> &LabelSet {
        self.inner.labels(row)
    }
    fn drops_name(&self, row: u32) -> bool {
        self.inner.drops_name(row)
    }
    fn windows(&self) -> Windows {
        self.inner.windows()
    }
    // That rows may be read in parts is not told: their samples are counted once.
    fn read(&self, row: u32, part: TimeRange, cx: &Cx<'_>, out: &mut Samples) -> Result<(), Stop> {
        let began = Moment::now();
        let done = self.inner.read(row, part, cx, out);
        self.counter.spend(began);
        if !out.time.is_empty() && self.seen.first(row) {
            self.counter.count(1, out.time.len() as u64);
        }
        done
    }
    fn read_values(&self, row: u32, before: u32, part: TimeRange, out: &mut Samples) -> Result<bool, Stop> {
        let began = Moment::now();
        let alike = self.inner.read_values(row, before, part, out)?;
        self.counter.spend(began);
        if alike && !out.time.is_empty() && self.seen.first(row) {
            self.counter.count(1, out.time.len() as u64);
        }
        Ok(alike)
    }
    fn read_kept(&self, row: u32, keep: Keep, cx: &Cx<'_>, out: &mut Samples) -> Result<usize, Stop> {
        let began = Moment::now();
        let left_out = self.inner.read_kept(row, keep, cx, out);
        self.counter.spend(began);
        if !out.time.is_empty() && self.seen.first(row) {
            self.counter.count(1, (out.time.len() + left_out.as_ref().copied().unwrap_or(0)) as u64);
        }
        left_out
    }
}

/// The series of a selector, their samples counted.
struct Counted<'q> {
    set: Box<dyn SeriesSet + 'q>,
    counter: Arc<Counter>,
}

impl SeriesSet for Counted<'_> {
    fn labels(&self) -> &[LabelSet] {
        self.set.labels()
    }
    fn read(&self, index: usize, range: TimeRange, columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        let done = self.set.read(index, range, columns, out);
        self.counter.samples.fetch_add(out.time.len() as u64, Ordering::Relaxed);
        done
    }
    // In WebAssembly nobody asks.
    #[cfg(not(target_arch = "wasm32"))]
    fn read_ranges(&self, index: usize, ranges: &[TimeRange], columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        let done = self.set.read_ranges(index, ranges, columns, out);
        self.counter.samples.fetch_add(out.time.len() as u64, Ordering::Relaxed);
        done
    }
    fn read_kept(&self, index: usize, range: TimeRange, columns: Columns, keep: Keep, out: &mut Samples) -> Result<usize, SourceError> {
        let left_out = self.set.read_kept(index, range, columns, keep, out);
        self.counter.samples.fetch_add(out.time.len() as u64, Ordering::Relaxed);
        left_out
    }
    fn read_values(&self, index: usize, like: usize, range: TimeRange, columns: Columns, out: &mut Vec<f64>) -> Result<bool, SourceError> {
        let alike = self.set.read_values(index, like, range, columns, out)?;
        if alike {
            self.counter.samples.fetch_add(out.len() as u64, Ordering::Relaxed);
        }
        Ok(alike)
    }
}
