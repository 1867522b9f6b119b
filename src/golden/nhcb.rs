//! Classic histograms of a load block as native histograms with custom buckets
//! (`load_with_nhcb`).

use super::script::{LoadSeries, Slot};
use crate::model::histogram::Classic;
use crate::model::{HashMap, LabelSet, labels, number};
use std::sync::Arc;

/// The native histograms that the float series of a block amount to, in the order of their first
/// series.
///
/// # Errors
/// The counts of a histogram contradict each other.
pub(super) fn convert(series: &[LoadSeries]) -> Result<Vec<LoadSeries>, String> {
    let mut places: HashMap<LabelSet, usize> = HashMap::default();
    let mut found: Vec<(LabelSet, Vec<Option<Classic>>)> = Vec::new();
    for series in series {
        let Some((part, labels)) = part_of(&series.labels)? else { continue };
        let place = *places.entry(labels.clone()).or_insert_with(|| {
            found.push((labels, Vec::new()));
            found.len() - 1
        });
        let Some((_, steps)) = found.get_mut(place) else { continue };
        if steps.len() < series.values.len() {
            steps.resize_with(series.values.len(), || None);
        }
        for (value, step) in series.values.iter().zip(steps.iter_mut()) {
            let Slot::Float(value) = *value else { continue };
            let parts = step.get_or_insert_default();
            match part {
                Part::Bucket(bound) => parts.add_bucket(bound, value),
                Part::Count => parts.set_count(value),
                Part::Sum => parts.set_sum(value),
            }
        }
    }
    let slot = |parts: Option<Classic>| match parts {
        None => Ok(Slot::Gap),
        Some(parts) => {
            let histogram = parts.histogram(false).map_err(|e| e.to_string())?;
            Ok(Slot::Histogram { value: Arc::new(histogram), hint_written: false })
        }
    };
    let series = |(labels, steps): (LabelSet, Vec<Option<Classic>>)| {
        let values = steps.into_iter().map(slot).collect::<Result<Vec<_>, String>>()?;
        Ok(LoadSeries { labels, values, starts: Vec::new() })
    };
    found.into_iter().map(series).collect()
}

#[derive(Clone, Copy)]
enum Part {
    Bucket(f64),
    Count,
    Sum,
}

/// Which part of which histogram a series is; `None` if of none.
fn part_of(set: &LabelSet) -> Result<Option<(Part, LabelSet)>, String> {
    let name = set.metric_name();
    if let Some(base) = name.strip_suffix("_bucket") {
        let le = set.get("le").ok_or_else(|| format!("the bucket series {set} has no label le"))?;
        // A bound that is no number makes no bucket.
        let bound = number::parse_go_float(le).ok().filter(|b| !b.is_nan());
        return Ok(bound.map(|b| (Part::Bucket(b), set.with("le", "").with(labels::METRIC_NAME, base))));
    }
    let part = [("_count", Part::Count), ("_sum", Part::Sum)].into_iter().find_map(|(s, part)| Some((part, name.strip_suffix(s)?)));
    Ok(part.map(|(part, base)| (part, set.with("le", "").with(labels::METRIC_NAME, base))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(name: &str, le: Option<&str>, values: &[f64]) -> LoadSeries {
        let mut labels = LabelSet::from_pairs([("__name__", name)]);
        if let Some(le) = le {
            labels = labels.with("le", le);
        }
        LoadSeries { labels, values: values.iter().map(|v| Slot::Float(*v)).collect(), starts: vec![] }
    }

    fn texts(series: &[LoadSeries]) -> Result<Vec<String>, String> {
        let text = |s: &LoadSeries| format!("{} {}", super::super::notation::metric(&s.labels), super::super::notation::slots(&s.values));
        Ok(convert(series)?.iter().map(text).collect())
    }

    #[test]
    fn cumulative_counts_become_buckets() {
        let series = [
            floats("a_bucket", Some("1"), &[1.0, 0.0]),
            floats("a_bucket", Some("3"), &[3.0, 2.0]),
            floats("a_bucket", Some("2"), &[1.0, 0.0]),
            floats("a_bucket", Some("x"), &[7.0]),
            floats("a_sum", None, &[5.0]),
            floats("a_count", None, &[4.0, 2.0, 6.0]),
            floats("b", None, &[4.0]),
        ];
        let wanted = "a {{schema:-53 count:4 sum:5 custom_values:[1 2 3] buckets:[1 0 2 1]}} \
                      {{schema:-53 count:2 custom_values:[1 2 3] offset:2 buckets:[2]}} {{schema:-53 count:6 buckets:[6]}}";
        assert_eq!(texts(&series), Ok(vec![wanted.to_owned()]));
    }

    #[test]
    fn contradictions() {
        for (series, wanted) in [
            (vec![floats("a_sum", None, &[1.0])], "count must be provided"),
            (vec![floats("a_bucket", None, &[1.0])], "no label le"),
            (vec![floats("a_bucket", Some("1"), &[-1.0])], "non-negative: le=1, count=-1"),
            (vec![floats("a_count", None, &[-1.0])], "non-negative: count=-1"),
            (vec![floats("a_bucket", Some("1"), &[f64::NAN])], "NaN"),
            (vec![floats("a_bucket", Some("1"), &[2.0]), floats("a_bucket", Some("2"), &[1.0])], "not cumulative: 1 < 2"),
            (vec![floats("a_bucket", Some("+Inf"), &[2.0]), floats("a_count", None, &[1.0])], "count=1 != le=+Inf count=2"),
            (vec![floats("a_bucket", Some("1"), &[2.0]), floats("a_count", None, &[1.0])], "bucket number 2 has observation count of -1"),
        ] {
            let error = texts(&series).unwrap_err();
            assert!(error.contains(wanted), "{error} should contain {wanted}");
        }
    }
}
