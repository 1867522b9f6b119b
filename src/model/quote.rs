//! Go's quoting of texts (`%q`, `strconv.Quote`).

/// The text in double quotes, escaped as Go's `strconv.Quote` does.
pub fn quote(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(bytes))
}
