//! Functions over the change within a window: counters, gauges and trends.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { rate (M) -> V;
    "The per-second increase of a counter over the window, extrapolated to its bounds.";
    "rate(http_requests_total[5m])";
    Kernel::Unimplemented },
    function! { increase (M) -> V;
    "The increase of a counter over the window, extrapolated to its bounds.";
    "increase(http_requests_total[1h])";
    Kernel::Unimplemented },
    function! { delta (M) -> V;
    "The difference between the last and the first value of a gauge in the window, extrapolated to its bounds.";
    "delta(temperature_celsius[2h])";
    Kernel::Unimplemented },
    function! { irate (M) -> V;
    "The per-second increase of a counter between the last two samples of the window.";
    "irate(http_requests_total[5m])";
    Kernel::Unimplemented },
    function! { idelta (M) -> V;
    "The difference between the last two samples of the window.";
    "idelta(temperature_celsius[5m])";
    Kernel::Unimplemented },
    function! { resets (M) -> V;
    "How many times a counter fell within the window.";
    "resets(process_cpu_seconds_total[1d])";
    Kernel::Unimplemented },
    function! { changes (M) -> V;
    "How many times the value changed within the window.";
    "changes(process_start_time_seconds[1h])";
    Kernel::Unimplemented },
    function! { deriv (M) -> V;
    "The slope per second of a straight line fitted to the window.";
    "deriv(disk_free_bytes[1h])";
    Kernel::Unimplemented },
    function! { predict_linear (M, S) -> V;
    "The value that a straight line fitted to the window has the given number of seconds from now.";
    "predict_linear(disk_free_bytes[6h], 4 * 3600)";
    Kernel::Unimplemented },
    function! { double_exponential_smoothing (M, S, S) -> V experimental;
    "The value smoothed by a smoothing factor and a trend factor, both between 0 and 1.";
    "double_exponential_smoothing(node_load1[1h], 0.5, 0.1)";
    Kernel::Unimplemented },
];
