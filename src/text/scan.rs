//! Lines of OpenMetrics, as places in the page: nothing is copied here, so that `created` can run
//! a second scanner ahead. Both versions share it; what differs is asked of
//! [`Scanner::second`](Scanner), and the ends of lines are with the version's own reader.

use super::entry::Exemplar;
use super::error::{PageError, PageErrorKind};
use super::labels::{Symbols, decode, unescape};
use super::lex::{Item, Line, Place, Quoting, Token, keyword, label_end, name_end, nuls_end, part, quoted, word_end};
use super::number::{parse_plain, to_milliseconds};
use super::slot::Kind;
use crate::model::Label;

/// Names in quotes may span lines, values and all of an exemplar may not.
const NAMES: Quoting = Quoting { multiline: true, nul: false };
const VALUES: Quoting = Quoting { multiline: false, nul: true };
const EXEMPLARS: Quoting = Quoting { multiline: false, nul: false };

/// What a line turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// HELP, TYPE or UNIT: the name and the text lie in the scanner.
    Meta(Kind),
    /// A series: its name and labels. The rest of the line is still to be read.
    Series,
    End,
}

/// An exemplar of a line.
#[derive(Clone, Default, Debug)]
pub(super) struct RawExemplar {
    pub items: Vec<Item>,
    pub value: f64,
    pub time: Option<i64>,
}

/// Where in a line the braces are: their rules differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Braces {
    Series,
    Exemplar,
}

/// Reads line by line, keeping places instead of texts.
#[derive(Clone, Default, Debug)]
pub(super) struct Scanner {
    pub place: Place,
    pub line: Line,
    /// Those of the line are the first `used` ones.
    exemplars: Vec<RawExemplar>,
    used: usize,
    /// Name of a metadata line, without its quotes.
    pub metric: (usize, usize),
    /// Text of a metadata line.
    pub text: (usize, usize),
    /// The series on a sample's line: from its start to the brace or the end of the name.
    pub series: (usize, usize),
    /// The sample before this ended in the middle of a line. The reference delivers it and
    /// then fails, still expecting the rest of that line.
    pub stuck: bool,
    /// The rules of version 2.0 hold.
    pub second: bool,
}

impl Scanner {
    /// Reads the next line.
    pub fn next(&mut self, data: &[u8]) -> Result<Found, PageError> {
        self.place.entry = self.place.at;
        if self.stuck {
            let token = self.timestamp_token(data);
            return Err(self.no_start(data, token));
        }
        let start = self.place.at;
        match data.get(start) {
            None => Err(self.no_start(data, Token::Eof)),
            Some(b'#') => self.hash(data),
            Some(b'{') => {
                self.place.start = start;
                self.place.at = start + 1;
                self.series(data, None)
            }
            Some(_) => {
                self.place.start = start;
                match name_end(data, start) {
                    Some(end) => {
                        self.place.at = end;
                        self.series(data, Some((start, end)))
                    }
                    None => Err(self.no_start(data, Token::Invalid)),
                }
            }
        }
    }

    /// The last token is not what should stand there.
    #[cold]
    pub fn unexpected(&self, data: &[u8], expected: &str, token: Token) -> PageError {
        let got = part(data, self.place.start, self.place.at.saturating_add(1));
        let carriage_return = self.second && token == Token::Invalid && got.contains(&b'\r');
        self.place.unexpected(data, if carriage_return { "unexpected carriage return" } else { expected }, token)
    }

    #[cold]
    fn no_start(&self, data: &[u8], token: Token) -> PageError {
        if token == Token::Eof {
            return self.no_eof(data);
        }
        self.unexpected(data, "expected a valid start token", token)
    }

    #[cold]
    pub fn no_eof(&self, data: &[u8]) -> PageError {
        PageError::new(PageErrorKind::NoEof, data, data.len(), data.len())
    }

    fn hash(&mut self, data: &[u8]) -> Result<Found, PageError> {
        self.place.start = self.place.at;
        self.place.at += 1;
        if data.get(self.place.at) != Some(&b' ') {
            return Err(self.no_start(data, Token::Invalid));
        }
        self.place.at += 1;
        let (word, kind): (&[u8], _) = match data.get(self.place.at) {
            Some(b'H') => (b"HELP ", Some(Kind::Help)),
            Some(b'T') => (b"TYPE ", Some(Kind::Type)),
            Some(b'U') => (b"UNIT ", Some(Kind::Unit)),
            _ => (b"EOF", None),
        };
        let end = keyword(data, self.place.at, word);
        self.place.at = end.unwrap_or_else(|at| at);
        if end.is_err() {
            return Err(self.no_start(data, Token::Invalid));
        }
        let Some(kind) = kind else {
            if data.get(self.place.at) == Some(&b'\n') {
                self.place.at = nuls_end(data, self.place.at + 1);
            }
            if self.place.at < data.len() {
                return Err(PageError::new(PageErrorKind::AfterEof, data, self.place.at, self.place.at + 1));
            }
            return Ok(Found::End);
        };
        self.meta(data, kind)?;
        Ok(Found::Meta(kind))
    }

    /// Name and text of a metadata line.
    fn meta(&mut self, data: &[u8], kind: Kind) -> Result<(), PageError> {
        let (expected, word) = match kind {
            Kind::Type => ("expected metric name after TYPE", "TYPE"),
            Kind::Unit => ("expected metric name after UNIT", "UNIT"),
            _ => ("expected metric name after HELP", "HELP"),
        };
        let start = self.place.at;
        if start >= data.len() {
            return Err(self.unexpected(data, expected, Token::Eof));
        }
        self.place.start = start;
        self.metric = match data.get(start) {
            Some(b'"') => match quoted(data, start, NAMES) {
                Ok(end) => {
                    self.place.at = end;
                    self.check_name(data, (start + 1, end - 1), "metric")?;
                    (start + 1, end - 1)
                }
                Err(at) => {
                    self.place.at = at;
                    return Err(self.unexpected(data, expected, Token::Invalid));
                }
            },
            _ => {
                let Some(end) = name_end(data, start) else {
                    return Err(self.unexpected(data, expected, Token::Invalid));
                };
                self.place.at = end;
                (start, end)
            }
        };
        let start = self.place.at;
        let rest = part(data, start, data.len());
        let (Some(b' '), Some(length)) = (rest.first(), rest.iter().position(|b| *b == b'\n')) else {
            return Err(PageError::new(PageErrorKind::NoText(word), data, start, start + 1));
        };
        self.place.start = start;
        self.place.at = nuls_end(data, start + length + 1);
        self.text = (start + 1, self.place.at - 1);
        Ok(())
    }

    /// A series, from behind its name or opening brace on.
    fn series(&mut self, data: &[u8], name: Option<(usize, usize)>) -> Result<Found, PageError> {
        self.line.clear();
        self.used = 0;
        self.line.name = name;
        self.series = (self.place.entry, self.place.at);
        if name.is_none() {
            self.labels(data, Braces::Series)?;
        } else if data.get(self.place.at) == Some(&b'{') {
            self.place.start = self.place.at;
            self.place.at += 1;
            self.labels(data, Braces::Series)?;
        }
        self.series.1 = self.place.at;
        Ok(Found::Series)
    }

    #[cold]
    fn place_error(&self, data: &[u8], place: (usize, usize), kind: PageErrorKind) -> PageError {
        PageError::new(kind, data, place.0.saturating_sub(1), place.1.saturating_add(1))
    }

    /// A quoted name must not be empty, and must be UTF-8: version 2.0 looks here, what comes
    /// from 1.0 is looked at when it is used.
    fn check_name(&self, data: &[u8], name: (usize, usize), what: &'static str) -> Result<(), PageError> {
        let bytes = part(data, name.0, name.1);
        if !self.second {
            return Ok(());
        }
        if bytes.is_empty() {
            return Err(self.place_error(data, name, PageErrorKind::EmptyName(what)));
        }
        if std::str::from_utf8(bytes).is_err() {
            return Err(self.place_error(data, name, PageErrorKind::NameNotUtf8 { what, name: bytes.to_vec().into() }));
        }
        Ok(())
    }

    /// There must be a name, once the value is there.
    pub fn named(&self, data: &[u8]) -> Result<(), PageError> {
        if self.line.name.is_some() {
            return Ok(());
        }
        let line = self.place.line(data).to_vec().into();
        Err(PageError::new(PageErrorKind::NoName(line), data, self.place.entry, self.place.at))
    }

    /// Starts an exemplar.
    pub fn begin_exemplar(&mut self) {
        if self.used == self.exemplars.len() {
            self.exemplars.push(RawExemplar::default());
        }
        if let Some(exemplar) = self.exemplars.get_mut(self.used) {
            exemplar.items.clear();
            exemplar.time = None;
        }
        self.used += 1;
    }

    /// The exemplars of the line.
    pub fn exemplars(&mut self) -> &mut [RawExemplar] {
        self.exemplars.get_mut(..self.used).unwrap_or_default()
    }

    /// Takes ` word`.
    #[inline]
    pub fn word_token(&mut self, data: &[u8], token: Token) -> Token {
        let start = self.place.at;
        if start >= data.len() {
            return Token::Eof;
        }
        self.place.start = start;
        if data.get(start) != Some(&b' ') {
            return Token::Invalid;
        }
        self.place.at = word_end(data, start + 1);
        if self.place.at == start + 1 { Token::Invalid } else { token }
    }

    /// Takes ` word` in the state that reads the values of exemplars, where version 2.0 takes
    /// NULs along.
    pub fn exemplar_word_token(&mut self, data: &[u8]) -> Token {
        let start = self.place.at;
        let mut token = self.word_token(data, Token::Value);
        if self.second && data.get(start) == Some(&b' ') {
            while data.get(self.place.at) == Some(&0) {
                let behind = nuls_end(data, self.place.at);
                self.place.at = word_end(data, behind);
                if self.place.at > behind {
                    token = Token::Value;
                }
            }
        }
        token
    }

    /// The token behind a series.
    #[inline]
    pub fn value_token(&mut self, data: &[u8]) -> Token {
        if self.second && part(data, self.place.at, self.place.at + 2) == b" {" {
            self.place.start = self.place.at;
            self.place.at += 2;
            return Token::CompositeOpen;
        }
        if data.get(self.place.at) == Some(&b'{') {
            self.place.start = self.place.at;
            self.place.at += 1;
            return Token::Open;
        }
        self.word_token(data, Token::Value)
    }

    /// The token behind a value.
    #[inline]
    pub fn timestamp_token(&mut self, data: &[u8]) -> Token {
        let start = self.place.at;
        if data.get(start) == Some(&b'\n') {
            self.place.start = start;
            self.place.at += 1;
            return Token::Linebreak;
        }
        let token = self.word_token(data, Token::Timestamp);
        // ` #` might be a time, but with a space behind it nothing but an exemplar can follow.
        if token == Token::Timestamp && part(data, start, self.place.at + 1) == b" # " {
            self.place.at += 1;
            if data.get(self.place.at) != Some(&b'{') {
                return Token::Invalid;
            }
            self.place.at += 1;
            return Token::Comment;
        }
        if self.second && token == Token::Timestamp && self.place.at > start + 4 && part(data, start, start + 4) == b" st@" {
            return Token::StartTimestamp;
        }
        token
    }

    /// The number in the last token, which has a space in front.
    #[inline]
    pub fn number(&self, data: &[u8], token: Token, expected: &'static str) -> Result<f64, PageError> {
        if token != Token::Value {
            return Err(self.unexpected(data, expected, token));
        }
        self.plain(data)
    }

    #[inline]
    pub fn plain(&self, data: &[u8]) -> Result<f64, PageError> {
        parse_plain(part(data, self.place.start + 1, self.place.at)).map_err(|e| self.place.not_a_number(data, e, ""))
    }

    /// The number in the last token; `of` says so of what in messages.
    pub fn plain_of(&self, data: &[u8], of: &'static str) -> Result<f64, PageError> {
        parse_plain(part(data, self.place.start + 1, self.place.at)).map_err(|e| self.place.not_a_number(data, e, of))
    }

    /// The time in the last token.
    pub fn time(&self, data: &[u8], what: &'static str) -> Result<i64, PageError> {
        self.time_after(data, 1, what, "")
    }

    /// The time in the last token, from its byte `skip` on; `of` says so of what in messages
    /// about numbers.
    pub fn time_after(&self, data: &[u8], skip: usize, what: &'static str, of: &'static str) -> Result<i64, PageError> {
        let text = part(data, self.place.start + skip, self.place.at);
        let seconds = parse_plain(text).map_err(|e| self.place.not_a_number(data, e, of))?;
        to_time(seconds, what).map_err(|kind| self.place.error(data, kind))
    }

    /// The token behind an exemplar's value.
    pub fn exemplar_end(&mut self, data: &[u8]) -> Token {
        if self.second {
            // In version 2.0, another one may follow; a start is a time like others here.
            let token = self.timestamp_token(data);
            return if token == Token::StartTimestamp { Token::Timestamp } else { token };
        }
        if data.get(self.place.at) == Some(&b'\n') {
            self.place.start = self.place.at;
            self.place.at += 1;
            return Token::Linebreak;
        }
        self.word_token(data, Token::Timestamp)
    }

    /// A token in braces.
    #[inline]
    fn label_token(&mut self, data: &[u8], quoting: Quoting) -> Token {
        let start = self.place.at;
        if start >= data.len() {
            return Token::Eof;
        }
        self.place.start = start;
        let token = match data.get(start) {
            Some(b'"') => {
                let (token, at) = quoted(data, start, quoting).map_or_else(|at| (Token::Invalid, at), |at| (Token::Quoted, at));
                self.place.at = at;
                return token;
            }
            Some(b'}') => Token::Close,
            Some(b'=') => Token::Equal,
            Some(b',') => Token::Comma,
            _ => {
                let Some(end) = label_end(data, start) else { return Token::Invalid };
                self.place.at = end;
                return Token::LabelName;
            }
        };
        self.place.at += 1;
        token
    }

    /// The token behind `=`.
    #[inline]
    pub fn label_value_token(&mut self, data: &[u8], braces: Braces) -> Token {
        let start = self.place.at;
        if data.get(start) == Some(&b'"') {
            self.place.start = start;
            let quoting = if braces == Braces::Series || self.second { VALUES } else { EXEMPLARS };
            let (token, at) = quoted(data, start, quoting).map_or_else(|at| (Token::Invalid, at), |at| (Token::LabelValue, at));
            self.place.at = at;
            return token;
        }
        match braces {
            // In an exemplar the same state reads the value behind the braces.
            Braces::Exemplar => self.exemplar_word_token(data),
            Braces::Series if start >= data.len() => Token::Eof,
            Braces::Series => {
                self.place.start = start;
                Token::Invalid
            }
        }
    }

    /// All from behind the opening brace to behind the closing one.
    pub fn labels(&mut self, data: &[u8], braces: Braces) -> Result<(), PageError> {
        let quoting = if braces == Braces::Series { NAMES } else { EXEMPLARS };
        let mut token = self.label_token(data, quoting);
        let mut first = true;
        loop {
            let is_quoted = token == Token::Quoted;
            let name = match token {
                Token::Close => return Ok(()),
                Token::LabelName => (self.place.start, self.place.at),
                Token::Quoted => (self.place.start + 1, self.place.at - 1),
                _ => return Err(self.unexpected(data, "expected label name", token)),
            };
            token = self.label_token(data, quoting);
            if is_quoted && matches!(token, Token::Comma | Token::Close) {
                if braces == Braces::Exemplar {
                    return Err(self.unexpected(data, "expected label name", token));
                }
                if self.second && (!first || !self.line.items.is_empty()) {
                    return Err(self.place_error(data, name, PageErrorKind::NameNotFirst));
                }
                if self.line.name.is_some() {
                    let line = self.place.line(data).to_vec().into();
                    return Err(PageError::new(PageErrorKind::NameTwice(line), data, name.0 - 1, name.1 + 1));
                }
                self.check_name(data, name, "metric")?;
                self.line.name = Some(name);
                self.line.name_quoted = true;
                first = false;
                if token == Token::Comma {
                    token = self.label_token(data, quoting);
                }
                continue;
            }
            if is_quoted {
                self.check_name(data, name, "label")?;
            }
            if token != Token::Equal {
                return Err(self.unexpected(data, "expected equal", token));
            }
            token = self.label_value_token(data, braces);
            if token != Token::LabelValue {
                return Err(self.unexpected(data, "expected label value", token));
            }
            let value = self.place.token(data);
            if std::str::from_utf8(value).is_err() {
                return Err(self.place.error(data, PageErrorKind::ValueNotUtf8(value.to_vec().into())));
            }
            let item = Item { name, value: (self.place.start + 1, self.place.at - 1), quoted: is_quoted };
            match braces {
                Braces::Series => self.line.items.push(item),
                Braces::Exemplar => {
                    if let Some(exemplar) = self.used.checked_sub(1).and_then(|i| self.exemplars.get_mut(i)) {
                        exemplar.items.push(item);
                    }
                }
            }
            token = self.label_token(data, quoting);
            match token {
                Token::Close => return Ok(()),
                Token::Comma => token = self.label_token(data, quoting),
                _ => return Err(self.unexpected(data, "expected comma or brace close", token)),
            }
        }
    }
}

/// Seconds as a time.
pub(super) fn to_time(seconds: f64, part: &'static str) -> Result<i64, PageErrorKind> {
    if !seconds.is_finite() {
        let value = if seconds.is_nan() {
            "NaN"
        } else if seconds > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        return Err(PageErrorKind::NotATime { part, value });
    }
    to_milliseconds(seconds).ok_or_else(|| PageErrorKind::TimeRange { part, text: seconds.to_string() })
}

/// Makes an exemplar of its places; `escaped`: names and values are to be unescaped, which the
/// reference does not do in OpenMetrics 1.0.
pub(super) fn take_exemplar(data: &[u8], raw: &RawExemplar, symbols: &mut Symbols, escaped: bool) -> Result<Exemplar, PageError> {
    let mut labels = Vec::with_capacity(raw.items.len());
    for item in &raw.items {
        let bytes = part(data, item.name.0, item.name.1);
        let Ok(name) = std::str::from_utf8(bytes) else {
            let kind = PageErrorKind::NameNotUtf8 { what: "label", name: bytes.to_vec().into() };
            return Err(PageError::new(kind, data, item.name.0, item.name.1));
        };
        let value = part(data, item.value.0, item.value.1);
        let (name, value) = if escaped { (unescape(name.as_bytes(), true), unescape(value, true)) } else { (name.into(), decode(value)) };
        labels.push(Label { name: symbols.get(&name), value: value.as_ref().into() });
    }
    crate::model::labels::sort(&mut labels);
    Ok(Exemplar { labels, value: raw.value, time: raw.time })
}
