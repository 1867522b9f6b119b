//! Scalars: times, constants, the bounds of the query, and the ways between scalar and vector.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { time () -> S;
    "The evaluation time in seconds since the epoch.";
    "time() - process_start_time_seconds";
    Kernel::Unimplemented },
    function! { pi () -> S;
    "The number pi.";
    "2 * pi()";
    Kernel::Unimplemented },
    function! { scalar (V) -> S;
    "The value of the only float sample of a vector; NaN if there is not exactly one.";
    "scalar(sum(up))";
    Kernel::Unimplemented },
    function! { vector (S) -> V;
    "A vector of one sample without labels.";
    "vector(1)";
    Kernel::Unimplemented },
    function! { start () -> S experimental;
    "The start of the query in seconds since the epoch.";
    "time() - start()";
    Kernel::Unimplemented },
    function! { end () -> S experimental;
    "The end of the query in seconds since the epoch.";
    "end() - time()";
    Kernel::Unimplemented },
    function! { range () -> S experimental;
    "The length of the query in seconds, 0 for an instant query.";
    "range() / 2";
    Kernel::Unimplemented },
    function! { step () -> S experimental;
    "The step of the query in seconds, 0 for an instant query.";
    "increase(requests_total[5m]) / step()";
    Kernel::Unimplemented },
    function! { max_of (S, S) -> S experimental;
    "The larger of two scalars.";
    "max_of(scalar(limit), 10)";
    Kernel::Unimplemented },
    function! { min_of (S, S) -> S experimental;
    "The smaller of two scalars.";
    "min_of(scalar(limit), 10)";
    Kernel::Unimplemented },
];
