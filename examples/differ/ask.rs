//! Asks a program case by case, and starts it anew when it dies of one.

use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

pub struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    pub fn start(program: &str, mode: &str) -> Option<Process> {
        let mut child = Command::new(program).arg(mode).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (input, output) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Process { child, input, output })
    }

    pub fn answer(&mut self, case: &str) -> Option<String> {
        writeln!(self.input, "{case}").ok()?;
        self.input.flush().ok()?;
        let mut line = String::new();
        self.output.read_line(&mut line).ok().filter(|n| *n > 0)?;
        Some(line)
    }
}

pub fn run(program: &str, mode: &str, cases: &str) -> ExitCode {
    let Ok(cases) = std::fs::read_to_string(cases) else {
        eprintln!("cannot read {cases}");
        return ExitCode::from(2);
    };
    let mut process = None;
    for case in cases.lines() {
        if process.is_none() {
            process = Process::start(program, mode);
        }
        let Some(running) = &mut process else {
            eprintln!("cannot start {program}");
            return ExitCode::from(2);
        };
        match running.answer(case) {
            Some(line) => print!("{line}"),
            None => {
                println!("{}", json!({"crashed": true}));
                let _ = running.child.wait();
                process = None;
            }
        }
    }
    ExitCode::SUCCESS
}
