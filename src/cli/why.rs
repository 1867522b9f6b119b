//! Why an answer is empty, in one line, for the commonest cases.
//!
//! The query is taken apart from the top: the first sub-expression that is empty although its
//! own inputs are not, or the first selector that finds nothing, is to blame.

use super::query::evaluate;
use super::table::count;
use super::time::{When, show, show_duration};
use crate::engine::{Engine, PreparedQuery, Value};
use crate::model::labels::METRIC_NAME;
use crate::model::{LabelSet, Matcher, Samples, is_stale};
use crate::result::series_text;
use crate::source::{Columns, Hints, Selection, SeriesSet, Source, TimeRange};
use crate::syntax::ast::{BinaryOp, Call, Expr, ValueType, VectorSelector};
use std::collections::BTreeSet;

/// The reason, if it is one of those that can be told.
pub(crate) fn why_empty(engine: &Engine, query: &PreparedQuery, source: &dyn Source, when: When) -> Option<String> {
    Case { engine, text: query.text(), source, when }.why(query.expr())
}

struct Case<'a> {
    engine: &'a Engine,
    text: &'a str,
    source: &'a dyn Source,
    when: When,
}

impl Case<'_> {
    /// Why an expression, known to be empty, is so.
    fn why(&self, expr: &Expr) -> Option<String> {
        crate::model::deep(|| match expr.unwrap_parens() {
            e @ Expr::Vector(v) => self.selector(e, v, None),
            e @ Expr::Matrix(m) => self.selector(e, &m.vector, None),
            Expr::Call(c) => self.call(c),
            Expr::Aggregate(a) => self.inside(&a.expr),
            Expr::Unary(u) => self.inside(&u.expr),
            Expr::Subquery(s) => self.inside(&s.expr),
            Expr::Binary(b) => {
                if let Some(reason) = self.inside(&b.lhs) {
                    return Some(reason);
                }
                if b.op == BinaryOp::Unless {
                    return Some("every series on the left of `unless` has a partner on the right".into());
                }
                if let Some(reason) = self.inside(&b.rhs) {
                    return Some(reason);
                }
                let (left, right) = (self.len(&b.lhs)?, self.len(&b.rhs)?);
                if b.matching.is_none() {
                    let n = count(left.max(right), "series", "series");
                    return b.op.is_comparison().then(|| format!("no value of {n} passes `{}`", self.condition(b)));
                }
                Some(self.join(b, left, right))
            }
            Expr::Number(_) | Expr::String(_) | Expr::Paren(_) => None,
        })
    }

    /// The reason inside an input, if that is empty.
    fn inside(&self, expr: &Expr) -> Option<String> {
        (self.len(expr)? == 0).then(|| self.why(expr))?
    }

    /// How many series an expression has here. Range vectors and subqueries only have a length
    /// at one time, so over a range theirs is asked at its end.
    fn len(&self, expr: &Expr) -> Option<usize> {
        let ranged = matches!(expr.unwrap_parens(), Expr::Matrix(_) | Expr::Subquery(_));
        let when = match self.when {
            When::Over(range) if ranged => When::At(range.end),
            when => when,
        };
        let prepared = self.engine.from_expr(self.text, expr.clone());
        Some(evaluate(&prepared, self.source, when).ok()?.value.len())
    }

    fn call(&self, call: &Call) -> Option<String> {
        let name = call.function.name;
        if matches!(name, "absent" | "absent_over_time") {
            return Some(format!("{name} finds what it looks for"));
        }
        let mut found = 0;
        for arg in call.args.iter().filter(|a| self.is_vector(a)) {
            match arg.unwrap_parens() {
                e @ Expr::Matrix(m) => return self.selector(e, &m.vector, Some(name)),
                arg => {
                    if let Some(reason) = self.inside(arg) {
                        return Some(reason);
                    }
                    found = found.max(self.len(arg)?);
                }
            }
        }
        let series = count(found, "series", "series");
        match name {
            "histogram_quantile" | "histogram_fraction" if found > 0 => {
                Some(format!("{series} found, but neither buckets (label le) nor native histograms among them"))
            }
            n if n.starts_with("histogram_") && found > 0 => Some(format!("{series} found, but no native histograms among them")),
            _ => None,
        }
    }

    /// The comparison without the side that has the series: `> 100`.
    fn condition(&self, b: &crate::syntax::ast::Binary) -> &str {
        let (from, to) = if self.is_vector(&b.lhs) { (b.lhs.span().end, b.span.end) } else { (b.span.start, b.rhs.span().start) };
        self.text.get(from as usize..to as usize).map_or(b.op.as_str(), str::trim)
    }

    /// Two sides with series that do not find each other, or a comparison that none passes.
    fn join(&self, b: &crate::syntax::ast::Binary, left: usize, right: usize) -> String {
        let sides = format!("{left} on the left and {right} on the right");
        let Some(matching) = &b.matching else { return sides };
        let keys = |expr: &Expr| -> BTreeSet<LabelSet> {
            let prepared = self.engine.from_expr(self.text, expr.clone());
            let labels: Vec<LabelSet> = match evaluate(&prepared, self.source, self.when).map(|r| r.value) {
                Ok(Value::Vector(v)) => v.into_iter().map(|s| s.labels).collect(),
                Ok(Value::Matrix(m)) => m.series.into_iter().map(|s| s.labels).collect(),
                _ => Vec::new(),
            };
            let listed = |name: &str| matching.labels.iter().any(|l| l == name);
            labels.iter().map(|l| if matching.on { l.filter(listed) } else { l.without_metadata().filter(|n| !listed(n)) }).collect()
        };
        let (left_keys, right_keys) = (keys(&b.lhs), keys(&b.rhs));
        if left_keys.intersection(&right_keys).next().is_some() {
            return format!("series match ({sides}), but no pair passes `{}`", b.op.as_str());
        }
        let example = |keys: &BTreeSet<LabelSet>| keys.first().map(series_text).unwrap_or_default();
        format!("no two series match ({sides}): the left has {}, the right {}", example(&left_keys), example(&right_keys))
    }

    /// `expr` is the selector itself or the range selector around it.
    fn selector(&self, expr: &Expr, v: &VectorSelector, function: Option<&str>) -> Option<String> {
        let matchers = v.all_matchers();
        let all = self.labels(&matchers, TimeRange::ALL)?;
        if all.is_empty() {
            return self.no_series(&matchers);
        }
        let window = self.window(expr)?;
        let set = self.source.select(&Selection { matchers: &matchers, range: window, hints: Hints::default() }).ok()?;
        let counts = samples_of(&*set, window)?;
        let matched = count(all.len(), "series", "series");
        let fresh = counts.iter().map(|c| c.0).max().unwrap_or(0);
        // an instant selector looks at the last sample alone, a window at all but the stale markers
        let instant = matches!(expr, Expr::Vector(_));
        if (instant || fresh == 0) && counts.iter().any(|c| c.1) {
            return Some(format!("{matched} matched, all stale {}", self.when.in_words()));
        }
        if fresh == 0 {
            let newest = self.newest(&matchers, window.start)?;
            let span = show_duration(window.end.saturating_sub(window.start).saturating_add(1));
            return Some(match newest {
                Some(t) => format!(
                    "{matched} matched, but no sample lies in the {span} before {}; the newest before is of {}",
                    show(window.end),
                    show(t)
                ),
                None => format!("{matched} matched, but every sample is newer than {}", show(window.end)),
            });
        }
        let needed = function.and_then(samples_needed)?;
        let function = function?;
        (fresh < needed).then(|| format!("{matched} matched, {} each; {function} needs {needed}", count(fresh, "sample", "samples")))
    }

    /// The time that a selector looks at, as the planner tells it.
    fn window(&self, expr: &Expr) -> Option<TimeRange> {
        let alone = self.engine.from_expr(self.text, expr.clone());
        Some(alone.selections(self.when.as_range()).ok()?.first()?.range)
    }

    /// Whether an argument can have series at all.
    fn is_vector(&self, expr: &Expr) -> bool {
        let alone = self.engine.from_expr(self.text, expr.clone());
        matches!(alone.value_type(), ValueType::InstantVector | ValueType::RangeVector)
    }

    fn labels(&self, matchers: &[Matcher], range: TimeRange) -> Option<Vec<LabelSet>> {
        let set =
            self.source.select(&Selection { matchers, range, hints: Hints { function: "series".into(), ..Hints::default() } }).ok()?;
        Some(set.labels().to_vec())
    }

    /// The newest sample before a time, stale markers aside. Outer `None`: the source failed.
    fn newest(&self, matchers: &[Matcher], before: i64) -> Option<Option<i64>> {
        let range = TimeRange { start: i64::MIN, end: before };
        let set = self.source.select(&Selection { matchers, range, hints: Hints::default() }).ok()?;
        let mut samples = Samples::default();
        let mut newest = None;
        for i in 0..set.labels().len() {
            set.read(i, range, Columns::ALL, &mut samples).ok()?;
            newest = newest.max(samples.time.iter().zip(&samples.value).rev().find(|(_, v)| !is_stale(**v)).map(|(t, _)| *t));
        }
        Some(newest)
    }

    /// A selector that matches nothing at any time: which of its matchers is to blame?
    fn no_series(&self, matchers: &[Matcher]) -> Option<String> {
        let name_matcher = matchers.iter().find(|m| m.name == METRIC_NAME);
        let named: Vec<Matcher> = name_matcher.into_iter().cloned().collect();
        let name = name_matcher.filter(|m| m.op == crate::model::MatchOp::Equal).map(|m| m.value.to_string());
        if name_matcher.is_some() && self.labels(&named, TimeRange::ALL)?.is_empty() {
            let Some(name) = name else { return Some("no metric has a name that matches".into()) };
            let known = self.source.label_values(METRIC_NAME, &[], TimeRange::ALL).ok()?;
            let hint = nearest(&name, &known).map_or(String::new(), |n| format!("; the nearest name is {n}"));
            return Some(format!("no metric is called {name}{hint}"));
        }
        let of = name.map_or("no series".to_owned(), |n| format!("no series of {n}"));
        for m in matchers.iter().filter(|m| m.name != METRIC_NAME) {
            let pair: Vec<Matcher> = named.iter().chain([m]).cloned().collect();
            if self.labels(&pair, TimeRange::ALL)?.is_empty() {
                let label = m.name.to_string();
                let values = self.source.label_values(&label, &named, TimeRange::ALL).ok()?;
                let there = match values.len() {
                    0 => format!("they have no label {label}"),
                    n if n <= 5 => format!("{label} is {}", values.join(", ")),
                    n => nearest(&m.value.to_string(), &values)
                        .map_or(format!("{label} has {n} other values"), |v| format!("the nearest of {n} values is {v}")),
                };
                return Some(format!("{of} has {label}{}{}; {there}", m.op, crate::model::quote::quote(m.value.as_bytes())));
            }
        }
        Some(format!("{of} matches all matchers together, though each alone finds some"))
    }
}

/// Non-stale samples of each series, and whether it ends in a stale marker.
fn samples_of(set: &dyn SeriesSet, range: TimeRange) -> Option<Vec<(usize, bool)>> {
    let mut samples = Samples::default();
    (0..set.labels().len())
        .map(|i| {
            set.read(i, range, Columns::ALL, &mut samples).ok()?;
            let stale = samples.value.iter().filter(|v| is_stale(**v)).count();
            Some((samples.len() - stale, samples.value.last().is_some_and(|v| is_stale(*v))))
        })
        .collect()
}

/// How many samples a function needs in its window to say anything.
fn samples_needed(function: &str) -> Option<usize> {
    match function {
        "rate" | "increase" | "delta" | "irate" | "idelta" | "deriv" | "predict_linear" | "double_exponential_smoothing" => Some(2),
        _ => None,
    }
}

/// The name that is most like another, if any is like it at all.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let distance = |other: &str| {
        // a forgotten or superfluous suffix (`_total`, `_bucket`) is one mistake, not six
        let prefix = other.starts_with(name) || name.starts_with(other);
        if prefix && !other.is_empty() && !name.is_empty() { 1 } else { edits(name, other) }
    };
    let limit = (name.chars().count() / 3).max(1);
    known.iter().map(|k| (distance(k), k)).filter(|(d, _)| *d <= limit).min().map(|(_, k)| k.as_str())
}

/// Insertions, deletions and replacements between two texts.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name() {
        let known = ["http_requests_total", "up", "http_request_duration_seconds"].map(str::to_owned);
        assert_eq!(nearest("http_request_total", &known), Some("http_requests_total"));
        assert_eq!(nearest("http_requests", &known), Some("http_requests_total"));
        assert_eq!(nearest("ups", &known), Some("up"));
        assert_eq!(nearest("memory", &known), None);
    }

    #[test]
    fn edits_are_counted() {
        for (a, b, n) in [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("é", "e", 1)] {
            assert_eq!((edits(a, b), edits(b, a)), (n, n));
        }
    }
}
