//! Comparisons that do the work of a regular expression: sets of texts, prefixes, suffixes, parts.
//!
//! Which expressions become which comparison follows the reference, since in rare cases (an
//! alternative in another case than its neighbours) the comparison and the expression differ,
//! and then the comparison is what users see.

use super::ast::{Flags, Node, Op};
use super::unicode;
use std::collections::HashSet;

/// Texts that a set may list.
const MAX_SET: usize = 256;
/// From how many texts on a set is hashed.
const HASH_FROM: usize = 16;

/// A comparison of a whole text.
#[derive(Clone, Debug)]
pub(super) enum Comparison {
    Any,
    WithoutNewline,
    /// At least one character; whether newlines may be among them.
    NonEmpty(bool),
    /// At most one character; whether it may be a newline.
    AtMostOne(bool),
    Empty,
    Equal(Text),
    Or(Vec<Comparison>),
    Set(Set),
    Prefix(Text, Box<Comparison>),
    Suffix(Box<Comparison>, Text),
    /// One of the texts, with what is on its left and on its right.
    Contains(Option<Box<Comparison>>, Vec<String>, Option<Box<Comparison>>),
}

/// A text, compared in its own case or in any.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) fold: bool,
}

/// Texts of which one must be equal.
#[derive(Clone, Debug)]
pub(super) enum Set {
    Few(Vec<String>),
    Many(HashSet<String>),
    FewFolded(Vec<String>),
    /// In lower case. Not the same as folding: `ς` is no `σ` here.
    ManyLower(HashSet<String>),
}

impl Set {
    pub(super) fn new(texts: Vec<String>, fold: bool) -> Set {
        match (texts.len() >= HASH_FROM, fold) {
            (false, false) => Set::Few(texts),
            (true, false) => Set::Many(texts.into_iter().collect()),
            (false, true) => Set::FewFolded(texts),
            (true, true) => Set::ManyLower(texts.iter().map(|text| lower(text)).collect()),
        }
    }

    pub(super) fn contains(&self, value: &str) -> bool {
        match self {
            Set::Few(texts) => texts.iter().any(|text| text == value),
            Set::Many(texts) => texts.contains(value),
            Set::FewFolded(texts) => texts.iter().any(|text| equal_folded(text, value)),
            Set::ManyLower(texts) => texts.contains(&lower(value)),
        }
    }
}

/// Lower case after compatibility decomposition, as far as that touches characters with cases.
///
/// The reference decomposes all characters, so that `(?i)` with many alternatives also takes `ﬁ`
/// for `fi`, and an accent after its letter for the letter with the accent. That is not done here.
fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let decomposed = text.chars().map(|c| match c {
        'ſ' => 's',
        'ẛ' => 'ṡ',
        'µ' => 'μ',
        'ϐ' => 'β',
        'ϑ' | 'ϴ' => 'θ',
        'ϕ' => 'φ',
        'ϖ' => 'π',
        'ϰ' => 'κ',
        'ϱ' => 'ρ',
        'ϵ' => 'ε',
        '\u{1FBE}' => 'ι',
        c => c,
    });
    decomposed.flat_map(char::to_lowercase).collect()
}

fn equal_folded(a: &str, b: &str) -> bool {
    prefix_folded(b, a).is_some_and(str::is_empty)
}

/// What follows `prefix`, in any case, in `value`.
fn prefix_folded<'a>(value: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = value.chars();
    let fits = prefix.chars().all(|p| rest.next().is_some_and(|c| unicode::eq_fold(p.into(), c.into())));
    fits.then_some(rest.as_str())
}

/// What precedes `suffix`, in any case, in `value`.
fn suffix_folded<'a>(value: &'a str, suffix: &str) -> Option<&'a str> {
    let mut rest = value.chars();
    let fits = suffix.chars().rev().all(|s| rest.next_back().is_some_and(|c| unicode::eq_fold(s.into(), c.into())));
    fits.then_some(rest.as_str())
}

impl Text {
    fn is(&self, value: &str) -> bool {
        if self.fold { equal_folded(&self.text, value) } else { self.text == value }
    }

    pub(super) fn strip_prefix<'a>(&self, value: &'a str) -> Option<&'a str> {
        if self.fold { prefix_folded(value, &self.text) } else { value.strip_prefix(&self.text) }
    }

    fn strip_suffix<'a>(&self, value: &'a str) -> Option<&'a str> {
        if self.fold { suffix_folded(value, &self.text) } else { value.strip_suffix(&self.text) }
    }
}

impl Comparison {
    /// Whether the whole value fits.
    pub(super) fn matches(&self, value: &str) -> bool {
        match self {
            Comparison::Any => true,
            Comparison::WithoutNewline => !value.contains('\n'),
            Comparison::NonEmpty(newline) => !value.is_empty() && (*newline || !value.contains('\n')),
            Comparison::AtMostOne(newline) => value.chars().nth(1).is_none() && (*newline || value != "\n"),
            Comparison::Empty => value.is_empty(),
            Comparison::Equal(text) => text.is(value),
            Comparison::Or(any) => any.iter().any(|c| c.matches(value)),
            Comparison::Set(set) => set.contains(value),
            Comparison::Prefix(prefix, right) => prefix.strip_prefix(value).is_some_and(|rest| right.matches(rest)),
            Comparison::Suffix(left, suffix) => suffix.strip_suffix(value).is_some_and(|rest| left.matches(rest)),
            Comparison::Contains(left, texts, right) => texts.iter().any(|text| contains(left.as_deref(), text, right.as_deref(), value)),
        }
    }
}

/// Whether `text` stands somewhere in `value` between what `left` and `right` allow.
fn contains(left: Option<&Comparison>, text: &str, right: Option<&Comparison>, value: &str) -> bool {
    let fits = |side: Option<&Comparison>, part: &str| side.map_or(part.is_empty(), |c| c.matches(part));
    match (left, right) {
        (Some(Comparison::Any), Some(Comparison::Any)) => value.contains(text),
        (Some(left), None) => value.strip_suffix(text).is_some_and(|rest| left.matches(rest)),
        (None, _) => value.strip_prefix(text).is_some_and(|rest| fits(right, rest)),
        // Occurrences may overlap, so each character is tried as the start.
        (Some(_), Some(_)) => value.char_indices().map(|(at, _)| at).chain([value.len()]).any(|at| {
            let (before, rest) = value.split_at_checked(at).unwrap_or((value, ""));
            rest.strip_prefix(text).is_some_and(|after| fits(left, before) && fits(right, after))
        }),
    }
}

/// A node seen through its groups and without anchors at its ends.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    Node(&'a Node),
    Concat(&'a [Node]),
    Empty(Flags),
}

impl<'a> View<'a> {
    /// The whole expression. Anchors at its ends say nothing, as it is anchored anyway.
    pub(super) fn top(tree: &'a Node) -> View<'a> {
        match bare(tree) {
            tree if tree.op == Op::Concat => View::Concat(&tree.subs),
            tree => View::Node(tree),
        }
    }

    /// Without one anchor at either end.
    pub(super) fn unanchored(self) -> View<'a> {
        match self {
            View::Concat(mut parts) => {
                if let [first, rest @ ..] = parts
                    && bare(first).op == Op::BeginText
                {
                    parts = rest;
                }
                if let [rest @ .., last] = parts
                    && bare(last).op == Op::EndText
                {
                    parts = rest;
                }
                View::Concat(parts)
            }
            View::Node(node) if node.op != Op::Alternate => match node.subs.as_slice() {
                [only] if matches!(only.op, Op::BeginText | Op::EndText) => View::Empty(node.flags),
                _ => self,
            },
            _ => self,
        }
    }
}

/// The node inside all capturing groups around it.
pub(super) fn bare(node: &Node) -> &Node {
    let mut node = node;
    while node.op == Op::Capture
        && let Some(inner) = node.subs.first()
    {
        node = inner;
    }
    node
}

fn view(node: &Node) -> View<'_> {
    View::top(node)
}

/// The text of a literal. Half surrogates, which no text has, become U+FFFD as in the reference.
pub(super) fn text(runes: &[u32]) -> String {
    runes.iter().map(|&c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// All the texts that alone match, each after `base`, and whether in any case; `None` where they
/// are too many, mixed in case, or no such texts.
pub(super) fn alternatives(node: View, base: &str) -> Option<(Vec<String>, bool)> {
    let node = match node {
        View::Concat(parts) => return crate::model::deep(|| concat_alternatives(parts, base)),
        View::Empty(flags) => return (!base.is_empty()).then(|| (vec![base.to_owned()], flags.has(Flags::FOLD))),
        View::Node(node) => node,
    };
    let texts = match node.op {
        Op::Literal => vec![format!("{base}{}", text(&node.runes))],
        Op::EmptyMatch if !base.is_empty() => vec![base.to_owned()],
        Op::CharClass => {
            let ranges = node.class.ranges();
            let count = ranges.iter().fold(0, |n: usize, &(lo, hi)| n.saturating_add((hi - lo) as usize + 1));
            if count == 0 || count > MAX_SET {
                return None;
            }
            ranges.iter().flat_map(|&(lo, hi)| lo..=hi).map(|c| format!("{base}{}", text(&[c]))).collect()
        }
        Op::Alternate => {
            let mut all = Vec::new();
            let mut fold = None;
            for sub in &node.subs {
                let (texts, sub_fold) = crate::model::deep(|| alternatives(view(sub), base))?;
                if all.len() + texts.len() > MAX_SET || *fold.get_or_insert(sub_fold) != sub_fold {
                    return None;
                }
                all.extend(texts);
            }
            return Some((all, fold?));
        }
        _ => return None,
    };
    Some((texts, node.folds()))
}

fn concat_alternatives(parts: &[Node], base: &str) -> Option<(Vec<String>, bool)> {
    let mut texts = vec![base.to_owned()];
    let mut fold = None;
    for part in parts {
        let mut longer = Vec::new();
        for text in &texts {
            let (found, part_fold) = alternatives(view(part), text)?;
            if longer.len() + found.len() > MAX_SET || *fold.get_or_insert(part_fold) != part_fold {
                return None;
            }
            longer.extend(found);
        }
        texts = longer;
    }
    Some((texts, fold?))
}

/// The comparison that does the work of the expression, if there is one.
pub(super) fn comparison(node: View) -> Option<Comparison> {
    Some(hashed(compare(node)?))
}

/// Many alternatives of one case become one set.
fn hashed(comparison: Comparison) -> Comparison {
    fn collect<'a>(any: &'a [Comparison], texts: &mut Vec<&'a Text>) -> bool {
        any.iter().all(|c| match c {
            Comparison::Or(any) => crate::model::deep(|| collect(any, texts)),
            Comparison::Equal(text) => {
                texts.push(text);
                true
            }
            _ => false,
        })
    }
    if let Comparison::Or(any) = &comparison {
        let mut texts = Vec::new();
        if collect(any, &mut texts)
            && texts.len() >= HASH_FROM
            && let Some(fold) = texts.first().map(|t| t.fold)
            && texts.iter().all(|t| t.fold == fold)
        {
            return Comparison::Set(Set::new(texts.into_iter().map(|t| t.text.clone()).collect(), fold));
        }
    }
    comparison
}

fn compare(node: View) -> Option<Comparison> {
    let node = match node {
        View::Concat(parts) => return crate::model::deep(|| compare_concat(parts)),
        View::Empty(_) => return Some(Comparison::Empty),
        View::Node(node) => node,
    };
    let dot = node.subs.first().map(|sub| sub.op);
    let newline = dot == Some(Op::AnyChar);
    let of_dot = newline || dot == Some(Op::AnyCharNotNewline);
    match node.op {
        Op::Plus if of_dot => Some(Comparison::NonEmpty(newline)),
        Op::Star if of_dot => Some(if newline { Comparison::Any } else { Comparison::WithoutNewline }),
        Op::Quest if of_dot => Some(Comparison::AtMostOne(newline)),
        Op::EmptyMatch => Some(Comparison::Empty),
        Op::Literal => Some(Comparison::Equal(literal(node))),
        Op::Alternate => crate::model::deep(|| node.subs.iter().map(|sub| compare(view(sub))).collect::<Option<_>>()).map(Comparison::Or),
        _ => None,
    }
}

fn literal(node: &Node) -> Text {
    Text { text: text(&node.runes), fold: node.folds() }
}

/// Literals in the middle, with `.*`, `.+` or `.?` on either side.
fn compare_concat(parts: &[Node]) -> Option<Comparison> {
    let mut parts = parts;
    match parts {
        [] => return Some(Comparison::Empty),
        [only] => return compare(view(only)),
        _ => {}
    }
    let repeats = |node: &Node| matches!(bare(node).op, Op::Plus | Op::Star | Op::Quest);
    let (mut left, mut right) = (None, None);
    if let [first, rest @ ..] = parts
        && repeats(first)
    {
        left = Some(compare(view(first))?);
        parts = rest;
    }
    if let [rest @ .., last] = parts
        && repeats(last)
    {
        right = Some(compare(view(last))?);
        parts = rest;
    }
    let mut found = alternatives(View::Concat(parts), "");
    if let (None, [first, second]) = (&found, parts) {
        let (first, second) = (bare(first), bare(second));
        if right.is_none() && first.op == Op::Literal {
            right = compare(view(second));
            found = right.is_some().then(|| (vec![text(&first.runes)], first.folds()));
        } else if left.is_none() && second.op == Op::Literal {
            left = compare(view(first));
            found = left.is_some().then(|| (vec![text(&second.runes)], second.folds()));
        }
    }
    let (mut texts, fold) = found?;
    let (left, right) = (left.map(Box::new), right.map(Box::new));
    match (left, right) {
        (None, None) => Some(Comparison::Or(texts.into_iter().map(|text| Comparison::Equal(Text { text, fold })).collect())),
        (None, Some(right)) if texts.len() == 1 => Some(Comparison::Prefix(Text { text: texts.pop()?, fold }, right)),
        (Some(left), None) if texts.len() == 1 => Some(Comparison::Suffix(left, Text { text: texts.pop()?, fold })),
        (left, right) if !fold => Some(Comparison::Contains(left, texts, right)),
        _ => None,
    }
}
