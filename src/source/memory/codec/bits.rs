//! Bytes, variable-length integers, and fields of a fixed number of bits.

#[cfg(target_arch = "x86_64")]
use crate::wide::FourInts;
use crate::wide::{Wide, wide};

/// Numbers unpacked at a time.
pub(super) const GROUP: usize = 64;

/// Reads what the functions of this file wrote. Past the end there are zeros: bytes are made by
/// this crate alone, so a short text is a bug, and no reason to stop a server.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                *first
            }
            None => 0,
        }
    }

    /// A number of 7 bits a byte, lowest first.
    pub(crate) fn unsigned(&mut self) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }

    /// The same with the sign in the lowest bit.
    pub(super) fn signed(&mut self) -> i64 {
        unzigzag(self.unsigned())
    }

    /// Eight bytes.
    pub(super) fn word(&mut self) -> u64 {
        match self.bytes.split_first_chunk::<8>() {
            Some((word, rest)) => {
                self.bytes = rest;
                u64::from_le_bytes(*word)
            }
            None => 0,
        }
    }

    /// `len` bytes, and whatever follows them.
    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let all = self.bytes;
        self.bytes = all.get(len..).unwrap_or_default();
        all
    }
}

pub(crate) fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_unsigned(out, zigzag(value));
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Bytes that `len` fields of `width` bits take.
pub(super) fn packed_len(len: usize, width: u32) -> usize {
    (len * width as usize).div_ceil(8)
}

/// Writes the low `width` bits of each value, one after another from the lowest bit on.
pub(super) fn pack(values: impl Iterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    out.reserve(packed_len(values.size_hint().0, width));
    let (mut held, mut bits) = (0u64, 0u32);
    for value in values {
        held |= value << bits;
        bits += width;
        if bits >= u64::BITS {
            out.extend_from_slice(&held.to_le_bytes());
            bits -= u64::BITS;
            // what of the value did not fit in
            held = if bits > 0 { value >> (width - bits) } else { 0 };
        }
    }
    let rest = held.to_le_bytes();
    out.extend_from_slice(rest.get(..bits.div_ceil(8) as usize).unwrap_or(&rest));
}

/// Fields that are wider take part of a ninth byte.
const NARROW: u32 = 57;

/// Reads the fields `from..from + out.len()`, `from` a multiple of 8.
pub(super) fn unpack(packed: &[u8], from: usize, width: u32, out: &mut [u64]) {
    /// Calls `eights` for the width: where it is known, places and shifts are constants.
    macro_rules! by_width {
        ($($w:literal)*) => {
            match width {
                $($w => eights::<$w>(packed, from, out),)*
                33..=NARROW => wide_eights(packed, from, width, out),
                _ => slowly(packed, from, width, out),
            }
        };
    }
    // In WebAssembly code for each width would take longer to load than it saves.
    if cfg!(target_arch = "wasm32") && (1..=NARROW).contains(&width) {
        return wide_eights(packed, from, width, out);
    }
    wide(
        #[inline(always)]
        || by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32),
    );
}

/// Elsewhere there is no [`Wide`].
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn unpack_sums(wide: Wide, _: &[u8], _: usize, _: u32, _: [i64; 2], _: &mut [u64]) -> bool {
    match wide {}
}

/// Reads eights of fields as [`unpack`] does, and adds up `before` and what they tell with `base` added to
/// each. `false` where that is not to be had.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn unpack_sums(wide: Wide, packed: &[u8], from: usize, width: u32, [before, base]: [i64; 2], out: &mut [u64]) -> bool {
    macro_rules! by_width {
        ($($w:literal)*) => {
            match width {
                $($w => sums::<$w>(wide, packed, from, [before, base], out),)*
                _ => false,
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32)
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn sums<const W: usize>(wide: Wide, packed: &[u8], from: usize, [before, base]: [i64; 2], out: &mut [u64]) -> bool {
    let (mask, base) = (FourInts::new(wide, [(1 << W) - 1; 4]), FourInts::new(wide, [base as u64; 4]));
    let mut before = FourInts::new(wide, [before as u64; 4]);
    let at = from / 8 * W;
    let Some(packed) = packed.get(at..at + out.len() / 8 * W + 8) else { return false };
    for (i, eight) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let Some(window) = packed.get(i * W..i * W + W + 8) else { return false };
        for (half, four) in eight.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let [a, b, c, d] = [0, 1, 2, 3].map(|lane| place::<W>(half * 4 + lane));
            let words = FourInts::new(wide, [load(window, a.0), load(window, b.0), load(window, c.0), load(window, d.0)]);
            let fields = (words >> FourInts::new(wide, [a.1, b.1, c.1, d.1])) & mask;
            let sums = (fields + base).sums();
            *four = (before + sums).numbers();
            before = before + sums.last();
        }
    }
    true
}

/// The byte of eight fields of `W` bits from which a word is read that has one of them, and how many
/// bits are below that. Narrow fields are taken from one word, several at a time.
const fn place<const W: usize>(lane: usize) -> (usize, u64) {
    let together = if W <= 14 {
        4
    } else if W <= 28 {
        2
    } else {
        1
    };
    let first = lane / together * together;
    (first * W / 8, (first * W % 8 + (lane - first) * W) as u64)
}

/// Eight fields of `W` bits take `W` bytes, so that the place of each is the same in every eight.
#[inline(always)]
fn eights<const W: usize>(packed: &[u8], from: usize, out: &mut [u64]) {
    let mask = (1u64 << W) - 1;
    let mut at = from / 8 * W;
    let mut done = 0;
    for eight in out.chunks_exact_mut(8) {
        // One check for all eight; the end of the last column may be nearer than that.
        let Some(window) = packed.get(at..at + W + 8).filter(|w| w.len() == W + 8) else { break };
        for (lane, value) in eight.iter_mut().enumerate() {
            let (byte, bits) = place::<W>(lane);
            *value = (load(window, byte) >> bits) & mask;
        }
        at += W;
        done += 8;
    }
    slowly(packed, from + done, W as u32, out.get_mut(done..).unwrap_or_default());
}

#[inline(never)]
fn slowly(packed: &[u8], from: usize, width: u32, out: &mut [u64]) {
    for (i, value) in out.iter_mut().enumerate() {
        *value = field(packed, from + i, width);
    }
}

/// Field `i` alone.
#[inline]
pub(super) fn field(packed: &[u8], i: usize, width: u32) -> u64 {
    if width == 0 {
        return 0;
    }
    let mask = u64::MAX >> (64 - width.min(64));
    let bit = i * width as usize;
    let low = load(packed, bit / 8) >> (bit % 8);
    if width <= NARROW {
        return low & mask;
    }
    let high = u64::from(packed.get(bit / 8 + 8).copied().unwrap_or(0));
    (low | high.checked_shl(64 - (bit % 8) as u32).unwrap_or(0)) & mask
}

/// Eights of a width that is not known before, but at most [`NARROW`].
fn wide_eights(packed: &[u8], from: usize, width: u32, out: &mut [u64]) {
    let wide = width as usize;
    let mask = u64::MAX >> (64 - width);
    let mut at = from / 8 * wide;
    let mut done = 0;
    for eight in out.chunks_exact_mut(8) {
        let Some(window) = packed.get(at..at + wide + 8) else { break };
        for (lane, value) in eight.iter_mut().enumerate() {
            *value = (load(window, lane * wide / 8) >> (lane * wide % 8)) & mask;
        }
        at += wide;
        done += 8;
    }
    slowly(packed, from + done, width, out.get_mut(done..).unwrap_or_default());
}

#[inline]
fn load(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "x86_64")]
    use crate::wide::any_width;

    #[test]
    fn every_width_comes_back() {
        for width in 0..=64u32 {
            let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
            let values: Vec<u64> = (0..131u64).map(|i| (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) & mask).collect();
            let mut bytes = Vec::new();
            pack(values.iter().copied(), width, &mut bytes);
            assert_eq!(bytes.len(), packed_len(values.len(), width));
            bytes.extend([0xff; 8]);
            let mut back = vec![0; values.len()];
            unpack(&bytes, 0, width, &mut back);
            assert_eq!(back, values, "width {width}");
            #[cfg(target_arch = "x86_64")]
            for (from, len) in [(0, 128), (64, 64), (64, 40), (8, 8)] {
                let (before, base) = (0x0123_4567_89ab_cdef, -3);
                let mut sums = vec![0; len];
                let known = any_width(|wide| wide.map(|wide| unpack_sums(wide, &bytes, from, width, [before, base], &mut sums)));
                let Some(is_known) = known else { continue };
                assert_eq!(is_known, (1..=32).contains(&width));
                let mut sum = before;
                for (i, told) in sums.into_iter().enumerate().filter(|_| is_known) {
                    sum = sum.wrapping_add(values[from + i] as i64).wrapping_add(base);
                    assert_eq!(told as i64, sum, "width {width}, field {}", from + i);
                }
            }
            if (1..=NARROW).contains(&width) {
                back.fill(0);
                wide_eights(&bytes, 0, width, &mut back);
                assert_eq!(back, values, "width {width} as in WebAssembly");
            }
            let mut tail = vec![0; values.len() - 64];
            unpack(&bytes, 64, width, &mut tail);
            assert_eq!(tail, values[64..], "width {width} from 64");
        }
    }

    #[test]
    fn integers_of_any_length_come_back() {
        let mut bytes = Vec::new();
        let values = [0, 1, -1, 63, -64, 64, i64::MAX, i64::MIN];
        values.iter().for_each(|v| put_signed(&mut bytes, *v));
        let mut reader = Reader::new(&bytes);
        values.iter().for_each(|v| assert_eq!(reader.signed(), *v));
        assert_eq!(reader.unsigned(), 0, "past the end");
    }
}
