//! The door to all formats: [`read`] and what it returns.

use super::detect::Format;
use super::entry::Entry;
use super::error::{PageError, PageErrorKind};
use super::nhcb::Converter;
use super::openmetrics::OpenMetrics;
use super::openmetrics2::OpenMetrics2;
use super::prometheus::Prometheus;
#[cfg(feature = "protobuf")]
use super::protobuf::Protobuf;
use super::slot::Slot;
use std::borrow::Cow;
use std::fmt;

/// How a page is to be read. The default is what a Prometheus server does by default.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// `_created` lines of OpenMetrics 1.0 become start timestamps of the samples they belong
    /// to, and are no samples themselves.
    pub created_as_start: bool,
    /// Samples get labels `__type__` and `__unit__` from the page's metadata.
    pub type_and_unit_labels: bool,
    /// Of histograms that a page tells both as native and as classic ones, both are read.
    pub keep_classic: bool,
    /// Classic histograms become native ones with custom buckets; with `keep_classic` they are
    /// told besides.
    pub nhcb: bool,
}

/// How many warnings a page gets.
const MOST_WARNINGS: usize = 100;

/// Something that is probably not what the page's writer meant, but is read nevertheless.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    kind: WarningKind,
    line: usize,
}

/// What a [`Warning`] is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WarningKind {
    /// A NUL byte where an entry starts ends the page.
    #[error("a NUL byte ends the page here: what follows is not read")]
    NulEndsPage,
    /// Blanks before a name without quotes.
    #[error("the blanks before this name are taken as part of it")]
    BlanksInName,
    /// A `_created` line whose value is no time, or beyond 64 bits of milliseconds. (The
    /// reference takes a number here that depends on the machine.)
    #[error("this start is no time: it is left out")]
    CreatedIsNoTime,
    /// The counts of a classic histogram contradict each other. (The reference leaves it out
    /// without a word.)
    #[error("this classic histogram cannot be converted: its counts contradict each other")]
    NotConverted,
}

impl Warning {
    /// Adds a warning about a place of a page, unless there are many already: each costs a walk
    /// through the page.
    pub(super) fn note(warnings: &mut Vec<Warning>, kind: WarningKind, page: &[u8], at: usize) {
        if warnings.len() < MOST_WARNINGS {
            let line = page.iter().take(at).filter(|b| **b == b'\n').count() + 1;
            warnings.push(Warning { kind, line });
        }
    }
    /// What it is about.
    pub fn kind(&self) -> WarningKind {
        self.kind
    }
    /// The line, from 1 on.
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

/// Reads a page entry by entry.
///
/// What comes before an error is handed out. The answers are those of Prometheus 3.16 but for
/// these, where the reference loses data or takes numbers that depend on the machine: quoted
/// names that are not UTF-8 fail here and not later; times beyond 64 bits of milliseconds fail.
/// Of several metrics of a family as protobuf, each has its own value, exemplars and check of
/// spans, and exemplars of converted histograms are those of their own lines, where the reference
/// takes over what it read before. A metric of more than 4 MiB of protobuf is refused.
///
/// ```
/// use ferula::text::{Entry, Format, Value, read};
/// let mut page = read(b"# TYPE up gauge\nup{job=\"api\"} 1 5000\n", Format::Prometheus);
/// let mut seen = Vec::new();
/// while let Some(entry) = page.read_entry()? {
///     if let Entry::Sample(sample) = entry {
///         seen.push((sample.label_set().to_string(), sample.time, sample.value == Value::Float(1.0)));
///     }
/// }
/// assert_eq!(seen, [(r#"{__name__="up", job="api"}"#.to_string(), Some(5000), true)]);
/// # Ok::<(), ferula::text::PageError>(())
/// ```
pub fn read(page: &[u8], format: Format) -> Reader<'_> {
    Reader::new(page, format, ReadOptions::default())
}

/// A page being read: see [`read`].
#[derive(Clone, Debug)]
pub struct Reader<'p> {
    page: Cow<'p, [u8]>,
    options: ReadOptions,
    parser: Parser,
    slot: Slot,
    converter: Option<Box<Converter>>,
    warnings: Vec<Warning>,
    done: bool,
}

#[derive(Clone, Debug)]
enum Parser {
    Prometheus(Box<Prometheus>),
    OpenMetrics(Box<OpenMetrics>),
    OpenMetrics2(Box<OpenMetrics2>),
    #[cfg(feature = "protobuf")]
    Protobuf(Box<Protobuf>),
}

impl Parser {
    fn advance(&mut self, page: &[u8], slot: &mut Slot, options: &ReadOptions, warnings: &mut Vec<Warning>) -> Result<bool, PageError> {
        match self {
            Parser::Prometheus(p) => p.advance(page, slot, options, warnings),
            Parser::OpenMetrics(p) => p.advance(page, slot, options, warnings),
            Parser::OpenMetrics2(p) => p.advance(page, slot, options),
            #[cfg(feature = "protobuf")]
            Parser::Protobuf(p) => p.advance(page, slot, options),
        }
    }

    /// Where the entry read last stands.
    fn place(&self) -> (usize, usize) {
        match self {
            Parser::Prometheus(p) => p.place(),
            Parser::OpenMetrics(p) => p.place(),
            Parser::OpenMetrics2(p) => p.place(),
            #[cfg(feature = "protobuf")]
            Parser::Protobuf(p) => p.place(),
        }
    }

    fn is_text(&self) -> bool {
        match self {
            #[cfg(feature = "protobuf")]
            Parser::Protobuf(_) => false,
            _ => true,
        }
    }
}

impl<'p> Reader<'p> {
    /// Starts to read a page.
    pub fn new(page: impl Into<Cow<'p, [u8]>>, format: Format, options: ReadOptions) -> Self {
        let mut page = page.into();
        let parser = match format {
            Format::Prometheus => {
                if page.last().is_some_and(|b| *b != b'\n') {
                    page.to_mut().push(b'\n');
                }
                Parser::Prometheus(Box::default())
            }
            Format::OpenMetrics1 => Parser::OpenMetrics(Box::default()),
            Format::OpenMetrics2 => Parser::OpenMetrics2(Box::default()),
            #[cfg(feature = "protobuf")]
            Format::Protobuf => Parser::Protobuf(Box::default()),
        };
        let lines = matches!(parser, Parser::Prometheus(_) | Parser::OpenMetrics(_));
        let converter = (options.nhcb && lines).then(|| Box::new(Converter::new(options.keep_classic)));
        Reader { page, options, parser, slot: Slot::default(), converter, warnings: Vec::new(), done: false }
    }

    /// The next entry; `None` at the end, and after an error.
    ///
    /// # Errors
    /// The first thing that is wrong with the page. The reference drops a whole page then.
    pub fn read_entry(&mut self) -> Result<Option<Entry<'_>>, PageError> {
        if self.done {
            return Ok(None);
        }
        let Self { page, options, parser, slot, converter, warnings, .. } = self;
        let more = match converter {
            None => parser.advance(page, slot, options, warnings),
            Some(converter) => converter.advance(page, slot, warnings, |slot, warnings| {
                let more = parser.advance(page, slot, options, warnings)?;
                Ok((more, parser.place().0))
            }),
        };
        self.done = !matches!(more, Ok(true));
        Ok(more?.then(|| self.slot().entry()))
    }

    /// The current entry: a histogram made of what was read, or what was read.
    fn slot(&self) -> &Slot {
        self.converter.as_ref().and_then(|c| c.slot()).unwrap_or(&self.slot)
    }

    /// Why a storage refuses the current sample, as far as its value does not tell.
    pub(super) fn problem(&self) -> Option<PageErrorKind> {
        self.slot().problem.clone().map(PageErrorKind::Histogram)
    }

    /// An error about the entry read last.
    pub(super) fn fail(&self, kind: PageErrorKind) -> PageError {
        let (start, end) = self.parser.place();
        // The line's end is no part of it.
        let end = end.saturating_sub(1);
        if self.parser.is_text() { PageError::new(kind, &self.page, start, end) } else { PageError::binary(kind, start..end) }
    }

    /// What was strange so far: the first hundred places.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}
