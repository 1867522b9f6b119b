//! Quantiles and the median absolute deviation, of one window and of all windows of a series.

use super::floats::floats;
use super::ordered::{Ordered, order};
use crate::exec::{Point, Remark, Stop};
use crate::functions::column::{Column, Row};
use crate::functions::kernel::Window;
use crate::model::quantile::by_rank;

/// Windows of up to so many samples are sorted by themselves: quicker than keeping all in order.
const FEW: usize = 12;
/// The same for the deviation from the median, which asks more of the order.
const FEW_DISTANCES: usize = 32;

/// The φ-quantile of values, sorted in place. NaN sorts first.
fn quantile_of(q: f64, values: &mut [f64]) -> f64 {
    // A stable sort: of −0 and 0, which are equal, the earlier comes first.
    crate::model::order::sort_by(values, |a, b| order(*a, *b));
    by_rank(q, values.len(), |k| values[k])
}

fn outside(q: f64) -> bool {
    q.is_nan() || !(0.0..=1.0).contains(&q)
}

pub(super) fn quantile(w: &Window<'_>) -> Option<Point> {
    let q = w.args[0];
    // Remarks of this function all point at the quantile, its first argument.
    let mut values = floats(w, 0)?.1.into_owned();
    if outside(q) {
        w.note(0, Remark::InvalidQuantile { got: q });
    }
    Some(Point::Float(quantile_of(q, &mut values)))
}

/// Median of the absolute deviations from the median.
pub(super) fn mad(w: &Window<'_>) -> Option<Point> {
    Some(Point::Float(deviation(&mut floats(w, 0)?.1.into_owned())))
}

fn deviation(values: &mut [f64]) -> f64 {
    if values.iter().any(|v| v.is_nan()) {
        return crate::model::nan();
    }
    let median = quantile_of(0.5, values);
    values.iter_mut().for_each(|v| *v = (*v - median).abs());
    quantile_of(0.5, values)
}

/// The set of the samples of all windows, empty at first.
fn ordered(column: &Column<'_>) -> Ordered {
    let (first, past) = column.bounds.span();
    column.pace.spend((past - first).saturating_mul(8));
    Ordered::new(&column.value[..past], first)
}

pub(super) fn quantiles(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let (mut set, mut few) = (None, Vec::new());
    column.each(row, |step, lo, hi| {
        let q = column.arg(0, step);
        if outside(q) {
            column.note(step, 0, Remark::InvalidQuantile { got: q });
        }
        if hi - lo <= FEW {
            few.clear();
            few.extend_from_slice(&column.value[lo..hi]);
            return Some(quantile_of(q, &mut few));
        }
        let set = set.get_or_insert_with(|| ordered(column));
        set.slide(lo, hi);
        Some(set.quantile(q, hi - lo))
    })
}

pub(super) fn mads(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
    let (mut set, mut few) = (None, Vec::new());
    let mut by_itself = |lo: usize, hi: usize| {
        few.clear();
        few.extend_from_slice(&column.value[lo..hi]);
        Some(deviation(&mut few))
    };
    column.each(row, |_, lo, hi| {
        let n = hi - lo;
        if n <= FEW_DISTANCES {
            return by_itself(lo, hi);
        }
        let set = set.get_or_insert_with(|| ordered(column));
        set.slide(lo, hi);
        if set.nth(0).is_nan() {
            return Some(crate::model::nan());
        }
        if set.nth(0).is_infinite() || set.nth(n - 1).is_infinite() {
            // A distance between two infinities is NaN, and the distances are not in order.
            column.pace.spend(n);
            return by_itself(lo, hi);
        }
        let median = set.quantile(0.5, n);
        Some(by_rank(0.5, n, |k| nth_distance(set, n, median, k)))
    })
}

/// The k-th smallest distance from `centre`, among the finite values of a set of `n`.
///
/// For any number of values taken from the lower end, those left out below `centre` and those
/// taken make one run of neighbours: the k + 1 nearest values are such a run, and its first
/// element is found by halving.
fn nth_distance(set: &Ordered, n: usize, centre: f64, k: usize) -> f64 {
    let (mut first, mut end) = (0, n - 1 - k);
    while first < end {
        let middle = first + (end - first) / 2;
        // The run from `middle` on against the one after it.
        if centre - set.nth(middle) > set.nth(middle + k + 1) - centre { first = middle + 1 } else { end = middle }
    }
    (set.nth(first) - centre).abs().max((set.nth(first + k) - centre).abs())
}
