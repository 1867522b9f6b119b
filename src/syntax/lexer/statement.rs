//! Tokens outside of braces, and in brackets after their first number.

use super::{Fault, Lexer, Mode, NO_CHARACTER, Next, fail, is_space};
use crate::syntax::ast::BinaryOp;
use crate::syntax::error::LexError;
use crate::syntax::token::{TokenKind, keyword};

impl Lexer<'_> {
    /// Reads tokens until other rules hold.
    pub(super) fn statement(&mut self) -> Next {
        loop {
            self.start = self.at;
            let Some(byte) = self.take() else {
                return match (self.parens, self.bracket_open) {
                    (0, false) => Ok(Mode::Done),
                    (0, true) => fail(LexError::UnclosedBracket),
                    _ => fail(LexError::UnclosedParen),
                };
            };
            let kind = match byte {
                b' ' | b'\t' | b'\n' | b'\r' => continue,
                b'#' => {
                    self.skip_comment();
                    continue;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' if !self.bracket_open => match self.word() {
                    Mode::Statement => continue,
                    mode => return Ok(mode),
                },
                b'0'..=b'9' => self.number_or_duration()?,
                b',' => TokenKind::Comma,
                b'@' => TokenKind::At,
                b'*' => TokenKind::Operator(BinaryOp::Mul),
                b'/' => TokenKind::Operator(BinaryOp::Div),
                b'%' => TokenKind::Operator(BinaryOp::Mod),
                b'+' => TokenKind::Operator(BinaryOp::Add),
                b'-' => TokenKind::Operator(BinaryOp::Sub),
                b'^' => TokenKind::Operator(BinaryOp::Pow),
                b'=' if self.accept("=") => TokenKind::Operator(BinaryOp::Eq),
                b'=' if self.byte() == Some(b'~') => return fail(LexError::AfterEquals('~')),
                b'=' => TokenKind::Assign,
                b'!' if self.accept("=") => TokenKind::Operator(BinaryOp::Ne),
                b'!' => return fail(LexError::AfterBang(self.peek().unwrap_or(NO_CHARACTER))),
                b'<' if self.accept("=") => TokenKind::Operator(BinaryOp::Le),
                b'<' if self.accept("/") => TokenKind::Operator(BinaryOp::TrimUpper),
                b'<' => TokenKind::Operator(BinaryOp::Lt),
                b'>' if self.accept("=") => TokenKind::Operator(BinaryOp::Ge),
                b'>' if self.accept("/") => TokenKind::Operator(BinaryOp::TrimLower),
                b'>' => TokenKind::Operator(BinaryOp::Gt),
                b'(' => {
                    self.parens += 1;
                    TokenKind::LeftParen
                }
                b')' => self.right_paren()?,
                b'{' => {
                    self.emit(TokenKind::LeftBrace);
                    return Ok(Mode::Braces);
                }
                b'[' if self.bracket_open => return fail(LexError::UnexpectedLeftBracket),
                b'[' => {
                    self.emit(TokenKind::LeftBracket);
                    self.skip_spaces();
                    (self.bracket_open, self.colon_seen, self.duration_seen) = (true, false, false);
                    return Ok(Mode::Bracket);
                }
                b']' if !self.bracket_open => return fail(LexError::UnexpectedRightBracket),
                b']' => {
                    self.bracket_open = false;
                    TokenKind::RightBracket
                }
                b'"' | b'\'' | b'`' => {
                    self.string(byte)?;
                    TokenKind::String
                }
                b'.' if self.byte().is_some_and(|b| b.is_ascii_digit()) => self.number_or_duration()?,
                _ => match self.odd_word()? {
                    Mode::Statement => continue,
                    mode => return Ok(mode),
                },
            };
            self.emit(kind);
        }
    }

    /// The rest of a name or a keyword; a word with a colon anywhere is always a metric name.
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
        if self.series && self.byte() != Some(b'{') { Mode::Values } else { Mode::Statement }
    }

    /// A word that begins with a colon or beyond ASCII, and what is no sign in brackets.
    #[cold]
    fn odd_word(&mut self) -> Next {
        self.at = self.start;
        match self.peek().unwrap_or(NO_CHARACTER) {
            c if c != ':' && !self.is_name_start(c) => fail(LexError::UnexpectedCharacter(c)),
            c if self.bracket_open => self.word_in_brackets(c),
            _ => Ok(self.word()),
        }
    }

    /// A right parenthesis that has been taken.
    pub(super) fn right_paren(&mut self) -> Result<TokenKind, Fault> {
        let Some(parens) = self.parens.checked_sub(1) else {
            // The reference reports this one past the parenthesis.
            self.start = self.at;
            return fail(LexError::UnexpectedRightParen);
        };
        self.parens = parens;
        Ok(TokenKind::RightParen)
    }

    fn paren_follows(&self) -> bool {
        self.rest().iter().find(|b| !is_space(char::from(**b))) == Some(&b'(')
    }
}
