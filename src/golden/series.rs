//! The lines of series: samples and expectations (read by the parser's series notation), and the
//! start timestamps that only scripts know.

use super::script::Slot;
use crate::model::{ByteString, LabelSet, duration};
use crate::syntax::ast::Expr;
use crate::syntax::series::{SequenceValue, parse_series};
use crate::syntax::{ParseOptions, parse};

/// A series line, its repetitions written out.
pub(super) struct Line {
    pub(super) labels: LabelSet,
    pub(super) values: Vec<Slot>,
}

/// Reads a series line of at most `limit` values.
pub(super) fn parse_line(text: &str, limit: usize) -> Result<Line, String> {
    let series = parse_series(text, &ParseOptions::all()).map_err(|e| e.to_string())?;
    if series.values.len() > limit {
        return Err(format!("the line stands for more than {limit} values"));
    }
    let slot = |value| match value {
        SequenceValue::Omitted => Slot::Gap,
        SequenceValue::Float(value) => Slot::Float(value),
        SequenceValue::Histogram { histogram, hint_set } => Slot::Histogram { value: histogram, hint_written: hint_set },
    };
    Ok(Line { labels: series.labels, values: series.values.into_iter().map(slot).collect() })
}

/// Reads a text in quotes, as queries have them.
pub(super) fn parse_string(text: &str) -> Result<ByteString, String> {
    match parse(text, &ParseOptions::all()).map_err(|e| e.to_string())? {
        Expr::String(literal) if literal.span.end as usize == text.len() && literal.span.start == 0 => Ok(literal.value),
        _ => Err(format!("{text} is not a text in quotes")),
    }
}

/// The part of an `@st` line before its items, without the marker.
fn start_metric(line: &str) -> Option<(&str, &str)> {
    let (metric, items) = line.split_once(char::is_whitespace)?;
    Some((metric.strip_suffix("@st")?, items))
}

/// Whether a line gives start timestamps: `metric{labels}@st items…`, no spaces before the marker.
pub(super) fn is_start_line(line: &str) -> bool {
    start_metric(line).is_some()
}

/// A line of start timestamps.
#[derive(Debug)]
pub(super) struct StartLine {
    pub(super) labels: LabelSet,
    runs: Vec<Run>,
}

/// So many offsets, each `step` (ms) after the one before; without a first one, so many gaps.
#[derive(PartialEq, Debug)]
struct Run {
    first: Option<i64>,
    step: i64,
    count: u64,
}

/// Reads a line of start timestamps.
pub(super) fn parse_start_line(line: &str) -> Result<StartLine, String> {
    let (metric, items) = start_metric(line).ok_or("this is no @st line")?;
    let labels = parse_line(metric, 0)?.labels;
    let runs = items.split_whitespace().map(|item| parse_start_item(item).map_err(|e| format!("invalid @st item `{item}`: {e}")));
    Ok(StartLine { labels, runs: runs.collect::<Result<_, _>>()? })
}

impl StartLine {
    /// One offset for each of `samples` values.
    pub(super) fn expand(&self, samples: usize) -> Result<Vec<Option<i64>>, String> {
        let total = self.runs.iter().fold(0u64, |n, run| n.saturating_add(run.count));
        if total != samples as u64 {
            return Err(format!("the @st line has {total} values, the sample line after it {samples}"));
        }
        let mut offsets = Vec::with_capacity(samples);
        for run in &self.runs {
            let mut offset = run.first;
            for _ in 0..run.count {
                offsets.push(offset);
                offset = offset.map(|o| o.saturating_add(run.step));
            }
        }
        Ok(offsets)
    }
}

/// `_`, `_xN`, `d`, `dxN`, `d+dxN`, `d-dxN`, with durations of one unit.
fn parse_start_item(item: &str) -> Result<Run, String> {
    let count = |text: &str| {
        let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| all_digits).ok_or_else(|| "invalid repeat count".to_owned())
    };
    if let Some(rest) = item.strip_prefix('_') {
        let count = match rest.strip_prefix('x') {
            Some(n) => count(n)?,
            None if rest.is_empty() => 1,
            None => return Err("`_` can be followed by `xN` only".into()),
        };
        return if count == 0 { Err("invalid repeat count".into()) } else { Ok(Run { first: None, step: 0, count }) };
    }
    let (first, rest) = parse_offset(item)?;
    let (step, rest) = match rest.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => {
            let (step, rest) = parse_offset(&rest[1..])?;
            if rest.is_empty() {
                return Err("`xN` must follow the second duration".into());
            }
            (if *sign == b'-' { step.saturating_neg() } else { step }, rest)
        }
        _ => (0, rest),
    };
    let count = match rest.strip_prefix('x') {
        Some(n) => count(n)?.saturating_add(1),
        None if rest.is_empty() => 1,
        None => return Err(format!("unexpected `{rest}`")),
    };
    Ok(Run { first: Some(first), step, count })
}

/// A signed duration of one unit at the beginning of a text, ms, and what follows it.
fn parse_offset(text: &str) -> Result<(i64, &str), String> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let letters = body.bytes().skip(digits).take_while(|b| b.is_ascii_alphabetic() && *b != b'x').count();
    let (length, rest) = body.split_at(digits + letters);
    let ms = duration::parse(length).map_err(|e| e.to_string())?;
    Ok((if negative { -ms } else { ms }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(items: &str, samples: usize) -> Result<Vec<Option<i64>>, String> {
        let runs: Result<_, _> = items.split_whitespace().map(parse_start_item).collect();
        StartLine { labels: LabelSet::default(), runs: runs? }.expand(samples)
    }

    #[test]
    fn start_items() {
        assert_eq!(offsets("_ _x2 5s", 4), Ok(vec![None, None, None, Some(5000)]));
        assert_eq!(offsets("-1m+1sx2 0", 4), Ok(vec![Some(-60_000), Some(-59_000), Some(-58_000), Some(0)]));
        assert_eq!(offsets("1h-30mx1 -0ms", 3), Ok(vec![Some(3_600_000), Some(1_800_000), Some(0)]));
        assert_eq!(offsets("1s+-1sx1", 2), Ok(vec![Some(1000), Some(0)]));
        assert_eq!(offsets("0x1", 2), Ok(vec![Some(0), Some(0)]));
    }

    #[test]
    fn wrong_start_items() {
        for wrong in ["foo", "5", "1.5s", "-1m1s", "1s+1s", "1sx", "_x", "_x0", "1sx1x1", "00", "1S", "1foo", "stale", "_5", "1sé", "9999y"]
        {
            assert!(offsets(wrong, 1).is_err(), "{wrong}");
        }
        assert!(offsets("1s 1s", 3).is_err(), "too few");
        assert!(offsets("1sx18446744073709551615", 3).is_err(), "too many to count");
    }
}
