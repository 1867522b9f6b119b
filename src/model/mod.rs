//! The vocabulary of all the rest: labels, matchers, samples, native histograms, spans,
//! annotations, and the number and duration formats that users see.
//!
//! Depends on nothing else in the crate; everything else may use it.

pub mod annotation;
pub mod bytes;
pub mod duration;
pub mod float;
pub mod histogram;
pub mod json;
#[cfg(feature = "engine")]
pub(crate) mod label_order;
pub mod labels;
pub mod matcher;
pub mod name;
pub mod number;
pub(crate) mod order;
mod printable;
#[cfg(feature = "engine")]
pub(crate) mod quantile;
pub mod quote;
pub mod regex;
#[cfg(feature = "engine")]
pub mod sample;
#[cfg(feature = "engine")]
mod shared;
pub mod span;

pub use annotation::{Annotation, Severity};
pub use bytes::ByteString;
pub use histogram::{CounterResetHint, Histogram, HistogramError, HistogramRef, HistogramSpan};
pub use labels::{Label, LabelSet};
pub use matcher::{MatchOp, Matcher};
pub use name::Name;
pub use regex::{RegexError, RegexErrorKind};
#[cfg(feature = "engine")]
pub use sample::Samples;
#[cfg(feature = "engine")]
pub use shared::SharedSlice;
pub use span::{Span, deep};

/// A map with a hash that is quick on short keys, and begins differently in each table.
#[cfg(feature = "engine")]
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
/// A set with that hash.
#[cfg(feature = "engine")]
pub(crate) type HashSet<K> = std::collections::HashSet<K, foldhash::fast::RandomState>;

/// The bits of the stale marker: a signalling NaN that ends a series.
///
/// Compare by bits, never with [`f64::is_nan`]; arithmetic on it makes an ordinary NaN.
pub const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;
/// The bits of the NaN that literals and parsers make.
pub const NAN_BITS: u64 = 0x7ff8_0000_0000_0001;

/// Whether a sample value is the stale marker.
#[inline]
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}

/// The stale marker as a value.
pub fn stale() -> f64 {
    f64::from_bits(STALE_BITS)
}

/// The NaN of literals.
pub fn nan() -> f64 {
    f64::from_bits(NAN_BITS)
}
