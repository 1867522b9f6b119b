//! The command line program: reads flags and files, asks the library, prints.
//!
//! [`main`] is all that the binary calls. A command is a function from its flags to its exit
//! status; what it prints goes through the writer that it is given, so that a closed pipe ends
//! the program quietly. Everything that can be computed without a terminal lives in the library.

mod args;
mod catalog;
mod diagnostic;
mod explain;
mod failure;
mod fmt;
mod functions;
mod interrupt;
mod load;
mod options;
mod parse;
mod plot;
mod progress;
mod query;
mod spec;
mod table;
mod test;
mod time;
mod why;

use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use failure::Failure;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// Runs the program with the flags of the process; the exit status is 0 if all went well, 1 if
/// something failed, 2 if the flags were wrong, 130 if the user interrupted.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let done = run(cli, &mut out).and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // what was printed before the failure belongs to the answer
            let _ = out.flush();
            if !failure.is_broken_pipe() && !matches!(failure, Failure::Silent) {
                note(&format!("error: {failure}"));
            }
            failure.exit_code()
        }
    }
}

fn run(cli: Cli, out: &mut dyn Write) -> Result<(), Failure> {
    match cli.command {
        Command::Query(args) => query::run(&args, out),
        Command::Fmt(args) => fmt::run(&args, out),
        Command::Explain(args) => explain::run(&args, out),
        Command::Parse(args) => parse::run(&args, out),
        Command::Functions(args) => functions::run(&args, out),
        Command::Metrics(args) => catalog::metrics(&args, out),
        Command::Series(args) => catalog::series(&args, out),
        Command::Labels(args) => catalog::labels(&args, out),
        Command::Test(args) => test::run(&args, out),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "ferula", &mut script);
            Ok(out.write_all(&script)?)
        }
    }
}

/// A line on standard error; that nobody reads it is no reason to fail.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
