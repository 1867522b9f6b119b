//! Composite values of OpenMetrics 2.0: a whole histogram or summary in braces.
//!
//! ```text
//! composite = " {" [ field { "," field } ] "}"        field = key ":" val
//! val       = "[" any "]" | any            ; without spaces
//! ```
//! [`Fields`] is the syntax: which keys stand there, and where their values are. [`rows`] makes
//! samples of them: one native histogram, or the classic series that the value stands for.

use super::entry::MetricKind;
use super::error::{NumberError, PageError, PageErrorKind};
use super::lex::{Token, part};
use super::scan::Scanner;
use crate::model::histogram::{Classic, ClassicError};
use crate::model::number::{format_g, parse_go_float};
use crate::model::quote::quote;
use crate::model::{CounterResetHint, Histogram, HistogramSpan, nan, number};

/// The keys, with the reference's names for their tokens.
const KEYS: [(&[u8], &str); 13] = [
    (b"count:", "COMPCOUNT"),
    (b"gcount:", "COMPGCOUNT"),
    (b"sum:", "COMPSUM"),
    (b"gsum:", "COMPGSUM"),
    (b"schema:", "COMPSCHEMA"),
    (b"zero_threshold:", "COMPZEROTHRESHOLD"),
    (b"zero_count:", "COMPZEROCOUNT"),
    (b"negative_spans:", "COMPNEGSPANS"),
    (b"negative_buckets:", "COMPNEGBUCKETS"),
    (b"positive_spans:", "COMPPOSPANS"),
    (b"positive_buckets:", "COMPPOSBUCKETS"),
    (b"bucket:", "COMPBUCKET"),
    (b"quantile:", "COMPQUANTILE"),
];
const COUNT: usize = 0;
const GCOUNT: usize = 1;
const SUM: usize = 2;
const GSUM: usize = 3;
const SCHEMA: usize = 4;
const ZERO_THRESHOLD: usize = 5;
const ZERO_COUNT: usize = 6;
const NEGATIVE_SPANS: usize = 7;
const NEGATIVE_BUCKETS: usize = 8;
const POSITIVE_SPANS: usize = 9;
const POSITIVE_BUCKETS: usize = 10;
const BUCKET: usize = 11;
const QUANTILE: usize = 12;

/// A sample that a composite value stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// What the name gets appended.
    pub suffix: &'static str,
    /// A bound or quantile.
    pub bound: Option<(&'static str, f64)>,
    pub value: f64,
    pub histogram: Option<Histogram>,
    /// Exemplars with values above the first and up to the second belong to it.
    pub exemplars: Option<(f64, f64)>,
}

/// Where the values of a composite are.
#[derive(Clone, Default, Debug)]
pub(super) struct Fields {
    places: [Option<(usize, usize)>; KEYS.len()],
}

impl Fields {
    /// Reads the fields, from behind the opening brace to behind the closing one.
    ///
    /// # Errors
    /// What is no field, stands twice, does not belong to the type, or is missing.
    pub fn read(scanner: &mut Scanner, data: &[u8], kind: MetricKind) -> Result<Fields, PageError> {
        let mut fields = Fields::default();
        let mut token = key_token(scanner, data);
        if token.0 != Token::CompositeClose {
            loop {
                let (Token::Field(_), Some(key)) = token else {
                    return Err(scanner.unexpected(data, "unknown composite field", token.0));
                };
                if !belongs(key, kind) {
                    return Err(scanner.unexpected(data, "unknown composite field", token.0));
                }
                let Some(place @ None) = fields.places.get_mut(key) else {
                    return Err(scanner.unexpected(data, "duplicate composite field", token.0));
                };
                let value = value_token(scanner, data);
                if value != Token::Value {
                    return Err(scanner.unexpected(data, "expected composite value", value));
                }
                *place = Some((scanner.place.start, scanner.place.at));
                match key_token(scanner, data).0 {
                    Token::Comma => token = key_token(scanner, data),
                    Token::CompositeClose => break,
                    other => return Err(scanner.unexpected(data, "expected comma or brace close in composite value", other)),
                }
            }
        }
        let (count, sum) = if kind == MetricKind::GaugeHistogram { (GCOUNT, GSUM) } else { (COUNT, SUM) };
        let required: &[usize] = match kind {
            MetricKind::Summary => &[QUANTILE],
            _ if fields.has(SCHEMA) => &[ZERO_THRESHOLD, ZERO_COUNT],
            _ => &[BUCKET],
        };
        for key in [count, sum].iter().chain(required) {
            if !fields.has(*key) {
                let what = format!("missing required field: {}", name_of(*key));
                return Err(scanner.place.error(data, PageErrorKind::Composite(what)));
            }
        }
        Ok(fields)
    }

    fn has(&self, key: usize) -> bool {
        self.places.get(key).is_some_and(Option::is_some)
    }

    fn text<'d>(&self, data: &'d [u8], key: usize) -> &'d [u8] {
        let (start, end) = self.places.get(key).copied().flatten().unwrap_or_default();
        part(data, start, end)
    }

    fn number(&self, data: &[u8], key: usize) -> Result<f64, String> {
        full(self.text(data, key)).map_err(|e| format!("invalid {}: {e}", name_of(key)))
    }
}

/// The field's name.
fn name_of(key: usize) -> &'static str {
    KEYS.get(key).and_then(|(name, _)| std::str::from_utf8(name).ok()).map_or("", |name| name.trim_end_matches(':'))
}

/// Whether values of this kind have the field.
fn belongs(key: usize, kind: MetricKind) -> bool {
    match key {
        COUNT | SUM => kind != MetricKind::GaugeHistogram,
        GCOUNT | GSUM => kind == MetricKind::GaugeHistogram,
        QUANTILE => kind == MetricKind::Summary,
        _ => kind != MetricKind::Summary,
    }
}

/// A key, a comma or the closing brace.
fn key_token(scanner: &mut Scanner, data: &[u8]) -> (Token, Option<usize>) {
    let start = scanner.place.at;
    if start >= data.len() {
        return (Token::Eof, None);
    }
    scanner.place.start = start;
    let token = match data.get(start) {
        Some(b',') => Token::Comma,
        Some(b'}') => Token::CompositeClose,
        _ => {
            // As long as any key can go on, bytes are taken.
            let rest = part(data, start, start + 20);
            let taken = |key: &[u8]| key.iter().zip(rest).take_while(|(a, b)| a == b).count();
            let longest = KEYS.iter().map(|(key, _)| taken(key)).max().unwrap_or(0);
            scanner.place.at = start + longest;
            let found = KEYS.iter().enumerate().find(|(_, (key, _))| key.len() == longest && taken(key) == longest);
            return found.map_or((Token::Invalid, None), |(i, (_, name))| (Token::Field(name), Some(i)));
        }
    };
    scanner.place.at += 1;
    (token, None)
}

/// The value of a field.
fn value_token(scanner: &mut Scanner, data: &[u8]) -> Token {
    let start = scanner.place.at;
    if start >= data.len() {
        return Token::Eof;
    }
    scanner.place.start = start;
    let list = data.get(start) == Some(&b'[');
    let mut at = start + usize::from(list);
    while let Some(b) = data.get(at) {
        match b {
            b' ' | b'\n' | b'\r' | 0 => break,
            b']' if list => {
                scanner.place.at = at + 1;
                return Token::Value;
            }
            b',' | b'}' | b'[' | b']' if !list => break,
            _ => at += 1,
        }
    }
    scanner.place.at = at;
    if list || at == start { Token::Invalid } else { Token::Value }
}

/// The samples of a composite value: the native histogram if it has a schema, else its classic
/// series; both with `keep_classic`, where both stand there. With `convert`, a histogram with
/// custom buckets takes the place of classic series, or comes before them.
///
/// # Errors
/// The reference's words about what does not fit.
pub(super) fn rows(fields: &Fields, data: &[u8], kind: MetricKind, keep_classic: bool, convert: bool) -> Result<Vec<Row>, String> {
    if kind == MetricKind::Summary {
        return summary(fields, data).map_err(|e| format!("error parsing summary composite: {e}"));
    }
    let in_classic = |e: String| format!("error parsing classic histogram composite: {e}");
    if !fields.has(SCHEMA) {
        let mut rows = classic(fields, data, kind, convert).map_err(in_classic)?;
        let converted = convert.then(|| converted(&rows, kind)).transpose().map_err(|e| in_classic(e.to_string()))?;
        ends_open(&rows).map_err(in_classic)?;
        if let Some(converted) = converted {
            if !keep_classic {
                rows.clear();
            }
            rows.insert(0, converted);
        }
        return Ok(rows);
    }
    let native = native(fields, data, kind).map_err(|e| format!("error parsing native histogram composite: {e}"))?;
    let mut rows = vec![whole(native)];
    if keep_classic && fields.has(BUCKET) {
        let classic = classic(fields, data, kind, false).and_then(|rows| ends_open(&rows).map(|()| rows));
        rows.extend(classic.map_err(in_classic)?);
    }
    Ok(rows)
}

/// The sample of a whole histogram, which has all exemplars.
fn whole(histogram: Histogram) -> Row {
    Row { histogram: Some(histogram), exemplars: Some((f64::NEG_INFINITY, f64::NAN)), ..Row::default() }
}

/// The classic series of a line as a histogram with custom buckets.
fn converted(rows: &[Row], kind: MetricKind) -> Result<Row, ClassicError> {
    let mut parts = Classic::default();
    for row in rows {
        match row.bound {
            Some((_, bound)) => parts.add_bucket(bound, row.value),
            None if row.suffix.ends_with("count") => parts.set_count(row.value),
            None => parts.set_sum(row.value),
        }
    }
    let mut histogram = parts.histogram(true)?;
    if kind == MetricKind::GaugeHistogram {
        histogram.counter_reset_hint = CounterResetHint::Gauge;
    }
    Ok(whole(histogram))
}

fn summary(fields: &Fields, data: &[u8]) -> Result<Vec<Row>, String> {
    let mut rows = totals(fields, data, MetricKind::Summary)?;
    let mut last = f64::NEG_INFINITY;
    for pair in list(fields.text(data, QUANTILE), "quantile").map_err(|e| format!("invalid quantile: {e}"))? {
        let (quantile, value) = quantile(pair, last).map_err(|e| format!("invalid quantile: {e}"))?;
        last = quantile;
        rows.push(Row { bound: Some(("quantile", quantile)), value, ..Row::default() });
    }
    Ok(rows)
}

fn quantile(pair: &[u8], last: f64) -> Result<(f64, f64), String> {
    let (key, value) = at_first_colon(pair).ok_or_else(|| format!("quantile missing ':': {}", quote(pair)))?;
    let value = full(value).map_err(|e| format!("invalid quantile value {}: {e}", quote(value)))?;
    let quantile = full(key).map_err(|e| format!("invalid quantile {}: {e}", quote(key)))?;
    if quantile.is_nan() {
        return Err(format!("quantile must not be NaN: {}", quote(pair)));
    }
    if !(0.0..=1.0).contains(&quantile) {
        return Err(format!("quantile must be between 0.0 and 1.0, got {}", quote(key)));
    }
    if quantile <= last {
        return Err(format!("quantiles must be sorted in increasing order: {}", quote(pair)));
    }
    Ok((quantile, value))
}

/// `_count` and `_sum`.
fn totals(fields: &Fields, data: &[u8], kind: MetricKind) -> Result<Vec<Row>, String> {
    let gauge = kind == MetricKind::GaugeHistogram;
    let [count_suffix, sum_suffix] = if gauge { ["_gcount", "_gsum"] } else { ["_count", "_sum"] };
    let count = fields.number(data, if gauge { GCOUNT } else { COUNT })?;
    let sum = fields.number(data, if gauge { GSUM } else { SUM })?;
    Ok(vec![Row { suffix: count_suffix, value: count, ..Row::default() }, Row { suffix: sum_suffix, value: sum, ..Row::default() }])
}

/// The classic series of a line. If they are going to be converted, that is what finds counts
/// below 0, with its own words.
fn classic(fields: &Fields, data: &[u8], kind: MetricKind, convert: bool) -> Result<Vec<Row>, String> {
    let mut rows = totals(fields, data, kind)?;
    let mut last = None;
    for pair in list(fields.text(data, BUCKET), "bucket").map_err(|e| format!("invalid bucket: {e}"))? {
        let (bound, value) = bucket(pair, last, kind == MetricKind::Histogram && !convert).map_err(|e| format!("invalid bucket: {e}"))?;
        // The first bucket has no lower limit.
        let exemplars = Some((last.unwrap_or(f64::NAN), bound));
        rows.push(Row { suffix: "_bucket", bound: Some(("le", bound)), value, histogram: None, exemplars });
        last = Some(bound);
    }
    Ok(rows)
}

/// The last bucket has no bound.
fn ends_open(rows: &[Row]) -> Result<(), String> {
    if rows.last().and_then(|row| row.bound).is_some_and(|(_, bound)| bound == f64::INFINITY) {
        return Ok(());
    }
    Err("classic histogram buckets must include a +Inf threshold".to_owned())
}

fn bucket(pair: &[u8], last: Option<f64>, counts: bool) -> Result<(f64, f64), String> {
    let (key, value) = at_last_colon(pair).ok_or_else(|| format!("bucket missing ':': {}", quote(pair)))?;
    let value = full(value).map_err(|e| format!("invalid bucket count {}: {e}", quote(value)))?;
    let bound = full(key).map_err(|e| format!("invalid bucket threshold {}: {e}", quote(key)))?;
    if bound.is_nan() {
        return Err(format!("bucket threshold must not be NaN: {}", quote(pair)));
    }
    if last.is_some_and(|last| bound <= last) {
        return Err(format!("classic histogram buckets must be sorted in increasing order: {}", quote(pair)));
    }
    if value < 0.0 && counts {
        return Err(format!("value must not be negative, got {}", format_g(value)));
    }
    Ok((bound, value))
}

fn native(fields: &Fields, data: &[u8], kind: MetricKind) -> Result<Histogram, String> {
    let schema = signed(fields.text(data, SCHEMA), 64).map_err(|e| format!("invalid schema: {e}"))?;
    if !(-4..=8).contains(&schema) {
        return Err(format!("schema must be between -4 and 8, got {schema}"));
    }
    let gauge = kind == MetricKind::GaugeHistogram;
    let not_negative = |key: usize| {
        let value = fields.number(data, key)?;
        if value < 0.0 { Err(format!("{} must not be negative, got {}", name_of(key), format_g(value))) } else { Ok(value) }
    };
    let count = not_negative(if gauge { GCOUNT } else { COUNT })?;
    let sum = fields.number(data, if gauge { GSUM } else { SUM })?;
    let zero_threshold = fields.number(data, ZERO_THRESHOLD)?;
    if !(0.0..f64::INFINITY).contains(&zero_threshold) {
        return Err(format!("zero_threshold must be a non-negative, finite number, got {}", format_g(zero_threshold)));
    }
    let zero_count = not_negative(ZERO_COUNT)?;
    let whole = |value: f64| value.fract() == 0.0 && value < 18_446_744_073_709_551_616.0;
    let has_float = |key: usize| fields.text(data, key).iter().any(|b| matches!(b, b'.' | b'e' | b'E'));
    let float = !whole(count) || !whole(zero_count) || has_float(POSITIVE_BUCKETS) || has_float(NEGATIVE_BUCKETS);
    let positive_spans = spans(fields, data, POSITIVE_SPANS).map_err(|e| format!("invalid positive_spans: {e}"))?;
    let negative_spans = spans(fields, data, NEGATIVE_SPANS).map_err(|e| format!("invalid negative_spans: {e}"))?;
    let positive_buckets = buckets(fields, data, POSITIVE_BUCKETS, float).map_err(|e| format!("invalid positive_buckets: {e}"))?;
    let negative_buckets = buckets(fields, data, NEGATIVE_BUCKETS, float).map_err(|e| format!("invalid negative_buckets: {e}"))?;
    let observed = [&positive_buckets, &negative_buckets].into_iter().flatten().fold(zero_count as u64, |sum, b| sum.wrapping_add(b.1));
    let histogram = Histogram {
        counter_reset_hint: if gauge { CounterResetHint::Gauge } else { CounterResetHint::Unknown },
        schema: schema as i32,
        zero_threshold,
        zero_count,
        count,
        sum,
        positive_spans,
        negative_spans,
        positive_buckets: positive_buckets.into_iter().map(|b| b.0).collect(),
        negative_buckets: negative_buckets.into_iter().map(|b| b.0).collect(),
        custom_values: Vec::new(),
    };
    let invalid = |e: String| format!("invalid {}histogram: {e}", if float { "float " } else { "" });
    histogram.validate().map_err(|e| invalid(e.to_string()))?;
    if !float {
        fits(observed, count as u64, sum).map_err(invalid)?;
    }
    Ok(histogram)
}

/// Whether the count of a histogram of whole numbers is that of its buckets. Observations of NaN
/// are in no bucket, and make the sum NaN.
///
/// # Errors
/// The reference's words.
pub(super) fn fits(observed: u64, count: u64, sum: f64) -> Result<(), String> {
    let found = format_args!("{observed} observations found in buckets, but the Count field is {count}").to_string();
    if sum.is_nan() {
        if observed > count {
            return Err(format!(
                "{found}: histogram's observation count should be at least the number of observations found in the buckets"
            ));
        }
    } else if observed != count {
        return Err(format!(
            "{found}: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)"
        ));
    }
    Ok(())
}

fn spans(fields: &Fields, data: &[u8], key: usize) -> Result<Vec<HistogramSpan>, String> {
    if !fields.has(key) {
        return Ok(Vec::new());
    }
    let span = |pair: &[u8]| {
        let (offset, length) = at_first_colon(pair).ok_or_else(|| format!("span missing ':': {}", quote(pair)))?;
        let offset_error = |e: NumberError| format!("invalid span offset {}: {e}", quote(offset));
        let offset = signed(offset, 32).map_err(offset_error)?;
        let length = unsigned(length).map_err(|e| format!("invalid span length {}: {e}", quote(length)))?;
        Ok(HistogramSpan { offset: offset as i32, length })
    };
    list(fields.text(data, key), "spans")?.map(span).collect()
}

/// Counts of buckets, as floats and, where they are whole, as they add up.
fn buckets(fields: &Fields, data: &[u8], key: usize, float: bool) -> Result<Vec<(f64, u64)>, String> {
    if !fields.has(key) {
        return Ok(Vec::new());
    }
    let count = |text: &[u8]| {
        if float {
            return full(text).map(|v| (v, 0)).map_err(|e| format!("invalid float bucket {}: {e}", quote(text)));
        }
        let count = signed(text, 64).map_err(|e| format!("invalid bucket {}: {e}", quote(text)))?;
        Ok((count as f64, count as u64))
    };
    list(fields.text(data, key), if float { "float buckets" } else { "buckets" })?.map(count).collect()
}

/// The pieces of a list in brackets; empty ones do not count.
fn list<'d>(text: &'d [u8], what: &str) -> Result<impl Iterator<Item = &'d [u8]>, String> {
    let inner = text.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]"));
    let inner = inner.ok_or_else(|| format!("{what} must be wrapped in []: {}", quote(text)))?;
    Ok(inner.split(|b| *b == b',').map(trim).filter(|piece| !piece.is_empty()))
}

/// What stands before and behind a colon, without white space around it.
fn pair_at(piece: &[u8], colon: Option<usize>) -> Option<(&[u8], &[u8])> {
    let colon = colon?;
    Some((trim(part(piece, 0, colon)), trim(part(piece, colon + 1, piece.len()))))
}

fn at_first_colon(piece: &[u8]) -> Option<(&[u8], &[u8])> {
    pair_at(piece, piece.iter().position(|b| *b == b':'))
}

fn at_last_colon(piece: &[u8]) -> Option<(&[u8], &[u8])> {
    pair_at(piece, piece.iter().rposition(|b| *b == b':'))
}

/// White space is no part of what stands in a list, though only the rarer kinds can stand there.
fn trim(text: &[u8]) -> &[u8] {
    std::str::from_utf8(text).map_or_else(|_| text.trim_ascii(), |text| text.trim().as_bytes())
}

/// A number in Go's whole notation.
fn full(text: &[u8]) -> Result<f64, NumberError> {
    let syntax = || NumberError::Syntax { function: "ParseFloat", text: text.to_vec().into() };
    match parse_go_float(std::str::from_utf8(text).map_err(|_| syntax())?) {
        Ok(value) if value.is_nan() => Ok(nan()),
        Ok(value) => Ok(value),
        Err(number::NumberError::Syntax) => Err(syntax()),
        Err(number::NumberError::Range) => Err(NumberError::Range { function: "ParseFloat", text: text.to_vec().into() }),
    }
}

/// A whole number of so many bits in decimal digits, with or without a sign.
fn signed(text: &[u8], bits: u32) -> Result<i64, NumberError> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, text),
    };
    let magnitude = decimal("ParseInt", text, digits, bits)?;
    let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
    let bound = 1i128 << (bits - 1);
    let value = i64::try_from(value).ok().filter(|v| (-bound..bound).contains(&i128::from(*v)));
    value.ok_or_else(|| NumberError::Range { function: "ParseInt", text: text.to_vec().into() })
}

fn unsigned(text: &[u8]) -> Result<u32, NumberError> {
    let value = decimal("ParseUint", text, text, 32)?;
    u32::try_from(value).map_err(|_| NumberError::Range { function: "ParseUint", text: text.to_vec().into() })
}

/// The value of decimal digits. What comes first is told: that they are too many, or that one is
/// none.
fn decimal(function: &'static str, text: &[u8], digits: &[u8], bits: u32) -> Result<u64, NumberError> {
    let syntax = || NumberError::Syntax { function, text: text.to_vec().into() };
    let range = || NumberError::Range { function, text: text.to_vec().into() };
    let most = u64::MAX >> (64 - bits);
    if digits.is_empty() {
        return Err(syntax());
    }
    digits.iter().try_fold(0u64, |value, b| {
        if !b.is_ascii_digit() {
            return Err(syntax());
        }
        let next = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(b - b'0')));
        next.filter(|v| *v <= most).ok_or_else(range)
    })
}
