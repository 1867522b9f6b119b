//! Inverse hyperbolic functions, as in FreeBSD's msun (`s_asinh.c`, `e_acosh.c`, `e_atanh.c`): by
//! way of logarithms.

use super::log::{ln, ln_1p};
use super::odd;
use std::f64::consts::LN_2;

/// Beyond, x² + 1 and x² − 1 are x².
const LARGE: f64 = (1u64 << 28) as f64;
/// Below, the function is its argument.
const SMALL: f64 = 1.0 / LARGE;

/// The inverse hyperbolic sine.
pub fn asinh(x: f64) -> f64 {
    if !x.is_finite() {
        return x;
    }
    odd(x, |x| {
        if x > LARGE {
            ln(x) + LN_2
        } else if x > 2.0 {
            ln(2.0 * x + 1.0 / ((x * x + 1.0).sqrt() + x))
        } else if x < SMALL {
            x
        } else {
            ln_1p(x + x * x / (1.0 + (1.0 + x * x).sqrt()))
        }
    })
}

/// The inverse hyperbolic cosine; NaN below 1.
pub fn acosh(x: f64) -> f64 {
    if x.is_nan() || x < 1.0 {
        f64::NAN
    } else if x >= LARGE {
        ln(x) + LN_2
    } else if x > 2.0 {
        ln(2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt()))
    } else {
        let t = x - 1.0;
        ln_1p(t + (2.0 * t + t * t).sqrt())
    }
}

/// The inverse hyperbolic tangent; NaN outside [−1, 1].
pub fn atanh(x: f64) -> f64 {
    if x.abs() == 1.0 {
        return f64::INFINITY.copysign(x);
    }
    odd(x, |x| {
        if x > 1.0 {
            f64::NAN
        } else if x < SMALL {
            x
        } else if x < 0.5 {
            let double = x + x;
            0.5 * ln_1p(double + double * x / (1.0 - x))
        } else {
            0.5 * ln_1p((x + x) / (1.0 - x))
        }
    })
}
