//! `ferula explain`: the plan of an expression, without data.

use super::args::ExplainArgs;
use super::failure::Failure;
use super::{options, query, time};
use crate::engine::Engine;
use std::io::Write;

pub(crate) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let text = query::expression(&args.expr)?;
    let engine = Engine::new(options::engine(&args.engine)?);
    let prepared = query::prepare(&engine, &text)?;
    let when = time::when(&args.time, None)?;
    let plan = prepared.explain(when.as_range()).map_err(|e| query::failure(e, &text))?;
    writeln!(out, "{}", plan.trim_end())?;
    Ok(())
}
