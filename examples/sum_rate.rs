//! Times one query natively on one thread, for `npm/bench.mjs`, which times the same in WebAssembly:
//! `sum_rate SCRIPT QUERY END_MS STEP_MS STEPS RUNS` prints the best run in ms, and a check sum.

use ferula::engine::{Range, Value};
use ferula::golden::{self, Command};
use ferula::source::MemorySource;
use ferula::{Engine, EngineOptions};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [script, query, end, step, steps, runs] = &args[..] else { return Err("six arguments are needed".into()) };
    let mut source = MemorySource::new();
    for command in golden::parse(&std::fs::read_to_string(script)?).commands {
        if let Command::Load(load) = command {
            golden::load(&mut source, &load)?;
        }
    }
    source.compact();
    let (end, step, steps): (i64, i64, i64) = (end.parse()?, step.parse()?, steps.parse()?);
    let engine = Engine::new(EngineOptions { threads: 1, ..EngineOptions::default() });
    let mut best = f64::INFINITY;
    let mut sum = 0.0;
    for _ in 0..runs.parse::<usize>()? {
        let began = Instant::now();
        let result = engine.prepare(query)?.range(&source, Range { start: end - step * (steps - 1), end, step })?;
        best = best.min(began.elapsed().as_secs_f64() * 1000.0);
        let Value::Matrix(matrix) = result.value else { return Err("the answer is no matrix".into()) };
        sum = matrix.series.iter().flat_map(|s| &s.values).sum();
    }
    println!("{best} {sum}");
    Ok(())
}
