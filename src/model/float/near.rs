//! Floats of whole numbers that are not far from zero.

/// The float of a whole number within 2⁵¹, in a way that does several at once on any machine: added
/// to the bits of 1.5 · 2⁵² it stands in their lowest digits.
#[inline(always)]
pub(crate) fn near(int: i64) -> f64 {
    const MIDDLE: f64 = 6_755_399_441_055_744.0;
    f64::from_bits(MIDDLE.to_bits().wrapping_add(int as u64)) - MIDDLE
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn whole_numbers_come_back() {
        let limit = 1i64 << 51;
        for int in (0..63).map(|bit| 1i64 << bit).chain([0, 3, 1_767_268_800_000]).flat_map(|i| [i - 1, i, 1 - i, -i]) {
            if int.abs() < limit {
                assert_eq!(near(int).to_bits(), (int as f64).to_bits(), "{int}");
            }
        }
    }
}
