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
//! The tokens, metadata lines and braces are read in `scan`, which both versions share.

use super::created::Created;
use super::entry::MetricKind;
use super::error::{PageError, PageErrorKind};
use super::labels::{Shape, decode, unescape};
use super::lex::{Token, part};
use super::reader::{ReadOptions, Warning};
use super::scan::{Braces, Found, Scanner, take_exemplar};
use super::slot::{Kind, Slot};

impl Scanner {
    /// The rest of a sample's line, from behind the series on.
    pub fn rest(&mut self, data: &[u8]) -> Result<(), PageError> {
        let token = self.value_token(data);
        self.named(data)?;
        self.line.value = self.number(data, token, "expected value after metric")?;
        match self.timestamp_token(data) {
            Token::Eof => return Err(self.no_eof(data)),
            Token::Linebreak => {}
            Token::Comment => self.only_exemplar(data)?,
            Token::Timestamp => {
                self.line.time = Some(self.time(data, "timestamp")?);
                match self.timestamp_token(data) {
                    Token::Linebreak => {}
                    Token::Comment => self.only_exemplar(data)?,
                    token => return Err(self.unexpected(data, "expected next entry after timestamp", token)),
                }
            }
            _ => self.stuck = true,
        }
        Ok(())
    }

    /// An exemplar, from behind its opening brace to the end of the line.
    fn only_exemplar(&mut self, data: &[u8]) -> Result<(), PageError> {
        self.begin_exemplar();
        self.labels(data, Braces::Exemplar)?;
        // The same state would take a quoted text here.
        let token = match data.get(self.place.at) {
            Some(b'"') => self.label_value_token(data, Braces::Exemplar),
            _ => self.exemplar_word_token(data),
        };
        let value = self.number(data, token, "expected value after exemplar labels")?;
        let mut time = None;
        match self.exemplar_end(data) {
            Token::Eof => return Err(self.no_eof(data)),
            Token::Linebreak => {}
            Token::Timestamp => {
                time = Some(self.time(data, "exemplar timestamp")?);
                match self.exemplar_end(data) {
                    Token::Linebreak => {}
                    token => return Err(self.unexpected(data, "expected next entry after exemplar timestamp", token)),
                }
            }
            token => return Err(self.unexpected(data, "expected timestamp or comment", token)),
        }
        if let Some(exemplar) = self.exemplars().last_mut() {
            (exemplar.value, exemplar.time) = (value, time);
        }
        Ok(())
    }
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
    pub fn advance(&mut self, data: &[u8], slot: &mut Slot, options: &ReadOptions, warnings: &mut Vec<Warning>) -> Result<bool, PageError> {
        loop {
            match self.scanner.next(data)? {
                Found::End => return Ok(false),
                Found::Meta(kind) => {
                    self.meta(data, slot, kind)?;
                    self.created.new_family(self.scanner.metric);
                    return Ok(true);
                }
                Found::Series => {
                    self.scanner.rest(data)?;
                    let start = if options.created_as_start && Created::applies(self.kind) {
                        if Created::is_created(data, &self.scanner) {
                            continue;
                        }
                        self.created.start_of(data, &self.scanner, self.kind, warnings)
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
        slot.labels.take(data, line, Shape { number, extra, ..Shape::default() })?;
        for exemplar in scanner.exemplars() {
            slot.exemplars.push(take_exemplar(data, exemplar, slot.labels.symbols(), false)?);
        }
        Ok(())
    }
}
