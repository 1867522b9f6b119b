//! New expectations for an eval that does not hold, in the layout of the old ones.
//!
//! A line stays as it is wherever it still holds. What is written is read and run again before it
//! is accepted, so that an update either makes the eval hold or changes nothing.

use super::block_text::{Body, Kind, values_start};
use super::check::{check, check_texts, texts};
use super::compare::same_series;
use super::notation;
use super::parse::parse;
use super::script::{Command, Eval, EvalTime, Form};
use crate::engine::{Engine, Matrix, Point, QueryError, QueryResult, Range, Value};
use crate::model::{LabelSet, Severity};
use crate::source::MemorySource;

/// How much of the texts of errors and annotations is written down. Positions in them can differ
/// between the runs of one eval, so less may be needed.
#[derive(Clone, Copy, PartialEq)]
enum Texts {
    Whole,
    Any,
}

/// The new lines of an eval's block; `None` if no rewriting makes it hold.
pub(super) fn rewrite(eval: &Eval, raw: &[&str], engine: &Engine, source: &MemorySource) -> Option<Vec<String>> {
    if !eval.errors.is_empty() {
        return None;
    }
    let old = raw.get(eval.line.checked_sub(1)?..eval.end.checked_sub(1)?)?;
    let prepared = engine.prepare(&eval.query);
    if let Err(QueryError::Parse(_)) = prepared {
        return None;
    }
    let time = |t| eval.expect.range.map_or(t, |r: Range| r.end);
    let result = prepared.and_then(|q| match eval.time {
        EvalTime::Instant(t) => q.instant(source, time(t)),
        EvalTime::Range(range) => q.range(source, range),
    });
    [Texts::Whole, Texts::Any].into_iter().find_map(|how| {
        let lines = propose(eval, old, &result, how)?;
        let text: Vec<&str> = lines.iter().map(String::as_str).collect();
        match parse(&text.join("\n")).commands.as_slice() {
            [Command::Eval(new)] if check(new, engine, source).is_ok() => Some(closed(lines, raw.get(eval.end - 1).copied())),
            _ => None,
        }
    })
}

/// The lines with a blank one after them where the old block ended without one: at a number.
fn closed(mut lines: Vec<String>, next: Option<&str>) -> Vec<String> {
    let open = next.is_some_and(|l| !l.trim().is_empty() && !l.trim().starts_with('#'));
    let at_number = lines.len() > 1 && lines.last().is_some_and(|l| crate::model::number::parse_number(l.trim()).is_ok());
    if open && !at_number {
        lines.push(String::new());
    }
    lines
}

/// The whole script with the new blocks in the place of the old ones; a block reaches from its
/// first line up to, not including, the second number, both from 1.
pub(super) fn apply(raw: &[&str], edits: Vec<(usize, usize, Vec<String>)>) -> String {
    let mut lines: Vec<String> = Vec::with_capacity(raw.len());
    let mut next = 1;
    for (first, end, new) in edits {
        lines.extend(raw.iter().take(first - 1).skip(next - 1).map(|l| (*l).to_owned()));
        lines.extend(new);
        next = end;
    }
    lines.extend(raw.iter().skip(next - 1).map(|l| (*l).to_owned()));
    lines.join("\n")
}

fn propose(eval: &Eval, old: &[&str], result: &Result<QueryResult, QueryError>, how: Texts) -> Option<Vec<String>> {
    let mut body = Body::read(old)?;
    match result {
        Err(QueryError::Unsupported(_)) => return None,
        Err(error) => {
            let text = error.to_string();
            let whole = how == Texts::Whole && !text.is_empty() && text == text.trim() && !text.contains('\n');
            body.keep(|kind| matches!(kind, Kind::Fail));
            if eval.form != Form::Fail {
                body.set_word("eval");
            }
            let line = if whole { format!("expect fail msg: {text}") } else { "expect fail".into() };
            body.replace(&Kind::Fail, vec![line]);
        }
        Ok(result) => {
            body.keep(|kind| !matches!(kind, Kind::Fail));
            if eval.form == Form::Fail {
                body.set_word("eval");
            }
            write_annotations(&mut body, eval, result, how);
            write_value(&mut body, eval, &result.value)?;
        }
    }
    Some(body.into_lines())
}

fn write_annotations(body: &mut Body, eval: &Eval, result: &QueryResult, how: Texts) {
    let kinds = [
        (Severity::Warning, Kind::Warn, "warn", Form::Warn, &eval.expect.warn, eval.expect.no_warn),
        (Severity::Info, Kind::Info, "info", Form::Info, &eval.expect.info, eval.expect.no_info),
    ];
    for (severity, kind, word, form, wanted, none) in kinds {
        let got = texts(result, severity);
        if how == Texts::Whole && check_texts(word, wanted, none, &got).is_ok() {
            continue;
        }
        if wanted.is_empty() && !none {
            continue;
        }
        if eval.form == form && got.is_empty() {
            body.set_word("eval");
        }
        let lines = match (got.is_empty(), how) {
            (true, _) => vec![format!("expect no_{word}")],
            (false, Texts::Any) => vec![format!("expect {word}")],
            (false, Texts::Whole) => got.iter().map(|text| format!("expect {word} msg: {text}")).collect(),
        };
        body.replace(&kind, lines);
    }
}

fn write_value(body: &mut Body, eval: &Eval, value: &Value) -> Option<()> {
    body.keep(|kind| match kind {
        Kind::String => matches!(value, Value::String { .. }),
        Kind::Scalar => matches!(value, Value::Scalar { .. }),
        Kind::Series => matches!(value, Value::Vector(_) | Value::Matrix(_)),
        Kind::Ordered => matches!((value, eval.time), (Value::Vector(_), _)),
        Kind::Range => matches!(value, Value::Matrix(_)),
        _ => true,
    });
    match value {
        Value::String { value, .. } => {
            let text = crate::model::quote::quote(value.as_bytes());
            body.replace(&Kind::String, vec![format!("expect string {text}")]);
        }
        Value::Scalar { value, .. } => body.replace(&Kind::Scalar, vec![notation::float(*value)]),
        Value::Vector(samples) => {
            let got: Vec<(LabelSet, Vec<Option<Point>>)> =
                samples.iter().map(|s| (s.labels.clone(), vec![Some(s.value.clone())])).collect();
            write_series(body, eval, &got);
        }
        Value::Matrix(matrix) => {
            let range = match (eval.time, eval.expect.range) {
                (EvalTime::Range(range), _) => range,
                (EvalTime::Instant(_), Some(range)) if fits(matrix, range) => range,
                (EvalTime::Instant(time), _) => {
                    let range = range_of(matrix, time)?;
                    let [from, to, step] = [range.start, range.end, range.step].map(notation::time);
                    body.replace(&Kind::Range, vec![format!("expect range vector from {from} to {to} step {step}")]);
                    range
                }
            };
            let mut got = Vec::with_capacity(matrix.series.len());
            for series in &matrix.series {
                let mut points: Vec<Option<Point>> = Vec::new();
                for (time, value) in series.points() {
                    let step = usize::try_from(time.checked_sub(range.start)?.checked_div(range.step).unwrap_or(0)).ok()?;
                    points.resize(step.max(points.len()), None);
                    points.push(Some(value));
                }
                got.push((series.labels.clone(), points));
            }
            write_series(body, eval, &got);
        }
    }
    Some(())
}

/// Whether all points lie at steps of a range, and the range ends with the last one: a range
/// vector is asked for at its end.
fn fits(matrix: &Matrix, range: Range) -> bool {
    let at_step = |t: i64| match range.step {
        0 => t == range.start,
        step => t >= range.start && t <= range.end && (t - range.start) % step == 0,
    };
    matrix.series.iter().all(|s| s.points().all(|(t, _)| at_step(t)))
}

/// The coarsest range that has all points at its steps and ends at `end`; `None` if there is none
/// that a script can name.
fn range_of(matrix: &Matrix, end: i64) -> Option<Range> {
    let times = || matrix.series.iter().flat_map(|s| s.times.iter().copied());
    let start = times().min().unwrap_or(end);
    if start < 0 || times().any(|t| t > end) {
        return None;
    }
    let mut step = end.checked_sub(start)?;
    for time in times() {
        let (mut a, mut b) = (step, time.checked_sub(start)?);
        while b != 0 {
            (a, b) = (b, a.checked_rem(b)?);
        }
        step = a;
    }
    Some(Range { start, end, step: if step == 0 { 60_000 } else { step } })
}

/// Writes the series: old lines that hold stay, those of other values keep their name as written,
/// new ones follow. In the order of the result where that is expected, else in the old order.
fn write_series(body: &mut Body, eval: &Eval, got: &[(LabelSet, Vec<Option<Point>>)]) {
    let old = body.take_series();
    // Of two lines with the same labels the last one counts.
    let line_of = |labels: &LabelSet| eval.expect.series.iter().rposition(|s| s.labels == *labels);
    let written = |labels: &LabelSet, points: &[Option<Point>]| {
        let known = line_of(labels).and_then(|i| Some((eval.expect.series.get(i)?, old.get(i)?)));
        let hint = known.is_some_and(|(s, _)| s.values.iter().any(super::script::Slot::has_written_hint));
        let text = || notation::join_runs(points.iter().map(|p| p.as_ref().map_or_else(|| "_".into(), |p| notation::point(p, hint))));
        match known {
            Some((expected, line)) if same_series(points, &expected.values) => line.clone(),
            Some((_, line)) => {
                let (name, gap) = values_start(line);
                format!("{name}{gap}{}", text())
            }
            None => format!("{} {}", notation::metric(labels), text()),
        }
    };
    let mut order: Vec<usize> = (0..got.len()).collect();
    if !eval.expect.ordered {
        let line = |i: usize| got.get(i).and_then(|(labels, _)| line_of(labels)).unwrap_or(usize::MAX);
        crate::model::order::sort_by(&mut order, |a, b| line(*a).cmp(&line(*b)));
    }
    let lines = order.into_iter().filter_map(|i| got.get(i)).map(|(labels, points)| written(labels, points)).collect();
    body.put_series(lines);
}
