//! Hyperbolic functions, by way of [`exp`] except close to zero.

use super::exp::exp;
use super::{odd, polynomial};

/// Beyond, e^-x is lost in the rounding of e^x.
const LARGE: f64 = 21.0;

/// The hyperbolic sine; close to zero by approximation 2029 of J. F. Hart and E. W. Cheney
/// (“Computer approximations”, 1968).
pub fn sinh(x: f64) -> f64 {
    const NUMERATOR: [f64; 4] = [-26.305_632_133_974_97, -2_894.211_355_989_564, -89_912.720_220_395_09, -630_767.364_049_771_7];
    const DENOMINATOR: [f64; 4] = [1.0, -173.678_953_558_233_7, 15_215.173_787_900_19, -630_767.364_049_771_7];
    odd(x, |x| {
        if x > LARGE {
            exp(x) * 0.5
        } else if x > 0.5 {
            let power = exp(x);
            (power - 1.0 / power) * 0.5
        } else {
            let square = x * x;
            polynomial(square, NUMERATOR) * x / polynomial(square, DENOMINATOR)
        }
    })
}

/// The hyperbolic cosine.
pub fn cosh(x: f64) -> f64 {
    let power = exp(x.abs());
    if x.abs() > LARGE { power * 0.5 } else { (power + 1.0 / power) * 0.5 }
}

/// The hyperbolic tangent, as in S. Moshier's Cephes library (`tanh.c`).
pub fn tanh(x: f64) -> f64 {
    const NUMERATOR: [f64; 3] = [-0.964_399_179_425_052_3, -99.287_723_100_191_85, -1_614.687_684_417_084_5];
    const DENOMINATOR: [f64; 4] = [1.0, 112.811_678_491_632_93, 2_235.488_390_601_004_5, 4_844.063_053_251_255];
    /// Half the logarithm of 2^127.
    const LARGE: f64 = 44.014_845_965_556_525;
    if x == 0.0 {
        return x;
    }
    odd(x, |x| {
        if x > LARGE {
            1.0
        } else if x >= 0.625 {
            1.0 - 2.0 / (exp(2.0 * x) + 1.0)
        } else {
            let square = x * x;
            x + x * square * polynomial(square, NUMERATOR) / polynomial(square, DENOMINATOR)
        }
    })
}
