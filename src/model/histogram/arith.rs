//! Adding, subtracting and scaling histograms.

use super::custom::{custom_bounds_match, merge_custom};
use super::layout::{indexed, merge, reduce, same_spans};
use super::{AddOutcome, CounterResetHint, Histogram, HistogramError, HistogramSpan};
use std::borrow::Cow;

impl CounterResetHint {
    /// What is known of a reset before a sum or difference.
    pub(crate) fn combined(self, other: CounterResetHint) -> CounterResetHint {
        use CounterResetHint::{Gauge, Unknown};
        match (self, other) {
            (a, b) if a == b => a,
            (Gauge, _) | (_, Gauge) => Gauge,
            _ => Unknown,
        }
    }
}

impl Histogram {
    /// Adds another histogram: counts, sum and buckets, at the lower of the two resolutions and
    /// the wider of the two zero buckets. Custom bounds that differ are reduced to the common
    /// ones. Empty buckets are not removed.
    ///
    /// # Errors
    /// [`HistogramError::IncompatibleSchema`] if one has custom bounds and the other has not;
    /// `self` is unchanged then.
    ///
    /// ```
    /// use ferula::model::{Histogram, HistogramSpan};
    /// let spans = vec![HistogramSpan { offset: 0, length: 1 }];
    /// let mut a = Histogram { count: 2.0, positive_spans: spans, positive_buckets: vec![2.0], ..Histogram::default() };
    /// let b = a.clone();
    /// a.add(&b).unwrap();
    /// assert_eq!(a.to_string(), "{count:4, sum:0, (0.5,1]:4}");
    /// ```
    pub fn add(&mut self, other: &Histogram) -> Result<AddOutcome, HistogramError> {
        self.add_signed(other, |x| x)
    }

    /// Subtracts another histogram; the rules are those of [`Histogram::add`]. The reset hint is
    /// combined as there: what makes a gauge of the difference must say so itself.
    ///
    /// # Errors
    /// As for [`Histogram::add`].
    pub fn sub(&mut self, other: &Histogram) -> Result<AddOutcome, HistogramError> {
        self.add_signed(other, |x| -x)
    }

    fn add_signed(&mut self, other: &Histogram, sign: impl Fn(f64) -> f64 + Copy) -> Result<AddOutcome, HistogramError> {
        self.check_compatible(other)?;
        let reset_collision = self.combine_hint(other.counter_reset_hint);
        if self.has_custom_buckets() {
            self.count += sign(other.count);
            self.sum += sign(other.sum);
            self.zero_count += sign(other.zero_count);
            let nhcb_reconciled = !custom_bounds_match(&self.custom_values, &other.custom_values);
            if nhcb_reconciled {
                let (bounds, layout) = merge_custom(self, None, other, sign);
                let (spans, values) = layout.into_parts();
                self.custom_values = bounds;
                self.positive_spans = spans;
                self.positive_buckets = values.into_iter().map(|(count, _)| count).collect();
            } else {
                self.add_buckets(other, sign);
            }
            return Ok(AddOutcome { reset_collision, nhcb_reconciled });
        }
        let (their_zero, _) = self.reconcile_zero(other, None);
        self.zero_count += sign(their_zero);
        self.count += sign(other.count);
        self.sum += sign(other.sum);
        let other = other.at_schema(self.schema);
        self.reduce_to(other.schema);
        self.add_buckets(&other, sign);
        Ok(AddOutcome { reset_collision, nhcb_reconciled: false })
    }

    /// Adds the buckets of a histogram of the same schema and bounds, but for those that are
    /// in the zero bucket already.
    fn add_buckets(&mut self, other: &Histogram, sign: impl Fn(f64) -> f64 + Copy) {
        let [skip_positive, skip_negative] = self.leading_in_zero(other);
        let side = |spans: &mut Vec<HistogramSpan>, buckets: &mut Vec<f64>, o_spans: &[HistogramSpan], o_buckets: &[f64], skip: usize| {
            if skip == 0 && same_spans(spans, o_spans) && buckets.len() == o_buckets.len() {
                buckets.iter_mut().zip(o_buckets).for_each(|(count, other)| *count += sign(*other));
            } else {
                let theirs = indexed(o_spans, o_buckets).skip(skip);
                (*spans, *buckets) = merge(indexed(spans, buckets).with_span_starts(), theirs, |a, b| a + sign(b), sign).into_parts();
            }
        };
        side(&mut self.positive_spans, &mut self.positive_buckets, &other.positive_spans, &other.positive_buckets, skip_positive);
        side(&mut self.negative_spans, &mut self.negative_buckets, &other.negative_spans, &other.negative_buckets, skip_negative);
    }

    /// How many leading buckets of `other`, at the schema of `self`, lie in the zero bucket of
    /// `self`: positive and negative ones.
    pub(super) fn leading_in_zero(&self, other: &Histogram) -> [usize; 2] {
        if self.has_custom_buckets() || self.zero_threshold == 0.0 {
            return [0, 0];
        }
        let positive = other.positive().take_while(|b| b.upper <= self.zero_threshold).count();
        let negative = other.negative().take_while(|b| -b.lower <= self.zero_threshold).count();
        [positive, negative]
    }

    pub(super) fn check_compatible(&self, other: &Histogram) -> Result<(), HistogramError> {
        if self.has_custom_buckets() == other.has_custom_buckets() { Ok(()) } else { Err(HistogramError::IncompatibleSchema) }
    }

    /// Takes over what is known of a reset in a histogram that is added. Returns whether one of
    /// the two had a reset and the other had none.
    pub(super) fn combine_hint(&mut self, other: CounterResetHint) -> bool {
        use CounterResetHint::{NotReset, Reset};
        let hint = self.counter_reset_hint;
        self.counter_reset_hint = hint.combined(other);
        matches!((hint, other), (Reset, NotReset) | (NotReset, Reset))
    }

    /// Lowers the resolution to `schema`; without effect if it is that low already, or for
    /// custom bounds.
    ///
    /// Fields other than schema, spans and buckets stay as they are.
    pub fn reduce_to(&mut self, schema: i32) {
        let levels = self.schema.saturating_sub(schema);
        if levels <= 0 || self.has_custom_buckets() {
            return;
        }
        let levels = levels.unsigned_abs();
        for (spans, buckets) in
            [(&mut self.positive_spans, &mut self.positive_buckets), (&mut self.negative_spans, &mut self.negative_buckets)]
        {
            (*spans, *buckets) = reduce(indexed(spans, buckets), levels, |a, b| a + b).into_parts();
        }
        self.schema = schema;
    }

    /// The histogram at a resolution no higher than `schema`.
    pub(super) fn at_schema(&self, schema: i32) -> Cow<'_, Histogram> {
        if self.schema <= schema || self.has_custom_buckets() {
            return Cow::Borrowed(self);
        }
        let mut reduced = self.clone();
        reduced.reduce_to(schema);
        Cow::Owned(reduced)
    }

    fn each_number(&mut self, mut f: impl FnMut(&mut f64)) {
        [&mut self.zero_count, &mut self.count, &mut self.sum].into_iter().for_each(&mut f);
        self.positive_buckets.iter_mut().chain(&mut self.negative_buckets).for_each(f);
    }

    /// Multiplies counts, sum and buckets. A negative factor makes a gauge of the histogram.
    pub fn mul(&mut self, factor: f64) {
        self.each_number(|x| *x *= factor);
        if factor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
    }

    /// Divides counts, sum and buckets. A negative divisor makes a gauge of the histogram; zero
    /// removes all buckets.
    pub fn div(&mut self, divisor: f64) {
        self.each_number(|x| *x /= divisor);
        if divisor < 0.0 {
            self.counter_reset_hint = CounterResetHint::Gauge;
        }
        if divisor == 0.0 {
            for spans in [&mut self.positive_spans, &mut self.negative_spans] {
                spans.clear();
            }
            for buckets in [&mut self.positive_buckets, &mut self.negative_buckets] {
                buckets.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::testing::{histogram, script};
    use crate::model::{CounterResetHint, Histogram, HistogramError};

    fn sum(a: &Histogram, b: &Histogram) -> String {
        let mut h = a.clone();
        h.add(b).expect("compatible");
        h.compact(0);
        script(&h)
    }

    fn difference(a: &Histogram, b: &Histogram) -> String {
        let mut h = a.clone();
        h.sub(b).expect("compatible");
        h.compact(0);
        script(&h)
    }

    fn a() -> Histogram {
        histogram(0, [10.0, 20.0], (2.0, 0.5), (0, &[3.0, 5.0]), (0, &[]))
    }

    fn b() -> Histogram {
        histogram(0, [7.0, 3.0], (1.0, 0.001), (-3, &[1.0, 1.0, 2.0, 2.0]), (0, &[]))
    }

    #[test]
    fn zero_buckets_of_different_width() {
        assert_eq!(sum(&a(), &b()), "{{count:17 sum:23 z_bucket:7 z_bucket_w:0.5 buckets:[5 5]}}");
        assert_eq!(sum(&b(), &a()), "{{count:17 sum:23 z_bucket:7 z_bucket_w:0.5 buckets:[5 5]}}");
        assert_eq!(difference(&a(), &b()), "{{count:3 sum:17 z_bucket:-3 z_bucket_w:0.5 buckets:[1 5]}}");
        let inside_bucket = Histogram { zero_threshold: 0.3, ..a() };
        assert_eq!(sum(&inside_bucket, &b()), "{{count:17 sum:23 z_bucket:7 z_bucket_w:0.5 buckets:[5 5]}}");
        let g = histogram(0, [5.0, -3.0], (0.0, 0.0), (1, &[1.0]), (-1, &[2.0, 2.0]));
        assert_eq!(sum(&a(), &g), "{{count:15 sum:17 z_bucket:4 z_bucket_w:0.5 buckets:[3 6] n_buckets:[2]}}");
    }

    #[test]
    fn resolutions_that_differ() {
        let c = histogram(2, [14.0, 9.0], (0.0, 0.0), (-1, &[1.0, 2.0, 3.0, 4.0, 0.0, 4.0]), (0, &[]));
        let d = histogram(0, [6.0, 5.0], (1.0, 0.0), (0, &[2.0, 3.0]), (0, &[]));
        assert_eq!(sum(&c, &d), "{{count:20 sum:14 z_bucket:1 buckets:[5 14]}}");
        assert_eq!(sum(&d, &c), "{{count:20 sum:14 z_bucket:1 buckets:[5 14]}}");
        assert_eq!(difference(&c, &d), "{{count:8 sum:4 z_bucket:-1 buckets:[1 8]}}");
        let reduced = |schema| {
            let mut h = c.clone();
            h.reduce_to(schema);
            script(&h)
        };
        assert_eq!(reduced(0), "{{count:14 sum:9 buckets:[3 11]}}");
        assert_eq!(reduced(-1), "{{schema:-1 count:14 sum:9 buckets:[3 11]}}");
        assert_eq!(reduced(5), script(&c));
    }

    #[test]
    fn unions_keep_empty_buckets() {
        let mut h = histogram(0, [0.0, 0.0], (0.0, 0.0), (0, &[1.0, 0.0]), (0, &[]));
        let far = histogram(0, [0.0, 0.0], (0.0, 0.0), (4, &[0.0, -1.0]), (2, &[5.0]));
        assert_eq!(h.add(&far), Ok(Default::default()));
        assert_eq!(h.positive_buckets, [1.0, 0.0, 0.0, -1.0]);
        assert_eq!(h.positive_spans.iter().map(|s| (s.offset, s.length)).collect::<Vec<_>>(), [(0, 2), (2, 2)]);
        assert_eq!(h.negative_buckets, [5.0]);
    }

    #[test]
    fn custom_bounds_do_not_mix_with_exponential_buckets() {
        let mut h = a();
        let custom = Histogram { schema: -53, ..Histogram::default() };
        assert_eq!(h.add(&custom), Err(HistogramError::IncompatibleSchema));
        assert_eq!(h, a());
    }

    #[test]
    fn hints_combine() {
        use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
        for (ours, theirs, hint, collision) in [
            (Unknown, Unknown, Unknown, false),
            (Reset, Reset, Reset, false),
            (Reset, NotReset, Unknown, true),
            (NotReset, Reset, Unknown, true),
            (Unknown, Reset, Unknown, false),
            (NotReset, Unknown, Unknown, false),
            (Gauge, Reset, Gauge, false),
            (NotReset, Gauge, Gauge, false),
        ] {
            let mut h = Histogram { counter_reset_hint: ours, ..a() };
            let outcome = h.add(&Histogram { counter_reset_hint: theirs, ..b() }).expect("compatible");
            assert_eq!((h.counter_reset_hint, outcome.reset_collision), (hint, collision), "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn scaling() {
        let mut h = a();
        h.mul(-2.0);
        assert_eq!(script(&h), "{{count:-20 sum:-40 z_bucket:-4 z_bucket_w:0.5 counter_reset_hint:gauge buckets:[-6 -10]}}");
        let mut h = a();
        h.div(4.0);
        assert_eq!(script(&h), "{{count:2.5 sum:5 z_bucket:0.5 z_bucket_w:0.5 buckets:[0.75 1.25]}}");
        let mut h = a();
        h.div(-0.0);
        assert_eq!(script(&h), "{{count:-Inf sum:-Inf z_bucket:-Inf z_bucket_w:0.5}}");
    }

    #[test]
    fn thresholds_that_are_no_numbers_end() {
        for threshold in [f64::NAN, f64::INFINITY] {
            let mut h = Histogram { zero_threshold: threshold, ..a() };
            h.add(&b()).expect("compatible");
            let mut h = b();
            h.add(&Histogram { zero_threshold: threshold, ..a() }).expect("compatible");
        }
    }
}
