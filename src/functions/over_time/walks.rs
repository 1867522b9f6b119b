//! The walks from several cuts side by side.
//!
//! A walk down or up from a cut is one long chain of additions, as a window is (see
//! [`super::lanes`]), and those of neighbouring cuts do not wait for each other. What they
//! remember is kept for each sample, so that no walk stops at the windows' ends.

use super::cut::{Group, Marks, Part, View};
use super::lanes::Chain;
use crate::exec::Stop;
use crate::functions::column::{Column, Row};

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
    joined: &dyn Fn(&View<'_>, P) -> Option<f64>,
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
        walk::<L, C, _>(column, chain, &groups, &mut trail);
        column.pace.spend(trail.len() * L / 4);
        for (i, Group { steps, cut, at }) in groups.iter().enumerate() {
            let part = |walk: usize, n: usize| {
                let states: &[[f64; L]; C] = trail.get(n)?;
                P::of_chain(n, std::array::from_fn(|c| states[c][walk]))
            };
            for step in steps.clone() {
                let (lo, hi) = column.bounds.window(step);
                if hi - lo <= whole {
                    continue;
                }
                let constant = K::TIMED && {
                    marks.reach(column, lo, hi);
                    marks.constant(lo)
                };
                let (time, value) = (&column.time[lo..hi], &column.value[lo..hi]);
                let view = View { time, value, step, cut: *cut, nan: false, constant };
                // Times so far out that the arithmetic saturates may lie beside their cut.
                let both = at.checked_sub(lo).zip(hi.checked_sub(*at));
                let both = both.and_then(|(down, up)| Some(part(2 * i, down)?.join(part(2 * i + 1, up)?)));
                if let Some(value) = both.and_then(|both| joined(&view, both)).or_else(|| plain(&view)) {
                    row.set(step, value);
                }
            }
            column.pace.spend(steps.len());
            column.pace.check()?;
        }
    }
    Ok(())
}

/// Walks down from the cut of each group, and up, to the far ends of its windows. The trail is what
/// the walks remember after so many samples each.
#[inline(never)]
fn walk<const L: usize, const C: usize, K: Chain<C>>(column: &Column<'_>, chain: &K, groups: &[Group], trail: &mut Vec<[[f64; L]; C]>) {
    let mut values: [&[f64]; L] = [&[]; L];
    for (Group { steps, at, .. }, pair) in groups.iter().zip(values.chunks_mut(2)) {
        let (lo, hi) = (column.bounds.window(steps.start).0, column.bounds.window(steps.end - 1).1);
        pair[0] = column.value.get(lo..*at).unwrap_or(&[]);
        pair[1] = column.value.get(*at..hi).unwrap_or(&[]);
    }
    let longest = values.iter().map(|values| values.len()).max().unwrap_or(0);
    let mut state = [[0.0; L]; C];
    trail.clear();
    trail.push(state);
    for k in 0..longest {
        // A walk that is at its end goes on with zeros, which nobody looks at.
        let value = std::array::from_fn(|i| {
            let at = if i % 2 == 0 { values[i].len().wrapping_sub(k + 1) } else { k };
            values[i].get(at).copied().unwrap_or(0.0)
        });
        chain.push((k + 1) as f64, &value, &value, &mut state);
        trail.push(state);
    }
}
