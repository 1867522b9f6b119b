//! What is known of a sealed block of floats without unpacking it.

use crate::model::is_stale;
use crate::source::Keep;

/// Blocks with fewer samples are unpacked about as quickly.
const LEAST: usize = 256;

/// The values of a block that a window may make do with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digest {
    first: f64,
    last: f64,
    least: f64,
    greatest: f64,
}

impl Digest {
    /// Bytes that a digest takes.
    pub(super) const SIZE: usize = 32;

    /// The digest of a block, and whether its values never fall. Short blocks have none, and no
    /// block with a stale marker has.
    pub(super) fn of(values: &[f64]) -> Option<(Digest, bool)> {
        let (first, last) = (*values.first()?, *values.last()?);
        if values.len() < LEAST || values.iter().any(|v| is_stale(*v)) {
            return None;
        }
        // The first of the best; NaN where there is nothing else, and then the last one.
        let best =
            |better: fn(f64, f64) -> bool| values.iter().copied().fold(f64::NAN, |a, b| if better(b, a) || a.is_nan() { b } else { a });
        let digest = Digest { first, last, least: best(|b, a| b < a), greatest: best(|b, a| b > a) };
        // NaN neither falls nor rises.
        Some((digest, values.windows(2).all(|pair| pair[0] <= pair[1])))
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        for value in [self.first, self.last, self.least, self.greatest] {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Digest> {
        let (values, _) = bytes.as_chunks::<8>();
        let mut values = values.iter().map(|value| f64::from_le_bytes(*value));
        Some(Digest { first: values.next()?, last: values.next()?, least: values.next()?, greatest: values.next()? })
    }

    /// What is kept of the block: the value of its first sample then, and of its last one, if that
    /// is kept too.
    pub(super) fn kept(&self, keep: Keep, rises: bool) -> Option<(f64, Option<f64>)> {
        match keep {
            Keep::Ends => Some((self.first, Some(self.last))),
            Keep::RisingEnds => rises.then_some((self.first, Some(self.last))),
            Keep::Least => Some((self.least, None)),
            Keep::Greatest => Some((self.greatest, None)),
        }
    }
}
