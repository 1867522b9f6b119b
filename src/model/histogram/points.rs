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
///
/// Most series have none, and need no more than a word for that.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HistogramPoints(Option<Box<Points>>);

/// At least one.
#[derive(Clone, PartialEq, Debug, Default)]
struct Points {
    at: Vec<u32>,
    column: HistogramColumn,
}

impl HistogramPoints {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |points| points.at.len())
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
    /// The histograms in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, HistogramRef<'_>)> {
        self.0.iter().flat_map(|points| points.at.iter().map(|at| *at as usize).zip(points.column.iter()))
    }
    /// Appends the histogram of a point.
    pub fn push(&mut self, at: usize, h: &Histogram) {
        let points = self.0.get_or_insert_default();
        points.at.push(at as u32);
        points.column.push(h);
    }
    /// Histograms of a column, with their points: which one belongs to which.
    pub(crate) fn of(column: &HistogramColumn, which: impl Iterator<Item = (usize, usize)> + Clone) -> HistogramPoints {
        let Some((_, first)) = which.clone().next() else { return HistogramPoints::default() };
        let count = which.clone().count();
        let mut own = Points { at: Vec::with_capacity(count), column: HistogramColumn::with_capacity(count, column.numbers(first).len()) };
        for (at, i) in which {
            own.at.push(at as u32);
            // Nobody outside sees buckets that are there for the layout's sake.
            match column.is_loose(i) {
                true => own.column.push(&column.get(i).map(|h| h.to_histogram()).unwrap_or_default()),
                false => own.column.push_from(column, i, column.hint(i)),
            }
        }
        HistogramPoints(Some(Box::new(own)))
    }
    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.0 = None;
    }
}
