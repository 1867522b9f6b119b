//! The extent of numbers and durations.
//!
//! The scanner is the reference's step by step, its oddities included: in a hexadecimal number
//! an `e` that comes second is taken for an exponent.

use super::{Fault, Lexer, Mode, Next, fail, in_name};
use crate::syntax::error::LexError;
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    /// A number or duration whose first character has been taken.
    pub(super) fn number_or_duration(&mut self) -> Result<TokenKind, Fault> {
        self.at = self.start;
        if let Some(kind) = self.scan_simple() {
            Ok(kind)
        } else if self.scan_number() {
            Ok(TokenKind::Number)
        } else if self.scan_duration_units() {
            Ok(TokenKind::Duration)
        } else {
            fail(LexError::BadNumberOrDuration(String::from_utf8_lossy(self.taken()).into_owned()))
        }
    }

    /// A number among the values of a series.
    pub(super) fn series_number(&mut self, then: Mode) -> Next {
        if !self.scan_number() {
            return fail(LexError::BadNumber(String::from_utf8_lossy(self.taken()).into_owned()));
        }
        self.emit(TokenKind::Number);
        Ok(then)
    }

    /// Takes digits that are a number by themselves, or a duration with one letter after them: what
    /// most numbers are. Takes nothing where there is more to them.
    fn scan_simple(&mut self) -> Option<TokenKind> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let after = |i: usize| rest.get(digits + i).copied().unwrap_or(b' ');
        let goes_on = |b: u8| in_name(b) || b == b'.';
        let (kind, length) = match after(0) {
            b if !goes_on(b) => (TokenKind::Number, digits),
            b's' | b'm' | b'h' | b'd' | b'w' | b'y' if !goes_on(after(1)) => (TokenKind::Duration, digits + 1),
            _ => return None,
        };
        self.at += length;
        (digits > 0).then_some(kind)
    }

    fn scan_number(&mut self) -> bool {
        // In a series, `0x3` is a zero repeated.
        let hex = !self.series && self.accept("0") && self.accept("xX");
        let digit = |b: u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        if hex {
            self.accept("_");
        }
        self.accept(".");
        self.accept_if(digit);
        let (mut dot_seen, mut exponent_seen) = (false, false);
        loop {
            if self.accept(".") {
                if dot_seen || hex || self.accept("._") {
                    return false;
                }
                dot_seen = true;
            } else if self.accept("eE") {
                if exponent_seen {
                    return false;
                }
                exponent_seen = true;
                self.accept("+-");
                if self.accept("._eE") || self.rest().is_empty() {
                    return false;
                }
            } else if self.accept("_") {
                if self.accept("._eE") || self.rest().is_empty() {
                    return false;
                }
            } else if !self.accept_run(digit) {
                break;
            }
        }
        !self.next_is_word() || (self.series && self.peek() == Some('x'))
    }

    /// Goes on after a number with a unit and what may follow it.
    fn scan_duration_units(&mut self) -> bool {
        if !self.accept("smhdwy") {
            return false;
        }
        self.accept("s");
        while self.accept_run(|b| b.is_ascii_digit()) {
            if !self.accept("smhdw") {
                return false;
            }
            self.accept("s");
        }
        // The error text shows the character that spoils the duration.
        let spoiled = self.next_is_word();
        self.at += usize::from(spoiled);
        !spoiled
    }
}
