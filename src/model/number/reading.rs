//! Numbers as Go reads them.

/// Why a text is not a number in Go's eyes. The messages are those of Go's `strconv`, without
/// the function and the text that Go puts before them.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
pub enum NumberError {
    /// The text is no number.
    #[error("invalid syntax")]
    Syntax,
    /// The number is well written, but too large for the type.
    #[error("value out of range")]
    Range,
}

/// Reads a float as Rust does: decimals, `inf`, `infinity` and `nan`, with a sign or without.
#[cfg(not(all(target_arch = "wasm32", feature = "wasm")))]
pub(crate) fn read(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The same by the JavaScript host, as exactly: what reads floats here is a part of what a browser
/// loads.
#[cfg(all(target_arch = "wasm32", feature = "wasm"))]
pub(crate) fn read(text: &str) -> Option<f64> {
    let (negative, unsigned) = split_sign(text);
    let value = match unsigned {
        _ if is_decimal_float(unsigned) => crate::wasm::number(unsigned),
        _ if ["inf", "infinity"].iter().any(|name| unsigned.eq_ignore_ascii_case(name)) => f64::INFINITY,
        _ if unsigned.eq_ignore_ascii_case("nan") => f64::NAN,
        _ => return None,
    };
    Some(if negative { -value } else { value })
}

/// Reads a float as Go's `strconv.ParseFloat` does.
///
/// Accepts decimals, hexadecimal floats (which need a `p` exponent), underscores between digits,
/// and `inf`, `infinity`, `nan` in any case, the first two with a sign. NaN is the NaN of
/// literals. What underflows becomes zero.
///
/// # Errors
/// [`NumberError::Syntax`] for anything else, spaces included; [`NumberError::Range`] for what
/// is beyond the largest float.
///
/// ```
/// use ferula::model::number::{NumberError, parse_go_float};
/// assert_eq!(parse_go_float("1_000.5"), Ok(1000.5));
/// assert_eq!(parse_go_float("0x1p-2"), Ok(0.25));
/// assert_eq!(parse_go_float("+Inf"), Ok(f64::INFINITY));
/// assert_eq!(parse_go_float("1e400"), Err(NumberError::Range));
/// assert_eq!(parse_go_float(" 1"), Err(NumberError::Syntax));
/// ```
pub fn parse_go_float(text: &str) -> Result<f64, NumberError> {
    if text.eq_ignore_ascii_case("nan") {
        return Ok(crate::model::nan());
    }
    let (negative, unsigned) = split_sign(text);
    let sign = if negative { -1.0 } else { 1.0 };
    if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") {
        return Ok(sign * f64::INFINITY);
    }
    let digits = without_underscores(unsigned)?;
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => parse_hex_float(hex)?,
        None if is_decimal_float(&digits) => read(&digits).ok_or(NumberError::Syntax)?,
        None => return Err(NumberError::Syntax),
    };
    if value.is_infinite() { Err(NumberError::Range) } else { Ok(sign * value) }
}

/// Reads a whole number as Go's `strconv.ParseInt` with base 0 does: `0x`, `0o`, `0b`, and
/// octal after a leading zero; underscores between digits.
///
/// # Errors
/// [`NumberError::Syntax`] for what is no whole number, [`NumberError::Range`] beyond 64 bits.
///
/// ```
/// use ferula::model::number::parse_go_int;
/// assert_eq!(parse_go_int("0x1f"), Ok(31));
/// assert_eq!(parse_go_int("017"), Ok(15));
/// assert_eq!(parse_go_int("-1_000"), Ok(-1000));
/// ```
pub fn parse_go_int(text: &str) -> Result<i64, NumberError> {
    let (negative, unsigned) = split_sign(text);
    let plain = without_underscores(unsigned)?;
    let (digits, base) = match plain.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&plain[2..], 16),
        [b'0', b'o' | b'O', ..] => (&plain[2..], 8),
        [b'0', b'b' | b'B', ..] => (&plain[2..], 2),
        [b'0', _, ..] => (&plain[1..], 8),
        _ => (&plain[..], 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return Err(NumberError::Syntax);
    }
    let magnitude = u64::from_str_radix(digits, base).map_err(|_| NumberError::Range)?;
    let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
    i64::try_from(value).map_err(|_| NumberError::Range)
}

/// Reads a number as PromQL does: first as a whole number ([`parse_go_int`]), so that `017` is
/// fifteen, then as a float ([`parse_go_float`]).
///
/// # Errors
/// Those of [`parse_go_float`].
///
/// ```
/// use ferula::model::number::parse_number;
/// assert_eq!(parse_number("017"), Ok(15.0));
/// assert_eq!(parse_number("08"), Ok(8.0));
/// ```
pub fn parse_number(text: &str) -> Result<f64, NumberError> {
    parse_go_int(text).map(|v| v as f64).or_else(|_| parse_go_float(text))
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// Removes the underscores, each of which must stand between digits or between a base prefix
/// and a digit.
fn without_underscores(text: &str) -> Result<std::borrow::Cow<'_, str>, NumberError> {
    if !text.contains('_') {
        return Ok(text.into());
    }
    let bytes = text.as_bytes();
    let prefixed = matches!(bytes, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
    let hex = matches!(bytes, [b'0', b'x' | b'X', ..]);
    let is_digit = |at: usize| bytes.get(at).is_some_and(|b| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() });
    for (i, _) in text.match_indices('_') {
        let after_digit = i > 0 && is_digit(i - 1);
        if !(after_digit || prefixed && i == 2) || !is_digit(i + 1) {
            return Err(NumberError::Syntax);
        }
    }
    Ok(text.replace('_', "").into())
}

/// Whether the text is `digits[.digits][e[±]digits]` with at least one digit before the exponent.
fn is_decimal_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|e| {
        let e = split_sign(e).1;
        !e.is_empty() && digits(e)
    });
    whole.len() + fraction.len() > 0 && digits(whole) && digits(fraction) && exponent_fits
}

/// The part of a hexadecimal float after `0x`, rounded to the nearest float, ties to even.
fn parse_hex_float(text: &str) -> Result<f64, NumberError> {
    let (mantissa, exponent) = text.split_once(['p', 'P']).ok_or(NumberError::Syntax)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (exponent_negative, exponent_digits) = split_sign(exponent);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|b| b.is_ascii_digit()) || whole.len() + fraction.len() == 0 {
        return Err(NumberError::Syntax);
    }
    // Far more than any text in memory could balance with its digits.
    let magnitude = exponent_digits.parse::<i64>().unwrap_or(i64::MAX).min(1 << 60);
    let mut power = if exponent_negative { -magnitude } else { magnitude };
    let mut bits: u64 = 0;
    for (digits, after_point) in [(whole, false), (fraction, true)] {
        for c in digits.chars() {
            let digit = u64::from(c.to_digit(16).ok_or(NumberError::Syntax)?);
            if bits >> 60 == 0 {
                bits = bits << 4 | digit;
                power -= if after_point { 4 } else { 0 };
            } else {
                // No room left: the lowest bit remembers that something was there.
                bits |= u64::from(digit != 0);
                power += if after_point { 0 } else { 4 };
            }
        }
    }
    Ok(scale(bits, power))
}

/// `bits × 2^power`, rounded once.
fn scale(bits: u64, power: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let width = 64 - i64::from(bits.leading_zeros());
    let top = power.saturating_add(width);
    if top > 1024 {
        return f64::INFINITY;
    }
    if top < -1080 {
        return 0.0;
    }
    // How many low bits do not fit: below 53 significant bits, and below 2^-1074.
    let drop = (width - 53).max(-1074 - power).max(0);
    let (mut kept, rest, half) = match drop {
        0 => (bits, 0, 1),
        1..=63 => (bits >> drop, bits & ((1 << drop) - 1), 1 << (drop - 1)),
        64 => (0, bits, 1 << 63),
        _ => return 0.0,
    };
    if drop > 0 && (rest > half || rest == half && kept & 1 == 1) {
        kept += 1;
    }
    crate::model::float::ldexp(kept as f64, i32::try_from(power + drop).unwrap_or(i32::MAX))
}
