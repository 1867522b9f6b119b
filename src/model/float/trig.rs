//! Sine, cosine and tangent, as in S. Moshier's Cephes library (`sin.c`, `tan.c`).

use super::{odd, polynomial, quadrant};

/// The sine of an angle within π/4 of zero.
#[inline]
fn sin_near_zero(angle: f64) -> f64 {
    const COEFFICIENTS: [f64; 6] = [
        1.589_623_015_765_465_6e-10,
        -2.505_074_776_285_780_7e-8,
        2.755_731_362_138_572_2e-6,
        -1.984_126_982_958_954e-4,
        8.333_333_333_322_118e-3,
        -1.666_666_666_666_663e-1,
    ];
    let square = angle * angle;
    angle + angle * square * polynomial(square, COEFFICIENTS)
}

/// The cosine of an angle within π/4 of zero.
#[inline]
fn cos_near_zero(angle: f64) -> f64 {
    const COEFFICIENTS: [f64; 6] = [
        -1.135_853_652_138_768_2e-11,
        2.087_570_084_197_473e-9,
        -2.755_731_417_929_674e-7,
        2.480_158_728_885_170_4e-5,
        -1.388_888_888_887_305_6e-3,
        4.166_666_666_666_659_5e-2,
    ];
    let square = angle * angle;
    1.0 - 0.5 * square + square * square * polynomial(square, COEFFICIENTS)
}

/// The sine of an angle in radians.
pub fn sin(angle: f64) -> f64 {
    if angle == 0.0 {
        return angle;
    }
    if !angle.is_finite() {
        return f64::NAN;
    }
    odd(angle, |angle| {
        let (quadrant, rest) = quadrant::split(angle);
        let size = if quadrant % 2 == 1 { cos_near_zero(rest) } else { sin_near_zero(rest) };
        if quadrant >= 2 { -size } else { size }
    })
}

/// The cosine of an angle in radians.
pub fn cos(angle: f64) -> f64 {
    if !angle.is_finite() {
        return f64::NAN;
    }
    let (quadrant, rest) = quadrant::split(angle.abs());
    let size = if quadrant % 2 == 1 { sin_near_zero(rest) } else { cos_near_zero(rest) };
    if quadrant == 1 || quadrant == 2 { -size } else { size }
}

/// The tangent of an angle in radians.
pub fn tan(angle: f64) -> f64 {
    const NUMERATOR: [f64; 3] = [-1.309_369_391_813_837_9e4, 1.153_516_648_385_874_2e6, -1.795_652_519_764_848_8e7];
    const DENOMINATOR: [f64; 5] =
        [1.0, 1.368_129_634_706_929_6e4, -1.320_892_344_402_109_7e6, 2.500_838_018_233_579e7, -5.386_957_559_294_546_4e7];
    if angle == 0.0 {
        return angle;
    }
    if !angle.is_finite() {
        return f64::NAN;
    }
    odd(angle, |angle| {
        let (quadrant, rest) = quadrant::split(angle);
        let square = rest * rest;
        let value =
            if square > 1e-14 { rest + rest * (square * polynomial(square, NUMERATOR) / polynomial(square, DENOMINATOR)) } else { rest };
        if quadrant % 2 == 1 { -1.0 / value } else { value }
    })
}
