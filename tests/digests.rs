//! What storage keeps of its blocks gives the same answers, to the bit, and holds as much in the
//! sample budget as the samples themselves.
#![cfg(feature = "engine")]

#[path = "../benches/formula/mod.rs"]
#[allow(dead_code)]
mod formula;

use ferula::model::{Histogram, LabelSet, stale};
use ferula::source::MemorySource;
use ferula::{Engine, EngineOptions};
use formula::mix;

const SAMPLES: i64 = 3_000;
const INTERVAL: i64 = 15_000;
const SHAPES: u64 = 9;
const FUNCTIONS: [&str; 13] = [
    "rate",
    "increase",
    "delta",
    "resets",
    "min_over_time",
    "max_over_time",
    "count_over_time",
    "present_over_time",
    "first_over_time",
    "last_over_time",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "changes",
];

/// Series of all kinds: some whose blocks say much, some whose blocks must be looked into.
fn source(compact: bool) -> MemorySource {
    let mut source = MemorySource::new();
    for shape in 0..SHAPES {
        let id = source.series_id(&LabelSet::from_pairs([("__name__", "x_total"), ("shape", &shape.to_string())])).expect("a series");
        let mut value = 0.0;
        for i in 0..SAMPLES {
            let random = mix(shape * 1_000_003 + i as u64 + 1);
            let time = i * INTERVAL + (random >> 8) as i64 % 50;
            let step = (random % 100) as f64;
            value = match shape {
                // Counters, the second of which falls now and then.
                0 | 4 | 5 | 6 => value + step,
                1 if random.is_multiple_of(701) => 0.0,
                1 => value + step,
                7 => f64::NAN,
                8 if random.is_multiple_of(2) => -0.0,
                8 => 0.0,
                _ => value + step - 49.5,
            };
            let told = match shape {
                3 if random.is_multiple_of(13) => f64::NAN,
                4 if i % 1500 == 700 => stale(),
                _ => value,
            };
            let start = if shape == 6 && i > 1200 { 1200 * INTERVAL + 7 } else { 0 };
            if shape == 5 && i % 2000 == 900 {
                source.append_histogram(id, time, 0, Histogram { count: 3.0, sum: value, ..Histogram::default() }).expect("in order");
            } else {
                source.append_float(id, time, start, told).expect("in order");
            }
        }
    }
    if compact {
        source.compact();
    }
    source
}

fn answer(source: &MemorySource, text: &str, time: i64, options: EngineOptions) -> Result<String, String> {
    let query = Engine::new(options).prepare(text).expect(text);
    query.instant(source, time).map(|result| format!("{result:?}")).map_err(|error| error.to_string())
}

#[test]
fn whole_blocks_answer_as_their_samples_do() {
    let end = SAMPLES * INTERVAL;
    for compact in [false, true] {
        let source = source(compact);
        for function in FUNCTIONS {
            for (i, selector) in
                ["x_total[12h]", "x_total[13h]", "x_total[25000s]", "x_total[4h] offset 3h", "x_total[11h] @ 41000", "x_total[1h]"]
                    .into_iter()
                    .enumerate()
            {
                let time = end - (mix(i as u64 + 5) % 3_000_000) as i64;
                for use_start_timestamps in [false, true] {
                    let options = EngineOptions { experimental_functions: true, use_start_timestamps, ..EngineOptions::default() };
                    let text = format!("{function}({selector})");
                    let plain = answer(&source, &text, time, EngineOptions { window_by_window: true, ..options.clone() });
                    assert_eq!(answer(&source, &text, time, options), plain, "{text} at {time}");
                    assert!(plain.is_ok_and(|plain| plain.contains("shape")), "{text}");
                }
            }
        }
    }
}

#[test]
fn samples_that_are_left_out_count_in_the_budget() {
    let source = source(true);
    for text in
        ["count_over_time(x_total[12h])", "max_over_time(x_total[6h])", "rate(x_total{shape=\"0\"}[9h])", "sum(increase(x_total[12h]))"]
    {
        let least = |window_by_window: bool| {
            let (mut no, mut yes) = (0, 100_000);
            while no + 1 < yes {
                let max_samples = (no + yes) / 2;
                let options = EngineOptions { max_samples, window_by_window, ..EngineOptions::default() };
                match answer(&source, text, SAMPLES * INTERVAL, options) {
                    Ok(_) => yes = max_samples,
                    Err(_) => no = max_samples,
                }
            }
            yes
        };
        assert!(least(true) > 1_000, "{text}");
        assert_eq!(least(false), least(true), "{text}");
    }
}
