//! Regular expressions in Go's dialect (RE2 with Perl extensions), as matchers and
//! `label_replace` use them: the same texts are accepted, refused with the same words, and match
//! the same values. Matchers and the label functions may call it.
//!
//! Reading an expression needs nothing but this module; running it takes the `regex` crate, and
//! with it the feature `engine`.

mod alternation;
mod ast;
mod class;
#[cfg(feature = "engine")]
mod compile;
mod error;
mod escape;
mod fast;
mod parse;
mod pattern;
#[cfg(feature = "engine")]
mod replace;
mod unicode;

pub use error::{RegexError, RegexErrorKind};
pub use pattern::Pattern;
#[cfg(feature = "engine")]
pub use replace::{Captures, Regex};

#[cfg(test)]
mod tests;
