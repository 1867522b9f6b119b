//! Operators with a scalar on one side, or on both.

use super::matched::LastRemarks;
use super::{Class, Site, class, element, numbers};
use crate::exec::names::{Merge, dropped, merged_nameless};
use crate::exec::{Block, Cx, Opened, Point, Remark, Series, Stop, VectorOp, in_order, nothing};
use crate::model::deep;
use crate::plan::Node;
use crate::syntax::ast::BinaryOp;
use std::sync::Arc;

/// A scalar of two, a value for each step; `None` if the operator makes none.
pub(crate) fn of_scalars(op: BinaryOp, left: &[f64], right: &[f64]) -> Option<Vec<f64>> {
    let mut values = left.to_vec();
    match class(op) {
        Class::Arithmetic => numbers::arithmetic(op, &mut values, right, false),
        Class::Comparison => {
            let mut bits = Vec::new();
            numbers::compare(op, left, right, &mut bits);
            numbers::as_numbers(&bits, &mut values);
        }
        Class::Trim | Class::Set => return None,
    }
    Some(values)
}

/// Opens an operator between two scalars.
pub(super) fn both<'q>(site: &Site<'q>, left: &[f64], right: &[f64]) -> Opened<'q> {
    let values = of_scalars(site.op, left, right).unwrap_or_else(|| {
        let message = format!("operator \"{}\" not allowed for Scalar operations", site.op.as_str());
        site.cx.fault(site.node, (0, 0), message);
        left.to_vec()
    });
    Opened::Scalar(values.into())
}

/// A vector, each element with the scalar of its step.
struct WithScalar<'q> {
    input: Arc<dyn VectorOp + 'q>,
    /// Labels after dropping names, if they are dropped.
    rows: Option<Vec<Series>>,
    scalar: Arc<[f64]>,
    scalar_left: bool,
    op: BinaryOp,
    return_bool: bool,
    node: &'q Node,
}

/// Opens a vector with a scalar.
pub(super) fn open<'q>(site: &Site<'q>, input: Arc<dyn VectorOp + 'q>, scalar: Arc<[f64]>, scalar_left: bool) -> Result<Opened<'q>, Stop> {
    let Site { op, return_bool, node, grid, cx } = *site;
    if class(op) == Class::Trim && scalar_left {
        return trim_of_scalar(site, &*input, &scalar);
    }
    let drops = class(op) == Class::Arithmetic || return_bool;
    let rows = drops.then(|| dropped(input.rows(), cx));
    let op = Arc::new(WithScalar { input: input.clone(), rows, scalar, scalar_left, op, return_bool, node });
    Ok(Opened::Vector(if drops {
        merged_nameless(op, &mut input.rows().iter().map(|s| &s.labels), Merge::Vector, node, &grid, cx)?
    } else {
        op
    }))
}

/// A scalar has nothing to trim, so there is no result. But there is something to say about each
/// element, and only what is said last at a step is kept.
fn trim_of_scalar<'q>(site: &Site<'q>, input: &dyn VectorOp, scalar: &[f64]) -> Result<Opened<'q>, Stop> {
    let mut remarks = LastRemarks::default();
    in_order(input, site.grid.n, site.node, site.cx, &mut |block| {
        for i in 0..block.len() {
            for (step, x) in scalar.iter().enumerate() {
                let Some(point) = block.point(i, step) else { continue };
                if let Some(remark) = element::element(site.op, &Point::Float(*x), &point).remark {
                    remarks.put(block.n, step, 0, remark);
                }
            }
        }
        site.cx.check()
    })?;
    remarks.tell(site);
    Ok(nothing())
}

impl VectorOp for WithScalar<'_> {
    fn rows(&self) -> &[Series] {
        self.rows.as_deref().unwrap_or_else(|| self.input.rows())
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let before = out.len();
        deep(|| self.input.fill(rows, cx, out))?;
        let mut bits = Vec::new();
        let mut told = Vec::new();
        for i in before..out.len() {
            if out.has_histograms(i) || class(self.op) == Class::Trim {
                self.one_by_one(i, out, &mut told, cx);
            } else {
                self.floats(i, out, &mut bits);
            }
        }
        crate::exec::select::hold(self.node, before, out, self.input.rows().len() as u64 + 1, cx)
    }
}

impl WithScalar<'_> {
    /// A row without histograms.
    fn floats(&self, i: usize, out: &mut Block, bits: &mut Vec<u64>) {
        let (n, words) = (out.n, out.words());
        let values = &mut out.values[i * n..(i + 1) * n];
        if class(self.op) == Class::Arithmetic {
            numbers::arithmetic_at(self.op, values, &self.scalar, self.scalar_left, &out.floats[i * words..(i + 1) * words]);
            return;
        }
        if self.scalar_left {
            numbers::compare(self.op, &self.scalar, values, bits);
        } else {
            numbers::compare(self.op, values, &self.scalar, bits);
        }
        if self.return_bool {
            numbers::as_numbers(bits, values);
            return;
        }
        for (word, holds) in out.floats[i * words..(i + 1) * words].iter_mut().zip(bits) {
            *word &= *holds;
        }
    }

    /// A row with histograms. `told` are the remarks that need not be made again.
    fn one_by_one(&self, i: usize, out: &mut Block, told: &mut Vec<Remark>, cx: &Cx<'_>) {
        for step in 0..out.n {
            let Some(point) = out.point(i, step) else { continue };
            let scalar = Point::Float(self.scalar[step]);
            let (left, right) = if self.scalar_left { (&scalar, &point) } else { (&point, &scalar) };
            let element = element::element(self.op, left, right);
            out.clear(i, step);
            if let Some(remark) = element.remark.filter(|remark| !told.contains(remark)) {
                told.push(remark.clone());
                cx.note(self.node, step, 0, self.node.span, remark);
            }
            let result = match element.point {
                None => continue,
                Some(_) if self.return_bool => Point::Float(f64::from(u8::from(element.keep))),
                Some(_) if !element.keep => continue,
                // A comparison keeps the element of the vector, on whichever side it is.
                Some(_) if class(self.op) == Class::Comparison => point,
                Some(value) => value,
            };
            out.set(i, step, result);
        }
    }
}
