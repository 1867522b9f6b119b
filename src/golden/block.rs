//! Reading one eval: its first line, and what is expected of it.

use super::block_text::values_start;
use super::parse::Lines;
use super::script::{Eval, EvalTime, Expect, ExpectSeries, Form, ScriptError, TextMatch};
use super::series;
use crate::engine::Range;
use crate::model::{self, duration, number};
use regex::Regex;
use std::sync::LazyLock;

/// Values that the lines of one eval may have.
const MAX_VALUES: usize = 1_000_000;

// Blanks as the reference has them: those of ASCII.
static INSTANT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^eval(?:_(fail|warn|ordered|info))?[\t\f ]+instant[\t\f ]+at[\t\f ]+(.+?)[\t\f ]+(.+)$").ok());
// Both ends of the range are taken as late in the line as possible, as the reference does.
static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^eval(?:_(fail|warn|info))?[\t\f ]+range[\t\f ]+from[\t\f ]+(.+)[\t\f ]+to[\t\f ]+(.+)[\t\f ]+step[\t\f ]+(.+?)[\t\f ]+(.+)$",
    )
    .ok()
});
static EXPECT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^expect[\t\f ]+(ordered|fail|warn|no_warn|info|no_info)(?:[\t\f ]+(regex|msg):(.+))?$").ok());
static EXPECT_RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^expect[\t\f ]+range[\t\f ]+vector[\t\f ]+from[\t\f ]+(.+)[\t\f ]+to[\t\f ]+(.+)[\t\f ]+step[\t\f ]+(.+)$").ok()
});

fn groups<'a, const N: usize>(re: &LazyLock<Option<Regex>>, line: &'a str) -> Option<[&'a str; N]> {
    let found = re.as_ref()?.captures(line)?;
    Some(std::array::from_fn(|i| found.get(i + 1).map_or("", |m| m.as_str())))
}

/// Reads an eval whose first line is `line`, and the lines of its block.
///
/// # Errors
/// The first line is not one of an eval. Other mistakes become part of the eval.
pub(super) fn parse_eval(at: usize, line: &str, lines: &mut Lines) -> Result<Eval, ScriptError> {
    let (form, time, query) = parse_head(at, line)?;
    let mut eval = Eval { line: at, end: at + 1, time, query, form, expect: Expect::default(), errors: Vec::new() };
    match form {
        Form::Fail => {
            let text = match lines.peek().filter(|l| l.starts_with("expected_fail_")) {
                Some(line) => {
                    let found = parse_expected_fail(line);
                    if found.is_some() {
                        lines.take();
                    }
                    found.unwrap_or(Ok(TextMatch::Any))
                }
                None => Ok(TextMatch::Any),
            };
            match text {
                Ok(text) => eval.expect.fail.push(text),
                Err(message) => eval.errors.push(ScriptError::new(at + 1, message)),
            }
        }
        Form::Warn => eval.expect.warn.push(TextMatch::Any),
        Form::Info => eval.expect.info.push(TextMatch::Any),
        Form::Ordered => eval.expect.ordered = true,
        Form::Plain => {}
    }
    let mut fails = 0;
    while let Some((at, line)) = lines.take() {
        // Only a block's last line can be a number alone: what follows begins a new command.
        if let Ok(value) = number::parse_number(line) {
            eval.expect.scalar = Some(value);
            break;
        }
        let read = if line == "expect" || line.starts_with("expect ") {
            parse_expect(line, &mut eval, &mut fails)
        } else {
            parse_expected_series(at, line, &mut eval)
        };
        if let Err(message) = read {
            eval.errors.push(ScriptError::new(at, message));
        }
    }
    eval.end = lines.number();
    Ok(eval)
}

fn parse_head(at: usize, line: &str) -> Result<(Form, EvalTime, String), ScriptError> {
    let form = |word: &str| match word {
        "fail" => Form::Fail,
        "warn" => Form::Warn,
        "info" => Form::Info,
        "ordered" => Form::Ordered,
        _ => Form::Plain,
    };
    let time = |text: &str| duration::parse(text).map_err(|e| ScriptError::new(at, format!("invalid time: {e}")));
    if let Some([word, t, query]) = groups(&INSTANT, line) {
        return Ok((form(word), EvalTime::Instant(time(t)?), query.to_owned()));
    }
    if let Some([word, from, to, step, query]) = groups(&RANGE, line) {
        let range = Range { start: time(from)?, end: time(to)?, step: time(step)? };
        if range.end < range.start {
            return Err(ScriptError::new(at, format!("the end ({to}) is before the start ({from})")));
        }
        if range.step <= 0 {
            return Err(ScriptError::new(at, "the step of a range query must be above 0"));
        }
        return Ok((form(word), EvalTime::Range(range), query.to_owned()));
    }
    Err(ScriptError::new(
        at,
        "invalid eval command, must be `eval instant at <time> <query>` or `eval range from <time> to <time> step <duration> <query>`",
    ))
}

/// `None` if the line is neither of the two forms.
fn parse_expected_fail(line: &str) -> Option<Result<TextMatch, String>> {
    if let Some(text) = line.strip_prefix("expected_fail_message") {
        let text = text.trim();
        return Some(Ok(if text.is_empty() { TextMatch::Any } else { TextMatch::Exact(text.to_owned()) }));
    }
    let text = line.strip_prefix("expected_fail_regexp")?.trim();
    Some(if text.is_empty() { Ok(TextMatch::Any) } else { parse_regex(text) })
}

fn parse_regex(text: &str) -> Result<TextMatch, String> {
    model::regex::Regex::search(text.as_bytes()).map(|re| TextMatch::Regex(re.into())).map_err(|e| format!("invalid regex {text}: {e}"))
}

fn parse_expect(line: &str, eval: &mut Eval, fails: &mut usize) -> Result<(), String> {
    if let Some(text) = line.strip_prefix("expect string") {
        // One space, and nothing else around the quotes.
        eval.expect.string = Some(series::parse_string(text.strip_prefix(' ').unwrap_or_default())?);
        return Ok(());
    }
    if line.starts_with("expect range vector") {
        return parse_expect_range(line, eval);
    }
    let Some([kind, how, text]) = groups(&EXPECT, line) else {
        return Err("invalid expect line, must be `expect <type>[ msg: <text>| regex: <regex>]`, `expect string <string>` \
                    or `expect range vector from <time> to <time> step <duration>`"
            .into());
    };
    let text = match (how, text.trim()) {
        ("msg", text) => TextMatch::Exact(text.to_owned()),
        ("regex", text) => parse_regex(text)?,
        _ => TextMatch::Any,
    };
    let expect = &mut eval.expect;
    let clash = |word: &str| Err(format!("{word} and no_{word} cannot be expected together"));
    match kind {
        "ordered" => expect.ordered = true,
        "fail" => {
            *fails += 1;
            if *fails > 1 {
                return Err("an eval can have one `expect fail` line only".into());
            }
            expect.fail.push(text);
        }
        // `eval_warn` asks for a warning without an expect line; only lines clash with each other.
        "warn" if expect.no_warn => return clash("warn"),
        "warn" => expect.warn.push(text),
        "info" if expect.no_info => return clash("info"),
        "info" => expect.info.push(text),
        "no_warn" if !expect.warn.is_empty() && eval.form != Form::Warn => return clash("warn"),
        "no_warn" => expect.no_warn = true,
        _ if !expect.info.is_empty() && eval.form != Form::Info => return clash("info"),
        _ => expect.no_info = true,
    }
    Ok(())
}

fn parse_expect_range(line: &str, eval: &mut Eval) -> Result<(), String> {
    let Some([from, to, step]) = groups(&EXPECT_RANGE, line) else {
        return Err("invalid range vector, must be `expect range vector from <time> to <time> step <duration>`".into());
    };
    let time = |text: &str| duration::parse(text).map_err(|e| format!("invalid time: {e}"));
    let range = Range { start: time(from)?, end: time(to)?, step: time(step)? };
    if range.end < range.start {
        return Err(format!("the end ({to}) is before the start ({from})"));
    }
    match eval.time {
        EvalTime::Instant(_) => eval.expect.range = Some(range),
        EvalTime::Range(_) => eval.time = EvalTime::Range(range),
    }
    Ok(())
}

fn parse_expected_series(at: usize, line: &str, eval: &mut Eval) -> Result<(), String> {
    let taken: usize = eval.expect.series.iter().map(|s| s.values.len()).sum();
    let parsed = series::parse_line(line, MAX_VALUES.saturating_sub(taken))?;
    if has_empty_label(line) {
        return Err("a label with an empty value is expected, which no series of an answer has".into());
    }
    let steps = match (eval.time, eval.expect.range) {
        (EvalTime::Range(range), _) | (EvalTime::Instant(_), Some(range)) => Some(steps(range)),
        (EvalTime::Instant(_), None) => None,
    };
    match steps {
        None if parsed.values.len() > 1 => {
            return Err("an instant query has one value for each series (or write `expect range vector` before)".into());
        }
        None if parsed.values.first().is_none_or(super::script::Slot::is_gap) => {
            return Err("an instant query needs a value for each series".into());
        }
        Some(steps) if parsed.values.len() as u64 > steps => {
            return Err(format!("{} values are expected of {}, but the range has {steps} steps", parsed.values.len(), parsed.labels));
        }
        _ => {}
    }
    eval.expect.series.push(ExpectSeries { line: at, labels: parsed.labels, values: parsed.values });
    Ok(())
}

/// Whether a series without a name before its braces has a label with an empty value. With a name
/// the reference takes such labels away as everywhere else; here it keeps them.
fn has_empty_label(line: &str) -> bool {
    let (metric, _) = values_start(line);
    let (mut open, mut escaped, mut before) = (None, false, ' ');
    for (at, c) in metric.char_indices() {
        match open {
            Some((start, quote)) => {
                if c == quote && !escaped {
                    if at == start + 1 && before == '=' && metric.starts_with('{') {
                        return true;
                    }
                    (open, before) = (None, c);
                }
                escaped = c == '\\' && !escaped && quote != '`';
            }
            None if matches!(c, '"' | '\'' | '`') => open = Some((at, c)),
            None if !c.is_whitespace() => before = c,
            None => {}
        }
    }
    false
}

/// How many steps a range has.
fn steps(range: Range) -> u64 {
    let length = range.end.saturating_sub(range.start).unsigned_abs();
    length.checked_div(range.step.unsigned_abs()).unwrap_or(0).saturating_add(1)
}
