//! Figures as Markdown tables.

use crate::measure::Report;
use crate::table::Row;
use std::fmt::Write;

/// A row as all engines ran it.
pub struct Compared<'a> {
    pub row: &'a Row,
    /// Ferula's, Prometheus's, Thanos's.
    pub reports: Vec<Report>,
    /// CPU time of the better peer over Ferula's; nothing where results differ or are missing.
    pub ratio: Option<f64>,
    /// Errors of Ferula, and what differs.
    pub problems: Vec<String>,
}

fn megabytes(bytes: Option<i64>) -> String {
    bytes.map(|b| format!("{:.1}", b as f64 / 1e6)).unwrap_or_default()
}

fn time(report: &Report, ms: f64) -> String {
    if report.error.is_some() { "–".into() } else { format!("{ms:.2}") }
}

/// A Markdown row escapes what would end a cell.
fn line(cells: &[String]) -> String {
    format!("| {} |", cells.iter().map(|c| c.replace('|', "\\|")).collect::<Vec<_>>().join(" | "))
}

/// The head of a table: the first column is text, the others numbers.
fn head(columns: &[&str]) -> String {
    format!("| {} |\n| --- |{}", columns.join(" | "), " --: |".repeat(columns.len().saturating_sub(1)))
}

/// The head of Ferula's own table.
pub fn head_alone(peak: bool) {
    let mut columns = vec!["row", "weight", "CPU ms", "median", "wall ms", "series", "points", "sum"];
    if peak {
        columns.push("peak MB");
    }
    println!("{}", head(&columns));
}

/// A row of Ferula's own table.
pub fn row_alone(row: &Row, report: &Report, peak: bool) {
    if let Some(e) = &report.error {
        println!("{}", line(&[row.name.clone(), row.weight.to_string(), format!("error: {e}")]));
        return;
    }
    let mut cells = vec![row.name.clone(), row.weight.to_string()];
    cells.extend([report.cpu_ms, report.cpu_median_ms, report.wall_ms].map(|ms| format!("{ms:.2}")));
    cells.extend([report.series.to_string(), report.points.to_string(), report.sum.to_string()]);
    if peak {
        cells.push(megabytes(report.peak_bytes));
    }
    println!("{}", line(&cells));
}

/// The head of the table that compares.
pub fn head_compared(peak: bool) -> String {
    let mut columns =
        vec!["row", "weight", "points", "Ferula CPU ms", "Prometheus", "Thanos", "ratio", "Ferula wall ms", "Prometheus", "Thanos"];
    if peak {
        columns.extend(["Ferula peak MB", "Prometheus", "Thanos"]);
    }
    head(&columns)
}

/// A row of the table that compares.
pub fn row_compared(compared: &Compared, peak: bool) -> String {
    let row = compared.row;
    let points = compared.reports.first().map_or(0, |r| r.points);
    let mut cells = vec![row.name.clone(), row.weight.to_string(), points.to_string()];
    cells.extend(compared.reports.iter().map(|r| time(r, r.cpu_ms)));
    cells.push(compared.ratio.map_or("–".into(), |ratio| format!("{ratio:.2}")));
    cells.extend(compared.reports.iter().map(|r| time(r, r.wall_ms)));
    if peak {
        cells.extend(compared.reports.iter().map(|r| megabytes(r.peak_bytes)));
    }
    line(&cells)
}

/// The weighted geometric mean of the ratios; nothing if there are none.
fn mean(rows: &[&Compared]) -> Option<f64> {
    let (mut logs, mut weights) = (0.0, 0.0);
    for compared in rows {
        if let Some(ratio) = compared.ratio {
            let weight = f64::from(compared.row.weight);
            logs += weight * ratio.ln();
            weights += weight;
        }
    }
    (weights > 0.0).then(|| (logs / weights).exp())
}

/// Mean and worst row of each set and of all, and below them every difference and error.
pub fn summary(all: &[Compared]) -> String {
    let mut sets: Vec<&str> = Vec::new();
    for compared in all {
        if !sets.contains(&compared.row.set.as_str()) {
            sets.push(&compared.row.set);
        }
    }
    let mut out = String::from("\nRatio: CPU time of the better peer over Ferula's; means are weighted and geometric.\n\n");
    out.push_str("| set | rows compared | mean ratio | worst row | its ratio |\n| --- | --: | --: | --- | --: |\n");
    let mut add = |name: &str, rows: Vec<&Compared>| {
        let compared = rows.iter().filter(|c| c.ratio.is_some()).count();
        let worst = rows.iter().filter_map(|c| Some((c.row.name.as_str(), c.ratio?))).min_by(|a, b| a.1.total_cmp(&b.1));
        let (worst, ratio) = worst.map_or(("–", "–".into()), |(name, ratio)| (name, format!("{ratio:.2}")));
        let mean = mean(&rows).map_or("–".into(), |mean| format!("{mean:.2}"));
        let _ = writeln!(out, "| {name} | {compared} of {} | {mean} | {worst} | {ratio} |", rows.len());
    };
    for set in sets {
        add(set, all.iter().filter(|c| c.row.set == set).collect());
    }
    add("all", all.iter().collect());
    for compared in all {
        for problem in &compared.problems {
            let _ = writeln!(out, "\n{}: {problem}", compared.row.name);
        }
        for report in compared.reports.iter().skip(1) {
            if let Some(e) = &report.error {
                let _ = writeln!(out, "\n{}: {} has no answer: {e}", compared.row.name, report.engine);
            }
        }
    }
    out
}
