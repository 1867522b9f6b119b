//! Enrichment with the labels of info metrics.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

#[cfg(feature = "engine")]
mod join;

pub(super) const FUNCTIONS: &[Function] = &[function! { info (V, V) 1 -> V experimental selector;
"Adds the labels of matching info metrics to each series; a brace selector chooses which.";
r#"info(rate(http_requests_total[5m]), {k8s_cluster_name=~".+"})"#;
Kernel::Special(join::info) }];
