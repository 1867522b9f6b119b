//! Accumulators of floats: one for each group and step.

use crate::model::float::kahan_inc;

/// The state of one group at one step, before its first float in `Default`.
pub(super) trait Lane: Clone + Default + Send {
    fn add(&mut self, x: f64);
    fn value(&self) -> f64;
}

/// A compensated sum.
#[derive(Clone)]
pub(super) struct Sum {
    sum: f64,
    lost: f64,
}

impl Default for Sum {
    /// −0 is the neutral element of addition: −0 + −0 stays −0.
    fn default() -> Sum {
        Sum { sum: -0.0, lost: 0.0 }
    }
}

impl Lane for Sum {
    #[inline]
    fn add(&mut self, x: f64) {
        (self.sum, self.lost) = kahan_inc(x, self.sum, self.lost);
    }
    fn value(&self) -> f64 {
        self.sum + self.lost
    }
}

/// A mean: the compensated sum, divided at the end, until that sum would overflow; from there
/// on a running mean.
#[derive(Clone, Default)]
pub(super) struct Avg {
    n: f64,
    sum: f64,
    lost: f64,
    running: bool,
}

impl Lane for Avg {
    #[inline]
    fn add(&mut self, x: f64) {
        self.n += 1.0;
        if self.n == 1.0 {
            self.sum = x;
            return;
        }
        if !self.running {
            let (sum, lost) = kahan_inc(x, self.sum, self.lost);
            if !sum.is_infinite() {
                (self.sum, self.lost) = (sum, lost);
                return;
            }
            self.running = true;
            self.sum /= self.n - 1.0;
            self.lost /= self.n - 1.0;
        }
        let weight = (self.n - 1.0) / self.n;
        (self.sum, self.lost) = kahan_inc(x / self.n, weight * self.sum, weight * self.lost);
    }
    fn value(&self) -> f64 {
        if self.running { self.sum + self.lost } else { self.sum / self.n + self.lost / self.n }
    }
}

/// The smallest; NaN only where there is nothing else.
#[derive(Clone)]
pub(super) struct Min(f64);

impl Default for Min {
    fn default() -> Min {
        Min(f64::NAN)
    }
}

impl Lane for Min {
    #[inline]
    fn add(&mut self, x: f64) {
        if x < self.0 || self.0.is_nan() {
            self.0 = x;
        }
    }
    fn value(&self) -> f64 {
        self.0
    }
}

/// The largest; NaN only where there is nothing else.
#[derive(Clone)]
pub(super) struct Max(f64);

impl Default for Max {
    fn default() -> Max {
        Max(f64::NAN)
    }
}

impl Lane for Max {
    #[inline]
    fn add(&mut self, x: f64) {
        if x > self.0 || self.0.is_nan() {
            self.0 = x;
        }
    }
    fn value(&self) -> f64 {
        self.0
    }
}

/// How many there are.
#[derive(Clone, Default)]
pub(super) struct Count(f64);

impl Lane for Count {
    #[inline]
    fn add(&mut self, _: f64) {
        self.0 += 1.0;
    }
    fn value(&self) -> f64 {
        self.0
    }
}

/// 1 where there is anything.
#[derive(Clone, Default)]
pub(super) struct Group;

impl Lane for Group {
    #[inline]
    fn add(&mut self, _: f64) {}
    fn value(&self) -> f64 {
        1.0
    }
}

/// Variance, or its root, after Welford.
#[derive(Clone, Default)]
pub(super) struct Variance<const ROOT: bool> {
    n: f64,
    mean: f64,
    squares: f64,
}

impl<const ROOT: bool> Lane for Variance<ROOT> {
    #[inline]
    fn add(&mut self, x: f64) {
        self.n += 1.0;
        if self.n == 1.0 {
            self.mean = x;
            self.squares = if x.is_finite() { 0.0 } else { f64::NAN };
            return;
        }
        let delta = x - self.mean;
        self.mean += delta / self.n;
        self.squares += delta * (x - self.mean);
    }
    fn value(&self) -> f64 {
        let variance = self.squares / self.n;
        if ROOT { variance.sqrt() } else { variance }
    }
}

/// Accumulators of groups × steps, and which of them hold anything.
pub(super) struct Lanes<L> {
    n: usize,
    lanes: Vec<L>,
    present: Vec<u64>,
}

impl<L: Lane> Lanes<L> {
    pub(super) fn new(n: usize) -> Lanes<L> {
        Lanes { n, lanes: Vec::new(), present: Vec::new() }
    }

    fn words(&self) -> usize {
        self.n.div_ceil(64)
    }

    /// Bytes that a group needs.
    pub(super) fn bytes_of_a_slot(&self) -> usize {
        self.n * size_of::<L>() + self.words() * 8
    }

    /// Makes room for a group; whether it is new.
    pub(super) fn grow(&mut self, slot: usize) -> bool {
        let new = self.present.len() < (slot + 1) * self.words();
        if new {
            self.lanes.resize((slot + 1) * self.n, L::default());
            self.present.resize((slot + 1) * self.words(), 0);
        }
        new
    }

    /// Adds the floats of a row that the bitmap tells.
    pub(super) fn add_row(&mut self, slot: usize, values: &[f64], bits: &[u64]) {
        let words = self.words();
        let lanes = &mut self.lanes[slot * self.n..(slot + 1) * self.n];
        let present = &mut self.present[slot * words..(slot + 1) * words];
        let chunks = lanes.chunks_mut(64).zip(values.chunks(64));
        for ((word, seen), (lanes, values)) in bits.iter().zip(present).zip(chunks) {
            *seen |= word;
            if word.count_ones() as usize == lanes.len() {
                for (lane, value) in lanes.iter_mut().zip(values) {
                    lane.add(*value);
                }
                continue;
            }
            let mut rest = *word;
            while rest != 0 {
                let at = rest.trailing_zeros() as usize;
                lanes[at].add(values[at]);
                rest &= rest - 1;
            }
        }
    }

    /// Adds one float.
    pub(super) fn add(&mut self, slot: usize, step: usize, x: f64) {
        self.lanes[slot * self.n + step].add(x);
        let words = self.words();
        self.present[slot * words + step / 64] |= 1 << (step % 64);
    }

    pub(super) fn has(&self, slot: usize, step: usize) -> bool {
        self.present[slot * self.words() + step / 64] >> (step % 64) & 1 == 1
    }

    /// Values and presence, slot by slot.
    pub(super) fn finish(self) -> (Vec<f64>, Vec<u64>) {
        (self.lanes.iter().map(Lane::value).collect(), self.present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over<L: Lane>(values: &[f64]) -> f64 {
        let mut lane = L::default();
        values.iter().for_each(|x| lane.add(*x));
        lane.value()
    }

    /// Figures that Prometheus 3.16 gives for the same inputs in the same order.
    #[test]
    fn order_decides_overflowing_sums() {
        let big = [1.7e308, 1.7e308, -1.7e308, -1.7e308];
        assert_eq!(over::<Sum>(&big), f64::INFINITY);
        assert_eq!(over::<Avg>(&big), -9.9792015476736e291);
        assert_eq!(over::<Sum>(&[1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(over::<Avg>(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(over::<Avg>(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }

    #[test]
    fn nan_yields_to_numbers_in_extremes() {
        assert_eq!(over::<Min>(&[f64::NAN, 3.0, f64::NAN, 1.0]), 1.0);
        assert_eq!(over::<Max>(&[f64::NAN, 3.0, f64::NAN, 1.0]), 3.0);
        assert!(over::<Max>(&[f64::NAN, f64::NAN]).is_nan());
    }

    #[test]
    fn variance_of_one_infinity_is_nan() {
        assert!(over::<Variance<false>>(&[f64::INFINITY]).is_nan());
        assert_eq!(over::<Variance<false>>(&[5.0]), 0.0);
        assert_eq!(over::<Variance<true>>(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 2.0);
    }

    #[test]
    fn sparse_and_dense_words_agree() {
        let n = 100;
        let values: Vec<f64> = (0..n).map(|i| i as f64 / 3.0).collect();
        let full = [u64::MAX, (1 << 36) - 1];
        let mut by_row = Lanes::<Sum>::new(n);
        let mut one_by_one = Lanes::<Sum>::new(n);
        assert!(by_row.grow(0) && !by_row.grow(0));
        one_by_one.grow(0);
        by_row.add_row(0, &values, &full);
        by_row.add_row(0, &values, &[0b1010, 1 << 35]);
        for (step, value) in values.iter().enumerate() {
            one_by_one.add(0, step, *value);
        }
        for step in [1, 3, 99] {
            one_by_one.add(0, step, values[step]);
        }
        assert_eq!(by_row.finish(), one_by_one.finish());
    }
}
