//! The benchmark matrix: Ferula's time and memory on the queries of `benches/matrix.json`, alone or
//! beside Prometheus and Thanos.
//!
//! `table` reads the queries, `data` makes the samples, `measure` runs a row, `peers` asks other
//! programs for the same and checks that all agree, `report` prints, `written` keeps the figures for
//! readers.

#[path = "../allocator/mod.rs"]
mod allocator;
mod args;
mod data;
#[path = "../formula/mod.rs"]
mod formula;
mod measure;
mod peers;
mod report;
mod table;
mod written;

use args::Args;
use ferula::source::MemorySource;
use measure::{Report, measure, memory};
use std::error::Error;
use std::io::BufRead;
use std::process::{Command, ExitCode};
use std::time::Instant;
use table::{Row, Table};

fn main() -> ExitCode {
    run().unwrap_or_else(|e| {
        eprintln!("matrix: {e}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let Some(args) = args::parse(std::env::args().skip(1))? else { return Ok(ExitCode::SUCCESS) };
    let table = Table::read(&args.matrix)?;
    if args.interactive {
        return interactive(&args, &table);
    }
    let mut rows: Vec<&Row> =
        table.rows.iter().filter(|row| args.rows.is_match(&row.name) && args.data.as_ref().is_none_or(|data| *data == row.data)).collect();
    if rows.is_empty() {
        return Err("no row matches".into());
    }
    rows.sort_by(|a, b| a.data.cmp(&b.data));
    if args.peak {
        memory::check_allocator()?;
    }
    if let Some(dir) = &args.peers {
        return peers::compare(&args, dir, &rows);
    }
    if args.peak && !memory::is_frugal() {
        return frugal_self();
    }
    alone(&args, &table, &rows)
}

/// Runs this very command with an allocator that gives back what is freed, which must be settled
/// before a process begins.
fn frugal_self() -> Result<ExitCode, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(std::env::args_os().skip(1));
    memory::frugal(&mut command);
    Ok(if command.status()?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes a data set, on a thread of its own: its allocator leaves gaps behind, and a query that
/// found room there would seem to need no memory.
fn load(table: &Table, name: &str) -> Result<MemorySource, Box<dyn Error>> {
    let set = table.data.get(name).ok_or_else(|| format!("no data set {name}"))?;
    let started = Instant::now();
    let made = std::thread::scope(|scope| scope.spawn(|| data::load(set)).join());
    let source = made.map_err(|_| format!("{name} could not be made"))??;
    let (samples, bytes) = (source.sample_count(), source.sample_bytes());
    eprintln!("{name}: {samples} samples in {bytes} bytes, made in {:.1} s", started.elapsed().as_secs_f64());
    Ok(source)
}

/// Ferula's own figures.
fn alone(args: &Args, table: &Table, rows: &[&Row]) -> Result<ExitCode, Box<dyn Error>> {
    let engine = measure::engine(args.threads);
    if !args.json {
        report::head_alone(args.peak);
    }
    let mut failed = false;
    for group in rows.chunk_by(|a, b| a.data == b.data) {
        let Some(first) = group.first() else { continue };
        let source = load(table, &first.data)?;
        for row in group {
            measure(&engine, &source, row, 1, false)?;
            let report = measure(&engine, &source, row, args.runs, args.peak)?;
            failed |= report.error.is_some();
            if args.json {
                println!("{}", serde_json::to_string(&report)?);
            } else {
                report::row_alone(row, &report, args.peak);
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Answers row names as the peers' programs do, holding one data set at a time.
fn interactive(args: &Args, table: &Table) -> Result<ExitCode, Box<dyn Error>> {
    let engine = measure::engine(args.threads);
    let mut held: Option<(&str, MemorySource)> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let name = line.trim();
        let report = match table.rows.iter().find(|row| row.name == name) {
            None => Report { row: name.into(), error: Some("no such row".into()), ..Report::default() },
            Some(row) => {
                let source = match held.take() {
                    Some((data, source)) if data == row.data => source,
                    other => {
                        drop(other);
                        let source = load(table, &row.data)?;
                        measure(&engine, &source, row, 1, false)?;
                        source
                    }
                };
                let (_, source) = held.insert((&row.data, source));
                measure(&engine, source, row, 1, args.peak)?
            }
        };
        println!("{}", serde_json::to_string(&report)?);
    }
    Ok(ExitCode::SUCCESS)
}
