//! The parser's input: a slice of tokens that nom can walk.

use crate::model::{Name, Span};
use crate::syntax::ParseOptions;
use crate::syntax::lexer::Lexed;
use crate::syntax::token::{Token, TokenKind};
use std::iter::{Copied, Enumerate};
use std::slice::Iter;

/// The text being parsed, with its tokens.
pub(in crate::syntax) struct Source<'a> {
    pub(in crate::syntax) text: &'a [u8],
    pub(in crate::syntax) lexed: &'a Lexed,
    pub(in crate::syntax) options: &'a ParseOptions,
}

/// What is still to be read, and where in the nesting the parser stands. Copied freely.
#[derive(Clone, Copy)]
pub(in crate::syntax) struct Tokens<'a> {
    pub(in crate::syntax) source: &'a Source<'a>,
    rest: &'a [Token],
    /// How many parentheses, calls, signs and the like are open.
    pub(super) depth: u32,
    /// An aggregation is open: errors without a place of their own are reported in it.
    pub(super) in_aggregation: bool,
}

impl<'a> Tokens<'a> {
    pub(in crate::syntax) fn new(source: &'a Source<'a>) -> Self {
        Tokens { source, rest: &source.lexed.tokens, depth: 0, in_aggregation: false }
    }
    /// The next token; past the last one, the last one again.
    #[inline]
    pub(in crate::syntax) fn peek(self) -> Token {
        match self.rest.first() {
            Some(token) => *token,
            None => self.peek_at(0),
        }
    }
    /// The token `ahead` of the next one.
    pub(super) fn peek_at(self, ahead: usize) -> Token {
        let end = Token { kind: TokenKind::End, span: Span::default() };
        self.rest.get(ahead).or(self.source.lexed.tokens.last()).copied().unwrap_or(end)
    }
    #[inline]
    pub(in crate::syntax) fn next_is(self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }
    /// Without the next token; the last one stays.
    #[inline]
    pub(in crate::syntax) fn advance(self) -> Self {
        match self.rest {
            [_, rest @ ..] if !rest.is_empty() => Tokens { rest, ..self },
            _ => self,
        }
    }
    /// The token read last.
    pub(super) fn previous(self) -> Option<Token> {
        let read = self.source.lexed.tokens.len().checked_sub(self.rest.len())?;
        self.source.lexed.tokens.get(read.checked_sub(1)?).copied()
    }
    /// Where the bracket or number lexed last ends: up to there a modifier reaches. The next
    /// token counts if the reference has to look at it before it knows that the modifier ends.
    pub(super) fn last_closing(self, looked_ahead: bool) -> u32 {
        let next = Some(self.peek()).filter(|token| looked_ahead && token.kind.is_closing());
        next.or(self.previous()).map_or(0, |token| token.span.end)
    }
    /// The same tokens one level of nesting deeper.
    pub(super) fn deeper(self) -> Self {
        Tokens { depth: self.depth + 1, ..self }
    }
    /// The same tokens with an aggregation open around them.
    pub(super) fn within_aggregation(self) -> Self {
        Tokens { in_aggregation: true, ..self }
    }
    /// The same tokens on the level of `outer`.
    pub(super) fn level_of(self, outer: Self) -> Self {
        Tokens { depth: outer.depth, in_aggregation: outer.in_aggregation, ..self }
    }
    /// The text of a token.
    pub(in crate::syntax) fn text(self, token: Token) -> &'a [u8] {
        token.text(self.source.text)
    }
    /// The text of a token as a name; the lexer lets only UTF-8 into names.
    pub(in crate::syntax) fn name(self, token: Token) -> Name {
        let text = self.text(token);
        std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text).into_owned().into(), Name::from)
    }
    /// How many texts in quotes stand before the next closing brace.
    pub(super) fn strings_in_braces(self) -> usize {
        self.rest.iter().take_while(|token| token.kind != TokenKind::RightBrace).filter(|token| token.kind == TokenKind::String).count()
    }
}

impl<'a> nom::Input for Tokens<'a> {
    type Item = Token;
    type Iter = Copied<Iter<'a, Token>>;
    type IterIndices = Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.rest.len()
    }
    fn take(&self, index: usize) -> Self {
        Tokens { rest: self.rest.get(..index).unwrap_or(self.rest), ..*self }
    }
    fn take_from(&self, index: usize) -> Self {
        Tokens { rest: self.rest.get(index..).unwrap_or_default(), ..*self }
    }
    fn take_split(&self, index: usize) -> (Self, Self) {
        (self.take_from(index), self.take(index))
    }
    fn position<P: Fn(Token) -> bool>(&self, predicate: P) -> Option<usize> {
        self.rest.iter().position(|token| predicate(*token))
    }
    fn iter_elements(&self) -> Self::Iter {
        self.rest.iter().copied()
    }
    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }
    fn slice_index(&self, count: usize) -> Result<usize, nom::Needed> {
        if count <= self.rest.len() { Ok(count) } else { Err(nom::Needed::new(count - self.rest.len())) }
    }
}
