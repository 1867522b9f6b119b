//! `ferula metrics`, `series` and `labels`: what the data has.

use super::args::{DataArgs, LabelsArgs, MetricsArgs, SeriesArgs};
use super::failure::Failure;
use super::table::{Table, visible};
use super::{load, query};
use crate::engine::{Engine, EngineOptions};
use crate::model::{LabelSet, Matcher, json};
use crate::result::series_text;
use crate::source::{Hints, MemorySource, Metadata, Selection, Source, SourceError, TimeRange};
use crate::syntax::ast::Expr;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

pub(crate) fn metrics(args: &MetricsArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let source = data(&args.data)?;
    let known: BTreeMap<String, Metadata> = source.metadata().map_err(failed)?.into_iter().map(|m| (m.name.clone(), m)).collect();
    let mut families: BTreeMap<String, usize> = BTreeMap::new();
    for labels in select(&source, &[])? {
        *families.entry(family(labels.metric_name(), &known).to_owned()).or_default() += 1;
    }
    let none = Metadata::default();
    let rows = families.iter().map(|(name, n)| (name, *n, known.get(name).unwrap_or(&none)));
    if args.json {
        let list: Vec<_> = rows
            .map(|(name, n, m)| serde_json::json!({"name": name, "type": m.kind, "unit": m.unit, "help": m.help, "series": n}))
            .collect();
        writeln!(out, "{}", serde_json::Value::from(list))?;
        return Ok(());
    }
    let mut table = Table::new(["metric", "type", "unit", "series", "help"].map(str::to_owned).to_vec(), vec![3]);
    for (name, n, m) in rows {
        table.push(vec![visible(name), visible(&m.kind), visible(&m.unit), n.to_string(), visible(&m.help)]);
    }
    Ok(table.write(out)?)
}

/// The metric family that a series name belongs to: `x_bucket` to the histogram `x`.
fn family<'a>(name: &'a str, known: &BTreeMap<String, Metadata>) -> &'a str {
    if known.contains_key(name) {
        return name;
    }
    let parents = ["_bucket", "_count", "_sum", "_total", "_created", "_info"].iter().filter_map(|s| name.strip_suffix(s));
    parents.into_iter().find(|parent| known.contains_key(*parent)).unwrap_or(name)
}

pub(crate) fn series(args: &SeriesArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let source = data(&args.data)?;
    let found = matching(&source, &args.selectors)?;
    if args.json {
        let objects: Vec<String> = found.iter().map(object).collect();
        writeln!(out, "[{}]", objects.join(","))?;
        return Ok(());
    }
    found.iter().try_for_each(|l| writeln!(out, "{}", visible(&series_text(l))))?;
    Ok(())
}

fn object(labels: &LabelSet) -> String {
    let pairs: Vec<String> = labels.iter().map(|l| format!("{}:{}", json::string(&l.name), json::string(&l.value))).collect();
    format!("{{{}}}", pairs.join(","))
}

pub(crate) fn labels(args: &LabelsArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let source = data(&args.data)?;
    let found = matching(&source, &args.selectors)?;
    let texts: BTreeSet<&str> = match &args.name {
        Some(name) => found.iter().filter_map(|l| l.get(name)).collect(),
        None => found.iter().flat_map(|l| l.iter().map(|l| &*l.name)).collect(),
    };
    if args.json {
        let quoted: Vec<String> = texts.iter().map(|t| json::string(t)).collect();
        writeln!(out, "[{}]", quoted.join(","))?;
        return Ok(());
    }
    texts.iter().try_for_each(|t| writeln!(out, "{}", visible(t)))?;
    Ok(())
}

fn data(args: &DataArgs) -> Result<MemorySource, Failure> {
    load::load(args)?.ok_or_else(|| Failure::Usage("there is no data: give --data FILE or --demo".into()))
}

/// The series of all selectors together, sorted; all series without selectors.
fn matching(source: &MemorySource, selectors: &[String]) -> Result<BTreeSet<LabelSet>, Failure> {
    if selectors.is_empty() {
        return Ok(select(source, &[])?.into_iter().collect());
    }
    let engine = Engine::new(EngineOptions::default());
    let mut found = BTreeSet::new();
    for selector in selectors {
        let prepared = query::prepare(&engine, selector)?;
        match prepared.expr() {
            Expr::Vector(v) if v.at.is_none() && v.offset.is_none() => found.extend(select(source, &v.all_matchers())?),
            _ => return Err(Failure::Usage(format!("--match: {selector:?} is not a selector such as up{{job=\"api\"}}"))),
        }
    }
    Ok(found)
}

fn select(source: &MemorySource, matchers: &[Matcher]) -> Result<Vec<LabelSet>, Failure> {
    let hints = Hints { function: "series".into(), ..Hints::default() };
    let found = source.select(&Selection { matchers, range: TimeRange::ALL, hints }).map_err(failed)?;
    Ok(found.labels().to_vec())
}

fn failed(error: SourceError) -> Failure {
    Failure::Failed(error.to_string())
}
