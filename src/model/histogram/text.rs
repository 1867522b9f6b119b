//! Histograms as text: the form of messages and labels, and the form of test scripts.

use super::layout::indexed;
use super::{Bucket, CounterResetHint, Histogram, HistogramError, HistogramSpan};
use crate::model::number::format_g;
use std::fmt;

/// A test script has one list of buckets a side; a longer one is not written.
const LONGEST_LIST: i64 = 1 << 20;

impl Histogram {
    /// The text of `count_values()`: that of `Display`, but for histograms that Prometheus has
    /// no text for.
    ///
    /// # Errors
    /// [`HistogramError::CustomZeroBucket`] for custom bounds with a zero bucket, which only
    /// dividing by zero makes.
    pub fn to_label_value(&self) -> Result<String, HistogramError> {
        if self.has_custom_buckets() && self.zero_count != 0.0 { Err(HistogramError::CustomZeroBucket) } else { Ok(self.to_string()) }
    }
}

/// `{count:3, sum:4.5, [-2,-1):1, [-0.001,0.001]:1, (1,2]:1}`, with the populated buckets from
/// the lowest to the highest.
impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{count:{}, sum:{}", format_g(self.count), format_g(self.sum))?;
        for bucket in self.negative().rev().chain([self.zero_bucket()]).chain(self.positive()) {
            if bucket.count != 0.0 {
                write!(f, ", {bucket}")?;
            }
        }
        f.write_str("}")
    }
}

/// `(1,2]:3`, the brackets as the bounds belong to the bucket.
impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.lower_inclusive { '[' } else { '(' };
        let close = if self.upper_inclusive { ']' } else { ')' };
        write!(f, "{open}{},{}{close}:{}", format_g(self.lower), format_g(self.upper), format_g(self.count))
    }
}

impl fmt::Display for CounterResetHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CounterResetHint::Unknown => "unknown",
            CounterResetHint::Reset => "reset",
            CounterResetHint::NotReset => "not_reset",
            CounterResetHint::Gauge => "gauge",
        })
    }
}

impl Histogram {
    /// The histogram as it is written in test scripts; what has its default is left out.
    ///
    /// With `hint_set` the reset hint is written even if nothing is known.
    ///
    /// # Errors
    /// [`HistogramError::TooWide`] if the populated buckets of a side lie more than a million
    /// indexes apart: a script would have to list all of them.
    ///
    /// ```
    /// use ferula::model::{Histogram, HistogramSpan};
    /// let h = Histogram {
    ///     count: 3.0,
    ///     positive_spans: vec![HistogramSpan { offset: 1, length: 1 }, HistogramSpan { offset: 1, length: 1 }],
    ///     positive_buckets: vec![1.0, 2.0],
    ///     ..Histogram::default()
    /// };
    /// assert_eq!(h.to_test_expression(false).unwrap(), "{{count:3 offset:1 buckets:[1 0 2]}}");
    /// ```
    pub fn to_test_expression(&self, hint_set: bool) -> Result<String, HistogramError> {
        let mut parts = Vec::new();
        if self.schema != 0 {
            parts.push(format!("schema:{}", self.schema));
        }
        let numbers = [("count", self.count), ("sum", self.sum), ("z_bucket", self.zero_count), ("z_bucket_w", self.zero_threshold)];
        parts.extend(numbers.into_iter().filter(|(_, v)| *v != 0.0).map(|(name, v)| format!("{name}:{}", format_g(v))));
        if self.has_custom_buckets() {
            parts.push(format!("custom_values:[{}]", list(self.custom_values.iter().copied())));
        }
        if hint_set || self.counter_reset_hint != CounterResetHint::Unknown {
            parts.push(format!("counter_reset_hint:{}", self.counter_reset_hint));
        }
        side(&mut parts, "", &self.positive_spans, &self.positive_buckets)?;
        side(&mut parts, "n_", &self.negative_spans, &self.negative_buckets)?;
        Ok(format!("{{{{{}}}}}", parts.join(" ")))
    }
}

fn list(values: impl Iterator<Item = f64>) -> String {
    values.map(format_g).collect::<Vec<_>>().join(" ")
}

/// Offset and buckets of one side, from its first populated bucket to its last.
fn side(parts: &mut Vec<String>, prefix: &str, spans: &[HistogramSpan], buckets: &[f64]) -> Result<(), HistogramError> {
    let populated = || indexed(spans, buckets).filter(|(_, count)| *count != 0.0);
    let (Some((first, _)), Some((last, _))) = (populated().next(), populated().next_back()) else { return Ok(()) };
    if last.saturating_sub(first) > LONGEST_LIST {
        return Err(HistogramError::TooWide);
    }
    if first != 0 {
        parts.push(format!("{prefix}offset:{first}"));
    }
    let mut counts = Vec::new();
    // Empty buckets between the two are written as they are: −0 stays −0.
    for (index, count) in indexed(spans, buckets).filter(|(index, _)| (first..=last).contains(index)) {
        counts.resize(usize::try_from(index.saturating_sub(first)).unwrap_or(0).min(LONGEST_LIST as usize), 0.0);
        counts.push(count);
    }
    parts.push(format!("{prefix}buckets:[{}]", list(counts.into_iter())));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::testing::{custom, histogram, side};
    use crate::model::{CounterResetHint, Histogram, HistogramError};

    #[test]
    fn all_kinds_of_buckets() {
        let h = histogram(0, [20.0, 10.0], (2.0, 0.001), (0, &[1.0, 2.0]), (0, &[1.0, 2.0]));
        assert_eq!(h.to_string(), "{count:20, sum:10, [-2,-1):2, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}");
        assert_eq!(
            h.to_test_expression(false).as_deref(),
            Ok("{{count:20 sum:10 z_bucket:2 z_bucket_w:0.001 buckets:[1 2] n_buckets:[1 2]}}")
        );
        let h = histogram(1, [20.0, 30.0], (4.0, 0.25), (-1, &[2.0, 3.0, 5.0]), (0, &[4.0, 2.0]));
        assert_eq!(
            h.to_string(),
            "{count:20, sum:30, [-1.414213562373095,-1):2, [-1,-0.7071067811865475):4, [-0.25,0.25]:4, \
             (0.5,0.7071067811865475]:2, (0.7071067811865475,1]:3, (1,1.414213562373095]:5}"
        );
        let h = custom([3.0, f64::NAN], &[-10.0, 5.0], &[1.0, 0.0, 2.0]);
        assert_eq!(h.to_string(), "{count:3, sum:NaN, [-Inf,-10]:1, (5,+Inf]:2}");
        assert_eq!(Histogram { zero_count: f64::NAN, ..Histogram::default() }.to_string(), "{count:0, sum:0, [-0,0]:NaN}");
    }

    #[test]
    fn custom_bounds_have_no_zero_bucket() {
        let mut h = custom([3.0, 1.0], &[5.0], &[1.0, 2.0]);
        assert_eq!(h.to_label_value().as_deref(), Ok("{count:3, sum:1, [-Inf,5]:1, (5,+Inf]:2}"));
        h.div(0.0);
        assert_eq!(h.to_label_value(), Err(HistogramError::CustomZeroBucket));
    }

    #[test]
    fn defaults_are_not_written() {
        assert_eq!(Histogram::default().to_test_expression(false).as_deref(), Ok("{{}}"));
        assert_eq!(Histogram::default().to_test_expression(true).as_deref(), Ok("{{counter_reset_hint:unknown}}"));
        let gauge = Histogram { counter_reset_hint: CounterResetHint::Gauge, schema: -53, ..Histogram::default() };
        assert_eq!(gauge.to_test_expression(false).as_deref(), Ok("{{schema:-53 custom_values:[] counter_reset_hint:gauge}}"));
        assert_eq!(side(&[(-2, 4)], &[-0.0, 2.0, -0.0, 1.0]).to_test_expression(false).as_deref(), Ok("{{offset:-1 buckets:[2 -0 1]}}"));
        assert_eq!(side(&[(-2, 3)], &[0.0, 0.0, 1.0]).to_test_expression(false).as_deref(), Ok("{{buckets:[1]}}"));
    }

    #[test]
    fn lists_beyond_memory_are_refused() {
        let h = side(&[(0, 1), (i32::MAX, 1)], &[1.0, 1.0]);
        assert_eq!(h.to_test_expression(false), Err(HistogramError::TooWide));
    }
}
