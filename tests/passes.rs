//! Rewrites of the plan change nothing that a user sees: generated queries, with all of them, with
//! none, and with each alone, have the same values to the bit, labels, order, annotations and errors.
#![cfg(feature = "golden")]

#[path = "../examples/differ/data.rs"]
mod data;
#[path = "../examples/differ/query.rs"]
mod query;
#[path = "../examples/differ/random.rs"]
mod random;

use ferula::engine::{PlanPasses, PreparedQuery, Range};
use ferula::golden::{self, Command};
use ferula::source::MemorySource;
use ferula::source::memory::OutOfOrder;
use ferula::{Engine, EngineOptions};
use random::Random;
use serde_json::Value;

/// Ways to put a query into a larger one, in which parts occur again or meet what can be rewritten.
const AROUND: [&str; 22] = [
    "{}",
    "({}) + ({})",
    "({}) or ({})",
    "({}) and ({})",
    "({}) unless ({})",
    "sum by (job) ({}) / count by (job) ({})",
    "sum({}) + avg({}) - sum({})",
    "max_over_time(({})[3m:1m]) - min_over_time(({})[3m:1m])",
    "topk(scalar(sum({})), {})",
    "abs({}) - abs({})",
    "scalar(count({})) + scalar(count({}))",
    "clamp({}, 2 - 5, 3 * (4 + pi()))",
    "({}) > bool 1 - 1 < 2",
    "load{job=\"api\"} - load2 + load",
    "histogram_quantile(0.5, sum by (le) ({})) + histogram_quantile(0.5, sum by (le) ({}))",
    "timestamp(load) - load + timestamp(load)",
    "count by (job) ({})",
    "count_over_time(({})[3m:1m])",
    "count({} or load) - group({} and load)",
    "timestamp({}) unless load2",
    "absent(-({}) unless load2) or count(label_replace({}, \"job\", \"x\", \"\", \"\"))",
    "count_over_time(load[5m]) + present_over_time(native[5m]) or absent_over_time(load2[1m])",
];

fn source(load: &str) -> MemorySource {
    let mut source = MemorySource::with_order(OutOfOrder::PROMQLTEST);
    for command in golden::parse(load).commands {
        assert!(!matches!(command, Command::Broken(_) | Command::BrokenLoad(_)), "{command:?}");
        if let Command::Load(load) = command {
            golden::load(&mut source, &load).expect("data that load");
        }
    }
    source
}

/// The answer in full, spans, order and bits of the values included.
fn answer(query: &PreparedQuery, source: &MemorySource, question: &Value) -> String {
    let ms = |name: &str| question[name].as_i64().unwrap_or(0);
    let answer = match question["t"].as_i64() {
        Some(time) => query.instant(source, time),
        None => query.range(source, Range { start: ms("start"), end: ms("end"), step: ms("step") }),
    };
    match answer {
        Ok(result) => format!("{result:?}"),
        Err(error) => format!("error: {error}"),
    }
}

fn with(passes: PlanPasses, base: &EngineOptions) -> Engine {
    Engine::new(EngineOptions { passes, ..base.clone() })
}

#[test]
fn no_pass_changes_an_answer() {
    let (mut asked, mut answered, mut rewritten) = (0, 0, 0);
    for case in 0..10 {
        let mut random = Random::new(77_000 + case);
        let data = data::generate(&mut random, case % 2 == 1);
        let source = source(&data.load);
        let base = EngineOptions {
            delayed_name_removal: random.one_in(2),
            max_samples: 50_000_000,
            threads: 1 + random.below(2),
            ..EngineOptions::promqltest()
        };
        let plain = with(PlanPasses::none(), &base);
        let mut propagate = PlanPasses::none();
        propagate.propagate_matchers = true;
        let mut share = PlanPasses::none();
        share.share_subtrees = true;
        let mut skip = PlanPasses::none();
        skip.skip_values = true;
        let mut fold = PlanPasses::none();
        fold.fold_constants = true;
        let engines = [PlanPasses::default(), propagate, share, skip, fold].map(|passes| with(passes, &base));
        for _ in 0..60 {
            let question = query::question(&mut random, &data);
            let inner = question["q"].as_str().unwrap_or_default();
            let text = random.pick(&AROUND).replace("{}", inner);
            let Ok(query) = plain.prepare(&text) else { continue };
            let expected = answer(&query, &source, &question);
            let range = Range { start: 600_000, end: 900_000, step: 60_000 };
            let plan = |engine: &Engine| engine.prepare(&text).and_then(|q| q.explain(range)).unwrap_or_default();
            for engine in &engines {
                let query = engine.prepare(&text).expect("parsed before");
                assert_eq!(answer(&query, &source, &question), expected, "{text}\n{question}\n{}", plan(engine));
            }
            asked += 1;
            answered += u32::from(!expected.starts_with("error"));
            rewritten += u32::from(plan(&engines[0]) != plan(&plain));
        }
    }
    assert!(answered * 3 > asked && rewritten * 3 > asked, "{asked} asked, {answered} answered, {rewritten} rewritten");
}

/// What the passes make of a query.
fn explain(text: &str) -> String {
    let query = Engine::new(EngineOptions::promqltest()).prepare(text).expect(text);
    query.explain(Range { start: 600_000, end: 900_000, step: 60_000 }).expect(text)
}

#[test]
fn what_stands_twice_is_evaluated_once() {
    let plan = explain("sum(rate(x[5m])) / (sum(rate(x[5m])) + sum(y))");
    assert_eq!(plan.matches("aggregate sum, evaluated once #1").count(), 2, "{plan}");
    // A larger part is found before those inside, and selectors under different functions too.
    let plan = explain("sum_over_time(x[5m]) / count_over_time(x[5m])");
    assert_eq!(plan.matches(", evaluated once #1").count(), 2, "{plan}");
    // Other windows, other reading of histograms, other distances in the text.
    for text in ["x - x offset 1m", "sum(h) and histogram_count(sum(h))", "timestamp(x) + timestamp( x)"] {
        assert!(!explain(text).contains("evaluated once"), "{text}");
    }
}

#[test]
fn matchers_cross_an_operator_only_where_nothing_else_changes() {
    assert!(explain("a{job=\"x\"} + b").contains("select {__name__=\"b\",job=\"x\"}"));
    assert!(explain("a > b{i=~\"1|2\"}").contains("select {__name__=\"a\",i=~\"1|2\"}"));
    for text in [
        "a{job=\"x\"} or b",
        "a{job=\"x\"} and b",
        "a{job=\"x\"} + on (job) b",
        "a{job=\"x\"} + ignoring (i) b",
        "a{job=\"x\"} * on (job) group_left (v) b",
        "a{job=\"x\"} + fill (0) b",
        "a{job=\"x\"} + fill_right (0) b",
        "a{job=\"\"} + b",
        "a{job=~\".*\"} + b",
        "a{job=\"x\"} + absent(b)",
        "a{job=\"x\"} + label_replace(b, \"job\", \"y\", \"\", \"\")",
        "a{job=\"x\"} + sum by (job) (b)",
        "rate(a{job=\"x\"}[5m]) + rate(b[5m])",
        "a{job=\"x\"} + {__name__=~\"b|c\"}",
        "a{job=\"x\"} + (b smoothed)",
    ] {
        let plan = explain(text);
        assert!(!plan.contains("propagate"), "{text}\n{plan}");
    }
}

#[test]
fn values_are_left_out_where_nobody_looks_at_them() {
    for (text, without) in [
        ("count_over_time(x[5m])", 1),
        ("absent_over_time(x[5m]) or present_over_time(x[4m]) or ts_of_last_over_time(x[3m])", 3),
        ("count(x) + sum(y)", 1),
        ("x and y unless on () z", 2),
        ("group(x or on () y and z)", 3),
        ("timestamp(-x) < timestamp(y)", 2),
        ("count_over_time(max_over_time(x[5m])[1h:]) + count_over_time(x[1h:])", 1),
        ("count(label_join(x, \"a\", \"\", \"b\"))", 1),
        ("count(x @ 0 > 0)", 0),
        ("sum(x) / count(x)", 0),
        ("sum_over_time(x[5m]) / count_over_time(x[5m])", 0),
        ("count(topk(1, x)) + count(x smoothed) + count(vector(scalar(x))) + count_values(\"v\", x)", 0),
    ] {
        let plan = explain(text);
        assert_eq!(plan.matches("times alone").count(), without, "{text}\n{plan}");
    }
}

#[test]
fn series_that_differ_in_type_alone_clash_without_a_partner_too() {
    let source = source(
        "load 1m\n  a{job=\"x\"} 1x9\n  b{job=\"x\"} 1x9\n  b{job=\"y\",__type__=\"counter\"} 1x9\n  b{job=\"y\",__type__=\"gauge\"} 1x9\n\n\
         load 1m\n  c{job=\"x\"} 1x9\n  c{job=\"y\",__unit__=\"s\"} 1x9\n  c{job=\"y\"} 1x9",
    );
    for text in ["a{job=\"x\"} + b", "a{job=\"x\"} * c"] {
        let engine = Engine::new(EngineOptions::promqltest());
        let answer = engine.prepare(text).expect(text).instant(&source, 60_000);
        let told = answer.map_or_else(|error| error.to_string(), |result| format!("{result:?}"));
        assert!(told.contains("found duplicate series for the match group {job=\"y\"}"), "{text}: {told}");
        assert!(explain(text).contains("propagate"), "{text}");
    }
}

/// What a pass leaves out counts in the sample budget all the same.
#[test]
fn no_pass_changes_what_is_held() {
    let source = source(
        "load 1m\n  a{i=\"0\"} 1x9\n  a{i=\"1\"} 1 NaN stale 2x6\n  a{i=\"2\"} 1x9\n\n\
         load 1m\n  h 1 {{schema:0 count:10 sum:5 buckets:[1 2 3 4]}}x8",
    );
    for text in [
        "a + a",
        "sum(a) + sum(a)",
        "abs(a) + abs(a)",
        "sum_over_time(a[3m]) - count_over_time(a[3m])",
        "count_over_time(h[3m])",
        "count({__name__=~\".+\"})",
        "timestamp(h) and a or group(h)",
        "absent_over_time(a[2m])",
        "1",
        "-1",
        "1 + 2 * 3",
        "(1 + 2) * (3 + 4)",
        "-(1 + 1) < bool pi()",
        "max_of(1, max_of(-2, 3 + 4 * 5))",
        "a * (2 ^ 10)",
        "clamp(a, 1 - 2, 3 * (4 + 5 * (6 + 7)))",
        "sum_over_time((2 * 3 + vector(1 + 1))[5m:1m])",
        "topk(1 + 1, a)",
    ] {
        for steps in [1, 2, 10] {
            let range = Range { start: 0, end: (steps - 1) * 60_000, step: 60_000 };
            let least = |passes: PlanPasses| {
                (0..1000).find(|max_samples| {
                    let engine = with(passes, &EngineOptions { max_samples: *max_samples, ..EngineOptions::promqltest() });
                    engine.prepare(text).expect(text).range(&source, range).is_ok()
                })
            };
            assert!(least(PlanPasses::none()).is_some(), "{text}");
            assert_eq!(least(PlanPasses::default()), least(PlanPasses::none()), "{text}, {steps} steps");
        }
    }
}

#[test]
fn constants_are_folded_where_they_are_the_same_at_every_step() {
    for (text, number) in [
        ("x > -(1 + 1)", "number -2"),
        ("rate(x[5m]) * (60 * 60)", "number 3600"),
        ("2 ^ 10 - 1 > bool 1000", "number 1"),
        ("clamp(x, 2 - 5, max_of(pi(), 4))", "number -3"),
        ("x / (end() - start())", "number 300"),
        ("vector(1 % 0)", "number NaN"),
    ] {
        let plan = explain(text);
        assert!(plan.contains(number) && plan.contains("pass: fold constants"), "{text}\n{plan}");
    }
    for text in ["x * 2", "time() + 1", "vector(1) + vector(1)", "scalar(x) + 1 + 2", "topk(1 + 1, x)"] {
        assert!(!explain(text).contains("fold"), "{text}");
    }
}
