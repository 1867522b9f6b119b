//! A histogram at a time between two samples.

use super::{Histogram, HistogramError};

/// A histogram between two samples, and what there is to say about it.
#[derive(Clone, PartialEq, Debug)]
pub struct BetweenOutcome {
    /// The histogram.
    pub histogram: Histogram,
    /// The custom bounds of the two samples differ, and the step between them was reduced to the
    /// common ones (a subtraction).
    pub subtraction_reconciled: bool,
    /// The custom bounds of the first sample and of the step differ (an addition).
    pub addition_reconciled: bool,
}

impl Histogram {
    /// The histogram at a time between two samples, on the straight line between them, or that
    /// of the sample at exactly that time. For a counter a reset between the two lets the line
    /// begin at zero. All times are in one unit.
    ///
    /// # Errors
    /// [`HistogramError::IncompatibleSchema`] if one has custom bounds and the other has not.
    ///
    /// ```
    /// use ferula::model::Histogram;
    /// let of = |count| Histogram { count, ..Histogram::default() };
    /// let middle = Histogram::between((0, &of(2.0)), (10, &of(4.0)), 5, true).unwrap();
    /// assert_eq!(middle.histogram.count, 3.0);
    /// let after_reset = Histogram::between((0, &of(4.0)), (10, &of(2.0)), 5, true).unwrap();
    /// assert_eq!(after_reset.histogram.count, 1.0);
    /// ```
    pub fn between(
        (time_1, first): (i64, &Histogram),
        (time_2, second): (i64, &Histogram),
        time: i64,
        counter: bool,
    ) -> Result<BetweenOutcome, HistogramError> {
        let plain = |histogram| BetweenOutcome { histogram, subtraction_reconciled: false, addition_reconciled: false };
        if time == time_1 {
            return Ok(plain(first.clone()));
        }
        if time == time_2 {
            return Ok(plain(second.clone()));
        }
        // Differences are taken wide, as the times of damaged data may lie at both ends.
        let width = |from: i64, to: i64| (i128::from(to) - i128::from(from)) as f64;
        let share = width(time_1, time) / width(time_1, time_2);
        let mut histogram = second.clone();
        if counter && second.detect_reset(first) {
            histogram.mul(share);
            return Ok(plain(histogram));
        }
        let subtraction_reconciled = histogram.sub(first)?.nhcb_reconciled;
        histogram.mul(share);
        let addition_reconciled = histogram.add(first)?.nhcb_reconciled;
        Ok(BetweenOutcome { histogram, subtraction_reconciled, addition_reconciled })
    }
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::testing::{custom, script};
    use crate::model::{Histogram, HistogramError};

    #[test]
    fn bounds_that_differ() {
        let a = custom([2.0, 1.0], &[1.0, 2.0], &[1.0, 1.0]);
        let b = custom([6.0, 5.0], &[2.0, 3.0], &[5.0, 1.0]);
        let middle = Histogram::between((1000, &a), (3000, &b), 2000, true).expect("both custom");
        assert_eq!(script(&middle.histogram), "{{schema:-53 count:4 sum:3 custom_values:[2] buckets:[3.5 0.5]}}");
        assert!(middle.subtraction_reconciled && middle.addition_reconciled);
        let exact = Histogram::between((1000, &a), (3000, &b), 3000, true).expect("both custom");
        assert_eq!(exact.histogram, b);
        assert!(!exact.subtraction_reconciled);
    }

    #[test]
    fn kinds_that_differ() {
        let a = custom([2.0, 1.0], &[1.0], &[1.0, 1.0]);
        let exponential = Histogram { count: 3.0, ..Histogram::default() };
        assert_eq!(Histogram::between((0, &a), (2, &exponential), 1, false), Err(HistogramError::IncompatibleSchema));
    }
}
