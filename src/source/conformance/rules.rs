//! The list of rules.

use super::{Source, TestSeries, histograms, samples, series};

/// What a rule does with a source: `Err` says what was found wrong.
pub(super) type Look<'l> = dyn FnMut(&dyn Source) -> Result<(), String> + 'l;

/// Builds a source of the series and looks at it.
pub(super) type Probe<'p> = dyn Fn(&[TestSeries], &mut Look<'_>) -> Result<(), String> + 'p;

/// What a source must keep for a rule to make sense.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Histograms,
    StartTimestamps,
}

pub(super) struct Rule {
    pub(super) rule: &'static str,
    pub(super) why: &'static str,
    pub(super) needs: Needs,
    pub(super) check: fn(&Probe<'_>) -> Result<(), String>,
}

const fn rule(rule: &'static str, why: &'static str, check: fn(&Probe<'_>) -> Result<(), String>) -> Rule {
    Rule { rule, why, needs: Needs::Nothing, check }
}

impl Rule {
    const fn needs(self, needs: Needs) -> Rule {
        Rule { needs, ..self }
    }
}

pub(super) const RULES: &[Rule] = &[
    rule("a selection without matchers finds every series, each once, with all its labels", series::MISSING, series::all_are_found),
    rule(
        "the same selection finds the same series in the same order each time",
        "limitk, ties of topk, sums in their last bit and shared readings depend on the order: a query would answer differently each time",
        series::order_is_stable,
    ),
    rule(
        "a series is selected if and only if all matchers fit its labels; an absent label has the empty value",
        series::MISSING,
        series::matchers_select,
    ),
    rule(
        "regular expressions are anchored at both ends, and a dot matches a line feed",
        "job=~\"api\" would select api-canary too",
        series::expressions_are_anchored,
    ),
    rule(
        "a label value is any text, quotes, line feeds and letters beyond ASCII included",
        "series would be lost or merged with others",
        series::values_are_any_text,
    ),
    rule(
        "a selection that finds nothing is empty and no error",
        "absent() and `or` are asked of what is not there all the time",
        series::nothing_is_no_error,
    ),
    rule(
        "hints may be ignored, but series and samples are the same with them, unless there is a limit",
        "a hint tells what is likely of use, not what the engine will look at",
        series::hints_change_nothing,
    ),
    rule(
        "with a limit the series found are among those found without",
        "a limit makes a list shorter; it must not make it wrong",
        series::limits_shorten,
    ),
    rule(
        "may_have_types is true where a series has __type__ or __unit__",
        "operators clash over series that differ in these alone, and must see them",
        series::types_are_told,
    ),
    rule("label_names lists the labels of the series that match, sorted, each once", series::LISTED, series::names_are_sorted),
    rule("label_values lists the values of a label of the series that match, sorted, each once", series::LISTED, series::values_are_sorted),
    rule(
        "read returns exactly the samples of the range, both ends included",
        "windows are cut at their ends to the millisecond: one sample more or less changes rates and counts",
        samples::ranges_include_their_ends,
    ),
    rule(
        "samples are told by time strictly ascending, before the epoch too",
        "the engine searches times by bisection",
        samples::times_ascend,
    ),
    rule(
        "every bit of a float comes back: stale markers, NaNs, infinities, −0",
        "a stale marker that is an ordinary NaN, or is left out, makes a series that ended live on",
        samples::bits_are_kept,
    ),
    rule(
        "read replaces what the columns held before",
        "the engine reuses its columns from series to series: rests of one would be evaluated as samples of the next",
        samples::columns_are_replaced,
    ),
    rule(
        "all columns of samples have the same length, that of start timestamps may be empty",
        "the engine walks the columns side by side",
        samples::columns_have_one_length,
    ),
    rule(
        "where only times are asked for, times and stale markers are right all the same",
        "count_over_time and present_over_time skip values, and must still skip stale markers",
        samples::times_alone_suffice,
    ),
    rule(
        "where a part of the samples is enough, it is enough, and the others are counted",
        "rates, extremes and counts of long windows are made of what is kept",
        samples::kept_is_enough,
    ),
    rule(
        "values alone are read of series that have the times of another, none of either stale",
        "what is found out about the times of one series is held to be true of the next",
        samples::likeness_is_sure,
    ),
    rule(
        "of ranges that are apart, all samples are read, and none outside",
        "a query whose windows are far apart asks for those alone",
        samples::ranges_are_read_whole,
    ),
    rule(
        "where a series is told to have so many floats at most, no more samples are read",
        "long series of floats are read in parts, by their number of samples",
        samples::floats_are_told,
    ),
    rule(
        "series may be read in any order, repeatedly, and by several threads at once",
        "joins read the rows that they need, and queries run on all cores",
        samples::reads_are_independent,
    ),
    rule(
        "reading a series that the selection does not have is an error and no panic",
        "one bad index must not end the program",
        samples::no_such_series,
    ),
    rule(
        "a start timestamp comes back with its sample, and 0 where there is none",
        "rate, increase and resets see counters that started anew by it",
        histograms::starts_are_kept,
    )
    .needs(Needs::StartTimestamps),
    rule(
        "a histogram comes back with its resolution, counts, sum and populated buckets",
        "quantiles are computed of the buckets",
        histograms::histograms_are_kept,
    )
    .needs(Needs::Histograms),
    rule(
        "a gauge histogram is told as such, and another one never is",
        "rate of gauges and delta of counters are warned of by this hint",
        histograms::gauges_stay_gauges,
    )
    .needs(Needs::Histograms),
    rule(
        "a reset hint says nothing wrong: no not_reset behind a sample with more observations",
        "the engine trusts not_reset and would take a restart for a drop",
        histograms::hints_are_true,
    )
    .needs(Needs::Histograms),
    rule(
        "floats, histograms and stale markers may take turns in one series, in order of time",
        "the value column and the side column of histograms must speak of the same samples",
        histograms::kinds_take_turns,
    )
    .needs(Needs::Histograms),
    rule(
        "where only statistics of histograms are asked for, counts and sums are right all the same",
        "histogram_count and histogram_sum read no buckets",
        histograms::statistics_suffice,
    )
    .needs(Needs::Histograms),
];
