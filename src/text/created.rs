//! Start timestamps from the `_created` lines of OpenMetrics 1.0.
//!
//! A `_created` line follows the samples it speaks of, so a sample's start is found by looking
//! ahead, to the first `_created` line of the family. What was found there is remembered, both
//! for the samples behind it and so that the way is not gone again from each sample on: a page
//! is looked through at most twice.

use super::entry::MetricKind;
use super::lex::{Line, part};
use super::number::to_milliseconds;
use super::reader::{Warning, WarningKind};
use super::scan::{Found, Scanner};

const SUFFIX: &[u8] = b"_created";

/// What is known about `_created` lines around the current place.
#[derive(Clone, Default, Debug)]
pub(super) struct Created {
    /// Length of the name on the last metadata line: so many bytes of a series count.
    family: usize,
    /// The series that a start was last found for, and that start.
    found: Option<(Vec<u8>, i64)>,
    /// The next `_created` line.
    next: Option<Next>,
    ahead: Scanner,
}

/// The answer of a look ahead; it holds for all places before `at`.
#[derive(Clone, Debug)]
struct Next {
    /// Where the line ends, or where the search ended.
    at: usize,
    /// The series it speaks of, without what tells its samples apart, and the time; nothing if
    /// the family has no such line.
    says: Option<(Vec<u8>, i64)>,
}

impl Created {
    /// Whether metrics of this kind have `_created` lines.
    pub fn applies(kind: MetricKind) -> bool {
        matches!(kind, MetricKind::Counter | MetricKind::Summary | MetricKind::Histogram)
    }

    /// Whether the scanner's line is such a line.
    pub fn is_created(data: &[u8], scanner: &Scanner) -> bool {
        scanner.line.name.is_some_and(|(start, end)| part(data, start, end).ends_with(SUFFIX))
    }

    /// A metadata line was read. What was found last stands: the same family may go on.
    pub fn new_family(&mut self, name: (usize, usize)) {
        self.family = name.1 - name.0;
        self.next = None;
    }

    /// The start of the scanner's sample, ms, if a line ahead (or the one found last) tells it.
    pub fn start_of(&mut self, data: &[u8], scanner: &Scanner, kind: MetricKind, warnings: &mut Vec<Warning>) -> Option<i64> {
        let mut key = labels_key(data, &scanner.line, kind);
        let series = part(data, scanner.series.0, scanner.series.1);
        // A name in braces starts behind brace and quote.
        let series = if series.first() == Some(&b'{') { series.get(2..).unwrap_or_default() } else { series };
        // A series shorter than the family's name cannot belong to it.
        key.extend_from_slice(series.get(..self.family)?);
        if let Some((known, start)) = &self.found
            && *known == key
        {
            return Some(*start);
        }
        self.found = None;
        if self.next.as_ref().is_none_or(|next| next.at <= scanner.place.at) {
            self.ahead.clone_from(scanner);
            self.next = Some(look_ahead(data, &mut self.ahead, kind, warnings));
        }
        let (told, start) = self.next.as_ref()?.says.as_ref()?;
        if *told != key || *start == 0 {
            return None;
        }
        if *start > 0 {
            self.found = Some((key, *start));
        }
        Some(*start)
    }
}

/// Goes from line to line up to the next `_created`; metadata, an error or the end stop it.
fn look_ahead(data: &[u8], ahead: &mut Scanner, kind: MetricKind, warnings: &mut Vec<Warning>) -> Next {
    loop {
        let found = ahead.next(data).and_then(|found| if found == Found::Series { ahead.rest(data).map(|()| found) } else { Ok(found) });
        match found {
            Ok(Found::Series) if Created::is_created(data, ahead) => {
                let mut key = labels_key(data, &ahead.line, kind);
                let (start, end) = ahead.line.name.unwrap_or_default();
                key.extend_from_slice(part(data, start, end.saturating_sub(SUFFIX.len())));
                let says = to_milliseconds(ahead.line.value).map(|start| (key, start));
                if says.is_none() {
                    Warning::note(warnings, WarningKind::CreatedIsNoTime, data, ahead.place.entry);
                }
                return Next { at: ahead.place.at, says };
            }
            Ok(Found::Series) => {}
            _ => return Next { at: usize::MAX, says: None },
        }
    }
}

/// The labels as they are written, without the one that tells the samples of a series apart.
fn labels_key(data: &[u8], line: &Line, kind: MetricKind) -> Vec<u8> {
    let skipped: &[u8] = match kind {
        MetricKind::Histogram => b"le",
        MetricKind::Summary => b"quantile",
        _ => b"",
    };
    let mut key = Vec::with_capacity(64);
    for item in &line.items {
        let name = part(data, item.name.0, item.name.1);
        if !skipped.is_empty() && name == skipped {
            continue;
        }
        key.extend_from_slice(name);
        key.extend_from_slice(part(data, item.value.0, item.value.1));
    }
    key
}
