//! Which samples of a series lie in the window of each step.
//!
//! This follows from the times of the samples alone. Series that are scraped together have the
//! same times, so what was found for one row is kept for the next.

use super::column::Pace;
use crate::exec::{Grid, Stop, Windows};
use crate::model::sample::same_times;
use std::ops::Range;

/// Steps between two looks at the clock; a word of a presence bitmap.
pub(crate) const CHUNK: usize = 64;

/// The right ends of the windows, one for each step.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    windows: Windows,
    grid: Grid,
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

    /// How many steps after a window ends the one begins that has no sample in common with it and
    /// none between, where there is such a window for each.
    fn lag(&self, before: i64, after: i64) -> Option<usize> {
        let (first, distance) = self.even?;
        let length = self.windows.range.checked_add(before)?.checked_add(after)?;
        // No end of a window is moved to where times end.
        first.checked_sub(self.windows.range)?.checked_sub(before)?;
        self.at(self.grid.n.saturating_sub(1)).checked_add(after)?;
        if distance <= 0 || length % distance != 0 {
            return None;
        }
        usize::try_from(length / distance).ok()
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

/// The bounds of all windows over one column of times.
///
/// They are kept for the steps from the chunk of the first window that has a sample to the last
/// such window: a series may live for a small part of the query.
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

    /// Finds the bounds of all windows, which reach `before` and `after` ms beyond their ends.
    pub(crate) fn find(&mut self, time: &[i64], ends: &Ends, (before, after): (i64, i64), pace: &Pace<'_>) -> Result<(), Stop> {
        if self.known && same_times(&self.time, time) {
            pace.spend(time.len() / CHUNK);
            return Ok(());
        }
        if u32::try_from(time.len()).is_err() {
            return Err(Stop::unsupported("a series of more than 2^32 samples in one query"));
        }
        self.known = false;
        self.version += 1;
        self.longest = 0;
        self.lo.clear();
        self.hi.clear();
        self.present.clear();
        let left = |step: usize| ends.at(step).saturating_sub(ends.windows.range).saturating_sub(before);
        let right = |step: usize| ends.at(step).saturating_add(after);
        let n = ends.grid.n;
        let steps = match (time.first(), time.last()) {
            (Some(first), Some(last)) => {
                let from = first_step(n, |step| right(step) >= *first);
                from..first_step(n, |step| left(step) >= *last).max(from)
            }
            _ => 0..0,
        };
        self.from = steps.start / CHUNK * CHUNK;
        self.lo.reserve(steps.end - self.from);
        self.hi.reserve(steps.end - self.from);
        self.lo.resize(steps.start - self.from, 0);
        self.hi.resize(steps.start - self.from, 0);
        let lag = ends.lag(before, after).unwrap_or(usize::MAX);
        let (mut starts, mut stops) = (Cursor::new(time, ends.grid.step), Cursor::new(time, ends.grid.step));
        for from in steps.clone().step_by(CHUNK) {
            let to = steps.end.min(from + CHUNK);
            let seen = stops.found;
            self.hi.extend((from..to).map(|step| stops.past(right(step)) as u32));
            let own = from..to.min(lag.max(from));
            let ended = |step: usize| self.hi.get((step - lag).wrapping_sub(self.from)).copied().unwrap_or(0);
            self.lo.extend(own.clone().map(|step| starts.past(left(step)) as u32));
            self.lo.extend((own.end..to).map(ended));
            pace.spend(CHUNK + stops.found - seen);
            pace.check()?;
        }
        for (lo, hi) in self.lo.chunks(CHUNK).zip(self.hi.chunks(CHUNK)) {
            self.longest = lo.iter().zip(hi).fold(self.longest, |longest, (lo, hi)| longest.max((hi - lo) as usize));
            self.present.push(lo.iter().zip(hi).rev().fold(0, |word, (lo, hi)| word << 1 | u64::from(lo < hi)));
        }
        self.known = true;
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

    /// The steps that may have a window with samples; starts with a whole chunk.
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

/// Goes over ascending times, to the first past each of ascending limits.
///
/// Where the next one lies is reckoned from the distance of steps, not from where the last one was:
/// so that a processor need not wait for that. It is a sample off at most where scrapes jitter.
struct Cursor<'a> {
    time: &'a [i64],
    found: usize,
    /// Two before where the next one should be, and how far it moves from step to step, both in
    /// parts of a sample.
    near: u64,
    stride: u64,
}

impl<'a> Cursor<'a> {
    const PARTS: u64 = 1 << 16;

    fn new(time: &'a [i64], step: i64) -> Cursor<'a> {
        let length = time.last().zip(time.first()).map_or(0, |(last, first)| last.abs_diff(*first));
        let stride = time.len().saturating_sub(1) as f64 * step as f64 / length as f64;
        Cursor { time, found: 0, near: 0, stride: (stride * Self::PARTS as f64) as u64 }
    }

    #[inline(always)]
    fn past(&mut self, limit: i64) -> usize {
        let near = (self.near / Self::PARTS) as usize;
        let four = self.time.get(near..).and_then(|rest| rest.first_chunk::<4>());
        match four.map_or(0, |four| four.iter().map(|t| usize::from(*t <= limit)).sum()) {
            moved @ 1..=3 => self.found = near + moved,
            _ => self.look(limit),
        }
        self.near = self.near.saturating_add(self.stride);
        self.found
    }

    /// Goes on from where the last one was.
    #[inline(never)]
    fn look(&mut self, limit: i64) {
        self.found = past_about(self.time, self.found, (self.stride / Self::PARTS) as usize, limit);
        self.near = self.found.saturating_sub(2) as u64 * Self::PARTS;
    }
}

/// [`past`] where so many samples are likely to lie before it.
#[inline]
fn past_about(time: &[i64], from: usize, stride: usize, limit: i64) -> usize {
    let near = from.saturating_add(stride.saturating_sub(2));
    match near > from && time.get(near - 1).is_some_and(|before| *before <= limit) {
        true => past(time, near, limit),
        false => past(time, from, limit),
    }
}

/// The first sample from `from` on whose time is past `limit`.
#[inline]
pub(crate) fn past(time: &[i64], from: usize, limit: i64) -> usize {
    let Some(rest) = time.get(from..) else { return from };
    match rest.first_chunk::<4>() {
        // A step moves over a sample or two, as a rule. Jitter decides over which: counted without a
        // jump, which nothing could foresee.
        Some(near) => match near.iter().map(|t| usize::from(*t <= limit)).sum() {
            4 => leap(time, from + 4, limit),
            moved => from + moved,
        },
        None => from + rest.iter().take_while(|t| **t <= limit).count(),
    }
}

/// The same over longer distances, by doubling.
#[inline(never)]
fn leap(time: &[i64], mut at: usize, limit: i64) -> usize {
    let mut width = 4;
    while time.get(at + width).is_some_and(|t| *t <= limit) {
        at += width;
        width *= 2;
    }
    let rest = &time[at..time.len().min(at + width)];
    at + rest.partition_point(|t| *t <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leaps_land_where_steps_do(gaps in prop::collection::vec(1..50i64, 0..300), from in 0usize..300, limit in 0..9_000i64, stride in 0usize..20) {
            let time: Vec<i64> = gaps.iter().scan(0, |t, gap| { *t += gap; Some(*t) }).collect();
            let from = from.min(time.partition_point(|t| *t <= limit));
            let expected = time.partition_point(|t| *t <= limit);
            prop_assert_eq!(past(&time, from, limit), expected);
            prop_assert_eq!(past_about(&time, from, stride, limit), expected);
        }

        #[test]
        fn cursors_go_where_each_limit_is(gaps in prop::collection::vec(prop_oneof![9..12i64, 9..12i64, Just(300)], 0..300), first in -99..999i64, step in 1..99i64) {
            let time: Vec<i64> = gaps.iter().scan(0, |t, gap| { *t += gap; Some(*t) }).collect();
            let mut cursor = Cursor::new(&time, step);
            for i in 0..400 {
                let limit = first + i * step;
                prop_assert_eq!(cursor.past(limit), time.partition_point(|t| *t <= limit));
            }
        }

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
