//! The natural order of texts: runs of digits compare as numbers.

/// Whether `a` comes before `b`. Not an order: texts that differ only in leading zeros come
/// before each other, and the empty text comes before nothing.
pub(super) fn natural_before(a: &str, b: &str) -> bool {
    let (a, b) = (chunks(a), chunks(b));
    for (i, chunk) in a.iter().enumerate() {
        let Some(other) = b.get(i) else { return false };
        let equal = match (chunk.parse::<i64>(), other.parse::<i64>()) {
            (Ok(x), Ok(y)) if x != y => return x < y,
            (Ok(_), Ok(_)) => true,
            _ if chunk != other => return chunk < other,
            _ => true,
        };
        if equal && i + 1 == a.len() {
            return true;
        }
        if equal && i + 1 == b.len() {
            return false;
        }
    }
    false
}

/// The runs of digits and of other characters.
fn chunks(text: &str) -> Vec<&str> {
    let mut chunks = Vec::new();
    let mut from = 0;
    let bytes = text.as_bytes();
    for i in 1..bytes.len() {
        if bytes[i].is_ascii_digit() != bytes[i - 1].is_ascii_digit() {
            chunks.push(&text[from..i]);
            from = i;
        }
    }
    if from < text.len() {
        chunks.push(&text[from..]);
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::natural_before;

    #[test]
    fn digits_compare_as_numbers() {
        assert!(natural_before("cpu2", "cpu10"));
        assert!(!natural_before("cpu10", "cpu2"));
        assert!(natural_before("a", "a1"));
        assert!(!natural_before("", "a"));
        assert!(natural_before("é9", "é10"));
    }

    #[test]
    fn leading_zeros_come_before_each_other() {
        assert!(natural_before("01", "1") && natural_before("1", "01"));
    }
}
