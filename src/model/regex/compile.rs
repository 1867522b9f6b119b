//! From a tree to an automaton of the `regex` crate (in WebAssembly, of `regex-lite`).
//!
//! The crate sees no case folding, no named class and no escape but `\x{…}`: all that is written
//! out here, with our own tables. Only the operators, which mean the same in both, are its own.

use super::ast::{Node, Op};
use super::error::{RegexError, RegexErrorKind};
use super::unicode;
use regex::{Regex, RegexBuilder};
use std::fmt::Write;
use std::sync::OnceLock;

/// Bytes that an automaton may take.
const MAX_BYTES: usize = 64 << 20;
/// Levels of a tree for which an ordinary stack is enough.
const SHALLOW: usize = 20;

/// A tree whose automaton is made when it is first needed.
#[derive(Debug)]
pub(super) struct Automaton {
    tree: Node,
    source: Box<[u8]>,
    compiled: OnceLock<Option<Regex>>,
}

impl Automaton {
    /// The automaton of `tree`, which was read from `source`.
    pub(super) fn new(tree: Node, source: &[u8]) -> Automaton {
        Automaton { tree, source: source.into(), compiled: OnceLock::new() }
    }

    /// The automaton of the whole text.
    pub(super) fn compiled(&self) -> Result<&Regex, RegexError> {
        let compiled = self.compiled.get_or_init(|| {
            let mut pattern = String::from(r"\A(?:");
            write(&self.tree, false, &mut pattern);
            pattern.push_str(r")\z");
            build(&pattern, self.tree.height)
        });
        compiled.as_ref().ok_or_else(|| RegexError::new(RegexErrorKind::TooLarge, &self.source))
    }

    pub(super) fn matches(&self, value: &str) -> bool {
        self.compiled().is_ok_and(|compiled| compiled.is_match(value))
    }
}

/// The automaton of a tree, not anchored, with its groups.
pub(super) fn with_captures(tree: &Node) -> Option<Regex> {
    let mut pattern = String::new();
    write(tree, true, &mut pattern);
    build(&pattern, tree.height)
}

fn build(pattern: &str, height: usize) -> Option<Regex> {
    let compile = || RegexBuilder::new(pattern).size_limit(MAX_BYTES).nest_limit(u32::MAX).build().ok();
    if height <= SHALLOW {
        return crate::model::deep(compile);
    }
    // The crate's compiler recurses by itself, so the stack must hold the deepest tree.
    stacker::maybe_grow(16 << 20, 32 << 20, compile)
}

/// Writes a node in the crate's syntax; with `captures`, groups keep their numbers.
fn write(node: &Node, captures: bool, out: &mut String) {
    match node.op {
        Op::NoMatch => write_class(&[], out),
        Op::EmptyMatch => out.push_str("(?:)"),
        Op::Literal => node.runes.iter().for_each(|&rune| write_rune(rune, node.folds(), out)),
        Op::CharClass => write_class(node.class.ranges(), out),
        Op::AnyCharNotNewline => out.push_str(r"[^\n]"),
        Op::AnyChar => out.push_str("(?s:.)"),
        Op::BeginLine => out.push_str("(?m:^)"),
        Op::EndLine => out.push_str("(?m:$)"),
        Op::BeginText => out.push_str(r"\A"),
        Op::EndText => out.push_str(r"\z"),
        // Of ASCII, which is all that the small crate has.
        Op::WordBoundary => out.push_str(if cfg!(target_arch = "wasm32") { r"\b" } else { r"(?-u:\b)" }),
        Op::NoWordBoundary => out.push_str(if cfg!(target_arch = "wasm32") { r"\B" } else { r"(?-u:\B)" }),
        Op::Concat => write_all(&node.subs, "", captures, out),
        Op::Alternate => {
            out.push_str("(?:");
            write_all(&node.subs, "|", captures, out);
            out.push(')');
        }
        Op::Capture => {
            out.push_str(if captures { "(" } else { "(?:" });
            write_all(&node.subs, "", captures, out);
            out.push(')');
        }
        Op::Star | Op::Plus | Op::Quest | Op::Repeat => {
            out.push_str("(?:");
            write_all(&node.subs, "", captures, out);
            out.push(')');
            write_repetition(node, out);
        }
        Op::LeftParen | Op::VerticalBar => {}
    }
}

fn write_all(subs: &[Node], between: &str, captures: bool, out: &mut String) {
    crate::model::deep(|| {
        for (i, sub) in subs.iter().enumerate() {
            if i > 0 {
                out.push_str(between);
            }
            write(sub, captures, out);
        }
    });
}

fn write_repetition(node: &Node, out: &mut String) {
    match node.op {
        Op::Star => out.push('*'),
        Op::Plus => out.push('+'),
        Op::Quest => out.push('?'),
        _ => {
            // Writing to a text cannot fail.
            let _ = match node.repeat {
                (min, Some(max)) => write!(out, "{{{min},{max}}}"),
                (min, None) => write!(out, "{{{min},}}"),
            };
        }
    }
    if node.is_lazy() {
        out.push('?');
    }
}

fn write_rune(rune: u32, fold: bool, out: &mut String) {
    match char::from_u32(rune) {
        Some(c) if !fold && (c.is_ascii_alphanumeric() || c == '_') => out.push(c),
        _ => {
            let mut ranges = vec![(rune, rune)];
            if fold {
                ranges.extend(unicode::other_cases(rune).map(|c| (c, c)));
            }
            write_class(&ranges, out);
        }
    }
}

/// Writes a class. Half surrogates are left out: no text has them.
fn write_class(ranges: &[(u32, u32)], out: &mut String) {
    const SURROGATES: (u32, u32) = (0xD800, 0xDFFF);
    let start = out.len();
    out.push('[');
    let mut is_empty = true;
    for &(lo, hi) in ranges {
        for (lo, hi) in [(lo, hi.min(SURROGATES.0 - 1)), (lo.max(SURROGATES.1 + 1), hi)] {
            if lo <= hi {
                is_empty = false;
                let _ = write!(out, r"\x{{{lo:X}}}-\x{{{hi:X}}}");
            }
        }
    }
    if is_empty {
        out.truncate(start);
        out.push_str(r"[^\x{0}-\x{10FFFF}");
    }
    out.push(']');
}
