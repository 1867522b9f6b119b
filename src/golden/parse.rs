//! From the text of a script to its commands.
//!
//! The file is cut at blank lines; a line that begins with `#` is a blank one, so that a comment
//! ends the block it stands in. A block that cannot be read is kept as such: the rest of the file
//! is read all the same.

use super::block::parse_eval;
use super::script::{Command, Load, LoadSeries, Script, ScriptError};
use super::series;
use crate::model::{HashMap, duration};

/// Samples that one load block may have: far beyond what scripts are for, and well within memory.
const MAX_SAMPLES: usize = 10_000_000;

/// The lines of a script, trimmed, comments blanked; numbers are those of the file.
pub(super) struct Lines<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let lines = text.split('\n').map(str::trim).map(|l| if l.starts_with('#') { "" } else { l }).collect();
        Lines { lines, next: 0 }
    }
    /// Number of the line that comes next, from 1.
    pub(super) fn number(&self) -> usize {
        self.next + 1
    }
    /// The next line of the block, without taking it.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.next).copied().filter(|l| !l.is_empty())
    }
    /// Takes the next line of the block with its number; `None` at the block's end.
    pub(super) fn take(&mut self) -> Option<(usize, &'a str)> {
        let line = self.peek()?;
        self.next += 1;
        Some((self.next, line))
    }
    fn skip_blank(&mut self) -> bool {
        while self.lines.get(self.next).is_some_and(|l| l.is_empty()) {
            self.next += 1;
        }
        self.next < self.lines.len()
    }
}

/// Reads a script. Mistakes are part of the result, each with its line.
///
/// ```
/// use ferula::golden::{Command, parse};
/// let script = parse("load 1m\n  up 1 1 0\n\neval instant at 2m up\n  up 0\n");
/// assert!(matches!(script.commands[..], [Command::Load(_), Command::Eval(_)]));
/// ```
pub fn parse(text: &str) -> Script {
    let mut lines = Lines::new(text);
    let mut script = Script::default();
    while lines.skip_blank() {
        let Some((number, line)) = lines.take() else { break };
        let word = line.split_whitespace().next().unwrap_or_default().to_lowercase();
        let command = if word == "clear" {
            Command::Clear
        } else if word.starts_with("load") {
            parse_load(number, line, &mut lines).map_or_else(Command::BrokenLoad, Command::Load)
        } else if word.starts_with("eval") {
            parse_eval(number, line, &mut lines).map_or_else(Command::Broken, |eval| Command::Eval(Box::new(eval)))
        } else {
            Command::Broken(ScriptError::new(number, format!("invalid command {}", crate::model::quote::quote(line.as_bytes()))))
        };
        if matches!(command, Command::Broken(_) | Command::BrokenLoad(_)) {
            while lines.take().is_some() {}
        }
        script.commands.push(command);
    }
    script
}

fn parse_load(number: usize, line: &str, lines: &mut Lines) -> Result<Load, ScriptError> {
    let (word, step) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let with_nhcb = word == "load_with_nhcb";
    if !matches!(word, "load" | "load_with_nhcb") || step.is_empty() {
        return Err(ScriptError::new(number, "invalid load command, must be `load[_with_nhcb] <step>`"));
    }
    let step = duration::parse(step.trim()).map_err(|e| ScriptError::new(number, format!("invalid step: {e}")))?;
    let mut load = Load { line: number, step, with_nhcb, series: Vec::new() };
    let mut places = HashMap::default();
    let mut samples = 0usize;
    let mut pending: Option<(usize, series::StartLine)> = None;
    while let Some((number, line)) = lines.take() {
        if series::is_start_line(line) {
            if let Some((number, _)) = pending {
                return Err(ScriptError::new(number, "the @st line is not followed by its sample line"));
            }
            pending = Some((number, series::parse_start_line(line).map_err(|e| ScriptError::new(number, e))?));
            continue;
        }
        let parsed = series::parse_line(line, MAX_SAMPLES - samples).map_err(|e| ScriptError::new(number, e))?;
        samples += parsed.values.len();
        let starts = match pending.take() {
            None => Vec::new(),
            Some((number, start)) if start.labels != parsed.labels => {
                return Err(ScriptError::new(number, "the labels of the @st line are not those of the sample line after it"));
            }
            Some((number, start)) => start.expand(parsed.values.len()).map_err(|e| ScriptError::new(number, e))?,
        };
        let added = LoadSeries { labels: parsed.labels, values: parsed.values, starts };
        // A later line with the same labels takes the place of the earlier one entirely.
        match places.get(&added.labels) {
            Some(&place) => load.series[place] = added,
            None => {
                places.insert(added.labels.clone(), load.series.len());
                load.series.push(added);
            }
        }
    }
    match pending {
        Some((number, _)) => Err(ScriptError::new(number, "the @st line is not followed by its sample line")),
        None => Ok(load),
    }
}
