//! The φ-quantile of some numbers.

/// The φ-quantile of `n` values of which `nth` gives the k-th smallest: linear between the two
/// neighbours of its rank, of which the lower one is asked for first, and the element itself where
/// the rank is one.
#[inline]
pub(crate) fn by_rank(q: f64, n: usize, mut nth: impl FnMut(usize) -> f64) -> f64 {
    if n == 0 || q.is_nan() {
        return super::nan();
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let last = n - 1;
    let rank = q * last as f64;
    let lower = (rank.floor().max(0.0) as usize).min(last);
    let upper = (lower + 1).min(last);
    let weight = rank - rank.floor();
    if weight == 0.0 { nth(lower) } else { nth(lower) * (1.0 - weight) + nth(upper) * weight }
}
