//! What the lexers of the text formats share: tokens, classes of bytes, names and quoted texts.
//!
//! The reference's lexer takes bytes as long as any of the current state's rules can go on, and
//! has no way back: what it took is one rule's token, or it is invalid. Its place then is the
//! first byte that no rule could take, and its messages quote up to that byte. A few states skip
//! NUL bytes while they advance. Functions here keep to that, byte by byte.

use super::error::{NumberError, PageError, PageErrorKind};

/// What the lexers tell apart; the names appear in messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token {
    Invalid,
    Eof,
    Linebreak,
    Comment,
    Quoted,
    Open,
    Close,
    LabelName,
    LabelValue,
    Equal,
    Comma,
    Timestamp,
    Value,
    StartTimestamp,
    CompositeOpen,
    CompositeClose,
    /// The key of a composite value.
    Field(&'static str),
}

impl Token {
    /// The reference's name.
    pub fn name(self) -> &'static str {
        match self {
            Token::Invalid => "INVALID",
            Token::Eof => "EOF",
            Token::Linebreak => "LINEBREAK",
            Token::Comment => "COMMENT",
            Token::Quoted => "QSTRING",
            Token::Open => "BOPEN",
            Token::Close => "BCLOSE",
            Token::LabelName => "LNAME",
            Token::LabelValue => "LVALUE",
            Token::Equal => "EQUAL",
            Token::Comma => "COMMA",
            Token::Timestamp => "TIMESTAMP",
            Token::Value => "VALUE",
            Token::StartTimestamp => "STARTTIMESTAMP",
            Token::CompositeOpen => "COMPOPEN",
            Token::CompositeClose => "COMPCLOSE",
            Token::Field(name) => name,
        }
    }
}

/// A byte that a label name may start with.
const LABEL_START: u8 = 1;
/// A byte that a label name may hold.
const LABEL: u8 = 2;
/// A byte that a metric name may start with.
const NAME_START: u8 = 4;
/// A byte that a metric name may hold.
const NAME: u8 = 8;
/// A byte that ends the plain part of a quoted text: quote, backslash, LF, NUL.
const QUOTED_STOP: u8 = 16;
/// A byte that ends a word: blank, LF, NUL (a TAB does in Prometheus text only).
const WORD_STOP: u8 = 32;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        if c.is_ascii_alphabetic() || c == b'_' {
            classes[b] |= LABEL_START | LABEL | NAME_START | NAME;
        }
        if c == b':' {
            classes[b] |= NAME_START | NAME;
        }
        if c.is_ascii_digit() {
            classes[b] |= LABEL | NAME;
        }
        if matches!(c, b'"' | b'\\' | b'\n' | 0) {
            classes[b] |= QUOTED_STOP;
        }
        if matches!(c, b' ' | b'\n' | 0) {
            classes[b] |= WORD_STOP;
        }
        b += 1;
    }
    classes
};

#[inline]
fn is(byte: u8, class: u8) -> bool {
    CLASSES[byte as usize] & class != 0
}

/// The bytes `start..end`, or as many of them as there are.
#[inline]
pub(super) fn part(data: &[u8], start: usize, end: usize) -> &[u8] {
    let end = end.min(data.len());
    data.get(start.min(end)..end).unwrap_or_default()
}

/// Where a run of bytes that `class` holds of ends.
#[inline]
fn run(data: &[u8], from: usize, class: u8) -> usize {
    let mut at = from;
    while let Some(b) = data.get(at) {
        if !is(*b, class) {
            break;
        }
        at += 1;
    }
    at
}

/// The end of the metric name at `from`, if one stands there.
#[inline]
pub(super) fn name_end(data: &[u8], from: usize) -> Option<usize> {
    data.get(from).is_some_and(|b| is(*b, NAME_START)).then(|| run(data, from + 1, NAME))
}

/// The end of the label name at `from`, if one stands there.
#[inline]
pub(super) fn label_end(data: &[u8], from: usize) -> Option<usize> {
    data.get(from).is_some_and(|b| is(*b, LABEL_START)).then(|| run(data, from + 1, LABEL))
}

/// The end of the run of bytes from `from` on that are not space, LF or NUL.
#[inline]
pub(super) fn word_end(data: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(b) = data.get(at) {
        if is(*b, WORD_STOP) {
            break;
        }
        at += 1;
    }
    at
}

/// The end of a run of spaces and TABs.
#[inline]
pub(super) fn blanks_end(data: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(b' ' | b'\t') = data.get(at) {
        at += 1;
    }
    at
}

/// The next byte that is not NUL.
#[inline]
pub(super) fn nuls_end(data: &[u8], from: usize) -> usize {
    let mut at = from;
    while data.get(at) == Some(&0) {
        at += 1;
    }
    at
}

/// How a state reads quoted texts.
#[derive(Clone, Copy)]
pub(super) struct Quoting {
    /// A raw LF may stand in them.
    pub multiline: bool,
    /// NUL bytes in them, and behind them, are taken.
    pub nul: bool,
}

/// Reads the text in double quotes at `open`: where it ends, or where it fails.
#[inline]
pub(super) fn quoted(data: &[u8], open: usize, quoting: Quoting) -> Result<usize, usize> {
    let mut at = open + 1;
    loop {
        match data.get(at) {
            Some(b) if !is(*b, QUOTED_STOP) => at += 1,
            Some(b'"') => return Ok(if quoting.nul { nuls_end(data, at + 1) } else { at + 1 }),
            Some(b'\\') => {
                at += 1;
                if quoting.nul {
                    at = nuls_end(data, at);
                }
                match data.get(at) {
                    None | Some(b'\n' | 0) => return Err(at),
                    Some(_) => at += 1,
                }
            }
            Some(b'\n') if quoting.multiline => at += 1,
            Some(0) if quoting.nul => at += 1,
            _ => return Err(at),
        }
    }
}

/// Reads `word` at `from`, taking NULs behind each byte: where it ends, or where it fails.
pub(super) fn keyword(data: &[u8], from: usize, word: &[u8]) -> Result<usize, usize> {
    let mut at = from;
    for b in word {
        if data.get(at) != Some(b) {
            return Err(at);
        }
        at = nuls_end(data, at + 1);
    }
    Ok(at)
}

/// Where the lexer is: the entry it is in, the token it took last, and the byte it stands at.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Place {
    pub entry: usize,
    pub start: usize,
    pub at: usize,
}

impl Place {
    /// The bytes of the last token.
    #[inline]
    pub fn token<'d>(&self, data: &'d [u8]) -> &'d [u8] {
        part(data, self.start, self.at)
    }
    /// The entry so far.
    pub fn line<'d>(&self, data: &'d [u8]) -> &'d [u8] {
        part(data, self.entry, self.at)
    }
    /// The last token is not what should stand there.
    #[cold]
    pub fn unexpected(&self, data: &[u8], expected: &str, token: Token) -> PageError {
        let end = self.at.saturating_add(1).min(data.len());
        let kind = PageErrorKind::Unexpected {
            expected: expected.to_owned(),
            got: part(data, self.start, end).to_vec().into(),
            token: token.name(),
            line: part(data, self.entry, end).to_vec().into(),
        };
        // What is invalid is the byte that stopped the lexer, unless the token as such is wrong:
        // a string that its line does not end, say.
        let stopped = token == Token::Invalid && !self.token(data).contains(&b'\n');
        let start = if stopped { self.at } else { self.start };
        let start = if token == Token::Eof && self.at >= data.len() { data.len() } else { start };
        PageError::new(kind, data, start, self.at.max(start.saturating_add(1)))
    }
    /// The last token is wrong in a way of its own.
    #[cold]
    pub fn error(&self, data: &[u8], kind: PageErrorKind) -> PageError {
        PageError::new(kind, data, self.start, self.at)
    }
    /// The last token is not a number.
    #[cold]
    pub fn not_a_number(&self, data: &[u8], error: NumberError, part: &'static str) -> PageError {
        self.error(data, PageErrorKind::Number { error, part, line: self.line(data).to_vec().into() })
    }
}

/// A pair of a label set as it is written: places of name and value, without their quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub name: (usize, usize),
    pub value: (usize, usize),
    /// The name is quoted.
    pub quoted: bool,
}

/// What stands on a sample's line, before any of it is copied.
#[derive(Clone, Default, Debug)]
pub(super) struct Line {
    /// The name's place, if it was met.
    pub name: Option<(usize, usize)>,
    /// The name is quoted.
    pub name_quoted: bool,
    pub items: Vec<Item>,
    pub value: f64,
    pub time: Option<i64>,
}

impl Line {
    pub fn clear(&mut self) {
        self.name = None;
        self.name_quoted = false;
        self.items.clear();
        self.time = None;
    }
}
