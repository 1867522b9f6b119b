//! Ferula parses and evaluates PromQL: exactly Prometheus's answer, or a clear typed error.
//!
//! The way of a query is one chain of modules, each importable alone:
//! [`syntax`] turns text into a checked tree, `plan` lowers it, `exec` runs it against a
//! `source`, and the vocabulary that all of them share is in [`model`].
#![deny(unsafe_code)]

#[cfg(feature = "cli")]
pub mod cli;
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
pub mod plan;
#[cfg(feature = "engine")]
pub mod result;
#[cfg(feature = "engine")]
pub mod source;
pub mod syntax;
#[cfg(feature = "text")]
pub mod text;

#[cfg(feature = "engine")]
pub use engine::{Engine, EngineOptions, PreparedQuery, QueryError, QueryResult};
