//! Ferula parses and evaluates PromQL: exactly Prometheus's answer (3.16), or a clear typed error.
//!
//! ```
//! use ferula::model::LabelSet;
//! use ferula::source::MemorySource;
//! use ferula::{Engine, EngineOptions};
//!
//! let mut source = MemorySource::default();
//! let labels = LabelSet::from_pairs([("__name__", "requests_total"), ("job", "api")]);
//! for minute in 0..10_i64 {
//!     // Time in ms, start timestamp (0: unknown), value.
//!     source.append_float(&labels, minute * 60_000, 0, (minute * 30) as f64)?;
//! }
//! let query = Engine::new(EngineOptions::default()).prepare("sum(rate(requests_total[5m]))")?;
//! let result = query.instant(&source, 540_000)?;
//! assert_eq!(result.to_api_json(), r#"{"resultType":"vector","result":[{"metric":{},"value":[540,"0.5"]}]}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The way of a query is one chain of modules, each importable alone: [`syntax`] turns text into
//! a checked tree, `plan` lowers it for one evaluation, `exec` opens the plan against a
//! [`source`](source::Source) and fills blocks of columns, and [`engine`] is the door to all of
//! it. [`functions`] is the one table of functions, [`model`] the vocabulary that all share.
//!
//! | module | for whom |
//! | --- | --- |
//! | [`syntax`] | tools: parse, walk, rewrite and print expressions; needs no feature |
//! | [`engine`] | programs that ask questions |
//! | [`source`] | programs that have samples: the `Source` trait, `MemorySource`, a conformance kit |
//! | [`text`] | readers for metrics pages: Prometheus text and OpenMetrics |
//! | [`golden`] | the test-script language of Prometheus, and its runner |
//! | [`result`] | answers as the HTTP API's JSON, CSV and the like |
//! | [`demo`] | six hours of a churn-prediction service, to try things on |
//!
//! Nothing here panics on any input, and every evaluation has a budget ([`EngineOptions`]):
//! samples, bytes, series, steps, time, and a cancellation flag.
#![deny(unsafe_code)]

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "engine")]
pub(crate) mod clock;
#[cfg(feature = "demo")]
pub mod demo;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub(crate) mod exec;
pub mod functions;
#[cfg(feature = "golden")]
pub mod golden;
pub mod model;
#[cfg(feature = "engine")]
pub(crate) mod plan;
#[cfg(feature = "engine")]
pub mod result;
#[cfg(feature = "engine")]
pub mod source;
pub mod syntax;
#[cfg(feature = "text")]
pub mod text;
#[cfg(feature = "wasm")]
pub mod wasm;
#[cfg(feature = "engine")]
pub(crate) mod wide;

#[cfg(feature = "engine")]
pub use engine::{Engine, EngineOptions, PreparedQuery, QueryError, QueryResult};
