//! Text that need not be UTF-8: PromQL strings may hold any bytes (`"\xff"`).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A string of PromQL: usually UTF-8, but any bytes are legal. Short ones take no memory of their
/// own.
#[derive(Clone)]
pub struct ByteString(Bytes);

/// The longest text that is kept in place.
const SHORT: usize = 22;

#[derive(Clone)]
enum Bytes {
    /// Length and bytes; those after the length are zero.
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

impl ByteString {
    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Short(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Bytes::Long(bytes) => bytes,
        }
    }
    /// The text, if it is valid UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl Default for ByteString {
    fn default() -> Self {
        ByteString(Bytes::Short(0, [0; SHORT]))
    }
}
impl PartialEq for ByteString {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl Eq for ByteString {}
impl PartialOrd for ByteString {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for ByteString {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}
impl Hash for ByteString {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

/// Copies a few bytes to where there is room for as many, in place: these are too few to be worth a
/// call of the system's copy.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    if !copy_ends::<16>(from, to) && !copy_ends::<8>(from, to) && !copy_ends::<4>(from, to) {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}

/// Copies the first and last `N` bytes, which overlap, if there are so many.
#[inline]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) -> bool {
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else { return false };
    if let Some(to) = to.first_chunk_mut::<N>() {
        *to = *first;
    }
    if let Some(to) = to.last_chunk_mut::<N>() {
        *to = *last;
    }
    true
}

impl From<&[u8]> for ByteString {
    #[inline]
    fn from(s: &[u8]) -> Self {
        let mut short = [0; SHORT];
        match (short.get_mut(..s.len()), u8::try_from(s.len())) {
            (Some(head), Ok(length)) => {
                copy(s, head);
                ByteString(Bytes::Short(length, short))
            }
            _ => ByteString(Bytes::Long(s.into())),
        }
    }
}
impl From<&str> for ByteString {
    fn from(s: &str) -> Self {
        s.as_bytes().into()
    }
}
impl From<String> for ByteString {
    fn from(s: String) -> Self {
        s.into_bytes().into()
    }
}
impl From<Vec<u8>> for ByteString {
    fn from(s: Vec<u8>) -> Self {
        if s.len() <= SHORT { s.as_slice().into() } else { ByteString(Bytes::Long(s.into())) }
    }
}
impl PartialEq<str> for ByteString {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl PartialEq<&str> for ByteString {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
/// Invalid bytes show as U+FFFD.
impl fmt::Display for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.as_bytes()))
    }
}
impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::ByteString;

    #[test]
    fn short_and_long_texts_are_compared_by_their_bytes() {
        for length in [0, 1, 21, 22, 23, 300] {
            let text = "x".repeat(length);
            let kept = ByteString::from(text.as_str());
            assert_eq!((kept.as_bytes(), kept.is_empty()), (text.as_bytes(), length == 0));
            assert_eq!(kept, ByteString::from(text.clone().into_bytes()));
            assert!(kept < ByteString::from(text + "x"));
        }
        let (short, long) = (ByteString::from("b"), ByteString::from("a".repeat(30)));
        assert!(short > long);
    }
}
