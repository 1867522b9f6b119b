//! Physical operators: a plan is opened against a source, and yields blocks of columns.
//!
//! A vector operator is a list of label sets, known when it is opened, plus a function from
//! rows to a [`Block`]: rows × all steps of the [`Grid`]. It has no cursor: any rows may be
//! asked for, in any order, by any thread. What needs its whole input before its first row
//! (aggregations, sorting, joins whose rows have several partners) reads it in `open` and keeps
//! a [`Spool`].
//!
//! Called by [`crate::engine`] alone.

pub(crate) mod aggregate;
pub(crate) mod binary;
pub(crate) mod block;
pub(crate) mod cx;
pub(crate) mod drive;
pub(crate) mod elementwise;
pub(crate) mod grid;
pub(crate) mod grouped;
mod held;
pub(crate) mod ids;
mod invariant;
mod likeness;
pub(crate) mod names;
#[cfg(feature = "parallel")]
mod parallel;
pub(crate) mod picked;
pub(crate) mod pool;
pub(crate) mod probe;
pub(crate) mod range_call;
pub(crate) mod remark;
mod root;
pub(crate) mod select;
mod shared;
mod smoothed;
mod stats_mode;
mod subquery;
pub(crate) mod until;

pub(crate) use block::{Block, Point};
pub(crate) use cx::{Cx, Stop};
pub(crate) use drive::{Spool, in_order};
pub(crate) use grid::Grid;
pub(crate) use remark::Remark;
pub(crate) use root::{instant, range};

use crate::functions::kernel::{CallSite, Kernel};
use crate::model::{ByteString, LabelSet, Samples, deep};
use crate::plan::{Kind, Node};
use crate::source::{Keep, TimeRange};
use crate::syntax::ast::{Extension, ValueType};
use std::sync::Arc;

/// A row of a vector: final labels, and whether the metadata labels go at the end of the query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) labels: LabelSet,
    /// Delayed name removal: `__name__`, `__type__` and `__unit__` are dropped at the root.
    pub(crate) drop_name: bool,
}

/// An opened instant vector.
pub(crate) trait VectorOp: Send + Sync {
    /// Label sets in the order of the vector. A superset: a row without points does not exist.
    fn rows(&self) -> &[Series];
    /// Appends one row to `out` for each of `rows`, in that order.
    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop>;
    /// Takes those of some rows away that are sure to have the points of the row before them, and
    /// gives them. Nobody has to ask.
    fn leave_alike_out(&self, _: &mut Vec<u32>, _: &Cx<'_>) -> Result<Vec<u32>, Stop> {
        Ok(Vec::new())
    }
    /// The rows with all their points, if those are there already.
    fn kept(self: Arc<Self>) -> Option<Arc<Spool>> {
        None
    }
}

/// The windows of a range vector: for each step `(reference − range, reference]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    /// ms
    pub(crate) range: i64,
    /// The reference time is the step less this, ms …
    pub(crate) offset: i64,
    /// … or this time less `offset`, for all steps.
    pub(crate) pin: Option<i64>,
    /// Extends the windows by the lookback delta.
    pub(crate) extension: Option<Extension>,
}

impl Windows {
    /// How far the extended windows reach beyond their own ends, left and right, ms.
    pub(crate) fn reach(&self, lookback: i64) -> (i64, i64) {
        match self.extension {
            None => (0, 0),
            Some(Extension::Anchored) => (lookback, 0),
            Some(Extension::Smoothed) => (lookback, lookback),
        }
    }
    /// Right end (included) of the window of a step at time `t`, ms.
    pub(crate) fn reference(&self, t: i64) -> i64 {
        self.pin.unwrap_or(t).saturating_sub(self.offset)
    }
    /// The times in the window of a step at time `t`, without the extension.
    pub(crate) fn times(&self, t: i64) -> TimeRange {
        let end = self.reference(t);
        TimeRange { start: end.saturating_sub(self.range).saturating_add(1), end }
    }
}

/// An opened range vector.
pub(crate) trait RangeOp: Send + Sync {
    /// How many series there are.
    fn count(&self) -> usize;
    /// The labels of one of them.
    fn labels(&self, row: u32) -> &LabelSet;
    /// Whether its name goes at the end of the query.
    fn drops_name(&self, _row: u32) -> bool {
        false
    }
    /// Where the windows lie.
    fn windows(&self) -> Windows;
    /// Says that these rows will be read next.
    fn expect(&self, _rows: &[u32]) {}
    /// How many samples a row has at most, where it can be read in parts.
    fn divisible(&self, _row: u32) -> Option<usize> {
        None
    }
    /// Replaces `out` by the samples of all windows of a row, by time, without stale markers; by no
    /// more of them than `part` has, where the row can be read in parts.
    fn read(&self, row: u32, part: TimeRange, cx: &Cx<'_>, out: &mut Samples) -> Result<(), Stop>;
    /// The same for a function that makes do with what is kept of a stretch of samples, where there
    /// is one window; gives how many samples are left out.
    fn read_kept(&self, row: u32, keep: Keep, cx: &Cx<'_>, out: &mut Samples) -> Result<usize, Stop> {
        let _ = keep;
        self.read(row, TimeRange::ALL, cx, out)?;
        Ok(0)
    }
    /// Where the samples of a row are sure to have the times of those of row `before`, which are in
    /// `out`, replaces no more than the values, if they are needed. `false` where that is not so,
    /// and `out` is of no use then.
    fn read_values(&self, row: u32, before: u32, part: TimeRange, out: &mut Samples) -> Result<bool, Stop> {
        let _ = (row, before, part, out);
        Ok(false)
    }
}

/// What opening a node gives.
#[derive(Clone)]
pub(crate) enum Opened<'q> {
    Vector(Arc<dyn VectorOp + 'q>),
    Range(Arc<dyn RangeOp + 'q>),
    /// A value at every step.
    Scalar(Arc<[f64]>),
    Text(ByteString),
}

/// Opens a node on a grid: reads what its labels depend on, and evaluates what needs its whole
/// input before its first row.
pub(crate) fn open<'q>(node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    match cx.shared(node) {
        Some(group) => deep(|| shared::open(group, node, grid, cx)),
        None => open_alone(node, grid, cx),
    }
}

/// Opens a node for this place of the query alone.
fn open_alone<'q>(node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    cx.check()?;
    cx.room_for(node, grid, 1)?;
    if let Kind::Call { function, .. } = &node.kind
        && function.returns == ValueType::Scalar
    {
        // A scalar has a point at every step: known before its column is made.
        cx.room_for_points(node, grid.n as u64)?;
    }
    let opened = deep(|| match &cx.probe {
        None => open_kind(node, grid, cx),
        Some(probe) => probe.watch(node, grid, || open_kind(node, grid, cx)),
    })?;
    if let Opened::Scalar(_) = opened {
        hold_column(node, grid, cx)?;
    }
    Ok(opened)
}

/// Counts the column of a scalar, and those that it was made of as gone.
fn hold_column(node: &Node, grid: &Grid, cx: &Cx<'_>) -> Result<(), Stop> {
    let (inputs, gathered) = match &node.kind {
        Kind::Binary { .. } => (2, 2),
        Kind::Negate(_) => (1, 0),
        Kind::Call { function, args } if matches!(function.kernel, Kernel::Scalar(_)) => (args.len() as u64, args.len() as u64),
        Kind::Call { args, .. } => (0, args.len() as u64),
        // Counted before it was made.
        Kind::Number(_) | Kind::Folded { .. } => return cx.hold_bytes(node, grid.n as u64 * 8),
        // Its inside has the column of one step.
        Kind::Invariant(_) => {
            cx.hold_copies(node, grid.n)?;
            return cx.hold_bytes(node, grid.n as u64 * 8);
        }
        _ => (0, 0),
    };
    cx.hold_bytes(node, grid.n as u64 * 8)?;
    cx.release_bytes(grid.n as u64 * 8 * inputs);
    cx.hold_points(node, grid.n as u64, gathered)
}

fn open_kind<'q>(node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    match &node.kind {
        Kind::Number(value) => {
            // Before the column is there: a literal over a long grid is easily written.
            cx.hold_points(node, grid.n as u64, 0)?;
            Ok(Opened::Scalar(vec![*value; grid.n].into()))
        }
        Kind::Folded { value, held } => {
            let points = grid.n as u64;
            cx.hold_points(node, points, held.saturating_sub(points))?;
            Ok(Opened::Scalar(vec![*value; grid.n].into()))
        }
        Kind::Text(text) => Ok(Opened::Text(text.clone())),
        Kind::Select(select) => select::open(node, select, None, grid, cx),
        Kind::Range(select, range) => select::open(node, select, Some(*range), grid, cx),
        Kind::Subquery(s) => subquery::open(node, s, grid, cx),
        Kind::Call { function, args } => match &function.kernel {
            Kernel::Float(f) => elementwise::open_float(*f, node, args, grid, cx),
            Kernel::Histogram(f) => elementwise::open_histogram(*f, node, args, grid, cx),
            Kernel::Date(f) => elementwise::open_date(*f, node, args, grid, cx),
            Kernel::Range(kernel) => range_call::open(kernel, node, args, grid, cx),
            Kernel::Scalar(f) => open_scalar(*f, node, args, grid, cx),
            Kernel::Special(open) => open(&CallSite { node, args, grid: *grid, cx }),
        },
        Kind::Aggregate { op, grouping, param, operand } => aggregate::open(*op, grouping, param.as_deref(), operand, node, grid, cx),
        Kind::Binary { op, return_bool, matching, lhs, rhs } => {
            binary::open(*op, *return_bool, matching.as_ref(), lhs, rhs, node, grid, cx)
        }
        Kind::Negate(child) => elementwise::open_negate(node, child, grid, cx),
        Kind::Invariant(child) => invariant::open(node, child, grid, cx),
    }
}

/// Opens an argument that is an instant vector.
pub(crate) fn open_vector<'q>(node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    match open(node, grid, cx)? {
        Opened::Vector(op) => Ok(op),
        _ => Err(mistyped(node)),
    }
}

/// Opens an argument that is a scalar: a value for each step.
pub(crate) fn open_column<'q>(node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Arc<[f64]>, Stop> {
    match open(node, grid, cx)? {
        Opened::Scalar(values) => Ok(values),
        _ => Err(mistyped(node)),
    }
}

/// Opens an argument that is a text.
pub(crate) fn open_text<'q>(node: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<ByteString, Stop> {
    match open(node, grid, cx)? {
        Opened::Text(text) => Ok(text),
        _ => Err(mistyped(node)),
    }
}

fn open_scalar<'q>(f: fn(&[f64]) -> f64, _: &'q Node, args: &'q [Node], grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    let columns = args.iter().map(|a| open_column(a, grid, cx)).collect::<Result<Vec<_>, _>>()?;
    let mut row = vec![0.0; columns.len()];
    let values = (0..grid.n).map(|step| {
        for (value, column) in row.iter_mut().zip(&columns) {
            *value = column[step];
        }
        f(&row)
    });
    Ok(Opened::Scalar(values.collect()))
}

/// A vector without rows.
pub(crate) fn nothing<'q>() -> Opened<'q> {
    Opened::Vector(Arc::new(Spool::default()))
}

/// A vector of one row without labels, with a value at every step.
pub(crate) fn one_row(values: &[f64]) -> Spool {
    let mut block = Block::new(values.len());
    let i = block.push_row(0);
    for (step, value) in values.iter().enumerate() {
        block.set_float(i, step, *value);
    }
    Spool::new(vec![Series { labels: LabelSet::default(), drop_name: false }], block)
}

/// The type check lets nothing else through; a tree built by hand may.
pub(crate) fn mistyped(node: &Node) -> Stop {
    Stop::unsupported(format!("an argument of this type for {}", node.describe()))
}
