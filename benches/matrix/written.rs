//! Figures kept for readers: every row in `benches/RESULTS.md`, the sets in README; memory, which
//! another build measures, in `benches/MEMORY.md`.

use crate::args::Args;
use crate::peers;
use crate::report::{self, Compared};
use std::error::Error;
use std::fs;
use std::path::PathBuf;

const CAPTION: &str = "The peers read their compacted blocks through their index, Ferula its own packed blocks: each as a user gets it. \
Least CPU time of several runs by turns, result fully built, equality checked first.";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What ran where, for the line above a table.
fn circumstances(args: &Args) -> String {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": ")).map_or("unknown processor", |(_, model)| model);
    format!(
        "Ferula {}, Prometheus 3.16.0 and the Thanos engine of 2026-05-13; {} thread, {} to {} runs; {model}, {cores} cores. {CAPTION}",
        env!("CARGO_PKG_VERSION"),
        args.threads,
        args.runs,
        args.runs * peers::MOST
    )
}

/// Puts the tables where readers look for them.
pub fn write(all: &[Compared], args: &Args, summary: &str) -> Result<(), Box<dyn Error>> {
    let (title, command, name) = match args.peak {
        false => ("The benchmark matrix", "cargo bench --bench matrix -- --peers DIR --write", "benches/RESULTS.md"),
        true => (
            "Memory in the benchmark matrix",
            "cargo bench --no-default-features --features engine,parallel --bench matrix -- --peers DIR --peak --write",
            "benches/MEMORY.md",
        ),
    };
    let mut table =
        format!("# {title}\n\nMade by `{command}`; times in ms. {}\n\n{}\n", circumstances(args), report::head_compared(args.peak));
    for compared in all {
        table.push_str(&report::row_compared(compared, args.peak));
        table.push('\n');
    }
    table.push_str(summary);
    fs::write(file(name), table)?;
    if args.peak {
        return Ok(());
    }

    let readme = fs::read_to_string(file("README.md"))?;
    let (before, rest) = readme.split_once("<!-- matrix -->").ok_or("README has no place for the matrix")?;
    let (_, after) = rest.split_once("<!-- /matrix -->").ok_or("README's place for the matrix does not end")?;
    let text = format!("{before}<!-- matrix -->\n{}\n{summary}\n<!-- /matrix -->{after}", circumstances(args));
    fs::write(file("README.md"), text)?;
    Ok(())
}
