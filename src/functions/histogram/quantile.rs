//! Quantiles and fractions of histograms, native and classic, at each step.

use super::buckets::{Found, Input};
use super::classic::{self, Bucket};
use crate::exec::names::{Merge, dropped, merged};
use crate::exec::remark::Forced;
use crate::exec::{Block, Opened, Remark, Series, Spool, Stop, open_column, open_text};
use crate::functions::kernel::CallSite;
use crate::model::number::format_openmetrics;
use crate::model::{HashMap, LabelSet, Span};
use crate::plan::Node;
use std::sync::Arc;

pub(super) fn quantile<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let CallSite { args, grid, cx, .. } = *site;
    let q = open_column(&args[0], &grid, cx)?;
    check_quantiles(site, &q, &args[0]);
    let input = Input::open(site, &args[1])?;
    Output::of(*site, &input, &|out, step, found| {
        let value = out.quantile_at(q[step], step, found);
        out.set(found, 0, None, step, value);
    })
}

pub(super) fn quantiles<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let CallSite { args, grid, cx, .. } = *site;
    let input = Input::open(site, &args[0])?;
    let label = open_text(&args[1], &grid, cx)?;
    let Some(label) = label.as_str() else {
        return Err(Stop::unsupported("a label name that is not UTF-8"));
    };
    let columns = args[2..].iter().map(|a| open_column(a, &grid, cx)).collect::<Result<Vec<_>, _>>()?;
    columns.iter().zip(&args[2..]).for_each(|(q, arg)| check_quantiles(site, q, arg));
    Output::of(*site, &input, &|out, step, found| {
        for (i, q) in columns.iter().enumerate() {
            let value = out.quantile_at(q[step], step, found);
            out.set(found, i, Some((label, q[step])), step, value);
        }
    })
}

pub(super) fn fraction<'q>(site: &CallSite<'q>) -> Result<Opened<'q>, Stop> {
    let CallSite { node, args, grid, cx } = *site;
    let lower = open_column(&args[0], &grid, cx)?;
    let upper = open_column(&args[1], &grid, cx)?;
    let input = Input::open(site, &args[2])?;
    Output::of(*site, &input, &|out, step, found| {
        let value = match found {
            Found::Classic { bounds, counts, .. } => {
                out.fill_buckets(bounds, counts);
                classic::fraction(lower[step], upper[step], &mut out.buckets)
            }
            Found::Native { h, labels, .. } => {
                let outcome = h.fraction(lower[step], upper[step]);
                if outcome.nan_observations {
                    cx.note(node, step, 0, out.span, Remark::FractionNans { metric: out.metric(labels) });
                }
                outcome.value
            }
        };
        out.set(found, 0, None, step, value);
    })
}

/// Remarks on quantiles outside 0 to 1: at every step, whether there is a histogram or not.
fn check_quantiles(site: &CallSite<'_>, column: &[f64], arg: &Node) {
    for (step, &q) in column.iter().enumerate().filter(|(_, q)| q.is_nan() || !(0.0..=1.0).contains(*q)) {
        site.cx.note(site.node, step, 0, arg.note_span(), Remark::InvalidQuantile { got: q });
    }
}

/// The name of a metric for remarks: gone where names are dropped at once.
pub(super) fn metric(labels: &LabelSet, site: &CallSite<'_>) -> String {
    if site.cx.delayed_names() { labels.metric_name().into() } else { String::new() }
}

/// The rows of the result, made as their first point comes.
struct Output<'q> {
    site: CallSite<'q>,
    /// Where remarks about the vector point.
    span: Span,
    rows: Vec<Series>,
    /// Where each row stands: native histograms first, then classic ones, by their first row.
    order: Vec<(bool, u32)>,
    block: Block,
    /// By what it is made of, index of the quantile, and its bits where it is a label.
    of_key: HashMap<(u32, usize, u64), usize>,
    last: Option<((u32, usize, u64), usize)>,
    /// The buckets at a step, to be repaired.
    buckets: Vec<Bucket>,
}

impl<'q> Output<'q> {
    /// The result of what `f` does with every histogram at every step.
    fn of(site: CallSite<'q>, input: &Input<'q>, f: &(dyn Fn(&mut Output<'q>, usize, &Found<'_>) + Sync)) -> Result<Opened<'q>, Stop> {
        let parts = input.each(|| Output::new(site, input.span), f)?;
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_else(|| Output::new(site, input.span));
        for mut part in parts {
            all.rows.append(&mut part.rows);
            all.order.append(&mut part.order);
            all.block.heads.append(&mut part.block.heads);
            all.block.values.append(&mut part.block.values);
            all.block.floats.append(&mut part.block.floats);
        }
        all.finish(input.rows_seen())
    }

    fn new(site: CallSite<'q>, span: Span) -> Output<'q> {
        Output {
            site,
            span,
            rows: Vec::new(),
            order: Vec::new(),
            block: Block::new(site.grid.n),
            of_key: HashMap::default(),
            last: None,
            buckets: Vec::new(),
        }
    }

    fn metric(&self, labels: &LabelSet) -> String {
        metric(labels, &self.site)
    }

    fn fill_buckets(&mut self, bounds: &[f64], counts: &[f64]) {
        self.buckets.clear();
        self.buckets.extend(bounds.iter().zip(counts).map(|(&bound, &count)| Bucket { bound, count }));
    }

    fn quantile_at(&mut self, q: f64, step: usize, found: &Found<'_>) -> f64 {
        let CallSite { node, grid, cx, .. } = self.site;
        match found {
            Found::Classic { bounds, counts, ascending, labels, .. } => {
                if *ascending && let Some(value) = classic::quantile_of_rising(q, bounds, counts) {
                    return value;
                }
                self.fill_buckets(bounds, counts);
                let (value, repair) = classic::quantile(q, &mut self.buckets);
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
                    let metric = self.metric(labels);
                    cx.note(node, step, 0, self.span, Remark::ForcedMonotonicity { metric, forced });
                }
                value
            }
            Found::Native { h, labels, .. } => {
                let outcome = h.quantile(q);
                if outcome.nan_result {
                    cx.note(node, step, 0, self.span, Remark::NanResult { metric: self.metric(labels) });
                }
                if outcome.nan_skew {
                    cx.note(node, step, 0, self.span, Remark::NanSkew { metric: self.metric(labels) });
                }
                outcome.value
            }
        }
    }

    fn set(&mut self, found: &Found<'_>, index: usize, label: Option<(&str, f64)>, step: usize, value: f64) {
        let (labels, key, order) = match found {
            Found::Classic { labels, key, first, .. } => (labels, key, (true, *first)),
            Found::Native { labels, key, row, .. } => (labels, key, (false, *row)),
        };
        let key = (*key, index, label.map_or(0, |(_, q)| q.to_bits()));
        let row = match self.last {
            Some((last, row)) if last == key => row,
            _ => *self.of_key.entry(key).or_insert_with(|| {
                let labels = match label {
                    Some((name, q)) => labels.with(name, &format_openmetrics(q)),
                    None => (*labels).clone(),
                };
                self.rows.push(Series { labels, drop_name: false });
                self.order.push(order);
                self.block.push_row(self.rows.len() as u32 - 1)
            }),
        };
        self.last = Some((key, row));
        self.block.set_float(row, step, value);
    }

    /// The result. `gathered` samples of the vector were looked at in a step.
    fn finish(self, gathered: usize) -> Result<Opened<'q>, Stop> {
        let CallSite { node, grid, cx, args } = self.site;
        cx.hold_points(node, self.block.weight(), (gathered + args.len() - 1) as u64)?;
        cx.hold_bytes(node, grid.row_bytes().saturating_mul(self.rows.len() as u64))?;
        let mut rows = dropped(&self.rows, cx);
        let mut block = self.block;
        if !self.order.is_sorted() {
            let mut places: Vec<usize> = (0..rows.len()).collect();
            crate::model::order::sort_by(&mut places, |a, b| self.order[*a].cmp(&self.order[*b]));
            let mut sorted = Block::new(grid.n);
            places.iter().for_each(|i| {
                sorted.push_copy(0, &block, *i);
            });
            rows = places.iter().map(|i| rows[*i].clone()).collect();
            block = sorted;
        }
        Ok(Opened::Vector(merged(Arc::new(Spool::new(rows, block)), Merge::Vector, node, &grid, cx)?))
    }
}
