//! Tokens of the values in a series description: `1+2x3 _ stale {{schema:0 buckets:[1 2]}}`.

use super::{Fault, Lexer, Mode, NO_CHARACTER, Next, fail, is_space};
use crate::model::CounterResetHint;
use crate::syntax::ast::BinaryOp;
use crate::syntax::error::LexError;
use crate::syntax::token::{HistogramKey, TokenKind, keyword};

impl Lexer<'_> {
    pub(super) fn values(&mut self) -> Next {
        let opens_histogram = self.rest().starts_with(b"{{");
        let Some(c) = self.next() else {
            return Ok(Mode::Statement);
        };
        let kind = match c {
            '{' if opens_histogram => {
                self.at += 1;
                self.emit(TokenKind::OpenHistogram);
                return Ok(Mode::Histogram);
            }
            c if is_space(c) => {
                self.skip_spaces();
                TokenKind::Space
            }
            '+' => TokenKind::Operator(BinaryOp::Add),
            '-' => TokenKind::Operator(BinaryOp::Sub),
            'x' => TokenKind::Times,
            '_' => TokenKind::Blank,
            '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => return fail(LexError::InSeries(c)),
            '.' | '0'..='9' => {
                self.at -= 1;
                return self.series_number(Mode::Values);
            }
            c if c.is_ascii_alphabetic() => return Ok(self.word()),
            c => return fail(LexError::InSeries(c)),
        };
        self.emit(kind);
        Ok(Mode::Values)
    }

    pub(super) fn histogram(&mut self) -> Next {
        let c = self.next().ok_or(LexError::HistogramIncomplete(NO_CHARACTER))?;
        let kind = match c {
            c if is_space(c) => {
                self.skip_spaces();
                TokenKind::Space
            }
            ':' => TokenKind::Colon,
            '-' => TokenKind::Operator(BinaryOp::Sub),
            '0'..='9' => {
                self.at -= 1;
                return self.series_number(Mode::Histogram);
            }
            '[' => {
                self.bracket_open = true;
                self.emit(TokenKind::LeftBracket);
                return Ok(Mode::Buckets);
            }
            '}' if self.accept("}") => {
                self.emit(TokenKind::CloseHistogram);
                return Ok(Mode::Values);
            }
            c if c.is_ascii_alphabetic() || c == '_' => self.histogram_word()?,
            c => return fail(LexError::HistogramIncomplete(c)),
        };
        self.emit(kind);
        Ok(Mode::Histogram)
    }

    fn histogram_word(&mut self) -> Result<TokenKind, Fault> {
        self.take_while(|_, c| c.is_ascii_alphabetic() || c == '_');
        let word = self.taken().to_ascii_lowercase();
        if let Some((_, key)) = HistogramKey::ALL.iter().find(|(name, _)| name.as_bytes() == word) {
            return match self.peek() {
                Some(':') => Ok(TokenKind::HistogramKey(*key)),
                _ => fail(LexError::MissingColon),
            };
        }
        if let Some(TokenKind::Number) = keyword(&word) {
            return Ok(TokenKind::Number);
        }
        match word.as_slice() {
            b"unknown" => Ok(TokenKind::HistogramHint(CounterResetHint::Unknown)),
            b"reset" => Ok(TokenKind::HistogramHint(CounterResetHint::Reset)),
            b"not_reset" => Ok(TokenKind::HistogramHint(CounterResetHint::NotReset)),
            b"gauge" => Ok(TokenKind::HistogramHint(CounterResetHint::Gauge)),
            _ => fail(LexError::BadHistogramKey(String::from_utf8_lossy(self.taken()).into_owned())),
        }
    }

    pub(super) fn buckets(&mut self) -> Next {
        let c = self.next().ok_or(LexError::InBuckets(NO_CHARACTER))?;
        let kind = match c {
            c if is_space(c) => {
                self.skip_spaces();
                TokenKind::Space
            }
            // A number, and not a word like Inf, must follow at once.
            '-' => {
                self.emit(TokenKind::Operator(BinaryOp::Sub));
                return self.series_number(Mode::Buckets);
            }
            '0'..='9' => {
                self.at -= 1;
                return self.series_number(Mode::Buckets);
            }
            ']' => {
                self.bracket_open = false;
                self.emit(TokenKind::RightBracket);
                return Ok(Mode::Histogram);
            }
            c if c.is_ascii_alphabetic() => self.histogram_word()?,
            c => return fail(LexError::InBuckets(c)),
        };
        self.emit(kind);
        Ok(Mode::Buckets)
    }
}
