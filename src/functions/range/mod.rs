//! Functions over the change within a window: counters, gauges and trends.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::{Kernel, RangeKernel};

#[cfg(feature = "engine")]
mod changes;
#[cfg(feature = "engine")]
pub(crate) mod extended;
#[cfg(feature = "engine")]
mod instant_rate;
#[cfg(feature = "engine")]
pub(crate) mod interpolate;
#[cfg(feature = "engine")]
mod rate;
#[cfg(feature = "engine")]
mod regression;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { rate (M) -> V;
    "The per-second increase of a counter over the window, extrapolated to its bounds.";
    "rate(http_requests_total[5m])";
    Kernel::Range(RangeKernel { window: rate::rate, keeps_name: false, wants_counter: true }) },
    function! { increase (M) -> V;
    "The increase of a counter over the window, extrapolated to its bounds.";
    "increase(http_requests_total[1h])";
    Kernel::Range(RangeKernel { window: rate::increase, keeps_name: false, wants_counter: true }) },
    function! { delta (M) -> V;
    "The difference between the last and the first value of a gauge in the window, extrapolated to its bounds.";
    "delta(temperature_celsius[2h])";
    Kernel::Range(RangeKernel { window: rate::delta, keeps_name: false, wants_counter: false }) },
    function! { irate (M) -> V;
    "The per-second increase of a counter between the last two samples of the window.";
    "irate(http_requests_total[5m])";
    Kernel::Range(RangeKernel { window: instant_rate::irate, keeps_name: false, wants_counter: false }) },
    function! { idelta (M) -> V;
    "The difference between the last two samples of the window.";
    "idelta(temperature_celsius[5m])";
    Kernel::Range(RangeKernel { window: instant_rate::idelta, keeps_name: false, wants_counter: false }) },
    function! { resets (M) -> V;
    "How many times a counter fell within the window.";
    "resets(process_cpu_seconds_total[1d])";
    Kernel::Range(RangeKernel { window: changes::resets, keeps_name: false, wants_counter: false }) },
    function! { changes (M) -> V whole;
    "How many times the value changed within the window.";
    "changes(process_start_time_seconds[1h])";
    Kernel::Range(RangeKernel { window: changes::changes, keeps_name: false, wants_counter: false }) },
    function! { deriv (M) -> V;
    "The slope per second of a straight line fitted to the window.";
    "deriv(disk_free_bytes[1h])";
    Kernel::Range(RangeKernel { window: regression::deriv, keeps_name: false, wants_counter: false }) },
    function! { predict_linear (M, S) -> V timed;
    "The value that a straight line fitted to the window has the given number of seconds from now.";
    "predict_linear(disk_free_bytes[6h], 4 * 3600)";
    Kernel::Range(RangeKernel { window: regression::predict_linear, keeps_name: false, wants_counter: false }) },
    function! { double_exponential_smoothing (M, S, S) -> V experimental;
    "The value smoothed by a smoothing factor and a trend factor, both between 0 and 1.";
    "double_exponential_smoothing(node_load1[1h], 0.5, 0.1)";
    Kernel::Range(RangeKernel { window: regression::double_exponential_smoothing, keeps_name: false, wants_counter: false }) },
];
