//! Labels under construction: texts are kept once, and what equals the line before is kept as
//! it is.

use super::error::{PageError, PageErrorKind};
use super::lex::{Line, part};
use crate::model::labels::METRIC_NAME;
use crate::model::number::{format_openmetrics, parse_go_float};
use crate::model::{HashMap, HashSet, Label};
use std::borrow::Cow;
use std::sync::Arc;

/// Texts of labels, each held once and shared by all who ask for it.
#[derive(Clone, Default, Debug)]
pub(super) struct Symbols {
    texts: HashSet<Arc<str>>,
    /// Bounds and quantiles as they are written, and as they are kept.
    numbers: HashMap<Arc<str>, Arc<str>>,
}

impl Symbols {
    /// The shared text.
    pub fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.texts.insert(new.clone());
        new
    }
    /// The text of a bound or quantile as series have it: numbers in OpenMetrics form, `1.0` for
    /// `1`; anything else unchanged.
    pub fn number(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.numbers.get(text) {
            return known.clone();
        }
        let written = self.get(text);
        let kept = match parse_go_float(text) {
            Ok(value) => self.get(&format_openmetrics(value)),
            Err(_) => written.clone(),
        };
        self.numbers.insert(written, kept.clone());
        kept
    }
}

/// The labels of the current entry, in written order and sorted.
///
/// Lines of a family differ in few labels, so each label is compared with the one at the same
/// place of the line before: only what differs is looked up, and only that is sorted in anew.
#[derive(Clone, Default, Debug)]
pub(super) struct Labels {
    symbols: Symbols,
    written: Vec<Label>,
    used: usize,
    /// Where each written label stands in the sorted ones.
    rank: Vec<usize>,
    sorted: Vec<Label>,
    /// Written labels whose value changed.
    changed: Vec<usize>,
    /// A name changed, so the order may have.
    reorder: bool,
    /// Begun and not finished.
    open: bool,
}

/// What a series' labels are made of besides those on the line.
#[derive(Clone, Copy, Default)]
pub(super) struct Shape<'a> {
    /// The label whose value is a number under the current type.
    pub number: Option<&'a str>,
    /// Labels that come from metadata. Where they are asked for, they and the name take the
    /// place of what the line says under their names, unless empty.
    pub extra: Option<[(&'a str, &'a str); 2]>,
    /// What the name gets appended.
    pub suffix: &'a str,
    /// A bound or quantile that does not stand among the labels.
    pub bound: Option<(&'a str, f64)>,
}

impl Labels {
    /// Starts a new label set.
    pub fn begin(&mut self) {
        self.used = 0;
        self.changed.clear();
        // A label set that was never finished has left the two lists apart.
        self.reorder = self.open;
        self.open = true;
    }
    /// Adds a label.
    pub fn push(&mut self, name: &str, value: &str) {
        let Self { symbols, written, .. } = self;
        if let Some(old) = written.get(self.used) {
            let value = (*old.value != *value).then(|| symbols.get(value));
            self.put(name, value);
        } else {
            let value = symbols.get(value);
            self.put(name, Some(value));
        }
    }
    /// Adds a label whose value is a number, if it is one: see [`Symbols::number`].
    pub fn push_number(&mut self, name: &str, value: &str) {
        let value = self.symbols.number(value);
        let same = self.written.get(self.used).is_some_and(|old| old.value == value);
        self.put(name, (!same).then_some(value));
    }
    /// Puts a label at the next place; no value: that of the line before.
    fn put(&mut self, name: &str, value: Option<Arc<str>>) {
        let at = self.used;
        self.used += 1;
        match (self.written.get_mut(at), value) {
            (Some(old), value) => {
                if *old.name != *name {
                    old.name = self.symbols.get(name);
                    self.reorder = true;
                }
                if let Some(value) = value {
                    old.value = value;
                    self.changed.push(at);
                }
            }
            (None, Some(value)) => {
                self.written.push(Label { name: self.symbols.get(name), value });
                self.reorder = true;
            }
            (None, None) => self.used = at,
        }
    }
    /// Ends the label set.
    pub fn finish(&mut self) {
        self.open = false;
        if self.reorder || self.used != self.sorted.len() {
            self.written.truncate(self.used);
            let mut order: Vec<usize> = (0..self.used).collect();
            crate::model::order::sort_by(&mut order, |a, b| self.written[*a].name.cmp(&self.written[*b].name));
            self.rank.clear();
            self.rank.resize(self.used, 0);
            for (rank, at) in order.iter().enumerate() {
                self.rank[*at] = rank;
            }
            self.sorted.clear();
            self.sorted.extend(order.iter().map(|at| self.written[*at].clone()));
            return;
        }
        for at in &self.changed {
            let place = self.rank.get(*at).and_then(|rank| self.sorted.get_mut(*rank));
            if let (Some(label), Some(new)) = (place, self.written.get(*at)) {
                label.value = new.value.clone();
            }
        }
    }
    /// The labels, sorted by name; of equal names the one written first comes first.
    pub fn sorted(&self) -> &[Label] {
        &self.sorted
    }
    /// The shared texts.
    pub fn symbols(&mut self) -> &mut Symbols {
        &mut self.symbols
    }

    /// Takes the labels of a line.
    ///
    /// # Errors
    /// A quoted name that is not UTF-8.
    pub fn take(&mut self, data: &[u8], line: &Line, shape: Shape) -> Result<(), PageError> {
        let Shape { number, extra, suffix, bound } = shape;
        self.begin();
        let (start, end) = line.name.unwrap_or_default();
        let named = start < end;
        if !suffix.is_empty() {
            let metric = self.name(data, (start, end), line.name_quoted, "metric")?;
            self.push(METRIC_NAME, &format!("{metric}{suffix}"));
        } else if (extra.is_none() || named) && !self.keep(METRIC_NAME, part(data, start, end)) {
            let metric = self.name(data, (start, end), line.name_quoted, "metric")?;
            self.push(METRIC_NAME, &metric);
        }
        for item in &line.items {
            let name = self.name(data, item.name, item.quoted, "label")?;
            if let Some(extra) = &extra {
                let told = extra.iter().any(|(n, v)| *n == &*name && !v.is_empty());
                if told || *name == *METRIC_NAME && named {
                    continue;
                }
            }
            let bytes = part(data, item.value.0, item.value.1);
            if number == Some(&*name) {
                self.push_number(&name, &unescape(bytes, true));
            } else if !self.keep(&name, bytes) {
                self.push(&name, &unescape(bytes, true));
            }
        }
        for (name, value) in extra.iter().flatten().filter(|(_, value)| !value.is_empty()) {
            self.push(name, value);
        }
        if let Some((name, value)) = bound {
            self.push(name, &format_openmetrics(value));
        }
        self.finish();
        Ok(())
    }

    /// Whether the line before has the same label at this place, which then stands.
    #[inline]
    fn keep(&mut self, name: &str, value: &[u8]) -> bool {
        let same = self.written.get(self.used).is_some_and(|old| old.value.as_bytes() == value && *old.name == *name);
        // An escaped text may look like another one that is not.
        let kept = same && !value.contains(&b'\\');
        self.used += usize::from(kept);
        kept
    }

    fn name<'d>(&self, data: &'d [u8], place: (usize, usize), quoted: bool, what: &'static str) -> Result<Cow<'d, str>, PageError> {
        let bytes = part(data, place.0, place.1);
        match std::str::from_utf8(bytes) {
            Ok(name) if !quoted => Ok(name.into()),
            Ok(_) => Ok(unescape(bytes, true)),
            Err(_) => Err(PageError::new(PageErrorKind::NameNotUtf8 { what, name: bytes.to_vec().into() }, data, place.0, place.1)),
        }
    }
}

/// Undoes `\\`, `\n` and, with `quotes`, `\"`; other pairs stay as they are.
/// Invalid UTF-8 shows as U+FFFD: readers refuse it before where it matters.
pub(super) fn unescape(bytes: &[u8], quotes: bool) -> Cow<'_, str> {
    if !bytes.contains(&b'\\') {
        return decode(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(b) = rest.next() {
        let (pair, plain) = match (b, rest.as_slice().first()) {
            (b'\\', Some(b'\\')) => (true, b'\\'),
            (b'\\', Some(b'n')) => (true, b'\n'),
            (b'\\', Some(b'"')) if quotes => (true, b'"'),
            (b, _) => (false, *b),
        };
        out.push(plain);
        if pair {
            rest.next();
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// The text, with U+FFFD for what is not UTF-8. Nearly all texts are, and are checked faster
/// than `from_utf8_lossy` does.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}
