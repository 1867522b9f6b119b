//! Test scripts.

use crate::golden::{Outcome, RunOptions, run_text};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    passed: usize,
    failed: usize,
    updated: usize,
    cases: Vec<Case>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_text: Option<String>,
    elapsed_ms: f64,
}

#[derive(Serialize)]
struct Case {
    line: usize,
    command: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ran: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    series: String,
    got: Option<String>,
    wanted: Option<String>,
}

/// Runs a script over a storage of its own.
pub(super) fn run(text: &str, update: bool) -> Report {
    let mut options = RunOptions { update, ..RunOptions::default() };
    options.engine.threads = 1;
    let (report, updated_text) = run_text("script", text, &options);
    let (passed, failed, updated) = (report.passed(), report.failed(), report.updated());
    let cases = report.cases.into_iter().map(|case| {
        let base = Case { line: case.line, command: case.command, status: "passed", problem: None, ran: None, rows: Vec::new() };
        match case.outcome {
            Outcome::Passed => base,
            Outcome::Updated => Case { status: "updated", ..base },
            Outcome::Failed(why) => {
                let rows = why.rows.into_iter().map(|r| Row { series: r.series, got: r.got, wanted: r.wanted }).collect();
                Case { status: "failed", problem: Some(why.problem), ran: why.ran, rows, ..base }
            }
        }
    });
    Report { passed, failed, updated, cases: cases.collect(), updated_text, elapsed_ms: report.elapsed.as_secs_f64() * 1000.0 }
}
