//! From text to a checked tree, and back to text.
//!
//! `lex` cuts the text into tokens, `parse` (nom over the token slice) builds the [`ast`],
//! `check` types it, `print` and `pretty` write it. Depends on [`crate::model`] and on the
//! signatures in [`crate::functions`]; nothing here knows about evaluation.

pub mod ast;
mod names;
