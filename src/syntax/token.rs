//! Tokens: what the lexer cuts and the parser reads, and how error texts call them.

use super::ast::{AggregateOp, BinaryOp};
use crate::model::quote::{quote, quote_prefix};
use crate::model::{CounterResetHint, Span};

/// The kinds of tokens. `Space` and what follows it occur in series descriptions alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenKind {
    End,
    /// Here the lexer gave up; its error stands beside the tokens.
    Error,
    Identifier,
    MetricIdentifier,
    String,
    Number,
    Duration,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    Assign,
    At,
    RegexMatch,
    RegexNotMatch,
    Operator(BinaryOp),
    Aggregate(AggregateOp),
    Offset,
    Anchored,
    Smoothed,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Bool,
    Start,
    EndOfQuery,
    Step,
    Range,
    MaxOf,
    MinOf,
    Space,
    Blank,
    Times,
    OpenHistogram,
    CloseHistogram,
    HistogramKey(HistogramKey),
    HistogramHint(CounterResetHint),
}

/// The keys of a histogram literal in a series description.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum HistogramKey {
    Schema,
    Sum,
    Count,
    ZeroBucket,
    ZeroBucketWidth,
    Buckets,
    NegativeBuckets,
    Offset,
    NegativeOffset,
    CustomValues,
    CounterResetHint,
}

impl HistogramKey {
    pub(super) const ALL: [(&'static str, HistogramKey); 11] = [
        ("schema", HistogramKey::Schema),
        ("sum", HistogramKey::Sum),
        ("count", HistogramKey::Count),
        ("z_bucket", HistogramKey::ZeroBucket),
        ("z_bucket_w", HistogramKey::ZeroBucketWidth),
        ("buckets", HistogramKey::Buckets),
        ("n_buckets", HistogramKey::NegativeBuckets),
        ("offset", HistogramKey::Offset),
        ("n_offset", HistogramKey::NegativeOffset),
        ("custom_values", HistogramKey::CustomValues),
        ("counter_reset_hint", HistogramKey::CounterResetHint),
    ];
    /// The key as it is written.
    pub(super) fn as_str(self) -> &'static str {
        HistogramKey::ALL.iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }
}

/// One token: what it is and where it stands. Its text stays in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// All keywords, in lower case.
const KEYWORDS: [(&str, TokenKind); 39] = [
    ("and", TokenKind::Operator(BinaryOp::And)),
    ("or", TokenKind::Operator(BinaryOp::Or)),
    ("unless", TokenKind::Operator(BinaryOp::Unless)),
    ("atan2", TokenKind::Operator(BinaryOp::Atan2)),
    ("offset", TokenKind::Offset),
    ("anchored", TokenKind::Anchored),
    ("smoothed", TokenKind::Smoothed),
    ("by", TokenKind::By),
    ("without", TokenKind::Without),
    ("on", TokenKind::On),
    ("ignoring", TokenKind::Ignoring),
    ("group_left", TokenKind::GroupLeft),
    ("group_right", TokenKind::GroupRight),
    ("fill", TokenKind::Fill),
    ("fill_left", TokenKind::FillLeft),
    ("fill_right", TokenKind::FillRight),
    ("bool", TokenKind::Bool),
    ("start", TokenKind::Start),
    ("end", TokenKind::EndOfQuery),
    ("step", TokenKind::Step),
    ("range", TokenKind::Range),
    ("max_of", TokenKind::MaxOf),
    ("min_of", TokenKind::MinOf),
    ("inf", TokenKind::Number),
    ("nan", TokenKind::Number),
    ("sum", TokenKind::Aggregate(AggregateOp::Sum)),
    ("avg", TokenKind::Aggregate(AggregateOp::Avg)),
    ("count", TokenKind::Aggregate(AggregateOp::Count)),
    ("min", TokenKind::Aggregate(AggregateOp::Min)),
    ("max", TokenKind::Aggregate(AggregateOp::Max)),
    ("group", TokenKind::Aggregate(AggregateOp::Group)),
    ("stddev", TokenKind::Aggregate(AggregateOp::Stddev)),
    ("stdvar", TokenKind::Aggregate(AggregateOp::Stdvar)),
    ("topk", TokenKind::Aggregate(AggregateOp::Topk)),
    ("bottomk", TokenKind::Aggregate(AggregateOp::Bottomk)),
    ("count_values", TokenKind::Aggregate(AggregateOp::CountValues)),
    ("quantile", TokenKind::Aggregate(AggregateOp::Quantile)),
    ("limitk", TokenKind::Aggregate(AggregateOp::Limitk)),
    ("limit_ratio", TokenKind::Aggregate(AggregateOp::LimitRatio)),
];

/// The shortest and the longest.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..="count_values".len();

/// The first and the last half of a word as numbers, in lower case: two words of [`LENGTHS`] that
/// are equally long have the same halves only if they are the same. The halves may overlap.
const fn halves(word: &[u8]) -> (u64, u64) {
    let (head, tail) = if let (Some(head), Some(tail)) = (word.first_chunk(), word.last_chunk()) {
        (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
    } else if let (Some(head), Some(tail)) = (word.first_chunk(), word.last_chunk()) {
        (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64)
    } else if let (Some(head), Some(tail)) = (word.first_chunk(), word.last_chunk()) {
        (u16::from_le_bytes(*head) as u64, u16::from_le_bytes(*tail) as u64)
    } else {
        (0, 0)
    };
    // Among the characters of words, this bit tells cases apart and nothing else.
    const LOWER_CASE: u64 = 0x2020_2020_2020_2020;
    (head | LOWER_CASE, tail | LOWER_CASE)
}

/// A place for a word in a table that has one for each keyword.
const fn slot((head, tail): (u64, u64)) -> usize {
    const SPREAD: u64 = 0x1126_d71a_5aec_e68f;
    const BITS: u32 = SLOTS.ilog2();
    (head.wrapping_add(tail << 1).wrapping_mul(SPREAD) >> (u64::BITS - BITS)) as usize
}

const SLOTS: usize = 128;

/// A keyword as words are compared with it; length 0 where there is none.
#[derive(Clone, Copy)]
struct Keyword {
    length: usize,
    halves: (u64, u64),
    kind: TokenKind,
}

/// The keyword of each slot, so that a word is compared with one alone.
static BY_SLOT: [Keyword; SLOTS] = {
    let mut slots = [Keyword { length: 0, halves: (0, 0), kind: TokenKind::Identifier }; SLOTS];
    let mut i = 0;
    while i < KEYWORDS.len() {
        let (text, kind) = KEYWORDS[i];
        let (length, halves) = (text.len(), halves(text.as_bytes()));
        let slot = slot(halves);
        assert!(slots[slot].length == 0, "two keywords in a slot: choose another factor");
        slots[slot] = Keyword { length, halves, kind };
        i += 1;
    }
    slots
};

/// The keyword that a word is, in whatever case it is written.
#[inline]
pub(super) fn keyword(word: &[u8]) -> Option<TokenKind> {
    if !LENGTHS.contains(&word.len()) {
        return None;
    }
    let halves = halves(word);
    let keyword = BY_SLOT[slot(halves)];
    (keyword.length == word.len() && keyword.halves == halves).then_some(keyword.kind)
}

impl TokenKind {
    /// Whether an expression may begin with this token.
    pub(super) fn starts_expression(self) -> bool {
        use TokenKind as K;
        matches!(self, K::Number | K::Duration | K::String | K::LeftParen | K::LeftBrace)
            || matches!(self, K::Operator(BinaryOp::Add | BinaryOp::Sub))
            || matches!(self, K::MaxOf | K::MinOf)
            || self.names_metric()
    }
    /// Whether the token may be the name of a metric at the head of a selector.
    pub(super) fn names_metric(self) -> bool {
        use TokenKind as K;
        match self {
            K::Identifier | K::MetricIdentifier | K::Aggregate(_) | K::By | K::Without | K::Offset => true,
            K::Operator(op) => op.is_set(),
            K::Start | K::EndOfQuery | K::Step | K::Range | K::MaxOf | K::MinOf => true,
            K::Anchored | K::Smoothed | K::Fill | K::FillLeft | K::FillRight => true,
            _ => false,
        }
    }
    /// Whether the token may be the name of a function.
    pub(super) fn names_function(self) -> bool {
        use TokenKind as K;
        matches!(self, K::Identifier | K::Start | K::EndOfQuery | K::Step | K::Range | K::MaxOf | K::MinOf)
    }
    /// Whether the token, unquoted, may be a label in a list of labels.
    pub(super) fn names_grouping_label(self) -> bool {
        use TokenKind as K;
        match self {
            K::Without => false,
            K::Bool | K::On | K::Ignoring | K::GroupLeft | K::GroupRight => true,
            K::Operator(op) => op.is_set() || op == BinaryOp::Atan2,
            other => other.names_metric(),
        }
    }
    /// Whether it begins what follows an operand: a range, `offset`, `@` and the like.
    pub(super) fn modifies(self) -> bool {
        use TokenKind as K;
        matches!(self, K::LeftBracket | K::Offset | K::At | K::Anchored | K::Smoothed)
    }
    /// Whether it closes a bracket or is a number: what the end of a modifier can be.
    pub(super) fn is_closing(self) -> bool {
        use TokenKind as K;
        matches!(self, K::RightParen | K::RightBrace | K::RightBracket | K::Number | K::Duration)
    }
}

impl Token {
    /// The token's own text.
    pub(super) fn text(self, source: &[u8]) -> &[u8] {
        source.get(self.span.start as usize..self.span.end as usize).unwrap_or_default()
    }
    /// What error texts call the token: `identifier "foo"`, `<op:and>`, `end of input`.
    pub(super) fn describe(self, source: &[u8]) -> String {
        use TokenKind as K;
        let text = self.text(source);
        let plain = || String::from_utf8_lossy(text).into_owned();
        // Long texts are cut, but by different measures: more than 10 bytes leave 10 characters.
        let cut = || if text.len() > 10 { format!("{}...", quote_prefix(text, 10)) } else { quote(text) };
        match self.kind {
            K::End | K::Error => "end of input".to_owned(),
            K::Identifier => format!("identifier {}", quote(text)),
            K::MetricIdentifier => format!("metric identifier {}", quote(text)),
            K::Operator(_) | K::At | K::RegexMatch | K::RegexNotMatch => format!("<op:{}>", plain()),
            K::Aggregate(_) => format!("<aggr:{}>", plain()),
            K::Offset | K::Anchored | K::Smoothed | K::By | K::Without | K::On | K::Ignoring => format!("<{}>", plain()),
            K::GroupLeft | K::GroupRight | K::Fill | K::FillLeft | K::FillRight | K::Bool => format!("<{}>", plain()),
            K::String => format!("string {}", cut()),
            K::Number => format!("number {}", cut()),
            K::Duration => format!("duration {}", cut()),
            _ => cut(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_known_in_any_case() {
        for op in AggregateOp::ALL {
            assert_eq!(keyword(op.as_str().as_bytes()), Some(TokenKind::Aggregate(op)));
            assert_eq!(keyword(op.as_str().to_uppercase().as_bytes()), Some(TokenKind::Aggregate(op)));
        }
        for op in [BinaryOp::And, BinaryOp::Or, BinaryOp::Unless, BinaryOp::Atan2] {
            assert_eq!(keyword(op.as_str().to_uppercase().as_bytes()), Some(TokenKind::Operator(op)));
        }
        for (word, kind) in [
            (&b"Offset"[..], TokenKind::Offset),
            (b"anchored", TokenKind::Anchored),
            (b"smoothed", TokenKind::Smoothed),
            (b"BY", TokenKind::By),
            (b"without", TokenKind::Without),
            (b"on", TokenKind::On),
            (b"ignoring", TokenKind::Ignoring),
            (b"group_LEFT", TokenKind::GroupLeft),
            (b"group_right", TokenKind::GroupRight),
            (b"fill", TokenKind::Fill),
            (b"fill_left", TokenKind::FillLeft),
            (b"fill_right", TokenKind::FillRight),
            (b"bool", TokenKind::Bool),
            (b"start", TokenKind::Start),
            (b"end", TokenKind::EndOfQuery),
            (b"step", TokenKind::Step),
            (b"range", TokenKind::Range),
            (b"max_of", TokenKind::MaxOf),
            (b"min_of", TokenKind::MinOf),
            (b"Inf", TokenKind::Number),
            (b"NaN", TokenKind::Number),
        ] {
            assert_eq!(keyword(word), Some(kind));
        }
        for word in [&b"a"[..], b"sums", b"an", b"count_valuesx", b"infinity", b""] {
            assert_eq!(keyword(word), None);
        }
    }
}
