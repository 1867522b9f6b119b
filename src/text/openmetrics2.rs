//! OpenMetrics text, version 2.0.0, which is experimental in the reference.
//!
//! ```text
//! sample   = series " " (number | composite) [ " " time ] [ " st@" time ] { exemplar } LF
//! exemplar = " # {" [pairs] "}" " " value " " time
//! ```
//! All else is as in version 1.0, but the name among the items comes first, names are checked,
//! types hold for samples of the very same name only, and some of what they demand is checked.
//! A composite value becomes one native histogram, or the classic series that it stands for.

use super::composite::{Fields, Row, rows};
use super::entry::MetricKind;
use super::error::{PageError, PageErrorKind};
use super::labels::{Shape, decode, unescape};
use super::lex::{Token, part};
use super::reader::ReadOptions;
use super::scan::{Braces, Found, Scanner, take_exemplar};
use super::slot::{Kind, Slot};
use crate::model::number::format_g;
use crate::model::quote::quote;
use std::collections::VecDeque;
use std::sync::Arc;

/// A reader of OpenMetrics 2.0.
#[derive(Clone, Debug)]
pub(super) struct OpenMetrics2 {
    scanner: Scanner,
    /// The name on the last line; kind and unit hold for it alone.
    name: Vec<u8>,
    kind: MetricKind,
    unit: String,
    start: Option<i64>,
    /// Samples of the current line that were not told yet.
    pending: VecDeque<Row>,
}

impl Default for OpenMetrics2 {
    fn default() -> Self {
        let mut scanner = Scanner::default();
        scanner.second = true;
        let (kind, pending) = (MetricKind::Unknown, VecDeque::new());
        OpenMetrics2 { scanner, name: Vec::new(), kind, unit: String::new(), start: None, pending }
    }
}

impl OpenMetrics2 {
    /// Where the entry read last stands.
    pub fn place(&self) -> (usize, usize) {
        (self.scanner.place.entry, self.scanner.place.at)
    }

    /// Reads the next entry into `slot`; `false` at the end.
    pub fn advance(&mut self, data: &[u8], slot: &mut Slot, options: &ReadOptions) -> Result<bool, PageError> {
        if self.pending.is_empty() {
            match self.scanner.next(data)? {
                Found::End => return Ok(false),
                Found::Meta(kind) => {
                    self.meta(data, slot, kind)?;
                    return Ok(true);
                }
                Found::Series => self.line(data, options)?,
            }
        }
        if let Some(row) = self.pending.pop_front() {
            self.sample(data, slot, row, options)?;
        }
        Ok(true)
    }

    /// A line about this name begins: what was told of another one is forgotten.
    fn about(&mut self, name: &[u8]) {
        if self.name != name {
            self.name.clear();
            self.name.extend_from_slice(name);
            self.kind = MetricKind::Unknown;
            self.unit.clear();
        }
    }

    fn meta(&mut self, data: &[u8], slot: &mut Slot, kind: Kind) -> Result<(), PageError> {
        let Scanner { metric, text, place, .. } = self.scanner;
        let (metric, text) = (part(data, metric.0, metric.1), part(data, text.0, text.1));
        self.about(metric);
        let word = match kind {
            Kind::Type => "TYPE",
            Kind::Unit => "UNIT",
            _ => "HELP",
        };
        if text.ends_with(b"\r") {
            return Err(place.error(data, PageErrorKind::CarriageReturn { word, text: text.to_vec().into() }));
        }
        match kind {
            Kind::Type => {
                let known = MetricKind::from_openmetrics(text);
                self.kind = known.ok_or_else(|| place.error(data, PageErrorKind::UnknownType(text.to_vec().into())))?;
                if self.kind == MetricKind::Info && !metric.ends_with(b"_info") {
                    let what = format!("info metric family name {} must end with _info", quote(metric));
                    return Err(place.error(data, PageErrorKind::Family(what)));
                }
                slot.metric_kind = self.kind;
                slot.set_text(kind, metric, "");
            }
            Kind::Unit => {
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
        if matches!(self.kind, MetricKind::Info | MetricKind::StateSet) && !self.unit.is_empty() {
            let (word, unit) = (self.kind.as_str(), quote(self.unit.as_bytes()));
            let what = format!("{word} metric {} must have an empty unit, got {unit}", quote(metric));
            return Err(place.error(data, PageErrorKind::Family(what)));
        }
        Ok(())
    }

    /// The rest of a sample's line, from behind the series on, into `pending`.
    fn line(&mut self, data: &[u8], options: &ReadOptions) -> Result<(), PageError> {
        if let Some((start, end)) = self.scanner.line.name {
            self.about(part(data, start, end));
        }
        let token = self.scanner.value_token(data);
        self.scanner.named(data)?;
        let composite = matches!(self.kind, MetricKind::Histogram | MetricKind::GaugeHistogram | MetricKind::Summary);
        if token == Token::CompositeOpen {
            if !composite {
                return Err(
                    self.wrong(data, format!("composite value not supported for metric type {}", quote(self.kind.as_str().as_bytes())))
                );
            }
            let fields = Fields::read(&mut self.scanner, data, self.kind)?;
            let place = self.scanner.place;
            self.times(data)?;
            let made = rows(&fields, data, self.kind, options.keep_classic, options.nhcb);
            self.pending.extend(made.map_err(|e| place.error(data, PageErrorKind::Composite(e)))?);
            return Ok(());
        }
        let value = self.scanner.number(data, token, "expected value after metric")?;
        if composite {
            return Err(self.wrong(data, format!("composite value required for metric type {}", quote(self.kind.as_str().as_bytes()))));
        }
        self.check(data, value)?;
        self.times(data)?;
        self.pending.push_back(Row { value, exemplars: Some((f64::NEG_INFINITY, f64::NAN)), ..Row::default() });
        Ok(())
    }

    #[cold]
    fn wrong(&self, data: &[u8], what: String) -> PageError {
        let place = &self.scanner.place;
        place.error(data, PageErrorKind::Sample { what, line: place.line(data).to_vec().into() })
    }

    /// What the type demands of a plain value.
    fn check(&self, data: &[u8], value: f64) -> Result<(), PageError> {
        match self.kind {
            MetricKind::Counter if value.is_nan() => Err(self.wrong(data, "counter sample value must not be NaN".to_owned())),
            MetricKind::Info if value != 1.0 => Err(self.wrong(data, format!("info sample value must be 1, got {}", format_g(value)))),
            MetricKind::StateSet if value != 0.0 && value != 1.0 => {
                Err(self.wrong(data, format!("stateset sample value must be 0 or 1, got {}", format_g(value))))
            }
            MetricKind::StateSet if !self.scanner.line.items.iter().any(|i| *part(data, i.name.0, i.name.1) == *self.name) => {
                let name = quote(&self.name);
                Err(self.wrong(data, format!("stateset sample must have a label matching the metric family name {name}")))
            }
            _ => Ok(()),
        }
    }

    /// Time, start and exemplars, and the end of the line.
    fn times(&mut self, data: &[u8]) -> Result<(), PageError> {
        self.start = None;
        self.scanner.line.time = None;
        loop {
            match self.scanner.timestamp_token(data) {
                Token::Linebreak => return Ok(()),
                Token::Comment => return self.exemplars(data),
                Token::Timestamp => {
                    if self.scanner.line.time.is_some() {
                        return Err(self.twice(data, "duplicate timestamp"));
                    }
                    if self.start.is_some() {
                        return Err(self.twice(data, "timestamp must precede start timestamp"));
                    }
                    self.scanner.line.time = Some(self.scanner.time(data, "timestamp")?);
                }
                Token::StartTimestamp => {
                    if self.start.is_some() {
                        return Err(self.twice(data, "duplicate start timestamp"));
                    }
                    self.start = Some(self.scanner.time_after(data, 4, "start timestamp", " start timestamp")?);
                }
                Token::Eof => return Err(self.scanner.no_eof(data)),
                token => return Err(self.scanner.unexpected(data, "unexpected token after value", token)),
            }
        }
    }

    #[cold]
    fn twice(&self, data: &[u8], what: &'static str) -> PageError {
        let place = &self.scanner.place;
        place.error(data, PageErrorKind::Times { what, line: place.line(data).to_vec().into() })
    }

    /// Exemplars, from behind the first one's opening brace on.
    fn exemplars(&mut self, data: &[u8]) -> Result<(), PageError> {
        let scanner = &mut self.scanner;
        loop {
            scanner.begin_exemplar();
            scanner.labels(data, Braces::Exemplar)?;
            let token = match data.get(scanner.place.at) {
                Some(b'"') => scanner.label_value_token(data, Braces::Exemplar),
                _ => scanner.exemplar_word_token(data),
            };
            if token != Token::Value {
                return Err(scanner.unexpected(data, "expected exemplar value", token));
            }
            let value = scanner.plain_of(data, " exemplar value")?;
            match scanner.exemplar_end(data) {
                Token::Timestamp => {}
                Token::Eof => return Err(scanner.no_eof(data)),
                token => return Err(scanner.unexpected(data, "expected exemplar timestamp", token)),
            }
            let time = Some(scanner.time_after(data, 1, "exemplar timestamp", " exemplar timestamp")?);
            if let Some(exemplar) = scanner.exemplars().last_mut() {
                (exemplar.value, exemplar.time) = (value, time);
            }
            match scanner.exemplar_end(data) {
                Token::Linebreak => return Ok(()),
                Token::Comment => {}
                Token::Eof => return Err(scanner.no_eof(data)),
                token => return Err(scanner.unexpected(data, "expected end of line or next exemplar", token)),
            }
        }
    }

    fn sample(&mut self, data: &[u8], slot: &mut Slot, row: Row, options: &ReadOptions) -> Result<(), PageError> {
        let Self { scanner, kind, unit, start, .. } = self;
        let number = match kind {
            MetricKind::Histogram if row.suffix.is_empty() => Some("le"),
            _ => None,
        };
        let extra = options.type_and_unit_labels.then(|| [("__type__", kind.label()), ("__unit__", unit.as_str())]);
        slot.set_sample(row.value, scanner.line.time);
        slot.start = *start;
        slot.histogram = row.histogram.map(Arc::new);
        slot.labels.take(data, &scanner.line, Shape { number, extra, suffix: row.suffix, bound: row.bound })?;
        let Some((above, up_to)) = row.exemplars else { return Ok(()) };
        for exemplar in scanner.exemplars() {
            // What is not a number is above all bounds, and a bound that is none is no bound.
            let low = exemplar.value.is_nan() || above.is_nan() || exemplar.value > above || row.bound.is_none();
            let high = up_to.is_nan() || exemplar.value <= up_to || exemplar.value.is_nan() && up_to == f64::INFINITY;
            if low && high {
                slot.exemplars.push(take_exemplar(data, exemplar, slot.labels.symbols(), true)?);
            }
        }
        Ok(())
    }
}
