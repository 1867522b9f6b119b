//! Range functions: a kernel over the windows of one series after the other.

use super::cx::Pulse;
use super::names::{Merge, dropped, merged};
use super::{Block, Cx, Grid, Opened, RangeOp, Series, Stop, VectorOp};
use crate::functions::Function;
use crate::functions::kernel::{RangeKernel, Window, WindowSite};
use crate::model::Samples;
use crate::model::labels::METRIC_NAME;
use crate::plan::Node;
use crate::syntax::ast::Extension;
use std::sync::Arc;

struct RangeCall<'q> {
    input: Arc<dyn RangeOp + 'q>,
    kernel: &'q RangeKernel,
    rows: Vec<Series>,
    /// The scalar arguments, a value for each step.
    scalars: Vec<Arc<[f64]>>,
    node: &'q Node,
    args: &'q [Node],
    grid: Grid,
}

/// Opens a call of a range function.
pub(crate) fn open<'q>(
    function: &'static Function,
    kernel: &'q RangeKernel,
    node: &'q Node,
    args: &'q [Node],
    grid: &Grid,
    cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
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
    if !extension_allowed(function.name, &*input, node, cx) {
        return Ok(super::nothing());
    }
    let rows = if kernel.keeps_name { input.rows().to_vec() } else { dropped(input.rows(), cx) };
    let op = Arc::new(RangeCall { input, kernel, rows, scalars, node, args, grid: *grid });
    Ok(Opened::Vector(merged(op, Merge::Range, node, grid, cx)?))
}

/// Whether a function may have an anchored or smoothed argument; a fault where it may not.
pub(crate) fn extension_allowed(function: &str, input: &dyn RangeOp, node: &Node, cx: &Cx<'_>) -> bool {
    let (modifier, allowed): (_, &[&str]) = match input.windows().extension {
        None => return true,
        Some(Extension::Anchored) => ("anchored", &["changes", "delta", "increase", "rate", "resets"]),
        Some(Extension::Smoothed) => ("smoothed", &["delta", "increase", "rate"]),
    };
    if allowed.contains(&function) {
        return true;
    }
    let list = allowed.join(", ");
    cx.fault(node, (0, 0), format!("{modifier} modifier can only be used with: {list} - not with {function}"));
    false
}

impl VectorOp for RangeCall<'_> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let mut samples = Samples::default();
        let before = out.len();
        let mut longest = 0;
        for &row in rows {
            self.input.read(row, cx, &mut samples)?;
            let i = out.push_row(row);
            longest = longest.max(self.fill_row(row, &samples, i, cx, out)?);
        }
        super::select::hold(self.node, before, out, longest, cx)
    }
}

/// Of every sample, what all before it count for; `None` where each counts one.
fn weights(samples: &Samples) -> Option<Vec<u64>> {
    if samples.histograms.is_empty() {
        return None;
    }
    let mut sums = Vec::with_capacity(samples.len() + 1);
    let mut sum = 0;
    let mut histograms = samples.histograms.iter().peekable();
    sums.push(0);
    for i in 0..samples.len() {
        let histogram = histograms.next_if(|h| h.at as usize == i);
        sum += histogram.map_or(1, |h| super::block::histogram_weight(&h.histogram));
        sums.push(sum);
    }
    Some(sums)
}

impl RangeCall<'_> {
    /// Gives what the heaviest window counts for in the sample budget.
    fn fill_row(&self, row: u32, samples: &Samples, i: usize, cx: &Cx<'_>, out: &mut Block) -> Result<u64, Stop> {
        let windows = self.input.windows();
        let lookback = cx.options.lookback_delta;
        let (before, after) = windows.reach(lookback);
        let labels = &self.input.rows()[row as usize].labels;
        let site = WindowSite { node: self.node, args: self.args, cx };
        let mut args = vec![0.0; self.scalars.len()];
        let weights = weights(samples);
        let mut pulse = Pulse::default();
        let (mut lo, mut hi, mut heaviest, mut floats) = (0, 0, 0, false);
        for step in 0..self.grid.n {
            let time = self.grid.time(step);
            let end = windows.reference(time);
            let start = end.saturating_sub(windows.range);
            let (left, right) = (start.saturating_sub(before), end.saturating_add(after));
            while hi < samples.len() && samples.time[hi] <= right {
                hi += 1;
            }
            while lo < hi && samples.time[lo] <= left {
                lo += 1;
            }
            pulse.beat(hi - lo, cx)?;
            if lo == hi {
                continue;
            }
            heaviest = heaviest.max(match &weights {
                None => (hi - lo) as u64,
                Some(sums) => sums[hi] - sums[lo],
            });
            for (arg, column) in args.iter_mut().zip(&self.scalars) {
                *arg = column[step];
            }
            let window = Window {
                samples,
                lo,
                hi,
                start,
                end,
                range: windows.range,
                time,
                extension: windows.extension,
                lookback,
                args: &args,
                metric: labels.metric_name(),
                site: &site,
                step,
                row,
            };
            if let Some(point) = (self.kernel.window)(&window) {
                floats |= matches!(point, super::Point::Float(_));
                out.set(i, step, point);
            }
        }
        if self.kernel.wants_counter && floats {
            self.check_counter(row, labels, cx);
        }
        Ok(heaviest)
    }

    /// Remarks on a series that does not look like a counter.
    fn check_counter(&self, row: u32, labels: &crate::model::LabelSet, cx: &Cx<'_>) {
        let Some(name) = labels.get(METRIC_NAME) else { return };
        let remark = if cx.options.type_and_unit_labels {
            let kind = labels.get("__type__").unwrap_or("");
            if kind == "counter" || kind == "histogram" {
                return;
            }
            super::Remark::PossibleNonCounterLabel { metric: name.into(), kind: kind.into() }
        } else {
            if ["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix)) {
                return;
            }
            super::Remark::PossibleNonCounter { metric: name.into() }
        };
        let span = self.args.first().map_or(self.node.span, Node::note_span);
        cx.note(self.node, self.grid.n, u64::from(row), span, remark);
    }
}
