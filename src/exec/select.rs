//! Leaves: selectors, read from the source row by row.

use super::block::{all_bits, word_of};
use super::likeness::Likeness;
use super::{Block, Cx, Grid, Opened, RangeOp, Series, Stop, VectorOp, Windows};
use crate::functions::bounds::Ends;
use crate::functions::cursor::{Cursor, past};
use crate::model::sample::same_times;
use crate::model::{LabelSet, Samples, is_stale};
use crate::plan::{Node, Select};
use crate::source::{Columns, Keep, Selection, SeriesSet, TimeRange};
use crate::wide::wide;
use std::sync::{Arc, Mutex, PoisonError};

/// So many rows at a time a source is told about before they are read.
pub(super) const AHEAD: usize = 16;

/// What both kinds of selectors read from.
struct Leaf<'q> {
    set: Box<dyn SeriesSet + 'q>,
    node: &'q Node,
    select: &'q Select,
    columns: Columns,
    offset: i64,
    pin: Option<i64>,
    /// What is looked at, where that is few of the samples.
    apart: Vec<TimeRange>,
}

impl<'q> Leaf<'q> {
    /// Opens a selector that looks at windows of `length` ms.
    fn open(node: &'q Node, select: &'q Select, length: i64, grid: &Grid, cx: &Cx<'q>) -> Result<Leaf<'q>, Stop> {
        let matchers = if select.propagated > 0 && cx.may_have_types() { select.own_matchers() } else { &select.matchers };
        let selection = Selection { matchers, range: select.window, hints: select.hints.clone() };
        let set = cx.select(node, &selection)?;
        cx.touch_series(set.labels().len(), node)?;
        let (values, start_timestamps, histogram_stats) = (select.values, cx.options.use_start_timestamps, select.histogram_stats);
        let columns = Columns { values, start_timestamps, histogram_stats };
        // A sliding `@` is exact at the first step and moves with the steps from there.
        let offset = match select.slide {
            Some(at) => select.offset.saturating_add(grid.start).saturating_sub(grid.pinned(at)),
            None => select.offset,
        };
        let pin = select.pin.map(|t| grid.pinned(t));
        let mut leaf = Leaf { set, node, select, columns, offset, pin, apart: Vec::new() };
        let plain = pin.is_none() && select.extension.is_none() && !histogram_stats && !cfg!(target_arch = "wasm32");
        if plain && grid.n > 1 && grid.step / 2 > length {
            let windows = leaf.windows(length);
            let ranges = (0..grid.n).map(|step| leaf.within(windows.times(grid.time(step))));
            leaf.apart = ranges.filter(|range| range.start <= range.end).collect();
        }
        Ok(leaf)
    }

    /// Whether no more is read than [`Leaf::apart`].
    fn is_apart(&self) -> bool {
        // In WebAssembly what this saves is not worth the code that has to be loaded.
        !cfg!(target_arch = "wasm32") && !self.apart.is_empty()
    }

    fn rows(&self) -> Vec<Series> {
        self.set.labels().iter().map(|l| Series { labels: l.clone(), drop_name: false }).collect()
    }

    fn expect(&self, rows: &[u32]) {
        self.set.expect(rows, self.select.window);
    }

    /// What a selector may read of a range.
    fn within(&self, range: TimeRange) -> TimeRange {
        let window = self.select.window;
        TimeRange { start: window.start.max(range.start), end: window.end.min(range.end) }
    }

    fn read(&self, row: u32, part: TimeRange, out: &mut Samples) -> Result<(), Stop> {
        let range = self.within(part);
        out.clear();
        if self.is_apart() {
            self.set.read_ranges(row as usize, &self.apart, self.columns, out)?;
        } else if range.start <= range.end {
            self.set.read(row as usize, range, self.columns, out)?;
        }
        if !self.columns.start_timestamps {
            out.start.clear();
        }
        Ok(())
    }

    /// Reads the values alone of a row whose times are sure to be those of row `before`, which are in
    /// `out`; gives whether they are.
    fn read_values(&self, row: u32, before: u32, part: TimeRange, out: &mut Samples) -> Result<bool, Stop> {
        let Samples { time, value, .. } = out;
        let alike = !self.is_apart() && self.set.read_values(row as usize, before as usize, self.within(part), self.columns, value)?;
        Ok(alike && time.len() == value.len())
    }

    /// Reads a window, or what is kept of it; gives how many samples are left out.
    fn read_kept(&self, row: u32, window: TimeRange, keep: Keep, out: &mut Samples) -> Result<usize, Stop> {
        let range = self.within(window);
        out.clear();
        let left_out = if range.start <= range.end { self.set.read_kept(row as usize, range, self.columns, keep, out)? } else { 0 };
        if !self.columns.start_timestamps {
            out.start.clear();
        }
        Ok(left_out)
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
    rows: Vec<Series>,
    grid: Grid,
    /// The reference time of each step.
    references: Ends,
    lookback: i64,
    emit: Emit,
    /// One for each thread at work.
    scratch: Mutex<Vec<Scratch>>,
}

/// What an instant selector read last.
#[derive(Default)]
struct Scratch {
    samples: Samples,
    likeness: Likeness,
    /// What was found in the samples.
    sight: Sight,
}

/// Opens an instant selector.
pub(crate) fn open_instant<'q>(
    node: &'q Node,
    select: &'q Select,
    emit: Emit,
    grid: &Grid,
    cx: &Cx<'q>,
) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    let mut leaf = Leaf::open(node, select, cx.options.lookback_delta, grid, cx)?;
    // [QUIRK] timestamp() looks a pinned selector up at `@ T` without its offset, although the
    // samples that it may see still end at T − offset.
    if emit != Emit::Value && select.pin.is_some() {
        leaf.offset = 0;
    }
    let references = Ends::new(leaf.windows(0), *grid);
    let rows = leaf.rows();
    Ok(Arc::new(InstantSelect {
        leaf,
        rows,
        grid: *grid,
        references,
        lookback: cx.options.lookback_delta,
        emit,
        scratch: Mutex::default(),
    }))
}

impl VectorOp for InstantSelect<'_> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let lock = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = lock().pop().unwrap_or_default();
        let Scratch { samples, likeness, sight } = &mut scratch;
        let mut pulse = super::cx::Pulse::default();
        let (before, n) = (out.len(), self.grid.n);
        for (i, &row) in rows.iter().enumerate() {
            if i % AHEAD == 0 {
                self.leaf.expect(&rows[i..rows.len().min(i + AHEAD)]);
            }
            let alike = match likeness.next(row, TimeRange::ALL) {
                Some(before) => self.leaf.read_values(row, before, TimeRange::ALL, samples)?,
                None => false,
            };
            if alike {
                likeness.found();
            } else {
                sight.keep(&mut samples.time);
                self.leaf.read(row, TimeRange::ALL, samples)?;
                if self.leaf.select.histogram_stats {
                    super::stats_mode::reduce(samples, (0..n).map(|step| self.references.at(step)), self.lookback);
                }
                sight.look(&samples.time, &self.references, n, self.lookback);
            }
            self.emit(row, samples, sight, out);
            if !alike && samples.has_stale() {
                self.leave_stale_out(samples, sight, out);
            }
            if self.emit == Emit::Value && !samples.histogram_at.is_empty() {
                self.set_histograms(samples, sight, out);
            }
            pulse.beat(samples.len() + n, cx)?;
        }
        lock().push(scratch);
        hold(self.leaf.node, before, out, 0, cx)
    }
}

impl InstantSelect<'_> {
    /// Appends a row: what is seen of the samples at each step.
    fn emit(&self, row: u32, samples: &Samples, sight: &Sight, out: &mut Block) {
        let n = self.grid.n;
        match self.emit {
            Emit::Value => out.push_columns(row, &sight.seen, |to| sight.extend(to, &samples.value, n, |v| v)),
            Emit::Time => out.push_columns(row, &sight.seen, |to| sight.extend(to, &samples.time, n, |t| t as f64 / 1000.0)),
            Emit::Start => out.push_columns(row, &sight.seen, |to| sight.extend(to, &samples.start, n, |t| t as f64 / 1000.0)),
        }
    }

    /// Takes away what is stale in the last row.
    fn leave_stale_out(&self, samples: &Samples, sight: &Sight, out: &mut Block) {
        let i = out.len() - 1;
        for (step, last) in sight.lasts(self.grid.n).enumerate() {
            if samples.value.get(last).is_some_and(|v| is_stale(*v)) {
                out.clear(i, step);
            }
        }
    }

    /// Puts histograms into the last row in the places of their sums.
    fn set_histograms(&self, samples: &Samples, sight: &Sight, out: &mut Block) {
        let i = out.len() - 1;
        let mut before = None;
        for (step, last) in sight.lasts(self.grid.n).enumerate() {
            let found = if out.has(i, step) { samples.histogram_index(last) } else { None };
            if let Some(h) = found {
                out.clear(i, step);
                match before == found {
                    true => out.repeat_histogram(i, step),
                    false => out.set_histogram_from(i, step, &samples.histogram, h),
                }
            }
            before = found;
        }
    }
}

/// Which sample is the last one at each step. Series scraped together have the same times, so
/// that what was found for one holds for the next.
#[derive(Default)]
struct Sight {
    /// The times that this was found in, until [`Sight::keep`] of those of the row before.
    time: Vec<i64>,
    known: bool,
    /// Step `i` sees sample `i + first` …
    first: Option<usize>,
    /// … or that of this index: the last at or before its reference time, 0 where there is none.
    last: Vec<u32>,
    /// Bitmap of the steps at which it is young enough.
    seen: Vec<u64>,
}

impl Sight {
    /// Takes the times of the row that is done, before they are replaced by those of the next.
    fn keep(&mut self, time: &mut Vec<i64>) {
        std::mem::swap(&mut self.time, time);
    }

    fn look(&mut self, time: &[i64], references: &Ends, n: usize, lookback: i64) {
        if self.known && same_times(&self.time, time) {
            return;
        }
        self.known = true;
        self.seen.clear();
        self.first = one_each(time, references, n, lookback);
        // What is there from the row before is written over.
        self.last.resize(if self.first.is_some() { 0 } else { n }, 0);
        match self.first {
            Some(_) => self.seen.extend(all_bits(n)),
            None => wide(
                #[inline(always)]
                || self.find(time, *references, n, lookback),
            ),
        }
    }

    #[inline(always)]
    fn find(&mut self, time: &[i64], references: Ends, n: usize, lookback: i64) {
        let mut cursor = Cursor::new(time, references.distance());
        for from in (0..n).step_by(64) {
            let steps = from..n.min(from + 64);
            let before = time.first().is_none_or(|first| references.at(steps.end - 1) < *first);
            let after = time.last().is_some_and(|last| *last <= references.at(from).saturating_sub(lookback));
            if before || after {
                // A series may live for a small part of the query.
                let last = if before { 0 } else { time.len() - 1 };
                self.last[steps].fill(last as u32);
                self.seen.push(0);
                continue;
            }
            cursor.find(|i| references.at(from + i), &mut self.last[steps.clone()]);
            let mut young = [false; 64];
            for ((young, last), step) in young.iter_mut().zip(&mut self.last[from..]).zip(steps.clone()) {
                let found = *last > 0;
                *last = last.saturating_sub(1);
                let time = time.get(*last as usize).copied().unwrap_or(i64::MIN);
                *young = found & (time > references.at(step).saturating_sub(lookback));
            }
            let young = &young[..steps.len()];
            self.seen.push(match young.iter().fold(true, |all, young| all & young) {
                true => u64::MAX >> (64 - young.len()),
                false => word_of(young.iter().copied()),
            });
        }
    }

    /// The last sample of each step.
    fn lasts(&self, n: usize) -> impl Iterator<Item = usize> {
        (0..n).map(|step| match self.first {
            Some(first) => first + step,
            None => self.last.get(step).map_or(0, |last| *last as usize),
        })
    }

    /// Appends the element of a column that each step sees; anything where it sees nothing, and
    /// nothing for a column that is not there.
    fn extend<T: Copy>(&self, to: &mut Vec<f64>, column: &[T], n: usize, convert: impl Fn(T) -> f64) {
        let Some(end) = column.len().checked_sub(1) else { return };
        match self.first.and_then(|first| column.get(first..first + n)) {
            Some(run) => to.extend(run.iter().map(|v| convert(*v))),
            None => {
                for (last, seen) in self.last.chunks(64).zip(&self.seen) {
                    match seen {
                        0 => to.resize(to.len() + last.len(), 0.0),
                        _ => to.extend(last.iter().map(|i| convert(column[(*i as usize).min(end)]))),
                    }
                }
            }
        }
    }
}

/// Which sample the first step sees, where each step sees the one after that of the step before.
fn one_each(time: &[i64], references: &Ends, n: usize, lookback: i64) -> Option<usize> {
    let first = past(time, 0, references.at(0)).checked_sub(1)?;
    let seen = time.get(first..first.checked_add(n)?)?;
    let next = time.get(first + 1..)?.iter().chain([&i64::MAX]);
    let is_seen = |(step, (time, next)): (usize, (&i64, &i64))| {
        let reference = references.at(step);
        (*time <= reference) & (*next > reference) & (*time > reference.saturating_sub(lookback))
    };
    seen.iter().zip(next).enumerate().all(is_seen).then_some(first)
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
    Ok(Arc::new(RangeSelect { leaf: Leaf::open(node, select, range, grid, cx)?, range, grid: *grid, lookback: cx.options.lookback_delta }))
}

impl RangeOp for RangeSelect<'_> {
    fn count(&self) -> usize {
        self.leaf.set.labels().len()
    }
    fn labels(&self, row: u32) -> &LabelSet {
        &self.leaf.set.labels()[row as usize]
    }
    fn windows(&self) -> Windows {
        self.leaf.windows(self.range)
    }
    fn expect(&self, rows: &[u32]) {
        self.leaf.expect(rows);
    }
    fn divisible(&self, row: u32) -> Option<usize> {
        // In WebAssembly nobody asks.
        if cfg!(target_arch = "wasm32") || self.leaf.is_apart() {
            return None;
        }
        self.leaf.set.floats(row as usize, self.leaf.select.window)
    }
    fn read(&self, row: u32, part: TimeRange, _: &Cx<'_>, out: &mut Samples) -> Result<(), Stop> {
        self.leaf.read(row, part, out)?;
        if self.leaf.select.histogram_stats {
            let windows = self.windows();
            let (before, after) = windows.reach(self.lookback);
            let references = (0..self.grid.n).map(|step| windows.reference(self.grid.time(step)).saturating_add(after));
            super::stats_mode::reduce(out, references, self.range.saturating_add(before).saturating_add(after));
        }
        out.drop_stale();
        Ok(())
    }
    fn read_values(&self, row: u32, before: u32, part: TimeRange, out: &mut Samples) -> Result<bool, Stop> {
        self.leaf.read_values(row, before, part, out)
    }
    fn read_kept(&self, row: u32, keep: Keep, cx: &Cx<'_>, out: &mut Samples) -> Result<usize, Stop> {
        let windows = self.windows();
        if !self.grid.single() || windows.extension.is_some() || self.leaf.select.histogram_stats {
            return self.read(row, TimeRange::ALL, cx, out).map(|()| 0);
        }
        let left_out = self.leaf.read_kept(row, windows.times(self.grid.time(0)), keep, out)?;
        out.drop_stale();
        Ok(left_out)
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
        points += out.histogram_weight(i);
    }
    cx.hold_points(node, points, transient)
}
