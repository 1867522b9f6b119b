//! A whole row of windows at once: the float samples of one series and the bounds of every
//! window over them.
//!
//! A sliding kernel goes through the windows in the order of the steps and keeps what two
//! neighbours share, so that its cost grows with samples + steps and not with the length of the
//! windows. What it gives for a window depends on that window alone, never on the grid.

use super::bounds::{Bounds, CHUNK, Ends};
use super::kernel::WindowSite;
use super::range::{Moments, Pending, Resets, Stretch, start_reset};
use crate::exec::block::{bits_from, each_bit};
use crate::exec::{Cx, Grid, Remark, Stop, Windows};
use crate::model::LabelSet;
use crate::plan::Node;
use std::cell::Cell;
use std::sync::Arc;

/// A function over all windows of one series.
pub(crate) type Sliding = fn(&Column<'_>, &mut Row<'_>) -> Result<(), Stop>;

/// Counts the samples that a kernel looks at, so that a query can end inside a long row.
pub(crate) struct Pace<'a> {
    pub(crate) cx: &'a Cx<'a>,
    visits: Cell<usize>,
}

impl<'a> Pace<'a> {
    /// Samples between two looks at the clock.
    const STRIDE: usize = 1 << 15;

    pub(crate) fn new(cx: &'a Cx<'a>) -> Pace<'a> {
        Pace { cx, visits: Cell::default() }
    }
    /// Counts samples.
    #[inline]
    pub(crate) fn spend(&self, visits: usize) {
        self.visits.set(self.visits.get().saturating_add(visits));
    }
    /// Deadline and cancellation, where enough samples were counted since the last time.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.visits.get() < Pace::STRIDE {
            return Ok(());
        }
        self.visits.set(0);
        self.cx.check()
    }
}

/// What kernels keep from row to row: memory, and what follows from times that rows share.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) stretch: Cell<Stretch>,
    pub(crate) resets: Cell<Resets>,
    pub(crate) totals: Cell<Vec<f64>>,
    pub(crate) trails: Cell<[Vec<f64>; 2]>,
    pub(crate) moments: Cell<Moments>,
    pub(crate) pending: Cell<Pending>,
}

/// One series of a range vector as a sliding kernel sees it. The bounds of extended windows are
/// those of the extension.
pub(crate) struct Column<'a> {
    /// Times of all samples, ms, ascending.
    pub(crate) time: &'a [i64],
    /// Their values. No window has a histogram in it; there may be some between windows.
    pub(crate) value: &'a [f64],
    /// Start timestamps in ms, 0 where unknown; empty if there are none.
    pub(crate) start: &'a [i64],
    pub(crate) bounds: &'a Bounds,
    pub(crate) ends: &'a Ends,
    pub(crate) windows: &'a Windows,
    pub(crate) grid: &'a Grid,
    /// The scalar arguments, a value for each step.
    pub(crate) scalars: &'a [Arc<[f64]>],
    pub(crate) labels: &'a LabelSet,
    pub(crate) site: &'a WindowSite<'a>,
    pub(crate) row: u32,
    pub(crate) pace: &'a Pace<'a>,
    pub(crate) work: &'a Work,
}

impl Column<'_> {
    /// The metric name of the series, or the empty text: for remarks, labels are not looked at before.
    pub(crate) fn metric(&self) -> &str {
        self.labels.metric_name()
    }
    /// Left end (excluded) of the window of a step, ms; without the extension.
    #[inline]
    pub(crate) fn begin(&self, step: usize) -> i64 {
        self.end(step).saturating_sub(self.windows.range)
    }
    /// Right end (included) of the window of a step, ms; without the extension.
    #[inline]
    pub(crate) fn end(&self, step: usize) -> i64 {
        self.ends.at(step)
    }
    /// Start timestamp of a sample, ms; 0 if unknown.
    #[inline]
    pub(crate) fn start_of(&self, i: usize) -> i64 {
        self.start.get(i).copied().unwrap_or(0)
    }
    /// Whether a counter was reset between a sample, not the first, and the one before it.
    #[inline]
    pub(crate) fn fell(&self, i: usize) -> bool {
        self.value[i] < self.value[i - 1]
            || (!self.start.is_empty() && start_reset(self.start_of(i - 1), self.time[i - 1], self.start_of(i), self.time[i]))
    }
    /// A scalar argument at a step; NaN if the call has none.
    #[inline]
    pub(crate) fn arg(&self, argument: usize, step: usize) -> f64 {
        self.scalars.get(argument).and_then(|column| column.get(step)).copied().unwrap_or(f64::NAN)
    }
    /// Remarks on an argument of the call.
    pub(crate) fn note(&self, step: usize, argument: usize, remark: Remark) {
        let span = self.site.args.get(argument).map_or(self.site.node.span, Node::note_span);
        self.site.cx.note(self.site.node, step, u64::from(self.row), span, remark);
    }
    /// Fails the query; the window of the step has no value.
    pub(crate) fn fault(&self, step: usize, message: impl Into<String>) {
        self.site.cx.fault(self.site.node, (u64::from(self.row), step as u64), message);
    }
    /// Goes through the windows that have samples: `f` gets step, first sample and the one past
    /// the last, and gives the window's value if it has one.
    #[inline]
    pub(crate) fn each(&self, row: &mut Row<'_>, mut f: impl FnMut(usize, usize, usize) -> Option<f64>) -> Result<(), Stop> {
        let mut seen = 0;
        let steps = self.bounds.steps();
        for from in steps.clone().step_by(CHUNK) {
            let values = &mut row.values[from..steps.end.min(from + CHUNK)];
            let (los, his) = self.bounds.columns(from..from + values.len());
            let mut present = 0;
            for (i, ((lo, hi), value)) in los.iter().zip(his).zip(values).enumerate() {
                let (lo, hi) = (*lo as usize, *hi as usize);
                if lo == hi {
                    continue;
                }
                self.pace.spend(1 + hi - seen);
                seen = hi;
                if let Some(result) = f(from + i, lo, hi) {
                    *value = result;
                    present |= 1 << i;
                }
                self.pace.check()?;
            }
            row.mark(from, present);
        }
        Ok(())
    }
    /// Fills all steps at once from the bounds of their windows: for what takes no longer than to
    /// look whether there is a sample. Where there is none, `f` gives anything.
    #[inline]
    pub(crate) fn every(&self, row: &mut Row<'_>, f: impl Fn(usize, usize) -> f64) -> Result<(), Stop> {
        let steps = self.bounds.steps();
        for (from, present) in steps.clone().step_by(CHUNK).zip(self.bounds.present()) {
            let taken = bits_from(row.present, from);
            let values = &mut row.values[from..steps.end.min(from + CHUNK)];
            let (los, his) = self.bounds.columns(from..from + values.len());
            let windows = los.iter().zip(his).map(|(lo, hi)| (*lo as usize, *hi as usize));
            match taken {
                0 => values.iter_mut().zip(windows).for_each(|(value, (lo, hi))| *value = f(lo, hi)),
                // Windows with histograms, which are left out here, have their values.
                _ => each_bit(&[*present], |i| values[i] = f(los[i] as usize, his[i] as usize)),
            }
            self.pace.spend(CHUNK);
            self.pace.check()?;
        }
        self.all_present(row);
        Ok(())
    }
    /// Gives a value to every window that has samples.
    pub(crate) fn all_present(&self, row: &mut Row<'_>) {
        for (from, present) in self.bounds.steps().step_by(CHUNK).zip(self.bounds.present()) {
            row.mark(from, *present);
        }
    }
}

/// Where the values of a row go: one for each step, and a bit where there is one.
pub(crate) struct Row<'a> {
    pub(crate) values: &'a mut [f64],
    pub(crate) present: &'a mut [u64],
}

impl Row<'_> {
    #[inline]
    pub(crate) fn set(&mut self, step: usize, value: f64) {
        self.values[step] = value;
        self.present[step / 64] |= 1 << (step % 64);
    }
    /// Says of some of the 64 steps from one on that they have a value.
    #[inline]
    pub(crate) fn mark(&mut self, from: usize, steps: u64) {
        let (word, by) = (from / 64, from % 64);
        self.present[word] |= steps << by;
        let next = if by == 0 { 0 } else { steps >> (64 - by) };
        if next != 0 {
            self.present[word + 1] |= next;
        }
    }
}
