//! From the text of an expression to its tree: one pass over the bytes with a stack of nodes.

use super::alternation;
use super::ast::{Flags, Node, Op};
use super::class;
use super::error::{RegexError, RegexErrorKind as Kind};
use super::escape::{self, next_rune};
use super::unicode;

/// Levels that a tree may have.
pub(super) const MAX_HEIGHT: usize = 1000;
/// Instructions that a program may have: as many as fit into 128 MiB.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Code points that all nodes together may hold: as many as fit into 128 MiB.
const MAX_RUNES: usize = (128 << 20) / 4;
/// The largest repeat count, also of nested repeats together.
const MAX_REPEAT: u32 = 1000;

type Rest<'a> = Result<&'a [u8], RegexError>;

pub(super) struct Parser<'a> {
    whole: &'a [u8],
    pub(super) flags: Flags,
    pub(super) stack: Vec<Node>,
    captures: usize,
    /// Nodes made, and of these, nodes given back: Go counts only fresh ones towards its limits.
    made: u64,
    free: u64,
    runes: usize,
    /// The product of all repeat counts so far.
    repeats: u64,
    /// Whether an expression may be too large, so that sizes are looked at.
    large: bool,
}

/// Reads `source` with `flags` as the initial ones.
pub(super) fn parse(source: &[u8], flags: Flags) -> Result<Node, RegexError> {
    let mut parser = Parser { whole: source, flags, stack: Vec::new(), captures: 0, made: 0, free: 0, runes: 0, repeats: 1, large: false };
    let mut rest = source;
    // The text from the repetition operator just read on; two in a row are refused.
    let mut repetition = None;
    while let Some(&byte) = rest.first() {
        let operator = matches!(byte, b'*' | b'+' | b'?' | b'{').then_some(rest);
        let (after, repeated) = parser.item(byte, rest, repetition)?;
        repetition = operator.filter(|_| repeated);
        rest = after;
    }
    parser.end_group().map_err(|kind| parser.whole_error(kind))?;
    match (parser.stack.pop(), parser.stack.is_empty()) {
        (Some(tree), true) => Ok(tree),
        _ => Err(RegexError::new(Kind::MissingParen, source)),
    }
}

impl<'a> Parser<'a> {
    /// Reads one item at the start of `text`; returns what follows, and whether it was a repetition.
    fn item(&mut self, byte: u8, text: &'a [u8], repetition: Option<&'a [u8]>) -> Result<(&'a [u8], bool), RegexError> {
        let rest = text.get(1..).unwrap_or_default();
        let anchored = self.flags.has(Flags::ONE_LINE);
        let op = match byte {
            b'(' if rest.first() == Some(&b'?') => return Ok((self.perl_group(text)?, false)),
            b'(' => {
                self.open_group(None).map_err(|kind| self.whole_error(kind))?;
                return Ok((rest, false));
            }
            b')' => return Ok((self.close_group(rest)?, false)),
            b'|' => {
                self.vertical_bar().map_err(|kind| self.whole_error(kind))?;
                return Ok((rest, false));
            }
            b'[' => return Ok((self.bracket(text)?, false)),
            b'\\' => return Ok((self.escape(text)?, false)),
            b'*' | b'+' | b'?' => {
                let op = match byte {
                    b'*' => Op::Star,
                    b'+' => Op::Plus,
                    _ => Op::Quest,
                };
                return Ok((self.repeat(op, (0, None), text, rest, repetition)?, true));
            }
            b'{' => {
                if let Some((counts, after)) = repeat_counts(text) {
                    let Some(counts) = counts else {
                        return Err(RegexError::new(Kind::InvalidRepeatSize, consumed(text, after)));
                    };
                    return Ok((self.repeat(Op::Repeat, counts, text, after, repetition)?, true));
                }
                self.literal('{'.into())?;
                return Ok((rest, false));
            }
            b'^' if anchored => Op::BeginText,
            b'^' => Op::BeginLine,
            b'$' if anchored => Op::EndText,
            b'$' => Op::EndLine,
            b'.' if self.flags.has(Flags::DOT_NEWLINE) => Op::AnyChar,
            b'.' => Op::AnyCharNotNewline,
            _ => {
                let (rune, rest) = next_rune(text)?;
                self.literal(rune)?;
                return Ok((rest, false));
            }
        };
        let flags = self.flags.with(Flags::DOLLAR, op == Op::EndText);
        self.push_op(op, flags)?;
        Ok((rest, false))
    }

    fn whole_error(&self, kind: Kind) -> RegexError {
        RegexError::new(kind, self.whole)
    }

    /// A fresh node, counted.
    pub(super) fn node(&mut self, op: Op, flags: Flags) -> Node {
        if self.free > 0 {
            self.free -= 1;
        } else {
            self.made += 1;
        }
        Node::new(op, flags)
    }

    /// Counts a node that is not needed any more.
    pub(super) fn release(&mut self) {
        self.free += 1;
    }

    /// Refuses what is too large or too deep.
    pub(super) fn check_limits(&mut self, node: &Node) -> Result<(), Kind> {
        if self.runes > MAX_RUNES {
            return Err(Kind::TooLarge);
        }
        if !self.large {
            if node.op == Op::Repeat {
                let count = node.repeat.1.unwrap_or(node.repeat.0).max(1);
                self.repeats = self.repeats.saturating_mul(count.into()).min(MAX_SIZE);
            }
            // Cheap and often wrong, but it decides what is accepted.
            self.large = self.made >= MAX_SIZE / self.repeats;
            if self.large && self.stack.iter().any(|n| n.size > MAX_SIZE) {
                return Err(Kind::TooLarge);
            }
        }
        if self.large && node.size > MAX_SIZE {
            return Err(Kind::TooLarge);
        }
        if node.height > MAX_HEIGHT { Err(Kind::NestingDepth) } else { Ok(()) }
    }

    /// Puts a node on the stack; a class of one character, or of one in both cases, as a literal.
    fn push(&mut self, mut node: Node) -> Result<(), Kind> {
        self.runes += node.rune_count();
        let literal = match (node.op, node.class.ranges()) {
            (Op::CharClass, &[(lo, hi)]) if lo == hi => Some((lo, false)),
            (Op::CharClass, &[(a, a_end), (b, b_end)]) if a == a_end && b == b_end => both_cases(a, b).then_some((a, true)),
            (Op::CharClass, &[(lo, hi)]) if lo.checked_add(1) == Some(hi) => both_cases(lo, hi).then_some((lo, true)),
            _ => None,
        };
        if let Some((rune, fold)) = literal {
            let flags = self.flags.with(Flags::FOLD, fold);
            if self.join_literals(Some((rune, flags))) {
                return Ok(());
            }
            node.op = Op::Literal;
            node.class = class::Class::default();
            node.runes = vec![rune];
            node.flags = flags;
            node.measure();
        } else {
            self.join_literals(None);
        }
        let checked = self.check_limits(&node);
        self.stack.push(node);
        checked
    }

    /// Joins the two literals on top of the stack, if there are two of the same case. Then
    /// `next` takes the place of the upper one, and the result is whether it did.
    ///
    /// This is put off until something is pushed, because until then the upper one may be repeated.
    fn join_literals(&mut self, next: Option<(u32, Flags)>) -> bool {
        let [.., lower, upper] = self.stack.as_mut_slice() else { return false };
        if lower.op != Op::Literal || upper.op != Op::Literal || lower.folds() != upper.folds() {
            return false;
        }
        lower.runes.append(&mut upper.runes);
        lower.measure();
        if let Some((rune, flags)) = next {
            upper.runes.push(rune);
            upper.flags = flags;
            upper.measure();
            return true;
        }
        self.stack.pop();
        self.release();
        false
    }

    fn push_op(&mut self, op: Op, flags: Flags) -> Result<(), RegexError> {
        let node = self.node(op, flags);
        self.push(node).map_err(|kind| self.whole_error(kind))
    }

    fn literal(&mut self, rune: u32) -> Result<(), RegexError> {
        let mut node = self.node(Op::Literal, self.flags);
        node.runes.push(if node.folds() { unicode::min_fold(rune) } else { rune });
        self.push(node).map_err(|kind| self.whole_error(kind))
    }

    fn class(&mut self, class: class::Class) -> Result<(), RegexError> {
        let mut node = self.node(Op::CharClass, self.flags);
        node.class = class;
        self.push(node).map_err(|kind| self.whole_error(kind))
    }

    /// Repeats what is on top of the stack; `before` starts with the operator, `after` follows it.
    fn repeat(&mut self, op: Op, counts: (u32, Option<u32>), before: &'a [u8], after: &'a [u8], last: Option<&'a [u8]>) -> Rest<'a> {
        let (after, flags) = match after.strip_prefix(b"?") {
            Some(after) => (after, self.flags.toggled(Flags::NON_GREEDY)),
            None => (after, self.flags),
        };
        if let Some(last) = last {
            return Err(RegexError::new(Kind::InvalidRepeatOp, consumed(last, after)));
        }
        let Some(sub) = self.stack.pop_if(|top| !top.op.is_marker()) else {
            return Err(RegexError::new(Kind::MissingRepeatArgument, consumed(before, after)));
        };
        let mut node = self.node(op, flags);
        node.repeat = counts;
        let node = node.with_subs(vec![sub]);
        let too_many = op == Op::Repeat && counts.1.unwrap_or(0).max(counts.0) >= 2 && node.copies > MAX_REPEAT.into();
        let checked = self.check_limits(&node);
        self.stack.push(node);
        checked.map_err(|kind| self.whole_error(kind))?;
        if too_many {
            return Err(RegexError::new(Kind::InvalidRepeatSize, consumed(before, after)));
        }
        Ok(after)
    }

    /// The nodes above the topmost marker that ends the search.
    fn above_marker(&mut self) -> Vec<Node> {
        let start = self.stack.iter().rposition(|n| n.op.is_marker()).map_or(0, |i| i + 1);
        self.stack.split_off(start)
    }

    /// Makes the parts above the topmost marker one node.
    fn concat(&mut self) -> Result<(), Kind> {
        self.join_literals(None);
        let parts = self.above_marker();
        let node = if parts.is_empty() { self.node(Op::EmptyMatch, Flags::default()) } else { self.collapse(parts, Op::Concat)? };
        self.push(node)
    }

    fn vertical_bar(&mut self) -> Result<(), Kind> {
        self.concat()?;
        if self.lift_bar() {
            return Ok(());
        }
        let bar = self.node(Op::VerticalBar, self.flags);
        self.push(bar)
    }

    /// Makes all above the topmost parenthesis one node.
    fn end_group(&mut self) -> Result<(), Kind> {
        self.concat()?;
        if self.lift_bar() {
            self.stack.pop();
        }
        let mut alternatives = self.above_marker();
        if let Some(last) = alternatives.last_mut() {
            alternation::tidy(last);
        }
        let node =
            if alternatives.is_empty() { self.node(Op::NoMatch, Flags::default()) } else { self.collapse(alternatives, Op::Alternate)? };
        self.push(node)
    }

    /// Opens a group that captures, under `name` if it has one.
    fn open_group(&mut self, name: Option<&str>) -> Result<(), Kind> {
        self.captures += 1;
        let mut node = self.node(Op::LeftParen, self.flags);
        node.capture = self.captures;
        node.name = name.map(Into::into);
        self.push(node)
    }

    fn close_group(&mut self, rest: &'a [u8]) -> Rest<'a> {
        self.end_group().map_err(|kind| self.whole_error(kind))?;
        let (inner, open) = (self.stack.pop(), self.stack.pop());
        let (Some(inner), Some(mut open)) = (inner, open.filter(|n| n.op == Op::LeftParen)) else {
            return Err(self.whole_error(Kind::UnexpectedParen));
        };
        self.flags = open.flags;
        let group = if open.capture == 0 {
            inner
        } else {
            open.op = Op::Capture;
            open.with_subs(vec![inner])
        };
        self.push(group).map_err(|kind| self.whole_error(kind))?;
        Ok(rest)
    }

    /// Reads what begins with `(?`: a named group, a group with flags, or flags alone.
    fn perl_group(&mut self, text: &'a [u8]) -> Rest<'a> {
        let named = (text.len() > 4).then(|| text.strip_prefix(b"(?P<")).flatten();
        let named = named.or_else(|| (text.len() > 3).then(|| text.strip_prefix(b"(?<")).flatten());
        if let Some(named) = named {
            let Some(end) = named.iter().position(|&b| b == b'>') else {
                escape::check_utf8(text)?;
                return Err(RegexError::new(Kind::InvalidNamedCapture, text));
            };
            let (name, rest) = named.split_at(end);
            let rest = rest.get(1..).unwrap_or_default();
            let name = escape::check_utf8(name)?;
            if name.is_empty() || !name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) {
                return Err(RegexError::new(Kind::InvalidNamedCapture, consumed(text, rest)));
            }
            self.open_group(Some(name)).map_err(|kind| self.whole_error(kind))?;
            return Ok(rest);
        }
        self.flag_group(text)
    }

    /// Reads `(?flags)` and `(?flags:`.
    fn flag_group(&mut self, text: &'a [u8]) -> Rest<'a> {
        let mut rest = text.get(2..).unwrap_or_default();
        let mut flags = self.flags;
        let (mut negative, mut seen) = (false, false);
        while !rest.is_empty() {
            let (rune, after) = next_rune(rest)?;
            rest = after;
            let flag = match char::from_u32(rune) {
                Some('i') => Flags::FOLD,
                Some('m') => Flags::ONE_LINE,
                Some('s') => Flags::DOT_NEWLINE,
                Some('U') => Flags::NON_GREEDY,
                Some('-') if !negative => {
                    (negative, seen) = (true, false);
                    continue;
                }
                Some(end @ (':' | ')')) if !negative || seen => {
                    if end == ':' {
                        // The group restores the flags of before it.
                        self.push_op(Op::LeftParen, self.flags)?;
                    }
                    self.flags = flags;
                    return Ok(rest);
                }
                _ => break,
            };
            seen = true;
            flags = flags.with(flag, negative == (flag == Flags::ONE_LINE));
        }
        Err(RegexError::new(Kind::InvalidPerlOp, consumed(text, rest)))
    }

    /// Reads what begins with a backslash, outside brackets.
    fn escape(&mut self, text: &'a [u8]) -> Rest<'a> {
        let (letter, rest) = (text.get(1).copied(), text.get(2..).unwrap_or_default());
        let op = match letter {
            Some(b'A') => Op::BeginText,
            Some(b'b') => Op::WordBoundary,
            Some(b'B') => Op::NoWordBoundary,
            Some(b'z') => Op::EndText,
            Some(b'C') => return Err(RegexError::new(Kind::InvalidEscape, consumed(text, rest))),
            Some(b'Q') => return self.quoted(rest),
            _ => {
                let mut class = class::Class::default();
                if let Some(rest) = escape::class_escape(text, self.flags, &mut class)? {
                    self.class(class)?;
                    return Ok(rest);
                }
                let (rune, rest) = escape::char_escape(text)?;
                self.literal(rune)?;
                return Ok(rest);
            }
        };
        self.push_op(op, self.flags)?;
        Ok(rest)
    }

    /// Reads the text after `\Q` up to and with `\E`, or to the end.
    fn quoted(&mut self, text: &'a [u8]) -> Rest<'a> {
        let end = text.windows(2).position(|pair| pair == br"\E");
        let (mut quoted, rest) = match end {
            Some(end) => (text.get(..end).unwrap_or_default(), text.get(end + 2..).unwrap_or_default()),
            None => (text, &[][..]),
        };
        while !quoted.is_empty() {
            let (rune, after) = next_rune(quoted)?;
            self.literal(rune)?;
            quoted = after;
        }
        Ok(rest)
    }

    /// Reads a bracket expression.
    fn bracket(&mut self, text: &'a [u8]) -> Rest<'a> {
        let fold = self.flags.has(Flags::FOLD);
        let mut rest = text.get(1..).unwrap_or_default();
        let negated = rest.first() == Some(&b'^');
        if negated {
            rest = rest.get(1..).unwrap_or_default();
        }
        let mut class = class::Class::default();
        let mut first = true;
        while first || rest.first() != Some(&b']') {
            first = false;
            if let Some(after) = escape::named_class(rest, fold, &mut class)? {
                rest = after;
                continue;
            }
            if let Some(after) = escape::class_escape(rest, self.flags, &mut class)? {
                rest = after;
                continue;
            }
            let start = rest;
            let (lo, after) = escape::class_char(rest, text)?;
            rest = after;
            let mut hi = lo;
            // A hyphen before the closing bracket is itself.
            if let [b'-', next, ..] = rest
                && *next != b']'
            {
                (hi, rest) = escape::class_char(rest.get(1..).unwrap_or_default(), text)?;
                if hi < lo {
                    return Err(RegexError::new(Kind::InvalidCharRange, consumed(start, rest)));
                }
            }
            if fold { class.add_folded(lo, hi) } else { class.add(lo, hi) }
        }
        class.clean();
        if negated {
            class.negate();
        }
        self.class(class)?;
        Ok(rest.get(1..).unwrap_or_default())
    }
}

/// Whether each of two characters is the other's only other case.
fn both_cases(a: u32, b: u32) -> bool {
    unicode::simple_fold(a) == b && unicode::simple_fold(b) == a
}

/// The start of `text` that ends where `rest`, a tail of it, begins.
pub(super) fn consumed<'a>(text: &'a [u8], rest: &[u8]) -> &'a [u8] {
    text.get(..text.len().saturating_sub(rest.len())).unwrap_or(text)
}

type Counts = (u32, Option<u32>);

/// Reads `{n}`, `{n,}` or `{n,m}`; the counts are `None` where they are out of bounds, the whole
/// where the text has another form, so that the brace is itself.
fn repeat_counts(text: &[u8]) -> Option<(Option<Counts>, &[u8])> {
    let (min, rest) = decimal(text.strip_prefix(b"{")?)?;
    let (max, rest) = match rest.strip_prefix(b",") {
        None => (Some(min), rest),
        Some(rest) if rest.first() == Some(&b'}') => (None, rest),
        Some(rest) => {
            let (max, rest) = decimal(rest)?;
            (Some(max), rest)
        }
    };
    let rest = rest.strip_prefix(b"}")?;
    let valid = min <= MAX_REPEAT && max.is_none_or(|max| min <= max && max <= MAX_REPEAT);
    Some((valid.then_some((min, max)), rest))
}

/// Reads a number without leading zeros; what is too large saturates.
fn decimal(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    if digits == 0 || (digits > 1 && number.first() == Some(&b'0')) {
        return None;
    }
    let value = number.iter().fold(0u32, |n, &b| n.saturating_mul(10).saturating_add((b - b'0').into()));
    Some((value, rest))
}
