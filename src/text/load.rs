//! Pages into a source, as a server that scrapes targets would have stored them.

use super::detect::{Format, detect};
use super::entry::{Entry, Sample, Value};
use super::error::{PageError, PageErrorKind};
use super::reader::{ReadOptions, Reader, Warning};
use crate::model::labels::METRIC_NAME;
use crate::model::{HashMap, HashSet, Histogram, Label, LabelSet, STALE_BITS};
use crate::source::memory::{AppendError, SeriesId};
use crate::source::{MemorySource, Metadata};
use std::sync::Arc;

/// One scrape: when, of what, and how what it brings is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Scrape {
    /// The time of samples that tell none, and of staleness markers: ms since the epoch.
    pub time: i64,
    /// The labels of the target, `job` and `instance` say. Every series gets them.
    pub target: LabelSet,
    /// The page's format; `None`: see [`detect`].
    pub format: Option<Format>,
    /// How the page is read.
    pub read: ReadOptions,
    /// Where page and target have the same label, the page's stands. Otherwise the target's
    /// stands, and the page's is kept under its name with `exported_` in front.
    pub honor_labels: bool,
    /// Times on the page hold. On, as in a server.
    pub honor_timestamps: bool,
    /// Series whose samples have times on the page go stale like others. Off, as in a server.
    pub track_timestamps_staleness: bool,
}

impl Scrape {
    /// A scrape with the settings that a server has by default.
    pub fn new(time: i64, target: LabelSet) -> Self {
        Scrape {
            time,
            target,
            format: None,
            read: ReadOptions::default(),
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
        }
    }
}

/// What became of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loaded {
    /// Samples on the page.
    pub samples: usize,
    /// Those that were stored.
    pub stored: usize,
    /// Samples left out because the page has their series and time more than once, or because
    /// the source has another value at that time.
    pub duplicates: usize,
    /// Samples left out because the source takes none so old.
    pub too_old: usize,
    /// Series that ended: they were on the page before and are not on this one.
    pub stale: usize,
    /// What was strange.
    pub warnings: Vec<Warning>,
}

/// Why a page was not loaded. The source is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The page is wrong.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The source failed.
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// Loads one page: [`Loader::scrape`] without a history.
///
/// # Errors
/// The page's first error; nothing of the page is stored then.
///
/// ```
/// use ferula::model::LabelSet;
/// use ferula::source::MemorySource;
/// use ferula::text::{Scrape, load};
/// let mut source = MemorySource::new();
/// let target = LabelSet::from_pairs([("job", "api"), ("instance", "a:80")]);
/// let loaded = load(&mut source, b"temperature{job=\"own\"} 20\n", &Scrape::new(60_000, target))?;
/// assert_eq!((loaded.stored, source.series_count()), (1, 1));
/// # Ok::<(), ferula::text::LoadError>(())
/// ```
pub fn load(source: &mut MemorySource, page: &[u8], scrape: &Scrape) -> Result<Loaded, LoadError> {
    Loader::new(source).scrape(page, scrape)
}

/// Loads pages, one scrape after the other, and ends series that are gone.
#[derive(Debug)]
pub struct Loader<'s> {
    source: &'s mut MemorySource,
    targets: HashMap<LabelSet, Target>,
    metadata: HashMap<String, Metadata>,
}

/// What the last scrape of a target brought.
#[derive(Debug, Default)]
struct Target {
    time: i64,
    /// Series that go stale if the next scrape lacks them; whether they are histograms.
    live: HashMap<SeriesId, bool>,
    /// The series of the samples, in the order of the page.
    order: Vec<SeriesId>,
}

/// A sample on its way into the source.
struct Pending {
    series: SeriesId,
    time: i64,
    start: i64,
    value: Number,
}

enum Number {
    Float(f64),
    Histogram(Arc<Histogram>),
}

impl<'s> Loader<'s> {
    /// Loads into this source.
    pub fn new(source: &'s mut MemorySource) -> Self {
        Loader { source, targets: HashMap::default(), metadata: HashMap::default() }
    }

    /// Loads a page. Pages of the same target come in the order of their times; a page that is
    /// not later than the one before counts as a part of the same scrape.
    ///
    /// Duplicates and samples that come too late are left out and counted, as a server does.
    ///
    /// # Errors
    /// The page's first error, whether it is in the text or in the labels. Nothing of the page
    /// is stored then: see [`Loader::missed`] for what a server would do with its series.
    pub fn scrape(&mut self, page: &[u8], scrape: &Scrape) -> Result<Loaded, LoadError> {
        let mut reader = Reader::new(page, scrape.format.unwrap_or_else(|| detect(page)), scrape.read.clone());
        let mut loaded = Loaded::default();
        let mut pending: Vec<Pending> = Vec::new();
        let mut newest: HashMap<SeriesId, i64> = HashMap::default();
        let mut live: HashMap<SeriesId, bool> = HashMap::default();
        let mut families: Vec<Metadata> = Vec::new();
        let mut guide = Guide::new(self.targets.get(&scrape.target));
        loop {
            let sample = match reader.read_entry()? {
                None => break,
                Some(Entry::Sample(sample)) => sample,
                Some(entry) => {
                    // The last word on a family holds, so that none is left out after a new one.
                    if !families.is_empty() || !is_told(&self.metadata, &entry) {
                        families.extend(family(&entry));
                    }
                    continue;
                }
            };
            loaded.samples += 1;
            let known =
                guide.expected().filter(|id| self.source.labels_of(*id).is_some_and(|l| is_series(l, sample.labels, &scrape.target)));
            let labels = match known.map_or_else(|| series_of(&sample, scrape).map(Some), |_| Ok(None)) {
                Ok(labels) => labels,
                Err(kind) => return Err(reader.fail(kind).into()),
            };
            let own = sample.time.filter(|_| scrape.honor_timestamps);
            let time = own.unwrap_or(scrape.time);
            let value = match sample.value {
                Value::Float(value) => Number::Float(value),
                Value::Histogram(histogram) => Number::Histogram(histogram.clone()),
            };
            let start = sample.start.unwrap_or(0);
            if let Number::Histogram(histogram) = &value
                && let Err(error) = histogram.validate()
            {
                return Err(reader.fail(PageErrorKind::Histogram(error.to_string())).into());
            }
            if let Some(kind) = reader.problem() {
                return Err(reader.fail(kind).into());
            }
            let series = match (known, labels) {
                (Some(known), _) => known,
                (None, labels) => self.source.series_id(&labels.unwrap_or_default())?,
            };
            guide.met(series);
            if own.is_none() || scrape.track_timestamps_staleness {
                live.insert(series, matches!(value, Number::Histogram(_)));
            }
            // Of one series a page may have several samples, if they go forward.
            if newest.get(&series).is_some_and(|newest| time <= *newest) {
                loaded.duplicates += 1;
                continue;
            }
            newest.insert(series, time);
            pending.push(Pending { series, time, start, value });
        }
        let order = guide.order;
        loaded.warnings = reader.warnings().to_vec();
        self.end(scrape, &mut live, &newest, &mut loaded);
        self.store(pending, &mut loaded)?;
        self.targets.insert(scrape.target.clone(), Target { time: scrape.time, live, order });
        self.describe(families);
        self.source.commit();
        Ok(loaded)
    }

    /// The target had no page at this time, or a broken one: its series end.
    pub fn missed(&mut self, target: &LabelSet, time: i64) -> usize {
        let mut loaded = Loaded::default();
        let scrape = Scrape::new(time, target.clone());
        self.end(&scrape, &mut HashMap::default(), &HashMap::default(), &mut loaded);
        self.targets.insert(target.clone(), Target { time, ..Target::default() });
        loaded.stale
    }

    /// Ends the series of the scrape before that this one lacks. Where both are one scrape, the
    /// series of both live on.
    fn end(&mut self, scrape: &Scrape, live: &mut HashMap<SeriesId, bool>, seen: &HashMap<SeriesId, i64>, loaded: &mut Loaded) {
        let Some(before) = self.targets.remove(&scrape.target) else { return };
        if scrape.time <= before.time {
            live.extend(before.live);
            return;
        }
        let mut gone: Vec<_> = before.live.into_iter().filter(|(series, _)| !seen.contains_key(series)).collect();
        crate::model::order::sort_by(&mut gone, Ord::cmp);
        for (series, is_histogram) in gone {
            let marker = f64::from_bits(STALE_BITS);
            let done = if is_histogram {
                self.source.append_histogram(series, scrape.time, 0, Histogram { sum: marker, ..Histogram::default() })
            } else {
                self.source.append_float(series, scrape.time, 0, marker)
            };
            // Where the source has newer samples of the series, it has not ended.
            loaded.stale += usize::from(done.is_ok());
        }
    }

    fn store(&mut self, pending: Vec<Pending>, loaded: &mut Loaded) -> Result<(), LoadError> {
        for Pending { series, time, start, value } in pending {
            let done = match value {
                Number::Float(value) => self.source.append_float(series, time, start, value),
                Number::Histogram(histogram) => self.source.append_histogram(series, time, start, histogram),
            };
            match done {
                Ok(()) => loaded.stored += 1,
                Err(AppendError::Duplicate { .. }) => loaded.duplicates += 1,
                Err(AppendError::OutOfOrder { .. } | AppendError::OutOfBounds { .. } | AppendError::TooOld { .. }) => loaded.too_old += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Adds what a page tells about families to what was known: the last word holds.
    fn describe(&mut self, told: Vec<Metadata>) {
        let mut changed = HashSet::default();
        for new in told {
            changed.insert(new.name.clone());
            let known = self.metadata.entry(new.name.clone()).or_insert_with(|| Metadata { name: new.name, ..Metadata::default() });
            for (old, new) in [(&mut known.kind, new.kind), (&mut known.help, new.help), (&mut known.unit, new.unit)] {
                if !new.is_empty() {
                    *old = new;
                }
            }
        }
        for name in changed {
            if let Some(known) = self.metadata.get(&name) {
                self.source.set_metadata(known.clone());
            }
        }
    }
}

/// Pages of a target tell the same series in the same order, but for a few: which one comes next
/// is known before its labels are put together.
#[derive(Default)]
struct Guide<'t> {
    before: &'t [SeriesId],
    next: usize,
    order: Vec<SeriesId>,
}

impl<'t> Guide<'t> {
    /// How far ahead the page is looked for that goes on after series that are gone.
    const AHEAD: usize = 16;

    fn new(target: Option<&'t Target>) -> Self {
        let before = target.map_or(&[][..], |t| &t.order);
        Guide { before, next: 0, order: Vec::with_capacity(before.len()) }
    }

    fn expected(&self) -> Option<SeriesId> {
        self.before.get(self.next).copied()
    }

    fn met(&mut self, series: SeriesId) {
        self.order.push(series);
        let ahead = self.before.iter().skip(self.next).take(Self::AHEAD).position(|s| *s == series);
        self.next += ahead.map_or(0, |ahead| ahead + 1);
    }
}

/// Whether these are the labels that the page's and the target's make, where that is plain to see.
fn is_series(labels: &LabelSet, page: &[Label], target: &LabelSet) -> bool {
    let (mut page, mut target) = (page.iter().peekable(), target.iter().peekable());
    let all = labels.iter().all(|label| page.next_if(|l| *l == label).or_else(|| target.next_if(|l| *l == label)).is_some());
    all && page.next().is_none() && target.next().is_none()
}

/// Whether a metadata line says what is known.
fn is_told(known: &HashMap<String, Metadata>, entry: &Entry) -> bool {
    match entry {
        Entry::Help { metric, text } => known.get(*metric).is_some_and(|k| k.help == *text),
        Entry::Type { metric, kind } => known.get(*metric).is_some_and(|k| k.kind == kind.as_str()),
        Entry::Unit { metric, unit } => known.get(*metric).is_some_and(|k| k.unit == *unit),
        _ => true,
    }
}

/// What a metadata line says.
fn family(entry: &Entry) -> Option<Metadata> {
    let of = |name: &str| Metadata { name: name.to_owned(), ..Metadata::default() };
    match entry {
        Entry::Help { metric, text } => Some(Metadata { help: (*text).to_owned(), ..of(metric) }),
        Entry::Type { metric, kind } => Some(Metadata { kind: kind.as_str().to_owned(), ..of(metric) }),
        Entry::Unit { metric, unit } => Some(Metadata { unit: (*unit).to_owned(), ..of(metric) }),
        _ => None,
    }
}

/// The series of a sample: its labels and the target's.
fn series_of(sample: &Sample, scrape: &Scrape) -> Result<LabelSet, PageErrorKind> {
    let mut labels: Vec<Label> = sample.labels.iter().filter(|l| !l.value.is_empty()).cloned().collect();
    if !labels.iter().any(|l| &*l.name == METRIC_NAME) {
        return Err(PageErrorKind::NoMetricName);
    }
    let twice = labels.windows(2).find(|pair| matches!(pair, [a, b] if a.name == b.name)).and_then(|pair| pair.first());
    if let Some(label) = twice {
        return Err(PageErrorKind::LabelTwice(label.name.to_string()));
    }
    if labels.iter().any(|l| l.name.is_empty()) {
        return Err(PageErrorKind::InvalidNames(LabelSet::new(labels).to_string()));
    }
    join(&mut labels, &scrape.target, scrape.honor_labels);
    Ok(LabelSet::new(labels))
}

/// The labels of a series on a page of this target, as a scrape without `honor_labels` has them:
/// where both have a label, the target's stands, and the page's is called `exported_…`.
///
/// ```
/// use ferula::model::LabelSet;
/// let page = LabelSet::from_pairs([("__name__", "up"), ("job", "own"), ("exported_job", "older")]);
/// let target = LabelSet::from_pairs([("job", "api")]);
/// let joined = ferula::text::with_target(&page, &target);
/// assert_eq!(joined.to_string(), r#"{__name__="up", exported_exported_job="own", exported_job="older", job="api"}"#);
/// ```
pub fn with_target(labels: &LabelSet, target: &LabelSet) -> LabelSet {
    let mut labels = labels.labels().to_vec();
    join(&mut labels, target, false);
    LabelSet::new(labels)
}

fn join(labels: &mut Vec<Label>, target: &LabelSet, honor_labels: bool) {
    if honor_labels {
        let missing: Vec<Label> = target.iter().filter(|t| !labels.iter().any(|l| l.name == t.name)).cloned().collect();
        labels.extend(missing);
        return;
    }
    let mut clashing: Vec<usize> = (0..labels.len()).filter(|i| target.get(&labels[*i].name).is_some()).collect();
    // A short name cannot be what a longer one was renamed to, so it chooses first.
    crate::model::order::sort_by(&mut clashing, |a, b| labels[*a].name.len().cmp(&labels[*b].name.len()));
    for i in clashing {
        let mut name = format!("exported_{}", labels[i].name);
        while target.get(&name).is_some() || labels.iter().any(|l| *l.name == *name) {
            name.insert_str(0, "exported_");
        }
        labels[i].name = name.into();
    }
    labels.extend(target.iter().cloned());
}
