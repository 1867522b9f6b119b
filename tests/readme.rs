//! README shows real output: what stands between its markers is made here, and compared.
//!
//! `FERULA_UPDATE_README=1 cargo test --test readme` writes it anew.
#![cfg(feature = "cli")]

use ferula::functions::{self, Function};
use std::fmt::Write;
use std::process::Command;

/// Runs the program and gives stdout, then stderr, without colours.
fn ferula(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ferula")).args(args).env("NO_COLOR", "1").output().expect("the program runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn block(text: &str) -> String {
    format!("```text\n{}\n```\n", text.trim_end())
}

fn query() -> String {
    block(&ferula(&["query", "--demo", "sum by (path) (rate(churn_api_requests_total[5m]))"]))
}

fn errors() -> String {
    let mut text = String::new();
    for query in
        ["sum by (path (churn_api_requests_total)", "rate(churn_api_request_total[5m])", "churn_api_requests_total{status=\"418\"}"]
    {
        let _ = writeln!(text, "$ ferula query --demo '{query}'\n{}", ferula(&["query", "--demo", query]));
    }
    block(&text)
}

fn explain() -> String {
    let query = "histogram_quantile(0.95, sum by (le) (rate(churn_api_request_latency_seconds_bucket[5m])))";
    block(&ferula(&["explain", "--time", "2026-01-01T12:00:00Z", query]))
}

/// Constructs of the language with what shows that they work: from the function table and the
/// tally of the reference's scripts.
fn works() -> String {
    let mut text = String::from("| family | functions (experimental ones in italics) |\n| --- | --- |\n");
    let name = |f: &Function| if f.experimental { format!("*{}*", f.name) } else { f.name.to_string() };
    let (mut stable, mut experimental) = (0, 0);
    for (family, functions) in functions::families() {
        let names: Vec<String> = functions.iter().map(name).collect();
        experimental += functions.iter().filter(|f| f.experimental).count();
        stable += functions.iter().filter(|f| !f.experimental).count();
        let _ = writeln!(text, "| {family} | {} |", names.join(", "));
    }
    let _ = writeln!(text, "\n{stable} stable and {experimental} experimental functions, all of Prometheus 3.16.\n");
    let tally = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance.tally")).expect("the tally is there");
    let files: Vec<(&str, &str)> = tally.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once(' ')).collect();
    let total: usize = files.iter().filter_map(|(_, n)| n.trim().parse::<usize>().ok()).sum();
    let _ = writeln!(text, "| the reference's script | evals that hold |\n| --- | ---: |");
    for (file, passed) in &files {
        let _ = writeln!(text, "| {} | {} |", file.trim_end_matches(".test"), passed.trim());
    }
    let _ = writeln!(text, "| **all** | **{total}** |");
    text
}

#[test]
fn readme_shows_what_the_program_prints() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).expect("README is there");
    let mut wanted = readme.clone();
    for (name, text) in [("query", query()), ("errors", errors()), ("explain", explain()), ("works", works())] {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let from = wanted.find(&open).unwrap_or_else(|| panic!("README has no {open}")) + open.len();
        let to = from + wanted[from..].find(&close).unwrap_or_else(|| panic!("README has no {close}"));
        wanted.replace_range(from..to, &text);
    }
    if std::env::var_os("FERULA_UPDATE_README").is_some() {
        std::fs::write(path, &wanted).expect("README can be written");
        return;
    }
    assert!(readme == wanted, "README is not what the program prints: run FERULA_UPDATE_README=1 cargo test --test readme");
}
