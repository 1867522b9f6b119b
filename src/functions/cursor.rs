//! Where the limits of steps lie among the times of a series.

/// Goes over ascending times, to the first past each of ascending limits.
///
/// Where the next one lies is reckoned from the distance of steps, not from where the last one was:
/// so that a processor need not wait for that, and looks for several at once. It is a sample off at
/// most where scrapes jitter.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    time: &'a [i64],
    found: usize,
    /// Samples a ms, and a step, in parts of a sample.
    pace: f64,
    stride: i64,
}

impl<'a> Cursor<'a> {
    const BITS: u32 = 16;
    const PARTS: f64 = (1u64 << Self::BITS) as f64;

    /// Before the first of some times, for limits `step` ms apart.
    #[inline]
    pub(crate) fn new(time: &'a [i64], step: i64) -> Cursor<'a> {
        let length = time.last().zip(time.first()).map_or(0, |(last, first)| last.abs_diff(*first));
        let pace = time.len().saturating_sub(1) as f64 / length as f64 * Self::PARTS;
        Cursor { time, found: 0, pace, stride: (pace * step as f64) as i64 }
    }

    /// The first sample past the limit that was last asked for.
    pub(crate) fn found(&self) -> usize {
        self.found
    }

    /// Finds the first sample past each of the next limits.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub(crate) fn find(&mut self, limit: impl Fn(usize) -> i64, out: &mut [u32]) {
        if out.is_empty() {
            return;
        }
        self.look(limit(0));
        let found = self.found;
        // In WebAssembly code for both ways would take longer to load than one saves.
        if cfg!(target_arch = "wasm32") || !self.reckon(&limit, out) {
            self.found = found;
            for (i, out) in out.iter_mut().enumerate() {
                self.look(limit(i));
                *out = self.found as u32;
            }
        }
    }

    /// Takes it that steps are evenly far apart in samples; gives whether nothing speaks against it.
    #[inline(always)]
    fn reckon(&mut self, limit: impl Fn(usize) -> i64, out: &mut [u32]) -> bool {
        let Some(last) = self.time.len().checked_sub(4) else { return false };
        // The first limit lies so far after a sample; the one past a limit should be two further
        // than where it is looked for.
        let before = self.found.saturating_sub(1);
        let distance = limit(0).wrapping_sub(self.time[before]) as f64 * self.pace;
        let first = (distance.min(Self::PARTS - 1.0) + (before as f64 - 1.0) * Self::PARTS) as i64;
        let mut sure = true;
        for (i, out) in out.iter_mut().enumerate() {
            let near = first.wrapping_add((i as i64).wrapping_mul(self.stride)) >> Self::BITS;
            let at = (near.max(0) as usize).min(last);
            let Some(four) = self.time[at..].first_chunk::<4>() else { return false };
            let limit = limit(i);
            let moved: usize = four.iter().map(|t| usize::from(*t <= limit)).sum();
            sure &= ((moved > 0) | (at == 0)) & ((moved < 4) | (at == last));
            *out = (at + moved) as u32;
        }
        self.found = out.last().map_or(0, |found| *found as usize);
        sure
    }

    /// Goes on from where the last one was.
    #[inline(never)]
    fn look(&mut self, limit: i64) {
        self.found = past_about(self.time, self.found, (self.stride >> Self::BITS) as usize, limit);
    }
}

/// [`past`] where so many samples are likely to lie before it.
#[inline]
fn past_about(time: &[i64], from: usize, stride: usize, limit: i64) -> usize {
    let near = from.saturating_add(stride.saturating_sub(2));
    match near > from && time.get(near - 1).is_some_and(|before| *before <= limit) {
        true => past(time, near, limit),
        false => past(time, from, limit),
    }
}

/// The first sample from `from` on whose time is past `limit`.
#[inline]
pub(crate) fn past(time: &[i64], from: usize, limit: i64) -> usize {
    let Some(rest) = time.get(from..) else { return from };
    match rest.first_chunk::<4>() {
        // A step moves over a sample or two, as a rule. Jitter decides over which: counted without a
        // jump, which nothing could foresee.
        Some(near) => match near.iter().map(|t| usize::from(*t <= limit)).sum() {
            4 => leap(time, from + 4, limit),
            moved => from + moved,
        },
        None => from + rest.iter().take_while(|t| **t <= limit).count(),
    }
}

/// The same over longer distances, by doubling.
#[inline(never)]
fn leap(time: &[i64], mut at: usize, limit: i64) -> usize {
    let mut width = 4;
    while time.get(at + width).is_some_and(|t| *t <= limit) {
        at += width;
        width *= 2;
    }
    let rest = &time[at..time.len().min(at + width)];
    at + rest.partition_point(|t| *t <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leaps_land_where_steps_do(gaps in prop::collection::vec(1..50i64, 0..300), from in 0usize..300, limit in 0..9_000i64, stride in 0usize..20) {
            let time: Vec<i64> = gaps.iter().scan(0, |t, gap| { *t += gap; Some(*t) }).collect();
            let from = from.min(time.partition_point(|t| *t <= limit));
            let expected = time.partition_point(|t| *t <= limit);
            prop_assert_eq!(past(&time, from, limit), expected);
            prop_assert_eq!(past_about(&time, from, stride, limit), expected);
        }

        #[test]
        fn cursors_go_where_each_limit_is(
            gaps in prop::collection::vec(prop_oneof![20 => 9..12i64, 1 => Just(300i64)], 0..300),
            first in prop_oneof![-99..999i64, Just(i64::MIN), Just(i64::MAX - 9_000)], step in 0..99i64, chunk in 1usize..70,
        ) {
            let time: Vec<i64> = gaps.iter().scan(0, |t, gap| { *t += gap; Some(*t) }).collect();
            let mut cursor = Cursor::new(&time, step);
            let limit = |i: usize| first.saturating_add(i as i64 * step);
            let mut found = vec![0; chunk];
            for from in (0..400).step_by(chunk) {
                cursor.find(|i| limit(from + i), &mut found);
                let expected: Vec<u32> = (from..from + chunk).map(|i| time.partition_point(|t| *t <= limit(i)) as u32).collect();
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
