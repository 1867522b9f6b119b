//! The JSON of trees; the expected texts are what the reference's `parse_query` answers.

use ferula::syntax::{ParseOptions, parse, to_json};

const TREES: &[(&str, &str)] = &[
    (r##"1.5"##, r##"{"type":"numberLiteral","val":"1.5"}"##),
    (r##""a<b""##, r##"{"type":"stringLiteral","val":"a\u003cb"}"##),
    (
        r##"-foo"##,
        r##"{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"op":"-","type":"unaryExpr"}"##,
    ),
    (
        r##"foo{a="b",c=~"d.*"} offset 5m"##,
        r##"{"anchored":false,"matchers":[{"name":"a","type":"=","value":"b"},{"name":"c","type":"=~","value":"d.*"},{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":300000,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"}"##,
    ),
    (
        r##"{__name__="foo"} @ 5"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":5000,"type":"vectorSelector"}"##,
    ),
    (
        r##"foo @ start() offset -1m"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":-60000,"offsetExpr":null,"smoothed":false,"startOrEnd":"start","timestamp":null,"type":"vectorSelector"}"##,
    ),
    (
        r##"foo[5m] offset 1m @ end()"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":60000,"offsetExpr":null,"range":300000,"rangeExpr":null,"smoothed":false,"startOrEnd":"end","timestamp":null,"type":"matrixSelector"}"##,
    ),
    (
        r##"rate(foo[5m:1m] offset 3m)"##,
        r##"{"args":[{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"offset":180000,"offsetExpr":null,"range":300000,"rangeExpr":null,"startOrEnd":null,"step":60000,"stepExpr":null,"timestamp":null,"type":"subquery"}],"func":{"argTypes":["matrix"],"name":"rate","returnType":"vector","variadic":0},"type":"call"}"##,
    ),
    (
        r##"foo[5m:]"##,
        r##"{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"offset":0,"offsetExpr":null,"range":300000,"rangeExpr":null,"startOrEnd":null,"step":0,"stepExpr":null,"timestamp":null,"type":"subquery"}"##,
    ),
    (
        r##"sum by (a,b) (foo)"##,
        r##"{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"grouping":["a","b"],"op":"sum","param":null,"type":"aggregation","without":false}"##,
    ),
    (
        r##"topk without (a) (3, foo)"##,
        r##"{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"grouping":["a"],"op":"topk","param":{"type":"numberLiteral","val":"3"},"type":"aggregation","without":true}"##,
    ),
    (
        r##"a + on (x) group_left(y) b"##,
        r##"{"bool":false,"lhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"a"}],"name":"a","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"matching":{"card":"many-to-one","fillValues":{"lhs":null,"rhs":null},"include":["y"],"labels":["x"],"on":true},"op":"+","rhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"b"}],"name":"b","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"type":"binaryExpr"}"##,
    ),
    (
        r##"a > bool 1"##,
        r##"{"bool":true,"lhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"a"}],"name":"a","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"matching":null,"op":"\u003e","rhs":{"type":"numberLiteral","val":"1"},"type":"binaryExpr"}"##,
    ),
    (
        r##"a and b"##,
        r##"{"bool":false,"lhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"a"}],"name":"a","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"matching":{"card":"many-to-many","fillValues":{"lhs":null,"rhs":null},"include":[],"labels":[],"on":false},"op":"and","rhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"b"}],"name":"b","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"type":"binaryExpr"}"##,
    ),
    (
        r##"a == ignoring(x) fill_left(0) fill_right(1.5) b"##,
        r##"{"bool":false,"lhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"a"}],"name":"a","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"matching":{"card":"one-to-one","fillValues":{"lhs":0,"rhs":1.5},"include":[],"labels":["x"],"on":false},"op":"==","rhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"b"}],"name":"b","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"type":"binaryExpr"}"##,
    ),
    (
        r##"foo offset (5m)*2"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":{"lhs":{"lhs":null,"op":"+","rhs":{"duration":true,"type":"numberLiteral","val":"300"},"type":"durationExpr","wrapped":true},"op":"*","rhs":{"duration":false,"type":"numberLiteral","val":"2"},"type":"durationExpr","wrapped":false},"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"}"##,
    ),
    (
        r##"foo[max_of(5m,range()*2)]"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"range":0,"rangeExpr":{"lhs":{"duration":true,"type":"numberLiteral","val":"300"},"op":"max_of","rhs":{"lhs":{"lhs":null,"op":"range","rhs":null,"type":"durationExpr","wrapped":false},"op":"*","rhs":{"duration":false,"type":"numberLiteral","val":"2"},"type":"durationExpr","wrapped":false},"type":"durationExpr","wrapped":false},"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"matrixSelector"}"##,
    ),
    (
        r##"foo offset -(5m)"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":{"lhs":null,"op":"-","rhs":{"lhs":null,"op":"+","rhs":{"duration":true,"type":"numberLiteral","val":"300"},"type":"durationExpr","wrapped":true},"type":"durationExpr","wrapped":false},"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"}"##,
    ),
    (
        r##"rate(foo[5m] anchored)"##,
        r##"{"args":[{"anchored":true,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"range":300000,"rangeExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"matrixSelector"}],"func":{"argTypes":["matrix"],"name":"rate","returnType":"vector","variadic":0},"type":"call"}"##,
    ),
    (
        r##"foo smoothed"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":true,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"}"##,
    ),
    (r##"Inf"##, r##"{"type":"numberLiteral","val":"+Inf"}"##),
    (
        r##"foo[1m:(2*30s)]"##,
        r##"{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"offset":0,"offsetExpr":null,"range":60000,"rangeExpr":null,"startOrEnd":null,"step":0,"stepExpr":{"lhs":{"duration":false,"type":"numberLiteral","val":"2"},"op":"*","rhs":{"duration":true,"type":"numberLiteral","val":"30"},"type":"durationExpr","wrapped":true},"timestamp":null,"type":"subquery"}"##,
    ),
    (r##"time()"##, r##"{"args":[],"func":{"argTypes":[],"name":"time","returnType":"scalar","variadic":0},"type":"call"}"##),
    (
        r##"{"a.b", c!="d"}"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"a.b"},{"name":"c","type":"!=","value":"d"}],"name":"","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"}"##,
    ),
    (
        r##"foo[-(-5m)]"##,
        r##"{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"range":0,"rangeExpr":{"lhs":null,"op":"-","rhs":{"lhs":null,"op":"+","rhs":{"duration":true,"type":"numberLiteral","val":"-300"},"type":"durationExpr","wrapped":true},"type":"durationExpr","wrapped":false},"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"matrixSelector"}"##,
    ),
    (
        r##"label_join(x,"a","b","c")"##,
        r##"{"args":[{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"x"}],"name":"x","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},{"type":"stringLiteral","val":"a"},{"type":"stringLiteral","val":"b"},{"type":"stringLiteral","val":"c"}],"func":{"argTypes":["vector","string","string","string"],"name":"label_join","returnType":"vector","variadic":-1},"type":"call"}"##,
    ),
    (
        r##"foo[1m:step()] offset step()"##,
        r##"{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"foo"}],"name":"foo","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"offset":0,"offsetExpr":{"lhs":null,"op":"step","rhs":null,"type":"durationExpr","wrapped":false},"range":60000,"rangeExpr":null,"startOrEnd":null,"step":0,"stepExpr":{"lhs":null,"op":"step","rhs":null,"type":"durationExpr","wrapped":false},"timestamp":null,"type":"subquery"}"##,
    ),
];

#[test]
fn trees_are_written_as_the_reference_writes_them() {
    let options = ParseOptions { experimental_functions: true, binop_fill_modifiers: true, unquoted_utf8_names: false };
    for (query, json) in TREES {
        let tree = parse(query, &options).unwrap_or_else(|e| panic!("{query}: {e}"));
        assert_eq!(to_json(&tree), *json, "{query}");
    }
}
