//! count_values: a row for each group and value, known only once all points were seen.

use super::{Site, groups};
use crate::exec::{Block, Cx, Opened, Series, Stop, VectorOp, in_order, nothing, open_text};
use crate::model::labels::is_metadata;
use crate::model::number::format_f;
use crate::model::quote::quote;
use crate::model::{Histogram, LabelSet};
use crate::plan::Node;
use crate::syntax::ast::Grouping;
use std::collections::HashMap;
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
        grouping.labels.push(label.to_owned());
        true
    };
    let group_of = groups_without(label, operand.rows(), &grouping);
    let mut counts = Counts { shown, ..Counts::default() };
    let (mut rows, mut points) = (0, 0);
    in_order(&*operand, site.grid.n, site.node, site.cx, |block| {
        let mut bytes = 0;
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            rows += 1;
            bytes += counts.add_row(group_of.of_row[block.heads[i] as usize], block, i);
        }
        let total = counts.total;
        site.cx.hold_points(site.node, total - points, rows)?;
        points = total;
        site.hold(bytes)
    })?;
    Ok(Opened::Vector(Arc::new(counts.finish(label, &group_of.labels))))
}

/// What a row of the result needs beside its points, about: labels, text, places in tables.
const BYTES_OF_A_ROW: usize = 256;

struct GroupOf {
    of_row: Vec<u32>,
    labels: Vec<LabelSet>,
}

/// The groups of rows by all but one label.
fn groups_without(label: &str, rows: &[Series], grouping: &Grouping) -> GroupOf {
    let mut labels = Vec::new();
    let mut known: HashMap<LabelSet, u32> = HashMap::new();
    let of_row = rows.iter().map(|series| {
        let rest = groups::key(&series.labels, grouping).with(label, "");
        *known.entry(rest).or_insert_with_key(|rest| {
            labels.push(rest.clone());
            labels.len() as u32 - 1
        })
    });
    GroupOf { of_row: of_row.collect(), labels }
}

/// A value as far as its text tells it from others.
#[derive(PartialEq, Eq, Hash, Clone)]
enum Printed {
    Float(u64),
    Histogram(String),
    /// The label of the value is grouped away: all values are one.
    Any,
}

impl Printed {
    fn float(value: f64) -> Printed {
        Printed::Float(if value.is_nan() { crate::model::NAN_BITS } else { value.to_bits() })
    }

    fn histogram(h: &Histogram) -> Printed {
        Printed::Histogram(h.to_string())
    }

    fn text(&self) -> String {
        match self {
            Printed::Float(bits) => format_f(f64::from_bits(*bits)),
            Printed::Histogram(text) => text.clone(),
            Printed::Any => String::new(),
        }
    }
}

#[derive(Default)]
struct Counts {
    shown: bool,
    known: HashMap<(u32, Printed), usize>,
    /// Of each row of the result, steps ascending and counts.
    points: Vec<Vec<(u32, u32)>>,
    /// Number of points of all rows.
    total: u64,
}

impl Counts {
    /// Gives the bytes held anew.
    fn add_row(&mut self, group: u32, block: &Block, i: usize) -> usize {
        let mut bytes = 0;
        // Most series change their value seldom.
        let mut last: Option<(u64, usize)> = None;
        for step in 0..block.n {
            let known = self.points.len();
            let row = if let Some(x) = block.float(i, step) {
                match last {
                    Some((bits, row)) if bits == x.to_bits() => row,
                    _ => {
                        let row = self.row(group, || Printed::float(x));
                        last = Some((x.to_bits(), row));
                        row
                    }
                }
            } else if let Some(h) = block.histogram(i, step) {
                self.row(group, || Printed::histogram(h))
            } else {
                continue;
            };
            bytes += (self.points.len() - known) * BYTES_OF_A_ROW;
            let points = &mut self.points[row];
            match points.binary_search_by_key(&(step as u32), |p| p.0) {
                Ok(at) => points[at].1 += 1,
                Err(at) => {
                    points.insert(at, (step as u32, 1));
                    bytes += size_of::<(u32, u32)>();
                    self.total += 1;
                }
            }
        }
        bytes
    }

    fn row(&mut self, group: u32, printed: impl FnOnce() -> Printed) -> usize {
        let printed = if self.shown { printed() } else { Printed::Any };
        let next = self.points.len();
        let row = *self.known.entry((group, printed)).or_insert(next);
        if row == next {
            self.points.push(Vec::new());
        }
        row
    }

    fn finish(self, label: &str, groups: &[LabelSet]) -> Counted {
        let empty = Series { labels: LabelSet::default(), drop_name: false };
        let mut rows = vec![empty; self.points.len()];
        for ((group, printed), row) in &self.known {
            rows[*row].labels = groups[*group as usize].with(label, &printed.text());
        }
        Counted { rows, points: self.points }
    }
}

/// The counts as sparse rows: of many values each is seldom there.
struct Counted {
    rows: Vec<Series>,
    points: Vec<Vec<(u32, u32)>>,
}

impl VectorOp for Counted {
    fn rows(&self) -> &[Series] {
        &self.rows
    }
    fn fill(&self, rows: &[u32], _: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        for &row in rows {
            let i = out.push_row(row);
            for (step, count) in &self.points[row as usize] {
                out.set_float(i, *step as usize, f64::from(*count));
            }
        }
        Ok(())
    }
}
