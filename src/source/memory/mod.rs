//! The embedded default source: samples in memory, found through an inverted index.
//!
//! `index` finds series by their labels; `series` holds the samples of one of them as a list of
//! blocks (`block`), the newest open (`columns`), the others compressed (`sealed`, in the bytes
//! of `codec`); `runs` decides how far histograms share buckets and reset hints; `append` has
//! the rules and errors of writing. Only [`MemorySource`] is seen from outside.

mod append;
mod block;
mod codec;
mod columns;
mod digest;
mod index;
mod runs;
mod sealed;
mod series;
#[cfg(test)]
mod tests;

pub use append::{AppendError, HistogramError, OutOfOrder, SeriesId, SeriesKey};

use super::{Columns, Keep, Metadata, Selection, SeriesSet, Source, SourceError, TimeRange, distinct};
use crate::model::{Histogram, LabelSet, Matcher, Samples};
use index::Index;
use series::{Point, Series, Value};

/// Samples in memory: the source to embed, to test with, and to read files into.
///
/// Series are told in the order of their creation. A query borrows the source, appending needs
/// it alone; times are ms since the epoch.
///
/// Histograms come back as Prometheus's own storage returns them: reset hints are recomputed
/// (`gauge`, or `unknown` at the start of a run of comparable histograms and `not_reset` after),
/// and all histograms of a run have the union of its buckets.
///
/// ```
/// use ferula::model::{LabelSet, Matcher, Samples};
/// use ferula::source::{Columns, Hints, MemorySource, Selection, Source, TimeRange};
///
/// let mut source = MemorySource::new();
/// let up = LabelSet::from_pairs([("__name__", "up"), ("job", "api")]);
/// source.append_float(&up, 1_000, 0, 1.0)?;
/// source.append_float(&up, 2_000, 0, 0.0)?;
///
/// let matchers = [Matcher::equal("job", "api")];
/// let found = source.select(&Selection { matchers: &matchers, range: TimeRange::ALL, hints: Hints::default() })?;
/// let mut samples = Samples::default();
/// found.read(0, TimeRange { start: 1_500, end: 9_000 }, Columns::ALL, &mut samples)?;
/// assert_eq!((samples.time, samples.value), (vec![2_000], vec![0.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemorySource {
    index: Index,
    series: Vec<Series>,
    /// Sorted by name.
    metadata: Vec<Metadata>,
    order: OutOfOrder,
    /// The newest time of all series.
    newest: Option<i64>,
    /// [`Self::newest`] at the last [`MemorySource::commit`].
    committed: Option<i64>,
}

impl MemorySource {
    /// An empty source that takes samples in any order.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty source with a rule for samples that come late.
    pub fn with_order(order: OutOfOrder) -> Self {
        MemorySource { order, ..Self::default() }
    }

    /// The series of a label set, made if it is not there. Appending by id spares the look-up.
    ///
    /// A series without samples is never selected.
    ///
    /// # Errors
    /// [`AppendError::TooManySeries`] beyond 2³² − 1 series.
    pub fn series_id(&mut self, labels: &LabelSet) -> Result<SeriesId, AppendError> {
        let id = self.index.insert(labels)?;
        if self.series.len() < self.index.len() {
            self.series.resize_with(self.index.len(), Series::default);
        }
        Ok(SeriesId(id))
    }

    /// The labels of a series.
    #[cfg(feature = "text")]
    pub(crate) fn labels_of(&self, id: SeriesId) -> Option<&LabelSet> {
        self.index.labels(id.0)
    }

    /// Appends a float to a series, given by id or by label set. `start` is the start timestamp,
    /// 0 if unknown.
    ///
    /// A sample equal to the one at the same time is ignored. A stale marker after a histogram is
    /// kept as a stale histogram.
    ///
    /// # Errors
    /// Where the rule for late samples forbids it, or another value has that time.
    pub fn append_float(&mut self, series: impl SeriesKey, time: i64, start: i64, value: f64) -> Result<(), AppendError> {
        let id = series.resolve(self)?;
        self.append(id, Point { time, start, value: Value::Float(value) })
    }

    /// Appends a histogram to a series, given by id or by label set. `start` is the start
    /// timestamp, 0 if unknown.
    ///
    /// # Errors
    /// As [`MemorySource::append_float`], and [`AppendError::Histogram`] where the histogram
    /// contradicts itself.
    pub fn append_histogram(
        &mut self,
        series: impl SeriesKey,
        time: i64,
        start: i64,
        histogram: impl Into<std::sync::Arc<Histogram>>,
    ) -> Result<(), AppendError> {
        let histogram = histogram.into();
        append::validate(&histogram)?;
        let id = series.resolve(self)?;
        self.append(id, Point { time, start, value: Value::Histogram(histogram) })
    }

    /// Appends samples of one series, as a call for each of them would. Floats of a series that is
    /// empty as yet are taken as they stand: they are compressed when more follow, or by
    /// [`MemorySource::compact`]. A time without a value is no sample, nor is a value without a time.
    ///
    /// # Errors
    /// As for [`MemorySource::append_float`] and [`MemorySource::append_histogram`]; the samples
    /// before the one that is wrong stay.
    pub fn append_samples(&mut self, series: impl SeriesKey, samples: Samples) -> Result<(), AppendError> {
        let id = series.resolve(self)?;
        let series = self.series.get_mut(id.0 as usize).ok_or(AppendError::NoSuchSeries)?;
        let (Some(first), Some(last)) = (samples.time.first().copied(), samples.time.last().copied()) else { return Ok(()) };
        let paired = samples.value.len() == samples.time.len();
        let plain = paired && samples.histograms().len() == 0 && samples.start.is_empty() && samples.time.is_sorted_by(|a, b| a < b);
        if !plain || series.newest().is_some() {
            return self.append_each(id, &samples);
        }
        // of times that ascend the first is the one that may be too late
        self.order.check(first, None, self.newest, self.committed)?;
        series.fill(TimeRange { start: first, end: last }, samples);
        self.newest = self.newest.max(Some(last));
        Ok(())
    }

    fn append_each(&mut self, id: SeriesId, samples: &Samples) -> Result<(), AppendError> {
        for (i, (time, value)) in samples.time.iter().zip(&samples.value).enumerate() {
            match samples.histogram_at(i) {
                Some(histogram) => self.append_histogram(id, *time, samples.start_of(i), histogram.to_histogram())?,
                None => self.append_float(id, *time, samples.start_of(i), *value)?,
            }
        }
        Ok(())
    }

    fn append(&mut self, id: SeriesId, point: Point) -> Result<(), AppendError> {
        let time = point.time;
        let series = self.series.get_mut(id.0 as usize).ok_or(AppendError::NoSuchSeries)?;
        self.order.check(time, series.newest(), self.newest, self.committed)?;
        series.append(point)?;
        self.newest = self.newest.max(Some(time));
        Ok(())
    }

    /// Ends a batch of appends: a horizon ([`OutOfOrder::Reject`]) is measured from the newest
    /// sample of the batches before, so that the series of one batch may come one after another.
    pub fn commit(&mut self) {
        self.committed = self.newest;
    }

    /// Sets what is known about a metric family, in place of what was.
    pub fn set_metadata(&mut self, metadata: Metadata) {
        match self.metadata.binary_search_by(|known| known.name.cmp(&metadata.name)) {
            Ok(at) => self.metadata[at] = metadata,
            Err(at) => self.metadata.insert(at, metadata),
        }
    }

    /// Compresses the newest samples of each series too, which otherwise wait for more, and lays
    /// what queries read in the order of the series. Worth calling once after a bulk load;
    /// appending may go on.
    pub fn compact(&mut self) {
        self.index.compact();
        let mut open: Vec<&mut Series> = self.series.iter_mut().filter(|s| s.is_open()).collect();
        open.iter_mut().for_each(|s| s.compact());
        open.iter_mut().for_each(|s| s.relocate());
    }

    /// How many samples there are.
    pub fn sample_count(&self) -> usize {
        self.series.iter().map(Series::len).sum()
    }

    /// Bytes that the samples take, without labels and index.
    pub fn sample_bytes(&self) -> usize {
        self.series.iter().map(Series::bytes).sum()
    }

    /// How many series there are, those without samples included.
    pub fn series_count(&self) -> usize {
        self.series.len()
    }

    /// The earliest and latest sample of all; `None` if there are no samples.
    pub fn time_range(&self) -> Option<TimeRange> {
        let start = self.series.iter().filter_map(Series::oldest).min()?;
        Some(TimeRange { start, end: self.newest? })
    }

    /// Series that the matchers select and that have samples in the range.
    fn find(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<u32>, SourceError> {
        let mut ids = self.index.select(matchers)?;
        ids.retain(|id| self.alive(*id, range));
        Ok(ids)
    }

    fn alive(&self, id: u32, range: TimeRange) -> bool {
        self.series.get(id as usize).is_some_and(|s| s.overlaps(range))
    }
}

impl Source for MemorySource {
    fn select<'a>(&'a self, selection: &Selection<'_>) -> Result<Box<dyn SeriesSet + 'a>, SourceError> {
        let mut ids = self.find(selection.matchers, selection.range)?;
        if selection.hints.limit > 0 {
            ids.truncate(selection.hints.limit);
        }
        Ok(Box::new(match Index::stretch(&ids) {
            Some(range) => Found::Stretch {
                labels: self.index.all_labels().get(range.clone()).unwrap_or_default(),
                series: self.series.get(range).unwrap_or_default(),
            },
            None => {
                let found = ids.iter().filter_map(|id| Some((self.index.labels(*id)?.clone(), self.series.get(*id as usize)?)));
                let (labels, series) = found.unzip();
                Found::Some { labels, series }
            }
        }))
    }

    fn may_have_types(&self) -> bool {
        self.index.has_label("__type__") || self.index.has_label("__unit__")
    }

    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, SourceError> {
        if matchers.is_empty() {
            return Ok(self.index.names(|id| self.alive(id, range)));
        }
        let ids = self.find(matchers, range)?;
        let labels = ids.iter().filter_map(|id| self.index.labels(*id)).flat_map(|l| l.iter());
        Ok(distinct(labels.map(|l| &*l.name)))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, SourceError> {
        if matchers.is_empty() {
            return Ok(self.index.values(name, |id| self.alive(id, range)));
        }
        let ids = self.find(matchers, range)?;
        Ok(distinct(ids.iter().filter_map(|id| self.index.labels(*id)?.get(name))))
    }

    fn metadata(&self) -> Result<Vec<Metadata>, SourceError> {
        Ok(self.metadata.clone())
    }
}

/// What a selection found.
enum Found<'a> {
    /// Series that were made one after another, as those of a metric mostly are.
    Stretch { labels: &'a [LabelSet], series: &'a [Series] },
    /// Any series.
    Some { labels: Vec<LabelSet>, series: Vec<&'a Series> },
}

impl Found<'_> {
    fn series(&self, index: usize) -> Result<&Series, SourceError> {
        let series = match self {
            Found::Stretch { series, .. } => series.get(index),
            Found::Some { series, .. } => series.get(index).copied(),
        };
        series.ok_or_else(|| SourceError::new(format!("there is no series {index} in the selection")))
    }
}

impl SeriesSet for Found<'_> {
    fn labels(&self) -> &[LabelSet] {
        match self {
            Found::Stretch { labels, .. } => labels,
            Found::Some { labels, .. } => labels,
        }
    }

    /// Looks at a few bytes of each. Where they are not in the cache, the processor waits for all of
    /// them at once, rather than for one after the other when they are read.
    fn expect(&self, indexes: &[u32], range: TimeRange) {
        let series = indexes.iter().filter_map(|index| self.series(*index as usize).ok());
        std::hint::black_box(series.fold(0, |bytes, series| bytes ^ series.touch(range)));
    }

    fn read(&self, index: usize, range: TimeRange, columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        out.clear();
        self.series(index)?.read(range, columns, out);
        Ok(())
    }

    // In WebAssembly nobody asks for this and the next.
    #[cfg(not(target_arch = "wasm32"))]
    fn read_ranges(&self, index: usize, ranges: &[TimeRange], columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        out.clear();
        self.series(index)?.read_ranges(ranges, columns, out);
        Ok(())
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn floats(&self, index: usize, range: TimeRange) -> Option<usize> {
        self.series(index).ok()?.floats(range)
    }

    fn read_kept(&self, index: usize, range: TimeRange, columns: Columns, keep: Keep, out: &mut Samples) -> Result<usize, SourceError> {
        out.clear();
        Ok(self.series(index)?.read_kept(range, columns, keep, out))
    }

    fn read_values(&self, index: usize, like: usize, range: TimeRange, columns: Columns, out: &mut Vec<f64>) -> Result<bool, SourceError> {
        // In WebAssembly nobody asks.
        if cfg!(target_arch = "wasm32") {
            return Ok(false);
        }
        let (series, like) = (self.series(index)?, self.series(like)?);
        let alike = series.has_times_of(like, range);
        if alike && columns.values {
            out.clear();
            series.read_values(range, out);
        }
        Ok(alike)
    }
}
