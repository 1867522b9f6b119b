//! Numbers as Go prints and reads them.
//!
//! Prometheus shows floats in five forms: `%g` in messages and labels, plain decimals in the
//! canonical text of a query, a JSON form in the HTTP API, six decimals (`%f`), and the
//! OpenMetrics form in `le` labels. All of them start from the shortest digits that read back as
//! the same float. Rust and Go agree on these, but for floats exactly between two such texts:
//! there Go takes the one with the even last digit.

mod reading;

pub(crate) use reading::read;
pub use reading::{NumberError, parse_go_float, parse_go_int, parse_number};

/// Sign, digits and decimal exponent of a finite float: `d.ddd × 10^exponent`.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i32,
}

/// Takes apart what `{:e}` prints (`-1.25e-7`).
fn decimal(scientific: &str) -> Decimal {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    Decimal {
        negative: mantissa.starts_with('-'),
        digits: mantissa.chars().filter(char::is_ascii_digit).collect(),
        exponent: exponent.parse().unwrap_or(0),
    }
}

impl Decimal {
    /// `d.ddde±xx`, the exponent with at least two digits.
    fn scientific(&self) -> String {
        let mut out = String::with_capacity(self.digits.len() + 8);
        if self.negative {
            out.push('-');
        }
        for (i, digit) in self.digits.chars().enumerate() {
            if i == 1 {
                out.push('.');
            }
            out.push(digit);
        }
        let sign = if self.exponent < 0 { '-' } else { '+' };
        out.push_str(&format!("e{sign}{:02}", self.exponent.unsigned_abs()));
        out
    }
}

/// Whether a float may lie exactly between two decimals of 16 or 17 digits that both read back
/// as it. It then has some decimals, at most 25 of them, and as many binary places.
fn may_tie(value: f64) -> bool {
    value.abs() < 2f64.powi(53) && value.fract() != 0.0 && (value * 2f64.powi(25)).fract() == 0.0
}

/// The shorter the text, the fewer floats share it: below this length none do.
const SHORTEST_TIE: usize = 17;

/// What `{}` prints. Digits that need no exponent are there sooner.
#[cfg(not(target_arch = "wasm32"))]
fn written(value: f64) -> String {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    if text.contains('e') { format!("{value}") } else { text.strip_suffix(".0").unwrap_or(text).to_owned() }
}

/// What `{}` prints. The tables that are faster are a part of what a browser loads.
#[cfg(target_arch = "wasm32")]
fn written(value: f64) -> String {
    format!("{value}")
}

/// The shortest digits without an exponent.
fn plain(value: f64) -> String {
    let text = written(value);
    if text.len() >= SHORTEST_TIE && may_tie(value) {
        let decimals = text.rsplit('.').next().map_or(0, str::len);
        let even = format!("{value:.decimals$}");
        if read(&even) == Some(value) {
            return even;
        }
    }
    text
}

/// The shortest digits as a decimal.
fn shortest(value: f64) -> Decimal {
    let text = decimal(&format!("{value:e}"));
    if text.digits.len() + 1 >= SHORTEST_TIE && may_tie(value) {
        let even = format!("{value:.*e}", text.digits.len() - 1);
        if read(&even) == Some(value) {
            return decimal(&even);
        }
    }
    text
}

/// The names of the floats that have no digits.
fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else {
        None
    }
}

/// `%g` and `%v`: the shortest digits, with an exponent below 1e-4 and from 1e6 on.
///
/// ```
/// use ferula::model::number::format_g;
/// assert_eq!(format_g(0.0001), "0.0001");
/// assert_eq!(format_g(1234567.0), "1.234567e+06");
/// assert_eq!(format_g(f64::INFINITY), "+Inf");
/// ```
pub fn format_g(value: f64) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    if value == 0.0 || (1e-4..1e6).contains(&value.abs()) { plain(value) } else { shortest(value).scientific() }
}

/// `%.<digits>g`: at most `digits` significant digits (at least one), trailing zeros left out, with
/// an exponent below 1e-4 and from 10^digits on.
///
/// ```
/// use ferula::model::number::format_g_precision;
/// assert_eq!(format_g_precision(0.135, 2), "0.14");
/// assert_eq!(format_g_precision(123.0, 2), "1.2e+02");
/// ```
pub fn format_g_precision(value: f64, digits: usize) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    let digits = digits.clamp(1, 17);
    let mut rounded = decimal(&format!("{value:.*e}", digits - 1));
    let significant = rounded.digits.trim_end_matches('0').len().max(1);
    rounded.digits.truncate(significant);
    if value != 0.0 && !(-4..digits as i32).contains(&rounded.exponent) {
        return rounded.scientific();
    }
    // All the digits that are left stand before or after the point as the exponent says.
    let decimals = (significant as i32 - 1 - rounded.exponent).max(0) as usize;
    format!("{value:.decimals$}")
}

/// The shortest decimal without an exponent (`strconv`'s `'f', -1`), as queries print numbers.
///
/// ```
/// use ferula::model::number::format_f;
/// assert_eq!(format_f(1e21), "1000000000000000000000");
/// assert_eq!(format_f(-0.0), "-0");
/// ```
pub fn format_f(value: f64) -> String {
    special(value).map_or_else(|| plain(value), str::to_owned)
}

/// A fixed number of decimals; Go's `%f` has six.
///
/// ```
/// use ferula::model::number::format_fixed;
/// assert_eq!(format_fixed(1.5, 6), "1.500000");
/// ```
pub fn format_fixed(value: f64, decimals: usize) -> String {
    special(value).map_or_else(|| format!("{value:.*}", decimals.min(1100)), str::to_owned)
}

/// The text of a sample value in the HTTP API: decimal notation, but an exponent below 1e-6 and
/// from 1e21 on. The quotes around it are the caller's.
///
/// ```
/// use ferula::model::number::format_api;
/// assert_eq!(format_api(0.000001), "0.000001");
/// assert_eq!(format_api(1e-7), "1e-07");
/// assert_eq!(format_api(1e21), "1e+21");
/// ```
pub fn format_api(value: f64) -> String {
    if let Some(name) = special(value) {
        return name.to_owned();
    }
    if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) { shortest(value).scientific() } else { plain(value) }
}

/// The OpenMetrics form, as `le` and quantile labels have it: `%g`, with `.0` appended to what
/// would look like an integer. Negative zero loses its sign.
///
/// ```
/// use ferula::model::number::format_openmetrics;
/// assert_eq!(format_openmetrics(1.0), "1.0");
/// assert_eq!(format_openmetrics(0.00001), "1e-05");
/// ```
pub fn format_openmetrics(value: f64) -> String {
    if value == 0.0 {
        return "0.0".to_owned();
    }
    let mut text = format_g(value);
    if value.is_finite() && !text.contains(['e', '.']) {
        text.push_str(".0");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_the_same_number() {
        // value, %g, %.2g, 'f', %f, API, OpenMetrics
        let table: [(f64, [&str; 6]); 15] = [
            (0.0, ["0", "0", "0", "0.000000", "0", "0.0"]),
            (-0.0, ["-0", "-0", "-0", "-0.000000", "-0", "0.0"]),
            (1.0, ["1", "1", "1", "1.000000", "1", "1.0"]),
            (-1.5, ["-1.5", "-1.5", "-1.5", "-1.500000", "-1.5", "-1.5"]),
            (10.0, ["10", "10", "10", "10.000000", "10", "10.0"]),
            (99.6, ["99.6", "1e+02", "99.6", "99.600000", "99.6", "99.6"]),
            (123456.0, ["123456", "1.2e+05", "123456", "123456.000000", "123456", "123456.0"]),
            (1234567.0, ["1.234567e+06", "1.2e+06", "1234567", "1234567.000000", "1234567", "1.234567e+06"]),
            (0.125, ["0.125", "0.12", "0.125", "0.125000", "0.125", "0.125"]),
            (0.0001, ["0.0001", "0.0001", "0.0001", "0.000100", "0.0001", "0.0001"]),
            (0.00001, ["1e-05", "1e-05", "0.00001", "0.000010", "0.00001", "1e-05"]),
            (1.25e-7, ["1.25e-07", "1.2e-07", "0.000000125", "0.000000", "1.25e-07", "1.25e-07"]),
            (f64::INFINITY, ["+Inf", "+Inf", "+Inf", "+Inf", "+Inf", "+Inf"]),
            (f64::NEG_INFINITY, ["-Inf", "-Inf", "-Inf", "-Inf", "-Inf", "-Inf"]),
            (f64::NAN, ["NaN", "NaN", "NaN", "NaN", "NaN", "NaN"]),
        ];
        for (value, expected) in table {
            let got = [
                format_g(value),
                format_g_precision(value, 2),
                format_f(value),
                format_fixed(value, 6),
                format_api(value),
                format_openmetrics(value),
            ];
            assert_eq!(got, expected, "{value:?}");
        }
        assert_eq!(format_g(5e-324), "5e-324");
        assert_eq!(format_g(999_999.999_999_999_9), "999999.9999999999");
        assert_eq!(format_g(1e100), "1e+100");
        assert_eq!(format_api(f64::MAX), "1.7976931348623157e+308");
    }

    #[test]
    #[expect(clippy::excessive_precision, reason = "the last digit shows that the float lies between two texts")]
    fn floats_between_two_shortest_texts() {
        for (value, api, g) in [
            (1_778_960_347_580_013.25, "1778960347580013.2", "1.7789603475800132e+15"),
            (-2_011_016_418_936_865.25, "-2011016418936865.2", "-2.0110164189368652e+15"),
            (1_778_960_347_580_013.75, "1778960347580013.8", "1.7789603475800138e+15"),
            (3_984_152_083_496.156_25, "3984152083496.1562", "3.9841520834961562e+12"),
        ] {
            assert_eq!([format_f(value), format_api(value), format_g(value)], [api, api, g]);
        }
    }

    #[test]
    fn floats_that_go_reads() {
        let table = [
            ("1_000", 1000.0),
            ("0_1", 1.0),
            ("017", 17.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1_0.5_0e1_0", 1.05e11),
            ("1e-400", 0.0),
            ("0x_1p4", 16.0),
            ("0x1_0p-2", 4.0),
            ("0x.8p1", 1.0),
            ("0x1P+3", 8.0),
            ("0x1p1_0", 1024.0),
            ("0x1p-1074", 5e-324),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", 5e-324),
            ("0x1p-2000", 0.0),
            ("0x1.fffffffffffff8p0", 2.0),
            ("0x1.fffffffffffff7p1023", f64::MAX),
            ("0x0.00000000000000000001p0", 2f64.powi(-80)),
            ("0x100000000000000000000p-80", 1.0),
            ("-inf", f64::NEG_INFINITY),
            ("+InFiNiTy", f64::INFINITY),
        ];
        for (text, value) in table {
            assert_eq!(parse_go_float(text), Ok(value), "{text}");
        }
        assert_eq!(parse_go_float("NAN").map(f64::to_bits), Ok(crate::model::NAN_BITS));
        assert_eq!(parse_go_float("-0").map(f64::to_bits), Ok((-0.0f64).to_bits()));
    }

    #[test]
    fn texts_that_go_refuses() {
        for text in [
            "", "+", ".", "1e", "1e+", "e5", "0x1", "0xp1", "0x", "1__0", "_1", "1_", "1_.5", "1._5", "1_e5", "0b1", " 1", "1 ", "+nan",
            "infin", "1f", "--1",
        ] {
            assert_eq!(parse_go_float(text), Err(NumberError::Syntax), "{text}");
        }
        for text in ["1e400", "-1e400", "0x1p2000", "0x1p99999999999999999999", "0x1.fffffffffffff8p1023", "1.7976931348623159e308"] {
            assert_eq!(parse_go_float(text), Err(NumberError::Range), "{text}");
        }
        for (text, error) in [
            ("9223372036854775808", NumberError::Range),
            ("0x", NumberError::Syntax),
            ("08", NumberError::Syntax),
            ("", NumberError::Syntax),
        ] {
            assert_eq!(parse_go_int(text), Err(error), "{text}");
        }
        assert_eq!(parse_go_int("-9223372036854775808"), Ok(i64::MIN));
    }

    proptest! {
        #[test]
        fn shortest_forms_read_back(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            // As short as the standard library's, which takes the upper one of two that are as near.
            prop_assert_eq!(written(value).len(), format!("{value}").len());
            prop_assert_eq!(written(value).parse(), Ok(value));
            for text in [format_g(value), format_f(value), format_api(value)] {
                prop_assert_eq!(parse_go_float(&text).map(f64::to_bits), Ok(bits), "{}", text);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9a-fA-FxXpP_.einfINF ]{0,12}") {
            let _ = (parse_go_float(&text), parse_go_int(&text));
        }

        #[test]
        fn hexadecimal_floats_read_back(bits: u64) {
            let value = f64::from_bits(bits & !(1 << 63));
            prop_assume!(value.is_finite());
            let (fraction, exponent) = crate::model::float::frexp(value);
            let text = format!("0x{:x}p{}", (fraction * 2f64.powi(53)) as u64, exponent - 53);
            prop_assert_eq!(parse_go_float(&text), Ok(value), "{}", text);
        }
    }
}
