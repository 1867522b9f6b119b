//! Operators on two samples of which one at least is a histogram.

use super::numbers;
use crate::exec::{Point, Remark};
use crate::model::{CounterResetHint, Histogram};
use crate::syntax::ast::BinaryOp;
use std::sync::Arc;

/// What an operator makes of two samples.
#[derive(Default)]
pub(super) struct Element {
    /// The value; of a comparison the left sample, whether it holds or not. `None` where the
    /// operator is not defined for these samples.
    pub(super) point: Option<Point>,
    /// Whether a comparison holds; true for everything else.
    pub(super) keep: bool,
    pub(super) remark: Option<Remark>,
    /// Both samples' reset hints were in conflict. Between two vectors this leaves nothing,
    /// although there is a value.
    pub(super) collision: bool,
}

impl Element {
    fn of(point: Point) -> Element {
        Element { point: Some(point), keep: true, ..Element::default() }
    }

    fn histogram(h: Histogram) -> Element {
        Element::of(Point::Histogram(Arc::new(h)))
    }

    fn none(remark: Remark) -> Element {
        Element { remark: Some(remark), ..Element::default() }
    }
}

/// Computes one element.
pub(super) fn element(op: BinaryOp, left: &Point, right: &Point) -> Element {
    use BinaryOp::*;
    match (left, right) {
        (Point::Float(a), Point::Float(b)) => match op {
            Eq | Ne | Lt | Le | Gt | Ge => Element { keep: numbers::holds(op, *a, *b), ..Element::of(left.clone()) },
            _ => match numbers::calculate(op, *a, *b) {
                Some(value) => Element::of(Point::Float(value)),
                None => incompatible(op, left, right),
            },
        },
        (Point::Histogram(a), Point::Histogram(b)) => match op {
            Add | Sub => sum(op, a, b),
            Eq | Ne => Element { keep: a.same_as(b) == (op == Eq), ..Element::of(left.clone()) },
            _ => incompatible(op, left, right),
        },
        (Point::Histogram(h), Point::Float(x)) => match op {
            Mul => Element::histogram(changed(h, |h| h.mul(*x))),
            Div => Element::histogram(changed(h, |h| h.div(*x))),
            TrimUpper | TrimLower => {
                let mut h = operand(h);
                if op == TrimUpper {
                    h.trim_upper(*x)
                } else {
                    h.trim_lower(*x)
                }
                Element::histogram(h)
            }
            _ => incompatible(op, left, right),
        },
        (Point::Float(x), Point::Histogram(h)) if op == Mul => Element::histogram(changed(h, |h| h.mul(*x))),
        _ => incompatible(op, left, right),
    }
}

/// What two elements of two vectors make, and the remark. The value is `None` where a remark took
/// its place, `Some(None)` where a comparison does not hold.
pub(super) fn between_vectors(op: BinaryOp, return_bool: bool, left: &Point, right: &Point) -> (Option<Option<Point>>, Option<Remark>) {
    let Element { point, keep, remark, collision } = element(op, left, right);
    let value = point.filter(|_| !collision).map(|point| {
        if return_bool {
            return Some(Point::Float(f64::from(u8::from(keep))));
        }
        keep.then_some(point)
    });
    (value, remark)
}

/// The copy of a histogram that an operator changes. Custom bounds have no zero bucket: what a
/// division by zero left in its place is not copied.
fn operand(h: &Histogram) -> Histogram {
    let mut h = h.clone();
    if h.has_custom_buckets() {
        h.zero_count = 0.0;
    }
    h
}

fn changed(h: &Histogram, change: impl FnOnce(&mut Histogram)) -> Histogram {
    let mut h = operand(h);
    change(&mut h);
    h.compact(0);
    h
}

fn sum(op: BinaryOp, a: &Histogram, b: &Histogram) -> Element {
    let mut h = operand(a);
    let (outcome, during) = if op == BinaryOp::Add { (h.add(b), "addition") } else { (h.sub(b), "subtraction") };
    let Ok(outcome) = outcome else {
        return Element::none(Remark::IncompatibleBucketLayout { operator: op.as_str() });
    };
    if op == BinaryOp::Sub {
        h.counter_reset_hint = CounterResetHint::Gauge;
    }
    h.compact(0);
    let remark = if outcome.reset_collision {
        Some(Remark::CounterResetCollision { during })
    } else {
        outcome.nhcb_reconciled.then_some(Remark::MismatchedCustomBuckets { during })
    };
    Element { remark, collision: outcome.reset_collision, ..Element::histogram(h) }
}

fn incompatible(op: BinaryOp, left: &Point, right: &Point) -> Element {
    let kind = |point: &Point| if matches!(point, Point::Float(_)) { "float" } else { "histogram" };
    Element::none(Remark::IncompatibleTypes { left: kind(left), operator: op.as_str(), right: kind(right) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::histogram::CUSTOM_BUCKETS_SCHEMA;

    #[test]
    fn a_zero_bucket_that_custom_bounds_cannot_have_is_left_behind() {
        let custom = Histogram { schema: CUSTOM_BUCKETS_SCHEMA, count: 1.0, ..Histogram::default() };
        let divided = changed(&custom, |h| h.div(0.0));
        assert!(divided.zero_count.is_nan());
        assert_eq!(changed(&divided, |h| h.mul(-1.0)).zero_count.to_bits(), (-0.0_f64).to_bits());
    }
}
