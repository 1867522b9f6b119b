//! Metrics pages: each is read as the reference reads it.
#![cfg(feature = "text")]

#[path = "../examples/conform/page.rs"]
mod page;

use ferula::text::{Entry, Format, PageErrorKind, ReadOptions, Reader, WarningKind, read};
use proptest::prelude::*;
use serde_json::Value;

/// Cases that are hard to get right, with the reference's answers: how tokens end, NUL bytes,
/// blanks, quoted names, escapes, every error there is.
#[test]
fn tricky_pages_read_as_in_the_reference() {
    let cases = include_str!("pages/tricky.cases.jsonl");
    let answers = include_str!("pages/tricky.answers.jsonl");
    assert_eq!(cases.lines().count(), answers.lines().count());
    let mut wrong = Vec::new();
    for (case, answer) in cases.lines().zip(answers.lines()) {
        let case: Value = serde_json::from_str(case).unwrap();
        let mut expected: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(case["id"], expected["id"]);
        expected.as_object_mut().unwrap().remove("id");
        let read = Value::Object(page::answer(&case).unwrap());
        if read != expected {
            wrong.push(format!("{case}\n  expected {expected}\n  read     {read}"));
        }
    }
    assert!(wrong.is_empty(), "{} pages read otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

/// Reads to the end, and returns the error.
fn error_of(page: &[u8], format: Format) -> Option<ferula::text::PageError> {
    let mut reader = read(page, format);
    loop {
        match reader.read_entry() {
            Ok(Some(_)) => {}
            Ok(None) => return None,
            Err(error) => return Some(error),
        }
    }
}

#[test]
fn an_error_tells_its_place() {
    let error = error_of(b"up 1\ntemp{room=\"k\xc3\xbcche\",x=1} 20\n", Format::Prometheus).unwrap();
    assert_eq!((error.line(), error.column()), (2, 21));
    insta::assert_snapshot!(error.render(), @r#"
    2:21: expected label value, got "1" ("INVALID") while parsing: "temp{room=\"küche\",x=1"
    2 | temp{room="küche",x=1} 20
      |                     ^
    "#);
    let error = error_of(b"a 1\nb nought\n", Format::Prometheus).unwrap();
    insta::assert_snapshot!(error.render(), @r#"
    2:3: strconv.ParseFloat: parsing "nought": invalid syntax while parsing: "b nought"
    2 | b nought
      |   ^^^^^^
    "#);
    let error = error_of(b"a 1\n", Format::OpenMetrics1).unwrap();
    insta::assert_snapshot!(error.render(), @r"
    2:1: data does not end with # EOF
    2 | 
      | ^
    ");
    let long = format!("{} nought\n", "a".repeat(1000));
    let rendered = error_of(long.as_bytes(), Format::Prometheus).unwrap().render();
    assert!(rendered.lines().skip(1).all(|line| line.len() < 200), "{rendered}");
    assert!(rendered.contains(" nought\n") && rendered.ends_with("^^^^^^"), "{rendered}");
}

/// Where the reference takes a number that depends on the machine, or finds the error later.
#[test]
fn differences_are_errors() {
    let error = error_of(b"foo 1 1e30\n# EOF\n", Format::OpenMetrics1).unwrap();
    assert!(matches!(error.kind(), PageErrorKind::TimeRange { .. }), "{error}");
    let error = error_of(b"{\"\xff\"} 1\n", Format::Prometheus).unwrap();
    assert_eq!(error.kind().to_string(), r#"invalid UTF-8 metric name: "\xff""#);
    let error = error_of(b"a 1 # {\"\xff\"=\"x\"} 1\n# EOF\n", Format::OpenMetrics1).unwrap();
    assert_eq!(error.kind().to_string(), r#"invalid UTF-8 label name: "\xff""#);
}

/// What the reference reads without a word, and hardly anybody meant.
#[test]
fn strange_pages_are_warned_about() {
    let mut reader = read(b"a 1\n  b 2\n\0c 3\n", Format::Prometheus);
    while reader.read_entry().unwrap().is_some() {}
    let warnings: Vec<_> = reader.warnings().iter().map(|w| (w.line(), w.kind())).collect();
    assert_eq!(warnings, [(2, WarningKind::BlanksInName), (3, WarningKind::NulEndsPage)]);
}

/// Pieces of pages, so that random pages get far into the grammar.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "# TYPE h histogram\n",
        "# HELP h x\n",
        "# UNIT h s\n",
        "# EOF\n",
        "h",
        "h_created",
        "{",
        "}",
        " {",
        "\"",
        "\\",
        ",",
        "=",
        " ",
        "\n",
        "\0",
        "\r",
        "le",
        "=\"1\"",
        " 1",
        " st@5",
        " # {",
        "count:1",
        "sum:2",
        "bucket:[+Inf:1]",
        ",schema:0",
        ",zero_count:1",
        ",zero_threshold:1",
        ",positive_spans:[0:9]",
        ",positive_buckets:[1]",
        "[",
        "]",
        ":",
        "9223372036854775807",
        "-1e308",
        "ü",
        "_",
    ];
    let piece = prop_oneof![
        8 => proptest::sample::select(pieces.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..3),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever the bytes: reading ends, every entry can be used, and an error lies in the page.
    #[test]
    fn any_page_is_read_or_refused(page in soup()) {
        for format in [Format::Prometheus, Format::OpenMetrics1, Format::OpenMetrics2] {
            let mut options = ReadOptions::default();
            (options.created_as_start, options.type_and_unit_labels, options.keep_classic) = (true, true, true);
            let mut reader = Reader::new(&page, format, options);
            let mut entries = 0;
            loop {
                match reader.read_entry() {
                    Ok(Some(Entry::Sample(sample))) => {
                        prop_assert!(sample.labels.windows(2).all(|pair| pair[0].name <= pair[1].name));
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(error) => {
                        let span = error.span();
                        prop_assert!(span.start <= span.end && span.end <= page.len() + 1, "{span:?}");
                        prop_assert!(error.render().contains(" | ") && error.line() > 0 && error.column() > 0);
                        break;
                    }
                }
                entries += 1;
                prop_assert!(entries <= page.len(), "more entries than bytes");
            }
            prop_assert_eq!(reader.read_entry(), Ok(None));
        }
    }
}
