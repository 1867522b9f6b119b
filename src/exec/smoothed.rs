//! Smoothed instant selectors: values interpolated between the samples around the step.

use super::{Block, Cx, Grid, Point, RangeOp, Remark, Series, Stop, VectorOp};
use crate::functions::range::interpolate;
use crate::model::{CounterResetHint, Samples};
use crate::plan::{Node, Select};
use crate::source::TimeRange;
use std::sync::Arc;

struct Smoothed<'q> {
    input: Arc<dyn RangeOp + 'q>,
    rows: Vec<Series>,
    node: &'q Node,
    grid: Grid,
}

/// Opens a smoothed instant selector.
pub(crate) fn open<'q>(node: &'q Node, select: &'q Select, grid: &Grid, cx: &Cx<'q>) -> Result<Arc<dyn VectorOp + 'q>, Stop> {
    let input = super::select::open_range(node, select, 0, grid, cx)?;
    let rows = super::names::series(&*input);
    Ok(Arc::new(Smoothed { input, rows, node, grid: *grid }))
}

impl VectorOp for Smoothed<'_> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let windows = self.input.windows();
        let lookback = cx.options.lookback_delta;
        let mut samples = Samples::default();
        let mut pulse = super::cx::Pulse::default();
        let before = out.len();
        for &row in rows {
            self.input.read(row, TimeRange::ALL, cx, &mut samples)?;
            let i = out.push_row(row);
            for step in 0..self.grid.n {
                pulse.beat(0, cx)?;
                let reference = windows.reference(self.grid.time(step));
                let lo = samples.time.partition_point(|t| *t <= reference.saturating_sub(lookback));
                let hi = samples.time.partition_point(|t| *t <= reference.saturating_add(lookback));
                if let Some(point) = self.at(&samples, (lo, hi), reference, (row, step), cx) {
                    out.set(i, step, point);
                }
            }
        }
        super::select::hold(self.node, before, out, 0, cx)
    }
}

impl Smoothed<'_> {
    /// The value at the reference time, from the samples `lo..hi` around it.
    fn at(&self, s: &Samples, (lo, hi): (usize, usize), reference: i64, (row, step): (u32, usize), cx: &Cx<'_>) -> Option<Point> {
        let metric = || self.input.labels(row).metric_name().to_string();
        let note = |remark| cx.note(self.node, step, u64::from(row), self.node.span, remark);
        let histograms = s.histograms_of(lo, hi).len();
        if histograms > 0 && histograms < hi - lo {
            note(Remark::MixedFloatsHistograms { metric: metric() });
            return None;
        }
        let after = lo + s.time[lo..hi].partition_point(|t| *t <= reference);
        let last = after.checked_sub(1).filter(|last| *last >= lo)?;
        let exact = s.time[last] == reference;
        let Some(h) = s.histogram_at(last) else {
            let a = (s.time[last], s.value[last]);
            return Some(Point::Float(if exact || after == hi {
                a.1
            } else {
                interpolate::floats(a, (s.time[after], s.value[after]), reference, false)
            }));
        };
        if exact {
            return Some(Point::Histogram(Arc::new(h.to_histogram())));
        }
        if after == hi {
            let carried = crate::model::Histogram { counter_reset_hint: CounterResetHint::Unknown, ..h.to_histogram() };
            return Some(Point::Histogram(Arc::new(carried)));
        }
        let next = s.histogram_at(after)?;
        let gauge = |h: crate::model::HistogramRef<'_>| h.counter_reset_hint == CounterResetHint::Gauge;
        let counter = !(gauge(h) && gauge(next));
        if h.has_custom_buckets() != next.has_custom_buckets() {
            note(Remark::MixedExponentialCustom { metric: metric() });
            return None;
        }
        let mut remarks = Vec::new();
        let between = interpolate::histograms(
            (s.time[last], &h.to_histogram()),
            (s.time[after], &next.to_histogram()),
            reference,
            counter,
            &mut remarks,
        );
        remarks.into_iter().for_each(note);
        between.map(|h| Point::Histogram(Arc::new(h)))
    }
}
