//! How one group at one step takes floats in.

use crate::model::float::kahan_inc;

/// The state of one group at one step: `N` numbers.
pub(super) trait Lane<const N: usize>: Send {
    /// Before the first float.
    const START: [f64; N];
    fn add(state: [f64; N], x: f64) -> [f64; N];
    /// The same without a branch, and whether it is the same.
    #[inline(always)]
    fn quick(state: [f64; N], x: f64) -> ([f64; N], bool) {
        (Self::add(state, x), true)
    }
    fn value(state: [f64; N]) -> f64;
}

/// A sum, and what rounding lost in it: exactly what a step of Neumaier's adds, as that is a float,
/// but told without knowing which of the two is larger. Not finite where anything is not.
#[inline(always)]
fn two_sum(sum: f64, x: f64) -> (f64, f64) {
    let total = sum + x;
    let part = total - sum;
    (total, (sum - (total - part)) + (x - part))
}

/// A compensated sum.
pub(super) struct Sum;

impl Lane<2> for Sum {
    /// −0 is the neutral element of addition: −0 + −0 stays −0.
    const START: [f64; 2] = [-0.0, 0.0];
    #[inline(always)]
    fn add([sum, lost]: [f64; 2], x: f64) -> [f64; 2] {
        kahan_inc(x, sum, lost).into()
    }
    #[inline(always)]
    fn quick([sum, lost]: [f64; 2], x: f64) -> ([f64; 2], bool) {
        let (sum, more) = two_sum(sum, x);
        ([sum, lost + more], more.is_finite())
    }
    #[inline(always)]
    fn value([sum, lost]: [f64; 2]) -> f64 {
        sum + lost
    }
}

/// A mean: the compensated sum, divided at the end, until that sum would overflow; from there
/// on a running mean, and the count is negative.
pub(super) struct Avg;

impl Lane<3> for Avg {
    const START: [f64; 3] = [0.0, -0.0, 0.0];
    #[inline(always)]
    fn add([n, mut sum, mut lost]: [f64; 3], x: f64) -> [f64; 3] {
        let running = n < 0.0;
        let n = n.abs() + 1.0;
        if n == 1.0 {
            return [n, x, 0.0];
        }
        if !running {
            let (total, less) = kahan_inc(x, sum, lost);
            if !total.is_infinite() {
                return [n, total, less];
            }
            sum /= n - 1.0;
            lost /= n - 1.0;
        }
        let weight = (n - 1.0) / n;
        let (sum, lost) = kahan_inc(x / n, weight * sum, weight * lost);
        [-n, sum, lost]
    }
    #[inline(always)]
    fn quick([n, sum, lost]: [f64; 3], x: f64) -> ([f64; 3], bool) {
        let (sum, more) = two_sum(sum, x);
        ([n + 1.0, sum, lost + more], more.is_finite() & (n >= 0.0))
    }
    #[inline(always)]
    fn value([n, sum, lost]: [f64; 3]) -> f64 {
        if n < 0.0 { sum + lost } else { sum / n + lost / n }
    }
}

/// The smallest; NaN only where there is nothing else.
pub(super) struct Min;

impl Lane<1> for Min {
    const START: [f64; 1] = [f64::NAN];
    #[inline(always)]
    fn add([min]: [f64; 1], x: f64) -> [f64; 1] {
        [if (x < min) | min.is_nan() { x } else { min }]
    }
    #[inline(always)]
    fn value([min]: [f64; 1]) -> f64 {
        min
    }
}

/// The largest; NaN only where there is nothing else.
pub(super) struct Max;

impl Lane<1> for Max {
    const START: [f64; 1] = [f64::NAN];
    #[inline(always)]
    fn add([max]: [f64; 1], x: f64) -> [f64; 1] {
        [if (x > max) | max.is_nan() { x } else { max }]
    }
    #[inline(always)]
    fn value([max]: [f64; 1]) -> f64 {
        max
    }
}

/// How many there are.
pub(super) struct Count;

impl Lane<1> for Count {
    const START: [f64; 1] = [0.0];
    #[inline(always)]
    fn add([n]: [f64; 1], _: f64) -> [f64; 1] {
        [n + 1.0]
    }
    #[inline(always)]
    fn value([n]: [f64; 1]) -> f64 {
        n
    }
}

/// 1 where there is anything.
pub(super) struct Group;

impl Lane<1> for Group {
    const START: [f64; 1] = [1.0];
    #[inline(always)]
    fn add(state: [f64; 1], _: f64) -> [f64; 1] {
        state
    }
    #[inline(always)]
    fn value([one]: [f64; 1]) -> f64 {
        one
    }
}

/// Variance, or its root, after Welford.
pub(super) struct Variance<const ROOT: bool>;

impl<const ROOT: bool> Lane<3> for Variance<ROOT> {
    const START: [f64; 3] = [0.0; 3];
    #[inline(always)]
    fn add([n, mean, squares]: [f64; 3], x: f64) -> [f64; 3] {
        let first = n == 0.0;
        let n = n + 1.0;
        let delta = x - mean;
        let moved = mean + delta / n;
        let more = squares + delta * (x - moved);
        let none = if x.is_finite() { 0.0 } else { f64::NAN };
        [n, if first { x } else { moved }, if first { none } else { more }]
    }
    #[inline(always)]
    fn value([n, _, squares]: [f64; 3]) -> f64 {
        let variance = squares / n;
        if ROOT { variance.sqrt() } else { variance }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over<L: Lane<N>, const N: usize>(values: &[f64]) -> f64 {
        L::value(values.iter().fold(L::START, |state, x| L::add(state, *x)))
    }

    /// Figures that Prometheus 3.16 gives for the same inputs in the same order.
    #[test]
    fn order_decides_overflowing_sums() {
        let big = [1.7e308, 1.7e308, -1.7e308, -1.7e308];
        assert_eq!(over::<Sum, 2>(&big), f64::INFINITY);
        assert_eq!(over::<Avg, 3>(&big), -9.9792015476736e291);
        assert_eq!(over::<Sum, 2>(&[1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(over::<Avg, 3>(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(over::<Avg, 3>(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }

    #[test]
    fn nan_yields_to_numbers_in_extremes() {
        assert_eq!(over::<Min, 1>(&[f64::NAN, 3.0, f64::NAN, 1.0]), 1.0);
        assert_eq!(over::<Max, 1>(&[f64::NAN, 3.0, f64::NAN, 1.0]), 3.0);
        assert!(over::<Max, 1>(&[f64::NAN, f64::NAN]).is_nan());
    }

    #[test]
    fn variance_of_one_infinity_is_nan() {
        assert!(over::<Variance<false>, 3>(&[f64::INFINITY]).is_nan());
        assert_eq!(over::<Variance<false>, 3>(&[5.0]), 0.0);
        assert_eq!(over::<Variance<true>, 3>(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 2.0);
    }
}
