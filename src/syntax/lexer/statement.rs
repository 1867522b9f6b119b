//! Tokens outside of braces, and in brackets after their first number.

use super::{Lexer, Mode, NO_CHARACTER, Next, begins_name, fail, is_space};
use crate::syntax::ast::BinaryOp;
use crate::syntax::error::LexError;
use crate::syntax::token::{TokenKind, keyword};

impl Lexer<'_> {
    pub(super) fn statement(&mut self) -> Next {
        self.skip_spaces();
        self.start = self.at;
        // What most tokens are.
        if self.byte().is_some_and(begins_name) && !self.bracket_open {
            return Ok(self.word());
        }
        let Some(c) = self.next() else {
            return match (self.parens, self.bracket_open) {
                (0, false) => Ok(Mode::Done),
                (0, true) => fail(LexError::UnclosedBracket),
                _ => fail(LexError::UnclosedParen),
            };
        };
        let kind = match c {
            '#' => {
                self.skip_comment();
                return Ok(Mode::Statement);
            }
            ',' => TokenKind::Comma,
            '@' => TokenKind::At,
            '*' => TokenKind::Operator(BinaryOp::Mul),
            '/' => TokenKind::Operator(BinaryOp::Div),
            '%' => TokenKind::Operator(BinaryOp::Mod),
            '+' => TokenKind::Operator(BinaryOp::Add),
            '-' => TokenKind::Operator(BinaryOp::Sub),
            '^' => TokenKind::Operator(BinaryOp::Pow),
            '=' => match self.peek() {
                Some('~') => return fail(LexError::AfterEquals('~')),
                _ if self.accept("=") => TokenKind::Operator(BinaryOp::Eq),
                _ => TokenKind::Assign,
            },
            '!' if self.accept("=") => TokenKind::Operator(BinaryOp::Ne),
            '!' => return fail(LexError::AfterBang(self.next().unwrap_or(NO_CHARACTER))),
            '<' if self.accept("=") => TokenKind::Operator(BinaryOp::Le),
            '<' if self.accept("/") => TokenKind::Operator(BinaryOp::TrimUpper),
            '<' => TokenKind::Operator(BinaryOp::Lt),
            '>' if self.accept("=") => TokenKind::Operator(BinaryOp::Ge),
            '>' if self.accept("/") => TokenKind::Operator(BinaryOp::TrimLower),
            '>' => TokenKind::Operator(BinaryOp::Gt),
            '(' => {
                self.parens += 1;
                TokenKind::LeftParen
            }
            ')' => {
                let Some(parens) = self.parens.checked_sub(1) else {
                    // The reference reports this one past the parenthesis.
                    self.start = self.at;
                    return fail(LexError::UnexpectedRightParen);
                };
                self.parens = parens;
                TokenKind::RightParen
            }
            '{' => {
                self.emit(TokenKind::LeftBrace);
                return Ok(Mode::Braces);
            }
            '[' if self.bracket_open => return fail(LexError::UnexpectedLeftBracket),
            '[' => {
                self.emit(TokenKind::LeftBracket);
                self.skip_spaces();
                (self.bracket_open, self.colon_seen, self.duration_seen) = (true, false, false);
                return Ok(Mode::Bracket);
            }
            ']' if !self.bracket_open => return fail(LexError::UnexpectedRightBracket),
            ']' => {
                self.bracket_open = false;
                TokenKind::RightBracket
            }
            '"' | '\'' | '`' => {
                self.string(c)?;
                TokenKind::String
            }
            '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => return fail(LexError::UnexpectedCharacter(c)),
            '.' | '0'..='9' => {
                self.at -= 1;
                return self.number_or_duration(Mode::Statement);
            }
            c if c == ':' || self.is_name_start(c) => {
                self.at -= c.len_utf8();
                return if self.bracket_open { self.word_in_brackets(c) } else { Ok(self.word()) };
            }
            c => return fail(LexError::UnexpectedCharacter(c)),
        };
        self.emit(kind);
        Ok(Mode::Statement)
    }

    /// A name or a keyword; a word with a colon anywhere is always a metric name.
    #[inline]
    pub(super) fn word(&mut self) -> Mode {
        let kind = if self.take_name(true) {
            TokenKind::MetricIdentifier
        } else {
            match keyword(self.taken()) {
                // These three are words of the language only where a parenthesis follows, so that
                // metrics of these names stay usable.
                Some(TokenKind::Fill | TokenKind::FillLeft | TokenKind::FillRight) if !self.paren_follows() => TokenKind::Identifier,
                Some(kind) => kind,
                None => TokenKind::Identifier,
            }
        };
        self.emit(kind);
        match self.series {
            true if self.peek() != Some('{') => Mode::Values,
            _ => Mode::Statement,
        }
    }

    fn paren_follows(&self) -> bool {
        self.rest().iter().find(|b| !is_space(char::from(**b))) == Some(&b'(')
    }
}
