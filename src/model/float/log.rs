//! Logarithms.
//!
//! The method is that of FreeBSD's msun (`e_log.c`, `s_log1p.c`): the argument becomes
//! 2^k·(1 + f) with 1 + f around 1, and ln(1 + f) comes from an even polynomial in f/(2 + f).

use super::parts::{EXPONENT_BIAS, FRACTION_BITS, HALF_EXPONENT, frexp, with_exponent};
use super::{LN2_HI, LN2_LO, polynomial};
use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E, LOG10_E};

/// Coefficients of ln((1+s)/(1−s))/s − 2 by powers of s², the highest first.
const SERIES: [f64; 7] = [
    1.479_819_860_511_658_6e-1,
    1.531_383_769_920_937_3e-1,
    1.818_357_216_161_805e-1,
    2.222_219_843_214_978_4e-1,
    2.857_142_874_366_239e-1,
    3.999_999_999_940_942e-1,
    6.666_666_666_666_735e-1,
];

/// The natural logarithm.
///
/// Go's own code on amd64 does not see that a subnormal number has no leading one: below 2^-1022
/// it is off by up to 36. So is this.
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    let bits = x.to_bits();
    let mut exponent = (bits >> FRACTION_BITS) as i32 - HALF_EXPONENT as i32;
    let mut fraction = with_exponent(bits, HALF_EXPONENT);
    if fraction <= FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    // Every other coefficient in one of two short chains, which the processor runs side by side.
    let [c6, c5, c4, c3, c2, c1, c0] = SERIES;
    let r = s2 * polynomial(s4, [c6, c4, c2, c0]) + s4 * polynomial(s4, [c5, c3, c1]);
    let half_square = 0.5 * f * f;
    k * LN2_HI - ((half_square - (s * (half_square + r) + k * LN2_LO)) - f)
}

/// The binary logarithm as Go has it: exact for powers of two, else by way of [`ln`].
pub fn log2(x: f64) -> f64 {
    let (fraction, exponent) = frexp(x);
    if fraction == 0.5 { f64::from(exponent - 1) } else { ln(fraction) * LOG2_E + f64::from(exponent) }
}

/// The decimal logarithm as Go has it, by way of [`ln`].
pub fn log10(x: f64) -> f64 {
    ln(x) * LOG10_E
}

/// ln(1 + x), accurate where x is close to zero.
///
/// ```
/// assert_eq!(ferula::model::float::ln_1p(1e-20), 1e-20);
/// ```
pub fn ln_1p(x: f64) -> f64 {
    // √2 − 1 and √½ − 1, as their decimals were once cut off: a unit of the last digit too low.
    const ABOVE: f64 = 0.414_213_562_373_095_03;
    const BELOW: f64 = -0.292_893_218_813_452_5;
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x <= -1.0 {
        return if x == -1.0 { f64::NEG_INFINITY } else { f64::NAN };
    }
    const TWO_POW_MINUS_29: f64 = 1.0 / (1u64 << 29) as f64;
    const TWO_POW_MINUS_54: f64 = 1.0 / (1u64 << 54) as f64;
    if x.abs() < TWO_POW_MINUS_54 {
        return x;
    }
    if x.abs() < TWO_POW_MINUS_29 {
        return x - x * x * 0.5;
    }
    let Split { k, f, lost, close } =
        if BELOW < x && x < ABOVE { Split { k: 0.0, f: x, lost: 0.0, close: false } } else { split_one_plus(x) };
    let half_square = 0.5 * f * f;
    if close && f == 0.0 {
        return if k == 0.0 { 0.0 } else { k * LN2_HI + (lost + k * LN2_LO) };
    }
    if close {
        // |f| < 2^-20: two terms of the Taylor series do.
        let r = half_square * (1.0 - f * (2.0 / 3.0));
        return if k == 0.0 { f - r } else { k * LN2_HI - ((r - (k * LN2_LO + lost)) - f) };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let r = s * (half_square + z * polynomial(z, SERIES));
    if k == 0.0 { f - (half_square - r) } else { k * LN2_HI - ((half_square - (r + (k * LN2_LO + lost))) - f) }
}

/// 1 + x as 2^k·(1 + f), √½ < 1 + f < √2.
struct Split {
    k: f64,
    f: f64,
    /// What the addition 1 + x rounded away, relative to the sum.
    lost: f64,
    /// Whether 1 + f is 1 or the last few floats below.
    close: bool,
}

fn split_one_plus(x: f64) -> Split {
    const TWO_POW_53: f64 = (1u64 << 53) as f64;
    /// The fraction field of √2.
    const SQRT_2_FIELD: u64 = 0x6_a09e_667f_3bcd;
    const ONE: u64 = 1 << FRACTION_BITS;
    let sum = if x.abs() < TWO_POW_53 { 1.0 + x } else { x };
    let bits = sum.to_bits();
    let k = (bits >> FRACTION_BITS) as i32 - EXPONENT_BIAS;
    let lost = match k {
        _ if x.abs() >= TWO_POW_53 => 0.0,
        1.. => (1.0 - (sum - x)) / sum,
        _ => (x - (sum - 1.0)) / sum,
    };
    let field = bits & (ONE - 1);
    let (k, field_exponent, close) =
        if field < SQRT_2_FIELD { (k, HALF_EXPONENT + 1, field == 0) } else { (k + 1, HALF_EXPONENT, ONE - field < 4) };
    Split { k: f64::from(k), f: with_exponent(field, field_exponent) - 1.0, lost, close }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert_eq!(log2(0.0), f64::NEG_INFINITY);
        assert!(log2(-1.0).is_nan());
        assert_eq!(log2(f64::INFINITY), f64::INFINITY);
        assert_eq!(log2(1024.0), 10.0);
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln_1p(-1.0), f64::NEG_INFINITY);
    }
}
