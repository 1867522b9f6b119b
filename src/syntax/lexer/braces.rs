//! Tokens between `{` and `}`: no word is a keyword here.

use super::{Lexer, Mode, NO_CHARACTER, Next, fail};
use crate::syntax::ast::BinaryOp;
use crate::syntax::error::LexError;
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    /// Reads tokens up to the closing brace.
    pub(super) fn braces(&mut self) -> Next {
        loop {
            self.start = self.at;
            let Some(byte) = self.take() else {
                return fail(LexError::EndInBraces);
            };
            let kind = match byte {
                b' ' | b'\t' | b'\n' | b'\r' => continue,
                b'#' => {
                    self.skip_comment();
                    continue;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    self.take_name(false);
                    TokenKind::Identifier
                }
                b',' => TokenKind::Comma,
                b'"' | b'\'' | b'`' => {
                    self.string(byte)?;
                    TokenKind::String
                }
                b'=' if self.accept("~") => TokenKind::RegexMatch,
                b'=' => TokenKind::Assign,
                b'!' if self.accept("~") => TokenKind::RegexNotMatch,
                b'!' if self.accept("=") => TokenKind::Operator(BinaryOp::Ne),
                b'!' => return fail(LexError::AfterBangInBraces(self.peek().unwrap_or(NO_CHARACTER))),
                b'{' => return fail(LexError::UnexpectedLeftBrace),
                b'}' => {
                    self.emit(TokenKind::RightBrace);
                    return Ok(if self.series { Mode::Values } else { Mode::Statement });
                }
                _ => {
                    self.at = self.start;
                    match self.peek().unwrap_or(NO_CHARACTER) {
                        c if self.is_name_start(c) => self.take_name(false),
                        c => return fail(LexError::InBraces(c)),
                    };
                    TokenKind::Identifier
                }
            };
            self.emit(kind);
        }
    }
}
