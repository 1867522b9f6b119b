//! `info()`: labels of info series joined to the series that share `instance` and `job`.

use crate::exec::names::{Merge, merged};
use crate::exec::{Block, Cx, Grid, Opened, Series, Spool, Stop, VectorOp, mistyped, open_vector};
use crate::functions::kernel::CallSite;
use crate::model::labels::{METRIC_NAME, is_metadata};
use crate::model::{HashMap, Label, LabelSet, Matcher, Samples, is_stale};
use crate::plan::reference::{Reference, uniform};
use crate::plan::{Kind, Node, Select};
use crate::source::{Columns, Selection};
use std::sync::Arc;

/// The labels that tie a series to its info series.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// Which info series are wanted: matchers of the metric name, and of the labels to copy.
struct Wanted {
    names: Vec<Matcher>,
    data: Vec<Matcher>,
}

impl Wanted {
    fn of(select: &Select) -> Wanted {
        let (names, data) = select.matchers.iter().cloned().partition(|m| m.name == METRIC_NAME);
        Wanted { names, data }
    }

    /// Whether a series is an info series itself, which passes through as it is.
    fn is_info(&self, labels: &LabelSet) -> bool {
        self.names.iter().all(|m| m.matches(labels.metric_name()))
    }

    /// Whether a label of an info series is copied.
    fn copies(&self, name: &str) -> bool {
        !is_metadata(name) && (self.data.is_empty() || self.data.iter().any(|m| m.name == *name))
    }
}

/// `instance` and `job` of a series; absent and empty are the same.
type Identity = [Option<Arc<str>>; 2];

fn identity(labels: &LabelSet) -> Identity {
    IDENTIFYING.map(|name| labels.find(name).map(|l| l.value.clone()))
}

/// The info series of one metric name, `instance` and `job`.
struct Signature {
    series: Vec<usize>,
}

/// An info series, and the original time of its sample at each step.
struct InfoSeries {
    labels: LabelSet,
    times: Vec<Option<i64>>,
}

pub(super) fn info<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let CallSite { node, args, grid, cx } = *site;
    let input = open_vector(&args[0], &grid, cx)?;
    let base = Spool::collect(&*input, grid.n, node, cx)?;
    let Some(Kind::Select(select)) = args.get(1).map(|n| &n.kind) else { return Err(mistyped(node)) };
    let wanted = Wanted::of(select);
    let enriched = |s: &Series| !wanted.is_info(&s.labels) && identity(&s.labels).iter().any(Option::is_some);
    let infos = if base.rows().iter().any(enriched) { read(select, uniform(&args[0]), node, &grid, cx)? } else { Vec::new() };
    let mut signatures: Vec<Signature> = Vec::new();
    let mut of_identity: HashMap<Identity, Vec<usize>> = HashMap::default();
    let mut of_signature: HashMap<(Arc<str>, Identity), usize> = HashMap::default();
    for (i, series) in infos.iter().enumerate() {
        let identity = identity(&series.labels);
        let signature = *of_signature.entry((series.labels.metric_name().into(), identity.clone())).or_insert_with(|| {
            signatures.push(Signature { series: Vec::new() });
            of_identity.entry(identity).or_default().push(signatures.len() - 1);
            signatures.len() - 1
        });
        signatures[signature].series.push(i);
    }
    let chosen: Vec<Vec<Option<usize>>> = signatures.iter().map(|s| choose(s, &infos, node, grid.n, cx)).collect();
    let steady: Vec<bool> = chosen.iter().map(|steps| steps.windows(2).all(|pair| pair[0] == pair[1])).collect();
    let mut join =
        Join { site, wanted: &wanted, infos: &infos, chosen: &chosen, steady: &steady, rows: Vec::new(), out: Block::new(grid.n) };
    for (row, series) in base.rows().iter().enumerate() {
        cx.check()?;
        let identity = identity(&series.labels);
        let matching = if identity.iter().any(Option::is_some) { of_identity.get(&identity) } else { None };
        join.row(series, row, base.block(), matching.map_or(&[], Vec::as_slice));
    }
    let (rows, out) = (join.rows, join.out);
    cx.hold_points(node, out.weight(), base.rows().len() as u64)?;
    Ok(Opened::Vector(merged(Arc::new(Spool::new(rows, out)), Merge::Always, node, &grid, cx)?))
}

/// Selects and reads the info series.
fn read(select: &Select, reference: Option<Reference>, node: &Node, grid: &Grid, cx: &Cx<'_>) -> Result<Vec<InfoSeries>, Stop> {
    let at = |time: i64| match reference {
        Some(Reference::At(t)) => t,
        Some(Reference::Before(offset)) => time.saturating_sub(offset),
        None => time,
    };
    let lookback = cx.options.lookback_delta;
    let range = select.window;
    let set = cx.select(node, &Selection { matchers: &select.matchers, range, hints: select.hints.clone() })?;
    cx.touch_series(set.labels().len(), node)?;
    let mut samples = Samples::default();
    let mut infos = Vec::new();
    for (i, labels) in set.labels().iter().enumerate() {
        set.read(i, range, Columns { start_timestamps: false, ..Columns::ALL }, &mut samples)?;
        let mut times = vec![None; grid.n];
        let mut next = 0;
        for (step, slot) in times.iter_mut().enumerate() {
            let reference = at(grid.time(step));
            while next < samples.len() && samples.time[next] <= reference {
                next += 1;
            }
            let Some(last) = next.checked_sub(1) else { continue };
            if samples.time[last] <= reference.saturating_sub(lookback) || is_stale(samples.value[last]) {
                continue;
            }
            if samples.histogram_at(last).is_some() {
                cx.fault(node, (step as u64, 0), format!("this should be an info metric, with float samples: {labels}"));
                continue;
            }
            *slot = Some(samples.time[last]);
        }
        cx.hold_points(node, times.iter().flatten().count() as u64, 0)?;
        cx.hold_bytes(node, (times.len() * size_of::<Option<i64>>()) as u64)?;
        infos.push(InfoSeries { labels: labels.clone(), times });
    }
    Ok(infos)
}

/// At each step the series whose sample is newest.
fn choose(signature: &Signature, infos: &[InfoSeries], node: &Node, n: usize, cx: &Cx<'_>) -> Vec<Option<usize>> {
    (0..n)
        .map(|step| {
            let mut best: Option<(usize, i64)> = None;
            for &i in &signature.series {
                let Some(time) = infos[i].times[step] else { continue };
                match best {
                    Some((existing, at)) if at == time => {
                        let (a, b) = (&infos[existing].labels, &infos[i].labels);
                        let message = format!("found duplicate series for info metric: existing {a} @ {at}, new {b} @ {time}");
                        cx.fault(node, (step as u64, 1), message);
                    }
                    Some((_, at)) if at > time => {}
                    _ => best = Some((i, time)),
                }
            }
            best.map(|(i, _)| i)
        })
        .collect()
}

struct Join<'a, 'q> {
    site: &'a CallSite<'q>,
    wanted: &'a Wanted,
    infos: &'a [InfoSeries],
    chosen: &'a [Vec<Option<usize>>],
    /// Of each signature, whether the same series is chosen at every step.
    steady: &'a [bool],
    rows: Vec<Series>,
    out: Block,
}

impl Join<'_, '_> {
    /// Writes the points of one series, split into as many rows as its labels take forms.
    fn row(&mut self, series: &Series, row: usize, block: &Block, signatures: &[usize]) {
        let passes = self.wanted.is_info(&series.labels);
        if passes || signatures.iter().all(|s| self.steady[*s]) {
            return self.whole_row(series, row, block, if passes { &[] } else { signatures });
        }
        // Which info series were joined, and the row that has their labels.
        let mut forms: HashMap<Vec<usize>, Option<usize>> = HashMap::default();
        for step in 0..block.n {
            let Some(point) = block.point(row, step) else { continue };
            let joined: Vec<usize> = signatures.iter().filter_map(|s| self.chosen[*s][step]).collect();
            let target = match forms.get(&joined) {
                Some(target) => *target,
                None => {
                    let target = self.labels(series, &joined, false, step, row).map(|labels| {
                        self.rows.push(Series { labels, drop_name: series.drop_name });
                        self.out.push_row(self.rows.len() as u32 - 1)
                    });
                    forms.insert(joined, target);
                    target
                }
            };
            if let Some(target) = target {
                self.out.set(target, step, point);
            }
        }
    }

    /// Writes a row that has the same labels at all steps.
    fn whole_row(&mut self, series: &Series, row: usize, block: &Block, signatures: &[usize]) {
        let Some(step) = (0..block.n).find(|step| block.has(row, *step)) else { return };
        let joined: Vec<usize> = signatures.iter().filter_map(|s| self.chosen[*s][step]).collect();
        let passes = self.wanted.is_info(&series.labels);
        if let Some(labels) = self.labels(series, &joined, passes, step, row) {
            self.out.push_copy(self.rows.len() as u32, block, row);
            self.rows.push(Series { labels, drop_name: series.drop_name });
        }
    }

    /// The labels with those of the info series; `None` where the element is dropped.
    fn labels(&self, series: &Series, joined: &[usize], passes: bool, step: usize, row: usize) -> Option<LabelSet> {
        if passes {
            return Some(series.labels.clone());
        }
        let mut copied: Vec<Label> = Vec::new();
        for &i in joined {
            for label in &self.infos[i].labels {
                if !self.wanted.copies(&label.name) || series.labels.get(&label.name).is_some() {
                    continue;
                }
                match copied.iter().find(|l| l.name == label.name) {
                    Some(other) if other.value != label.value => {
                        let CallSite { node, cx, .. } = *self.site;
                        cx.fault(node, (step as u64, 2 + row as u64), format!("conflicting label: {}", label.name));
                        return None;
                    }
                    Some(_) => {}
                    None => copied.push(label.clone()),
                }
            }
        }
        if joined.is_empty() && !self.wanted.data.iter().all(Matcher::matches_empty) {
            return None;
        }
        copied.extend(series.labels.iter().cloned());
        Some(LabelSet::new(copied))
    }
}
