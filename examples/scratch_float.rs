use ferula::model::{float::*, number::*};
fn main() {
    let mut bad = [0; 9];
    for l in std::fs::read_to_string("/tmp/hist-go/floats.txt").unwrap().lines() {
        let f: Vec<&str> = l.split(' ').collect();
        let b = |i: usize| u64::from_str_radix(f[i], 16).unwrap();
        let x = f64::from_bits(b(0));
        for (i, got) in [(1, ln(x)), (2, log2(x)), (3, log10(x)), (4, exp2(x))] {
            if got.to_bits() != b(i) && !(got.is_nan() && f64::from_bits(b(i)).is_nan()) { bad[i] += 1; if bad[i] < 5 { println!("{i} {x:?} {got:?} {:?}", f64::from_bits(b(i))); } }
        }
        for (i, got) in [(5, format_g(x)), (6, format_f(x)), (7, format_g_precision(x, 2)), (8, format_fixed(x, 6))] {
            if got != f[i] { bad[i] += 1; if bad[i] < 5 { println!("{i} {x:?} {got} {}", f[i]); } }
        }
    }
    println!("{bad:?}");
}
