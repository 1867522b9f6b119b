//! What one evaluation shares: source, options, remarks, faults and the budget.

use super::Grid;
use super::Remark;
use super::held::Held;
use super::pool::Pool;
use super::probe::Probe;
use crate::clock::Moment;
use crate::engine::{EngineOptions, QueryError};
use crate::model::{Annotation, HashMap, Severity, Span};
use crate::plan::{Kind, Node, Shares};
use crate::source::{Selection, SeriesSet, Source, SourceError};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Ends the evaluation at once; every other error is a fault. One word: nearly everything may end
/// this way, and hands it on.
#[derive(Debug)]
pub(crate) struct Stop(Box<StopKind>);

/// Why the evaluation ends.
#[derive(Debug)]
pub(crate) enum StopKind {
    /// A budget ran out: message and operator.
    Limit(String, String),
    Timeout,
    Cancelled,
    /// The source failed.
    Source(crate::source::SourceError),
    /// Something that is not there yet.
    Unsupported(String),
}

impl From<crate::source::SourceError> for Stop {
    fn from(e: crate::source::SourceError) -> Self {
        Stop(Box::new(StopKind::Source(e)))
    }
}

impl Stop {
    /// A budget ran out.
    pub(crate) fn limit(message: impl Into<String>, node: &Node) -> Stop {
        Stop(Box::new(StopKind::Limit(message.into(), node.describe())))
    }

    /// Something that is not there yet.
    pub(crate) fn unsupported(what: impl Into<String>) -> Stop {
        Stop(Box::new(StopKind::Unsupported(what.into())))
    }

    /// The same, but a limit is that of this operator.
    pub(crate) fn answered_by(mut self, node: &Node) -> Stop {
        if let StopKind::Limit(_, operator) = &mut *self.0 {
            *operator = node.describe();
        }
        self
    }

    /// Why.
    #[cfg(test)]
    pub(crate) fn kind(&self) -> &StopKind {
        &self.0
    }
}

impl From<Stop> for QueryError {
    fn from(stop: Stop) -> Self {
        match *stop.0 {
            StopKind::Limit(message, operator) => QueryError::Limit { message, operator },
            StopKind::Timeout => QueryError::Timeout,
            StopKind::Cancelled => QueryError::Cancelled,
            StopKind::Source(e) => QueryError::Source(e),
            StopKind::Unsupported(what) => QueryError::Unsupported(what),
        }
    }
}

/// An error of the query itself. The one with the smallest key is told; evaluation goes on, as
/// if the point were absent, so that the answer does not depend on the order of work.
struct Fault {
    key: (u32, u64, u64),
    message: String,
    span: Span,
}

/// What was remarked, one for each text.
#[derive(Default)]
pub(super) struct Notes(HashMap<(Severity, String), Noted>);

#[derive(Clone)]
struct Noted {
    key: (u32, u64, u64),
    span: Span,
    remark: Remark,
    occurrences: u64,
}

impl Noted {
    /// Adds another remark of the same text.
    fn merge(&mut self, other: &Noted) {
        self.occurrences += other.occurrences;
        self.remark.merge(&other.remark);
        let first = self.remark.keeps_first_position();
        if (first && other.key < self.key) || (!first && other.key >= self.key) {
            self.key = other.key;
            self.span = other.span;
        }
    }
}

/// Asks now and then, inside of long rows, whether the evaluation shall end.
#[derive(Default)]
pub(crate) struct Pulse(usize);

impl Pulse {
    /// Counts a piece of work: some `work` samples, or one.
    #[inline]
    pub(crate) fn beat(&mut self, work: usize, cx: &Cx<'_>) -> Result<(), Stop> {
        self.0 = self.0.saturating_add(work).saturating_add(1);
        if self.0 < 1 << 15 {
            return Ok(());
        }
        self.0 = 0;
        cx.check()
    }
}

/// Shared by all operators of one evaluation.
pub(crate) struct Cx<'q> {
    pub(crate) source: &'q dyn Source,
    pub(crate) options: &'q EngineOptions,
    /// The text of the query, for positions.
    pub(crate) text: &'q str,
    /// How many threads work on it, at least 1 …
    pub(crate) threads: usize,
    /// … and where the others come from.
    #[cfg_attr(not(feature = "parallel"), allow(dead_code))]
    pool: Option<&'q Pool>,
    faults: Mutex<Option<Fault>>,
    notes: Mutex<Notes>,
    held: Held<'q>,
    bytes: AtomicU64,
    series: AtomicU64,
    /// When the evaluation began, and how long it may take.
    deadline: Option<(Moment, Duration)>,
    cancel: Option<&'q AtomicBool>,
    /// Watches every node.
    pub(crate) probe: Option<Probe>,
    shares: Option<&'q Shares>,
    keep: super::shared::Keep,
}

impl<'q> Cx<'q> {
    pub(crate) fn new(
        source: &'q dyn Source,
        options: &'q EngineOptions,
        text: &'q str,
        plan: &'q Node,
        cancel: Option<&'q AtomicBool>,
    ) -> Cx<'q> {
        Cx {
            source,
            options,
            text,
            threads: 1,
            pool: None,
            faults: Mutex::new(None),
            notes: Mutex::default(),
            held: Held::new(plan),
            bytes: AtomicU64::new(0),
            series: AtomicU64::new(0),
            deadline: options.timeout.map(|timeout| (Moment::now(), timeout)),
            cancel,
            probe: None,
            shares: None,
            keep: super::shared::Keep::default(),
        }
    }

    /// On as many threads as the options say, others than the one that asks from a pool.
    pub(crate) fn helped(self, pool: &'q Pool) -> Cx<'q> {
        Cx { threads: super::pool::threads(self.options), pool: Some(pool), ..self }
    }

    /// The threads that work beside the one that asks, if there are any.
    #[cfg(feature = "parallel")]
    pub(super) fn helpers(&self) -> Option<&'q super::pool::Helpers> {
        self.pool?.helpers(self.threads)
    }

    /// Watches every node of the plan, on one thread, so that times add up.
    pub(crate) fn watched(mut self) -> Cx<'q> {
        (self.threads, self.pool) = (1, None);
        self.probe = Some(Probe::default());
        self
    }

    /// The series that a node selects.
    pub(crate) fn select(&self, node: &Node, selection: &Selection<'_>) -> Result<Box<dyn SeriesSet + 'q>, SourceError> {
        let set = self.source.select(selection)?;
        Ok(match &self.probe {
            None => set,
            Some(probe) => probe.count_samples(node, set),
        })
    }

    /// Whether a series may have a type or a unit.
    pub(super) fn may_have_types(&self) -> bool {
        self.source.may_have_types()
    }

    /// With what is evaluated once.
    pub(crate) fn sharing(self, shares: &'q Shares) -> Cx<'q> {
        Cx { shares: Some(shares), ..self }
    }

    /// The group of a node that stands in the query more than once.
    pub(super) fn shared(&self, node: &Node) -> Option<u32> {
        self.shares?.group(node)
    }

    pub(super) fn keep(&self) -> &super::shared::Keep {
        &self.keep
    }

    /// Puts other remarks in the place of those made so far, and gives these.
    pub(super) fn swap_notes(&self, notes: Notes) -> Notes {
        std::mem::replace(&mut lock(&self.notes), notes)
    }

    /// Tells remarks of one place of the query at another that is the same: `ranks` and `bytes` on.
    pub(super) fn retell(&self, told: &Notes, ranks: u32, bytes: u32) {
        let mut notes = lock(&self.notes);
        for (slot, noted) in &told.0 {
            let mut noted = noted.clone();
            noted.key.0 = noted.key.0.wrapping_add(ranks);
            // An expression that has lost its place has none here either.
            if noted.span != Span::default() {
                noted.span = Span::new(noted.span.start.wrapping_add(bytes), noted.span.end.wrapping_add(bytes));
            }
            match notes.0.get_mut(slot) {
                None => drop(notes.0.insert(slot.clone(), noted)),
                Some(known) => known.merge(&noted),
            }
        }
    }

    /// Series touched so far.
    pub(super) fn touched_series(&self) -> u64 {
        self.series.load(Ordering::Relaxed)
    }

    /// Counts the points of a place for another one.
    pub(super) fn hold_as(&self, node: &Node, ranks: std::ops::RangeInclusive<u32>) -> Result<(), Stop> {
        let shift = node.first.wrapping_sub(*ranks.start());
        self.within(node, self.held.repeat(ranks, shift))
    }

    /// Whether names are dropped at the end of the query rather than by each operation.
    pub(crate) fn delayed_names(&self) -> bool {
        self.options.delayed_name_removal
    }

    /// Records an error of the query. `key` orders errors inside a node: step, then row, for
    /// nodes that the reference evaluates by step; row, then step, for range functions.
    pub(crate) fn fault(&self, node: &Node, key: (u64, u64), message: impl Into<String>) {
        self.fault_ranked(node.rank, node.span, key, message);
    }

    /// Records an error that precedes the evaluation of the node's inputs.
    pub(crate) fn fault_before(&self, node: &Node, message: impl Into<String>) {
        self.fault_ranked(node.first, node.span, (0, 0), message);
    }

    fn fault_ranked(&self, rank: u32, span: Span, key: (u64, u64), message: impl Into<String>) {
        let key = (rank, key.0, key.1);
        let mut fault = lock(&self.faults);
        if fault.as_ref().is_none_or(|f| key < f.key) {
            *fault = Some(Fault { key, message: message.into(), span });
        }
    }

    /// Records a remark raised by `node` at a step, about the expression at `span`. `sub` orders
    /// remarks of one step. One is kept for each text.
    pub(crate) fn note(&self, node: &Node, step: usize, sub: u64, span: Span, remark: Remark) {
        let key = (node.rank, step as u64, sub);
        let mut notes = lock(&self.notes);
        let slot = (remark.severity(), remark.text());
        let noted = Noted { key, span, remark, occurrences: 1 };
        match notes.0.get_mut(&slot) {
            None => drop(notes.0.insert(slot, noted)),
            Some(known) => known.merge(&noted),
        }
    }

    /// Counts series that a selector found.
    pub(crate) fn touch_series(&self, count: usize, node: &Node) -> Result<(), Stop> {
        let total = self.series.fetch_add(count as u64, Ordering::Relaxed) + count as u64;
        if self.options.max_series > 0 && total > self.options.max_series {
            return Err(Stop::limit("query would load too many series into memory in query execution", node));
        }
        Ok(())
    }

    /// Counts points that a node made and holds, beside `transient` ones that it needs while it
    /// runs; fails when the sample budget is passed. Called once a block.
    pub(crate) fn hold_points(&self, node: &Node, points: u64, transient: u64) -> Result<(), Stop> {
        self.within(node, self.held.add(node, points, transient))?;
        self.check()
    }

    /// Counts the points of an invariant part at every step that it is copied to.
    pub(crate) fn hold_copies(&self, node: &Node, steps: usize) -> Result<(), Stop> {
        self.within(node, self.held.copy(node, steps))
    }

    fn within(&self, node: &Node, held: u64) -> Result<(), Stop> {
        if held > self.options.max_samples {
            return Err(too_many_samples(node));
        }
        Ok(())
    }

    /// Counts bytes of spools, accumulators and results.
    pub(crate) fn hold_bytes(&self, node: &Node, bytes: u64) -> Result<(), Stop> {
        let total = self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if total > self.options.max_bytes {
            return Err(self.too_many_bytes(node));
        }
        Ok(())
    }

    /// Counts columns that are gone again.
    pub(crate) fn release_bytes(&self, bytes: u64) {
        let _ = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| Some(held.saturating_sub(bytes)));
    }

    /// Fails where not even `rows` rows over a grid fit beside what is held: asked before
    /// anything of that size is allocated.
    pub(crate) fn room_for(&self, node: &Node, grid: &Grid, rows: usize) -> Result<(), Stop> {
        let needed = grid.row_bytes().saturating_mul(rows as u64);
        if self.bytes.load(Ordering::Relaxed).saturating_add(needed) > self.options.max_bytes {
            return Err(self.too_many_bytes(node));
        }
        Ok(())
    }

    /// Fails where `points` are more than the sample budget allows at all.
    pub(crate) fn room_for_points(&self, node: &Node, points: u64) -> Result<(), Stop> {
        self.within(node, points)
    }

    /// Bytes that are left of the budget.
    #[cfg(feature = "parallel")]
    pub(crate) fn bytes_left(&self) -> u64 {
        self.options.max_bytes.saturating_sub(self.bytes.load(Ordering::Relaxed))
    }

    /// A grid for a node, if it has no more steps than allowed.
    pub(crate) fn grid(&self, node: &Node, start: i64, end: i64, step: i64) -> Result<Grid, Stop> {
        let steps = Grid::steps(start, end, step);
        let limit = match self.options.max_steps {
            0 => u64::from(u32::MAX),
            max => max.min(u64::from(u32::MAX)),
        };
        if steps > limit {
            let what = if matches!(node.kind, Kind::Subquery(_)) { "subquery" } else { "range" };
            return Err(Stop::limit(format!("the {what} has {steps} steps, more than the limit of {limit}"), node));
        }
        Ok(Grid::new(start, end, step))
    }

    fn too_many_bytes(&self, node: &Node) -> Stop {
        Stop::limit(format!("query would hold more than {} bytes in query execution", self.options.max_bytes), node)
    }

    /// Deadline and cancellation. Called once a block.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.cancel.is_some_and(|c| c.load(Ordering::Relaxed)) {
            return Err(Stop(Box::new(StopKind::Cancelled)));
        }
        if self.deadline.is_some_and(|(began, timeout)| began.elapsed() >= timeout) {
            return Err(Stop(Box::new(StopKind::Timeout)));
        }
        Ok(())
    }

    /// The error to tell, if there was one; else the annotations, sorted by text.
    ///
    /// Here the sample budget is looked at for the last time: a node may have run before the
    /// results that would have waited beside it were made.
    pub(crate) fn finish(self) -> Result<Vec<Annotation>, QueryError> {
        if let Some(node) = self.held.over(self.options.max_samples) {
            return Err(too_many_samples(node).into());
        }
        if let Some(fault) = self.faults.into_inner().unwrap_or_else(|e| e.into_inner()) {
            return Err(QueryError::Execution { message: fault.message, span: fault.span });
        }
        let notes = self.notes.into_inner().unwrap_or_else(|e| e.into_inner()).0;
        let mut annotations: Vec<Annotation> = notes
            .into_iter()
            .map(|((severity, text), noted)| {
                let prefix = if severity == Severity::Warning { "warning" } else { "info" };
                let place = crate::model::span::line_column(self.text, noted.span.start);
                let suffix = noted.remark.suffix(noted.occurrences);
                Annotation { severity, rendered: format!("PromQL {prefix}: {text}{suffix} ({place})"), text, span: noted.span }
            })
            .collect();
        crate::model::order::sort_by(&mut annotations, |a, b| (a.severity, &a.rendered).cmp(&(b.severity, &b.rendered)));
        Ok(annotations)
    }
}

fn too_many_samples(node: &Node) -> Stop {
    Stop::limit("query processing would load too many samples into memory in query execution", node)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
