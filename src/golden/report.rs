//! What came out of a run, and how people and machines read it.

use std::fmt;
use std::time::Duration;

/// The outcome of a run over any number of scripts.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// One for each script, in the order in which they were run.
    pub files: Vec<FileReport>,
    /// Paths that could not be read, or that have no scripts.
    pub problems: Vec<String>,
}

/// The outcome of one script.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// Its path as it was given or found.
    pub path: String,
    /// Its evals in order; a block that cannot be read is a failed one.
    pub cases: Vec<Case>,
    /// Why its new expectations could not be written.
    pub problem: Option<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// The outcome of one eval.
#[derive(Clone, Debug)]
pub struct Case {
    /// Line in the file, from 1.
    pub line: usize,
    /// Its first line.
    pub command: String,
    /// Whether it holds.
    pub outcome: Outcome,
}

/// Whether an eval holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// It does.
    Passed,
    /// It did not, and its expectation has been rewritten so that it does.
    Updated,
    /// It does not.
    Failed(Box<Mismatch>),
}

/// What differs from the expectation.
#[derive(Clone, PartialEq, Debug)]
pub struct Mismatch {
    /// What is wrong, in one sentence.
    pub problem: String,
    /// The query that was run, if it is not the one of the script as it stands.
    pub ran: Option<String>,
    /// Series that differ.
    pub rows: Vec<Row>,
}

/// One series that differs.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The series; empty for scalars and strings.
    pub series: String,
    /// What came out; `None`: nothing.
    pub got: Option<String>,
    /// What was expected; `None`: nothing.
    pub wanted: Option<String>,
}

impl Row {
    pub(super) fn new(series: &str, got: String, wanted: Option<String>) -> Self {
        Row { series: series.to_owned(), got: Some(got), wanted }
    }
    pub(super) fn missing(series: &str, wanted: String) -> Self {
        Row { series: series.to_owned(), got: None, wanted: Some(wanted) }
    }
}

impl Mismatch {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Mismatch { problem: problem.into(), ran: None, rows: Vec::new() }
    }
    pub(super) fn one(problem: &str, row: Row) -> Self {
        Mismatch { rows: vec![row], ..Mismatch::new(problem) }
    }
    /// Adds a series; the first problem names the whole.
    pub(super) fn add(&mut self, problem: &str, row: Row) {
        if self.rows.is_empty() {
            self.problem = problem.to_owned();
        }
        self.rows.push(row);
    }
    pub(super) fn into_result(self) -> Result<(), Mismatch> {
        if self.rows.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl FileReport {
    /// How many evals hold, the rewritten ones among them.
    pub fn passed(&self) -> usize {
        self.cases.len() - self.failed()
    }
    /// How many do not.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|c| matches!(c.outcome, Outcome::Failed(_))).count()
    }
    /// How many have a new expectation.
    pub fn updated(&self) -> usize {
        self.cases.iter().filter(|c| c.outcome == Outcome::Updated).count()
    }
}

impl RunReport {
    /// How many evals hold, the rewritten ones among them.
    pub fn passed(&self) -> usize {
        self.files.iter().map(FileReport::passed).sum()
    }
    /// How many do not.
    pub fn failed(&self) -> usize {
        self.files.iter().map(FileReport::failed).sum()
    }
    /// How many have a new expectation.
    pub fn updated(&self) -> usize {
        self.files.iter().map(FileReport::updated).sum()
    }
    /// Whether all is well: something was run, and all of it holds.
    pub fn is_success(&self) -> bool {
        self.problems.is_empty() && self.passed() > 0 && self.failed() == 0 && self.files.iter().all(|f| f.problem.is_none())
    }
    /// One JSON object on one line: the counts, and each file with its evals.
    pub fn to_json(&self) -> String {
        let files: Vec<String> = self.files.iter().map(file_json).collect();
        let problems: Vec<String> = self.problems.iter().map(|p| json_string(p)).collect();
        format!(
            r#"{{"passed":{},"failed":{},"updated":{},"problems":[{}],"files":[{}]}}"#,
            self.passed(),
            self.failed(),
            self.updated(),
            problems.join(","),
            files.join(",")
        )
    }
    /// A JUnit report: a suite for each file, a case for each eval.
    pub fn to_junit(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let total = self.passed() + self.failed();
        xml.push_str(&format!("<testsuites tests=\"{total}\" failures=\"{}\" errors=\"{}\">\n", self.failed(), self.problems.len()));
        for file in &self.files {
            xml.push_str(&format!(
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{:.3}\">\n",
                xml_text(&file.path),
                file.cases.len(),
                file.failed(),
                file.elapsed.as_secs_f64()
            ));
            for case in &file.cases {
                let name = xml_text(&format!("line {}: {}", case.line, case.command));
                xml.push_str(&format!("    <testcase classname=\"{}\" name=\"{name}\"", xml_text(&file.path)));
                match &case.outcome {
                    Outcome::Failed(why) => xml.push_str(&format!(
                        ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                        xml_text(&why.problem),
                        xml_text(&why.to_string())
                    )),
                    _ => xml.push_str("/>\n"),
                }
            }
            xml.push_str("  </testsuite>\n");
        }
        for problem in &self.problems {
            let text = xml_text(problem);
            xml.push_str(&format!(
                "  <testsuite name=\"run\" tests=\"0\" errors=\"1\">\n    <testcase classname=\"run\" name=\"{text}\">\n      \
                 <error message=\"{text}\"/>\n    </testcase>\n  </testsuite>\n"
            ));
        }
        xml.push_str("</testsuites>\n");
        xml
    }
}

/// For people: a line for each file, its failures below it, and the counts at the end.
impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            let word = if file.failed() == 0 { "ok  " } else { "FAIL" };
            write!(f, "{word}  {}  {} passed", file.path, file.passed())?;
            if file.failed() > 0 {
                write!(f, ", {} failed", file.failed())?;
            }
            if file.updated() > 0 {
                write!(f, ", {} of them rewritten", file.updated())?;
            }
            writeln!(f)?;
            if let Some(problem) = &file.problem {
                writeln!(f, "  {}: {problem}", file.path)?;
            }
            for case in &file.cases {
                if let Outcome::Failed(why) = &case.outcome {
                    writeln!(f, "  {}:{}: {}", file.path, case.line, case.command)?;
                    for line in why.to_string().lines() {
                        writeln!(f, "    {line}")?;
                    }
                }
            }
        }
        for problem in &self.problems {
            writeln!(f, "error: {problem}")?;
        }
        if self.updated() > 0 {
            writeln!(f, "{} expectations rewritten", self.updated())?;
        }
        writeln!(f, "{} passed, {} failed", self.passed(), self.failed())
    }
}

/// Columns wider than this are set below each other.
const WIDE: usize = 60;

/// The problem, what was run, and what came out beside what was expected.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.problem)?;
        if let Some(ran) = &self.ran {
            writeln!(f, "run as: {ran}")?;
        }
        if self.rows.is_empty() {
            return Ok(());
        }
        let text = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "nothing".into());
        let width =
            |cells: &dyn Fn(&Row) -> String, least: usize| self.rows.iter().map(|r| cells(r).chars().count()).max().unwrap_or(0).max(least);
        let (series, got, wanted) = (width(&|r| r.series.clone(), 0), width(&|r| text(&r.got), 3), width(&|r| text(&r.wanted), 6));
        if series > WIDE || got > WIDE || wanted > WIDE {
            for row in &self.rows {
                writeln!(f, "{}", row.series)?;
                writeln!(f, "  got     {}", text(&row.got))?;
                writeln!(f, "  wanted  {}", text(&row.wanted))?;
            }
            return Ok(());
        }
        let gap = if series > 0 { "  " } else { "" };
        writeln!(f, "{:series$}{gap}{:got$}  wanted", "", "got")?;
        for row in &self.rows {
            writeln!(f, "{:series$}{gap}{:got$}  {}", row.series, text(&row.got), text(&row.wanted))?;
        }
        Ok(())
    }
}

fn file_json(file: &FileReport) -> String {
    let cases: Vec<String> = file.cases.iter().map(case_json).collect();
    let problem = file.problem.as_ref().map(|p| format!(r#","problem":{}"#, json_string(p))).unwrap_or_default();
    format!(
        r#"{{"file":{},"passed":{},"failed":{},"updated":{},"seconds":{:.3}{problem},"evals":[{}]}}"#,
        json_string(&file.path),
        file.passed(),
        file.failed(),
        file.updated(),
        file.elapsed.as_secs_f64(),
        cases.join(",")
    )
}

fn case_json(case: &Case) -> String {
    let head = format!(r#""line":{},"command":{}"#, case.line, json_string(&case.command));
    let optional = |text: &Option<String>| text.as_ref().map_or_else(|| "null".into(), |t| json_string(t));
    match &case.outcome {
        Outcome::Passed => format!(r#"{{{head},"outcome":"passed"}}"#),
        Outcome::Updated => format!(r#"{{{head},"outcome":"updated"}}"#),
        Outcome::Failed(why) => {
            let row =
                |r: &Row| format!(r#"{{"series":{},"got":{},"wanted":{}}}"#, json_string(&r.series), optional(&r.got), optional(&r.wanted));
            let rows: Vec<String> = why.rows.iter().map(row).collect();
            format!(
                r#"{{{head},"outcome":"failed","problem":{},"ran":{},"rows":[{}]}}"#,
                json_string(&why.problem),
                optional(&why.ran),
                rows.join(",")
            )
        }
    }
}

fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\t' => json.push_str("\\t"),
            c if (c as u32) < 0x20 => json.push_str(&format!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// Text for XML. Characters that XML cannot have become U+FFFD.
fn xml_text(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' => xml.push_str("&#10;"),
            '\t' => xml.push_str("&#9;"),
            c if (c as u32) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => xml.push('\u{fffd}'),
            c => xml.push(c),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> RunReport {
        let mut why = Mismatch::new("");
        why.add("a value is another one", Row::new("a{x=\"1\"}", "1".into(), Some("2".into())));
        why.add("a series is missing", Row::missing("b", "<3>".into()));
        why.ran = Some("a @ 60.000 at 0s".into());
        let case = |line, outcome| Case { line, command: "eval instant at 0 a".into(), outcome };
        let cases = vec![case(3, Outcome::Passed), case(7, Outcome::Failed(Box::new(why)))];
        let file = FileReport { path: "a.test".into(), cases, ..FileReport::default() };
        RunReport { files: vec![file], problems: vec!["nothing found in b".into()] }
    }

    #[test]
    fn for_people() {
        insta::assert_snapshot!(report());
        assert!(!report().is_success() && !RunReport::default().is_success());
    }

    #[test]
    fn for_machines() {
        let json: serde_json::Value = serde_json::from_str(&report().to_json()).unwrap();
        assert_eq!(json["files"][0]["evals"][1]["rows"][1]["wanted"], "<3>");
        assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &1.into()));
        insta::assert_snapshot!(report().to_junit());
    }
}
