//! Leaving out empty buckets.

use super::layout::{Layout, indexed, is_canonical};
use super::{Histogram, HistogramSpan};

/// A longer run of empty buckets is never written out, whatever was asked for: it would only
/// fill memory.
const LONGEST_FILL: usize = 1 << 20;

impl Histogram {
    /// Leaves out runs of more than `max_empty` empty buckets, and all empty ones at the ends.
    /// Shorter gaps are filled with empty buckets, so that fewer spans are needed.
    ///
    /// `compact(0)` leaves only populated buckets.
    ///
    /// ```
    /// use ferula::model::{Histogram, HistogramSpan};
    /// let mut h = Histogram {
    ///     positive_spans: vec![HistogramSpan { offset: 0, length: 4 }],
    ///     positive_buckets: vec![0.0, 1.0, 0.0, 2.0],
    ///     ..Histogram::default()
    /// };
    /// h.compact(0);
    /// assert_eq!(h.positive_buckets, [1.0, 2.0]);
    /// assert_eq!(h.positive_spans[1].offset, 1);
    /// ```
    pub fn compact(&mut self, max_empty: usize) {
        compact_side(&mut self.positive_spans, &mut self.positive_buckets, max_empty);
        compact_side(&mut self.negative_spans, &mut self.negative_buckets, max_empty);
    }
}

fn compact_side(spans: &mut Vec<HistogramSpan>, buckets: &mut Vec<f64>, max_empty: usize) {
    if max_empty == 0 && is_canonical(spans) && !buckets.contains(&0.0) {
        return;
    }
    let longest = max_empty.min(LONGEST_FILL) as i64;
    let mut layout = Layout::with_capacity(buckets.len());
    let mut end = None;
    for (index, count) in indexed(spans, buckets).filter(|(_, count)| *count != 0.0) {
        if let Some(end) = end
            && index.saturating_sub(end) <= longest
        {
            (end..index).for_each(|empty| layout.push(empty, 0.0));
        }
        layout.push(index, count);
        end = Some(index.saturating_add(1));
    }
    (*spans, *buckets) = layout.into_parts();
}

#[cfg(test)]
mod tests {
    use crate::model::histogram::testing::{script, side};

    #[test]
    fn runs_of_empty_buckets() {
        let original = side(&[(-1, 5), (0, 2), (2, 1), (4, 1)], &[0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 3.0, 4.0, 0.0]);
        let layouts = [0, 1, 2, 9].map(|max_empty| {
            let mut h = original.clone();
            h.compact(max_empty);
            let spans: Vec<_> = h.positive_spans.iter().map(|s| (s.offset, s.length)).collect();
            (spans, h.positive_buckets)
        });
        assert_eq!(layouts[0], (vec![(0, 1), (2, 1), (1, 1), (2, 1)], vec![1.0, 2.0, 3.0, 4.0]));
        assert_eq!(layouts[1], (vec![(0, 1), (2, 3), (2, 1)], vec![1.0, 2.0, 0.0, 3.0, 4.0]));
        assert_eq!(layouts[2], (vec![(0, 9)], vec![1.0, 0.0, 0.0, 2.0, 0.0, 3.0, 0.0, 0.0, 4.0]));
        assert_eq!(layouts[3], layouts[2]);
    }

    #[test]
    fn negative_zero_is_empty_and_nan_is_not() {
        let mut h = side(&[(0, 2)], &[-0.0, f64::NAN]);
        h.compact(0);
        assert_eq!(script(&h), "{{offset:1 buckets:[NaN]}}");
    }

    #[test]
    fn gaps_beyond_memory_stay_gaps() {
        let mut h = side(&[(0, 1), (i32::MAX, 1)], &[1.0, 2.0]);
        h.compact(usize::MAX);
        assert_eq!(h.positive_buckets.len(), 2);
    }
}
