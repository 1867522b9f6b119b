//! Binary operators: between scalars, a vector and a scalar, and two vectors.
//!
//! [`open`] opens the left operand before the right one and picks the shape. A vector with a
//! scalar, set operators, and joins in which nothing can be matched twice are computed row by row
//! on demand; other joins of two vectors are evaluated at once and kept. Called by
//! [`super::open`] alone.

mod element;
mod join;
mod matched;
mod numbers;
mod paired;
mod scalar;
mod set;
mod signature;

pub(crate) use scalar::of_scalars;

use super::{Cx, Grid, Opened, Stop};
use crate::plan::Node;
use crate::syntax::ast::{BinaryOp, Cardinality, Matching};

/// One binary operator of the plan.
#[derive(Clone, Copy)]
struct Site<'q> {
    op: BinaryOp,
    return_bool: bool,
    node: &'q Node,
    grid: Grid,
    cx: &'q Cx<'q>,
}

/// What an operator does to numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    /// Makes a new number.
    Arithmetic,
    /// Keeps the left one or not.
    Comparison,
    /// Cuts observations off a histogram.
    Trim,
    /// Only asks who is there.
    Set,
}

fn class(op: BinaryOp) -> Class {
    use BinaryOp::*;
    match op {
        Add | Sub | Mul | Div | Mod | Pow | Atan2 => Class::Arithmetic,
        Eq | Ne | Lt | Le | Gt | Ge => Class::Comparison,
        TrimUpper | TrimLower => Class::Trim,
        And | Or | Unless => Class::Set,
    }
}

/// Opens a binary operator.
#[allow(clippy::too_many_arguments)]
pub(crate) fn open<'q>(
    op: BinaryOp,
    return_bool: bool,
    matching: Option<&'q Matching>,
    lhs: &'q Node,
    rhs: &'q Node,
    node: &'q Node,
    grid: &Grid,
    cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
    let site = Site { op, return_bool, node, grid: *grid, cx };
    let left = super::open(lhs, grid, cx)?;
    let right = super::open(rhs, grid, cx)?;
    match (left, right) {
        (Opened::Scalar(left), Opened::Scalar(right)) => Ok(scalar::both(&site, &left, &right)),
        (Opened::Vector(left), Opened::Scalar(right)) => scalar::open(&site, left, right, false),
        (Opened::Scalar(left), Opened::Vector(right)) => scalar::open(&site, right, left, true),
        (Opened::Vector(left), Opened::Vector(right)) => {
            let default = Matching {
                cardinality: Cardinality::OneToOne,
                on: false,
                labels: Vec::new(),
                include: Vec::new(),
                fill_left: None,
                fill_right: None,
            };
            let matching = matching.unwrap_or(&default);
            match class(op) {
                Class::Set => set::open(&site, matching, left, right, [lhs, rhs]),
                _ => join::open(&site, matching, left, right),
            }
        }
        _ => Err(super::mistyped(node)),
    }
}
