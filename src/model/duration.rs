//! Lengths of time as Prometheus writes and reads them: `1h30m`, `1s500ms`, `2w`.

use super::quote::quote;

/// Why a text is no duration. The texts are the reference's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DurationError {
    /// Nothing at all.
    #[error("empty duration string")]
    Empty,
    /// Units out of order or repeated, a missing number or unit, a number too large to read.
    #[error("not a valid duration string: {}", quote(.0.as_bytes()))]
    Invalid(String),
    /// A unit that does not exist.
    #[error("unknown unit {} in duration {}", quote(.unit.as_bytes()), quote(.text.as_bytes()))]
    UnknownUnit {
        /// The unit.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// More than some 292 years.
    #[error("duration out of range")]
    OutOfRange,
}

const MS: i64 = 1_000_000;

/// Units from the longest to the shortest, in nanoseconds.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 86_400_000 * MS),
    ("w", 7 * 86_400_000 * MS),
    ("d", 86_400_000 * MS),
    ("h", 3_600_000 * MS),
    ("m", 60_000 * MS),
    ("s", 1_000 * MS),
    ("ms", MS),
];

/// Reads a duration; the result is in ms.
///
/// Units must descend (`y w d h m s ms`) and not repeat; `0` needs none.
///
/// ```
/// use ferula::model::duration::parse;
/// assert_eq!(parse("1h30m"), Ok(5_400_000));
/// assert_eq!(parse("1m1h").unwrap_err().to_string(), r#"not a valid duration string: "1m1h""#);
/// ```
pub fn parse(text: &str) -> Result<i64, DurationError> {
    if text == "0" {
        return Ok(0);
    }
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    let invalid = || DurationError::Invalid(text.to_owned());
    let (mut total, mut units, mut rest) = (0i64, UNITS.as_slice(), text);
    while !rest.is_empty() {
        let (digits, after) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let number: u64 = digits.parse().map_err(|_| invalid())?;
        if unit.is_empty() {
            return Err(invalid());
        }
        if !UNITS.iter().any(|(name, _)| *name == unit) {
            return Err(DurationError::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() });
        }
        let place = units.iter().position(|(name, _)| *name == unit).ok_or_else(invalid)?;
        let length = i64::try_from(number).ok().and_then(|n| n.checked_mul(units[place].1));
        total = length.and_then(|n| total.checked_add(n)).ok_or(DurationError::OutOfRange)?;
        units = &units[place + 1..];
        rest = after;
    }
    Ok(total / MS)
}

/// Writes a duration of so many ms as Prometheus does, negative ones with a sign.
///
/// Years and weeks are used only where they fit exactly.
///
/// ```
/// use ferula::model::duration::format_ms;
/// assert_eq!(format_ms(5_400_000), "1h30m");
/// assert_eq!(format_ms(14 * 86_400_000), "2w");
/// assert_eq!(format_ms(-1_500), "-1s500ms");
/// ```
pub fn format_ms(ms: i64) -> String {
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    if ms < 0 {
        text.push('-');
    }
    let mut rest = ms.unsigned_abs();
    for (place, (unit, length)) in UNITS.iter().enumerate() {
        let length = length.unsigned_abs() / MS.unsigned_abs();
        let exact_only = place < 2;
        if exact_only && !rest.is_multiple_of(length) {
            continue;
        }
        if rest >= length {
            text.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_weeks_only_where_they_fit() {
        let day = 86_400_000;
        for (ms, text) in [
            (0, "0s"),
            (90 * 60_000, "1h30m"),
            (7 * day, "1w"),
            (8 * day, "8d"),
            (400 * day, "400d"),
            (365 * day, "1y"),
            (366 * day, "366d"),
            (1_500, "1s500ms"),
            (i64::MIN, "-106751991167d7h12m55s808ms"),
        ] {
            assert_eq!(format_ms(ms), text);
        }
    }

    #[test]
    fn units_descend() {
        assert_eq!(parse("1y2w3d4h5m6s7ms"), Ok(33_019_506_007));
        for wrong in ["1m1h", "1m1m", "m", "1", "1m5", "99999999999999999999m"] {
            assert_eq!(parse(wrong), Err(DurationError::Invalid(wrong.to_owned())));
        }
        assert_eq!(parse("1hs").unwrap_err().to_string(), r#"unknown unit "hs" in duration "1hs""#);
        assert_eq!(parse("293y"), Err(DurationError::OutOfRange));
        assert_eq!(parse("292y"), Ok(292 * 365 * 86_400_000));
        assert_eq!(parse("0"), Ok(0));
        assert_eq!(parse(""), Err(DurationError::Empty));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(ms in 0i64..9_000_000_000_000) {
            proptest::prop_assert_eq!(parse(&format_ms(ms)), Ok(ms));
        }
    }
}
