//! Columns of sealed blocks as bytes: the only place that knows how numbers are packed.
//!
//! Blocks call [`encode_ints`] and [`encode_floats`] when they are sealed, [`Column`] and
//! [`decode_floats`], which unpack as much of a column as is asked for, when they are read. Each
//! column picks its own way, by size. A block ends in [`PADDING`], so that unpacking may load whole words.

mod bits;
mod column;
mod floats;
mod ints;

pub(super) use bits::Reader;
pub(super) use column::Column;
pub(super) use floats::{decode as decode_floats, encode as encode_floats};
pub(super) use ints::encode as encode_ints;

/// What follows the last column.
pub(super) const PADDING: [u8; 8] = [0; 8];
