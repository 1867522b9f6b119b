//! Rules on which series are found.

use super::TestSeries;
use super::fixtures::{expect, float, labels, matcher, read, select, select_for, service, told};
use super::rules::Probe;
use crate::model::{LabelSet, MatchOp, Matcher};
use crate::source::{Columns, Hints, Source, TimeRange};
use std::collections::BTreeSet;

pub(super) const MISSING: &str = "queries would see series that they did not ask for, or miss some that they did";
pub(super) const LISTED: &str = "completion and the label endpoints show these lists as they are";

fn texts(labels: &[LabelSet]) -> Vec<String> {
    let mut all: Vec<String> = labels.iter().map(ToString::to_string).collect();
    all.sort();
    all
}

fn found(source: &dyn Source, matchers: &[Matcher]) -> Result<Vec<String>, String> {
    Ok(texts(select(source, matchers, TimeRange::ALL)?.labels()))
}

/// What a walk over all series finds.
fn expected(series: &[TestSeries], matchers: &[Matcher]) -> Vec<String> {
    let value = |l: &LabelSet, m: &Matcher| m.name.as_str().and_then(|n| l.get(n)).unwrap_or("").to_owned();
    let fits = |s: &&TestSeries| matchers.iter().all(|m| m.matches(&value(&s.labels, m)));
    texts(&series.iter().filter(fits).map(|s| s.labels.clone()).collect::<Vec<_>>())
}

fn compare(source: &dyn Source, series: &[TestSeries], matchers: &[Matcher]) -> Result<(), String> {
    expect(&format!("series that match {matchers:?}"), &found(source, matchers)?, &expected(series, matchers))
}

pub(super) fn all_are_found(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| compare(source, &series, &[]))?;
    probe(&[], &mut |source| compare(source, &[], &[]))
}

pub(super) fn order_is_stable(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| {
        for matchers in [vec![], vec![matcher("zone", MatchOp::Regex, "a|b|")?], vec![matcher("job", MatchOp::NotEqual, "api")?]] {
            let first = select(source, &matchers, TimeRange::ALL)?.labels().to_vec();
            for _ in 0..8 {
                expect("order of the series", &select(source, &matchers, TimeRange::ALL)?.labels().to_vec(), &first)?;
            }
        }
        Ok(())
    })
}

pub(super) fn matchers_select(probe: &Probe<'_>) -> Result<(), String> {
    use MatchOp::{Equal, NotEqual, NotRegex, Regex};
    let series = service();
    let cases = [
        ("job", Equal, "api"),
        ("job", NotEqual, "api"),
        ("job", Regex, "api.*"),
        ("__name__", Equal, "errors_total"),
        ("__name__", NotEqual, ""),
        ("__name__", Equal, ""),
        ("zone", Equal, ""),
        ("zone", NotEqual, ""),
        ("zone", NotEqual, "a"),
        ("zone", Regex, "a|ab"),
        ("zone", Regex, "a|"),
        ("zone", Regex, ".*"),
        ("zone", Regex, ".+"),
        ("zone", NotRegex, "a|"),
        ("zone", NotRegex, "a.*"),
        ("zone", NotRegex, ".+"),
        ("instance", Regex, "host-1[01]?"),
        ("nowhere", Equal, ""),
        ("nowhere", Equal, "x"),
        ("nowhere", NotEqual, "x"),
        ("nowhere", Regex, "x*"),
        ("nowhere", NotRegex, "x*"),
    ];
    let cases: Vec<Matcher> = cases.into_iter().map(|(name, op, value)| matcher(name, op, value)).collect::<Result<_, _>>()?;
    probe(&series, &mut |source| {
        for a in &cases {
            compare(source, &series, std::slice::from_ref(a))?;
            for b in &cases {
                compare(source, &series, &[a.clone(), b.clone()])?;
            }
        }
        Ok(())
    })
}

pub(super) fn expressions_are_anchored(probe: &Probe<'_>) -> Result<(), String> {
    let values = ["api", "api-canary", "my-api", "a\npi", ""];
    let series: Vec<TestSeries> =
        values.iter().map(|v| TestSeries { labels: labels(&[("__name__", "up"), ("job", v)]), samples: vec![float(0, 1.0)] }).collect();
    probe(&series, &mut |source| {
        for expression in ["api", "a.*pi", "api|my", "a.pi", "(?i:API)", "^api$"] {
            compare(source, &series, &[matcher("job", MatchOp::Regex, expression)?])?;
            compare(source, &series, &[matcher("job", MatchOp::NotRegex, expression)?])?;
        }
        Ok(())
    })
}

pub(super) fn values_are_any_text(probe: &Probe<'_>) -> Result<(), String> {
    let values = ["\"quoted\"", "back\\slash", "line\nfeed", "größe", "🌱", " ", "{a=\"b\"}", ",", "\u{0}"];
    let series: Vec<TestSeries> = values
        .iter()
        .map(|v| TestSeries { labels: labels(&[("__name__", "http.größe"), ("a label", v)]), samples: vec![float(0, 1.0)] })
        .collect();
    probe(&series, &mut |source| {
        compare(source, &series, &[])?;
        for value in values {
            compare(source, &series, &[matcher("a label", MatchOp::Equal, value)?])?;
        }
        let mut sorted: Vec<String> = values.iter().map(ToString::to_string).collect();
        sorted.sort();
        let listed = source.label_values("a label", &[], TimeRange::ALL).map_err(|e| e.to_string())?;
        expect("label_values", &listed, &sorted)
    })
}

pub(super) fn nothing_is_no_error(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| {
        let none = [matcher("job", MatchOp::Equal, "nobody")?];
        expect("series of no job", &found(source, &none)?, &vec![])?;
        expect("names of nothing", &source.label_names(&none, TimeRange::ALL).map_err(|e| e.to_string())?, &vec![])?;
        let nowhere = source.label_values("nowhere", &[], TimeRange::ALL).map_err(|e| e.to_string())?;
        expect("values of a label that no series has", &nowhere, &vec![])?;
        // Series without samples in the range may be listed, if reading them gives none.
        let late = TimeRange { start: 1_000_000, end: 2_000_000 };
        let set = select(source, &[], late)?;
        for i in 0..set.labels().len() {
            expect("samples after the last", &told(&read(&*set, i, late, Columns::ALL)?), &vec![])?;
        }
        Ok(())
    })
}

pub(super) fn hints_change_nothing(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    let range = TimeRange { start: 2000, end: 8000 };
    let all = |source: &dyn Source, hints: Hints| -> Result<Vec<String>, String> {
        let set = select_for(source, &[], range, hints)?;
        let mut all = Vec::new();
        for (i, labels) in set.labels().iter().enumerate() {
            let samples = told(&read(&*set, i, range, Columns::ALL)?);
            // A series without samples in the range need not be there.
            if !samples.is_empty() {
                all.push(format!("{labels}: {samples:?}"));
            }
        }
        all.sort();
        Ok(all)
    };
    probe(&series, &mut |source| {
        let plain = all(source, Hints::default())?;
        for function in ["rate", "sum", "max_over_time", "count_over_time", "absent"] {
            let hints =
                Hints { function: function.into(), step: 3000, range: 1500, grouping: vec!["job".into()], by: true, ..Hints::default() };
            expect(&format!("what is read for {function}"), &all(source, hints)?, &plain)?;
        }
        Ok(())
    })
}

pub(super) fn limits_shorten(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| {
        let all: BTreeSet<String> = found(source, &[])?.into_iter().collect();
        let set = select_for(source, &[], TimeRange::ALL, Hints { limit: 3, ..Hints::default() })?;
        let some = texts(set.labels());
        if some.len() < 3 {
            return Err(format!("a limit of 3 left {} of {} series", some.len(), all.len()));
        }
        match some.iter().find(|labels| !all.contains(*labels)) {
            Some(stranger) => Err(format!("with a limit there is {stranger}, without there is not")),
            None => Ok(()),
        }
    })
}

pub(super) fn names_are_sorted(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| {
        for matchers in [vec![], vec![Matcher::equal("zone", "ab")], vec![Matcher::equal("zone", "")], vec![Matcher::equal("__name__", "")]]
        {
            let fits = |s: &&TestSeries| matchers.iter().all(|m| m.matches(m.name.as_str().and_then(|n| s.labels.get(n)).unwrap_or("")));
            let names: BTreeSet<String> = series.iter().filter(fits).flat_map(|s| s.labels.iter().map(|l| l.name.to_string())).collect();
            let listed = source.label_names(&matchers, TimeRange::ALL).map_err(|e| e.to_string())?;
            expect(&format!("label_names of {matchers:?}"), &listed, &names.into_iter().collect())?;
        }
        Ok(())
    })
}

pub(super) fn values_are_sorted(probe: &Probe<'_>) -> Result<(), String> {
    let series = service();
    probe(&series, &mut |source| {
        for (name, matchers) in [
            ("instance", vec![]),
            ("zone", vec![]),
            ("zone", vec![Matcher::equal("job", "api")]),
            ("job", vec![Matcher::equal("zone", "")]),
            ("__name__", vec![Matcher::equal("__name__", "errors_total")]),
        ] {
            let fits = |s: &&TestSeries| matchers.iter().all(|m| m.matches(m.name.as_str().and_then(|n| s.labels.get(n)).unwrap_or("")));
            let values: BTreeSet<String> = series.iter().filter(fits).filter_map(|s| s.labels.get(name)).map(str::to_owned).collect();
            let listed = source.label_values(name, &matchers, TimeRange::ALL).map_err(|e| e.to_string())?;
            expect(&format!("label_values of {name:?} and {matchers:?}"), &listed, &values.into_iter().collect())?;
        }
        Ok(())
    })
}

pub(super) fn types_are_told(probe: &Probe<'_>) -> Result<(), String> {
    for name in ["__type__", "__unit__"] {
        let typed = TestSeries { labels: labels(&[("__name__", "a"), (name, "x")]), samples: vec![float(0, 1.0)] };
        probe(&[typed], &mut |source| expect(&format!("may_have_types beside {name}"), &source.may_have_types(), &true))?;
    }
    Ok(())
}
