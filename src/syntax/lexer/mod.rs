//! Text to tokens.
//!
//! The lexer has modes, as the reference's has: a colon joins names outside brackets and
//! splits subqueries inside them, and inside braces no word is a keyword. It never asks the
//! parser, so it runs ahead over the whole text; where it gives up, the last token is
//! [`TokenKind::Error`], and the parser reports the lexer's error only if it gets that far.

mod braces;
mod brackets;
mod letters;
mod number;
mod series;
mod statement;
mod string;

pub(super) use letters::is_letter;

use super::error::LexError;
use super::token::{Token, TokenKind};
use crate::model::Span;

/// The tokens of a text. The last one is `End` or `Error`, and only the last.
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    pub(super) error: Option<Box<LexError>>,
}

/// What the lexer reads: an expression, or a series description.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Expression,
    Series,
}

/// Cuts a text into tokens. `tokens` is memory to use, what is in it is forgotten.
pub(super) fn lex(text: &[u8], language: Language, utf8_names: bool, mut tokens: Vec<Token>) -> Lexed {
    tokens.clear();
    let mut lexer = Lexer {
        text,
        at: 0,
        start: 0,
        tokens,
        utf8_names,
        series: language == Language::Series,
        parens: 0,
        bracket_open: false,
        colon_seen: false,
        duration_seen: false,
    };
    let mut mode = Mode::Statement;
    loop {
        lexer.start = lexer.at;
        let next = match mode {
            Mode::Statement => lexer.statement(),
            Mode::Braces => lexer.braces(),
            Mode::Bracket => lexer.bracket(),
            Mode::Values => lexer.values(),
            Mode::Histogram => lexer.histogram(),
            Mode::Buckets => lexer.buckets(),
            Mode::Done => Ok(Mode::Done),
        };
        match next {
            Ok(Mode::Done) => {
                lexer.start = lexer.at;
                lexer.emit(TokenKind::End);
                return Lexed { tokens: lexer.tokens, error: None };
            }
            Ok(next) => mode = next,
            Err(error) => {
                let span = Span::new(lexer.start as u32, text.len() as u32);
                lexer.tokens.push(Token { kind: TokenKind::Error, span });
                return Lexed { tokens: lexer.tokens, error: Some(error) };
            }
        }
    }
}

/// Which rules hold for the next token.
#[derive(Clone, Copy)]
enum Mode {
    /// Outside of everything, and in brackets after their first number.
    Statement,
    /// Between `{` and `}`.
    Braces,
    /// Between `[` and the first number.
    Bracket,
    /// The values of a series description.
    Values,
    /// Between `{{` and `}}`.
    Histogram,
    /// A list of buckets in a histogram.
    Buckets,
    /// At the end of the text.
    Done,
}

/// Why the lexer gives up. In a box, so that what every token returns is small.
type Fault = Box<LexError>;

/// The mode for the next token.
type Next = Result<Mode, Fault>;

#[cold]
fn fail<T>(error: LexError) -> Result<T, Fault> {
    Err(Box::new(error))
}

struct Lexer<'a> {
    text: &'a [u8],
    /// The next byte to read.
    at: usize,
    /// Where the token being read began; errors are reported from here.
    start: usize,
    tokens: Vec<Token>,
    utf8_names: bool,
    series: bool,
    parens: u32,
    bracket_open: bool,
    colon_seen: bool,
    duration_seen: bool,
}

/// The character at the beginning of `bytes` and its length, for where it is not ASCII. Bytes that
/// are not UTF-8 read as U+FFFD, one at a time.
#[cold]
fn decode_wide(bytes: &[u8]) -> Option<(char, usize)> {
    let head = bytes.get(..4).unwrap_or(bytes);
    let valid = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    Some(valid.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8())))
}

/// How the reference's texts show the end of input where a character is due.
const NO_CHARACTER: char = char::REPLACEMENT_CHARACTER;

impl Lexer<'_> {
    #[inline]
    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }
    /// The next byte, not taken.
    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
    /// Takes the next byte.
    #[inline]
    fn take(&mut self) -> Option<u8> {
        let byte = self.byte()?;
        self.at += 1;
        Some(byte)
    }
    /// The next character, not taken.
    #[inline]
    fn peek(&self) -> Option<char> {
        match self.byte()? {
            byte if byte.is_ascii() => Some(char::from(byte)),
            _ => decode_wide(self.rest()).map(|(c, _)| c),
        }
    }
    /// Takes the next character.
    #[inline]
    fn next(&mut self) -> Option<char> {
        let (c, length) = match self.byte()? {
            byte if byte.is_ascii() => (char::from(byte), 1),
            _ => decode_wide(self.rest())?,
        };
        self.at += length;
        Some(c)
    }
    /// Takes the next character if it is one of these.
    #[inline]
    fn accept(&mut self, set: &str) -> bool {
        self.accept_if(|b| set.as_bytes().contains(&b))
    }
    /// Takes the next byte if it fits.
    #[inline]
    fn accept_if(&mut self, fits: impl Fn(u8) -> bool) -> bool {
        let found = self.byte().is_some_and(fits);
        self.at += usize::from(found);
        found
    }
    /// Takes bytes as long as they fit, and tells whether there were any.
    #[inline]
    fn accept_run(&mut self, fits: impl Fn(u8) -> bool) -> bool {
        let length = self.rest().iter().take_while(|b| fits(**b)).count();
        self.at += length;
        length > 0
    }
    #[inline]
    fn skip_spaces(&mut self) {
        self.accept_run(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
    }
    /// Skips a comment up to, not including, the end of its line.
    fn skip_comment(&mut self) {
        self.at += self.rest().iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count();
    }
    /// Ends the token that began at `start`.
    #[inline]
    fn emit(&mut self, kind: TokenKind) {
        self.tokens.push(Token { kind, span: Span::new(self.start as u32, self.at as u32) });
        self.start = self.at;
    }
    #[inline]
    fn taken(&self) -> &[u8] {
        self.text.get(self.start..self.at).unwrap_or_default()
    }
    fn is_name_start(&self, c: char) -> bool {
        c.is_ascii_alphabetic() || c == '_' || (self.utf8_names && is_letter(c))
    }
    fn continues_name(&self, c: char) -> bool {
        self.is_name_start(c) || c.is_ascii_digit() || (self.utf8_names && c == '.')
    }
    fn next_is_word(&self) -> bool {
        self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    }
    /// Takes characters as long as `accepts` does.
    fn take_while(&mut self, accepts: impl Fn(&Self, char) -> bool) {
        while let Some(c) = self.peek()
            && accepts(self, c)
        {
            self.next();
        }
    }
    /// Takes the rest of a name, and tells whether there is a colon in it: most are ASCII, and
    /// taken byte by byte.
    #[inline]
    fn take_name(&mut self, colons: bool) -> bool {
        self.accept_run(in_name);
        match self.byte() {
            Some(b':') if colons => self.take_odd_name(colons),
            Some(b) if self.utf8_names && (b == b'.' || !b.is_ascii()) => self.take_odd_name(colons),
            _ => false,
        }
    }
    /// The same where there is more in it than letters, digits and underscores.
    #[cold]
    fn take_odd_name(&mut self, colons: bool) -> bool {
        self.take_while(|lexer, c| (colons && c == ':') || lexer.continues_name(c));
        self.taken().contains(&b':')
    }
}

/// Whether a byte may stand in every name.
#[inline]
fn in_name(byte: u8) -> bool {
    IN_NAME[usize::from(byte)]
}

static IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

#[inline]
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}
