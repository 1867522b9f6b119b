//! Aggregation over time: all samples of a window become one.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::{Kernel, RangeKernel};
#[cfg(feature = "engine")]
use crate::source::Keep;

#[cfg(feature = "engine")]
pub(crate) mod cut;
#[cfg(feature = "engine")]
mod extremes;
#[cfg(feature = "engine")]
pub(crate) mod floats;
#[cfg(all(feature = "engine", target_arch = "x86_64"))]
mod fours;
#[cfg(feature = "engine")]
pub(crate) mod lanes;
#[cfg(feature = "engine")]
mod long_sums;
#[cfg(feature = "engine")]
mod ordered;
#[cfg(feature = "engine")]
mod quantile;
#[cfg(feature = "engine")]
mod samples;
#[cfg(feature = "engine")]
pub(crate) mod sums;
#[cfg(feature = "engine")]
mod totals;
#[cfg(feature = "engine")]
pub(crate) mod vector;
#[cfg(feature = "engine")]
mod walks;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { sum_over_time (M) -> V;
    "The sum of all samples in the window.";
    "sum_over_time(errors[1d])";
    Kernel::Range(RangeKernel::new(sums::sum).sliding(long_sums::sum).native(sums::native_sum)) },
    function! { avg_over_time (M) -> V;
    "The average of all samples in the window.";
    "avg_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(sums::avg).sliding(long_sums::avg).native(sums::native_avg)) },
    function! { min_over_time (M) -> V;
    "The smallest float in the window.";
    "min_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(floats::min).sliding(extremes::min).keeping(Keep::Least)) },
    function! { max_over_time (M) -> V;
    "The largest float in the window.";
    "max_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(floats::max).sliding(extremes::max).keeping(Keep::Greatest)) },
    function! { count_over_time (M) -> V times;
    "The number of samples in the window.";
    "count_over_time(up[1h])";
    Kernel::Range(RangeKernel::new(samples::count).sliding(samples::counts).keeping(Keep::Ends)) },
    function! { first_over_time (M) -> V;
    "The oldest sample in the window.";
    "first_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(samples::first).sliding(samples::firsts).keeping(Keep::Ends).native(samples::native_first).named()) },
    function! { last_over_time (M) -> V;
    "The newest sample in the window.";
    "last_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(samples::last).sliding(samples::lasts).keeping(Keep::Ends).native(samples::native_last).named()) },
    function! { stddev_over_time (M) -> V;
    "The population standard deviation of the floats in the window.";
    "stddev_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(floats::stddev).sliding(long_sums::stddev)) },
    function! { stdvar_over_time (M) -> V;
    "The population variance of the floats in the window.";
    "stdvar_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(floats::stdvar).sliding(long_sums::stdvar)) },
    function! { quantile_over_time (S, M) -> V;
    "The quantile of the floats in the window.";
    "quantile_over_time(0.95, node_load1[1h])";
    Kernel::Range(RangeKernel::new(quantile::quantile).sliding(quantile::quantiles)) },
    function! { mad_over_time (M) -> V experimental;
    "The median absolute deviation of the floats in the window.";
    "mad_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(quantile::mad).sliding(quantile::mads)) },
    function! { integral (M, S) 1 -> V experimental;
    "The integral over time in seconds; the strategy takes the left value (0), the right one (1) or the mean of both (2, if left out).";
    "integral(power_watts[1h])";
    Kernel::Range(RangeKernel::new(floats::integral)) },
    function! { ts_of_first_over_time (M) -> V experimental times;
    "The time in seconds of the oldest sample in the window.";
    "ts_of_first_over_time(up[1h])";
    Kernel::Range(RangeKernel::new(samples::ts_of_first).sliding(samples::times_of_first).keeping(Keep::Ends)) },
    function! { ts_of_last_over_time (M) -> V experimental times;
    "The time in seconds of the newest sample in the window.";
    "ts_of_last_over_time(up[1h])";
    Kernel::Range(RangeKernel::new(samples::ts_of_last).sliding(samples::times_of_last).keeping(Keep::Ends)) },
    function! { ts_of_min_over_time (M) -> V experimental;
    "The time in seconds of the last sample with the smallest value in the window.";
    "ts_of_min_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(floats::ts_of_min).sliding(extremes::ts_of_min)) },
    function! { ts_of_max_over_time (M) -> V experimental;
    "The time in seconds of the last sample with the largest value in the window.";
    "ts_of_max_over_time(node_load1[1h])";
    Kernel::Range(RangeKernel::new(floats::ts_of_max).sliding(extremes::ts_of_max)) },
];
