//! Reads `--data` and `--demo` into one source.

use super::args::{DataArgs, InputFormat};
use super::failure::Failure;
use super::progress::Progress;
use super::spec::{self, Spec};
use super::table::count;
use super::time;
use crate::golden::{self, Command};
use crate::source::MemorySource;
use crate::text::{self, Format, LoadError, Loaded, Loader, Scrape, UNPACK_LIMIT};
use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a file of a directory must be called to be read, `.gz` aside.
const EXTENSIONS: [&str; 7] = ["prom", "txt", "om", "openmetrics", "metrics", "pb", "test"];

/// A page, and how it is read.
struct Page<'c> {
    format: Format,
    content: Cow<'c, [u8]>,
    /// Classic histograms become native ones.
    convert: bool,
}

/// All the data that the flags name; `None` if they name none.
pub(crate) fn load(args: &DataArgs) -> Result<Option<MemorySource>, Failure> {
    let mut specs = Vec::new();
    for text in &args.data {
        let spec = spec::parse(text, args.format)?;
        specs.extend(files(&spec)?);
    }
    if args.data.is_empty() && !args.demo {
        return Ok(None);
    }
    // the scrapes of one target have to come in the order of their times
    specs.sort_by_key(|spec| spec.time);
    let mut source = if args.demo { crate::demo::source() } else { MemorySource::new() };
    let size = |spec: &Spec| fs::metadata(&spec.path).map_or(0, |m| m.len());
    let progress = Progress::new(specs.iter().map(size).sum());
    let convert = args.convert_classic_histograms;
    let mut pages = Vec::new();
    for spec in &specs {
        progress.reading(&spec.path.to_string_lossy());
        let failed = |e: &dyn std::fmt::Display| Failure::Failed(format!("{}: {e}", name(&spec.path)));
        let packed = content(&spec.path).map_err(|e| failed(&e))?;
        let content = text::unpack(&packed, UNPACK_LIMIT).map_err(|e| failed(&e))?;
        match format(spec, &content) {
            None => script(&mut source, spec, &content)?,
            Some(format) if is_scrape(spec) => {
                pages.push((spec, Page { format, content: content.into_owned().into(), convert }));
                continue;
            }
            Some(format) => page(&mut Loader::new(&mut source), spec, &Page { format, content, convert }, &progress)?,
        }
        progress.advance(size(spec));
    }
    // one loader for all scrapes: it sees which series of a target are gone
    let mut loader = Loader::new(&mut source);
    for (spec, content) in pages {
        page(&mut loader, spec, &content, &progress)?;
        progress.advance(size(spec));
    }
    Ok(Some(source))
}

/// Whether a page is one of several scrapes of a target, so that a series that the next one lacks
/// has ended. Pages without a target or a time of their own are taken as they are.
fn is_scrape(spec: &Spec) -> bool {
    spec.time.is_some() && !spec.labels.is_empty()
}

/// The file itself, or the files of a directory, sorted by name.
fn files(spec: &Spec) -> Result<Vec<Spec>, Failure> {
    if spec.path == Path::new("-") || !spec.path.is_dir() {
        return Ok(vec![spec.clone()]);
    }
    let failed = |e: io::Error| Failure::Failed(format!("{}: {e}", spec.path.display()));
    let entries: Vec<PathBuf> =
        fs::read_dir(&spec.path).map_err(failed)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>().map_err(failed)?;
    let mut found: Vec<Spec> =
        entries.into_iter().filter(|p| p.is_file() && is_data(p)).map(|path| Spec { path, ..spec.clone() }).collect();
    if found.is_empty() {
        return Err(Failure::Failed(format!("{}: no file ends in .{}", spec.path.display(), EXTENSIONS.join(", ."))));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn is_data(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let plain = Path::new(text.strip_suffix(".gz").unwrap_or(&text));
    plain.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known))
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".into() } else { path.display().to_string() }
}

fn content(path: &Path) -> io::Result<Vec<u8>> {
    if path != Path::new("-") {
        return fs::read(path);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The format of a page; `None` is a script.
fn format(spec: &Spec, content: &[u8]) -> Option<Format> {
    match spec.format {
        InputFormat::Script => None,
        InputFormat::Auto if golden::is_script(content) => None,
        InputFormat::Auto => Some(text::detect(content)),
        InputFormat::Text => Some(Format::Prometheus),
        InputFormat::Openmetrics => Some(Format::OpenMetrics1),
        InputFormat::Protobuf => Some(Format::Protobuf),
    }
}

fn page(loader: &mut Loader, spec: &Spec, page: &Page, progress: &Progress) -> Result<(), Failure> {
    let written = || fs::metadata(&spec.path).and_then(|m| m.modified()).unwrap_or_else(|_| SystemTime::now());
    let mut scrape = Scrape::new(spec.time.unwrap_or_else(|| time::of_system(written())), spec.labels.clone());
    scrape.format = Some(page.format);
    scrape.read.nhcb = page.convert;
    let name = name(&spec.path);
    let loaded = loader.scrape(&page.content, &scrape).map_err(|e| match e {
        // its text begins with line and column
        LoadError::Page(e) => Failure::Failed(format!("{name}:{e}")),
        e => Failure::Failed(format!("{name}: {e}")),
    })?;
    let Loaded { duplicates, warnings, .. } = loaded;
    for warning in warnings {
        progress.note(&format!("{name}: {warning}"));
    }
    if duplicates > 0 {
        let samples = count(duplicates, "sample was", "samples were");
        progress.note(&format!("{name}: {samples} left out, as the series have one at that time already"));
    }
    Ok(())
}

/// The load blocks of a script, `clear` heeded, with the target's labels.
fn script(source: &mut MemorySource, spec: &Spec, content: &[u8]) -> Result<(), Failure> {
    let failed = |why: String| Failure::Failed(format!("{}: {why}", name(&spec.path)));
    let text = std::str::from_utf8(content).map_err(|e| failed(e.to_string()))?;
    let mut blocks = Vec::new();
    for command in golden::parse(text).commands {
        match command {
            Command::Clear => blocks.clear(),
            Command::Load(load) => blocks.push(load),
            Command::BrokenLoad(error) => return Err(failed(error.to_string())),
            Command::Eval(_) | Command::Broken(_) => {}
        }
    }
    for mut load in blocks {
        for series in &mut load.series {
            series.labels = text::with_target(&series.labels, &spec.labels);
        }
        golden::load(source, &load).map_err(|e| failed(e.to_string()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_files_are_known_by_their_name() {
        for yes in ["a.prom", "x/b.test", "c.om.gz"] {
            assert!(is_data(Path::new(yes)), "{yes}");
        }
        for no in ["a", "b.rs", "c.gz", ".prom"] {
            assert!(!is_data(Path::new(no)), "{no}");
        }
    }
}
