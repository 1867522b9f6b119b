//! Captures and templates, for `label_replace`.

use super::ast::{Flags, Node, Op};
use super::compile;
use super::error::{RegexError, RegexErrorKind};
use super::parse;
use super::unicode;

/// A regular expression with captures, read as `^(?s:RE)$`.
///
/// # Examples
///
/// ```
/// use ferula::model::regex::Regex;
///
/// let regex = Regex::new(b"(?P<host>[^:]+):([0-9]+)").unwrap();
/// let captures = regex.captures("web-1:8080").unwrap();
/// assert_eq!(regex.expand(b"$host on ${2}!", "web-1:8080", &captures), b"web-1 on 8080!");
/// assert!(regex.captures("web-1").is_none());
/// ```
#[derive(Debug)]
pub struct Regex {
    compiled: regex::Regex,
    /// The names of the groups by their number.
    names: Vec<Option<Box<str>>>,
    /// As it was written, anchors included.
    source: Box<[u8]>,
}

/// Where the groups of a match lie in the value; group 0 is the whole match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Captures {
    groups: Vec<Option<(usize, usize)>>,
}

impl Captures {
    /// The bytes of a group, as start and end; `None` where it took no part in the match.
    pub fn get(&self, group: usize) -> Option<(usize, usize)> {
        self.groups.get(group).copied().flatten()
    }
}

impl Regex {
    /// Reads and compiles an expression that has to match the whole value.
    ///
    /// # Errors
    /// What is wrong with it; the texts speak of the anchored expression.
    pub fn new(source: &[u8]) -> Result<Regex, RegexError> {
        Regex::search(&[b"^(?s:", source, b")$"].concat())
    }

    /// Reads and compiles an expression that may match any part of the value.
    ///
    /// # Errors
    /// What is wrong with it.
    ///
    /// ```
    /// use ferula::model::regex::Regex;
    /// let word = Regex::search(br"\bb\pL+").unwrap();
    /// assert_eq!(word.captures("a büro").and_then(|c| c.get(0)), Some((2, 7)));
    /// ```
    pub fn search(source: &[u8]) -> Result<Regex, RegexError> {
        let tree = parse::parse(source, Flags::ONE_LINE.with(Flags::NEWER, true))?;
        let mut names = vec![None];
        collect_names(&tree, &mut names);
        let compiled = compile::with_captures(&tree).ok_or_else(|| RegexError::new(RegexErrorKind::TooLarge, source))?;
        Ok(Regex { compiled, names, source: source.into() })
    }

    /// The expression, with the anchors of [`Regex::new`].
    pub fn source(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.source)
    }

    /// The groups of the leftmost match, or `None` where the value does not match.
    pub fn captures(&self, value: &str) -> Option<Captures> {
        let found = self.compiled.captures(value)?;
        Some(Captures { groups: found.iter().map(|group| group.map(|m| (m.start(), m.end()))).collect() })
    }

    /// The template with its references replaced by groups of `value`: `$1` and `${1}` by number,
    /// `$name` and `${name}` by name, `$$` by a dollar. A name runs as far as letters, digits and
    /// underscores go; unknown groups are empty, and a dollar before anything else is itself.
    pub fn expand(&self, template: &[u8], value: &str, captures: &Captures) -> Vec<u8> {
        let mut out = Vec::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.iter().position(|&b| b == b'$') {
            let (before, after) = rest.split_at(at);
            out.extend_from_slice(before);
            rest = after.get(1..).unwrap_or_default();
            if let Some(after) = rest.strip_prefix(b"$") {
                out.push(b'$');
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                if let Some((start, end)) = self.group(name, captures) {
                    out.extend_from_slice(value.as_bytes().get(start..end).unwrap_or_default());
                }
                rest = after;
            } else {
                out.push(b'$');
            }
        }
        out.extend_from_slice(rest);
        out
    }

    /// The group of a number, or else the first group of a name that took part.
    fn group(&self, name: &str, captures: &Captures) -> Option<(usize, usize)> {
        // With leading zeros, or with more than nine digits, it is a name.
        let is_number = name.bytes().all(|b| b.is_ascii_digit()) && (name == "0" || !name.starts_with('0')) && name.len() <= 9;
        if is_number && let Ok(number) = name.parse() {
            return captures.get(number);
        }
        let named = self.names.iter().enumerate().filter(|(_, other)| other.as_deref() == Some(name));
        named.filter_map(|(number, _)| captures.get(number)).next()
    }
}

fn collect_names(node: &Node, names: &mut Vec<Option<Box<str>>>) {
    if node.op == Op::Capture {
        if names.len() <= node.capture {
            names.resize(node.capture + 1, None);
        }
        if let Some(slot) = names.get_mut(node.capture) {
            slot.clone_from(&node.name);
        }
    }
    crate::model::deep(|| node.subs.iter().for_each(|sub| collect_names(sub, names)));
}

/// The name at the start of what follows a dollar, with or without braces, and the rest.
fn reference(text: &[u8]) -> Option<(&str, &[u8])> {
    let (text, braced) = text.strip_prefix(b"{").map_or((text, false), |inner| (inner, true));
    let valid = match std::str::from_utf8(text) {
        Ok(valid) => valid,
        Err(error) => std::str::from_utf8(text.get(..error.valid_up_to())?).ok()?,
    };
    let end = valid.find(|c| c != '_' && !unicode::is_letter_or_digit(c)).unwrap_or(valid.len());
    let name = valid.get(..end).filter(|name| !name.is_empty())?;
    let rest = text.get(end..)?;
    if braced { Some((name, rest.strip_prefix(b"}")?)) } else { Some((name, rest)) }
}
