//! Expressions that are easy to get wrong, with the reference's answer: the canonical text, or
//! the error with its place.

use Answer::{Error, Text};
use ferula::syntax::series::parse_series;
use ferula::syntax::{ParseOptions, parse, print};

enum Answer {
    /// The canonical text.
    Text(&'static str),
    /// The whole text of the error.
    Error(&'static str),
}

type Case = (&'static str, Answer);

fn check(cases: &[Case], options: &ParseOptions) {
    let mut wrong = Vec::new();
    for (text, answer) in cases {
        match (parse(text, options), answer) {
            (Ok(expr), Text(expected)) if print(&expr, options) == *expected => {}
            (Err(error), Error(expected)) if error.to_string() == *expected => {}
            (Ok(expr), _) => wrong.push(format!("{text:?} => {}", print(&expr, options))),
            (Err(error), _) => wrong.push(format!("{text:?} !! {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn stable_names() -> ParseOptions {
    ParseOptions { unquoted_utf8_names: false, ..ParseOptions::all() }
}

const NUMBERS_DURATIONS_TEXTS: &[Case] = &[
    ("0755", Text("493")),
    ("0899.5", Text("899.5")),
    ("0x_1F", Text("31")),
    ("0xfe", Error("1:1: parse error: bad number or duration syntax: \"0xfe\"")),
    ("0xfe + 1", Text("254 + 1")),
    ("0xbeef", Error("1:1: parse error: bad number or duration syntax: \"0xbee\"")),
    ("0xdeadbeef", Text("3735928559")),
    (
        "0x8000000000000000",
        Error("1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"0x8000000000000000\": invalid syntax"),
    ),
    ("9223372036854775807", Text("9223372036854776000")),
    ("1e400", Error("1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e400\": value out of range")),
    ("_1", Text("_1")),
    ("infinity", Text("infinity")),
    ("-nan", Text("NaN")),
    ("- - 1", Text("1")),
    ("-(5)", Text("-(5)")),
    ("1y2w3d4h5m6s7ms", Text("382d4h5m6s7ms")),
    ("90m", Text("1h30m")),
    ("010m", Text("10m")),
    ("1.5h", Error("1:1: parse error: unknown unit \".\" in duration \"1.5h\"")),
    ("1m1h", Error("1:1: parse error: not a valid duration string: \"1m1h\"")),
    ("1w1y", Error("1:1: parse error: bad number or duration syntax: \"1w1\"")),
    ("5mm", Error("1:1: parse error: bad number or duration syntax: \"5mm\"")),
    ("293y", Error("1:1: parse error: duration out of range")),
    ("5 m", Error("1:3: parse error: unexpected identifier \"m\"")),
    ("1h 30m", Error("1:4: parse error: unexpected duration \"30m\"")),
    ("'\\\"'", Error("1:1: parse error: unknown escape sequence U+0022 '\"'")),
    ("\"\\400\"", Error("1:1: parse error: escape sequence is an invalid Unicode code point")),
    ("\"\\08\"", Error("1:1: parse error: illegal character U+0038 '8' in escape sequence")),
    ("\"\\377\"", Text("\"\\xff\"")),
    ("`a\nb`", Text("\"a\\nb\"")),
    ("\"a\nb\"", Error("1:1: parse error: unterminated quoted string")),
    ("\"\u{fffd}\"", Error("1:1: parse error: invalid UTF-8 rune")),
    ("5µs", Error("1:2: parse error: unexpected character: 'µ'")),
    ("foo[010]", Text("foo[8s]")),
    ("\"\\ufffd\"", Text("\"\u{fffd}\"")),
    ("1__0", Error("1:1: parse error: bad number or duration syntax: \"1__\"")),
    ("1_", Error("1:1: parse error: bad number or duration syntax: \"1_\"")),
    ("1e", Error("1:1: parse error: bad number or duration syntax: \"1e\"")),
    ("1._5", Error("1:1: parse error: bad number or duration syntax: \"1._\"")),
    ("5x", Error("1:1: parse error: bad number or duration syntax: \"5\"")),
    ("0b11", Error("1:1: parse error: bad number or duration syntax: \"0\"")),
    ("1.2.3", Error("1:1: parse error: bad number or duration syntax: \"1.2.\"")),
    ("0.5.", Error("1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"0.5.\": invalid syntax")),
    ("0_.5", Error("1:1: parse error: bad number or duration syntax: \"0_.\"")),
    ("1e5m", Error("1:1: parse error: unknown unit \"e\" in duration \"1e5m\"")),
    ("0x1e+1", Error("1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"0x1e+1\": invalid syntax")),
    ("1e+-5", Error("1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e+\": invalid syntax")),
    ("5m30", Error("1:1: parse error: bad number or duration syntax: \"5m30\"")),
    ("1864ms", Text("1s863ms")),
];

#[test]
fn numbers_durations_texts() {
    check(NUMBERS_DURATIONS_TEXTS, &stable_names());
}

const NAMES_KEYWORDS_SELECTORS: &[Case] = &[
    ("and and and", Text("and and and")),
    ("foo or or or bar", Text("foo or or or bar")),
    ("sum + by", Text("sum + by")),
    ("offset offset 5m", Text("offset offset 5m")),
    ("anchored anchored", Text("anchored anchored")),
    ("fill + fill(1) fill", Text("fill + fill (1) fill")),
    ("fill(1)", Error("1:5: parse error: unexpected \"(\"")),
    ("on{}", Error("1:1: parse error: unexpected <on>")),
    ("atan2{}", Error("1:1: parse error: unexpected <op:atan2>")),
    ("inf{}", Error("1:4: parse error: unexpected \"{\"")),
    (":", Text(":")),
    ("a : b", Error("1:3: parse error: unexpected metric identifier \":\"")),
    ("Sum", Text("Sum")),
    ("SUM BY (a) (foo)", Text("sum by (a) (foo)")),
    ("ABS(foo)", Error("1:1: parse error: unknown function with name \"ABS\"")),
    ("STEP()", Error("1:1: parse error: unknown function with name \"STEP\"")),
    ("foo[STEP()]", Text("foo[step()]")),
    ("sum by (without) (x)", Error("1:9: parse error: unexpected <without> in grouping opts, expected label")),
    ("sum by (\"without\") (x)", Text("sum by (without) (x)")),
    ("sum by (foo:bar) (x)", Text("sum by (\"foo:bar\") (x)")),
    ("sum by (\"\") (x)", Error("1:9: parse error: invalid label name for grouping: \"\"")),
    ("sum by (a,,b) (x)", Error("1:11: parse error: unexpected \",\" in grouping opts, expected label")),
    ("sum by (a, a) (x)", Text("sum by (a, a) (x)")),
    ("foo{a:b=\"c\"}", Error("1:6: parse error: unexpected character inside braces: ':'")),
    ("foo{\"a:b\"=\"x\",b=\"1\",B=\"2\",_c=\"3\"}", Text("foo{\"a:b\"=\"x\",B=\"2\",_c=\"3\",b=\"1\"}")),
    ("{\"foo bar\",a=\"b\",}", Text("{__name__=\"foo bar\",a=\"b\"}")),
    ("foo{\"bar\"}", Error("1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\"")),
    ("foo{__name__=~\"x\"}", Error("1:1: parse error: metric name must not be set twice: \"foo\" or \"x\"")),
    ("{\"a\",\"b\"}", Text("{__name__=\"a\",__name__=\"b\"}")),
    ("{\"\"}", Error("1:1: parse error: vector selector must contain at least one non-empty matcher")),
    ("foo{\"\"=\"x\"}", Text("foo{\"\"=\"x\"}")),
    ("{x!=\"a\"}", Error("1:1: parse error: vector selector must contain at least one non-empty matcher")),
    ("foo{,}", Error("1:5: parse error: unexpected \",\" in label matching, expected identifier or \"}\"")),
    ("foo{a=\"b\",,}", Error("1:11: parse error: unexpected \",\" in label matching, expected identifier or \"}\"")),
    ("foo{gibberish}", Error("1:14: parse error: unexpected \"}\" in label matching, expected label matching operator")),
    ("{a==\"b\"}", Error("1:4: parse error: unexpected \"=\" in label matching, expected string")),
    ("{\"a\" \"b\"}", Error("1:6: parse error: unexpected string \"\\\"b\\\"\" in label matching, expected \",\" or \"}\"")),
    ("foo{a=~\"(\"}", Error("1:5: parse error: error parsing regexp: missing closing ): `(`")),
    ("foo{a=\"b\"#c\n,c=\"d\"}", Text("foo{a=\"b\",c=\"d\"}")),
    ("\"é\" foo", Error("1:6: parse error: unexpected identifier \"foo\"")),
    ("foo \"a long string literal\"", Error("1:5: parse error: unexpected string \"\\\"a long st\"...")),
    ("foo 12345678901234", Error("1:5: parse error: unexpected number \"1234567890\"...")),
    ("foo)", Error("1:5: parse error: unexpected right parenthesis ')'")),
    ("(foo", Error("1:5: parse error: unclosed left parenthesis")),
    ("()", Error("1:2: parse error: unexpected \")\"")),
    ("foo\u{a0}", Error("1:4: parse error: unexpected character: '\\u00a0'")),
    ("", Error("unknown position: parse error: no expression found in input")),
    ("# c", Error("1:1: parse error: no expression found in input")),
    ("{a=\"\"}", Error("1:1: parse error: vector selector must contain at least one non-empty matcher")),
    ("{a=~\"x|\"}", Error("1:1: parse error: vector selector must contain at least one non-empty matcher")),
    ("{a!=\"\"}", Text("{a!=\"\"}")),
    ("{a!~\"\"}", Text("{a!~\"\"}")),
    ("{a=~\".+\"}", Text("{a=~\".+\"}")),
    ("{__name__!~\".*\"}", Text("{__name__!~\".*\"}")),
    ("foo{a=~\"b\"} # c", Text("foo{a=~\"b\"}")),
    ("", Error("unknown position: parse error: no expression found in input")),
    ("  ", Error("1:1: parse error: no expression found in input")),
    ("foo\u{0}", Error("1:4: parse error: unexpected character: '\\x00'")),
];

#[test]
fn names_keywords_selectors() {
    check(NAMES_KEYWORDS_SELECTORS, &stable_names());
}

const OPERATORS_AND_MATCHING: &[Case] = &[
    ("-1^2", Text("-1 ^ 2")),
    ("-1*2", Text("-1 * 2")),
    ("2^3^2", Text("2 ^ 3 ^ 2")),
    ("a < b </ c > d", Text("a < b </ c > d")),
    ("a < / 3", Error("1:5: parse error: unexpected <op:/>")),
    ("a </ bool 1", Error("1:3: parse error: bool modifier can only be used on comparison operators")),
    ("1 </ 2", Text("1 </ 2")),
    ("1 == 1", Error("1:3: parse error: comparisons between scalars must use BOOL modifier")),
    ("1 < bool 2 < 3", Error("1:12: parse error: comparisons between scalars must use BOOL modifier")),
    ("foo < bool 2 == 3", Text("foo < bool 2 == 3")),
    ("1 =~ 1", Error("1:3: parse error: unexpected character after '=': '~'")),
    ("a = b", Error("1:3: parse error: unexpected \"=\"")),
    ("1 or vector(1)", Error("1:1: parse error: set operator \"or\" not allowed in binary scalar expression")),
    ("1 or on(bar) foo", Error("1:1: parse error: vector matching only allowed between instant vectors")),
    ("1 + on() 2", Text("1 + 2")),
    ("foo + on() group_left(x) 2", Text("foo + 2")),
    ("foo * on(a) group_left bar", Text("foo * on (a) group_left () bar")),
    ("foo + ignoring() bar", Text("foo + bar")),
    ("foo + ignoring() group_left bar", Text("foo + ignoring () group_left () bar")),
    ("foo + group_left(baz) bar", Error("1:7: parse error: unexpected <group_left>")),
    ("foo * on(a) group_left group_right bar", Error("1:24: parse error: unexpected <group_right> in grouping opts, expected \"(\"")),
    ("foo == on(a) bool bar", Error("1:14: parse error: unexpected <bool>")),
    ("foo + on(a) group_left(a) bar", Error("1:5: parse error: label \"a\" must not occur in ON and GROUP clause at once")),
    ("foo + ignoring(a) group_left(a) bar", Text("foo + ignoring (a) group_left (a) bar")),
    ("foo and on(a) group_left bar", Error("1:1: parse error: no grouping allowed for \"and\" operation")),
    ("foo + fill(NaN) bar", Text("foo + fill_left (NaN) fill_right (NaN) bar")),
    ("foo + fill_right(1) fill_left(2) bar", Text("foo + fill_left (2) fill_right (1) bar")),
    ("foo + fill_left(5) fill_right(5) bar", Text("foo + fill (5) bar")),
    ("foo + fill(1e6) bar", Text("foo + fill (1e+06) bar")),
    ("foo + fill(1) on(a) bar", Error("1:15: parse error: unexpected <on>")),
    ("foo + fill(1) fill_left(2) bar", Error("1:24: parse error: unexpected \"(\"")),
    ("foo + fill(--1) bar", Error("1:13: parse error: unexpected <op:->")),
    ("foo and fill(1) bar", Error("1:1: parse error: filling in missing series not allowed for set operators")),
    ("foo + fill(1) 2", Error("1:1: parse error: filling in missing series only allowed between instant vectors")),
    ("\"a\" == \"b\"", Error("1:1: parse error: binary expression must contain only scalar and instant vector types")),
    ("foo[5m] + 1", Error("1:1: parse error: binary expression must contain only scalar and instant vector types")),
    (
        "-test[5m]",
        Error("1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"range vector\""),
    ),
    ("-foo^2", Text("-foo ^ 2")),
    ("-foo*bar", Text("-foo * bar")),
    ("a^-b^c", Text("a ^ -b ^ c")),
    ("a^-b*c", Text("a ^ -b * c")),
    ("foo * on(a) group_left == bar", Error("1:24: parse error: unexpected <op:==> in grouping opts, expected \"(\"")),
    ("(foo * on(a) group_left )", Error("1:25: parse error: unexpected \")\" in grouping opts, expected \"(\"")),
    ("foo + on(a) fill(1) bar", Text("foo + on (a) fill (1) bar")),
];

#[test]
fn operators_and_matching() {
    check(OPERATORS_AND_MATCHING, &stable_names());
}

const MODIFIERS_RANGES_SUBQUERIES: &[Case] = &[
    ("foo offset 5m @ 1", Text("foo @ 1.000 offset 5m")),
    ("foo @ 3.3335", Text("foo @ 3.334")),
    ("foo @ 1h", Text("foo @ 3600.000")),
    ("foo @ 1+1", Text("foo @ 1.000 + 1")),
    ("foo @ (1)", Error("1:7: parse error: unexpected \"(\" in @, expected timestamp")),
    ("foo @ start", Error("1:12: parse error: unexpected end of input in @, expected timestamp")),
    ("foo @ +Inf", Error("1:1: parse error: timestamp out of bounds for @ modifier: +Inf")),
    ("foo @ 0 @ 0", Error("1:1: parse error: @ <timestamp> may not be set multiple times")),
    ("foo offset 0s offset 5m", Text("foo offset 5m")),
    ("foo offset 5m offset 0", Error("1:1: parse error: offset may not be set multiple times")),
    ("foo offset (0) offset 5m", Error("1:1: parse error: offset may not be set multiple times")),
    ("foo offset -5m ^ 2", Text("foo offset -5m ^ 2")),
    (
        "foo offset (5m) * bar",
        Error("1:19: parse error: unexpected identifier \"bar\" in offset, expected number, duration, step(), or range()"),
    ),
    ("foo offset ((5m))", Text("foo offset (5m)")),
    ("foo offset +(5)", Text("foo offset (5)")),
    (
        "(foo) offset 5m",
        Error("1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"),
    ),
    ("some_metric offset 1m[5m]", Error("1:22: parse error: no offset modifiers allowed before range")),
    ("some_metric @ start() [5m]", Error("1:23: parse error: no @ modifiers allowed before range")),
    ("some_metric offset 1m [10m:5s]", Text("some_metric offset 1m[10m:5s]")),
    ("(foo)[5m]", Error("1:6: parse error: ranges only allowed for vector selectors")),
    ("(foo)[5m:]", Text("(foo)[5m:]")),
    ("foo[5m][5m]", Error("1:8: parse error: ranges only allowed for vector selectors")),
    ("foo[5m:1m][5m:]", Error("1:1: parse error: subquery is only allowed on instant vector, got matrix instead")),
    ("1[5m:]", Error("1:1: parse error: subquery is only allowed on instant vector, got scalar instead")),
    ("foo[ 5m : 1m ]", Text("foo[5m:1m]")),
    ("foo[5m # c\n]", Text("foo[5m]")),
    ("foo[300]", Text("foo[5m]")),
    ("foo[-1]", Error("1:5: parse error: duration must be greater than 0")),
    ("foo[--5m]", Text("foo[5m]")),
    ("foo[-(5m)]", Text("foo[-(5m)]")),
    ("foo[step():1m]", Text("foo[step():1m]")),
    ("foo[1*step():1m]", Text("foo[1 * step():1m]")),
    ("foo[range():]", Text("foo[range():]")),
    ("foo[(STEP()):1m]", Text("foo[(step()):1m]")),
    ("foo[-step():min_of(1m,step())]", Text("foo[-step():min_of(1m, step())]")),
    (
        "foo[range:1m]",
        Error("1:10: parse error: unexpected \":\" in subquery or range selector, expected number, duration, step(), or range()"),
    ),
    (
        "foo[step(:)]",
        Error("1:10: parse error: unexpected \":\" in subquery or range selector, expected number, duration, step(), or range()"),
    ),
    ("foo[+:1m]", Error("1:7: parse error: unexpected colon before duration in duration expression")),
    ("foo[step()::1s]", Error("1:13: parse error: unexpected repeated colon in duration expression")),
    ("foo[range():1s:2s]", Error("1:15: parse error: unexpected colon ':'")),
    ("rate(foo[5m])[:1s]", Error("1:16: parse error: unexpected colon before duration in duration expression")),
    ("foo[step():", Error("1:12: parse error: unexpected end of input in duration expression")),
    ("foo[step() # c\n]", Error("1:12: parse error: unexpected character in duration expression: '#'")),
    ("1[5m]", Error("1:2: parse error: ranges only allowed for vector selectors")),
    ("foo[5m/0]", Error("1:7: parse error: division by zero")),
    ("foo[5m/(0)]", Text("foo[5m / (0)]")),
    ("foo[]", Error("1:5: parse error: unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()")),
    ("foo[5m == 3]", Error("1:8: parse error: unexpected <op:==> in subquery or range, expected \":\" or \"]\"")),
    ("foo[5m:*2]", Error("1:8: parse error: unexpected <op:*> in subquery selector, expected number, duration, step(), range(), or \"]\"")),
    ("foo[5m:1m 2m]", Error("1:11: parse error: unexpected duration \"2m\" in subquery selector, expected \"]\"")),
    ("foo[5m + foo]", Error("1:10: parse error: unexpected character: 'f', expected ':'")),
    ("foo[\"5m\"]", Error("1:5: parse error: unexpected character in duration expression: '\"'")),
    ("foo[5m", Error("1:7: parse error: unclosed left bracket")),
    ("foo[", Error("1:5: parse error: unexpected end of input in duration expression")),
    ("foo[5y1hs]", Error("1:5: parse error: unknown unit \"hs\" in duration \"5y1hs\"")),
    ("foo[Inf]", Error("1:5: parse error: unexpected character in duration expression: 'I'")),
    (
        "foo[min_of(1m)]",
        Error("1:14: parse error: unexpected \")\" in subquery or range selector, expected number, duration, step(), or range()"),
    ),
    ("foo anchored[5m]", Text("foo[5m] anchored")),
    ("foo[5m] offset 1m anchored", Text("foo[5m] anchored offset 1m")),
    ("foo smoothed @ 5 offset 1m", Text("foo @ 5.000 smoothed offset 1m")),
    ("foo[5m] smoothed @ 5", Text("foo[5m] smoothed @ 5.000")),
    ("foo[5m] anchored anchored", Text("foo[5m] anchored")),
    ("foo[5m] anchored smoothed", Error("1:1: parse error: anchored and smoothed modifiers cannot be used together")),
    ("foo[5m:] anchored", Error("1:1: parse error: anchored modifier is not supported for subqueries")),
    ("sum(foo) smoothed", Error("1:1: parse error: smoothed modifier not implemented")),
    ("foo[ # c\n 5m]", Error("1:6: parse error: unexpected character in duration expression: '#'")),
    (
        "sum (a) by (b) offset 5m",
        Error("1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"),
    ),
    (
        "sum(foo) offset 5m",
        Error("1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"),
    ),
    ("foo offset +step()", Text("foo offset step()")),
    ("foo offset -0.0004", Text("foo offset -0s")),
    ("foo offset - -1 * 2", Text("foo offset 1 * 2")),
    ("1 offset (5m) $", Error("1:15: parse error: unexpected character: '$'")),
    (
        "1 offset 5m $",
        Error("1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"),
    ),
    ("foo[0 $", Error("1:7: parse error: unexpected character: '$'")),
    ("foo[0] $", Error("1:5: parse error: duration must be greater than 0")),
    ("foo offset (1m) offset (2m) $", Error("1:29: parse error: unexpected character: '$'")),
    ("foo @ 9.1e18", Text("foo @ -9223372036854776.000")),
];

#[test]
fn modifiers_ranges_subqueries() {
    check(MODIFIERS_RANGES_SUBQUERIES, &stable_names());
}

const CALLS_AND_AGGREGATIONS: &[Case] = &[
    ("sum by (a) (x) without (b)", Error("1:16: parse error: unexpected <without>")),
    ("sum(x) by (a) + 1", Text("sum by (a) (x) + 1")),
    ("sum by () (x)", Text("sum(x)")),
    ("sum without () (x)", Text("sum without () (x)")),
    ("sum x", Error("1:5: parse error: unexpected identifier \"x\"")),
    ("sum by (a) x", Error("1:12: parse error: unexpected identifier \"x\" in aggregation")),
    ("sum(rate(foo bar))", Error("1:14: parse error: unexpected identifier \"bar\" in aggregation")),
    ("sum()", Error("1:1: parse error: no arguments for aggregate expression provided")),
    ("topk(x)", Error("1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1")),
    ("topk(\"a\", 1)", Error("1:11: parse error: expected type instant vector in aggregation expression, got scalar")),
    ("count_values(5, x)", Error("1:14: parse error: expected type string in aggregation parameter, got scalar")),
    ("abs(foo,)", Error("1:8: parse error: trailing commas not allowed in function call args")),
    ("abs(,foo)", Error("1:5: parse error: unexpected \",\"")),
    ("floor()", Error("1:1: parse error: expected 1 argument(s) in call to \"floor\", got 0")),
    ("hour(a,b)", Error("1:1: parse error: expected at most 1 argument(s) in call to \"hour\", got 2")),
    ("label_join(foo,\"a\")", Error("1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 2")),
    ("label_join(foo,\"a\",\"b\")", Text("label_join(foo, \"a\", \"b\")")),
    (
        "histogram_quantiles(foo,\"q\")",
        Error("1:1: parse error: expected at least 3 argument(s) in call to \"histogram_quantiles\", got 2"),
    ),
    (
        "histogram_quantiles(v,\"q\",1,2,3,4,5,6,7,8,9,10,11)",
        Error("1:1: parse error: expected at most 12 argument(s) in call to \"histogram_quantiles\", got 13"),
    ),
    ("info(foo, bar)", Error("1:11: parse error: expected label selectors only, got vector selector instead")),
    ("info(foo, ({a=\"b\"}))", Error("1:11: parse error: expected label selectors only")),
    ("info(foo, 1)", Error("1:1: parse error: expected type instant vector in call to function \"info\", got scalar")),
    ("info(foo, {})", Text("info(foo, )")),
    ("holt_winters(foo[5m],0.5,0.5)", Error("1:1: parse error: unknown function with name \"holt_winters\"")),
    ("max_of(1,2)", Text("max_of(1, 2)")),
    ("integral(foo[5m])", Text("integral(foo[5m])")),
    ("integral(foo[5m], scalar(x))", Text("integral(foo[5m], scalar(x))")),
    ("integral()", Error("1:1: parse error: expected at least 1 argument(s) in call to \"integral\", got 0")),
    ("integral(foo[5m],0,1)", Error("1:1: parse error: expected at most 2 argument(s) in call to \"integral\", got 3")),
    ("integral(foo)", Error("1:10: parse error: expected type range vector in call to function \"integral\", got instant vector")),
    ("integral(foo[5m:],vector(1))", Error("1:19: parse error: expected type scalar in call to function \"integral\", got instant vector")),
    ("sum by (\"inf\", \"nan\") (x)", Text("sum by (inf, nan) (x)")),
    ("foo:bar(1)", Error("1:8: parse error: unexpected \"(\"")),
    ("e-+=/(0)", Error("1:4: parse error: unexpected \"=\"")),
    ("a>b()", Error("1:3: parse error: unknown function with name \"b\"")),
    ("sum() $", Error("1:7: parse error: unexpected character: '$'")),
    ("foo() $", Error("1:1: parse error: unknown function with name \"foo\"")),
    ("sum by (a) () $", Error("1:1: parse error: no arguments for aggregate expression provided")),
    ("unknown(bad{a=~\"(\"})", Error("1:13: parse error: error parsing regexp: missing closing ): `(`")),
    ("unknown(1) + bad{a=~\"(\"}", Error("1:1: parse error: unknown function with name \"unknown\"")),
    ("foo * unknown(1", Error("1:16: parse error: unclosed left parenthesis")),
];

#[test]
fn calls_and_aggregations() {
    check(CALLS_AND_AGGREGATIONS, &stable_names());
}

const UTF8_NAMES: &[Case] = &[
    ("http.server.requests{service.name=\"api\"}", Text("http.server.requests{service.name=\"api\"}")),
    ("{\"http.requests\",\"service.name\"=\"api\"}", Text("{__name__=\"http.requests\",service.name=\"api\"}")),
    ("foo{\"a.b\"=\"x\",a=\"y\"}", Text("foo{a.b=\"x\",a=\"y\"}")),
    ("foo{\"é\"=\"x\",é2=\"y\",E=\"z\"}", Text("foo{E=\"z\",é2=\"y\",é=\"x\"}")),
    ("foo{\"😀\"=\"x\",\".a\"=\"y\",a.=\"z\"}", Text("foo{\".a\"=\"y\",\"😀\"=\"x\",a.=\"z\"}")),
    ("温度{場所=\"東京\"}", Text("温度{場所=\"東京\"}")),
    ("foo..bar.", Text("foo..bar.")),
    ("a.b:c.d", Text("a.b:c.d")),
    (".foo", Error("1:1: parse error: unexpected character: '.'")),
    ("foo.5", Text("foo.5")),
    ("foo .5", Error("1:5: parse error: unexpected number \".5\"")),
    ("foo offset .5", Text("foo offset 500ms")),
    ("foo offset.x 5m", Error("1:5: parse error: unexpected identifier \"offset.x\"")),
    ("foo @ start.x", Error("1:7: parse error: unexpected identifier \"start.x\" in @, expected timestamp")),
    ("a.b[5m:1m] @ 1.5", Text("a.b[5m:1m] @ 1.500")),
    ("foo[5m].x", Error("1:8: parse error: unexpected character: '.'")),
    ("foo[5mé]", Error("1:7: parse error: unexpected character: 'é', expected ':'")),
    ("foo[é]", Error("1:5: parse error: unexpected character in duration expression: 'é'")),
    ("2.a.b", Error("1:1: parse error: bad number or duration syntax: \"2.\"")),
    ("5é", Error("1:2: parse error: unexpected identifier \"é\"")),
    ("5.é", Error("1:3: parse error: unexpected identifier \"é\"")),
    ("Inf.total + inf", Text("Inf.total + +Inf")),
    ("on.total", Text("on.total")),
    ("on", Error("1:1: parse error: unexpected <on>")),
    ("sum.total(foo)", Error("1:1: parse error: unknown function with name \"sum.total\"")),
    ("sum by.x (foo)", Error("1:5: parse error: unexpected identifier \"by.x\"")),
    ("topK(1, foo)", Error("1:1: parse error: unknown function with name \"topK\"")),
    ("İnf", Text("İnf")),
    ("foo\u{308}", Error("1:4: parse error: unexpected character: '\u{308}'")),
    ("foo١", Error("1:4: parse error: unexpected character: '١'")),
    ("foo·bar", Error("1:4: parse error: unexpected character: '·'")),
    ("foo\u{200d}bar", Error("1:4: parse error: unexpected character: '\\u200d'")),
    ("sum by (a.b, é) (foo)", Text("sum by (a.b, é) (foo)")),
    ("sum by (\"a.b\") (foo)", Text("sum by (a.b) (foo)")),
    ("sum by (a:b) (foo)", Error("1:9: parse error: invalid label name for grouping: \"a:b\"")),
    ("sum by (\"a:b\") (foo)", Text("sum by (\"a:b\") (foo)")),
    ("foo + on (a:b) bar", Error("1:11: parse error: invalid label name for grouping: \"a:b\"")),
    ("foo * on(a.b) group_left(c.d,\"é.x\") bar", Text("foo * on (a.b) group_left (c.d, é.x) bar")),
    ("foo{a:b=\"x\"}", Error("1:6: parse error: unexpected character inside braces: ':'")),
    ("foo{.a=\"x\"}", Error("1:5: parse error: unexpected character inside braces: '.'")),
    ("my.metric{\"my.metric\"}", Error("1:1: parse error: metric name must not be set twice: \"my.metric\" or \"my.metric\"")),
    ("fill.x + fill(1) fill.y", Text("fill.x + fill (1) fill.y")),
    ("count_values(\"a.b\", foo.bar)", Text("count_values(\"a.b\", foo.bar)")),
    ("foo == bool.5", Text("foo == bool.5")),
    ("foo offset.5", Error("1:5: parse error: unexpected identifier \"offset.5\"")),
];

#[test]
fn utf8_names() {
    check(UTF8_NAMES, &ParseOptions::all());
}

const SWITCHED_OFF: &[Case] = &[
    (
        "limitk(1, x)",
        Error("1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions"),
    ),
    (
        "limit_ratio(1, x)",
        Error("1:1: parse error: limit_ratio() is experimental and must be enabled with --enable-feature=promql-experimental-functions"),
    ),
    ("limitk()", Error("1:1: parse error: no arguments for aggregate expression provided")),
    (
        "limitk(1)",
        Error("1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions"),
    ),
    ("info(x)", Error("1:1: parse error: function \"info\" is not enabled")),
    ("step()", Error("1:1: parse error: function \"step\" is not enabled")),
    ("start() + 1", Error("1:1: parse error: function \"start\" is not enabled")),
    ("foo + fill(1) bar", Error("1:1: parse error: binop fill modifiers are experimental and not enabled")),
    ("foo + fill(1) bar $", Error("1:19: parse error: unexpected character: '$'")),
    ("foo[step()]", Text("foo[step()]")),
    ("foo @ start()", Text("foo @ start()")),
    ("foo anchored", Text("foo anchored")),
    ("温度", Error("1:1: parse error: unexpected character: '温'")),
    ("foo.bar", Error("1:4: parse error: unexpected character: '.'")),
    ("fill(1)", Error("1:5: parse error: unexpected \"(\"")),
    ("sum by (a.b) (x)", Error("1:10: parse error: unexpected character: '.'")),
    ("max_of(1,2)", Error("1:1: parse error: function \"max_of\" is not enabled")),
    ("foo + fill bar", Error("1:12: parse error: unexpected identifier \"bar\"")),
];

#[test]
fn what_is_experimental_is_off_by_default() {
    check(SWITCHED_OFF, &ParseOptions::default());
}

/// Series descriptions that are wrong.
const SERIES: &[(&str, &str)] = &[
    ("foo 1+1", "1:8: parse error: unexpected end of input in series values"),
    ("foo 1x", "1:7: parse error: unexpected end of input in series values"),
    ("foo stalex3", "1:5: parse error: unexpected identifier \"stalex3\" in series values, expected number or \"stale\""),
    ("foo 1m", "1:5: parse error: bad number syntax: \"1\""),
    ("foo {a=\"b\"} 1", "1:5: parse error: unexpected character in series sequence: '{'"),
    ("foo{a!=\"b\"} 1", "1:6: parse error: unexpected <op:!=> in label set, expected \"=\""),
    ("foo {{sum:1 sum:2}}", "1:1: parse error: duplicate key \"sum\" in histogram"),
    ("foo {{sum :1}}", "1:7: parse error: missing `:` for histogram descriptor"),
    ("foo {{schema:1}}+{{schema:0}}x2", "1:31: parse error: error combining histograms: cannot merge from schema 0 to 1"),
    ("foo {{sum: 1}}", "1:11: parse error: unexpected \" \" in series values"),
    ("foo {{sum:+1}}", "1:11: parse error: histogram description incomplete unexpected: '+'"),
    ("foo {{schema:1.5}}", "1:14: parse error: invalid repetition in series values: strconv.ParseUint: parsing \"1.5\": invalid syntax"),
    (
        "foo {{schema:99999999999999999999}}",
        "1:14: parse error: invalid repetition in series values: strconv.ParseUint: parsing \"99999999999999999999\": value out of range",
    ),
    ("foo {{schema:0x1}}", "1:15: parse error: bad histogram descriptor found: \"x\""),
    ("foo {{z_bucket_w:-1}}", "1:18: parse error: unexpected <op:-> in series values"),
    ("foo {{buckets:[]}}", "1:16: parse error: unexpected \"]\" in series values"),
    ("foo {{buckets:[ 1]}}", "1:16: parse error: unexpected \" \" in series values"),
    ("foo {{buckets:[1,2]}}", "1:17: parse error: invalid character in buckets description: ','"),
    ("foo {{buckets:[.5]}}", "1:16: parse error: invalid character in buckets description: '.'"),
    ("foo {{buckets:1}}", "1:15: parse error: unexpected number \"1\" in series values"),
    ("foo {{counter_reset_hint:foo}}", "1:26: parse error: bad histogram descriptor found: \"foo\""),
    ("foo {{foo:1}}", "1:7: parse error: bad histogram descriptor found: \"foo\""),
    ("foo {{sum:1}}x", "1:15: parse error: unexpected end of input in series values"),
    ("foo {{sum:1}}+1x2", "1:15: parse error: unexpected number \"1\" in series values"),
    ("foo {{sum:1}}+{{sum:1}}", "1:24: parse error: unexpected end of input in series values"),
    ("foo {{sum:1", "1:12: parse error: histogram description incomplete unexpected: '\u{fffd}'"),
    ("foo {{sum:1+", "1:12: parse error: histogram description incomplete unexpected: '+'"),
    ("foo 1x3x3", "1:8: parse error: unexpected \"x\""),
    ("foo 1+-1x3", "1:7: parse error: unexpected <op:-> in series values"),
    ("foo 1x1.5", "1:7: parse error: invalid repetition in series values: strconv.ParseUint: parsing \"1.5\": invalid syntax"),
    ("foo 1x-1", "1:7: parse error: unexpected <op:-> in series values"),
    ("foo NaNx2", "1:5: parse error: unexpected identifier \"NaNx2\" in series values, expected number or \"stale\""),
    ("foo 1 , 2", "1:7: parse error: unexpected character in series sequence: ','"),
    ("foo sum", "1:5: parse error: unexpected <aggr:sum>"),
    ("foo +", "1:6: parse error: unexpected end of input in series values"),
    ("foo _x 1", "1:7: parse error: unexpected \" \" in series values"),
    ("foo _1", "1:6: parse error: unexpected number \"1\""),
    ("foo 1__0", "1:5: parse error: bad number syntax: \"1__\""),
    ("foo $", "1:5: parse error: unexpected character in series sequence: '$'"),
    ("foo{a=\"b\" c} 1", "1:11: parse error: unexpected identifier \"c\" in label set, expected \",\" or \"}\""),
    ("foo{a} 1", "1:6: parse error: unexpected \"}\" in label set, expected \"=\""),
    ("foo{\"a\" \"b\"} 1", "1:9: parse error: unexpected string \"\\\"b\\\"\" in label set, expected \",\" or \"}\""),
    ("foo{\"a\"=} 1", "1:9: parse error: unexpected \"}\" in label set, expected string"),
    ("foo # c", "1:5: parse error: unexpected character in series sequence: '#'"),
    ("foo 1 # c", "1:7: parse error: unexpected character in series sequence: '#'"),
    ("foo{a=\"b\"}1", "1:11: parse error: unexpected number \"1\" in series values"),
    ("1 2", "1:1: parse error: unexpected number \"1\" in series values"),
    ("foo {{}} x", "1:10: parse error: unexpected \"x\""),
    ("foo {{sum:1 schema}}", "1:13: parse error: missing `:` for histogram descriptor"),
    (
        "foo {{sum:1 5}}",
        "1:13: parse error: unexpected number \"5\" in histogram description, expected histogram description key, e.g. buckets:[5 10 7]",
    ),
    ("foo {{sum:1 foo:2}}", "1:13: parse error: bad histogram descriptor found: \"foo\""),
    ("foo {{5}}", "1:7: parse error: unexpected number \"5\" in series values"),
    ("foo {{sum:1}}_", "1:14: parse error: unexpected \"_\""),
    ("foo {{sum:1}}{{sum:1}}", "1:14: parse error: unexpected \"{{\""),
    ("foo 1{{sum:1}}", "1:6: parse error: unexpected \"{{\""),
    ("foo {{schema:0}}+{{schema:-53}}x1", "1:33: parse error: error combining histograms: cannot merge from schema -53 to 0"),
];

#[test]
fn wrong_series_descriptions() {
    for (line, expected) in SERIES {
        match parse_series(line, &ParseOptions::all()) {
            Ok(series) => panic!("{line:?} gave {series:?}"),
            Err(error) => assert_eq!(error.to_string(), *expected, "{line:?}"),
        }
    }
}
