//! Where in an expression a cursor stands, whatever is unfinished or wrong around it.
//!
//! The lexer stops at what is no token, and a text that is being typed seldom is whole; so this
//! looks at nothing but words, quotes and brackets before the cursor.

use std::ops::Range;

/// What can be written at the cursor, and which bytes it replaces.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cursor<'t> {
    pub(super) place: Place<'t>,
    pub(super) replaced: Range<usize>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place<'t> {
    /// Where an expression may begin; inside the call of this function, if of any.
    Expression {
        call: Option<&'t str>,
    },
    /// After a whole expression.
    Operator,
    /// The name of a label in the braces after this metric name.
    MatcherName {
        metric: Option<&'t str>,
    },
    /// The value of a label; `quoted`: the quotes are there already.
    MatcherValue {
        metric: Option<&'t str>,
        label: &'t str,
        quoted: bool,
    },
    /// A label in the list after `by` and the like.
    Grouping,
    Duration,
    /// After `@`.
    Time,
    /// In a text or comment, or where nothing fits.
    Nothing,
}

/// A bracket that is open at the cursor.
#[derive(Clone, Copy)]
struct Open<'t> {
    bracket: char,
    /// The word before it.
    word: Option<&'t str>,
}

/// The last thing before the cursor.
#[derive(Clone, Copy, PartialEq)]
enum Last<'t> {
    Nothing,
    Word(&'t str),
    Closed,
    Sign(char),
}

const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
const INFIX: [&str; 12] =
    ["and", "or", "unless", "atan2", "bool", "by", "without", "on", "ignoring", "group_left", "group_right", "offset"];

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '.')
}

/// Reads the text up to a byte offset.
pub(super) fn find(text: &str, at: usize) -> Cursor<'_> {
    let before = text.get(..at).unwrap_or(text);
    let at = before.len();
    let mut open: Vec<Open> = Vec::new();
    let mut last = Last::Nothing;
    // Inside braces: the label whose matcher is being written.
    let mut label = None;
    let mut chars = before.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        match c {
            '#' => {
                if !chars.any(|(_, c)| c == '\n') {
                    return Cursor { place: Place::Nothing, replaced: at..at };
                }
            }
            '"' | '\'' | '`' => {
                let start = i + 1;
                let mut escaped = false;
                let mut end = None;
                for (j, d) in chars.by_ref() {
                    if escaped {
                        escaped = false;
                    } else if d == '\\' && c != '`' {
                        escaped = true;
                    } else if d == c {
                        end = Some(j);
                        break;
                    }
                }
                let Some(end) = end else {
                    let rest = text.get(at..).unwrap_or_default();
                    let closed = rest.find(['\n', c]).filter(|n| rest.get(*n..).is_some_and(|r| r.starts_with(c)));
                    return Cursor { place: in_text(open.last(), label), replaced: start..at + closed.unwrap_or(0) };
                };
                let written = before.get(start..end).unwrap_or_default();
                last = match open.last() {
                    // A quoted label name, unless it is a value.
                    Some(Open { bracket: '{', .. }) if label.is_none() => Last::Word(written),
                    _ => Last::Closed,
                };
            }
            '(' | '[' | '{' => {
                let word = match last {
                    Last::Word(word) => Some(word),
                    _ => None,
                };
                open.push(Open { bracket: c, word });
                label = None;
                last = Last::Nothing;
            }
            ')' | ']' | '}' => {
                let closed = open.pop();
                label = None;
                // The list of a modifier is not an expression: what follows it may be one.
                let list = closed.is_some_and(|o| o.word.is_some_and(|w| is_one_of(&LISTS, w)));
                last = if list { Last::Nothing } else { Last::Closed };
            }
            c if is_word(c) => {
                let mut end = i + c.len_utf8();
                while let Some((j, d)) = chars.next_if(|(_, d)| is_word(*d)) {
                    end = j + d.len_utf8();
                }
                if end == at {
                    let rest = text.get(at..).unwrap_or_default();
                    let more = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                    return Cursor { place: after(last, &open, label, true), replaced: i..at + more };
                }
                last = Last::Word(before.get(i..end).unwrap_or_default());
            }
            c if c.is_whitespace() => {}
            c => {
                if let (Last::Word(word), Some(Open { bracket: '{', .. })) = (last, open.last()) {
                    label = Some(word);
                }
                if c == ',' {
                    label = None;
                }
                last = Last::Sign(c);
            }
        }
    }
    Cursor { place: after(last, &open, label, false), replaced: at..at }
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|w| w.eq_ignore_ascii_case(word))
}

/// What may come after `last`; `begun`: a word has been begun there.
fn after<'t>(last: Last<'t>, open: &[Open<'t>], label: Option<&'t str>, begun: bool) -> Place<'t> {
    match open.last() {
        Some(Open { bracket: '{', word }) => match (label, last) {
            (Some(label), Last::Sign('=' | '~' | '!')) => Place::MatcherValue { metric: *word, label, quoted: false },
            (None, Last::Nothing | Last::Sign(',')) => Place::MatcherName { metric: *word },
            _ => Place::Nothing,
        },
        Some(Open { bracket: '[', .. }) => Place::Duration,
        Some(Open { word: Some(word), .. }) if is_one_of(&LISTS, word) => match last {
            Last::Nothing | Last::Sign(',') => Place::Grouping,
            _ => Place::Nothing,
        },
        inside => match last {
            Last::Word(word) if word.eq_ignore_ascii_case("offset") => Place::Duration,
            Last::Word(word) if is_one_of(&INFIX, word) => Place::Expression { call: inside.and_then(|o| o.word) },
            Last::Sign('@') => Place::Time,
            Last::Word(_) | Last::Closed if begun => Place::Operator,
            Last::Word(_) | Last::Closed => Place::Nothing,
            _ => Place::Expression { call: inside.and_then(|o| o.word) },
        },
    }
}

/// Inside of quotes.
fn in_text<'t>(open: Option<&Open<'t>>, label: Option<&'t str>) -> Place<'t> {
    match (open, label) {
        (Some(Open { bracket: '{', word }), Some(label)) => Place::MatcherValue { metric: *word, label, quoted: true },
        _ => Place::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place at `|`, and the text that would be replaced.
    fn at(marked: &str) -> (Place<'static>, &'static str) {
        let at = marked.find('|').unwrap();
        let text: &'static str = Box::leak(marked.replacen('|', "", 1).into_boxed_str());
        let cursor = find(text, at);
        (cursor.place, &text[cursor.replaced])
    }

    #[test]
    fn places_of_expressions() {
        let expression = |call| Place::Expression { call };
        assert_eq!(at("|"), (expression(None), ""));
        assert_eq!(at("ra|"), (expression(None), "ra"));
        assert_eq!(at("sum(ra|te)"), (expression(Some("sum")), "rate"));
        assert_eq!(at("sum by (job) (|"), (expression(None), ""));
        assert_eq!(at("up * htt|"), (expression(None), "htt"));
        assert_eq!(at("up and on (a) |"), (expression(None), ""));
        assert_eq!(at("up and |"), (expression(None), ""));
        assert_eq!(at("# x\n|"), (expression(None), ""));
        assert_eq!(at("topk(5, |)"), (expression(Some("topk")), ""));
    }

    #[test]
    fn places_after_expressions() {
        assert_eq!(at("up o|"), (Place::Operator, "o"));
        assert_eq!(at("rate(x[5m]) |").0, Place::Nothing);
        assert_eq!(at("up{} un|").0, Place::Operator);
        assert_eq!(at("up offset 5|"), (Place::Duration, "5"));
        assert_eq!(at("up @ |").0, Place::Time);
        assert_eq!(at("rate(up[|").0, Place::Duration);
        assert_eq!(at("up # comm|ent").0, Place::Nothing);
    }

    #[test]
    fn places_of_labels() {
        let value = |label, quoted| Place::MatcherValue { metric: Some("up"), label, quoted };
        assert_eq!(at("up{|").0, Place::MatcherName { metric: Some("up") });
        assert_eq!(at("up{job=\"a\", in|st"), (Place::MatcherName { metric: Some("up") }, "inst"));
        assert_eq!(at("up{job=|}"), (value("job", false), ""));
        assert_eq!(at("up{job=~\"a\\\"p|i\"}"), (value("job", true), "a\\\"pi"));
        assert_eq!(at("up{job=\"a\", x!='|"), (value("x", true), ""));
        assert_eq!(at("up{\"é\"=\"|\"}").0, value("é", true));
        assert_eq!(at("up{job=\"a\" |").0, Place::Nothing);
        assert_eq!(at("sum by (|").0, Place::Grouping);
        assert_eq!(at("sum without(a, b|) (x)"), (Place::Grouping, "b"));
        assert_eq!(at("a * ON (|) b").0, Place::Grouping);
        assert_eq!(at("label_replace(up, \"|").0, Place::Nothing);
    }
}
