//! Names: texts that are mostly short.

use super::ByteString;
use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A name in a query: of a metric or a label. Used as a `str`; a short one takes no memory of its
/// own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Name(ByteString);

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        // It was made of a text, so it is one.
        self.0.as_str().unwrap_or_default()
    }
    /// The text as a text that need not be one.
    pub(crate) fn as_byte_string(&self) -> &ByteString {
        &self.0
    }
    /// A name of bytes that are known to be UTF-8; others make an empty one.
    #[inline]
    pub(crate) fn from_checked(text: &[u8]) -> Name {
        Name(text.into())
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}
impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}
/// As its text, which it can be looked up by.
impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}
impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name(text.into())
    }
}
impl From<String> for Name {
    fn from(text: String) -> Self {
        Name(text.into())
    }
}
impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == *other
    }
}
impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == **other
    }
}
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::Name;
    use std::collections::HashSet;

    #[test]
    fn a_name_is_its_text() {
        for text in ["", "job", "a_name_that_is_longer_than_what_is_kept_in_place"] {
            let name = Name::from(text);
            assert_eq!((name.as_str(), name.to_string(), name.len()), (text, text.to_owned(), text.len()));
            assert!(name == *text && name == text && name == Name::from(text.to_owned()));
            assert!(HashSet::from([name]).contains(text));
        }
    }
}
