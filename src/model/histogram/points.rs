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

/// At least one histogram.
#[derive(Clone, PartialEq, Debug, Default)]
struct Points {
    /// So many of them belong to the first points: all, in a series of histograms alone.
    leading: u32,
    /// The points of the others.
    at: Vec<u32>,
    column: HistogramColumn,
}

impl Points {
    /// Tells the point of the next histogram.
    fn belongs(&mut self, at: usize) {
        if self.at.is_empty() && at == self.leading as usize {
            self.leading += 1;
        } else {
            self.at.push(at as u32);
        }
    }
}

impl HistogramPoints {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |points| points.column.len())
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
    /// The histograms in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, HistogramRef<'_>)> {
        self.0.iter().flat_map(|points| {
            let at = (0..points.leading).chain(points.at.iter().copied());
            at.map(|at| at as usize).zip(points.column.iter())
        })
    }
    /// Appends the histogram of a point.
    pub fn push(&mut self, at: usize, h: &Histogram) {
        let points = self.0.get_or_insert_default();
        points.belongs(at);
        points.column.push(h);
    }
    /// Histograms of a column, with their points: which one belongs to which.
    pub(crate) fn of(column: &HistogramColumn, which: impl Iterator<Item = (usize, usize)> + Clone) -> HistogramPoints {
        let Some((_, first)) = which.clone().next() else { return HistogramPoints::default() };
        let count = which.clone().count();
        let room = HistogramColumn::with_capacity(count, column.numbers(first).len());
        let mut own = Points { column: room, ..Points::default() };
        for (at, i) in which {
            own.belongs(at);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_histogram_is_at_its_point() {
        for wanted in [vec![], vec![0], vec![0, 1, 2], vec![0, 1, 3, 4], vec![2, 3], vec![1, 5]] {
            let mut points = HistogramPoints::default();
            wanted.iter().for_each(|at| points.push(*at, &Histogram { count: *at as f64, ..Histogram::default() }));
            assert_eq!(
                points.iter().map(|(at, h)| (at, h.count as usize)).collect::<Vec<_>>(),
                wanted.iter().map(|at| (*at, *at)).collect::<Vec<_>>()
            );
            let mut column = HistogramColumn::default();
            wanted.iter().for_each(|at| column.push(&Histogram { count: *at as f64, ..Histogram::default() }));
            let of = HistogramPoints::of(&column, wanted.iter().copied().zip(0..));
            assert_eq!((of.len(), of.is_empty()), (wanted.len(), wanted.is_empty()));
            assert_eq!(of, points);
        }
    }
}
