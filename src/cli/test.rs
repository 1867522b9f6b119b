//! `ferula test`: runs test scripts.

use super::args::TestArgs;
use super::failure::Failure;
use crate::golden::{self, RunOptions, RunReport, Tally};
use std::io::Write;
use std::path::Path;

pub(crate) fn run(args: &TestArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let filter = match &args.run {
        None => None,
        Some(text) => Some(regex::Regex::new(text).map_err(|e| Failure::Usage(format!("--run: {e}")))?),
    };
    let report = golden::run(&args.path, &RunOptions { filter, update: args.update, ..RunOptions::default() });
    match &args.junit {
        Some(path) if path == Path::new("-") => out.write_all(report.to_junit().as_bytes())?,
        Some(path) => std::fs::write(path, report.to_junit()).map_err(|e| told(path, e))?,
        None => {}
    }
    let quiet = args.junit.as_deref() == Some(Path::new("-"));
    match &args.tally {
        Some(file) => return tally(file, args.raise, &report, quiet, out),
        None if args.json => writeln!(out, "{}", report.to_json())?,
        None if quiet => {}
        None => write!(out, "{report}")?,
    }
    if report.is_success() { Ok(()) } else { Err(Failure::Silent) }
}

fn tally(file: &Path, raise: bool, report: &RunReport, quiet: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let text = match std::fs::read_to_string(file) {
        // The first numbers have to come from somewhere.
        Err(e) if raise && e.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|e| told(file, e))?,
    };
    let mut tally: Tally = text.parse().map_err(|e| told(file, e))?;
    let compared = tally.compare(report);
    if !quiet {
        write!(out, "{compared}")?;
        for problem in &report.problems {
            writeln!(out, "error: {problem}")?;
        }
    }
    if raise {
        tally.raise(report);
        std::fs::write(file, tally.to_string()).map_err(|e| told(file, e))?;
    }
    if compared.holds() && report.problems.is_empty() { Ok(()) } else { Err(Failure::Silent) }
}

fn told(file: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Failed(format!("{}: {error}", file.display()))
}
