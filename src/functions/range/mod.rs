//! Functions over the change within a window: counters, gauges and trends.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::{Kernel, RangeKernel};
#[cfg(feature = "engine")]
use crate::source::Keep;

#[cfg(feature = "engine")]
mod changes;
#[cfg(feature = "engine")]
pub(crate) mod extended;
#[cfg(feature = "engine")]
mod instant_rate;
#[cfg(feature = "engine")]
pub(crate) mod interpolate;
#[cfg(feature = "engine")]
mod lines;
#[cfg(feature = "engine")]
mod moments;
#[cfg(feature = "engine")]
mod rate;
#[cfg(feature = "engine")]
mod regression;
#[cfg(feature = "engine")]
mod resets;
#[cfg(feature = "engine")]
mod smoothing;
#[cfg(feature = "engine")]
mod stretch;

#[cfg(feature = "engine")]
pub(crate) use rate::{SHORT, short_seconds, start_overlaps, start_reset};
#[cfg(feature = "engine")]
pub(crate) use {lines::Pending, moments::Moments, resets::Resets, stretch::Stretch};

pub(super) const FUNCTIONS: &[Function] = &[
    function! { rate (M) -> V anchored smoothed;
    "The per-second increase of a counter over the window, extrapolated to its bounds.";
    "rate(http_requests_total[5m])";
    Kernel::Range(RangeKernel::new(rate::rate).sliding(stretch::rates).keeping(Keep::RisingEnds).native(rate::native_rate).of_counter()) },
    function! { increase (M) -> V anchored smoothed;
    "The increase of a counter over the window, extrapolated to its bounds.";
    "increase(http_requests_total[1h])";
    Kernel::Range(RangeKernel::new(rate::increase).sliding(stretch::increases).keeping(Keep::RisingEnds).native(rate::native_increase).of_counter()) },
    function! { delta (M) -> V anchored smoothed;
    "The difference between the last and the first value of a gauge in the window, extrapolated to its bounds.";
    "delta(temperature_celsius[2h])";
    Kernel::Range(RangeKernel::new(rate::delta).sliding(stretch::deltas).keeping(Keep::Ends).native(rate::native_delta)) },
    function! { irate (M) -> V;
    "The per-second increase of a counter between the last two samples of the window.";
    "irate(http_requests_total[5m])";
    Kernel::Range(RangeKernel::new(instant_rate::irate).sliding(instant_rate::irates).native(instant_rate::native_irate)) },
    function! { idelta (M) -> V;
    "The difference between the last two samples of the window.";
    "idelta(temperature_celsius[5m])";
    Kernel::Range(RangeKernel::new(instant_rate::idelta).sliding(instant_rate::ideltas).native(instant_rate::native_idelta)) },
    function! { resets (M) -> V anchored;
    "How many times a counter fell within the window.";
    "resets(process_cpu_seconds_total[1d])";
    Kernel::Range(RangeKernel::new(changes::resets).sliding(changes::all_resets).keeping(Keep::RisingEnds)) },
    function! { changes (M) -> V whole anchored;
    "How many times the value changed within the window.";
    "changes(process_start_time_seconds[1h])";
    Kernel::Range(RangeKernel::new(changes::changes).sliding(changes::all_changes)) },
    function! { deriv (M) -> V;
    "The slope per second of a straight line fitted to the window.";
    "deriv(disk_free_bytes[1h])";
    Kernel::Range(RangeKernel::new(regression::deriv).sliding(lines::deriv)) },
    function! { predict_linear (M, S) -> V timed;
    "The value that a straight line fitted to the window has the given number of seconds from now.";
    "predict_linear(disk_free_bytes[6h], 4 * 3600)";
    Kernel::Range(RangeKernel::new(regression::predict_linear).sliding(lines::predict_linear)) },
    function! { double_exponential_smoothing (M, S, S) -> V experimental;
    "The value smoothed by a smoothing factor and a trend factor, both between 0 and 1.";
    "double_exponential_smoothing(node_load1[1h], 0.5, 0.1)";
    Kernel::Range(RangeKernel::new(smoothing::double_exponential_smoothing).sliding(smoothing::all)) },
];
