//! Time that a bench takes for itself.

use std::time::Duration;

/// Processor time of the process so far: what else the machine does hardly shows in it.
#[cfg(unix)]
pub fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}

/// Where the system tells no such time: that of a clock.
#[cfg(not(unix))]
pub fn now() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Nanoseconds that the work takes.
pub fn of(work: impl FnOnce()) -> f64 {
    let start = now();
    work();
    now().saturating_sub(start).as_nanos() as f64
}
