//! Range functions: a kernel over the windows of one series after the other.

use super::likeness::Likeness;
use super::names::{Merge, merged_nameless, nameless, of_one_metric, series};
use super::select::AHEAD;
use super::{Block, Cx, Grid, Opened, RangeOp, Series, Stop, VectorOp};
use crate::functions::bounds::{Bounds, Ends};
use crate::functions::column::{Column, Pace, Row, Work};
use crate::functions::kernel::{RangeKernel, Window, WindowSite};
use crate::functions::native::Natives;
use crate::functions::{FloatReading, Function};
use crate::model::labels::METRIC_NAME;
use crate::model::order::sort_by;
use crate::model::{MatchOp, Matcher, Samples};
use crate::plan::{Kind, Node};
use crate::source::{Keep, TimeRange};
use crate::syntax::ast::Extension;
use std::sync::{Arc, Mutex, PoisonError};

mod parts;

struct RangeCall<'q> {
    input: Arc<dyn RangeOp + 'q>,
    kernel: &'q RangeKernel,
    rows: Vec<Series>,
    /// It wants counters, and it takes a look at each series to tell whether it is one.
    doubtful: bool,
    /// All of them are of one metric.
    one_metric: bool,
    /// The scalar arguments, a value for each step.
    scalars: Vec<Arc<[f64]>>,
    node: &'q Node,
    args: &'q [Node],
    grid: Grid,
    /// What workers took, filled and put back.
    scratch: Mutex<Vec<Scratch>>,
}

/// The memory of one worker.
#[derive(Default)]
struct Scratch {
    samples: Samples,
    likeness: Likeness,
    /// How many samples are left out of the one window.
    left_out: usize,
    bounds: Bounds,
    work: Work,
}

/// Opens a call of a range function.
pub(crate) fn open<'q>(kernel: &'q RangeKernel, node: &'q Node, args: &'q [Node], grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    let mut input = None;
    let mut scalars = Vec::new();
    for arg in args.iter().filter(|a| a.is_range()).chain(args.iter().filter(|a| !a.is_range())) {
        match super::open(arg, grid, cx)? {
            Opened::Range(range) => input = Some(range),
            Opened::Scalar(values) => scalars.push(values),
            _ => return Err(super::mistyped(node)),
        }
    }
    let input = input.ok_or_else(|| super::mistyped(node))?;
    if !extension_allowed(&*input, node, cx) {
        return Ok(super::nothing());
    }
    let rows: Vec<Series> = match kernel.keeps_name {
        true => series(&*input),
        false => (0..input.count()).map(|row| nameless(input.labels(row as u32), cx)).collect(),
    };
    let one_metric = of_one_metric(node, cx);
    let doubtful = kernel.wants_counter && !args.iter().any(|arg| selects_counters(arg, cx));
    let op = Arc::new(RangeCall {
        input: input.clone(),
        kernel,
        rows,
        doubtful,
        one_metric,
        scalars,
        node,
        args,
        grid: *grid,
        scratch: Mutex::default(),
    });
    Ok(Opened::Vector(merged_nameless(op, &mut (0..input.count()).map(|row| input.labels(row as u32)), Merge::Range, node, grid, cx)?))
}

/// Whether a metric has the name of a counter.
fn is_counter(name: &str) -> bool {
    ["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix))
}

/// Whether every series of a range selector has the name of a counter, as its matchers tell.
fn selects_counters(node: &Node, cx: &Cx<'_>) -> bool {
    let Kind::Range(select, _) = &node.kind else { return false };
    let named = |m: &Matcher| m.op == MatchOp::Equal && m.name == *METRIC_NAME && m.value.as_str().is_some_and(is_counter);
    !cx.options.type_and_unit_labels && select.matchers.iter().any(named)
}

/// Whether a function may have an anchored or smoothed argument; a fault where it may not.
pub(crate) fn extension_allowed(input: &dyn RangeOp, node: &Node, cx: &Cx<'_>) -> bool {
    let (modifier, allows): (_, fn(&Function) -> bool) = match input.windows().extension {
        None => return true,
        Some(Extension::Anchored) => ("anchored", |f| f.anchored),
        Some(Extension::Smoothed) => ("smoothed", |f| f.smoothed),
    };
    let Kind::Call { function, .. } = &node.kind else { return true };
    if allows(function) {
        return true;
    }
    let mut allowed: Vec<&str> = crate::functions::all().filter(|f| allows(f)).map(|f| f.name).collect();
    sort_by(&mut allowed, Ord::cmp);
    let (list, function) = (allowed.join(", "), function.name);
    cx.fault(node, (0, 0), format!("{modifier} modifier can only be used with: {list} - not with {function}"));
    false
}

impl VectorOp for RangeCall<'_> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }

    /// Where times alone count, series scraped together have the same points.
    fn leave_alike_out(&self, rows: &mut Vec<u32>, cx: &Cx<'_>) -> Result<Vec<u32>, Stop> {
        let of_times = matches!(&self.node.kind, Kind::Call { function, .. } if function.floats == FloatReading::Times);
        // In WebAssembly what this saves is not worth the code that has to be loaded.
        if !of_times || self.grid.single() || cx.options.window_by_window || cfg!(target_arch = "wasm32") {
            return Ok(Vec::new());
        }
        let (mut likeness, mut nothing, mut alike) = (Likeness::default(), Samples::default(), Vec::new());
        for some in std::mem::take(rows).chunks(AHEAD) {
            self.input.expect(some);
            for &row in some {
                match likeness.next(row, TimeRange::ALL) {
                    Some(before) if self.input.read_values(row, before, TimeRange::ALL, &mut nothing)? => {
                        likeness.found();
                        alike.push(row);
                    }
                    _ => rows.push(row),
                }
            }
        }
        Ok(alike)
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let lock = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = lock().pop().unwrap_or_default();
        let pace = Pace::new(cx);
        let windows = self.input.windows();
        let (ends, reach) = (Ends::new(windows, self.grid), windows.reach(cx.options.lookback_delta));
        let keep = self.kernel.keep.filter(|_| self.grid.single() && !cx.options.window_by_window);
        let before = out.len();
        let (mut heaviest, mut checked) = (0, None);
        for (part, times) in parts::of(&*self.input, rows, &ends) {
            for (i, &row) in rows.iter().enumerate() {
                if i % AHEAD == 0 {
                    self.input.expect(&rows[i..rows.len().min(i + AHEAD)]);
                }
                let alike = self.read(row, times, keep, &mut scratch, cx)?;
                let i = if part.start == 0 { out.push_row(row) } else { before + i };
                if !alike {
                    scratch.bounds.find(&scratch.samples.time, &ends, &part, reach, &pace)?;
                }
                heaviest = heaviest.max(weight(&scratch.samples, &scratch.bounds) + scratch.left_out as u64);
                self.fill_row(row, &mut scratch, &ends, &pace, i, cx, out)?;
                let asks = self.doubtful && part.end == self.grid.n && !(self.one_metric && checked.is_some());
                if asks && out.floats_of(i).iter().any(|word| *word != 0) {
                    self.check_counter(row, &mut checked, cx);
                }
            }
        }
        lock().push(scratch);
        super::select::hold(self.node, before, out, heaviest, cx)
    }
}

/// What the heaviest window counts for in the sample budget.
fn weight(samples: &Samples, bounds: &Bounds) -> u64 {
    if samples.histogram_at.is_empty() {
        return bounds.longest() as u64;
    }
    // Of every sample, what all before it count for.
    let mut sums = Vec::with_capacity(samples.len() + 1);
    let mut sum = 0;
    let mut histograms = samples.histogram_at.iter().enumerate().peekable();
    sums.push(0);
    for i in 0..samples.len() {
        let histogram = histograms.next_if(|(_, at)| **at as usize == i);
        sum += histogram.map_or(1, |(which, _)| super::block::histogram_weight(samples.histogram.size(which)));
        sums.push(sum);
    }
    let windows = bounds.steps().map(|step| bounds.window(step));
    windows.map(|(lo, hi)| sums[hi] - sums[lo]).max().unwrap_or(0)
}

impl RangeCall<'_> {
    /// Reads a part of a row; gives whether its times are surely those of the row before, so that the
    /// bounds of its windows are, too.
    fn read(&self, row: u32, part: TimeRange, keep: Option<Keep>, scratch: &mut Scratch, cx: &Cx<'_>) -> Result<bool, Stop> {
        let Scratch { samples, likeness, left_out, bounds, .. } = scratch;
        if let Some(keep) = keep {
            bounds.keep(&mut samples.time);
            *left_out = self.input.read_kept(row, keep, cx, samples)?;
            return Ok(false);
        }
        if let Some(before) = likeness.next(row, part)
            && self.input.read_values(row, before, part, samples)?
        {
            likeness.found();
            return Ok(true);
        }
        bounds.keep(&mut samples.time);
        self.input.read(row, part, cx, samples)?;
        Ok(false)
    }

    /// Computes a row. Which kernel a window gets depends on the window alone.
    #[allow(clippy::too_many_arguments)]
    fn fill_row(
        &self,
        row: u32,
        Scratch { samples, left_out, bounds, work, .. }: &mut Scratch,
        ends: &Ends,
        pace: &Pace<'_>,
        i: usize,
        cx: &Cx<'_>,
        out: &mut Block,
    ) -> Result<(), Stop> {
        let Ends { windows, grid, .. } = ends;
        let labels = self.input.labels(row);
        let site = WindowSite { node: self.node, args: self.args, cx };
        let left_out = *left_out;
        let one_by_one = cx.options.window_by_window || left_out > 0;
        let sliding = self.kernel.sliding.filter(|_| !one_by_one);
        if sliding.is_none() || !samples.histogram_at.is_empty() {
            let cache = Natives::default();
            let mut args = vec![0.0; self.scalars.len()];
            for step in bounds.steps() {
                let (lo, hi) = bounds.window(step);
                let natives = samples.histograms_of(lo, hi).len();
                if lo == hi || sliding.is_some() && natives == 0 {
                    continue;
                }
                for (arg, column) in args.iter_mut().zip(&self.scalars) {
                    *arg = column[step];
                }
                let time = grid.time(step);
                let end = ends.at(step);
                let window = Window {
                    samples,
                    lo,
                    hi,
                    left_out,
                    cache: &cache,
                    start: end.saturating_sub(windows.range),
                    end,
                    range: windows.range,
                    time,
                    extension: windows.extension,
                    lookback: cx.options.lookback_delta,
                    args: &args,
                    labels,
                    site: &site,
                    step,
                    row,
                };
                if sliding.is_some() {
                    bounds.leave_out(step);
                }
                let simple = windows.extension.is_none() && natives == hi - lo && !cx.options.window_by_window;
                if simple && self.kernel.native.is_some_and(|set| set(&window, out, i)) {
                    pace.spend(1);
                } else {
                    if let Some(point) = (self.kernel.window)(&window) {
                        out.set(i, step, point);
                    }
                    pace.spend(1 + hi - lo);
                }
                pace.check()?;
            }
        }
        if let Some(sliding) = sliding {
            let (values, present) = out.row_mut(i);
            let column = Column {
                time: &samples.time,
                value: &samples.value,
                start: &samples.start,
                bounds,
                ends,
                windows,
                grid,
                scalars: &self.scalars,
                labels,
                site: &site,
                row,
                pace,
                work,
            };
            sliding(&column, &mut Row { values, present })?;
        }
        Ok(())
    }

    /// Remarks on a series that does not look like a counter, unless the one checked before had
    /// the same name and type: a remark is told once, and all threads share the list.
    fn check_counter<'a>(&'a self, row: u32, checked: &mut Option<(&'a str, Option<&'a str>)>, cx: &Cx<'_>) {
        let labels = self.input.labels(row);
        let Some(name) = labels.get(METRIC_NAME) else { return };
        let kind = cx.options.type_and_unit_labels.then(|| labels.get("__type__").unwrap_or(""));
        if checked.replace((name, kind)) == Some((name, kind)) {
            return;
        }
        let remark = match kind {
            Some("counter" | "histogram") => return,
            Some(kind) => super::Remark::PossibleNonCounterLabel { metric: name.into(), kind: kind.into() },
            None if is_counter(name) => return,
            None => super::Remark::PossibleNonCounter { metric: name.into() },
        };
        let span = self.args.first().map_or(self.node.span, Node::note_span);
        cx.note(self.node, self.grid.n, u64::from(row), span, remark);
    }
}

#[cfg(test)]
mod tests;
