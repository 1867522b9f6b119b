//! What happens when: the plot of the six hours, as functions of the minute.

/// The instances, in the order in which the deploy reaches them.
pub(super) const INSTANCES: [&str; 3] = ["10.0.0.1:8000", "10.0.0.2:8000", "10.0.0.3:8000"];
/// How long after the round time each instance is scraped, ms before it.
pub(super) const SCRAPE_OFFSETS: [i64; 3] = [0, 4_000, 9_000];

const DEPLOY: f64 = 210.0;
/// The instance that hangs when it is restarted.
const HANGING: usize = 2;
const HANGS_FOR: f64 = 10.0;

/// The minute at which an instance is restarted.
pub(super) fn restart(instance: usize) -> f64 {
    DEPLOY + 3.0 * instance as f64
}

/// Whether a scrape of the instance fails.
pub(super) fn is_down(instance: usize, minute: f64) -> bool {
    instance == HANGING && (0.0..HANGS_FOR).contains(&(minute - restart(instance)))
}

/// A hill of height 1 around `centre`, 0 farther than `half` away; smooth.
fn hill(minute: f64, centre: f64, half: f64) -> f64 {
    let x = (minute - centre) / half;
    let inside = 1.0 - x * x;
    if inside > 0.0 { inside * inside } else { 0.0 }
}

/// From 0 at `from` to 1 at `to`, straight.
fn ramp(minute: f64, from: f64, to: f64) -> f64 {
    ((minute - from) / (to - from)).clamp(0.0, 1.0)
}

/// Requests per second of one instance.
pub(super) fn traffic(instance: usize, minute: f64) -> f64 {
    let share = if (0..INSTANCES.len()).any(|i| i != instance && is_down(i, minute)) { 1.5 } else { 1.0 };
    let morning = 1.0 + 0.25 * ramp(minute, 0.0, 360.0);
    let wave = 1.6 * hill(minute, 120.0, 50.0);
    20.0 * (1.0 + 0.05 * instance as f64) * (morning + wave) * share
}

/// The fraction of requests to the model that fail on the server's side.
pub(super) fn error_ratio(minute: f64) -> f64 {
    0.004 + 0.09 * hill(minute, 290.0, 8.0)
}

/// What latencies are multiplied with: a burst hurts a little, the regression at the end a lot.
pub(super) fn slowness(minute: f64) -> f64 {
    1.0 + 0.8 * hill(minute, 290.0, 8.0) + 0.3 * hill(minute, 120.0, 50.0) + 4.0 * ramp(minute, 318.0, 333.0)
}

/// How far the data has drifted from what the model was trained on, 0 to 1.
pub(super) fn drift(instance: usize, minute: f64) -> f64 {
    const LATE: [f64; 3] = [0.31, 0.25, 0.12];
    0.11 + LATE.get(instance).copied().unwrap_or(0.2) * ramp(minute, 230.0, 345.0)
}

/// A number in [0, 1) that depends on nothing but its arguments.
pub(super) fn noise(instance: usize, step: i64, stream: u64) -> f64 {
    let mut x =
        (instance as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (step as u64).wrapping_mul(0xd1b5_4a32_d192_ed03) ^ (stream << 48);
    // two rounds of xor, shift and multiply spread every input bit over the word
    for _ in 0..2 {
        x ^= x >> 32;
        x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    ((x ^ (x >> 32)) >> 11) as f64 / (1u64 << 53) as f64
}
