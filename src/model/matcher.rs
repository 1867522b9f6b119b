//! Label matchers.

use super::labels::METRIC_NAME;
use super::regex::{Pattern, RegexError};
use super::{ByteString, Name, Span};
use std::fmt;
use std::sync::Arc;

/// How a matcher compares.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, anchored at both ends.
    Regex,
    /// `!~`, anchored at both ends.
    NotRegex,
}

impl MatchOp {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        }
    }
}

impl fmt::Display for MatchOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A matcher of one label. An absent label has the empty value.
///
/// # Examples
///
/// ```
/// use ferula::model::{MatchOp, Matcher, Span};
///
/// let matcher = Matcher::new("job".into(), MatchOp::Regex, "(".into(), Span::default());
/// assert_eq!(matcher.unwrap_err().to_string(), "error parsing regexp: missing closing ): `(`");
/// assert!(Matcher::equal("job", "").matches_empty());
/// ```
#[derive(Clone)]
pub struct Matcher {
    /// The label; any bytes may be written in a query.
    pub name: ByteString,
    /// How the value is compared.
    pub op: MatchOp,
    /// The value or regular expression as written.
    pub value: ByteString,
    /// Where it stands in the query: from the label to the end of the value.
    pub span: Span,
    /// The expression of `=~` and `!~`; clones share what is compiled.
    pattern: Option<Arc<Pattern>>,
}

impl Matcher {
    /// A matcher; the regular expression of `=~` and `!~` is read at once, but compiled when
    /// first needed.
    ///
    /// # Errors
    /// What is wrong with the regular expression, in Go's words.
    pub fn new(name: ByteString, op: MatchOp, value: ByteString, span: Span) -> Result<Matcher, RegexError> {
        let pattern = Matcher::pattern(op, value.as_bytes())?;
        Ok(Matcher::with_pattern(name, op, value, span, pattern))
    }

    /// What [`Matcher::with_pattern`] needs beside the value.
    pub(crate) fn pattern(op: MatchOp, value: &[u8]) -> Result<Option<Arc<Pattern>>, RegexError> {
        match op {
            MatchOp::Equal | MatchOp::NotEqual => Ok(None),
            MatchOp::Regex | MatchOp::NotRegex => Ok(Some(Arc::new(Pattern::new(value)?))),
        }
    }

    /// A matcher whose regular expression has been read.
    #[inline]
    pub(crate) fn with_pattern(name: ByteString, op: MatchOp, value: ByteString, span: Span, pattern: Option<Arc<Pattern>>) -> Matcher {
        Matcher { name, op, value, span, pattern }
    }

    /// `name="value"`, with an empty span.
    pub fn equal(name: &str, value: &str) -> Matcher {
        Matcher { name: name.into(), op: MatchOp::Equal, value: value.into(), span: Span::default(), pattern: None }
    }

    /// `__name__="value"`, standing at `span`.
    pub(crate) fn of_name(name: &Name, span: Span) -> Matcher {
        let value = name.as_byte_string().clone();
        Matcher { name: METRIC_NAME.into(), op: MatchOp::Equal, value, span, pattern: None }
    }

    /// Whether a series without the label is selected.
    pub fn matches_empty(&self) -> bool {
        match (self.op, &self.pattern) {
            (MatchOp::Equal, _) => self.value.is_empty(),
            (MatchOp::NotEqual, _) => !self.value.is_empty(),
            (MatchOp::Regex, pattern) => pattern.as_ref().is_some_and(|p| p.matches_empty()),
            (MatchOp::NotRegex, pattern) => pattern.as_ref().is_some_and(|p| !p.matches_empty()),
        }
    }

    /// The values that alone fit the regular expression, where these are few (`a|b|c`): `=~`
    /// selects exactly these, `!~` all others. `None` for `=` and `!=`.
    pub fn set_matches(&self) -> Option<&[String]> {
        self.pattern.as_ref().and_then(|p| p.set_matches())
    }

    /// What all values that fit the regular expression begin with; empty where nothing is known,
    /// and for `=` and `!=`.
    pub fn prefix(&self) -> &str {
        self.pattern.as_ref().map_or("", |p| p.prefix())
    }
}

#[cfg(feature = "engine")]
impl Matcher {
    /// Compiles the regular expression, if there is one and it is not compiled.
    ///
    /// # Errors
    /// [`RegexErrorKind::TooLarge`](super::regex::RegexErrorKind::TooLarge) where its automaton
    /// would take too much memory.
    pub fn prepare(&self) -> Result<(), RegexError> {
        self.pattern.as_ref().map_or(Ok(()), |p| p.prepare())
    }

    /// Whether a series whose label has this value is selected; an absent label has the value `""`.
    ///
    /// Where [`Matcher::prepare`] fails, no value fits the expression.
    pub fn matches(&self, value: &str) -> bool {
        match (self.op, &self.pattern) {
            (MatchOp::Equal, _) => self.value == *value,
            (MatchOp::NotEqual, _) => self.value != *value,
            (MatchOp::Regex, pattern) => pattern.as_ref().is_some_and(|p| p.matches(value)),
            (MatchOp::NotRegex, pattern) => pattern.as_ref().is_some_and(|p| !p.matches(value)),
        }
    }
}

/// Spans do not take part.
impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.op == other.op && self.value == other.value
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:?}", self.name, self.op, self.value)
    }
}
