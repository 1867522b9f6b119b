//! Arc tangent as in S. Moshier's Cephes library (`atan.c`); the other inverses by way of it.

use super::{odd, polynomial};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// What π/2 has beyond the bits of its float.
const FRAC_PI_2_REST: f64 = 6.123_233_995_736_766e-17;

/// The arc tangent between 0 and 0.66.
#[inline]
fn atan_of_small(x: f64) -> f64 {
    const NUMERATOR: [f64; 5] = [
        -8.750_608_600_031_904e-1,
        -1.615_753_718_733_365_2e1,
        -7.500_855_792_314_705e1,
        -1.228_866_684_490_136_1e2,
        -6.485_021_904_942_025e1,
    ];
    const DENOMINATOR: [f64; 6] = [
        1.0,
        2.485_846_490_142_306_2e1,
        1.650_270_098_316_988_5e2,
        4.328_810_604_912_902_7e2,
        4.853_903_996_359_137e2,
        1.945_506_571_482_614e2,
    ];
    let square = x * x;
    x * (square * polynomial(square, NUMERATOR) / polynomial(square, DENOMINATOR)) + x
}

/// The arc tangent from zero on.
fn atan_of_positive(x: f64) -> f64 {
    /// tan(3π/8).
    const LARGE: f64 = 2.414_213_562_373_095;
    if x <= 0.66 {
        atan_of_small(x)
    } else if x > LARGE {
        FRAC_PI_2 - atan_of_small(1.0 / x) + FRAC_PI_2_REST
    } else {
        FRAC_PI_4 + atan_of_small((x - 1.0) / (x + 1.0)) + 0.5 * FRAC_PI_2_REST
    }
}

/// The arc tangent, in radians.
pub fn atan(x: f64) -> f64 {
    if x == 0.0 { x } else { odd(x, atan_of_positive) }
}

/// The arc sine, in radians; NaN outside [−1, 1].
pub fn asin(x: f64) -> f64 {
    if x == 0.0 {
        return x;
    }
    odd(x, |x| {
        if x > 1.0 {
            return f64::NAN;
        }
        let cosine = (1.0 - x * x).sqrt();
        if x > 0.7 { FRAC_PI_2 - atan_of_positive(cosine / x) } else { atan_of_positive(x / cosine) }
    })
}

/// The arc cosine, in radians; NaN outside [−1, 1].
pub fn acos(x: f64) -> f64 {
    FRAC_PI_2 - asin(x)
}

/// The angle in radians between the positive x-axis and the ray to (x, y), in [−π, π].
///
/// ```
/// assert_eq!(ferula::model::float::atan2(-1.0, 0.0), -std::f64::consts::FRAC_PI_2);
/// ```
pub fn atan2(y: f64, x: f64) -> f64 {
    if y.is_nan() || x.is_nan() {
        return f64::NAN;
    }
    // On the axes, and at infinity in either direction, the signs alone decide.
    let right = x.is_sign_positive();
    let fixed = match (y.is_infinite(), x.is_infinite()) {
        (false, false) if y == 0.0 => Some(if right { 0.0 } else { PI }),
        (_, false) if x == 0.0 => Some(FRAC_PI_2),
        (false, false) => None,
        (true, false) => Some(FRAC_PI_2),
        (true, true) => Some(if right { FRAC_PI_4 } else { 3.0 * FRAC_PI_4 }),
        (false, true) => Some(if right { 0.0 } else { PI }),
    };
    if let Some(angle) = fixed {
        return angle.copysign(y);
    }
    let angle = atan(y / x);
    if right {
        angle
    } else if angle <= 0.0 {
        angle + PI
    } else {
        angle - PI
    }
}
