//! count_values: a row for each group and value, known only once all points were seen.

use super::{Site, groups};
use crate::exec::ids::Ids;
use crate::exec::{Block, Cx, Opened, Series, Stop, VectorOp, in_order, nothing, open_text};
use crate::model::labels::{Together, is_metadata};
use crate::model::number::format_f;
use crate::model::quote::quote;
use crate::model::{HashMap, HistogramRef, Label, LabelSet};
use crate::plan::Node;
use std::sync::Arc;

pub(super) fn open<'q>(site: &Site<'q>, param: &'q Node) -> Result<Opened<'q>, Stop> {
    let text = open_text(param, &site.grid, site.cx)?;
    let Some(label) = text.as_str().filter(|l| !l.is_empty()) else {
        site.cx.fault_before(site.node, format!("invalid label name {}", quote(text.as_bytes())));
        return Ok(nothing());
    };
    let operand = site.open_operand()?;
    // The value's label is there before the rows are grouped, and is one to group by.
    let mut grouping = site.grouping.clone();
    let shown = if grouping.without {
        !is_metadata(label) && !grouping.labels.iter().any(|l| l == label)
    } else {
        grouping.labels.push(label.into());
        true
    };
    let groups = Ids::new(operand.rows(), |name| name != label && groups::counts(name, &grouping));
    let mut counts = Counts { shown, ..Counts::default() };
    let (mut rows, mut points) = (0, 0);
    in_order(&*operand, site.grid.n, site.node, site.cx, &mut |block| {
        let mut bytes = 0;
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            rows += 1;
            bytes += counts.add_row(groups.of_rows()[block.heads[i] as usize], block, i);
        }
        let total = counts.total;
        site.cx.hold_points(site.node, total - points, rows)?;
        points = total;
        site.hold(bytes)
    })?;
    Ok(Opened::Vector(Arc::new(counts.finish(label, groups.labels()))))
}

/// What a row of the result needs beside its points, about: labels, text, places in tables.
const BYTES_OF_A_ROW: usize = 256;

/// What is counted: a group, and a value as far as its text tells it from others.
struct Row {
    group: u32,
    printed: Printed,
    points: Points,
}

enum Printed {
    Float(f64),
    Histogram(String),
    /// The label of the value is grouped away: all values are one.
    Any,
}

impl Printed {
    fn text(self) -> String {
        match self {
            Printed::Float(value) => format_f(value),
            Printed::Histogram(text) => text,
            Printed::Any => String::new(),
        }
    }
}

/// Steps ascending, and counts. Where all values differ, each is there once.
enum Points {
    One((u32, u32)),
    Many(Vec<(u32, u32)>),
}

impl Points {
    fn all(&self) -> &[(u32, u32)] {
        match self {
            Points::One(point) => std::slice::from_ref(point),
            Points::Many(points) => points,
        }
    }

    /// Counts one more at a step; whether it is the first there.
    fn add(&mut self, step: u32) -> bool {
        let points = match self {
            Points::One((at, count)) if *at == step => {
                *count += 1;
                return false;
            }
            Points::One(point) => {
                *self = Points::Many(vec![*point]);
                return self.add(step);
            }
            Points::Many(points) => points,
        };
        let found = match points.last() {
            Some((last, _)) if *last < step => Err(points.len()),
            _ => points.binary_search_by_key(&step, |p| p.0),
        };
        match found {
            Ok(at) => points[at].1 += 1,
            Err(at) => points.insert(at, (step, 1)),
        }
        found.is_err()
    }
}

#[derive(Default)]
struct Counts {
    shown: bool,
    /// By group and bits of the value.
    floats: HashMap<(u32, u64), u32>,
    histograms: HashMap<(u32, String), u32>,
    rows: Vec<Row>,
    /// Number of points of all rows.
    total: u64,
}

impl Counts {
    /// Gives the bytes held anew.
    fn add_row(&mut self, group: u32, block: &Block, i: usize) -> usize {
        let (rows, points) = (self.rows.len(), self.total);
        let values = block.values_of(i);
        // Most series change their value seldom.
        let mut last: Option<(u64, u32)> = None;
        crate::exec::block::each_bit(block.floats_of(i), |step| {
            let value = if values[step].is_nan() { crate::model::nan() } else { values[step] };
            let known = match last {
                Some((bits, row)) if bits == value.to_bits() => Some(row),
                _ => self.find(group, value),
            };
            let row = self.count(group, known, step, || Printed::Float(value));
            last = Some((value.to_bits(), row));
        });
        for (step, h) in block.histograms(i) {
            self.add_histogram(group, h, step);
        }
        (self.rows.len() - rows) * BYTES_OF_A_ROW + (self.total - points) as usize * size_of::<(u32, u32)>()
    }

    /// The row of a float, if there is one; else the next row will be its.
    fn find(&mut self, group: u32, value: f64) -> Option<u32> {
        let next = self.rows.len() as u32;
        let bits = if self.shown { value.to_bits() } else { 0 };
        Some(*self.floats.entry((group, bits)).or_insert(next)).filter(|row| *row < next)
    }

    fn add_histogram(&mut self, group: u32, h: HistogramRef<'_>, step: usize) {
        if !self.shown {
            let known = self.find(group, 0.0);
            self.count(group, known, step, || Printed::Any);
            return;
        }
        let next = self.rows.len() as u32;
        let text = h.to_histogram().to_string();
        let row = *self.histograms.entry((group, text.clone())).or_insert(next);
        self.count(group, Some(row).filter(|row| *row < next), step, || Printed::Histogram(text));
    }

    /// Counts one more in a known row or in a new one, and gives the row.
    fn count(&mut self, group: u32, known: Option<u32>, step: usize, printed: impl FnOnce() -> Printed) -> u32 {
        let step = step as u32;
        match known {
            Some(row) => {
                self.total += u64::from(self.rows[row as usize].points.add(step));
                row
            }
            None => {
                let printed = if self.shown { printed() } else { Printed::Any };
                self.rows.push(Row { group, printed, points: Points::One((step, 1)) });
                self.total += 1;
                self.rows.len() as u32 - 1
            }
        }
    }

    /// The rows of each group in the order of their texts: the result will stand in the order of
    /// its labels, and is then found to do so.
    fn finish(self, label: &str, groups: &[LabelSet]) -> Counted {
        let name: Arc<str> = label.into();
        let (mut texts, mut points) = (Vec::with_capacity(self.rows.len()), Vec::with_capacity(self.rows.len()));
        let mut places: Vec<Place> = Vec::with_capacity(self.rows.len());
        for (row, from) in self.rows.into_iter().zip(0..) {
            let text: Arc<str> = row.printed.text().into();
            places.push(Place { group: row.group, from, start: start_of(&text) });
            texts.push(text);
            points.push(row.points);
        }
        crate::model::order::sort_by(&mut places, |a, b| {
            let whole = || texts[a.from as usize].cmp(&texts[b.from as usize]);
            (a.group, a.start).cmp(&(b.group, b.start)).then_with(whole)
        });
        let mut sets = Together::default();
        for place in &places {
            let (labels, value) = (&groups[place.group as usize], texts[place.from as usize].clone());
            match value.is_empty() {
                true => sets.push(labels.iter().cloned()),
                false => sets.push(labels.with_label(Label { name: name.clone(), value })),
            }
        }
        let rows = sets.finish().into_iter().map(|labels| Series { labels, drop_name: false }).collect();
        Counted { rows, points, places }
    }
}

/// Which of the counted rows stands at a place, and what it is sorted by.
struct Place {
    group: u32,
    from: u32,
    /// Where the text begins: mostly tells it from others.
    start: [u64; 2],
}

/// The first sixteen bytes of a text, as numbers in its order.
fn start_of(text: &str) -> [u64; 2] {
    let bytes = |from: usize| {
        let mut start = [0; 8];
        start.iter_mut().zip(text.as_bytes().get(from..).unwrap_or_default()).for_each(|(to, from)| *to = *from);
        u64::from_be_bytes(start)
    };
    [bytes(0), bytes(8)]
}

/// The counts as sparse rows: of many values each is seldom there.
struct Counted {
    rows: Vec<Series>,
    /// Of each row, which of `points` are its.
    places: Vec<Place>,
    points: Vec<Points>,
}

impl VectorOp for Counted {
    fn rows(&self) -> &[Series] {
        &self.rows
    }
    fn fill(&self, rows: &[u32], _: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        for &row in rows {
            let i = out.push_row(row);
            for (step, count) in self.points[self.places[row as usize].from as usize].all() {
                out.set_float(i, *step as usize, f64::from(*count));
            }
        }
        Ok(())
    }
}
