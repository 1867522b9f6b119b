//! Compares the answers of two engines to the same cases, and counts what the cases cover.

use crate::ask::Process;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;

/// How often the other engine is asked again about a difference.
const ASKS: usize = 12;

struct Options {
    /// Largest relative difference of values.
    tolerance: f64,
    /// How many differences are printed.
    show: usize,
    /// The other engine's program, to be asked again: where its answers differ from each other,
    /// it does not determine them (the order of its rows is random after many operators).
    oracle: Option<String>,
}

pub fn run(cases: &str, ours: &str, theirs: &str, flags: &[&str]) -> ExitCode {
    let mut options = Options { tolerance: 1e-9, show: 20, oracle: None };
    for pair in flags.chunks(2) {
        match *pair {
            ["--tolerance", value] => options.tolerance = value.parse().unwrap_or(options.tolerance),
            ["--show", value] => options.show = value.parse().unwrap_or(options.show),
            ["--oracle", program] => options.oracle = Some(program.into()),
            _ => {
                eprintln!("unknown flag {}", pair[0]);
                return ExitCode::from(2);
            }
        }
    }
    let read = |path: &str| -> Result<Vec<Value>, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
        text.lines().map(|line| serde_json::from_str(line).map_err(|e| format!("{path}: {e}"))).collect()
    };
    let (cases, ours, theirs) = match (read(cases), read(ours), read(theirs)) {
        (Ok(cases), Ok(ours), Ok(theirs)) => (cases, ours, theirs),
        (cases, ours, theirs) => {
            [cases, ours, theirs].into_iter().filter_map(Result::err).for_each(|e| eprintln!("{e}"));
            return ExitCode::from(2);
        }
    };
    if cases.len() != ours.len() || cases.len() != theirs.len() || cases.is_empty() {
        eprintln!("{} cases, {} answers and {} answers", cases.len(), ours.len(), theirs.len());
        return ExitCode::FAILURE;
    }
    let mut tally = Tally::default();
    for ((case, a), b) in cases.iter().zip(&ours).zip(&theirs) {
        if b.get("crashed").is_some() {
            tally.crashed += 1;
            continue;
        }
        match case.get("queries").and_then(Value::as_array) {
            Some(queries) => tally.evaluated(case, queries, a, b, &options),
            None if case.get("content_type").is_some() => tally.read(case, a, b, &options),
            None => tally.parsed(case, a, b, &options),
        }
    }
    tally.report()
}

/// Whether the other engine, asked again, gives another answer than before, or ours.
fn undetermined(case: &Value, query: &Value, ours: &Value, theirs: &Value, options: &Options) -> bool {
    let Some(mut process) = options.oracle.as_deref().and_then(|program| Process::start(program, "eval")) else { return false };
    let question = serde_json::json!({"load": case["load"], "options": case["options"], "queries": [query]}).to_string();
    (0..ASKS).any(|_| {
        let answer = process.answer(&question).and_then(|line| serde_json::from_str::<Value>(&line).ok()).unwrap_or_default();
        let again = &answer["results"][0];
        results_differ(again, theirs, options.tolerance).is_some() || results_differ(again, ours, options.tolerance).is_none()
    })
}

#[derive(Default)]
struct Tally {
    same: usize,
    different: usize,
    /// Cases that the other engine did not survive.
    crashed: usize,
    /// Answers that the other engine itself does not determine.
    undetermined: usize,
    answers: usize,
    deep: usize,
    /// Non-empty answers by word, as instant and as range query.
    words: BTreeMap<String, [usize; 2]>,
    errors: HashMap<String, usize>,
}

impl Tally {
    fn evaluated(&mut self, case: &Value, queries: &[Value], a: &Value, b: &Value, options: &Options) {
        let results = |v: &Value| v.get("results").and_then(Value::as_array).cloned().unwrap_or_default();
        let (ours, theirs) = (results(a), results(b));
        if ours.len() != queries.len() || theirs.len() != queries.len() {
            self.differ(options, || format!("case {}: load: {a} | {b}", case["id"]));
            return;
        }
        for ((query, a), b) in queries.iter().zip(&ours).zip(&theirs) {
            let text = query["q"].as_str().unwrap_or_default();
            self.count(text, query.get("t").is_some(), b);
            let difference = results_differ(a, b, options.tolerance);
            match difference {
                None => self.same += 1,
                Some(_) if undetermined(case, query, a, b, options) => self.undetermined += 1,
                Some(what) => self.differ(options, || {
                    format!(
                        "case {} {query} options {}\n  {what}\n  ours   {}\n  theirs {}",
                        case["id"],
                        case["options"],
                        short(a),
                        short(b)
                    )
                }),
            }
        }
    }

    fn parsed(&mut self, case: &Value, a: &Value, b: &Value, options: &Options) {
        let fields = ["ok", "type", "string", "pretty", "error"];
        let first = |v: &Value| v.pointer("/errors/0").cloned();
        let same = fields.iter().all(|f| a.get(f) == b.get(f)) && (b.get("errors").is_none() || first(a) == first(b));
        self.answers += usize::from(b["ok"] == true);
        if same {
            self.same += 1;
        } else {
            self.differ(options, || format!("{case}\n  ours   {a}\n  theirs {b}"));
        }
    }

    fn read(&mut self, case: &Value, a: &Value, b: &Value, options: &Options) {
        self.answers += usize::from(b.get("error").is_none());
        if plain_entries(a) == plain_entries(b) && a.get("error") == b.get("error") {
            self.same += 1;
        } else {
            self.differ(options, || format!("{case}\n  ours   {a}\n  theirs {b}"));
        }
    }

    fn differ(&mut self, options: &Options, what: impl Fn() -> String) {
        self.different += 1;
        if self.different <= options.show {
            println!("DIFFERENT {}", what());
        }
    }

    fn count(&mut self, text: &str, instant: bool, answer: &Value) {
        if let Some(error) = answer.get("error").and_then(Value::as_str) {
            let kind: String = error.chars().take(60).collect();
            *self.errors.entry(kind).or_default() += 1;
        }
        let words = words(text);
        self.deep += usize::from(words.len() >= 3);
        if answer.get("series").is_none() {
            return;
        }
        self.answers += 1;
        for word in words {
            self.words.entry(word).or_default()[usize::from(!instant)] += 1;
        }
    }

    fn report(&self) -> ExitCode {
        let all = self.same + self.different;
        if !self.words.is_empty() {
            println!("{} of {all} answers are not empty and no error; {} queries are three operators deep", self.answers, self.deep);
            let rare: Vec<String> = known_words()
                .into_iter()
                .filter_map(|word| {
                    let [instant, range] = self.words.get(&word).copied().unwrap_or_default();
                    (instant < 50 || range < 50).then(|| format!("{word} {instant}+{range}"))
                })
                .collect();
            println!(
                "answered fewer than 50 times as instant or as range query: {}",
                if rare.is_empty() { "nothing".into() } else { rare.join(", ") }
            );
        }
        if self.crashed > 0 {
            println!("{} cases left out: the other engine crashed", self.crashed);
        }
        if self.undetermined > 0 {
            println!("{} answers left out: the other engine's own vary from run to run", self.undetermined);
        }
        println!("{all} compared: {} the same, {} different", self.same, self.different);
        if self.different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The entries of a page; of histograms the fields, not the two texts made of them.
fn plain_entries(answer: &Value) -> Vec<Value> {
    let mut entries = answer.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
    for histogram in entries.iter_mut().filter_map(|entry| entry.get_mut("h")).filter_map(Value::as_object_mut) {
        histogram.remove("string");
        histogram.remove("script");
    }
    entries
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 700 { text.chars().take(700).chain("…".chars()).collect() } else { text }
}

/// Functions, aggregations and operators of a query.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let known = known_words();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if known.contains(&word) {
            found.push(std::mem::take(&mut word));
        }
        word.clear();
    }
    for op in ["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "</", ">/"] {
        if text.contains(&format!(" {op} ")) || text.contains(&format!(" {op} bool")) {
            found.push(op.to_string());
        }
    }
    found
}

fn known_words() -> Vec<String> {
    let functions = ferula::functions::all().map(|f| f.name.to_string());
    let others = [
        "sum",
        "avg",
        "min",
        "max",
        "count",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "quantile",
        "count_values",
        "limitk",
        "limit_ratio",
        "and",
        "or",
        "unless",
        "atan2",
        "offset",
        "group_left",
        "group_right",
        "bool",
        "fill",
        "fill_left",
        "fill_right",
    ];
    functions.chain(others.map(String::from)).collect()
}

fn results_differ(a: &Value, b: &Value, tolerance: f64) -> Option<String> {
    let error = |v: &Value| v.get("error").and_then(Value::as_str).map(str::to_owned);
    match (error(a), error(b)) {
        (Some(x), Some(y)) if same_error(&x, &y) => return None,
        (None, None) => {}
        (x, y) => return Some(format!("error {x:?} against {y:?}")),
    }
    for field in ["type", "string"] {
        if a.get(field) != b.get(field) {
            return Some(format!("{field} {:?} against {:?}", a.get(field), b.get(field)));
        }
    }
    for field in ["warnings", "infos"] {
        if notes(a, field) != notes(b, field) {
            return Some(format!("{field} {:?} against {:?}", notes(a, field), notes(b, field)));
        }
    }
    let (ours, theirs) = (series(a), series(b));
    if ours.keys().ne(theirs.keys()) {
        if labels_are_numbers(&ours, &theirs, tolerance) {
            return None;
        }
        let only = |x: &BTreeMap<String, Vec<Value>>, y: &BTreeMap<String, Vec<Value>>| {
            x.keys().filter(|k| !y.contains_key(*k)).take(3).cloned().collect::<Vec<_>>()
        };
        return Some(format!("series only here {:?}, only there {:?}", only(&ours, &theirs), only(&theirs, &ours)));
    }
    for (labels, points) in &ours {
        let others = &theirs[labels];
        if points.len() != others.len() {
            return Some(format!("{labels}: {} points against {}", points.len(), others.len()));
        }
        for (p, q) in points.iter().zip(others) {
            if !values_agree(p, q, tolerance) {
                return Some(format!("{labels}: {p} against {q}"));
            }
        }
    }
    None
}

/// A message may name either of two series; the kind of the error is what counts there.
fn same_error(a: &str, b: &str) -> bool {
    let kind = |text: &str| text.split(" for the match group ").next().unwrap_or_default().to_owned();
    a == b || kind(a) == kind(b) && a.contains(" for the match group ") && b.contains(" for the match group ")
}

/// The figures of repaired buckets are not told apart: the reference counts them differently.
fn notes(v: &Value, field: &str) -> Vec<String> {
    let texts = v.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut texts: Vec<String> = texts
        .iter()
        .filter_map(Value::as_str)
        .map(|t| {
            let place = t.rfind(" (").map_or("", |i| &t[i..]);
            let cut = t.find(", from buckets").or(t.find(" occurrences)").and_then(|_| t.find("\" (").map(|i| i + 1)));
            cut.map_or(t.to_owned(), |i| format!("{}{place}", &t[..i]))
        })
        .collect();
    texts.sort();
    texts
}

/// Whether the series are the same but for label values that are numbers: count_values makes
/// labels of sums, whose last digit depends on the order of their terms.
fn labels_are_numbers(a: &BTreeMap<String, Vec<Value>>, b: &BTreeMap<String, Vec<Value>>, tolerance: f64) -> bool {
    let labels = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    a.len() == b.len()
        && a.iter().all(|(x, points)| {
            let x = labels(x);
            let same = |(y, others): (&String, &Vec<Value>)| {
                values_agree(&x, &labels(y), tolerance)
                    && points.len() == others.len()
                    && points.iter().zip(others).all(|(p, q)| values_agree(p, q, tolerance))
            };
            b.iter().any(same)
        })
}

/// Spans without a gap between them are one.
fn joined_spans(spans: &Value) -> Vec<(i64, u64)> {
    let mut joined: Vec<(i64, u64)> = Vec::new();
    for span in spans.as_array().into_iter().flatten() {
        let (offset, length) = (span["offset"].as_i64().unwrap_or(0), span["length"].as_u64().unwrap_or(0));
        match joined.last_mut() {
            Some(last) if offset == 0 => last.1 += length,
            _ => joined.push((offset, length)),
        }
    }
    joined
}

fn series(v: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut out = BTreeMap::new();
    for s in v.get("series").and_then(Value::as_array).into_iter().flatten() {
        let points = s.get("points").and_then(Value::as_array).cloned().unwrap_or_default();
        out.entry(s["labels"].to_string()).or_insert_with(Vec::new).extend(points);
    }
    out.retain(|_, points| !points.is_empty());
    out
}

/// Whether two JSON values are the same but for small differences of the numbers in texts.
fn values_agree(a: &Value, b: &Value, tolerance: f64) -> bool {
    match (a, b) {
        (Value::String(x), Value::String(y)) => x == y || numbers_agree(x, y, tolerance),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| values_agree(x, y, tolerance)),
        (Value::Object(x), Value::Object(y)) => {
            // The texts of a histogram repeat its numbers.
            let keys = |o: &serde_json::Map<String, Value>| {
                let keys = o.keys().filter(|k| *k != "string" && *k != "script");
                keys.cloned().collect::<std::collections::BTreeSet<_>>()
            };
            keys(x) == keys(y)
                && keys(x)
                    .iter()
                    .all(|k| values_agree(&x[k], &y[k], tolerance) || k.ends_with("_spans") && joined_spans(&x[k]) == joined_spans(&y[k]))
        }
        _ => a == b,
    }
}

fn numbers_agree(a: &str, b: &str, tolerance: f64) -> bool {
    let number = |text: &str| match text {
        "+Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        _ => text.parse::<f64>(),
    };
    match (number(a), number(b)) {
        (Ok(a), Ok(b)) => a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs()),
        _ => false,
    }
}
