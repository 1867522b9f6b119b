//! The parameters of aggregations, judged over all steps before any is used.

use super::Site;
use crate::exec::Remark;
use crate::model::float::{go_max, go_min};
use crate::model::number::format_g;
use crate::plan::Node;

/// Smallest and largest value of a parameter over all steps; NaN if any is NaN, unless an
/// infinity outdoes it.
struct Extent {
    min: f64,
    max: f64,
    nan: bool,
}

fn extent(values: &[f64]) -> Extent {
    let first = values.first().copied().unwrap_or(0.0);
    Extent {
        min: values.iter().fold(first, |a, b| go_min(a, *b)),
        max: values.iter().fold(first, |a, b| go_max(a, *b)),
        nan: values.iter().any(|v| v.is_nan()),
    }
}

/// How many rows of each group to keep at each step, at most `rows`. `None` if none at all, or
/// if the parameter fails the query.
pub(super) fn counts(site: &Site<'_>, values: &[f64], rows: usize) -> Option<Vec<u32>> {
    /// The smallest float that does not fit, with the reference's margin of a thousand.
    const TOO_LARGE: f64 = 9_223_372_036_854_774_784.0;
    const TOO_SMALL: f64 = -9_223_372_036_854_775_808.0;
    let Extent { min, max, nan } = extent(values);
    if values.is_empty() || max < 1.0 {
        return None;
    }
    let fail = |message: String| {
        site.cx.fault(site.node, (0, 0), message);
        None
    };
    if nan {
        return fail("Parameter value is NaN".into());
    }
    if min <= TOO_SMALL {
        return fail(format!("Scalar value {} underflows int64", format_g(min)));
    }
    if max >= TOO_LARGE {
        return fail(format!("Scalar value {} overflows int64", format_g(max)));
    }
    let rows = u32::try_from(rows).unwrap_or(u32::MAX);
    Some(values.iter().map(|v| (*v as i64).clamp(0, i64::from(rows)) as u32).collect())
}

/// The ratio of rows to keep at each step, in [−1, 1]. `None` if it is always zero, or if the
/// parameter fails the query.
pub(super) fn ratios(site: &Site<'_>, values: &[f64], param: &Node) -> Option<Vec<f64>> {
    let Extent { min, max, nan } = extent(values);
    if values.is_empty() || (max == 0.0 && min == 0.0) {
        return None;
    }
    if nan {
        site.cx.fault(site.node, (0, 0), "Ratio value is NaN");
        return None;
    }
    for (got, cap) in [(max, 1.0), (min, -1.0)] {
        if got * cap > 1.0 {
            note(site, param, Remark::InvalidRatio { got, cap });
        }
    }
    Some(values.iter().map(|r| r.clamp(-1.0, 1.0)).collect())
}

/// Remarks on quantiles outside [0, 1].
pub(super) fn check_quantiles(site: &Site<'_>, values: &[f64], param: &Node) {
    let Extent { min, max, nan } = extent(values);
    if nan {
        note(site, param, Remark::InvalidQuantile { got: f64::NAN });
    }
    for got in [(max > 1.0).then_some(max), (min < 0.0).then_some(min)].into_iter().flatten() {
        note(site, param, Remark::InvalidQuantile { got });
    }
}

fn note(site: &Site<'_>, param: &Node, remark: Remark) {
    site.cx.note(site.node, 0, 0, param.note_span(), remark);
}
