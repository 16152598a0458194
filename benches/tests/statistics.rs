//! Percentiles and rates, against values that are known.

use std::time::Duration;

use crate::cluster::statistics::{Latencies, mebibytes, per_second};

fn of(millis: impl IntoIterator<Item = u64>) -> Latencies {
    let mut latencies = Latencies::new();
    millis.into_iter().for_each(|millis| latencies.record(Duration::from_millis(millis)));
    latencies
}

/// Three digits are kept, so a value may be a thousandth too high.
#[track_caller]
fn about(actual: f64, expected: f64) {
    assert!((expected..=expected * 1.001).contains(&actual), "{actual} is not {expected}");
}

#[test]
fn a_percentile_is_the_smallest_latency_that_covers_its_share() {
    let hundred = of(1..=100);
    for percent in [1, 50, 90, 99, 100] {
        about(hundred.percentile(f64::from(percent)), f64::from(percent));
    }
    assert_eq!(hundred.count(), 100);
}

#[test]
fn the_order_in_which_latencies_come_does_not_matter() {
    let (rising, falling) = (of(1..=999), of((1..=999).rev()));
    assert_eq!(rising.percentile(90.0).to_bits(), falling.percentile(90.0).to_bits());
}

#[test]
fn a_high_percentile_of_few_is_the_slowest_of_them() {
    let twenty = of((1..=19).chain([500]));
    about(twenty.percentile(99.0), 500.0);
    about(twenty.percentile(95.0), 19.0);
    about(twenty.slowest(), 500.0);
}

#[test]
fn one_slow_edit_among_two_hundred_leaves_the_p90_unchanged() {
    let mostly = of(std::iter::repeat_n(4, 199).chain([10_000]));
    about(mostly.percentile(50.0), 4.0);
    about(mostly.percentile(90.0), 4.0);
    about(mostly.percentile(99.0), 4.0);
    about(mostly.slowest(), 10_000.0);
}

#[test]
fn tiny_and_huge_latencies_keep_their_digits() {
    let mut latencies = Latencies::new();
    latencies.record(Duration::from_micros(250));
    about(latencies.percentile(50.0), 0.25);
    latencies.record(Duration::from_secs(600));
    about(latencies.percentile(100.0), 600_000.0);
}

#[test]
fn no_measurement_is_zero_and_a_rate_rounds_seconds_down() {
    assert_eq!(Latencies::new().percentile(99.0).to_bits(), 0.0_f64.to_bits());
    about(per_second(30, Duration::from_millis(1500)), 20.0);
    about(mebibytes(3 * 1024 * 1024), 3.0);
}
