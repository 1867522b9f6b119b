//! Floats taken apart into fraction and power of two, and put together again.

pub(super) const FRACTION_BITS: u32 = 52;
pub(super) const EXPONENT_MASK: u64 = 0x7ff;
pub(super) const EXPONENT_BIAS: i32 = 1023;
/// The exponent field of the floats in [½, 1).
pub(super) const HALF_EXPONENT: u64 = 1022;

/// The bits of a float with another exponent field.
#[inline]
pub(super) fn with_exponent(bits: u64, field: u64) -> f64 {
    f64::from_bits(bits & !(EXPONENT_MASK << FRACTION_BITS) | field << FRACTION_BITS)
}

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
    const LIFT: f64 = (1u64 << 54) as f64;
    let (value, lifted) = if value.is_subnormal() { (value * LIFT, 54) } else { (value, 0) };
    let bits = value.to_bits();
    let exponent = ((bits >> FRACTION_BITS) & EXPONENT_MASK) as i32 - EXPONENT_BIAS + 1;
    (with_exponent(bits, HALF_EXPONENT), exponent - lifted)
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
    // The subnormal are built 2^60 too large, exactly; the multiplication rounds once.
    const LOWER: f64 = 1.0 / (1u64 << 60) as f64;
    let (power, scale) = if power >= -1021 { (power, 1.0) } else { (power + 60, LOWER) };
    // fraction·2 is in ±[1, 2): only its exponent field changes.
    with_exponent(fraction.to_bits(), (power - 1 + EXPONENT_BIAS) as u64) * scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges() {
        assert_eq!(ldexp(1.0, 1024), f64::INFINITY);
        assert_eq!(ldexp(-1.0, -1074), -5e-324);
        assert_eq!(ldexp(1.0, i32::MIN), 0.0);
        assert_eq!(ldexp(1.0, i32::MAX), f64::INFINITY);
        assert_eq!(ldexp(5e-324, 2000), f64::from_bits((1023 + 926) << 52));
        // A tie goes to even, and only what is beyond it upwards.
        assert_eq!(ldexp(1.0, -1075), 0.0);
        assert_eq!(ldexp(1.000_000_1, -1075), 5e-324);
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
