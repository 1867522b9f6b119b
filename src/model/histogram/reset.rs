//! Whether two histograms are the same, and whether a counter reset lies between them.

use super::custom::{common_bounds, custom_bounds_match, targets};
use super::layout::{indexed, same_spans};
use super::{CounterResetHint, Histogram};

impl Histogram {
    /// Exact equality, as `==` and `changes()` see it: the bits of all numbers, and the buckets
    /// with empty ones among them. The reset hint does not count.
    ///
    /// ```
    /// use ferula::model::Histogram;
    /// let of = |sum| Histogram { sum, ..Histogram::default() };
    /// assert!(of(f64::NAN).same_as(&of(f64::NAN)));
    /// assert!(!of(0.0).same_as(&of(-0.0)));
    /// ```
    pub fn same_as(&self, other: &Histogram) -> bool {
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
        let all_same = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b));
        self.schema == other.schema
            && same(self.count, other.count)
            && same(self.sum, other.sum)
            && same(self.zero_count, other.zero_count)
            && self.zero_threshold == other.zero_threshold
            && (!self.has_custom_buckets() || custom_bounds_match(&self.custom_values, &other.custom_values))
            && same_spans(&self.positive_spans, &other.positive_spans)
            && same_spans(&self.negative_spans, &other.negative_spans)
            && all_same(&self.positive_buckets, &other.positive_buckets)
            && all_same(&self.negative_buckets, &other.negative_buckets)
    }

    /// Whether a counter reset lies between the sample before, `prev`, and this one. A hint that
    /// speaks of it decides; else any decrease does, and any loss of resolution that a running
    /// counter could not have.
    pub fn detect_reset(&self, prev: &Histogram) -> bool {
        match self.counter_reset_hint {
            CounterResetHint::Reset => return true,
            CounterResetHint::NotReset => return false,
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
        if self.count < prev.count {
            return true;
        }
        if self.has_custom_buckets() {
            if !prev.has_custom_buckets() {
                return true;
            }
            if !custom_bounds_match(&self.custom_values, &prev.custom_values) {
                return self.falls_below_on_common_bounds(prev);
            }
        }
        if self.schema > prev.schema || self.zero_threshold < prev.zero_threshold {
            return true;
        }
        let prev_zero = prev.widened_zero(self.zero_threshold, None);
        if prev_zero.threshold != self.zero_threshold || self.zero_count < prev_zero.count {
            return true;
        }
        let prev = prev.at_schema(self.schema);
        let [skip_positive, skip_negative] = self.leading_in_zero(&prev);
        let prev_positive = indexed(&prev.positive_spans, &prev.positive_buckets).skip(skip_positive);
        let prev_negative = indexed(&prev.negative_spans, &prev.negative_buckets).skip(skip_negative);
        falls_below(indexed(&self.positive_spans, &self.positive_buckets), prev_positive)
            || falls_below(indexed(&self.negative_spans, &self.negative_buckets), prev_negative)
    }

    /// Whether fewer observations than before lie between any two bounds that both have.
    fn falls_below_on_common_bounds(&self, prev: &Histogram) -> bool {
        let bounds = common_bounds(&self.custom_values, &prev.custom_values);
        let sums = |h: &Histogram| {
            let mut sums = vec![0.0; bounds.len() + 1];
            for (target, count) in targets(h, &bounds) {
                if let Some(sum) = sums.get_mut(target) {
                    *sum += count;
                }
            }
            sums
        };
        sums(self).iter().zip(sums(prev)).any(|(now, before)| *now < before)
    }

    /// What is known of a reset before this sample once the one before is known: the hint
    /// itself, or what comparing the two tells.
    pub fn completed_hint(&self, prev: Option<&Histogram>) -> CounterResetHint {
        match (self.counter_reset_hint, prev) {
            (CounterResetHint::Unknown, Some(prev)) if self.detect_reset(prev) => CounterResetHint::Reset,
            (CounterResetHint::Unknown, Some(_)) => CounterResetHint::NotReset,
            (hint, _) => hint,
        }
    }

    /// Schema, count and sum alone, for functions that look at nothing else, with a given hint.
    pub fn stats_only(&self, counter_reset_hint: CounterResetHint) -> Histogram {
        Histogram { counter_reset_hint, schema: self.schema, count: self.count, sum: self.sum, ..Histogram::default() }
    }
}

/// Whether a populated bucket of `prev` is missing or holds less now.
fn falls_below(now: impl Iterator<Item = (i64, f64)>, prev: impl Iterator<Item = (i64, f64)>) -> bool {
    let mut now = now.peekable();
    for (index, before) in prev {
        while now.next_if(|(i, _)| *i < index).is_some() {}
        match now.next_if(|(i, _)| *i == index) {
            Some((_, count)) if count < before => return true,
            None if before != 0.0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::testing::{custom, histogram, side};
    use crate::model::{CounterResetHint, Histogram};

    #[test]
    fn resets_of_exponential_buckets() {
        let a = histogram(0, [10.0, 20.0], (2.0, 0.5), (0, &[3.0, 5.0]), (0, &[]));
        let b = histogram(0, [7.0, 3.0], (1.0, 0.001), (-3, &[1.0, 1.0, 2.0, 2.0]), (0, &[]));
        assert!(a.detect_reset(&b), "five observations were in what is the zero bucket now");
        assert!(b.detect_reset(&a));
        assert!(!a.detect_reset(&a));
        let grown = Histogram { positive_buckets: vec![3.0, 6.0], count: 11.0, ..a.clone() };
        assert!(!grown.detect_reset(&a));
        let shifted = Histogram { positive_buckets: vec![2.0, 7.0], count: 11.0, ..a.clone() };
        assert!(shifted.detect_reset(&a));
        let finer = Histogram { schema: 1, ..a.clone() };
        assert!(finer.detect_reset(&a) && !Histogram { positive_buckets: vec![9.0, 9.0], ..a.clone() }.detect_reset(&finer));
    }

    #[test]
    fn empty_buckets_may_go() {
        let prev = side(&[(0, 3)], &[1.0, 0.0, 2.0]);
        assert!(!side(&[(0, 1), (1, 1)], &[1.0, 2.0]).detect_reset(&prev));
        assert!(side(&[(0, 2)], &[1.0, 2.0]).detect_reset(&prev));
    }

    #[test]
    fn custom_bounds() {
        let e = custom([15.0, 55.0], &[2.0, 4.0, 6.0], &[1.0, 2.0, 5.0, 7.0]);
        let f = custom([20.0, 60.0], &[1.0, 4.0, 5.0, 6.0], &[1.0, 2.0, 3.0, 4.0, 10.0]);
        assert!(e.detect_reset(&f));
        assert!(!f.detect_reset(&e));
        let exponential = Histogram { count: 15.0, ..Histogram::default() };
        assert!(e.detect_reset(&exponential) && exponential.detect_reset(&e));
    }

    #[test]
    fn hints_decide() {
        let falling = Histogram { count: 1.0, ..Histogram::default() };
        let prev = Histogram { count: 2.0, ..Histogram::default() };
        let with = |hint| Histogram { counter_reset_hint: hint, ..falling.clone() };
        assert!(!with(CounterResetHint::NotReset).detect_reset(&prev));
        assert!(with(CounterResetHint::Gauge).detect_reset(&prev));
        assert!(Histogram { counter_reset_hint: CounterResetHint::Reset, ..prev.clone() }.detect_reset(&falling));
        assert_eq!(falling.completed_hint(Some(&prev)), CounterResetHint::Reset);
        assert_eq!(prev.completed_hint(Some(&falling)), CounterResetHint::NotReset);
        assert_eq!(prev.completed_hint(None), CounterResetHint::Unknown);
        assert_eq!(with(CounterResetHint::Gauge).completed_hint(Some(&prev)), CounterResetHint::Gauge);
    }

    #[test]
    fn equality_sees_empty_buckets_but_not_empty_spans() {
        let h = side(&[(0, 1), (1, 1)], &[1.0, 2.0]);
        assert!(h.same_as(&side(&[(0, 1), (1, 0), (0, 1)], &[1.0, 2.0])));
        assert!(!h.same_as(&side(&[(0, 3)], &[1.0, 0.0, 2.0])));
        assert!(h.same_as(&Histogram { counter_reset_hint: CounterResetHint::Gauge, ..h.clone() }));
    }
}
