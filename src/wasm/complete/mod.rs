//! Completions: from the table of functions, and from the metrics and labels that are loaded.

mod cursor;

use super::data::Data;
use super::options::LanguageOptions;
use super::places::Places;
use crate::functions;
use crate::model::labels::METRIC_NAME;
use crate::model::order::sort_by;
use crate::model::quote::quote;
use crate::syntax::ast::{AggregateOp, ValueType};
use cursor::{Cursor, Place};
use serde::Serialize;

/// How many are told.
const MOST: usize = 200;

#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Completions {
    from: u32,
    to: u32,
    options: Vec<Completion>,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize)]
struct Completion {
    label: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    insert: Option<String>,
    /// UTF-16 units from the start of what is inserted.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<u32>,
}

impl Completion {
    fn new(kind: &'static str, label: impl Into<String>) -> Completion {
        Completion { kind, label: label.into(), ..Completion::default() }
    }
}

/// What could stand at a place of a text, the best first.
pub(super) fn complete(text: &str, position: u32, language: &LanguageOptions, data: &Data) -> Completions {
    let places = Places::of(text);
    let at = places.byte(position);
    let Cursor { place, replaced } = cursor::find(text, at);
    let typed = text.get(replaced.start..at).unwrap_or_default();
    let next = text.get(replaced.end..).and_then(|rest| rest.chars().find(|c| *c != ' '));
    let found = match place {
        Place::Expression { call } => expression(call, next, language, data),
        Place::Operator => OPERATORS.iter().map(|(word, doc)| keyword(word, doc)).collect(),
        Place::MatcherName { metric } => matcher_names(metric, next, data),
        Place::MatcherValue { metric, label, quoted } => matcher_values(metric, label, quoted, data),
        Place::Grouping => grouping(text, data),
        Place::Duration => {
            DURATIONS.iter().map(|(d, doc)| Completion { doc: Some((*doc).into()), ..Completion::new("duration", *d) }).collect()
        }
        Place::Time => ["start()", "end()"].map(|word| Completion::new("keyword", word)).into(),
        Place::Nothing => Vec::new(),
    };
    Completions { from: places.utf16(replaced.start as u32), to: places.utf16(replaced.end as u32), options: best(found, typed) }
}

/// Those that what was typed can stand for: same start first, then the same piece, then the same
/// letters in order.
fn best(found: Vec<Completion>, typed: &str) -> Vec<Completion> {
    let typed = typed.to_ascii_lowercase();
    // What is equally good stays in its order.
    let mut ranked: [Vec<Completion>; RANKS] = Default::default();
    for completion in found {
        let rank = rank(&completion.label.to_ascii_lowercase(), &typed);
        if let Some(alike) = rank.and_then(|rank| ranked.get_mut(rank)) {
            alike.push(completion);
        }
    }
    ranked.into_iter().flatten().take(MOST).collect()
}

/// How many there are of what [`rank`] gives.
const RANKS: usize = 4;

fn rank(label: &str, typed: &str) -> Option<usize> {
    if label.starts_with(typed) {
        return Some(0);
    }
    if label.contains(typed) {
        return Some(if label.split(['_', ':', '.']).any(|part| part.starts_with(typed)) { 1 } else { 2 });
    }
    let mut rest = label.chars();
    typed.chars().all(|c| rest.any(|l| l == c)).then_some(3)
}

fn expression(call: Option<&str>, next: Option<char>, language: &LanguageOptions, data: &Data) -> Vec<Completion> {
    let around = call.and_then(functions::find);
    let wants_range = around.is_some_and(|f| f.args.contains(&ValueType::RangeVector));
    // A rate is of a counter.
    let counters = matches!(call, Some("rate" | "irate" | "increase"));
    let (fitting, others): (Vec<_>, Vec<_>) = data
        .metrics()
        .iter()
        .filter(|m| !m.name.is_empty())
        .map(|m| {
            let fits = !counters || matches!(m.kind.as_str(), "counter" | "histogram");
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let plain = m.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
            let insert = (!plain).then(|| format!("{{{}}}", quote(m.name.as_bytes())));
            (fits, Completion { detail: some(&m.kind), doc: some(&m.help), insert, ..Completion::new("metric", &*m.name) })
        })
        .partition(|(fits, _)| *fits);
    let metrics = fitting.into_iter().chain(others).map(|(_, c)| c);
    let called = |c: Completion, takes: bool| {
        if next == Some('(') {
            return c;
        }
        let cursor = c.label.len() as u32 + if takes { 1 } else { 2 };
        Completion { insert: Some(format!("{}()", c.label)), cursor: Some(cursor), ..c }
    };
    let functions = functions::all().filter(|f| language.experimental_functions || !f.experimental).map(|f| {
        let c = Completion { detail: Some(f.signature()), doc: Some(f.doc.into()), ..Completion::new("function", f.name) };
        called(c, !f.args.is_empty())
    });
    let aggregations = AggregateOp::ALL
        .into_iter()
        .filter(|op| language.experimental_functions || !matches!(op, AggregateOp::Limitk | AggregateOp::LimitRatio))
        .map(|op| called(Completion { doc: Some(meaning(op).into()), ..Completion::new("aggregation", op.as_str()) }, true));
    if wants_range {
        metrics.chain(functions).chain(aggregations).collect()
    } else {
        aggregations.chain(functions).chain(metrics).collect()
    }
}

fn meaning(op: AggregateOp) -> &'static str {
    match op {
        AggregateOp::Sum => "The sum of each group.",
        AggregateOp::Avg => "The mean of each group.",
        AggregateOp::Count => "How many elements each group has.",
        AggregateOp::Min => "The smallest value of each group.",
        AggregateOp::Max => "The largest value of each group.",
        AggregateOp::Group => "1 for each group.",
        AggregateOp::Stddev => "The population standard deviation of each group.",
        AggregateOp::Stdvar => "The population variance of each group.",
        AggregateOp::Topk => "The k largest elements of each group, with their labels.",
        AggregateOp::Bottomk => "The k smallest elements of each group, with their labels.",
        AggregateOp::CountValues => "How many elements of each group have the same value, which becomes a label.",
        AggregateOp::Quantile => "The φ-quantile of each group, for φ from 0 to 1.",
        AggregateOp::Limitk => "k elements of each group, whichever.",
        AggregateOp::LimitRatio => "A share of the elements of each group, or with a negative ratio the rest.",
    }
}

const OPERATORS: [(&str, &str); 11] = [
    ("and", "Elements of the left side that the right side has too."),
    ("or", "All of the left side, and what the right side has beside it."),
    ("unless", "Elements of the left side that the right side does not have."),
    ("atan2", "The angle of two coordinates, in radians."),
    ("offset", "The value of some time ago."),
    ("by", "Groups by these labels."),
    ("without", "Groups by all labels but these."),
    ("on", "Matches by these labels."),
    ("ignoring", "Matches by all labels but these."),
    ("group_left", "Many elements on the left to one on the right."),
    ("group_right", "One element on the left to many on the right."),
];

const DURATIONS: [(&str, &str); 9] = [
    ("5m", "5 minutes"),
    ("1m", "1 minute"),
    ("10m", "10 minutes"),
    ("15m", "15 minutes"),
    ("30m", "30 minutes"),
    ("1h", "1 hour"),
    ("6h", "6 hours"),
    ("1d", "1 day"),
    ("1w", "1 week"),
];

fn keyword(word: &str, doc: &str) -> Completion {
    Completion { doc: Some(doc.to_owned()), ..Completion::new("keyword", word) }
}

/// A selector of one metric, in the notation that takes any name.
fn of_metric(name: &str) -> String {
    format!("{{{}}}", quote(name.as_bytes()))
}

fn matcher_names(metric: Option<&str>, next: Option<char>, data: &Data) -> Vec<Completion> {
    let selector = metric.map(of_metric);
    let names = data.label_names(selector.as_deref()).unwrap_or_default();
    let shown = names.iter().filter(|name| *name != METRIC_NAME || metric.is_none());
    shown
        .map(|name| {
            let written = if is_plain(name) { name.clone() } else { quote(name.as_bytes()) };
            if matches!(next, Some('=' | '!')) {
                return Completion { insert: (written != *name).then_some(written), ..Completion::new("label", name) };
            }
            let insert = format!("{written}=\"\"");
            let cursor = insert.encode_utf16().count() as u32 - 1;
            Completion { insert: Some(insert), cursor: Some(cursor), ..Completion::new("label", name) }
        })
        .collect()
}

fn is_plain(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn matcher_values(metric: Option<&str>, label: &str, quoted: bool, data: &Data) -> Vec<Completion> {
    let selector = metric.map(of_metric);
    let values = data.label_values(label, selector.as_deref()).unwrap_or_default();
    values
        .iter()
        .map(|value| {
            let text = quote(value.as_bytes());
            let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
            let insert = if quoted { inner.to_owned() } else { text.clone() };
            Completion { insert: (insert != *value).then_some(insert), ..Completion::new("value", value) }
        })
        .collect()
}

/// Labels of the metrics that the text names; of all where it names none.
fn grouping(text: &str, data: &Data) -> Vec<Completion> {
    let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '.'))).collect();
    let mut names = Vec::new();
    for metric in data.metrics().iter().filter(|m| words.contains(&m.name.as_str())) {
        names.extend(metric.labels.iter().map(|l| l.name.clone()));
    }
    if names.is_empty() {
        names.extend(data.label_names(None).unwrap_or_default().into_iter().filter(|n| n != METRIC_NAME));
    }
    sort_by(&mut names, Ord::cmp);
    names.dedup();
    names
        .into_iter()
        .map(|name| Completion { insert: (!is_plain(&name)).then(|| quote(name.as_bytes())), ..Completion::new("label", name) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::data::{Page, Settings};

    fn data() -> Data {
        let page = "# TYPE http_requests counter\n# HELP http_requests All.\nhttp_requests{path=\"/a\",code=\"2\\\"0\"} 1\n\
                    # TYPE heat gauge\nheat{room=\"é\"} 1\n{\"a.b\",\"c.d\"=\"e\"} 1\n";
        let mut data = Data::default();
        data.load(vec![Page { content: page.into(), settings: Settings::default() }], true).unwrap();
        data
    }

    /// The labels of the completions at `|`.
    fn at(marked: &str) -> Vec<String> {
        options(marked).options.into_iter().map(|c| c.label).collect()
    }

    fn options(marked: &str) -> Completions {
        let at = marked.chars().take_while(|c| *c != '|').map(char::len_utf16).sum::<usize>();
        complete(&marked.replacen('|', "", 1), at as u32, &LanguageOptions::default(), &data())
    }

    #[test]
    fn functions_metrics_and_aggregations() {
        let found = at("h|");
        assert!(["heat", "http_requests", "hour", "histogram_quantile"].iter().all(|w| found.contains(&(*w).to_owned())), "{found:?}");
        assert!(!at("|").contains(&"info".to_owned()), "experimental");
        assert_eq!(at("hreq|"), ["http_requests"]);
        assert_eq!(at("rate(|")[..3], ["http_requests", "a.b", "heat"]);
        assert_eq!(at("req|")[0], "http_requests");
        let rate = &options("é + rat|").options[0];
        assert_eq!((rate.label.as_str(), rate.insert.as_deref(), rate.cursor), ("rate", Some("rate()"), Some(5)));
        assert_eq!(options("rat|(x[5m])").options[0].insert, None);
        assert_eq!((options("\"é\" + rat|e").from, options("\"é\" + rat|e").to), (6, 10));
    }

    #[test]
    fn labels_and_their_values() {
        assert_eq!(at("http_requests{|"), ["code", "path"]);
        assert_eq!(options("http_requests{pa|").options[0].insert.as_deref(), Some("path=\"\""));
        assert_eq!(options("http_requests{pa|=\"x\"}").options[0].insert, None);
        assert_eq!(at("heat{room=\"|\"}"), ["é"]);
        assert_eq!(options("http_requests{code=|").options[0].insert.as_deref(), Some("\"2\\\"0\""));
        assert_eq!(options("http_requests{code=\"|\"}").options[0].insert.as_deref(), Some("2\\\"0"));
        assert_eq!(at("sum by (|) (heat)"), ["room"]);
        assert_eq!(options("{\"a.b\", |").options.iter().find(|c| c.label == "c.d").unwrap().insert.as_deref(), Some("\"c.d\"=\"\""));
        assert_eq!(at("sum by (|"), ["c.d", "code", "path", "room"]);
    }

    #[test]
    fn nothing_where_nothing_fits() {
        assert_eq!(at("up |"), Vec::<String>::new());
        assert_eq!(at("up un|"), ["unless", "group_right"][..1].to_vec());
        assert_eq!(at("x[|")[0], "5m");
        assert_eq!(at("x @ |"), ["start()", "end()"]);
    }
}
