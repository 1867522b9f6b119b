//! Label sets: sorted, immutable, cheap to clone.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The label that holds the metric name.
pub const METRIC_NAME: &str = "__name__";
/// The labels that "dropping the name" removes, and that default matching leaves out.
pub const METADATA_LABELS: [&str; 3] = [METRIC_NAME, "__type__", "__unit__"];

/// Whether a label is one of the metadata labels `__name__`, `__type__`, `__unit__`.
pub fn is_metadata(name: &str) -> bool {
    name.starts_with("__") && METADATA_LABELS.contains(&name)
}

/// Whether neither a label of this name nor those after it, in the order of names, are metadata.
pub(crate) fn is_past_metadata(name: &str) -> bool {
    // Most names begin with a letter, which tells at once.
    name.as_bytes().first().is_some_and(|first| *first > b'_') || name > METADATA_LABELS[2]
}

/// One label: a name and a non-empty value.
#[derive(Clone, Eq, Debug)]
pub struct Label {
    /// The name.
    pub name: Arc<str>,
    /// The value, never empty: an empty label is an absent one.
    pub value: Arc<str>,
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        let same = |a: &Arc<str>, b: &Arc<str>| Arc::ptr_eq(a, b) || a == b;
        same(&self.name, &other.name) && same(&self.value, &other.value)
    }
}

impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.value.hash(state);
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.name, &other.name).then_with(|| compare(&self.value, &other.value))
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Labels of one source mostly share their texts, which then need not be read.
fn compare(a: &Arc<str>, b: &Arc<str>) -> Ordering {
    if Arc::ptr_eq(a, b) { Ordering::Equal } else { a.cmp(b) }
}

/// Sorts labels by their names; those named alike stay in their order.
pub(crate) fn sort(labels: &mut [Label]) {
    super::order::sort_by(labels, |a, b| a.name.cmp(&b.name));
}

/// A set of labels, sorted by name, without empty values.
///
/// Clones share the labels, and so does the set without its name where that stands in front, as it
/// mostly does. Sets of one source may lie one after another in memory, and are freed together. The order of label sets is the reference's: label by label, name bytes, then value
/// bytes; a strict prefix sorts first.
///
/// ```
/// use ferula::model::LabelSet;
/// let labels = LabelSet::from_pairs([("job", "api"), ("__name__", "up")]);
/// assert_eq!(labels.to_string(), r#"{__name__="up", job="api"}"#);
/// assert_eq!(labels.get("job"), Some("api"));
/// ```
#[derive(Clone)]
pub struct LabelSet {
    all: Arc<[Label]>,
    /// Those of this set; others belong to the set that it was made from, or to its neighbours.
    from: u32,
    to: u32,
}

/// Makes label sets that lie next to one another in memory, some at a time: found sooner by what
/// goes through them, and freed when none of those together is used any more.
#[cfg(feature = "engine")]
#[derive(Default)]
pub(crate) struct Together {
    labels: Vec<Label>,
    /// Where each of the sets of `labels` ends.
    ends: Vec<u32>,
    laid: Vec<LabelSet>,
}

#[cfg(feature = "engine")]
impl Together {
    /// Makes a set of labels that are sorted and not empty.
    pub(crate) fn push(&mut self, labels: impl Iterator<Item = Label>) {
        self.labels.extend(labels);
        self.ends.push(self.labels.len() as u32);
        if self.ends.len() == 64 {
            self.lay();
        }
    }

    fn lay(&mut self) {
        let all: Arc<[Label]> = self.labels.drain(..).collect();
        let mut from = 0;
        self.laid.extend(self.ends.drain(..).map(|to| LabelSet { all: all.clone(), from: std::mem::replace(&mut from, to), to }));
    }

    /// The sets, in their order.
    pub(crate) fn finish(mut self) -> Vec<LabelSet> {
        self.lay();
        self.laid
    }
}

impl Default for LabelSet {
    fn default() -> Self {
        LabelSet::of(Arc::from([]))
    }
}

impl LabelSet {
    fn of(all: Arc<[Label]>) -> Self {
        LabelSet { from: 0, to: all.len() as u32, all }
    }
    /// Sorts, drops empty values, and keeps the last of labels named twice.
    pub fn new(mut labels: Vec<Label>) -> Self {
        sort(&mut labels);
        let mut kept: Vec<Label> = Vec::with_capacity(labels.len());
        for label in labels {
            match kept.last_mut() {
                Some(last) if last.name == label.name => *last = label,
                _ => kept.push(label),
            }
        }
        kept.retain(|l| !l.value.is_empty());
        LabelSet::of(kept.into())
    }
    /// The same from pairs of texts.
    pub fn from_pairs<N: Into<Arc<str>>, V: Into<Arc<str>>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self::new(pairs.into_iter().map(|(n, v)| Label { name: n.into(), value: v.into() }).collect())
    }
    /// The labels, sorted by name.
    pub fn labels(&self) -> &[Label] {
        self.all.get(self.from as usize..self.to as usize).unwrap_or(&[])
    }
    /// Iterates over the labels, sorted by name.
    pub fn iter(&self) -> std::slice::Iter<'_, Label> {
        self.labels().iter()
    }
    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.labels().len()
    }
    /// Whether this is `{}`.
    pub fn is_empty(&self) -> bool {
        self.labels().is_empty()
    }
    /// The value of a label, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|l| &*l.value)
    }
    /// The label of a name, if it is there.
    pub fn find(&self, name: &str) -> Option<&Label> {
        let labels = self.labels();
        labels.binary_search_by(|l| (*l.name).cmp(name)).ok().map(|i| &labels[i])
    }
    /// The metric name, or the empty text.
    pub fn metric_name(&self) -> &str {
        self.get(METRIC_NAME).unwrap_or("")
    }
    /// The labels that `keep` accepts by name.
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> LabelSet {
        if self.iter().all(|l| keep(&l.name)) {
            return self.clone();
        }
        LabelSet::of(self.iter().filter(|l| keep(&l.name)).cloned().collect())
    }
    /// Without `__name__`, `__type__` and `__unit__`.
    pub fn without_metadata(&self) -> LabelSet {
        let labels = self.labels();
        let metadata = labels.iter().take_while(|l| is_metadata(&l.name)).count();
        let among = |l: &&Label| !is_past_metadata(&l.name);
        if labels[metadata..].iter().take_while(among).any(|l| is_metadata(&l.name)) {
            return self.filter(|n| !is_metadata(n));
        }
        LabelSet { all: self.all.clone(), from: self.from + metadata as u32, to: self.to }
    }
    /// With one label set, or removed where the value is empty.
    pub fn with(&self, name: &str, value: &str) -> LabelSet {
        let mut labels: Vec<Label> = self.iter().filter(|l| &*l.name != name).cloned().collect();
        if !value.is_empty() {
            let at = labels.partition_point(|l| *l.name < *name);
            labels.insert(at, Label { name: name.into(), value: value.into() });
        }
        LabelSet::of(labels.into())
    }
    /// Whether this is the other set or a clone of it: texts are not looked at.
    #[cfg(feature = "engine")]
    pub(crate) fn is_clone_of(&self, other: &LabelSet) -> bool {
        Arc::ptr_eq(&self.all, &other.all) && (self.from, self.to) == (other.from, other.to)
    }
    /// With one label as another set has it, or without where that has not.
    #[cfg(feature = "engine")]
    pub(crate) fn with_that_of(&self, name: &str, other: &LabelSet) -> LabelSet {
        let mut labels: Vec<Label> = Vec::with_capacity(self.len() + 1);
        labels.extend(self.iter().filter(|l| &*l.name != name).cloned());
        if let Some(label) = other.find(name) {
            labels.insert(labels.partition_point(|l| *l.name < *name), label.clone());
        }
        LabelSet::of(labels.into())
    }
    /// Its labels and one of a name that is not there yet, in their order.
    #[cfg(feature = "engine")]
    pub(crate) fn with_label(&self, label: Label) -> impl Iterator<Item = Label> {
        let labels = self.labels();
        let (before, after) = labels.split_at(labels.partition_point(|l| l.name < label.name));
        before.iter().cloned().chain(std::iter::once(label)).chain(after.iter().cloned())
    }
    /// The hash that `limit_ratio` uses: XXH64 with seed 0 over the length-prefixed names and
    /// values, as Prometheus lays a label set out in memory.
    #[cfg(feature = "engine")]
    pub fn prometheus_hash(&self) -> u64 {
        let mut bytes = Vec::with_capacity(128);
        let mut put = |s: &str| {
            if s.len() < 255 {
                bytes.push(s.len() as u8);
            } else {
                bytes.push(0xff);
                bytes.extend_from_slice(&(s.len() as u32).to_le_bytes()[..3]);
            }
            bytes.extend_from_slice(s.as_bytes());
        };
        for l in self {
            put(&l.name);
            put(&l.value);
        }
        xxhash_rust::xxh64::xxh64(&bytes, 0)
    }
}

impl PartialEq for LabelSet {
    fn eq(&self, other: &Self) -> bool {
        self.labels() == other.labels()
    }
}

impl Eq for LabelSet {}

impl Hash for LabelSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.labels().hash(state);
    }
}

impl PartialOrd for LabelSet {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LabelSet {
    fn cmp(&self, other: &Self) -> Ordering {
        self.labels().cmp(other.labels())
    }
}

impl<'a> IntoIterator for &'a LabelSet {
    type Item = &'a Label;
    type IntoIter = std::slice::Iter<'a, Label>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Whether a label name can stand without quotes: `[a-zA-Z_][a-zA-Z0-9_]*`.
pub fn is_plain_label_name(name: &[u8]) -> bool {
    !name.is_empty() && !name[0].is_ascii_digit() && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// `{a="v", b="w"}` with Go's quoting.
impl fmt::Display for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, l) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            if is_plain_label_name(l.name.as_bytes()) {
                f.write_str(&l.name)?;
            } else {
                write!(f, "{}", super::quote::quote(l.name.as_bytes()))?;
            }
            write!(f, "={}", super::quote::quote(l.value.as_bytes()))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What shares the labels of a bigger set is as good as what has its own.
    #[test]
    fn a_set_without_its_name_is_like_any_other() {
        for pairs in [
            vec![("__name__", "m"), ("a", "1"), ("b", "2")],
            vec![("A", "0"), ("__name__", "m"), ("__type__", "counter"), ("b", "2")],
            vec![("__name__", "m"), ("__other__", "x"), ("__unit__", "s")],
            vec![("__name__", "m"), ("__type__", "counter"), ("__unit__", "s")],
            vec![("a", "1")],
            vec![],
        ] {
            let all = LabelSet::from_pairs(pairs.clone());
            let fresh = LabelSet::from_pairs(pairs.into_iter().filter(|(name, _)| !is_metadata(name)));
            let dropped = all.without_metadata();
            assert_eq!(dropped, fresh);
            assert_eq!(dropped.cmp(&fresh), Ordering::Equal);
            assert_eq!(dropped.without_metadata(), fresh);
            assert_eq!((dropped.len(), dropped.to_string()), (fresh.len(), fresh.to_string()));
            assert_eq!(dropped.get("b"), fresh.get("b"));
            assert_eq!(dropped.with("b", "3"), fresh.with("b", "3"));
            assert_eq!(dropped.filter(|name| name != "b"), fresh.filter(|name| name != "b"));
            let hash = |labels: &LabelSet| {
                std::hash::BuildHasher::hash_one(&std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default(), labels)
            };
            assert_eq!(hash(&dropped), hash(&fresh));
            assert_eq!(all == fresh, all.len() == fresh.len());
        }
    }

    #[cfg(feature = "engine")]
    #[test]
    fn sets_that_lie_together_are_what_they_were() {
        let apart: Vec<LabelSet> =
            [vec![("__name__", "m"), ("a", "1")], vec![], vec![("__name__", "m"), ("b", "2"), ("c", "3")]].map(LabelSet::from_pairs).into();
        let apart: Vec<LabelSet> = apart.iter().cycle().take(200).cloned().collect();
        let mut together = Together::default();
        apart.iter().for_each(|set| together.push(set.iter().cloned()));
        let together = together.finish();
        assert_eq!(together, apart);
        let nameless = |sets: &[LabelSet]| sets.iter().map(LabelSet::without_metadata).collect::<Vec<_>>();
        assert_eq!(nameless(&together), nameless(&apart));
    }
}
