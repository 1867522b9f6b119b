//! Rows of floats as a function of elements sees them.

use crate::exec::block::each_bit;
use std::sync::Arc;

/// Some rows × all steps. What stands at a step without a point is any number; a function may
/// compute with it.
pub(crate) struct Floats<'a> {
    /// Steps of a row.
    pub(crate) n: usize,
    /// Row by row.
    pub(crate) values: &'a mut [f64],
    /// A bitmap for each row: where there is a point. Each begins at a word.
    pub(crate) present: &'a mut [u64],
    /// The scalar arguments, a value for each step.
    pub(crate) scalars: &'a [Arc<[f64]>],
}

impl Floats<'_> {
    /// Replaces everything: for functions that take no longer than to look whether there is a
    /// point.
    #[inline]
    pub(crate) fn each(&mut self, f: impl Fn(f64) -> f64) {
        self.values.iter_mut().for_each(|value| *value = f(*value));
    }

    /// Replaces points, by functions that take long.
    #[inline(never)]
    pub(crate) fn each_point(&mut self, f: fn(f64) -> f64) {
        self.each_point_at(|value, _| f(value));
    }

    /// Replaces points by what their value and step give.
    #[inline]
    pub(crate) fn each_point_at(&mut self, f: impl Fn(f64, usize) -> f64) {
        let words = self.n.div_ceil(64);
        for (values, present) in self.values.chunks_exact_mut(self.n.max(1)).zip(self.present.chunks_exact(words.max(1))) {
            each_bit(present, |step| values[step] = f(values[step], step));
        }
    }

    /// Calls `f` with the values of each row.
    #[inline]
    pub(crate) fn rows(&mut self) -> impl Iterator<Item = (&mut [f64], &mut [u64])> {
        let words = self.n.div_ceil(64);
        self.values.chunks_exact_mut(self.n.max(1)).zip(self.present.chunks_exact_mut(words.max(1)))
    }
}
