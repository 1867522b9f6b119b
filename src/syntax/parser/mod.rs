//! Tokens to a tree.
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

use super::ast::Expr;
use super::error::ParseErrorKind;
use crate::model::deep;
use fault::{Parsed, wrong};

/// How deep parentheses, calls, signs, subqueries and the like may nest. Less in WebAssembly, whose
/// stack cannot grow and may be small.
pub const MAX_NESTING: u32 = if cfg!(target_arch = "wasm32") { 128 } else { 256 };
/// How many operators may stand on one way from the root of the tree to a leaf: so long may a
/// flat chain like `1 + 1 + 1` be. Fewer in WebAssembly too.
pub const MAX_CHAIN: u32 = if cfg!(target_arch = "wasm32") { 128 } else { 10_000 };

/// A tree with its measures, which the limits are held against.
pub(super) struct Grown {
    pub(super) expr: Expr,
    /// Levels of everything but binary operators.
    pub(super) nesting: u32,
    /// Binary operators on the longest way down.
    pub(super) chain: u32,
}

impl Grown {
    fn leaf(expr: Expr) -> Grown {
        Grown { expr, nesting: 0, chain: 0 }
    }
    /// Puts the expression into a larger one.
    fn grow(&mut self, around: impl FnOnce(Expr) -> Expr) {
        let grown = around(self.expr.take());
        // What was put in its place owns nothing that would have to be dropped.
        std::mem::forget(std::mem::replace(&mut self.expr, grown));
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
