//! Label sets: sorted, immutable, cheap to clone.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The label that holds the metric name.
pub const METRIC_NAME: &str = "__name__";
/// The labels that "dropping the name" removes, and that default matching leaves out.
pub const METADATA_LABELS: [&str; 3] = [METRIC_NAME, "__type__", "__unit__"];

/// Whether a label is one of the metadata labels `__name__`, `__type__`, `__unit__`.
pub fn is_metadata(name: &str) -> bool {
    METADATA_LABELS.contains(&name)
}

/// One label: a name and a non-empty value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Label {
    /// The name.
    pub name: Arc<str>,
    /// The value, never empty: an empty label is an absent one.
    pub value: Arc<str>,
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

/// A set of labels, sorted by name, without empty values.
///
/// Clones share the labels. The order of label sets is the reference's: label by label, name
/// bytes, then value bytes; a strict prefix sorts first.
///
/// ```
/// use ferula::model::LabelSet;
/// let labels = LabelSet::from_pairs([("job", "api"), ("__name__", "up")]);
/// assert_eq!(labels.to_string(), r#"{__name__="up", job="api"}"#);
/// assert_eq!(labels.get("job"), Some("api"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelSet(Arc<[Label]>);

impl Default for LabelSet {
    fn default() -> Self {
        LabelSet(Arc::from([]))
    }
}

impl LabelSet {
    /// Sorts, drops empty values, and keeps the last of labels named twice.
    pub fn new(mut labels: Vec<Label>) -> Self {
        labels.sort_by(|a, b| a.name.cmp(&b.name));
        let mut kept: Vec<Label> = Vec::with_capacity(labels.len());
        for label in labels {
            match kept.last_mut() {
                Some(last) if last.name == label.name => *last = label,
                _ => kept.push(label),
            }
        }
        kept.retain(|l| !l.value.is_empty());
        LabelSet(kept.into())
    }
    /// The same from pairs of texts.
    pub fn from_pairs<N: Into<Arc<str>>, V: Into<Arc<str>>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self::new(pairs.into_iter().map(|(n, v)| Label { name: n.into(), value: v.into() }).collect())
    }
    /// The labels, sorted by name.
    pub fn labels(&self) -> &[Label] {
        &self.0
    }
    /// Iterates over the labels, sorted by name.
    pub fn iter(&self) -> std::slice::Iter<'_, Label> {
        self.0.iter()
    }
    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether this is `{}`.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The value of a label, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|l| &*l.value)
    }
    /// The label of a name, if it is there.
    pub fn find(&self, name: &str) -> Option<&Label> {
        self.0.binary_search_by(|l| (*l.name).cmp(name)).ok().map(|i| &self.0[i])
    }
    /// The metric name, or the empty text.
    pub fn metric_name(&self) -> &str {
        self.get(METRIC_NAME).unwrap_or("")
    }
    /// The labels that `keep` accepts by name.
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> LabelSet {
        if self.0.iter().all(|l| keep(&l.name)) {
            return self.clone();
        }
        LabelSet(self.0.iter().filter(|l| keep(&l.name)).cloned().collect())
    }
    /// Without `__name__`, `__type__` and `__unit__`.
    pub fn without_metadata(&self) -> LabelSet {
        self.filter(|n| !is_metadata(n))
    }
    /// With one label set, or removed where the value is empty.
    pub fn with(&self, name: &str, value: &str) -> LabelSet {
        let mut labels: Vec<Label> = self.0.iter().filter(|l| &*l.name != name).cloned().collect();
        if !value.is_empty() {
            let at = labels.partition_point(|l| *l.name < *name);
            labels.insert(at, Label { name: name.into(), value: value.into() });
        }
        LabelSet(labels.into())
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
        for l in self.0.iter() {
            put(&l.name);
            put(&l.value);
        }
        xxhash_rust::xxh64::xxh64(&bytes, 0)
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
