//! Leaves: selectors, read from the source row by row.

use super::{Block, Cx, Grid, Opened, RangeOp, Series, Stop, VectorOp, Windows};
use crate::model::{Samples, is_stale};
use crate::plan::{Node, Select};
use crate::source::{Columns, Selection, SeriesSet};
use std::sync::Arc;

/// What both kinds of selectors read from.
struct Leaf<'q> {
    set: Box<dyn SeriesSet + 'q>,
    rows: Vec<Series>,
    node: &'q Node,
    select: &'q Select,
    columns: Columns,
    offset: i64,
    pin: Option<i64>,
}

impl<'q> Leaf<'q> {
    fn open(node: &'q Node, select: &'q Select, grid: &Grid, cx: &Cx<'q>) -> Result<Leaf<'q>, Stop> {
        let selection = Selection { matchers: &select.matchers, range: select.window, hints: select.hints.clone() };
        let set = cx.source.select(&selection)?;
        let rows: Vec<Series> = set.labels().iter().map(|l| Series { labels: l.clone(), drop_name: false }).collect();
        cx.touch_series(rows.len(), &node.describe())?;
        let columns = Columns { values: true, start_timestamps: cx.options.use_start_timestamps, histogram_stats: false };
        // A sliding `@` is exact at the first step and moves with the steps from there.
        let offset = match select.slide {
            Some(at) => select.offset.saturating_add(grid.start).saturating_sub(grid.pinned(at)),
            None => select.offset,
        };
        let pin = select.pin.map(|t| grid.pinned(t));
        Ok(Leaf { set, rows, node, select, columns, offset, pin })
    }

    fn read(&self, row: u32, out: &mut Samples) -> Result<(), Stop> {
        let window = self.select.window;
        out.clear();
        if window.start <= window.end {
            self.set.read(row as usize, window, self.columns, out)?;
        }
        if !self.columns.start_timestamps {
            out.start.clear();
        }
        Ok(())
    }

    fn windows(&self, range: i64) -> Windows {
        Windows { range, offset: self.offset, pin: self.pin, extension: self.select.extension }
    }
}

/// What an instant selector gives for a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Emit {
    /// The sample.
    Value,
    /// Its own time in seconds.
    Time,
    /// Its start timestamp in seconds, 0 if unknown.
    Start,
}

/// An instant selector: at each step the last sample at or before the reference time, if it is
/// younger than the lookback delta and not stale.
struct InstantSelect<'q> {
    leaf: Leaf<'q>,
    grid: Grid,
    lookback: i64,
    emit: Emit,
}

/// Opens an instant selector.
pub(crate) fn open_instant<'q>(
    node: &'q Node,
    select: &'q Select,
    emit: Emit,
    grid: &Grid,
    cx: &Cx<'q>,
) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    let mut leaf = Leaf::open(node, select, grid, cx)?;
    // [QUIRK] timestamp() looks a pinned selector up at `@ T` without its offset, although the
    // samples that it may see still end at T − offset.
    if emit != Emit::Value && select.pin.is_some() {
        leaf.offset = 0;
    }
    Ok(Arc::new(InstantSelect { leaf, grid: *grid, lookback: cx.options.lookback_delta, emit }))
}

impl VectorOp for InstantSelect<'_> {
    fn rows(&self) -> &[Series] {
        &self.leaf.rows
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let windows = self.leaf.windows(0);
        let mut samples = Samples::default();
        let mut pulse = super::cx::Pulse::default();
        let before = out.len();
        for &row in rows {
            self.leaf.read(row, &mut samples)?;
            if self.leaf.select.histogram_stats {
                let references = (0..self.grid.n).map(|step| windows.reference(self.grid.time(step)));
                super::stats_mode::reduce(&mut samples, references, self.lookback);
            }
            let i = out.push_row(row);
            let mut next = 0;
            for step in 0..self.grid.n {
                pulse.beat(0, cx)?;
                let reference = windows.reference(self.grid.time(step));
                while next < samples.len() && samples.time[next] <= reference {
                    next += 1;
                }
                let Some(last) = next.checked_sub(1) else { continue };
                let time = samples.time[last];
                if time <= reference.saturating_sub(self.lookback) || is_stale(samples.value[last]) {
                    continue;
                }
                match self.emit {
                    Emit::Time => out.set_float(i, step, time as f64 / 1000.0),
                    Emit::Start => out.set_float(i, step, samples.start_of(last) as f64 / 1000.0),
                    Emit::Value => match samples.histogram_at(last) {
                        Some(h) => out.set_histogram(i, step, h.clone()),
                        None => out.set_float(i, step, samples.value[last]),
                    },
                }
            }
        }
        hold(self.leaf.node, before, out, 0, cx)
    }
}

/// A range selector.
struct RangeSelect<'q> {
    leaf: Leaf<'q>,
    range: i64,
    grid: Grid,
    lookback: i64,
}

/// Opens a range selector whose windows are `range` ms long.
pub(crate) fn open_range<'q>(
    node: &'q Node,
    select: &'q Select,
    range: i64,
    grid: &Grid,
    cx: &Cx<'q>,
) -> Result<Arc<dyn RangeOp + 'q>, Stop> {
    Ok(Arc::new(RangeSelect { leaf: Leaf::open(node, select, grid, cx)?, range, grid: *grid, lookback: cx.options.lookback_delta }))
}

impl RangeOp for RangeSelect<'_> {
    fn rows(&self) -> &[Series] {
        &self.leaf.rows
    }
    fn windows(&self) -> Windows {
        self.leaf.windows(self.range)
    }
    fn read(&self, row: u32, _: &Cx<'_>, out: &mut Samples) -> Result<(), Stop> {
        self.leaf.read(row, out)?;
        if self.leaf.select.histogram_stats {
            let windows = self.windows();
            let (before, after) = windows.reach(self.lookback);
            let references = (0..self.grid.n).map(|step| windows.reference(self.grid.time(step)).saturating_add(after));
            super::stats_mode::reduce(out, references, self.range.saturating_add(before).saturating_add(after));
        }
        out.drop_stale();
        Ok(())
    }
}

/// Opens a selector of either kind.
pub(crate) fn open<'q>(node: &'q Node, select: &'q Select, range: Option<i64>, grid: &Grid, cx: &Cx<'q>) -> Result<Opened<'q>, Stop> {
    Ok(match range {
        Some(range) => Opened::Range(open_range(node, select, range, grid, cx)?),
        None if select.extension == Some(crate::syntax::ast::Extension::Smoothed) => {
            Opened::Vector(super::smoothed::open(node, select, grid, cx)?)
        }
        None => Opened::Vector(open_instant(node, select, Emit::Value, grid, cx)?),
    })
}

/// Counts the points of the rows that a `fill` appended.
pub(crate) fn hold(node: &Node, before: usize, out: &Block, transient: u64, cx: &Cx<'_>) -> Result<(), Stop> {
    let mut points = 0;
    for i in before..out.len() {
        points += out.floats_of(i).iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
        points += out.hists_of(i).iter().flatten().map(|h| super::block::histogram_weight(h)).sum::<u64>();
    }
    cx.hold_points(node, points, transient)
}
