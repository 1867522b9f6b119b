//! Alternatives: taking common beginnings out, and joining single characters into classes.

use super::ast::{Flags, Node, Op};
use super::error::RegexErrorKind;
use super::parse::Parser;

impl Parser<'_> {
    /// One node of `op` over `subs`, with those of the same `op` dissolved into it.
    pub(super) fn collapse(&mut self, mut subs: Vec<Node>, op: Op) -> Result<Node, RegexErrorKind> {
        if subs.len() == 1
            && let Some(only) = subs.pop()
        {
            return Ok(only);
        }
        let collapsed = self.node(op, Flags::default());
        let mut flat = Vec::with_capacity(subs.len());
        for sub in subs {
            if sub.op == op {
                flat.extend(sub.subs);
                self.release();
            } else {
                flat.push(sub);
            }
        }
        if op == Op::Alternate {
            flat = self.factor(flat)?;
            if flat.len() == 1
                && let Some(only) = flat.pop()
            {
                self.release();
                return Ok(only);
            }
        }
        Ok(collapsed.with_subs(flat))
    }

    /// Simplifies the alternatives `subs`: `ab|ac|d|` becomes `a[bc]|d|`.
    fn factor(&mut self, subs: Vec<Node>) -> Result<Vec<Node>, RegexErrorKind> {
        if subs.len() < 2 {
            return Ok(subs);
        }
        let subs = self.factor_literals(subs)?;
        let subs = self.factor_first_parts(subs)?;
        let mut subs = self.join_characters(subs);
        // Of neighbouring empty alternatives only the last can ever matter.
        let next_empty: Vec<bool> = subs.iter().skip(1).map(|s| s.op == Op::EmptyMatch).chain([false]).collect();
        let mut next_empty = next_empty.into_iter();
        subs.retain(|sub| !(next_empty.next() == Some(true) && sub.op == Op::EmptyMatch));
        Ok(subs)
    }

    /// Takes common literal beginnings out of neighbours.
    fn factor_literals(&mut self, subs: Vec<Node>) -> Result<Vec<Node>, RegexErrorKind> {
        let mut out = Vec::with_capacity(subs.len());
        let mut run = Vec::new();
        let (mut prefix, mut prefix_fold) = (Vec::new(), false);
        for sub in subs {
            let (lead, fold) = leading_literal(&sub);
            if fold == prefix_fold {
                let same = prefix.iter().zip(lead).take_while(|(a, b)| a == b).count();
                if same > 0 {
                    prefix.truncate(same);
                    run.push(sub);
                    continue;
                }
            }
            let lead = lead.to_vec();
            self.end_literal_run(&mut out, std::mem::take(&mut run), prefix, prefix_fold)?;
            (prefix, prefix_fold) = (lead, fold);
            run.push(sub);
        }
        self.end_literal_run(&mut out, run, prefix, prefix_fold)?;
        Ok(out)
    }

    fn end_literal_run(&mut self, out: &mut Vec<Node>, run: Vec<Node>, prefix: Vec<u32>, fold: bool) -> Result<(), RegexErrorKind> {
        if run.len() < 2 {
            out.extend(run);
            return Ok(());
        }
        let mut literal = self.node(Op::Literal, Flags::default().with(Flags::FOLD, fold));
        let length = prefix.len();
        literal.runes = prefix;
        literal.measure();
        let mut rests = Vec::with_capacity(run.len());
        for sub in run {
            let rest = self.without_leading_literal(sub, length);
            self.check_limits(&rest)?;
            rests.push(rest);
        }
        let rest = self.collapse(rests, Op::Alternate)?;
        out.push(self.node(Op::Concat, Flags::default()).with_subs(vec![literal, rest]));
        Ok(())
    }

    /// The node without its first `length` literal characters.
    fn without_leading_literal(&mut self, mut node: Node, length: usize) -> Node {
        if node.op == Op::Concat && !node.subs.is_empty() {
            let first = self.without_leading_literal(node.subs.remove(0), length);
            if first.op != Op::EmptyMatch {
                node.subs.insert(0, first);
            } else {
                self.release();
                if node.subs.len() == 1
                    && let Some(only) = node.subs.pop()
                {
                    self.release();
                    return only;
                }
            }
        } else if node.op == Op::Literal {
            node.runes.drain(..length.min(node.runes.len()));
            if node.runes.is_empty() {
                node.op = Op::EmptyMatch;
            }
        }
        node.measure();
        node
    }

    /// Takes common first parts out of neighbours, where the part is one character wide (or a
    /// fixed number): other parts would collapse ways through the automaton that must be tried
    /// apart.
    fn factor_first_parts(&mut self, subs: Vec<Node>) -> Result<Vec<Node>, RegexErrorKind> {
        let exact = self.flags.has(Flags::NEWER);
        let mut out = Vec::with_capacity(subs.len());
        let mut run: Vec<Node> = Vec::new();
        for sub in subs {
            let common = match (run.first().and_then(leading_part), leading_part(&sub)) {
                (Some(first), Some(other)) => first.same(other, exact) && is_fixed_width(first),
                _ => false,
            };
            if !common {
                self.end_part_run(&mut out, std::mem::take(&mut run))?;
            }
            run.push(sub);
        }
        self.end_part_run(&mut out, run)?;
        Ok(out)
    }

    fn end_part_run(&mut self, out: &mut Vec<Node>, run: Vec<Node>) -> Result<(), RegexErrorKind> {
        if run.len() < 2 {
            out.extend(run);
            return Ok(());
        }
        let mut prefix = None;
        let mut rests = Vec::with_capacity(run.len());
        for sub in run {
            if prefix.is_some() {
                self.release();
            }
            let (part, rest) = self.split_leading_part(sub);
            prefix.get_or_insert(part);
            self.check_limits(&rest)?;
            rests.push(rest);
        }
        let rest = self.collapse(rests, Op::Alternate)?;
        out.push(self.node(Op::Concat, Flags::default()).with_subs(prefix.into_iter().chain([rest]).collect()));
        Ok(())
    }

    /// The first part of a node and what remains of it.
    fn split_leading_part(&mut self, mut node: Node) -> (Node, Node) {
        if node.op != Op::Concat || node.subs.is_empty() {
            return (node, self.node(Op::EmptyMatch, Flags::default()));
        }
        let part = node.subs.remove(0);
        let rest = match node.subs.len() {
            0 => Node::new(Op::EmptyMatch, node.flags),
            1 => {
                self.release();
                node.subs.remove(0)
            }
            _ => {
                node.measure();
                node
            }
        };
        (part, rest)
    }

    /// Joins neighbours that are one character wide into classes.
    fn join_characters(&mut self, subs: Vec<Node>) -> Vec<Node> {
        let mut out = Vec::with_capacity(subs.len());
        let mut run: Vec<Node> = Vec::new();
        for sub in subs {
            if sub.is_char_class() {
                run.push(sub);
            } else {
                out.extend(self.join_run(std::mem::take(&mut run)));
                out.push(sub);
            }
        }
        out.extend(self.join_run(run));
        out
    }

    fn join_run(&mut self, mut run: Vec<Node>) -> Option<Node> {
        if run.len() < 2 {
            return run.pop();
        }
        // The most general is the base; the first of equals.
        let rank = |n: &Node| (n.op, n.rune_count());
        let best = (1..run.len()).fold(0, |best, i| if rank(&run[best]) < rank(&run[i]) { i } else { best });
        run.swap(0, best);
        let mut members = run.into_iter();
        let mut joined = members.next()?;
        for member in members {
            merge(&mut joined, &member);
            self.release();
        }
        tidy(&mut joined);
        Some(joined)
    }

    /// Where the last two nodes are an alternative above a [`Op::VerticalBar`], brings the bar to
    /// the top. Alternatives of one character are joined with the one before.
    pub(super) fn lift_bar(&mut self) -> bool {
        let [.., bar, _] = self.stack.as_slice() else { return false };
        if bar.op != Op::VerticalBar {
            return false;
        }
        let (Some(mut last), Some(bar)) = (self.stack.pop(), self.stack.pop()) else { return false };
        if let Some(before) = self.stack.last_mut() {
            if last.is_char_class() && before.is_char_class() {
                if last.op > before.op {
                    std::mem::swap(&mut last, before);
                }
                merge(before, &last);
                self.release();
                self.stack.push(bar);
                return true;
            }
            tidy(before);
        }
        self.stack.push(last);
        self.stack.push(bar);
        true
    }
}

/// The literal that a node begins with, and whether its case does not matter.
fn leading_literal(node: &Node) -> (&[u32], bool) {
    let first = if node.op == Op::Concat { node.subs.first().unwrap_or(node) } else { node };
    if first.op == Op::Literal { (&first.runes, first.folds()) } else { (&[], false) }
}

/// The part that a node begins with, if it is not empty.
fn leading_part(node: &Node) -> Option<&Node> {
    let first = if node.op == Op::Concat { node.subs.first().unwrap_or(node) } else { node };
    (first.op != Op::EmptyMatch).then_some(first)
}

fn is_fixed_width(node: &Node) -> bool {
    let fixed_repeat = node.op == Op::Repeat && node.repeat.1 == Some(node.repeat.0);
    node.is_char_class() || (fixed_repeat && node.subs.iter().all(Node::is_char_class))
}

/// Adds the characters of `from`, which must not be of a greater op, to `into`.
fn merge(into: &mut Node, from: &Node) {
    match into.op {
        Op::AnyCharNotNewline if matches_newline(from) => into.op = Op::AnyChar,
        Op::CharClass if from.op == Op::Literal => add_literal(into, from.runes.first().copied(), from.folds()),
        Op::CharClass => into.class.add_class(&from.class),
        Op::Literal if into.runes != from.runes || into.flags != from.flags => {
            into.op = Op::CharClass;
            let own = into.runes.pop();
            add_literal(into, own, into.folds());
            add_literal(into, from.runes.first().copied(), from.folds());
        }
        _ => {}
    }
}

fn add_literal(into: &mut Node, rune: Option<u32>, fold: bool) {
    if let Some(rune) = rune {
        if fold { into.class.add_folded(rune, rune) } else { into.class.add(rune, rune) }
    }
}

fn matches_newline(node: &Node) -> bool {
    let newline = u32::from('\n');
    match node.op {
        Op::Literal => node.runes == [newline],
        Op::CharClass => node.class.ranges().iter().any(|&(lo, hi)| lo <= newline && newline <= hi),
        op => op == Op::AnyChar,
    }
}

/// Cleans a class, and makes it the dot where it has all characters.
pub(super) fn tidy(node: &mut Node) {
    if node.op != Op::CharClass {
        return;
    }
    node.class.clean();
    node.op = match node.class.ranges() {
        [(0, super::unicode::MAX_RUNE)] => Op::AnyChar,
        [(0, 0x09), (0x0B, super::unicode::MAX_RUNE)] => Op::AnyCharNotNewline,
        _ => return,
    };
    node.class = super::class::Class::default();
}
