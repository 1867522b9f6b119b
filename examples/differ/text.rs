//! Expressions as people and machines may write them, and damaged ones.

use crate::random::Random;
use ferula::functions::{self, Function};

/// A syntactically sound expression; it need not pass the type check.
pub fn expression(random: &mut Random) -> String {
    let depth = 1 + random.below(5);
    expr(random, depth)
}

fn space(random: &mut Random) -> &'static str {
    ["", "", "", " ", "  ", "\n", "\t", " # note\n"][random.below(8)]
}

fn expr(random: &mut Random, depth: usize) -> String {
    let below = depth.saturating_sub(1);
    match random.below(if depth == 0 { 4 } else { 13 }) {
        0 | 1 => selector(random),
        2 => number(random),
        3 => string(random),
        4 => format!("({}{})", space(random), expr(random, below)),
        5 => format!("{}{}", ["-", "+", "- ", "--"][random.below(4)], expr(random, below)),
        6 | 7 => call(random, below),
        8 | 9 => aggregation(random, below),
        10 => format!(
            "{}[{}:{}]{}",
            expr(random, below),
            duration(random),
            if random.one_in(2) { duration(random) } else { String::new() },
            modifiers(random)
        ),
        _ => binary(random, below),
    }
}

fn number(random: &mut Random) -> String {
    let fixed = [
        "0",
        "1",
        "-1",
        "2.5",
        ".5",
        "5.",
        "1e3",
        "1E-7",
        "0x1F",
        "0755",
        "1_000",
        "Inf",
        "nan",
        "+Inf",
        "5m",
        "1h30m",
        "1y",
        "90s",
        "1ms",
        "1e21",
        "123456789.123",
        "0x_1f",
        "1e-10",
        "0xfe",
        "1d12h",
    ];
    if random.one_in(4) { format!("{}", random.next() as f64 / 1e12) } else { fixed[random.below(fixed.len())].into() }
}

fn string(random: &mut Random) -> String {
    ["\"x\"", "'y'", "`z`", "\"a\\nb\"", "\"\\xff\"", "'\\''", "\"é\"", "\"\\u200b\"", "`\\n`", "\"\\101\""][random.below(10)].into()
}

fn name(random: &mut Random) -> &'static str {
    random.pick(&[
        "up",
        "foo",
        "foo:bar",
        "sum",
        "by",
        "and",
        "offset",
        "start",
        "http.requests",
        "Sum",
        "a1",
        "_x",
        ":",
        "min_of",
        "fill",
        "é",
        "on",
        "bool",
        "x",
        "stale",
        "anchored",
        "rate",
        "inf1",
    ])
}

fn label(random: &mut Random) -> &'static str {
    random.pick(&["a", "job", "le", "on", "inf", "\"a.b\"", "a.b", "'x'", "__name__", "without", "sum", "é"])
}

fn selector(random: &mut Random) -> String {
    let mut text = if random.one_in(8) { String::new() } else { name(random).to_string() };
    if text.is_empty() || random.one_in(3) {
        let matchers: Vec<String> = (0..random.below(4))
            .map(|_| match random.below(8) {
                0 => string(random),
                _ => {
                    let op = random.pick(&["=", "!=", "=~", "!~"]);
                    let value =
                        random.pick(&["\"b\"", "\"\"", "'.*'", "\"a|b\"", "\"(\"", "\".+\"", "`x`", "\"[a-\"", "\"a{2,1}\"", "\"\\\\d+\""]);
                    format!("{}{}{op}{value}", label(random), space(random))
                }
            })
            .collect();
        let comma = if !matchers.is_empty() && random.one_in(5) { "," } else { "" };
        text.push_str(&format!("{{{}{comma}}}", matchers.join(",")));
    }
    if random.one_in(4) {
        text.push_str(&format!("[{}]", duration(random)));
    }
    text.push_str(&modifiers(random));
    text
}

fn modifiers(random: &mut Random) -> String {
    let mut text = String::new();
    while random.one_in(5) {
        match random.below(5) {
            0 => text.push_str(&format!(" offset {}", duration(random))),
            1 => text.push_str(&format!(" @ {}", number(random))),
            2 => text.push_str([" @ start()", " @ end()"][random.below(2)]),
            3 => text.push_str([" anchored", " smoothed"][random.below(2)]),
            _ => text.push_str(&format!(" offset -{}", duration(random))),
        }
    }
    text
}

fn duration(random: &mut Random) -> String {
    match random.below(12) {
        0 => format!("({})", duration(random)),
        1 => format!("{} {} {}", duration(random), random.pick(&["+", "-", "*", "/", "%", "^"]), duration(random)),
        2 => random.pick(&["step()", "range()", "STEP()", "max_of(5m, step())", "min_of(1m,2m)", "-step()"]).into(),
        3 => random.pick(&["300", "0.5", "1e3", "0", "-5m", "+1m", "1m1h", "5y1hs", "0x10"]).into(),
        _ => random.pick(&["5m", "1h", "30s", "1h30m", "1d", "2w", "1500ms", "90m", "1y"]).into(),
    }
}

fn call(random: &mut Random, depth: usize) -> String {
    let all: Vec<&Function> = functions::all().collect();
    let function = all[random.below(all.len())];
    let count = if random.one_in(8) { random.below(4) } else { function.min_args().max(1) };
    let args: Vec<String> = (0..count)
        .map(|i| {
            use ferula::syntax::ast::ValueType::*;
            match function.arg_type(i) {
                Some(RangeVector) if !random.one_in(8) => format!("{}[{}]", name(random), duration(random)),
                Some(String) if !random.one_in(8) => string(random),
                Some(Scalar) if !random.one_in(4) => number(random),
                _ => expr(random, depth),
            }
        })
        .collect();
    let comma = if random.one_in(40) { "," } else { "" };
    format!("{}{}({}{comma})", function.name, space(random), args.join(random.pick(&[", ", ",", " , "])))
}

fn labels(random: &mut Random) -> String {
    let labels: Vec<&str> = (0..random.below(4)).map(|_| label(random)).collect();
    format!("({})", labels.join(", "))
}

fn aggregation(random: &mut Random, depth: usize) -> String {
    let op = random.pick(&[
        "sum",
        "avg",
        "MIN",
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
    let param = match op {
        "topk" | "bottomk" | "quantile" | "limitk" | "limit_ratio" if !random.one_in(10) => format!("{}, ", expr(random, 0)),
        "count_values" => format!("{}, ", string(random)),
        _ => String::new(),
    };
    let inner = expr(random, depth);
    let clause = format!("{} {}", random.pick(&["by", "without", "BY"]), labels(random));
    match random.below(4) {
        0 => format!("{op} {clause} ({param}{inner})"),
        1 => format!("{op}({param}{inner}) {clause}"),
        _ => format!("{op}({param}{inner})"),
    }
}

fn binary(random: &mut Random, depth: usize) -> String {
    let op =
        random.pick(&["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "</", ">/", "and", "or", "unless", "AND"]);
    let mut modifiers = String::new();
    if random.one_in(4) {
        modifiers.push_str(" bool");
    }
    if random.one_in(4) {
        modifiers.push_str(&format!(" {} {}", random.pick(&["on", "ignoring"]), labels(random)));
        if random.one_in(2) {
            modifiers.push_str(&format!(" {}", random.pick(&["group_left", "group_right"])));
            if random.one_in(2) {
                modifiers.push_str(&format!(" {}", labels(random)));
            }
        }
    }
    if random.one_in(8) {
        modifiers.push_str(&format!(" {}({})", random.pick(&["fill", "fill_left", "fill_right"]), number(random)));
    }
    format!("{} {op}{modifiers}{} {}", expr(random, depth), space(random), expr(random, depth))
}

/// Damages an expression in one or two places.
pub fn damaged(random: &mut Random, expr: String) -> String {
    let mut chars: Vec<char> = expr.chars().collect();
    for _ in 0..1 + random.below(2) {
        if chars.is_empty() {
            break;
        }
        let at = random.below(chars.len());
        match random.below(5) {
            0 => drop(chars.remove(at)),
            1 => chars.insert(
                at,
                ['(', ')', '[', ']', '{', '}', ',', ':', '"', '@', '=', '!', '~', '-', '5', 'm', ' ', '#', '\\', 'é', '.']
                    [random.below(21)],
            ),
            2 => chars.truncate(at),
            3 => {
                let other = random.below(chars.len());
                chars.swap(at, other);
            }
            _ => {
                let end = (at + 1 + random.below(6)).min(chars.len());
                let piece: Vec<char> = chars[at..end].to_vec();
                let to = random.below(chars.len());
                chars.splice(to..to, piece);
            }
        }
    }
    chars.into_iter().collect()
}
