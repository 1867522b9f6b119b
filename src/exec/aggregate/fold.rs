//! The aggregations that need a few numbers for each group and step: sum, avg, min, max, count,
//! group, stddev, stdvar.

use super::Site;
use super::groups::Groups;
use super::histograms::{Running, Total};
use super::lane::{Avg, Count, Group, Lane, Max, Min, Sum, Variance};
use super::lanes::Lanes;
use crate::exec::{Block, Opened, Remark, Spool, Stop, in_order};
use crate::model::Histogram;
use crate::syntax::ast::AggregateOp;
use std::sync::Arc;

/// What an aggregation does with histograms.
#[derive(Clone, Copy, PartialEq)]
enum Histograms {
    /// They are elements like any other.
    Counted,
    /// They are left out, and the aggregation says so.
    Ignored,
    /// They are added up, or averaged.
    Added { average: bool },
}

pub(super) fn open<'q>(site: &Site<'q>) -> Result<Opened<'q>, Stop> {
    use Histograms::{Added, Counted, Ignored};
    match site.op {
        AggregateOp::Sum => fold::<Sum, 2>(site, Added { average: false }),
        AggregateOp::Avg => fold::<Avg, 3>(site, Added { average: true }),
        AggregateOp::Min => fold::<Min, 1>(site, Ignored),
        AggregateOp::Max => fold::<Max, 1>(site, Ignored),
        AggregateOp::Count => fold::<Count, 1>(site, Counted),
        AggregateOp::Stddev => fold::<Variance<true>, 3>(site, Ignored),
        AggregateOp::Stdvar => fold::<Variance<false>, 3>(site, Ignored),
        _ => fold::<Group, 1>(site, Counted),
    }
}

fn fold<'q, L: Lane<N>, const N: usize>(site: &Site<'q>, histograms: Histograms) -> Result<Opened<'q>, Stop> {
    if site.grid.n == 1 { fold_wide::<L, N, 1>(site, histograms) } else { fold_wide::<L, N, 8>(site, histograms) }
}

/// Folds with `W` steps side by side.
fn fold_wide<'q, L: Lane<N>, const N: usize, const W: usize>(site: &Site<'q>, histograms: Histograms) -> Result<Opened<'q>, Stop> {
    let operand = site.open_operand()?;
    let n = site.grid.n;
    let mut groups = Groups::new(operand.rows(), site.grouping);
    let mut lanes = Lanes::<L, N, W>::new(n);
    let mut totals = Totals::default();
    in_order(&*operand, n, site.node, site.cx, |block| {
        let mut bytes = 0;
        for i in 0..block.len() {
            if !block.any(i) {
                continue;
            }
            let slot = groups.slot(block.heads[i], block, i);
            lanes.grow(slot);
            let row_has = block.hists_of(i).iter().any(Option::is_some);
            if !row_has && !totals.any(slot) {
                lanes.add_row(slot, block.values_of(i), block.floats_of(i));
                continue;
            }
            match histograms {
                Histograms::Counted => {
                    let mut present = vec![0; block.words()];
                    block.or_presence(i, &mut present);
                    lanes.add_row(slot, block.values_of(i), &present);
                }
                Histograms::Ignored => {
                    totals.ignored |= row_has;
                    lanes.add_row(slot, block.values_of(i), block.floats_of(i));
                }
                Histograms::Added { average } => {
                    let metric = operand.rows()[block.heads[i] as usize].labels.metric_name();
                    bytes += totals.add_row(slot, block, i, &mut lanes, average, metric, site);
                }
            }
        }
        site.hold(bytes + lanes.take_bytes())
    })?;
    if totals.ignored {
        site.note_operand(Remark::HistogramIgnoredInAggregation { aggregation: site.op.as_str() });
    }
    if totals.reconciled {
        site.note_operand(Remark::MismatchedCustomBuckets { during: "aggregation" });
    }
    let rows = groups.into_rows();
    let values = lanes.finish();
    if totals.running.is_empty() {
        site.cx.hold_points(site.node, values.len(), 0)?;
        return Ok(Opened::Vector(values.into_vector(rows)));
    }
    let mut out = values.into_block();
    totals.finish(&mut out, histograms == Histograms::Added { average: true }, site);
    site.done(Spool::new(rows, out))
}

/// Histograms of groups × steps, and what there is to say about them.
#[derive(Default)]
struct Totals {
    /// Of each slot, its steps; empty while the group has no histogram.
    running: Vec<Vec<Option<Box<Running>>>>,
    ignored: bool,
    reconciled: bool,
}

impl Totals {
    fn any(&self, slot: usize) -> bool {
        self.running.get(slot).is_some_and(|steps| !steps.is_empty())
    }

    /// Adds a row of which it, or the group before it, has histograms. Gives the bytes held anew.
    #[allow(clippy::too_many_arguments)]
    fn add_row<L: Lane<N>, const N: usize, const W: usize>(
        &mut self,
        slot: usize,
        block: &Block,
        i: usize,
        lanes: &mut Lanes<L, N, W>,
        average: bool,
        metric: &str,
        site: &Site<'_>,
    ) -> usize {
        if self.running.len() <= slot {
            self.running.resize_with(slot + 1, Vec::new);
        }
        let steps = &mut self.running[slot];
        let mut bytes = 0;
        if steps.is_empty() {
            steps.resize_with(block.n, || None);
            bytes += block.n * size_of::<Option<Box<Running>>>();
        }
        for (step, running) in steps.iter_mut().enumerate() {
            if let Some(x) = block.float(i, step) {
                match running {
                    Some(running) => running.add_float(),
                    None => lanes.add(slot, step, x),
                }
            } else if let Some(h) = block.histogram(i, step) {
                let running = running.get_or_insert_with(|| {
                    bytes += size_of::<Running>() + bytes_of(h);
                    Box::new(if lanes.has(slot, step) { Running::after_float() } else { Running::default() })
                });
                let added = running.add(h, average);
                self.reconciled |= added.reconciled;
                if added.incompatible {
                    site.note_operand(Remark::MixedExponentialCustom { metric: metric.into() });
                }
            }
        }
        bytes
    }

    /// Puts the totals beside the floats of a block, a row a slot.
    fn finish(self, out: &mut Block, average: bool, site: &Site<'_>) {
        let (mut mixed, mut conflict) = (false, false);
        for (slot, steps) in self.running.into_iter().enumerate() {
            for (step, running) in steps.into_iter().enumerate() {
                let Some(running) = running else { continue };
                match running.finish(average) {
                    Total::Histogram(h, conflicting) => {
                        conflict |= conflicting;
                        out.set_histogram(slot, step, Arc::new(*h));
                    }
                    Total::Mixed => {
                        mixed = true;
                        out.clear(slot, step);
                    }
                    Total::Nothing => {}
                }
            }
        }
        if mixed {
            site.note_operand(Remark::MixedFloatsHistogramsAgg);
        }
        if conflict {
            site.note_operand(Remark::CounterResetCollision { during: "aggregation" });
        }
    }
}

fn bytes_of(h: &Histogram) -> usize {
    size_of::<Histogram>() + 8 * (h.positive_buckets.len() + h.negative_buckets.len() + h.custom_values.len())
}
