//! The parser's input: a slice of tokens that nom's parsers walk.

use crate::model::{Name, Span};
use crate::syntax::ParseOptions;
use crate::syntax::error::LexError;
use crate::syntax::token::{Token, TokenKind};
use std::cell::Cell;

/// The text being parsed, with its tokens.
pub(in crate::syntax) struct Source<'a> {
    pub(in crate::syntax) text: &'a [u8],
    pub(in crate::syntax) tokens: &'a [Token],
    /// Why the lexer gave up.
    pub(in crate::syntax) error: Option<Box<LexError>>,
    pub(in crate::syntax) options: &'a ParseOptions,
    /// How many parentheses, calls, signs and the like are open.
    pub(super) depth: Cell<u32>,
    /// An aggregation is open: errors without a place of their own are reported in it.
    pub(super) in_aggregation: Cell<bool>,
}

impl<'a> Source<'a> {
    pub(in crate::syntax) fn new(
        text: &'a [u8],
        tokens: &'a [Token],
        error: Option<Box<LexError>>,
        options: &'a ParseOptions,
    ) -> Source<'a> {
        Source { text, tokens, error, options, depth: Cell::new(0), in_aggregation: Cell::new(false) }
    }
}

/// What is still to be read. Copied freely, and small enough for two registers.
#[derive(Clone, Copy)]
pub(in crate::syntax) struct Tokens<'a> {
    pub(in crate::syntax) source: &'a Source<'a>,
    /// The next token's index.
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(in crate::syntax) fn new(source: &'a Source<'a>) -> Self {
        Tokens { source, at: 0 }
    }
    /// The next token; past the last one, the last one again.
    #[inline]
    pub(in crate::syntax) fn peek(self) -> Token {
        self.token(self.at)
    }
    /// The token after the next one.
    #[inline]
    pub(super) fn peek_second(self) -> Token {
        self.token(self.at + 1)
    }
    #[inline]
    fn token(self, index: usize) -> Token {
        match self.source.tokens.get(index) {
            Some(token) => *token,
            None => self.last(),
        }
    }
    #[cold]
    fn last(self) -> Token {
        let end = Token { kind: TokenKind::End, span: Span::default() };
        self.source.tokens.last().copied().unwrap_or(end)
    }
    #[inline]
    pub(in crate::syntax) fn next_is(self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }
    /// Without the next token.
    #[inline]
    pub(in crate::syntax) fn advance(self) -> Self {
        Tokens { at: self.at + 1, ..self }
    }
    /// Where the bracket or number lexed last ends: up to there a modifier reaches. The next
    /// token counts if the reference has to look at it before it knows that the modifier ends.
    pub(super) fn last_closing(self, looked_ahead: bool) -> u32 {
        let next = self.peek();
        if looked_ahead && next.kind.is_closing() {
            return next.span.end;
        }
        // The token read last.
        self.at.checked_sub(1).map_or(0, |at| self.token(at).span.end)
    }
    /// The text of a token.
    #[inline]
    pub(in crate::syntax) fn text(self, token: Token) -> &'a [u8] {
        token.text(self.source.text)
    }
    /// The text of a token as a name; the lexer lets only UTF-8 into names.
    #[inline]
    pub(in crate::syntax) fn name(self, token: Token) -> Name {
        Name::from_checked(self.text(token))
    }
    /// How many items with commas between them stand before the next closing parenthesis.
    pub(super) fn items_in_parens(self) -> usize {
        let rest = self.source.tokens.get(self.at..).unwrap_or_default();
        rest.iter().take_while(|token| token.kind != TokenKind::RightParen).count().div_ceil(2)
    }
    /// How many texts in quotes stand before the next closing brace.
    pub(super) fn strings_in_braces(self) -> usize {
        let rest = self.source.tokens.get(self.at..).unwrap_or_default();
        rest.iter().take_while(|token| token.kind != TokenKind::RightBrace).filter(|token| token.kind == TokenKind::String).count()
    }
}
