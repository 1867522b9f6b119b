//! The samples of a window in the order of their values, while the window moves.
//!
//! All samples of the series are sorted once; a window is the set of their ranks, a bitmap with
//! counts above it. A sample comes and goes in O(log n), and so is the k-th smallest found.

use crate::model::quantile::by_rank;
use std::cmp::Ordering;

/// Words of the bitmap under one count of the lowest level.
const WORDS: usize = 8;
/// Counts under one count of the next level.
const FAN: usize = 16;

/// The order of quantiles: NaN first; −0 and 0 are equal.
pub(super) fn order(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
    }
}

/// A number that has the [`order`] of a value.
fn key(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    match (value + 0.0).to_bits() {
        _ if value.is_nan() => 0,
        bits if bits & SIGN == 0 => bits | SIGN,
        bits => !bits,
    }
}

/// A set of samples of one series, in the order of their values; of equal ones the earlier first.
pub(super) struct Ordered {
    /// The first sample that was sorted.
    base: usize,
    /// Values by rank.
    sorted: Vec<f64>,
    /// Rank of each sample from `base` on.
    rank: Vec<u32>,
    words: Vec<u64>,
    /// Set bits, level by level; the last level is short.
    levels: Vec<Vec<u32>>,
    /// The samples in the set.
    held: (usize, usize),
}

impl Ordered {
    /// The empty set of `values[base..]` (fewer than 2^32), of which it may hold any.
    pub(super) fn new(values: &[f64], base: usize) -> Ordered {
        let mut by_value: Vec<(u64, u32)> = values[base..].iter().zip(0..).map(|(v, i)| (key(*v), i)).collect();
        crate::model::order::sort_by(&mut by_value, |a, b| a.0.cmp(&b.0));
        let mut rank = vec![0; by_value.len()];
        for ((_, i), r) in by_value.iter().zip(0..) {
            rank[*i as usize] = r;
        }
        let words = vec![0; by_value.len().div_ceil(64)];
        let mut levels = vec![vec![0; words.len().div_ceil(WORDS).max(1)]];
        while let Some(below) = levels.last().map(Vec::len).filter(|n| *n > FAN) {
            levels.push(vec![0; below.div_ceil(FAN)]);
        }
        Ordered {
            base,
            sorted: by_value.iter().map(|(_, i)| values[base + *i as usize]).collect(),
            rank,
            words,
            levels,
            held: (base, base),
        }
    }

    /// Makes the set that of the samples `lo..hi`; neither bound may fall from call to call.
    pub(super) fn slide(&mut self, lo: usize, hi: usize) {
        let (old_lo, old_hi) = self.held;
        for i in old_lo..lo.min(old_hi) {
            self.toggle(i, |count| *count -= 1);
        }
        for i in lo.max(old_hi)..hi {
            self.toggle(i, |count| *count += 1);
        }
        self.held = (lo, hi);
    }

    fn toggle(&mut self, i: usize, change: impl Fn(&mut u32)) {
        let rank = self.rank[i - self.base] as usize;
        self.words[rank / 64] ^= 1 << (rank % 64);
        let mut at = rank / 64 / WORDS;
        for level in &mut self.levels {
            change(&mut level[at]);
            at /= FAN;
        }
    }

    /// The φ-quantile of the set, which has `n` samples.
    pub(super) fn quantile(&self, q: f64, n: usize) -> f64 {
        let mut found = None;
        by_rank(q, n, |k| {
            // The next in order is near, as a rule.
            let near = found.filter(|(before, _)| before + 1 == k).and_then(|(_, rank)| self.after(rank));
            let rank = near.unwrap_or_else(|| self.rank_of(k));
            found = Some((k, rank));
            self.value(rank)
        })
    }

    /// The k-th smallest value, counted from 0; `k` must be below the size of the set.
    pub(super) fn nth(&self, k: usize) -> f64 {
        self.value(self.rank_of(k))
    }

    fn value(&self, rank: usize) -> f64 {
        self.sorted.get(rank).copied().unwrap_or(f64::NAN)
    }

    /// The rank after this one that is in the set, if there is one in the next few words.
    fn after(&self, rank: usize) -> Option<usize> {
        let (at, bit) = (rank / 64, rank % 64);
        let (first, rest) = self.words.get(at..)?.split_first()?;
        let words = std::iter::once(first & (u64::MAX << bit << 1)).chain(rest.iter().copied());
        let (at, word) = (at..).zip(words).take(WORDS).find(|(_, word)| *word != 0)?;
        Some(at * 64 + word.trailing_zeros() as usize)
    }

    /// The rank of the k-th smallest value among those of all samples.
    fn rank_of(&self, k: usize) -> usize {
        let mut left = k as u32;
        let mut at = 0;
        for level in self.levels.iter().rev() {
            while let Some(count) = level.get(at).filter(|count| **count <= left) {
                left -= count;
                at += 1;
            }
            at *= FAN;
        }
        at = at / FAN * WORDS;
        while let Some(count) = self.words.get(at).map(|w| w.count_ones()).filter(|count| *count <= left) {
            left -= count;
            at += 1;
        }
        let bit = self.words.get(at).map_or(0, |word| nth_bit(*word, left));
        at * 64 + bit as usize
    }
}

/// Position of the k-th set bit, counted from 0, by halves.
fn nth_bit(mut word: u64, mut k: u32) -> u32 {
    let mut position = 0;
    for half in [32, 16, 8, 4, 2, 1] {
        let count = (word & ((1 << half) - 1)).count_ones();
        if count <= k {
            k -= count;
            word >>= half;
            position += half;
        }
    }
    position
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_have_the_order_of_their_values(a in any::<f64>(), b in any::<f64>()) {
            let special = [a, b, -a, 0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
            for (x, y) in special.iter().flat_map(|x| special.map(|y| (*x, y))) {
                prop_assert_eq!(key(x).cmp(&key(y)), order(x, y), "{} {}", x, y);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn finds_what_sorting_finds(
            values in prop::collection::vec(prop_oneof![-9.0..9.0f64, Just(0.0), Just(f64::NAN), Just(f64::INFINITY)], 1..12_000),
            base in 0usize..3, lo in 0usize..9000, len in 1usize..500, slides in 1usize..4,
        ) {
            let base = base.min(values.len() - 1);
            let mut set = Ordered::new(&values, base);
            for slide in 0..slides {
                let lo = (base + lo + slide * len / 2).min(values.len() - 1);
                let hi = (lo + len).min(values.len());
                set.slide(lo, hi);
                let mut sorted = values[lo..hi].to_vec();
                sorted.sort_by(|a, b| order(*a, *b));
                for (k, value) in sorted.iter().enumerate() {
                    prop_assert_eq!(set.nth(k).to_bits(), value.to_bits());
                }
                for q in [0.0, 0.01, 0.5, 0.95, 1.0] {
                    let expected = by_rank(q, sorted.len(), |k| sorted[k]);
                    prop_assert_eq!(set.quantile(q, sorted.len()).to_bits(), expected.to_bits());
                }
            }
        }
    }
}
