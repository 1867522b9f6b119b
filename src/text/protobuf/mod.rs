//! The delimited protobuf exposition: a sequence of `MetricFamily` messages, each with its length
//! in front. Native histograms are scraped with it.
//!
//! `wire` finds families and the places of their metrics, `message` has the messages of a metric,
//! and `metric` makes samples of them. One metric is decoded at a time, so that memory is bounded
//! by [`METRIC_LIMIT`] and not by the page. The page's door is `reader`, which alone calls this.

mod message;
mod metric;
mod wire;

use super::entry::{self, MetricKind};
use super::error::{PageError, PageErrorKind, ProtobufError};
use super::labels::Labels;
use super::reader::ReadOptions;
use super::slot::{Kind, Slot};
use crate::model::labels::METRIC_NAME;
use crate::model::number::format_openmetrics;
use crate::model::{ByteString, Label};
use message::{Exemplar, LabelPair, Metric, Timestamp};
use metric::{Row, Rows, Wanted};
use prost::Message;
use std::ops::Range;

pub(super) use wire::is_protobuf;

/// The longest message of one metric, in bytes: 4 MiB, tens of thousands of buckets. (The
/// reference has no limit.) What a message of two bytes becomes takes hundreds.
pub(super) const METRIC_LIMIT: usize = 4 << 20;

/// A reader of the protobuf exposition.
#[derive(Clone, Default, Debug)]
pub(super) struct Protobuf {
    /// Where the next record begins.
    next: usize,
    family: Option<Family>,
    /// What the last entry came from.
    place: Range<usize>,
}

/// The family being told.
#[derive(Clone, Debug)]
struct Family {
    name: String,
    help: String,
    unit: String,
    kind: MetricKind,
    /// The metadata still to be told, the last one first.
    meta: Vec<Kind>,
    /// From where on the next metric is searched, to the record's end.
    rest: Range<usize>,
    /// The first metric, decoded before the metadata is told.
    first: Option<Box<Metric>>,
    /// The current metric's samples that were not told yet.
    rows: <Rows as IntoIterator>::IntoIter,
    labels: Vec<(String, String)>,
    time: Option<i64>,
    start: Option<i64>,
}

impl Protobuf {
    /// Where the entry read last stands.
    pub fn place(&self) -> (usize, usize) {
        (self.place.start, self.place.end.saturating_add(1))
    }

    /// Reads the next entry into `slot`; `false` at the end.
    pub fn advance(&mut self, data: &[u8], slot: &mut Slot, options: &ReadOptions) -> Result<bool, PageError> {
        self.read(data, slot, options).map_err(|e| PageError::binary(PageErrorKind::Protobuf(e), self.place.clone()))
    }

    fn read(&mut self, data: &[u8], slot: &mut Slot, options: &ReadOptions) -> Result<bool, ProtobufError> {
        loop {
            if let Some(family) = &mut self.family {
                if let Some(kind) = family.meta.pop() {
                    family.describe(kind, slot);
                    return Ok(true);
                }
                if let Some(row) = family.rows.next() {
                    family.sample(row?, slot, options)?;
                    return Ok(true);
                }
                if let Some(metric) = family.first.take() {
                    family.metric(*metric, options)?;
                    continue;
                }
                if let Some(place) = wire::metric(data, family.rest.start, family.rest.end)? {
                    self.place = place.clone();
                    let metric = family.decode(data, place)?;
                    family.metric(metric, options)?;
                    continue;
                }
                self.family = None;
            }
            if self.next >= data.len() {
                return Ok(false);
            }
            self.place = self.next..data.len();
            let record = wire::record(data, self.next)?;
            self.place = record.clone();
            self.next = record.end;
            self.family = begin(data, record)?;
        }
    }
}

/// The family of a record, unless it has no metrics.
fn begin(data: &[u8], record: Range<usize>) -> Result<Option<Family>, ProtobufError> {
    let header = wire::header(data, record.clone())?;
    let Some(first) = wire::metric(data, record.start, record.end)? else { return Ok(None) };
    let bytes = |place: Range<usize>| data.get(place).unwrap_or_default();
    let text = |place: Range<usize>| std::str::from_utf8(bytes(place)).map(str::to_owned);
    let name = text(header.name.clone()).ok().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ProtobufError::MetricName(bytes(header.name).to_vec().into()))?;
    let help =
        text(header.help.clone()).map_err(|_| ProtobufError::Help { metric: name.clone(), help: bytes(header.help).to_vec().into() })?;
    let kind = wire::kind(header.kind).ok_or_else(|| ProtobufError::Type { metric: name.clone(), number: header.kind })?;
    let unit = String::from_utf8_lossy(bytes(header.unit)).into_owned();
    let mut meta = vec![Kind::Type];
    if !unit.is_empty() {
        meta.push(Kind::Unit);
    }
    meta.push(Kind::Help);
    let rest = record.start..record.end;
    let rows = Rows::new().into_iter();
    let mut family = Family { name, help, unit, kind, meta, rest, first: None, rows, labels: Vec::new(), time: None, start: None };
    // Bytes that are no metric fail the family before anything of it is told.
    family.first = Some(Box::new(family.decode(data, first)?));
    Ok(Some(family))
}

impl Family {
    fn describe(&self, kind: Kind, slot: &mut Slot) {
        slot.metric_kind = self.kind;
        let text = match kind {
            Kind::Help => &self.help,
            Kind::Unit => &self.unit,
            _ => "",
        };
        slot.set_text(kind, self.name.as_bytes(), text);
    }

    /// Decodes the metric at a place.
    fn decode(&mut self, data: &[u8], place: Range<usize>) -> Result<Metric, ProtobufError> {
        self.rest.start = place.end;
        if place.len() > METRIC_LIMIT {
            return Err(ProtobufError::TooLarge { metric: self.name.clone(), limit: METRIC_LIMIT });
        }
        Metric::decode(data.get(place).unwrap_or_default()).map_err(|e| ProtobufError::Malformed(e.to_string()))
    }

    /// Makes samples of a metric, to be told one by one.
    fn metric(&mut self, mut metric: Metric, options: &ReadOptions) -> Result<(), ProtobufError> {
        self.labels = labels(std::mem::take(&mut metric.label))?;
        self.time = (metric.timestamp_ms != 0).then_some(metric.timestamp_ms);
        let wanted = Wanted { keep_classic: options.keep_classic, convert: options.nhcb };
        let (rows, start) = metric::rows(&self.name, self.kind, metric, wanted)?;
        self.start = start.map(|start| milliseconds(&start, "start timestamp")).transpose()?;
        self.rows = rows.into_iter();
        Ok(())
    }

    fn sample(&self, row: Row, slot: &mut Slot, options: &ReadOptions) -> Result<(), ProtobufError> {
        slot.set_sample(row.value, self.time);
        slot.start = self.start;
        slot.histogram = row.histogram;
        slot.problem = row.problem;
        for exemplar in &row.exemplars {
            slot.exemplars.push(take_exemplar(exemplar, &mut slot.labels)?);
        }
        let into = &mut slot.labels;
        into.begin();
        if row.suffix.is_empty() {
            into.push(METRIC_NAME, &self.name);
        } else {
            into.push(METRIC_NAME, &format!("{}{}", self.name, row.suffix));
        }
        let extra = if options.type_and_unit_labels { [("__type__", self.kind.label()), ("__unit__", &*self.unit)] } else { [("", ""); 2] };
        for (name, value) in &self.labels {
            let told = extra.iter().any(|(n, v)| n == name && !v.is_empty());
            if !(told || options.type_and_unit_labels && name == METRIC_NAME) {
                into.push(name, value);
            }
        }
        for (name, value) in extra.iter().filter(|(_, value)| !value.is_empty()) {
            into.push(name, value);
        }
        if let Some((name, bound)) = row.bound {
            into.push(name, &format_openmetrics(bound));
        }
        into.finish();
        Ok(())
    }
}

fn milliseconds(time: &Timestamp, what: &'static str) -> Result<i64, ProtobufError> {
    time.milliseconds().ok_or(ProtobufError::Time { what, seconds: time.seconds })
}

/// The labels of a message.
fn labels(pairs: Vec<LabelPair>) -> Result<Vec<(String, String)>, ProtobufError> {
    let pair = |pair: LabelPair| {
        let name = String::from_utf8(pair.name).map_err(|e| ProtobufError::LabelName(e.into_bytes().into()))?;
        if name.is_empty() {
            return Err(ProtobufError::LabelName(ByteString::default()));
        }
        let value = String::from_utf8(pair.value).map_err(|e| ProtobufError::LabelValue(e.into_bytes().into()))?;
        Ok((name, value))
    };
    pairs.into_iter().map(pair).collect()
}

fn take_exemplar(exemplar: &Exemplar, into: &mut Labels) -> Result<entry::Exemplar, ProtobufError> {
    let symbols = into.symbols();
    let label = |pair: &LabelPair| {
        let name = std::str::from_utf8(&pair.name).map_err(|_| ProtobufError::LabelName(pair.name.clone().into()))?;
        let value = std::str::from_utf8(&pair.value).map_err(|_| ProtobufError::LabelValue(pair.value.clone().into()))?;
        Ok(Label { name: symbols.get(name), value: symbols.get(value) })
    };
    let mut labels = exemplar.label.iter().map(label).collect::<Result<Vec<_>, _>>()?;
    crate::model::labels::sort(&mut labels);
    let time = exemplar.timestamp.as_ref().map(|time| milliseconds(time, "exemplar timestamp")).transpose()?;
    Ok(entry::Exemplar { labels, value: exemplar.value, time })
}
