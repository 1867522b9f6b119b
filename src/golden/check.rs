//! Running one eval in all the ways that it must hold in.
//!
//! An instant query is asked as it is written, and with its selectors pinned to its time at other
//! times, negative ones among them; each of these as the middle step of a range query as well.

use super::compare::{check_instant, check_matrix, check_middle};
use super::notation;
use super::pin::pinned;
use super::report::{Mismatch, Row};
use super::script::{Eval, EvalTime, Expect, TextMatch};
use crate::engine::{Engine, PreparedQuery, QueryError, QueryResult, Range, Value};
use crate::model::Severity;
use crate::source::MemorySource;

/// Half the length of the range query around an instant query, and its step, ms.
const AROUND: i64 = 60_000;

/// Calls that make the range query around an instant query mean something else.
const RANGE_CALLS: [&str; 4] = ["start()", "end()", "range()", "step()"];

/// Runs an eval.
///
/// # Errors
/// How its first run that does not hold differs from what is expected.
pub(super) fn check(eval: &Eval, engine: &Engine, source: &MemorySource) -> Result<(), Mismatch> {
    if let Some(error) = eval.errors.first() {
        return Err(Mismatch::new(error.to_string()));
    }
    let prepared = match engine.prepare(&eval.query) {
        // The reference refuses a script with such a query, so it cannot be expected.
        Err(error @ QueryError::Parse(_)) => return Err(Mismatch::new(format!("the query does not parse: {error}"))),
        prepared => prepared,
    };
    match eval.time {
        EvalTime::Range(range) => {
            let result = prepared.and_then(|q| q.range(source, range));
            check_result(&eval.expect, result, |value| match value {
                Value::Matrix(matrix) => check_matrix(&eval.expect, &matrix.series, range),
                _ => Err(Mismatch::new("the answer of the range query is no matrix")),
            })
        }
        EvalTime::Instant(time) => {
            let pinnable = prepared.as_ref().ok().map(|q| q.expr().clone());
            // A range vector is asked for at the end of the range that is expected of it.
            let time = eval.expect.range.map_or(time, |range| range.end);
            check_one(eval, prepared, time, source)?;
            let Some(pinned) = pinnable.and_then(|expr| pinned(&expr, time)) else { return Ok(()) };
            let text = notation::query(&pinned);
            for at in other_times(time) {
                check_one(eval, engine.prepare(&text), at, source).map_err(|mut why| {
                    let ran = why.ran.take().map_or_else(String::new, |way| format!(", {way}"));
                    why.ran = Some(format!("{text} at {}{ran}", notation::time(at)));
                    why
                })?;
            }
            Ok(())
        }
    }
}

/// Times at which a query pinned to `time` is asked.
fn other_times(time: i64) -> Vec<i64> {
    if time == 0 {
        return vec![-1_000, 0, 1_000];
    }
    let far = time.saturating_mul(10);
    vec![far.saturating_neg(), 0, time / 5, time, far]
}

/// Asks an instant query, and the range query around it.
fn check_one(eval: &Eval, query: Result<PreparedQuery, QueryError>, time: i64, source: &MemorySource) -> Result<(), Mismatch> {
    let expect = &eval.expect;
    let mut scalar = false;
    let (result, query) = match query {
        Ok(query) => (query.instant(source, time), Some(query)),
        Err(error) => (Err(error), None),
    };
    check_result(expect, result, |value| {
        scalar = matches!(value, Value::Scalar { .. });
        check_instant(expect, value)
    })?;
    let Some(query) = query.filter(|q| {
        let unlike = RANGE_CALLS.iter().any(|call| q.text().contains(call));
        expect.fail.is_empty() && expect.string.is_none() && expect.range.is_none() && !unlike
    }) else {
        return Ok(());
    };
    let range = Range { start: time.saturating_sub(AROUND), end: time.saturating_add(AROUND), step: AROUND };
    let middle = match query.range(source, range) {
        Err(error) => Err(Mismatch::new(format!("the query fails: {error}"))),
        Ok(_) if expect.ordered => Ok(()),
        Ok(QueryResult { value: Value::Matrix(matrix), .. }) => check_middle(expect, &matrix.series, time, scalar),
        Ok(_) => Err(Mismatch::new("the answer of the range query is no matrix")),
    };
    middle.map_err(|mut why| {
        why.ran = Some(format!("the range query from {} to {} step 1m", notation::time(range.start), notation::time(range.end)));
        why
    })
}

/// Compares an outcome: failure or not, annotations, then the answer by `compare`.
fn check_result(
    expect: &Expect,
    result: Result<QueryResult, QueryError>,
    compare: impl FnOnce(&Value) -> Result<(), Mismatch>,
) -> Result<(), Mismatch> {
    let result = match (result, expect.fail.is_empty()) {
        (Ok(result), true) => result,
        (Ok(_), false) => return Err(Mismatch::new("the query is expected to fail, and it has an answer")),
        (Err(error @ QueryError::Unsupported(_)), _) | (Err(error), true) => {
            return Err(Mismatch::new(format!("the query fails: {error}")));
        }
        (Err(error), false) => {
            let text = error.to_string();
            return match expect.fail.iter().find(|wanted| !wanted.accepts(&text)) {
                None => Ok(()),
                Some(wanted) => Err(Mismatch::one("the query fails with another text", Row::new("", text, Some(wanted.to_string())))),
            };
        }
    };
    check_annotations(expect, &result)?;
    compare(&result.value)
}

/// The rendered annotations of a severity.
pub(super) fn texts(result: &QueryResult, severity: Severity) -> Vec<&str> {
    result.annotations.iter().filter(|a| a.severity == severity).map(|a| a.rendered.as_str()).collect()
}

fn check_annotations(expect: &Expect, result: &QueryResult) -> Result<(), Mismatch> {
    check_texts("warning", &expect.warn, expect.no_warn, &texts(result, Severity::Warning))?;
    check_texts("info", &expect.info, expect.no_info, &texts(result, Severity::Info))
}

/// Compares annotations of one kind.
pub(super) fn check_texts(kind: &str, wanted: &[TextMatch], none_wanted: bool, got: &[&str]) -> Result<(), Mismatch> {
    let mut mismatch = Mismatch::new("");
    if none_wanted || !wanted.is_empty() {
        for text in got.iter().filter(|text| none_wanted || !wanted.iter().any(|w| w.accepts(text))) {
            mismatch.add(&format!("{kind} not expected"), Row::new("", (*text).to_owned(), None));
        }
    }
    for wanted in wanted.iter().filter(|w| !got.iter().any(|text| w.accepts(text))) {
        mismatch.add(&format!("{kind} missing"), Row::missing("", wanted.to_string()));
    }
    mismatch.into_result()
}
