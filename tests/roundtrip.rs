//! Generated expressions: what is printed is read back as the same tree.

use ferula::syntax::ast::Expr;
use ferula::syntax::{ParseOptions, parse, parse_bytes, pretty, print};
use proptest::prelude::*;

fn options() -> ParseOptions {
    ParseOptions::all()
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-d]{1,3}", "[a-c]:[a-c]", Just("sum".to_owned()), Just("by".to_owned()), Just("温度.x".to_owned())]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof!["[a-d]{1,2}", Just("on".to_owned()), Just("\"a b\"".to_owned()), Just("é".to_owned())]
}

fn labels() -> impl Strategy<Value = String> {
    prop::collection::vec(label(), 0..3).prop_map(|labels| format!("({})", labels.join(", ")))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (0u32..10_000).prop_map(|n| n.to_string()),
        (0.0f64..1e6).prop_map(|n| n.to_string()),
        (1u32..100_000).prop_map(|n| format!("{n}s")),
        Just("+Inf".to_owned()),
        Just("-0".to_owned()),
    ]
}

fn duration() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (1u32..10_000).prop_map(|n| format!("{n}s")),
        (1u32..100).prop_map(|n| n.to_string()),
        Just("step()".to_owned()),
        Just("range()".to_owned()),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), "[-+*^]", inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("max_of({a}, {b})")),
        ]
    })
}

fn selector() -> impl Strategy<Value = String> {
    let matcher = (label(), "=|!=|=~|!~", "[a-c]{1,2}|\\.\\+").prop_map(|(label, op, value)| format!("{label}{op}\"{value}\""));
    let modifiers = prop_oneof![
        4 => Just(String::new()),
        1 => (1u32..1_000).prop_map(|s| format!(" offset {s}s")),
        1 => (0u32..1_000).prop_map(|s| format!(" @ {s}.5")),
        1 => Just(" @ end() offset -1m".to_owned()),
        1 => Just(" smoothed".to_owned()),
    ];
    (name(), prop::collection::vec(matcher, 0..3), modifiers)
        .prop_map(|(name, matchers, modifiers)| format!("{name}{{{}}}{modifiers}", matchers.join(",")))
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![3 => selector(), 1 => number().prop_map(|n| format!("vector({n})"))];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let operator = "\\+|-|\\*|/|%|\\^|==|!=|<|<=|>|>=|</|>/|and|or|unless|atan2";
        let arithmetic = "\\+|-|\\*|== bool|/";
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (inner.clone(), arithmetic, labels(), labels(), inner.clone())
                .prop_map(|(a, op, on, group, b)| format!("{a} {op} ignoring {on} group_left {group} {b}")),
            (inner.clone(), arithmetic, -9i32..9, inner.clone()).prop_map(|(a, op, v, b)| format!("{a} {op} fill_left ({v}) {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("abs({a})")),
            (inner.clone(), labels()).prop_map(|(a, by)| format!("sum by {by} ({a})")),
            (inner.clone(), number()).prop_map(|(a, k)| format!("topk without (a) ({k}, {a})")),
            (selector(), duration()).prop_map(|(a, d)| format!("rate({a}[{d}])").replace(" offset", "[1m:] offset")),
            (inner, duration()).prop_map(|(a, d)| format!("max_over_time(({a})[{d}:{d}] @ 5)")),
        ]
    })
}

/// The tree with its matchers in the order in which they are printed.
fn sorted(mut expr: Expr) -> Expr {
    expr.rewrite(&mut |node| match node {
        Expr::Vector(v) => v.matchers.sort_by_key(|m| format!("{m:?}")),
        Expr::Matrix(m) => m.vector.matchers.sort_by_key(|m| format!("{m:?}")),
        _ => {}
    });
    expr
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_text_is_read_back_as_the_same_tree(text in expression()) {
        if let Ok(expr) = parse(&text, &options()).map(sorted) {
            for printed in [print(&expr, &options()), pretty(&expr, &options())] {
                let again = parse(&printed, &options());
                prop_assert!(again.is_ok(), "{} gave {}", text, printed);
                prop_assert!(again.is_ok_and(|again| sorted(again).same(&expr)), "{} gave {}", text, printed);
            }
        }
    }

    #[test]
    fn spans_of_children_lie_within_their_parents(text in expression()) {
        if let Ok(expr) = parse(&text, &options()) {
            expr.walk(&mut |node| {
                for child in node.children() {
                    assert!(node.span().start <= child.span().start && child.span().end <= node.span().end, "{text}");
                }
            });
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer_or_an_error_inside_the_text(text in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Err(error) = parse_bytes(&text, &options()) {
            prop_assert!(error.span.start <= error.span.end && error.span.end as usize <= text.len());
            let _ = error.render(&String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn pieces_of_the_language_in_any_order_end_in_an_answer_or_an_error(
        pieces in prop::collection::vec("sum|by|foo|\\(|\\)|\\[|\\]|5m|:|offset|@|\\{|\\}|,|a=\"b\"|-|\\+|step\\(\\)|\"|bool|on|fill\\(1\\)", 0..20)
    ) {
        let text = pieces.join(" ");
        if let Err(error) = parse(&text, &options()) {
            prop_assert!(error.span.start as usize <= text.len(), "{}", text);
            prop_assert!(error.render(&text).starts_with("error: "));
        }
    }
}

#[test]
fn the_generated_expressions_are_mostly_legal() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let legal = (0..200).filter(|_| {
        let tree = expression().new_tree(&mut runner);
        tree.is_ok_and(|tree| parse(&tree.current(), &options()).is_ok())
    });
    assert!(legal.count() > 120);
}
