//! `rate`, `increase` and `delta` over all windows of a series of floats, in two steps: how far
//! a window's change is stretched follows from times alone and is kept for series with the same
//! times; the change itself is a difference of two values, plus what counters lost in resets.

use super::rate::{Change, Margins, seconds, with_starts};
use crate::exec::Stop;
use crate::functions::bounds::CHUNK;
use crate::functions::column::{Column, Row};
use std::ops::Range;

/// What extrapolation needs of the windows' times, for all steps that have bounds.
#[derive(Default)]
pub(crate) struct Stretch {
    /// The bounds that this was made for.
    version: u64,
    /// The windows with at least two samples.
    present: Vec<u64>,
    /// Chunks of steps whose windows each begin and end one sample after the one before.
    even: Vec<bool>,
    /// Seconds from the first sample to the last.
    sampled: Vec<f64>,
    /// Seconds that the change is taken to go on before the first sample and after the last.
    to_start: Vec<f64>,
    to_end: Vec<f64>,
    /// The factor of the change, for counters that are far from zero.
    factor: Vec<f64>,
    /// A window has several samples at one time.
    crowded: bool,
}

impl Stretch {
    fn fit(&mut self, column: &Column<'_>, scale: f64) -> Result<(), Stop> {
        if self.version == column.bounds.version() {
            return Ok(());
        }
        let steps = column.bounds.steps();
        self.version = 0;
        self.crowded = false;
        self.present.clear();
        self.even.clear();
        for part in [&mut self.sampled, &mut self.to_start, &mut self.to_end, &mut self.factor] {
            part.clear();
            part.resize(steps.len(), 0.0);
        }
        for from in steps.clone().step_by(CHUNK) {
            self.fit_chunk(column, from..steps.end.min(from + CHUNK), scale);
            column.pace.spend(CHUNK);
            column.pace.check()?;
        }
        self.version = column.bounds.version();
        Ok(())
    }

    fn fit_chunk(&mut self, column: &Column<'_>, steps: Range<usize>, scale: f64) {
        let (lo, hi) = column.bounds.columns(steps.clone());
        let one_on = |bounds: &[u32]| bounds.iter().zip(bounds.iter().skip(1)).fold(true, |even, (a, b)| even & (*b == a.wrapping_add(1)));
        self.even.push(one_on(lo) & one_on(hi));
        let mut margins = [Margins::default(); CHUNK];
        let mut present = 0;
        for (i, (margins, (lo, hi))) in margins.iter_mut().zip(lo.iter().zip(hi)).enumerate() {
            let (lo, hi) = (*lo as usize, *hi as usize);
            if hi < lo + 2 {
                continue;
            }
            let end = column.ends.at(steps.start + i);
            let ends = (column.time[lo], column.time[hi - 1]);
            *margins = Margins::of(ends, hi - lo, (end.saturating_sub(column.windows.range), end));
            present |= 1 << i;
            self.crowded |= margins.sampled == 0.0;
        }
        self.present.push(present);
        let first = column.bounds.steps().start;
        for (i, margins) in (steps.start - first..steps.end - first).zip(&margins) {
            let Margins { sampled, to_start, to_end } = *margins;
            self.sampled[i] = sampled;
            self.to_start[i] = to_start;
            self.to_end[i] = to_end;
            self.factor[i] = (sampled + to_start + to_end) / sampled / scale;
        }
    }
}

pub(super) fn rates(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, Change::Rate)
}

pub(super) fn increases(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, Change::Increase)
}

pub(super) fn deltas(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    all(column, row, Change::Delta)
}

fn all(column: &Column<'_>, row: &mut Row<'_>, change: Change) -> Result<(), Stop> {
    if !column.start.is_empty() {
        return with_starts(column, row, change);
    }
    // Divided by 1, a number stays what it is.
    let scale = if change == Change::Rate { seconds(column.windows.range) } else { 1.0 };
    let mut stretch = column.work.stretch.take();
    stretch.fit(column, scale)?;
    if stretch.crowded {
        return with_starts(column, row, change);
    }
    let mut resets = column.work.resets.take();
    resets.clear();
    if change.is_counter() {
        resets.find(column);
    }
    let all = column.bounds.steps();
    let words = &mut row.present[all.start / CHUNK..];
    for (((from, word), even), present) in all.clone().step_by(CHUNK).zip(words).zip(&stretch.even).zip(&stretch.present) {
        let steps = from..all.end.min(from + CHUNK);
        let (mut first, mut change_of) = ([0.0; CHUNK], [0.0; CHUNK]);
        differences(column, steps.clone(), *even, &mut first, &mut change_of);
        resets.restore(column, steps.clone(), &mut change_of);
        let out = &mut row.values[steps.clone()];
        let (first, change_of) = (&first[..out.len()], &change_of[..out.len()]);
        let steps = from - all.start..from - all.start + out.len();
        // A counter is not taken below zero. Where its first value is twice the change and more,
        // it gets to zero before the margin ends, which is never twice the time sampled.
        let near_zero = |(first, change): (&f64, &f64)| (*change > 0.0) & (*first >= 0.0) & (*first < 2.0 * change);
        if change.is_counter() && first.iter().zip(change_of).fold(false, |any, ends| any | near_zero(ends)) {
            let (sampled, to_start) = (&stretch.sampled[steps.clone()], &stretch.to_start[steps.clone()]);
            let margins = sampled.iter().zip(to_start).zip(&stretch.to_end[steps]);
            let ends = first.iter().zip(change_of);
            for ((out, ((sampled, to_start), to_end)), (first, change)) in out.iter_mut().zip(margins).zip(ends) {
                let zero = sampled * (first / change);
                let limited = (*change > 0.0) & (*first >= 0.0) & (zero < *to_start);
                let to_start = if limited { zero } else { *to_start };
                *out = change * ((sampled + to_start + to_end) / sampled / scale);
            }
        } else {
            for ((out, change), factor) in out.iter_mut().zip(change_of).zip(&stretch.factor[steps]) {
                *out = change * factor;
            }
        }
        *word |= present;
        column.pace.spend(CHUNK);
        column.pace.check()?;
    }
    column.work.resets.set(resets);
    column.work.stretch.set(stretch);
    Ok(())
}

/// The first values of some windows, and how far from them the last ones are. Anything where a
/// window is empty.
#[inline]
fn differences(column: &Column<'_>, steps: Range<usize>, even: bool, first: &mut [f64; CHUNK], change: &mut [f64; CHUNK]) {
    let n = steps.len();
    let (lo, hi) = column.bounds.columns(steps);
    let run = |from: usize| column.value.get(from..from + n);
    if even && let (Some(firsts), Some(lasts)) = (run(lo[0] as usize), (hi[0] as usize).checked_sub(1).and_then(run)) {
        first[..n].copy_from_slice(firsts);
        for ((change, first), last) in change.iter_mut().zip(firsts).zip(lasts) {
            *change = last - first;
        }
        return;
    }
    for (((first, change), lo), hi) in first.iter_mut().zip(change).zip(lo).zip(hi) {
        let value = |i: usize| column.value.get(i).copied().unwrap_or(0.0);
        *first = value(*lo as usize);
        *change = value((*hi as usize).wrapping_sub(1)) - *first;
    }
}
