//! Minimum and maximum of all windows of a series: of the values, from what is best on both sides
//! of a cut; of the times, by a queue of the samples that may still become the best of a window.

use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::wide::wide;
use std::collections::VecDeque;

/// Steps that are on average no more samples apart than this are near each other.
const NEAR: usize = 8;

/// Which sample of a window is asked for, and what of it.
#[derive(Clone, Copy)]
struct Asked {
    /// The greatest, not the least.
    greatest: bool,
    /// The time of the last one of these, in seconds, not the value of the first.
    time: bool,
}

/// Fills a row from the best sample of each window. A sample yields to a later one when no window with
/// both has any use for it. NaN is best where there is nothing else, and then the last one.
fn best(column: &Column<'_>, row: &mut Row<'_>, Asked { greatest, time }: Asked) -> Result<(), Stop> {
    let yields = |old: f64, new: f64| {
        let better = if greatest { new > old } else { new < old };
        better | (time & (new == old))
    };
    let mut queue: VecDeque<usize> = VecDeque::new();
    let mut seen = 0;
    column.each(row, |_, lo, hi| {
        for i in seen.max(lo)..hi {
            let new = column.value[i];
            if new.is_nan() {
                continue;
            }
            while queue.back().is_some_and(|old| yields(column.value[*old], new)) {
                queue.pop_back();
            }
            queue.push_back(i);
        }
        seen = seen.max(hi);
        while queue.front().is_some_and(|i| *i < lo) {
            queue.pop_front();
        }
        let found = queue.front().copied().unwrap_or(hi - 1);
        Some(if time { column.time[found] as f64 / 1000.0 } else { column.value[found] })
    })
}

/// The same for the values alone.
///
/// Windows that have a sample in common are cut after it: the best of what lies before the cut is
/// found downwards for all of them, and that of what lies after it upwards. Where steps are near
/// each other it is kept for each sample, so that nothing depends on how many a step moves over.
fn extreme<const GREATEST: bool>(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    wide(
        #[inline(always)]
        || extreme_wide::<GREATEST>(column, row),
    )
}

#[inline(always)]
fn extreme_wide<const GREATEST: bool>(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let worst = if GREATEST { f64::NEG_INFINITY } else { f64::INFINITY };
    let better = |a: f64, b: f64| if GREATEST { a > b } else { a < b };
    let (first, past) = column.bounds.span();
    // Of equal values, any is the first: but for −0, which alone changes when 0 is added.
    let strange = |v: &f64| ((v + 0.0).to_bits() ^ v.to_bits()) | u64::from(v.is_nan());
    if column.value[first..past].iter().fold(0, |any, v| any | strange(v)) != 0 {
        return best(column, row, Asked { greatest: GREATEST, time: false });
    }
    let choose = |a: f64, b: f64| if better(b, a) { b } else { a };
    let best_of = |values: &[f64], found: f64| {
        let (whole, rest) = values.as_chunks::<8>();
        let lanes = whole.iter().fold([worst; 8], |lanes, values| std::array::from_fn(|i| choose(lanes[i], values[i])));
        rest.iter().chain(&lanes).fold(found, |a, b| choose(a, *b))
    };
    let mut bests = column.work.totals.take();
    let steps = column.bounds.steps();
    let mut from = steps.start;
    while from < steps.end {
        let (los, his) = column.bounds.columns(from..steps.end);
        let cut = his[0];
        if los[0] == cut {
            from += 1;
            continue;
        }
        let n = los.iter().take_while(|lo| **lo < cut).count();
        // Some windows may be left out.
        let used = |(_, (lo, hi)): &(&mut f64, (&u32, &u32))| lo < hi;
        let (first, cut, past) = (los[0] as usize, cut as usize, his[..n].iter().fold(cut, |a, b| a.max(*b)) as usize);
        let out = &mut row.values[from..from + n];
        if past - first <= NEAR * n {
            bests.clear();
            bests.resize(past - first + 1, worst);
            // Of the one at the cut itself there is nothing before and nothing after.
            let (before, after) = bests.split_at_mut(cut - first);
            running::<true>(&column.value[first..cut], before, worst, choose);
            running::<false>(&column.value[cut..past], &mut after[1..], worst, choose);
            for (out, (lo, hi)) in out.iter_mut().zip(los.iter().zip(his)).filter(used) {
                *out = choose(bests[*lo as usize - first], bests[*hi as usize - first]);
            }
        } else {
            let (mut found, mut seen) = (worst, cut);
            for (out, (lo, _)) in out.iter_mut().zip(los.iter().zip(his)).rev().filter(used) {
                found = best_of(&column.value[*lo as usize..seen], found);
                seen = *lo as usize;
                *out = found;
            }
            let (mut found, mut seen) = (worst, cut);
            for (out, (_, hi)) in out.iter_mut().zip(los.iter().zip(his)).filter(used) {
                found = best_of(&column.value[seen..*hi as usize], found);
                seen = *hi as usize;
                *out = choose(*out, found);
            }
        }
        column.pace.spend(n + past - first);
        column.pace.check()?;
        from += n;
    }
    column.work.totals.set(bests);
    column.all_present(row);
    Ok(())
}

/// The best of the values up to each one; of those from each one on, if `DOWN`.
///
/// Each waits for the one before it. So four parts of the values go side by side, and the best of the
/// parts before it is put to each part at the end.
#[inline(always)]
fn running<const DOWN: bool>(values: &[f64], bests: &mut [f64], worst: f64, choose: impl Fn(f64, f64) -> f64) {
    const PARTS: usize = 4;
    // In WebAssembly, where code has to be loaded, all is left over.
    let length = if cfg!(target_arch = "wasm32") { 0 } else { values.len() / PARTS };
    // What is left over comes last.
    let (parts, rest) = match DOWN {
        true => (values.len() - PARTS * length..values.len(), 0..values.len() - PARTS * length),
        false => (0..PARTS * length, PARTS * length..values.len()),
    };
    let [a, b, c, d]: [&[f64]; PARTS] = std::array::from_fn(|part| &values[parts.start + part * length..][..length]);
    let (first, second) = bests[parts.clone()].split_at_mut(2 * length);
    let ((best_a, best_b), (best_c, best_d)) = (first.split_at_mut(length), second.split_at_mut(length));
    let mut found = [worst; PARTS];
    for k in 0..length {
        let k = if DOWN { length - 1 - k } else { k };
        found = [choose(found[0], a[k]), choose(found[1], b[k]), choose(found[2], c[k]), choose(found[3], d[k])];
        (best_a[k], best_b[k], best_c[k], best_d[k]) = (found[0], found[1], found[2], found[3]);
    }
    let mut best = worst;
    for part in 0..PARTS {
        let part = if DOWN { PARTS - 1 - part } else { part };
        bests[parts.start + part * length..][..length].iter_mut().for_each(|own| *own = choose(best, *own));
        best = choose(best, found[part]);
    }
    for k in 0..rest.len() {
        let i = if DOWN { rest.end - 1 - k } else { rest.start + k };
        best = choose(best, values[i]);
        bests[i] = best;
    }
}

pub(super) fn min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    extreme::<false>(column, row)
}

pub(super) fn max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    extreme::<true>(column, row)
}

pub(super) fn ts_of_min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, Asked { greatest: false, time: true })
}

pub(super) fn ts_of_max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, Asked { greatest: true, time: true })
}
