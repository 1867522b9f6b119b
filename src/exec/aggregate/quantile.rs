//! quantile: all values of a group at a step are needed at once, so groups are evaluated one
//! after the other.

use super::groups::Groups;
use super::{Site, param};
use crate::exec::picked::Picked;
use crate::exec::{Block, Opened, Remark, Series, Spool, Stop, in_order, open_column};
use crate::model::quantile::by_rank;
use crate::plan::Node;

/// Steps whose values are gathered together: a line of cache holds eight.
const TILE: usize = 8;

pub(super) fn open<'q>(site: &Site<'q>, param: &'q Node) -> Result<Opened<'q>, Stop> {
    let column = open_column(param, &site.grid, site.cx)?;
    let operand = site.open_operand()?;
    let n = site.grid.n;
    if n > 0 {
        param::check_quantiles(site, &column, param);
    }
    let mut groups = Groups::new(operand.rows(), site.grouping);
    // Rows by group; inside a group they keep their order.
    let order = groups.ids().rows_by_id();
    let picked = Picked::new(operand, order.clone());

    let mut done: Vec<Done> = Vec::new();
    let mut members = Block::new(n);
    let (mut current, mut held, mut ignored) = (None, 0, false);
    in_order(&picked, n, site.node, site.cx, &mut |block| {
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            let row = order[block.heads[i] as usize];
            let group = groups.ids().of_rows()[row as usize];
            if current.is_some_and(|(g, _)| g != group) {
                done.push(Done::of(current, &members, &column));
                members.reset(n);
                current = None;
            }
            current.get_or_insert((group, row));
            groups.slot(row, block, i);
            ignored |= block.has_histograms(i);
            members.heads.push(row);
            members.values.extend_from_slice(block.values_of(i));
            members.floats.extend_from_slice(block.floats_of(i));
        }
        let bytes = members.values.len() * 8 + done.len() * n * 8;
        let more = bytes.saturating_sub(held);
        held += more;
        site.hold(more)
    })?;
    if current.is_some() {
        done.push(Done::of(current, &members, &column));
    }
    if ignored {
        site.note_operand(Remark::HistogramIgnoredInAggregation { aggregation: "quantile" });
    }
    site.done(assemble(done, groups, n))
}

/// The quantiles of one group.
struct Done {
    /// The first row with a point.
    row: u32,
    values: Vec<f64>,
    floats: Vec<u64>,
}

impl Done {
    fn of(group: Option<(u32, u32)>, members: &Block, q: &[f64]) -> Done {
        let n = members.n;
        let mut values = vec![0.0; n];
        let mut floats = vec![0; members.words()];
        let mut gathered: [Vec<u64>; TILE] = std::array::from_fn(|_| Vec::with_capacity(members.len()));
        for from in (0..n).step_by(TILE) {
            let tile = from..n.min(from + TILE);
            for i in 0..members.len() {
                let bits = members.floats_of(i)[from / 64] >> (from % 64);
                let values = members.values_of(i)[tile.clone()].iter().zip(&mut gathered).enumerate();
                for (_, (value, numbers)) in values.filter(|(offset, _)| bits >> offset & 1 == 1) {
                    numbers.push(ordered(*value));
                }
            }
            for (step, numbers) in tile.zip(&mut gathered) {
                if !numbers.is_empty() {
                    values[step] = quantile_of(q[step], numbers);
                    floats[step / 64] |= 1 << (step % 64);
                    numbers.clear();
                }
            }
        }
        Done { row: group.map_or(0, |(_, row)| row), values, floats }
    }
}

/// Groups in the order of their first rows, as everywhere.
fn assemble(done: Vec<Done>, groups: Groups, n: usize) -> Spool {
    let mut done: Vec<(Series, Done)> = groups.into_rows().into_iter().zip(done).collect();
    crate::model::order::sort_by(&mut done, |a, b| a.1.row.cmp(&b.1.row));
    let mut rows = Vec::with_capacity(done.len());
    let mut out = Block::new(n);
    for (series, one) in done {
        rows.push(series);
        out.heads.push(0);
        out.values.extend_from_slice(&one.values);
        out.floats.extend_from_slice(&one.floats);
    }
    Spool::new(rows, out)
}

const SIGN: u64 = 1 << 63;

/// A whole number that stands to others as the float does; NaN is smaller than any.
fn ordered(x: f64) -> u64 {
    let bits = x.to_bits();
    match x.is_nan() {
        true => 0,
        false if bits & SIGN == 0 => bits | SIGN,
        false => !bits,
    }
}

/// The float of such a number.
fn float(number: u64) -> f64 {
    match number {
        0 => crate::model::nan(),
        _ if number & SIGN == 0 => f64::from_bits(!number),
        _ => f64::from_bits(number & !SIGN),
    }
}

/// The `q`-quantile of values as [`ordered`] numbers. Reorders them.
fn quantile_of(q: f64, values: &mut [u64]) -> f64 {
    let mut least = None;
    by_rank(q, values.len(), |k| {
        float(match least {
            Some(lower) if lower < k => values[k..].iter().copied().min().unwrap_or(0),
            _ => {
                least = Some(k);
                *values.select_nth_unstable(k).1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::ordered;
    use proptest::prelude::*;

    fn quantile_of(q: f64, values: &mut [f64]) -> f64 {
        super::quantile_of(q, &mut values.iter().map(|v| ordered(*v)).collect::<Vec<_>>())
    }

    #[test]
    fn whole_ranks_are_elements() {
        assert_eq!(quantile_of(0.5, &mut [3.0, f64::INFINITY, 1.0]), 3.0);
        assert_eq!(quantile_of(1.0, &mut [3.0, f64::INFINITY, 1.0]), f64::INFINITY);
        assert_eq!(quantile_of(0.5, &mut [3.0, 2.0, f64::NAN]), 2.0);
        assert!(quantile_of(0.25, &mut [3.0, 2.0, f64::NAN]).is_nan());
        assert_eq!(quantile_of(0.75, &mut [1.0, 2.0]), 1.75);
        assert_eq!(quantile_of(-0.1, &mut [1.0]), f64::NEG_INFINITY);
        assert_eq!(quantile_of(1.1, &mut [1.0]), f64::INFINITY);
        assert!(quantile_of(0.5, &mut []).is_nan());
    }

    proptest! {
        #[test]
        fn selecting_agrees_with_sorting(q in 0.0..=1.0f64, mut values in prop::collection::vec(-1e6..1e6f64, 1..50)) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = q * (sorted.len() - 1) as f64;
            let (low, high) = (rank.floor() as usize, rank.ceil() as usize);
            let weight = rank - rank.floor();
            let expected = if weight == 0.0 { sorted[low] } else { sorted[low] * (1.0 - weight) + sorted[high] * weight };
            prop_assert_eq!(quantile_of(q, &mut values), expected);
        }
    }
}
