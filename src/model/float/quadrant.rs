//! Angles brought to within π/4 of zero.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_4};

/// From here on the product with the three parts of π/4 is no longer exact enough.
const LARGE: f64 = (1u64 << 29) as f64;

/// An angle from zero on as `quadrant·π/2 + rest`: the quadrant modulo 4, and the rest.
#[inline]
pub(super) fn split(angle: f64) -> (u32, f64) {
    if angle < LARGE { split_small(angle) } else { split_large(angle) }
}

/// By W. J. Cody and W. Waite: π/4 in three parts, of which the first two have few bits, as in
/// S. Moshier's Cephes library.
#[inline]
fn split_small(angle: f64) -> (u32, f64) {
    const PARTS: [f64; 3] = [0.785_398_125_648_498_5, 3.774_894_707_930_798e-8, 2.695_151_429_079_059_5e-15];
    let octant = (angle * (2.0 * FRAC_2_PI)) as u32;
    let octant = octant + octant % 2;
    let [a, b, c] = PARTS.map(|part| f64::from(octant) * part);
    (octant / 2 % 4, angle - a - b - c)
}

/// 4/π, 64 bits a word; the first word is its whole part.
#[rustfmt::skip]
const FOUR_OVER_PI: [u64; 20] = [
    0x0000_0000_0000_0001, 0x45f3_06dc_9c88_2a53, 0xf84e_afa3_ea69_bb81, 0xb6c5_2b32_7887_2083, 0xfca2_c757_bd77_8ac3,
    0x6e48_dc74_849b_a5c0, 0x0c92_5dd4_13a3_2439, 0xfc3b_d639_6253_4e7d, 0xd104_6bea_5d76_8909, 0xd338_e04d_68be_fc82,
    0x7323_ac73_06a6_73e9, 0x3908_bf17_7bf2_5076, 0x3ff1_2fff_bc0b_301f, 0xde5e_2316_b414_da3e, 0xda6c_fd9e_4f96_136e,
    0x9e8c_7ecd_3cbf_d45a, 0xea4f_758f_d7cb_e2f6, 0x7a0e_73ef_14a5_25d4, 0xd7f6_bf62_3f1a_ba10, 0xac06_608d_f8f6_d757,
];

/// By M. Payne and R. Hanek (“Radian reduction for trigonometric functions”, 1983): of the
/// product of the angle and 4/π only the bits around the point are computed.
fn split_large(angle: f64) -> (u32, f64) {
    let bits = angle.to_bits();
    let significand = u128::from(bits & ((1 << 52) - 1) | (1 << 52));
    // The angle is significand·2^exponent, with an exponent of at least 29 − 52. Words before the
    // one chosen here would add multiples of 8 to the octant.
    let exponent = ((bits >> 52) & 0x7ff) as usize - (1023 + 52 - 61);
    let (word, shift) = (exponent / 64, exponent % 64);
    let digits = |i: usize| {
        let [high, low] = [i, i + 1].map(|i| u128::from(FOUR_OVER_PI.get(i).copied().unwrap_or(0)));
        ((high << 64 | low) << shift >> 64) & u128::from(u64::MAX)
    };
    let product = ((digits(word) * significand) << 64)
        .wrapping_add(digits(word + 1) * significand)
        .wrapping_add((digits(word + 2) * significand) >> 64);
    // The point is behind the first three bits.
    let octant = (product >> 125) as u32;
    let fraction = normalized((product << 3 >> 64) as u64, product as u64);
    let rest = if octant % 2 == 1 { fraction - 1.0 } else { fraction };
    (octant.div_ceil(2) % 4, rest * FRAC_PI_4)
}

/// The float in [0, 1) whose first bits behind the point are `high`.
///
/// As `high` loses its leading zeros, Go fills up from the top of the product's lower word,
/// whose first three bits have already gone into `high`. That is kept: it decides about the last
/// bits of angles that are very close to a multiple of π/4.
fn normalized(high: u64, low: u64) -> f64 {
    let zeros = high.leading_zeros() + 1;
    let filled = high.checked_shl(zeros).unwrap_or(0) | low.checked_shr(64u32.saturating_sub(zeros)).unwrap_or(0);
    f64::from_bits((filled >> 12) | u64::from(1023 - zeros) << 52)
}
