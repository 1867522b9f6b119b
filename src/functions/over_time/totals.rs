//! Sums of whole numbers: nothing is rounded, so the difference of two running totals is the sum
//! of what lies between them, to the bit, in whatever order it is added.

use crate::functions::column::Column;

/// Whole numbers up to here are told by adding and taking off a larger one.
const LARGEST: f64 = (1u64 << 51) as f64;
const ROUNDER: f64 = 1.5 * (1u64 << 52) as f64;

/// Before each sample of the windows, and after the last, the total of those before it, from the
/// first sample of the first window on. `false` where some sum might be rounded.
pub(super) fn totals(column: &Column<'_>, out: &mut Vec<f64>) -> bool {
    let (first, past) = column.bounds.span();
    let values = &column.value[first..past];
    let whole = values.iter().fold(true, |whole, v| whole & ((v + ROUNDER) - ROUNDER == *v) & (v.abs() <= LARGEST));
    if !whole {
        return false;
    }
    let largest = values.iter().fold(0.0, |largest: f64, v| if v.abs() > largest { v.abs() } else { largest });
    if largest * values.len() as f64 > 2.0 * LARGEST {
        return false;
    }
    let mut total = 0.0;
    out.clear();
    out.push(total);
    out.extend(values.iter().map(|v| {
        total += v;
        total
    }));
    column.pace.spend(values.len());
    true
}
