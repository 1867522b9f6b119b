//! Powers of e and of two.

use super::parts::{EXPONENT_BIAS, FRACTION_BITS, ldexp};
use super::{LN2_HI, LN2_LO, polynomial};
use std::f64::consts::LOG2_E;

/// e^x.
///
/// The method is N. Shibata's (“Efficient evaluation methods of elementary functions suitable for
/// SIMD computation”, 2010; the SLEEF library): x = k·ln 2 + r, a Taylor series of e^(r/16) − 1,
/// four squarings. With fused multiplications, as on every amd64 processor since 2013. Go's
/// assembly gives up as soon as k is 1024, so from 709.437 on, where e^x is still in range, the
/// answer is +Inf.
pub fn exp(x: f64) -> f64 {
    const LN2_UPPER: f64 = 0.693_147_180_559_663;
    const LN2_LOWER: f64 = 2.823_529_056_303_157_7e-13;
    /// 1/8!, 1/7!, … 1/2!, 1.
    const TAYLOR: [f64; 8] = [1.0 / 40_320.0, 1.0 / 5_040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 1.0 / 2.0, 1.0];
    /// Added and taken off again, it rounds a small number to the nearest integer, ties to even.
    const ROUNDER: f64 = 1.5 * (1u64 << 52) as f64;
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x > 710.0 {
        return f64::INFINITY;
    }
    if x < -746.0 {
        return 0.0;
    }
    let k = (x * LOG2_E + ROUNDER) - ROUNDER;
    let r = k.mul_add(-LN2_LOWER, k.mul_add(-LN2_UPPER, x)) * 0.0625;
    let sum = TAYLOR.into_iter().reduce(|sum, c| sum.mul_add(r, c)).unwrap_or(0.0);
    // With y = e^s − 1, y·(y + 2) is e^2s − 1. The last of the four adds the 1 before it rounds.
    let y = r * sum;
    let y = y * (y + 2.0);
    let y = y * (y + 2.0);
    let y = y * (y + 2.0);
    let y = y.mul_add(y + 2.0, 1.0);
    let power = |field: i32| f64::from_bits((field as u64) << FRACTION_BITS);
    match k as i32 + EXPONENT_BIAS {
        0x7ff.. => f64::INFINITY,
        field @ 1.. => y * power(field),
        // Lifted by 2^1022, exactly, so that the last multiplication alone rounds.
        field @ -52..=0 => y * power(field + EXPONENT_BIAS - 1) * f64::MIN_POSITIVE,
        _ => 0.0,
    }
}

/// 2^x, by the method of FreeBSD's msun (`e_exp.c`): x = k + r, and e^(r·ln 2) from a polynomial
/// for x·coth(x/2).
pub fn exp2(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 5] =
        [4.138_136_797_057_238_5e-8, -1.653_390_220_546_525_2e-6, 6.613_756_321_437_934e-5, -2.777_777_777_701_559_3e-3, 1.0 / 6.0];
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x > 1_023.999_999_999_999_9 {
        return f64::INFINITY;
    }
    if x < -1074.0 {
        return 0.0;
    }
    let k = if x > 0.0 { (x + 0.5) as i32 } else { (x - 0.5) as i32 };
    let rest = x - f64::from(k);
    let (hi, lo) = (rest * LN2_HI, -rest * LN2_LO);
    let r = hi - lo;
    let t = r * r;
    let c = r - t * polynomial(t, COEFFICIENTS);
    ldexp(1.0 - ((lo - (r * c) / (2.0 - c)) - hi), k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert_eq!(exp2(1024.0), f64::INFINITY);
        assert_eq!(exp2(-1075.0), 0.0);
        assert_eq!(exp2(-1074.0), 5e-324);
        assert_eq!(exp2(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(709.5), f64::INFINITY);
        assert_eq!(exp(-745.1), 5e-324);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    }
}
