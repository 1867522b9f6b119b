//! What is loaded: pages of metrics, load blocks of scripts, the demo.

use super::failure::Failure;
use super::options::Given;
use crate::golden::{self, Command};
use crate::model::labels::METRIC_NAME;
use crate::model::order::sort_by;
use crate::model::{HashSet, LabelSet, Matcher, Samples};
use crate::source::{Columns, Hints, MemorySource, Metadata, Selection, SeriesSet, Source, TimeRange};
use crate::syntax::{ParseOptions, parse_metric_selector};
use crate::text::{self, Format, LoadError, Loaded, Loader, Scrape, UNPACK_LIMIT};
use serde::Serialize;
use std::cell::OnceCell;
use wasm_bindgen::{JsCast, JsValue};

/// The source, and all that is told of it.
#[derive(Debug, Default)]
pub(super) struct Data {
    source: MemorySource,
    /// Made when first asked for.
    metrics: OnceCell<Vec<MetricInfo>>,
}

/// A page that a caller gave.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) content: Vec<u8>,
    pub(super) settings: Settings,
}

/// All of a page but its content.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) name: Option<String>,
    pub(super) format: PageFormat,
    pub(super) time: Option<f64>,
    pub(super) labels: Vec<(String, String)>,
    pub(super) honor_labels: bool,
    pub(super) convert_classic_histograms: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PageFormat {
    #[default]
    Auto,
    Text,
    Openmetrics,
    Openmetrics2,
    Protobuf,
    Script,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageReport {
    name: String,
    format: PageFormat,
    samples: usize,
    stored: usize,
    duplicates: usize,
    too_old: usize,
    stale: usize,
    warnings: Vec<Warning>,
}

#[derive(Debug, Serialize)]
struct Warning {
    line: usize,
    message: String,
}

#[derive(Debug, Serialize)]
pub(super) struct DataReport {
    pages: Vec<PageReport>,
    series: usize,
    samples: usize,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<i64>,
}

#[derive(Debug, Serialize)]
pub(super) struct MetricInfo {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) help: String,
    unit: String,
    family: String,
    pub(super) series: usize,
    native: bool,
    pub(super) labels: Vec<Cardinality>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Cardinality {
    pub(super) name: String,
    pub(super) values: usize,
}

/// The pages of a call: objects whose `content` is a text or bytes.
pub(super) fn pages(given: &JsValue) -> Result<Vec<Page>, Failure> {
    let bad = |what: &str| Failure::bad(what);
    let list = given.dyn_ref::<js_sys::Array>().ok_or_else(|| bad("pages must be a list"))?;
    list.iter()
        .map(|page| {
            let content = js_sys::Reflect::get(&page, &"content".into()).unwrap_or_default();
            let content = match (content.as_string(), content.dyn_ref::<js_sys::Uint8Array>()) {
                (Some(text), _) => text.into_bytes(),
                (None, Some(bytes)) => bytes.to_vec(),
                (None, None) => return Err(bad("the content of a page must be a text or a Uint8Array")),
            };
            Ok(Page { content, settings: Settings::of(&Given::new(page)?)? })
        })
        .collect()
}

impl Settings {
    fn of(given: &Given) -> Result<Settings, Failure> {
        Ok(Settings {
            name: given.text("name")?,
            format: match given.text("format")?.as_deref() {
                None | Some("auto") => PageFormat::Auto,
                Some("text") => PageFormat::Text,
                Some("openmetrics") => PageFormat::Openmetrics,
                Some("openmetrics2") => PageFormat::Openmetrics2,
                Some("protobuf") => PageFormat::Protobuf,
                Some("script") => PageFormat::Script,
                Some(other) => return Err(Failure::bad(&format!("bad options: no format is called {other}"))),
            },
            time: given.number("time")?,
            labels: given.texts("labels")?,
            honor_labels: given.flag("honorLabels")?,
            convert_classic_histograms: given.flag("convertClassicHistograms")?,
        })
    }
}

impl Data {
    /// The demo; not compressed, since a page waits for it.
    pub(super) fn demo() -> Data {
        Data { source: crate::demo::source(), ..Data::default() }
    }

    pub(super) fn source(&self) -> &MemorySource {
        &self.source
    }

    /// Adds pages, or replaces what is there by them. Nothing changes where one of them is wrong.
    pub(super) fn load(&mut self, pages: Vec<Page>, replace: bool) -> Result<DataReport, Failure> {
        let mut source = if replace { MemorySource::new() } else { self.source.clone() };
        let now = now();
        // The scrapes of one target have to come in the order of their times.
        let mut order: Vec<(i64, usize)> =
            pages.iter().enumerate().map(|(i, page)| (page.settings.time.unwrap_or(now) as i64, i)).collect();
        sort_by(&mut order, Ord::cmp);
        let order = order.into_iter().filter_map(|(_, i)| Some((i, pages.get(i)?)));
        let mut reports = Vec::new();
        let (scrapes, singles): (Vec<_>, Vec<_>) = order.partition(|(_, page)| page.is_scrape());
        for (i, page) in singles {
            let report = match page.format() {
                None => script(&mut source, page, &page.name(i))?,
                Some(format) => scrape(&mut Loader::new(&mut source), page, &page.name(i), format, now)?,
            };
            reports.push((i, report));
        }
        // One loader for all scrapes: it sees which series of a target are gone.
        let mut loader = Loader::new(&mut source);
        for (i, page) in scrapes {
            let format = page.format().unwrap_or(Format::Prometheus);
            reports.push((i, scrape(&mut loader, page, &page.name(i), format, now)?));
        }
        source.compact();
        *self = Data { source, ..Data::default() };
        sort_by(&mut reports, |a, b| a.0.cmp(&b.0));
        Ok(self.report(reports.into_iter().map(|(_, report)| report).collect()))
    }

    /// What is loaded, after these pages.
    pub(super) fn report(&self, pages: Vec<PageReport>) -> DataReport {
        let range = self.source.time_range();
        DataReport {
            pages,
            series: self.source.series_count(),
            samples: self.source.sample_count(),
            bytes: self.source.sample_bytes(),
            start: range.map(|r| r.start),
            end: range.map(|r| r.end),
        }
    }

    /// All metrics, sorted by name.
    pub(super) fn metrics(&self) -> &[MetricInfo] {
        self.metrics.get_or_init(|| self.find_metrics())
    }

    fn find_metrics(&self) -> Vec<MetricInfo> {
        let metadata = self.source.metadata().unwrap_or_default();
        let Ok(set) = self.source.select(&everything()) else { return Vec::new() };
        let mut by_name: Vec<(&str, usize)> = set.labels().iter().enumerate().map(|(i, labels)| (labels.metric_name(), i)).collect();
        sort_by(&mut by_name, Ord::cmp);
        by_name.chunk_by(|a, b| a.0 == b.0).map(|series| metric(series, &*set, &metadata)).collect()
    }

    /// Names of labels, sorted.
    pub(super) fn label_names(&self, selector: Option<&str>) -> Result<Vec<String>, Failure> {
        self.source.label_names(&matchers(selector)?, TimeRange::ALL).map_err(|e| Failure::bad(&e.to_string()))
    }

    /// Values of a label, sorted.
    pub(super) fn label_values(&self, label: &str, selector: Option<&str>) -> Result<Vec<String>, Failure> {
        self.source.label_values(label, &matchers(selector)?, TimeRange::ALL).map_err(|e| Failure::bad(&e.to_string()))
    }
}

fn everything() -> Selection<'static> {
    Selection { matchers: &[], range: TimeRange::ALL, hints: Hints { function: "series".into(), ..Hints::default() } }
}

fn matchers(selector: Option<&str>) -> Result<Vec<Matcher>, Failure> {
    let Some(text) = selector else { return Ok(Vec::new()) };
    parse_metric_selector(text, &ParseOptions::all()).map_err(|e| Failure::of_parse(&e, text))
}

/// The endings of series names that a family of another name has.
const ENDINGS: [&str; 7] = ["_bucket", "_sum", "_count", "_total", "_created", "_info", "_gsum"];

/// All about one metric: its name, beside the place of each of its series.
fn metric(series: &[(&str, usize)], set: &dyn SeriesSet, metadata: &[Metadata]) -> MetricInfo {
    let name = series.first().map_or("", |(name, _)| name);
    let known = |name: &str| metadata.binary_search_by(|known| known.name.as_str().cmp(name)).ok().and_then(|at| metadata.get(at));
    let shorter = || ENDINGS.iter().find_map(|ending| known(name.strip_suffix(ending)?));
    let known = known(name).or_else(shorter).cloned().unwrap_or_default();
    let mut seen: HashSet<(&str, &str)> = HashSet::default();
    let mut labels: Vec<Cardinality> = Vec::new();
    for label in series.iter().filter_map(|(_, i)| set.labels().get(*i)).flat_map(|l| l.iter()).filter(|l| &*l.name != METRIC_NAME) {
        if seen.insert((&label.name, &label.value)) {
            match labels.iter_mut().find(|known| known.name == *label.name) {
                Some(known) => known.values += 1,
                None => labels.push(Cardinality { name: (*label.name).to_owned(), values: 1 }),
            }
        }
    }
    // Most values first.
    sort_by(&mut labels, |a, b| b.values.cmp(&a.values).then_with(|| a.name.cmp(&b.name)));
    // Only where it may be so: the samples of one series have to be read for it.
    let may_be_native = known.name == name && known.kind.ends_with("histogram") || known.kind.is_empty();
    let native = may_be_native && series.first().is_some_and(|(_, first)| has_histograms(*first, set));
    let Metadata { kind, help, unit, name: family } = known;
    MetricInfo { name: name.to_owned(), kind, help, unit, family, series: series.len(), native, labels }
}

fn has_histograms(series: usize, set: &dyn SeriesSet) -> bool {
    let mut samples = Samples::default();
    let read = set.read(series, TimeRange::ALL, Columns { values: true, start_timestamps: false, histogram_stats: true }, &mut samples);
    read.is_ok() && samples.histograms().len() > 0
}

impl Page {
    fn name(&self, index: usize) -> String {
        self.settings.name.clone().unwrap_or_else(|| format!("page {}", index + 1))
    }

    /// Whether it is one of several scrapes of a target, so that a series that the next one lacks
    /// has ended. Pages without a target or a time of their own are taken as they are.
    fn is_scrape(&self) -> bool {
        self.settings.time.is_some() && !self.settings.labels.is_empty() && self.format().is_some()
    }

    /// `None` is a script.
    fn format(&self) -> Option<Format> {
        match self.settings.format {
            PageFormat::Script => None,
            PageFormat::Auto if golden::is_script(&self.content) => None,
            PageFormat::Auto => Some(text::detect(&self.content)),
            PageFormat::Text => Some(Format::Prometheus),
            PageFormat::Openmetrics => Some(Format::OpenMetrics1),
            PageFormat::Openmetrics2 => Some(Format::OpenMetrics2),
            PageFormat::Protobuf => Some(Format::Protobuf),
        }
    }

    fn target(&self) -> LabelSet {
        LabelSet::from_pairs(self.settings.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

fn scrape(loader: &mut Loader, page: &Page, name: &str, format: Format, now: f64) -> Result<PageReport, Failure> {
    let content = text::unpack(&page.content, UNPACK_LIMIT).map_err(|e| Failure::data(name, format!("{name}: {e}")))?;
    let mut scrape = Scrape::new(page.settings.time.unwrap_or(now) as i64, page.target());
    scrape.format = Some(format);
    scrape.honor_labels = page.settings.honor_labels;
    scrape.read.nhcb = page.settings.convert_classic_histograms;
    let loaded = loader.scrape(&content, &scrape).map_err(|e: LoadError| Failure::of_load(&e, name, &content))?;
    let Loaded { samples, stored, duplicates, too_old, stale, warnings } = loaded;
    let format = match format {
        Format::Prometheus => PageFormat::Text,
        Format::OpenMetrics1 => PageFormat::Openmetrics,
        Format::OpenMetrics2 => PageFormat::Openmetrics2,
        Format::Protobuf => PageFormat::Protobuf,
    };
    let warnings = warnings.iter().map(|w| Warning { line: w.line(), message: w.kind().to_string() }).collect();
    Ok(PageReport { name: name.to_owned(), format, samples, stored, duplicates, too_old, stale, warnings })
}

/// The load blocks of a script, `clear` heeded, with the target's labels.
fn script(source: &mut MemorySource, page: &Page, name: &str) -> Result<PageReport, Failure> {
    let text = std::str::from_utf8(&page.content).map_err(|e| Failure::data(name, format!("{name}: {e}")))?;
    let target = page.target();
    let mut blocks = Vec::new();
    for command in golden::parse(text).commands {
        match command {
            Command::Clear => blocks.clear(),
            Command::Load(load) => blocks.push(load),
            Command::BrokenLoad(error) => return Err(Failure::of_line(error.line, &error.message, name, text)),
            Command::Eval(_) | Command::Broken(_) => {}
        }
    }
    let before = source.sample_count();
    for mut load in blocks {
        for series in &mut load.series {
            series.labels = text::with_target(&series.labels, &target);
        }
        golden::load(source, &load).map_err(|e| Failure::of_line(e.line, &e.message, name, text))?;
    }
    let stored = source.sample_count().saturating_sub(before);
    Ok(PageReport {
        name: name.to_owned(),
        format: PageFormat::Script,
        samples: stored,
        stored,
        duplicates: 0,
        too_old: 0,
        stale: 0,
        warnings: Vec::new(),
    })
}

/// ms since the epoch.
#[cfg(target_arch = "wasm32")]
fn now() -> f64 {
    js_sys::Date::now()
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |d| d.as_millis() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(content: &str, settings: Settings) -> Page {
        Page { content: content.into(), settings }
    }

    #[test]
    fn pages_of_every_kind_are_loaded() {
        let mut data = Data::default();
        let om = "# TYPE a_bytes gauge\n# UNIT a_bytes bytes\n# HELP a_bytes é\na_bytes 1\n# EOF\n";
        let pages = vec![
            page("x{y=\"1\"} 1\nx{y=\"2\"} 2\n", Settings { time: Some(60_000.0), ..Settings::default() }),
            page(om, Settings { format: PageFormat::Openmetrics, time: Some(1.0), ..Settings::default() }),
            page("load 1m\n  s 1 2 3\n\neval instant at 0 broken(\n", Settings::default()),
        ];
        let report = data.load(pages, false).unwrap();
        assert_eq!((report.series, report.samples, report.start, report.end), (4, 6, Some(0), Some(120_000)));
        let formats: Vec<_> = report.pages.iter().map(|p| (p.format, p.stored)).collect();
        assert_eq!(formats, [(PageFormat::Text, 2), (PageFormat::Openmetrics, 1), (PageFormat::Script, 3)]);
        let metrics = data.metrics();
        let [a, s, x] = metrics else { panic!("{metrics:?}") };
        assert_eq!((a.kind.as_str(), a.help.as_str(), a.unit.as_str(), a.series), ("gauge", "é", "bytes", 1));
        assert_eq!((s.name.as_str(), s.kind.as_str()), ("s", ""));
        assert_eq!(x.labels, [Cardinality { name: "y".into(), values: 2 }]);
        assert_eq!(data.label_values("y", Some("x{y!=\"1\"}")).unwrap(), ["2"]);
    }

    #[test]
    fn a_series_that_the_next_scrape_lacks_goes_stale() {
        let mut data = Data::default();
        let labels = vec![("job".to_owned(), "j".to_owned())];
        let at = |time| Settings { time: Some(time), labels: labels.clone(), ..Settings::default() };
        let report = data.load(vec![page("a 2\n", at(2000.0)), page("a 1\nb 1\n", at(1000.0))], false).unwrap();
        assert_eq!(report.pages.iter().map(|p| p.stale).collect::<Vec<_>>(), [1, 0]);
    }

    #[test]
    fn a_wrong_page_changes_nothing_and_tells_its_place() {
        let mut data = Data::default();
        data.load(vec![page("a 1\n", Settings::default())], false).unwrap();
        let name = Some("two".to_owned());
        let pages = vec![page("b 1\n", Settings::default()), page("c 1\n{𝛼=b} 2\n", Settings { name, ..Settings::default() })];
        let failure = data.load(pages, true).unwrap_err();
        assert_eq!((failure.kind, failure.page.as_deref()), ("data", Some("two")));
        let d = &failure.diagnostics[0];
        assert_eq!(d.line, 2);
        assert!(failure.message.starts_with(&format!("two:2:{}: ", d.column)), "{failure:?}");
        assert_eq!(data.label_values("__name__", None).unwrap(), ["a"]);
    }

    #[test]
    fn a_wrong_line_of_a_script_is_told() {
        let failure = Data::default().load(vec![page("load 1m\n  x 1\n\nload 1m\n  y{ 1\n", Settings::default())], false).unwrap_err();
        assert_eq!(failure.diagnostics[0].line, 5);
    }

    #[test]
    fn native_histograms_are_known() {
        let demo = Data::demo();
        let metrics = demo.metrics();
        let native: Vec<&str> = metrics.iter().filter(|m| m.native).map(|m| m.name.as_str()).collect();
        assert!(!native.is_empty() && native.len() < metrics.len(), "{native:?}");
        let bucket = metrics.iter().find(|m| m.name.ends_with("_bucket")).unwrap();
        assert_eq!((bucket.kind.as_str(), bucket.native), ("histogram", false));
    }
}
