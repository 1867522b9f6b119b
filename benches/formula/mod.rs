//! Series made by formula: the same samples on every machine, without a file to carry around.
//!
//! A series has a number `i`; what is random about its sample `s` is `hash(i, s, k)`.

use ferula::model::{Histogram, HistogramSpan};

/// Spreads the bits of a number over all 64.
pub fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

/// Draw `k` for sample `s` of series `i`.
pub fn hash(i: u64, s: u64, k: u64) -> u64 {
    mix(mix(mix(i).wrapping_add(s)).wrapping_add(k))
}

/// When sample `s` of series `i` was taken, ms; up to `jitter` ms beside its slot.
pub fn time(i: u64, s: u64, interval: i64, jitter: u64) -> i64 {
    let off = if jitter == 0 { 0 } else { (hash(i, s, 9) % (2 * jitter + 1)) as i64 - jitter as i64 };
    s as i64 * interval + off
}

/// A counter that rises by up to 99 a sample, and starts anew about every `reset_every` samples
/// (0: never).
pub fn counter(i: u64, samples: u64, reset_every: u64) -> impl Iterator<Item = f64> {
    let mut value = 0;
    (0..samples).map(move |s| {
        if s > 0 && reset_every > 0 && hash(i, s, 1).is_multiple_of(reset_every) {
            value = 0;
        }
        value += hash(i, s, 0) % 100;
        value as f64
    })
}

/// A random walk in tenths.
pub fn gauge(i: u64, samples: u64) -> impl Iterator<Item = f64> {
    let mut value = 5000i64;
    (0..samples).map(move |s| {
        if s > 0 {
            value += (hash(i, s, 0) % 21) as i64 - 10;
        }
        value as f64 / 10.0
    })
}

/// Bucket `n % buckets` of classic histogram `n / buckets`: cumulative over the buckets below.
pub fn classic(n: u64, buckets: u64, samples: u64) -> impl Iterator<Item = f64> {
    let (group, own) = (n / buckets, n % buckets);
    let mut counts = vec![0; own as usize + 1];
    (0..samples).map(move |s| {
        for (k, count) in counts.iter_mut().enumerate() {
            *count += hash(group, s, k as u64) % 5;
        }
        counts.iter().sum::<u64>() as f64
    })
}

/// A native histogram with eight buckets that rise by up to 2 a sample.
pub fn native(i: u64, samples: u64) -> impl Iterator<Item = Histogram> {
    let mut counts = [0u64; 8];
    (0..samples).map(move |s| {
        for (k, count) in counts.iter_mut().enumerate() {
            *count += hash(i, s, k as u64) % 3;
        }
        let total = counts.iter().sum::<u64>() as f64;
        Histogram {
            schema: 2,
            zero_threshold: 0.001,
            count: total,
            sum: 1.5 * total,
            positive_spans: vec![HistogramSpan { offset: 0, length: 8 }],
            positive_buckets: counts.iter().map(|c| *c as f64).collect(),
            ..Histogram::default()
        }
    })
}

/// A ramp `s + i / of`: floats with all their digits in use.
pub fn ramp(i: u64, of: u64, samples: u64) -> impl Iterator<Item = f64> {
    (0..samples).map(move |s| s as f64 + i as f64 / of as f64)
}
