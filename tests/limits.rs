//! Hostile input: everything ends in an answer or a typed error, at once and on a small stack.

use ferula::syntax::series::{MAX_VALUES, SeriesError, parse_series};
use ferula::syntax::{MAX_CHAIN, MAX_NESTING, ParseErrorKind, ParseOptions, parse, pretty, to_json};
use std::thread;

/// Runs with the stack of an ordinary thread.
fn on_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(run);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}

fn options() -> ParseOptions {
    ParseOptions::all()
}

fn kind(text: &str) -> Option<ParseErrorKind> {
    parse(text, &options()).err().map(|error| error.kind)
}

fn too_deep(text: &str) -> bool {
    matches!(kind(text), Some(ParseErrorKind::NestedTooDeep { .. }))
}

#[test]
fn a_chain_of_the_full_length_can_be_used_in_every_way() {
    on_small_stack(|| {
        let text = vec!["a"; MAX_CHAIN as usize + 1].join(" + ");
        let expr = parse(&text, &options()).unwrap_or_else(|error| panic!("{error}"));
        let copy = expr.clone();
        assert!(copy == expr && copy.same(&expr));
        assert_eq!(expr.to_string(), text);
        assert!(to_json(&expr).len() > text.len());
        assert!(format!("{expr:?}").len() > text.len());
        let mut names = 0;
        expr.walk(&mut |_| names += 1);
        assert_eq!(names, 2 * MAX_CHAIN as usize + 1);
        let _ = expr.value_type();
    });
}

#[test]
fn a_chain_of_scalars_has_a_type() {
    on_small_stack(|| {
        let text = vec!["1"; MAX_CHAIN as usize].join("*");
        let expr = parse(&text, &options()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(expr.value_type(), ferula::syntax::ast::ValueType::Scalar);
    });
}

#[test]
fn longer_chains_are_an_error_at_the_operator() {
    on_small_stack(|| {
        let text = vec!["1"; MAX_CHAIN as usize + 2].join("+");
        let error = parse(&text, &options()).map(|_| ()).unwrap_err();
        assert_eq!(error.kind, ParseErrorKind::ChainTooLong { limit: MAX_CHAIN });
        assert_eq!(error.span.start, 2 * MAX_CHAIN + 1);
    });
}

#[test]
fn a_long_chain_is_written_over_many_lines() {
    on_small_stack(|| {
        let text = vec!["metric"; 1_500].join(" or ");
        let expr = parse(&text, &options()).unwrap_or_else(|error| panic!("{error}"));
        assert!(pretty(&expr, &options()).lines().count() > 2_900);
    });
}

#[test]
fn nesting_up_to_the_limit_is_read_and_no_further() {
    on_small_stack(|| {
        let nest = |open: &str, inner: &str, close: &str, times: usize| format!("{}{inner}{}", open.repeat(times), close.repeat(times));
        let most = MAX_NESTING as usize;
        for (open, inner, close) in
            [("(", "x", ")"), ("abs(", "x", ")"), ("sum by (a) (", "x", ")"), ("-", "x", ""), ("2^", "2", ""), ("1 + (", "x", ")")]
        {
            let text = nest(open, inner, close, most);
            let expr = parse(&text, &options()).unwrap_or_else(|error| panic!("{open}: {error}"));
            let again = parse(&expr.to_string(), &options());
            assert!(again.is_ok_and(|again| again.same(&expr)), "{open}");
            assert!(pretty(&expr, &options()).len() >= text.len().min(100));
            assert!(too_deep(&nest(open, inner, close, most + 1)), "{open}");
        }
    });
}

#[test]
fn every_way_of_nesting_is_bounded() {
    on_small_stack(|| {
        let many = 100_000;
        for text in [
            "(".repeat(many),
            "-".repeat(many) + "1",
            "abs(".repeat(many),
            "sum(".repeat(many) + "x" + &")".repeat(many),
            "2^".repeat(many) + "2",
            format!("foo{}", "[1m:]".repeat(many)),
            format!("foo[{}1{}]", "(".repeat(many), ")".repeat(many)),
            format!("foo[{}1]", "-".repeat(many)),
            format!("foo[1{}]", "+1".repeat(many)),
            format!("foo[1{}]", "^1".repeat(many)),
            format!("foo offset ({}1)", "max_of(1,".repeat(many)),
        ] {
            let head = text.get(..20).unwrap_or_default();
            match kind(&text) {
                Some(ParseErrorKind::NestedTooDeep { .. }) => {}
                other => panic!("{head}…: {other:?}"),
            }
        }
    });
}

#[test]
fn subqueries_within_parentheses_count_together() {
    on_small_stack(|| {
        let mut text = "foo".to_owned();
        for _ in 0..200 {
            text = format!("(({text})[1m:])");
        }
        assert!(too_deep(&text));
    });
}

#[test]
fn a_megabyte_is_read_at_once() {
    on_small_stack(|| {
        let big = 1 << 20;
        assert!(parse(&format!("\"{}\"", "a".repeat(big)), &options()).is_ok());
        assert!(parse(&"a".repeat(big), &options()).is_ok());
        assert!(parse(&format!("foo{}", " ".repeat(big)), &options()).is_ok());
        assert!(parse(&format!("foo#{}", "x".repeat(big)), &options()).is_ok());
        let matchers = parse(&format!("foo{{{}}}", "a=\"b\",".repeat(big / 6)), &options());
        assert!(matchers.is_ok());
        assert!(parse(&format!("sum by ({}) (x)", "a,".repeat(big / 2)), &options()).is_ok());
        assert!(matches!(kind(&"a or ".repeat(big / 5)), Some(ParseErrorKind::ChainTooLong { .. })));
        assert!(kind(&"9".repeat(big)).is_some());
        assert!(kind(&"1m".repeat(big / 2)).is_some());
        assert!(kind(&"é".repeat(big / 2)).is_none());
        assert!(kind(&"\u{0}".repeat(big)).is_some());
        let error = parse(&format!("{}$", "a + ".repeat(100)), &options()).map(|_| ()).unwrap_err();
        assert!(error.render(&"a + ".repeat(big / 4)).len() < 1_000);
    });
}

#[test]
fn repetitions_are_bounded() {
    for line in ["foo 1x99999999999", "foo _x1000001", "foo 1+1x18446744073709551615", "foo 1x500000 1x500000", "foo {{}}x1000000"] {
        let error = parse_series(line, &options()).map(|series| series.values.len()).unwrap_err();
        assert_eq!(error.kind, ParseErrorKind::Series(SeriesError::TooLong { limit: MAX_VALUES }), "{line}");
    }
    assert_eq!(parse_series("foo 0+1x999999", &options()).map(|series| series.values.len()), Ok(MAX_VALUES));
}
