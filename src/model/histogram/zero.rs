//! Bringing zero buckets to the same width.

use super::Histogram;
use super::layout::{Layout, indexed};
use crate::model::float::kahan_inc;

/// What a zero bucket would hold if it were wider.
pub(super) struct Widened {
    /// The observations in it.
    pub(super) count: f64,
    /// What rounding lost of `count`.
    pub(super) compensation: f64,
    /// Its threshold: at least the one asked for, more if that lay inside a populated bucket.
    pub(super) threshold: f64,
}

impl Histogram {
    /// The zero bucket that results when all buckets below `threshold` are put into it.
    ///
    /// `lost` is the compensation histogram of a running sum, with the buckets of this one.
    pub(super) fn widened_zero(&self, threshold: f64, lost: Option<&Histogram>) -> Widened {
        let mut wide = Widened { count: self.zero_count, compensation: lost.map_or(0.0, |l| l.zero_count), threshold };
        if threshold == self.zero_threshold {
            return wide;
        }
        let lost_positive = lost.map_or(&[][..], |l| &l.positive_buckets);
        let lost_negative = lost.map_or(&[][..], |l| &l.negative_buckets);
        let take = |wide: &mut Widened, count: f64, lost: Option<&f64>| {
            (wide.count, wide.compensation) = kahan_inc(count, wide.count, wide.compensation);
            if let Some(lost) = lost {
                (wide.count, wide.compensation) = kahan_inc(*lost, wide.count, wide.compensation);
            }
        };
        'again: loop {
            // The compensation goes on from the attempt before: so it is in Prometheus.
            wide.count = self.zero_count;
            for (i, bucket) in self.positive().enumerate() {
                if bucket.lower >= wide.threshold {
                    break;
                }
                take(&mut wide, bucket.count, lost_positive.get(i));
                if bucket.upper > wide.threshold {
                    if bucket.count != 0.0 {
                        wide.threshold = bucket.upper;
                    }
                    break;
                }
            }
            for (i, bucket) in self.negative().enumerate() {
                if bucket.upper <= -wide.threshold {
                    break;
                }
                take(&mut wide, bucket.count, lost_negative.get(i));
                if bucket.lower < -wide.threshold {
                    if bucket.count != 0.0 {
                        // Now more positive buckets may fall into the zero bucket.
                        wide.threshold = -bucket.lower;
                        continue 'again;
                    }
                    break;
                }
            }
            return wide;
        }
    }

    /// Widens the zero bucket of this histogram until it and that of `other` have the same
    /// threshold. Returns what `other` has in a zero bucket of that width, with compensation.
    ///
    /// `lost` is the compensation histogram of a running sum and is changed alike.
    pub(super) fn reconcile_zero(&mut self, other: &Histogram, mut lost: Option<&mut Histogram>) -> (f64, f64) {
        let mut theirs = Widened { count: other.zero_count, compensation: 0.0, threshold: other.zero_threshold };
        // Each round raises the lower threshold. NaN is no threshold to reach.
        loop {
            if self.zero_threshold > theirs.threshold {
                theirs = other.widened_zero(self.zero_threshold, None);
            }
            if theirs.threshold > self.zero_threshold {
                let ours = self.widened_zero(theirs.threshold, lost.as_deref());
                (self.zero_count, self.zero_threshold) = (ours.count, ours.threshold);
                if let Some(lost) = lost.as_deref_mut() {
                    (lost.zero_count, lost.zero_threshold) = (ours.compensation, ours.threshold);
                }
                self.drop_buckets_in_zero(lost.as_deref_mut());
            }
            if self.zero_threshold > theirs.threshold {
                continue;
            }
            return (theirs.count, theirs.compensation);
        }
    }

    /// Removes the buckets that begin inside the zero bucket, and empty ones.
    fn drop_buckets_in_zero(&mut self, lost: Option<&mut Histogram>) {
        let inside_positive = self.positive().take_while(|b| b.lower < self.zero_threshold).count();
        let inside_negative = self.negative().take_while(|b| b.upper > -self.zero_threshold).count();
        self.positive_buckets.iter_mut().take(inside_positive).for_each(|count| *count = 0.0);
        self.negative_buckets.iter_mut().take(inside_negative).for_each(|count| *count = 0.0);
        let Some(lost) = lost else {
            self.compact(0);
            return;
        };
        lost.positive_buckets.iter_mut().take(inside_positive).for_each(|count| *count = 0.0);
        lost.negative_buckets.iter_mut().take(inside_negative).for_each(|count| *count = 0.0);
        self.rebuild_with(lost, |buckets| buckets.filter(|(_, (count, lost))| *count != 0.0 || *lost != 0.0).collect());
    }

    /// Rebuilds both sides together with those of the compensation histogram, which has the
    /// same buckets before and after.
    pub(super) fn rebuild_with(
        &mut self,
        lost: &mut Histogram,
        mut rebuild: impl FnMut(&mut dyn Iterator<Item = (i64, (f64, f64))>) -> Layout<(f64, f64)>,
    ) {
        let sides = [
            (&mut self.positive_spans, &mut self.positive_buckets, &mut lost.positive_spans, &mut lost.positive_buckets),
            (&mut self.negative_spans, &mut self.negative_buckets, &mut lost.negative_spans, &mut lost.negative_buckets),
        ];
        for (spans, buckets, lost_spans, lost_buckets) in sides {
            let layout = {
                let losses = lost_buckets.iter().copied().chain(std::iter::repeat(0.0));
                rebuild(&mut indexed(spans, buckets).zip(losses).map(|((index, count), lost)| (index, (count, lost))))
            };
            let (new_spans, values) = layout.into_parts();
            (*buckets, *lost_buckets) = values.into_iter().unzip();
            lost_spans.clone_from(&new_spans);
            *spans = new_spans;
        }
    }
}
