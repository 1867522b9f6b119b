//! The program as its users meet it: exit status, standard output, standard error.
#![cfg(feature = "cli")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

struct Run {
    status: i32,
    out: String,
    err: String,
}

fn ferula(args: &[&str]) -> Run {
    ferula_with(args, "")
}

fn ferula_with(args: &[&str], stdin: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ferula"))
        .args(args)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // a program that does not read its input may be gone already
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

/// A file that is gone when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = std::env::temp_dir().join(format!("ferula-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Scratch(path)
    }
    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const PAGE: &str = "# HELP requests_total Requests so far.\n# TYPE requests_total counter\n\
    requests_total{path=\"/a\"} 10 60000\nrequests_total{path=\"/b\"} 3 60000\n";

#[test]
fn an_instant_query_over_a_page() {
    let page = Scratch::new("instant.prom", PAGE);
    let run = ferula(&["query", "--data", page.path(), "requests_total"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(run.out);
    let run = ferula(&["query", "--data", page.path(), "-o", "json", "sum(requests_total)"]);
    assert_eq!(run.out, "{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[60,\"13\"]}]}\n");
    let run = ferula(&["query", "--data", page.path(), "-o", "promql", "--time", "now+1m", r#"requests_total{path="/a"}"#]);
    assert_eq!(run.out, "requests_total{path=\"/a\"} => 10 @[120]\n");
}

#[test]
fn standard_input_is_data_or_query() {
    let run = ferula_with(&["query", "-d", "-", "-o", "csv", "requests_total"], PAGE);
    assert_eq!(run.out, "__name__,path,timestamp,value\nrequests_total,/a,60,10\nrequests_total,/b,60,3\n");
    let run = ferula_with(&["query", "-o", "promql", "--time", "5", "-"], "1 +\n 1");
    assert_eq!(run.out, "scalar: 2 @[5]\n");
}

#[test]
fn two_pages_of_one_app_do_not_collide() {
    let page = Scratch::new("target.prom", "up_total 1\njobs{job=\"mine\"} 2\n");
    let spec = |instance: &str| format!("{},time=1970-01-01T00:01:00Z,job=api,instance={instance}", page.path());
    let run = ferula(&["query", "-d", &spec("a:80"), "-d", &spec("b:80"), "-o", "promql", r#"{__name__=~".+"}"#]);
    assert_eq!(run.err, "");
    let mut lines: Vec<&str> = run.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            r#"jobs{exported_job="mine", instance="a:80", job="api"} => 2 @[60]"#,
            r#"jobs{exported_job="mine", instance="b:80", job="api"} => 2 @[60]"#,
            r#"up_total{instance="a:80", job="api"} => 1 @[60]"#,
            r#"up_total{instance="b:80", job="api"} => 1 @[60]"#,
        ]
    );
}

#[test]
fn scrapes_of_one_target_end_series() {
    let first = Scratch::new("scrape1.prom", "a 1\nb 1\n");
    let second = Scratch::new("scrape2.prom", "a 2\n");
    let spec = |page: &Scratch, time: &str| format!("{},job=x,time={time}", page.path());
    let (first, second) = (spec(&first, "60"), spec(&second, "75"));
    let at = |query: &str| ferula(&["query", "-d", &second, "-d", &first, "-o", "promql", query]);
    assert_eq!(at("a").out, "a{job=\"x\"} => 2 @[75]\n");
    let gone = at("b");
    assert_eq!((gone.out.as_str(), gone.err.as_str()), ("", "empty: 1 series matched, all stale at 1970-01-01T00:01:15Z\n"));
}

/// Ctrl-C stops a query that would run for long.
#[cfg(unix)]
#[test]
fn an_interrupt_stops_the_query() {
    let series: String = (0..300).map(|i| format!("  a{{i=\"{i}\"}} 0+1x720\n")).collect();
    let data = Scratch::new("interrupt.test", format!("load 1m\n{series}"));
    let child = Command::new(env!("CARGO_BIN_EXE_ferula"))
        .args(["query", "-d", data.path(), "--max-samples", "5000000000", "--start", "end-6h", "--step", "100ms"])
        .args(["--enable-feature", "promql-experimental-functions"])
        // factors that forget so slowly, in windows of which no two begin together, that every sample
        // of every window is visited: hours of work
        .arg("sum(double_exponential_smoothing(a[6h:100ms], 0.0001, 0.0001))")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let since = std::time::Instant::now();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    assert_eq!((status.code(), String::from_utf8(stdout).unwrap().as_str()), (Some(130), ""));
    assert_eq!(String::from_utf8(stderr).unwrap(), "error: interrupted\n");
    // the query alone would take hours; a block of series is finished first
    assert!(since.elapsed() < std::time::Duration::from_secs(20));
}

#[test]
fn formats_are_recognised() {
    let openmetrics = Scratch::new("page.om", "# TYPE a gauge\n# UNIT a \na 1 60\n# EOF\n");
    let script = Scratch::new("script.test", "# a comment\nload 1m\n  a 5+0x10\n\neval instant at 1m a\n  a 5\n");
    let run = ferula(&["query", "-d", openmetrics.path(), "-o", "promql", "a"]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("a => 1 @[60]\n", ""));
    let run = ferula(&["query", "-d", script.path(), "-o", "promql", "--time", "1m0s", "a"]);
    assert_eq!(run.status, 2, "a duration is no time: {}", run.err);
    let run = ferula(&["query", "-d", script.path(), "-o", "promql", "a"]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("a => 5 @[600]\n", ""));
    let gzipped = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(PAGE.as_bytes()).unwrap();
        Scratch::new("page.prom.gz", encoder.finish().unwrap())
    };
    let run = ferula(&["query", "-d", gzipped.path(), "-o", "promql", "count(requests_total)"]);
    assert_eq!(run.out, "{} => 2 @[60]\n");
}

#[test]
fn histograms_of_protobuf_and_converted_ones() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages/captured/prometheus.pb.gz");
    let count = "histogram_count(prometheus_http_request_duration_seconds{handler=\"/metrics\"}) > bool 0";
    for data in [page.to_owned(), format!("{page},format=protobuf")] {
        let run = ferula(&["query", "-d", &data, "-o", "promql", count]);
        assert!(run.status == 0 && run.out.contains("=> 1 @"), "{} {}", run.out, run.err);
    }
    let run = ferula(&["query", "-d", &format!("{page},format=text"), "up"]);
    assert_eq!(run.status, 1);
    let classic = Scratch::new(
        "classic.prom",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 1 1000\nh_bucket{le=\"+Inf\"} 3 1000\nh_sum 5 1000\nh_count 3 1000\n",
    );
    let run = ferula(&["query", "-d", classic.path(), "--convert-classic-histograms", "-o", "promql", "h"]);
    assert_eq!(run.out, "h => Count: 3.000000, Sum: 5.000000, Buckets: [[-Inf,1]:1 (1,+Inf]:2] @[1]\n");
    let run = ferula(&["query", "-d", classic.path(), "-o", "promql", "h"]);
    assert_eq!(run.out, "");
}

#[test]
fn a_range_query() {
    let demo = ["query", "--demo", "--start", "end-2m", "--step", "1m"];
    let run = ferula(&[&demo[..], &["sum(up)"]].concat());
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    insta::assert_snapshot!(run.out);
    let run = ferula(&[&demo[..], &["--plot", "churn_api_active_requests"]].concat());
    assert_eq!(run.out.matches("churn_api_active_requests{").count(), 3);
    assert!(run.out.chars().any(|c| ('\u{2801}'..'\u{2900}').contains(&c)), "{}", run.out);
    let run = ferula(&["query", "--demo", "--plot", "up"]);
    assert_eq!(run.status, 2, "{}", run.err);
}

#[test]
fn mistakes_in_the_query_are_shown() {
    let run = ferula(&["query", "--demo", "sum by (job (up)"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    insta::assert_snapshot!(run.err);
}

#[test]
fn wrong_usage_is_two() {
    for args in [
        &["query"][..],
        &["query", "up"],
        &["query", "--demo", "--time", "yesterday", "up"],
        &["query", "--demo", "--time", "1", "--start", "2", "up"],
        &["query", "--demo", "--enable-feature", "nonsense", "up"],
        &["query", "--demo", "-o", "yaml", "up"],
        &["query", "--data", "x,job", "up"],
        &["frobnicate"],
    ] {
        let run = ferula(args);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{args:?}: {}", run.err);
        assert!(!run.err.is_empty());
    }
    let missing = ferula(&["query", "--data", "/nonexistent.prom", "up"]);
    assert_eq!(missing.status, 1);
    assert!(missing.err.contains("/nonexistent.prom"), "{}", missing.err);
}

#[test]
fn a_bad_page_says_where() {
    let page = Scratch::new("bad.prom", "up 1\nup{ 2\n");
    let run = ferula(&["query", "--data", page.path(), "up"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    assert!(run.err.contains("bad.prom:2:"), "{}", run.err);
}

#[test]
fn an_empty_answer_says_why() {
    let data = Scratch::new(
        "empty.test",
        "load 1m\n  http_requests_total{job=\"api\"} 1 2 3\n  gone{job=\"api\"} 1 2 stale\n  once{i=\"1\"} 5\n  once{i=\"2\"} 5\n",
    );
    let why = |query: &str, time: &str| {
        let run = ferula(&["query", "-d", data.path(), "--time", time, query]);
        assert_eq!((run.status, run.out.as_str()), (0, ""), "{query}: {}", run.err);
        assert_eq!(run.err.lines().count(), 1, "{query}: {}", run.err);
        run.err
    };
    let all = [
        why("http_request_total", "now"),
        why(r#"http_requests_total{job="app"}"#, "now"),
        why(r#"sum(rate(http_requests_total{zone="x"}[5m]))"#, "now"),
        why("http_requests_total", "now+1h"),
        why("gone", "now"),
        why("rate(once[5m])", "60"),
        why("http_requests_total > 100", "now"),
        why("http_requests_total > gone", "60"),
        why("http_requests_total * on (i) once", "60"),
    ];
    insta::assert_snapshot!(all.concat());
}

#[test]
fn warnings_go_to_standard_error() {
    let run = ferula(&["query", "--demo", "-o", "promql", "sum(rate(active_users[5m]))"]);
    assert_eq!(run.status, 0);
    assert_eq!(run.out.lines().count(), 1);
    assert!(run.err.contains("PromQL info: metric might not be a counter"), "{}", run.err);
}

#[test]
fn fmt_prints_and_checks() {
    let run = ferula_with(&["fmt"], "sum   by(job)(up)");
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (0, "sum by (job) (up)\n", ""));
    assert_eq!(ferula(&["fmt", "--check", "sum by (job) (up)"]).status, 0);
    let run = ferula(&["fmt", "--check", "sum(up)  "]);
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    let comment = ferula_with(&["fmt"], "up # how many\n+ 1");
    assert!(comment.status == 1 || comment.out.contains("# how many"), "{}", comment.out);
    assert_eq!(ferula(&["fmt", "sum("]).status, 1);
}

#[test]
fn parse_and_explain() {
    let run = ferula(&["parse", "rate(x[5m])"]);
    assert_eq!((run.status, run.out.as_str()), (0, "instant vector\n"));
    let run = ferula(&["parse", "--json", "1"]);
    assert_eq!(run.out, "{\"type\":\"numberLiteral\",\"val\":\"1\"}\n");
    let run = ferula(&["explain", "sum by (job) (rate(x[5m]))"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.contains('x'), "{}", run.out);
}

#[test]
fn functions_are_listed() {
    let run = ferula(&["functions", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let list = list.as_array().unwrap();
    assert!(list.len() > 80);
    let rate = list.iter().find(|f| f["name"] == "rate").unwrap();
    assert_eq!((rate["stability"].as_str(), rate["returns"].as_str()), (Some("stable"), Some("vector")));
    assert_eq!(ferula(&["functions", "histogram_quantile"]).out.lines().count(), 3);
    assert_eq!(ferula(&["functions", "nothing_like_it"]).status, 1);
}

#[test]
fn the_data_can_be_explored() {
    let page = Scratch::new("explore.prom", PAGE);
    let run = ferula(&["metrics", "-d", page.path()]);
    insta::assert_snapshot!(run.out);
    let run = ferula(&["series", "-d", page.path(), "--match", r#"requests_total{path="/a"}"#]);
    assert_eq!(run.out, "requests_total{path=\"/a\"}\n");
    let run = ferula(&["labels", "-d", page.path(), "--json", "path"]);
    assert_eq!(run.out, "[\"/a\",\"/b\"]\n");
    let run = ferula(&["labels", "-d", page.path()]);
    assert_eq!(run.out, "__name__\npath\n");
}

#[test]
fn test_scripts_pass_or_fail() {
    let good = Scratch::new("good.test", "load 1m\n  a 1 2 3\n\neval instant at 1m a\n  a 2\n");
    let bad = Scratch::new("bad.test", "load 1m\n  a 1 2 3\n\neval instant at 1m a\n  a 7\n");
    let run = ferula(&["test", good.path()]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let run = ferula(&["test", good.path(), bad.path()]);
    assert_eq!(run.status, 1, "{}{}", run.out, run.err);
    assert_eq!(ferula(&["test"]).status, 2);
}

#[test]
fn completions_are_written() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(ferula(&["completions", shell]).out.contains("ferula"), "{shell}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ferula"))
        .args(["query", "--demo", "--start", "end-6h", "--step", "15s", "-o", "csv", "churn_api_requests_total"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!((status.code(), String::from_utf8(stderr).unwrap().as_str()), (Some(0), ""));
}
