//! `ferula fmt`: expressions in the standard layout.

use super::args::FmtArgs;
use super::failure::Failure;
use std::io::Write;

pub(crate) fn run(_args: &FmtArgs, _out: &mut dyn Write) -> Result<(), Failure> {
    Err(Failure::Failed("expressions cannot be printed yet".into()))
}
