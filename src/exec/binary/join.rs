//! Arithmetic and comparisons between two vectors.
//!
//! One side is indexed by signature: the "one" side of `group_left` and `group_right`, the right
//! side of a one-to-one join. It is kept whole; the rows of the other side, here always called
//! the many side, stream past it in their order. What may match how often is decided step by
//! step, so that two rows of one signature are fine as long as they share no step.

use super::matched::{LastRemarks, Matches, Steps, first};
use super::signature::{Signatures, match_labels};
use super::{Class, Site, class, element, numbers};
use crate::exec::names::{Merge, merged};
use crate::exec::{Block, Opened, Point, Series, Spool, Stop, VectorOp, in_order};
use crate::model::LabelSet;
use crate::syntax::ast::{Cardinality, Matching};
use std::sync::Arc;

/// Faults of one step: duplicates on the one side come before anything about other rows.
const MANY_SIDE: u64 = 1 << 32;

/// Opens a join, and evaluates it.
pub(super) fn open<'q>(
    site: &Site<'q>,
    matching: &Matching,
    left: Arc<dyn VectorOp + 'q>,
    right: Arc<dyn VectorOp + 'q>,
) -> Result<Opened<'q>, Stop> {
    let n = site.grid.n;
    let flipped = matching.cardinality == Cardinality::OneToMany;
    let (many, one) = if flipped { (right, left) } else { (left, right) };
    let (fill_one, fill_many) = if flipped { (matching.fill_left, matching.fill_right) } else { (matching.fill_right, matching.fill_left) };
    let one = Spool::collect(&*one, n, site.node, site.cx)?;
    let mut signatures = Signatures::new(one.rows(), matching);
    let one_rows = signatures.rows();
    let of_many = signatures.of_all(many.rows(), matching);
    let mut sizes = vec![0u32; signatures.len()];
    of_many.iter().for_each(|signature| sizes[*signature as usize] += 1);
    let mut join = Join {
        site,
        matching,
        flipped,
        fill_one,
        fill_many,
        one: &one,
        one_rows,
        matches: Matches::new(n, fill_many.is_some(), signatures.len()),
        remarks: LastRemarks::default(),
        rows: Vec::new(),
        out: Block::new(n),
        seen: vec![0; n.div_ceil(64)],
        bits: Vec::new(),
    };
    let (mut rows, mut held) = (one.rows().len(), 0);
    let mut points = 0;
    in_order(&*many, n, site.node, site.cx, |block| {
        for i in (0..block.len()).filter(|i| block.any(*i)) {
            rows += 1;
            block.or_presence(i, &mut join.seen);
            let row = block.heads[i];
            let signature = of_many[row as usize];
            let many = Many { row, labels: &many.rows()[row as usize].labels, signature, once: sizes[signature as usize] < 2, block, i };
            join.add(&many);
        }
        let total = join.out.weight();
        let bytes = join.out.len() * n * 8 + join.matches.bytes();
        site.cx.hold_bytes(site.node, bytes.saturating_sub(held) as u64)?;
        held = held.max(bytes);
        site.cx.hold_points(site.node, total - points, rows as u64)?;
        points = total;
        Ok(())
    })?;
    join.fill_many(signatures.of_row());
    join.check_one_side();
    join.remarks.tell(site);
    site.cx.hold_points(site.node, join.out.weight() - points, rows as u64)?;
    let result = Arc::new(Spool::new(join.rows, join.out));
    Ok(Opened::Vector(merged(result, Merge::Vector, site.node, &site.grid, site.cx)?))
}

/// A row of the many side.
struct Many<'a> {
    row: u32,
    labels: &'a LabelSet,
    signature: u32,
    /// No other row has this signature.
    once: bool,
    block: &'a Block,
    i: usize,
}

struct Join<'a, 'q> {
    site: &'a Site<'q>,
    matching: &'a Matching,
    /// The many side is the right operand.
    flipped: bool,
    /// Stand in for what has no partner on the other side.
    fill_one: Option<f64>,
    fill_many: Option<f64>,
    one: &'a Spool,
    /// Rows of the one side of each signature.
    one_rows: Vec<Vec<u32>>,
    matches: Matches,
    remarks: LastRemarks,
    rows: Vec<Series>,
    out: Block,
    /// Steps at which the many side has any point.
    seen: Vec<u64>,
    bits: Vec<u64>,
}

impl Join<'_, '_> {
    fn partners(&self, signature: u32) -> &[u32] {
        self.one_rows.get(signature as usize).map_or(&[], Vec::as_slice)
    }

    /// Joins a row of the many side with whatever it meets.
    fn add(&mut self, many: &Many<'_>) {
        let block = self.one.block();
        let plain = matches!(class(self.site.op), Class::Arithmetic | Class::Comparison) && !has_histograms(many.block, many.i);
        match *self.partners(many.signature) {
            [] if self.fill_one.is_none() => {}
            [one] if plain && self.fill_one.is_none() && !has_histograms(block, one as usize) => self.add_columns(many, one as usize),
            _ => self.add_steps(many),
        }
    }

    /// Two rows of floats, all steps at once.
    fn add_columns(&mut self, many: &Many<'_>, one: usize) {
        let (site, other) = (self.site, self.one.block());
        let mut steps: Vec<u64> = many.block.floats_of(many.i).iter().zip(other.floats_of(one)).map(|(a, b)| a & b).collect();
        if steps.iter().all(|w| *w == 0) {
            return;
        }
        let labels = self.result_labels(many.labels, &self.one.rows()[one].labels);
        self.mark(many, &labels, Steps::All(&steps));
        let (a, b) = (many.block.values_of(many.i), other.values_of(one));
        let (left, right) = if self.flipped { (b, a) } else { (a, b) };
        let compares = class(site.op) == Class::Comparison;
        if compares {
            numbers::compare(site.op, left, right, &mut self.bits);
            if !site.return_bool {
                steps.iter_mut().zip(&self.bits).for_each(|(step, holds)| *step &= holds);
                if steps.iter().all(|w| *w == 0) {
                    return;
                }
            }
        }
        self.rows.push(Series { labels, drop_name: self.flag() });
        self.out.heads.push(0);
        let at = self.out.values.len();
        self.out.values.extend_from_slice(left);
        self.out.floats.extend_from_slice(&steps);
        if !self.out.hists.is_empty() {
            self.out.hists.resize(self.rows.len() * self.out.n, None);
        }
        let column = &mut self.out.values[at..];
        if !compares {
            numbers::arithmetic(site.op, column, right, false);
        } else if site.return_bool {
            numbers::as_numbers(&self.bits, column);
        }
    }

    /// Any two samples, step by step.
    fn add_steps(&mut self, many: &Many<'_>) {
        let one = self.one.block();
        let partners = self.partners(many.signature).to_vec();
        // Rows of the result so far, by the partner's row; the last place is for none.
        let mut results: Vec<Option<ResultRow>> = vec![None; partners.len() + 1];
        for step in 0..one.n {
            let Some(own) = many.block.point(many.i, step) else { continue };
            let found = partners.iter().position(|row| one.has(*row as usize, step));
            let other = match (found, self.fill_one) {
                (Some(at), _) => one.point(partners[at] as usize, step),
                (None, fill) => fill.map(Point::Float),
            };
            let Some(other) = other else { continue };
            let at = found.unwrap_or(partners.len());
            if results[at].is_none() {
                let labels = match found {
                    Some(at) => self.result_labels(many.labels, &self.one.rows()[partners[at] as usize].labels),
                    None => self.result_labels(many.labels, &match_labels(many.labels, self.matching)),
                };
                let same = results.iter().flatten().find(|r| r.labels == labels).cloned();
                results[at] = Some(same.unwrap_or(ResultRow { labels, row: None }));
            }
            let Some(result) = &mut results[at] else { continue };
            let (left, right) = if self.flipped { (&other, &own) } else { (&own, &other) };
            let Some(value) = self.compute(step, left, right) else { continue };
            self.mark(many, &result.labels, Steps::One(step));
            let Some(value) = value else { continue };
            let row = match result.row {
                Some(row) => row,
                None => {
                    let row = self.push_row(result.labels.clone());
                    let labels = result.labels.clone();
                    for result in results.iter_mut().flatten().filter(|r| r.labels == labels) {
                        result.row = Some(row);
                    }
                    row
                }
            };
            self.out.set(row, step, value);
        }
    }

    /// Joins what is left of the one side with the value that stands in for the many side.
    fn fill_many(&mut self, signatures: &[u32]) {
        let Some(fill) = self.fill_many else { return };
        let one = self.one.block();
        for (i, signature) in signatures.iter().enumerate() {
            // Points are counted afterwards, where the evaluation ends.
            if self.site.cx.check().is_err() {
                return;
            }
            let mut steps = vec![0; self.seen.len()];
            one.or_presence(i, &mut steps);
            self.matches.unmatched(*signature, &mut steps);
            let mut row = None;
            for step in 0..one.n {
                if steps[step / 64] >> (step % 64) & 1 == 0 {
                    continue;
                }
                let (Some(own), other) = (one.point(i, step), Point::Float(fill)) else { continue };
                let (left, right) = if self.flipped { (&own, &other) } else { (&other, &own) };
                let Some(Some(value)) = self.compute(step, left, right) else { continue };
                let row = *row.get_or_insert_with(|| {
                    let labels = &self.one.rows()[i].labels;
                    let labels = self.result_labels(&match_labels(labels, self.matching), labels);
                    self.push_row(labels)
                });
                self.out.set(row, step, value);
            }
        }
    }

    /// The value of two samples: `None` if there is none because of a remark, `Some(None)` if a
    /// comparison does not hold.
    fn compute(&mut self, step: usize, left: &Point, right: &Point) -> Option<Option<Point>> {
        let element = element::element(self.site.op, left, right);
        if let Some(remark) = element.remark {
            self.remarks.put(self.out.n, step, remark);
        }
        let point = element.point.filter(|_| !element.collision)?;
        Some(if self.site.return_bool { Some(Point::Float(f64::from(u8::from(element.keep)))) } else { element.keep.then_some(point) })
    }

    /// Marks matches; the same one twice at a step is a fault.
    fn mark(&mut self, many: &Many<'_>, labels: &LabelSet, steps: Steps<'_>) {
        let one_to_one = self.matching.cardinality == Cardinality::OneToOne;
        let twice = self.matches.mark(many.signature, (!one_to_one).then_some(labels), steps, many.once);
        if let Some(step) = twice {
            let message = if one_to_one {
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            } else {
                "multiple matches for labels: grouping labels must ensure unique matches"
            };
            self.site.cx.fault(self.site.node, (step as u64, MANY_SIDE + u64::from(many.row)), message);
        }
    }

    /// Two rows of one signature on the one side at one step are a fault, matched or not, as
    /// long as there is anything on the other side, or something to stand in for it.
    fn check_one_side(&self) {
        let block = self.one.block();
        let filled = self.fill_one.is_some() || self.fill_many.is_some();
        for rows in self.one_rows.iter().filter(|rows| rows.len() > 1) {
            let mut known = vec![0; self.seen.len()];
            for row in rows {
                let mut steps = vec![0; known.len()];
                block.or_presence(*row as usize, &mut steps);
                let twice = (0..known.len()).map(|w| known[w] & steps[w] & if filled { u64::MAX } else { self.seen[w] });
                if let Some(step) = first(twice) {
                    self.fault_duplicate(step, rows, *row);
                }
                known.iter_mut().zip(&steps).for_each(|(a, b)| *a |= b);
            }
        }
    }

    fn fault_duplicate(&self, step: usize, rows: &[u32], row: u32) {
        let series = self.one.rows();
        let before = rows.iter().find(|r| self.one.block().has(**r as usize, step)).unwrap_or(&row);
        let labels = &series[row as usize].labels;
        let mut names = [labels.to_string(), series[*before as usize].labels.to_string()];
        names.sort();
        let message = format!(
            "found duplicate series for the match group {} on the {} hand-side of the operation: [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
            match_labels(labels, self.matching),
            if self.flipped { "left" } else { "right" },
            names[0],
            names[1]
        );
        self.site.cx.fault(self.site.node, (step as u64, u64::from(row)), message);
    }

    /// With delayed names a comparison to 0 and 1 leaves them for later. The flags of the
    /// operands are forgotten: so does the reference.
    fn flag(&self) -> bool {
        self.site.return_bool && self.site.cx.delayed_names()
    }

    /// The labels of a match.
    fn result_labels(&self, many: &LabelSet, one: &LabelSet) -> LabelSet {
        let listed = |name: &str| self.matching.labels.iter().any(|l| l == name);
        let drops = class(self.site.op) == Class::Arithmetic || (self.site.return_bool && !self.flag());
        let mut labels = if drops { many.without_metadata() } else { many.clone() };
        if self.matching.cardinality == Cardinality::OneToOne {
            labels = labels.filter(|name| listed(name) == self.matching.on);
        } else {
            for name in &self.matching.include {
                labels = labels.with(name, one.get(name).unwrap_or_default());
            }
        }
        labels
    }

    fn push_row(&mut self, labels: LabelSet) -> usize {
        self.rows.push(Series { labels, drop_name: self.flag() });
        self.out.push_row(0)
    }
}

/// A row of the result that is made when it gets its first point.
#[derive(Clone)]
struct ResultRow {
    labels: LabelSet,
    row: Option<usize>,
}

fn has_histograms(block: &Block, i: usize) -> bool {
    block.hists_of(i).iter().any(Option::is_some)
}
