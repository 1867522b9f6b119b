//! Running scripts: files and folders, each script over a storage of its own.

use super::check::check;
use super::load;
use super::parse::parse;
use super::report::{Case, FileReport, Mismatch, Outcome, RunReport};
use super::script::{Command, Eval, ScriptError};
use super::update;
use crate::clock::Moment;
use crate::engine::{Engine, EngineOptions};
use std::fs;
use std::path::{Path, PathBuf};

/// How scripts are run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The engine's options.
    pub engine: EngineOptions,
    /// Only evals are run in whose query, or in whose `file:line`, this finds something.
    pub filter: Option<regex::Regex>,
    /// The expectations of evals that do not hold are rewritten in the file.
    pub update: bool,
}

/// All evals, with the engine as the reference's test runner has it.
impl Default for RunOptions {
    fn default() -> Self {
        RunOptions { engine: EngineOptions::promqltest(), filter: None, update: false }
    }
}

/// Runs the scripts of files, and of folders: there all `*.test`, whatever the depth, sorted.
///
/// Nothing found is a problem of the report, and so is a path that cannot be read.
pub fn run(paths: &[PathBuf], options: &RunOptions) -> RunReport {
    let mut report = RunReport::default();
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        match find(path, &mut files) {
            Err(error) => report.problems.push(format!("{}: {error}", path.display())),
            Ok(()) if files.len() == before => report.problems.push(format!("{}: no scripts (*.test) found", path.display())),
            Ok(()) => {}
        }
    }
    for file in files {
        match fs::read_to_string(&file) {
            Err(error) => report.problems.push(format!("{}: {error}", file.display())),
            Ok(text) => {
                let (mut outcome, new_text) = run_text(&file.display().to_string(), &text, options);
                if let Some(Err(error)) = new_text.map(|new| replace(&file, &new)) {
                    outcome.problem = Some(format!("cannot write the new expectations: {error}"));
                }
                report.files.push(outcome);
            }
        }
    }
    if options.filter.is_some() {
        report.files.retain(|f| !f.cases.is_empty());
    }
    if report.problems.is_empty() && report.files.iter().all(|f| f.cases.is_empty()) {
        report.problems.push("no evals to run".into());
    }
    report
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut folders = vec![path.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // Linked folders are not followed: they could form a ring.
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|e| e == "test") {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    files.append(&mut found);
    Ok(())
}

/// Puts a new text in the place of a file: at once, so that a crash leaves either the old or the
/// new one.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let file = fs::canonicalize(file)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = file.with_file_name(name);
    fs::write(&new, text)?;
    let done = fs::set_permissions(&new, fs::metadata(&file)?.permissions()).and_then(|()| fs::rename(&new, &file));
    if done.is_err() {
        // The error of above is the one to tell.
        let _ = fs::remove_file(&new);
    }
    done
}

/// Runs a script given as text; `name` is what reports call it. With [`RunOptions::update`] the
/// second value is the script with its new expectations, if any changed.
///
/// ```
/// use ferula::golden::{RunOptions, run_text};
/// let (report, _) = run_text("example", "eval instant at 5m 1 + 1\n  2\n", &RunOptions::default());
/// assert_eq!((report.passed(), report.failed()), (1, 0));
/// ```
pub fn run_text(name: &str, text: &str, options: &RunOptions) -> (FileReport, Option<String>) {
    let began = Moment::now();
    let engine = Engine::new(options.engine.clone());
    let mut source = load::empty();
    let mut report = FileReport { path: name.to_owned(), ..FileReport::default() };
    let mut missing_data: Option<usize> = None;
    let mut edits = Vec::new();
    let raw: Vec<&str> = text.split('\n').collect();
    let first_line = |line: usize| line.checked_sub(1).and_then(|i| raw.get(i)).map_or("", |l| l.trim()).to_owned();
    for command in parse(text).commands {
        let (line, result) = match command {
            Command::Clear => {
                source = load::empty();
                missing_data = None;
                continue;
            }
            Command::Load(block) => match load::load(&mut source, &block) {
                Ok(()) => continue,
                Err(error) => {
                    missing_data = Some(error.line);
                    broken(error)
                }
            },
            Command::BrokenLoad(error) => {
                missing_data = Some(error.line);
                broken(error)
            }
            Command::Broken(error) => broken(error),
            Command::Eval(eval) => {
                if !wanted(&eval, name, options) {
                    continue;
                }
                let result = match missing_data {
                    Some(line) => Err(Mismatch::new(format!("not run: the load of line {line} failed"))),
                    None => check(&eval, &engine, &source),
                };
                match result {
                    Err(_) if options.update && missing_data.is_none() => match update::rewrite(&eval, &raw, &engine, &source) {
                        Some(lines) => {
                            report.cases.push(Case { line: eval.line, command: first_line(eval.line), outcome: Outcome::Updated });
                            edits.push((eval.line, eval.end, lines));
                            continue;
                        }
                        None => (eval.line, result),
                    },
                    result => (eval.line, result),
                }
            }
        };
        let outcome = result.map_or_else(|why| Outcome::Failed(Box::new(why)), |()| Outcome::Passed);
        report.cases.push(Case { line, command: first_line(line), outcome });
    }
    report.elapsed = began.elapsed();
    let new_text = (!edits.is_empty()).then(|| update::apply(&raw, edits));
    (report, new_text)
}

fn broken(error: ScriptError) -> (usize, Result<(), Mismatch>) {
    (error.line, Err(Mismatch::new(error.message)))
}

fn wanted(eval: &Eval, name: &str, options: &RunOptions) -> bool {
    let Some(filter) = &options.filter else { return true };
    filter.is_match(&eval.query) || filter.is_match(&format!("{name}:{}", eval.line))
}
