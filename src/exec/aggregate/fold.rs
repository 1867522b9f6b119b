//! The aggregations that need a few numbers for each group and step: sum, avg, min, max, count,
//! group, stddev, stdvar.

use super::Site;
use super::groups::Groups;
use super::histograms::{Running, Total};
use super::lane::{Avg, Count, Group, Lane, Max, Min, Sum, Variance};
use super::lanes::{Accumulators, Lanes};
use super::packed::Packed;
use crate::exec::{Block, Opened, Remark, Spool, Stop, in_order};
use crate::model::{Histogram, LabelSet};
use crate::syntax::ast::AggregateOp;

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
        AggregateOp::Sum => fold(site, lanes::<Sum, 2>, Added { average: false }),
        AggregateOp::Avg => fold(site, lanes::<Avg, 3>, Added { average: true }),
        AggregateOp::Min => fold(site, lanes::<Min, 1>, Ignored),
        AggregateOp::Max => fold(site, lanes::<Max, 1>, Ignored),
        AggregateOp::Count => fold(site, lanes::<Count, 1>, Counted),
        AggregateOp::Stddev => fold(site, lanes::<Variance<true>, 3>, Ignored),
        AggregateOp::Stdvar => fold(site, lanes::<Variance<false>, 3>, Ignored),
        _ => fold(site, lanes::<Group, 1>, Counted),
    }
}

/// The accumulators of a lane, eight steps of a range query side by side. In WebAssembly, where code
/// has to be loaded, those of an instant query are the same.
fn lanes<L: Lane<N> + 'static, const N: usize>(n: usize, groups: usize) -> Box<dyn Accumulators> {
    let alone = n == 1 && !cfg!(target_arch = "wasm32");
    if alone { Box::new(Lanes::<L, N, 1>::new(n, groups)) } else { Box::new(Lanes::<L, N, 8>::new(n, groups)) }
}

fn fold<'q>(site: &Site<'q>, lanes: fn(usize, usize) -> Box<dyn Accumulators>, histograms: Histograms) -> Result<Opened<'q>, Stop> {
    let operand = site.open_operand()?;
    let n = site.grid.n;
    let grouped = || {
        let groups = Groups::new(operand.rows(), site.grouping);
        let lanes = lanes(n, groups.ids().labels().len());
        (groups, lanes)
    };
    // Grouped by the thread that has the first block, while others make theirs.
    let mut state = None;
    let mut totals = Totals::default();
    in_order(&*operand, n, site.node, site.cx, &mut |block| {
        let (groups, lanes) = state.get_or_insert_with(grouped);
        let mut bytes = 0;
        for (i, row) in block.heads.iter().enumerate() {
            if block.any(i) {
                let slot = groups.slot(*row, block, i);
                lanes.grow(slot);
                let labels = &operand.rows()[*row as usize].labels;
                bytes += totals.take(slot, block, i, &mut **lanes, histograms, labels, site);
            }
            if n > 1
                && let Some(slot) = groups.complete(*row)
            {
                lanes.close(slot);
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
    let (groups, lanes) = state.unwrap_or_else(grouped);
    let rows = groups.into_rows();
    let values = lanes.finish();
    if totals.of.is_empty() {
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
    /// Of each slot; what they hold is empty while the group has no histogram.
    of: Vec<OfSlot>,
    ignored: bool,
    reconciled: bool,
}

/// The histograms of one group. A step has one sum at most.
#[derive(Default)]
struct OfSlot {
    packed: Packed,
    /// What is not so simple, by step.
    whole: Vec<Option<Box<Running>>>,
    any: bool,
    /// Bytes held by `whole`.
    bytes: usize,
}

impl OfSlot {
    fn is_whole(&self, step: usize) -> bool {
        self.whole.get(step).is_some_and(Option::is_some)
    }

    /// The sum of whole histograms at one of `n` steps, which takes over from the numbers there.
    fn whole(&mut self, n: usize, step: usize, first: impl FnOnce() -> Running) -> &mut Running {
        if self.whole.is_empty() {
            self.whole.resize_with(n, || None);
            self.bytes += n * size_of::<Option<Box<Running>>>();
        }
        self.whole[step].get_or_insert_with(|| {
            self.bytes += size_of::<Running>();
            Box::new(self.packed.take(step).unwrap_or_else(first))
        })
    }

    fn bytes(&self) -> usize {
        self.bytes + self.packed.bytes()
    }
}

impl Totals {
    fn any(&self, slot: usize) -> bool {
        self.of.get(slot).is_some_and(|of| of.any)
    }

    /// Adds a row. Gives the bytes held anew.
    #[allow(clippy::too_many_arguments)]
    fn take(
        &mut self,
        slot: usize,
        block: &Block,
        i: usize,
        lanes: &mut dyn Accumulators,
        histograms: Histograms,
        labels: &LabelSet,
        site: &Site<'_>,
    ) -> usize {
        let row_has = block.has_histograms(i);
        match histograms {
            Histograms::Added { average } if row_has || self.any(slot) => {
                return self.add_row(slot, block, i, lanes, average, labels, site);
            }
            Histograms::Counted if row_has => {
                let mut present = vec![0; block.words()];
                block.or_presence(i, &mut present);
                lanes.add_row(slot, block.values_of(i), &present);
            }
            _ => {
                self.ignored |= row_has;
                lanes.add_row(slot, block.values_of(i), block.floats_of(i));
            }
        }
        0
    }

    /// Adds a row of which it, or the group before it, has histograms. Gives the bytes held anew.
    #[allow(clippy::too_many_arguments)]
    fn add_row(
        &mut self,
        slot: usize,
        block: &Block,
        i: usize,
        lanes: &mut dyn Accumulators,
        average: bool,
        labels: &LabelSet,
        site: &Site<'_>,
    ) -> usize {
        if self.of.len() <= slot {
            self.of.resize_with(slot + 1, OfSlot::default);
        }
        let of = &mut self.of[slot];
        of.any = true;
        let before = of.bytes();
        let column = block.hists.column();
        for step in 0..block.n {
            if let Some(x) = block.float(i, step) {
                if of.is_whole(step) || of.packed.has(step) {
                    of.whole(block.n, step, Running::default).add_float();
                } else {
                    lanes.add(slot, step, x);
                }
            } else if let Some(which) = block.slot(i, step) {
                let after_float = lanes.has(slot, step);
                if !after_float && !of.is_whole(step) && of.packed.add(block.n, step, column, which, average) {
                    continue;
                }
                let Some(h) = column.get(which).map(|h| h.to_histogram()) else { continue };
                let first = || if after_float { Running::after_float() } else { Running::default() };
                let added = of.whole(block.n, step, first).add(&h, average);
                of.bytes += bytes_of(&h);
                self.reconciled |= added.reconciled;
                if added.incompatible {
                    site.note_operand(Remark::MixedExponentialCustom { metric: labels.metric_name().into() });
                }
            }
        }
        of.bytes() - before
    }

    /// Puts the totals beside the floats of a block, a row a slot.
    fn finish(self, out: &mut Block, average: bool, site: &Site<'_>) {
        let (mut mixed, mut conflict) = (false, false);
        for (slot, of) in self.of.into_iter().enumerate() {
            conflict |= of.packed.finish(average, out, slot);
            for (step, running) in of.whole.into_iter().enumerate() {
                let Some(running) = running else { continue };
                match running.finish(average) {
                    Total::Histogram(h, conflicting) => {
                        conflict |= conflicting;
                        out.set_histogram(slot, step, &h);
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
