//! Filling the storage of a script.

use super::nhcb;
use super::notation::metric;
use super::script::{Load, LoadSeries, ScriptError, Slot};
use crate::model::{HashMap, LabelSet};
use crate::source::MemorySource;
use crate::source::memory::{AppendError, OutOfOrder};

/// How much older than the newest a sample may be, ms.
const HORIZON: i64 = 12 * 3_600_000;

/// The storage that a script begins with, and that `clear` brings back.
pub(super) fn empty() -> MemorySource {
    MemorySource::with_order(OutOfOrder::PROMQLTEST)
}

/// Adds a block's samples. After an error the storage has some of them.
///
/// # Errors
/// The samples contradict those that are there, or each other.
pub fn load(source: &mut MemorySource, load: &Load) -> Result<(), ScriptError> {
    let refuse = |message: String| ScriptError::new(load.line, message);
    if source.time_range().is_none() {
        check_spread(load).map_err(refuse)?;
    }
    let mut last: HashMap<&LabelSet, usize> = HashMap::default();
    for series in &load.series {
        if series.labels.is_empty() && !series.values.is_empty() {
            return Err(refuse("empty labelset: invalid sample".into()));
        }
        append(source, load.step, series, 0).map_err(refuse)?;
        last.insert(&series.labels, series.values.iter().rposition(|v| !v.is_gap()).map_or(0, |i| i + 1));
    }
    if load.with_nhcb {
        for series in &nhcb::convert(&load.series).map_err(refuse)? {
            if series.labels.is_empty() {
                return Err(refuse("empty labelset: invalid sample".into()));
            }
            // A series that the block has itself goes before the converted one.
            let taken = last.get(&series.labels).copied().unwrap_or(0);
            append(source, load.step, series, taken).map_err(refuse)?;
        }
    }
    source.commit();
    Ok(())
}

/// Appends the samples from index `from` on.
fn append(source: &mut MemorySource, step: i64, series: &LoadSeries, from: usize) -> Result<(), String> {
    let told = |e: AppendError| format!("{}: {e}", metric(&series.labels));
    let id = source.series_id(&series.labels).map_err(told)?;
    for (i, value) in series.values.iter().enumerate().skip(from) {
        let time = i64::try_from(i).ok().and_then(|i| i.checked_mul(step));
        let time = time.ok_or_else(|| format!("{}: the times of the samples are out of range", metric(&series.labels)))?;
        let start = series.starts.get(i).copied().flatten().map_or(0, |offset| time.saturating_add(offset));
        match value {
            Slot::Gap => continue,
            Slot::Float(value) => source.append_float(id, time, start, *value).map_err(told)?,
            Slot::Histogram { value, .. } => source.append_histogram(id, time, start, value.clone()).map_err(told)?,
        }
        if step == 0 {
            // All samples lie at one time, and the first of a batch stays.
            break;
        }
    }
    Ok(())
}

/// Into an empty storage the reference takes series in random order, and refuses what is much
/// older than the sample that happened to come first. Only what holds in any order is accepted.
fn check_spread(load: &Load) -> Result<(), String> {
    let first = |s: &LoadSeries| {
        let index = s.values.iter().position(|v| !v.is_gap())?;
        Some(i64::try_from(index).unwrap_or(i64::MAX).saturating_mul(load.step))
    };
    let firsts = || load.series.iter().filter_map(first);
    match (firsts().min(), firsts().max()) {
        (Some(oldest), Some(newest)) if newest.saturating_sub(oldest) > HORIZON => {
            Err("out of bounds: the series of the first block begin more than 12 hours apart".into())
        }
        _ => Ok(()),
    }
}

/// Whether the first line that says anything is a command of the script language. A page cannot
/// begin like that: `load 1m` is no sample.
pub fn is_script(content: &[u8]) -> bool {
    let line = content.split(|b| *b == b'\n').map(|l| l.trim_ascii()).find(|l| !l.is_empty() && !l.starts_with(b"#"));
    let mut words = line.unwrap_or_default().split(|b| b.is_ascii_whitespace());
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    match first {
        b"clear" => second.is_empty(),
        b"load" | b"load_with_nhcb" => second.first().is_some_and(u8::is_ascii_digit) && second.last().is_some_and(u8::is_ascii_alphabetic),
        b"eval" => matches!(second, b"instant" | b"range"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_from_pages() {
        for script in ["load 5m\n  x 1", "# hi\n\n load_with_nhcb 1s\n", "clear\nload 1m", "eval instant at 5m x"] {
            assert!(is_script(script.as_bytes()), "{script}");
        }
        for page in ["", "load 1\n", "load 5 1000\n", "# HELP load x\nload{a=\"b\"} 2", "clear 1\n", "eval 2"] {
            assert!(!is_script(page.as_bytes()), "{page}");
        }
    }
}
