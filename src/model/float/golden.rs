//! Known bits: `golden.txt` has a function's name, the bits of its arguments and those of its
//! value a line, as Go 1.26 computes them on amd64.

use super::*;

enum Known {
    One(fn(f64) -> f64),
    Two(fn(f64, f64) -> f64),
}

fn known(name: &str) -> Known {
    use Known::{One, Two};
    match name {
        "exp" => One(exp),
        "exp2" => One(exp2),
        "ln" => One(ln),
        "ln_1p" => One(ln_1p),
        "log2" => One(log2),
        "log10" => One(log10),
        "sin" => One(sin),
        "cos" => One(cos),
        "tan" => One(tan),
        "asin" => One(asin),
        "acos" => One(acos),
        "atan" => One(atan),
        "sinh" => One(sinh),
        "cosh" => One(cosh),
        "tanh" => One(tanh),
        "asinh" => One(asinh),
        "acosh" => One(acosh),
        "atanh" => One(atanh),
        "pow" => Two(pow),
        "atan2" => Two(atan2),
        "mod" => Two(|x, y| x % y),
        _ => panic!("no function {name}"),
    }
}

fn number(bits: &str) -> f64 {
    if bits == "NaN" { f64::NAN } else { f64::from_bits(u64::from_str_radix(bits, 16).unwrap()) }
}

#[test]
fn values_equal_those_of_go_to_the_bit() {
    let mut lines = 0;
    for line in include_str!("golden.txt").lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, numbers) = (words[0], words[1..].iter().map(|bits| number(bits)).collect::<Vec<_>>());
        let (value, expected) = match (known(name), &numbers[..]) {
            (Known::One(f), [x, expected]) => (f(*x), expected),
            (Known::Two(f), [x, y, expected]) => (f(*x, *y), expected),
            _ => panic!("arguments: {line}"),
        };
        let equal = value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan();
        assert!(equal, "{line}: {name}{:?} is {value:?}, should be {expected:?}", &numbers[..numbers.len() - 1]);
        lines += 1;
    }
    assert!(lines > 600, "{lines} lines");
}
