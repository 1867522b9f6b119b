//! Reading histograms where only count and sum are looked at.
//!
//! Buckets are left out, and what they would have told about resets is written into the hint
//! instead. Which sample a hint compares with depends on how far the reference's reader has come,
//! so its jumps are retraced here.

use crate::model::{Histogram, Samples, is_stale};
use std::sync::Arc;

/// Reduces the histograms of a series to schema, count, sum and hint.
///
/// `references` are the right ends of what is read at each step, `reach` how far back from there
/// it looks, both ms: a reader that stands before a step's reach jumps ahead and forgets the
/// sample before.
pub(super) fn reduce(samples: &mut Samples, references: impl Iterator<Item = i64>, reach: i64) {
    if samples.histograms.is_empty() {
        return;
    }
    let landings = landings(&samples.time, references, reach);
    let mut previous: Option<(usize, Arc<Histogram>)> = None;
    let mut landings = landings.into_iter().peekable();
    for sample in &mut samples.histograms {
        let at = sample.at as usize;
        while landings.next_if(|landing| *landing <= at).is_some_and(|landing| {
            if previous.as_ref().is_some_and(|(p, _)| *p < landing) {
                previous = None;
            }
            true
        }) {}
        let full = &sample.histogram;
        if is_stale(full.sum) {
            continue;
        }
        let hint = full.completed_hint(previous.as_ref().map(|(_, p)| &**p));
        let reduced = full.stats_only(hint);
        previous = Some((at, std::mem::replace(&mut sample.histogram, Arc::new(reduced))));
    }
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
