//! Times on the command line: RFC 3339, Unix seconds, or relative to an anchor.

use super::args::TimeArgs;
use super::failure::Failure;
use crate::engine::Range;
use crate::model::duration;
use chrono::{DateTime, SecondsFormat, Utc};
use std::time::{SystemTime, UNIX_EPOCH};

/// The span of time that the data covers, ms; `None` without samples.
pub(crate) type Extent = Option<(i64, i64)>;

/// When a query is evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    /// At one time, ms.
    At(i64),
    /// At each step.
    Over(Range),
}

impl When {
    /// The same as a range; one time is a range of one step with step 0.
    pub(crate) fn as_range(self) -> Range {
        match self {
            When::At(time) => Range { start: time, end: time, step: 0 },
            When::Over(range) => range,
        }
    }
    /// In words: `at 2026-01-01T12:00:00Z`.
    pub(crate) fn in_words(self) -> String {
        match self {
            When::At(time) => format!("at {}", show(time)),
            When::Over(r) => format!("from {} to {}", show(r.start), show(r.end)),
        }
    }
}

/// Steps that a range has if no step is given.
const DEFAULT_STEPS: i64 = 250;
const DEFAULT_RANGE: i64 = 3_600_000;

/// Reads the flags; relative times need the extent of the data.
pub(crate) fn when(args: &TimeArgs, extent: Extent) -> Result<When, Failure> {
    let now = extent.map_or_else(wall_clock, |(_, newest)| newest);
    let oldest = extent.map_or(now, |(oldest, _)| oldest);
    if args.start.is_none() && args.end.is_none() && args.step.is_none() {
        let anchors = Anchors { now, start: Some(oldest), end: Some(now) };
        return Ok(When::At(args.time.as_deref().map_or(Ok(now), |t| read("--time", t, &anchors))?));
    }
    // one of the two ends may lean on the other
    let leans = |text: &Option<String>, anchor: &str| text.as_deref().is_some_and(|t| t.trim_start().starts_with(anchor));
    if leans(&args.start, "end") && leans(&args.end, "start") {
        return Err(Failure::Usage("--start and --end refer to each other".into()));
    }
    let (start, end) = if leans(&args.end, "start") {
        let start = match &args.start {
            Some(t) => read("--start", t, &Anchors { now, start: Some(oldest), end: None })?,
            None => oldest,
        };
        let end = read("--end", args.end.as_deref().unwrap_or("now"), &Anchors { now, start: Some(start), end: None })?;
        (start, end)
    } else {
        let end = args.end.as_deref().map_or(Ok(now), |t| read("--end", t, &Anchors { now, start: None, end: Some(now) }))?;
        let anchors = Anchors { now, start: Some(oldest), end: Some(end) };
        let start = match &args.start {
            Some(t) => read("--start", t, &anchors)?,
            None => end.saturating_sub(DEFAULT_RANGE),
        };
        (start, end)
    };
    if end < start {
        return Err(Failure::Usage("end timestamp must not be before start time".into()));
    }
    let step = args.step.unwrap_or_else(|| (end.saturating_sub(start) / 1000 / DEFAULT_STEPS).max(1) * 1000);
    Ok(When::Over(Range { start, end, step }))
}

struct Anchors {
    now: i64,
    start: Option<i64>,
    end: Option<i64>,
}

fn read(flag: &str, text: &str, anchors: &Anchors) -> Result<i64, Failure> {
    let text = text.trim();
    let bad = |why: &str| Failure::Usage(format!("{flag}: {text:?} is not a time: {why}"));
    for (word, at) in [("now", Some(anchors.now)), ("start", anchors.start), ("end", anchors.end)] {
        let Some(rest) = text.strip_prefix(word) else { continue };
        let at = at.ok_or_else(|| bad(&format!("`{word}` has no meaning here")))?;
        let rest = rest.trim();
        if rest.is_empty() {
            return Ok(at);
        }
        let (sign, distance) = match (rest.strip_prefix('-'), rest.strip_prefix('+')) {
            (Some(d), _) => (-1, d),
            (_, Some(d)) => (1, d),
            _ => return Err(bad(&format!("after `{word}` comes + or - and a duration, as in {word}-1h"))),
        };
        let distance = duration::parse(distance.trim()).map_err(|e| bad(&e.to_string()))?;
        return Ok(at.saturating_add(distance.saturating_mul(sign)));
    }
    absolute(text).ok_or_else(|| bad("give RFC 3339 (2026-01-01T12:00:00Z), Unix seconds, or now-1h"))
}

/// RFC 3339 or Unix seconds, in ms.
pub(crate) fn absolute(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<f64>() {
        let ms = (seconds * 1000.0).round();
        // beyond 2^53 a double no longer tells milliseconds apart
        return (ms.abs() < 9_007_199_254_740_992.0).then_some(ms as i64);
    }
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.timestamp_millis())
}

/// RFC 3339 in UTC; seconds since the epoch where the calendar ends.
pub(crate) fn show(ms: i64) -> String {
    let format = if ms % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    match DateTime::<Utc>::from_timestamp_millis(ms) {
        Some(t) => t.to_rfc3339_opts(format, true),
        None => crate::result::api_time(ms),
    }
}

/// A duration as people write it.
pub(crate) fn show_duration(ms: i64) -> String {
    duration::format_ms(ms)
}

fn wall_clock() -> i64 {
    of_system(SystemTime::now())
}

/// A time of the operating system in ms.
pub(crate) fn of_system(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Some((1_000_000, 9_000_000));

    fn over(start: Option<&str>, end: Option<&str>, step: Option<i64>) -> Result<When, Failure> {
        let owned = |t: Option<&str>| t.map(str::to_owned);
        when(&TimeArgs { time: None, start: owned(start), end: owned(end), step }, EXTENT)
    }

    fn at(text: &str) -> Result<When, Failure> {
        when(&TimeArgs { time: Some(text.into()), ..TimeArgs::default() }, EXTENT)
    }

    #[test]
    fn an_instant() {
        assert_eq!(when(&TimeArgs::default(), EXTENT).unwrap(), When::At(9_000_000));
        for (text, ms) in [
            ("now", 9_000_000),
            ("now-1m30s", 8_910_000),
            ("now + 1s", 9_001_000),
            ("end-1s", 8_999_000),
            ("start+1s", 1_001_000),
            ("12.5", 12_500),
            ("-1", -1000),
            ("1970-01-01T00:01:00Z", 60_000),
            ("1970-01-01T01:01:00.5+01:00", 60_500),
        ] {
            assert_eq!(at(text).unwrap(), When::At(ms), "{text}");
        }
        for text in ["", "yesterday", "now1h", "now-x", "1e300", "NaN", "nowhere", "2026-13-01T00:00:00Z"] {
            assert!(matches!(at(text), Err(Failure::Usage(_))), "{text}");
        }
    }

    #[test]
    fn a_range() {
        let range = |start, end, step| When::Over(Range { start, end, step });
        assert_eq!(over(Some("end-15m"), None, Some(1000)).unwrap(), range(8_100_000, 9_000_000, 1000));
        assert_eq!(over(Some("2000"), Some("start+10m"), Some(1000)).unwrap(), range(2_000_000, 2_600_000, 1000));
        assert_eq!(over(Some("start"), Some("now"), None).unwrap(), range(1_000_000, 9_000_000, 32_000));
        assert_eq!(over(None, None, Some(60_000)).unwrap(), range(5_400_000, 9_000_000, 60_000));
        assert!(over(Some("end-1m"), Some("start+1m"), None).is_err());
        assert!(over(Some("now"), Some("now-1m"), None).is_err());
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(show(1_767_268_800_000), "2026-01-01T12:00:00Z");
        assert_eq!(show(1_767_268_800_005), "2026-01-01T12:00:00.005Z");
        assert_eq!(show(i64::MAX), "9223372036854775.807");
    }
}
