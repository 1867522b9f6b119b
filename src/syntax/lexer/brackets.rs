//! Tokens between `[` and the first number: the head of a duration expression.

use super::{Lexer, Mode, Next, fail, is_space};
use crate::syntax::ast::BinaryOp;
use crate::syntax::error::LexError;
use crate::syntax::token::{TokenKind, keyword};

impl Lexer<'_> {
    pub(super) fn bracket(&mut self) -> Next {
        // A stray byte reads as a character that is longer than it.
        let before = self.at;
        let Some(c) = self.next() else {
            return fail(LexError::EndInDuration);
        };
        let kind = match c {
            c if is_space(c) => {
                self.skip_spaces();
                return Ok(Mode::Bracket);
            }
            ',' => TokenKind::Comma,
            '*' => TokenKind::Operator(BinaryOp::Mul),
            '/' => TokenKind::Operator(BinaryOp::Div),
            '%' => TokenKind::Operator(BinaryOp::Mod),
            '+' => TokenKind::Operator(BinaryOp::Add),
            '-' => TokenKind::Operator(BinaryOp::Sub),
            '^' => TokenKind::Operator(BinaryOp::Pow),
            '(' => {
                self.parens += 1;
                TokenKind::LeftParen
            }
            ')' => self.right_paren()?,
            ':' => {
                let error = match (self.duration_seen, self.colon_seen) {
                    (false, _) => Some(LexError::ColonBeforeDuration),
                    (true, true) => Some(LexError::RepeatedColon),
                    (true, false) => None,
                };
                if let Some(error) = error {
                    self.start = self.at;
                    return fail(error);
                }
                self.colon_seen = true;
                TokenKind::Colon
            }
            ']' => {
                self.bracket_open = false;
                self.emit(TokenKind::RightBracket);
                return Ok(Mode::Statement);
            }
            '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => return fail(LexError::InDuration(c)),
            '.' | '0'..='9' => {
                self.duration_seen = true;
                let kind = self.number_or_duration()?;
                self.emit(kind);
                return Ok(Mode::Statement);
            }
            c => {
                self.at = before;
                let Some(kind) = self.duration_keyword() else {
                    return fail(LexError::InDuration(self.peek().unwrap_or(c)));
                };
                kind
            }
        };
        self.emit(kind);
        Ok(Mode::Bracket)
    }

    /// A word or colon in brackets, after their first number.
    pub(super) fn word_in_brackets(&mut self, c: char) -> Next {
        if c == ':' {
            if self.colon_seen {
                return fail(LexError::UnexpectedColon);
            }
            self.colon_seen = true;
            self.at += 1;
            self.emit(TokenKind::Colon);
            return Ok(Mode::Statement);
        }
        match self.duration_keyword() {
            Some(kind) => {
                self.emit(kind);
                Ok(Mode::Statement)
            }
            None => fail(LexError::ExpectedColon(c)),
        }
    }

    /// Takes `step`, `range`, `max_of` or `min_of`, in any case, and nothing else.
    fn duration_keyword(&mut self) -> Option<TokenKind> {
        let length = self.rest().iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'_').count();
        let kind = keyword(self.rest().get(..length)?)?;
        if !matches!(kind, TokenKind::Step | TokenKind::Range | TokenKind::MaxOf | TokenKind::MinOf) {
            return None;
        }
        self.at += length;
        self.duration_seen = true;
        Some(kind)
    }
}
