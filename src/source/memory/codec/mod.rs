//! Columns of sealed blocks as bytes: the only place that knows how numbers are packed.
//!
//! Blocks call [`encode_ints`] and [`encode_floats`] when they are sealed, and the two `decode_`
//! functions, which hand over runs of numbers in order, when they are read. Each column picks its
//! own way, by size. A block ends in [`PADDING`], so that unpacking may load whole words.

mod bits;
mod floats;
mod ints;

pub(super) use bits::Reader;
pub(super) use floats::{decode as decode_floats, encode as encode_floats};
pub(super) use ints::{decode as decode_ints, encode as encode_ints};

/// What follows the last column.
pub(super) const PADDING: [u8; 8] = [0; 8];
