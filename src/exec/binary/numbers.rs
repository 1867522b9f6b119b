//! Operators on columns of floats.

use crate::exec::block::each_bit;
use crate::model::float;
use crate::syntax::ast::BinaryOp;
use crate::wide::wide;

/// Replaces `column` by `column op other`, or by `other op column` if swapped.
pub(super) fn arithmetic(op: BinaryOp, column: &mut [f64], other: &[f64], swapped: bool) {
    match op {
        BinaryOp::Add => zip(column, other, swapped, |a, b| a + b),
        BinaryOp::Sub => zip(column, other, swapped, |a, b| a - b),
        BinaryOp::Mul => zip(column, other, swapped, |a, b| a * b),
        BinaryOp::Div => zip(column, other, swapped, |a, b| a / b),
        BinaryOp::Mod => zip(column, other, swapped, |a, b| a % b),
        BinaryOp::Pow => zip(column, other, swapped, float::pow),
        BinaryOp::Atan2 => zip(column, other, swapped, float::atan2),
        _ => {}
    }
}

/// The same where only the steps of a bitmap matter, which is cheaper if the operator is dear.
pub(super) fn arithmetic_at(op: BinaryOp, column: &mut [f64], other: &[f64], swapped: bool, steps: &[u64]) {
    let f: fn(f64, f64) -> f64 = match op {
        BinaryOp::Mod => |a, b| a % b,
        BinaryOp::Pow => float::pow,
        BinaryOp::Atan2 => float::atan2,
        _ => return arithmetic(op, column, other, swapped),
    };
    each_bit(steps, |step| {
        let (a, b) = (column[step], other[step]);
        column[step] = if swapped { f(b, a) } else { f(a, b) };
    });
}

/// Appends `left op right`, where that is a cheap operator; gives whether it is.
pub(super) fn append(op: BinaryOp, left: &[f64], right: &[f64], to: &mut Vec<f64>) -> bool {
    wide(
        #[inline(always)]
        || {
            let pairs = left.iter().zip(right);
            match op {
                BinaryOp::Add => to.extend(pairs.map(|(a, b)| a + b)),
                BinaryOp::Sub => to.extend(pairs.map(|(a, b)| a - b)),
                BinaryOp::Mul => to.extend(pairs.map(|(a, b)| a * b)),
                BinaryOp::Div => to.extend(pairs.map(|(a, b)| a / b)),
                _ => return false,
            }
            true
        },
    )
}

#[inline]
fn zip(column: &mut [f64], other: &[f64], swapped: bool, f: impl Fn(f64, f64) -> f64) {
    let pairs = column.iter_mut().zip(other);
    if swapped {
        pairs.for_each(|(a, b)| *a = f(*b, *a));
    } else {
        pairs.for_each(|(a, b)| *a = f(*a, *b));
    }
}

/// One number from two; `None` for operators that only compare.
pub(super) fn calculate(op: BinaryOp, left: f64, right: f64) -> Option<f64> {
    use BinaryOp::*;
    let mut value = [left];
    matches!(op, Add | Sub | Mul | Div | Mod | Pow | Atan2).then(|| {
        arithmetic(op, &mut value, &[right], false);
        value[0]
    })
}

/// Whether a comparison holds. With NaN only `!=` does.
#[inline]
pub(super) fn holds(op: BinaryOp, left: f64, right: f64) -> bool {
    match op {
        BinaryOp::Eq => left == right,
        BinaryOp::Ne => left != right,
        BinaryOp::Lt => left < right,
        BinaryOp::Le => left <= right,
        BinaryOp::Gt => left > right,
        BinaryOp::Ge => left >= right,
        _ => false,
    }
}

/// Where a comparison holds, as a bitmap, whatever is in the columns where there is no point.
pub(super) fn compare(op: BinaryOp, left: &[f64], right: &[f64], out: &mut Vec<u64>) {
    #[inline]
    fn each(left: &[f64], right: &[f64], out: &mut Vec<u64>, f: impl Fn(f64, f64) -> bool) {
        for (left, right) in left.chunks(64).zip(right.chunks(64)) {
            let pairs = left.iter().zip(right).enumerate();
            out.push(pairs.fold(0, |word, (bit, (a, b))| word | u64::from(f(*a, *b)) << bit));
        }
    }
    out.clear();
    match op {
        BinaryOp::Eq => each(left, right, out, |a, b| a == b),
        BinaryOp::Ne => each(left, right, out, |a, b| a != b),
        BinaryOp::Lt => each(left, right, out, |a, b| a < b),
        BinaryOp::Le => each(left, right, out, |a, b| a <= b),
        BinaryOp::Gt => each(left, right, out, |a, b| a > b),
        BinaryOp::Ge => each(left, right, out, |a, b| a >= b),
        _ => out.resize(left.len().div_ceil(64), 0),
    }
}

/// Writes 1 and 0 for a bitmap.
pub(super) fn as_numbers(bits: &[u64], out: &mut [f64]) {
    for (word, values) in bits.iter().zip(out.chunks_mut(64)) {
        for (bit, value) in values.iter_mut().enumerate() {
            *value = (word >> bit & 1) as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_single_numbers_agree() {
        use BinaryOp::*;
        let left: Vec<f64> = (0..70).map(|i| f64::from(i % 7) - 3.0).collect();
        let right: Vec<f64> = (0..70).map(|i| f64::from(i % 5) - 2.0).collect();
        for op in [Add, Sub, Mul, Div, Mod, Pow, Atan2] {
            let mut column = left.clone();
            arithmetic(op, &mut column, &right, false);
            let mut swapped = right.clone();
            arithmetic(op, &mut swapped, &left, true);
            for (swapped, values) in [(false, &column), (true, &swapped)] {
                let (mut some, other) = if swapped { (right.clone(), &left) } else { (left.clone(), &right) };
                arithmetic_at(op, &mut some, other, swapped, &[!0, 0b101]);
                assert!((0..65).chain([66]).all(|i| some[i].to_bits() == values[i].to_bits()), "{op:?}");
            }
            for i in 0..70 {
                let expected = calculate(op, left[i], right[i]).map(f64::to_bits);
                assert_eq!(Some(column[i].to_bits()), expected, "{op:?} {} {}", left[i], right[i]);
                assert_eq!(Some(swapped[i].to_bits()), expected);
            }
        }
        for op in [Eq, Ne, Lt, Le, Gt, Ge] {
            let mut bits = Vec::new();
            compare(op, &left, &right, &mut bits);
            let mut numbers = vec![9.0; 70];
            as_numbers(&bits, &mut numbers);
            for i in 0..70 {
                assert_eq!(numbers[i] == 1.0, holds(op, left[i], right[i]), "{op:?} {i}");
            }
        }
    }
}
