//! Minimum and maximum of all windows of a series: of the values, from what is best on both sides
//! of a cut; of the times, by a queue of the samples that may still become the best of a window.

use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use std::collections::VecDeque;

/// Fills a row from the best sample of each window. A sample `yields` to a later one when no
/// window with both has any use for it. NaN is best where there is nothing else, and then the
/// last one.
#[inline]
fn best(column: &Column<'_>, row: &mut Row<'_>, yields: impl Fn(f64, f64) -> bool, value: impl Fn(usize) -> f64) -> Result<(), Stop> {
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
        Some(value(queue.front().copied().unwrap_or(hi - 1)))
    })
}

/// The same for the values alone, of which `better` prefers one to another and everything to
/// `worst`.
///
/// Windows that have a sample in common are cut after it: the best of what lies before the cut is
/// found downwards for all of them, and that of what lies after it upwards.
#[inline]
fn extreme(column: &Column<'_>, row: &mut Row<'_>, worst: f64, better: impl Fn(f64, f64) -> bool) -> Result<(), Stop> {
    let (first, past) = column.bounds.span();
    // Of equal values, any is the first: but for −0, which alone changes when 0 is added.
    let strange = |v: &f64| ((v + 0.0).to_bits() ^ v.to_bits()) | u64::from(v.is_nan());
    if column.value[first..past].iter().fold(0, |any, v| any | strange(v)) != 0 {
        return best(column, row, |old, new| better(new, old), |i| column.value[i]);
    }
    let choose = |a: f64, b: f64| if better(b, a) { b } else { a };
    let best_of = |values: &[f64], found: f64| match values {
        [one] => choose(found, *one),
        _ => {
            let (whole, rest) = values.as_chunks::<8>();
            let mut lanes = [worst; 8];
            for values in whole {
                lanes = std::array::from_fn(|i| choose(lanes[i], values[i]));
            }
            let found = if whole.is_empty() { found } else { lanes.iter().fold(found, |a, b| choose(a, *b)) };
            rest.iter().fold(found, |a, b| choose(a, *b))
        }
    };
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
        let out = &mut row.values[from..from + n];
        let (mut found, mut seen) = (worst, cut as usize);
        for (out, (lo, _)) in out.iter_mut().zip(los[..n].iter().zip(his)).rev().filter(used) {
            found = best_of(&column.value[*lo as usize..seen], found);
            seen = *lo as usize;
            *out = found;
        }
        column.pace.spend(cut as usize - seen);
        let (mut found, mut seen) = (worst, cut as usize);
        for (out, (_, hi)) in out.iter_mut().zip(los.iter().zip(his)).filter(used) {
            found = best_of(&column.value[seen..*hi as usize], found);
            seen = *hi as usize;
            *out = choose(*out, found);
        }
        column.pace.spend(n + seen - cut as usize);
        column.pace.check()?;
        from += n;
    }
    column.all_present(row);
    Ok(())
}

pub(super) fn min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    extreme(column, row, f64::INFINITY, |a, b| a < b)
}

pub(super) fn max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    extreme(column, row, f64::NEG_INFINITY, |a, b| a > b)
}

pub(super) fn ts_of_min(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new <= old, |i| column.time[i] as f64 / 1000.0)
}

pub(super) fn ts_of_max(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    best(column, row, |old, new| new >= old, |i| column.time[i] as f64 / 1000.0)
}
