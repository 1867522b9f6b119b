//! `ferula query`: one expression, evaluated at a time or over a range.

use super::args::{OutputFormat, QueryArgs};
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::plot::{self, Canvas};
use super::time::{self, When};
use super::{diagnostic, load, note, options, table, why};
use crate::engine::{Engine, PreparedQuery, QueryError, QueryResult, Value};
use crate::result::Format;
use crate::source::Source;
use std::io::{self, IsTerminal, Read, Write};

pub(crate) fn run(args: &QueryArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.expr == "-" && args.data.data.iter().any(|d| d == "-" || d.starts_with("-,")) {
        return Err(Failure::Usage("standard input cannot be both the expression and the data".into()));
    }
    let text = expression(&args.expr)?;
    let engine = Engine::new(options::engine(&args.engine)?);
    // the query is read first: a typo need not wait for the data
    let query = prepare(&engine, &text)?;
    let interrupt = Interrupt::install();
    let data = load::load(&args.data)?;
    let query = query.with_cancel(interrupt.for_query());
    if data.is_none() && !selectors(&query).is_empty() {
        return Err(Failure::Usage("there is no data to query: give --data FILE or --demo".into()));
    }
    let data = data.unwrap_or_default();
    let when = time::when(&args.time, data.time_range().map(|r| (r.start, r.end)))?;
    if args.plot && matches!(when, When::At(_)) {
        return Err(Failure::Usage("--plot draws ranges: give --start, --end or --step".into()));
    }
    let result = evaluate(&query, &data, when).map_err(|e| failure(e, &text))?;
    write(&result, args, when, out)?;
    out.flush()?;
    for annotation in &result.annotations {
        note(&diagnostic::underlined(&annotation.rendered, &text, annotation.span));
    }
    if result.value.is_empty()
        && let Some(reason) = why::why_empty(&engine, &query, &data, when)
    {
        note(&format!("empty: {reason}"));
    }
    Ok(())
}

/// The text of a query, from standard input if it is `-`.
pub(crate) fn expression(arg: &str) -> Result<String, Failure> {
    if arg != "-" {
        return Ok(arg.to_owned());
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|e| Failure::Failed(format!("standard input: {e}")))?;
    Ok(text)
}

/// Parses a query; an error shows its place.
pub(crate) fn prepare(engine: &Engine, text: &str) -> Result<PreparedQuery, Failure> {
    engine.prepare(text).map_err(|e| failure(e, text))
}

/// A failed query for people: with the place of the query that failed, where it is known.
pub(crate) fn failure(error: QueryError, text: &str) -> Failure {
    let span = match &error {
        QueryError::Cancelled => return Failure::Interrupted,
        QueryError::Parse(e) => Some(e.span),
        QueryError::Execution { span, .. } => Some(*span),
        other => diagnostic::position(&other.to_string(), text),
    };
    let operator = match &error {
        QueryError::Limit { operator, .. } => format!(" (in {operator})"),
        _ => String::new(),
    };
    let message = format!("{error}{operator}");
    Failure::Failed(span.map_or(message.clone(), |span| diagnostic::underlined(&message, text, span)))
}

/// Evaluates at a time or over a range.
pub(crate) fn evaluate(query: &PreparedQuery, source: &dyn Source, when: When) -> Result<QueryResult, QueryError> {
    match when {
        When::At(time) => query.instant(source, time),
        When::Over(range) => query.range(source, range),
    }
}

/// The selectors of a query; none if it cannot even be planned, which evaluation will say better.
fn selectors(query: &PreparedQuery) -> Vec<crate::engine::QuerySelection> {
    query.selections(When::At(0).as_range()).unwrap_or_default()
}

fn write(result: &QueryResult, args: &QueryArgs, when: When, out: &mut dyn Write) -> Result<(), Failure> {
    let terminal = io::stdout().is_terminal();
    let width = terminal_size::terminal_size().map(|(w, _)| usize::from(w.0)).filter(|_| terminal);
    if args.plot
        && let Value::Matrix(matrix) = &result.value
    {
        let colour = terminal && std::env::var_os("NO_COLOR").is_none();
        return Ok(plot::write(matrix, Canvas { columns: width.unwrap_or(80), colour }, out)?);
    }
    let format = match args.output {
        OutputFormat::Table => return Ok(table::write(&result.value, when, width, out)?),
        OutputFormat::Json => Format::Json,
        OutputFormat::Csv => Format::Csv,
        OutputFormat::Ndjson => Format::Ndjson,
        OutputFormat::Promql => Format::Promql,
    };
    result.value.write(format, out)?;
    if format == Format::Json {
        out.write_all(b"\n")?;
    }
    Ok(())
}
