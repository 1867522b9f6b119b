//! `rate`, `increase` and `delta` over all windows of a series of floats, in two steps: how far
//! a window's change is stretched follows from times alone and is kept for series with the same
//! times; the change itself is a difference of two values, plus what counters lost in resets.

use super::extended;
use super::rate::{Change, Margins, SHORT, seconds, short_seconds, with_starts};
use crate::exec::Stop;
use crate::exec::block::word_of;
use crate::functions::bounds::CHUNK;
use crate::functions::column::{Column, Row};
use crate::model::float::near;
use crate::wide::wide;
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

    #[inline(always)]
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
        // What is there from the row before is written over.
        for part in [&mut self.sampled, &mut self.to_start, &mut self.to_end, &mut self.factor] {
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

    #[inline(always)]
    fn fit_chunk(&mut self, column: &Column<'_>, steps: Range<usize>, scale: f64) {
        let (lo, hi) = column.bounds.columns(steps.clone());
        let one_on = |bounds: &[u32]| bounds.iter().zip(bounds.iter().skip(1)).fold(true, |even, (a, b)| even & (*b == a.wrapping_add(1)));
        self.even.push(one_on(lo) & one_on(hi));
        let at = steps.start - column.bounds.steps().start;
        let own = at..at + steps.len();
        // No distance inside of a window is longer than the window. In WebAssembly code for ends on a
        // line would take longer to load than it saves.
        let range = column.windows.range;
        match column.ends.line(steps.start).filter(|_| range < SHORT) {
            Some((first, distance)) => {
                let end = |i: usize| first.wrapping_add((i as i64).wrapping_mul(distance));
                self.measure(column, steps, at, end, |i| end(i).wrapping_sub(range), near);
                self.finish(own, scale, short_seconds);
            }
            None => {
                let from = steps.start;
                let end = |i: usize| column.ends.at(from + i);
                self.measure(column, steps, at, end, |i| end(i).saturating_sub(range), |ms| ms as f64);
                self.finish(own, scale, |ms| ms / 1000.0);
            }
        }
    }

    /// Distances in ms, and the number of gaps in the place of factors, for the windows of a chunk.
    #[inline(always)]
    fn measure(
        &mut self,
        column: &Column<'_>,
        steps: Range<usize>,
        at: usize,
        end: impl Fn(usize) -> i64,
        start: impl Fn(usize) -> i64,
        float: impl Fn(i64) -> f64,
    ) {
        let n = steps.len();
        let (lo, hi) = column.bounds.columns(steps);
        let (mut firsts, mut lasts) = ([0; CHUNK], [0; CHUNK]);
        let time = |i: u32| column.time.get(i as usize).copied().unwrap_or(0);
        for ((first, last), (lo, hi)) in firsts.iter_mut().zip(&mut lasts).zip(lo.iter().zip(hi)) {
            (*first, *last) = (time(*lo), time(hi.wrapping_sub(1)));
        }
        let places = self.sampled[at..].iter_mut().zip(&mut self.to_start[at..]).zip(&mut self.to_end[at..]).zip(&mut self.factor[at..]);
        let windows = firsts.iter().zip(&lasts).zip(lo.iter().zip(hi)).enumerate();
        let (mut fewest, mut crowded) = (u32::MAX, false);
        for ((((sampled, to_start), to_end), gaps), (i, ((first, last), (lo, hi)))) in places.zip(windows) {
            *sampled = float(last.wrapping_sub(*first));
            *to_start = float(first.wrapping_sub(start(i)));
            *to_end = float(end(i).wrapping_sub(*last));
            let between = (hi - lo).saturating_sub(1);
            *gaps = f64::from(between);
            fewest = fewest.min(between);
            crowded |= first == last;
        }
        let mut present = u64::MAX.checked_shr((CHUNK - n) as u32).unwrap_or(0);
        if fewest == 0 {
            // Windows with fewer than two samples have no part in what is known of the chunk.
            let enough = |(lo, hi): &(&u32, &u32)| **hi >= **lo + 2;
            let windows = || lo.iter().zip(hi);
            present = word_of(windows().map(|window| enough(&window)));
            fewest = windows().filter(enough).map(|(lo, hi)| hi - lo - 1).min().unwrap_or(u32::MAX);
            crowded = windows().zip(firsts.iter().zip(&lasts)).any(|(window, (first, last))| enough(&window) && first == last);
        }
        self.present.push(present);
        self.crowded |= crowded;
        // A margin is at most 1.1 times the mean gap; the rest is for rounding.
        self.before.push(1.2 / f64::from(fewest));
    }

    /// Margins and factors from the distances and gaps of some steps.
    #[inline(always)]
    fn finish(&mut self, own: Range<usize>, scale: f64, seconds: impl Fn(f64) -> f64 + Copy) {
        let (sampled, factor) = (&mut self.sampled[own.clone()], &mut self.factor[own.clone()]);
        let (to_start, to_end) = (&mut self.to_start[own.clone()], &mut self.to_end[own.clone()]);
        if cfg!(target_arch = "wasm32") {
            // One loop has less to load than four.
            for (((sampled, to_start), to_end), factor) in sampled.iter_mut().zip(to_start).zip(to_end).zip(factor) {
                let margins = Margins::within(seconds(*sampled), seconds(*to_start), seconds(*to_end), *factor);
                (*sampled, *to_start, *to_end) = (margins.sampled, margins.to_start, margins.to_end);
                *factor = margins.factor(scale);
            }
            return;
        }
        // A mean gap takes a division. Where none of the distances is near to 1.1 times its own, as
        // in regular scrapes, it is of no use.
        let mut far = false;
        for (((sampled, to_start), to_end), gaps) in sampled.iter_mut().zip(to_start.iter_mut()).zip(to_end.iter_mut()).zip(&*factor) {
            let limit = *sampled * 1.09;
            far |= ((*to_start * gaps >= limit) | (*to_end * gaps >= limit)) & (*gaps > 0.0);
            (*sampled, *to_start, *to_end) = (seconds(*sampled), seconds(*to_start), seconds(*to_end));
        }
        let margins = sampled.iter().zip(to_start.iter_mut().zip(to_end));
        if far {
            for ((sampled, (to_start, to_end)), gaps) in margins.zip(&*factor) {
                let margins = Margins::within(*sampled, *to_start, *to_end, *gaps);
                (*to_start, *to_end) = (margins.to_start, margins.to_end);
            }
        }
        let margins = sampled.iter().zip(to_start.iter().zip(&self.to_end[own.clone()]));
        for ((sampled, (to_start, to_end)), factor) in margins.zip(factor) {
            *factor = (sampled + to_start + to_end) / sampled;
        }
        // Divided by 1, a number stays what it is.
        if scale != 1.0 {
            self.factor[own].iter_mut().for_each(|factor| *factor /= scale);
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
    wide(
        #[inline(always)]
        || all_wide(column, row, change),
    )
}

#[inline(always)]
fn all_wide(column: &Column<'_>, row: &mut Row<'_>, change: Change) -> Result<(), Stop> {
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
    let chunks = stretch.even.iter().zip(&stretch.present).zip(&stretch.before);
    let (mut first, mut change_of) = ([0.0; CHUNK], [0.0; CHUNK]);
    for (from, ((even, present), before)) in all.clone().step_by(CHUNK).zip(chunks) {
        column.pace.spend(CHUNK);
        column.pace.check()?;
        if *present == 0 {
            continue;
        }
        // From the first window of the chunk that has a value to the last.
        let steps = from + present.trailing_zeros() as usize..from + CHUNK - present.leading_zeros() as usize;
        differences(column, steps.clone(), *even, &mut first, &mut change_of);
        resets.restore(column, steps.clone(), &mut change_of);
        let out = &mut row.values[steps.clone()];
        let (first, change_of) = (&first[..out.len()], &change_of[..out.len()]);
        let steps = steps.start - all.start..steps.end - all.start;
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
        row.mark(from, *present);
    }
    column.work.resets.set(resets);
    column.work.stretch.set(stretch);
    Ok(())
}

/// The first values of some windows, and how far from them the last ones are. Anything where a
/// window is empty.
#[inline(always)]
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
