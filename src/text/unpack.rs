//! Packed pages.

use std::borrow::Cow;

/// How large a page may become by default: 1 GiB.
pub const UNPACK_LIMIT: usize = 1 << 30;

/// Why a page cannot be unpacked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackError {
    /// The data is broken, or ends too early.
    #[cfg(feature = "gzip")]
    #[error("the page is broken as gzip: {0}")]
    Broken(#[from] std::io::Error),
    /// More than the limit comes out of it.
    #[error("the page is larger than {limit} bytes when unpacked")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// The crate was built without what this takes.
    #[error("the page is packed with {0}, which this build cannot read")]
    Unsupported(&'static str),
}

/// The page as it is, or what it holds if it is packed with gzip (feature `gzip`). What comes
/// out may have at most `limit` bytes; memory grows with what was unpacked so far, not with what
/// the page promises.
///
/// # Errors
/// Broken data, more than `limit` bytes, or a packing that this build does not know.
///
/// ```
/// use ferula::text::{UNPACK_LIMIT, unpack};
/// assert_eq!(&*unpack(b"up 1\n", UNPACK_LIMIT)?, b"up 1\n");
/// # Ok::<(), ferula::text::UnpackError>(())
/// ```
pub fn unpack(page: &[u8], limit: usize) -> Result<Cow<'_, [u8]>, UnpackError> {
    if page.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Err(UnpackError::Unsupported("zstd"));
    }
    if !page.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(page));
    }
    gunzip(page, limit).map(Cow::Owned)
}

#[cfg(feature = "gzip")]
fn gunzip(page: &[u8], limit: usize) -> Result<Vec<u8>, UnpackError> {
    use std::io::Read;
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(page).take(most).read_to_end(&mut out)?;
    if out.len() > limit { Err(UnpackError::TooLarge { limit }) } else { Ok(out) }
}

#[cfg(not(feature = "gzip"))]
fn gunzip(_: &[u8], _: usize) -> Result<Vec<u8>, UnpackError> {
    Err(UnpackError::Unsupported("gzip"))
}

#[cfg(all(test, feature = "gzip"))]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn packed(page: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(page).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_are_joined() {
        let mut page = packed(b"a 1\n");
        page.extend(packed(b"b 2\n"));
        assert_eq!(&*unpack(&page, 100).unwrap(), b"a 1\nb 2\n");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let page = packed(&vec![b'#'; 1 << 20]);
        assert!(page.len() < 4096);
        assert!(matches!(unpack(&page, 1000), Err(UnpackError::TooLarge { limit: 1000 })));
        assert_eq!(unpack(&page, 1 << 20).unwrap().len(), 1 << 20);
    }

    #[test]
    fn broken_data_is_an_error() {
        let page = packed(b"a 1\n");
        for cut in 2..page.len() {
            assert!(matches!(unpack(&page[..cut], 100), Err(UnpackError::Broken(_))), "cut at {cut}");
        }
    }
}
