//! Scalars: times, constants, the bounds of the query, and the ways between scalar and vector.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::Kernel;

pub(super) const FUNCTIONS: &[Function] = &[
    function! { time () -> S timed;
    "The evaluation time in seconds since the epoch.";
    "time() - process_start_time_seconds";
    Kernel::Special(kernels::time) },
    function! { pi () -> S;
    "The number pi.";
    "2 * pi()";
    Kernel::Scalar(|_| std::f64::consts::PI) },
    function! { scalar (V) -> S unlabelled;
    "The value of the only float sample of a vector; NaN if there is not exactly one.";
    "scalar(sum(up))";
    Kernel::Special(kernels::scalar) },
    function! { vector (S) -> V;
    "A vector of one sample without labels.";
    "vector(1)";
    Kernel::Special(kernels::vector) },
    function! { start () -> S experimental timed;
    "The start of the query in seconds since the epoch.";
    "time() - start()";
    Kernel::Scalar(|_| 0.0) },
    function! { end () -> S experimental timed;
    "The end of the query in seconds since the epoch.";
    "end() - time()";
    Kernel::Scalar(|_| 0.0) },
    function! { range () -> S experimental timed;
    "The length of the query in seconds, 0 for an instant query.";
    "range() / 2";
    Kernel::Scalar(|_| 0.0) },
    function! { step () -> S experimental timed;
    "The step of the query in seconds, 0 for an instant query.";
    "increase(requests_total[5m]) / step()";
    Kernel::Scalar(|_| 0.0) },
    function! { max_of (S, S) -> S experimental;
    "The larger of two scalars.";
    "max_of(scalar(limit), 10)";
    Kernel::Scalar(|v| crate::model::float::go_max(v[0], v[1])) },
    function! { min_of (S, S) -> S experimental;
    "The smaller of two scalars.";
    "min_of(scalar(limit), 10)";
    Kernel::Scalar(|v| crate::model::float::go_min(v[0], v[1])) },
];

#[cfg(feature = "engine")]
mod kernels {
    use crate::exec::{Opened, Stop, in_order, one_row, open_column, open_vector};
    use crate::functions::kernel::CallSite;
    use crate::model::nan;
    use std::sync::Arc;

    /// The time of each step in seconds.
    pub(super) fn time<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        Ok(Opened::Scalar((0..site.grid.n).map(|step| site.grid.time(step) as f64 / 1000.0).collect()))
    }

    /// The value of the only float of a step; NaN where there is none or more than one.
    pub(super) fn scalar<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        let input = open_vector(&site.args[0], &site.grid, site.cx)?;
        let mut values = vec![nan(); site.grid.n];
        let mut counts = vec![0_u8; site.grid.n];
        in_order(&*input, site.grid.n, site.node, site.cx, &mut |block| {
            for i in 0..block.len() {
                crate::exec::block::each_bit(block.floats_of(i), |step| {
                    values[step] = block.values_of(i)[step];
                    counts[step] = counts[step].saturating_add(1);
                });
            }
            Ok(())
        })?;
        for (value, count) in values.iter_mut().zip(counts) {
            if count != 1 {
                *value = nan();
            }
        }
        Ok(Opened::Scalar(values.into()))
    }

    /// One element without labels.
    pub(super) fn vector<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        let values = open_column(&site.args[0], &site.grid, site.cx)?;
        site.cx.hold_bytes(site.node, site.grid.row_bytes())?;
        site.cx.hold_points(site.node, values.len() as u64, 1)?;
        Ok(Opened::Vector(Arc::new(one_row(&values))))
    }
}
