//! Numbers as the text formats write them.

use super::error::NumberError;
use crate::model::nan;

/// Reads a plain number: a decimal, or `inf`, `infinity`, `nan` in any letter case.
///
/// Hexadecimal floats and underscores, which Go's own notation has, are refused; every NaN gets
/// the same bits, so that a page cannot carry a stale marker.
///
/// # Errors
/// The reference's words about the text.
#[inline]
pub(super) fn parse_plain(text: &[u8]) -> Result<f64, NumberError> {
    if let Some(value) = parse_short(text) {
        return Ok(value);
    }
    parse_long(text)
}

/// Whole numbers of up to 15 digits, which most values are: exact as they stand.
#[inline]
fn parse_short(text: &[u8]) -> Option<f64> {
    let text = text.strip_suffix(b".0").unwrap_or(text);
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    let mut value = 0u64;
    for b in text {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value as f64)
}

fn parse_long(text: &[u8]) -> Result<f64, NumberError> {
    if text.iter().any(|b| matches!(b, b'p' | b'P' | b'_')) {
        return Err(NumberError::Character);
    }
    let syntax = || NumberError::Syntax { function: "ParseFloat", text: text.to_vec().into() };
    let word = std::str::from_utf8(text).map_err(|_| syntax())?;
    let value = crate::model::number::read(word).ok_or_else(syntax)?;
    if value.is_nan() {
        // Rust takes a sign before it, Go does not.
        return if text.len() == 3 { Ok(nan()) } else { Err(syntax()) };
    }
    if value.is_infinite() && text.iter().any(u8::is_ascii_digit) {
        return Err(NumberError::Range { function: "ParseFloat", text: text.to_vec().into() });
    }
    Ok(value)
}

/// Reads the milliseconds of Prometheus text: digits alone.
///
/// # Errors
/// More than 64 bits.
pub(super) fn parse_milliseconds(digits: &[u8]) -> Result<i64, NumberError> {
    let mut value = 0i64;
    for b in digits {
        let next = value.checked_mul(10).and_then(|v| v.checked_add(i64::from(b.wrapping_sub(b'0'))));
        value = next.ok_or_else(|| NumberError::Range { function: "ParseInt", text: digits.to_vec().into() })?;
    }
    Ok(value)
}

/// Seconds as whole milliseconds, cut towards zero; `None` beyond 64 bits.
pub(super) fn to_milliseconds(seconds: f64) -> Option<i64> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    let ms = (seconds * 1000.0).trunc();
    (-BOUND..BOUND).contains(&ms).then_some(ms as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_decimal() {
        for (text, value) in [("1", 1.0), ("+1", 1.0), (".5", 0.5), ("5.", 5.0), ("1E3", 1e3), ("12.0", 12.0), ("iNf", f64::INFINITY)] {
            assert_eq!(parse_plain(text.as_bytes()), Ok(value), "{text}");
        }
        assert_eq!(parse_plain(b"-Infinity"), Ok(f64::NEG_INFINITY));
        assert_eq!(parse_plain(b"-0").map(f64::to_bits), Ok((-0.0f64).to_bits()));
        assert_eq!(parse_plain(b"nAn").map(f64::to_bits), Ok(crate::model::NAN_BITS));
        assert_eq!(parse_plain(b"123456789012345678").ok(), Some(123456789012345678.0));
        for text in ["", ".0", "-", ".", "e5", "1e", "+nan", "1,5", "0x10", "1\r", "--1", " 1", "infinit"] {
            let expected = if text == ".0" { Ok(0.0) } else { Err(NumberError::Syntax { function: "ParseFloat", text: text.into() }) };
            assert_eq!(parse_plain(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(parse_plain(b"1_0"), Err(NumberError::Character));
        assert!(matches!(parse_plain(b"1e400"), Err(NumberError::Range { .. })));
    }

    #[test]
    fn times_are_cut_towards_zero() {
        assert_eq!(to_milliseconds(1.001), Some(1000));
        assert_eq!(to_milliseconds(4.035), Some(4035));
        assert_eq!(to_milliseconds(-0.0009), Some(0));
        assert_eq!(to_milliseconds(1e30), None);
        assert_eq!(to_milliseconds(f64::NAN), None);
        assert_eq!(parse_milliseconds(b"00012"), Ok(12));
        assert!(parse_milliseconds(b"9223372036854775808").is_err());
    }
}
