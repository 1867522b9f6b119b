//! Quantiles and fractions of histograms, native and classic, at each step.

use super::classic::{self, Bucket};
use crate::exec::names::{Merge, dropped, merged};
use crate::exec::remark::Forced;
use crate::exec::{Block, Cx, Opened, Point, Remark, Series, Spool, Stop, open_column, open_text, open_vector};
use crate::functions::kernel::CallSite;
use crate::model::number::{format_openmetrics, parse_go_float};
use crate::model::{Histogram, LabelSet, Span};
use crate::plan::Node;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// The label of a classic bucket's upper bound.
const BUCKET_LABEL: &str = "le";

pub(super) fn quantile<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let CallSite { args, grid, cx, .. } = *site;
    let q = open_column(&args[0], &grid, cx)?;
    check_quantiles(site, &q, &args[0]);
    let input = Input::open(site, &args[1])?;
    let mut out = Output::new(*site);
    input.each(&mut out, |out, step, labels, found| {
        let value = quantile_at(&out.site, q[step], &input, step, found);
        out.set(labels, 0, None, step, value);
    });
    out.finish()
}

pub(super) fn quantiles<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let CallSite { args, grid, cx, .. } = *site;
    let input = Input::open(site, &args[0])?;
    let label = open_text(&args[1], &grid, cx)?;
    let Some(label) = label.as_str() else {
        return Err(Stop::Unsupported("a label name that is not UTF-8".into()));
    };
    let columns = args[2..].iter().map(|a| open_column(a, &grid, cx)).collect::<Result<Vec<_>, _>>()?;
    columns.iter().zip(&args[2..]).for_each(|(q, arg)| check_quantiles(site, q, arg));
    let mut out = Output::new(*site);
    input.each(&mut out, |out, step, labels, found| {
        for (i, q) in columns.iter().enumerate() {
            let value = quantile_at(&out.site, q[step], &input, step, found);
            out.set(labels, i, Some((label, q[step])), step, value);
        }
    });
    out.finish()
}

pub(super) fn fraction<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let CallSite { node, args, grid, cx } = *site;
    let lower = open_column(&args[0], &grid, cx)?;
    let upper = open_column(&args[1], &grid, cx)?;
    let input = Input::open(site, &args[2])?;
    let mut out = Output::new(*site);
    input.each(&mut out, |out, step, labels, found| {
        let value = match found {
            Found::Classic(buckets) => classic::fraction(lower[step], upper[step], &mut buckets.to_vec()),
            Found::Native(h, metric) => {
                let outcome = h.fraction(lower[step], upper[step]);
                if outcome.nan_observations {
                    cx.note(node, step, 0, input.span, Remark::FractionNans { metric: (*metric).into() });
                }
                outcome.value
            }
        };
        out.set(labels, 0, None, step, value);
    });
    out.finish()
}

/// Remarks on quantiles outside 0 to 1: at every step, whether there is a histogram or not.
fn check_quantiles(site: &CallSite<'_>, column: &[f64], arg: &Node) {
    for (step, &q) in column.iter().enumerate().filter(|(_, q)| q.is_nan() || !(0.0..=1.0).contains(*q)) {
        site.cx.note(site.node, step, 0, arg.note_span(), Remark::InvalidQuantile { got: q });
    }
}

/// A histogram at a step.
enum Found<'a> {
    Classic(&'a [Bucket]),
    /// With the metric name for remarks.
    Native(&'a Histogram, &'a str),
}

fn quantile_at(site: &CallSite<'_>, q: f64, input: &Input<'_>, step: usize, found: &Found<'_>) -> f64 {
    let CallSite { node, grid, cx, .. } = *site;
    match found {
        Found::Classic(buckets) => {
            let (value, repair) = classic::quantile(q, &mut buckets.to_vec());
            if let Some(r) = repair {
                let time = grid.time(step);
                let forced = Forced {
                    first: time,
                    last: time,
                    min_bound: r.min_bound,
                    max_bound: r.max_bound,
                    max_difference: r.max_difference,
                    samples: 1,
                };
                let metric = input.metric_of_group(step);
                cx.note(node, step, 0, input.span, Remark::ForcedMonotonicity { metric, forced });
            }
            value
        }
        Found::Native(h, metric) => {
            let outcome = h.quantile(q);
            if outcome.nan_result {
                cx.note(node, step, 0, input.span, Remark::NanResult { metric: (*metric).into() });
            }
            if outcome.nan_skew {
                cx.note(node, step, 0, input.span, Remark::NanSkew { metric: (*metric).into() });
            }
            outcome.value
        }
    }
}

/// The rows of one classic histogram: labels without `le`, rows by ascending bound.
struct Group {
    labels: LabelSet,
    rows: Vec<(f64, usize)>,
    /// Rows whose bound cannot be read.
    malformed: Vec<usize>,
    /// The row that can hold a native histogram of just these labels.
    native: Option<usize>,
}

/// The vector argument, evaluated, with its classic histograms put together.
struct Input<'q> {
    node: &'q Node,
    cx: &'q Cx<'q>,
    /// Where remarks about the vector point.
    span: Span,
    spool: Spool,
    groups: Vec<Group>,
    current_group: std::cell::Cell<usize>,
}

impl<'q> Input<'q> {
    fn open(site: &CallSite<'q>, arg: &'q Node) -> Result<Input<'q>, Stop> {
        let CallSite { node, grid, cx, .. } = *site;
        let vector = open_vector(arg, &grid, cx)?;
        let spool = Spool::collect(&*vector, grid.n, node, cx)?;
        let mut of_labels: HashMap<LabelSet, usize> = HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let rows = crate::exec::VectorOp::rows(&spool);
        let full: HashMap<&LabelSet, usize> = rows.iter().enumerate().map(|(i, s)| (&s.labels, i)).collect();
        for (row, series) in rows.iter().enumerate() {
            let labels = series.labels.filter(|name| name != BUCKET_LABEL);
            let group = match of_labels.entry(labels) {
                Entry::Occupied(e) => *e.get(),
                Entry::Vacant(e) => {
                    let native = full.get(e.key()).copied();
                    groups.push(Group { labels: e.key().clone(), rows: Vec::new(), malformed: Vec::new(), native });
                    *e.insert(groups.len() - 1)
                }
            };
            match series.labels.get(BUCKET_LABEL).and_then(|le| parse_go_float(le).ok()).filter(|b| !b.is_nan()) {
                Some(bound) => groups[group].rows.push((bound, row)),
                None => groups[group].malformed.push(row),
            }
        }
        for group in &mut groups {
            group.rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        Ok(Input { node, cx, span: arg.note_span(), spool, groups, current_group: std::cell::Cell::new(0) })
    }

    /// The name for remarks: gone where names are dropped at once.
    fn metric(&self, labels: &LabelSet) -> String {
        if self.cx.delayed_names() { labels.metric_name().into() } else { String::new() }
    }

    fn metric_of_group(&self, _step: usize) -> String {
        self.metric(&self.groups[self.current_group.get()].labels)
    }

    /// Calls `f` for every histogram at every step: native ones first, then classic ones. Where
    /// the same labels have both, neither counts.
    fn each(&self, out: &mut Output<'q>, mut f: impl FnMut(&mut Output<'q>, usize, &LabelSet, &Found<'_>)) {
        let block = self.spool.block();
        let rows = crate::exec::VectorOp::rows(&self.spool);
        out.gathered = rows.len() + out.site.args.len() - 1;
        let mut buckets = Vec::new();
        let in_a_group: HashMap<usize, usize> = self.groups.iter().enumerate().filter_map(|(g, group)| Some((group.native?, g))).collect();
        for (row, series) in rows.iter().enumerate() {
            // Whoever takes the result asks again, and tells.
            if self.cx.check().is_err() {
                return;
            }
            let metric = self.metric(&series.labels);
            for step in 0..block.n {
                let Some(h) = block.histogram(row, step) else { continue };
                let group = in_a_group.get(&row).map(|g| &self.groups[*g]);
                let classic = group.is_some_and(|g| g.rows.iter().any(|(_, r)| block.float(*r, step).is_some()));
                if classic {
                    self.cx.note(self.node, step, 0, self.span, Remark::MixedClassicNative { metric: metric.clone() });
                } else {
                    f(out, step, &series.labels, &Found::Native(h, &metric));
                }
            }
        }
        for (g, group) in self.groups.iter().enumerate() {
            if self.cx.check().is_err() {
                return;
            }
            self.current_group.set(g);
            for step in 0..block.n {
                for row in group.malformed.iter().filter(|row| block.float(**row, step).is_some()) {
                    let le = rows[*row].labels.get(BUCKET_LABEL).unwrap_or("").to_string();
                    let metric = self.metric(&group.labels);
                    self.cx.note(self.node, step, 0, self.span, Remark::BadBucketLabel { le, metric });
                }
                if group.native.is_some_and(|row| block.histogram(row, step).is_some()) {
                    continue;
                }
                buckets.clear();
                let present = group.rows.iter().filter_map(|(bound, row)| Some((*bound, block.float(*row, step)?)));
                buckets.extend(present.map(|(bound, count)| Bucket { bound, count }));
                if !buckets.is_empty() {
                    f(out, step, &group.labels, &Found::Classic(&buckets));
                }
            }
        }
    }
}

/// The rows of the result, made as their first point comes.
struct Output<'q> {
    site: CallSite<'q>,
    rows: Vec<Series>,
    block: Block,
    /// By labels, index of the quantile, and its text where it is a label.
    of_key: HashMap<(LabelSet, usize, u64), usize>,
    /// Samples and scalars looked at in a step.
    gathered: usize,
}

impl<'q> Output<'q> {
    fn new(site: CallSite<'q>) -> Output<'q> {
        Output { site, rows: Vec::new(), block: Block::new(site.grid.n), of_key: HashMap::new(), gathered: 0 }
    }

    fn set(&mut self, labels: &LabelSet, index: usize, label: Option<(&str, f64)>, step: usize, value: f64) {
        let key = (labels.clone(), index, label.map_or(0, |(_, q)| q.to_bits()));
        let row = match self.of_key.entry(key) {
            Entry::Occupied(e) => *e.get(),
            Entry::Vacant(e) => {
                let labels = match label {
                    Some((name, q)) => labels.with(name, &format_openmetrics(q)),
                    None => labels.clone(),
                };
                self.rows.push(Series { labels, drop_name: false });
                *e.insert(self.block.push_row(self.rows.len() as u32 - 1))
            }
        };
        self.block.set(row, step, Point::Float(value));
    }

    fn finish(self) -> Result<Opened<'q>, Stop> {
        let CallSite { node, grid, cx, .. } = self.site;
        cx.hold_points(node, self.block.weight(), self.gathered as u64)?;
        cx.hold_bytes(node, grid.row_bytes().saturating_mul(self.rows.len() as u64))?;
        let rows = dropped(&self.rows, cx);
        let op = Arc::new(Spool::new(rows, self.block));
        Ok(Opened::Vector(merged(op, Merge::Vector, node, &grid, cx)?))
    }
}
