//! The same rows on Ferula, Prometheus and Thanos, run by turns, each in a process of its own.

use crate::args::Args;
use crate::measure::{Report, memory};
use crate::report::{self, Compared};
use crate::table::Row;
use crate::written;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Sums are added from left to right, and series may come in another order.
const SUM_TOLERANCE: f64 = 1e-9;

/// A program that answers row names with reports.
struct Peer {
    name: &'static str,
    child: Child,
    /// Closed to end the program.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Peer {
    fn start(name: &'static str, args: &Args, dir: &Path, peak: bool) -> Result<Peer, Box<dyn Error>> {
        let mut command = match name {
            "ferula" => Command::new(std::env::current_exe()?),
            "prometheus" => Command::new(dir.join("oracle")),
            _ => Command::new(dir.join(name)),
        };
        if name == "prometheus" {
            command.arg("bench");
        }
        command.arg("--interactive").arg("--matrix").arg(&args.matrix).arg("--threads").arg(args.threads.to_string());
        if peak {
            command.arg("--peak");
            if name == "ferula" {
                memory::frugal(&mut command);
            }
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| format!("{:?}: {e}", command.get_program()))?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("no output to read")?;
        Ok(Peer { name, child, input, output: BufReader::new(output) })
    }

    /// Runs a row once. A program that ends is an error of the row, and of all rows after.
    fn ask(&mut self, row: &Row) -> Report {
        let mut line = String::new();
        let asked = self.input.as_mut().map_or(Ok(()), |input| writeln!(input, "{}", row.name));
        let answer = asked.and_then(|()| self.output.read_line(&mut line)).map_err(|e| e.to_string());
        let parsed = answer.and_then(|_| serde_json::from_str(&line).map_err(|_| "the program has ended".to_owned()));
        let failed = |e| Report { row: row.name.clone(), engine: self.name.into(), error: Some(e), ..Report::default() };
        parsed.unwrap_or_else(failed)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.input.take();
        // It removes its data before it ends.
        let _ = self.child.wait();
    }
}

/// The runs of one engine on one row.
#[derive(Default)]
struct Runs {
    reports: Vec<Report>,
}

impl Runs {
    /// The least times of all runs, or the first error; results that change are an error too.
    fn merge(self) -> Report {
        let mut reports = self.reports;
        reports.sort_by(|a, b| a.cpu_ms.total_cmp(&b.cpu_ms));
        let runs = reports.len();
        let median = reports.get(runs / 2).map_or(0.0, |r| r.cpu_ms);
        let wall = reports.iter().map(|r| r.wall_ms).fold(f64::INFINITY, f64::min);
        let changed = reports.windows(2).find_map(|pair| match pair {
            [a, b] => differs(a, b),
            _ => None,
        });
        let failed = reports.iter().position(|r| r.error.is_some());
        let mut merged = match failed {
            Some(at) => reports.swap_remove(at),
            None => reports.into_iter().next().unwrap_or_default(),
        };
        if merged.error.is_none() {
            merged.error = changed.map(|change| format!("its own runs differ: {change}"));
        }
        Report { runs, cpu_median_ms: median, wall_ms: wall, ..merged }
    }
}

/// In what two results differ, if they do.
fn differs(a: &Report, b: &Report) -> Option<String> {
    if a.series != b.series {
        return Some(format!("{} and {} series", a.series, b.series));
    }
    if a.points != b.points {
        return Some(format!("{} and {} points", a.points, b.points));
    }
    let near = (a.sum - b.sum).abs() <= SUM_TOLERANCE * a.sum.abs().max(b.sum.abs());
    (!near).then(|| format!("sums {} and {}", a.sum, b.sum))
}

const ENGINES: [&str; 3] = ["ferula", "prometheus", "thanos"];

fn start_all(args: &Args, dir: &Path, peak: bool) -> Result<Vec<Peer>, Box<dyn Error>> {
    ENGINES.iter().map(|name| Peer::start(name, args, dir, peak)).collect()
}

/// So long a row is run over and over, as the least of three short runs is left to chance …
const ENOUGH: Duration = Duration::from_secs(2);
/// … but in no more than so many times the rounds that were asked for.
pub const MOST: usize = 5;

/// Runs a row on all engines by turns, each round beginning with another one, after a round to
/// warm up. All have as many runs.
fn by_turns(peers: &mut [Peer], row: &Row, rounds: usize) -> Vec<Report> {
    let mut runs: Vec<Runs> = peers.iter().map(|_| Runs::default()).collect();
    let began = Instant::now();
    for round in 0..=rounds * MOST {
        if round > rounds && began.elapsed() > ENOUGH {
            break;
        }
        for turn in 0..peers.len() {
            let at = (round + turn) % peers.len();
            let (Some(peer), Some(runs)) = (peers.get_mut(at), runs.get_mut(at)) else { continue };
            if runs.reports.iter().any(|r| r.error.is_some()) {
                continue;
            }
            let report = peer.ask(row);
            if round > 0 || report.error.is_some() {
                runs.reports.push(report);
            }
        }
    }
    runs.into_iter().map(Runs::merge).collect()
}

/// Judges the reports of one row, Ferula's first: nothing is compared that is not equal.
fn judge<'a>(row: &'a Row, reports: Vec<Report>) -> Compared<'a> {
    let mut problems = Vec::new();
    let mut ratio = None;
    if let Some((ferula, peers)) = reports.split_first() {
        if let Some(e) = &ferula.error {
            problems.push(format!("ferula: {e}"));
        }
        let answered = peers.iter().filter(|peer| peer.error.is_none());
        let mut equal = Vec::new();
        for peer in answered {
            match differs(ferula, peer) {
                _ if ferula.error.is_some() => {}
                None => equal.push(peer.cpu_ms),
                Some(difference) => problems.push(format!("ferula and {}: {difference}", peer.engine)),
            }
        }
        let better = equal.into_iter().fold(f64::INFINITY, f64::min);
        // Where Prometheus itself answers otherwise, that another peer agrees proves nothing.
        let reference = peers.iter().find(|peer| peer.engine == "prometheus" && peer.error.is_none());
        let trusted = reference.is_some_and(|reference| differs(ferula, reference).is_none());
        if trusted && ferula.error.is_none() && better.is_finite() && ferula.cpu_ms > 0.0 {
            ratio = Some(better / ferula.cpu_ms);
        }
    }
    Compared { row, reports, ratio, problems }
}

/// Compares the engines on some rows, sorted by data set, and prints what came of it. Fails where a
/// result of Ferula is an error or differs from one of the peers'.
pub fn compare(args: &Args, dir: &Path, rows: &[&Row]) -> Result<ExitCode, Box<dyn Error>> {
    if !args.json {
        println!("{}", report::head_compared(args.peak));
    }
    let mut all = Vec::new();
    for group in rows.chunk_by(|a, b| a.data == b.data) {
        let mut peers = start_all(args, dir, false)?;
        let mut reports: Vec<(&Row, Vec<Report>)> = Vec::new();
        for row in group {
            eprintln!("{}", row.name);
            reports.push((row, by_turns(&mut peers, row, args.runs)));
        }
        drop(peers);
        if args.peak {
            let mut peers = start_all(args, dir, true)?;
            for (row, reports) in &mut reports {
                for (peer, report) in peers.iter_mut().zip(reports).filter(|(_, report)| report.error.is_none()) {
                    report.peak_bytes = peer.ask(row).peak_bytes;
                }
            }
        }
        for (row, reports) in reports {
            let compared = judge(row, reports);
            if args.json {
                for report in &compared.reports {
                    println!("{}", serde_json::to_string(report)?);
                }
            } else {
                println!("{}", report::row_compared(&compared, args.peak));
            }
            all.push(compared);
        }
    }
    let summary = report::summary(&all);
    if args.json {
        eprint!("{summary}")
    } else {
        print!("{summary}")
    }
    if args.write {
        written::write(&all, args, &summary)?;
    }
    Ok(if all.iter().all(|c| c.problems.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
