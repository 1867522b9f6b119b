//! The library's front door: [`Engine`], prepared queries and results.

use crate::exec::pool::Pool;
use crate::exec::{self, Cx};
use crate::model::histogram::HistogramPoints;
use crate::model::{Annotation, Histogram, LabelSet, SharedSlice, Span};
pub use crate::plan::passes::PlanPasses;
use crate::plan::{self, Bounds};
pub use crate::plan::{Measured, PlanNode};
use crate::source::{Source, TimeRange};
use crate::syntax::ast::{Expr, ValueType};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The engine's switches and limits; field names follow Prometheus's flags.
///
/// [`EngineOptions::default`] is the Prometheus server's setting, [`EngineOptions::promqltest`]
/// that of the reference's test runner.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// How far an instant selector looks back, ms (`--query.lookback-delta`). 5 minutes.
    pub lookback_delta: i64,
    /// Samples that a query may hold at a time (`--query.max-samples`). 50 million.
    pub max_samples: u64,
    /// Bytes that a query may hold in materialised vectors, accumulators and results.
    pub max_bytes: u64,
    /// Series that a query may touch; 0: no limit.
    pub max_series: u64,
    /// Steps that a range, or a subquery, may have; 0: no limit but that of memory.
    pub max_steps: u64,
    /// How long a query may run (`--query.timeout`); `None`: no limit.
    pub timeout: Option<Duration>,
    /// Step of subqueries that give none, ms. 1 minute.
    pub default_subquery_step: i64,
    /// `promql-experimental-functions`
    pub experimental_functions: bool,
    /// `promql-binop-fill-modifiers`
    pub binop_fill_modifiers: bool,
    /// `promql-unquoted-utf8-names`
    pub unquoted_utf8_names: bool,
    /// `promql-delayed-name-removal`
    pub delayed_name_removal: bool,
    /// `type-and-unit-labels`
    pub type_and_unit_labels: bool,
    /// `use-start-timestamps`
    pub use_start_timestamps: bool,
    /// `@` may be used. On.
    pub at_modifier: bool,
    /// Negative offsets may be used. On.
    pub negative_offset: bool,
    /// Sums over long windows (`sum_over_time`, `avg_over_time`, `stddev_over_time`,
    /// `stdvar_over_time`, `deriv`, `predict_linear`) are added up sample by sample as Prometheus
    /// adds them, for the same last digits; their cost then grows with the window. Off: windows of
    /// more than 64 samples are summed in two parts that neighbours share.
    pub strict_order: bool,
    /// Range functions take one window after the other, by the plain kernels that define them:
    /// slow, to compare with. Off.
    pub window_by_window: bool,
    /// Worker threads; 0: as many as there are cores. Results do not depend on it.
    pub threads: usize,
    /// Which rewrites of the plan are made. Results do not depend on it.
    pub passes: PlanPasses,
}

impl Default for EngineOptions {
    fn default() -> Self {
        EngineOptions {
            lookback_delta: 300_000,
            max_samples: 50_000_000,
            max_bytes: 4 << 30,
            max_series: 0,
            max_steps: 0,
            timeout: Some(Duration::from_secs(120)),
            default_subquery_step: 60_000,
            experimental_functions: false,
            binop_fill_modifiers: false,
            unquoted_utf8_names: false,
            delayed_name_removal: false,
            type_and_unit_labels: false,
            use_start_timestamps: false,
            at_modifier: true,
            negative_offset: true,
            strict_order: false,
            window_by_window: false,
            threads: 0,
            passes: PlanPasses::default(),
        }
    }
}

impl EngineOptions {
    /// The settings of the reference's test runner.
    pub fn promqltest() -> Self {
        EngineOptions {
            max_samples: 10_000,
            timeout: Some(Duration::from_secs(100)),
            experimental_functions: true,
            binop_fill_modifiers: true,
            unquoted_utf8_names: true,
            delayed_name_removal: true,
            use_start_timestamps: true,
            ..Self::default()
        }
    }
}

/// Evaluates PromQL with fixed options. Cheap to clone, shared between threads.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    options: Arc<EngineOptions>,
    pool: Pool,
}

/// A parsed and checked query, ready to be evaluated any number of times.
#[derive(Clone, Debug)]
pub struct PreparedQuery {
    text: Arc<str>,
    expr: Arc<Expr>,
    options: Arc<EngineOptions>,
    cancel: Option<Arc<AtomicBool>>,
    pool: Pool,
}

/// The time axis of a range query, ms: `start`, `start + step`, … up to `end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// First step.
    pub start: i64,
    /// No step lies after it.
    pub end: i64,
    /// Distance of the steps, above 0.
    pub step: i64,
}

/// One selector of a query, with all that an asynchronous host has to fetch for it.
#[derive(Clone, Debug)]
pub struct QuerySelection {
    /// Which series.
    pub matchers: Vec<crate::model::Matcher>,
    /// Over which time, ms, both ends included.
    pub range: TimeRange,
    /// What for.
    pub hints: crate::source::Hints,
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The text is not PromQL; `Display` is the reference's text with its position.
    #[error("{0}")]
    Parse(crate::syntax::ParseError),
    /// Known before execution: a bad duration expression, a range query over a range vector.
    #[error("{0}")]
    Bad(String),
    /// The evaluation failed; the text is the reference's where it has one.
    #[error("{message}")]
    Execution {
        /// The reference's text.
        message: String,
        /// The expression that failed.
        span: Span,
    },
    /// A budget ran out: samples, bytes, series or steps.
    #[error("{message}")]
    Limit {
        /// The reference's text where it has one.
        message: String,
        /// The operator that was running, as `explain` names it.
        operator: String,
    },
    /// The deadline passed.
    #[error("query timed out in expression evaluation")]
    Timeout,
    /// The cancellation flag was set.
    #[error("query was canceled in expression evaluation")]
    Cancelled,
    /// Not there yet.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// The source failed.
    #[error("expanding series: {0}")]
    Source(#[from] crate::source::SourceError),
}

/// A sample's value.
#[derive(Clone, PartialEq, Debug)]
pub enum Point {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<Histogram>),
}

/// One element of an instant vector.
#[derive(Clone, PartialEq, Debug)]
pub struct VectorSample {
    /// Its labels.
    pub labels: LabelSet,
    /// Its time, ms.
    pub time: i64,
    /// Its value.
    pub value: Point,
}

/// What a query evaluates to.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// One number.
    Scalar {
        /// ms
        time: i64,
        /// The number.
        value: f64,
    },
    /// A text.
    String {
        /// ms
        time: i64,
        /// The text.
        value: crate::model::ByteString,
    },
    /// An instant vector, in the reference's order.
    Vector(Vec<VectorSample>),
    /// Series over time, sorted by labels.
    Matrix(Matrix),
}

/// Series over time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Matrix {
    /// The series, sorted by labels; each has at least one point.
    pub series: Vec<MatrixSeries>,
}

/// One series of a [`Matrix`]: columns over the steps of its query.
#[derive(Clone, PartialEq, Debug)]
pub struct MatrixSeries {
    /// Its labels.
    pub labels: LabelSet,
    /// Times, ms: shared by the series of a range query that live in most of the range; others,
    /// and those of a range selector, have their own.
    pub times: Arc<[i64]>,
    /// A value for each time, meaningless where there is no float; none at all where there are
    /// histograms alone. Some series of a range query share a column.
    pub values: SharedSlice<f64>,
    /// Bit `i % 64` of word `i / 64`: time `i` has a float.
    pub floats: SharedSlice<u64>,
    /// Histograms by index of the time, ascending.
    pub histograms: HistogramPoints,
}

impl MatrixSeries {
    /// The points in order of time.
    pub fn points(&self) -> impl Iterator<Item = (i64, Point)> + '_ {
        let mut hist = self.histograms.iter().peekable();
        let (times, values, floats) = (&*self.times, &*self.values, &*self.floats);
        (0..times.len()).filter_map(move |i| {
            if floats[i / 64] >> (i % 64) & 1 == 1 {
                return Some((times[i], Point::Float(values[i])));
            }
            let (_, h) = hist.next_if(|(at, _)| *at == i)?;
            Some((times[i], Point::Histogram(Arc::new(h.to_histogram()))))
        })
    }
}

/// The answer of a query.
#[derive(Clone, PartialEq, Debug)]
pub struct QueryResult {
    /// The value.
    pub value: Value,
    /// Warnings and infos, sorted by text; one for each text.
    pub annotations: Vec<Annotation>,
}

impl Engine {
    /// An engine with these options.
    pub fn new(options: EngineOptions) -> Self {
        Engine { options: Arc::new(options), pool: Pool::default() }
    }
    /// Its options.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }
    /// Parses and checks a query.
    ///
    /// # Errors
    /// [`QueryError::Parse`] with the reference's text and position.
    pub fn prepare(&self, text: &str) -> Result<PreparedQuery, QueryError> {
        let options = crate::syntax::ParseOptions {
            experimental_functions: self.options.experimental_functions,
            binop_fill_modifiers: self.options.binop_fill_modifiers,
            unquoted_utf8_names: self.options.unquoted_utf8_names,
        };
        let expr = crate::syntax::parse(text, &options).map_err(QueryError::Parse)?;
        Ok(Self::from_expr(self, text, expr))
    }
    /// Makes a query of an already checked tree; `text` is what annotations and errors are
    /// positioned in.
    pub fn from_expr(&self, text: &str, expr: Expr) -> PreparedQuery {
        PreparedQuery { text: text.into(), expr: Arc::new(expr), options: self.options.clone(), cancel: None, pool: self.pool.clone() }
    }
}

impl PreparedQuery {
    /// The text it was made from.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The checked tree.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }
    /// The type of the answer.
    pub fn value_type(&self) -> ValueType {
        self.expr.value_type()
    }
    /// Stops within milliseconds once the flag is set, with [`QueryError::Cancelled`].
    pub fn with_cancel(mut self, flag: Arc<AtomicBool>) -> Self {
        self.cancel = Some(flag);
        self
    }
    /// Evaluates at one time, ms since the epoch.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn instant(&self, source: &dyn Source, time: i64) -> Result<QueryResult, QueryError> {
        let plan = self.plan(Bounds { start: time, end: time, step: 0 })?;
        let cx = self.cx(source, &plan);
        let value = exec::instant(&plan.root, time, &cx)?;
        Ok(QueryResult { value, annotations: cx.finish()? })
    }
    /// Evaluates at each step of a range.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn range(&self, source: &dyn Source, range: Range) -> Result<QueryResult, QueryError> {
        self.check_range()?;
        let plan = self.plan(Bounds { start: range.start, end: range.end, step: range.step })?;
        let cx = self.cx(source, &plan);
        let grid = cx.grid(&plan.root, range.start, range.end, range.step)?;
        let value = exec::range(&plan.root, &grid, &cx)?;
        Ok(QueryResult { value, annotations: cx.finish()? })
    }
    /// Every selector with its time range, for hosts that fetch before they evaluate. An instant
    /// query is a range with `start == end` and step 0.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn selections(&self, range: Range) -> Result<Vec<QuerySelection>, QueryError> {
        let plan = self.plan(Bounds { start: range.start, end: range.end, step: range.step })?;
        Ok(plan.root.selections())
    }
    /// The plan as text, a line an operator, inputs indented below it.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn explain(&self, range: Range) -> Result<String, QueryError> {
        Ok(self.plan(Bounds { start: range.start, end: range.end, step: range.step })?.explain())
    }

    /// The plan as a list of nodes.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn plan_nodes(&self, range: Range) -> Result<Vec<PlanNode>, QueryError> {
        Ok(self.plan(Bounds { start: range.start, end: range.end, step: range.step })?.root.nodes(None))
    }
    /// As [`PreparedQuery::range`], or [`PreparedQuery::instant`] where `start == end` and the
    /// step is 0, with the plan and what was measured of each of its nodes. Runs on one thread.
    ///
    /// ```
    /// use ferula::{Engine, demo, engine::Range};
    /// let query = Engine::default().prepare("sum(rate(http_requests_total[5m]))")?;
    /// let (result, plan) = query.measured(&demo::source(), Range { start: demo::END, end: demo::END, step: 0 })?;
    /// let series: Vec<_> = plan.iter().map(|node| node.measured.map(|m| m.series)).collect();
    /// assert_eq!((result.value.len(), series), (1, vec![Some(1), Some(12), Some(12)]));
    /// # Ok::<(), ferula::QueryError>(())
    /// ```
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn measured(&self, source: &dyn Source, range: Range) -> Result<(QueryResult, Vec<PlanNode>), QueryError> {
        let instant = range.step == 0 && range.start == range.end;
        if !instant {
            self.check_range()?;
        }
        let plan = self.plan(Bounds { start: range.start, end: range.end, step: range.step })?;
        // Each place is evaluated on its own, so that each has its measures.
        let plan = plan.root;
        let cx = Cx::new(source, &self.options, &self.text, &plan, self.cancel.as_deref()).watched();
        let value = if instant {
            exec::instant(&plan, range.start, &cx)?
        } else {
            exec::range(&plan, &cx.grid(&plan, range.start, range.end, range.step)?, &cx)?
        };
        let nodes = plan.nodes(cx.probe.as_ref());
        Ok((QueryResult { value, annotations: cx.finish()? }, nodes))
    }

    /// Only scalars and instant vectors have a value at each step.
    fn check_range(&self) -> Result<(), QueryError> {
        let kind = match self.value_type() {
            ValueType::Scalar | ValueType::InstantVector => None,
            ValueType::RangeVector => Some("range vector"),
            ValueType::String => Some("string"),
        };
        if let Some(kind) = kind {
            return Err(QueryError::Bad(format!("invalid expression type \"{kind}\" for range query, must be Scalar or instant Vector")));
        }
        Ok(())
    }

    /// What the operators of a plan share, with all of the engine's threads.
    fn cx<'q>(&'q self, source: &'q dyn Source, plan: &'q plan::Plan) -> Cx<'q> {
        Cx::new(source, &self.options, &self.text, &plan.root, self.cancel.as_deref()).sharing(&plan.shares).helped(&self.pool)
    }

    fn plan(&self, bounds: Bounds) -> Result<plan::Plan, QueryError> {
        plan::plan(&self.expr, bounds, &self.options)
    }
}
