//! Arithmetic and comparisons between two vectors.
//!
//! One side is indexed by signature: the "one" side of `group_left` and `group_right`, the right
//! side of a one-to-one join. Where nothing can be matched twice, by the labels alone, rows are
//! paired off and computed on demand ([`super::paired`]). Else the one side is kept whole, and the
//! rows of the other side, here always called the many side, stream past it in their order. What
//! may match how often is decided step by step, so that two rows of one signature are fine as
//! long as they share no step.

use super::matched::{LastRemarks, Matches, Steps, first};
use super::paired::{OneSide, Paired, Pairs};
use super::signature::{Signatures, match_labels};
use super::{Class, Site, class, element, numbers};
use crate::exec::block::each_bit;
use crate::exec::names::{Merge, differ_without_metadata, has_equal, merged, of_one_metric, of_one_selection};
use crate::exec::{Block, Opened, Point, Series, Spool, Stop, VectorOp, in_order};
use crate::model::LabelSet;
use crate::model::labels::is_metadata;
use crate::plan::Kind;
use crate::syntax::ast::{Cardinality, Matching};
use std::sync::Arc;

/// Faults of one step: duplicates on the one side come before anything about other rows.
const MANY_SIDE: u64 = 1 << 32;

/// Opens a join, and evaluates it where it has to see all rows to know what may be matched.
pub(super) fn open<'q>(
    site: &Site<'q>,
    matching: &Matching,
    left: Arc<dyn VectorOp + 'q>,
    right: Arc<dyn VectorOp + 'q>,
) -> Result<Opened<'q>, Stop> {
    let flipped = matching.cardinality == Cardinality::OneToMany;
    let (many, one) = if flipped { (right, left) } else { (left, right) };
    let (fill_one, fill_many) = if flipped { (matching.fill_left, matching.fill_right) } else { (matching.fill_right, matching.fill_left) };
    let names = ResultLabels { site: *site, matching };
    let mut one = one.clone().kept().map_or(OneSide::Read(one), OneSide::Kept);
    if fill_one.is_none() && fill_many.is_none() {
        let own = with_itself(&names, &many, &one);
        let mut pairs = pairs(&names, &*many, &one, own);
        if let Err(Unpaired::Shared) = pairs {
            one = OneSide::Kept(collected(site, one)?);
            pairs = self::pairs(&names, &*many, &one, false);
        }
        if let Ok(pairs) = pairs {
            let join = Arc::new(Paired::open(site, flipped, many, one, pairs)?);
            // Pairs of `group_x` have been looked at.
            let join = if names.distinct() { join } else { merged(join, Merge::Vector, site.node, &site.grid, site.cx)? };
            return Ok(Opened::Vector(join));
        }
    }
    let one = collected(site, one)?;
    evaluate(&names, flipped, [fill_one, fill_many], &*many, &one)
}

/// The one side as a whole.
fn collected(site: &Site<'_>, one: OneSide<'_>) -> Result<Arc<Spool>, Stop> {
    match one {
        OneSide::Kept(spool) => Ok(spool),
        OneSide::Read(op) => Spool::of(op, site.grid.n, site.node, site.cx),
    }
}

/// Why rows can not be paired off.
enum Unpaired {
    /// Something may be matched twice at a step.
    Several,
    /// Rows of the one side have several partners, and should be kept.
    Shared,
}

/// Whether both operands are one vector that was evaluated once, and each of its rows is the
/// partner of itself alone.
fn with_itself(names: &ResultLabels<'_, '_>, many: &Arc<dyn VectorOp + '_>, one: &OneSide<'_>) -> bool {
    let (OneSide::Kept(one), Kind::Binary { lhs, .. }) = (one, &names.site.node.kind) else { return false };
    // In WebAssembly what this saves is not worth the code that has to be loaded.
    !cfg!(target_arch = "wasm32")
        && many.clone().kept().is_some_and(|many| Arc::ptr_eq(&many, one))
        && names.one_to_one()
        && !names.matching.on
        && names.matching.labels.is_empty()
        && of_one_selection(lhs)
        && (of_one_metric(lhs, names.site.cx) || differ_without_metadata(&mut one.rows().iter().map(|s| &s.labels)))
}

/// Pairs off rows, in the order of the many side; `own` if each row is its own partner.
fn pairs(names: &ResultLabels<'_, '_>, many: &dyn VectorOp, one: &OneSide<'_>, own: bool) -> Result<Pairs, Unpaired> {
    let partners = if own { (0..many.rows().len() as u32).map(Some).collect() } else { partners(names, many, one)? };
    let drop_name = names.flag();
    let mut pairs = Pairs::default();
    for (many, (series, one_row)) in (0u32..).zip(many.rows().iter().zip(partners)) {
        let Some(one_row) = one_row else { continue };
        pairs.of.push((many, one_row));
        pairs.rows.push(Series { labels: names.of(&series.labels, &one.rows()[one_row as usize].labels), drop_name });
    }
    // One match of a signature and labels at a step is what `group_x` allows.
    let unique = names.one_to_one() || names.keep_apart(many.rows()) || !has_equal(&pairs.rows);
    if unique { Ok(pairs) } else { Err(Unpaired::Several) }
}

/// Of each row of the many side, the one of the one side that matches it, if there is one.
fn partners(names: &ResultLabels<'_, '_>, many: &dyn VectorOp, one: &OneSide<'_>) -> Result<Vec<Option<u32>>, Unpaired> {
    let mut signatures = Signatures::new(one.rows(), names.matching);
    if signatures.len() < one.rows().len() {
        return Err(if names.one_to_one() || matches!(one, OneSide::Kept(_)) { Unpaired::Several } else { Unpaired::Shared });
    }
    // Each row of the one side is a signature.
    let partners = signatures.of_others(many.rows());
    let mut met = vec![false; signatures.len()];
    if !partners.iter().flatten().all(|one| !std::mem::replace(&mut met[*one as usize], true)) {
        if names.one_to_one() {
            return Err(Unpaired::Several);
        }
        if let OneSide::Read(_) = one {
            return Err(Unpaired::Shared);
        }
    }
    Ok(partners)
}

/// Evaluates a join step by step, where rows of one signature meet.
fn evaluate<'q>(
    names: &ResultLabels<'_, 'q>,
    flipped: bool,
    [fill_one, fill_many]: [Option<f64>; 2],
    many: &(dyn VectorOp + 'q),
    one: &Spool,
) -> Result<Opened<'q>, Stop> {
    let (site, n) = (&names.site, names.site.grid.n);
    let mut signatures = Signatures::new(one.rows(), names.matching);
    let one_rows = signatures.rows();
    let of_many = signatures.of_all(many.rows());
    let mut sizes = vec![0u32; signatures.len()];
    of_many.iter().for_each(|signature| sizes[*signature as usize] += 1);
    let mut join = Join {
        site,
        names,
        flipped,
        columns: matches!(class(site.op), Class::Arithmetic | Class::Comparison),
        fill_one,
        fill_many,
        one,
        one_rows,
        matches: Matches::new(n, fill_many.is_some(), signatures.len()),
        remarks: LastRemarks::default(),
        rows: Vec::new(),
        out: Block::new(n),
        seen: vec![0; n.div_ceil(64)],
        bits: Vec::new(),
    };
    join.out.expect(many.rows().len());
    let (mut rows, mut held) = (one.with_points(), 0);
    let mut points = 0;
    in_order(many, n, site.node, site.cx, &mut |block| {
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
        site.cx.hold_points(site.node, total - points, rows)?;
        points = total;
        Ok(())
    })?;
    join.fill_many(signatures.of_row());
    join.check_one_side();
    join.remarks.tell(site);
    site.cx.hold_points(site.node, join.out.weight() - points, rows)?;
    let result = Arc::new(Spool::new(join.rows, join.out));
    Ok(Opened::Vector(merged(result, Merge::Vector, site.node, &site.grid, site.cx)?))
}

/// How matches are labelled.
struct ResultLabels<'a, 'q> {
    site: Site<'q>,
    matching: &'a Matching,
}

impl ResultLabels<'_, '_> {
    fn one_to_one(&self) -> bool {
        self.matching.cardinality == Cardinality::OneToOne
    }

    /// With delayed names a comparison to 0 and 1 leaves them for later. The flags of the
    /// operands are forgotten: so does the reference.
    fn flag(&self) -> bool {
        self.site.return_bool && self.site.cx.delayed_names()
    }

    /// Whether matches lose their names at once.
    fn drops(&self) -> bool {
        class(self.site.op) == Class::Arithmetic || (self.site.return_bool && !self.flag())
    }

    /// Whether pairs have different labels by the way they were found: those of one-to-one
    /// matches are their signature, or hold it.
    fn distinct(&self) -> bool {
        let names = self.drops() && self.matching.on && self.matching.labels.iter().any(|l| is_metadata(l));
        !self.one_to_one() || !names
    }

    /// Whether matches of `group_x` differ as their rows on the many side do: those have one name,
    /// or keep it, and are given no label in the place of one of their own.
    fn keep_apart(&self, many: &[Series]) -> bool {
        let adds = |name: &crate::model::Name| many.iter().all(|s| s.labels.find(name).is_none());
        let named = !self.drops() || differ_without_metadata(&mut many.iter().map(|s| &s.labels));
        named && !self.site.cx.delayed_names() && self.matching.include.iter().all(adds)
    }

    /// The labels of a match.
    fn of(&self, many: &LabelSet, one: &LabelSet) -> LabelSet {
        let listed = |name: &str| self.matching.labels.iter().any(|l| l == name);
        let mut labels = if self.drops() { many.without_metadata() } else { many.clone() };
        if self.one_to_one() {
            if self.matching.on || !self.matching.labels.is_empty() {
                labels = labels.filter(|name| listed(name) == self.matching.on);
            }
        } else {
            for name in &self.matching.include {
                labels = labels.with_that_of(name, one);
            }
        }
        labels
    }
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
    names: &'a ResultLabels<'a, 'q>,
    /// The many side is the right operand.
    flipped: bool,
    /// The operator is defined for columns of floats.
    columns: bool,
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
        let (one, floats) = (self.one, many.block.floats_of(many.i));
        let partner = match self.partners(many.signature) {
            [] => None,
            [row] => Some(*row as usize),
            _ => return self.add_steps(many),
        };
        let floats_only = !many.block.has_histograms(many.i) && partner.is_none_or(|row| !one.block().has_histograms(row));
        match (partner, self.fill_one) {
            (None, None) => {}
            _ if !floats_only || !self.columns => self.add_steps(many),
            (Some(row), None) => {
                let steps = floats.iter().zip(one.block().floats_of(row)).map(|(a, b)| a & b).collect();
                self.add_columns(many, &one.rows()[row].labels, one.block().values_of(row), steps);
            }
            (None, Some(fill)) => {
                let labels = match_labels(many.labels, self.names.matching);
                self.add_columns(many, &labels, &vec![fill; self.out.n], floats.to_vec());
            }
            // Whether there is a partner at a step does not show in the labels.
            (Some(row), Some(fill)) if self.names.matching.include.is_empty() => {
                let mut column = vec![fill; self.out.n];
                let values = one.block().values_of(row);
                each_bit(one.block().floats_of(row), |step| column[step] = values[step]);
                self.add_columns(many, &one.rows()[row].labels, &column, floats.to_vec());
            }
            _ => self.add_steps(many),
        }
    }

    /// A row of floats with another column, at `steps`.
    fn add_columns(&mut self, many: &Many<'_>, one: &LabelSet, other: &[f64], steps: Vec<u64>) {
        if steps.iter().all(|w| *w == 0) {
            return;
        }
        let labels = self.names.of(many.labels, one);
        self.mark(many, &labels, Steps::All(&steps));
        let own = many.block.values_of(many.i);
        let (left, right) = if self.flipped { (other, own) } else { (own, other) };
        self.push_columns(labels, left, right, steps);
    }

    /// Two columns of floats, all of `steps` at once.
    fn push_columns(&mut self, labels: LabelSet, left: &[f64], right: &[f64], mut steps: Vec<u64>) {
        let site = self.site;
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
        self.rows.push(Series { labels, drop_name: self.names.flag() });
        let at = self.out.values.len();
        self.out.push_columns(0, &steps, |values| values.extend_from_slice(left));
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
                    Some(at) => self.names.of(many.labels, &self.one.rows()[partners[at] as usize].labels),
                    None => self.names.of(many.labels, &match_labels(many.labels, self.names.matching)),
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
            if self.columns && !one.has_histograms(i) {
                let labels = &self.one.rows()[i].labels;
                let labels = self.names.of(&match_labels(labels, self.names.matching), labels);
                let (own, other) = (one.values_of(i), vec![fill; one.n]);
                let (left, right) = if self.flipped { (own, &other[..]) } else { (&other[..], own) };
                if steps.iter().any(|w| *w != 0) {
                    self.push_columns(labels, left, right, steps);
                }
                continue;
            }
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
                    let labels = self.names.of(&match_labels(labels, self.names.matching), labels);
                    self.push_row(labels)
                });
                self.out.set(row, step, value);
            }
        }
    }

    /// The value of two samples: `None` if there is none because of a remark, `Some(None)` if a
    /// comparison does not hold.
    fn compute(&mut self, step: usize, left: &Point, right: &Point) -> Option<Option<Point>> {
        let (value, remark) = element::between_vectors(self.site.op, self.site.return_bool, left, right);
        if let Some(remark) = remark {
            self.remarks.put(self.out.n, step, 0, remark);
        }
        value
    }

    /// Marks matches; the same one twice at a step is a fault.
    fn mark(&mut self, many: &Many<'_>, labels: &LabelSet, steps: Steps<'_>) {
        let one_to_one = self.names.matching.cardinality == Cardinality::OneToOne;
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
        if names[0] > names[1] {
            names.swap(0, 1);
        }
        let message = format!(
            "found duplicate series for the match group {} on the {} hand-side of the operation: [{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
            match_labels(labels, self.names.matching),
            if self.flipped { "left" } else { "right" },
            names[0],
            names[1]
        );
        self.site.cx.fault(self.site.node, (step as u64, u64::from(row)), message);
    }

    fn push_row(&mut self, labels: LabelSet) -> usize {
        self.rows.push(Series { labels, drop_name: self.names.flag() });
        self.out.push_row(0)
    }
}

/// A row of the result that is made when it gets its first point.
#[derive(Clone)]
struct ResultRow {
    labels: LabelSet,
    row: Option<usize>,
}
