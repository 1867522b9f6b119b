//! Sums that keep what rounding loses.

/// One step of a Kahan–Neumaier sum: adds `x` to `sum`, gathers what rounding lost in `c`.
/// The sum is `sum + c` at the end.
///
/// ```
/// use ferula::model::float::kahan_inc;
/// let (mut sum, mut c) = (0.0, 0.0);
/// for x in [1.0, 1e100, 1.0, -1e100] {
///     (sum, c) = kahan_inc(x, sum, c);
/// }
/// assert_eq!(sum + c, 2.0);
/// ```
#[inline]
pub fn kahan_inc(x: f64, sum: f64, c: f64) -> (f64, f64) {
    let t = sum + x;
    if t.is_infinite() {
        (t, 0.0)
    } else if sum.abs() >= x.abs() {
        (t, c + ((sum - t) + x))
    } else {
        (t, c + ((x - t) + sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kahan_keeps_small_change() {
        let (mut sum, mut c) = (0.1, 0.0);
        for _ in 1..10 {
            (sum, c) = kahan_inc(0.1, sum, c);
        }
        assert_eq!((sum, c, sum + c), (0.999_999_999_999_999_9, 1.665_334_536_937_734_8e-16, 1.0));
        assert_eq!(kahan_inc(f64::INFINITY, 1.0, 5.0), (f64::INFINITY, 0.0));
    }
}
