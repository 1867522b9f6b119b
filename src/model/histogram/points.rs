//! Histograms among the points of a series.

use super::column::HistogramColumn;
use super::{Histogram, HistogramRef};

/// The histograms among the points of a series, each with the index of its point, ascending.
///
/// ```
/// use ferula::model::Histogram;
/// use ferula::model::histogram::HistogramPoints;
/// let mut points = HistogramPoints::default();
/// points.push(3, &Histogram { count: 2.0, ..Histogram::default() });
/// let counts: Vec<_> = points.iter().map(|(at, h)| (at, h.count)).collect();
/// assert_eq!(counts, [(3, 2.0)]);
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HistogramPoints {
    at: Vec<u32>,
    column: HistogramColumn,
}

impl HistogramPoints {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.at.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }
    /// The histograms in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, HistogramRef<'_>)> {
        self.at.iter().map(|at| *at as usize).zip(self.column.iter())
    }
    /// Appends the histogram of a point.
    pub fn push(&mut self, at: usize, h: &Histogram) {
        self.at.push(at as u32);
        self.column.push(h);
    }
    /// Histograms of a column, with their points: which one belongs to which.
    pub(crate) fn of(column: &HistogramColumn, which: impl Iterator<Item = (usize, usize)> + Clone) -> HistogramPoints {
        let Some((_, first)) = which.clone().next() else { return HistogramPoints::default() };
        let count = which.clone().count();
        let mut own =
            HistogramPoints { at: Vec::with_capacity(count), column: HistogramColumn::with_capacity(count, column.numbers(first).len()) };
        for (at, i) in which {
            own.at.push(at as u32);
            // Nobody outside sees buckets that are there for the layout's sake.
            match column.is_loose(i) {
                true => own.column.push(&column.get(i).map(|h| h.to_histogram()).unwrap_or_default()),
                false => own.column.push_from(column, i, column.hint(i)),
            }
        }
        own
    }
    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.at.clear();
        self.column.clear();
    }
}
