//! What holds for the evaluation of any query: budgets, threads, long chains.
#![cfg(feature = "engine")]

use ferula::engine::{QueryError, QueryResult, Range};
use ferula::model::LabelSet;
use ferula::source::MemorySource;
use ferula::{Engine, EngineOptions};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;

/// A series of this name and label, one value a minute, `None` for no sample.
fn add(source: &mut MemorySource, name: &str, x: &str, values: &[Option<f64>]) {
    let labels = LabelSet::from_pairs([("__name__", name), ("x", x)]);
    for (minute, value) in (0..).zip(values) {
        if let Some(value) = value {
            assert_eq!(source.append_float(&labels, minute * MINUTE, 0, *value), Ok(()));
        }
    }
    source.commit();
}

/// Three series `a` and three series `b` of ten samples.
fn ones() -> MemorySource {
    let mut source = MemorySource::new();
    for name in ["a", "b"] {
        for x in ["1", "2", "3"] {
            add(&mut source, name, x, &[Some(1.0); 10]);
        }
    }
    source
}

fn range(options: EngineOptions, source: &MemorySource, query: &str, minutes: i64) -> Result<QueryResult, QueryError> {
    Engine::new(options).prepare(query)?.range(source, Range { start: 0, end: minutes * MINUTE, step: MINUTE })
}

/// The smallest budgets with which Prometheus answers, over ten steps.
#[test]
fn the_sample_budget_is_the_reference_s() {
    let source = ones();
    let budgets = [
        ("a", 30),
        ("sum(a)", 30),
        ("-a", 30),
        ("topk(1, a)", 40),
        (r#"count_values("v", a)"#, 43),
        ("1 + 2", 10),
        ("sum(a) * 2", 32),
        ("a * 2", 74),
        ("abs(a)", 63),
        ("a + b", 96),
        ("a @ 0 + b", 96),
        ("a unless b", 66),
        ("sum(a) + sum(b)", 40),
        ("avg(a) / 3 + sum(b)", 40),
        ("topk(scalar(sum(a)), b)", 40),
        ("sum_over_time(a[3m])", 33),
    ];
    for (query, budget) in budgets {
        let with = |max_samples| range(EngineOptions { max_samples, ..EngineOptions::promqltest() }, &source, query, 9);
        assert!(with(budget).is_ok(), "{query} needs {budget}");
        assert!(matches!(with(budget - 1), Err(QueryError::Limit { .. })), "{query} needs no more than {budget}");
    }
}

#[test]
fn accumulators_count_against_the_memory_budget() {
    let source = ones();
    let with = |query, max_bytes| range(EngineOptions { max_bytes, ..EngineOptions::promqltest() }, &source, query, 999);
    for query in ["sum(a)", "topk(2, a)", "quantile(0.5, a)", "a + b", "a or b"] {
        assert!(matches!(with(query, 1000), Err(QueryError::Limit { .. })), "{query}");
        assert!(with(query, 1_000_000).is_ok(), "{query}");
    }
}

#[test]
fn chains_of_operands_fit_a_small_stack() {
    let evaluate = || {
        let source = ones();
        for (operator, value) in [("+", 5_000.0), ("and", 1.0), ("or", 1.0), ("* 1 *", 1.0)] {
            let query = vec![r#"a{x="1"}"#; 5_000].join(&format!(" {operator} "));
            let answer = Engine::new(EngineOptions::promqltest()).prepare(&query).and_then(|q| q.instant(&source, 0));
            let ferula::engine::Value::Vector(samples) = answer.unwrap_or_else(|e| panic!("{operator}: {e}")).value else { panic!() };
            assert_eq!(samples.len(), 1);
            assert_eq!(samples[0].value, ferula::engine::Point::Float(value), "{operator}");
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(evaluate);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}

/// A few series of a few samples, with gaps and values whose sums depend on their order.
fn series() -> impl Strategy<Value = Vec<(bool, Vec<Option<f64>>)>> {
    let value = prop_oneof![Just(None), (-3..3i32).prop_map(|v| Some(f64::from(v))), prop::num::f64::NORMAL.prop_map(Some)];
    prop::collection::vec((any::<bool>(), prop::collection::vec(value, 70)), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn answers_do_not_depend_on_threads(series in series()) {
        let mut source = MemorySource::new();
        for (i, (first, values)) in series.iter().enumerate() {
            add(&mut source, if *first { "a" } else { "b" }, &i.to_string(), values);
        }
        for query in [
            "sum(a)",
            "avg by (x) (a)",
            "stddev(a)",
            "quantile(0.3, a)",
            "topk(3, a)",
            "limitk(2, a)",
            r#"count_values("v", a)"#,
            "a or on() b",
            "a and on() b",
            "sum(a) + on() group_right() b",
            "a + on() b",
        ] {
            let with = |threads| {
                let answer = range(EngineOptions { threads, max_samples: u64::MAX, ..EngineOptions::promqltest() }, &source, query, 69);
                // Bits, not values: NaN is not equal to itself.
                format!("{answer:?}")
            };
            prop_assert_eq!(with(1), with(4), "{}", query);
        }
    }
}

/// Counters `a` in groups `g` of three, with buckets under bounds `le`, and `b` in one group; each
/// lives for some of the time.
fn many() -> MemorySource {
    let mut source = MemorySource::new();
    for i in 0..1_200_usize {
        let (x, g, le) = (i.to_string(), (i / 3).to_string(), ["1", "2", "+Inf"][i % 3]);
        let name = if i < 900 { "a" } else { "b" };
        let labels = LabelSet::from_pairs([("__name__", name), ("x", &x), ("g", &g), ("le", le)]);
        for minute in (i % 7..60 - i % 11).filter(|minute| (minute * 7 + i) % 13 > 0) {
            let value = ((i * 7_919 + minute * 104_729) % 1_009) as f64 / 7.0 + minute as f64 * 150.0;
            assert_eq!(source.append_float(&labels, minute as i64 * MINUTE, 0, value), Ok(()));
        }
    }
    source.commit();
    source
}

#[test]
fn answers_over_many_series_do_not_depend_on_threads() {
    let source = many();
    for query in [
        "a",
        "sum by (g) (rate(a[5m]))",
        "avg(a)",
        "quantile(0.3, a)",
        "quantile by (g) (0.9, rate(a[5m]))",
        r#"quantile by (__name__) (0.5, {x=~".+"})"#,
        "quantile by (g) (0.5, a * 2 or b)",
        "histogram_quantile(0.9, sum by (g, le) (rate(a[5m])))",
        "histogram_quantile(0.9, sum without (x) (a))",
        r#"histogram_quantiles(sum without (x) (a), "q", 0.1, 0.9)"#,
        "histogram_fraction(0, 1.5, sum without (x) (a))",
        "a * on (g) group_left () max by (g) (a)",
        "topk by (le) (3, a)",
        r#"count_values by (le) ("v", round(a, 50))"#,
        "sort_desc(a)",
    ] {
        for step in [0, MINUTE] {
            let with = |threads| {
                let engine = Engine::new(EngineOptions { threads, max_samples: u64::MAX, ..EngineOptions::promqltest() });
                let asked = engine.prepare(query).and_then(|query| match step {
                    0 => query.instant(&source, 40 * MINUTE),
                    _ => query.range(&source, Range { start: 0, end: 59 * MINUTE, step }),
                });
                assert!(asked.as_ref().is_ok_and(|answer| !answer.value.is_empty()), "{query}: {asked:?}");
                format!("{asked:?}")
            };
            let one = with(1);
            assert!(one == with(2), "{query} every {step} ms on two threads");
            assert!(one == with(5), "{query} every {step} ms on five threads");
        }
    }
}
