//! Sums and means of histograms that differ in their numbers alone, or in which buckets they have.
//!
//! A group keeps one layout, with all buckets that any of its histograms has. Buckets that were
//! never filled change no sum, and no result has them. Histograms of another resolution, zero
//! bucket or custom bounds, and whatever else is rare, are added up whole
//! ([`super::histograms::Running`]), which takes over from here.

use super::histograms::{Running, Sum};
use crate::exec::Block;
use crate::model::CounterResetHint;
use crate::model::float::{kahan_add_slices, kahan_inc};
use crate::model::histogram::HistogramColumn;
use crate::model::histogram::column::{BUCKETS, HistogramLayout, ZERO};
use std::sync::Arc;

/// The sums of one group, one for each step.
#[derive(Default)]
pub(super) struct Packed {
    layout: Option<Arc<HistogramLayout>>,
    /// For each step; empty while there are none.
    cells: Vec<Cell>,
    /// Of each step that has a sum: its numbers, then what rounding lost of them.
    numbers: Vec<f64>,
    /// The layout that was added last, and where its numbers go.
    places: Option<(Arc<HistogramLayout>, Places)>,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    /// Where its numbers are, counted in sums.
    at: u32,
    /// How many histograms were added.
    n: u32,
    hint: CounterResetHint,
    /// A hint for, and a hint against a counter reset occurred.
    hints: [bool; 2],
}

/// Histograms that never have a bucket in common must not fill the memory with zeros.
const PLENTY: usize = 1024;

/// Where the numbers of a layout go in a sum.
enum Places {
    Same,
    At(Vec<u32>),
}

impl Packed {
    /// Whether there is a sum at a step.
    pub(super) fn has(&self, step: usize) -> bool {
        self.cells.get(step).is_some_and(|cell| cell.n > 0)
    }

    fn width(&self) -> usize {
        self.layout.as_ref().map_or(0, |layout| layout.width())
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.cells.len() * size_of::<Cell>() + self.numbers.len() * 8
    }

    /// Adds a histogram at one of `n` steps; false where that is not just adding numbers, and
    /// nothing was added.
    pub(super) fn add(&mut self, n: usize, step: usize, column: &HistogramColumn, slot: usize, mean: bool) -> bool {
        let layout = column.layout(slot);
        if !self.places.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, layout)) && !self.find_places(layout) {
            return false;
        }
        if self.cells.is_empty() {
            self.cells.resize(n, Cell::default());
        }
        let width = self.width();
        let (Some((_, places)), Some(cell)) = (&self.places, self.cells.get_mut(step)) else { return false };
        let (numbers, hint) = (column.numbers(slot), column.hint(slot));
        if cell.n == 0 {
            *cell = Cell { at: (self.numbers.len() / (2 * width)) as u32, n: 1, hint, hints: [false; 2] };
            let at = self.numbers.len();
            self.numbers.resize(at + 2 * width, 0.0);
            let sum = &mut self.numbers[at..at + width];
            match places {
                Places::Same => sum.copy_from_slice(numbers),
                Places::At(places) => places.iter().zip(numbers).for_each(|(place, x)| sum[*place as usize] = *x),
            }
        } else {
            let at = cell.at as usize * 2 * width;
            let (sum, lost) = self.numbers[at..at + 2 * width].split_at_mut(width);
            let overflows = |(sum, x): (&f64, &f64)| (sum + x).is_infinite();
            // A mean that overflows goes on in another way.
            if mean
                && match places {
                    Places::Same => sum.iter().zip(numbers).any(overflows),
                    Places::At(places) => {
                        sum.iter().any(|x| x.is_infinite())
                            || places.iter().zip(numbers).any(|(place, x)| overflows((&sum[*place as usize], x)))
                    }
                }
            {
                return false;
            }
            match places {
                Places::Same => kahan_add_slices(numbers, sum, lost),
                Places::At(places) => {
                    for (place, x) in places.iter().zip(numbers) {
                        let place = *place as usize;
                        (sum[place], lost[place]) = kahan_inc(*x, sum[place], lost[place]);
                    }
                }
            }
            // The count of a zero bucket comes with a compensation of its own, which is 0 here.
            (sum[ZERO], lost[ZERO]) = kahan_inc(0.0, sum[ZERO], lost[ZERO]);
            cell.n += 1;
            cell.hint = cell.hint.combined(hint);
        }
        cell.hints[0] |= hint == CounterResetHint::Reset;
        cell.hints[1] |= hint == CounterResetHint::NotReset;
        true
    }

    /// Finds where the numbers of a layout go, and makes room for them; false where they cannot.
    fn find_places(&mut self, layout: &Arc<HistogramLayout>) -> bool {
        let Some(own) = &self.layout else {
            if layout.plain {
                self.layout = Some(layout.clone());
                self.places = Some((layout.clone(), Places::Same));
            }
            return layout.plain;
        };
        if !layout.plain || !own.same_bounds(layout) {
            return false;
        }
        if own.same_buckets(layout) {
            self.places = Some((layout.clone(), Places::Same));
            return true;
        }
        if let Some(wider) = own.union(layout) {
            if wider.width() > PLENTY.max(4 * layout.width()) {
                return false;
            }
            self.widen(&Arc::new(wider));
        }
        let Some(own) = &self.layout else { return false };
        let places = if own.same_buckets(layout) { Places::Same } else { Places::At(layout.places(own)) };
        self.places = Some((layout.clone(), places));
        true
    }

    fn widen(&mut self, wider: &Arc<HistogramLayout>) {
        let (old, new) = (self.width(), wider.width());
        let places = self.layout.as_ref().map(|layout| layout.places(wider)).unwrap_or_default();
        let mut numbers = vec![0.0; self.numbers.len() / old.max(1) * new];
        for (from, to) in self.numbers.chunks_exact(old.max(1)).zip(numbers.chunks_exact_mut(new)) {
            places.iter().zip(from).for_each(|(place, x)| to[*place as usize] = *x);
        }
        self.numbers = numbers;
        self.layout = Some(wider.clone());
    }

    /// Takes the sum at a step away, to go on with whole histograms.
    pub(super) fn take(&mut self, step: usize) -> Option<Running> {
        let width = self.width();
        let layout = self.layout.as_ref()?;
        let cell = self.cells.get_mut(step).filter(|cell| cell.n > 0)?;
        let at = cell.at as usize * 2 * width;
        let whole = |at: usize| layout.view(cell.hint, &self.numbers[at..at + width], false).to_histogram();
        let lost = (cell.n > 1).then(|| whole(at + width));
        let sum = Sum { value: whole(at), lost, n: f64::from(cell.n), running: false, hints: cell.hints };
        *cell = Cell::default();
        Some(Running::of(sum))
    }

    /// Sets the sums, or means, of a row; whether the reset hints of any were in conflict.
    pub(super) fn finish(&self, mean: bool, out: &mut Block, row: usize) -> bool {
        let Some(layout) = &self.layout else { return false };
        let width = layout.width();
        let mut conflict = false;
        for (step, cell) in self.cells.iter().enumerate().filter(|(_, cell)| cell.n > 0) {
            let at = cell.at as usize * 2 * width;
            let (sum, lost) = self.numbers[at..at + 2 * width].split_at(width);
            let n = if mean { f64::from(cell.n) } else { 1.0 };
            let numbers = out.push_numbers(layout, cell.hint);
            for ((number, sum), lost) in numbers.iter_mut().zip(sum).zip(lost) {
                // One alone was never added to anything, and keeps its −0.
                *number = if cell.n == 1 { sum / n } else { sum / n + lost / n };
            }
            let loose = numbers[BUCKETS..].contains(&0.0);
            out.set_pushed(row, step, loose);
            conflict |= cell.hints == [true, true];
        }
        conflict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::aggregate::histograms::Total;
    use crate::model::{Histogram, HistogramSpan};
    use proptest::prelude::*;

    fn histogram((hint, layout, odd, counts): (u8, u8, u8, [u8; 4])) -> Histogram {
        let hints = [CounterResetHint::Unknown, CounterResetHint::Reset, CounterResetHint::NotReset, CounterResetHint::Gauge];
        let count = |i: usize| match (odd, counts[i] % 8) {
            (0, 0) => f64::INFINITY,
            (1, 0) => f64::NAN,
            (2, 1) => -0.0,
            (3, 1) => 1e308,
            (_, small) => f64::from(small.saturating_sub(2)) * 0.1,
        };
        let lengths = [1 + u32::from(layout & 1), 1 + u32::from(layout >> 1 & 1)];
        let buckets = (0..lengths.iter().sum::<u32>() as usize).map(count).collect();
        Histogram {
            counter_reset_hint: hints[usize::from(hint % 4)],
            schema: i32::from(odd != 9),
            zero_threshold: if odd == 8 { 0.9 } else { 0.001 },
            zero_count: count(3),
            count: count(0) + 1.0,
            sum: if odd == 2 { -0.0 } else { count(1) - 0.5 },
            positive_spans: vec![
                HistogramSpan { offset: i32::from(layout >> 2 & 1), length: lengths[0] },
                HistogramSpan { offset: 1 + i32::from(layout >> 3 & 1), length: lengths[1] },
            ],
            positive_buckets: buckets,
            ..Histogram::default()
        }
    }

    fn told(total: Total) -> String {
        match total {
            Total::Histogram(h, conflict) => format!("{h:?} {conflict}"),
            Total::Mixed => "mixed".into(),
            Total::Nothing => "nothing".into(),
        }
    }

    proptest! {
        #[test]
        fn as_whole_histograms_add_up(
            given in prop::collection::vec((any::<u8>(), 0..16u8, 0..60u8, any::<[u8; 4]>()), 1..12), mean in any::<bool>(),
        ) {
            let (mut packed, mut whole) = (Packed::default(), None::<Running>);
            let mut expected = Running::default();
            for given in given {
                let h = histogram(given);
                expected.add(&h, mean);
                let mut column = HistogramColumn::default();
                column.push(&h);
                if whole.is_some() || !packed.add(3, 1, &column, 0, mean) {
                    whole.get_or_insert_with(|| packed.take(1).unwrap_or_default()).add(&h, mean);
                }
            }
            let got = whole.map(|running| running.finish(mean)).unwrap_or_else(|| {
                let mut block = Block::new(3);
                block.push_row(0);
                let conflict = packed.finish(mean, &mut block, 0);
                block.histogram(0, 1).map_or(Total::Nothing, |h| Total::Histogram(Box::new(h.to_histogram()), conflict))
            });
            prop_assert_eq!(told(got), told(expected.finish(mean)));
        }
    }
}
