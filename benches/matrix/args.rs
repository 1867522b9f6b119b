//! The command line of the bench.

use regex::Regex;
use std::error::Error;
use std::path::PathBuf;

pub const USAGE: &str = "\
cargo bench --bench matrix -- [OPTIONS]
  --rows REGEX    only rows whose name matches
  --data NAME     only rows on this data set
  --runs N        runs of a row, after one to warm up (5); beside peers up to 5 times as many of a
                  row that takes less than two seconds
  --threads N     worker threads (1)
  --peak          also measure how far the resident set grows, in processes of their own beside peers;
                  built with `--no-default-features --features engine,parallel`
  --json          a JSON line a row (and engine), instead of a Markdown table
  --peers DIR     compare with the programs `oracle` (Prometheus) and `thanos` in this folder
  --write         put what came of a comparison into README.md and benches/RESULTS.md, with --peak
                  into benches/MEMORY.md
  --matrix FILE   the table of data and queries (benches/matrix.json)
  --interactive   read row names from standard input, run each once, answer each with a JSON line";

/// What to do.
pub struct Args {
    pub rows: Regex,
    pub data: Option<String>,
    pub runs: usize,
    pub threads: usize,
    pub peak: bool,
    pub json: bool,
    pub peers: Option<PathBuf>,
    pub matrix: PathBuf,
    pub interactive: bool,
    pub write: bool,
}

/// Reads the arguments; nothing if there is nothing to do.
pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Args>, Box<dyn Error>> {
    let mut out = Args {
        rows: Regex::new("")?,
        data: None,
        runs: 5,
        threads: 1,
        peak: false,
        json: false,
        peers: None,
        matrix: [env!("CARGO_MANIFEST_DIR"), "benches", "matrix.json"].iter().collect(),
        interactive: false,
        write: false,
    };
    let mut asked = false;
    while let Some(arg) = args.next() {
        asked = true;
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value\n{USAGE}"));
        match arg.as_str() {
            // Cargo's own, which only `cargo bench` passes.
            "--bench" => {}
            "--rows" => out.rows = Regex::new(&value()?)?,
            "--data" => out.data = Some(value()?),
            "--runs" => out.runs = value()?.parse::<usize>()?.max(1),
            "--threads" => out.threads = value()?.parse::<usize>()?.max(1),
            "--peak" => out.peak = true,
            "--json" => out.json = true,
            "--peers" => out.peers = Some(value()?.into()),
            "--matrix" => out.matrix = value()?.into(),
            "--write" => out.write = true,
            "--interactive" => out.interactive = true,
            "--help" | "-h" => {
                println!("{USAGE}");
                return Ok(None);
            }
            _ => return Err(format!("unknown argument {arg}\n{USAGE}").into()),
        }
    }
    if !asked {
        println!("{USAGE}");
    }
    Ok(asked.then_some(out))
}
