//! Generates questions for two engines, and compares their answers.
//!
//! ```sh
//! differ eval SEED COUNT [--native] > cases      # queries over generated data, COUNT in all
//! differ parse SEED COUNT > cases                # expressions, half of them damaged
//! differ page SEED COUNT > cases                 # metrics pages, most of them damaged
//! conform eval cases > ours
//! differ ask ORACLE eval cases > theirs          # asks case by case; a crash costs one case
//! differ compare cases ours theirs [--tolerance 1e-9] [--show 20] [--oracle ORACLE]
//! ```
//! `compare` prints the differences, the coverage of the cases, and fails where anything differs
//! that is not explained.

mod ask;
mod compare;
mod data;
mod page;
mod query;
mod random;
mod text;

use random::Random;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Queries that share one set of data.
const QUERIES_OF_A_CASE: u64 = 40;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["eval", seed, count, ref flags @ ..] => generate(seed, count, |seed, count| eval_cases(seed, count, flags.contains(&"--native"))),
        ["parse", seed, count] => generate(seed, count, parse_cases),
        ["page", seed, count] => generate(seed, count, page::cases),
        ["ask", program, mode, cases] => ask::run(program, mode, cases),
        ["compare", cases, ours, theirs, ref flags @ ..] => compare::run(cases, ours, theirs, flags),
        _ => {
            eprintln!(
                "usage: differ eval|parse|page SEED COUNT [--native] | differ ask PROGRAM MODE CASES | differ compare CASES OURS THEIRS [--tolerance X] [--show N] [--oracle PROGRAM]"
            );
            ExitCode::from(2)
        }
    }
}

fn generate(seed: &str, count: &str, cases: impl Fn(u64, u64) -> Vec<Value>) -> ExitCode {
    let (Ok(seed), Ok(count)) = (seed.parse(), count.parse()) else {
        eprintln!("SEED and COUNT are whole numbers");
        return ExitCode::from(2);
    };
    for case in cases(seed, count) {
        println!("{case}");
    }
    ExitCode::SUCCESS
}

fn eval_cases(seed: u64, count: u64, native: bool) -> Vec<Value> {
    let cases = count.div_ceil(QUERIES_OF_A_CASE);
    (0..cases)
        .map(|id| {
            let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(id));
            let data = data::generate(&mut random, native);
            let queries: Vec<Value> = (0..QUERIES_OF_A_CASE).map(|_| query::question(&mut random, &data)).collect();
            json!({"id": id, "load": data.load, "queries": queries, "options": options(&mut random)})
        })
        .collect()
}

/// Each switch on and off.
fn options(random: &mut Random) -> Value {
    let mut options = serde_json::Map::new();
    for name in ["delayed_name_removal", "start_timestamps", "type_and_unit_labels"] {
        if random.one_in(3) {
            options.insert(name.into(), json!(random.one_in(2)));
        }
    }
    if random.one_in(4) {
        options.insert("lookback_ms".into(), json!([30_000, 60_000, 120_000, 600_000][random.below(4)]));
    }
    Value::Object(options)
}

fn parse_cases(seed: u64, count: u64) -> Vec<Value> {
    (0..count)
        .map(|id| {
            let mut random = Random::new(seed.wrapping_mul(7_000_003).wrapping_add(id));
            let mut expr = text::expression(&mut random);
            if id % 2 == 1 {
                expr = text::damaged(&mut random, expr);
            }
            let mut options = serde_json::Map::new();
            for name in ["experimental_functions", "fill_modifiers", "unquoted_utf8_names"] {
                if random.one_in(6) {
                    options.insert(name.into(), json!(false));
                }
            }
            json!({"id": id, "expr": expr, "options": options})
        })
        .collect()
}
