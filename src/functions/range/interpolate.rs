//! Values between two samples.

use crate::exec::Remark;
use crate::model::Histogram;

/// The value at `time` on the line between two samples (times in ms); a counter that fell starts
/// from 0.
pub(crate) fn floats(a: (i64, f64), b: (i64, f64), time: i64, counter: bool) -> f64 {
    let from = if counter && b.1 < a.1 { 0.0 } else { a.1 };
    from + (b.1 - from) * ((time - a.0) as f64) / ((b.0 - a.0) as f64)
}

/// The histogram at `time` between two samples (times in ms), `None` where one has custom bounds
/// and the other not; remarks on bounds that had to be reconciled.
pub(crate) fn histograms(
    a: (i64, &Histogram),
    b: (i64, &Histogram),
    time: i64,
    counter: bool,
    remarks: &mut Vec<Remark>,
) -> Option<Histogram> {
    let between = Histogram::between(a, b, time, counter).ok()?;
    if between.subtraction_reconciled {
        remarks.push(Remark::MismatchedCustomBuckets { during: "subtraction" });
    }
    if between.addition_reconciled {
        remarks.push(Remark::MismatchedCustomBuckets { during: "addition" });
    }
    Some(between.histogram)
}
