//! `ferula test`: runs test scripts.

use super::args::TestArgs;
use super::failure::Failure;
use crate::golden::{self, RunOptions};
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
        Some(path) => {
            std::fs::write(path, report.to_junit()).map_err(|e| Failure::Failed(format!("{}: {e}", path.display())))?;
            write!(out, "{report}")?;
        }
        None if args.json => writeln!(out, "{}", report.to_json())?,
        None => write!(out, "{report}")?,
    }
    if report.is_success() { Ok(()) } else { Err(Failure::Silent) }
}
