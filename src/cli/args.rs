//! The flags of the program, as clap reads them. Long names follow promtool and the Prometheus
//! server where the meaning is the same.

use crate::model::duration;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Parse, evaluate and test PromQL over files, without a server.
#[derive(Parser, Debug)]
#[command(name = "ferula", version, about, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done, 1 something failed, 2 wrong usage, 130 interrupted.\n\
    Answers go to standard output; warnings and errors to standard error.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Evaluate an expression at one time or over a range
    Query(QueryArgs),
    /// Print expressions in the standard layout
    #[command(alias = "format")]
    Fmt(FmtArgs),
    /// Print the plan of an expression
    Explain(ExplainArgs),
    /// Check an expression; print its type or its tree
    Parse(ParseArgs),
    /// List the functions of the language
    Functions(FunctionsArgs),
    /// List the metrics of the data with type, unit and help
    Metrics(MetricsArgs),
    /// List the series of the data
    Series(SeriesArgs),
    /// List label names, or the values of one label
    Labels(LabelsArgs),
    /// Run test scripts
    Test(TestArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

const DATA_HELP: &str = "\
Data to query: a file, a directory, or `-` for standard input. May be repeated.

A file is a page in the Prometheus text format, an OpenMetrics or protobuf page, or a test script of which the \
`load` blocks are used; gzip is unpacked. The format is recognised unless --format or `format=` says it. \
Of a directory the files ending in .prom, .txt, .om, .openmetrics, .metrics, .pb and .test are read, .gz included.

After the path, settings may follow, each after a comma:
  time=TIME      the time of samples that have none of their own (RFC 3339 or Unix seconds); \
left out, it is the file's time of modification
  format=FORMAT  text, openmetrics, protobuf or script
  NAME=VALUE     any other name is a target label, set on every series as a scrape would: a label that \
the page itself has is kept as exported_NAME
A value with a comma is put in double quotes.

Several pages with a time and the same target labels are scrapes of one target: a series that the \
next page lacks ends there. Pages of one application under different labels do not collide.

  --data 'page.prom,time=2026-01-01T00:00:00Z,job=api,instance=a:80'";

const TIME_HELP: &str = "\
RFC 3339, Unix seconds, or relative to `now`, `start` or `end`: now-1h, end-15m. With data, `now` is the \
time of its newest sample";

/// Where the samples come from.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArgs {
    /// File or directory to query, `-` for standard input; settings may follow after commas (see --help)
    #[arg(short, long, value_name = "PATH[,KEY=VALUE]…", long_help = DATA_HELP)]
    pub(crate) data: Vec<String>,
    /// Query the built-in example: six hours of a churn-prediction service
    #[arg(long)]
    pub(crate) demo: bool,
    /// Format of the data
    #[arg(long, value_enum, default_value_t = InputFormat::Auto)]
    pub(crate) format: InputFormat,
    /// Turn classic histograms of pages into native ones with custom buckets
    #[arg(long)]
    pub(crate) convert_classic_histograms: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum InputFormat {
    /// Recognise it
    #[default]
    Auto,
    /// Prometheus text format
    Text,
    /// OpenMetrics
    Openmetrics,
    /// Delimited protobuf messages
    Protobuf,
    /// The load blocks of a test script
    Script,
}

/// What the engine may do.
#[derive(Args, Debug)]
#[command(next_help_heading = "Engine")]
pub(crate) struct EngineArgs {
    /// Features to switch on, as in Prometheus: promql-experimental-functions,
    /// promql-binop-fill-modifiers, promql-unquoted-utf8-names, promql-delayed-name-removal,
    /// type-and-unit-labels, use-start-timestamps
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) enable_feature: Vec<String>,
    /// How far an instant selector looks back
    #[arg(long, alias = "query.lookback-delta", value_name = "DURATION", default_value = "5m", value_parser = positive_duration)]
    pub(crate) lookback_delta: i64,
    /// Samples that a query may hold in memory
    #[arg(long, alias = "query.max-samples", value_name = "N", default_value_t = 50_000_000)]
    pub(crate) max_samples: u64,
    /// How long a query may run
    #[arg(long, alias = "query.timeout", value_name = "DURATION", default_value = "2m", value_parser = positive_duration)]
    pub(crate) timeout: i64,
    /// Add up sums over long windows sample by sample, to Prometheus's last digit; slower
    #[arg(long)]
    pub(crate) strict_order: bool,
    /// Worker threads; 0 takes one for each core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
}

/// One time, or a range of times.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Time")]
pub(crate) struct TimeArgs {
    /// Evaluate at this time [default: now]
    #[arg(short, long, value_name = "TIME", conflicts_with_all = ["start", "end", "step"], long_help = TIME_HELP, allow_hyphen_values = true)]
    pub(crate) time: Option<String>,
    /// Evaluate over a range that starts here [default: an hour before --end]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) start: Option<String>,
    /// The end of the range [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) end: Option<String>,
    /// Distance of the steps [default: a 250th of the range, at least 1s]
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    pub(crate) step: Option<i64>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OutputFormat {
    /// Aligned columns, for people
    Table,
    /// The `data` of the HTTP API
    Json,
    /// A row for each sample
    Csv,
    /// A JSON object for each series, one a line
    Ndjson,
    /// As promtool prints values
    Promql,
}

#[derive(Args, Debug)]
pub(crate) struct QueryArgs {
    /// The expression; `-` reads it from standard input
    pub(crate) expr: String,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    /// How the answer is printed
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Table)]
    pub(crate) output: OutputFormat,
    /// Draw the lines of a range query in the terminal
    #[arg(long, conflicts_with = "output")]
    pub(crate) plot: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The expression; `-` reads it from standard input
    pub(crate) expr: String,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(crate) struct FmtArgs {
    /// Expressions; standard input if there are none
    pub(crate) expr: Vec<String>,
    /// Print nothing; fail if an expression is not in the standard layout
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ParseArgs {
    /// The expression; `-` reads it from standard input
    pub(crate) expr: String,
    /// Print the tree as the HTTP API's parse_query does
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(crate) struct FunctionsArgs {
    /// Only functions whose name contains one of these
    pub(crate) name: Vec<String>,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct MetricsArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SeriesArgs {
    /// Only series that match one of these selectors
    #[arg(long = "match", value_name = "SELECTOR")]
    pub(crate) selectors: Vec<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print a JSON array, as the HTTP API does
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct LabelsArgs {
    /// Print the values of this label; the names of all labels if left out
    pub(crate) name: Option<String>,
    /// Only labels of series that match one of these selectors
    #[arg(long = "match", value_name = "SELECTOR")]
    pub(crate) selectors: Vec<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Print a JSON array, as the HTTP API does
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct TestArgs {
    /// Scripts, and directories that are searched for `.test` files
    #[arg(required = true)]
    pub(crate) path: Vec<PathBuf>,
    /// Only files and evals whose name matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub(crate) run: Option<String>,
    /// Print the report as one JSON object
    #[arg(long, conflicts_with = "junit")]
    pub(crate) json: bool,
    /// Write a JUnit report to this file, `-` for standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Rewrite expectations that fail to what was computed
    #[arg(long)]
    pub(crate) update: bool,
    /// Compare how many evals of each script hold with the numbers in this file, and fail only where one fell
    #[arg(long, value_name = "FILE", conflicts_with_all = ["update", "run", "json"])]
    pub(crate) tally: Option<PathBuf>,
    /// Raise the numbers of the tally to those of this run
    #[arg(long, requires = "tally")]
    pub(crate) raise: bool,
}

/// A duration above zero in ms: `5m`, or seconds as a number.
fn positive_duration(text: &str) -> Result<i64, String> {
    let ms = match text.parse::<f64>() {
        Ok(seconds) => seconds * 1000.0,
        Err(_) => duration::parse(text).map_err(|e| e.to_string())? as f64,
    };
    // 2^53 ms are 285 millennia, and every whole number up to there is exact
    if (1.0..9_007_199_254_740_992.0).contains(&ms) { Ok(ms as i64) } else { Err("it must be at least a millisecond".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_are_words_or_seconds() {
        assert_eq!(positive_duration("1h30m"), Ok(5_400_000));
        assert_eq!(positive_duration("0.5"), Ok(500));
        for bad in ["0", "-1", "NaN", "x", "1e300", "inf"] {
            assert!(positive_duration(bad).is_err(), "{bad}");
        }
    }
}
