//! How many evals of each script of a foreign suite hold, kept in a file: the numbers only rise.

use super::report::RunReport;
use std::collections::BTreeMap;
use std::fmt;

/// Kept numbers by file name.
///
/// ```
/// use ferula::golden::Tally;
/// let tally: Tally = "# comment\noperators.test 214\n".parse().unwrap();
/// assert_eq!(tally.to_string(), "# comment\noperators.test 214\n");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Lines that begin with `#`; they are written first.
    comments: Vec<String>,
    kept: BTreeMap<String, usize>,
}

/// A line of a tally that is not `<file> <number>`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} of the tally must be `<file> <number>`")]
pub struct TallyError {
    /// From 1.
    pub line: usize,
}

impl std::str::FromStr for Tally {
    type Err = TallyError;
    fn from_str(text: &str) -> Result<Self, TallyError> {
        let (mut comments, mut kept) = (Vec::new(), BTreeMap::new());
        for (i, line) in text.lines().map(str::trim).enumerate().filter(|(_, l)| !l.is_empty()) {
            if line.starts_with('#') {
                comments.push(line.to_owned());
                continue;
            }
            let entry = line.rsplit_once(char::is_whitespace).and_then(|(f, n)| Some((f.trim().to_owned(), n.parse().ok()?)));
            let (file, number) = entry.ok_or(TallyError { line: i + 1 })?;
            kept.insert(file, number);
        }
        Ok(Tally { comments, kept })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.comments.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        self.kept.iter().try_for_each(|(file, number)| writeln!(f, "{file} {number}"))
    }
}

/// A run beside a tally.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TallyReport {
    /// File, evals that hold, evals that there are, kept number.
    pub files: Vec<(String, usize, usize, usize)>,
}

impl Tally {
    /// Sets a run beside the kept numbers. A kept file that was not run counts as none holding.
    pub fn compare(&self, run: &RunReport) -> TallyReport {
        let mut files: BTreeMap<String, (usize, usize, usize)> = self.kept.iter().map(|(f, n)| (f.clone(), (0, 0, *n))).collect();
        for file in &run.files {
            let name = file.path.rsplit(['/', '\\']).next().unwrap_or_default();
            let entry = files.entry(name.to_owned()).or_default();
            entry.0 += file.passed();
            entry.1 += file.cases.len();
        }
        TallyReport { files: files.into_iter().map(|(f, (passed, all, kept))| (f, passed, all, kept)).collect() }
    }
    /// Raises the kept numbers to those of a run. None falls.
    pub fn raise(&mut self, run: &RunReport) {
        for (file, passed, _, kept) in self.compare(run).files {
            self.kept.insert(file, passed.max(kept));
        }
    }
}

impl TallyReport {
    /// Whether no number fell.
    pub fn holds(&self) -> bool {
        self.files.iter().all(|(_, passed, _, kept)| passed >= kept)
    }
}

/// A line for each file, and the sums.
impl fmt::Display for TallyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut passed, mut all) = (0, 0);
        for (file, p, a, kept) in &self.files {
            let word = if p < kept { "FELL" } else { "ok  " };
            writeln!(f, "{word}  {file:32} {p:5} of {a:5}  (kept {kept})")?;
            passed += p;
            all += a;
        }
        writeln!(f, "{passed} of {all} hold")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{Case, FileReport, Outcome};

    fn run_of(path: &str, passed: usize) -> RunReport {
        let case = Case { line: 1, command: String::new(), outcome: Outcome::Passed };
        let file = FileReport { path: path.into(), cases: vec![case; passed], ..FileReport::default() };
        RunReport { files: vec![file], problems: vec![] }
    }

    #[test]
    fn numbers_only_rise() {
        let mut tally: Tally = "a.test 2\nb.test 1\n".parse().unwrap();
        assert!(!tally.compare(&run_of("dir/a.test", 1)).holds());
        tally.raise(&run_of("dir/a.test", 1));
        assert_eq!(tally.to_string(), "a.test 2\nb.test 1\n");
        tally.raise(&run_of("dir/a.test", 5));
        assert_eq!(tally.to_string(), "a.test 5\nb.test 1\n");
        assert!(!tally.compare(&run_of("a.test", 9)).holds(), "b.test was not run");
    }

    #[test]
    fn wrong_lines_are_named() {
        assert_eq!("a.test 1\n\na.test\n".parse::<Tally>(), Err(TallyError { line: 3 }));
        assert_eq!("a.test x".parse::<Tally>(), Err(TallyError { line: 1 }));
    }
}
