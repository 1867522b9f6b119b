//! What counters lost in their resets.

use crate::functions::bounds::CHUNK;
use crate::functions::column::Column;
use std::ops::Range;

/// From so many resets on it may be worth a look whether their running total is exact.
const MANY: usize = 16;

/// The resets of a series of floats without start timestamps.
///
/// A window adds the values before its own resets one by one, in the order in which the reference
/// adds them: running totals would round differently. But where all values are whole and small
/// enough nothing is rounded, and a difference of running totals is the same number.
#[derive(Default)]
pub(crate) struct Resets {
    /// The samples that are less than the one before them.
    at: Vec<u32>,
    /// For each reset, and past the last, what was lost before it; empty where that would be
    /// rounded.
    lost: Vec<f64>,
    /// The first reset after the first sample of the windows that come, and the first past them.
    from: usize,
    to: usize,
}

impl Resets {
    pub(super) fn clear(&mut self) {
        self.at.clear();
        self.lost.clear();
        (self.from, self.to) = (0, 0);
    }

    /// Finds the resets inside the windows of a series.
    #[inline(always)]
    pub(super) fn find(&mut self, column: &Column<'_>) {
        let (first, past) = column.bounds.span();
        let values = &column.value[first..past];
        let Some(later) = values.get(1..) else { return };
        for (chunk, (values, later)) in values.chunks(CHUNK).zip(later.chunks(CHUNK)).enumerate() {
            let fell = |(before, after): (&f64, &f64)| after < before;
            // Without a jump inside the chunk: most have no reset.
            if values.iter().zip(later).fold(0, |any, pair| any | u64::from(fell(pair))) == 0 {
                continue;
            }
            let at = (first + chunk * CHUNK + 1) as u32;
            self.at.extend((at..).zip(values.iter().zip(later)).filter(|(_, pair)| fell(*pair)).map(|(at, _)| at));
        }
        column.pace.spend(values.len() / 8);
        if self.at.len() >= MANY {
            self.add_up(column, values);
        }
    }

    /// Makes the running totals, if all that a window may add is exact: whole numbers from zero
    /// on whose total, and every single one, is at most 2^52.
    #[inline(never)]
    fn add_up(&mut self, column: &Column<'_>, values: &[f64]) {
        const LIMIT: f64 = (1u64 << 52) as f64;
        let exact = |v: &f64| v.is_sign_positive() & (*v <= LIMIT) & ((v + LIMIT) - LIMIT == *v);
        if !values.iter().fold(true, |all, v| all & exact(v)) {
            return;
        }
        let mut total = 0.0;
        self.lost.push(total);
        self.lost.extend(self.at.iter().map(|at| {
            total += column.value[*at as usize - 1];
            total
        }));
        if total > LIMIT {
            self.lost.clear();
        }
    }

    /// Adds to the change of each window what was lost inside it.
    #[inline(always)]
    pub(super) fn restore(&mut self, column: &Column<'_>, steps: Range<usize>, change: &mut [f64; CHUNK]) {
        if self.from == self.at.len() {
            return;
        }
        let (lo, hi) = column.bounds.columns(steps);
        if !self.lost.is_empty() {
            return self.restore_exactly(lo, hi, change);
        }
        // A reset belongs to the windows that have the sample before it too. Those lie side by
        // side, but for windows that were left out, where the change does not matter.
        let first = lo.iter().zip(hi).find(|(lo, hi)| lo < hi).map_or(0, |(lo, _)| *lo);
        while self.at.get(self.from).is_some_and(|at| *at <= first) {
            self.from += 1;
        }
        let (mut from, mut to, mut visits) = (0, 0, 0);
        for at in &self.at[self.from..] {
            from += hi[from..].iter().take_while(|hi| *hi <= at).count();
            if from == hi.len() {
                break;
            }
            to += lo[to..].iter().take_while(|lo| *lo < at).count();
            let lost = column.value[*at as usize - 1];
            let changes = change.get_mut(from..to).unwrap_or_default();
            changes.iter_mut().for_each(|change| *change += lost);
            visits += 1 + changes.len() / 8;
        }
        column.pace.spend(visits);
    }

    /// The same from the running totals.
    fn restore_exactly(&mut self, lo: &[u32], hi: &[u32], change: &mut [f64; CHUNK]) {
        for ((lo, hi), change) in lo.iter().zip(hi).zip(change) {
            while self.at.get(self.from).is_some_and(|at| at <= lo) {
                self.from += 1;
            }
            self.to = self.to.max(self.from);
            while self.at.get(self.to).is_some_and(|at| at < hi) {
                self.to += 1;
            }
            if lo < hi {
                *change += self.lost[self.to] - self.lost[self.from];
            }
        }
    }
}
