//! Answers questions as the reference's oracle does, so that the answers can be compared.
//!
//! `conform MODE [FILE]` reads one JSON value a line from the file, or from standard input, and
//! answers each with one line at once. Mode `page` reads metrics pages.

mod eval;
mod page;
mod parse;

use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let answer = match args.next().as_deref() {
        Some("eval") => eval::answer,
        Some("page") => page::answer,
        Some("parse") => parse::answer,
        _ => {
            eprintln!("usage: conform eval|page|parse [FILE]");
            return ExitCode::from(2);
        }
    };
    match each_line(args.next(), answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conform: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Calls `answer` for each line, puts the case's id into what it returns, and prints that.
fn each_line(file: Option<String>, answer: fn(&Value) -> Result<Map<String, Value>, String>) -> std::io::Result<()> {
    let input: Box<dyn BufRead> = match file {
        Some(file) => Box::new(BufReader::new(std::fs::File::open(file)?)),
        None => Box::new(std::io::stdin().lock()),
    };
    let mut out = std::io::stdout().lock();
    for line in input.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let case: Value = serde_json::from_str(&line).unwrap_or_default();
        let mut object = answer(&case).unwrap_or_else(|error| Map::from_iter([("error".to_owned(), json!(error))]));
        if let Some(id) = case.get("id").filter(|id| !id.is_null()) {
            object.insert("id".to_owned(), id.clone());
        }
        serde_json::to_writer(&mut out, &Value::Object(object))?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}
