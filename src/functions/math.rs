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
    Kernel::Float(|rows| rows.each(f64::abs)) },
    function! { ceil (V) -> V;
    "Each sample rounded up to the nearest integer.";
    "ceil(disk_usage_ratio * 100)";
    Kernel::Float(|rows| rows.each_point(f64::ceil)) },
    function! { floor (V) -> V;
    "Each sample rounded down to the nearest integer.";
    "floor(process_uptime_seconds / 3600)";
    Kernel::Float(|rows| rows.each_point(f64::floor)) },
    function! { round (V, S) 1 -> V;
    "Each sample rounded to the nearest multiple of the second argument (1 if left out), ties upwards.";
    "round(request_latency_seconds, 0.1)";
    Kernel::Float(kernels::round) },
    function! { sqrt (V) -> V;
    "The square root of each sample.";
    "sqrt(variance)";
    Kernel::Float(|rows| rows.each(f64::sqrt)) },
    function! { exp (V) -> V;
    "e to the power of each sample.";
    "exp(log_ratio)";
    Kernel::Float(|rows| rows.each_point(float::exp)) },
    function! { ln (V) -> V;
    "The natural logarithm of each sample.";
    "ln(queue_length)";
    Kernel::Float(|rows| rows.each_point(float::ln)) },
    function! { log2 (V) -> V;
    "The binary logarithm of each sample.";
    "log2(memory_bytes)";
    Kernel::Float(|rows| rows.each_point(float::log2)) },
    function! { log10 (V) -> V;
    "The decimal logarithm of each sample.";
    "log10(response_size_bytes)";
    Kernel::Float(|rows| rows.each_point(float::log10)) },
    function! { sgn (V) -> V;
    "The sign of each sample: -1, 0 or 1.";
    "sgn(deriv(queue_length[5m]))";
    Kernel::Float(|rows| rows.each(|v| if v < 0.0 { -1.0 } else if v > 0.0 { 1.0 } else { v })) },
    function! { clamp (V, S, S) -> V;
    "Each sample limited to the range from the second to the third argument.";
    "clamp(cpu_usage_ratio, 0, 1)";
    Kernel::Float(|rows| kernels::clamp(rows, Some(0), Some(1))) },
    function! { clamp_max (V, S) -> V;
    "Each sample limited to at most the second argument.";
    "clamp_max(cpu_usage_ratio, 1)";
    Kernel::Float(|rows| kernels::clamp(rows, None, Some(0))) },
    function! { clamp_min (V, S) -> V;
    "Each sample limited to at least the second argument.";
    "clamp_min(free_bytes, 0)";
    Kernel::Float(|rows| kernels::clamp(rows, Some(0), None)) },
];

#[cfg(feature = "engine")]
mod kernels {
    use crate::functions::floats::Floats;
    use crate::model::{float, nan};
    use std::sync::Arc;

    pub(super) fn round(rows: &mut Floats<'_>) {
        let to = rows.scalars.first();
        rows.each_point_at(|v, step| {
            let inverse = 1.0 / to.map_or(1.0, |to| to[step]);
            (v * inverse + 0.5).floor() / inverse
        });
    }

    /// Nothing where the bounds are crossed; Go's minimum and maximum otherwise.
    fn clamped(v: f64, min: f64, max: f64) -> Option<f64> {
        if max < min { None } else { Some(float::go_max(min, float::go_min(max, v))) }
    }

    /// The same where [`ordinary`] says so.
    fn limited(v: f64, min: f64, max: f64) -> f64 {
        let below = if v > max { max } else { v };
        let between = if below > min { below } else { min };
        if v.is_nan() { nan() } else { between }
    }

    /// Bounds that are not crossed, and that comparisons alone can hold a number to: no NaN, no
    /// −0, which stands beside 0 and not below it, and no infinity on the side where it would be
    /// the answer to a NaN.
    fn ordinary(min: f64, max: f64) -> bool {
        let zero = |bound: f64| bound.to_bits() == (-0.0_f64).to_bits();
        min <= max && min < f64::INFINITY && max > f64::NEG_INFINITY && !zero(min) && !zero(max)
    }

    /// Holds rows between two bounds, each an argument or none.
    pub(super) fn clamp(rows: &mut Floats<'_>, min: Option<usize>, max: Option<usize>) {
        let scalars = rows.scalars;
        let column = |at: Option<usize>| at.and_then(|at| scalars.get(at));
        let (min, max) = (column(min), column(max));
        let bounds = |step: usize| (min.map_or(f64::NEG_INFINITY, |c| c[step]), max.map_or(f64::INFINITY, |c| c[step]));
        if rows.n == 0 {
            return;
        }
        let first = bounds(0);
        let same = |c: Option<&Arc<[f64]>>, first: f64| c.is_none_or(|c| c.iter().all(|bound| bound.to_bits() == first.to_bits()));
        if ordinary(first.0, first.1) && same(min, first.0) && same(max, first.1) {
            rows.each(|v| limited(v, first.0, first.1));
            return;
        }
        for (values, present) in rows.rows() {
            for (step, value) in values.iter_mut().enumerate() {
                let (min, max) = bounds(step);
                match clamped(*value, min, max) {
                    Some(clamped) => *value = clamped,
                    None => present[step / 64] &= !(1 << (step % 64)),
                }
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// What is chosen for ordinary bounds gives the bits of what defines the function.
        #[test]
        fn limits_are_those_of_the_definition() {
            let some = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, -1.0, 2.5, f64::MIN_POSITIVE, f64::MAX];
            let mut checked = 0;
            for min in some {
                for max in some.into_iter().filter(|max| ordinary(min, *max)) {
                    for v in some {
                        checked += 1;
                        assert_eq!(
                            Some(limited(v, min, max).to_bits()),
                            clamped(v, min, max).map(f64::to_bits),
                            "clamp({v}, {min}, {max})"
                        );
                    }
                }
            }
            assert!(checked > 200);
        }
    }
}
