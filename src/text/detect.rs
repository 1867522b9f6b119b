//! Which format a page has.

/// A format of metrics pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus text, versions 0.0.4 and 1.0.0: `text/plain`.
    Prometheus,
    /// OpenMetrics text, versions 0.0.1 and 1.0.0: `application/openmetrics-text`.
    OpenMetrics1,
    /// OpenMetrics text, version 2.0.0, experimental: `application/openmetrics-text; version=2.0.0`.
    OpenMetrics2,
    /// Protobuf messages with their length in front: `application/vnd.google.protobuf`. Needs the
    /// feature `protobuf`.
    #[cfg(feature = "protobuf")]
    Protobuf,
}

/// A Content-Type that names no format of metrics pages.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "unsupported Content-Type \"{0}\": expected text/plain, application/openmetrics-text or (feature protobuf) application/vnd.google.protobuf"
)]
pub struct UnknownContentType(pub String);

impl Format {
    /// The format that a Content-Type header names. Of the parameters only the version of
    /// OpenMetrics matters.
    ///
    /// # Errors
    /// Another media type.
    ///
    /// ```
    /// use ferula::text::Format;
    /// assert_eq!(Format::from_content_type("text/plain; version=0.0.4; charset=utf-8"), Ok(Format::Prometheus));
    /// assert_eq!(Format::from_content_type("application/openmetrics-text; version=1.0.0"), Ok(Format::OpenMetrics1));
    /// assert!(Format::from_content_type("text/html").is_err());
    /// ```
    pub fn from_content_type(text: &str) -> Result<Format, UnknownContentType> {
        let mut parts = text.split(';');
        let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        match media.as_str() {
            "text/plain" => Ok(Format::Prometheus),
            "application/openmetrics-text" => {
                let version = parts.filter_map(|p| p.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("version"));
                let second = version.is_some_and(|(_, value)| value.trim().trim_matches('"') == "2.0.0");
                Ok(if second { Format::OpenMetrics2 } else { Format::OpenMetrics1 })
            }
            #[cfg(feature = "protobuf")]
            "application/vnd.google.protobuf" => Ok(Format::Protobuf),
            _ => Err(UnknownContentType(text.to_owned())),
        }
    }

    /// The Content-Type that exporters send.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics1 => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Format::OpenMetrics2 => "application/openmetrics-text; version=2.0.0; charset=utf-8",
            #[cfg(feature = "protobuf")]
            Format::Protobuf => "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
        }
    }
}

/// The format of a page that comes without a Content-Type: OpenMetrics ends in `# EOF`, and is of
/// version 2.0 if a line has a composite value or a start time; a page that consists of messages of
/// metric families is protobuf; anything else is Prometheus text.
///
/// ```
/// use ferula::text::{Format, detect};
/// assert_eq!(detect(b"up 1\n"), Format::Prometheus);
/// assert_eq!(detect(b"up 1\n# EOF\n"), Format::OpenMetrics1);
/// assert_eq!(detect(b"up 1 st@5\n# EOF\n"), Format::OpenMetrics2);
/// ```
pub fn detect(page: &[u8]) -> Format {
    let body = page.strip_suffix(b"\n").unwrap_or(page);
    let mut lines = body.rsplit(|b| *b == b'\n');
    if lines.next() != Some(b"# EOF") {
        #[cfg(feature = "protobuf")]
        if super::protobuf::is_protobuf(page) {
            return Format::Protobuf;
        }
        return Format::Prometheus;
    }
    if lines.any(is_second) { Format::OpenMetrics2 } else { Format::OpenMetrics1 }
}

/// Whether a line has what only version 2.0 allows, outside of quotes.
fn is_second(line: &[u8]) -> bool {
    if line.first() == Some(&b'#') {
        return false;
    }
    let mut quoted = false;
    let mut at = 0;
    while let Some(b) = line.get(at) {
        match b {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b' ' if !quoted => {
                let rest = line.get(at..).unwrap_or_default();
                let composite = rest.starts_with(b" {") && rest.get(2).is_some_and(|c| c.is_ascii_lowercase() || *c == b'}');
                if rest.starts_with(b" # {") {
                    return false;
                }
                if composite || rest.starts_with(b" st@") {
                    return true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}
