//! The outer layers of a page: records with their length in front, and the fields of a family.
//!
//! Families are not decoded as a whole: a family of many metrics would cost a multiple of its
//! size, and an empty metric of two bytes hundreds. So a family stays bytes, and only places of
//! metrics are handed out.

use super::super::entry::MetricKind;
use super::super::lex::part;
use super::ProtobufError;
use std::ops::Range;

/// The longest length in front of a record, in bytes.
const LENGTH_BYTES: usize = 5;

/// The value and the end of a varint of at most `most` bytes.
fn varint(data: &[u8], at: usize, most: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, byte) in part(data, at, at.saturating_add(most)).iter().enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shifted = bits.checked_shl(7 * i as u32).filter(|v| v >> (7 * i) == bits)?;
        value |= shifted;
        if byte & 0x80 == 0 {
            return Some((value, at + i + 1));
        }
    }
    None
}

/// The bytes of the record that begins at `at`, without its length.
///
/// # Errors
/// No length, or fewer bytes than it says.
pub(super) fn record(data: &[u8], at: usize) -> Result<Range<usize>, ProtobufError> {
    let (length, start) = varint(data, at, LENGTH_BYTES).ok_or(ProtobufError::Length)?;
    let left = data.len().saturating_sub(start);
    match usize::try_from(length) {
        Ok(length) if length <= left => Ok(start..start + length),
        _ => {
            let prefix = (start - at) as u64;
            Err(ProtobufError::Short { expected: length.saturating_add(prefix), got: left as u64 + prefix })
        }
    }
}

/// One field of a message.
pub(super) struct Field {
    pub number: u64,
    pub value: FieldValue,
    /// Where the next field begins.
    pub end: usize,
}

/// What a field holds, as far as the wire tells.
pub(super) enum FieldValue {
    Varint(u64),
    Bytes(Range<usize>),
    Fixed,
}

/// The field at `at`, within the first `end` bytes.
///
/// # Errors
/// A tag or value that is none, or goes beyond the end.
pub(super) fn field(data: &[u8], at: usize, end: usize) -> Result<Field, ProtobufError> {
    let data = part(data, 0, end);
    let cut = || ProtobufError::Malformed("unexpected EOF".to_owned());
    let (tag, at) = varint(data, at, 10).ok_or_else(cut)?;
    let number = tag >> 3;
    if number == 0 {
        return Err(ProtobufError::Malformed(format!("illegal tag {number} (wire type {})", tag & 7)));
    }
    let fixed = |size: usize| {
        let end = at.checked_add(size).filter(|end| *end <= data.len()).ok_or_else(cut)?;
        Ok((FieldValue::Fixed, end))
    };
    let (value, end) = match tag & 7 {
        0 => varint(data, at, 10).map(|(value, end)| (FieldValue::Varint(value), end)).ok_or_else(cut)?,
        1 => fixed(8)?,
        2 => {
            let (length, start) = varint(data, at, 10).ok_or_else(cut)?;
            let end = usize::try_from(length).ok().and_then(|l| start.checked_add(l)).filter(|end| *end <= data.len());
            let end = end.ok_or_else(cut)?;
            (FieldValue::Bytes(start..end), end)
        }
        5 => fixed(4)?,
        // Groups, which the format never had.
        other => return Err(ProtobufError::Malformed(format!("illegal wireType {other}"))),
    };
    Ok(Field { number, value, end })
}

/// What a family says about itself; of repeated fields the last one holds.
#[derive(Clone, Default, Debug)]
pub(super) struct Header {
    pub name: Range<usize>,
    pub help: Range<usize>,
    pub unit: Range<usize>,
    /// The number of the type.
    pub kind: u64,
}

/// The field numbers of a family.
const NAME: u64 = 1;
const HELP: u64 = 2;
const TYPE: u64 = 3;
const METRIC: u64 = 4;
const UNIT: u64 = 5;

/// Reads all of a family but its metrics.
///
/// # Errors
/// Fields that are none, or have the wrong wire type.
pub(super) fn header(data: &[u8], record: Range<usize>) -> Result<Header, ProtobufError> {
    let mut header = Header::default();
    let mut at = record.start;
    while at < record.end {
        let Field { number, value, end } = field(data, at, record.end)?;
        match (number, value) {
            (NAME, FieldValue::Bytes(place)) => header.name = place,
            (HELP, FieldValue::Bytes(place)) => header.help = place,
            (UNIT, FieldValue::Bytes(place)) => header.unit = place,
            (TYPE, FieldValue::Varint(kind)) => header.kind = kind,
            (METRIC, FieldValue::Bytes(_)) => {}
            (NAME..=UNIT, _) => return Err(ProtobufError::Malformed(format!("wrong wireType for field {number} of MetricFamily"))),
            _ => {}
        }
        at = end;
    }
    Ok(header)
}

/// The place of the next metric of a family, searched from `at` on.
///
/// # Errors
/// As [`header`].
pub(super) fn metric(data: &[u8], mut at: usize, end: usize) -> Result<Option<Range<usize>>, ProtobufError> {
    while at < end {
        let field = field(data, at, end)?;
        if let (METRIC, FieldValue::Bytes(place)) = (field.number, field.value) {
            return Ok(Some(place));
        }
        at = field.end;
    }
    Ok(None)
}

/// The kind that a type's number means.
pub(super) fn kind(number: u64) -> Option<MetricKind> {
    Some(match number {
        0 => MetricKind::Counter,
        1 => MetricKind::Gauge,
        2 => MetricKind::Summary,
        3 => MetricKind::Unknown,
        4 => MetricKind::Histogram,
        5 => MetricKind::GaugeHistogram,
        _ => return None,
    })
}

/// Whether a page consists of nothing but records that can be families.
pub(in super::super) fn is_protobuf(page: &[u8]) -> bool {
    let mut at = 0;
    while at < page.len() {
        let Ok(record) = record(page, at) else { return false };
        // The name comes first in what libraries write.
        if record.is_empty() || page.get(record.start) != Some(&0x0a) || header(page, record.clone()).is_err() {
            return false;
        }
        at = record.end;
    }
    !page.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_end() {
        assert_eq!(varint(&[0x96, 0x01], 0, 5), Some((150, 2)));
        assert_eq!(varint(&[0x80; 12], 0, 10), None);
        assert_eq!(varint(&[0x80], 0, 10), None);
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 0, 10), Some((u64::MAX, 10)));
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], 0, 10), None);
    }

    #[test]
    fn text_is_no_protobuf() {
        // The first line's end could be the length of what follows, which begins like a name.
        for page in ["", "\n\nfoo 1234\n", "# EOF\n", "up 1\n", "\n"] {
            assert!(!is_protobuf(page.as_bytes()), "{page:?}");
        }
        assert!(is_protobuf(b"\x04\x0a\x02up"));
    }
}
