//! Data sets made by formula, into a source in memory.

use crate::formula;
use crate::table::{DataSet, Family, Kind};
use ferula::model::histogram::CUSTOM_BUCKETS_SCHEMA;
use ferula::model::{Histogram, HistogramSpan, LabelSet};
use ferula::source::MemorySource;
use ferula::source::memory::AppendError;

/// A series to be made.
struct Series<'a> {
    labels: LabelSet,
    family: &'a Family,
    /// Its number in the family.
    n: usize,
    /// Its number in the data set.
    i: usize,
    /// The index of its value of each label.
    indexes: Vec<usize>,
}

/// The values of a series, one for each slot of time.
enum Values {
    Floats(Box<dyn Iterator<Item = f64>>),
    Histograms(Box<dyn Iterator<Item = Histogram>>),
}

/// Makes all samples of a data set.
///
/// Series are appended in the order of their labels, which is how a block on disk hands them to
/// the peers: what depends on the order, as the choice of `limitk`, is the same for all.
pub fn load(set: &DataSet) -> Result<MemorySource, AppendError> {
    let mut all: Vec<Series> = Vec::new();
    for family in &set.families {
        for n in 0..family.size() {
            let indexes = indexes(family, n);
            all.push(Series { labels: labels(family, &indexes), family, n, i: all.len(), indexes });
        }
    }
    all.sort_by(|a, b| a.labels.cmp(&b.labels));
    let mut source = MemorySource::new();
    for series in &all {
        append(&mut source, set, series, all.len())?;
    }
    source.compact();
    Ok(source)
}

fn indexes(family: &Family, n: usize) -> Vec<usize> {
    let mut rest = n;
    let mut indexes = vec![0; family.labels.len()];
    for (index, axis) in indexes.iter_mut().zip(&family.labels).rev() {
        *index = rest % axis.len();
        rest /= axis.len();
    }
    indexes
}

fn labels(family: &Family, indexes: &[usize]) -> LabelSet {
    let name = ("__name__".to_owned(), family.metric.clone());
    let constant = family.constant.iter().map(|(name, value)| (name.clone(), value.clone()));
    let own = family.labels.iter().zip(indexes).map(|(axis, index)| (axis.name.clone(), axis.value(*index)));
    LabelSet::from_pairs(std::iter::once(name).chain(constant).chain(own))
}

fn append(source: &mut MemorySource, set: &DataSet, series: &Series, of: usize) -> Result<(), AppendError> {
    let family = series.family;
    let i = series.i as u64;
    let id = source.series_id(&series.labels)?;
    let alive = |s: u64| family.lives == 0 || s * family.lives / set.samples == i % family.lives;
    let time = |s: u64| formula::time(i, s, set.interval_ms, family.jitter_ms);
    match values(series, set.samples, of) {
        Values::Floats(values) => {
            for (s, value) in (0..).zip(values).filter(|(s, _)| alive(*s)) {
                source.append_float(id, time(s), 0, value)?;
            }
        }
        Values::Histograms(values) => {
            for (s, value) in (0..).zip(values).filter(|(s, _)| alive(*s)) {
                source.append_histogram(id, time(s), 0, value)?;
            }
        }
    }
    Ok(())
}

fn values(series: &Series, samples: u64, of: usize) -> Values {
    let Series { family, n, i, indexes, .. } = series;
    let (n, i) = (*n as u64, *i as u64);
    let buckets = family.labels.last().map_or(1, |axis| axis.len() as u64);
    match family.kind {
        Kind::One => Values::Floats(Box::new(std::iter::repeat_n(1.0, samples as usize))),
        Kind::Ramp => Values::Floats(Box::new(formula::ramp(i, of as u64, samples))),
        Kind::Linear => Values::Floats(Box::new(linear(indexes, samples))),
        Kind::Counter => Values::Floats(Box::new(formula::counter(i, samples, family.reset_every))),
        Kind::Gauge => Values::Floats(Box::new(formula::gauge(i, samples))),
        Kind::Classic => Values::Floats(Box::new(formula::classic(n, buckets, samples))),
        Kind::Native => Values::Histograms(Box::new(formula::native(i, samples))),
        Kind::NativeRamp => Values::Histograms(Box::new((0..samples).map(native_ramp))),
        Kind::NhcbRamp => Values::Histograms(Box::new((0..samples).map(nhcb_ramp))),
    }
}

/// `p + q·s`: p is the index of the first label's value, q that of the last one's.
fn linear(indexes: &[usize], samples: u64) -> impl Iterator<Item = f64> + use<> {
    let p = indexes.first().map_or(0.0, |p| *p as f64);
    let q = if indexes.len() < 2 { 0.0 } else { indexes.last().map_or(0.0, |q| *q as f64) };
    (0..samples).map(move |s| p + q * s as f64)
}

/// Two pairs of buckets with a gap between them, and the counts of sample `s`.
fn ramp_side(s: u64) -> (Vec<HistogramSpan>, Vec<f64>) {
    let spans = vec![HistogramSpan { offset: 0, length: 2 }, HistogramSpan { offset: 1, length: 2 }];
    let low = (s + 1) as f64;
    (spans, vec![low, low + 1.0, low, low])
}

/// Both sides and the zero bucket rise by one a sample.
fn native_ramp(s: u64) -> Histogram {
    let (spans, buckets) = ramp_side(s);
    Histogram {
        schema: 1,
        zero_threshold: 0.001,
        zero_count: (2 + s) as f64,
        count: (12 + 9 * s) as f64,
        sum: 18.4 * (s + 1) as f64,
        positive_spans: spans.clone(),
        positive_buckets: buckets.clone(),
        negative_spans: spans,
        negative_buckets: buckets,
        ..Histogram::default()
    }
}

/// The same with custom bounds, which have one side only.
fn nhcb_ramp(s: u64) -> Histogram {
    let (positive_spans, positive_buckets) = ramp_side(s);
    Histogram {
        schema: CUSTOM_BUCKETS_SCHEMA,
        count: (4 * (s + 1) + 1) as f64,
        sum: 18.4 * (s + 1) as f64,
        positive_spans,
        positive_buckets,
        custom_values: vec![0.0, 1.0, 2.0, 3.0, 4.0],
        ..Histogram::default()
    }
}
