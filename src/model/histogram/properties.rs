//! What holds of all histograms; and that no method panics or hangs on damaged ones.

use super::testing::histogram;
use super::{Histogram, HistogramSpan};
use crate::model::CounterResetHint;
use proptest::prelude::*;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -5.0..5.0f64,
        2 => Just(0.0),
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -0.0]),
    ]
}

fn side() -> impl Strategy<Value = (Vec<HistogramSpan>, Vec<f64>)> {
    let offset = prop_oneof![4 => -3..6i32, 1 => any::<i32>(), 1 => Just(i32::MAX)];
    let length = prop_oneof![6 => 0..4u32, 1 => any::<u32>()];
    let spans = prop::collection::vec((offset, length).prop_map(|(offset, length)| HistogramSpan { offset, length }), 0..4);
    (spans, prop::collection::vec(number(), 0..8))
}

fn any_histogram() -> impl Strategy<Value = Histogram> {
    let hint =
        prop::sample::select(vec![CounterResetHint::Unknown, CounterResetHint::Reset, CounterResetHint::NotReset, CounterResetHint::Gauge]);
    let schema = prop_oneof![4 => -4..=8, 3 => Just(-53), 1 => any::<i32>()];
    let numbers = (number(), number(), number(), number(), prop::collection::vec(number(), 0..4));
    (hint, schema, numbers, side(), side()).prop_map(
        |(counter_reset_hint, schema, (zero_threshold, zero_count, count, sum, custom_values), positive, negative)| Histogram {
            counter_reset_hint,
            schema,
            zero_threshold,
            zero_count,
            count,
            sum,
            positive_spans: positive.0,
            positive_buckets: positive.1,
            negative_spans: negative.0,
            negative_buckets: negative.1,
            custom_values,
        },
    )
}

proptest! {
    #[test]
    fn every_operation_ends(a in any_histogram(), b in any_histogram(), x in number(), y in number()) {
        let on_copy = |operation: &dyn Fn(&mut Histogram)| operation(&mut a.clone());
        on_copy(&|h| assert_eq!(h.add(&b).is_ok(), a.has_custom_buckets() == b.has_custom_buckets()));
        on_copy(&|h| assert_eq!(h.sub(&b).is_ok(), a.has_custom_buckets() == b.has_custom_buckets()));
        on_copy(&|h| {
            let mut lost = None;
            let _ = h.kahan_add(&b, &mut lost);
            let _ = h.kahan_add(&a, &mut lost);
            // A compensation of something else is damage too.
            let _ = h.kahan_add(&b, &mut Some(b.clone()));
        });
        on_copy(&|h| h.mul(x));
        on_copy(&|h| h.div(x));
        on_copy(&|h| h.compact(0));
        on_copy(&|h| h.compact(3));
        on_copy(&|h| h.reduce_to(-4));
        on_copy(&|h| h.trim_upper(x));
        on_copy(&|h| h.trim_lower(x));
        let _ = (a.quantile(x), a.fraction(x, y), a.stdvar(), a.detect_reset(&b), a.same_as(&b), a.validate());
        let _ = (a.to_string(), a.to_label_value(), a.to_test_expression(true), a.to_api_json(), a.size());
        let _ = Histogram::between((i64::MIN, &a), (i64::MAX, &b), 0, x < y);
    }

    #[test]
    fn sums_lose_no_observation((a, b) in pair()) {
        let mut sum = a.clone();
        sum.add(&b).expect("same schema");
        prop_assert_eq!(observations(&sum), observations(&a) + observations(&b));
        let mut other_way = b.clone();
        other_way.add(&a).expect("same schema");
        sum.compact(0);
        other_way.compact(0);
        prop_assert!(sum.same_as(&other_way), "{sum} and {other_way}");
        prop_assert!(!sum.detect_reset(&a), "{sum} after {a}");
    }

    #[test]
    fn quantiles_ascend((a, _) in pair(), p in 0.0..1.0f64, q in 0.0..1.0f64) {
        let (low, high) = (a.quantile(p.min(q)).value, a.quantile(p.max(q)).value);
        prop_assert!(low.is_nan() || low <= high + high.abs() * 1e-12, "{low} {high} {a}");
    }

    #[test]
    fn the_two_parts_of_a_trim_are_the_whole((a, _) in pair(), x in -9.0..9.0f64) {
        let (mut below, mut above) = (a.clone(), a.clone());
        below.trim_upper(x);
        above.trim_lower(x);
        let parts = observations(&below) + observations(&above);
        prop_assert!((parts - observations(&a)).abs() < 1e-9, "{below} and {above} of {a}");
    }
}

/// Two sound histograms of one schema, with whole counts.
fn pair() -> impl Strategy<Value = (Histogram, Histogram)> {
    let buckets = || (-6..6i32, prop::collection::vec((0..9u32).prop_map(f64::from), 0..7));
    let zero = || (0..9u32, prop::sample::select(vec![0.0, 0.01, 0.3, 0.5, 1.0, 1.7]));
    let parts = || (zero(), buckets(), buckets());
    (-2..4i32, parts(), parts()).prop_map(|(schema, a, b)| {
        let [a, b] = [a, b].map(|((zero, threshold), positive, negative)| {
            let zero = (f64::from(zero), threshold);
            let mut h = histogram(schema, [0.0, 0.0], zero, (positive.0, &positive.1), (negative.0, &negative.1));
            // As a client fills them: nothing beside the zero bucket that belongs into it.
            let inside =
                [h.positive().take_while(|b| b.lower < threshold).count(), h.negative().take_while(|b| b.upper > -threshold).count()];
            h.positive_buckets.iter_mut().take(inside[0]).for_each(|count| *count = 0.0);
            h.negative_buckets.iter_mut().take(inside[1]).for_each(|count| *count = 0.0);
            h.count = observations(&h);
            h
        });
        (a, b)
    })
}

/// What is in all buckets.
fn observations(h: &Histogram) -> f64 {
    h.zero_count + h.positive_buckets.iter().sum::<f64>() + h.negative_buckets.iter().sum::<f64>()
}
