//! Pages become series as in a server that scrapes them.
#![cfg(feature = "text")]

use ferula::model::{LabelSet, Matcher, Samples, is_stale};
use ferula::source::{Columns, Hints, MemorySource, Selection, Source, TimeRange};
use ferula::text::{LoadError, Loaded, Loader, Scrape, load};

/// All samples, a line for each series: `name{labels} value@time …`, sorted.
fn dump(source: &MemorySource) -> Vec<String> {
    let matchers = [Matcher::equal("job", "j")];
    let found = source.select(&Selection { matchers: &matchers, range: TimeRange::ALL, hints: Hints::default() }).unwrap();
    let mut lines = Vec::new();
    for (i, labels) in found.labels().iter().enumerate() {
        let mut samples = Samples::default();
        found.read(i, TimeRange::ALL, Columns::ALL, &mut samples).unwrap();
        let rest = labels.filter(|n| n != "__name__" && n != "job" && n != "instance");
        let mut line = if rest.is_empty() { labels.metric_name().to_owned() } else { format!("{}{rest}", labels.metric_name()) };
        for (k, (t, v)) in samples.time.iter().zip(&samples.value).enumerate() {
            line += &if is_stale(*v) { format!(" STALE@{t}") } else { format!(" {v}@{t}") };
            if samples.start_of(k) != 0 {
                line += &format!("/st={}", samples.start_of(k));
            }
        }
        lines.push(line);
    }
    lines.sort();
    lines
}

fn scrape(time: i64) -> Scrape {
    Scrape::new(time, LabelSet::from_pairs([("job", "j"), ("instance", "i")]))
}

/// Loads pages a second apart, and shows what is stored.
fn history(pages: &[&str], set: impl Fn(&mut Scrape)) -> Vec<String> {
    let mut source = MemorySource::new();
    let mut loader = Loader::new(&mut source);
    for (i, page) in pages.iter().enumerate() {
        let mut scrape = scrape(1000 * i as i64);
        set(&mut scrape);
        if loader.scrape(page.as_bytes(), &scrape).is_err() {
            loader.missed(&scrape.target, scrape.time);
        }
    }
    dump(&source)
}

fn loaded(page: &str) -> (Loaded, Vec<String>) {
    let mut source = MemorySource::new();
    let loaded = load(&mut source, page.as_bytes(), &scrape(0)).unwrap();
    (loaded, dump(&source))
}

#[test]
fn series_that_are_gone_go_stale() {
    assert_eq!(history(&["foo 1\nbar 2\n", "foo 2\n"], |_| ()), ["bar 2@0 STALE@1000", "foo 1@0 2@1000"]);
    assert_eq!(history(&["foo 1\n", ""], |_| ()), ["foo 1@0 STALE@1000"]);
    assert_eq!(history(&["foo 1\n", "", "foo 3\n"], |_| ()), ["foo 1@0 STALE@1000 3@2000"]);
    assert_eq!(history(&["foo 1\n", "", ""], |_| ()), ["foo 1@0 STALE@1000"]);
}

#[test]
fn a_broken_page_stores_nothing_and_ends_what_was() {
    assert_eq!(history(&["foo 1\n", "bar 1\nfoo x\n", "foo 3\n"], |_| ()), ["foo 1@0 STALE@1000 3@2000"]);
}

#[test]
fn series_with_own_times_do_not_go_stale() {
    let pages = ["foo 1 500\n", "bar 1\n"];
    assert_eq!(history(&pages, |_| ()), ["bar 1@1000", "foo 1@500"]);
    assert_eq!(history(&pages, |s| s.track_timestamps_staleness = true), ["bar 1@1000", "foo 1@500 STALE@1000"]);
    assert_eq!(history(&pages, |s| s.honor_timestamps = false), ["bar 1@1000", "foo 1@0 STALE@1000"]);
}

#[test]
fn targets_live_each_for_itself() {
    let mut source = MemorySource::new();
    let mut loader = Loader::new(&mut source);
    let other = LabelSet::from_pairs([("job", "j"), ("instance", "other"), ("zone", "z")]);
    loader.scrape(b"foo 1\n", &scrape(0)).unwrap();
    loader.scrape(b"bar 1\n", &Scrape::new(1000, other)).unwrap();
    assert_eq!(loader.scrape(b"foo 2\n", &scrape(2000)).unwrap().stale, 0);
    assert_eq!(dump(&source), ["bar{zone=\"z\"} 1@1000", "foo 1@0 2@2000"]);
}

#[test]
fn pages_of_one_time_are_one_scrape() {
    let mut source = MemorySource::new();
    let mut loader = Loader::new(&mut source);
    loader.scrape(b"foo 1\n", &scrape(0)).unwrap();
    loader.scrape(b"bar 1\n", &scrape(0)).unwrap();
    assert_eq!(loader.scrape(b"baz 1\n", &scrape(1000)).unwrap().stale, 2);
}

#[test]
fn of_duplicates_the_first_stands() {
    let (counts, lines) = loaded("foo 1\nfoo 2\nbar 1\nbar{a=\"\"} 3\n");
    assert_eq!((counts.samples, counts.stored, counts.duplicates), (4, 2, 2));
    assert_eq!(lines, ["bar 1@0", "foo 1@0"]);
    let (counts, lines) = loaded("foo 1 5000\nfoo 2 6000\nfoo 3 5500\nfoo 4 6000\n");
    assert_eq!((counts.stored, counts.duplicates), (2, 2));
    assert_eq!(lines, ["foo 1@5000 2@6000"]);
    // across pages: the same value is no news, another one is dropped
    assert_eq!(history(&["foo 1 7\nbar 1 7\n", "foo 1 7\nbar 2 7\n"], |_| ()), ["bar 1@7", "foo 1@7"]);
}

#[test]
fn labels_of_the_target_come_first() {
    let page = "foo{job=\"a\",instance=\"\",exported_job=\"b\"} 1\n";
    assert_eq!(history(&[page], |_| ()), [r#"foo{exported_exported_job="a", exported_job="b"} 1@0"#]);
    let mut source = MemorySource::new();
    let mut honor = scrape(0);
    honor.honor_labels = true;
    load(&mut source, page.as_bytes(), &honor).unwrap();
    let jobs = source.label_values("job", &[], TimeRange::ALL).unwrap();
    let instances = source.label_values("instance", &[], TimeRange::ALL).unwrap();
    assert_eq!((jobs, instances), (vec!["a".to_owned()], vec!["i".to_owned()]));
}

#[test]
fn bad_labels_fail_the_page() {
    for (page, message) in [
        ("foo{a=\"1\",a=\"2\"} 1\n", r#"label name "a" is not unique: invalid sample"#),
        ("foo{__name__=\"bar\"} 1\n", r#"label name "__name__" is not unique: invalid sample"#),
        ("{\"\"} 1\n", "missing metric name (__name__ label)"),
        ("{\"foo\",\"\"=\"x\"} 1\n", r#"invalid metric name or label names: {""="x", __name__="foo"}"#),
    ] {
        let mut source = MemorySource::new();
        let error = load(&mut source, format!("ok 1\n{page}").as_bytes(), &scrape(0)).unwrap_err();
        let LoadError::Page(error) = error else { panic!("{error}") };
        assert_eq!((error.kind().to_string().as_str(), error.line()), (message, 2));
        assert_eq!(dump(&source), Vec::<String>::new());
    }
}

#[test]
fn created_lines_are_series_or_starts() {
    let page = "# TYPE c counter\nc_total 5\nc_created 7.5\n# EOF\n";
    assert_eq!(history(&[page], |_| ()), ["c_created 7.5@0", "c_total 5@0"]);
    assert_eq!(history(&[page], |s| s.read.created_as_start = true), ["c_total 5@0/st=7500"]);
}

#[test]
fn metadata_is_kept() {
    let mut source = MemorySource::new();
    let mut loader = Loader::new(&mut source);
    loader.scrape(b"# HELP a old\n# TYPE a counter\n# HELP b other\na 1\n", &scrape(0)).unwrap();
    loader.scrape(b"# HELP a new\n# UNIT a_s s\n# EOF\n", &scrape(1000)).unwrap();
    let known: Vec<_> =
        source.metadata().unwrap().into_iter().map(|m| format!("{} {} {:?} {:?}", m.name, m.kind, m.help, m.unit)).collect();
    assert_eq!(known, [r#"a counter "new" """#, r#"a_s  "" "s""#, r#"b  "other" """#]);
}
