use super::*;
use crate::model::is_stale;

fn find<'a>(all: &'a [(LabelSet, Samples)], name: &str, instance: &str) -> &'a Samples {
    let found = all.iter().find(|(l, _)| l.metric_name() == name && l.get("instance") == Some(instance));
    &found.unwrap_or_else(|| panic!("no {name}")).1
}

#[test]
fn the_data_is_the_same_each_time_and_ends_at_its_end() {
    let (a, b) = (series(), series());
    assert_eq!(a.len(), b.len());
    for ((la, sa), (lb, sb)) in a.iter().zip(&b) {
        assert_eq!(la, lb);
        assert_eq!(sa.time, sb.time);
        assert!(sa.value.iter().zip(&sb.value).all(|(x, y)| x.to_bits() == y.to_bits()));
    }
    assert_eq!(a.iter().filter_map(|(_, s)| s.time.last().copied()).max(), Some(END));
    assert!(a.windows(2).all(|w| w[0].0 < w[1].0));
}

/// Guards against a change of the formula that nobody meant; documentation quotes these numbers.
#[test]
fn the_bits_are_those_that_the_documentation_was_written_with() {
    let mut hash = 0u64;
    for (labels, samples) in series() {
        hash = hash.rotate_left(1) ^ labels.prometheus_hash();
        for (t, v) in samples.time.iter().zip(&samples.value) {
            hash = (hash ^ *t as u64).wrapping_mul(0x0100_0000_01b3) ^ v.to_bits();
        }
    }
    assert_eq!(format!("{hash:016x}"), "be75f2bed5082ae9");
}

#[test]
fn counters_fall_at_the_deploy_and_nowhere_else() {
    let all = series();
    for instance in story::INSTANCES {
        let samples = find(&all, "churn_api_predictions_total", instance);
        let values: Vec<f64> = samples.value.iter().copied().filter(|v| !is_stale(*v)).collect();
        assert_eq!(values.windows(2).filter(|w| w[1] < w[0]).count(), 1, "{instance}");
    }
}

#[test]
fn one_instance_goes_stale_and_comes_back() {
    let all = series();
    let stale_samples = |instance: &str| find(&all, "active_users", instance).value.iter().filter(|v| is_stale(**v)).count();
    assert_eq!(story::INSTANCES.map(stale_samples), [0, 0, 1]);
    let up = find(&all, "up", story::INSTANCES[2]);
    assert_eq!(up.value.iter().filter(|v| **v == 0.0).count(), 40);
    assert_eq!(up.value.last(), Some(&1.0));
}

#[test]
fn buckets_are_cumulative_and_the_last_is_the_count() {
    let all = series();
    let of = |suffix: &str| {
        let name = format!("http_request_duration_seconds_{suffix}");
        all.iter().filter(move |(l, _)| l.metric_name() == name && l.get("instance") == Some(story::INSTANCES[0])).collect::<Vec<_>>()
    };
    let mut buckets = of("bucket");
    let bound = |l: &LabelSet| l.get("le").and_then(|le| le.trim_start_matches('+').parse::<f64>().ok()).unwrap_or(f64::NAN);
    buckets.sort_by(|a, b| bound(&a.0).total_cmp(&bound(&b.0)));
    let last: Vec<f64> = buckets.iter().filter_map(|(_, s)| s.value.last().copied()).collect();
    assert_eq!(last.len(), 11);
    assert!(last.windows(2).all(|w| w[0] <= w[1]));
    assert_eq!(last.last(), of("count")[0].1.value.last());
}

#[test]
fn every_metric_is_described() {
    let known = metadata();
    for (labels, _) in series() {
        let name = labels.metric_name();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(name);
        assert!(known.iter().any(|m| m.name == family || m.name == name), "{name}");
    }
}
