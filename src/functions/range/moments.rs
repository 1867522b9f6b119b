//! What lines through the samples of windows need of times alone: found once for series with the
//! same times.

use super::lines::Line;
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::functions::over_time::cut::{View, longest_whole};
use crate::functions::over_time::lanes::{self, Chain, SIDE_BY_SIDE, add};
use crate::functions::over_time::vector::Vector;
use crate::model::float::near;
use std::cell::Cell;
use std::ops::Range;

/// Times up to here, ms, and their differences are exact as floats.
const FAR: u64 = 1 << 50;

/// The sums of the times (s) of windows, and of their squares.
#[derive(Default)]
pub(crate) struct Moments {
    /// The bounds that this was made for.
    version: u64,
    /// The first step.
    from: usize,
    /// Times of all samples, ms.
    pub(super) times: Vec<f64>,
    /// The sums of each step.
    x: Vec<f64>,
    xx: Vec<f64>,
    before: Before,
}

impl Moments {
    /// Whether there are any: times may be too far out.
    pub(super) fn known(&self) -> bool {
        !self.times.is_empty()
    }

    /// The sums of the windows of some steps: of times, and of their squares.
    pub(super) fn of_windows(&self, steps: Range<usize>) -> (&[f64], &[f64]) {
        let own = steps.start - self.from..steps.end - self.from;
        (&self.x[own.clone()], &self.xx[own])
    }

    /// Makes those of the windows of a column, unless they are there.
    pub(super) fn fit(&mut self, column: &Column<'_>, of: Line<'_>) -> Result<(), Stop> {
        if self.version == column.bounds.version() {
            return Ok(());
        }
        self.version = 0;
        self.times.clear();
        self.x.clear();
        self.xx.clear();
        let steps = column.bounds.steps();
        self.from = steps.start;
        self.x.resize(steps.len(), 0.0);
        self.xx.resize(steps.len(), 0.0);
        let whole = longest_whole(column);
        self.add_up(column, of, whole);
        let grid = column.grid;
        let ends =
            [column.time.first().copied(), column.time.last().copied(), Some(grid.time(0)), Some(grid.time(grid.n.saturating_sub(1)))];
        if ends.iter().flatten().all(|time| time.unsigned_abs() <= FAR) {
            self.times.extend(column.time.iter().map(|time| near(*time)));
            let sums = [&mut self.x, &mut self.xx].map(|sums| Cell::from_mut(sums.as_mut_slice()).as_slice_of_cells());
            let chain = Timing { of, column, times: &self.times, from: steps.start, sums };
            // Nothing goes into the row.
            let mut row = Row { values: &mut [], present: &mut [] };
            lanes::fill::<SIDE_BY_SIDE, 4, _>(column, &mut row, &chain, &|samples| samples <= whole)?;
        }
        self.version = column.bounds.version();
        Ok(())
    }

    /// Those of windows of more than `whole` samples, from exact sums of whole ms. Windows of a
    /// length for which these wrap are left to the plain sums.
    fn add_up(&mut self, column: &Column<'_>, of: Line<'_>, whole: usize) {
        if column.bounds.longest() <= whole {
            return;
        }
        let (first, past) = column.bounds.span();
        let (Some(earliest), Some(last)) = (column.time.get(first), column.time.get(past.wrapping_sub(1))) else { return };
        // No sum is above that of so many squares of the largest distance between a sample and an
        // origin. What wraps on the way there comes back.
        let origins = [0, column.grid.n.saturating_sub(1)].map(|step| of.origin(*earliest, step));
        let (low, high) = origins.iter().fold((*earliest, *last), |(low, high), origin| (low.min(*origin), high.max(*origin)));
        let reach = i128::from(high) - i128::from(low);
        let bound = reach.checked_mul(reach).and_then(|square| square.checked_mul(column.bounds.longest() as i128));
        // In WebAssembly code for both would take longer to load than one saves.
        match !cfg!(target_arch = "wasm32") && bound.is_some_and(|bound| bound < i128::from(i64::MAX)) {
            true => self.add_up_as::<i64>(column, of, whole, first..past),
            false => self.add_up_as::<i128>(column, of, whole, first..past),
        }
        column.pace.spend(past - first + self.x.len());
    }

    #[inline(always)]
    fn add_up_as<T: Whole>(&mut self, column: &Column<'_>, of: Line<'_>, whole: usize, samples: Range<usize>) {
        let before = T::of(&mut self.before);
        let mut total = (T::from(0), T::from(0));
        before.clear();
        before.push(total);
        before.extend(column.time[samples.clone()].iter().map(|time| {
            let time = T::from(*time);
            total = (total.0.plus(time), total.1.plus(time.times(time)));
            total
        }));
        for step in column.bounds.steps() {
            let (lo, hi) = column.bounds.window(step);
            if hi - lo <= whole {
                continue;
            }
            // Moved to the origin of the reference, so that rounding happens where it has it.
            let origin = T::from(of.origin(column.time[lo], step));
            let n = T::from((hi - lo) as i64);
            let (from, to) = (before[lo - samples.start], before[hi - samples.start]);
            let x = to.0.minus(from.0).minus(n.times(origin));
            let xx = to.1.minus(from.1).minus(origin.times(x.plus(x).plus(n.times(origin))));
            self.x[step - self.from] = x.float() / 1000.0;
            self.xx[step - self.from] = xx.float() / 1e6;
        }
    }
}

/// Whole numbers, with arithmetic that wraps.
trait Whole: Copy + From<i64> {
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn float(self) -> f64;
    /// The sums that are kept in these numbers.
    fn of(before: &mut Before) -> &mut Vec<(Self, Self)>;
}

/// Before each sample of the windows, and after the last, the sums of the times (ms) of those
/// before it, and of their squares; in narrow numbers where these do.
#[derive(Default)]
struct Before {
    narrow: Vec<(i64, i64)>,
    broad: Vec<(i128, i128)>,
}

macro_rules! whole {
    ($number:ty, $field:ident) => {
        impl Whole for $number {
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            fn float(self) -> f64 {
                self as f64
            }
            fn of(before: &mut Before) -> &mut Vec<(Self, Self)> {
                &mut before.$field
            }
        }
    };
}

whole!(i64, narrow);
whole!(i128, broad);

/// Times and their squares from sample to sample, each sum with its compensation.
struct Timing<'a> {
    of: Line<'a>,
    column: &'a Column<'a>,
    times: &'a [f64],
    from: usize,
    sums: [&'a [Cell<f64>]; 2],
}

impl Chain<4> for Timing<'_> {
    const TIMED: bool = true;
    fn shared(&self) -> bool {
        self.of.shared()
    }
    fn times(&self) -> &[f64] {
        self.times
    }
    fn origin(&self, lo: usize, step: usize) -> f64 {
        self.of.origin(self.column.time[lo], step) as f64
    }
    #[inline(always)]
    fn push<V: Vector>(&self, _: f64, _: V, x: V, [sx, cx, sxx, cxx]: &mut [V; 4]) {
        add(x, sx, cx);
        add(x * x, sxx, cxx);
    }
    fn finish(&self, view: &View<'_>, [sx, cx, sxx, cxx]: [f64; 4]) -> Option<f64> {
        self.sums[0][view.step - self.from].set(sx + cx);
        self.sums[1][view.step - self.from].set(sxx + cxx);
        None
    }
}
