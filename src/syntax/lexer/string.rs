//! The extent of quoted texts. Their escapes are checked here and resolved by the parser.

use super::{Fault, Lexer, fail};
use crate::syntax::error::LexError;

impl Lexer<'_> {
    /// Takes the rest of a text whose opening quote has been taken.
    pub(super) fn string(&mut self, quote: u8) -> Result<(), Fault> {
        let unterminated = || fail(if quote == b'`' { LexError::UnterminatedRawString } else { LexError::UnterminatedString });
        loop {
            // What is plain is taken at once.
            self.accept_run(|b| b.is_ascii() && !matches!(b, b'"' | b'\'' | b'`' | b'\n' | b'\\'));
            match self.next() {
                None => return unterminated(),
                Some(c) if c == char::from(quote) => return Ok(()),
                // The reference tells a bad byte from this character by nothing, so a text may
                // not hold it literally.
                Some(char::REPLACEMENT_CHARACTER) => return fail(LexError::InvalidUtf8),
                Some('\n') if quote != b'`' => return unterminated(),
                Some('\\') if quote != b'`' => self.escape(char::from(quote))?,
                Some(_) => {}
            }
        }
    }

    /// Checks an escape whose backslash has been taken.
    fn escape(&mut self, quote: char) -> Result<(), Fault> {
        let Some(c) = self.next() else {
            return fail(LexError::EscapeNotTerminated);
        };
        let (digits, base, largest) = match c {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => return Ok(()),
            c if c == quote => return Ok(()),
            '0'..='7' => {
                self.at -= 1;
                (3, 8, 255)
            }
            'x' => (2, 16, 255),
            'u' => (4, 16, u32::from(char::MAX)),
            'U' => (8, 16, u32::from(char::MAX)),
            c => return fail(LexError::UnknownEscape(c)),
        };
        let mut value = 0u32;
        for _ in 0..digits {
            let c = self.next().ok_or(LexError::EscapeNotTerminated)?;
            let digit = c.to_digit(base).ok_or(LexError::IllegalInEscape(c))?;
            value = value.saturating_mul(base).saturating_add(digit);
        }
        if value > largest || (0xd800..0xe000).contains(&value) {
            return fail(LexError::EscapeOutOfRange);
        }
        Ok(())
    }
}
