//! Classic histograms of text pages as native ones with custom buckets, while they are read.
//!
//! Consecutive samples of one histogram are collected; whatever ends the run (another series,
//! metadata, a comment, the end) is kept back while the histogram is told. Version 2.0 of
//! OpenMetrics and protobuf tell whole histograms, and convert them on their own.

use super::entry::{Exemplar, MetricKind};
use super::error::PageError;
use super::reader::{Warning, WarningKind};
use super::slot::{Kind, Slot};
use crate::model::Label;
use crate::model::histogram::Classic;
use crate::model::labels::METRIC_NAME;
use crate::model::number::parse_go_float;
use std::sync::Arc;

/// What was read of the current histogram.
#[derive(Clone, Default, Debug)]
pub(super) struct Converter {
    /// Classic series are told too.
    keep_classic: bool,
    /// The family and kind on the last TYPE line.
    family: String,
    kind: MetricKind,
    collected: Option<Collected>,
    /// The histogram told last.
    slot: Slot,
    /// The entry in the reader's slot was not told yet: a histogram came before it.
    held_back: Option<Held>,
    /// The current entry is the histogram.
    told: bool,
    /// Of the sample read last.
    time: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Held {
    /// It begins here.
    Entry(usize),
    End,
}

#[derive(Clone, Debug)]
struct Collected {
    name: String,
    /// All labels but the name and the bound.
    labels: Vec<Label>,
    parts: Classic,
    start: Option<i64>,
    exemplars: Vec<Exemplar>,
    /// Where it began.
    at: usize,
}

/// A part of a histogram.
#[derive(Clone, Copy)]
enum Part {
    Bucket,
    Count,
    Sum,
}

/// The name of the histogram that a series may belong to, and which part of it.
fn base_name(name: &str) -> (&str, Option<Part>) {
    for (suffix, part) in [("_bucket", Part::Bucket), ("_count", Part::Count), ("_sum", Part::Sum)] {
        if let Some(base) = name.strip_suffix(suffix) {
            return (base, Some(part));
        }
    }
    (name, None)
}

fn value_of<'l>(labels: &'l [Label], name: &str) -> Option<&'l str> {
    labels.iter().find(|l| *l.name == *name).map(|l| &*l.value)
}

fn is_own(label: &&Label) -> bool {
    &*label.name != METRIC_NAME && &*label.name != "le"
}

impl Converter {
    pub fn new(keep_classic: bool) -> Self {
        Converter { keep_classic, ..Converter::default() }
    }

    /// The slot of the current entry, if it is not the reader's.
    pub fn slot(&self) -> Option<&Slot> {
        self.told.then_some(&self.slot)
    }

    /// Goes to the next entry. `read` reads one into the slot, and says whether there was one and
    /// where it begins.
    pub fn advance(
        &mut self,
        data: &[u8],
        slot: &mut Slot,
        warnings: &mut Vec<Warning>,
        mut read: impl FnMut(&mut Slot, &mut Vec<Warning>) -> Result<(bool, usize), PageError>,
    ) -> Result<bool, PageError> {
        self.told = false;
        match self.held_back.take() {
            Some(Held::End) => return Ok(false),
            Some(Held::Entry(at)) => {
                let collected = slot.kind == Kind::Sample && self.collect(slot, at);
                if !collected || self.keep_classic {
                    return Ok(true);
                }
            }
            None => {}
        }
        loop {
            let (more, at) = read(slot, warnings)?;
            if !more {
                let told = self.convert(data, warnings);
                self.held_back = Some(Held::End);
                return Ok(told);
            }
            if slot.kind == Kind::Sample {
                self.time = slot.time;
                if self.collected.as_ref().is_some_and(|c| self.differs(c, slot)) && self.convert(data, warnings) {
                    self.held_back = Some(Held::Entry(at));
                    return Ok(true);
                }
                if self.collect(slot, at) && !self.keep_classic {
                    continue;
                }
                return Ok(true);
            }
            if slot.kind == Kind::Type {
                self.family.clone_from(&slot.metric);
                self.kind = slot.metric_kind;
            }
            if self.convert(data, warnings) {
                self.held_back = Some(Held::Entry(at));
            }
            return Ok(true);
        }
    }

    /// Whether a sample is none of the histogram that is being collected.
    fn differs(&self, collected: &Collected, slot: &Slot) -> bool {
        let labels = slot.labels();
        self.kind != MetricKind::Histogram
            || base_name(value_of(labels, METRIC_NAME).unwrap_or_default()).0 != collected.name
            || !labels.iter().filter(is_own).eq(&collected.labels)
    }

    /// Adds a sample to the histogram that it belongs to, or begins one; `false` if it is none.
    fn collect(&mut self, slot: &mut Slot, at: usize) -> bool {
        if self.kind != MetricKind::Histogram {
            return false;
        }
        let labels = slot.labels();
        let (base, Some(part)) = base_name(value_of(labels, METRIC_NAME).unwrap_or_default()) else { return false };
        if base != self.family {
            return false;
        }
        let bound = value_of(labels, "le").and_then(|le| parse_go_float(le).ok()).filter(|le| !le.is_nan());
        if matches!(part, Part::Bucket) && bound.is_none() {
            return false;
        }
        let collected = self.collected.get_or_insert_with(|| Collected {
            name: base.to_owned(),
            labels: labels.iter().filter(is_own).cloned().collect(),
            parts: Classic::default(),
            start: slot.start,
            exemplars: Vec::new(),
            at,
        });
        match (part, bound) {
            (Part::Bucket, Some(bound)) => collected.parts.add_bucket(bound, slot.value),
            (Part::Count, _) => collected.parts.set_count(slot.value),
            (_, _) => collected.parts.set_sum(slot.value),
        }
        // As in the reference, they are the histogram's even if the sample is told too.
        collected.exemplars.append(&mut slot.exemplars);
        true
    }

    /// Makes a histogram of what was collected; `false` if nothing was, or it makes none.
    fn convert(&mut self, data: &[u8], warnings: &mut Vec<Warning>) -> bool {
        let Some(collected) = self.collected.take() else { return false };
        let Ok(histogram) = collected.parts.histogram(true) else {
            Warning::note(warnings, WarningKind::NotConverted, data, collected.at);
            return false;
        };
        self.slot.set_sample(0.0, self.time);
        self.slot.start = collected.start;
        self.slot.histogram = Some(Arc::new(histogram));
        self.slot.exemplars = collected.exemplars;
        let labels = &mut self.slot.labels;
        labels.begin();
        labels.push(METRIC_NAME, &collected.name);
        for label in collected.labels.iter().filter(|l| !l.value.is_empty()) {
            labels.push(&label.name, &label.value);
        }
        labels.finish();
        self.told = true;
        true
    }
}
