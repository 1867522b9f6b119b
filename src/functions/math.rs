//! Elementwise maths: each float sample becomes another.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;
#[cfg(feature = "engine")]
use crate::model::float;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { abs (V) -> V;
    "The absolute value of each sample.";
    "abs(delta(temperature_celsius[1h]))";
    Kernel::Float(|v, _| Some(v.abs())) },
    function! { ceil (V) -> V;
    "Each sample rounded up to the nearest integer.";
    "ceil(disk_usage_ratio * 100)";
    Kernel::Float(|v, _| Some(v.ceil())) },
    function! { floor (V) -> V;
    "Each sample rounded down to the nearest integer.";
    "floor(process_uptime_seconds / 3600)";
    Kernel::Float(|v, _| Some(v.floor())) },
    function! { round (V, S) 1 -> V;
    "Each sample rounded to the nearest multiple of the second argument (1 if left out), ties upwards.";
    "round(request_latency_seconds, 0.1)";
    Kernel::Float(|v, args| { let inverse = 1.0 / args.first().copied().unwrap_or(1.0); Some((v * inverse + 0.5).floor() / inverse) }) },
    function! { sqrt (V) -> V;
    "The square root of each sample.";
    "sqrt(variance)";
    Kernel::Float(|v, _| Some(v.sqrt())) },
    function! { exp (V) -> V;
    "e to the power of each sample.";
    "exp(log_ratio)";
    Kernel::Float(|v, _| Some(float::exp(v))) },
    function! { ln (V) -> V;
    "The natural logarithm of each sample.";
    "ln(queue_length)";
    Kernel::Float(|v, _| Some(float::ln(v))) },
    function! { log2 (V) -> V;
    "The binary logarithm of each sample.";
    "log2(memory_bytes)";
    Kernel::Float(|v, _| Some(float::log2(v))) },
    function! { log10 (V) -> V;
    "The decimal logarithm of each sample.";
    "log10(response_size_bytes)";
    Kernel::Float(|v, _| Some(float::log10(v))) },
    function! { sgn (V) -> V;
    "The sign of each sample: -1, 0 or 1.";
    "sgn(deriv(queue_length[5m]))";
    Kernel::Float(|v, _| Some(if v < 0.0 { -1.0 } else if v > 0.0 { 1.0 } else { v })) },
    function! { clamp (V, S, S) -> V;
    "Each sample limited to the range from the second to the third argument.";
    "clamp(cpu_usage_ratio, 0, 1)";
    Kernel::Float(|v, args| clamped(v, args[0], args[1])) },
    function! { clamp_max (V, S) -> V;
    "Each sample limited to at most the second argument.";
    "clamp_max(cpu_usage_ratio, 1)";
    Kernel::Float(|v, args| clamped(v, f64::NEG_INFINITY, args[0])) },
    function! { clamp_min (V, S) -> V;
    "Each sample limited to at least the second argument.";
    "clamp_min(free_bytes, 0)";
    Kernel::Float(|v, args| clamped(v, args[0], f64::INFINITY)) },
];

/// Nothing where the bounds are crossed; Go's minimum and maximum otherwise.
#[cfg(feature = "engine")]
fn clamped(v: f64, min: f64, max: f64) -> Option<f64> {
    if max < min { None } else { Some(float::go_max(min, float::go_min(max, v))) }
}
