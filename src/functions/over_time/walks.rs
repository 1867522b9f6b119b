//! The walks from several cuts side by side.
//!
//! A walk down or up from a cut is one long chain of additions, as a window is (see
//! [`super::lanes`]), and those of neighbouring cuts do not wait for each other. What they
//! remember is kept for each sample, so that no walk stops at the windows' ends.

use super::cut::{Group, Joined, Level, Part, View};
use super::lanes::Chain;
use super::vector::{Plain, Side};
use crate::exec::Stop;
use crate::functions::column::{Column, Row};
use crate::functions::range::SHORT;
use crate::wide::Wide;
use std::array::from_fn;
use std::ops::Range;

/// Rows whose windows have more samples are walked one cut after the other: too much to remember.
pub(super) const LONGEST: usize = 8192;

/// A walk from a cut: down from the sample before it, or up from the one at or after it.
struct Walk {
    /// The cut, ms.
    cut: f64,
    /// Its first sample, and what leads from one to the next, wrapping.
    first: usize,
    on: usize,
    /// How many samples it has to the far end of its windows.
    length: usize,
}

impl Walk {
    fn down(column: &Column<'_>, Group { steps, cut, at }: &Group) -> Walk {
        let length = at.saturating_sub(column.bounds.window(steps.start).0);
        Walk { cut: *cut as f64, first: at.wrapping_sub(1), on: usize::MAX, length }
    }

    fn up(column: &Column<'_>, Group { steps, cut, at }: &Group) -> Walk {
        let length = column.bounds.window(steps.end - 1).1.saturating_sub(*at);
        Walk { cut: *cut as f64, first: *at, on: 1, length }
    }
}

/// Fills the steps whose windows have more than `whole` samples, from `L` walks at once: down and
/// up from each cut. All values are tame.
pub(super) fn fill<const L: usize, const C: usize, P: Part<C>, K: Chain<C>>(
    column: &Column<'_>,
    row: &mut Row<'_>,
    chain: &K,
    whole: usize,
    plain: &dyn Fn(&View<'_>) -> Option<f64>,
    joined: &impl Joined<P>,
) -> Result<(), Stop>
where
    Wide: Side<L>,
{
    let mut level = Level::default();
    let mut trails = column.work.trails.take();
    let mut rest = column.bounds.steps();
    while !rest.is_empty() {
        let groups = next_groups(column, &mut rest, whole, L);
        let walks = both_ways(column, &groups);
        for (walks, trail) in walks.chunks(L).zip(&mut trails) {
            match column.windows.range < SHORT {
                true => walk_wide::<L, C, true, _>(column, chain, walks, trail),
                false => walk_wide::<L, C, false, _>(column, chain, walks, trail),
            }
            column.pace.spend(trail.len() / C / 4);
        }
        for (i, Group { steps, cut, at }) in groups.iter().enumerate() {
            let part = |walk: usize, n: usize| {
                let (lanes, _) = trails[walk / L].as_chunks::<L>();
                let states = lanes.as_chunks::<C>().0.get(n)?;
                Some(P::of_chain(n, from_fn(|c| states[c][walk % L])))
            };
            for step in steps.clone() {
                let (lo, hi) = column.bounds.window(step);
                if hi - lo <= whole {
                    continue;
                }
                let constant = K::TIMED && level.holds(column.value, lo, hi);
                let (time, value) = (&column.time[lo..hi], &column.value[lo..hi]);
                let view = View { time, value, step, cut: *cut, nan: false, constant };
                // Times so far out that the arithmetic saturates may lie beside their cut.
                let both = at.checked_sub(lo).zip(hi.checked_sub(*at));
                let both = both.and_then(|(down, up)| Some(part(i, down)?.join(part(groups.len() + i, up)?)));
                if let Some(value) = both.and_then(|both| joined.value(&view, both)).or_else(|| plain(&view)) {
                    row.set(step, value);
                }
            }
            column.pace.spend(steps.len());
            column.pace.check()?;
        }
    }
    column.work.trails.set(trails);
    Ok(())
}

/// The first groups of some steps, at most so many, whose first and last windows have more than
/// `whole` samples.
fn next_groups(column: &Column<'_>, rest: &mut Range<usize>, whole: usize, most: usize) -> Vec<Group> {
    let mut groups = Vec::with_capacity(most);
    while rest.start < rest.end && groups.len() < most {
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
    groups
}

/// The walks down from the cuts of some groups, and then those up. Those down are longer than those
/// up, and each waits for the longest beside it.
fn both_ways(column: &Column<'_>, groups: &[Group]) -> Vec<Walk> {
    let down = groups.iter().map(|group| Walk::down(column, group));
    down.chain(groups.iter().map(|group| Walk::up(column, group))).collect()
}

#[inline(never)]
fn walk_wide<const L: usize, const C: usize, const SHORT: bool, K: Chain<C>>(
    column: &Column<'_>,
    chain: &K,
    walks: &[Walk],
    trail: &mut Vec<f64>,
) where
    Wide: Side<L>,
{
    K::VECTORS.use_for(
        #[inline(always)]
        |wide| match wide {
            Some(side) => walk::<L, C, SHORT, K, _>(side, column, chain, walks, trail),
            None => walk::<L, C, SHORT, K, _>(Plain, column, chain, walks, trail),
        },
    );
}

/// Goes some walks, at most `L`. The trail is what they remember after so many samples each.
#[inline(always)]
fn walk<const L: usize, const C: usize, const SHORT: bool, K: Chain<C>, S: Side<L>>(
    side: S,
    column: &Column<'_>,
    chain: &K,
    walks: &[Walk],
    trail: &mut Vec<f64>,
) {
    // A walk that is at its end goes on as long as the others, and where there are too few, the first
    // goes several times: nobody looks at that.
    let longest = walks.iter().map(|walk| walk.length).max().unwrap_or(0);
    let walk = |i: usize| walks.get(i).or(walks.first());
    let cuts = side.vector(from_fn(|i| walk(i).map_or(0.0, |walk| walk.cut)));
    let on: [usize; L] = from_fn(|i| walk(i).map_or(0, |walk| walk.on));
    let mut at: [usize; L] = from_fn(|i| walk(i).map_or(0, |walk| walk.first));
    let (values, times) = (column.value, if K::TIMED { chain.times() } else { column.value });
    // What is there from walks before is written over; walks are about as long as one another.
    let numbers = (longest + 1) * C * L;
    trail.reserve_exact(numbers.saturating_sub(trail.len()));
    trail.resize(numbers, 0.0);
    let (lanes, _) = trail.as_chunks_mut::<L>();
    let (trail, _) = lanes.as_chunks_mut::<C>();
    trail[0] = [[0.0; L]; C];
    let mut state = [side.vector([0.0; L]); C];
    for (n, seen) in trail.iter_mut().enumerate().skip(1) {
        let value = at_each(side, values, &at);
        let ms = if K::TIMED { at_each(side, times, &at) - cuts } else { value };
        chain.walk::<_, SHORT>(n as f64, value, ms, &mut state);
        for (seen, vector) in seen.iter_mut().zip(&state) {
            *seen = side.lanes(*vector);
        }
        at = from_fn(|i| at[i].wrapping_add(on[i]));
    }
}

/// The numbers of a column at some places; 0 where there is none.
#[inline(always)]
fn at_each<const L: usize, S: Side<L>>(side: S, column: &[f64], at: &[usize; L]) -> S::Vector {
    side.vector(from_fn(|i| column.get(at[i]).copied().unwrap_or(0.0)))
}
