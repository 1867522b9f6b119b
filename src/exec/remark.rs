//! What an evaluation can remark on: every warning and info with the reference's text.

use crate::functions::calendar::{Moment, moment};
use crate::model::Severity;
use crate::model::number::{format_g, format_g_precision};

/// A warning or an info.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Remark {
    InvalidRatio {
        got: f64,
        cap: f64,
    },
    InvalidIntegralStrategy {
        got: f64,
    },
    InvalidQuantile {
        got: f64,
    },
    BadBucketLabel {
        le: String,
        metric: String,
    },
    MixedFloatsHistograms {
        metric: String,
    },
    MixedFloatsHistogramsAgg,
    MixedClassicNative {
        metric: String,
    },
    NotCounter {
        metric: String,
    },
    NotGauge {
        metric: String,
    },
    MixedExponentialCustom {
        metric: String,
    },
    IncompatibleBucketLayout {
        operator: &'static str,
    },
    SortInRangeQuery,
    /// `addition`, `subtraction` or `aggregation`.
    CounterResetCollision {
        during: &'static str,
    },
    StartTimeOverlap {
        metric: String,
    },
    PossibleNonCounter {
        metric: String,
    },
    PossibleNonCounterLabel {
        metric: String,
        kind: String,
    },
    /// Bounds, difference and times are merged over all occurrences of a text.
    ForcedMonotonicity {
        metric: String,
        forced: Forced,
    },
    IncompatibleTypes {
        left: &'static str,
        operator: &'static str,
        right: &'static str,
    },
    HistogramIgnoredInAggregation {
        aggregation: &'static str,
    },
    HistogramIgnoredInMixedRange {
        metric: String,
    },
    NanResult {
        metric: String,
    },
    NanSkew {
        metric: String,
    },
    FractionNans {
        metric: String,
    },
    /// `addition`, `subtraction` or `aggregation`.
    MismatchedCustomBuckets {
        during: &'static str,
    },
}

/// What the repair of classic buckets did, over `samples` samples between two times (ms).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Forced {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) min_bound: f64,
    pub(crate) max_bound: f64,
    pub(crate) max_difference: f64,
    pub(crate) samples: u64,
}

fn for_metric(metric: &str) -> String {
    if metric.is_empty() { String::new() } else { format!(" for metric name {}", crate::model::quote::quote(metric.as_bytes())) }
}

impl Remark {
    pub(crate) fn severity(&self) -> Severity {
        use Remark::*;
        match self {
            PossibleNonCounter { .. }
            | PossibleNonCounterLabel { .. }
            | ForcedMonotonicity { .. }
            | IncompatibleTypes { .. }
            | HistogramIgnoredInAggregation { .. }
            | HistogramIgnoredInMixedRange { .. }
            | NanResult { .. }
            | NanSkew { .. }
            | FractionNans { .. }
            | MismatchedCustomBuckets { .. } => Severity::Info,
            _ => Severity::Warning,
        }
    }

    /// The text that tells one remark from another, without prefix, counts and position.
    pub(crate) fn text(&self) -> String {
        use Remark::*;
        let q = |s: &str| crate::model::quote::quote(s.as_bytes());
        match self {
            InvalidRatio { got, cap } => {
                format!("ratio value should be between -1 and 1, got {}, capping to {}", format_g(*got), format_g(*cap))
            }
            InvalidIntegralStrategy { got } => format!("strategy should be 0, 1, or 2 (default), using 2, got {}", format_g(*got)),
            InvalidQuantile { got } => format!("quantile value should be between 0 and 1, got {}", format_g(*got)),
            BadBucketLabel { le, metric } => {
                format!("bucket label \"le\" is missing or has a malformed value of {}{}", q(le), for_metric(metric))
            }
            MixedFloatsHistograms { metric } => format!("encountered a mix of histograms and floats for metric name {}", q(metric)),
            MixedFloatsHistogramsAgg => "encountered a mix of histograms and floats for aggregation".into(),
            MixedClassicNative { metric } => format!("vector contains a mix of classic and native histograms{}", for_metric(metric)),
            NotCounter { metric } => format!("this native histogram metric is not a counter: {}", q(metric)),
            NotGauge { metric } => format!("this native histogram metric is not a gauge: {}", q(metric)),
            MixedExponentialCustom { metric } => {
                format!("vector contains a mix of histograms with exponential and custom buckets schemas for metric name {}", q(metric))
            }
            IncompatibleBucketLayout { operator } => format!("incompatible bucket layout encountered for binary operator {operator}"),
            SortInRangeQuery => "sort is ineffective for range queries since results are always ordered by labels".into(),
            CounterResetCollision { during } => format!("conflicting counter resets during histogram {during}"),
            StartTimeOverlap { metric } => {
                format!("sample has start time that overlaps with previous sample timestamp for metric {}", q(metric))
            }
            PossibleNonCounter { metric } => {
                format!("metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {}", q(metric))
            }
            PossibleNonCounterLabel { metric, kind } => format!(
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {}: {}",
                q(kind),
                q(metric)
            ),
            ForcedMonotonicity { metric, .. } => format!(
                "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){}",
                for_metric(metric)
            ),
            IncompatibleTypes { left, operator, right } => {
                format!("incompatible sample types encountered for binary operator {}: {left} {operator} {right}", q(operator))
            }
            HistogramIgnoredInAggregation { aggregation } => format!("ignored histogram in {aggregation} aggregation"),
            HistogramIgnoredInMixedRange { metric } => {
                format!("ignored histograms in a range containing both floats and histograms for metric name {}", q(metric))
            }
            NanResult { metric } => format!("input to histogram_quantile has NaN observations, result is NaN{}", for_metric(metric)),
            NanSkew { metric } => {
                format!("input to histogram_quantile has NaN observations, result is skewed higher{}", for_metric(metric))
            }
            FractionNans { metric } => {
                format!("input to histogram_fraction has NaN observations, which are excluded from all fractions{}", for_metric(metric))
            }
            MismatchedCustomBuckets { during } => format!("mismatched custom buckets were reconciled during {during}"),
        }
    }

    /// What stands between text and position: figures merged over all occurrences.
    pub(crate) fn suffix(&self, occurrences: u64) -> String {
        match self {
            Remark::ForcedMonotonicity { forced: f, .. } => format!(
                ", from buckets {} to {}, with a max diff of {}, over {} samples from {} to {}",
                format_g(f.min_bound),
                format_g(f.max_bound),
                format_g_precision(f.max_difference, 2),
                f.samples,
                rfc3339(f.first),
                rfc3339(f.last)
            ),
            Remark::StartTimeOverlap { .. } if occurrences > 1 => format!(" ({occurrences} occurrences)"),
            _ => String::new(),
        }
    }

    /// Whether the first position is kept on a repeat, rather than the last.
    pub(crate) fn keeps_first_position(&self) -> bool {
        matches!(self, Remark::ForcedMonotonicity { .. } | Remark::StartTimeOverlap { .. })
    }

    /// Takes in a second occurrence of the same text.
    pub(crate) fn merge(&mut self, other: &Remark) {
        if let (Remark::ForcedMonotonicity { forced: a, .. }, Remark::ForcedMonotonicity { forced: b, .. }) = (self, other) {
            a.first = a.first.min(b.first);
            a.last = a.last.max(b.last);
            a.min_bound = a.min_bound.min(b.min_bound);
            a.max_bound = a.max_bound.max(b.max_bound);
            a.max_difference = a.max_difference.max(b.max_difference);
            a.samples += b.samples;
        }
    }
}

fn rfc3339(ms: i64) -> String {
    let seconds = ms.div_euclid(1000);
    let Moment { year, month, day, hour, minute, .. } = moment(seconds);
    let (sign, year) = (if year < 0 { "-" } else { "" }, year.unsigned_abs());
    format!("{sign}{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", seconds.rem_euclid(60))
}
