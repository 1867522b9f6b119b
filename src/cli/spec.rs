//! What stands behind `--data`: a path, then settings and target labels after commas.

use super::args::InputFormat;
use super::failure::Failure;
use super::time;
use crate::model::LabelSet;
use std::path::{Path, PathBuf};

/// One `--data`, read.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Spec {
    /// The file or directory; `-` is standard input.
    pub(crate) path: PathBuf,
    /// The time of samples without one, ms.
    pub(crate) time: Option<i64>,
    /// How it is read.
    pub(crate) format: InputFormat,
    /// Labels of the target.
    pub(crate) labels: LabelSet,
}

/// Reads one value of `--data`. A path that exists as it is written, commas and all, is taken so.
pub(crate) fn parse(text: &str, format: InputFormat) -> Result<Spec, Failure> {
    let bad = |why: String| Failure::Usage(format!("--data {text}: {why}"));
    let mut spec = Spec { path: PathBuf::from(text), time: None, format, labels: LabelSet::default() };
    if !text.contains(',') || Path::new(text).exists() {
        return Ok(spec);
    }
    let mut parts = split(text).map_err(bad)?.into_iter();
    spec.path = PathBuf::from(parts.next().unwrap_or_default());
    for part in parts {
        let (key, value) = part.split_once('=').ok_or_else(|| bad(format!("{part:?} is not KEY=VALUE")))?;
        match key {
            "time" => {
                spec.time = Some(time::absolute(value).ok_or_else(|| bad(format!("{value:?} is not RFC 3339 or Unix seconds")))?);
            }
            "format" => {
                spec.format = <InputFormat as clap::ValueEnum>::from_str(value, false)
                    .map_err(|_| bad(format!("no format is called {value:?}; there are text, openmetrics, protobuf and script")))?;
            }
            "" => return Err(bad("a label needs a name".into())),
            "__name__" => return Err(bad("the metric name is no target label".into())),
            label => spec.labels = spec.labels.with(label, value),
        }
    }
    Ok(spec)
}

/// Cuts at commas that are not inside double quotes, and takes the quotes away. In quotes a
/// backslash keeps the character after it.
fn split(text: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '"' => {
                quoted = !quoted;
                continue;
            }
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            '\\' if quoted => chars.next().ok_or("a backslash at the end")?,
            c => c,
        };
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    if quoted { Err("a double quote is not closed".into()) } else { Ok(parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_labels() {
        let spec = parse("a b.prom,time=2026-01-01T00:00:00Z,job=api,format=openmetrics,instance=a:80", InputFormat::Auto).unwrap();
        assert_eq!(spec.path, Path::new("a b.prom"));
        assert_eq!(spec.time, Some(1_767_225_600_000));
        assert_eq!(spec.format, InputFormat::Openmetrics);
        assert_eq!(spec.labels.to_string(), r#"{instance="a:80", job="api"}"#);
    }

    #[test]
    fn quotes_hide_commas() {
        let spec = parse(r#"-,zone="a,b=\"c\"",time=1.5"#, InputFormat::Text).unwrap();
        assert_eq!(spec.labels.get("zone"), Some("a,b=\"c\""));
        assert_eq!((spec.time, spec.format), (Some(1500), InputFormat::Text));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("x,job", "\"job\" is not KEY=VALUE"),
            ("x,time=soon", "\"soon\" is not"),
            ("x,format=yaml", "yaml"),
            ("x,=1", "needs a name"),
            ("x,a=\"1", "not closed"),
        ] {
            let error = parse(text, InputFormat::Auto).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
