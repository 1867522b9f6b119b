//! What one instance shows at each scrape.

use super::native::Native;
use super::recorder::{Handle, Recorder};
use super::story::{self, INSTANCES, SCRAPE_OFFSETS, noise};
use super::{END, INTERVAL, START};
use crate::model::LabelSet;

/// Name, type and help of every metric family.
pub(super) const METADATA: &[(&str, &str, &str)] = &[
    ("active_users", "gauge", "Users with a session in the last minute."),
    ("churn_api_active_requests", "gauge", "Requests being served."),
    ("churn_api_errors_total", "counter", "Errors by what went wrong."),
    ("churn_api_model_confidence", "gauge", "Mean confidence of the latest predictions, 0 to 1."),
    ("churn_api_model_info", "gauge", "The model that is loaded; always 1."),
    ("churn_api_prediction_latency_seconds", "histogram", "Time that the model takes for one prediction."),
    ("churn_api_predictions_total", "counter", "Predictions made."),
    ("churn_api_request_latency_seconds", "histogram", "Time to answer a request, by path."),
    ("churn_api_requests_total", "counter", "Requests answered."),
    ("churn_data_drift_score", "gauge", "Distance of the incoming data from the training data, 0 to 1."),
    ("container_memory_limit_bytes", "gauge", "Memory that the container may use."),
    ("container_memory_usage_bytes", "gauge", "Memory that the container uses."),
    ("http_request_duration_seconds", "histogram", "Time to answer an HTTP request, all paths together."),
    ("http_requests_total", "counter", "HTTP requests by method and status code."),
    ("missing_features_total", "counter", "Predictions that lacked a feature."),
    ("prediction_duration_seconds", "summary", "Time for one prediction, quantiles of the last minute."),
    ("up", "gauge", "1 if the last scrape worked."),
];

/// Upper bounds of the classic buckets with their label values.
const BUCKETS: [(f64, &str); 10] = [
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.025, "0.025"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.25, "0.25"),
    (0.5, "0.5"),
    (1.0, "1.0"),
    (2.5, "2.5"),
    (5.0, "5.0"),
];

/// Method, path, share of the traffic, median latency in seconds, whether the model is asked.
const ROUTES: [(&str, &str, f64, f64, bool); 4] = [
    ("POST", "/predict", 0.62, 0.032, true),
    ("POST", "/predict/batch", 0.08, 0.16, true),
    ("GET", "/health", 0.18, 0.002, false),
    ("GET", "/model/info", 0.12, 0.006, false),
];

/// A counter with the series that shows it.
struct Counter {
    handle: Handle,
    value: f64,
}

impl Counter {
    fn new(handle: Handle) -> Self {
        Counter { handle, value: 0.0 }
    }
}

/// Latencies follow a log-logistic law of shape 3: a long tail, and its distribution function
/// needs nothing but arithmetic.
pub(super) fn at_most(bound: f64, median: f64) -> f64 {
    let x = bound / median;
    let cube = x * x * x;
    cube / (1.0 + cube)
}
/// The mean of that law over its median.
const MEAN_OVER_MEDIAN: f64 = 1.2092;
/// Its quantiles 0.5, 0.9 and 0.99 over its median: cube roots of 1, 9 and 99.
const QUANTILES: [(&str, f64); 3] = [("0.5", 1.0), ("0.9", 2.0801), ("0.99", 4.6261)];

/// A classic histogram: buckets, sum and count; and a native one of the same name beside it where
/// the service shows both.
struct Latency {
    native: Option<Native>,
    buckets: Vec<Counter>,
    sum: Counter,
    count: Counter,
}

impl Latency {
    fn new(rec: &mut Recorder, target: &LabelSet, name: &str, labels: &[(&str, &str)]) -> Self {
        let mut bucket = |le: &str| {
            let with_le: Vec<(&str, &str)> = labels.iter().copied().chain([("le", le)]).collect();
            Counter::new(rec.series(target, &format!("{name}_bucket"), &with_le))
        };
        let mut buckets: Vec<Counter> = BUCKETS.iter().map(|(_, le)| bucket(le)).collect();
        buckets.push(bucket("+Inf"));
        Latency {
            native: None,
            buckets,
            sum: Counter::new(rec.series(target, &format!("{name}_sum"), labels)),
            count: Counter::new(rec.series(target, &format!("{name}_count"), labels)),
        }
    }
    /// The same with a native histogram.
    fn with_native(mut self, rec: &mut Recorder, target: &LabelSet, name: &str, labels: &[(&str, &str)]) -> Self {
        self.native = Some(Native::new(rec.series(target, name, labels)));
        self
    }
    /// Adds `n` observations around a median; `dither` in [0, 1) decides what fractions become.
    fn observe(&mut self, n: f64, median: f64, dither: f64) {
        for (counter, bound) in self.buckets.iter_mut().zip(BUCKETS.iter().map(|b| b.0).chain([f64::INFINITY])) {
            let below = if bound.is_finite() { at_most(bound, median) } else { 1.0 };
            counter.value += (n * below + dither).floor();
        }
        if let Some(native) = &mut self.native {
            native.observe(n, median, dither);
        }
        self.count.value += n;
        // whole microseconds, so that the sum has few digits and no rounding drift
        self.sum.value += (n * median * MEAN_OVER_MEDIAN * (0.95 + 0.1 * dither) * 1e6).round();
    }
    fn counters(&mut self) -> impl Iterator<Item = &mut Counter> {
        self.buckets.iter_mut().chain([&mut self.count])
    }
}

/// The series of one instance with the state of its process.
struct Target {
    instance: usize,
    requests: Vec<[Counter; 3]>,
    latency: Vec<Latency>,
    prediction_latency: Latency,
    http: [[Counter; 2]; 2],
    http_duration: Latency,
    predictions: Counter,
    errors: [Counter; 3],
    missing: [Counter; 3],
    summary: [Handle; 3],
    summary_sum: Counter,
    summary_count: Counter,
    gauges: Gauges,
    models: [Handle; 2],
    started: f64,
}

struct Gauges {
    active_requests: Handle,
    confidence: Handle,
    drift: Handle,
    memory: Handle,
    limit: Handle,
    users: Handle,
}

/// Statuses of a route: the good one and two bad ones; the model's routes fail in their own way.
fn statuses(asks_model: bool) -> [&'static str; 3] {
    if asks_model { ["200", "400", "500"] } else { ["200", "404", "503"] }
}

impl Target {
    fn new(rec: &mut Recorder, target: &LabelSet, instance: usize) -> Self {
        let mut one = |name: &str, labels: &[(&str, &str)]| rec.series(target, name, labels);
        let requests = ROUTES
            .iter()
            .map(|(method, path, _, _, asks)| {
                statuses(*asks)
                    .map(|status| Counter::new(one("churn_api_requests_total", &[("method", method), ("path", path), ("status", status)])))
            })
            .collect();
        let http = ["GET", "POST"]
            .map(|method| ["200", "500"].map(|code| Counter::new(one("http_requests_total", &[("method", method), ("code", code)]))));
        let errors =
            ["validation", "model_timeout", "internal"].map(|kind| Counter::new(one("churn_api_errors_total", &[("error_type", kind)])));
        let missing = ["last_login_days", "support_tickets", "contract_type"]
            .map(|feature| Counter::new(one("missing_features_total", &[("feature", feature)])));
        let summary = QUANTILES.map(|(q, _)| one("prediction_duration_seconds", &[("quantile", q)]));
        let models = [("v2.3.1", "gradient_boosting", "2025-11-03"), ("v2.4.0", "random_forest", "2025-12-19")]
            .map(|(version, kind, date)| one("churn_api_model_info", &[("version", version), ("algorithm", kind), ("trained_date", date)]));
        let gauges = Gauges {
            active_requests: one("churn_api_active_requests", &[]),
            confidence: one("churn_api_model_confidence", &[]),
            drift: one("churn_data_drift_score", &[]),
            memory: one("container_memory_usage_bytes", &[]),
            limit: one("container_memory_limit_bytes", &[]),
            users: one("active_users", &[]),
        };
        let predictions = Counter::new(one("churn_api_predictions_total", &[]));
        let summary_sum = Counter::new(one("prediction_duration_seconds_sum", &[]));
        let summary_count = Counter::new(one("prediction_duration_seconds_count", &[]));
        let name = "churn_api_request_latency_seconds";
        let latency = ROUTES
            .iter()
            .map(|route| [("path", route.1)])
            .map(|labels| Latency::new(rec, target, name, &labels).with_native(rec, target, name, &labels))
            .collect();
        Target {
            instance,
            requests,
            latency,
            prediction_latency: Latency::new(rec, target, "churn_api_prediction_latency_seconds", &[]),
            http,
            http_duration: Latency::new(rec, target, "http_request_duration_seconds", &[]),
            predictions,
            errors,
            missing,
            summary,
            summary_sum,
            summary_count,
            gauges,
            models,
            started: -90.0,
        }
    }

    fn counters(&mut self) -> impl Iterator<Item = &mut Counter> {
        let latencies = self.latency.iter_mut().chain([&mut self.prediction_latency, &mut self.http_duration]);
        self.requests
            .iter_mut()
            .flatten()
            .chain(latencies.flat_map(Latency::counters))
            .chain(self.http.iter_mut().flatten())
            .chain(&mut self.errors)
            .chain(&mut self.missing)
            .chain([&mut self.predictions, &mut self.summary_count])
    }
    /// Sums of seconds; they count whole microseconds.
    fn sums(&mut self) -> impl Iterator<Item = &mut Counter> {
        let latencies = self.latency.iter_mut().chain([&mut self.prediction_latency, &mut self.http_duration]);
        latencies.map(|l| &mut l.sum).chain([&mut self.summary_sum])
    }

    /// A new process: counters start at 0.
    fn restart(&mut self, minute: f64) {
        self.counters().for_each(|c| c.value = 0.0);
        self.sums().for_each(|c| c.value = 0.0);
        self.latency.iter_mut().filter_map(|l| l.native.as_mut()).for_each(Native::restart);
        self.started = minute;
    }

    /// What happened since the scrape before.
    fn advance(&mut self, step: i64, minute: f64) {
        let i = self.instance;
        let jitter = 0.92 + 0.16 * noise(i, step, 1);
        let per_scrape = story::traffic(i, minute) * jitter * (INTERVAL as f64 / 1000.0);
        let slow = story::slowness(minute);
        let mut predicted = 0.0;
        for (r, (method, _, share, median, asks_model)) in ROUTES.iter().enumerate() {
            let stream = 10 + 8 * r as u64;
            let n = (per_scrape * share + noise(i, step, stream)).floor();
            let (bad_ratio, failed_ratio) = if *asks_model { (0.012, story::error_ratio(minute)) } else { (0.001, 0.0) };
            let bad = (n * bad_ratio + noise(i, step, stream + 1)).floor().min(n);
            let failed = (n * failed_ratio + noise(i, step, stream + 2)).floor().min(n - bad);
            let failed = if *asks_model { failed } else { 0.0 };
            let good = n - bad - failed;
            for (counter, count) in self.requests[r].iter_mut().zip([good, bad, failed]) {
                counter.value += count;
            }
            let median = if *asks_model { median * slow } else { *median };
            let dither = noise(i, step, stream + 3);
            self.latency[r].observe(n, median, dither);
            self.http_duration.observe(n, median, dither);
            let http = &mut self.http[usize::from(*method == "POST")];
            http[0].value += n - failed;
            http[1].value += failed;
            if *asks_model {
                predicted += good;
                self.prediction_latency.observe(good, median * 0.7, noise(i, step, stream + 4));
                self.errors[0].value += bad;
                let timeouts = (failed * 0.4 + noise(i, step, stream + 5)).floor().min(failed);
                self.errors[1].value += timeouts;
                self.errors[2].value += failed - timeouts;
                self.summary_sum.value += (good * median * 0.7 * MEAN_OVER_MEDIAN * 1e6).round();
                self.summary_count.value += good;
            }
        }
        self.predictions.value += predicted;
        let drift = story::drift(i, minute);
        self.missing[0].value += (predicted * 0.02 * drift + noise(i, step, 2)).floor();
        if minute < 300.0 {
            self.missing[1].value += (predicted * 0.001 + noise(i, step, 3)).floor();
        }
    }

    fn write(&self, rec: &mut Recorder, step: i64, minute: f64, time: i64) {
        let i = self.instance;
        let traffic = story::traffic(i, minute);
        let slow = story::slowness(minute);
        let g = &self.gauges;
        rec.push(g.active_requests, time, (traffic * 0.06 * slow + 3.0 * noise(i, step, 4)).round());
        let drift = story::drift(i, minute) + 0.02 * (noise(i, step, 5) - 0.5);
        rec.push(g.drift, time, rounded(drift, 1e4));
        let confidence = 0.91 - 0.35 * story::drift(i, minute) + 0.03 * (noise(i, step, 6) - 0.5);
        rec.push(g.confidence, time, rounded(confidence, 1e4));
        let leak = 0.35 * (minute - self.started);
        let megabytes = 310.0 + leak + 2.2 * traffic + 12.0 * noise(i, step, 7);
        rec.push(g.memory, time, (megabytes * 256.0).round() * 4096.0);
        rec.push(g.limit, time, 1024.0 * 1024.0 * 1024.0);
        rec.push(g.users, time, (traffic * 8.5 + 12.0 * noise(i, step, 8)).round());
        for (handle, (_, factor)) in self.summary.iter().zip(QUANTILES) {
            rec.push(*handle, time, rounded(0.026 * slow * factor * (0.97 + 0.06 * noise(i, step, 9)), 1e6));
        }
        rec.push(self.models[usize::from(self.started > 0.0)], time, 1.0);
        for latency in &self.latency {
            if let Some(native) = &latency.native {
                rec.push_histogram(native.handle, time, native.sample(latency.sum.value / 1e6));
            }
        }
    }

    /// Every series that shows something while the process is up.
    fn handles(&mut self) -> Vec<Handle> {
        let g = &self.gauges;
        let mut all = vec![g.active_requests, g.confidence, g.drift, g.memory, g.limit, g.users];
        all.extend(self.summary);
        all.extend(self.counters().map(|c| c.handle));
        all.extend(self.sums().map(|c| c.handle));
        all.extend(self.latency.iter().filter_map(|l| l.native.as_ref()).map(|n| n.handle));
        all
    }
}

fn rounded(value: f64, scale: f64) -> f64 {
    (value * scale).round() / scale
}

/// Scrapes one instance for the whole time.
pub(super) fn scrape_all(rec: &mut Recorder, instance: usize) {
    let target = LabelSet::from_pairs([("job", "churn-api"), ("instance", INSTANCES[instance])]);
    let up = rec.series(&target, "up", &[]);
    let mut state = Target::new(rec, &target, instance);
    let restart_at = story::restart(instance);
    let (mut deployed, mut was_down) = (false, false);
    for step in 0..=(END - START) / INTERVAL {
        let minute = step as f64 * INTERVAL as f64 / 60_000.0;
        let time = START + step * INTERVAL - SCRAPE_OFFSETS[instance];
        let down = story::is_down(instance, minute);
        rec.push(up, time, f64::from(u8::from(!down)));
        if !deployed && minute >= restart_at {
            deployed = true;
            rec.mark_stale(state.models[0], time);
            state.restart(minute);
        }
        if down {
            if !was_down {
                state.handles().into_iter().for_each(|handle| rec.mark_stale(handle, time));
            }
        } else {
            state.advance(step, minute);
            state.write(rec, step, minute, time);
            state.counters().for_each(|c| rec.push(c.handle, time, c.value));
            state.sums().for_each(|c| rec.push(c.handle, time, c.value / 1e6));
        }
        was_down = down;
    }
}
