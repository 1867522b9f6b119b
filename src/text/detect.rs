//! Which format a page has.

/// A format of metrics pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus text, versions 0.0.4 and 1.0.0: `text/plain`.
    Prometheus,
    /// OpenMetrics text, versions 0.0.1 and 1.0.0: `application/openmetrics-text`.
    OpenMetrics1,
}

/// A Content-Type that names no format of metrics pages.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unsupported Content-Type \"{0}\": expected text/plain or application/openmetrics-text")]
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
            "application/openmetrics-text" => Ok(Format::OpenMetrics1),
            _ => Err(UnknownContentType(text.to_owned())),
        }
    }

    /// The Content-Type that exporters send.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics1 => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// The format of a page that comes without a Content-Type: OpenMetrics ends in `# EOF`, anything
/// else is Prometheus text.
///
/// ```
/// use ferula::text::{Format, detect};
/// assert_eq!(detect(b"up 1\n"), Format::Prometheus);
/// assert_eq!(detect(b"up 1\n# EOF\n"), Format::OpenMetrics1);
/// ```
pub fn detect(page: &[u8]) -> Format {
    let body = page.strip_suffix(b"\n").unwrap_or(page);
    let last = body.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    if last == b"# EOF" { Format::OpenMetrics1 } else { Format::Prometheus }
}
