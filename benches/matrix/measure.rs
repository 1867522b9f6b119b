//! One row, run and measured as the peers' programs measure theirs.

use crate::table::Row;
use ferula::engine::{QueryError, Range, Value};
use ferula::source::Source;
use ferula::{Engine, EngineOptions};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::time::{Duration, Instant};

/// What a row gave and took; the fields are those of the peers' programs.
#[derive(Serialize, Deserialize, Clone, Default)]
pub struct Report {
    pub row: String,
    pub engine: String,
    pub version: String,
    pub threads: usize,
    /// How often it was run, warm-up aside.
    pub runs: usize,
    /// User and system time of the process: the least of the runs.
    pub cpu_ms: f64,
    /// Its median (of an even number, the later of the two in the middle).
    pub cpu_median_ms: f64,
    /// The least of the runs.
    pub wall_ms: f64,
    /// Not counted here: that would take an allocator of our own.
    pub allocated_bytes: Option<u64>,
    /// How far the resident set grew, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<i64>,
    /// Series of the result.
    pub series: u64,
    /// Points of the result.
    pub points: u64,
    /// Sum of the finite values, from left to right; a histogram counts with its observations.
    pub sum: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The engine with the limits and switches that the peers' programs set.
pub fn engine(threads: usize) -> Engine {
    Engine::new(EngineOptions { max_samples: 50_000_000, threads, ..EngineOptions::promqltest() })
}

/// Runs a row some times over. An error of the query is part of the report.
///
/// # Errors
/// Where this system tells no CPU time.
pub fn measure(engine: &Engine, source: &dyn Source, row: &Row, runs: usize, peak: bool) -> Result<Report, Box<dyn Error>> {
    let mut report = Report {
        row: row.name.clone(),
        engine: "ferula".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        threads: engine.options().threads,
        runs,
        ..Report::default()
    };
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let before = if peak { memory::reset_peak() } else { None };
        let (cpu_before, wall_before) = (cpu_time()?, Instant::now());
        let outcome = once(engine, source, row);
        wall.push(wall_before.elapsed());
        cpu.push(cpu_time()?.saturating_sub(cpu_before));
        if let Some(grown) = before.and_then(|before| Some(memory::peak()? - before)) {
            report.peak_bytes = report.peak_bytes.max(Some(grown));
        }
        match outcome {
            Ok(Outcome { series, points, sum }) => (report.series, report.points, report.sum) = (series, points, sum),
            Err(e) => {
                report.error = Some(e.to_string());
                return Ok(report);
            }
        }
    }
    cpu.sort();
    wall.sort();
    let ms = |times: &[Duration], at: usize| times.get(at).map_or(0.0, |t| t.as_secs_f64() * 1000.0);
    (report.cpu_ms, report.cpu_median_ms, report.wall_ms) = (ms(&cpu, 0), ms(&cpu, runs / 2), ms(&wall, 0));
    Ok(report)
}

/// What a result is compared by.
#[derive(Default)]
struct Outcome {
    series: u64,
    points: u64,
    sum: f64,
}

impl Outcome {
    fn add(&mut self, value: f64) {
        self.points += 1;
        if value.is_finite() {
            self.sum += value;
        }
    }
}

/// Parses, runs, walks the result and drops it: all that a user of any of the engines pays.
fn once(engine: &Engine, source: &dyn Source, row: &Row) -> Result<Outcome, QueryError> {
    let query = engine.prepare(&row.query)?;
    let result = if row.step_ms == 0 {
        query.instant(source, row.end_ms)?
    } else {
        query.range(source, Range { start: row.start_ms, end: row.end_ms, step: row.step_ms })?
    };
    let mut outcome = Outcome::default();
    match &result.value {
        Value::Scalar { value, .. } => outcome.add(*value),
        Value::String { .. } => {}
        Value::Vector(samples) => {
            outcome.series = samples.len() as u64;
            for sample in samples {
                match &sample.value {
                    ferula::engine::Point::Float(value) => outcome.add(*value),
                    ferula::engine::Point::Histogram(histogram) => outcome.add(histogram.count),
                }
            }
        }
        Value::Matrix(matrix) => {
            outcome.series = matrix.series.len() as u64;
            for series in &matrix.series {
                let floats = &*series.floats;
                for (i, value) in series.values.iter().enumerate() {
                    if floats.get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1) {
                        outcome.add(*value);
                    }
                }
                for (_, histogram) in series.histograms.iter() {
                    outcome.add(histogram.count);
                }
            }
        }
    }
    Ok(outcome)
}

/// User and system time of all threads since the process began.
#[cfg(unix)]
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Ok(Duration::new(time.tv_sec.try_into()?, time.tv_nsec.try_into()?))
}

#[cfg(not(unix))]
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    Err("this system tells no CPU time of a process".into())
}

/// The resident set, as Linux tells it; nothing is known elsewhere.
pub mod memory {
    use std::process::Command;

    /// What makes the C library's allocator give memory back as soon as it is freed. With its
    /// usual caches a run would find the memory of the one before, and seem to need none.
    const TUNABLES: &str = "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0:glibc.malloc.trim_threshold=0:\
        glibc.malloc.top_pad=0:glibc.malloc.mmap_threshold=65536";
    const VARIABLE: &str = "GLIBC_TUNABLES";

    /// Refuses what cannot be measured: mimalloc gives back the memory of earlier work while a
    /// query runs, and the query seems to need less than none.
    pub fn check_allocator() -> Result<(), &'static str> {
        if cfg!(feature = "mimalloc") {
            return Err("memory is measured under the C library's allocator: cargo bench --no-default-features --features engine,parallel");
        }
        Ok(())
    }

    /// Has a program give back what it frees.
    pub fn frugal(command: &mut Command) {
        command.env(VARIABLE, TUNABLES);
    }

    /// Whether this process was started so.
    pub fn is_frugal() -> bool {
        std::env::var(VARIABLE).is_ok_and(|set| set == TUNABLES)
    }

    /// Forgets the highest size so far, and tells the present one in bytes. Nothing where the
    /// system does not let it be forgotten.
    pub fn reset_peak() -> Option<i64> {
        std::fs::write("/proc/self/clear_refs", "5").ok()?;
        status("VmRSS:")
    }

    /// The highest size since [`reset_peak`], bytes.
    pub fn peak() -> Option<i64> {
        status("VmHWM:")
    }

    fn status(field: &str) -> Option<i64> {
        let text = std::fs::read_to_string("/proc/self/status").ok()?;
        let value = text.lines().find_map(|line| line.strip_prefix(field))?;
        let kilobytes: i64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }
}
