//! Errors for people: the text, and below it the query with the place underlined.

use crate::model::Span;
use std::fmt::Write as _;

/// The message and the line of the query that it speaks of.
///
/// A span past the end points behind the last character.
pub(crate) fn underlined(message: &str, query: &str, span: Span) -> String {
    let start = floor_boundary(query, span.start as usize);
    let end = floor_boundary(query, (span.end as usize).max(start));
    let line_start = query[..start].rfind('\n').map_or(0, |i| i + 1);
    let line_end = query[start..].find('\n').map_or(query.len(), |i| start + i);
    let number = query[..line_start].matches('\n').count() + 1;
    let gutter = number.to_string();
    let pad = " ".repeat(gutter.len());
    let line = query[line_start..line_end].trim_end_matches('\r');
    let before: String = query[line_start..start].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let width = query[start..end.min(line_end).max(start)].chars().count().max(1);
    let mut out = message.to_owned();
    let _ = write!(out, "\n{pad} |\n{gutter} | {line}\n{pad} | {before}{}", "^".repeat(width));
    out
}

/// The span of the `line:column` that a text of the reference begins with, one character long.
pub(crate) fn position(message: &str, query: &str) -> Option<Span> {
    let mut parts = message.splitn(3, ':');
    let line: usize = parts.next()?.trim().parse().ok()?;
    let column: usize = parts.next()?.trim().parse().ok()?;
    parts.next()?;
    let before: usize = query.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let start = u32::try_from(before.checked_add(column.checked_sub(1)?)?).ok()?;
    Some(Span::new(start, start.saturating_add(1)))
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_underlined() {
        assert_eq!(underlined("1:6: oops", "rate(foo)", Span::new(5, 8)), "1:6: oops\n  |\n1 | rate(foo)\n  |      ^^^");
        assert_eq!(underlined("m", "a\n\tbé +\nc", Span::new(7, 8)), "m\n  |\n2 | \tbé +\n  | \t   ^");
    }

    #[test]
    fn any_span_is_good_enough() {
        for query in ["", "é", "a\nb"] {
            for start in 0..6 {
                for end in 0..6 {
                    assert!(underlined("m", query, Span::new(start, end)).contains('^'));
                }
            }
        }
    }

    #[test]
    fn positions_are_read_from_texts() {
        assert_eq!(position("2:3: parse error: x", "ab\ncd ef"), Some(Span::new(5, 6)));
        assert_eq!(position("unsupported", "x"), None);
        assert_eq!(position("0:0: x", "x"), None);
    }
}
