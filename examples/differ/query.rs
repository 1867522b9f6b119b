//! Queries that mostly have an answer.

use crate::data::{Data, INTERVAL_S};
use crate::random::Random;
use ferula::functions::{self, Function};
use ferula::syntax::ast::ValueType;
use serde_json::{Value, json};

/// A query with its time or range, ms.
pub fn question(random: &mut Random, data: &Data) -> Value {
    let depth = if random.one_in(3) { 1 + random.below(2) } else { 3 + random.below(2) };
    let mut maker = Maker { random, native: data.native };
    let query = if maker.random.one_in(12) { maker.scalar(depth) } else { maker.vector(depth) };
    let interval = 1000 * INTERVAL_S as i64;
    if random.one_in(2) {
        let time = (10 + random.below(48)) as i64 * interval + if random.one_in(3) { 7_000 } else { 0 };
        return json!({"q": query, "t": time});
    }
    let start = (8 + random.below(30)) as i64 * interval;
    let step = [15_000, 30_000, 60_000, 90_000, 47_000][random.below(5)];
    let end = start + step * (1 + random.below(12)) as i64 + if random.one_in(4) { 1 } else { 0 };
    json!({"q": query, "start": start, "end": end, "step": step})
}

struct Maker<'a> {
    random: &'a mut Random,
    native: bool,
}

const FLOATS: [&str; 9] = ["requests_total", "load", "limit", "load2", "steady", "latency_bucket", "k", "typed", "odd"];

impl Maker<'_> {
    fn pick<'s>(&mut self, from: &[&'s str]) -> &'s str {
        self.random.pick(from)
    }

    fn name(&mut self) -> &'static str {
        if self.native && self.random.one_in(2) {
            return self.pick(&["native", "custom", "mixed", "native"]);
        }
        self.random.pick(&FLOATS)
    }

    fn matchers(&mut self) -> &'static str {
        match self.random.below(7) {
            0 => "{job=\"api\"}",
            1 => "{instance=~\"0|1\"}",
            2 => "{job!=\"db\"}",
            3 => "{instance!~\"2\"}",
            _ => "",
        }
    }

    fn modifiers(&mut self) -> &'static str {
        match self.random.below(14) {
            0 => " offset 1m",
            1 => " @ 900",
            2 => " @ end()",
            3 => " @ start() offset 30s",
            4 => " offset -45s",
            _ => "",
        }
    }

    fn selector(&mut self) -> String {
        let smoothed = if self.random.one_in(20) { " smoothed" } else { "" };
        match self.random.below(20) {
            0 => format!("{{__name__=~\"load2?\"}}{}", self.modifiers()),
            _ => format!("{}{}{smoothed}{}", self.name(), self.matchers(), self.modifiers()),
        }
    }

    fn range(&mut self, depth: usize, function: &str) -> String {
        if depth > 1 && self.random.one_in(3) {
            let inner = self.vector(depth - 1);
            let step = self.pick(&["", "30s", "20s", "1m"]);
            let window = self.pick(&["2m", "5m", "3m"]);
            return format!("({inner})[{window}:{step}]{}", self.modifiers());
        }
        let window = self.pick(&["2m", "5m", "1m", "10m", "90s", "45s"]);
        let extension = match function {
            "rate" | "increase" | "delta" if self.random.one_in(5) => self.pick(&[" anchored", " smoothed"]),
            "changes" | "resets" if self.random.one_in(5) => " anchored",
            _ => "",
        };
        let name = match function {
            "rate" | "increase" | "irate" | "resets" if self.random.one_in(2) => "requests_total",
            _ => self.name(),
        };
        format!("{name}{}[{window}]{extension}{}", self.matchers(), self.modifiers())
    }

    fn number(&mut self) -> &'static str {
        self.pick(&["0", "1", "2", "0.5", "10", "-3", "100", "0.25", "Inf", "NaN", "1e3", "7"])
    }

    fn scalar(&mut self, depth: usize) -> String {
        match self.random.below(if depth > 1 { 9 } else { 4 }) {
            0..=2 => self.number().into(),
            3 => "time()".into(),
            4 => format!("scalar({})", self.vector(depth - 1)),
            5 => format!("({} {} {})", self.scalar(depth - 1), self.pick(&["+", "-", "*", "/", "%", "^", "atan2"]), self.scalar(depth - 1)),
            6 => format!("({} {} bool {})", self.scalar(depth - 1), self.pick(&["==", "!=", "<", "<=", ">", ">="]), self.scalar(depth - 1)),
            7 => format!("{}({}, {})", self.pick(&["max_of", "min_of"]), self.scalar(depth - 1), self.scalar(depth - 1)),
            _ => self.pick(&["pi()", "start()", "end()", "step()", "range()"]).into(),
        }
    }

    fn vector(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.selector();
        }
        match self.random.below(20) {
            0..=8 => self.call(depth),
            9..=12 => self.aggregation(depth),
            13..=17 => self.binary(depth),
            18 => format!("-{}", self.atom(depth - 1)),
            _ => format!("({})", self.vector(depth - 1)),
        }
    }

    fn atom(&mut self, depth: usize) -> String {
        format!("({})", self.vector(depth))
    }

    fn call(&mut self, depth: usize) -> String {
        let vectors: Vec<&Function> = functions::all().filter(|f| f.returns == ValueType::InstantVector).collect();
        let function = match self.random.below(30) {
            // What is seldom answered where it stands by chance.
            0 => return format!("start_timestamp({})", self.selector()),
            1 => return format!("vector({})", self.pick(&["pi()", "step()", "range()", "start()", "end()"])),
            2 => return self.pick(&["absent(nothing{job=\"api\"})", "absent_over_time(nothing{job=\"api\"}[5m])"]).into(),
            3 if self.native => {
                let name = self.pick(&["histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar"]);
                return format!("{name}({})", self.native_vector(depth));
            }
            _ => vectors[self.random.below(vectors.len())],
        };
        let inner = |maker: &mut Self| maker.vector(depth - 1);
        match function.name {
            "histogram_quantile" => format!("histogram_quantile({}, {})", self.quantile(), self.buckets(depth)),
            "histogram_fraction" => format!("histogram_fraction({}, {}, {})", self.number(), self.number(), self.buckets(depth)),
            "histogram_quantiles" => {
                let buckets = self.buckets(depth);
                format!("histogram_quantiles({buckets}, \"q\", {}, {})", self.quantile(), self.pick(&["0.3", "1", "scalar(k) / 4"]))
            }
            "label_replace" => {
                let target = self.pick(&["job", "instance", "new", "__name__"]);
                let template = self.pick(&["$1", "x-$1", "", "${1}y", "c"]);
                let pattern = self.pick(&["(.*)", "a(.*)", "(.)..", "", "[0-9]+"]);
                format!(
                    "label_replace({}, \"{target}\", \"{template}\", \"{}\", \"{pattern}\")",
                    inner(self),
                    self.pick(&["job", "instance"])
                )
            }
            "label_join" => {
                format!("label_join({}, \"{}\", \"-\", \"job\", \"instance\")", inner(self), self.pick(&["new", "job", "__name__"]))
            }
            "sort_by_label" | "sort_by_label_desc" => format!("{}({}, \"instance\", \"job\")", function.name, inner(self)),
            "info" => {
                let selector =
                    self.pick(&["", ", {version=~\".+\"}", ", {__name__=\"build_info\"}", ", {__name__=~\".*_info\"}", ", {zone=\"z1\"}"]);
                format!("info({}{selector})", inner(self))
            }
            "quantile_over_time" => format!("quantile_over_time({}, {})", self.quantile(), self.range(depth, function.name)),
            "double_exponential_smoothing" => {
                let (sf, tf) = (self.pick(&["0.5", "0.1", "0.9"]), self.pick(&["0.3", "0.7", "1"]));
                format!("double_exponential_smoothing({}, {sf}, {tf})", self.range(depth, function.name))
            }
            "clamp" => format!("clamp({}, {}, {})", inner(self), self.pick(&["0", "-5", "2"]), self.pick(&["10", "50", "1"])),
            "absent" if self.random.one_in(2) => "absent(nothing{job=\"api\"})".into(),
            "absent_over_time" if self.random.one_in(2) => "absent_over_time(nothing{job=\"api\"}[5m])".into(),
            name if name.starts_with("histogram_") && self.native => format!("{name}({})", self.native_vector(depth)),
            name => {
                let take = function.min_args() + usize::from(function.variadic > 0 && self.random.one_in(2));
                let args: Vec<String> = (0..take)
                    .filter_map(|i| function.arg_type(i))
                    .map(|kind| match kind {
                        ValueType::Scalar => self.pick(&["1", "0.5", "2", "60", "0"]).into(),
                        ValueType::InstantVector => inner(self),
                        ValueType::RangeVector => self.range(depth, name),
                        ValueType::String => "\"x\"".into(),
                    })
                    .collect();
                format!("{name}({})", args.join(", "))
            }
        }
    }

    fn quantile(&mut self) -> &'static str {
        self.pick(&["0.5", "0.9", "0", "1", "0.25", "1.5", "-1", "scalar(k) / 3", "NaN"])
    }

    fn native_vector(&mut self, depth: usize) -> String {
        match self.random.below(3) {
            0 => format!("rate({}[5m])", self.pick(&["native", "custom"])),
            1 => format!("sum by (job) ({})", self.pick(&["native", "custom"])),
            _ if depth > 1 && self.random.one_in(3) => self.vector(depth - 1),
            _ => self.pick(&["native", "custom", "mixed"]).into(),
        }
    }

    fn buckets(&mut self, depth: usize) -> String {
        if self.native && self.random.one_in(2) {
            return self.native_vector(depth);
        }
        match self.random.below(4) {
            0 => format!("rate(latency_bucket[{}])", self.pick(&["5m", "2m"])),
            1 => "sum by (le, job) (rate(latency_bucket[5m]))".into(),
            2 => "latency_bucket".into(),
            _ => "sum without (instance) (latency_bucket)".into(),
        }
    }

    fn grouping(&mut self) -> &'static str {
        self.pick(&[
            " by (job) ",
            "",
            " by (instance, job) ",
            " without (instance) ",
            " by (nothing) ",
            " without () ",
            " by (__name__, job) ",
        ])
    }

    fn aggregation(&mut self, depth: usize) -> String {
        let op = self.pick(&[
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
        ]);
        let grouping = self.grouping();
        // Which of equals is taken depends on an order that only chains of selectors keep.
        let inner = if matches!(op, "topk" | "bottomk" | "limitk") { self.ordered(depth) } else { self.vector(depth - 1) };
        let param = match op {
            "topk" | "bottomk" | "limitk" => format!("{}, ", self.pick(&["1", "2", "3", "scalar(k)", "0"])),
            "quantile" => format!("{}, ", self.quantile()),
            "limit_ratio" => format!("{}, ", self.pick(&["0.5", "-0.5", "0.3", "1", "-0.7"])),
            "count_values" => "\"v\", ".into(),
            _ => String::new(),
        };
        format!("{op}{grouping}({param}{inner})")
    }

    /// A vector whose order is that of its selector.
    fn ordered(&mut self, depth: usize) -> String {
        match self.random.below(3) {
            0 if depth > 0 => format!("rate({})", self.range(1, "rate")),
            1 => format!("max_over_time({})", self.range(1, "max_over_time")),
            _ => self.selector(),
        }
    }

    fn binary(&mut self, depth: usize) -> String {
        if self.random.one_in(4) {
            let op = self.pick(&["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "</", ">/"]);
            let modifier = if matches!(op, "==" | "!=" | "<" | "<=" | ">" | ">=") && self.random.one_in(2) { " bool" } else { "" };
            let (vector, scalar) = (self.atom(depth - 1), self.scalar(depth - 1));
            return if self.random.one_in(3) {
                format!("{scalar} {op}{modifier} {vector}")
            } else {
                format!("{vector} {op}{modifier} {scalar}")
            };
        }
        if self.random.one_in(4) {
            let op = self.pick(&["and", "or", "unless"]);
            let matching = self.pick(&["", " on (job)", " ignoring (instance)", " on (instance, job)", " on ()"]);
            return format!("{} {op}{matching} {}", self.atom(depth - 1), self.atom(depth - 1));
        }
        self.join(depth)
    }

    /// A join that mostly has at most one partner for each row.
    fn join(&mut self, depth: usize) -> String {
        let op = self.pick(&["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">="]);
        let modifier = if matches!(op, "==" | "!=" | "<" | "<=" | ">" | ">=") && self.random.one_in(2) { " bool" } else { "" };
        let fill = self.pick(&["", "", "", "", " fill (0)", " fill_left (1)", " fill_right (2)", " fill_left (3) fill_right (4)"]);
        let one = self.pick(&["load", "limit", "steady", "load2", "target_info", "build_info"]).to_string();
        let one = if depth > 1 && self.random.one_in(2) {
            format!("{}(last_over_time({one}[3m]))", self.pick(&["abs", "sgn", "round"]))
        } else {
            one
        };
        if self.native && self.random.one_in(2) {
            let op = self.pick(&["+", "-", "*", "/", "==", "!="]);
            let names = ["native", "custom", "mixed", "load", "rate(native[3m])", "native offset 1m"];
            return format!("{} {op} {}", self.random.pick(&names), self.random.pick(&names));
        }
        match self.random.below(4) {
            0 => format!("requests_total{} {op}{modifier} on (instance, job) group_left {fill} {one}", self.modifiers()),
            1 => format!("{one} {op}{modifier} on (instance, job) group_right (version){fill} rate(requests_total[5m])"),
            2 => format!("load {op}{modifier} on (instance, job) group_left (version, zone){fill} target_info"),
            _ if self.random.one_in(3) => format!("{} {op}{modifier}{fill} {}", self.atom(depth - 1), self.atom(depth - 1)),
            _ => format!("load{} {op}{modifier} ignoring (version, zone, build){fill} {one}", self.matchers()),
        }
    }
}
