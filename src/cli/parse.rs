//! `ferula parse`: whether a text is an expression, and what the parser sees in it.

use super::args::ParseArgs;
use super::failure::Failure;
use super::{options, query};
use crate::engine::Engine;
use crate::syntax::to_json;
use std::io::Write;

pub(crate) fn run(args: &ParseArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let text = query::expression(&args.expr)?;
    let engine = Engine::new(options::engine(&args.engine)?);
    let prepared = query::prepare(&engine, &text)?;
    if args.json {
        writeln!(out, "{}", to_json(prepared.expr()))?;
        return Ok(());
    }
    writeln!(out, "{}", prepared.value_type().name())?;
    Ok(())
}
