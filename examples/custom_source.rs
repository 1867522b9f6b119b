//! A source of one's own: a table in memory, queried in PromQL.
//!
//! Run it with `cargo run --example custom_source`.

use ferula::engine::Value;
use ferula::model::{LabelSet, Matcher, Samples};
use ferula::source::conformance::{Kit, TestSeries, TestValue};
use ferula::source::{Columns, Selection, SeriesSet, Source, SourceError, TimeRange};
use ferula::{Engine, EngineOptions};

/// What an embedder has anyway: rows of labels and points in time (ms).
#[derive(Default)]
struct Table {
    rows: Vec<(LabelSet, Vec<(i64, f64)>)>,
}

/// The rows that a query asked for, borrowed from the table.
struct Rows<'a> {
    labels: Vec<LabelSet>,
    points: Vec<&'a [(i64, f64)]>,
}

impl Source for Table {
    fn select<'a>(&'a self, selection: &Selection<'_>) -> Result<Box<dyn SeriesSet + 'a>, SourceError> {
        // An absent label has the empty value.
        let value = |labels: &LabelSet, m: &Matcher| m.name.as_str().and_then(|n| labels.get(n)).unwrap_or("").to_owned();
        let fits = |labels: &LabelSet| selection.matchers.iter().all(|m| m.matches(&value(labels, m)));
        let found = self.rows.iter().filter(|(labels, _)| fits(labels));
        let (labels, points) = found.map(|(labels, points)| (labels.clone(), points.as_slice())).unzip();
        Ok(Box::new(Rows { labels, points }))
    }
}

impl SeriesSet for Rows<'_> {
    fn labels(&self) -> &[LabelSet] {
        &self.labels
    }

    fn read(&self, index: usize, range: TimeRange, _: Columns, out: &mut Samples) -> Result<(), SourceError> {
        out.clear();
        let points = self.points.get(index).ok_or_else(|| SourceError::new("no such row"))?;
        for (time, value) in points.iter().filter(|(time, _)| range.contains(*time)) {
            out.push_float(*time, *value);
        }
        Ok(())
    }
}

/// The table that the conformance kit asks for.
fn conforming(series: &[TestSeries]) -> Table {
    let point = |time, value: &TestValue| match value {
        TestValue::Float(value) => Some((time, *value)),
        TestValue::Histogram(_) => None,
    };
    let points = |s: &TestSeries| s.samples.iter().filter_map(|p| point(p.time, &p.value)).collect();
    Table { rows: series.iter().map(|s| (s.labels.clone(), points(s))).collect() }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In a crate of one's own this is a `#[test]`.
    Kit::new().without_histograms().without_start_timestamps().check(conforming);

    let mut table = Table::default();
    for (path, speed) in [("/", 3.0), ("/search", 0.5)] {
        let labels = LabelSet::from_pairs([("__name__", "requests_total"), ("path", path)]);
        table.rows.push((labels, (0..=20).map(|i| (i * 15_000, i as f64 * 15.0 * speed)).collect()));
    }
    let query = Engine::new(EngineOptions::default()).prepare("sum by (path) (rate(requests_total[2m]))")?;
    if let Value::Vector(samples) = query.instant(&table, 300_000)?.value {
        samples.iter().for_each(|sample| println!("{} {:?}", sample.labels, sample.value));
    }
    Ok(())
}
