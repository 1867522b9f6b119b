//! Histogram literals: `{{schema:1 sum:0.3 count:3 buckets:[1 2] offset:-1}}`.

use super::SeriesError;
use crate::model::number::NumberError;
use crate::model::{CounterResetHint, Histogram, HistogramSpan, Span};
use crate::syntax::ast::BinaryOp;
use crate::syntax::parser::Tokens;
use crate::syntax::parser::fault::{Fault, Parsed, Place, expect, unexpected, wrong};
use crate::syntax::parser::literal::number_value;
use crate::syntax::token::{HistogramKey, Token, TokenKind};
use nom::Parser;

const FIRST: Place = Place::within("series values");
const REST: Place = Place::expecting("histogram description", "histogram description key, e.g. buckets:[5 10 7]");

/// What the keys say, before it becomes a histogram.
#[derive(Default)]
struct Description {
    seen: Vec<HistogramKey>,
    histogram: Histogram,
    hint_set: bool,
    offset: i32,
    negative_offset: i32,
}

/// histogram = "{{" [ item { SP item } ] [ SP ] "}}"; tells whether the reset hint was written
pub(super) fn histogram(input: Tokens<'_>) -> Parsed<'_, (Histogram, bool)> {
    let mut input = input.advance();
    let mut description = Description::default();
    if input.next_is(TokenKind::Space) {
        // A space in front is only right where nothing follows.
        input = input.advance();
        let (rest, _) = expect(TokenKind::CloseHistogram, FIRST).parse(input)?;
        return Ok((rest, description.finish()));
    }
    let mut place = FIRST;
    while !input.next_is(TokenKind::CloseHistogram) {
        input = item(input, &mut description, place)?;
        place = REST;
        match input.peek().kind {
            TokenKind::Space => input = input.advance(),
            TokenKind::CloseHistogram => {}
            _ => return Err(unexpected(input, REST)),
        }
    }
    Ok((input.advance(), description.finish()))
}

/// item = key ":" value
fn item<'a>(input: Tokens<'a>, into: &mut Description, place: Place) -> Result<Tokens<'a>, nom::Err<Fault>> {
    let TokenKind::HistogramKey(key) = input.peek().kind else {
        return Err(unexpected(input, place));
    };
    let (input, _) = expect(TokenKind::Colon, place).parse(input.advance())?;
    let target = &mut into.histogram;
    let input = match key {
        HistogramKey::Schema => store(int(input, place)?, &mut target.schema),
        HistogramKey::Offset => store(int(input, place)?, &mut into.offset),
        HistogramKey::NegativeOffset => store(int(input, place)?, &mut into.negative_offset),
        HistogramKey::Sum => store(signed(input, place)?, &mut target.sum),
        HistogramKey::Count => store(signed(input, place)?, &mut target.count),
        HistogramKey::ZeroBucket => store(signed(input, place)?, &mut target.zero_count),
        HistogramKey::ZeroBucketWidth => store(number(input, place)?, &mut target.zero_threshold),
        HistogramKey::Buckets => store(list(input, place)?, &mut target.positive_buckets),
        HistogramKey::NegativeBuckets => store(list(input, place)?, &mut target.negative_buckets),
        HistogramKey::CustomValues => store(list(input, place)?, &mut target.custom_values),
        HistogramKey::CounterResetHint => {
            let TokenKind::HistogramHint(hint) = input.peek().kind else {
                return Err(unexpected(input, place));
            };
            (target.counter_reset_hint, into.hint_set) = (hint, true);
            input.advance()
        }
    };
    if into.seen.contains(&key) {
        // The reference has no place for this.
        return Err(wrong(SeriesError::DuplicateKey(key.as_str()), Span::default()));
    }
    into.seen.push(key);
    Ok(input)
}

fn store<'a, T>((rest, value): (Tokens<'a>, T), into: &mut T) -> Tokens<'a> {
    *into = value;
    rest
}

/// list = "[" signed { SP signed } [ SP ] "]"
fn list(input: Tokens<'_>, place: Place) -> Parsed<'_, Vec<f64>> {
    let (mut input, _) = expect(TokenKind::LeftBracket, place).parse(input)?;
    let mut numbers = Vec::new();
    loop {
        let (rest, number) = signed(input, place)?;
        numbers.push(number);
        input = if rest.next_is(TokenKind::Space) { rest.advance() } else { rest };
        if input.next_is(TokenKind::RightBracket) {
            return Ok((input.advance(), numbers));
        }
        if !rest.next_is(TokenKind::Space) {
            return Err(unexpected(rest, place));
        }
    }
}

fn signed(input: Tokens<'_>, place: Place) -> Parsed<'_, f64> {
    if input.next_is(TokenKind::Operator(BinaryOp::Sub)) {
        let (rest, value) = number(input.advance(), place)?;
        return Ok((rest, -value));
    }
    number(input, place)
}

fn number(input: Tokens<'_>, place: Place) -> Parsed<'_, f64> {
    let (rest, token) = expect(TokenKind::Number, place).parse(input)?;
    let text = String::from_utf8_lossy(rest.text(token));
    Ok((rest, number_value(&text, token.span)?))
}

/// int = [ "-" ] UINT
fn int(input: Tokens<'_>, place: Place) -> Parsed<'_, i32> {
    let negative = input.next_is(TokenKind::Operator(BinaryOp::Sub));
    let input = if negative { input.advance() } else { input };
    let (rest, token): (_, Token) = expect(TokenKind::Number, place).parse(input)?;
    let text = String::from_utf8_lossy(rest.text(token)).into_owned();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<i32>() {
        Ok(value) if digits => Ok((rest, if negative { -value } else { value })),
        _ if digits && text.parse::<u64>().is_ok() => Err(wrong(SeriesError::OutOfRange(text), token.span)),
        _ => {
            let reason = if digits { NumberError::Range } else { NumberError::Syntax };
            Err(wrong(SeriesError::Repetition { text, reason }, token.span))
        }
    }
}

impl Description {
    fn finish(self) -> (Histogram, bool) {
        let mut histogram = self.histogram;
        let span = |offset, buckets: &[f64]| match u32::try_from(buckets.len()) {
            Ok(length) if length > 0 => vec![HistogramSpan { offset, length }],
            _ => Vec::new(),
        };
        histogram.positive_spans = span(self.offset, &histogram.positive_buckets);
        histogram.negative_spans = span(self.negative_offset, &histogram.negative_buckets);
        if !self.hint_set {
            histogram.counter_reset_hint = CounterResetHint::Unknown;
        }
        (histogram, self.hint_set)
    }
}
