//! The tree of a regular expression, simplified while it is read just as Go does: which nodes
//! there are decides which expressions are too deep or too large, and some of what they match.

use super::class::Class;

/// What a node is. The order matters: of two nodes that are merged into one class, the greater
/// lends its flags.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Op {
    NoMatch,
    EmptyMatch,
    /// `runes`, in any case with [`Flags::FOLD`].
    Literal,
    /// `class`.
    CharClass,
    AnyCharNotNewline,
    AnyChar,
    BeginLine,
    EndLine,
    BeginText,
    EndText,
    WordBoundary,
    NoWordBoundary,
    Capture,
    Star,
    Plus,
    Quest,
    /// `repeat` times.
    Repeat,
    Concat,
    Alternate,
    /// An open parenthesis; only while reading.
    LeftParen,
    /// The alternatives so far lie below; only while reading.
    VerticalBar,
}

impl Op {
    /// Whether it stands on the parser's stack alone, never in a finished tree.
    pub(super) fn is_marker(self) -> bool {
        matches!(self, Op::LeftParen | Op::VerticalBar)
    }
}

/// How a part of an expression is read; a node keeps those of its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Flags(u8);

impl Flags {
    /// `i`: upper and lower case are the same.
    pub(super) const FOLD: Flags = Flags(1);
    /// `s`: the dot matches newlines.
    pub(super) const DOT_NEWLINE: Flags = Flags(2);
    /// Not `m`: `^` and `$` are the ends of the text.
    pub(super) const ONE_LINE: Flags = Flags(4);
    /// `U`: repetitions prefer few.
    pub(super) const NON_GREEDY: Flags = Flags(8);
    /// The end of the text was written `$`, not `\z`.
    pub(super) const DOLLAR: Flags = Flags(16);
    /// Never written: the expression is one of `label_replace`, which the reference reads with a
    /// newer version of its parser than those of matchers. Names of classes are read loosely, and
    /// common beginnings of alternatives must agree in case.
    pub(super) const NEWER: Flags = Flags(32);

    pub(super) const fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }

    pub(super) const fn with(self, flag: Flags, on: bool) -> Flags {
        Flags(if on { self.0 | flag.0 } else { self.0 & !flag.0 })
    }

    pub(super) const fn toggled(self, flag: Flags) -> Flags {
        Flags(self.0 ^ flag.0)
    }
}

/// A node with what limits need to know of it; [`Node::measure`] keeps that up to date.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) flags: Flags,
    pub(super) runes: Vec<u32>,
    pub(super) class: Class,
    pub(super) subs: Vec<Node>,
    /// Least and most repetitions; without the latter there is no limit.
    pub(super) repeat: (u32, Option<u32>),
    /// The number of a capturing group, from 1; 0 for a group that does not capture.
    pub(super) capture: usize,
    pub(super) name: Option<Box<str>>,
    /// Levels of the tree.
    pub(super) height: usize,
    /// Instructions of the compiled program, at most.
    pub(super) size: u64,
    /// The largest product of nested repeat counts; 0 if the node matches nothing but itself left out.
    pub(super) copies: u64,
}

impl Node {
    pub(super) fn new(op: Op, flags: Flags) -> Node {
        Node {
            op,
            flags,
            runes: Vec::new(),
            class: Class::default(),
            subs: Vec::new(),
            repeat: (0, None),
            capture: 0,
            name: None,
            height: 1,
            size: 1,
            copies: 1,
        }
    }

    pub(super) fn with_subs(mut self, subs: Vec<Node>) -> Node {
        self.subs = subs;
        self.measure();
        self
    }

    pub(super) fn folds(&self) -> bool {
        self.flags.has(Flags::FOLD)
    }

    pub(super) fn is_lazy(&self) -> bool {
        self.flags.has(Flags::NON_GREEDY)
    }

    /// The number of code points that the node itself holds, as the limit on them counts.
    pub(super) fn rune_count(&self) -> usize {
        self.runes.len() + 2 * self.class.ranges().len()
    }

    /// Whether a class can express the node: one character, a class, or the dot.
    pub(super) fn is_char_class(&self) -> bool {
        match self.op {
            Op::Literal => self.runes.len() == 1,
            Op::CharClass | Op::AnyCharNotNewline | Op::AnyChar => true,
            _ => false,
        }
    }

    /// Brings height, size and copies up to date after a change of the node itself.
    pub(super) fn measure(&mut self) {
        self.height = 1 + self.subs.iter().map(|s| s.height).max().unwrap_or(0);
        let inner: u64 = self.subs.iter().map(|s| s.size).fold(0, u64::saturating_add);
        let copies = self.subs.iter().map(|s| s.copies).max().unwrap_or(1);
        self.copies = copies;
        self.size = match self.op {
            Op::Literal => self.runes.len() as u64,
            Op::Capture | Op::Star => inner.saturating_add(2),
            Op::Plus | Op::Quest => inner.saturating_add(1),
            Op::Alternate => inner.saturating_add((self.subs.len() as u64).saturating_sub(1)),
            Op::Repeat => {
                let (min, max) = self.repeat;
                self.copies = match (max, min) {
                    (Some(0), _) => 0,
                    (Some(n), _) | (None, n) => copies.max(1).saturating_mul(u64::from(n).max(1)),
                };
                match max {
                    None if min == 0 => inner.saturating_add(2),
                    None => inner.saturating_mul(min.into()).saturating_add(1),
                    Some(max) => inner.saturating_mul(max.into()).saturating_add(max.saturating_sub(min).into()),
                }
            }
            _ => inner,
        }
        .max(1);
    }

    /// Whether two nodes have the same structure. Without `exact`, it does not matter whether
    /// literals are in any case: then the alternatives `(?i:A)b*` and `Ac*` begin with the same,
    /// and become what neither says. Matchers of the reference work like that.
    pub(super) fn same(&self, other: &Node, exact: bool) -> bool {
        if self.op != other.op {
            return false;
        }
        let same_subs = || {
            self.subs.len() == other.subs.len() && crate::model::deep(|| self.subs.iter().zip(&other.subs).all(|(a, b)| a.same(b, exact)))
        };
        match self.op {
            Op::EndText => self.flags.has(Flags::DOLLAR) == other.flags.has(Flags::DOLLAR),
            Op::Literal => self.runes == other.runes && (!exact || self.folds() == other.folds()),
            Op::CharClass => self.class == other.class && (!exact || self.folds() == other.folds()),
            Op::Star | Op::Plus | Op::Quest => self.is_lazy() == other.is_lazy() && same_subs(),
            Op::Repeat => self.is_lazy() == other.is_lazy() && self.repeat == other.repeat && same_subs(),
            Op::Capture => self.capture == other.capture && self.name == other.name && same_subs(),
            _ => same_subs(),
        }
    }

    /// Whether the whole expression matches the empty text.
    pub(super) fn matches_empty(&self) -> bool {
        let mut subs = self.subs.iter();
        crate::model::deep(|| match self.op {
            Op::NoMatch | Op::CharClass | Op::AnyCharNotNewline | Op::AnyChar | Op::WordBoundary => false,
            Op::Literal => self.runes.is_empty(),
            Op::Star | Op::Quest => true,
            Op::Repeat => self.repeat.0 == 0 || subs.all(Node::matches_empty),
            Op::Alternate => subs.any(Node::matches_empty),
            // All anchors hold in an empty text, and it has no word boundary.
            _ => subs.all(Node::matches_empty),
        })
    }
}
