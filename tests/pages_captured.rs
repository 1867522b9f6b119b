//! Pages that real programs wrote: see `tests/pages/capture.sh`, which takes fresh ones too. Those
//! in the directory that `FERULA_PAGES` names are read as well.
#![cfg(all(feature = "gzip", feature = "protobuf"))]

use ferula::model::LabelSet;
use ferula::text::{Entry, Format, MetricKind, ReadOptions, Reader, UNPACK_LIMIT, Value, detect, unpack};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn directories() -> Vec<PathBuf> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/captured");
    std::iter::once(kept).chain(std::env::var_os("FERULA_PAGES").map(PathBuf::from)).collect()
}

fn page(path: &Path) -> Vec<u8> {
    let packed = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    unpack(&packed, UNPACK_LIMIT).unwrap().into_owned()
}

/// What a page says, by series and family.
#[derive(Default)]
struct Read {
    samples: BTreeMap<String, f64>,
    starts: BTreeMap<String, i64>,
    kinds: BTreeMap<String, MetricKind>,
    units: BTreeMap<String, String>,
    helps: BTreeMap<String, String>,
    exemplars: Vec<(String, String)>,
    /// Counts of native histograms.
    histograms: BTreeMap<String, f64>,
}

impl Read {
    fn new(page: &[u8], format: Format, options: ReadOptions) -> Read {
        let mut reader = Reader::new(page, format, options);
        let mut read = Read::default();
        while let Some(entry) = reader.read_entry().unwrap_or_else(|e| panic!("{}", e.render())) {
            match entry {
                Entry::Help { metric, text } => drop(read.helps.insert(metric.to_owned(), text.to_owned())),
                Entry::Type { metric, kind } => drop(read.kinds.insert(metric.to_owned(), kind)),
                Entry::Unit { metric, unit } => drop(read.units.insert(metric.to_owned(), unit.to_owned())),
                Entry::Sample(sample) => {
                    let series = sample.label_set().to_string();
                    for exemplar in sample.exemplars {
                        assert!(exemplar.time.is_some());
                        read.exemplars.push((series.clone(), LabelSet::new(exemplar.labels.clone()).to_string()));
                    }
                    if let Some(start) = sample.start {
                        read.starts.insert(series.clone(), start);
                    }
                    let before = match sample.value {
                        Value::Float(value) => read.samples.insert(series.clone(), value),
                        Value::Histogram(histogram) => read.histograms.insert(series.clone(), histogram.count),
                    };
                    assert_eq!(before, None, "{series} stands twice");
                }
                _ => {}
            }
        }
        assert!(reader.warnings().is_empty());
        read
    }

    /// The samples of the instrumented program, bit by bit.
    fn shop(&self) -> BTreeSet<(String, u64)> {
        self.samples.iter().filter(|(series, _)| series.contains("shop")).map(|(series, v)| (series.clone(), v.to_bits())).collect()
    }
}

#[test]
fn pages_of_real_programs_are_read() {
    for directory in directories() {
        let mut count = 0;
        for file in std::fs::read_dir(&directory).unwrap() {
            let path = file.unwrap().path();
            let content_type = PathBuf::from(format!("{}.type", path.display()));
            if !content_type.exists() {
                continue;
            }
            let page = page(&path);
            let format = Format::from_content_type(&std::fs::read_to_string(content_type).unwrap()).unwrap();
            assert_eq!(detect(&page), format, "{}", path.display());
            let read = Read::new(&page, format, ReadOptions::default());
            assert!(read.samples.len() > 50 && read.kinds.len() > 10, "{}: {} samples", path.display(), read.samples.len());
            count += 1;
        }
        assert!(count >= 6, "{}: {count} pages", directory.display());
    }
}

#[test]
fn text_and_openmetrics_say_the_same() {
    for directory in directories() {
        for (text, openmetrics) in [("python.prom", "python.om"), ("python-utf8.prom", "python-utf8.om"), ("python.prom.gz", "python.om")] {
            let text = Read::new(&page(&directory.join(text)), Format::Prometheus, ReadOptions::default()).shop();
            let openmetrics = Read::new(&page(&directory.join(openmetrics)), Format::OpenMetrics1, ReadOptions::default()).shop();
            assert_eq!(text, openmetrics);
            assert!(text.len() > 50);
        }
    }
}

#[test]
fn values_are_those_of_the_program() {
    for directory in directories() {
        let mut options = ReadOptions::default();
        options.created_as_start = true;
        let read = Read::new(&page(&directory.join("python-utf8.om")), Format::OpenMetrics1, options);
        let value = |series: &str| *read.samples.get(series).unwrap_or_else(|| panic!("{series} is not there"));
        assert_eq!(value(r#"{__name__="shop_requests_total", code="200", path="/"}"#), 1030.0);
        assert_eq!(value(r#"{__name__="shop_requests_total", code="500", path="C:\\temp\n\"quoted\""}"#), 1e6);
        assert_eq!(value(r#"{__name__="shop_requests_total", code="404", path="/käse 🧀"}"#), 1.0);
        assert_eq!(value(r#"{__name__="shop_stock", article="debt"}"#).to_bits(), (-0.0f64).to_bits());
        assert!(value(r#"{__name__="shop_stock", article="lost"}"#).is_nan());
        assert_eq!(value(r#"{__name__="shop_stock", article="void"}"#), f64::NEG_INFINITY);
        assert_eq!(value(r#"{__name__="shop_stock", article="dust"}"#), 1e-7);
        assert_eq!(value(r#"{__name__="shop_latency_seconds_bucket", le="1.0", path="/"}"#), 19.0);
        assert_eq!(value(r#"{__name__="shop_state", shop_state="open"}"#), 1.0);
        assert_eq!(value(r#"{__name__="shop.dotted", "a b"="c"}"#), 7.0);
        assert_eq!(read.helps["shop_requests"], "Requests, by \"path\" and code\\class.\nSecond line.");
        assert_eq!(read.units["shop_latency_seconds"], "seconds");
        for (family, kind) in [
            ("shop_requests", MetricKind::Counter),
            ("shop_latency_seconds", MetricKind::Histogram),
            ("shop_weight_kg", MetricKind::Summary),
            ("shop_build", MetricKind::Info),
            ("shop_state", MetricKind::StateSet),
            ("shop.dotted", MetricKind::Gauge),
        ] {
            assert_eq!(read.kinds[family], kind);
        }
        let counter = r#"{__name__="shop_requests_total", code="200", path="/"}"#;
        assert!(read.exemplars.contains(&(counter.to_owned(), r#"{trace_id="4bf92f3577b34da6"}"#.to_owned())));
        assert!(read.exemplars.len() >= 5);
        // every sample of counters, histograms and the summary knows since when it counts
        for (series, _) in read.shop().iter().filter(|(s, _)| s.contains("requests") || s.contains("latency") || s.contains("weight")) {
            assert!(read.starts.get(series).is_some_and(|start| *start > 1_600_000_000_000), "{series}");
        }
        assert!(!read.samples.keys().any(|series| series.contains("shop_requests_created")));
    }
}

/// A server with native histograms tells classic ones beside some of them.
#[test]
fn native_histograms_of_a_server() {
    for directory in directories().iter().filter(|d| d.join("prometheus.pb.gz").exists()) {
        let page = page(&directory.join("prometheus.pb.gz"));
        let read = |keep_classic: bool, nhcb: bool| {
            let mut options = ReadOptions::default();
            (options.keep_classic, options.nhcb) = (keep_classic, nhcb);
            Read::new(&page, Format::Protobuf, options)
        };
        let native = read(false, false);
        let requests = r#"{__name__="prometheus_http_request_duration_seconds", handler="/metrics"}"#;
        assert!(native.histograms[requests] > 0.0, "{:?}", native.histograms);
        assert!(native.starts.values().all(|start| *start > 1_600_000_000_000) && native.starts.contains_key(requests));
        assert_eq!(native.kinds["prometheus_http_request_duration_seconds"], MetricKind::Histogram);
        let counts = |read: &Read| read.samples.keys().filter(|s| s.contains("request_duration_seconds_bucket")).count();
        assert_eq!(counts(&native), 0);
        let both = read(true, false);
        assert!(counts(&both) > 0 && both.histograms == native.histograms);
        let converted = read(false, true);
        assert!(converted.histograms.len() > native.histograms.len());
        assert!(!converted.samples.keys().any(|series| series.contains("_bucket\"")), "no classic histogram is left");
    }
}
