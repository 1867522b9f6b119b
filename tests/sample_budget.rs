//! The sample budget: the smallest `max_samples` that lets a query through, as Prometheus 3.16
//! has it. All figures were found by bisection there.

use ferula::engine::Range;
use ferula::golden::{self, Command};
use ferula::model::LabelSet;
use ferula::source::MemorySource;
use ferula::{Engine, EngineOptions, QueryError};

const LOAD: &str = r#"
load 1m
  a{x="1",g="p"} 1+1x30
  a{x="2",g="p"} 2+1x30
  a{x="3",g="q"} 3+3x30
  b{x="1",g="p"} 1+1x30
  b{x="2",g="p"} 2+1x30
  h {{schema:0 count:10 sum:5 buckets:[1 2 3 4]}}x30
  l_bucket{le="1"} 1+1x30
  l_bucket{le="2"} 2+2x30
  l_bucket{le="+Inf"} 3+3x30
  one 5+1x30
"#;

fn source() -> MemorySource {
    let mut source = MemorySource::default();
    for command in golden::parse(LOAD).commands {
        let Command::Load(load) = command else { panic!("{command:?}") };
        golden::load(&mut source, &load).unwrap_or_else(|e| panic!("{}", e.message));
    }
    source
}

fn passes(source: &MemorySource, query: &str, range: Option<Range>, max_samples: u64) -> bool {
    let engine = Engine::new(EngineOptions { max_samples, ..EngineOptions::promqltest() });
    let answer = engine.prepare(query).and_then(|q| match range {
        None => q.instant(source, 1_200_000),
        Some(range) => q.range(source, range),
    });
    match answer {
        Ok(_) => true,
        Err(QueryError::Limit { message, operator }) => {
            assert_eq!(message, "query processing would load too many samples into memory in query execution");
            assert!(!operator.is_empty());
            false
        }
        Err(other) => panic!("{query}: {other}"),
    }
}

/// Query, smallest limit of 21 steps, of one step.
const LIMITS: &[(&str, u64, u64)] = &[
    ("a", 63, 3),
    ("-a", 63, 3),
    ("abs(a)", 129, 9),
    ("a + 1", 151, 11),
    ("1", 21, 1),
    ("1 + 1", 21, 5),
    ("time()", 21, 1),
    ("vector(time())", 43, 3),
    ("scalar(one)", 43, 3),
    ("a + b", 152, 12),
    ("a > 10", 129, 11),
    ("a * on (g) group_left () sum by (g) (b)", 130, 10),
    ("sum(a)", 63, 3),
    ("topk(1, a)", 84, 4),
    ("quantile(0.5, a)", 84, 4),
    ("count_values(\"v\", a)", 129, 9),
    ("rate(a[5m])", 65, 8),
    ("quantile_over_time(0.5, a[10m])", 94, 14),
    ("rate(h[5m])", 285, 76),
    ("absent(a)", 66, 6),
    ("absent_over_time(a[5m])", 68, 8),
    ("absent_over_time(a[5m:1m])", 131, 23),
    ("label_replace(a, \"y\", \"$1\", \"x\", \"(.*)\")", 63, 3),
    ("histogram_quantile(0.9, l_bucket)", 109, 9),
    ("histogram_quantile(0.9, h)", 317, 17),
    ("sort(a)", 129, 9),
    ("timestamp(a)", 66, 6),
    ("clamp(a, 1, 10)", 173, 13),
    ("a @ 600", 63, 3),
    ("sum(a @ 600)", 21, 3),
    ("a + (a @ 600)", 195, 15),
    ("rate(a[5m] @ 600)", 63, 8),
    ("sum(max_over_time(a[5m:30s]))", 196, 43),
    ("sum_over_time(sum(a)[10m:1m])", 63, 30),
    ("sum(a) / sum(b)", 65, 5),
    ("a + a + a + a", 195, 15),
    ("(a + b) * (a - b)", 194, 14),
    ("sum(a) > 0 and sum(b) > 0", 86, 6),
    ("predict_linear(a[5m], 60)", 86, 9),
    ("histogram_quantile(0.9, sum by (le) (rate(l_bucket[5m])))", 105, 9),
    ("info(a)", 129, 9),
];

#[test]
fn limits_are_those_of_prometheus() {
    let source = source();
    let range = Range { start: 0, end: 1_200_000, step: 60_000 };
    for (query, of_range, of_instant) in LIMITS {
        for (range, limit) in [(Some(range), *of_range), (None, *of_instant)] {
            assert!(passes(&source, query, range, limit), "{query} within {limit}");
            assert!(!passes(&source, query, range, limit - 1), "{query} within {}", limit - 1);
        }
    }
}

#[test]
fn rows_that_set_operators_need_not_read_are_not_counted() {
    let source = source();
    // Prometheus reads all of `a`, and needs 12.
    assert!(passes(&source, "a and b", None, 11));
    assert!(!passes(&source, "a and b", None, 10));
}

#[test]
fn rows_after_the_last_one_that_matters_are_not_counted() {
    let mut source = MemorySource::default();
    for x in 0..200 {
        let labels = LabelSet::from_pairs([("__name__", "many".to_string()), ("x", x.to_string())]);
        assert_eq!(source.append_float(&labels, 1_200_000, 0, 1.0), Ok(()));
    }
    source.commit();
    // The 200 samples of a step count once for absent(), which would gather them.
    for (query, limit) in [("absent(many)", 250), ("limitk(3, many)", 50), ("limitk(2, many) by (y)", 50)] {
        assert!(passes(&source, query, None, limit), "{query}");
    }
    // All of these are looked at: no group is full, or the operand may have remarks.
    for query in ["limitk(3, many) by (x)", "limitk(3, many > 0)", "absent(many > 0)"] {
        assert!(!passes(&source, query, None, 199), "{query}");
    }
}
