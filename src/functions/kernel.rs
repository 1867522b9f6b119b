//! How functions are computed: one shape of kernel for each kind of function.
//!
//! A kernel says what a function does to one element or one window; the drivers in
//! [`crate::exec`] do everything else (steps, labels, names, budget, remarks).

use super::column::Sliding;
use super::floats::Floats;
use super::native::{Natives, Whole};
use crate::exec::{Block, Cx, Grid, Opened, Point, Remark, Stop};
use crate::model::{HistogramRef, LabelSet, Samples};
use crate::plan::Node;
use crate::source::Keep;
use crate::syntax::ast::Extension;

/// How a function is computed.
pub(crate) enum Kernel {
    /// Float elements, some rows at a time; histograms are skipped, names dropped.
    Float(fn(&mut Floats<'_>)),
    /// Histogram elements one by one; floats are skipped, names dropped.
    Histogram(fn(&HistogramRef<'_>) -> f64),
    /// A part of a time: gets whole seconds since the epoch; without argument that of the step.
    Date(fn(i64) -> f64),
    /// One window of one series at a time.
    Range(RangeKernel),
    /// Scalars to a scalar, at each step.
    Scalar(fn(&[f64]) -> f64),
    /// Everything else: opens itself.
    Special(Special),
}

/// Opens a call that is more than a kernel over elements or windows.
pub(crate) type Special = for<'q> fn(&CallSite<'q>) -> Result<Opened<'q>, Stop>;

/// What a [`Special`] function gets to work with.
#[derive(Clone, Copy)]
pub(crate) struct CallSite<'q> {
    /// The call.
    pub(crate) node: &'q Node,
    /// Its arguments, in the order of the signature.
    pub(crate) args: &'q [Node],
    pub(crate) grid: Grid,
    pub(crate) cx: &'q Cx<'q>,
}

/// A function over windows.
#[derive(Clone, Copy)]
pub(crate) struct RangeKernel {
    /// The value of a window that has at least one sample, if it has one. Defines the function.
    pub(crate) window: fn(&Window<'_>) -> Option<Point>,
    /// The same for all windows of a series that hold floats alone.
    pub(crate) sliding: Option<Sliding>,
    /// The same for a window of histograms alone, set in a row of a block; false where `window`
    /// must see to it.
    pub(crate) native: Option<fn(&Window<'_>, &mut Block, usize) -> bool>,
    /// What `window` makes do with of a stretch of floats, beside their number.
    pub(crate) keep: Option<Keep>,
    /// The result keeps its name (first_over_time, last_over_time).
    pub(crate) keeps_name: bool,
    /// The series should be a counter by its name or type.
    pub(crate) wants_counter: bool,
}

impl RangeKernel {
    /// A kernel that takes one window after the other.
    pub(crate) const fn new(window: fn(&Window<'_>) -> Option<Point>) -> RangeKernel {
        RangeKernel { window, sliding: None, native: None, keep: None, keeps_name: false, wants_counter: false }
    }
    /// Takes windows of floats at once. What adds in an order of its own where windows are long
    /// leaves that under `strict_order`.
    pub(crate) const fn sliding(self, fill: Sliding) -> RangeKernel {
        RangeKernel { sliding: Some(fill), ..self }
    }
    /// Takes most windows of histograms without making any.
    pub(crate) const fn native(self, set: fn(&Window<'_>, &mut Block, usize) -> bool) -> RangeKernel {
        RangeKernel { native: Some(set), ..self }
    }
    /// See [`RangeKernel::keep`].
    pub(crate) const fn keeping(self, keep: Keep) -> RangeKernel {
        RangeKernel { keep: Some(keep), ..self }
    }
    /// See [`RangeKernel::keeps_name`].
    pub(crate) const fn named(self) -> RangeKernel {
        RangeKernel { keeps_name: true, ..self }
    }
    /// See [`RangeKernel::wants_counter`].
    pub(crate) const fn of_counter(self) -> RangeKernel {
        RangeKernel { wants_counter: true, ..self }
    }
}

/// One window of one series, and what a kernel may know about it.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    /// All samples of the series; those of the window are `lo..hi`.
    pub(crate) samples: &'a Samples,
    pub(crate) lo: usize,
    pub(crate) hi: usize,
    /// So many samples more are in the window, and not here: see [`RangeKernel::keep`].
    pub(crate) left_out: usize,
    /// What the windows of the series share.
    pub(crate) cache: &'a Natives,
    /// The window's left end, excluded, ms; without the extension of `anchored` and `smoothed`.
    pub(crate) start: i64,
    /// The window's right end, included, ms; without the extension.
    pub(crate) end: i64,
    /// Length of the window as asked for, ms.
    pub(crate) range: i64,
    /// Time of the step, ms: not `end`, where there is an offset or `@`.
    pub(crate) time: i64,
    pub(crate) extension: Option<Extension>,
    /// Lookback delta, ms.
    pub(crate) lookback: i64,
    /// The scalar arguments at this step, in the order of the signature.
    pub(crate) args: &'a [f64],
    /// The labels of the series.
    pub(crate) labels: &'a LabelSet,
    pub(crate) site: &'a WindowSite<'a>,
    pub(crate) step: usize,
    pub(crate) row: u32,
}

/// Where remarks and faults of a window go.
pub(crate) struct WindowSite<'a> {
    pub(crate) node: &'a Node,
    pub(crate) args: &'a [Node],
    pub(crate) cx: &'a Cx<'a>,
}

impl<'a> Window<'a> {
    /// The metric name of the series, or the empty text.
    pub(crate) fn metric(&self) -> &'a str {
        self.labels.metric_name()
    }
    /// Times of the window's samples, ms.
    pub(crate) fn times(&self) -> &'a [i64] {
        &self.samples.time[self.lo..self.hi]
    }
    /// Values of the window's samples; where there is a histogram its sum.
    pub(crate) fn values(&self) -> &'a [f64] {
        &self.samples.value[self.lo..self.hi]
    }
    /// Which of the series' histograms are in the window.
    pub(crate) fn natives(&self) -> std::ops::Range<usize> {
        self.samples.histograms_of(self.lo, self.hi)
    }
    /// The window's histograms.
    pub(crate) fn histograms(&self) -> Whole<'a> {
        self.cache.whole(self.samples, self.natives())
    }
    /// Number of samples that are here, of either kind.
    pub(crate) fn len(&self) -> usize {
        self.hi - self.lo
    }
    /// Number of samples, those left out included.
    pub(crate) fn count(&self) -> usize {
        self.len() + self.left_out
    }
    /// Start timestamp of a sample of the window, ms; 0 if unknown.
    pub(crate) fn start_of(&self, i: usize) -> i64 {
        self.samples.start_of(self.lo + i)
    }
    /// Remarks on an argument of the call.
    pub(crate) fn note(&self, argument: usize, remark: Remark) {
        let span = self.site.args.get(argument).map_or(self.site.node.span, Node::note_span);
        self.site.cx.note(self.site.node, self.step, u64::from(self.row), span, remark);
    }
    /// Fails the query; the window has no value.
    pub(crate) fn fault(&self, message: impl Into<String>) {
        self.site.cx.fault(self.site.node, (u64::from(self.row), self.step as u64), message);
    }
}
