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

const KEYWORDS: [(&str, TokenKind); 25] = [
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
];

/// The keyword that a word is, in whatever case it is written.
pub(super) fn keyword(word: &[u8]) -> Option<TokenKind> {
    const LONGEST: usize = "count_values".len();
    if word.len() > LONGEST {
        return None;
    }
    let found = KEYWORDS.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word));
    found.map(|(_, kind)| *kind).or_else(|| {
        let op = AggregateOp::ALL.into_iter().find(|op| op.as_str().as_bytes().eq_ignore_ascii_case(word));
        op.map(TokenKind::Aggregate)
    })
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
