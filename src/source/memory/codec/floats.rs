//! Columns of floats: decimals as integers, all else as its bits; both then as integer columns.
//!
//! Metrics are mostly integers and short decimals, which `v · 10ᵉ` makes integers without loss.
//! Values that it would not give back bit by bit (NaN, stale markers, −0, odd ones) stand in a
//! list. Where too few values are decimals, the bits of the floats are the integers: neighbours
//! share their upper bits, and a steady rise is a steady rise of the bits too.

use super::bits::{Reader, put_unsigned};
use super::column::Column;
use super::ints;
use crate::model::float::near;

/// First byte of a column of bits; below it: the power of ten.
const BITS: u8 = 0xff;
/// Powers of ten that are tried. All are exact as floats.
const POWERS: [f64; 15] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];
/// Set beside the power where [`decimal`] divides as exactly as division does, and faster.
const PARTED: u8 = 0x40;
/// The inverses of the powers, each as a number of 26 bits and the rest.
const INVERSES: [(f64, f64); 15] = {
    let mut inverses = [(1.0, 0.0); 15];
    let mut i = 1;
    while i < 15 {
        let high = f64::from_bits((1.0 / POWERS[i]).to_bits() & !((1 << 27) - 1));
        inverses[i] = (high, (1.0 - high * POWERS[i]) / POWERS[i]);
        i += 1;
    }
    inverses
};
/// Integers up to here are told apart from one another in the lowest digits of a float of 2⁵².
const EXACT: f64 = 2_251_799_813_685_247.0;
/// How many bytes more a column may take to be read without divisions.
const FASTER: usize = 8;
/// Values looked at to pick a power.
const PROBES: usize = 32;

fn to_int(value: f64, power: f64) -> Option<i64> {
    let scaled = value * power;
    // NaN fails the comparison; −0 comes back from the integer as 0, and so does not pass either.
    let int = (scaled.abs() <= EXACT).then(|| (scaled + 0.5f64.copysign(scaled)) as i64)?;
    (int as f64 / power).to_bits().eq(&value.to_bits()).then_some(int)
}

/// Appends the values to `out`. Every bit comes back.
pub(crate) fn encode(values: &[f64], out: &mut Vec<u8>) {
    let from = out.len();
    let power = pick_power(values);
    if let Some(power) = power {
        let odd = encode_scaled(values, power, out);
        if power <= 3 && odd <= values.len() / 32 {
            return;
        }
    }
    let mut raw = vec![BITS];
    let bits: Vec<i64> = values.iter().map(|v| v.to_bits() as i64).collect();
    ints::encode(&bits, &mut raw);
    // Bits are read faster than decimals, which take a division each.
    if power.is_none() || raw.len() < out.len() - from + if power == Some(0) { 0 } else { FASTER } {
        out.truncate(from);
        out.extend_from_slice(&raw);
    }
}

/// The least power of ten that makes integers of most probes.
fn pick_power(values: &[f64]) -> Option<usize> {
    let stride = values.len().div_ceil(PROBES).max(1);
    let probes: Vec<f64> = values.iter().copied().step_by(stride).filter(|v| v.is_finite()).collect();
    let enough = probes.len() - probes.len() / 8;
    if probes.is_empty() {
        return None;
    }
    POWERS.iter().position(|power| probes.iter().filter(|v| to_int(**v, *power).is_some()).count() >= enough)
}

/// Appends the values as integers; how many have to stand apart.
fn encode_scaled(values: &[f64], power: usize, out: &mut Vec<u8>) -> usize {
    let scale = POWERS[power];
    let mut odd: Vec<(usize, u64)> = Vec::new();
    let mut last = values.iter().find_map(|v| to_int(*v, scale)).unwrap_or(0);
    let ints: Vec<i64> = values
        .iter()
        .enumerate()
        .map(|(i, v)| {
            match to_int(*v, scale) {
                Some(int) => last = int,
                None => odd.push((i, v.to_bits())),
            }
            last
        })
        .collect();
    let inverse = INVERSES[power];
    let parted = power > 0 && ints.iter().all(|int| decimal(*int, inverse).to_bits() == (*int as f64 / scale).to_bits());
    out.push(power as u8 | if parted { PARTED } else { 0 });
    put_unsigned(out, odd.len() as u64);
    let mut last = 0;
    for (i, bits) in &odd {
        put_unsigned(out, (i - last) as u64);
        out.extend_from_slice(&bits.to_le_bytes());
        last = *i;
    }
    ints::encode(&ints, out);
    odd.len()
}

/// Appends the values `from..to` of a column of `len` to `out`, and moves the reader behind the
/// column.
pub(crate) fn decode(reader: &mut Reader<'_>, len: usize, from: usize, to: usize, out: &mut Vec<f64>) {
    let base = out.len();
    let power = reader.byte();
    if power == BITS {
        Column::new(reader, len).decode(from, to, out, |bits| f64::from_bits(bits as u64));
        return;
    }
    let odd = reader.unsigned();
    let mut patches = *reader;
    for _ in 0..odd {
        reader.unsigned();
        reader.word();
    }
    let column = Column::new(reader, len);
    let at = usize::from(power & !PARTED);
    if power == 0 {
        column.decode(from, to, out, near);
    } else if power & PARTED > 0 {
        let inverse = INVERSES.get(at).copied().unwrap_or_default();
        column.decode(from, to, out, |int| decimal(int, inverse));
    } else {
        let scale = POWERS.get(at).copied().unwrap_or(1.0);
        column.decode(from, to, out, |int| near(int) / scale);
    }
    let mut at = 0usize;
    for _ in 0..odd {
        at = at.saturating_add(usize::try_from(patches.unsigned()).unwrap_or(usize::MAX));
        let bits = patches.word();
        if let Some(value) = at.checked_sub(from).and_then(|i| out.get_mut(base + i)) {
            *value = f64::from_bits(bits);
        }
    }
}

/// An integer divided by a power of ten: the product with the upper part of the inverse is exact
/// where the integer is not large, so that only the sum is rounded.
#[inline(always)]
fn decimal(int: i64, (high, low): (f64, f64)) -> f64 {
    let int = near(int);
    int * high + int * low
}

#[cfg(test)]
mod tests {
    use super::super::PADDING;
    use super::*;
    use crate::model::stale;
    use proptest::prelude::*;

    fn round_trip(values: &[f64]) -> usize {
        let mut bytes = Vec::new();
        encode(values, &mut bytes);
        let size = bytes.len();
        bytes.push(0xA5);
        bytes.extend(PADDING);
        let n = values.len();
        for (from, to) in [(0, n), (n / 3, n), (n / 3, n / 2), (n, n)] {
            let mut reader = Reader::new(&bytes);
            let mut back = vec![9.0];
            decode(&mut reader, n, from, to, &mut back);
            let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&back[1..]), bits(&values[from..to]), "{from}..{to}");
            assert_eq!(reader.byte(), 0xA5, "the reader stands behind the column");
        }
        size
    }

    #[test]
    fn usual_columns_take_few_bytes() {
        let range = || (0..512).map(f64::from);
        assert!(round_trip(&range().map(|i| i * 0.1).collect::<Vec<_>>()) <= 512 * 7, "products that miss a decimal");
        assert!(round_trip(&range().map(|i| (i * 7.0 % 33.0) / 10.0).collect::<Vec<_>>()) <= 6 * 512 / 8 + 24, "tenths");
        assert!(round_trip(&range().map(|i| i + 1024.0 + 1.0 / 3.0).collect::<Vec<_>>()) <= 32, "a steady rise");
        assert!(round_trip(&[f64::NAN; 512]) < 32, "one NaN over and over");
        let mut gaps: Vec<f64> = range().collect();
        gaps[100] = stale();
        gaps[101] = -0.0;
        gaps[300] = f64::NEG_INFINITY;
        assert!(round_trip(&gaps) < 64, "odd values apart");
    }

    #[test]
    fn decimals_are_divided_exactly() {
        for (power, inverse) in POWERS.iter().zip(INVERSES).take(6).skip(1) {
            for int in (-1i64 << 26..1 << 26).step_by(4_999) {
                assert_eq!(decimal(int, inverse), int as f64 / power, "{int} / {power}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_bit_comes_back(
            wild in prop::collection::vec(any::<u64>(), 0..300),
            tenths in prop::collection::vec(-100_000i32..100_000, 0..300),
        ) {
            let wild: Vec<f64> = wild.into_iter().map(f64::from_bits).collect();
            round_trip(&wild);
            let tenths: Vec<f64> = tenths.into_iter().map(|v| f64::from(v) / 10.0).collect();
            round_trip(&tenths);
            let mixed: Vec<f64> = tenths.iter().zip(wild.iter().cycle()).enumerate().map(|(i, (t, w))| if i % 7 == 3 { *w } else { *t }).collect();
            round_trip(&mixed);
        }
    }
}
