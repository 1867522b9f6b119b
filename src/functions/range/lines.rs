//! deriv and predict_linear over all windows of a series.

use super::moments::Moments;
use super::regression::{Sums, linear_regression};
use crate::exec::Stop;
use crate::exec::block::each_bit;
use crate::functions::bounds::CHUNK;
use crate::functions::column::{Column, Row};
use crate::functions::over_time::cut::{self, Joined, Part, View};
use crate::functions::over_time::lanes::{Chain, TAME, Vectors, add};
use crate::functions::over_time::vector::Vector;
use crate::wide::wide;
use std::cell::Cell;
use std::ops::Range;

/// Longest distance of times for which the sums of whole numbers fit: 139 years in ms.
const FAR: u64 = 1 << 42;
/// Largest magnitude of values for which no product or sum overflows.
const LARGE: f64 = 1e200;

/// The sums of a least-squares line in which values take part, with times in ms after the cut,
/// each with its compensation.
#[derive(Clone, Copy, Default)]
struct Fit {
    y: [f64; 2],
    xy: [f64; 2],
    /// The largest magnitude, NaN aside. Sums of values above [`LARGE`] are not looked at.
    peak: f64,
}

impl Part<4> for Fit {
    #[inline]
    fn add(&mut self, time: i64, value: f64) {
        let Fit { y: [sy, cy], xy: [sxy, cxy], peak } = self;
        add(value, sy, cy);
        add_product(product(time as f64, value), sxy, cxy);
        *peak = peak.max(value.abs());
    }
    #[inline]
    fn of_chain(_: usize, [sy, cy, sxy, cxy]: [f64; 4]) -> Fit {
        Fit { y: [sy, cy], xy: [sxy, cxy], peak: TAME }
    }
    #[inline]
    fn join(self, later: Fit) -> Fit {
        let join = |[mut sum, mut c]: [f64; 2], later: [f64; 2]| {
            c += later[1];
            add(later[0], &mut sum, &mut c);
            [sum, c]
        };
        Fit { y: join(self.y, later.y), xy: join(self.xy, later.xy), peak: self.peak.max(later.peak) }
    }
}

/// Half of the digits of a number, and the others.
#[inline(always)]
fn halves<V: Vector>(v: V) -> (V, V) {
    let high = v * v.all(134_217_729.0);
    let high = high - (high - v);
    (high, v - high)
}

/// A product and what rounding lost of it, by splitting both factors in halves (Dekker).
#[inline(always)]
fn product<V: Vector>(a: V, b: V) -> (V, V) {
    let ((a1, a2), (b1, b2)) = (halves(a), halves(b));
    let p = a * b;
    (p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2)
}

/// The same where `ms` is a whole number below [`SHORT`], which is its own upper half.
#[inline(always)]
fn short_product<V: Vector>(ms: V, b: V) -> (V, V) {
    let (b1, b2) = halves(b);
    let p = ms * b;
    (p, (ms * b1 - p) + ms * b2)
}

/// Adds a product to a sum, and what rounding lost of it to the compensation.
#[inline(always)]
fn add_product<V: Vector>((product, rest): (V, V), sum: &mut V, c: &mut V) {
    *c = *c + rest;
    add(product, sum, c);
}

/// The sums of a window's values and of their products with times in seconds after `origin` (ms);
/// `None` where plain sums have to be taken.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn moved(view: &View<'_>, fit: Fit, origin: i64) -> Option<(f64, f64)> {
    let shift = view.cut.checked_sub(origin)?;
    let (first, last) = (*view.time.first()?, *view.time.last()?);
    let far = |time: i64| time.abs_diff(view.cut) > FAR;
    if fit.peak > LARGE || shift.unsigned_abs() > FAR || far(first) || far(last) {
        return None;
    }
    // Moved to the origin of the reference, so that rounding happens where it has it.
    let Fit { y: [sy, cy], xy: [mut sxy, cxy], .. } = fit;
    let (moved, rest) = product(shift as f64, sy);
    let mut cxy = cxy + rest + shift as f64 * cy;
    add(moved, &mut sxy, &mut cxy);
    Some((sy + cy, (sxy + cxy) / 1000.0))
}

/// Windows and walks that go side by side: as many as one operation takes in, since what they
/// remember has to fit into the registers.
const SIDE: usize = if cfg!(target_arch = "wasm32") { 2 } else { 4 };

/// What is asked of a line.
#[derive(Clone, Copy)]
pub(super) enum Line<'a> {
    /// The slope alone; times count from the first sample.
    Slope,
    /// The value some seconds from now; times count from now.
    Forecast(&'a Column<'a>),
}

impl Line<'_> {
    /// Whether windows that begin alike have the same origin.
    pub(super) fn shared(self) -> bool {
        matches!(self, Line::Slope)
    }
    /// What times are counted from, ms, in a window whose first sample is at `first`.
    #[inline]
    pub(super) fn origin(self, first: i64, step: usize) -> i64 {
        match self {
            Line::Slope => first,
            Line::Forecast(column) => column.grid.time(step),
        }
    }
    /// The value of the function from slope and value at the origin.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn value(self, step: usize, (slope, intercept): (f64, f64)) -> f64 {
        match self {
            Line::Slope => slope,
            Line::Forecast(column) => slope * column.arg(0, step) + intercept,
        }
    }
}

/// What is known of the values of windows whose lines are still to be drawn: a line takes six
/// divisions, and those of several windows are done at once.
#[derive(Default)]
pub(crate) struct Pending {
    /// Of each step the sums of values, and of their products with times in seconds after the
    /// origin.
    y: Vec<Cell<f64>>,
    xy: Vec<Cell<f64>>,
    /// Bitmap of the steps that have them.
    steps: Vec<Cell<u64>>,
    /// The first step.
    from: usize,
}

impl Pending {
    fn clear(&mut self, steps: Range<usize>) {
        self.from = steps.start;
        if cfg!(target_arch = "wasm32") {
            return;
        }
        for sums in [&mut self.y, &mut self.xy] {
            sums.clear();
            sums.resize(steps.len(), Cell::new(0.0));
        }
        self.steps.clear();
        self.steps.resize(steps.len().div_ceil(CHUNK), Cell::new(0));
    }

    /// Keeps the sums of a window, which gets its value later; what it has until then.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn keep(&self, view: &View<'_>, (y, xy): (f64, f64), of: Line<'_>, moments: &Moments) -> f64 {
        if cfg!(target_arch = "wasm32") {
            // There it has its value at once: code for several would take longer to load.
            let (x, xx) = moments.of_windows(view.step..view.step + 1);
            return of.value(view.step, Sums { n: view.value.len() as f64, x: x[0], y, xy, xx: xx[0] }.line());
        }
        let at = view.step - self.from;
        self.y[at].set(y);
        self.xy[at].set(xy);
        let word = &self.steps[at / CHUNK];
        word.set(word.get() | 1 << (at % CHUNK));
        0.0
    }

    /// Draws the lines, and puts their values into the row.
    #[inline(always)]
    fn draw(&self, column: &Column<'_>, row: &mut Row<'_>, of: Line<'_>, moments: &Moments) {
        let steps = column.bounds.steps();
        for (chunk, from) in steps.clone().step_by(CHUNK).enumerate() {
            let n = CHUNK.min(steps.end - from);
            let pending = self.steps[chunk].get();
            if pending == 0 {
                continue;
            }
            let (lo, hi) = column.bounds.columns(from..from + n);
            let (x, xx) = moments.of_windows(from..from + n);
            let at = from - self.from;
            let sums = self.y[at..at + n].iter().zip(&self.xy[at..at + n]).zip(x.iter().zip(xx)).zip(lo.iter().zip(hi));
            let (mut slopes, mut made) = ([0.0; CHUNK], [0.0; CHUNK]);
            for ((slope, origin), (((y, xy), (x, xx)), (lo, hi))) in slopes.iter_mut().zip(&mut made).zip(sums) {
                let sums = Sums { n: f64::from((hi - lo) as i32), x: *x, y: y.get(), xy: xy.get(), xx: *xx };
                (*slope, *origin) = sums.line();
            }
            for ((i, slope), made) in slopes.iter().enumerate().zip(&mut made) {
                *made = of.value(from + i, (*slope, *made));
            }
            let values = &mut row.values[from..from + n];
            match pending.count_ones() as usize == n {
                true => values.copy_from_slice(&made[..n]),
                false => each_bit(&[pending], |i| values[i] = made[i]),
            }
        }
    }
}

/// What a least-squares line needs of values, from sample to sample: the sums of values and of
/// their products with times, each with its compensation.
struct Fitting<'a> {
    of: Line<'a>,
    column: &'a Column<'a>,
    moments: &'a Moments,
    pending: &'a Pending,
}

impl Chain<4> for Fitting<'_> {
    const VECTORS: Vectors = Vectors::Fours;
    const TIMED: bool = true;
    fn shared(&self) -> bool {
        self.of.shared()
    }
    fn tame(&self, _: &Column<'_>) -> bool {
        self.moments.known()
    }
    fn times(&self) -> &[f64] {
        &self.moments.times
    }
    fn origin(&self, lo: usize, step: usize) -> f64 {
        self.of.origin(self.column.time[lo], step) as f64
    }
    #[inline(always)]
    fn push<V: Vector>(&self, _: f64, y: V, x: V, [sy, cy, sxy, cxy]: &mut [V; 4]) {
        add(y, sy, cy);
        add(x * y, sxy, cxy);
    }
    #[inline(always)]
    fn walk<V: Vector, const SHORT: bool>(&self, _: f64, y: V, ms: V, [sy, cy, sxy, cxy]: &mut [V; 4]) {
        add(y, sy, cy);
        add_product(if SHORT { short_product(ms, y) } else { product(ms, y) }, sxy, cxy);
    }
    #[inline(always)]
    fn finish(&self, view: &View<'_>, [sy, cy, sxy, cxy]: [f64; 4]) -> Option<f64> {
        let value = || match view.constant {
            true => self.of.value(view.step, (0.0, view.value[0])),
            false => self.pending.keep(view, (sy + cy, sxy + cxy), self.of, self.moments),
        };
        (view.value.len() >= 2).then(value)
    }
}

/// The lines of windows that were cut.
struct Joining<'a> {
    of: Line<'a>,
    moments: &'a Moments,
    pending: &'a Pending,
}

impl Joined<Fit> for Joining<'_> {
    // Called, it would wait for the sums to get to memory and back.
    #[inline(always)]
    fn value(&self, view: &View<'_>, fit: Fit) -> Option<f64> {
        if view.constant {
            let line = linear_regression(&view.time[..1], &view.value[..1], 0);
            return Some(self.of.value(view.step, line));
        }
        if view.nan {
            return Some(self.of.value(view.step, (crate::model::nan(), crate::model::nan())));
        }
        let sums = moved(view, fit, self.of.origin(view.time[0], view.step))?;
        Some(self.pending.keep(view, sums, self.of, self.moments))
    }
}

fn all(column: &Column<'_>, row: &mut Row<'_>, of: Line<'_>) -> Result<(), Stop> {
    let origin = |view: &View<'_>| of.origin(view.time[0], view.step);
    let plain = |view: &View<'_>| {
        let enough = view.value.len() >= 2;
        enough.then(|| of.value(view.step, linear_regression(view.time, view.value, origin(view))))
    };
    let mut moments = column.work.moments.take();
    moments.fit(column, of)?;
    let mut pending = column.work.pending.take();
    pending.clear(column.bounds.steps());
    let fitting = Fitting { of, column, moments: &moments, pending: &pending };
    let joined = Joining { of, moments: &moments, pending: &pending };
    cut::fill::<SIDE, 4, _>(column, row, &fitting, &plain, &joined)?;
    if !cfg!(target_arch = "wasm32") {
        wide(
            #[inline(always)]
            || pending.draw(column, row, of, &moments),
        );
    }
    column.work.moments.set(moments);
    column.work.pending.set(pending);
    Ok(())
}

pub(super) fn deriv(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, Line::Slope)
}

pub(super) fn predict_linear(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, Line::Forecast(column))
}
