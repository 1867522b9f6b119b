//! How trees and errors look.

use ferula::syntax::{ParseOptions, parse};

fn tree(text: &str) -> String {
    match parse(text, &ParseOptions::all()) {
        Ok(expr) => format!("{text}\n{expr:#?}"),
        Err(error) => format!("{text}\n{error}"),
    }
}

#[test]
fn trees() {
    insta::assert_snapshot!("selector", tree("up{job=~\"a|b\"} @ 5 offset -1m"));
    insta::assert_snapshot!("precedence", tree("-a ^ 2 + b * 5m"));
    insta::assert_snapshot!("aggregation", tree("topk without (a) (3, rate(x[5m:step()]))"));
    insta::assert_snapshot!("matching", tree("a / on (x) group_left (y) fill_right (0) b"));
    insta::assert_snapshot!("duration", tree("x[2 * (1m + step())] smoothed"));
}

#[test]
fn diagnostics() {
    let options = ParseOptions::default();
    let shown: Vec<String> = [
        "sum by (job) (rat(x[5m]))",
        "rate(http_requests_total)",
        "rate(sum(x))",
        "avg_over_time(sum by (a) (\n  rate(x[5m])\n)[5m])",
        "foo{job=api}",
        "foo = 1",
        "1 == 1",
        "foo =~ \"a\"",
        "sum by job (x)",
        "holt_winters(x[5m], 0.5, 0.5)",
        "limitk(1, x)",
        "abs(foo,)",
        "(foo",
        "foo offset 5m [1h]",
        "foo[1m1h]",
        "{job=\"\"}",
        "温度 + 1",
        "\"é\" foo",
        "\tfoo bar",
        "",
    ]
    .iter()
    .map(|text| match parse(text, &options) {
        Ok(expr) => format!("{text:?} is legal: {expr}\n"),
        Err(error) => error.render(text),
    })
    .collect();
    insta::assert_snapshot!("diagnostics", shown.join("\n"));
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let text = format!("{} + $ + {}", "a".repeat(500), "b".repeat(500));
    let error = parse(&text, &ParseOptions::default()).map(|_| ()).unwrap_err();
    insta::assert_snapshot!("long_line", error.render(&text));
}
