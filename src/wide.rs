//! Code for the vectors that this processor has, beside the code for those that all have.
//!
//! Programs are compiled for the oldest processors that may run them, whose vectors take in two
//! numbers and cannot compare, convert or shift 64-bit integers each by its own distance. Most
//! processors have AVX2, which can and takes in four. [`wide`] compiles a loop for both and asks
//! which one may run. The bits of a result are the same: no operation is replaced by another.
//!
//! Where compilers do not see how a loop fits into vectors of four, it can be written with [`Four`].
//!
//! This is the one module with `unsafe` in it, and has nothing else in it.

#[cfg(target_arch = "x86_64")]
pub(crate) use four::{Four, FourInts, Wide};

/// Calls `work`, compiled for AVX2 where the processor has it. Only what is inlined into `work` is:
/// it should be a closure marked `#[inline(always)]`, and whatever it calls likewise.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(unsafe_code)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn avx2<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
    if *AVX2 {
        // SAFETY: the processor has just said that it has what `avx2` is compiled for.
        return unsafe { avx2(work) };
    }
    work()
}

/// The same for work that takes what makes [`Four`] and [`FourInts`], where there is that.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn any_width<R>(work: impl FnOnce(Option<Wide>) -> R) -> R {
    match Wide::new() {
        Some(token) => wide(
            #[inline(always)]
            || work(Some(token)),
        ),
        None => work(None),
    }
}

/// Whether the processor has AVX2 and what came with it.
#[cfg(target_arch = "x86_64")]
static AVX2: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| {
    let bits = std::arch::is_x86_feature_detected!("bmi1") && std::arch::is_x86_feature_detected!("bmi2");
    let counts = std::arch::is_x86_feature_detected!("lzcnt") && std::arch::is_x86_feature_detected!("popcnt");
    std::arch::is_x86_feature_detected!("avx2") && bits && counts
});

/// Calls `work`: elsewhere programs are compiled for the vectors that there are.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod four {
    use super::AVX2;
    use std::arch::x86_64::{__m256d, _mm256_add_pd, _mm256_div_pd, _mm256_mul_pd, _mm256_set1_pd, _mm256_sub_pd};
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_blend_epi32, _mm256_permute4x64_epi64, _mm256_setzero_si256, _mm256_slli_si256,
        _mm256_srlv_epi64,
    };
    use std::ops::{Add, BitAnd, Div, Mul, Shr, Sub};

    /// Shows that the processor has AVX2: nobody else can make one.
    #[derive(Clone, Copy)]
    pub(crate) struct Wide(());

    impl Wide {
        pub(super) fn new() -> Option<Wide> {
            AVX2.then_some(Wide(()))
        }
    }

    /// A register, the numbers in it, and what is done with each of four and its neighbour on the
    /// other side.
    macro_rules! register {
        ($(#[$about:meta])* $name:ident, $register:ty, $number:ty, $($operator:ident $function:ident $instruction:ident),*) => {
            $(#[$about])*
            #[derive(Clone, Copy)]
            pub(crate) struct $name($register);

            impl $name {
                #[inline(always)]
                pub(crate) fn new(_: Wide, numbers: [$number; 4]) -> $name {
                    // SAFETY: both are 32 bytes of such numbers, the first one lowest.
                    $name(unsafe { std::mem::transmute::<[$number; 4], $register>(numbers) })
                }

                #[inline(always)]
                pub(crate) fn numbers(self) -> [$number; 4] {
                    // SAFETY: both are 32 bytes of such numbers, the first one lowest.
                    unsafe { std::mem::transmute::<$register, [$number; 4]>(self.0) }
                }
            }

            $(impl $operator for $name {
                type Output = $name;
                #[inline(always)]
                fn $function(self, other: $name) -> $name {
                    // SAFETY: there is a register of numbers, so there was a `Wide`.
                    $name(unsafe { $instruction(self.0, other.0) })
                }
            })*
        };
    }

    register!(
        /// Four floats in one register.
        Four, __m256d, f64, Add add _mm256_add_pd, Sub sub _mm256_sub_pd, Mul mul _mm256_mul_pd, Div div _mm256_div_pd
    );

    register!(
        /// Four whole numbers in one register; what does not fit wraps.
        FourInts, __m256i, u64, Add add _mm256_add_epi64, BitAnd bitand _mm256_and_si256, Shr shr _mm256_srlv_epi64
    );

    impl Four {
        /// Four times the same number.
        #[inline(always)]
        pub(crate) fn all_of(self, number: f64) -> Four {
            // SAFETY: there is a `Four`, so there was a `Wide`.
            Four(unsafe { _mm256_set1_pd(number) })
        }
    }

    impl FourInts {
        /// In the place of each the sum of it and those before.
        #[inline(always)]
        pub(crate) fn sums(self) -> FourInts {
            // SAFETY: there is a `FourInts`, so there was a `Wide`.
            unsafe {
                let pairs = _mm256_add_epi64(self.0, _mm256_slli_si256::<8>(self.0));
                let second = _mm256_permute4x64_epi64::<0b01_01_01_01>(pairs);
                FourInts(_mm256_add_epi64(pairs, _mm256_blend_epi32::<0b1111_0000>(_mm256_setzero_si256(), second)))
            }
        }

        /// Four times the last of them.
        #[inline(always)]
        pub(crate) fn last(self) -> FourInts {
            // SAFETY: there is a `FourInts`, so there was a `Wide`.
            FourInts(unsafe { _mm256_permute4x64_epi64::<0b11_11_11_11>(self.0) })
        }
    }
}

/// Elsewhere compilers are not told what processors have.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Clone, Copy)]
pub(crate) enum Wide {}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn any_width<R>(work: impl FnOnce(Option<Wide>) -> R) -> R {
    work(None)
}

#[cfg(test)]
mod tests {
    use super::wide;
    use proptest::prelude::*;

    /// What vectors could get wrong: order of additions, products that are not rounded before they are
    /// added, comparisons of NaN, shifts and conversions of whole numbers.
    #[inline(always)]
    fn mixture(floats: &[f64], ints: &[i64]) -> (Vec<u64>, Vec<i64>, usize) {
        let products = floats.iter().zip(&floats[1..]).map(|(a, b)| (a * b + a / b - b).to_bits());
        let sums = floats.chunks(4).map(|four| four.iter().fold(0.0, |sum, v| sum + v).to_bits());
        let shifted = ints.iter().enumerate().map(|(i, int)| (int >> (i % 64)).wrapping_mul(*int).wrapping_sub(*int as f64 as i64));
        (products.chain(sums).collect(), shifted.collect(), floats.iter().zip(&floats[1..]).filter(|(a, b)| a < b).count())
    }

    proptest! {
        #[test]
        fn bits_are_those_of_any_processor(
            floats in prop::collection::vec(prop_oneof![any::<u64>().prop_map(f64::from_bits), -1e3..1e3], 1..70),
            ints in prop::collection::vec(any::<i64>(), 0..70),
        ) {
            let floats: Vec<f64> = floats.into_iter().filter(|v| !v.is_nan()).chain([0.5]).collect();
            let nans = |(bits, ints, less): (Vec<u64>, Vec<i64>, usize)| {
                // Which NaN an operation makes is nobody's promise.
                let bits: Vec<u64> = bits.into_iter().map(|bits| if f64::from_bits(bits).is_nan() { 1 } else { bits }).collect();
                (bits, ints, less)
            };
            let wide = wide(#[inline(always)] || mixture(&floats, &ints));
            prop_assert_eq!(nans(wide), nans(mixture(&floats, &ints)));
        }
    }

    #[test]
    fn panics_come_through() {
        let caught = std::panic::catch_unwind(|| wide(|| [0u8; 3].get(7).copied().expect("nothing is there")));
        assert!(caught.is_err());
    }
}
