//! Exponentials, powers and arc tangents, to Go's last digit.
//!
//! The platform's library rounds some of them differently. Only plain arithmetic decides here,
//! so the answers are the same everywhere, the browser included.

use super::float::{frexp, ldexp, ln};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LOG2_E, PI};

/// A power of two this large overflows, or underflows, whatever it is multiplied by.
const FAR: i64 = 1 << 12;

/// e^x, as Go computes it on processors with a fused multiply-add.
///
/// ```
/// assert_eq!(ferula::model::power::exp(0.0), 1.0);
/// ```
pub fn exp(x: f64) -> f64 {
    /// Above, the result overflows.
    const LARGEST: f64 = 709.782_712_893_384;
    /// ln 2 in two parts.
    const LN2: [f64; 2] = [0.693_147_180_559_663, 2.823_529_056_303_157_7e-13];
    /// Taylor's coefficients, from 1/8! to 1.
    const TAYLOR: [f64; 8] = [1.0 / 40_320.0, 1.0 / 5_040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    if !x.is_finite() {
        return x.exp();
    }
    if x > LARGEST {
        return f64::INFINITY;
    }
    let power = (x * LOG2_E).round_ties_even();
    let rest = LN2.iter().fold(x, |rest, part| (-power).mul_add(*part, rest)) / 16.0;
    let series = TAYLOR[1..].iter().fold(TAYLOR[0], |sum, c| sum.mul_add(rest, *c));
    // e^(16r) − 1 from e^r − 1, by squaring four times.
    let grown = (0..3).fold(rest * series, |y, _| y * (y + 2.0));
    ldexp((grown + 2.0).mul_add(grown, 1.0), power.max(-4096.0) as i32)
}

/// x^y. Special cases are C99's: 1 to the NaN and NaN to the 0 are 1.
///
/// ```
/// use ferula::model::power::pow;
/// assert_eq!(pow(2.0, 10.0), 1024.0);
/// assert_eq!(pow(1.0, f64::NAN), 1.0);
/// assert!(pow(-8.0, 1.0 / 3.0).is_nan());
/// ```
pub fn pow(x: f64, y: f64) -> f64 {
    if y == 1.0 {
        return x;
    }
    if y == 0.0 || x == 0.0 || x == 1.0 || !x.is_finite() || !y.is_finite() {
        return x.powf(y);
    }
    if y.abs() == 0.5 {
        return if y > 0.0 { x.sqrt() } else { 1.0 / x.sqrt() };
    }
    let (mut whole, mut part) = (y.abs().trunc(), y.abs().fract());
    if part != 0.0 && x < 0.0 {
        return super::nan();
    }
    if whole >= 9_223_372_036_854_775_808.0 {
        return x.powf(y);
    }
    // The result is `fraction · 2^exponent`.
    let (mut fraction, mut exponent) = (1.0, 0i64);
    if part != 0.0 {
        if part > 0.5 {
            part -= 1.0;
            whole += 1.0;
        }
        fraction = exp(part * ln(x));
    }
    // Squares of x, as fractions in [½, 1) and exponents, for the bits of the whole part.
    let (mut square, power) = frexp(x);
    let mut power = i64::from(power);
    let mut bits = whole as u64;
    while bits != 0 {
        if power.abs() > FAR {
            exponent += power;
            break;
        }
        if bits & 1 == 1 {
            fraction *= square;
            exponent += power;
        }
        square *= square;
        power *= 2;
        if square < 0.5 {
            square += square;
            power -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 {
        fraction = 1.0 / fraction;
        exponent = -exponent;
    }
    ldexp(fraction, exponent.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
}

/// The arc tangent of a number in [0, 0.66].
fn atan_small(x: f64) -> f64 {
    // Coefficients of the classic rational approximation.
    const P: [f64; 5] = [
        -8.750_608_600_031_904e-1,
        -1.615_753_718_733_365e1,
        -7.500_855_792_314_705e1,
        -1.228_866_684_490_136_1e2,
        -6.485_021_904_942_025e1,
    ];
    const Q: [f64; 5] =
        [2.485_846_490_142_306_3e1, 1.650_270_098_316_988_6e2, 4.328_810_604_912_902_7e2, 4.853_903_996_359_137e2, 1.945_506_571_482_614e2];
    let z = x * x;
    let above = P[1..].iter().fold(P[0], |sum, p| sum * z + p);
    let below = Q.iter().fold(1.0, |sum, q| sum * z + q);
    x * (z * above / below) + x
}

/// The arc tangent, in radians.
///
/// ```
/// assert_eq!(ferula::model::power::atan(1.0), std::f64::consts::FRAC_PI_4);
/// ```
pub fn atan(x: f64) -> f64 {
    /// What π/2 as a float lacks.
    const MORE: f64 = 6.123_233_995_736_766e-17;
    const TAN_3_PI_8: f64 = 2.414_213_562_373_095;
    let size = x.abs();
    let angle = if size <= 0.66 {
        atan_small(size)
    } else if size > TAN_3_PI_8 {
        FRAC_PI_2 - atan_small(1.0 / size) + MORE
    } else {
        FRAC_PI_4 + atan_small((size - 1.0) / (size + 1.0)) + 0.5 * MORE
    };
    if x == 0.0 || x.is_nan() { x } else { angle.copysign(x) }
}

/// The angle of a point to the x axis, in radians.
///
/// ```
/// assert_eq!(ferula::model::power::atan2(1.0, -1.0), 3.0 * std::f64::consts::FRAC_PI_4);
/// ```
pub fn atan2(y: f64, x: f64) -> f64 {
    if y == 0.0 || x == 0.0 || !x.is_finite() || !y.is_finite() {
        return y.atan2(x);
    }
    let angle = atan(y / x);
    match (x < 0.0, angle <= 0.0) {
        (false, _) => angle,
        (true, true) => angle + PI,
        (true, false) => angle - PI,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bits that Go 1.26 gives on amd64 with fused multiply-add.
    #[test]
    fn last_digits() {
        assert_eq!(pow(9.0, 1.5), 27.000000000000004);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(1000.0), f64::INFINITY);
        assert_eq!(exp(-1000.0), 0.0);
        assert_eq!(exp(1.0), std::f64::consts::E);
    }

    #[test]
    fn special_cases() {
        assert_eq!(pow(f64::NAN, 0.0), 1.0);
        assert_eq!(pow(-1.0, f64::INFINITY), 1.0);
        assert_eq!(pow(0.0, -1.0), f64::INFINITY);
        assert_eq!(pow(-0.0, -3.0), f64::NEG_INFINITY);
        assert_eq!(pow(2.0, 1e300), f64::INFINITY);
        assert_eq!(pow(2.0, -1e10), 0.0);
        assert_eq!(pow(-2.0, 3.0), -8.0);
        assert_eq!(pow(-2.0, 5000.0), f64::INFINITY);
        assert_eq!(pow(-2.0, 5001.0), f64::NEG_INFINITY);
        assert_eq!(pow(4.0, -0.5), 0.5);
        assert_eq!(pow(0.5, 1074.0), 5e-324);
        assert_eq!(atan2(0.0, -0.0), PI);
        assert_eq!(atan2(f64::INFINITY, f64::NEG_INFINITY), 3.0 * FRAC_PI_4);
        assert_eq!(atan(f64::NEG_INFINITY), -FRAC_PI_2);
        assert_eq!(atan(-0.0).to_bits(), (-0.0f64).to_bits());
    }

    proptest! {
        #[test]
        fn close_to_the_library(x in -50.0..50.0f64, y in -20.0..20.0f64, n in -20i32..20) {
            let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-13 * b.abs() || (a.is_nan() && b.is_nan());
            prop_assert!(near(pow(x, y), x.powf(y)), "{} ^ {}", x, y);
            prop_assert!(near(pow(x, f64::from(n)), x.powi(n)), "{} ^ {}", x, n);
            prop_assert!(near(atan2(x, y), x.atan2(y)), "{} atan2 {}", x, y);
        }
    }
}
