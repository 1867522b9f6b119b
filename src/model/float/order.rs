//! The greater and the lesser of two numbers, NaN and signed zeros included.

use crate::model::nan;

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
        nan()
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
        nan()
    } else if x == 0.0 && y == 0.0 {
        if x.is_sign_negative() { x } else { y }
    } else if x < y {
        x
    } else {
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_and_infinities() {
        assert_eq!(go_max(-0.0, 0.0).to_bits(), 0);
        assert_eq!(go_min(0.0, -0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!(go_min(f64::NAN, f64::NEG_INFINITY), f64::NEG_INFINITY);
    }
}
