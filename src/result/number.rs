//! Numbers and times as the HTTP API and the reference's tool print them.

use std::fmt::Write as _;

/// A sample value of the API, without its quotes: shortest digits, an exponent below 1e-6 and
/// from 1e21 on.
///
/// ```
/// use ferula::result::api_float;
/// assert_eq!(api_float(0.1), "0.1");
/// assert_eq!(api_float(1e-7), "1e-07");
/// assert_eq!(api_float(f64::INFINITY), "+Inf");
/// ```
pub fn api_float(value: f64) -> String {
    let size = value.abs();
    if value != 0.0 && value.is_finite() && !(1e-6..1e21).contains(&size) { exponent(value) } else { decimal(value) }
}

/// Shortest digits, never an exponent.
pub(super) fn decimal(value: f64) -> String {
    match value {
        v if v.is_nan() => "NaN".into(),
        v if v.is_infinite() => if v > 0.0 { "+Inf" } else { "-Inf" }.into(),
        v => v.to_string(),
    }
}

/// Shortest digits with an exponent of a sign and at least two digits.
pub(super) fn exponent(value: f64) -> String {
    let text = format!("{value:e}");
    let Some((digits, power)) = text.split_once('e') else { return text };
    let (sign, power) = match power.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', power),
    };
    format!("{digits}e{sign}{power:0>2}")
}

/// `%g` at its shortest, with an exponent below 1e-4 and from 1e21 on.
pub(super) fn general(value: f64) -> String {
    let size = value.abs();
    if value != 0.0 && value.is_finite() && !(1e-4..1e21).contains(&size) { exponent(value) } else { decimal(value) }
}

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
    fn the_exponent_starts_where_the_reference_starts_it() {
        let cases: [(f64, &str); 13] = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1e-6, "0.000001"),
            (9.99e-7, "9.99e-07"),
            (3e-9, "3e-09"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Inf"),
            (0.1 + 0.2, "0.30000000000000004"),
            (123456789.5, "123456789.5"),
        ];
        for (value, text) in cases {
            assert_eq!(api_float(value), text);
        }
        assert_eq!(decimal(1e-9), "0.000000001");
        assert_eq!(general(1e-5), "1e-05");
    }

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
