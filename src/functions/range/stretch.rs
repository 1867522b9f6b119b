//! `rate`, `increase` and `delta` over all windows of a series of floats, in two steps: how far
//! a window's change is stretched follows from times alone and is kept for series with the same
//! times; the change itself is a difference of two values, plus what counters lost in resets.

use super::extended;
use super::rate::{Change, Margins, SHORT, seconds, short_seconds, with_starts};
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
    /// Of each chunk of steps: what part of the change no margin before a first sample is beyond.
    before: Vec<f64>,
    /// A window has several samples at one time.
    crowded: bool,
}

impl Stretch {
    fn margins(&self, step: usize) -> Margins {
        Margins { sampled: self.sampled[step], to_start: self.to_start[step], to_end: self.to_end[step] }
    }

    fn fit(&mut self, column: &Column<'_>, scale: f64) -> Result<(), Stop> {
        if self.version == column.bounds.version() {
            return Ok(());
        }
        let steps = column.bounds.steps();
        self.version = 0;
        self.crowded = false;
        self.present.clear();
        self.even.clear();
        self.before.clear();
        for part in [&mut self.sampled, &mut self.to_start, &mut self.to_end, &mut self.factor] {
            part.clear();
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
        let at = self.sampled.len();
        for part in [&mut self.sampled, &mut self.to_start, &mut self.to_end, &mut self.factor] {
            part.resize(at + steps.len(), 0.0);
        }
        // The series may begin inside of the chunk.
        let idle = hi.iter().take_while(|hi| **hi == 0).count();
        let (lo, hi, live) = (&lo[idle..], &hi[idle..], at + idle);
        // Distances and gaps first, then the arithmetic, which goes side by side.
        let places = self.sampled[live..].iter_mut().zip(&mut self.to_start[live..]).zip(&mut self.to_end[live..]);
        let places = places.zip(&mut self.factor[live..]).zip(lo.iter().zip(hi));
        let (mut present, mut fewest) = (0, usize::MAX);
        for (step, ((((sampled, to_start), to_end), gaps), (lo, hi))) in steps.skip(idle).zip(places) {
            let (lo, hi) = (*lo as usize, *hi as usize);
            if hi < lo + 2 {
                continue;
            }
            let end = column.ends.at(step);
            let start = end.saturating_sub(column.windows.range);
            let (first, last) = (column.time[lo], column.time[hi - 1]);
            *sampled = last.wrapping_sub(first) as f64;
            *to_start = first.wrapping_sub(start) as f64;
            *to_end = end.wrapping_sub(last) as f64;
            *gaps = (hi - lo - 1) as f64;
            fewest = fewest.min(hi - lo - 1);
            present |= 1 << (step % CHUNK);
            self.crowded |= first == last;
        }
        self.present.push(present);
        // A margin is at most 1.1 times the mean gap; the rest is for rounding.
        self.before.push(1.2 / fewest as f64);
        // No distance inside of a window is longer than the window.
        match column.windows.range < SHORT {
            true => self.finish(live, scale, short_seconds),
            false => self.finish(live, scale, |ms| ms / 1000.0),
        }
    }

    /// Margins and factors from the distances and gaps of the steps from `at` on.
    fn finish(&mut self, at: usize, scale: f64, seconds: impl Fn(f64) -> f64 + Copy) {
        let places = self.sampled[at..].iter_mut().zip(&mut self.to_start[at..]).zip(&mut self.to_end[at..]).zip(&mut self.factor[at..]);
        for (((sampled, to_start), to_end), factor) in places {
            let margins = Margins::within(seconds(*sampled), seconds(*to_start), seconds(*to_end), *factor);
            (*sampled, *to_start, *to_end) = (margins.sampled, margins.to_start, margins.to_end);
            *factor = margins.factor(scale);
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
    if column.windows.extension.is_some() {
        return extended::all(column, row, change);
    }
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
    let chunks = stretch.even.iter().zip(&stretch.present).zip(&stretch.before);
    for ((from, word), ((even, present), before)) in all.clone().step_by(CHUNK).zip(words).zip(chunks) {
        let steps = from..all.end.min(from + CHUNK);
        let (mut first, mut change_of) = ([0.0; CHUNK], [0.0; CHUNK]);
        differences(column, steps.clone(), *even, &mut first, &mut change_of);
        resets.restore(column, steps.clone(), &mut change_of);
        let out = &mut row.values[steps.clone()];
        let (first, change_of) = (&first[..out.len()], &change_of[..out.len()]);
        let steps = from - all.start..from - all.start + out.len();
        for ((out, change), factor) in out.iter_mut().zip(change_of).zip(&stretch.factor[steps.clone()]) {
            *out = change * factor;
        }
        // A counter is not taken below zero. Where its first value is large beside the change, the
        // margin begins after it gets there.
        let near_zero = |(first, change): (&f64, &f64)| (*change > 0.0) & (*first >= 0.0) & (*first <= before * change);
        if change.is_counter() && first.iter().zip(change_of).fold(false, |any, ends| any | near_zero(ends)) {
            for (((out, first), change), step) in out.iter_mut().zip(first).zip(change_of).zip(steps) {
                let margins = stretch.margins(step);
                let zero = margins.sampled * (first / change);
                if near_zero((first, change)) && zero < margins.to_start {
                    *out = change * Margins { to_start: zero, ..margins }.factor(scale);
                }
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
