//! Places in a text as editors count them: UTF-16 units, lines and columns.

use crate::model::Span;
use serde::Serialize;

/// A message about a part of a text.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Diagnostic {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) severity: &'static str,
    pub(super) message: String,
    pub(super) line: u32,
    pub(super) column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
}

impl Diagnostic {
    /// A message about bytes of a text.
    pub(super) fn new(severity: &'static str, message: String, text: &str, span: Span) -> Diagnostic {
        let places = Places::of(text);
        let (from, to) = (places.utf16(span.start), places.utf16(span.end.max(span.start)));
        let (line, column) = places.line_column(span.start);
        Diagnostic { from, to, severity, message, line, column, help: None }
    }
}

/// Turns byte offsets of a text into places.
#[derive(Clone, Copy)]
pub(super) struct Places<'t> {
    text: &'t str,
    ascii: bool,
}

impl<'t> Places<'t> {
    pub(super) fn of(text: &'t str) -> Places<'t> {
        Places { text, ascii: text.is_ascii() }
    }

    /// The text before an offset; an offset inside a character counts as its start.
    fn before(&self, offset: u32) -> &'t str {
        let end = (offset as usize).min(self.text.len());
        let end = (0..=end).rev().find(|i| self.text.is_char_boundary(*i)).unwrap_or(0);
        self.text.get(..end).unwrap_or_default()
    }

    /// UTF-16 units before a byte offset.
    pub(super) fn utf16(&self, offset: u32) -> u32 {
        let before = self.before(offset);
        if self.ascii { before.len() as u32 } else { units(before) }
    }

    /// Line, and column in UTF-16 units, of a byte offset; both count from 1.
    pub(super) fn line_column(&self, offset: u32) -> (u32, u32) {
        let before = self.before(offset);
        let line = before.bytes().filter(|b| *b == b'\n').count() as u32 + 1;
        (line, units(before.rsplit('\n').next().unwrap_or_default()) + 1)
    }

    /// The byte offset of a UTF-16 offset.
    pub(super) fn byte(&self, offset: u32) -> usize {
        let mut left = offset;
        let mut at = 0;
        for c in self.text.chars() {
            let width = c.len_utf16() as u32;
            if left < width {
                break;
            }
            left -= width;
            at += c.len_utf8();
        }
        at
    }

    /// The bytes of a line, counted from 1, without its end.
    pub(super) fn line(&self, number: usize) -> Span {
        let mut start = 0;
        for (i, line) in self.text.split('\n').enumerate() {
            if i + 1 == number {
                return Span::new(start as u32, (start + line.len()) as u32);
            }
            start += line.len() + 1;
        }
        Span::new(self.text.len() as u32, self.text.len() as u32)
    }
}

fn units(text: &str) -> u32 {
    text.chars().map(char::len_utf16).sum::<usize>() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_count_utf16_units() {
        // é has 2 bytes and 1 unit, 𝛼 has 4 bytes and 2 units
        let text = "é𝛼\nb𝛼c";
        let places = Places::of(text);
        let offsets: Vec<u32> = text.char_indices().map(|(i, _)| places.utf16(i as u32)).collect();
        assert_eq!(offsets, [0, 1, 3, 4, 5, 7]);
        let back: Vec<usize> = offsets.iter().map(|o| places.byte(*o)).collect();
        assert_eq!(back, text.char_indices().map(|(i, _)| i).collect::<Vec<_>>());
        assert_eq!(places.line_column(12), (2, 4));
        assert_eq!((places.utf16(999), places.utf16(3)), (8, 1));
        assert_eq!(places.line(2), Span::new(7, 13));
    }
}
