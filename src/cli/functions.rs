//! `ferula functions`: the table of functions for people and programs.

use super::args::FunctionsArgs;
use super::failure::Failure;
use super::table::Table;
use crate::functions::{self, Function};
use serde_json::json;
use std::io::Write;

pub(crate) fn run(args: &FunctionsArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let wanted = |f: &&Function| args.name.is_empty() || args.name.iter().any(|n| f.name.contains(n.as_str()));
    let mut found: Vec<&Function> = functions::all().filter(wanted).collect();
    found.sort_by_key(|f| f.name);
    if found.is_empty() {
        return Err(Failure::Failed(format!("no function is called like {}", args.name.join(" or "))));
    }
    if args.json {
        let list: Vec<_> = found.iter().map(|f| entry(f)).collect();
        writeln!(out, "{}", serde_json::Value::from(list))?;
        return Ok(());
    }
    let header = ["function", "stability", "computes", "example"].map(str::to_owned).to_vec();
    let mut table = Table::new(header, Vec::new());
    for f in found {
        table.push(vec![f.signature(), stability(f).into(), f.doc.into(), f.example.into()]);
    }
    Ok(table.write(out)?)
}

fn stability(f: &Function) -> &'static str {
    if f.experimental { "experimental" } else { "stable" }
}

fn entry(f: &Function) -> serde_json::Value {
    json!({
        "name": f.name,
        "signature": f.signature(),
        "stability": stability(f),
        "doc": f.doc,
        "example": f.example,
        "args": f.args.iter().map(|a| a.api_name()).collect::<Vec<_>>(),
        "minArgs": f.min_args(),
        "maxArgs": f.max_args(),
        "returns": f.returns.api_name(),
    })
}
