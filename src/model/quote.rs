//! Go's quoting of texts and characters (`%q`, `strconv.Quote`, `%#U`).

use super::printable::is_printable;
use std::fmt::Write;

/// The text in double quotes, escaped as Go's `strconv.Quote` does.
///
/// Bytes that are not UTF-8 become `\xff`; characters that Go does not count as printable
/// become `\x7f`, `\u200b` or `\U0010ffff`.
///
/// ```
/// use ferula::model::quote::quote;
/// assert_eq!(quote(b"a\"\n\xff"), r#""a\"\n\xff""#);
/// assert_eq!(quote("ü\u{200b}".as_bytes()), r#""ü\u200b""#);
/// ```
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut out, c, '"');
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
    out
}

/// The first `limit` characters of a text, quoted (`%.10q`). An invalid byte counts as one
/// character.
///
/// ```
/// use ferula::model::quote::quote_prefix;
/// assert_eq!(quote_prefix("äöü".as_bytes(), 2), "\"äö\"");
/// ```
pub fn quote_prefix(bytes: &[u8], limit: usize) -> String {
    let (mut end, mut seen) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let lengths = chunk.valid().chars().map(char::len_utf8).chain(chunk.invalid().iter().map(|_| 1));
        for length in lengths.take(limit - seen) {
            end += length;
            seen += 1;
        }
    }
    quote(bytes.get(..end).unwrap_or(bytes))
}

/// A character in single quotes (`%q` of a rune).
///
/// ```
/// use ferula::model::quote::quote_rune;
/// assert_eq!(quote_rune('\''), r"'\''");
/// assert_eq!(quote_rune('\u{a0}'), r"'\u00a0'");
/// ```
pub fn quote_rune(c: char) -> String {
    let mut out = String::from('\'');
    push_escaped(&mut out, c, '\'');
    out.push('\'');
    out
}

/// The code point, and the character itself if it is printable (`%#U`).
///
/// ```
/// use ferula::model::quote::unicode_point;
/// assert_eq!(unicode_point('x'), "U+0078 'x'");
/// assert_eq!(unicode_point('\u{200b}'), "U+200B");
/// ```
pub fn unicode_point(c: char) -> String {
    let code = u32::from(c);
    if is_printable(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

fn push_escaped(out: &mut String, c: char, quote: char) {
    let letter = match c {
        '\\' => '\\',
        c if c == quote => quote,
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        c if is_printable(c) => return out.push(c),
        c => return push_hex(out, u32::from(c)),
    };
    out.push('\\');
    out.push(letter);
}

/// `\xhh`, `\uhhhh` or `\Uhhhhhhhh`. Two digits are for ASCII alone: beyond it they stand for
/// single bytes.
fn push_hex(out: &mut String, code: u32) {
    // Writing to a String cannot fail.
    let _ = match code {
        0..0x80 => write!(out, "\\x{code:02x}"),
        0x80..0x10000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_everything_to_escape() {
        let table: [(&[u8], &str); 8] = [
            (b"", r#""""#),
            (b"'\\\"", r#""'\\\"""#),
            (b"\x07\x08\x0c\n\r\t\x0b", r#""\a\b\f\n\r\t\v""#),
            (b"\0\x1f\x7f", r#""\x00\x1f\x7f""#),
            ("é\u{a0}\u{ad}\u{feff}\u{e000}\u{10ffff}".as_bytes(), r#""é\u00a0\u00ad\ufeff\ue000\U0010ffff""#),
            ("\u{fffd}😀".as_bytes(), "\"\u{fffd}😀\""),
            (b"\xed\xa0\x80", r#""\xed\xa0\x80""#),
            (b"a\xe2\x82b\xf0\x9f\x98", r#""a\xe2\x82b\xf0\x9f\x98""#),
        ];
        for (bytes, expected) in table {
            assert_eq!(quote(bytes), expected);
        }
    }

    #[test]
    fn prefixes_count_characters_and_invalid_bytes() {
        assert_eq!(quote_prefix(b"", 10), "\"\"");
        assert_eq!(quote_prefix(b"abc", 10), "\"abc\"");
        assert_eq!(quote_prefix("ä\u{fffd}b".as_bytes(), 2), "\"ä\u{fffd}\"");
        assert_eq!(quote_prefix(b"a\xff\xfeb\xfd", 4), r#""a\xff\xfeb""#);
        assert_eq!(quote_prefix(b"a\xff\xfeb", 0), "\"\"");
    }

    #[test]
    fn characters() {
        assert_eq!(quote_rune('"'), "'\"'");
        assert_eq!(quote_rune('\\'), r"'\\'");
        assert_eq!(quote_rune('\0'), r"'\x00'");
        assert_eq!(quote_rune('\u{fffd}'), "'\u{fffd}'");
        assert_eq!(unicode_point(' '), "U+0020 ' '");
        assert_eq!(unicode_point('\u{10ffff}'), "U+10FFFF");
    }
}
