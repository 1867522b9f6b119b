//! The expected texts are the reference's answers to the queries named beside them.

use super::*;
use crate::engine::{Matrix, MatrixSeries, Point, VectorSample};
use crate::model::histogram::HistogramPoints;
use crate::model::{Annotation, Histogram, HistogramSpan, LabelSet, Severity, Span, nan};
use std::sync::Arc;

fn json(value: Value) -> String {
    QueryResult { value, annotations: Vec::new() }.to_api_json()
}

fn text(value: &Value, format: Format) -> String {
    in_memory(|out| value.write(format, out))
}

fn sample(labels: &[(&str, &str)], time: i64, value: Point) -> VectorSample {
    VectorSample { labels: LabelSet::from_pairs(labels.iter().map(|(n, v)| (*n, *v))), time, value }
}

fn floats(labels: &[(&str, &str)], points: &[(i64, f64)]) -> MatrixSeries {
    MatrixSeries {
        labels: LabelSet::from_pairs(labels.iter().map(|(n, v)| (*n, *v))),
        times: points.iter().map(|p| p.0).collect(),
        values: points.iter().map(|p| p.1).collect(),
        floats: vec![u64::MAX; points.len().div_ceil(64)].into(),
        histograms: HistogramPoints::default(),
    }
}

fn two_sided() -> Arc<Histogram> {
    Arc::new(Histogram {
        schema: 1,
        zero_threshold: 0.3,
        zero_count: 2.0,
        count: 22.0,
        sum: 3.0,
        positive_spans: vec![HistogramSpan { offset: 0, length: 3 }],
        positive_buckets: vec![5.0, 10.0, 7.0],
        negative_spans: vec![HistogramSpan { offset: 0, length: 4 }],
        negative_buckets: vec![1.0, 2.0, 0.0, 4.0],
        ..Histogram::default()
    })
}

#[test]
fn scalars_and_strings() {
    assert_eq!(json(Value::Scalar { time: 1500, value: 1e-9 }), r#"{"resultType":"scalar","result":[1.5,"0.000000001"]}"#);
    assert_eq!(json(Value::Scalar { time: 0, value: 1e30 }), r#"{"resultType":"scalar","result":[0,"1000000000000000000000000000000"]}"#);
    let bytes = b"a<b&\xff\xe2\x80\xa8 \xc3\xa9\t\x00\x7f".to_vec();
    assert_eq!(
        json(Value::String { time: -1500, value: bytes.into() }),
        "{\"resultType\":\"string\",\"result\":[-1.5,\"a\\u003cb\\u0026\\ufffd\\u2028 é\\t\\u0000\u{7f}\"]}"
    );
}

#[test]
fn vectors() {
    assert_eq!(json(Value::Vector(Vec::new())), r#"{"resultType":"vector","result":[]}"#);
    let foo = sample(&[("__name__", "foo"), ("a", "x<é")], 120_500, Point::Float(3e-9));
    assert_eq!(
        json(Value::Vector(vec![foo])),
        r#"{"resultType":"vector","result":[{"metric":{"__name__":"foo","a":"x<é"},"value":[120.500,"3e-09"]}]}"#
    );
    let odd = sample(&[("a", "\u{1}\t\n\r\u{8}\u{c}\u{2028}\"/")], 123, Point::Float(1.0));
    assert_eq!(
        json(Value::Vector(vec![odd])),
        "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"a\":\"\\u0001\\t\\n\\r\\u0008\\u000c\u{2028}\\\"/\"},\"value\":[0.123,\"1\"]}]}"
    );
    let negative = sample(&[], -7, Point::Float(-0.0));
    assert_eq!(json(Value::Vector(vec![negative])), r#"{"resultType":"vector","result":[{"metric":{},"value":[-0.007,"-0"]}]}"#);
}

#[test]
fn histograms_list_their_buckets() {
    let h = sample(&[("__name__", "h")], 0, Point::Histogram(two_sided()));
    assert_eq!(
        json(Value::Vector(vec![h])),
        concat!(
            r#"{"resultType":"vector","result":[{"metric":{"__name__":"h"},"histogram":[0,{"count":"22","sum":"3","buckets":["#,
            r#"[1,"-2.82842712474619","-2","4"],[1,"-1.414213562373095","-1","2"],[1,"-1","-0.7071067811865475","1"],"#,
            r#"[3,"-0.3","0.3","2"],"#,
            r#"[0,"0.7071067811865475","1","5"],[0,"1","1.414213562373095","10"],[0,"1.414213562373095","2","7"]]}]}]}"#
        )
    );
    let custom = Histogram {
        schema: -53,
        count: 22.0,
        sum: 3.0,
        custom_values: vec![1.0, 2.0, 5.0],
        positive_spans: vec![HistogramSpan { offset: 0, length: 4 }],
        positive_buckets: vec![5.0, 0.0, 7.0, 10.0],
        ..Histogram::default()
    };
    let c = sample(&[("__name__", "c")], 0, Point::Histogram(Arc::new(custom)));
    assert_eq!(
        json(Value::Vector(vec![c])),
        concat!(
            r#"{"resultType":"vector","result":[{"metric":{"__name__":"c"},"histogram":[0,{"count":"22","sum":"3","#,
            r#""buckets":[[3,"-Inf","1","5"],[0,"2","5","7"],[0,"5","+Inf","10"]]}]}]}"#
        )
    );
}

#[test]
fn matrices_list_floats_before_histograms() {
    let num = floats(&[("__name__", "num"), ("a", "b")], &[(0, nan()), (60_000, f64::NEG_INFINITY), (120_000, 1e21)]);
    let matrix = |series| Value::Matrix(Matrix { series });
    assert_eq!(
        json(matrix(vec![num])),
        r#"{"resultType":"matrix","result":[{"metric":{"__name__":"num","a":"b"},"values":[[0,"NaN"],[60,"-Inf"],[120,"1e+21"]]}]}"#
    );
    let empty = Arc::new(Histogram::default());
    let mixed = MatrixSeries {
        labels: LabelSet::default(),
        times: [0, 1000, 2500].into(),
        values: vec![0.0, 1.0, 2.0].into(),
        floats: vec![0b110].into(),
        histograms: {
            let mut points = HistogramPoints::default();
            points.push(0, &empty);
            points
        },
    };
    assert_eq!(
        json(matrix(vec![mixed])),
        concat!(
            r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"],[2.500,"2"]],"#,
            r#""histograms":[[0,{"count":"0","sum":"0"}]]}]}"#
        )
    );
}

#[test]
fn annotations_are_capped_and_escaped_in_the_envelope() {
    let annotation = |severity, i: usize| Annotation {
        severity,
        text: String::new(),
        span: Span::default(),
        rendered: format!("PromQL: <{i}> (1:{i})"),
    };
    let mut annotations: Vec<Annotation> = (0..12).map(|i| annotation(Severity::Warning, i)).collect();
    annotations.push(annotation(Severity::Info, 0));
    let result = QueryResult { value: Value::Vector(Vec::new()), annotations };
    let (warnings, infos) = result.api_annotations();
    assert_eq!((warnings.len(), infos.len()), (API_ANNOTATION_CAP + 1, 1));
    assert_eq!(warnings[10], "2 more warning annotations omitted");
    let body: serde_json::Value = serde_json::from_str(&result.to_api_response()).unwrap();
    assert_eq!(body["warnings"][9], "PromQL: <9> (1:9)");
    assert!(result.to_api_response().ends_with(r#","infos":["PromQL: \u003c0\u003e (1:0)"]}"#));
}

#[test]
fn the_other_formats() {
    let vector = Value::Vector(vec![
        sample(&[("__name__", "up"), ("job", "a,b")], 1500, Point::Float(1.0)),
        sample(&[("zone", "x\"y")], 1500, Point::Float(1e-7)),
    ]);
    assert_eq!(text(&vector, Format::Promql), "up{job=\"a,b\"} => 1 @[1.5]\n{zone=\"x\\\"y\"} => 0.0000001 @[1.5]\n");
    assert_eq!(text(&vector, Format::Csv), "__name__,job,zone,timestamp,value\nup,\"a,b\",,1.500,1\n,,\"x\"\"y\",1.500,1e-07\n");
    assert_eq!(
        text(&vector, Format::Ndjson),
        "{\"metric\":{\"__name__\":\"up\",\"job\":\"a,b\"},\"value\":[1.500,\"1\"]}\n{\"metric\":{\"zone\":\"x\\\"y\"},\"value\":[1.500,\"1e-07\"]}\n"
    );
    let matrix = Value::Matrix(Matrix { series: vec![floats(&[("__name__", "up")], &[(0, 1.0), (500, 0.5)])] });
    assert_eq!(text(&matrix, Format::Promql), "up =>\n1 @[0]\n0.5 @[0.5]\n");
    assert_eq!(text(&matrix, Format::Csv), "__name__,timestamp,value\nup,0,1\nup,0.500,0.5\n");
}
