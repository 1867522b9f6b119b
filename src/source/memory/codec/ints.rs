//! Columns of integers: what is left after a simple prediction, in as few bits as most need.
//!
//! The prediction is nothing, a straight line, or the number before; what is left is told as
//! multiples of its greatest common divisor above a base, in fields of one width. Numbers that
//! would make all fields wide stand in a list of exceptions. A line suits times with jitter,
//! whose deviations do not add up, the number before suits counters, whose resets are exceptions.

use super::bits::{GROUP, pack, put_signed, put_unsigned};

const PLAIN: u8 = 0;
pub(super) const LINE: u8 = 1;
pub(super) const DELTA: u8 = 2;
pub(super) const MODE: u8 = 3;
/// Set in the first byte where fields count in steps of more than 1.
pub(super) const STEPPED: u8 = 4;
/// Set where there are exceptions.
pub(super) const PATCHED: u8 = 8;

/// Numbers looked at to tell which prediction is promising.
const PROBES: usize = 32;
/// One in so many of them may be an exception at either end.
const ODD: usize = 16;

/// How what is left of a column is packed.
struct Fit {
    base: i64,
    /// Largest distance above the base that is no exception.
    reach: u64,
    step: u64,
    width: u32,
    exceptions: usize,
    /// In bits, roughly.
    cost: usize,
}

/// Appends the numbers to `out`. Any numbers come back exactly: arithmetic wraps.
pub(crate) fn encode(values: &[i64], out: &mut Vec<u8>) {
    let (mode, fit, left) = choose(values);
    let first = values.first().copied().unwrap_or(0);
    let slope = slope(values);
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
        let mut patches = Vec::new();
        let mut last = 0;
        for (i, v) in left.iter().enumerate() {
            if fit.above(*v).is_none() {
                put_unsigned(&mut patches, (i - last) as u64);
                put_signed(&mut patches, *v);
                last = i;
            }
        }
        put_unsigned(out, patches.len() as u64);
        out.extend_from_slice(&patches);
    }
    if mode == DELTA && values.len() > GROUP {
        put_marks(first.wrapping_sub(left[0]), values, out);
    }
    let above = left.iter().map(|v| fit.above(*v).unwrap_or(0));
    // divisions are slow, and there is hardly ever one to do
    match fit.step {
        1 => pack(above, fit.width, out),
        step => pack(above.map(|above| above / step), fit.width, out),
    }
}

/// The way to tell a column, and what is left to be told that way.
///
/// A few numbers of it show which way is promising: what they show to be worse is not tried out.
fn choose(values: &[i64]) -> (u8, Fit, Vec<i64>) {
    let way = Ways { values, first: values.first().copied().unwrap_or(0), slope: slope(values) };
    // Most columns of times are such lines, and many of values are constant.
    for mode in [PLAIN, LINE] {
        if let Some(fit) = way.constant(mode) {
            let left = vec![fit.base; values.len()];
            return (mode, fit, left);
        }
    }
    let mut modes = [PLAIN, LINE, DELTA].map(|mode| (way.sketch(mode), mode));
    if values.len() <= 2 {
        modes = [(0, PLAIN); 3];
    }
    modes.sort_unstable();
    let mut best: Option<(u8, Fit, Vec<i64>)> = None;
    for (sketch, mode) in modes {
        if best.as_ref().is_none_or(|b| values.len() * (sketch as usize) < b.1.cost) {
            let left: Vec<i64> = (0..values.len()).map(|i| way.left(mode, i)).collect();
            let fit = fit(&left, sketch);
            if best.as_ref().is_none_or(|b| fit.cost < b.1.cost) {
                best = Some((mode, fit, left));
            }
        }
    }
    best.unwrap_or_else(|| (PLAIN, fit(&[], 0), Vec::new()))
}

/// What is left of each number of a column by each prediction.
struct Ways<'a> {
    values: &'a [i64],
    first: i64,
    slope: i64,
}

impl Ways<'_> {
    #[inline(always)]
    fn left(&self, mode: u8, i: usize) -> i64 {
        let value = |i: usize| self.values.get(i).copied().unwrap_or(0);
        match mode {
            LINE => value(i).wrapping_sub(self.first.wrapping_add(self.slope.wrapping_mul(i as i64))),
            // The first number has no difference: any that costs nothing will do.
            DELTA => value(i.max(1)).wrapping_sub(value(i.max(1) - 1)),
            _ => value(i),
        }
    }

    /// The fit of a column of which the same is left everywhere.
    fn constant(&self, mode: u8) -> Option<Fit> {
        let base = self.left(mode, 0);
        (1..self.values.len()).all(|i| self.left(mode, i) == base).then_some(Fit::constant(base))
    }

    /// The width of fields that most of some numbers fit in.
    fn sketch(&self, mode: u8) -> u32 {
        let stride = self.values.len().div_ceil(PROBES).max(1);
        let odd = self.values.len().div_ceil(stride) / ODD;
        let (mut lows, mut highs) = ([i64::MAX; PROBES / ODD + 1], [i64::MAX; PROBES / ODD + 1]);
        for i in (0..self.values.len()).step_by(stride) {
            let left = self.left(mode, i);
            keep_least(&mut lows[..=odd], left);
            keep_least(&mut highs[..=odd], !left);
        }
        bits((!highs[odd]).wrapping_sub(lows[odd]) as u64)
    }
}

/// Puts a number among the least of several, which ascend.
fn keep_least(least: &mut [i64], mut new: i64) {
    if least.last().is_some_and(|last| new < *last) {
        for old in least {
            if new < *old {
                std::mem::swap(old, &mut new);
            }
        }
    }
}

impl Fit {
    /// How far a number is above the base, unless it is an exception.
    #[inline(always)]
    fn above(&self, left: i64) -> Option<u64> {
        let above = left.wrapping_sub(self.base) as u64;
        (left >= self.base && above <= self.reach).then_some(above)
    }
}

/// The slope of a line through a column, from the means of its first and last quarter: jitter
/// of single numbers must not bend it.
fn slope(values: &[i64]) -> i64 {
    let quarter = (values.len() / 4).max(1);
    let distance = values.len().saturating_sub(quarter);
    let (Some(first), true) = (values.first(), distance > 0) else { return 0 };
    // above the first number, so that floats are exact; far apart there are no lines anyway
    let sum = |part: &[i64]| part.iter().map(|v| v.wrapping_sub(*first) as f64).sum::<f64>();
    let rise = sum(&values[distance..]) - sum(&values[..quarter]);
    (rise / (distance * quarter) as f64).round() as i64
}

fn bits(value: u64) -> u32 {
    64 - value.leading_zeros()
}

/// Finds the width that costs the least, exceptions included; `sketch` is what most need.
fn fit(left: &[i64], sketch: u32) -> Fit {
    let (low, high) = left.iter().fold((i64::MAX, i64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    if low >= high {
        return Fit::constant(if left.is_empty() { 0 } else { low });
    }
    let reach = high.wrapping_sub(low) as u64;
    let width = bits(reach);
    let mut best = Fit { base: low, reach, step: 1, width, exceptions: 0, cost: left.len() * width as usize };
    // one bit less for most hardly ever pays for exceptions
    if sketch + 1 < width {
        best.make_exceptions(left, sketch);
    }
    best.shrink(left);
    best
}

impl Fit {
    /// One number everywhere, which takes no fields.
    fn constant(base: i64) -> Fit {
        Fit { base, reach: 0, step: 1, width: 0, exceptions: 0, cost: 0 }
    }

    /// Makes the fields narrower, if that pays for numbers that do not fit.
    fn make_exceptions(&mut self, left: &[i64], sketch: u32) {
        let mut sorted = left.to_vec();
        sorted.sort_unstable();
        // An exception costs its number, and its distance to the one before.
        let each = 16 + 8 * (self.width as usize + 1).div_ceil(7);
        // The best width is near the one that most need: it is looked for from there downwards
        // while exceptions are few, then upwards while a single one would not cost too much.
        let widest = self.width;
        let _ = (0..=sketch).rev().all(|width| self.narrow(&sorted, width, each));
        for width in sketch + 1..widest {
            if left.len() * width as usize + each >= self.cost {
                break;
            }
            self.narrow(&sorted, width, each);
        }
    }

    /// Takes fields of this width if they cost less; whether exceptions are few enough to think
    /// of it.
    fn narrow(&mut self, sorted: &[i64], width: u32, each: usize) -> bool {
        let reach = (1u64 << width) - 1;
        let (base, within) = densest(sorted, reach);
        let exceptions = sorted.len() - within;
        let few = exceptions * 3 <= sorted.len();
        let cost = sorted.len() * width as usize + exceptions * each;
        if few && cost < self.cost {
            *self = Fit { base, reach, step: 1, width, exceptions, cost };
        }
        few
    }

    /// Counts in steps of the greatest common divisor, if there is one.
    fn shrink(&mut self, left: &[i64]) {
        let mut step = 0;
        let mut highest = 0;
        for field in left.iter().filter_map(|v| self.above(*v)) {
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

/// The marks of a column of differences: by how much each group but the last rises.
fn put_marks(origin: i64, values: &[i64], out: &mut Vec<u8>) {
    let mut last = origin;
    let ends = values.iter().skip(GROUP - 1).step_by(GROUP).take((values.len() - 1) / GROUP);
    let rises: Vec<i64> = ends.map(|end| end.wrapping_sub(std::mem::replace(&mut last, *end))).collect();
    let low = rises.iter().copied().min().unwrap_or(0);
    let width = rises.iter().map(|r| bits(r.wrapping_sub(low) as u64)).max().unwrap_or(0);
    out.push(width as u8);
    put_signed(out, low);
    pack(rises.iter().map(|r| r.wrapping_sub(low) as u64), width, out);
}

#[cfg(test)]
mod tests {
    use super::super::{Column, PADDING, Reader};
    use super::*;
    use proptest::prelude::*;

    fn round_trip(values: &[i64]) -> usize {
        let mut bytes = Vec::new();
        encode(values, &mut bytes);
        let size = bytes.len();
        bytes.push(0xA5);
        bytes.extend(PADDING);
        let mut reader = Reader::new(&bytes);
        let column = Column::new(&mut reader, values.len());
        assert_eq!(reader.byte(), 0xA5, "the reader stands behind the column");
        let n = values.len();
        for (from, to) in [(0, n), (0, n / 2), (0, 1), (n / 3, n), (n / 3, n / 2), (n / 2 + 1, n), (n.saturating_sub(1), n)] {
            let mut back = vec![7];
            column.decode(from, to, &mut back, |v| v);
            assert_eq!(&back[1..], values.get(from..to.min(n)).unwrap_or_default(), "{from}..{to}");
        }
        if values.is_sorted_by(|a, b| a < b) {
            find_all(&column, values);
        }
        size
    }

    /// Ranges that begin and end at, before and behind each number of some of an ascending column.
    fn find_all(column: &Column<'_>, values: &[i64]) {
        let bounds = values.iter().step_by(7).chain(values.last()).flat_map(|v| [v.saturating_sub(1), *v, v.saturating_add(1)]);
        let bounds: Vec<i64> = bounds.chain([i64::MIN, i64::MAX]).collect();
        for start in &bounds {
            for end in bounds.iter().filter(|end| *end >= start) {
                let mut back = vec![7];
                let (from, to) = column.between(*start, *end, &mut back);
                let expected = values.partition_point(|v| v < start)..values.partition_point(|v| v <= end);
                assert_eq!(from..to, expected, "{start} to {end}");
                assert_eq!(&back[1..], &values[expected]);
            }
        }
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
    fn ascending_columns_are_found_in() {
        round_trip(&[-6_220_513_231_227_569_154, -3_708_327_651_260_971_715, 4_809_575_539_960_039_033]);
        for n in [1, 2, 63, 64, 65, 128, 300] {
            let late = |i: i64| if i % 64 == 63 || i % 19 == 7 { 9000 } else { noise(i) % 101 };
            round_trip(&(0..n).map(|i| i * 15_000 + late(i)).collect::<Vec<_>>());
            round_trip(&(0..n).map(|i| i * 15_000 + if i > n / 2 { 3_600_000 } else { noise(i) % 11 }).collect::<Vec<_>>());
            round_trip(&(0..n).map(|i| i * 15_000 + i * i).collect::<Vec<_>>());
            round_trip(&(0..n).map(|i| i * 15_000 - 9).collect::<Vec<_>>());
            round_trip(&(0..n).map(|i| i64::MIN + i * i + 5 * i).collect::<Vec<_>>());
        }
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
