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
    Short(Short),
    Long(Box<[u8]>),
}

/// A text in place. What tells it from a long one comes last, so that the text begins where the
/// first of three words does and is moved about as these.
#[derive(Clone)]
#[repr(C)]
struct Short {
    /// The text, zeros behind it.
    bytes: [u8; SHORT],
    length: u8,
    in_place: InPlace,
}

/// Takes a byte for its one value: with any other in it, the three words are a long text.
#[derive(Clone)]
#[repr(u8)]
enum InPlace {
    Here,
}

impl ByteString {
    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Bytes::Short(Short { bytes, length, .. }) => bytes.get(..usize::from(*length)).unwrap_or_default(),
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
        ByteString(Bytes::Short(Short { bytes: [0; SHORT], length: 0, in_place: InPlace::Here }))
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

/// A short text with zeros behind it. It is put together in three words, not byte by byte: what is
/// written in small pieces is slow to move on in large ones.
#[inline]
fn padded(text: &[u8]) -> [u8; SHORT] {
    let length = text.len();
    // The last piece overlaps the first, or is shifted to where it belongs.
    let words = if let (Some((first, rest)), Some(last)) = (text.split_first_chunk(), text.last_chunk()) {
        let shifted = |last: [u8; 8], end: usize| u64::from_le_bytes(last).checked_shr(8 * (end - length) as u32).unwrap_or(0);
        match rest.first_chunk() {
            None => [u64::from_le_bytes(*first), shifted(*last, 16), 0],
            Some(second) => [u64::from_le_bytes(*first), u64::from_le_bytes(*second), shifted(*last, 24)],
        }
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        [u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4)), 0, 0]
    } else {
        [text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0, 0]
    };
    let bytes = words.map(u64::to_le_bytes);
    bytes.as_flattened().first_chunk().copied().unwrap_or([0; SHORT])
}

impl From<&[u8]> for ByteString {
    #[inline]
    fn from(s: &[u8]) -> Self {
        match u8::try_from(s.len()) {
            Ok(length) if s.len() <= SHORT => ByteString(Bytes::Short(Short { bytes: padded(s), length, in_place: InPlace::Here })),
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
        assert_eq!(size_of::<Option<ByteString>>(), 24);
        for length in (0..30).chain([300]) {
            let text: String = ('A'..='z').cycle().take(length).collect();
            let kept = ByteString::from(text.as_str());
            assert_eq!((kept.as_bytes(), kept.is_empty()), (text.as_bytes(), length == 0));
            assert_eq!(kept, ByteString::from(text.clone().into_bytes()));
            assert!(kept < ByteString::from(text + "x"));
        }
        let (short, long) = (ByteString::from("b"), ByteString::from("a".repeat(30)));
        assert!(short > long);
    }
}
