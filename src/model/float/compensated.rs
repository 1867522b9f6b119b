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

/// [`kahan_inc`] of each of some sums: adds `x` to `sum`, gathers in `c`.
#[cfg(feature = "engine")]
#[inline]
pub(crate) fn kahan_add_slices(x: &[f64], sum: &mut [f64], c: &mut [f64]) {
    for ((x, sum), c) in x.iter().zip(sum).zip(c) {
        let t = *sum + *x;
        let (large, small) = if sum.abs() >= x.abs() { (*sum, *x) } else { (*x, *sum) };
        let lost = *c + ((large - t) + small);
        // Written so that it takes no branch, and two or four numbers at once.
        *c = if t.is_infinite() { 0.0 } else { lost };
        *sum = t;
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

    #[test]
    #[cfg(feature = "engine")]
    fn slices_add_as_numbers_do() {
        let numbers = [0.0, -0.0, 1.0, 0.1, -1e100, 1e308, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324];
        for x in numbers {
            for a in numbers {
                for lost in [0.0, -0.0, 0.3, f64::NAN] {
                    let (mut sum, mut c) = ([a; 3], [lost; 3]);
                    kahan_add_slices(&[x; 3], &mut sum, &mut c);
                    let wanted = kahan_inc(x, a, lost);
                    let bits = |(a, b): (f64, f64)| [a, b].map(|v| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() });
                    assert_eq!(bits((sum[2], c[2])), bits(wanted), "{x} to {a} and {lost}");
                }
            }
        }
    }
}
