//! Where samples come from: the [`Source`] trait, and the sources that come with the crate.
//!
//! The engine knows nothing of storage but this trait. A source answers a [`Selection`] with
//! label sets first ([`SeriesSet::labels`]) and samples on demand, one series at a time, into
//! columns that the engine owns and reuses. [`memory`] is the source to embed and to read files
//! into; [`conformance`] checks sources that others write.

pub mod conformance;
pub mod memory;

pub use memory::MemorySource;

use crate::model::order::sort_by;
use crate::model::{HashSet, LabelSet, Matcher, Samples};

/// A range of time in ms since the epoch, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct TimeRange {
    /// First millisecond.
    pub start: i64,
    /// Last millisecond.
    pub end: i64,
}

impl TimeRange {
    /// All of time.
    pub const ALL: TimeRange = TimeRange { start: i64::MIN, end: i64::MAX };
    /// Whether a time lies in the range.
    pub fn contains(&self, time: i64) -> bool {
        self.start <= time && time <= self.end
    }
}

/// What the query will do with the samples: a source may use it, and may ignore it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hints {
    /// The nearest function or aggregation around the selector; empty if there is none.
    pub function: String,
    /// Step of the query or of the innermost subquery, ms; 0 for an instant query.
    pub step: i64,
    /// Length of a range selector, ms; 0 for an instant selector.
    pub range: i64,
    /// Labels of the aggregation directly around the selector.
    pub grouping: Vec<String>,
    /// `by` rather than `without`.
    pub by: bool,
    /// At most so many series are wanted; 0: all.
    pub limit: usize,
    /// Which labels are looked at; `None`: all.
    pub projection: Option<Projection>,
}

/// Which labels of the series the query looks at. A source may leave the others out, so long as
/// its label sets stay distinct: by keeping one of them, or with a label of its own in their place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Projection {
    /// The labels are those that are looked at, rather than those that are not.
    pub include: bool,
    /// Names of labels, sorted.
    pub labels: Vec<String>,
}

/// One request: which series, over which time.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// All must match.
    pub matchers: &'a [Matcher],
    /// Samples outside need not, and must not, be returned by [`SeriesSet::read`] unless asked.
    pub range: TimeRange,
    /// What it is for.
    pub hints: Hints,
}

/// A failure of a source, with its cause.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// What went wrong, for the user of the query.
    pub message: String,
    /// The implementation's own error.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl SourceError {
    /// An error with a text alone.
    pub fn new(message: impl Into<String>) -> Self {
        SourceError { message: message.into(), cause: None }
    }
}

/// Which columns the engine will look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Columns {
    /// The values of floats are needed; otherwise their times suffice, and which of them are stale
    /// markers. Histograms are needed in either case.
    pub values: bool,
    /// Start timestamps are needed.
    pub start_timestamps: bool,
    /// Of a histogram only schema, count, sum and reset hint are needed. Where the hint is unknown,
    /// the histogram is compared with the one before it, and both are needed whole.
    pub histogram_stats: bool,
}

impl Columns {
    /// Everything there is.
    pub const ALL: Columns = Columns { values: true, start_timestamps: true, histogram_stats: false };
}

/// What a reader needs of a stretch of floats that it has no need to see one by one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// The first and the last.
    Ends,
    /// The same where no value is less than the one before it, nor NaN; elsewhere all of them.
    RisingEnds,
    /// The first of the least values, at any time of the stretch; the last NaN if there is nothing
    /// else.
    Least,
    /// The same of the greatest values.
    Greatest,
}

/// What something is measured in and what it means, as a metrics page tells it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Metadata {
    /// The metric family.
    pub name: String,
    /// `counter`, `gauge`, `histogram`, …; empty if unknown.
    pub kind: String,
    /// The help text.
    pub help: String,
    /// The unit.
    pub unit: String,
}

/// The series that a selection found. Lives as long as the source is borrowed.
pub trait SeriesSet: Send + Sync {
    /// The label sets in the order of the source: the same each time it is asked. No two are equal.
    fn labels(&self) -> &[LabelSet];
    /// Says that these series will be read next, over this range. A source may see to it that this
    /// is fast; by default it does nothing.
    fn expect(&self, _indexes: &[u32], _range: TimeRange) {}
    /// Replaces `out` by the samples of series `index` whose time lies in `range` (which lies in
    /// the selection's range), stale markers included, by time strictly ascending.
    ///
    /// # Errors
    /// What the source could not read.
    fn read(&self, index: usize, range: TimeRange, columns: Columns, out: &mut Samples) -> Result<(), SourceError>;
    /// Replaces `out` by at least the samples of series `index` in some ranges, each of which begins
    /// after the end of the one before, and by none before the first or after the last: what a query
    /// needs whose windows are far apart. By default what lies between is read, too.
    ///
    /// # Errors
    /// What the source could not read.
    fn read_ranges(&self, index: usize, ranges: &[TimeRange], columns: Columns, out: &mut Samples) -> Result<(), SourceError> {
        match ranges {
            [] => out.clear(),
            [first, .., last] => return self.read(index, TimeRange { start: first.start, end: last.end }, columns, out),
            [one] => return self.read(index, *one, columns, out),
        }
        Ok(())
    }
    /// How many samples series `index` has in the range at most, if the source knows that without
    /// reading them, and that they are all floats. A series of very many is then read in parts, for some
    /// steps of the query at a time. By default nothing is known.
    fn floats(&self, index: usize, range: TimeRange) -> Option<usize> {
        let _ = (index, range);
        None
    }
    /// Like [`SeriesSet::read`], but of any stretch of floats, none of them stale, with a start
    /// timestamp or beside a histogram of the range, what `keep` tells is enough; gives how many
    /// samples were left out. A source that keeps such figures of its blocks answers for a month as
    /// quickly as for a day.
    ///
    /// # Errors
    /// What the source could not read.
    fn read_kept(&self, index: usize, range: TimeRange, columns: Columns, keep: Keep, out: &mut Samples) -> Result<usize, SourceError> {
        let _ = keep;
        self.read(index, range, columns, out)?;
        Ok(0)
    }
    /// Replaces `out` by the values of series `index` in the range, if the source is sure that it has
    /// samples at the very times that series `like` has them, all of both floats, none of them stale
    /// or with a start timestamp; gives whether it is. Series scraped together are such, and what was
    /// found out about the times of one holds for the next. Where no values are needed, `out` may stay
    /// as it is. By default nothing is known.
    ///
    /// # Errors
    /// What the source could not read.
    fn read_values(&self, index: usize, like: usize, range: TimeRange, columns: Columns, out: &mut Vec<f64>) -> Result<bool, SourceError> {
        let _ = (index, like, range, columns, out);
        Ok(false)
    }
}

/// Each of some texts once, sorted.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let all: HashSet<&str> = texts.collect();
    let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
    sort_by(&mut all, Ord::cmp);
    all
}

/// Something that has samples. Synchronous, object safe, shared between threads.
///
/// Asynchronous worlds fetch what `PreparedQuery::selections` lists and evaluate over that.
pub trait Source: Send + Sync {
    /// The series that match, in an order that is the same each time.
    ///
    /// # Errors
    /// What the source could not read.
    fn select<'a>(&'a self, selection: &Selection<'_>) -> Result<Box<dyn SeriesSet + 'a>, SourceError>;
    /// Whether any series may have a label `__type__` or `__unit__`. Operators do not tell series
    /// apart by these, and clash over them; where there are none, an operator's side is asked for
    /// those series alone that the other side's matchers let through.
    fn may_have_types(&self) -> bool {
        true
    }
    /// Names of the labels of the series that match, sorted.
    ///
    /// # Errors
    /// What the source could not read.
    fn label_names(&self, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, SourceError> {
        let set = self.select(&Selection { matchers, range, hints: Hints { function: "series".into(), ..Hints::default() } })?;
        Ok(distinct(set.labels().iter().flat_map(|l| l.iter().map(|l| &*l.name))))
    }
    /// Values of one label among the series that match, sorted.
    ///
    /// # Errors
    /// What the source could not read.
    fn label_values(&self, name: &str, matchers: &[Matcher], range: TimeRange) -> Result<Vec<String>, SourceError> {
        let set = self.select(&Selection { matchers, range, hints: Hints { function: "series".into(), ..Hints::default() } })?;
        Ok(distinct(set.labels().iter().filter_map(|l| l.get(name))))
    }
    /// What is known about the metrics; nothing by default.
    ///
    /// # Errors
    /// What the source could not read.
    fn metadata(&self) -> Result<Vec<Metadata>, SourceError> {
        Ok(Vec::new())
    }
}
