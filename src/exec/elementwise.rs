//! Functions of one element at a time, and unary minus.

use super::names::{Merge, dropped, merged_nameless};
use super::{Block, Cx, Grid, Opened, Series, Stop, VectorOp};
use crate::functions::floats::Floats;
use crate::model::HistogramRef;
use crate::plan::Node;
use std::sync::Arc;

/// What happens to an element.
#[derive(Clone, Copy)]
enum Op {
    Float(fn(&mut Floats<'_>)),
    Histogram(fn(&HistogramRef<'_>) -> f64),
    Date(fn(i64) -> f64),
    Negate,
}

struct Elementwise<'q> {
    input: Arc<dyn VectorOp + 'q>,
    rows: Vec<Series>,
    op: Op,
    scalars: Vec<Arc<[f64]>>,
    node: &'q Node,
}

/// Opens a function of float elements.
pub(crate) fn open_float<'q>(
    f: fn(&mut Floats<'_>),
    node: &'q Node,
    args: &'q [Node],
    grid: &Grid,
    cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
    open(Op::Float(f), Merge::Vector, node, args, grid, cx)
}

/// Opens a function of histogram elements.
pub(crate) fn open_histogram<'q>(
    f: fn(&HistogramRef<'_>) -> f64,
    node: &'q Node,
    args: &'q [Node],
    grid: &Grid,
    cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
    open(Op::Histogram(f), Merge::Vector, node, args, grid, cx)
}

/// Opens a function of times; without argument it has one element, the step's own time.
pub(crate) fn open_date<'q>(f: fn(i64) -> f64, node: &'q Node, args: &'q [Node], grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    if args.is_empty() {
        let values = (0..grid.n).map(|step| f(grid.time(step) / 1000)).collect::<Vec<f64>>();
        cx.hold_bytes(node, grid.row_bytes())?;
        cx.hold_points(node, grid.n as u64, 0)?;
        return Ok(Opened::Vector(Arc::new(super::one_row(&values))));
    }
    open(Op::Date(f), Merge::Vector, node, args, grid, cx)
}

/// Opens unary minus.
pub(crate) fn open_negate<'q>(node: &'q Node, child: &'q Node, grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    match super::open(child, grid, cx)? {
        Opened::Scalar(values) => Ok(Opened::Scalar(values.iter().map(|v| -v).collect())),
        Opened::Vector(input) => build(Op::Negate, Merge::Range, input, Vec::new(), node, grid, cx),
        _ => Err(super::mistyped(node)),
    }
}

fn open<'q>(op: Op, merge: Merge, node: &'q Node, args: &'q [Node], grid: &Grid, cx: &'q Cx<'q>) -> Result<Opened<'q>, Stop> {
    let mut input = None;
    let mut scalars = Vec::new();
    for arg in args {
        match super::open(arg, grid, cx)? {
            Opened::Vector(vector) => input = Some(vector),
            Opened::Scalar(values) => scalars.push(values),
            _ => return Err(super::mistyped(node)),
        }
    }
    build(op, merge, input.ok_or_else(|| super::mistyped(node))?, scalars, node, grid, cx)
}

fn build<'q>(
    op: Op,
    merge: Merge,
    input: Arc<dyn VectorOp + 'q>,
    scalars: Vec<Arc<[f64]>>,
    node: &'q Node,
    grid: &Grid,
    cx: &'q Cx<'q>,
) -> Result<Opened<'q>, Stop> {
    let rows = dropped(input.rows(), cx);
    let op = Arc::new(Elementwise { input: input.clone(), rows, op, scalars, node });
    Ok(Opened::Vector(merged_nameless(op, &mut input.rows().iter().map(|s| &s.labels), merge, node, grid, cx)?))
}

impl VectorOp for Elementwise<'_> {
    fn rows(&self) -> &[Series] {
        &self.rows
    }

    fn fill(&self, rows: &[u32], cx: &Cx<'_>, out: &mut Block) -> Result<(), Stop> {
        let before = out.len();
        crate::model::deep(|| self.input.fill(rows, cx, out))?;
        let (n, words) = (out.n, out.words());
        match self.op {
            Op::Negate => {
                out.values[before * n..].iter_mut().for_each(|v| *v = -*v);
                out.negate_histograms(before);
                return cx.check();
            }
            Op::Histogram(f) => out.histograms_to_floats(before, f),
            Op::Float(_) | Op::Date(_) => {
                out.clear_histograms(before);
                let (values, present) = (&mut out.values[before * n..], &mut out.floats[before * words..]);
                match self.op {
                    Op::Float(f) => f(&mut Floats { n, values, present, scalars: &self.scalars }),
                    Op::Date(f) => Floats { n, values, present, scalars: &[] }.each_point_at(|v, _| f(go_seconds(v))),
                    Op::Histogram(_) | Op::Negate => {}
                }
            }
        }
        super::select::hold(self.node, before, out, (self.rows.len() + self.scalars.len()) as u64, cx)
    }
}

/// A float as whole seconds, as Go converts it on amd64: out of range and NaN give the smallest.
pub(crate) fn go_seconds(value: f64) -> i64 {
    const LIMIT: f64 = (1_u64 << 63) as f64;
    if (-LIMIT..LIMIT).contains(&value) { value as i64 } else { i64::MIN }
}
