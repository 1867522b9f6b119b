//! OpenMetrics text, versions 0.0.1 and 1.0.0.
//!
//! ```text
//! page     = { meta | sample } "# EOF" [LF]
//! meta     = "# " ("HELP" | "TYPE" | "UNIT") " " (NAME | QUOTED) " " text LF
//! sample   = ( NAME [ "{" [items] "}" ] | "{" items "}" ) " " value [ " " time ] [ exemplar ] LF
//! items    = item { "," item } [","]      item = (LABEL | QUOTED) "=" QUOTED | QUOTED
//! exemplar = " # {" [pairs] "}" " " value [ " " time ]
//! ```
//! Exactly one space separates. Most of what the specification demands of the content (suffixes,
//! order, values) the reference does not check, and neither does this.
//!
//! [`Scanner`] reads lines without copying anything, so that `created` can run a second one
//! ahead; [`OpenMetrics`] makes entries of them.

use super::created::Created;
use super::entry::{Exemplar, MetricKind};
use super::error::{PageError, PageErrorKind};
use super::labels::{Symbols, decode, unescape};
use super::lex::{Item, Line, Place, Quoting, Token, keyword, label_end, name_end, nuls_end, part, quoted, word_end};
use super::number::{parse_plain, to_milliseconds};
use super::reader::ReadOptions;
use super::slot::{Kind, Slot};
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
    Sample,
    End,
}

/// The exemplar of a line.
#[derive(Clone, Default, Debug)]
pub(super) struct RawExemplar {
    pub present: bool,
    pub items: Vec<Item>,
    pub value: f64,
    pub time: Option<i64>,
}

/// Where in a line the braces are: their rules differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Braces {
    Series,
    Exemplar,
}

/// Reads line by line, keeping places instead of texts.
#[derive(Clone, Default, Debug)]
pub(super) struct Scanner {
    pub place: Place,
    pub line: Line,
    pub exemplar: RawExemplar,
    /// Name of a metadata line, without its quotes.
    pub metric: (usize, usize),
    /// Text of a metadata line.
    pub text: (usize, usize),
    /// The series on a sample's line: from its start to the brace or the end of the name.
    pub series: (usize, usize),
    /// The sample before this ended in the middle of a line. The reference delivers it and
    /// then fails, still expecting the rest of that line.
    stuck: bool,
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
                self.sample(data, None)
            }
            Some(_) => {
                self.place.start = start;
                match name_end(data, start) {
                    Some(end) => {
                        self.place.at = end;
                        self.sample(data, Some((start, end)))
                    }
                    None => Err(self.no_start(data, Token::Invalid)),
                }
            }
        }
    }

    #[cold]
    fn no_start(&self, data: &[u8], token: Token) -> PageError {
        if token == Token::Eof {
            return self.no_eof(data);
        }
        self.place.unexpected(data, "expected a valid start token", token)
    }

    #[cold]
    fn no_eof(&self, data: &[u8]) -> PageError {
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
            return Err(self.place.unexpected(data, expected, Token::Eof));
        }
        self.place.start = start;
        self.metric = match data.get(start) {
            Some(b'"') => match quoted(data, start, NAMES) {
                Ok(end) => {
                    self.place.at = end;
                    (start + 1, end - 1)
                }
                Err(at) => {
                    self.place.at = at;
                    return Err(self.place.unexpected(data, expected, Token::Invalid));
                }
            },
            _ => {
                let Some(end) = name_end(data, start) else {
                    return Err(self.place.unexpected(data, expected, Token::Invalid));
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

    /// A sample, from behind its name or opening brace on.
    fn sample(&mut self, data: &[u8], name: Option<(usize, usize)>) -> Result<Found, PageError> {
        self.line.clear();
        self.exemplar.present = false;
        self.line.name = name;
        self.series = (self.place.entry, self.place.at);
        if name.is_none() {
            self.labels(data, Braces::Series)?;
            self.series.1 = self.place.at;
        } else if data.get(self.place.at) == Some(&b'{') {
            self.place.start = self.place.at;
            self.place.at += 1;
            self.labels(data, Braces::Series)?;
            self.series.1 = self.place.at;
        }
        let token = self.value_token(data);
        if self.line.name.is_none() {
            let line = self.place.line(data).to_vec().into();
            return Err(PageError::new(PageErrorKind::NoName(line), data, self.place.entry, self.place.at));
        }
        self.line.value = self.number(data, token, "expected value after metric")?;
        match self.timestamp_token(data) {
            Token::Eof => return Err(self.no_eof(data)),
            Token::Linebreak => {}
            Token::Comment => self.exemplar(data)?,
            Token::Timestamp => {
                self.line.time = Some(self.time(data, "timestamp")?);
                match self.timestamp_token(data) {
                    Token::Linebreak => {}
                    Token::Comment => self.exemplar(data)?,
                    token => return Err(self.place.unexpected(data, "expected next entry after timestamp", token)),
                }
            }
            _ => self.stuck = true,
        }
        Ok(Found::Sample)
    }

    /// Takes ` word`.
    #[inline]
    fn word_token(&mut self, data: &[u8], token: Token) -> Token {
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

    /// The token behind a series.
    #[inline]
    fn value_token(&mut self, data: &[u8]) -> Token {
        if data.get(self.place.at) == Some(&b'{') {
            self.place.start = self.place.at;
            self.place.at += 1;
            return Token::Open;
        }
        self.word_token(data, Token::Value)
    }

    /// The token behind a value.
    #[inline]
    fn timestamp_token(&mut self, data: &[u8]) -> Token {
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
        token
    }

    /// The number in the last token, which has a space in front.
    #[inline]
    fn number(&self, data: &[u8], token: Token, expected: &'static str) -> Result<f64, PageError> {
        if token != Token::Value {
            return Err(self.place.unexpected(data, expected, token));
        }
        self.plain(data)
    }

    #[inline]
    fn plain(&self, data: &[u8]) -> Result<f64, PageError> {
        parse_plain(part(data, self.place.start + 1, self.place.at)).map_err(|e| self.place.not_a_number(data, e, ""))
    }

    /// The time in the last token.
    fn time(&self, data: &[u8], what: &'static str) -> Result<i64, PageError> {
        let seconds = self.plain(data)?;
        to_time(seconds, what).map_err(|kind| self.place.error(data, kind))
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
    fn label_value_token(&mut self, data: &[u8], braces: Braces) -> Token {
        let start = self.place.at;
        if data.get(start) == Some(&b'"') {
            self.place.start = start;
            let quoting = if braces == Braces::Series { VALUES } else { EXEMPLARS };
            let (token, at) = quoted(data, start, quoting).map_or_else(|at| (Token::Invalid, at), |at| (Token::LabelValue, at));
            self.place.at = at;
            return token;
        }
        match braces {
            // In an exemplar the same state reads the value behind the braces.
            Braces::Exemplar => self.word_token(data, Token::Value),
            Braces::Series if start >= data.len() => Token::Eof,
            Braces::Series => {
                self.place.start = start;
                Token::Invalid
            }
        }
    }

    /// All from behind the opening brace to behind the closing one.
    fn labels(&mut self, data: &[u8], braces: Braces) -> Result<(), PageError> {
        let quoting = if braces == Braces::Series { NAMES } else { EXEMPLARS };
        let mut token = self.label_token(data, quoting);
        loop {
            let is_quoted = token == Token::Quoted;
            let name = match token {
                Token::Close => return Ok(()),
                Token::LabelName => (self.place.start, self.place.at),
                Token::Quoted => (self.place.start + 1, self.place.at - 1),
                _ => return Err(self.place.unexpected(data, "expected label name", token)),
            };
            token = self.label_token(data, quoting);
            if is_quoted && matches!(token, Token::Comma | Token::Close) {
                if braces == Braces::Exemplar {
                    return Err(self.place.unexpected(data, "expected label name", token));
                }
                if self.line.name.is_some() {
                    let line = self.place.line(data).to_vec().into();
                    return Err(PageError::new(PageErrorKind::NameTwice(line), data, name.0 - 1, name.1 + 1));
                }
                self.line.name = Some(name);
                self.line.name_quoted = true;
                if token == Token::Comma {
                    token = self.label_token(data, quoting);
                }
                continue;
            }
            if token != Token::Equal {
                return Err(self.place.unexpected(data, "expected equal", token));
            }
            token = self.label_value_token(data, braces);
            if token != Token::LabelValue {
                return Err(self.place.unexpected(data, "expected label value", token));
            }
            let value = self.place.token(data);
            if std::str::from_utf8(value).is_err() {
                return Err(self.place.error(data, PageErrorKind::ValueNotUtf8(value.to_vec().into())));
            }
            let item = Item { name, value: (self.place.start + 1, self.place.at - 1), quoted: is_quoted };
            match braces {
                Braces::Series => self.line.items.push(item),
                Braces::Exemplar => self.exemplar.items.push(item),
            }
            token = self.label_token(data, quoting);
            match token {
                Token::Close => return Ok(()),
                Token::Comma => token = self.label_token(data, quoting),
                _ => return Err(self.place.unexpected(data, "expected comma or brace close", token)),
            }
        }
    }

    /// An exemplar, from behind its opening brace to the end of the line.
    fn exemplar(&mut self, data: &[u8]) -> Result<(), PageError> {
        self.exemplar.present = true;
        self.exemplar.items.clear();
        self.exemplar.time = None;
        self.labels(data, Braces::Exemplar)?;
        // The same state would take a quoted text here.
        let token = match data.get(self.place.at) {
            Some(b'"') => self.label_value_token(data, Braces::Exemplar),
            _ => self.word_token(data, Token::Value),
        };
        self.exemplar.value = self.number(data, token, "expected value after exemplar labels")?;
        match self.exemplar_end(data) {
            Token::Eof => Err(self.no_eof(data)),
            Token::Linebreak => Ok(()),
            Token::Timestamp => {
                self.exemplar.time = Some(self.time(data, "exemplar timestamp")?);
                match self.exemplar_end(data) {
                    Token::Linebreak => Ok(()),
                    token => Err(self.place.unexpected(data, "expected next entry after exemplar timestamp", token)),
                }
            }
            token => Err(self.place.unexpected(data, "expected timestamp or comment", token)),
        }
    }

    /// The token behind an exemplar's value.
    fn exemplar_end(&mut self, data: &[u8]) -> Token {
        if data.get(self.place.at) == Some(&b'\n') {
            self.place.start = self.place.at;
            self.place.at += 1;
            return Token::Linebreak;
        }
        self.word_token(data, Token::Timestamp)
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

/// A reader of OpenMetrics 1.0.
#[derive(Clone, Default, Debug)]
pub(super) struct OpenMetrics {
    scanner: Scanner,
    /// The kind on the last TYPE line and the unit on the last UNIT line: they hold for all
    /// that follows.
    kind: MetricKind,
    unit: String,
    created: Created,
}

impl OpenMetrics {
    /// Where the entry read last stands.
    pub fn place(&self) -> (usize, usize) {
        (self.scanner.place.entry, self.scanner.place.at)
    }

    /// Reads the next entry into `slot`; `false` at the end.
    pub fn advance(&mut self, data: &[u8], slot: &mut Slot, options: &ReadOptions) -> Result<bool, PageError> {
        loop {
            match self.scanner.next(data)? {
                Found::End => return Ok(false),
                Found::Meta(kind) => {
                    self.meta(data, slot, kind)?;
                    self.created.new_family(self.scanner.metric);
                    return Ok(true);
                }
                Found::Sample => {
                    let start = if options.created_as_start && Created::applies(self.kind) {
                        if Created::is_created(data, &self.scanner) {
                            continue;
                        }
                        self.created.start_of(data, &self.scanner, self.kind)
                    } else {
                        None
                    };
                    self.sample(data, slot, options)?;
                    slot.start = start;
                    return Ok(true);
                }
            }
        }
    }

    fn meta(&mut self, data: &[u8], slot: &mut Slot, kind: Kind) -> Result<(), PageError> {
        let Scanner { metric, text, place, .. } = &self.scanner;
        let (metric, text) = (part(data, metric.0, metric.1), part(data, text.0, text.1));
        match kind {
            Kind::Type => {
                let known = MetricKind::from_openmetrics(text);
                self.kind = known.ok_or_else(|| place.error(data, PageErrorKind::UnknownType(text.to_vec().into())))?;
                slot.metric_kind = self.kind;
                slot.set_text(kind, metric, "");
            }
            Kind::Unit => {
                if !text.is_empty() && !metric.strip_suffix(text).is_some_and(|rest| rest.ends_with(b"_")) {
                    let (unit, metric) = (text.to_vec().into(), metric.to_vec().into());
                    return Err(place.error(data, PageErrorKind::UnitNotSuffix { unit, metric }));
                }
                self.unit = decode(text).into_owned();
                slot.set_text(kind, metric, &self.unit);
            }
            _ => {
                if std::str::from_utf8(text).is_err() {
                    return Err(place.error(data, PageErrorKind::HelpNotUtf8(text.to_vec().into())));
                }
                slot.set_text(kind, metric, &unescape(text, true));
            }
        }
        Ok(())
    }

    fn sample(&mut self, data: &[u8], slot: &mut Slot, options: &ReadOptions) -> Result<(), PageError> {
        let Self { scanner, kind, unit, .. } = self;
        let line = &scanner.line;
        let number = match kind {
            MetricKind::Histogram => Some("le"),
            MetricKind::Summary => Some("quantile"),
            _ => None,
        };
        slot.set_sample(line.value, line.time);
        let extra = options.type_and_unit_labels.then(|| [("__type__", kind.label()), ("__unit__", unit.as_str())]);
        slot.labels.take(data, line, number, extra)?;
        if scanner.exemplar.present {
            slot.exemplars.push(take_exemplar(data, &scanner.exemplar, slot.labels.symbols(), false)?);
        }
        Ok(())
    }
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
    labels.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Exemplar { labels, value: raw.value, time: raw.time })
}
