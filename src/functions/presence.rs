//! Functions that tell whether anything is there.

use super::Function;
#[cfg(feature = "engine")]
use super::kernel::{Kernel, RangeKernel};

pub(super) const FUNCTIONS: &[Function] = &[
    function! { absent (V) -> V stats times;
    "1 if the vector has no elements, otherwise nothing.";
    r#"absent(up{job="api"})"#;
    Kernel::Special(kernels::absent) },
    function! { absent_over_time (M) -> V times;
    "1 if no series has a sample in the window, otherwise nothing.";
    r#"absent_over_time(up{job="api"}[1h])"#;
    Kernel::Special(kernels::absent_over_time) },
    function! { present_over_time (M) -> V times;
    "1 for each series with a sample in the window.";
    "present_over_time(up[1h])";
    Kernel::Range(RangeKernel::new(|_| Some(crate::exec::Point::Float(1.0))).sliding(kernels::present).keeping(crate::source::Keep::Ends)) },
];

#[cfg(feature = "engine")]
mod kernels {
    use crate::exec::block::all_bits;
    use crate::exec::cx::Pulse;
    use crate::exec::until::{in_order_until, quiet};
    use crate::exec::{Block, Opened, RangeOp, Series, Spool, Stop, mistyped, nothing, open};
    use crate::functions::column::{Column, Row};
    use crate::functions::kernel::CallSite;
    use crate::model::labels::is_metadata;
    use crate::model::{LabelSet, MatchOp, Matcher, Samples};
    use crate::plan::{Kind, Node};
    use crate::source::TimeRange;
    use std::sync::Arc;

    pub(super) fn present(column: &Column<'_>, row: &mut Row<'_>) -> Result<(), Stop> {
        column.every(row, |_, _| 1.0)
    }

    pub(super) fn absent<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        let arg = &site.args[0];
        let n = site.grid.n;
        let input = crate::exec::open_vector(arg, &site.grid, site.cx)?;
        let mut present = vec![0_u64; n.div_ceil(64)];
        in_order_until(&input, quiet(arg), n, site.node, site.cx, &mut |_, block| {
            (0..block.len()).for_each(|i| block.or_presence(i, &mut present));
            Ok(present.iter().map(|word| word.count_ones() as usize).sum::<usize>() == n)
        })?;
        ones_where_absent(site, &present, input.rows().len() as u64)
    }

    pub(super) fn absent_over_time<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
        let CallSite { node, args, grid, cx } = *site;
        let Opened::Range(input) = open(&args[0], &grid, cx)? else { return Err(mistyped(node)) };
        if !crate::exec::range_call::extension_allowed(&*input, node, cx) {
            return Ok(nothing());
        }
        let mut present = vec![0_u64; grid.n.div_ceil(64)];
        let mut samples = Samples::default();
        for row in 0..input.count() as u32 {
            input.read(row, TimeRange::ALL, cx, &mut samples)?;
            mark(&*input, &samples, site, &mut present)?;
        }
        ones_where_absent(site, &present, 0)
    }

    /// Sets the bits of the steps whose window has a sample. Each counts in the sample budget, as if it had
    /// been a result of the series.
    fn mark(input: &dyn RangeOp, samples: &Samples, site: &CallSite<'_>, present: &mut [u64]) -> Result<(), Stop> {
        let windows = input.windows();
        let mut pulse = Pulse::default();
        let (mut lo, mut hi, mut longest, mut points) = (0, 0, 0, 0);
        for step in 0..site.grid.n {
            pulse.beat(0, site.cx)?;
            let end = windows.reference(site.grid.time(step));
            let start = end.saturating_sub(windows.range);
            hi += samples.time[hi..].iter().take_while(|t| **t <= end).count();
            lo += samples.time[lo..hi].iter().take_while(|t| **t <= start).count();
            longest = longest.max(hi - lo);
            points += u64::from(lo < hi);
            present[step / 64] |= u64::from(lo < hi) << (step % 64);
        }
        site.cx.hold_points(site.node, points, longest as u64)
    }

    /// One row: 1 at each step whose bit is not set.
    fn ones_where_absent<'q>(site: &CallSite<'q>, present: &[u64], gathered: u64) -> Result<Opened<'q>, Stop> {
        let n = site.grid.n;
        let absent: Vec<u64> = all_bits(n).iter().zip(present).map(|(all, present)| all & !present).collect();
        let points = absent.iter().map(|word| u64::from(word.count_ones())).sum();
        site.cx.hold_points(site.node, points, gathered)?;
        site.cx.hold_bytes(site.node, site.grid.row_bytes())?;
        let mut block = Block::new(n);
        block.push_columns(0, &absent, |values| values.resize(n, 1.0));
        let labels = labels_of(&site.args[0])?;
        Ok(Opened::Vector(Arc::new(Spool::new(vec![Series { labels, drop_name: false }], block))))
    }

    /// The labels that a bare selector pins down: each label's first matcher if it is `=` and no
    /// other one speaks of the label.
    fn labels_of(arg: &Node) -> Result<LabelSet, Stop> {
        let (Kind::Select(select) | Kind::Range(select, _)) = &arg.without_invariant().kind else {
            return Ok(LabelSet::default());
        };
        let mut seen: Vec<&Matcher> = Vec::new();
        let mut labels = LabelSet::default();
        for matcher in &select.matchers {
            let (Some(name), Some(value)) = (matcher.name.as_str(), matcher.value.as_str()) else {
                return Err(Stop::unsupported("a label that is not UTF-8"));
            };
            if is_metadata(name) {
                continue;
            }
            let first = matcher.op == MatchOp::Equal && !seen.iter().any(|m| m.name == matcher.name && m.op == MatchOp::Equal);
            labels = labels.with(name, if first { value } else { "" });
            seen.push(matcher);
        }
        Ok(labels)
    }
}
