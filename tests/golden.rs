//! Every script below `golden/` holds. Nothing lists them: a new file is run because it is there.
#![cfg(feature = "golden")]

use ferula::golden::{RunOptions, run};
use std::path::Path;

#[test]
fn every_script_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let report = run(&[folder], &RunOptions::default());
    assert!(report.is_success(), "\n{report}");
}
