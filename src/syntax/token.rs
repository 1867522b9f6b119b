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

/// The longest keyword.
const LONGEST: usize = "count_values".len();

/// The keyword that a word is, in whatever case it is written.
#[inline]
pub(super) fn keyword(word: &[u8]) -> Option<TokenKind> {
    if word.len() < 2 || word.len() > LONGEST {
        return None;
    }
    // Most words are none: all keywords begin with one of these letters.
    if !matches!(word.first()? | 0x20, b'a'..=b'c' | b'e'..=b'g' | b'i' | b'l'..=b'o' | b'q'..=b'u' | b'w') {
        return None;
    }
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    lower_keyword(lower)
}

/// The keyword that a word in lower case is.
fn lower_keyword(word: &[u8]) -> Option<TokenKind> {
    use TokenKind as K;
    Some(match word {
        b"and" => K::Operator(BinaryOp::And),
        b"or" => K::Operator(BinaryOp::Or),
        b"unless" => K::Operator(BinaryOp::Unless),
        b"atan2" => K::Operator(BinaryOp::Atan2),
        b"offset" => K::Offset,
        b"anchored" => K::Anchored,
        b"smoothed" => K::Smoothed,
        b"by" => K::By,
        b"without" => K::Without,
        b"on" => K::On,
        b"ignoring" => K::Ignoring,
        b"group_left" => K::GroupLeft,
        b"group_right" => K::GroupRight,
        b"fill" => K::Fill,
        b"fill_left" => K::FillLeft,
        b"fill_right" => K::FillRight,
        b"bool" => K::Bool,
        b"start" => K::Start,
        b"end" => K::EndOfQuery,
        b"step" => K::Step,
        b"range" => K::Range,
        b"max_of" => K::MaxOf,
        b"min_of" => K::MinOf,
        b"inf" | b"nan" => K::Number,
        b"sum" => K::Aggregate(AggregateOp::Sum),
        b"avg" => K::Aggregate(AggregateOp::Avg),
        b"count" => K::Aggregate(AggregateOp::Count),
        b"min" => K::Aggregate(AggregateOp::Min),
        b"max" => K::Aggregate(AggregateOp::Max),
        b"group" => K::Aggregate(AggregateOp::Group),
        b"stddev" => K::Aggregate(AggregateOp::Stddev),
        b"stdvar" => K::Aggregate(AggregateOp::Stdvar),
        b"topk" => K::Aggregate(AggregateOp::Topk),
        b"bottomk" => K::Aggregate(AggregateOp::Bottomk),
        b"count_values" => K::Aggregate(AggregateOp::CountValues),
        b"quantile" => K::Aggregate(AggregateOp::Quantile),
        b"limitk" => K::Aggregate(AggregateOp::Limitk),
        b"limit_ratio" => K::Aggregate(AggregateOp::LimitRatio),
        _ => return None,
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
