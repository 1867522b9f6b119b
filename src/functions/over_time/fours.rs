//! Vectors of four floats, and of twice and four times as many.

use super::vector::{Side, Vector};
use crate::wide::{Four, Wide};
use std::ops::{Add, Div, Mul, Sub};

impl Vector for Four {
    #[inline(always)]
    fn all(self, number: f64) -> Four {
        self.all_of(number)
    }
}

/// Vectors one after the other. Not an array: what goes through arrays calls closures, which may be
/// left uncompiled for these vectors.
#[derive(Clone, Copy)]
pub(crate) struct Pair<V>(V, V);

macro_rules! each {
    ($operator:ident, $name:ident) => {
        impl<V: Vector> $operator for Pair<V> {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                Pair(self.0.$name(other.0), self.1.$name(other.1))
            }
        }
    };
}

each!(Add, add);
each!(Sub, sub);
each!(Mul, mul);
each!(Div, div);

impl<V: Vector> Vector for Pair<V> {
    #[inline(always)]
    fn all(self, number: f64) -> Self {
        Pair(self.0.all(number), self.1.all(number))
    }
}

impl Side<4> for Wide {
    type Vector = Four;
    #[inline(always)]
    fn vector(self, lanes: [f64; 4]) -> Four {
        Four::new(self, lanes)
    }
    #[inline(always)]
    fn lanes(self, vector: Four) -> [f64; 4] {
        vector.numbers()
    }
}

impl Side<8> for Wide {
    type Vector = Pair<Four>;
    #[inline(always)]
    fn vector(self, [a, b, c, d, e, f, g, h]: [f64; 8]) -> Pair<Four> {
        Pair(Four::new(self, [a, b, c, d]), Four::new(self, [e, f, g, h]))
    }
    #[inline(always)]
    fn lanes(self, vector: Pair<Four>) -> [f64; 8] {
        let ([a, b, c, d], [e, f, g, h]) = (vector.0.numbers(), vector.1.numbers());
        [a, b, c, d, e, f, g, h]
    }
}

impl Side<16> for Wide {
    type Vector = Pair<Pair<Four>>;
    #[inline(always)]
    fn vector(self, [a, b, c, d, e, f, g, h, rest @ ..]: [f64; 16]) -> Pair<Pair<Four>> {
        Pair(self.vector([a, b, c, d, e, f, g, h]), self.vector(rest))
    }
    #[inline(always)]
    fn lanes(self, vector: Pair<Pair<Four>>) -> [f64; 16] {
        let ([a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]) = (self.lanes(vector.0), self.lanes(vector.1));
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::over_time::vector::Plain;
    use crate::wide::any_width;
    use proptest::prelude::*;

    /// Of every lane the bits of each operation, and of a number that all have.
    fn each<const L: usize, S: Side<L>>(side: S, a: [f64; L], b: [f64; L]) -> Vec<[u64; L]> {
        let (a, b) = (side.vector(a), side.vector(b));
        // Which NaN an operation makes is nobody's promise.
        let bits = |v: f64| if v.is_nan() { 1 } else { v.to_bits() };
        [a, a + b, a - b, a * b, a / b, a.all(0.1)].map(|v| side.lanes(v).map(bits)).to_vec()
    }

    proptest! {
        #[test]
        fn lanes_do_what_floats_do(bits in any::<[u64; 32]>()) {
            let floats = bits.map(f64::from_bits);
            let part = |from: usize| &floats[from..];
            macro_rules! same {
                ($($lanes:literal),*) => {
                    $(
                        let (a, b): ([f64; $lanes], [f64; $lanes]) = (*part(0).first_chunk().unwrap(), *part(16).first_chunk().unwrap());
                        let wide = any_width(|wide| wide.map(|side| each::<$lanes, _>(side, a, b)));
                        prop_assert!(wide.is_none_or(|wide| wide == each::<$lanes, _>(Plain, a, b)));
                    )*
                };
            }
            same!(4, 8, 16);
        }
    }
}
