//! Tokens to a tree.
//!
//! An expression is made where it belongs: each production is given the place in the tree that it
//! fills. Handed up by value from level to level, a tree would mostly be copied.
//!
//! Every production chooses its way by the next token, so nothing is read twice and the first
//! error is the one reported; nom's combinators join the parts. Each function's comment holds
//! its line of the grammar.
//!
//! Two things follow the reference's LALR parser rather than the grammar: which construct an
//! error names ([`fault::Place`]), and whether an error of a complete construct comes before or
//! after that of the next token ([`fault::wrong_unless_lexical`]).

mod call;
mod duration;
mod expr;
pub(super) mod fault;
pub(super) mod literal;
mod modifiers;
mod postfix;
mod selector;
mod tokens;

pub(super) use expr::expression;
pub(super) use selector::selector;
pub(super) use tokens::{Source, Tokens};

use super::error::ParseErrorKind;
use crate::model::deep;
use fault::{Parsed, wrong};

/// How deep parentheses, calls, signs, subqueries and the like may nest. Less in WebAssembly, whose
/// stack cannot grow and may be small.
pub const MAX_NESTING: u32 = if cfg!(target_arch = "wasm32") { 128 } else { 256 };
/// How many operators may stand on one way from the root of the tree to a leaf: so long may a
/// flat chain like `1 + 1 + 1` be. Fewer in WebAssembly too.
pub const MAX_CHAIN: u32 = if cfg!(target_arch = "wasm32") { 128 } else { 10_000 };

/// The measures of a tree, which the limits are held against.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    /// Levels of everything but binary operators.
    nesting: u32,
    /// Binary operators on the longest way down.
    chain: u32,
}

impl Size {
    /// That of a tree without expressions inside.
    const LEAF: Size = Size { nesting: 0, chain: 0 };

    /// The larger of each measure.
    fn max(self, other: Size) -> Size {
        Size { nesting: self.nesting.max(other.nesting), chain: self.chain.max(other.chain) }
    }
    /// That of a tree with this one inside, which is no binary operator.
    fn nested(self) -> Size {
        Size { nesting: self.nesting + 1, ..self }
    }
}

/// Parses one level deeper.
fn nested<'a, T>(input: Tokens<'a>, parse: impl FnOnce(Tokens<'a>) -> Parsed<'a, T>) -> Parsed<'a, T> {
    nested_by(1, input, parse)
}

/// Parses so many levels deeper.
fn nested_by<'a, T>(levels: u32, input: Tokens<'a>, parse: impl FnOnce(Tokens<'a>) -> Parsed<'a, T>) -> Parsed<'a, T> {
    let depth = &input.source.depth;
    let outside = depth.get();
    check_nesting(input, outside + levels)?;
    depth.set(outside + levels);
    let parsed = deep(|| parse(input));
    depth.set(outside);
    parsed
}

#[inline]
fn check_nesting(input: Tokens<'_>, depth: u32) -> Result<(), nom::Err<fault::Fault>> {
    if depth <= MAX_NESTING {
        return Ok(());
    }
    Err(wrong(ParseErrorKind::NestedTooDeep { limit: MAX_NESTING }, input.peek().span))
}
