//! Readers for metrics pages: Prometheus text (0.0.4 and 1.0.0), OpenMetrics, and (feature
//! `protobuf`) the protobuf exposition.
//!
//! [`read`] turns a page into [`Entry`]s, in the order in which they are written, and tells what
//! is wrong with it, and where, as a [`PageError`]; [`detect`] finds out which [`Format`] a page
//! has, [`unpack`] undoes gzip; [`load`] and [`Loader`] put the samples of one or several pages into a source, as scrapes would.
//! A page is read exactly as Prometheus 3.16 reads it, with the differences listed at
//! [`read`]. The module needs nothing but `model` and `source`; the command line uses it.
//!
//! A page has three layers here: the lexers (`lex`, one function for each state) know bytes, the
//! readers of each format (`prometheus`, `openmetrics` and `openmetrics2`) know lines, and what they read lands in
//! a `Slot` that is used again for the next entry, so that a line costs no
//! allocation but for texts that were not on the page before.

mod composite;
mod created;
mod detect;
mod entry;
mod error;
mod labels;
mod lex;
mod load;
mod nhcb;
mod number;
mod openmetrics;
mod openmetrics2;
mod prometheus;
#[cfg(feature = "protobuf")]
mod protobuf;
mod reader;
mod scan;
mod slot;
mod unpack;

pub use detect::{Format, UnknownContentType, detect};
pub use entry::{Entry, Exemplar, MetricKind, Sample, Value};
#[cfg(feature = "protobuf")]
pub use error::ProtobufError;
pub use error::{NumberError, PageError, PageErrorKind};
pub use load::{LoadError, Loaded, Loader, Scrape, load, with_target};
pub use reader::{ReadOptions, Reader, Warning, WarningKind, read};
pub use unpack::{UNPACK_LIMIT, UnpackError, unpack};
