//! Powers.

use super::exp::exp;
use super::log::ln;
use super::parts::{frexp, ldexp};

/// x^y as Go's `math.Pow`: the whole part of y by repeated squaring, its fraction by way of
/// [`exp`] and [`ln`].
///
/// ```
/// use ferula::model::float::pow;
/// assert_eq!(pow(-2.0, 3.0), -8.0);
/// assert_eq!(pow(f64::NAN, 0.0), 1.0);
/// ```
pub fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        1.0
    } else if y == 1.0 {
        x
    } else if x.is_nan() || y.is_nan() {
        f64::NAN
    } else if x == 0.0 {
        power_of_zero(x, y)
    } else if y.is_infinite() {
        limit(x, y)
    } else if x == f64::INFINITY {
        if y < 0.0 { 0.0 } else { f64::INFINITY }
    } else if x == f64::NEG_INFINITY {
        power_of_zero(-0.0, -y)
    } else if y == 0.5 {
        x.sqrt()
    } else if y == -0.5 {
        1.0 / x.sqrt()
    } else {
        finite(x, y)
    }
}

fn power_of_zero(zero: f64, y: f64) -> f64 {
    let size = if y < 0.0 { f64::INFINITY } else { 0.0 };
    if is_odd(y) { size.copysign(zero) } else { size }
}

fn is_odd(y: f64) -> bool {
    const TWO_POW_53: f64 = (1u64 << 53) as f64;
    let whole = y as i64;
    // From 2^53 on all floats are even.
    y.abs() < TWO_POW_53 && whole as f64 == y && whole & 1 == 1
}

/// Where y is so large that its sign alone decides.
fn limit(x: f64, y: f64) -> f64 {
    if x == -1.0 {
        1.0
    } else if (x.abs() < 1.0) == (y > 0.0) {
        0.0
    } else {
        f64::INFINITY
    }
}

fn finite(x: f64, y: f64) -> f64 {
    const TWO_POW_63: f64 = (1u64 << 63) as f64;
    if y.abs() >= TWO_POW_63 {
        return limit(x, y);
    }
    let mut whole = y.abs() as u64;
    let mut part = y.abs() - whole as f64;
    if part != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    let mut factor = 1.0;
    if part != 0.0 {
        if part > 0.5 {
            part -= 1.0;
            whole += 1;
        }
        factor = exp(part * ln(x));
    }
    plain(factor, x, whole, y < 0.0).unwrap_or_else(|| scaled(factor, x, whole, y < 0.0))
}

/// `factor·x^whole`, or one over it, where nothing on the way is subnormal or out of range. Then
/// the bits are those of [`scaled`]: rounding does not depend on the exponent.
#[inline]
fn plain(factor: f64, x: f64, mut whole: u64, inverse: bool) -> Option<f64> {
    let (mut product, mut square) = (factor, x);
    loop {
        if whole & 1 == 1 {
            product *= square;
        }
        whole >>= 1;
        if whole == 0 {
            break;
        }
        square *= square;
    }
    let value = if inverse { 1.0 / product } else { product };
    (square.is_normal() && product.is_normal() && value.is_normal()).then_some(value)
}

/// `factor·x^whole`, or one over it. The exponents are kept beside the fractions, so that no
/// square leaves the range.
#[cold]
fn scaled(factor: f64, x: f64, mut whole: u64, inverse: bool) -> f64 {
    let (mut product, mut exponent) = (factor, 0);
    let (mut square, mut square_exponent) = frexp(x);
    while whole != 0 {
        if square_exponent.abs() > 1 << 12 {
            // Out of range for good, whatever the remaining bits.
            exponent += square_exponent;
            break;
        }
        if whole & 1 == 1 {
            product *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        whole >>= 1;
    }
    if inverse { ldexp(1.0 / product, -exponent) } else { ldexp(product, exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn special_cases() {
        assert_eq!(pow(f64::NAN, 0.0), 1.0);
        assert_eq!(pow(-1.0, f64::INFINITY), 1.0);
        assert_eq!(pow(-0.0, -3.0), f64::NEG_INFINITY);
        assert_eq!(pow(2.0, 1e300), f64::INFINITY);
        assert_eq!(pow(2.0, -1e10), 0.0);
        assert_eq!(pow(-2.0, 5000.0), f64::INFINITY);
        assert_eq!(pow(-2.0, 5001.0), f64::NEG_INFINITY);
        assert_eq!(pow(0.5, 1074.0), 5e-324);
        assert_eq!(pow(9.0, 1.5), 27.000000000000004);
    }

    proptest! {
        /// The short way must never answer other than the long one.
        #[test]
        fn plain_equals_scaled(x: f64, near_one in 0.5..2.0f64, whole in 0u64..3000, factor in 1e-9..1e9f64, inverse: bool) {
            for x in [x, near_one, -near_one] {
                if let Some(value) = plain(factor, x, whole, inverse) {
                    prop_assert_eq!(value.to_bits(), scaled(factor, x, whole, inverse).to_bits(), "{}^{}", x, whole);
                }
            }
        }

        #[test]
        fn close_to_the_library(x in -50.0..50.0f64, y in -20.0..20.0f64, n in -20i32..20) {
            let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-13 * b.abs() || (a.is_nan() && b.is_nan());
            prop_assert!(near(pow(x, y), x.powf(y)), "{} ^ {}", x, y);
            prop_assert!(near(pow(x, f64::from(n)), x.powi(n)), "{} ^ {}", x, n);
        }
    }
}
