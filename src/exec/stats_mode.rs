//! Reading histograms where only count and sum are looked at.
//!
//! Buckets are left out, and what they would have told about resets is written into the hint
//! instead. Which sample a hint compares with depends on how far the reference's reader has come,
//! so its jumps are retraced here.

use crate::model::histogram::HistogramColumn;
use crate::model::histogram::column::SUM;
use crate::model::{CounterResetHint, Samples, is_stale};

/// Reduces the histograms of a series to schema, count, sum and hint.
///
/// `references` are the right ends of what is read at each step, `reach` how far back from there
/// it looks, both ms: a reader that stands before a step's reach jumps ahead and forgets the
/// sample before.
pub(super) fn reduce(samples: &mut Samples, references: impl Iterator<Item = i64>, reach: i64) {
    if samples.histogram_at.is_empty() || is_reduced(&samples.histogram) {
        return;
    }
    let landings = landings(&samples.time, references, reach);
    let mut previous: Option<usize> = None;
    let mut landings = landings.into_iter().peekable();
    let full = std::mem::take(&mut samples.histogram);
    let mut reduced = HistogramColumn::default();
    for (i, at) in samples.histogram_at.iter().map(|at| *at as usize).enumerate() {
        while landings.next_if(|landing| *landing <= at).is_some_and(|landing| {
            if previous.is_some_and(|p| (samples.histogram_at[p] as usize) < landing) {
                previous = None;
            }
            true
        }) {}
        if is_stale(samples.value[at]) {
            reduced.push_from(&full, i, full.hint(i));
            continue;
        }
        let hint = match (full.hint(i), previous) {
            (CounterResetHint::Unknown, Some(p)) => match (full.get(i), full.get(p)) {
                (Some(h), Some(before)) => h.to_histogram().completed_hint(Some(&before.to_histogram())),
                _ => CounterResetHint::Unknown,
            },
            (hint, _) => hint,
        };
        reduced.push_stats(&full, i, hint);
        previous = Some(i);
    }
    samples.histogram = reduced;
}

/// Whether the source left the buckets out, and all that they would have told is known.
fn is_reduced(column: &HistogramColumn) -> bool {
    let known = |i: usize| column.hint(i) != CounterResetHint::Unknown || is_stale(column.numbers(i)[SUM]);
    column.is_stats() && (1..column.len()).all(known)
}

/// The samples that the reader lands on after a jump.
fn landings(times: &[i64], references: impl Iterator<Item = i64>, reach: i64) -> Vec<usize> {
    let mut landings = Vec::new();
    let mut at = 0;
    for reference in references {
        let left = reference.saturating_sub(reach);
        if times.get(at).is_some_and(|t| *t < left) {
            at += times[at..].partition_point(|t| *t < left);
            landings.push(at);
        }
        at += times[at..].partition_point(|t| *t < reference);
    }
    landings
}
