//! Float arithmetic as Go does it on amd64: sums with compensation, `max` and `min`, and the
//! elementary functions to the last bit.
//!
//! Prometheus computes with Go's `math` package, whose last digits differ from those of the
//! platform's library (and now and then the whole answer does: `exp(709.5)` is +Inf). So every
//! function here follows the published method that Go follows, operation by operation; where Go
//! has assembly for amd64 (`exp` and `ln`), that is what is followed. The table of known bits
//! beside this file holds each function to that. Everything is plain IEEE arithmetic: the answers
//! are the same on every platform, the browser included. Depends on nothing but `model::nan`;
//! everything may use it.
//!
//! What IEEE 754 already fixes needs no code here: `sqrt`, `floor`, `ceil`, and `%`, which is
//! exact and thus Go's `math.Mod`.

mod compensated;
mod exp;
#[cfg(test)]
mod golden;
mod hyperbolic;
mod inverse_hyperbolic;
mod inverse_trig;
mod log;
#[cfg(feature = "engine")]
mod near;
mod order;
mod parts;
mod pow;
mod quadrant;
mod trig;

#[cfg(feature = "engine")]
pub(crate) use compensated::kahan_add_slices;
pub use compensated::kahan_inc;
pub use exp::{exp, exp2};
pub use hyperbolic::{cosh, sinh, tanh};
pub use inverse_hyperbolic::{acosh, asinh, atanh};
pub use inverse_trig::{acos, asin, atan, atan2};
pub use log::{ln, ln_1p, log2, log10};
#[cfg(feature = "engine")]
pub(crate) use near::near;
pub use order::{go_max, go_min};
pub use parts::{frexp, ldexp};
pub use pow::pow;
pub use trig::{cos, sin, tan};

/// ln 2 in two parts; the high part has few enough bits that its multiples by exponents are exact.
const LN2_HI: f64 = 6.931_471_803_691_238e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_7e-10;

/// A polynomial by Horner's rule, the coefficient of the highest power first.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.into_iter().reduce(|sum, c| sum * x + c).unwrap_or(0.0)
}

/// An odd function that is known for numbers from zero on, for all numbers.
#[inline(always)]
fn odd(x: f64, f: impl Fn(f64) -> f64) -> f64 {
    if x < 0.0 { -f(-x) } else { f(x) }
}
