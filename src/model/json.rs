//! JSON strings as the reference writes them.

use super::ByteString;

/// A JSON string with its quotes, in which nothing is escaped that JSON does not ask for.
///
/// ```
/// assert_eq!(ferula::model::json::string("a\"<b>"), r#""a\"<b>""#);
/// ```
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape(&mut out, text, false);
    out.push('"');
    out
}

/// A JSON string that is safe inside a web page as well: `<`, `>`, `&` and the line separators
/// U+2028 and U+2029 are escaped.
///
/// ```
/// assert_eq!(ferula::model::json::html_string("<b>"), r#""\u003cb\u003e""#);
/// ```
pub fn html_string(text: &str) -> String {
    html_bytes(&text.into())
}

/// The same for a text of any bytes: those that are no UTF-8 become U+FFFD, one for each.
pub fn html_bytes(text: &ByteString) -> String {
    let mut out = String::from("\"");
    for chunk in text.as_bytes().utf8_chunks() {
        escape(&mut out, chunk.valid(), true);
        chunk.invalid().iter().for_each(|_| out.push_str("\\ufffd"));
    }
    out.push('"');
    out
}

fn escape(out: &mut String, text: &str, html: bool) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if html => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
}
