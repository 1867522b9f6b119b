//! Metrics pages that are nearly right.
//!
//! Each page is made of lines that work, then broken in a few places: bytes and whole tokens are
//! put in, left out, doubled and moved.

use crate::random::Random;
use ferula::text::{Format, PageErrorKind, ReadOptions, Reader, WarningKind};
use serde_json::{Map, Value, json};

const TEXT: &str = "text/plain; version=0.0.4";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0";

const OPENMETRICS2: &str = "application/openmetrics-text; version=2.0.0";

/// Lines of Prometheus text that work.
const TEXT_LINES: &[&str] = &[
    "# HELP http_requests_total Requests, by \\\\ path\\n and \"code\".",
    "# TYPE http_requests_total counter",
    "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000",
    "http_requests_total{method=\"post\",code=\"400\",} 3",
    "# TYPE lat histogram",
    "lat_bucket{le=\"0.05\"} 24054",
    "lat_bucket{le=\"1\"} 33444",
    "lat_bucket{path=\"/\",le=\"+Inf\"} 144320",
    "lat_sum 53423",
    "lat_count 144320",
    "# TYPE rpc summary",
    "rpc{quantile=\"0.01\"} 3102",
    "rpc{quantile=\"1\",le=\"5\"} 76656",
    "rpc_sum 1.7560473e+07",
    "# TYPE \"a.b\" gauge",
    "{\"a.b\",\"c d\"=\"e\"} -Inf",
    "{\"x\"} NaN 7",
    "# a comment",
    "#another",
    "",
    " \t",
    "# EOF",
    "  up 1",
    "esc{v=\"a\\\\b\\\"c\\nd\\te\"} .5",
    "uni{v=\"käse \u{1f9c0}\"} 0x10",
    "# TYPE lat untyped",
    "# HELP lat",
    "m{a=\"1\" b = \"2\"}3",
    "d{a=\"1\",a=\"2\",b=\"\"} 1e3 0",
];

/// Lines of OpenMetrics that work.
const OPENMETRICS_LINES: &[&str] = &[
    "# TYPE http_requests counter",
    "# HELP http_requests Requests, by \\\\ path\\n and \\\"code\\\".",
    "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363.123",
    "http_requests_created{method=\"post\",code=\"200\"} 1395066300.5",
    "http_requests_total{method=\"get\"} 3.0 # {trace_id=\"KOO5S4vxi0o\"} 0.67",
    "http_requests_created{method=\"get\"} 12",
    "# TYPE lat_seconds histogram",
    "# UNIT lat_seconds seconds",
    "lat_seconds_bucket{le=\"0.05\"} 4 # {id=\"a\",\"b c\"=\"d\"} 0.04 1.5",
    "lat_seconds_bucket{le=\"1\"} 7 1e3",
    "lat_seconds_bucket{le=\"+Inf\"} 9 # {} 9",
    "lat_seconds_count 9",
    "lat_seconds_sum 53.5 -1.001",
    "lat_seconds_created 17",
    "# TYPE rpc summary",
    "rpc{quantile=\"0.5\",a=\"b\"} 1",
    "rpc_count{a=\"b\"} 2",
    "rpc_created{a=\"b\"} -4",
    "# TYPE \"a.b\" gauge",
    "{\"a.b\",\"c d\"=\"e\"} -Inf",
    "{\"a.b\"} NaN 7",
    "# TYPE build info",
    "build_info{version=\"1\"} 1",
    "# TYPE st stateset",
    "st{st=\"on\"} 1",
    "# TYPE gh gaugehistogram",
    "gh_bucket{le=\"1\"} 3",
    "gh_gcount 3",
    "# TYPE x unknown",
    "x{v=\"a\\\\b\\\"c\\nd\\te\"} .5",
    "# UNIT x ",
    "# HELP x ",
    "# EOF",
    "d{a=\"1\",a=\"2\",b=\"\"} 1",
];

/// Lines of OpenMetrics 2.0 that work.
const OPENMETRICS2_LINES: &[&str] = &[
    "# TYPE req_total counter",
    "# HELP req_total Requests, by \\\\ path\\n and \\\"code\\\".",
    "# UNIT req_total s",
    "req_total{method=\"post\",code=\"200\"} 1027 1395066363.123 st@5.5",
    "req_total{method=\"get\"} 3.0 # {trace_id=\"KOO5S4vxi0o\"} 0.67 5 # {} 1 2",
    "# TYPE lat histogram",
    "lat{path=\"/\"} {count:3,sum:4,bucket:[1:1,2.50:2,+Inf:3]} 10 st@5 # {t=\"x\"} 0.5 9 # {t=\"y\"} 7 8",
    "lat {count:9,sum:5.5,schema:0,zero_threshold:0.001,zero_count:2,positive_spans:[0:3,2:1],positive_buckets:[1,2,1,3]}",
    "lat{le=\"5\"} {count:3,sum:NaN,schema:-1,zero_threshold:0,zero_count:0,negative_spans:[-3:2],negative_buckets:[1,2],bucket:[1:1,+Inf:3]} 5",
    "# TYPE gh gaugehistogram",
    "gh {gcount:3,gsum:4,bucket:[1:-1,+Inf:3]}",
    "gh {gcount:2.5,gsum:1,schema:1,zero_threshold:1,zero_count:0.5,positive_spans:[1:1],positive_buckets:[2.0]}",
    "# TYPE rpc summary",
    "rpc{a=\"b\"} {count:3,sum:4,quantile:[0.5:1,1:2]} st@1 # {} 5 6",
    "rpc {count:3,sum:4,quantile:[]}",
    "# TYPE \"a.b\" gauge",
    "{\"a.b\",\"c d\"=\"e\"} -Inf",
    "{\"a.b\"} NaN 7",
    "# TYPE build_info info",
    "build_info{version=\"1\"} 1",
    "# TYPE st stateset",
    "st{st=\"on\"} 1",
    "st{\"st\"=\"off\"} 0",
    "# TYPE \"h.x\" histogram",
    "{\"h.x\"} {bucket:[-Inf:0,0:1,+Inf:2],sum:0x1p1,count:1_0} # {a=\"n\"} NaN 1",
    "x{v=\"a\\\\b\\\"c\\nd\\te\"} .5",
    "# UNIT x ",
    "d{a=\"1\",a=\"2\",b=\"\"} 1",
    "# EOF",
];

/// Stands for a byte that is not UTF-8 while the page is a text.
const BAD_BYTE: &str = "\u{e0ff}";

/// What mutations put in.
const TOKENS: &[&str] = &[
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\0",
    BAD_BYTE,
    "#",
    "# ",
    "# EOF",
    "# EOF\n",
    "# TYPE ",
    "# HELP ",
    "# UNIT ",
    "{",
    "}",
    "{}",
    ",",
    "=",
    "\"",
    "\\",
    "\\n",
    "\\\"",
    ":",
    "_",
    "0",
    "1",
    "9",
    ".",
    "-",
    "+",
    "e",
    "e5",
    "Inf",
    "NaN",
    "inf",
    "x",
    "p",
    "le",
    "le=\"1\"",
    " st@5",
    " st@",
    " {",
    "{count:1,sum:2,bucket:[+Inf:1]}",
    "count:1",
    "sum:1",
    ",schema:0",
    "-1",
    "1.5",
    "18446744073709551615",
    ":",
    ":1",
    "1:1",
    ",zero_count:1",
    ",zero_threshold:0.5",
    ",positive_spans:[0:1]",
    ",positive_buckets:[1]",
    ",negative_spans:[1:2]",
    ",negative_buckets:[1,1]",
    "quantile:[",
    "bucket:[",
    "[",
    "]",
    "gaugehistogram",
    "_info",
    "quantile=\"0.50\"",
    "_total",
    "_created",
    "_bucket",
    "_count",
    "_sum",
    " # {a=\"b\"} 1",
    " # {",
    " 5",
    " -1.5",
    "ü",
    "\u{a0}",
    "{\"n\"",
    "a=\"b\"",
    ",a=\"b\"",
    "__name__",
    "__type__=\"t\"",
    "__unit__=\"u\"",
    "9223372036854775807",
    "1e400",
    "0x1p3",
    "1_0",
    "counter",
    "histogram",
    "summary",
    "untyped",
    "unknown",
    "gauge",
];

/// A few lines that follow each other, or not.
fn lines(random: &mut Random, from: &[&str]) -> String {
    let mut page = String::new();
    let mut at = random.below(from.len());
    for _ in 0..1 + random.below(8) {
        if random.one_in(4) {
            at = random.below(from.len());
        }
        page.push_str(from[at % from.len()]);
        page.push('\n');
        at += 1;
    }
    page
}

/// A place in the text between two characters.
fn place(random: &mut Random, text: &str) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn mutate(random: &mut Random, page: &mut String) {
    let at = place(random, page);
    match random.below(8) {
        0..=3 => page.insert_str(at, random.pick(TOKENS)),
        4 | 5 => {
            let end = page[at..].char_indices().nth(1 + random.below(3)).map_or(page.len(), |(i, _)| at + i);
            page.replace_range(at..end, if random.one_in(2) { random.pick(TOKENS) } else { "" });
        }
        6 => {
            let from = place(random, page);
            let piece: String = page[from..].chars().take(1 + random.below(12)).collect();
            page.insert_str(at, &piece);
        }
        _ => page.truncate(if random.one_in(3) { at } else { page.len() }),
    }
}

/// Whether the reference looks ahead for `_created` lines on this page.
fn looks_ahead(page: &str) -> bool {
    page.contains("TYPE") && ["counter", "summary", "histogram"].iter().any(|word| page.contains(word))
}

/// Whether the page holds what this crate refuses knowingly and the reference does not: see
/// [`ferula::text::read`].
fn differs(page: &[u8], format: Format) -> bool {
    let mut options = ReadOptions::default();
    options.created_as_start = true;
    let mut reader = Reader::new(page, format, options);
    loop {
        match reader.read_entry() {
            Ok(Some(_)) => {}
            Ok(None) => return reader.warnings().iter().any(|w| w.kind() == WarningKind::CreatedIsNoTime),
            Err(error) => {
                let known = matches!(error.kind(), PageErrorKind::TimeRange { .. } | PageErrorKind::NameNotUtf8 { .. });
                return known || reader.warnings().iter().any(|w| w.kind() == WarningKind::CreatedIsNoTime);
            }
        }
    }
}

/// The page with bytes for what only stood for them.
fn bytes_of(page: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(page.len());
    for (i, piece) in page.split(BAD_BYTE).enumerate() {
        if i > 0 {
            bytes.push(0xff);
        }
        bytes.extend_from_slice(piece.as_bytes());
    }
    bytes
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, b| bits << 8 | usize::from(*b)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * i) & 63];
            text.push(if i <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Makes a case; nothing if the reference would not come back from it.
fn case(random: &mut Random) -> Option<Map<String, Value>> {
    let mut case = Map::new();
    let format = [Format::Prometheus, Format::OpenMetrics1, Format::OpenMetrics2][random.below(3)];
    let (content_type, from) = match format {
        Format::OpenMetrics2 => (OPENMETRICS2, OPENMETRICS2_LINES),
        Format::OpenMetrics1 => (OPENMETRICS, OPENMETRICS_LINES),
        _ => (TEXT, TEXT_LINES),
    };
    let mut page = lines(random, from);
    if format != Format::Prometheus {
        page.push_str("# EOF\n");
    }
    match format {
        // The oracle asks for start timestamps in any case, and the reference leaves out
        // `_created` lines once it was asked.
        Format::OpenMetrics1 => drop(case.insert("skip_created".into(), json!(true))),
        Format::OpenMetrics2 if random.one_in(3) => drop(case.insert("classic".into(), json!(true))),
        _ => {}
    }
    if random.one_in(6) {
        case.insert("type_and_unit_labels".into(), json!(true));
    }
    let mutations = random.below(4);
    for _ in 0..mutations {
        mutate(random, &mut page);
    }
    if format == Format::OpenMetrics1 && looks_ahead(&page) {
        // A broken exemplar ahead makes the reference loop for ever, and a series at the end
        // that is shorter than the name of its family makes it read beyond the page.
        if mutations > 0 && page.contains("# {") {
            return None;
        }
        let end = page.strip_suffix("# EOF\n").map(str::len);
        page.insert_str(end.unwrap_or(page.len()), &format!("{:p<120} 1\n", "padding"));
    }
    case.insert("content_type".into(), json!(content_type));
    // The look ahead also takes units for its own that come later.
    if format == Format::OpenMetrics1 && page.contains("UNIT") && looks_ahead(&page) {
        case.remove("type_and_unit_labels");
    }
    let bytes = bytes_of(&page);
    if differs(&bytes, format) {
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(page) => case.insert("page".into(), json!(page)),
        Err(error) => case.insert("bytes".into(), json!(base64(error.as_bytes()))),
    };
    Some(case)
}

/// So many cases.
pub fn cases(seed: u64, count: u64) -> Vec<Value> {
    let mut random = Random::new(seed);
    let made = std::iter::repeat_with(|| case(&mut random)).flatten();
    (0..count)
        .zip(made)
        .map(|(id, mut case)| {
            case.insert("id".into(), json!(id));
            Value::Object(case)
        })
        .collect()
}
