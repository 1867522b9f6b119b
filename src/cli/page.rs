//! One scrape: the samples of a page with the labels of a target.

use super::failure::Failure;
use crate::model::LabelSet;
use crate::source::{MemorySource, Metadata};
use crate::text::{Entry, Format, ReadOptions, Reader, Value};
use std::collections::BTreeMap;

/// Where a page comes from.
pub(crate) struct Target<'a> {
    /// For messages.
    pub(crate) name: String,
    /// The time of samples that have none, ms.
    pub(crate) time: i64,
    /// The labels that every series gets.
    pub(crate) labels: &'a LabelSet,
}

/// Entries between two looks at the clock and at Ctrl-C.
const BATCH: usize = 4096;

/// Reads a page into a source. `at` hears how many bytes were read, roughly, and may stop it.
pub(crate) fn append(
    source: &mut MemorySource,
    target: &Target,
    page: &[u8],
    format: Format,
    at: &mut dyn FnMut(usize) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut reader = Reader::new(page, format, ReadOptions::default());
    let mut families: BTreeMap<String, Metadata> = BTreeMap::new();
    let mut family = |name: &str, set: &dyn Fn(&mut Metadata)| {
        set(families.entry(name.to_owned()).or_insert_with(|| Metadata { name: name.to_owned(), ..Metadata::default() }));
    };
    let lines = page.iter().filter(|b| **b == b'\n').count().max(1);
    let mut entries = 0usize;
    loop {
        let entry = reader.read_entry().map_err(|e| Failure::Failed(format!("{}:{e}", target.name)))?;
        let Some(entry) = entry else { break };
        match entry {
            Entry::Help { metric, text } => family(metric, &|m| m.help = text.to_owned()),
            Entry::Type { metric, kind } => family(metric, &|m| m.kind = kind.as_str().to_owned()),
            Entry::Unit { metric, unit } => family(metric, &|m| m.unit = unit.to_owned()),
            Entry::Sample(sample) => {
                let labels = with_target(&sample.label_set(), target.labels);
                let (time, start) = (sample.time.unwrap_or(target.time), sample.start.unwrap_or(0));
                let done = match sample.value {
                    Value::Float(value) => source.append_float(&labels, time, start, value),
                    Value::Histogram(histogram) => source.append_histogram(&labels, time, start, histogram.clone()),
                };
                done.map_err(|e| Failure::Failed(format!("{}: {labels}: {e}", target.name)))?;
            }
            _ => {}
        }
        entries += 1;
        if entries.is_multiple_of(BATCH) {
            at((page.len() / lines).saturating_mul(entries).min(page.len()))?;
        }
    }
    source.commit();
    families.into_values().for_each(|m| source.set_metadata(m));
    for warning in reader.warnings() {
        super::note(&format!("{}: {warning}", target.name));
    }
    Ok(())
}

/// A series with the labels of its target. As in a scrape, a label that both have is the
/// target's, and the page's is kept as `exported_…`.
pub(crate) fn with_target(labels: &LabelSet, target: &LabelSet) -> LabelSet {
    let mut out = labels.clone();
    for label in target {
        if let Some(own) = labels.get(&label.name) {
            let mut exported = format!("exported_{}", label.name);
            while out.get(&exported).is_some() || target.get(&exported).is_some() {
                exported.insert_str(0, "exported_");
            }
            out = out.with(&exported, own);
        }
        out = out.with(&label.name, &label.value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_the_page_make_way() {
        let page = LabelSet::from_pairs([("__name__", "x"), ("job", "own"), ("exported_job", "older")]);
        let target = LabelSet::from_pairs([("job", "api"), ("instance", "a:80")]);
        assert_eq!(
            with_target(&page, &target).to_string(),
            r#"{__name__="x", exported_exported_job="own", exported_job="older", instance="a:80", job="api"}"#
        );
    }
}
