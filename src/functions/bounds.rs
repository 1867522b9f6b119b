//! Which samples of a series lie in the window of each step.
//!
//! This follows from the times of the samples alone. Series that are scraped together have the
//! same times, so what was found for one row is kept for the next.

use super::column::Pace;
use super::cursor::Cursor;
use crate::exec::block::word_of;
use crate::exec::{Grid, Stop, Windows};
use crate::model::sample::same_times;
use crate::wide::wide;
use std::ops::Range;

/// Steps between two looks at the clock; as many as a word of a bitmap has bits.
pub(crate) const CHUNK: usize = 64;

/// The right ends of the windows, one for each step.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) windows: Windows,
    pub(crate) grid: Grid,
    /// First end and distance, where no arithmetic saturates.
    even: Option<(i64, i64)>,
}

impl Ends {
    pub(crate) fn new(windows: Windows, grid: Grid) -> Ends {
        let even = match windows.pin {
            Some(pin) => Some((pin.saturating_sub(windows.offset), 0)),
            None => Ends::even(&windows, &grid),
        };
        Ends { windows, grid, even }
    }

    fn even(windows: &Windows, grid: &Grid) -> Option<(i64, i64)> {
        let last = i64::try_from(grid.n.saturating_sub(1)).ok()?;
        let last = grid.start.checked_add(last.checked_mul(grid.step)?)?;
        last.checked_sub(windows.offset)?;
        Some((grid.start.checked_sub(windows.offset)?, grid.step))
    }

    /// The bounds of all windows, which reach `before` and `after` ms beyond their ends, where they
    /// lie on straight lines: no end is moved to where times end.
    fn lines(&self, before: i64, after: i64) -> Option<Lines> {
        let (first, distance) = self.even?;
        let length = self.windows.range.checked_add(before)?.checked_add(after)?;
        let left = first.checked_sub(self.windows.range)?.checked_sub(before)?;
        self.at(self.grid.n.saturating_sub(1)).checked_add(after)?;
        let lag = if distance > 0 && length % distance == 0 { usize::try_from(length / distance).ok() } else { None };
        Some(Lines { left, right: first.checked_add(after)?, distance, lag })
    }

    /// How far steps are from one another, ms.
    pub(crate) fn distance(&self) -> i64 {
        self.grid.step
    }

    /// The end of the window of a step and how far the next one is, where neither that nor a left end
    /// was moved to where times end.
    pub(crate) fn line(&self, step: usize) -> Option<(i64, i64)> {
        self.even.filter(|(first, _)| first.checked_sub(self.windows.range).is_some()).map(|(_, distance)| (self.at(step), distance))
    }

    /// Right end (included) of the window of a step, ms.
    #[inline]
    pub(crate) fn at(&self, step: usize) -> i64 {
        match self.even {
            Some((first, distance)) => first.wrapping_add((step as i64).wrapping_mul(distance)),
            None => self.windows.reference(self.grid.time(step)),
        }
    }
}

/// Bounds of windows that lie on straight lines.
struct Lines {
    /// Left and right end of the first window, ms.
    left: i64,
    right: i64,
    /// From step to step.
    distance: i64,
    /// How many steps after a window ends the one begins that has no sample in common with it and
    /// none between, where there is such a window for each.
    lag: Option<usize>,
}

/// The bounds of all windows over one column of times.
///
/// They are kept for the steps from the first window that has a sample to the last one, of those that
/// were asked for: a series may live for a small part of the query.
#[derive(Default)]
pub(crate) struct Bounds {
    /// The first of these steps.
    from: usize,
    /// First sample of each of their windows.
    lo: Vec<u32>,
    /// The one past its last. Neither column ever falls, but where a window is left out.
    hi: Vec<u32>,
    /// Bitmap of the windows that have samples, from `from` on.
    present: Vec<u64>,
    /// The times that these bounds were found in, until [`Bounds::keep`] of those of the row
    /// before.
    time: Vec<i64>,
    /// The steps that were asked for.
    part: Range<usize>,
    known: bool,
    /// Changes when the bounds do.
    version: u64,
    longest: usize,
}

impl Bounds {
    /// Takes the times of the row that is done, before they are replaced by those of the next.
    pub(crate) fn keep(&mut self, time: &mut Vec<i64>) {
        std::mem::swap(&mut self.time, time);
    }

    /// Finds the bounds of the windows of some steps, which reach `before` and `after` ms beyond their
    /// ends.
    pub(crate) fn find(&mut self, time: &[i64], ends: &Ends, part: &Range<usize>, reach: (i64, i64), pace: &Pace<'_>) -> Result<(), Stop> {
        wide(
            #[inline(always)]
            || self.find_all(time, ends, part, reach, pace),
        )
    }

    #[inline(always)]
    fn find_all(
        &mut self,
        time: &[i64],
        ends: &Ends,
        part: &Range<usize>,
        (before, after): (i64, i64),
        pace: &Pace<'_>,
    ) -> Result<(), Stop> {
        if self.known && (self.part == *part || cfg!(target_arch = "wasm32")) && same_times(&self.time, time) {
            pace.spend(time.len() / CHUNK);
            return Ok(());
        }
        if u32::try_from(time.len()).is_err() {
            return Err(Stop::unsupported("a series of more than 2^32 samples in one query"));
        }
        self.known = false;
        self.part = part.clone();
        self.version += 1;
        self.longest = 0;
        self.present.clear();
        match ends.lines(before, after) {
            // In WebAssembly code for both would take longer to load than one saves.
            Some(Lines { left, right, distance, lag }) if !cfg!(target_arch = "wasm32") => {
                let along = |first: i64| move |step: usize| first.wrapping_add((step as i64).wrapping_mul(distance));
                let reached = |first: i64, time: i64| match u64::try_from(distance) {
                    _ if first >= time => 0,
                    Ok(distance @ 1..) => usize::try_from(time.abs_diff(first).div_ceil(distance)).unwrap_or(usize::MAX),
                    _ => usize::MAX,
                };
                let reached = |first, last| (reached(right, first), reached(left, last));
                self.find_ends(time, ends.distance(), along(left), along(right), reached, lag, pace)?;
            }
            lines => {
                let moved = |[back, more, on]: [i64; 3]| {
                    move |step: usize| ends.at(step).saturating_sub(back).saturating_sub(more).saturating_add(on)
                };
                let (left, right) = (moved([ends.windows.range, before, 0]), moved([0, 0, after]));
                let reached = |first, last| {
                    let n = ends.grid.n;
                    (first_step(n, |step| right(step) >= first), first_step(n, |step| left(step) >= last))
                };
                self.find_ends(time, ends.distance(), left, right, reached, lines.and_then(|lines| lines.lag), pace)?;
            }
        }
        for (lo, hi) in self.lo.chunks(CHUNK).zip(self.hi.chunks(CHUNK)) {
            let lengths = lo.iter().zip(hi).map(|(lo, hi)| hi - lo);
            let (least, most) = lengths.fold((u32::MAX, 0), |(least, most), length| (length.min(least), length.max(most)));
            self.longest = self.longest.max(most as usize);
            self.present.push(match least {
                0 => word_of(lo.iter().zip(hi).map(|(lo, hi)| lo < hi)),
                _ => u64::MAX >> (CHUNK - lo.len()),
            });
        }
        self.known = true;
        Ok(())
    }

    /// Finds the first sample past the left and the right end of each window of the part. `reached` tells from which
    /// steps on right ends are not before one time, and left ends not before another.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    fn find_ends<E: Fn(usize) -> i64 + Copy>(
        &mut self,
        time: &[i64],
        distance: i64,
        left: E,
        right: E,
        reached: impl Fn(i64, i64) -> (usize, usize),
        lag: Option<usize>,
        pace: &Pace<'_>,
    ) -> Result<(), Stop> {
        let steps = match (time.first(), time.last()) {
            (Some(first), Some(last)) => {
                let (from, to) = reached(*first, *last);
                let within = |step: usize| step.clamp(self.part.start, self.part.end);
                within(from)..within(to).max(within(from))
            }
            _ => 0..0,
        };
        self.from = steps.start;
        // What is there from the row before is written over.
        self.lo.resize(steps.len(), 0);
        self.hi.resize(steps.len(), 0);
        let lag = lag.unwrap_or(usize::MAX);
        let mut starts = Cursor::new(time, distance);
        let mut stops = starts.clone();
        let after = |end: E, from: usize| move |i: usize| end(from + i);
        for from in steps.clone().step_by(CHUNK) {
            let to = steps.end.min(from + CHUNK);
            let seen = stops.found();
            let at = from - self.from..to - self.from;
            stops.find(after(right, from), &mut self.hi[at.clone()]);
            // A window begins where the one ends that many steps before, if it is of this part.
            let own = to.min(self.part.start.saturating_add(lag).max(from)) - from;
            let (first, rest) = self.lo[at].split_at_mut(own);
            starts.find(after(left, from), first);
            let ended = |step: usize| self.hi.get((step - lag).wrapping_sub(self.from)).copied().unwrap_or(0);
            match (from + own).checked_sub(lag).and_then(|at| at.checked_sub(self.from)) {
                Some(at) => rest.copy_from_slice(&self.hi[at..at + rest.len()]),
                None => rest.iter_mut().zip(from + own..).for_each(|(lo, step)| *lo = ended(step)),
            }
            pace.spend(CHUNK + stops.found() - seen);
            pace.check()?;
        }
        Ok(())
    }

    /// Leaves the window of a step out.
    pub(crate) fn leave_out(&mut self, step: usize) {
        let at = step - self.from;
        self.lo[at] = 0;
        self.hi[at] = 0;
        self.present[at / CHUNK] &= !(1 << (at % CHUNK));
        self.version += 1;
        self.known = false;
    }

    /// The steps that may have a window with samples.
    #[inline]
    pub(crate) fn steps(&self) -> Range<usize> {
        self.from..self.from + self.lo.len()
    }

    /// First sample of the window of one of these steps, and the one past its last.
    #[inline]
    pub(crate) fn window(&self, step: usize) -> (usize, usize) {
        (self.lo[step - self.from] as usize, self.hi[step - self.from] as usize)
    }

    /// The same for a run of steps, apart.
    #[inline]
    pub(crate) fn columns(&self, steps: Range<usize>) -> (&[u32], &[u32]) {
        let own = steps.start - self.from..steps.end - self.from;
        (&self.lo[own.clone()], &self.hi[own])
    }

    /// Bitmap of these steps whose windows have samples.
    pub(crate) fn present(&self) -> &[u64] {
        &self.present
    }

    /// Number of samples of the longest window.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Another number whenever the bounds are others.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// First sample of the first window that has one, and the one past the last of the last.
    pub(crate) fn span(&self) -> (usize, usize) {
        let used = |(lo, hi): &(&u32, &u32)| lo < hi;
        let mut windows = self.lo.iter().zip(&self.hi);
        let first = windows.clone().find(used).map_or(0, |(lo, _)| *lo as usize);
        let last = windows.rfind(used).map_or(0, |(_, hi)| *hi as usize);
        (first, last.max(first))
    }
}

/// The first of `n` steps from which on something holds.
fn first_step(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, n);
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ends_are_those_of_the_windows(
            start in prop_oneof![any::<i64>(), -9_000..9_000i64], step in 1..i64::MAX / 2, n in 1..9usize,
            offset in prop_oneof![any::<i64>(), -99..99i64], pin in prop::option::of(any::<i64>()),
        ) {
            let grid = Grid { start, end: start, step, n, pin_shift: 0 };
            let windows = Windows { range: 1, offset, pin, extension: None };
            let ends = Ends::new(windows, grid);
            for step in 0..n {
                prop_assert_eq!(ends.at(step), windows.reference(grid.time(step)));
            }
        }
    }
}
