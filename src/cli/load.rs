//! Reads `--data` and `--demo` into one source.

use super::args::{DataArgs, InputFormat};
use super::failure::Failure;
use super::progress::Progress;
use super::query::Cancel;
use super::spec::{self, Spec};
use super::{interrupt, page, time};
use crate::golden::{self, Command};
use crate::source::MemorySource;
use crate::text;
use flate2::read::MultiGzDecoder;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a file of a directory must be called to be read, `.gz` aside.
const EXTENSIONS: [&str; 6] = ["prom", "txt", "om", "openmetrics", "metrics", "test"];

/// All the data that the flags name; `None` if they name none.
pub(crate) fn load(args: &DataArgs, cancel: &Cancel) -> Result<Option<MemorySource>, Failure> {
    let mut specs = Vec::new();
    for text in &args.data {
        let spec = spec::parse(text, args.format)?;
        specs.extend(files(&spec)?);
    }
    if args.data.is_empty() && !args.demo {
        return Ok(None);
    }
    let mut source = if args.demo { crate::demo::source() } else { MemorySource::new() };
    let size = |spec: &Spec| fs::metadata(&spec.path).map_or(0, |m| m.len());
    let mut progress = Progress::new(specs.iter().map(size).sum());
    for spec in &specs {
        interrupt::check(cancel)?;
        progress.reading(&spec.path.to_string_lossy());
        let content = content(&spec.path).map_err(|e| Failure::Failed(format!("{}: {e}", name(&spec.path))))?;
        let total = content.len().max(1) as u64;
        let on_disk = size(spec);
        let mut told = 0;
        // progress is counted in bytes on disk, which packed files have fewer of
        let mut at = |read: usize| {
            let now = on_disk.saturating_mul(read as u64) / total;
            progress.advance(now.saturating_sub(told));
            told = now.max(told);
            interrupt::check(cancel)
        };
        add(&mut source, spec, &content, &mut at)?;
        at(content.len())?;
    }
    Ok(Some(source))
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

/// The bytes of a file, unpacked.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = fs::read(path)?;
    }
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(&*bytes).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

fn add(source: &mut MemorySource, spec: &Spec, content: &[u8], at: &mut dyn FnMut(usize) -> Result<(), Failure>) -> Result<(), Failure> {
    let format = match spec.format {
        InputFormat::Auto if is_script(content) => return script(source, spec, content),
        InputFormat::Script => return script(source, spec, content),
        InputFormat::Auto => text::detect(content),
        InputFormat::Text => text::Format::Prometheus,
        InputFormat::Openmetrics => text::Format::OpenMetrics1,
    };
    let written = || fs::metadata(&spec.path).and_then(|m| m.modified()).unwrap_or_else(|_| SystemTime::now());
    let target =
        page::Target { name: name(&spec.path), time: spec.time.unwrap_or_else(|| time::of_system(written())), labels: &spec.labels };
    page::append(source, &target, content, format, at)
}

/// Whether the first line that says anything is a command of the script language. A page cannot
/// begin like that: `load 1m` is no sample.
fn is_script(content: &[u8]) -> bool {
    let line = content.split(|b| *b == b'\n').map(|l| l.trim_ascii()).find(|l| !l.is_empty() && !l.starts_with(b"#"));
    let mut words = line.unwrap_or_default().split(|b| b.is_ascii_whitespace());
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    match first {
        b"clear" => second.is_empty(),
        b"load" | b"load_with_nhcb" => second.first().is_some_and(u8::is_ascii_digit) && second.last().is_some_and(u8::is_ascii_alphabetic),
        b"eval" => matches!(second, b"instant" | b"range"),
        _ => false,
    }
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
            series.labels = page::with_target(&series.labels, &spec.labels);
        }
        golden::load(source, &load).map_err(|e| failed(e.to_string()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_from_pages() {
        for script in ["load 5m\n  x 1", "# hi\n\n load_with_nhcb 1s\n", "clear\nload 1m", "eval instant at 5m x"] {
            assert!(is_script(script.as_bytes()), "{script}");
        }
        for page in ["", "load 1\n", "load 5 1000\n", "# HELP load x\nload{a=\"b\"} 2", "clear 1\n", "eval 2"] {
            assert!(!is_script(page.as_bytes()), "{page}");
        }
    }

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
