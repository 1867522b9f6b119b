//! The extent of numbers and durations.
//!
//! The scanner is the reference's step by step, its oddities included: in a hexadecimal number
//! an `e` that comes second is taken for an exponent.

use super::{Lexer, Mode, Next};
use crate::syntax::error::LexError;
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    pub(super) fn number_or_duration(&mut self, then: Mode) -> Next {
        let kind = if self.scan_number() {
            TokenKind::Number
        } else if self.scan_duration_units() {
            TokenKind::Duration
        } else {
            return Err(LexError::BadNumberOrDuration(String::from_utf8_lossy(self.taken()).into_owned()));
        };
        self.emit(kind);
        Ok(Some(then))
    }

    /// A number among the values of a series.
    pub(super) fn series_number(&mut self, then: Mode) -> Next {
        if !self.scan_number() {
            return Err(LexError::BadNumber(String::from_utf8_lossy(self.taken()).into_owned()));
        }
        self.emit(TokenKind::Number);
        Ok(Some(then))
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
