//! How fast metrics pages are read: MB a second on one core.
//!
//! `cargo bench --bench text` prints a line a page and format: `read` hands out the entries,
//! `load` also brings them into a source, scrape after scrape of the same series.

#[path = "allocator/mod.rs"]
mod allocator;
mod clock;
#[allow(dead_code, reason = "the other benches use the rest")]
mod formula;

use ferula::model::LabelSet;
use ferula::source::MemorySource;
use ferula::text::{Format, Loader, Scrape, read};
use std::fmt::Write;
use std::hint::black_box;

/// What reading must reach.
const AT_LEAST: f64 = 150.0;
const SCRAPES: usize = 20;

/// Counters of a service, with labels as they are usual.
fn counters(scrape: u64) -> String {
    let mut page = String::from("# HELP http_requests_total The total number of HTTP requests.\n# TYPE http_requests_total counter\n");
    for i in 0..4000 {
        let (method, path, status) = (["GET", "POST"][i % 2], i / 10, [200, 400, 404, 500, 503][i / 2 % 5]);
        let value = 1000 * i as u64 + scrape * 15 + formula::hash(i as u64, scrape, 0) % 15;
        let _ = writeln!(page, "http_requests_total{{method=\"{method}\",path=\"/v1/resource/{path}\",status=\"{status}\"}} {value}");
    }
    page
}

/// Gauges with all their digits, a family each, and times.
fn gauges(scrape: u64) -> String {
    let mut page = String::new();
    for i in 0..3000 {
        let value = formula::hash(i, scrape, 1) as f64 / 1e13;
        let _ = writeln!(page, "# HELP node_value_{i} A value of this node.\n# TYPE node_value_{i} gauge");
        let _ = writeln!(page, "node_value_{i}{{device=\"nvme0n1\"}} {value} {}", 1_700_000_000_000 + scrape * 15_000);
    }
    page
}

/// Classic histograms.
fn buckets(scrape: u64) -> String {
    let mut page = String::from("# HELP latency_seconds How long requests take.\n# TYPE latency_seconds histogram\n");
    for i in 0..400 {
        let mut count = 0;
        for le in ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"] {
            count += scrape + i;
            let _ = writeln!(page, "latency_seconds_bucket{{handler=\"/api/v1/resource/{i}\",le=\"{le}\"}} {count}");
        }
        let _ = writeln!(page, "latency_seconds_sum{{handler=\"/api/v1/resource/{i}\"}} {}", count as f64 * 0.123);
        let _ = writeln!(page, "latency_seconds_count{{handler=\"/api/v1/resource/{i}\"}} {count}");
    }
    page
}

fn open_metrics(page: &str) -> String {
    format!(
        "{}# EOF\n",
        page.replace("http_requests_total counter", "http_requests counter").replace("HELP http_requests_total", "HELP http_requests")
    )
}

/// MB a second of the best of some rounds.
fn best(bytes: usize, mut run: impl FnMut()) -> f64 {
    let rounds = (0..9).map(|_| clock::of(&mut run));
    bytes as f64 * 1e3 / rounds.fold(f64::INFINITY, f64::min)
}

fn measure(name: &str, format: Format, page: impl Fn(u64) -> String) {
    let pages: Vec<String> = (0..SCRAPES as u64).map(page).collect();
    let bytes = pages.iter().map(String::len).sum();
    let reading = best(bytes, || {
        for page in &pages {
            let mut reader = read(page.as_bytes(), format);
            while let Some(entry) = reader.read_entry().expect("a page") {
                black_box(entry);
            }
        }
    });
    let loading = best(bytes, || {
        let mut source = MemorySource::new();
        let mut loader = Loader::new(&mut source);
        for (page, time) in pages.iter().zip((0..).step_by(15_000)) {
            let mut scrape = Scrape::new(time, LabelSet::from_pairs([("job", "api"), ("instance", "10.0.0.1:9090")]));
            scrape.format = Some(format);
            loader.scrape(page.as_bytes(), &scrape).expect("a page");
        }
    });
    let word = if reading >= AT_LEAST { "pass" } else { "FAIL" };
    println!("{name:<24}{:>8.2}{reading:>8.0}{loading:>8.0}  {word}", bytes as f64 / 1e6);
}

fn main() {
    println!("{:<24}{:>8}{:>8}{:>8}  read at {AT_LEAST} MB/s or more", "page", "MB", "read", "load");
    measure("counters", Format::Prometheus, counters);
    measure("gauges, times", Format::Prometheus, gauges);
    measure("classic histograms", Format::Prometheus, buckets);
    measure("counters, OpenMetrics", Format::OpenMetrics1, |s| open_metrics(&counters(s)));
}
