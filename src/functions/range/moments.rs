//! What lines through the samples of windows need of times alone: found once for series with the
//! same times.

use super::lines::Line;
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::functions::over_time::cut::{View, longest_whole};
use crate::functions::over_time::lanes::{self, Chain, SIDE_BY_SIDE, add};
use std::cell::Cell;

/// Times up to here, ms, and their differences are exact as floats.
const FAR: u64 = 1 << 52;

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
    /// Before each sample of the windows, and after the last, the sums of the times (ms) of those
    /// before it, and of their squares.
    before: Vec<(i128, i128)>,
}

impl Moments {
    /// Whether there are any: times may be too far out.
    pub(super) fn known(&self) -> bool {
        !self.times.is_empty()
    }

    /// The sums of a step's window.
    pub(super) fn of_window(&self, step: usize) -> (f64, f64) {
        (self.x[step - self.from], self.xx[step - self.from])
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
            self.times.extend(column.time.iter().map(|time| *time as f64));
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
        let mut total = (0, 0i128);
        self.before.clear();
        self.before.push(total);
        self.before.extend(column.time[first..past].iter().map(|time| {
            let time = i128::from(*time);
            total = (total.0 + time, total.1.wrapping_add(time * time));
            total
        }));
        for step in column.bounds.steps() {
            let (lo, hi) = column.bounds.window(step);
            if hi - lo <= whole {
                continue;
            }
            // Moved to the origin of the reference, so that rounding happens where it has it.
            let origin = i128::from(of.origin(column.time[lo], step));
            let n = (hi - lo) as i128;
            let (from, to) = (self.before[lo - first], self.before[hi - first]);
            let x = to.0 - from.0 - n * origin;
            let xx = to.1.wrapping_sub(from.1).wrapping_sub(origin.wrapping_mul(2 * x + n * origin));
            self.x[step - self.from] = float(x) / 1000.0;
            self.xx[step - self.from] = float(xx) / 1e6;
        }
        column.pace.spend(past - first + self.x.len());
    }
}

/// A sum as a float: most need not be taken apart.
#[inline]
fn float(sum: i128) -> f64 {
    #[cold]
    #[inline(never)]
    fn large(sum: i128) -> f64 {
        sum as f64
    }
    i64::try_from(sum).map_or_else(|_| large(sum), |sum| sum as f64)
}

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
    fn push<const L: usize>(&self, _: f64, _: &[f64; L], x: &[f64; L], [sx, cx, sxx, cxx]: &mut [[f64; L]; 4]) {
        add(x, sx, cx);
        add(&std::array::from_fn(|i| x[i] * x[i]), sxx, cxx);
    }
    fn finish(&self, view: &View<'_>, [sx, cx, sxx, cxx]: [f64; 4]) -> Option<f64> {
        self.sums[0][view.step - self.from].set(sx + cx);
        self.sums[1][view.step - self.from].set(sxx + cxx);
        None
    }
}
