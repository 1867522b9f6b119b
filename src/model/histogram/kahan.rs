//! Sums of many histograms with compensation for what rounding loses.

use super::custom::{custom_bounds_match, merge_custom};
use super::layout::{indexed, merge, reduce, same_spans};
use super::{AddOutcome, Histogram, HistogramError, HistogramSpan};
use crate::model::float::kahan_inc;

/// Adds a count and its compensation to another.
fn inc_both((sum, lost): (f64, f64), (count, their_lost): (f64, f64)) -> (f64, f64) {
    let (sum, lost) = kahan_inc(count, sum, lost);
    if their_lost == 0.0 { (sum, lost) } else { kahan_inc(their_lost, sum, lost) }
}

impl Histogram {
    /// Adds a histogram to a running sum. What rounding loses is gathered in `lost`, which is
    /// made at the first call and has the buckets of the sum; the sum is `self` plus `lost` at
    /// the end ([`Histogram::add`]).
    ///
    /// # Errors
    /// As for [`Histogram::add`].
    ///
    /// ```
    /// use ferula::model::Histogram;
    /// let of = |sum| Histogram { sum, ..Histogram::default() };
    /// let (mut total, mut lost) = (of(1.0), None);
    /// for sum in [1e100, 1.0, -1e100] {
    ///     total.kahan_add(&of(sum), &mut lost).unwrap();
    /// }
    /// total.add(&lost.unwrap()).unwrap();
    /// assert_eq!(total.sum, 2.0);
    /// ```
    pub fn kahan_add(&mut self, other: &Histogram, lost: &mut Option<Histogram>) -> Result<AddOutcome, HistogramError> {
        self.check_compatible(other)?;
        let reset_collision = self.combine_hint(other.counter_reset_hint);
        let lost = lost.get_or_insert_with(|| self.without_numbers());
        // The sum's own buckets decide; this only matters for a `lost` of another histogram.
        lost.positive_buckets.resize(self.positive_buckets.len(), 0.0);
        lost.negative_buckets.resize(self.negative_buckets.len(), 0.0);

        let (their_zero, their_zero_lost) =
            if self.has_custom_buckets() { (other.zero_count, 0.0) } else { self.reconcile_zero(other, Some(lost)) };
        (self.zero_count, lost.zero_count) = kahan_inc(their_zero, self.zero_count, lost.zero_count);
        (self.zero_count, lost.zero_count) = kahan_inc(their_zero_lost, self.zero_count, lost.zero_count);
        (self.count, lost.count) = kahan_inc(other.count, self.count, lost.count);
        (self.sum, lost.sum) = kahan_inc(other.sum, self.sum, lost.sum);

        let nhcb_reconciled = self.has_custom_buckets() && !custom_bounds_match(&self.custom_values, &other.custom_values);
        if nhcb_reconciled {
            let (bounds, layout) = merge_custom(self, Some(lost), other, |x| x);
            let (spans, values) = layout.into_parts();
            (self.positive_buckets, lost.positive_buckets) = values.into_iter().unzip();
            (self.positive_spans, lost.positive_spans) = (spans.clone(), spans);
            (self.custom_values, lost.custom_values) = (bounds.clone(), bounds);
        } else {
            self.kahan_add_buckets(other, lost);
        }
        Ok(AddOutcome { reset_collision, nhcb_reconciled })
    }

    /// The same buckets with nothing in them.
    fn without_numbers(&self) -> Histogram {
        let mut empty = self.clone();
        (empty.zero_count, empty.count, empty.sum) = (0.0, 0.0, 0.0);
        empty.positive_buckets.fill(0.0);
        empty.negative_buckets.fill(0.0);
        empty
    }

    fn kahan_add_buckets(&mut self, other: &Histogram, lost: &mut Histogram) {
        let mut reduced = None;
        if !self.has_custom_buckets() && self.schema > other.schema {
            let levels = self.schema.saturating_sub(other.schema).unsigned_abs();
            self.rebuild_with(lost, |buckets| reduce(buckets, levels, inc_both));
            (self.schema, lost.schema) = (other.schema, other.schema);
        } else if !self.has_custom_buckets() && self.schema < other.schema {
            let levels = other.schema.saturating_sub(self.schema).unsigned_abs();
            let (mut theirs, mut their_lost) = (other.clone(), other.without_numbers());
            theirs.rebuild_with(&mut their_lost, |buckets| reduce(buckets, levels, inc_both));
            theirs.schema = self.schema;
            reduced = Some((theirs, their_lost));
        }
        let (other, their_lost) = reduced.as_ref().map_or((other, None), |(theirs, their_lost)| (theirs, Some(their_lost)));
        let [skip_positive, skip_negative] = self.leading_in_zero(other);
        add_side(
            [&mut self.positive_spans, &mut lost.positive_spans],
            [&mut self.positive_buckets, &mut lost.positive_buckets],
            &other.positive_spans,
            (&other.positive_buckets, their_lost.map_or(&[][..], |l| &l.positive_buckets)),
            skip_positive,
        );
        add_side(
            [&mut self.negative_spans, &mut lost.negative_spans],
            [&mut self.negative_buckets, &mut lost.negative_buckets],
            &other.negative_spans,
            (&other.negative_buckets, their_lost.map_or(&[][..], |l| &l.negative_buckets)),
            skip_negative,
        );
    }
}

/// Adds the buckets of one side to the sum and its compensation.
fn add_side(
    [spans, lost_spans]: [&mut Vec<HistogramSpan>; 2],
    [buckets, lost]: [&mut Vec<f64>; 2],
    their_spans: &[HistogramSpan],
    (theirs, their_lost): (&[f64], &[f64]),
    skip: usize,
) {
    let losses = their_lost.iter().copied().chain(std::iter::repeat(0.0));
    if skip == 0 && buckets.len() == theirs.len() && same_spans(spans, their_spans) {
        for (((sum, lost), count), their_lost) in buckets.iter_mut().zip(lost.iter_mut()).zip(theirs).zip(losses) {
            (*sum, *lost) = inc_both((*sum, *lost), (*count, their_lost));
        }
        return;
    }
    let layout = {
        let ours = indexed(spans, buckets).with_span_starts().zip(lost.iter().copied());
        let ours = ours.map(|((index, count, starts), lost)| (index, (count, lost), starts));
        let theirs = indexed(their_spans, theirs).zip(losses).map(|((index, count), lost)| (index, (count, lost))).skip(skip);
        merge(ours, theirs, inc_both, |inserted| inserted)
    };
    let (new_spans, values) = layout.into_parts();
    (*buckets, *lost) = values.into_iter().unzip();
    lost_spans.clone_from(&new_spans);
    *spans = new_spans;
}

#[cfg(test)]
mod tests {
    use crate::model::Histogram;
    use crate::model::histogram::testing::{custom, histogram, script};

    fn total(histograms: &[Histogram]) -> Histogram {
        let (mut sum, mut lost) = (histograms[0].clone(), None);
        for h in &histograms[1..] {
            sum.kahan_add(h, &mut lost).expect("compatible");
        }
        sum.add(&lost.unwrap_or_default()).expect("compatible");
        sum.compact(0);
        sum
    }

    #[test]
    fn small_change_is_kept_in_every_field() {
        let of = |x: f64| histogram(0, [x, x], (x, 0.001), (0, &[x]), (2, &[x]));
        let sum = total(&[1.0, 1e100, 1.0, -1e100].map(of));
        assert_eq!(script(&sum), script(&of(2.0)));
    }

    #[test]
    fn layouts_resolutions_and_zero_buckets_that_differ() {
        let a = histogram(0, [10.0, 20.0], (2.0, 0.5), (0, &[3.0, 5.0]), (0, &[]));
        let b = histogram(0, [7.0, 3.0], (1.0, 0.001), (-3, &[1.0, 1.0, 2.0, 2.0]), (0, &[]));
        let c = histogram(2, [14.0, 9.0], (0.0, 0.0), (-1, &[1.0, 2.0, 3.0, 4.0, 0.0, 4.0]), (0, &[1e-3, 1.0]));
        for order in [[&a, &b, &c], [&c, &b, &a], [&b, &c, &a]] {
            let kahan = total(&order.map(Clone::clone));
            let mut plain = order[0].clone();
            plain.add(order[1]).expect("compatible");
            plain.add(order[2]).expect("compatible");
            plain.compact(0);
            assert_eq!(script(&kahan), script(&plain));
        }
    }

    #[test]
    fn custom_bounds_that_differ() {
        let bounds = [&[1.0, 2.0][..], &[2.0], &[2.0, 3.0], &[1.0, 2.0]];
        let sum = total(&bounds.map(|b| custom([1.0, 1.0], b, &[0.1, 0.7])));
        assert_eq!(script(&sum), "{{schema:-53 count:4 sum:4 custom_values:[2] buckets:[1.7999999999999998 1.4]}}");
    }
}
