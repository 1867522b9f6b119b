//! The inverted index: from labels to series, and back.

use super::AppendError;
use crate::model::labels::Together;
use crate::model::{HashMap, HashSet, Label, LabelSet, MatchOp, Matcher};
use crate::source::SourceError;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Series, numbered in the order of their creation, by the values of their labels.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Every label name and value once, shared by all series.
    texts: HashSet<Arc<str>>,
    ids: HashMap<LabelSet, u32>,
    labels: Vec<LabelSet>,
    /// How many of them lie one after another in memory.
    together: usize,
    /// Name → value → ascending ids of the series that have it.
    postings: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Vec<u32>>>,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn labels(&self, id: u32) -> Option<&LabelSet> {
        self.labels.get(id as usize)
    }

    /// The labels of all series, by id.
    pub(super) fn all_labels(&self) -> &[LabelSet] {
        &self.labels
    }

    /// The id of a label set, a new one if need be.
    pub(super) fn insert(&mut self, labels: &LabelSet) -> Result<u32, AppendError> {
        if let Some(id) = self.ids.get(labels) {
            return Ok(*id);
        }
        // The last number stays free, so that a count of series fits in 32 bits too.
        let id = u32::try_from(self.labels.len()).ok().filter(|id| *id < u32::MAX).ok_or(AppendError::TooManySeries)?;
        let shared: Vec<Label> = labels.iter().map(|l| Label { name: self.share(&l.name), value: self.share(&l.value) }).collect();
        for label in &shared {
            let values = self.postings.entry(label.name.clone()).or_default();
            values.entry(label.value.clone()).or_default().push(id);
        }
        let labels = LabelSet::new(shared);
        self.labels.push(labels.clone());
        self.ids.insert(labels, id);
        Ok(id)
    }

    /// Lays the labels of series that are new one after another in memory, where a query that
    /// looks at many finds them sooner.
    pub(super) fn compact(&mut self) {
        let mut together = Together::default();
        self.labels.drain(self.together..).for_each(|labels| together.push(labels.iter().cloned()));
        for labels in together.finish() {
            if let Some((_, id)) = self.ids.remove_entry(&labels) {
                self.ids.insert(labels.clone(), id);
            }
            self.labels.push(labels);
        }
        self.together = self.labels.len();
    }

    fn share(&mut self, text: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        self.texts.insert(text.clone());
        text.clone()
    }

    /// From where to where ids go, if none is left out; the ids ascend.
    pub(super) fn stretch(ids: &[u32]) -> Option<std::ops::Range<usize>> {
        let (first, last) = (*ids.first()? as usize, *ids.last()? as usize);
        (last - first + 1 == ids.len()).then_some(first..last + 1)
    }

    /// Ids of the series that all matchers select, ascending.
    pub(super) fn select(&self, matchers: &[Matcher]) -> Result<Vec<u32>, SourceError> {
        for matcher in matchers {
            matcher.prepare().map_err(|e| SourceError { message: e.to_string(), cause: Some(Box::new(e)) })?;
        }
        // Exact values narrow the most and cost a look-up each: they go first, the rarest first.
        let mut exact: Vec<&[u32]> = Vec::new();
        let mut others: Vec<&Matcher> = Vec::new();
        for matcher in matchers {
            match (matcher.op, matcher.value.as_str()) {
                (MatchOp::Equal, Some(value)) if !value.is_empty() => {
                    let ids = self.values_of(matcher).and_then(|values| values.get(value));
                    exact.push(ids.map_or(&[], |ids| ids));
                }
                _ => others.push(matcher),
            }
        }
        crate::model::order::sort_by(&mut exact, |a, b| a.len().cmp(&b.len()));
        let mut found: Option<Vec<u32>> = None;
        for ids in exact {
            found = Some(match found {
                None => ids.to_vec(),
                Some(found) => common(found, ids),
            });
        }
        for matcher in others {
            if found.as_ref().is_some_and(|f| f.is_empty()) {
                break;
            }
            found = Some(self.narrow(found, matcher));
        }
        Ok(found.unwrap_or_else(|| (0..self.labels.len() as u32).collect()))
    }

    fn values_of(&self, matcher: &Matcher) -> Option<&BTreeMap<Arc<str>, Vec<u32>>> {
        self.postings.get(matcher.name.as_str()?)
    }

    /// The series among `found` (`None`: all) that a matcher selects.
    fn narrow(&self, found: Option<Vec<u32>>, matcher: &Matcher) -> Vec<u32> {
        let all = 0..self.labels.len() as u32;
        let Some(values) = self.values_of(matcher) else {
            return if matcher.matches("") { found.unwrap_or_else(|| all.collect()) } else { Vec::new() };
        };
        match found {
            // Few series: ask each for its value rather than each value for its series.
            Some(mut found) if found.len() <= values.len() => {
                let name = matcher.name.as_str().unwrap_or_default();
                let mut last: Option<(&Arc<str>, bool)> = None;
                let without = matcher.matches("");
                found.retain(|id| match self.labels(*id).and_then(|l| l.find(name)) {
                    None => without,
                    Some(label) => match last {
                        Some((value, verdict)) if Arc::ptr_eq(value, &label.value) => verdict,
                        _ => {
                            let verdict = matcher.matches(&label.value);
                            last = Some((&label.value, verdict));
                            verdict
                        }
                    },
                });
                found
            }
            // A series without the label passes: take away those whose value does not fit.
            found if matcher.matches("") => {
                let refused = union(values.iter().filter(|(value, _)| !matcher.matches(value)).map(|(_, ids)| ids));
                match found {
                    Some(found) => difference(found, &refused),
                    None => difference(all.collect(), &refused),
                }
            }
            found => {
                let ids = match (matcher.op, matcher.set_matches()) {
                    (MatchOp::Regex, Some(set)) => {
                        let set: HashSet<&str> = set.iter().map(String::as_str).collect();
                        union(set.into_iter().filter_map(|value| values.get(value)))
                    }
                    (MatchOp::Regex, None) => {
                        let prefix = matcher.prefix();
                        let from = values.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
                        let candidates = from.take_while(|(value, _)| value.starts_with(prefix));
                        union(candidates.filter(|(value, _)| matcher.matches(value)).map(|(_, ids)| ids))
                    }
                    _ => union(values.iter().filter(|(value, _)| matcher.matches(value)).map(|(_, ids)| ids)),
                };
                match found {
                    Some(found) => common(found, &ids),
                    None => ids,
                }
            }
        }
    }

    /// Whether any series has a label, or had it.
    pub(super) fn has_label(&self, name: &str) -> bool {
        self.postings.contains_key(name)
    }

    /// Names of labels of series that `alive` accepts, sorted.
    pub(super) fn names(&self, alive: impl Fn(u32) -> bool) -> Vec<String> {
        let live = self.postings.iter().filter(|(_, values)| values.values().flatten().any(|id| alive(*id)));
        live.map(|(name, _)| name.to_string()).collect()
    }

    /// Values of a label among series that `alive` accepts, sorted.
    pub(super) fn values(&self, name: &str, alive: impl Fn(u32) -> bool) -> Vec<String> {
        let values = self.postings.get(name).into_iter().flatten();
        values.filter(|(_, ids)| ids.iter().any(|id| alive(*id))).map(|(value, _)| value.to_string()).collect()
    }
}

/// Joins lists of ids that have no id in common.
fn union<'a>(lists: impl Iterator<Item = &'a Vec<u32>>) -> Vec<u32> {
    let mut ids: Vec<u32> = Vec::new();
    let mut sorted = true;
    for list in lists {
        sorted &= ids.last() < list.first();
        ids.extend_from_slice(list);
    }
    if !sorted {
        sort(&mut ids);
    }
    ids
}

/// Sorts ids that are all different: through a bit for each where they stand close together.
fn sort(ids: &mut Vec<u32>) {
    let (low, high) = ids.iter().fold((u32::MAX, 0), |(low, high), id| (low.min(*id), high.max(*id)));
    let words = (high.saturating_sub(low) / 64) as usize + 1;
    if words > ids.len() {
        crate::model::order::sort_by(ids, Ord::cmp);
        return;
    }
    let mut bits = vec![0u64; words];
    for id in ids.iter() {
        if let Some(word) = bits.get_mut(((id - low) / 64) as usize) {
            *word |= 1 << ((id - low) % 64);
        }
    }
    ids.clear();
    for (word, base) in bits.iter_mut().zip((low..).step_by(64)) {
        while *word != 0 {
            ids.push(base + word.trailing_zeros());
            *word &= *word - 1;
        }
    }
}

/// Keeps what is in `other` too; both ascending.
fn common(mut ids: Vec<u32>, other: &[u32]) -> Vec<u32> {
    let mut rest = other;
    ids.retain(|id| skip_to(&mut rest, *id));
    ids
}

/// Keeps what is not in `other`; both ascending.
fn difference(mut ids: Vec<u32>, other: &[u32]) -> Vec<u32> {
    let mut rest = other;
    ids.retain(|id| !skip_to(&mut rest, *id));
    ids
}

/// Moves `rest` to its first id that is not below `id`; whether that is `id`. Leaps of doubling
/// length make a short list against a long one cheap.
fn skip_to(rest: &mut &[u32], id: u32) -> bool {
    let mut leap = 1;
    while rest.get(leap).is_some_and(|other| *other < id) {
        *rest = rest.get(leap..).unwrap_or_default();
        leap *= 2;
    }
    let near = rest.get(..leap.min(rest.len())).unwrap_or_default();
    let past = near.partition_point(|other| *other < id);
    *rest = rest.get(past..).unwrap_or_default();
    rest.first() == Some(&id)
}
