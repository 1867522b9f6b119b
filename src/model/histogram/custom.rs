//! Histograms with custom bounds that differ.

use super::Histogram;
use super::layout::{Layout, indexed};
use crate::model::float::kahan_inc;
use std::cmp::Ordering;

/// Whether two lists of custom bounds are the same.
pub(super) fn custom_bounds_match(a: &[f64], b: &[f64]) -> bool {
    a == b
}

/// The bounds that both lists have.
pub(super) fn common_bounds(a: &[f64], b: &[f64]) -> Vec<f64> {
    let (mut i, mut j) = (0, 0);
    let mut common = Vec::with_capacity(a.len().min(b.len()));
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        // NaN, which no valid histogram has, compares as nothing and must not stop the walk.
        match x.partial_cmp(y) {
            Some(Ordering::Less) => i += 1,
            Some(Ordering::Greater) => j += 1,
            order => {
                common.extend(order.map(|_| *x));
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    common
}

/// Where the buckets of `h` go among fewer bounds: to the first bound that is not below their
/// own, else to the bucket up to +Inf.
pub(super) fn targets<'a>(h: &'a Histogram, bounds: &'a [f64]) -> impl Iterator<Item = (usize, f64)> + 'a {
    indexed(&h.positive_spans, &h.positive_buckets).map(|(index, count)| {
        let upper = h.upper_bound(index);
        (bounds.partition_point(|bound| *bound < upper), count)
    })
}

/// The sum (or difference) of two histograms with different custom bounds, on their common
/// bounds, with the compensation of each bucket. Buckets that end up empty are left out.
pub(super) fn merge_custom(
    h: &Histogram,
    lost: Option<&Histogram>,
    other: &Histogram,
    sign: impl Fn(f64) -> f64,
) -> (Vec<f64>, Layout<(f64, f64)>) {
    let bounds = common_bounds(&h.custom_values, &other.custom_values);
    let mut sums = vec![(0.0, 0.0); bounds.len() + 1];
    let mut inc = |target: usize, count: f64| {
        if let Some(sum) = sums.get_mut(target) {
            *sum = kahan_inc(count, sum.0, sum.1);
        }
    };
    let losses = lost.map_or(&[][..], |l| &l.positive_buckets);
    for (i, (target, count)) in targets(h, &bounds).enumerate() {
        inc(target, count);
        if let Some(lost) = losses.get(i) {
            inc(target, *lost);
        }
    }
    targets(other, &bounds).for_each(|(target, count)| inc(target, sign(count)));
    let populated = sums.into_iter().enumerate().filter(|(_, (sum, lost))| *sum != 0.0 || *lost != 0.0);
    let layout = populated.map(|(index, sum)| (index as i64, sum)).collect();
    (bounds, layout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::testing::{custom, script};

    #[test]
    fn sums_on_common_bounds() {
        let e = custom([15.0, 55.0], &[2.0, 4.0, 6.0], &[1.0, 2.0, 5.0, 7.0]);
        let f = custom([20.0, 60.0], &[1.0, 4.0, 5.0, 6.0], &[1.0, 2.0, 3.0, 4.0, 10.0]);
        let mut sum = e.clone();
        assert!(sum.add(&f).expect("both custom").nhcb_reconciled);
        assert_eq!(script(&sum), "{{schema:-53 count:35 sum:115 custom_values:[4 6] buckets:[6 12 17]}}");
        let mut difference = e.clone();
        assert!(difference.sub(&f).expect("both custom").nhcb_reconciled);
        assert_eq!(script(&difference), "{{schema:-53 count:-5 sum:-5 custom_values:[4 6] offset:1 buckets:[-2 -3]}}");
    }

    #[test]
    fn nothing_in_common_leaves_one_bucket() {
        let mut h = custom([3.0, 1.0], &[1.0], &[1.0, 2.0]);
        h.add(&custom([4.0, 1.0], &[2.0, 3.0], &[4.0])).expect("both custom");
        assert_eq!(script(&h), "{{schema:-53 count:7 sum:2 custom_values:[] buckets:[7]}}");
    }

    #[test]
    fn bounds_that_are_no_numbers_end() {
        assert_eq!(common_bounds(&[f64::NAN, 1.0], &[1.0, f64::NAN]), [1.0; 0]);
    }
}
