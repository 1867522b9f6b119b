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
    read_as_in_the_reference(include_str!("pages/tricky.cases.jsonl"), include_str!("pages/tricky.answers.jsonl"));
}

/// Random histograms in all formats, converted or not, with the reference's answers.
#[test]
#[cfg(feature = "protobuf")]
fn histograms_read_as_in_the_reference() {
    read_as_in_the_reference(include_str!("pages/histograms.cases.jsonl"), include_str!("pages/histograms.answers.jsonl"));
}

fn read_as_in_the_reference(cases: &str, answers: &str) {
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
    fn any_page_is_read_or_refused(page in soup(), keep_classic: bool, nhcb: bool) {
        for format in [Format::Prometheus, Format::OpenMetrics1, Format::OpenMetrics2] {
            let mut options = ReadOptions::default();
            (options.created_as_start, options.type_and_unit_labels) = (true, true);
            (options.keep_classic, options.nhcb) = (keep_classic, nhcb);
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

/// A converted histogram takes the place of its series, and of what makes none a warning is left.
#[test]
fn what_cannot_be_converted_is_warned_about() {
    let page = b"# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_count 3\nh_bucket{a=\"\",le=\"1\"} 2\nh_bucket{a=\"\",le=\"2\"} 1\n";
    let mut options = ReadOptions::default();
    options.nhcb = true;
    let mut reader = Reader::new(&page[..], Format::Prometheus, options);
    let mut samples = Vec::new();
    while let Some(entry) = reader.read_entry().unwrap() {
        if let Entry::Sample(sample) = entry {
            samples.push((sample.label_set().to_string(), matches!(sample.value, ferula::text::Value::Histogram(_))));
        }
    }
    assert_eq!(samples, [("{__name__=\"h\"}".to_owned(), true)]);
    let warnings: Vec<_> = reader.warnings().iter().map(|w| (w.line(), w.kind())).collect();
    assert_eq!(warnings, [(4, WarningKind::NotConverted)]);
}

#[cfg(feature = "protobuf")]
mod protobuf {
    use super::*;
    use ferula::source::MemorySource;
    use ferula::text::{LoadError, ProtobufError, Scrape, detect, load};

    /// A field that holds bytes.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2];
        let mut length = bytes.len();
        while length >= 128 {
            out.push(length as u8 | 128);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend_from_slice(bytes);
        out
    }

    /// A page of one histogram family with one metric.
    fn histogram(message: &[u8]) -> Vec<u8> {
        let family = [field(1, b"h"), vec![3 << 3, 4], field(4, &field(7, message))].concat();
        let mut page = field(0, &family);
        page.remove(0);
        page
    }

    /// Two observations, and a zero bucket with this many.
    fn native(zero_count: u8) -> Vec<u8> {
        let threshold = [&[6 << 3 | 1][..], &0.5f64.to_le_bytes()].concat();
        histogram(&[&[1 << 3, 2][..], &threshold, &[7 << 3, zero_count]].concat())
    }

    #[test]
    fn a_count_that_is_not_that_of_the_buckets_fails_the_page() {
        let scrape = Scrape::new(1000, ferula::model::LabelSet::default());
        let mut source = MemorySource::new();
        assert_eq!(load(&mut source, &native(2), &scrape).unwrap().stored, 1);
        let error = load(&mut source, &native(1), &scrape).unwrap_err();
        assert!(matches!(&error, LoadError::Page(e) if matches!(e.kind(), PageErrorKind::Histogram(_))), "{error}");
        assert!(error.to_string().starts_with("byte ") && error.to_string().contains("1 observations found in buckets"), "{error}");
    }

    #[test]
    fn errors_tell_the_byte() {
        let page = [native(2), vec![0x80; 6]].concat();
        let error = error_of(&page, Format::Protobuf).unwrap();
        assert_eq!(error.kind(), &PageErrorKind::Protobuf(ProtobufError::Length));
        assert_eq!((error.span().start, error.line(), error.column()), (native(2).len(), 0, 0));
        assert_eq!(error.render(), format!("byte {}: clientpb: invalid varint encountered", native(2).len()));
    }

    #[test]
    fn a_metric_has_a_size() {
        let page = histogram(&vec![0; 5 << 20]);
        let error = error_of(&page, Format::Protobuf).unwrap();
        assert!(matches!(error.kind(), PageErrorKind::Protobuf(ProtobufError::TooLarge { limit, .. }) if *limit == 4 << 20), "{error}");
    }

    /// The cases of the reference, to be damaged.
    fn pages() -> Vec<Vec<u8>> {
        let pages = include_str!("pages/histograms.cases.jsonl").lines().filter_map(|line| {
            let case: Value = serde_json::from_str(line).unwrap();
            page::base64(case["bytes"].as_str()?)
        });
        pages.collect()
    }

    proptest! {
        /// Whatever the bytes: reading ends, and an error lies in the page.
        #[test]
        fn any_bytes_are_read_or_refused(
            mut page in proptest::sample::select(pages()),
            damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
            keep_classic: bool,
            nhcb: bool,
        ) {
            for (at, byte) in &damage {
                let at = at.index(page.len().max(1));
                if let Some(place) = page.get_mut(at) {
                    *place = *byte;
                }
            }
            detect(&page);
            let mut options = ReadOptions::default();
            (options.keep_classic, options.nhcb, options.type_and_unit_labels) = (keep_classic, nhcb, nhcb);
            let mut reader = Reader::new(&page, Format::Protobuf, options);
            let mut entries = 0;
            loop {
                match reader.read_entry() {
                    Ok(Some(_)) => entries += 1,
                    Ok(None) => break,
                    Err(error) => {
                        prop_assert!(error.span().start <= error.span().end && error.span().end <= page.len());
                        break;
                    }
                }
                // An empty metric of two bytes is a count, a sum, a bucket, and its histogram.
                prop_assert!(entries <= 4 * page.len() + 4);
            }
            prop_assert_eq!(reader.read_entry(), Ok(None));
        }
    }
}
