//! Prometheus text, versions 0.0.4 and 1.0.0.
//!
//! ```text
//! page   = { blank LF | [blank] comment | [blank] meta | sample }
//! meta   = "#" blank ("HELP" | "TYPE") blank (NAME | QUOTED) text LF
//! sample = [blank] ( NAME [ "{" items "}" ] | "{" items "}" ) VALUE [ TIMESTAMP ] LF
//! items  = { LABEL "=" QUOTED [","] | QUOTED "=" QUOTED [","] | QUOTED ("," | before "}") }
//! ```
//! Blanks (spaces and TABs) may stand between any two of these, and never need to.

use super::entry::MetricKind;
use super::error::{PageError, PageErrorKind};
use super::labels::{Shape, decode, unescape};
use super::lex::{Item, Line, Place, Quoting, Token, blanks_end, keyword, label_end, name_end, nuls_end, part, quoted};
use super::number::{parse_milliseconds, parse_plain};
use super::reader::{ReadOptions, Warning, WarningKind};
use super::slot::{Kind, Slot};

/// Names in quotes may span lines; values may also hold NUL.
const NAMES: Quoting = Quoting { multiline: true, nul: false };
const VALUES: Quoting = Quoting { multiline: true, nul: true };

/// A reader of Prometheus text. The page it is shown ends in LF, or is empty.
#[derive(Clone, Default, Debug)]
pub(super) struct Prometheus {
    place: Place,
    line: Line,
    /// The kind on the last TYPE line: it holds for all that follows.
    kind: MetricKind,
}

impl Prometheus {
    /// Where the entry read last stands.
    pub fn place(&self) -> (usize, usize) {
        (self.place.entry, self.place.at)
    }

    /// Reads the next entry into `slot`; `false` at the end.
    pub fn advance(&mut self, data: &[u8], slot: &mut Slot, options: &ReadOptions, warnings: &mut Vec<Warning>) -> Result<bool, PageError> {
        loop {
            self.place.entry = self.place.at;
            self.skip_blanks(data);
            match data.get(self.place.at) {
                None => return Ok(false),
                Some(0) => return Ok(self.ends_early(data, warnings)),
                Some(b'\n') => self.place.at += 1,
                Some(b'#') => {
                    if !self.hash(data, slot)? {
                        return Ok(self.ends_early(data, warnings));
                    }
                    return Ok(true);
                }
                Some(_) => {
                    self.sample(data, warnings)?;
                    let Self { line, kind, .. } = self;
                    let number = match kind {
                        MetricKind::Histogram => Some("le"),
                        MetricKind::Summary => Some("quantile"),
                        _ => None,
                    };
                    slot.set_sample(line.value, line.time);
                    let extra = options.type_and_unit_labels.then(|| [("__type__", kind.label()), ("__unit__", "")]);
                    slot.labels.take(data, line, Shape { number, extra, ..Shape::default() })?;
                    return Ok(true);
                }
            }
        }
    }

    #[inline]
    fn skip_blanks(&mut self, data: &[u8]) {
        self.place.at = blanks_end(data, self.place.at);
        self.place.start = self.place.at;
    }

    /// A NUL that starts an entry ends the page, and the reference says nothing.
    fn ends_early(&self, data: &[u8], warnings: &mut Vec<Warning>) -> bool {
        Warning::note(warnings, WarningKind::NulEndsPage, data, self.place.at);
        false
    }

    /// Takes a token that is one byte long.
    #[inline]
    fn single(&mut self, token: Token) -> Token {
        self.place.at += 1;
        token
    }

    /// A line that starts with `#`; `false` where a NUL ends the page.
    fn hash(&mut self, data: &[u8], slot: &mut Slot) -> Result<bool, PageError> {
        let hash = self.place.start;
        let after = blanks_end(data, hash + 1);
        self.place.at = after;
        // Without a blank behind its sign, a comment stops at any NUL; else at a leading one.
        let plain = after == hash + 1;
        if !plain {
            for (word, kind, expected) in
                [(b"HELP", Kind::Help, "expected metric name after HELP"), (b"TYPE", Kind::Type, "expected metric name after TYPE")]
            {
                if let Some(end) = keyword(data, after, word).ok().and_then(|end| blanks_and_nuls(data, end)) {
                    self.place.at = end;
                    self.meta(data, slot, kind, expected)?;
                    return Ok(true);
                }
            }
        }
        let rest = part(data, after, data.len());
        let end = after + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let stopped = if plain { part(data, after, end).contains(&0) } else { data.get(after) == Some(&0) };
        if stopped {
            return Ok(false);
        }
        self.place.at = end + 1;
        slot.set_text(Kind::Comment, b"", &decode(part(data, hash, end)));
        Ok(true)
    }

    /// The rest of a HELP or TYPE line.
    fn meta(&mut self, data: &[u8], slot: &mut Slot, kind: Kind, expected: &'static str) -> Result<(), PageError> {
        self.skip_blanks(data);
        let start = self.place.at;
        let metric = match data.get(start) {
            Some(b'"') => match quoted(data, start, NAMES) {
                Ok(end) => {
                    self.place.at = end;
                    part(data, start + 1, end - 1)
                }
                Err(at) => {
                    self.place.at = at;
                    return Err(self.place.unexpected(data, expected, Token::Invalid));
                }
            },
            _ => match name_end(data, start) {
                Some(end) => {
                    self.place.at = end;
                    part(data, start, end)
                }
                None => return Err(self.place.unexpected(data, expected, Token::Invalid)),
            },
        };
        let text = self.text(data);
        match kind {
            Kind::Type => {
                let known = MetricKind::from_prometheus(text);
                self.kind = known.ok_or_else(|| self.place.error(data, PageErrorKind::UnknownType(text.to_vec().into())))?;
                slot.metric_kind = self.kind;
                slot.set_text(kind, metric, "");
            }
            _ => {
                if std::str::from_utf8(text).is_err() {
                    return Err(self.place.error(data, PageErrorKind::HelpNotUtf8(text.to_vec().into())));
                }
                slot.set_text(kind, metric, &unescape(text, false));
            }
        }
        self.place.start = self.place.at;
        match data.get(self.place.at) {
            Some(b'\n') => {
                self.place.at += 1;
                Ok(())
            }
            // Only a NUL can stand here; the reference takes it for the end.
            _ => {
                self.place.at += 1;
                Err(self.place.unexpected(data, "linebreak expected after metadata", Token::Eof))
            }
        }
    }

    /// The text of a metadata line: all but its first byte, whatever that is. Only blanks are
    /// no text; a NUL in the first place ends it.
    fn text<'d>(&mut self, data: &'d [u8]) -> &'d [u8] {
        self.place.start = self.place.at;
        let rest = part(data, self.place.at, data.len());
        if rest.first() == Some(&0) {
            return &[];
        }
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        self.place.at += length;
        let text = part(rest, 0, length);
        if text.iter().all(|b| matches!(b, b' ' | b'\t' | 0)) {
            self.place.start = self.place.at;
            return &[];
        }
        text.get(1..).unwrap_or_default()
    }

    /// A sample's line into `self.line`.
    fn sample(&mut self, data: &[u8], warnings: &mut Vec<Warning>) -> Result<(), PageError> {
        self.line.clear();
        let start = self.place.at;
        if let Some(end) = name_end(data, start) {
            if self.place.entry < start {
                // The reference takes the blanks in front for a part of the name.
                Warning::note(warnings, WarningKind::BlanksInName, data, self.place.entry);
            }
            self.line.name = Some((self.place.entry, end));
            self.place.at = end;
            self.skip_blanks(data);
            if data.get(self.place.at) == Some(&b'{') {
                self.place.at += 1;
                self.labels(data)?;
                self.skip_blanks(data);
            }
        } else if data.get(start) == Some(&b'{') {
            self.place.at += 1;
            self.labels(data)?;
            self.skip_blanks(data);
        } else {
            return Err(self.place.unexpected(data, "expected a valid start token", Token::Invalid));
        }
        self.value(data)
    }

    /// A token in the braces.
    #[inline]
    fn label_token(&mut self, data: &[u8]) -> Token {
        self.skip_blanks(data);
        let start = self.place.at;
        match data.get(start) {
            Some(b'"') => {
                let (token, at) = quoted(data, start, NAMES).map_or_else(|at| (Token::Invalid, at), |at| (Token::Quoted, at));
                self.place.at = at;
                token
            }
            Some(b'}') => self.single(Token::Close),
            Some(b'=') => self.single(Token::Equal),
            Some(b',') => self.single(Token::Comma),
            _ => match label_end(data, start) {
                Some(end) => {
                    self.place.at = end;
                    Token::LabelName
                }
                None => Token::Invalid,
            },
        }
    }

    /// All from behind the opening brace to behind the closing one.
    fn labels(&mut self, data: &[u8]) -> Result<(), PageError> {
        let mut token = self.label_token(data);
        loop {
            let is_quoted = token == Token::Quoted;
            let name = match token {
                Token::Close => return Ok(()),
                Token::LabelName => (self.place.start, self.place.at),
                Token::Quoted => (self.place.start + 1, self.place.at - 1),
                _ => return Err(self.place.unexpected(data, "expected label name", token)),
            };
            token = self.label_token(data);
            if is_quoted && matches!(token, Token::Comma | Token::Close) {
                if self.line.name.is_some() {
                    let line = self.place.line(data).to_vec().into();
                    return Err(PageError::new(PageErrorKind::NameTwice(line), data, name.0 - 1, name.1 + 1));
                }
                self.line.name = Some(name);
                self.line.name_quoted = true;
                if token == Token::Comma {
                    token = self.label_token(data);
                }
                continue;
            }
            if token != Token::Equal {
                return Err(self.place.unexpected(data, "expected equal", token));
            }
            // Blanks in this state take NULs behind them along.
            let start = blanks_and_nuls(data, self.place.at).unwrap_or(self.place.at);
            (self.place.start, self.place.at) = (start, start);
            let end = match data.get(start) {
                Some(b'"') => quoted(data, start, VALUES),
                _ => Err(start),
            };
            self.place.at = end.unwrap_or_else(|at| at);
            if end.is_err() {
                return Err(self.place.unexpected(data, "expected label value", Token::Invalid));
            }
            let value = self.place.token(data);
            if std::str::from_utf8(value).is_err() {
                return Err(self.place.error(data, PageErrorKind::ValueNotUtf8(value.to_vec().into())));
            }
            self.line.items.push(Item { name, value: (start + 1, self.place.at - 1), quoted: is_quoted });
            token = self.label_token(data);
            if token == Token::Comma {
                token = self.label_token(data);
            }
        }
    }

    /// Value, time and the end of the line.
    #[inline]
    fn value(&mut self, data: &[u8]) -> Result<(), PageError> {
        let start = self.place.at;
        if data.get(start) == Some(&b'{') {
            self.place.at += 1;
            return Err(self.suffix_error(data, Token::Open));
        }
        let mut end = start;
        while let Some(b) = data.get(end) {
            if matches!(b, b'{' | b' ' | b'\t' | b'\n' | 0) {
                break;
            }
            end += 1;
        }
        self.place.at = end;
        if end == start {
            return Err(self.suffix_error(data, Token::Invalid));
        }
        if self.line.name.is_none() {
            return Err(self.suffix_error(data, Token::Value));
        }
        self.line.value = parse_plain(part(data, start, end)).map_err(|e| self.place.not_a_number(data, e, ""))?;
        self.skip_blanks(data);
        let start = self.place.at;
        if data.get(start) == Some(&b'\n') {
            self.place.at += 1;
            return Ok(());
        }
        let mut end = start;
        while data.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        self.place.at = end;
        if end == start {
            return Err(self.place.unexpected(data, "expected timestamp or new record", Token::Invalid));
        }
        self.line.time = Some(parse_milliseconds(part(data, start, end)).map_err(|e| self.place.not_a_number(data, e, ""))?);
        self.skip_blanks(data);
        match data.get(self.place.at) {
            Some(b'\n') => {
                self.place.at += 1;
                Ok(())
            }
            Some(b) => {
                let token = if b.is_ascii_digit() { Token::Timestamp } else { Token::Invalid };
                while data.get(self.place.at).is_some_and(u8::is_ascii_digit) {
                    self.place.at += 1;
                }
                Err(self.place.unexpected(data, "expected next entry after timestamp", token))
            }
            None => Err(self.place.unexpected(data, "expected next entry after timestamp", Token::Eof)),
        }
    }

    /// What stands in the place of the value is none, or the name was never told.
    #[cold]
    fn suffix_error(&self, data: &[u8], token: Token) -> PageError {
        if self.line.name.is_none() {
            let line = self.place.line(data).to_vec().into();
            return PageError::new(PageErrorKind::NoName(line), data, self.place.entry, self.place.at);
        }
        self.place.unexpected(data, "expected value after metric", token)
    }
}

/// The blanks that must follow HELP and TYPE, with NULs among them.
fn blanks_and_nuls(data: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(b' ' | b'\t') = data.get(at) {
        at = nuls_end(data, at + 1);
    }
    (at > from).then_some(at)
}
