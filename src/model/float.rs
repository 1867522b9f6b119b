//! Float arithmetic as Go does it.
//!
//! Sums with compensation, and the functions whose last digit differs between Go and the
//! platform's library. Everything here is plain arithmetic, so the answers are the same on every
//! platform, the browser included.

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

/// Go's `max`: +Inf wins even over NaN, else NaN wins; +0 is above −0.
///
/// ```
/// use ferula::model::float::go_max;
/// assert_eq!(go_max(f64::NAN, f64::INFINITY), f64::INFINITY);
/// assert!(go_max(f64::NAN, 1.0).is_nan());
/// ```
pub fn go_max(x: f64, y: f64) -> f64 {
    if x == f64::INFINITY || y == f64::INFINITY {
        f64::INFINITY
    } else if x.is_nan() || y.is_nan() {
        super::nan()
    } else if x == 0.0 && y == 0.0 {
        if x.is_sign_negative() { y } else { x }
    } else if x > y {
        x
    } else {
        y
    }
}

/// Go's `min`: −Inf wins even over NaN, else NaN wins; −0 is below +0.
pub fn go_min(x: f64, y: f64) -> f64 {
    if x == f64::NEG_INFINITY || y == f64::NEG_INFINITY {
        f64::NEG_INFINITY
    } else if x.is_nan() || y.is_nan() {
        super::nan()
    } else if x == 0.0 && y == 0.0 {
        if x.is_sign_negative() { x } else { y }
    } else if x < y {
        x
    } else {
        y
    }
}

const FRACTION_BITS: u32 = 52;
const EXPONENT_MASK: u64 = 0x7ff;
const EXPONENT_BIAS: i32 = 1023;
/// The exponent field of the floats in [½, 1).
const HALF_EXPONENT: u64 = 1022;

/// Splits into a fraction in ±[½, 1) and a power of two. Zero, infinities and NaN come back as
/// they are, with power 0.
///
/// ```
/// assert_eq!(ferula::model::float::frexp(8.0), (0.5, 4));
/// ```
pub fn frexp(value: f64) -> (f64, i32) {
    if value == 0.0 || !value.is_finite() {
        return (value, 0);
    }
    // Subnormal numbers are lifted into the normal range first.
    let (value, lifted) = if value.is_subnormal() { (value * 2f64.powi(54), 54) } else { (value, 0) };
    let bits = value.to_bits();
    let exponent = ((bits >> FRACTION_BITS) & EXPONENT_MASK) as i32 - EXPONENT_BIAS + 1;
    let fraction = f64::from_bits(bits & !(EXPONENT_MASK << FRACTION_BITS) | HALF_EXPONENT << FRACTION_BITS);
    (fraction, exponent - lifted)
}

/// `fraction × 2^power`, rounded once where the result is subnormal.
///
/// ```
/// assert_eq!(ferula::model::float::ldexp(0.5, 4), 8.0);
/// ```
pub fn ldexp(fraction: f64, power: i32) -> f64 {
    let (fraction, exponent) = frexp(fraction);
    if fraction == 0.0 || !fraction.is_finite() {
        return fraction;
    }
    let power = exponent.saturating_add(power);
    if power > 1024 {
        return f64::INFINITY.copysign(fraction);
    }
    if power < -1080 {
        return 0f64.copysign(fraction);
    }
    if power >= -1021 {
        // fraction·2 is in ±[1, 2): only its exponent field changes.
        let bits = fraction.to_bits() & !(EXPONENT_MASK << FRACTION_BITS);
        return f64::from_bits(bits | ((power - 1 + EXPONENT_BIAS) as u64) << FRACTION_BITS);
    }
    // Built 2^60 too large, exactly; the multiplication rounds once.
    ldexp(fraction, power + 60) * 2f64.powi(-60)
}

/// ln 2 in two parts; the high part has few enough bits that its multiples by exponents are exact.
const LN2_HI: f64 = 6.931_471_803_691_238e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;

/// The natural logarithm, to Go's last digit.
///
/// Go's own code on amd64 does not see that a subnormal number has no leading one: below 2^-1022
/// it is off by up to 36. So is this.
pub fn ln(x: f64) -> f64 {
    // Coefficients of the classic approximation of ln((1+s)/(1−s)) by an even polynomial.
    const C: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
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
    let mut fraction = f64::from_bits(bits & !(EXPONENT_MASK << FRACTION_BITS) | HALF_EXPONENT << FRACTION_BITS);
    if fraction < std::f64::consts::SQRT_2 / 2.0 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (C[0] + s4 * (C[2] + s4 * (C[4] + s4 * C[6])));
    let even = s4 * (C[1] + s4 * (C[3] + s4 * C[5]));
    let r = odd + even;
    let half_square = 0.5 * f * f;
    k * LN2_HI - ((half_square - (s * (half_square + r) + k * LN2_LO)) - f)
}

/// The binary logarithm as Go has it: exact for powers of two, else by way of [`ln`].
pub fn log2(x: f64) -> f64 {
    let (fraction, exponent) = frexp(x);
    if fraction == 0.5 { f64::from(exponent - 1) } else { ln(fraction) * std::f64::consts::LOG2_E + f64::from(exponent) }
}

/// The decimal logarithm as Go has it, by way of [`ln`].
pub fn log10(x: f64) -> f64 {
    ln(x) * std::f64::consts::LOG10_E
}

/// 2^x, to Go's last digit.
pub fn exp2(x: f64) -> f64 {
    // Coefficients of the classic approximation of x·coth(x/2) by an even polynomial.
    const P: [f64; 5] =
        [1.0 / 6.0, -2.777_777_777_701_559_3e-3, 6.613_756_321_437_934e-5, -1.653_390_220_546_525_2e-6, 4.138_136_797_057_238_5e-8];
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
    let c = r - t * (P[0] + t * (P[1] + t * (P[2] + t * (P[3] + t * P[4]))));
    ldexp(1.0 - ((lo - (r * c) / (2.0 - c)) - hi), k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bits that Go 1.26 gives on amd64.
    #[test]
    fn last_digits_of_logarithms_and_powers() {
        let logs: [(f64, u64, u64, u64); 10] = [
            (0.1, 0xc002_6bb1_bbb5_5515, 0xc00a_934f_0979_a371, 0xbfef_ffff_ffff_ffff),
            (0.3, 0xbff3_4378_fcbd_a721, 0xbffb_ca9c_6f53_897a, 0xbfe0_bb6c_34d8_1502),
            (0.7, 0xbfd6_d3c3_24e1_3f50, 0xbfe0_7762_2896_7d13, 0xbfc3_d3d3_d21c_cf04),
            (1.1, 0x3fb8_663f_793c_46cc, 0x3fc1_99b7_28cb_9d0c, 0x3fa5_316c_0a18_add6),
            (3.0, 0x3ff1_93ea_7aad_030a, 0x3ff9_5c01_a39f_bd69, 0x3fde_8927_964f_d5fc),
            (10.0, 0x4002_6bb1_bbb5_5516, 0x400a_934f_0979_a371, 0x3ff0_0000_0000_0000),
            (1e-300, 0xc085_9634_47f8_7fb5, 0xc08f_24a0_9f1a_8b89, 0xc072_c000_0000_0000),
            (12345.678, 0x4022_d795_5979_1e31, 0x402b_2ef5_b86e_63d0, 0x4010_5db6_1808_3a9d),
            (1e300, 0x4085_9634_47f8_7fb5, 0x408f_24a0_9f1a_8b89, 0x4072_c000_0000_0000),
            (5e-324, 0xc086_28b7_6e3a_7b61, 0xc090_c800_0000_0000, 0xc073_3f42_4bcb_5221),
        ];
        for (x, e, two, ten) in logs {
            assert_eq!([ln(x), log2(x), log10(x)].map(f64::to_bits), [e, two, ten], "{x}");
        }
        let powers: [(f64, u64); 9] = [
            (0.1, 0x3ff1_25fb_ee25_0664),
            (-0.3, 0x3fe9_fdf8_bcce_533e),
            (0.5, 0x3ff6_a09e_667f_3bcc),
            (1.1, 0x4001_25fb_ee25_0664),
            (3.0, 0x4020_0000_0000_0000),
            (-10.7, 0x3f43_b2c4_7bff_832c),
            (1000.123, 0x7e71_6c88_2264_f728),
            (-1070.3, 0x0000_0000_0000_000d),
            (-1022.5, 0x000b_504f_333f_9de6),
        ];
        for (x, bits) in powers {
            assert_eq!(exp2(x).to_bits(), bits, "{x}");
        }
    }

    #[test]
    fn edges() {
        assert_eq!(log2(0.0), f64::NEG_INFINITY);
        assert!(log2(-1.0).is_nan());
        assert_eq!(log2(f64::INFINITY), f64::INFINITY);
        assert_eq!(log2(1024.0), 10.0);
        assert_eq!(exp2(1024.0), f64::INFINITY);
        assert_eq!(exp2(-1075.0), 0.0);
        assert_eq!(exp2(-1074.0), 5e-324);
        assert_eq!(exp2(f64::NEG_INFINITY), 0.0);
        assert_eq!(ldexp(1.0, 1024), f64::INFINITY);
        assert_eq!(ldexp(-1.0, -1074), -5e-324);
        assert_eq!(ldexp(1.0, i32::MIN), 0.0);
        assert_eq!(ldexp(5e-324, 2000), f64::from_bits((1023 + 926) << 52));
        assert_eq!(go_max(-0.0, 0.0).to_bits(), 0);
        assert_eq!(go_min(0.0, -0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!(go_min(f64::NAN, f64::NEG_INFINITY), f64::NEG_INFINITY);
    }

    #[test]
    fn kahan_keeps_small_change() {
        let (mut sum, mut c) = (0.1, 0.0);
        for _ in 1..10 {
            (sum, c) = kahan_inc(0.1, sum, c);
        }
        assert_eq!((sum, c, sum + c), (0.999_999_999_999_999_9, 1.665_334_536_937_734_8e-16, 1.0));
        assert_eq!(kahan_inc(f64::INFINITY, 1.0, 5.0), (f64::INFINITY, 0.0));
    }

    proptest! {
        #[test]
        fn frexp_and_ldexp_are_inverse(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite() && value != 0.0);
            let (fraction, exponent) = frexp(value);
            prop_assert!((0.5..1.0).contains(&fraction.abs()));
            prop_assert_eq!(ldexp(fraction, exponent).to_bits(), bits);
        }
    }
}
