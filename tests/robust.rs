//! Hostile queries, times and data: everything ends in an answer or a typed error, before memory
//! runs out, on the stack of an ordinary thread, and soon after it is told to stop.
#![cfg(all(feature = "engine", feature = "golden"))]

use ferula::engine::{QueryError, Range};
use ferula::golden::{self, Command};
use ferula::model::LabelSet;
use ferula::source::MemorySource;
use ferula::syntax::{MAX_CHAIN, MAX_NESTING};
use ferula::{Engine, EngineOptions, QueryResult};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn options() -> EngineOptions {
    EngineOptions { max_samples: 50_000_000, ..EngineOptions::promqltest() }
}

fn load(source: &mut MemorySource, text: &str) {
    for command in golden::parse(text).commands {
        let Command::Load(load) = command else { panic!("{command:?}") };
        golden::load(source, &load).unwrap_or_else(|e| panic!("{}", e.message));
    }
}

/// Samples at both ends of time, in the middle, and values of every kind.
fn extreme_source() -> MemorySource {
    let mut source = MemorySource::default();
    let stale = f64::from_bits(0x7ff0_0000_0000_0002);
    let values = [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, stale, f64::MAX, f64::MIN_POSITIVE, -0.0];
    let times = [i64::MIN, i64::MIN + 1, -60_000, 0, 60_000, 120_000, i64::MAX - 1, i64::MAX];
    // By time: a source takes samples that are late, but not by more than half of all time.
    for (i, time) in times.iter().enumerate() {
        for (name, turn) in [("a", 0), ("b", 3), ("c_bucket", 5)] {
            for le in ["1", "+Inf", "x"] {
                let labels = LabelSet::from_pairs([("__name__", name), ("le", le), ("instance", "i")]);
                assert_eq!(source.append_float(&labels, *time, 0, values[(i + turn) % values.len()]), Ok(()));
            }
        }
    }
    source.commit();
    load(
        &mut source,
        "load 1m\n  h {{schema:0 count:10 sum:5 buckets:[1 2 3 4]}} 3 _ stale {{schema:-53 count:1 sum:Inf custom_values:[1] buckets:[1]}} {{}}\n",
    );
    source
}

fn range(
    source: &MemorySource,
    options: EngineOptions,
    query: &str,
    (start, end, step): (i64, i64, i64),
) -> Result<QueryResult, QueryError> {
    Engine::new(options).prepare(query)?.range(source, Range { start, end, step })
}

fn instant(source: &MemorySource, query: &str, time: i64) -> Result<QueryResult, QueryError> {
    Engine::new(options()).prepare(query)?.instant(source, time)
}

/// One query of each kind of operator, with functions of every shape.
const QUERIES: &[&str] = &[
    "a",
    "-a",
    "1",
    "time()",
    "vector(1)",
    "a + 1",
    "a + on(le) b",
    "a / on(le) group_left b",
    "a or b",
    "a and b",
    "a unless b",
    "sum(a)",
    "avg by (le) (a)",
    "stddev(a)",
    "topk(2, a)",
    "quantile(0.5, a)",
    "count_values(\"v\", a)",
    "limitk(1, a)",
    "limit_ratio(0.5, a)",
    "rate(a[5m])",
    "increase(a[5m] anchored)",
    "rate(a[5m] smoothed)",
    "delta(h[5m])",
    "irate(a[1h])",
    "idelta(a[1h])",
    "deriv(a[100y])",
    "predict_linear(a[100y], 1e300)",
    "resets(a[292y])",
    "changes(a[292y])",
    "double_exponential_smoothing(a[292y], 0.5, 0.5)",
    "sum_over_time(a[292y])",
    "avg_over_time(a[292y])",
    "stddev_over_time(a[292y])",
    "quantile_over_time(0.9, a[292y])",
    "mad_over_time(a[292y])",
    "ts_of_max_over_time(a[292y])",
    "last_over_time(h[292y])",
    "absent(a)",
    "absent_over_time(a[292y])",
    "present_over_time(a[1ms])",
    "histogram_quantile(0.9, c_bucket)",
    "histogram_quantile(0.9, h)",
    "histogram_fraction(0, 1, h)",
    "histogram_avg(h)",
    "h + h",
    "sum(h)",
    "h * 1e308",
    "rate(h[10m])",
    "label_replace(a, \"x\", \"$1\", \"le\", \"(.*)\")",
    "label_join(a, \"x\", \"-\", \"le\", \"le\")",
    "sort(a)",
    "timestamp(a)",
    "start_timestamp(a)",
    "day_of_year(a)",
    "minute()",
    "clamp(a, -1, 1)",
    "round(a, 1e-300)",
    "scalar(a)",
    "info(a)",
    "a offset 292y",
    "a offset -292y",
    "a @ 9223372036854775",
    "a @ -9223372036854775",
    "rate(a[5m] @ end() offset -292y)",
    "a smoothed",
    "a anchored",
    "max_over_time(a[10m:1m])",
    "sum_over_time(a[1h:30s] @ start() offset -100y)",
];

#[test]
fn the_ends_of_time_are_times_like_others() {
    let source = extreme_source();
    for query in QUERIES {
        for time in [i64::MIN, i64::MIN + 1, -1, 0, 120_000, i64::MAX - 1, i64::MAX] {
            let _ = instant(&source, query, time);
            for range_of in [
                (time, time, 1),
                (time, time.saturating_add(300_000), 60_000),
                (time.saturating_sub(300_000), time, i64::MAX),
                (i64::MIN, i64::MAX, i64::MAX),
                (time, i64::MAX, i64::MAX / 3),
                (time, time, 0),
                (time, time.saturating_add(5), -1),
                (1, 0, 1),
            ] {
                let _ = range(&source, options(), query, range_of);
            }
        }
    }
}

#[test]
fn options_may_be_extreme() {
    let source = extreme_source();
    for lookback_delta in [i64::MIN, 0, 1, i64::MAX] {
        for default_subquery_step in [i64::MIN, 0, i64::MAX] {
            let options = EngineOptions { lookback_delta, default_subquery_step, max_samples: 100_000, ..options() };
            for query in ["a", "a anchored", "rate(a[5m] smoothed)", "max_over_time(a[10m:])", "info(a)", "timestamp(a)", "h", "absent(a)"]
            {
                let _ = range(&source, options.clone(), query, (0, 300_000, 60_000));
            }
        }
    }
}

#[test]
fn more_threads_than_there_can_be_are_fewer() {
    let engine = Engine::new(EngineOptions { threads: usize::MAX, ..options() });
    assert!(engine.prepare("sum(a)").and_then(|q| q.instant(&extreme_source(), 0)).is_ok());
}

#[test]
fn long_grids_are_a_limit_at_once() {
    let source = extreme_source();
    let year = 365 * 86_400_000;
    let from = Instant::now();
    for query in
        ["1", "vector(1)", "time()", "minute()", "a", "sum(a)", "a + a", "1 + 1 + time()", "absent(a)", "scalar(a)", "-1 - -time()"]
    {
        for range_of in [(0, 4_000_000_000, 1), (0, 100 * year, 1), (i64::MIN, i64::MAX, 1), (0, year, 1)] {
            match range(&source, options(), query, range_of) {
                Err(QueryError::Limit { operator, message }) => assert!(!operator.is_empty() && !message.is_empty(), "{query}"),
                other => panic!("{query} {range_of:?}: {other:?}"),
            }
        }
    }
    for query in [
        "count_over_time(a[100y:1ms])",
        "rate(a[292y:1ms])",
        "sum_over_time(vector(1)[1y:1ms])",
        "max_over_time(max_over_time(time()[1y:1ms])[1y:1ms])",
        "absent_over_time(a[292y:1ms])",
        "a[200y:1ms]",
    ] {
        match instant(&source, query, 0).map(drop) {
            // A subquery of a scalar is none.
            Err(QueryError::Parse(_)) if query.contains("time()") => {}
            Err(QueryError::Limit { operator, .. }) => assert!(!operator.is_empty()),
            other => panic!("{query}: {other:?}"),
        }
    }
    // A scalar's points are known before its column is made.
    for query in ["time()", "vector(time())", "-time()", "pi() * time()"] {
        let answer = range(&source, options(), query, (0, 100_000_000, 1));
        assert!(matches!(answer, Err(QueryError::Limit { .. })), "{query}");
    }
    assert!(from.elapsed() < Duration::from_secs(5), "{:?}", from.elapsed());
}

#[test]
fn limits_name_their_operator() {
    let source = extreme_source();
    let limit = |options: EngineOptions, query: &str| match range(&source, options, query, (0, 600_000, 1_000)) {
        Err(QueryError::Limit { operator, .. }) => operator,
        other => panic!("{query}: {other:?}"),
    };
    assert_eq!(limit(EngineOptions { max_steps: 600, ..options() }, "a"), "select {__name__=\"a\"} reads [-299999, 600000] ms");
    assert_eq!(limit(EngineOptions { max_steps: 1_000, ..options() }, "max_over_time(a[1h:1s])"), "subquery range 1h step 1s");
    assert!(limit(EngineOptions { max_series: 2, ..options() }, "sum(a)").starts_with("select"));
    assert_eq!(limit(EngineOptions { max_bytes: 20_000, ..options() }, "quantile(0.5, a)"), "aggregate quantile");
    assert_eq!(limit(EngineOptions { max_samples: 1_500, ..options() }, "1 + time()"), "binary +");
    assert_eq!(limit(EngineOptions { max_bytes: 1_000, ..options() }, "vector(1)"), "once, the same at every step");
}

#[test]
fn long_chains_and_deep_nests_are_evaluated_on_a_small_stack() {
    let evaluate = || {
        let mut source = MemorySource::default();
        load(&mut source, "load 1m\n  a 1x10\n");
        let depth = MAX_NESTING as usize - 2;
        let nest = |open: &str, inner: &str, close: &str, times: usize| format!("{}{inner}{}", open.repeat(times), close.repeat(times));
        let mut queries = vec![
            vec!["a"; MAX_CHAIN as usize].join("+"),
            vec!["1"; MAX_CHAIN as usize].join("*"),
            nest("(", "a", ")", depth),
            nest("abs(", "a", ")", depth),
            nest("-", "a", "", depth),
            nest("sum(", "a", ")", depth),
            nest("1 + (", "a", ")", depth / 2),
            nest("label_replace(", "a", ", \"x\", \"\", \"\", \"\")", depth),
            nest("2 ^ ", "2", "", depth),
            nest("vector(scalar(", "a", "))", depth / 2),
            nest("last_over_time(", "a", "[1m:1m])", depth / 2),
        ];
        queries.push(format!("({}) and ({})", queries[3], queries[1]).replace("and (1", "> (1"));
        for query in queries {
            let head: String = query.chars().take(30).collect();
            let prepared = Engine::new(options()).prepare(&query).unwrap_or_else(|e| panic!("{head}: {e}"));
            assert!(prepared.explain(Range { start: 0, end: 0, step: 0 }).is_ok_and(|text| !text.is_empty()));
            assert!(prepared.selections(Range { start: 0, end: 60_000, step: 1_000 }).is_ok());
            let answer = prepared.instant(&source, 60_000);
            assert!(answer.is_ok(), "{head}: {answer:?}");
        }
    };
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(evaluate);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}

#[test]
fn a_cancelled_query_ends_soon() {
    let mut source = MemorySource::default();
    let mut lines = String::from("load 10s\n");
    for i in 0..40 {
        lines += &format!("  a{{i=\"{i}\",instance=\"x\"}} 0+1x2000\n  b{{i=\"{i}\"}} 0+1x2000\n  l_bucket{{le=\"{i}\"}} 0+{i}x2000\n");
    }
    lines += "  target_info{instance=\"x\"} 1x2000\n";
    load(&mut source, &lines);
    let source = Arc::new(source);
    for query in [
        "a",
        "absent_over_time(a[1h])",
        "a + on(i) b",
        "a + on() group_left() sum(b)",
        "histogram_quantile(0.9, l_bucket)",
        "sum by (i) (a)",
        "label_replace(a, \"x\", \"$1\", \"i\", \"(.*)\")",
        "info(a)",
        "max_over_time(rate(a[1h])[10h:1s])",
        "quantile_over_time(0.5, a[5h])",
        "count_values(\"v\", a)",
        "topk(5, a)",
        "quantile(0.4, a)",
        "a or b",
        "sum_over_time(a[5h:100ms])",
    ] {
        for by_flag in [true, false] {
            let flag = Arc::new(AtomicBool::new(false));
            let timeout = (!by_flag).then_some(Duration::from_millis(30));
            let engine = Engine::new(EngineOptions { max_samples: u64::MAX, timeout, ..options() });
            let prepared = engine.prepare(query).unwrap_or_else(|e| panic!("{e}")).with_cancel(flag.clone());
            let (source, from) = (source.clone(), Instant::now());
            let running = thread::spawn(move || prepared.range(&*source, Range { start: 0, end: 20_000_000, step: 20 }));
            thread::sleep(Duration::from_millis(30));
            flag.store(by_flag, Ordering::Relaxed);
            let answer = running.join().unwrap_or_else(|_| panic!("{query}"));
            assert!(matches!(answer, Err(QueryError::Cancelled | QueryError::Timeout)), "{query}: not stopped");
            // Far more than it takes, for a machine that is busy.
            assert!(from.elapsed() < Duration::from_millis(1_000), "{query}: {:?}", from.elapsed());
        }
    }
}

#[test]
fn threads_decide_neither_errors_nor_whom_they_name() {
    let mut source = MemorySource::default();
    let mut lines = String::from("load 1m\n");
    for i in 0..60 {
        lines += &format!("  a{{i=\"{i}\"}} 0+{i}x100\n  b{{i=\"{i}\"}} {{{{schema:{} count:{i} sum:1 buckets:[{i}]}}}}x100\n", i % 3);
    }
    load(&mut source, &lines);
    for query in [
        "sum(abs(a) + 1)",
        "abs(rate(a[5m]) * 2)",
        "a + on(i) a",
        "sum(b)",
        "rate(b[5m])",
        "sort(a + b)",
        "label_replace(a, \"i\", \"\", \"\", \"\")",
        "topk(3, a) or b",
    ] {
        for max_samples in [100, 3_000, 6_000, 9_000, 20_000, 40_000, 1_000_000] {
            let with = |threads| {
                let answer = range(&source, EngineOptions { threads, max_samples, ..options() }, query, (0, 6_000_000, 20_000));
                format!("{answer:?}")
            };
            let one = with(1);
            for threads in [2, 3, 7] {
                assert!(one == with(threads), "{query} within {max_samples} on {threads} threads");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_query_at_any_time_is_answered_or_refused(
        query in prop::sample::select(QUERIES), start in any::<i64>(), length in prop_oneof![0..1_000_000i64, any::<i64>()], step in prop_oneof![1..100_000i64, any::<i64>()]
    ) {
        let source = extreme_source();
        let _ = range(&source, EngineOptions { max_samples: 10_000, max_steps: 11_000, ..options() }, query, (start, start.saturating_add(length), step));
        let _ = instant(&source, query, start);
    }
}
