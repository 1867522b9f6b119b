//! Columns of integers: what is left after a simple prediction, in as few bits as most need.
//!
//! The prediction is nothing, a straight line, or the number before; what is left is told as
//! multiples of its greatest common divisor above a base, in fields of one width. Numbers that
//! would make all fields wide stand in a list of exceptions. A line suits times with jitter,
//! whose deviations do not add up, the number before suits counters, whose resets are exceptions.

use super::bits::{GROUP, Reader, pack, packed_len, put_signed, put_unsigned, unpack};

const PLAIN: u8 = 0;
const LINE: u8 = 1;
const DELTA: u8 = 2;
const MODE: u8 = 3;
/// Set in the first byte where fields count in steps of more than 1.
const STEPPED: u8 = 4;
/// Set where there are exceptions.
const PATCHED: u8 = 8;

/// How what is left of a column is packed.
struct Fit {
    base: i64,
    /// Largest value of a field before division: fields above are exceptions.
    reach: u64,
    step: u64,
    width: u32,
    exceptions: usize,
    /// In bits, roughly.
    cost: usize,
}

/// Appends the numbers to `out`. Any numbers come back exactly: arithmetic wraps.
pub(crate) fn encode(values: &[i64], out: &mut Vec<u8>) {
    let plain = values.to_vec();
    let slope = slope(values);
    let first = values.first().copied().unwrap_or(0);
    let mut best = (PLAIN, fit(&plain), plain);
    if values.len() > 2 && best.1.width > 0 {
        let line = (0..values.len() as i64).zip(values).map(|(i, v)| v.wrapping_sub(first.wrapping_add(slope.wrapping_mul(i)))).collect();
        let mut delta = vec![0; values.len()];
        delta.iter_mut().skip(1).zip(values.windows(2)).for_each(|(d, pair)| *d = pair[1].wrapping_sub(pair[0]));
        // The first number has no difference: any that costs nothing will do.
        delta[0] = delta[1];
        for (mode, left) in [(LINE, line), (DELTA, delta)] {
            let fit = fit(&left);
            if fit.cost < best.1.cost {
                best = (mode, fit, left);
            }
        }
    }
    let (mode, fit, left) = best;
    let stepped = if fit.step > 1 { STEPPED } else { 0 };
    let patched = if fit.exceptions > 0 { PATCHED } else { 0 };
    out.push(mode | stepped | patched);
    out.push(fit.width as u8);
    put_signed(out, fit.base);
    match mode {
        LINE => {
            put_signed(out, first);
            put_signed(out, slope);
        }
        // Decoding adds the first difference to this.
        DELTA => put_signed(out, first.wrapping_sub(left[0])),
        _ => {}
    }
    if fit.step > 1 {
        put_unsigned(out, fit.step);
    }
    if fit.exceptions > 0 {
        put_unsigned(out, fit.exceptions as u64);
        let mut last = 0;
        for (i, v) in left.iter().enumerate() {
            if fit.field(*v).is_none() {
                put_unsigned(out, (i - last) as u64);
                put_signed(out, *v);
                last = i;
            }
        }
    }
    pack(left.iter().map(|v| fit.field(*v).unwrap_or(0)), fit.width, out);
}

impl Fit {
    fn field(&self, left: i64) -> Option<u64> {
        let above = left.wrapping_sub(self.base) as u64;
        (left >= self.base && above <= self.reach).then(|| above / self.step)
    }
}

/// The slope of a line through a column, from the means of its first and last quarter: jitter
/// of single numbers must not bend it.
fn slope(values: &[i64]) -> i64 {
    let quarter = (values.len() / 4).max(1);
    let distance = values.len().saturating_sub(quarter) as i128;
    if distance == 0 {
        return 0;
    }
    let sum = |part: &[i64]| part.iter().map(|v| i128::from(*v)).sum::<i128>();
    let rise = sum(&values[values.len() - quarter..]) - sum(&values[..quarter]);
    let run = distance * quarter as i128;
    let half = if rise < 0 { -run / 2 } else { run / 2 };
    ((rise + half) / run) as i64
}

fn bits(value: u64) -> u32 {
    64 - value.leading_zeros()
}

/// Finds the width that costs the least, exceptions included.
fn fit(left: &[i64]) -> Fit {
    let (low, high) = left.iter().fold((i64::MAX, i64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    if left.is_empty() || low == high {
        return Fit { base: if left.is_empty() { 0 } else { low }, reach: 0, step: 1, width: 0, exceptions: 0, cost: 0 };
    }
    let mut sorted = left.to_vec();
    sorted.sort_unstable();
    let reach = high.wrapping_sub(low) as u64;
    let width = bits(reach);
    let mut best = Fit { base: low, reach, step: 1, width, exceptions: 0, cost: left.len() * width as usize };
    // An exception costs its number, and its distance to the one before.
    let each = 16 + 8 * (width as usize + 1).div_ceil(7);
    for width in (0..width).rev() {
        let reach = (1u64 << width) - 1;
        let (base, within) = densest(&sorted, reach);
        let exceptions = left.len() - within;
        if exceptions * 3 > left.len() {
            break;
        }
        let cost = left.len() * width as usize + exceptions * each;
        if cost < best.cost {
            best = Fit { base, reach, step: 1, width, exceptions, cost };
        }
    }
    best.shrink(left);
    best
}

impl Fit {
    /// Counts in steps of the greatest common divisor, if there is one.
    fn shrink(&mut self, left: &[i64]) {
        let mut step = 0;
        let mut highest = 0;
        for field in left.iter().filter_map(|v| self.field(*v)) {
            highest = highest.max(field);
            if step != 1 {
                step = gcd(step, field);
            }
        }
        self.reach = highest;
        self.step = step.max(1);
        let width = bits(highest / self.step);
        self.cost -= left.len() * (self.width - width.min(self.width)) as usize;
        self.width = width;
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Where a window of length `reach` holds the most of the sorted numbers, and how many.
fn densest(sorted: &[i64], reach: u64) -> (i64, usize) {
    let mut best = (0, 0);
    let mut end = 0;
    for (from, low) in sorted.iter().enumerate() {
        while sorted.get(end).is_some_and(|v| v.wrapping_sub(*low) as u64 <= reach) {
            end += 1;
        }
        if end - from > best.1 {
            best = (*low, end - from);
        }
    }
    best
}

/// Hands the first `wanted` of the column's `len` numbers to `sink`, in order, some at a time,
/// and moves the reader behind the column.
pub(crate) fn decode(reader: &mut Reader<'_>, len: usize, wanted: usize, mut sink: impl FnMut(&[i64])) {
    let head = reader.byte();
    let width = u32::from(reader.byte()).min(64);
    let base = reader.signed();
    let (mut value, slope) = match head & MODE {
        LINE => (reader.signed(), reader.signed()),
        DELTA => (reader.signed(), 0),
        _ => (0, 0),
    };
    let step = if head & STEPPED > 0 { reader.unsigned() } else { 1 };
    let exceptions = if head & PATCHED > 0 { reader.unsigned() } else { 0 };
    let mut patches = *reader;
    for _ in 0..exceptions {
        reader.unsigned();
        reader.signed();
    }
    let packed = reader.take(packed_len(len, width));
    let mut patches = Patches::new(&mut patches, exceptions);

    let wanted = wanted.min(len);
    let mut fields = [0u64; GROUP];
    let mut group = [0i64; GROUP];
    let mut from = 0;
    while from < wanted {
        let count = (wanted - from).min(GROUP);
        let (fields, group) = (&mut fields[..count], &mut group[..count]);
        if width > 0 {
            unpack(packed, from, width, fields);
        }
        let pairs = group.iter_mut().zip(fields.iter());
        if step == 1 {
            pairs.for_each(|(v, field)| *v = base.wrapping_add(*field as i64));
        } else {
            pairs.for_each(|(v, field)| *v = base.wrapping_add(field.wrapping_mul(step) as i64));
        }
        patches.apply(from, group);
        match head & MODE {
            LINE => {
                for (v, i) in group.iter_mut().zip(0i64..) {
                    *v = v.wrapping_add(value.wrapping_add(slope.wrapping_mul(i)));
                }
                value = value.wrapping_add(slope.wrapping_mul(count as i64));
            }
            DELTA => {
                for v in group.iter_mut() {
                    value = value.wrapping_add(*v);
                    *v = value;
                }
            }
            _ => {}
        }
        sink(group);
        from += count;
    }
}

/// The exceptions of a column, by index.
struct Patches<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: u64,
    at: usize,
    value: i64,
}

impl<'r, 'a> Patches<'r, 'a> {
    fn new(reader: &'r mut Reader<'a>, count: u64) -> Self {
        let mut patches = Patches { reader, left: count, at: 0, value: 0 };
        if count > 0 {
            patches.load();
        }
        patches
    }

    fn load(&mut self) {
        self.at = self.at.saturating_add(usize::try_from(self.reader.unsigned()).unwrap_or(usize::MAX));
        self.value = self.reader.signed();
    }

    /// Puts the exceptions among the numbers from index `from` on in their places.
    fn apply(&mut self, from: usize, group: &mut [i64]) {
        while self.left > 0 {
            let Some(place) = self.at.checked_sub(from).and_then(|i| group.get_mut(i)) else { return };
            *place = self.value;
            self.left -= 1;
            if self.left > 0 {
                self.load();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PADDING;
    use super::*;
    use proptest::prelude::*;

    fn round_trip(values: &[i64]) -> usize {
        let mut bytes = Vec::new();
        encode(values, &mut bytes);
        let size = bytes.len();
        bytes.push(0xA5);
        bytes.extend(PADDING);
        for wanted in [values.len(), values.len() / 2, 1] {
            let mut reader = Reader::new(&bytes);
            let mut back = Vec::new();
            decode(&mut reader, values.len(), wanted, |group| back.extend_from_slice(group));
            assert_eq!(back, &values[..wanted.min(values.len())]);
            assert_eq!(reader.byte(), 0xA5, "the reader stands behind the column");
        }
        size
    }

    fn noise(i: i64) -> i64 {
        ((i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as i64
    }

    #[test]
    fn usual_columns_take_few_bytes() {
        let n = 512;
        assert!(round_trip(&(0..n).map(|i| i * 15_000).collect::<Vec<_>>()) < 16, "regular times");
        assert!(round_trip(&vec![7; n as usize]) < 8, "a constant");
        let jitter: Vec<i64> = (0..n).map(|i| i * 15_000 + noise(i) % 101 - 50).collect();
        assert!(round_trip(&jitter) <= 7 * 512 / 8 + 24, "jitter of ±50 has 101 values: 7 bits");
        let mut sum = 0;
        let counter: Vec<i64> = (0..n)
            .map(|i| {
                sum = if i % 200 == 199 { 0 } else { sum + noise(i) % 100 };
                sum
            })
            .collect();
        assert!(round_trip(&counter) <= 7 * 512 / 8 + 40, "resets are exceptions");
        let pages: Vec<i64> = (0..n).map(|i| noise(i) % 16 * 4096).collect();
        assert!(round_trip(&pages) <= 4 * 512 / 8 + 24, "a common divisor");
    }

    #[test]
    fn short_columns_come_back() {
        for values in [&[][..], &[5], &[5, 6], &[i64::MIN, i64::MAX], &[i64::MAX, i64::MIN, 0]] {
            round_trip(values);
        }
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(
            wild in prop::collection::vec(any::<i64>(), 0..300),
            tame in prop::collection::vec(-500i64..500, 0..300),
        ) {
            round_trip(&wild);
            round_trip(&tame);
            let mixed: Vec<i64> = tame.iter().zip(wild.iter().cycle()).enumerate().map(|(i, (t, w))| if i % 9 == 4 { *w } else { *t }).collect();
            round_trip(&mixed);
        }
    }
}
