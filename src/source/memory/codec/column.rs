//! Reading columns of integers, whole or in part.
//!
//! What [`ints`](super::ints) wrote is unpacked a group at a time, and only the groups that are
//! asked for. Where each number is told by its difference to the one before, marks hold the last
//! number of each group, so that reading may begin at any of them.

use super::bits::{GROUP, Reader, field, packed_len, unpack, unpack_sums};
use super::ints::{DELTA, LINE, MODE, PATCHED, STEPPED};
use crate::wide::{Wide, any_width};

/// A column as it was encoded.
#[derive(Clone, Copy)]
pub(crate) struct Column<'a> {
    len: usize,
    mode: u8,
    width: u32,
    base: i64,
    /// The number that the line begins with, or that the first difference is added to.
    origin: i64,
    slope: i64,
    step: u64,
    packed: &'a [u8],
    exceptions: u64,
    patches: Reader<'a>,
    marks: Marks<'a>,
}

/// By how much the last number of each group, but that of the column's last group, is above the
/// one of the group before.
#[derive(Clone, Copy)]
struct Marks<'a> {
    base: i64,
    width: u32,
    packed: &'a [u8],
}

impl Marks<'_> {
    fn rise(&self, group: usize) -> i64 {
        self.base.wrapping_add(field(self.packed, group, self.width) as i64)
    }
}

impl<'a> Column<'a> {
    /// Reads what stands before the fields, and moves the reader behind the column.
    pub(crate) fn new(reader: &mut Reader<'a>, len: usize) -> Self {
        let head = reader.byte();
        let mode = head & MODE;
        let width = u32::from(reader.byte()).min(64);
        let base = reader.signed();
        let origin = if matches!(mode, LINE | DELTA) { reader.signed() } else { 0 };
        let slope = if mode == LINE { reader.signed() } else { 0 };
        let step = if head & STEPPED > 0 { reader.unsigned() } else { 1 };
        let (mut exceptions, mut patches) = (0, *reader);
        if head & PATCHED > 0 {
            exceptions = reader.unsigned();
            let bytes = usize::try_from(reader.unsigned()).unwrap_or(usize::MAX);
            patches = *reader;
            reader.take(bytes);
        }
        let mut marks = Marks { base: 0, width: 0, packed: &[] };
        if mode == DELTA && len > GROUP {
            marks.width = u32::from(reader.byte()).min(64);
            marks.base = reader.signed();
            marks.packed = reader.take(packed_len((len - 1) / GROUP, marks.width));
        }
        let packed = reader.take(packed_len(len, width));
        Column { len, mode, width, base, origin, slope, step, packed, exceptions, patches, marks }
    }

    /// The first number and the difference of neighbours, where that is all there is to tell.
    fn steady(&self) -> Option<(i64, i64)> {
        let first = self.origin.wrapping_add(self.base);
        let slope = if self.mode == DELTA { self.base } else { self.slope };
        (self.width == 0 && self.exceptions == 0).then_some((first, slope))
    }

    /// Appends what `map` makes of the numbers `from..to` to `out`.
    pub(crate) fn decode<T>(&self, from: usize, to: usize, out: &mut Vec<T>, map: impl Fn(i64) -> T) {
        let to = to.min(self.len);
        if from >= to {
            return;
        }
        out.reserve(to - from);
        any_width(
            #[inline(always)]
            |wide| self.unpack(from, to, out, map, wide),
        );
    }

    /// Appends the numbers `from..to`.
    #[inline(always)]
    fn unpack<T>(&self, from: usize, to: usize, out: &mut Vec<T>, map: impl Fn(i64) -> T, wide: Option<Wide>) {
        if let Some((first, slope)) = self.steady() {
            let mut next = first.wrapping_add(slope.wrapping_mul(from as i64));
            out.extend((from..to).map(|_| {
                let number = next;
                next = next.wrapping_add(slope);
                map(number)
            }));
            return;
        }
        let base = self.base;
        let mut fields = [0u64; GROUP];
        // Differences add up from the beginning of a group, other fields are told eight by eight.
        let mut at = if self.mode == DELTA { from / GROUP * GROUP } else { from / 8 * 8 };
        let mut before = if self.mode == DELTA { self.before(at / GROUP) } else { 0 };
        let mut patches = Patches::new(self.patches, self.exceptions, at);
        let plain = self.mode == DELTA && self.step == 1 && self.exceptions == 0;
        while at < to {
            let count = (to - at).min(GROUP);
            let skipped = from.saturating_sub(at).min(count);
            // Whole eights are unpacked the fastest; what is behind the end is not looked at.
            let eights = &mut fields[..count.next_multiple_of(8)];
            if plain
                && let Some(wide) = wide
                && unpack_sums(wide, self.packed, at, self.width, [before, base], eights)
            {
                before = eights.last().map_or(0, |last| *last as i64);
                out.extend(fields[skipped..count].iter().map(|number| map(*number as i64)));
                at += count;
                continue;
            }
            if self.width > 0 {
                unpack(self.packed, at, self.width, eights);
            }
            if self.step != 1 {
                fields.iter_mut().for_each(|f| *f = f.wrapping_mul(self.step));
            }
            patches.apply(at, base, &mut fields[..count]);
            if self.mode == DELTA {
                let mut add = |field: u64| {
                    before = before.wrapping_add(base.wrapping_add(field as i64));
                    before
                };
                if cfg!(target_arch = "wasm32") {
                    // One loop has less to load than two.
                    fields[..skipped].iter().for_each(|field| _ = add(*field));
                    out.extend(fields[skipped..count].iter().map(|field| map(add(*field))));
                } else {
                    fields[..count].iter_mut().for_each(|field| *field = add(*field) as u64);
                    out.extend(fields[skipped..count].iter().map(|number| map(*number as i64)));
                }
            } else {
                let (mut line, slope) = (self.line(at + skipped), self.slope);
                out.extend(fields[skipped..count].iter().map(|field| {
                    let number = line.wrapping_add(*field as i64);
                    line = line.wrapping_add(slope);
                    map(number)
                }));
            }
            if self.width == 0 {
                fields.fill(0);
            }
            at += count;
        }
    }

    /// What a field is added to where numbers stand for themselves, or near a line.
    fn line(&self, at: usize) -> i64 {
        self.origin.wrapping_add(self.base).wrapping_add(self.slope.wrapping_mul(at as i64))
    }

    /// Of a column of differences: the number before a group.
    fn before(&self, group: usize) -> i64 {
        (0..group).fold(self.origin, |number, g| number.wrapping_add(self.marks.rise(g)))
    }

    /// Appends the numbers from `start` up to `end` of an ascending column to `out`; which they are.
    pub(crate) fn between(&self, start: i64, end: i64, out: &mut Vec<i64>) -> (usize, usize) {
        let base = out.len();
        let (mut low, mut high) = self.reach(start, end);
        if self.exceptions > 0 {
            (low, high) = (low.saturating_sub(1), (high + 1).min(self.len));
        }
        self.decode(low, high, out, |number| number);
        let decoded = out.get(base..).unwrap_or_default();
        let begins = self.exceptions == 0 || low == 0 || decoded.first().is_some_and(|first| *first < start);
        let ends = self.exceptions == 0 || high == self.len || decoded.last().is_some_and(|last| *last > end);
        if !begins || !ends {
            // What lies in the range is an exception, or behind one.
            out.truncate(base);
            (low, high) = (0, self.len);
            self.decode(low, high, out, |number| number);
        }
        let decoded = out.get(base..).unwrap_or_default();
        let from = decoded.partition_point(|t| *t < start);
        let to = decoded.partition_point(|t| *t <= end).max(from);
        out.truncate(base + to);
        out.drain(base..base + from);
        (low + from, low + to)
    }

    /// Which numbers of an ascending column are from `start` up to `end`.
    pub(crate) fn within(&self, start: i64, end: i64) -> (usize, usize) {
        match self.steady().and_then(|_| self.line_reach(start, end)) {
            Some((from, to)) => (from, to.max(from)),
            None => self.between(start, end, &mut Vec::new()),
        }
    }

    /// Between which numbers those from `start` up to `end` are; exceptions are not seen.
    fn reach(&self, start: i64, end: i64) -> (usize, usize) {
        if let Some(reach) = self.line_reach(start, end) {
            return reach;
        }
        let (mut low, mut high) = (0, GROUP);
        let mut before = self.origin;
        for group in 1..self.len.div_ceil(GROUP) {
            let next = group * GROUP;
            before = match self.mode {
                DELTA => before.wrapping_add(self.marks.rise(group - 1)),
                _ => self.line(next - 1).wrapping_add(field(self.packed, next - 1, self.width).wrapping_mul(self.step) as i64),
            };
            if before < start {
                low = next;
            }
            if before > end {
                break;
            }
            high = next + GROUP;
        }
        (low, high.min(self.len))
    }

    /// The same along a rising line, above which the fields tell how far numbers are; `None` where
    /// that is not how the column is told, or its numbers are too far from the range to reckon with.
    fn line_reach(&self, start: i64, end: i64) -> Option<(usize, usize)> {
        let first = self.origin.checked_add(self.base)?;
        let slope = match self.mode {
            DELTA => self.steady()?.1,
            _ => self.slope,
        };
        if slope <= 0 {
            return None;
        }
        let highest = if self.width == 0 { 0 } else { u64::MAX >> (64 - self.width) };
        let spread = i64::try_from(highest.checked_mul(self.step)?).ok()?;
        // Up to the last number nothing may wrap, as it may where numbers are added up again.
        let last = i64::try_from(self.len).ok()?.checked_mul(slope)?.checked_add(first)?;
        last.checked_add(spread)?;
        let from = start.checked_sub(first)?.checked_sub(spread)?;
        let to = end.checked_sub(first)?;
        let from = if from <= 0 { 0 } else { (from - 1) / slope + 1 };
        let to = if to < 0 { 0 } else { to / slope + 1 };
        let len = self.len as i64;
        Some((from.min(len) as usize, to.min(len) as usize))
    }
}

/// The exceptions of a column, by index.
struct Patches<'a> {
    reader: Reader<'a>,
    left: u64,
    at: usize,
    value: i64,
}

impl<'a> Patches<'a> {
    /// The exceptions from index `from` on.
    fn new(reader: Reader<'a>, count: u64, from: usize) -> Self {
        let mut patches = Patches { reader, left: count, at: 0, value: 0 };
        if count > 0 {
            patches.load();
            while patches.at < from && patches.left > 0 {
                patches.next();
            }
        }
        patches
    }

    fn load(&mut self) {
        self.at = self.at.saturating_add(usize::try_from(self.reader.unsigned()).unwrap_or(usize::MAX));
        self.value = self.reader.signed();
    }

    fn next(&mut self) {
        self.left -= 1;
        if self.left > 0 {
            self.load();
        }
    }

    /// Puts the exceptions among the numbers from index `from` on in the places of their fields.
    fn apply(&mut self, from: usize, base: i64, fields: &mut [u64]) {
        while self.left > 0 {
            let Some(place) = self.at.checked_sub(from).and_then(|i| fields.get_mut(i)) else { return };
            *place = self.value.wrapping_sub(base) as u64;
            self.next();
        }
    }
}
