//! Classic histograms: cumulative counts under upper bounds, as Prometheus reads them.

/// One bucket: all observations up to its bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bucket {
    pub(crate) bound: f64,
    pub(crate) count: f64,
}

/// What was raised so that counts grow with the bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Repair {
    pub(crate) min_bound: f64,
    pub(crate) max_bound: f64,
    pub(crate) max_difference: f64,
}

/// Counts closer than this (relative) are the same: float noise of rates.
const SMALL_DIFFERENCE: f64 = 1e-12;

/// Counts of equal bounds added up. Buckets are sorted by bound.
fn merge_equal_bounds(buckets: &mut Vec<Bucket>) {
    buckets.dedup_by(|next, kept| {
        let equal = next.bound == kept.bound;
        if equal {
            kept.count += next.count;
        }
        equal
    });
}

fn almost_equal(a: f64, b: f64) -> bool {
    if a.is_nan() && b.is_nan() || a == b {
        return true;
    }
    let difference = (a - b).abs();
    let sum = a.abs() + b.abs();
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < SMALL_DIFFERENCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < SMALL_DIFFERENCE
}

/// Raises every count to that of the bucket before it.
fn make_monotonic(buckets: &mut [Bucket]) -> Option<Repair> {
    let mut repair: Option<Repair> = None;
    let mut previous = buckets[0].count;
    for bucket in &mut buckets[1..] {
        if bucket.count == previous {
            continue;
        }
        if almost_equal(previous, bucket.count) {
            bucket.count = previous;
            continue;
        }
        if bucket.count < previous {
            let difference = previous - bucket.count;
            let r = repair.get_or_insert(Repair { min_bound: bucket.bound, max_bound: bucket.bound, max_difference: difference });
            r.min_bound = r.min_bound.min(bucket.bound);
            r.max_bound = r.max_bound.max(bucket.bound);
            r.max_difference = r.max_difference.max(difference);
            bucket.count = previous;
        } else {
            previous = bucket.count;
        }
    }
    repair
}

/// The quantile of buckets sorted by bound, by linear interpolation in the bucket of its rank.
pub(crate) fn quantile(q: f64, buckets: &mut Vec<Bucket>) -> (f64, Option<Repair>) {
    if q.is_nan() {
        return (crate::model::nan(), None);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if q > 1.0 {
        return (f64::INFINITY, None);
    }
    if buckets.last().is_none_or(|b| b.bound != f64::INFINITY) {
        return (crate::model::nan(), None);
    }
    merge_equal_bounds(buckets);
    let repair = make_monotonic(buckets);
    let last = buckets.len() - 1;
    let total = buckets[last].count;
    if buckets.len() < 2 || total == 0.0 || total.is_nan() && last < 1 {
        return (crate::model::nan(), repair);
    }
    let mut rank = q * total;
    let at = buckets[..last].iter().position(|b| b.count >= rank).unwrap_or(last);
    if at == last {
        return (buckets[last - 1].bound, repair);
    }
    if at == 0 && buckets[0].bound <= 0.0 {
        return (buckets[0].bound, repair);
    }
    let end = buckets[at].bound;
    let (mut start, mut count) = (0.0, buckets[at].count);
    if at > 0 {
        start = buckets[at - 1].bound;
        count -= buckets[at - 1].count;
        rank -= buckets[at - 1].count;
    }
    (start + (end - start) * (rank / count), repair)
}

/// Whether bounds ascend to +Inf without two that are equal.
pub(crate) fn ascend(bounds: &[f64]) -> bool {
    bounds.len() > 1 && bounds.last() == Some(&f64::INFINITY) && bounds.is_sorted_by(|a, b| a < b)
}

/// What [`quantile`] gives for bounds that [`ascend`], where the counts need no repair; without
/// looking at buckets one by one.
pub(crate) fn quantile_of_rising(q: f64, bounds: &[f64], counts: &[f64]) -> Option<f64> {
    /// Differences above this (relative) are not float noise, whichever way they are looked at.
    const CLEAR: f64 = 4.0 * SMALL_DIFFERENCE;
    /// Counts below this have hardly any digits.
    const TINY: f64 = 1e-290;
    let last = counts.len().checked_sub(1)?;
    let total = counts[last];
    let mut rising = (0.0..=1.0).contains(&q) & (counts[0] >= 0.0);
    for (before, count) in counts.iter().zip(&counts[1..]) {
        rising &= (count == before) | ((count - before > CLEAR * count) & (*count > TINY));
    }
    if !rising {
        return None;
    }
    if total == 0.0 {
        return Some(crate::model::nan());
    }
    let rank = q * total;
    let at = counts[..last].iter().map(|count| usize::from(*count < rank)).sum::<usize>();
    Some(if at == last {
        bounds[last - 1]
    } else if at == 0 && bounds[0] <= 0.0 {
        bounds[0]
    } else {
        within(bounds, counts, at, rank)
    })
}

/// The value of a rank in bucket `at`.
fn within(bounds: &[f64], counts: &[f64], at: usize, rank: f64) -> f64 {
    let (start, before) = if at > 0 { (bounds[at - 1], counts[at - 1]) } else { (0.0, 0.0) };
    start + (bounds[at] - start) * ((rank - before) / (counts[at] - before))
}

/// The fraction of observations between two bounds, from buckets sorted by bound.
pub(crate) fn fraction(lower: f64, upper: f64, buckets: &mut Vec<Bucket>) -> f64 {
    if buckets.last().is_none_or(|b| b.bound != f64::INFINITY) {
        return crate::model::nan();
    }
    merge_equal_bounds(buckets);
    let total = buckets[buckets.len() - 1].count;
    if total == 0.0 || lower.is_nan() || upper.is_nan() {
        return crate::model::nan();
    }
    if lower >= upper {
        return 0.0;
    }
    let (mut lower_rank, mut upper_rank) = (None, None);
    let mut rank = 0.0;
    let mut from = if buckets[0].bound > 0.0 { 0.0 } else { f64::NEG_INFINITY };
    for bucket in buckets.iter() {
        let to = bucket.bound;
        let rank_of = |v: f64| {
            if from == f64::NEG_INFINITY { bucket.count } else { rank + (bucket.count - rank) * (v - from) / (to - from) }
        };
        for (bound, found) in [(lower, &mut lower_rank), (upper, &mut upper_rank)] {
            if found.is_none() && from >= bound {
                *found = Some(rank);
            } else if found.is_none() && from < bound && to > bound {
                *found = Some(rank_of(bound));
            }
        }
        if lower_rank.is_some() && upper_rank.is_some() {
            break;
        }
        rank = bucket.count;
        from = to;
    }
    // Where counts fall with the bounds, a rank can lie beyond the total.
    let within = |rank: Option<f64>| rank.filter(|r| *r <= total || r.is_nan()).unwrap_or(total);
    (within(upper_rank) - within(lower_rank)) / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn buckets(pairs: &[(f64, f64)]) -> Vec<Bucket> {
        pairs.iter().map(|&(bound, count)| Bucket { bound, count }).collect()
    }

    #[test]
    fn quantiles_of_counts_that_fall() {
        let b = [(0.1, 2.0), (1.0, 1.0), (10.0, 5.0), (100.0, 4.0), (1000.0, 9.0), (f64::INFINITY, 8.0)];
        for (q, want) in [(0.01, 0.0045), (0.5, 8.5), (0.8, 595.0), (0.99, 979.75)] {
            let (got, repair) = quantile(q, &mut buckets(&b));
            assert!((got - want).abs() < 1e-9 * want, "{q}: {got}");
            assert_eq!(repair, Some(Repair { min_bound: 1.0, max_bound: f64::INFINITY, max_difference: 1.0 }));
        }
    }

    proptest! {
        /// Counts that rise, fall, stand still, or differ by noise.
        #[test]
        fn rising_counts_need_no_repair(
            q in prop_oneof![0.0..=1.0, Just(0.0), Just(1.0), Just(1.5)],
            first in prop::sample::select(vec![0.0, 3.0, 0.25, 1e-300, -1.0]),
            first_bound in -1.0..1.0f64,
            steps in prop::collection::vec(prop::sample::select(vec![0.0, 1.0, 7.5, 1e-13, 2e-12, 1e-11, 1e-310, -1.0, f64::NAN, 1e300]), 1..9),
        ) {
            let mut counts = vec![first];
            let mut bounds = vec![first_bound];
            for (i, step) in steps.iter().enumerate() {
                counts.push(counts[i] + step);
                bounds.push(if i + 1 == steps.len() { f64::INFINITY } else { bounds[i] + 0.5 });
            }
            prop_assert!(ascend(&bounds));
            let mut buckets: Vec<Bucket> = bounds.iter().zip(&counts).map(|(&bound, &count)| Bucket { bound, count }).collect();
            let (slow, repair) = quantile(q, &mut buckets);
            if let Some(quick) = quantile_of_rising(q, &bounds, &counts) {
                prop_assert!(quick.to_bits() == slow.to_bits() || quick.is_nan() && slow.is_nan(), "{quick} {slow}");
                prop_assert_eq!(repair, None);
            } else {
                prop_assert!(steps.iter().any(|s| *s != 0.0 && *s != 1.0 && *s != 7.5) || first < 0.0 || first == 1e-300 || q > 1.0);
            }
        }
    }

    #[test]
    fn fractions() {
        let b = [(0.1, 2.0), (1.0, 4.0), (10.0, 5.0), (100.0, 7.0), (f64::INFINITY, 8.0)];
        assert!((fraction(0.5, 50.0, &mut buckets(&b)) - 0.375).abs() < 1e-12);
        let b = [(0.1, 2.0), (1.0, 4.0), (f64::INFINITY, 8.0)];
        assert_eq!(fraction(f64::NEG_INFINITY, 0.05, &mut buckets(&b)), 0.125);
    }
}
