//! Tokens between `{` and `}`: no word is a keyword here.

use super::{Lexer, Mode, NO_CHARACTER, Next, fail};
use crate::syntax::ast::BinaryOp;
use crate::syntax::error::LexError;
use crate::syntax::token::TokenKind;

impl Lexer<'_> {
    pub(super) fn braces(&mut self) -> Next {
        self.skip_spaces();
        self.start = self.at;
        let Some(c) = self.next() else {
            return fail(LexError::EndInBraces);
        };
        let kind = match c {
            '#' => {
                self.skip_comment();
                return Ok(Mode::Braces);
            }
            ',' => TokenKind::Comma,
            '"' | '\'' | '`' => {
                self.string(c)?;
                TokenKind::String
            }
            '=' if self.accept("~") => TokenKind::RegexMatch,
            '=' => TokenKind::Assign,
            '!' if self.accept("~") => TokenKind::RegexNotMatch,
            '!' if self.accept("=") => TokenKind::Operator(BinaryOp::Ne),
            '!' => return fail(LexError::AfterBangInBraces(self.next().unwrap_or(NO_CHARACTER))),
            '{' => return fail(LexError::UnexpectedLeftBrace),
            '}' => {
                self.emit(TokenKind::RightBrace);
                return Ok(if self.series { Mode::Values } else { Mode::Statement });
            }
            c if self.is_name_start(c) => {
                self.take_name(false);
                TokenKind::Identifier
            }
            c => return fail(LexError::InBraces(c)),
        };
        self.emit(kind);
        Ok(Mode::Braces)
    }
}
