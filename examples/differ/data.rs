//! Data of a case, as load commands: every series has a block of its own, so that its place in
//! the order of creation is defined.

use crate::random::Random;
use std::fmt::Write;

/// Steps of the data, at `INTERVAL_S` each.
const SAMPLES: usize = 60;
/// Seconds between samples.
pub const INTERVAL_S: usize = 30;

pub struct Data {
    pub load: String,
    /// There are native histograms.
    pub native: bool,
}

pub fn generate(random: &mut Random, native: bool) -> Data {
    let mut load = String::new();
    for job in ["api", "db"] {
        for instance in 0..3 {
            let labels = format!("instance=\"{instance}\",job=\"{job}\"");
            series(&mut load, random, &format!("requests_total{{{labels},code=\"200\"}}"), counter);
            if random.one_in(2) {
                series(&mut load, random, &format!("requests_total{{{labels},code=\"500\"}}"), counter);
            }
            series(&mut load, random, &format!("load{{{labels}}}"), gauge);
            series(&mut load, random, &format!("limit{{{labels}}}"), gauge);
            if random.one_in(2) {
                series(&mut load, random, &format!("odd{{{labels}}}"), odd);
            }
            if instance < 2 {
                for (i, le) in ["0.1", "1", "2.5", "10", "+Inf"].iter().enumerate() {
                    let name = format!("latency_bucket{{{labels},le=\"{le}\"}}");
                    series(&mut load, random, &name, |random| bucket(random, i));
                }
                let version = random.below(3);
                series(&mut load, random, &format!("target_info{{{labels},version=\"v{version}\",zone=\"z{instance}\"}}"), ones);
                series(&mut load, random, &format!("build_info{{{labels},build=\"b{version}\"}}"), ones);
            }
        }
    }
    for name in ["load2", "steady"] {
        for instance in 0..2 {
            series(&mut load, random, &format!("{name}{{instance=\"{instance}\",job=\"api\"}}"), gauge);
        }
    }
    series(&mut load, random, "typed{__type__=\"counter\",__unit__=\"s\",job=\"api\"}", counter);
    series(&mut load, random, "k", |random| (0..SAMPLES).map(|_| Some(format!("{}", 1 + random.below(3)))).collect());
    if native {
        native_series(&mut load, random);
    }
    Data { load, native }
}

type Values = Vec<Option<String>>;

fn series(load: &mut String, random: &mut Random, name: &str, values: impl Fn(&mut Random) -> Values) {
    let mut values = values(random);
    let kind = random.below(6);
    // Most series are whole; some have gaps, an end, or a late start.
    if kind == 0 {
        let from = random.below(SAMPLES);
        let length = random.below(20);
        values.iter_mut().skip(from).take(length).for_each(|v| *v = None);
    } else if kind == 1 {
        let at = random.below(SAMPLES);
        if let Some(value) = values.get_mut(at) {
            *value = Some("stale".into());
        }
        let length = random.below(12);
        values.iter_mut().skip(at + 1).take(length).for_each(|v| *v = None);
    }
    let _ = writeln!(load, "load {INTERVAL_S}s");
    if kind == 2 && !name.contains("le=") {
        let _ = write!(load, "  {name}@st");
        for value in &values {
            let start = ["0s", "-10s", "-30s", "-45s", "-20m"][random.below(5)];
            let _ = write!(load, " {}", if value.is_some() { start } else { "_" });
        }
        load.push('\n');
    }
    let _ = write!(load, "  {name}");
    for value in &values {
        let _ = write!(load, " {}", value.as_deref().unwrap_or("_"));
    }
    load.push_str("\n\n");
}

fn counter(random: &mut Random) -> Values {
    let mut value = random.below(50);
    (0..SAMPLES)
        .map(|_| {
            value = if random.one_in(25) { random.below(5) } else { value + random.below(20) };
            Some(value.to_string())
        })
        .collect()
}

fn gauge(random: &mut Random) -> Values {
    let mut value = random.below(200) as i64 - 50;
    (0..SAMPLES)
        .map(|_| {
            value += random.below(21) as i64 - 10;
            Some(format!("{}", value as f64 / 4.0))
        })
        .collect()
}

/// Values that arithmetic trips over.
fn odd(random: &mut Random) -> Values {
    let values = ["NaN", "Inf", "-Inf", "0", "-0", "1e308", "-1e308", "0.1", "3", "1e-300"];
    (0..SAMPLES).map(|_| if random.one_in(3) { Some(random.pick(&values).into()) } else { Some("1".into()) }).collect()
}

fn ones(_: &mut Random) -> Values {
    vec![Some("1".into()); SAMPLES]
}

/// Cumulative counts that grow with the bound, with a slip now and then.
fn bucket(random: &mut Random, index: usize) -> Values {
    let mut value = 0;
    (0..SAMPLES)
        .map(|_| {
            value += 2 * (index + 1) + random.below(2);
            let slip = if random.one_in(40) { 5 } else { 0 };
            Some((value as i64 - slip).max(0).to_string())
        })
        .collect()
}

fn native_series(load: &mut String, random: &mut Random) {
    for instance in 0..3 {
        let name = format!("native{{instance=\"{instance}\",job=\"api\"}}");
        series(load, random, &name, |random| histograms(random, instance == 2, false));
        let name = format!("custom{{instance=\"{instance}\",job=\"api\"}}");
        series(load, random, &name, |random| histograms(random, instance == 2, true));
    }
    series(load, random, "mixed{instance=\"0\",job=\"api\"}", |random| {
        let histograms = histograms(random, false, false);
        histograms.into_iter().map(|h| if random.one_in(3) { Some(random.below(9).to_string()) } else { h }).collect()
    });
}

/// Histograms that grow, change their layout, and fall back.
fn histograms(random: &mut Random, gauge: bool, custom: bool) -> Values {
    let mut counts = [0_usize; 4];
    let mut schema = random.below(3) as i32;
    let mut bounds = "1 2 5";
    (0..SAMPLES)
        .map(|_| {
            counts.iter_mut().for_each(|c| *c += random.below(4));
            if random.one_in(20) {
                counts = [0; 4];
                counts[random.below(4)] = random.below(3);
            }
            if random.one_in(25) {
                schema = random.below(4) as i32 - 1;
                bounds = random.pick(&["1 2 5", "1 5", "2 5 7", "0 1 2"]);
            }
            let hint = if gauge { " counter_reset_hint:gauge" } else { "" };
            let [a, b, c, d] = counts;
            let sum = (a + 2 * b + 3 * c + 4 * d) as f64 / 2.0;
            Some(if custom {
                format!(
                    "{{{{schema:-53 count:{} sum:{sum} custom_values:[{bounds}] buckets:[{a} {b} {c}]{hint}}}}}",
                    a + b + c
                )
            } else {
                format!(
                    "{{{{schema:{schema} count:{} sum:{sum} z_bucket:{a} z_bucket_w:0.01 offset:-1 buckets:[{b} {c}] n_buckets:[{d}]{hint}}}}}",
                    a + b + c + d
                )
            })
        })
        .collect()
}
