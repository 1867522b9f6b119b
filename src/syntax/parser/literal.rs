//! The values of numbers, durations and quoted texts.

use super::fault::{Fault, Parsed, unexpected_here, wrong};
use super::tokens::Tokens;
use crate::model::{ByteString, Span, duration, nan, number};
use crate::syntax::ast::NumberLiteral;
use crate::syntax::error::ParseErrorKind;
use crate::syntax::token::{Token, TokenKind};

/// number | duration
pub(super) fn number_or_duration(input: Tokens<'_>) -> Parsed<'_, NumberLiteral> {
    let token = input.peek();
    match token.kind {
        TokenKind::Number | TokenKind::Duration => Ok((input.advance(), literal(input)?)),
        _ => Err(unexpected_here(input)),
    }
}

/// The next token, a number or duration, as a literal.
#[inline]
pub(super) fn literal(input: Tokens<'_>) -> Result<NumberLiteral, nom::Err<Fault>> {
    let Token { kind, span } = input.peek();
    Ok(NumberLiteral { value: literal_value(input)?, duration: kind == TokenKind::Duration, span })
}

#[inline(never)]
fn literal_value(input: Tokens<'_>) -> Result<f64, nom::Err<Fault>> {
    let token = input.peek();
    let text = input.text(token);
    let simple = if token.kind == TokenKind::Duration { simple_duration(text) } else { small_whole_number(text) };
    simple.map_or_else(|| any_value(&String::from_utf8_lossy(text), token), Ok)
}

#[cold]
fn any_value(text: &str, token: Token) -> Result<f64, nom::Err<Fault>> {
    if token.kind == TokenKind::Number {
        return number_value(text, token.span);
    }
    let ms = duration::parse(text).map_err(|error| wrong(error, token.span))?;
    Ok((ms / 1000) as f64 + (ms % 1000) as f64 / 1000.0)
}

/// The value of the text of a number token.
pub(in crate::syntax) fn number_value(text: &str, span: Span) -> Result<f64, nom::Err<Fault>> {
    if let Some(whole) = small_whole_number(text.as_bytes()) {
        return Ok(whole);
    }
    if text.eq_ignore_ascii_case("nan") {
        return Ok(nan());
    }
    if text.eq_ignore_ascii_case("inf") {
        return Ok(f64::INFINITY);
    }
    number::parse_number(text).map_err(|reason| wrong(ParseErrorKind::Number { text: text.to_owned(), reason }, span))
}

/// The value of a few digits that do not begin with a zero: what most numbers are.
fn small_whole_number(digits: &[u8]) -> Option<f64> {
    if let [b'0', _, ..] = digits { None } else { few_digits(digits).map(f64::from) }
}

/// The seconds of a few digits and a unit of one letter: what most durations are.
fn simple_duration(text: &[u8]) -> Option<f64> {
    let (unit, digits) = text.split_last().filter(|(_, digits)| digits.len() <= 4)?;
    let unit = match unit {
        b's' => 1,
        b'm' => 60,
        b'h' => 3_600,
        b'd' => 86_400,
        _ => return None,
    };
    few_digits(digits).map(|number| f64::from(number * unit))
}

/// The value of up to nine digits.
fn few_digits(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0, |value: u32, digit| digit.is_ascii_digit().then(|| 10 * value + u32::from(digit - b'0')))
}

/// The text of a string token: without its quotes, escapes resolved. The lexer has checked it.
#[inline]
pub(in crate::syntax) fn unquote(token: &[u8]) -> ByteString {
    let [quote, inner @ .., _] = token else {
        return ByteString::default();
    };
    if *quote == b'`' || !inner.contains(&b'\\') { ByteString::from(inner) } else { unescape(inner) }
}

#[cold]
fn unescape(inner: &[u8]) -> ByteString {
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let Some((escape, after)) = rest.split_first() else { break };
        let from_digit = rest;
        rest = after;
        match escape {
            b'a' => out.push(0x07),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(0x0b),
            b'0'..=b'7' => {
                rest = from_digit;
                out.push(code(&mut rest, 3, 8) as u8);
            }
            b'x' => out.push(code(&mut rest, 2, 16) as u8),
            b'u' | b'U' => {
                let digits = if *escape == b'u' { 4 } else { 8 };
                let c = char::from_u32(code(&mut rest, digits, 16)).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(*other),
        }
    }
    ByteString::from(out)
}

/// Takes that many digits and returns their value.
fn code(rest: &mut &[u8], digits: usize, base: u32) -> u32 {
    let (taken, after) = rest.split_at(digits.min(rest.len()));
    *rest = after;
    taken.iter().fold(0u32, |value, b| value.wrapping_mul(base).wrapping_add(char::from(*b).to_digit(base).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn escapes_make_bytes_or_characters() {
        assert_eq!(unquote(br#""a\n\t\\\"\x41\101\377\u00e9\U0001f600""#).as_bytes(), b"a\n\t\\\"AA\xff\xc3\xa9\xf0\x9f\x98\x80");
        assert_eq!(unquote(b"`a\\n\"`").as_bytes(), b"a\\n\"");
        assert_eq!(unquote(b"''").as_bytes(), b"");
    }
}
