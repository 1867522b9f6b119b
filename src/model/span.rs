//! Byte ranges of a text, and the guard for deep recursion.

use std::fmt;

/// A half-open range of bytes in the text of a query.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Span { start, end }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// Runs `f` with enough stack for one more level of a tree, wherever the caller stands.
///
/// Every walk that recurses into sub-expressions goes through here, so that a chain of ten
/// thousand operands is walked on a 2 MiB stack too.
#[cfg(not(target_arch = "wasm32"))]
#[inline]
pub fn deep<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, f)
}

/// Runs `f`: in WebAssembly the stack cannot be made longer, and trees are less deep.
#[cfg(target_arch = "wasm32")]
#[inline]
pub fn deep<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// `line:column` of a byte offset, from 1; columns count bytes. An offset past the text is an
/// `invalid position`, and an empty text has none at all.
pub fn line_column(text: &str, offset: u32) -> String {
    let offset = offset as usize;
    if offset > text.len() {
        return "invalid position".into();
    }
    let before = &text.as_bytes()[..offset];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = offset - before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1) + 1;
    format!("{line}:{column}")
}
