//! The scripts of `tests/scripts`: evaluation, step by step and error by error.
#![cfg(feature = "golden")]

use ferula::golden::{RunOptions, run};
use std::path::PathBuf;

#[test]
fn every_script_holds() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let report = run(&[folder], &RunOptions::default());
    assert!(report.is_success(), "{report}");
    assert!(report.passed() > 50, "only {} evals were found", report.passed());
}
