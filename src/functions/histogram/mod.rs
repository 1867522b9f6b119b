//! Functions of histograms, native and classic.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

#[cfg(feature = "engine")]
mod buckets;
#[cfg(feature = "engine")]
pub(crate) mod classic;
#[cfg(feature = "engine")]
mod quantile;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { histogram_count (V) -> V stats;
    "The number of observations of each native histogram.";
    "histogram_count(rate(request_duration_seconds[5m]))";
    Kernel::Histogram(|h| h.count) },
    function! { histogram_sum (V) -> V stats;
    "The sum of the observations of each native histogram.";
    "histogram_sum(rate(request_duration_seconds[5m]))";
    Kernel::Histogram(|h| h.sum) },
    function! { histogram_avg (V) -> V stats;
    "The average observation of each native histogram.";
    "histogram_avg(rate(request_duration_seconds[5m]))";
    Kernel::Histogram(|h| h.sum / h.count) },
    function! { histogram_stddev (V) -> V whole;
    "The estimated standard deviation of the observations of each native histogram.";
    "histogram_stddev(request_duration_seconds)";
    Kernel::Histogram(|h| h.stdvar().sqrt()) },
    function! { histogram_stdvar (V) -> V whole;
    "The estimated variance of the observations of each native histogram.";
    "histogram_stdvar(request_duration_seconds)";
    Kernel::Histogram(|h| h.stdvar()) },
    function! { histogram_quantile (S, V) -> V whole le;
    "The estimated quantile of the observations of each histogram, native or classic.";
    "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[10m])))";
    Kernel::Special(quantile::quantile) },
    function! { histogram_quantiles (V, T, S, S) 9 -> V experimental whole;
    "Up to ten estimated quantiles of each histogram, told apart by a label.";
    r#"histogram_quantiles(rate(request_duration_seconds[5m]), "quantile", 0.5, 0.99)"#;
    Kernel::Special(quantile::quantiles) },
    function! { histogram_fraction (S, S, V) -> V whole le;
    "The estimated fraction of observations between two bounds.";
    "histogram_fraction(0, 0.2, rate(request_duration_seconds[1h]))";
    Kernel::Special(quantile::fraction) },
];
