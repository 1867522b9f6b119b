//! Times as the HTTP API and the reference's tool print them.

use std::fmt::Write as _;

/// A time of the API: seconds, whole or with exactly three decimals.
///
/// ```
/// assert_eq!(ferula::result::api_time(1_000), "1");
/// assert_eq!(ferula::result::api_time(-1_050), "-1.050");
/// ```
pub fn api_time(ms: i64) -> String {
    let (seconds, rest) = (ms.unsigned_abs() / 1000, ms.unsigned_abs() % 1000);
    let mut out = String::new();
    if ms < 0 {
        out.push('-');
    }
    let _ = write!(out, "{seconds}");
    if rest != 0 {
        let _ = write!(out, ".{rest:03}");
    }
    out
}

/// A time in seconds at its shortest: 1.5, not 1.500.
pub(super) fn short_time(ms: i64) -> String {
    let text = api_time(ms);
    if text.contains('.') { text.trim_end_matches('0').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_decimals_or_none() {
        for (ms, long, short) in [
            (0, "0", "0"),
            (1005, "1.005", "1.005"),
            (1050, "1.050", "1.05"),
            (1500, "1.500", "1.5"),
            (-7, "-0.007", "-0.007"),
            (120_000, "120", "120"),
            (i64::MIN, "-9223372036854775.808", "-9223372036854775.808"),
        ] {
            assert_eq!(api_time(ms), long);
            assert_eq!(short_time(ms), short);
        }
    }
}
