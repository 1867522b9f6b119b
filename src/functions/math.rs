//! Elementwise maths: each float sample becomes another.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { abs (V) -> V;
    "The absolute value of each sample.";
    "abs(delta(temperature_celsius[1h]))";
    Kernel::Unimplemented },
    function! { ceil (V) -> V;
    "Each sample rounded up to the nearest integer.";
    "ceil(disk_usage_ratio * 100)";
    Kernel::Unimplemented },
    function! { floor (V) -> V;
    "Each sample rounded down to the nearest integer.";
    "floor(process_uptime_seconds / 3600)";
    Kernel::Unimplemented },
    function! { round (V, S) 1 -> V;
    "Each sample rounded to the nearest multiple of the second argument (1 if left out), ties upwards.";
    "round(request_latency_seconds, 0.1)";
    Kernel::Unimplemented },
    function! { sqrt (V) -> V;
    "The square root of each sample.";
    "sqrt(variance)";
    Kernel::Unimplemented },
    function! { exp (V) -> V;
    "e to the power of each sample.";
    "exp(log_ratio)";
    Kernel::Unimplemented },
    function! { ln (V) -> V;
    "The natural logarithm of each sample.";
    "ln(queue_length)";
    Kernel::Unimplemented },
    function! { log2 (V) -> V;
    "The binary logarithm of each sample.";
    "log2(memory_bytes)";
    Kernel::Unimplemented },
    function! { log10 (V) -> V;
    "The decimal logarithm of each sample.";
    "log10(response_size_bytes)";
    Kernel::Unimplemented },
    function! { sgn (V) -> V;
    "The sign of each sample: -1, 0 or 1.";
    "sgn(deriv(queue_length[5m]))";
    Kernel::Unimplemented },
    function! { clamp (V, S, S) -> V;
    "Each sample limited to the range from the second to the third argument.";
    "clamp(cpu_usage_ratio, 0, 1)";
    Kernel::Unimplemented },
    function! { clamp_max (V, S) -> V;
    "Each sample limited to at most the second argument.";
    "clamp_max(cpu_usage_ratio, 1)";
    Kernel::Unimplemented },
    function! { clamp_min (V, S) -> V;
    "Each sample limited to at least the second argument.";
    "clamp_min(free_bytes, 0)";
    Kernel::Unimplemented },
];
