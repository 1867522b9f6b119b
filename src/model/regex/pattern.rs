//! The regular expression of a matcher.

use super::ast::{Flags, Node, Op};
use super::error::{RegexError, RegexErrorKind};
use super::fast::{self, Comparison, Set, Text, View};
use super::parse::{self, MAX_HEIGHT};
use std::collections::HashSet;

/// The regular expression of a matcher: anchored at both ends, the dot matches newlines.
///
/// Reading it finds all faults; the automaton, which many expressions do not need, is made when a
/// value is first compared.
#[derive(Debug)]
pub struct Pattern {
    /// The only texts that match, if they are few and their case matters.
    set: Option<Vec<String>>,
    /// Does the work of the expression where it exists.
    comparison: Option<Comparison>,
    prefix: Option<Text>,
    suffix: String,
    /// Literals between prefix and suffix, in their order.
    parts: Vec<String>,
    matches_empty: bool,
    #[cfg(feature = "engine")]
    automaton: Option<super::compile::Automaton>,
}

impl Pattern {
    /// Reads a matcher's expression.
    ///
    /// # Errors
    /// What is wrong with it, in Go's words.
    pub fn new(source: &[u8]) -> Result<Pattern, RegexError> {
        if let Some(pattern) = Pattern::of_literals(source) {
            return Ok(pattern);
        }
        let tree = parse::parse(source, Flags::ONE_LINE.with(Flags::DOT_NEWLINE, true))?;
        // The anchors around it are one more level, unless it is itself a sequence.
        if tree.height >= MAX_HEIGHT && tree.op != Op::Concat {
            return Err(RegexError::new(RegexErrorKind::NestingDepth, &[b"^(?s:", source, b")$"].concat()));
        }
        Ok(Pattern::of_tree(tree, source))
    }

    /// Literals between bars (`a|b|c`) are not even read as an expression, and need not be UTF-8.
    fn of_literals(source: &[u8]) -> Option<Pattern> {
        let special = |byte: &u8| matches!(byte, b'\\' | b'.' | b'+' | b'*' | b'?' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'^' | b'$');
        if source.iter().any(special) {
            return None;
        }
        // Values are UTF-8, so other texts never match.
        let texts = source.split(|&b| b == b'|').filter_map(|text| std::str::from_utf8(text).ok());
        let texts = distinct(texts.map(str::to_owned));
        Some(Pattern {
            matches_empty: texts.iter().any(String::is_empty),
            // One text is compared as it is.
            comparison: (texts.len() > 1).then(|| Comparison::Set(Set::new(texts.clone(), false))),
            set: Some(texts),
            prefix: None,
            suffix: String::new(),
            parts: Vec::new(),
            #[cfg(feature = "engine")]
            automaton: None,
        })
    }

    fn of_tree(tree: Node, source: &[u8]) -> Pattern {
        let top = View::top(&tree);
        let (mut prefix, mut suffix, mut parts) = (None, String::new(), Vec::new());
        if let View::Concat(nodes) = top.unanchored()
            && let [first, rest @ ..] = nodes
        {
            let literal = |node: &Node| {
                let node = fast::bare(node);
                (node.op == Op::Literal).then(|| Text { text: fast::text(&node.runes), fold: node.folds() })
            };
            let exact = |node: &Node| literal(node).filter(|text| !text.fold).map(|text| text.text);
            prefix = literal(first);
            suffix = exact(rest.last().unwrap_or(first)).unwrap_or_default();
            parts = rest.split_last().map_or(&[][..], |(_, middle)| middle).iter().filter_map(exact).collect();
        }
        let (mut set, mut comparison) = (None, None);
        let view = top.unanchored();
        if let Some((texts, fold)) = fast::alternatives(view, "") {
            if texts.len() > 1 {
                comparison = Some(Comparison::Set(Set::new(texts.clone(), fold)));
            }
            set = (!fold).then(|| distinct(texts));
        }
        if comparison.is_none() {
            comparison = if is_parts_between_any(view) { Some(Comparison::Any) } else { fast::comparison(view.unanchored()) };
        }
        let mut pattern = Pattern {
            set,
            comparison,
            prefix,
            suffix,
            parts,
            matches_empty: tree.matches_empty(),
            #[cfg(feature = "engine")]
            automaton: None,
        };
        if !pattern.needs_automaton() {
            pattern.matches_empty = pattern.by_comparison("").unwrap_or(pattern.matches_empty);
        }
        #[cfg(feature = "engine")]
        if pattern.needs_automaton() {
            pattern.automaton = Some(super::compile::Automaton::new(tree, source));
        }
        #[cfg(not(feature = "engine"))]
        let _ = source;
        pattern
    }

    /// Whether the empty value matches.
    pub fn matches_empty(&self) -> bool {
        self.matches_empty
    }

    /// The values that alone match, each once, where these are few and the case matters.
    pub fn set_matches(&self) -> Option<&[String]> {
        self.set.as_deref()
    }

    /// What every matching value begins with; empty where nothing is known.
    pub fn prefix(&self) -> &str {
        match (&self.prefix, &self.comparison) {
            (Some(prefix), _) if !prefix.fold => &prefix.text,
            _ => "",
        }
    }

    /// Whether a prefix in any case is there; then only the expression itself decides the rest.
    fn has_folded_prefix(&self) -> bool {
        self.prefix.as_ref().is_some_and(|prefix| prefix.fold && !prefix.text.is_empty())
    }

    fn needs_automaton(&self) -> bool {
        if self.set.as_ref().is_some_and(|set| set.len() == 1) {
            return false;
        }
        self.comparison.is_none() || self.has_folded_prefix()
    }

    /// The answer, or `None` where only the expression itself can tell.
    fn by_comparison(&self, value: &str) -> Option<bool> {
        if let Some([only]) = self.set.as_deref() {
            return Some(only == value);
        }
        if self.prefix.as_ref().is_some_and(|prefix| prefix.strip_prefix(value).is_none()) {
            return Some(false);
        }
        if self.has_folded_prefix() {
            return None;
        }
        if !value.ends_with(&self.suffix) {
            return Some(false);
        }
        let mut rest = value;
        for part in &self.parts {
            match rest.split_once(part.as_str()) {
                Some((_, after)) => rest = after,
                None => return Some(false),
            }
        }
        self.comparison.as_ref().map(|comparison| comparison.matches(value))
    }
}

#[cfg(feature = "engine")]
impl Pattern {
    /// Compiles, if there is anything to compile and it is not done.
    ///
    /// # Errors
    /// [`RegexErrorKind::TooLarge`] where the automaton would take too much memory.
    pub fn prepare(&self) -> Result<(), RegexError> {
        self.automaton.as_ref().map_or(Ok(()), |automaton| automaton.compiled().map(|_| ()))
    }

    /// Whether the value matches. An expression that [`Pattern::prepare`] refuses matches nothing.
    pub fn matches(&self, value: &str) -> bool {
        self.by_comparison(value).unwrap_or_else(|| self.automaton.as_ref().is_some_and(|automaton| automaton.matches(value)))
    }
}

/// Each text once, in the order of the first.
fn distinct(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.into_iter().collect();
    if texts.len() > 16 {
        let mut seen = HashSet::new();
        texts.retain(|text| seen.insert(text.clone()));
    } else {
        let mut at = 0;
        while at < texts.len() {
            let (before, rest) = texts.split_at(at);
            if rest.first().is_some_and(|text| before.contains(text)) {
                texts.remove(at);
            } else {
                at += 1;
            }
        }
    }
    texts
}

/// Whether the expression is literals with `.*` between, before and after: `.*-.*-.*`. Then it is
/// enough that the literals occur in their order.
fn is_parts_between_any(view: View) -> bool {
    let View::Concat(nodes) = view else { return false };
    let is_any = |node: &Node| node.op == Op::Star && node.subs.first().is_some_and(|sub| sub.op == Op::AnyChar);
    nodes.len() >= 3
        && nodes.len() % 2 == 1
        && nodes.iter().map(fast::bare).enumerate().all(
            |(i, node)| {
                if i % 2 == 0 { is_any(node) } else { node.op == Op::Literal && !node.folds() }
            },
        )
}
