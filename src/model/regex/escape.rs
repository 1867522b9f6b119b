//! The small pieces of the syntax: characters, backslash sequences, and named classes.

use super::ast::Flags;
use super::class::{self, Class};
use super::error::{RegexError, RegexErrorKind as Kind};
use super::parse::consumed;
use super::unicode::{self, MAX_RUNE};

/// The first character of a text and what follows; U+FFFD at its end.
pub(super) fn next_rune(text: &[u8]) -> Result<(u32, &[u8]), RegexError> {
    let head = text.get(..4).unwrap_or(text);
    let valid = match std::str::from_utf8(head) {
        Ok(valid) => valid,
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    match valid.chars().next() {
        Some(c) => Ok((c.into(), text.get(c.len_utf8()..).unwrap_or_default())),
        None if text.is_empty() => Ok((char::REPLACEMENT_CHARACTER.into(), text)),
        None => Err(RegexError::new(Kind::InvalidUtf8, text)),
    }
}

/// The text if it is UTF-8; the error quotes from the first wrong byte on.
pub(super) fn check_utf8(text: &[u8]) -> Result<&str, RegexError> {
    std::str::from_utf8(text).map_err(|error| RegexError::new(Kind::InvalidUtf8, text.get(error.valid_up_to()..).unwrap_or_default()))
}

/// Reads `\d`, `\pL`, `\p{Greek}` and the like into `class`; `None` if `text` begins otherwise.
pub(super) fn class_escape<'a>(text: &'a [u8], flags: Flags, class: &mut Class) -> Result<Option<&'a [u8]>, RegexError> {
    let [b'\\', letter, rest @ ..] = text else { return Ok(None) };
    if matches!(letter, b'p' | b'P') {
        return unicode_escape(text, rest, *letter == b'P', flags, class).map(Some);
    }
    Ok(class::perl_class(*letter).map(|(group, negated)| {
        class.add_group(&group, negated, flags.has(Flags::FOLD));
        rest
    }))
}

fn unicode_escape<'a>(text: &'a [u8], after: &'a [u8], mut negated: bool, flags: Flags, class: &mut Class) -> Result<&'a [u8], RegexError> {
    let (first, mut rest) = next_rune(after)?;
    let mut name = consumed(after, rest);
    if first == u32::from('{') {
        let Some(end) = text.iter().position(|&b| b == b'}') else {
            check_utf8(text)?;
            return Err(RegexError::new(Kind::InvalidCharRange, text));
        };
        name = text.get(3..end).unwrap_or_default();
        rest = text.get(end + 1..).unwrap_or_default();
    }
    let mut name = check_utf8(name)?;
    if let Some(inner) = name.strip_prefix('^') {
        negated = !negated;
        name = inner;
    }
    let group = if flags.has(Flags::NEWER) { unicode::loosely_named_class(name) } else { unicode::named_class(name) };
    let group = group.ok_or_else(|| RegexError::new(Kind::InvalidCharRange, consumed(text, rest)))?;
    class.add_group(&group, negated, flags.has(Flags::FOLD));
    Ok(rest)
}

/// Reads `[:alpha:]` or `[:^alpha:]` into `class`; `None` if `text` has no such form.
pub(super) fn named_class<'a>(text: &'a [u8], fold: bool, class: &mut Class) -> Result<Option<&'a [u8]>, RegexError> {
    let Some(inner) = text.strip_prefix(b"[:") else { return Ok(None) };
    let Some(end) = inner.windows(2).position(|pair| pair == b":]") else { return Ok(None) };
    let (name, rest) = inner.split_at(end);
    let rest = rest.get(2..).unwrap_or_default();
    let (name, negated) = name.strip_prefix(b"^").map_or((name, false), |name| (name, true));
    let group = class::posix_class(name).ok_or_else(|| RegexError::new(Kind::InvalidCharRange, consumed(text, rest)))?;
    class.add_group(&group, negated, fold);
    Ok(Some(rest))
}

/// Reads a character of a bracket expression; `whole` is the text from the bracket on.
pub(super) fn class_char<'a>(text: &'a [u8], whole: &[u8]) -> Result<(u32, &'a [u8]), RegexError> {
    match text.first() {
        None => Err(RegexError::new(Kind::MissingBracket, whole)),
        Some(b'\\') => char_escape(text),
        Some(_) => next_rune(text),
    }
}

/// Reads a backslash sequence that stands for one character.
pub(super) fn char_escape(text: &[u8]) -> Result<(u32, &[u8]), RegexError> {
    let after = text.get(1..).unwrap_or_default();
    if after.is_empty() {
        return Err(RegexError::new(Kind::TrailingBackslash, b""));
    }
    let (rune, rest) = next_rune(after)?;
    let invalid = |rest: &[u8]| Err(RegexError::new(Kind::InvalidEscape, consumed(text, rest)));
    let value = match char::from_u32(rune).unwrap_or_default() {
        'a' => 0x07,
        'f' => 0x0C,
        'n' => 0x0A,
        'r' => 0x0D,
        't' => 0x09,
        'v' => 0x0B,
        'x' => return hex_escape(text, rest),
        // One digit other than 0 would be a back-reference.
        '1'..='7' if !rest.first().is_some_and(is_octal) => return invalid(rest),
        '0'..='7' => {
            let more = rest.iter().take(2).take_while(|b| is_octal(b)).count();
            let (digits, rest) = rest.split_at(more);
            let value = digits.iter().fold(rune - u32::from('0'), |n, &d| n * 8 + u32::from(d - b'0'));
            return Ok((value, rest));
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => rune,
        _ => return invalid(rest),
    };
    Ok((value, rest))
}

fn is_octal(byte: &u8) -> bool {
    (b'0'..=b'7').contains(byte)
}

/// Reads the digits after `\x`; `text` starts at the backslash.
fn hex_escape<'a>(text: &'a [u8], digits: &'a [u8]) -> Result<(u32, &'a [u8]), RegexError> {
    let invalid = |rest: &[u8]| Err(RegexError::new(Kind::InvalidEscape, consumed(text, rest)));
    let digit = |rune| char::from_u32(rune).and_then(|c| c.to_digit(16));
    if digits.is_empty() {
        return invalid(digits);
    }
    let (first, mut rest) = next_rune(digits)?;
    if first != u32::from('{') {
        let (second, rest) = next_rune(rest)?;
        return match (digit(first), digit(second)) {
            (Some(high), Some(low)) => Ok((high * 16 + low, rest)),
            _ => invalid(rest),
        };
    }
    let mut value = None;
    while !rest.is_empty() {
        let (rune, after) = next_rune(rest)?;
        rest = after;
        if rune == u32::from('}') {
            return value.map_or_else(|| invalid(rest), |value| Ok((value, rest)));
        }
        match digit(rune) {
            Some(d) if value.unwrap_or(0) * 16 + d <= MAX_RUNE => value = Some(value.unwrap_or(0) * 16 + d),
            _ => break,
        }
    }
    invalid(rest)
}
