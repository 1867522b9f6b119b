//! Some floats at once: what a processor does with one number, it does with several beside each
//! other in the same time.

#[cfg(not(target_arch = "x86_64"))]
use crate::wide::Wide;
use std::array::from_fn;
use std::ops::{Add, Div, Mul, Sub};

/// Floats side by side, each with its own arithmetic; one float is the shortest of them.
pub(crate) trait Vector: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> {
    /// As many times the same number.
    fn all(self, number: f64) -> Self;
}

impl Vector for f64 {
    #[inline(always)]
    fn all(self, number: f64) -> f64 {
        number
    }
}

/// Floats of which the compiler makes vectors as it finds best.
#[derive(Clone, Copy)]
pub(crate) struct Floats<const N: usize>([f64; N]);

macro_rules! each {
    ($operator:ident, $name:ident) => {
        impl<const N: usize> $operator for Floats<N> {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                Floats(from_fn(|i| self.0[i].$name(other.0[i])))
            }
        }
    };
}

each!(Add, add);
each!(Sub, sub);
each!(Mul, mul);
each!(Div, div);

impl<const N: usize> Vector for Floats<N> {
    #[inline(always)]
    fn all(self, number: f64) -> Self {
        Floats([number; N])
    }
}

/// How the lanes of `L` windows or walks are laid into vectors.
pub(crate) trait Side<const L: usize>: Copy {
    type Vector: Vector;
    fn vector(self, lanes: [f64; L]) -> Self::Vector;
    fn lanes(self, vector: Self::Vector) -> [f64; L];
}

/// As the compiler finds best.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl<const L: usize> Side<L> for Plain {
    type Vector = Floats<L>;
    #[inline(always)]
    fn vector(self, lanes: [f64; L]) -> Floats<L> {
        Floats(lanes)
    }
    #[inline(always)]
    fn lanes(self, vector: Floats<L>) -> [f64; L] {
        vector.0
    }
}

/// Elsewhere there is no [`Wide`].
#[cfg(not(target_arch = "x86_64"))]
impl<const L: usize> Side<L> for Wide {
    type Vector = Floats<L>;
    fn vector(self, _: [f64; L]) -> Floats<L> {
        match self {}
    }
    fn lanes(self, _: Floats<L>) -> [f64; L] {
        match self {}
    }
}
