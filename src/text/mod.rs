//! Readers for metrics pages.
