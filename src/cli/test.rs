//! `ferula test`: runs test scripts.

use super::args::TestArgs;
use super::failure::Failure;
use std::io::Write;

pub(crate) fn run(_args: &TestArgs, _out: &mut dyn Write) -> Result<(), Failure> {
    Err(Failure::Failed("test scripts cannot be run yet".into()))
}
