//! The walks from several cuts side by side.
//!
//! A walk down or up from a cut is one long chain of additions, as a window is (see
//! [`super::lanes`]), and those of neighbouring cuts do not wait for each other. What they
//! remember is kept for each sample, so that no walk stops at the windows' ends.

use super::cut::{Group, Joined, Marks, Part, View};
use super::lanes::Chain;
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::functions::range::SHORT;
use crate::wide::wide;
use std::array::from_fn;

/// Rows whose windows have more samples are walked one cut after the other: too much to remember.
pub(super) const LONGEST: usize = 2048;

/// Fills the steps whose windows have more than `whole` samples, from `L` walks at once: down and
/// up from each cut. All values are tame.
pub(super) fn fill<const L: usize, const C: usize, P: Part<C>, K: Chain<C>>(
    column: &Column<'_>,
    row: &mut Row<'_>,
    chain: &K,
    whole: usize,
    plain: &dyn Fn(&View<'_>) -> Option<f64>,
    joined: &impl Joined<P>,
) -> Result<(), Stop> {
    let mut marks = Marks::default();
    let mut trail = Vec::new();
    let mut groups = Vec::with_capacity(L / 2);
    let mut rest = column.bounds.steps();
    while !rest.is_empty() {
        groups.clear();
        while !rest.is_empty() && groups.len() < L / 2 {
            let group = Group::next(column, rest.clone(), whole);
            rest.start = group.steps.end;
            let long = |step: &usize| {
                let (lo, hi) = column.bounds.window(*step);
                hi - lo > whole
            };
            if let (Some(first), Some(last)) = (group.steps.clone().find(long), group.steps.clone().rfind(long)) {
                groups.push(Group { steps: first..last + 1, ..group });
            }
        }
        let trail = match column.windows.range < SHORT {
            true => walk_wide::<L, C, true, _>(column, chain, &groups, &mut trail),
            false => walk_wide::<L, C, false, _>(column, chain, &groups, &mut trail),
        };
        column.pace.spend(trail.len() * L / 4);
        for (i, Group { steps, cut, at }) in groups.iter().enumerate() {
            let part = |walk: usize, n: usize| {
                let states = trail.get(n)?;
                Some(P::of_chain(n, from_fn(|c| states[c][walk])))
            };
            for step in steps.clone() {
                let (lo, hi) = column.bounds.window(step);
                if hi - lo <= whole {
                    continue;
                }
                let constant = K::TIMED && marks.constant_in(column, lo, hi);
                let (time, value) = (&column.time[lo..hi], &column.value[lo..hi]);
                let view = View { time, value, step, cut: *cut, nan: false, constant };
                // Times so far out that the arithmetic saturates may lie beside their cut.
                let both = at.checked_sub(lo).zip(hi.checked_sub(*at));
                let both = both.and_then(|(down, up)| Some(part(2 * i, down)?.join(part(2 * i + 1, up)?)));
                if let Some(value) = both.and_then(|both| joined.value(&view, both)).or_else(|| plain(&view)) {
                    row.set(step, value);
                }
            }
            column.pace.spend(steps.len());
            column.pace.check()?;
        }
    }
    Ok(())
}

#[inline(never)]
fn walk_wide<'t, const L: usize, const C: usize, const SHORT: bool, K: Chain<C>>(
    column: &Column<'_>,
    chain: &K,
    groups: &[Group],
    trail: &'t mut Vec<[[f64; L]; C]>,
) -> &'t [[[f64; L]; C]] {
    if K::WIDE {
        return wide(
            #[inline(always)]
            || walk::<L, C, SHORT, K>(column, chain, groups, trail),
        );
    }
    walk::<L, C, SHORT, K>(column, chain, groups, trail)
}

/// Walks down from the cut of each group, and up, to the far ends of its windows. The trail is what
/// the walks remember after so many samples each.
#[inline(always)]
fn walk<'t, const L: usize, const C: usize, const SHORT: bool, K: Chain<C>>(
    column: &Column<'_>,
    chain: &K,
    groups: &[Group],
    trail: &'t mut Vec<[[f64; L]; C]>,
) -> &'t [[[f64; L]; C]] {
    let length = |Group { steps, at, .. }: &Group| {
        let (lo, hi) = (column.bounds.window(steps.start).0, column.bounds.window(steps.end - 1).1);
        at.saturating_sub(lo).max(hi.saturating_sub(*at))
    };
    let longest = groups.iter().map(length).max().unwrap_or(0);
    // A walk that is at its end goes on as long as the others, and where there are too few, the first
    // goes twice: nobody looks at that.
    let group = |walk: usize| groups.get(walk / 2).or(groups.first());
    let samples = |walk: usize| match group(walk).map_or(0, |group| group.at) {
        at if is_down(walk) => at.saturating_sub(longest)..at,
        at => at..column.value.len().min(at + longest),
    };
    let times = if K::TIMED { chain.times() } else { column.value };
    let (values, times): ([&[f64]; L], [&[f64]; L]) = (from_fn(|walk| &column.value[samples(walk)]), from_fn(|walk| &times[samples(walk)]));
    let cuts: [f64; L] = from_fn(|walk| group(walk).map_or(0.0, |group| group.cut as f64));
    if trail.len() <= longest {
        trail.resize(longest + 1, [[0.0; L]; C]);
    }
    let trail = &mut trail[..longest + 1];
    // As long as all of them have samples there is no need to ask.
    let common = values.iter().map(|values| values.len()).min().unwrap_or(0);
    let (near_values, near_times) = (nearest(values, common), nearest(times, common));
    let mut state = [[0.0; L]; C];
    trail[0] = state;
    for (k, seen) in trail[1..].iter_mut().enumerate() {
        let (value, time): ([f64; L], [f64; L]) = if k < common {
            let at = |walk: usize| if is_down(walk) { common - 1 - k } else { k };
            (from_fn(|i| near_values[i][at(i)]), from_fn(|i| if K::TIMED { near_times[i][at(i)] } else { 0.0 }))
        } else {
            let at = |walk: usize| if is_down(walk) { values[walk].len().wrapping_sub(k + 1) } else { k };
            let any = |all: &[&[f64]; L], i: usize| all[i].get(at(i)).copied().unwrap_or(0.0);
            (from_fn(|i| any(&values, i)), from_fn(|i| if K::TIMED { any(&times, i) } else { 0.0 }))
        };
        chain.walk::<L, SHORT>((k + 1) as f64, &value, &from_fn(|i| time[i] - cuts[i]), &mut state);
        *seen = state;
    }
    trail
}

/// Every other walk goes down, the one after it up from the same cut.
fn is_down(walk: usize) -> bool {
    walk.is_multiple_of(2)
}

/// The first `n` samples on the way of each walk.
fn nearest<const L: usize>(walks: [&[f64]; L], n: usize) -> [&[f64]; L] {
    from_fn(|walk| if is_down(walk) { &walks[walk][walks[walk].len() - n..] } else { &walks[walk][..n] })
}
