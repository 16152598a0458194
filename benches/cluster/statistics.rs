//! Percentiles, rates and ratios: what is computed from what was measured.
//!
//! Latencies go into an HDR histogram of microseconds: no sample is kept, and every percentile is a value that
//! was measured (three digits of it), never one between two. With few samples a high percentile is the slowest one.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Latencies of one kind.
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self(Histogram::new(3).expect("three digits are allowed"))
    }

    /// Adds one.
    pub(crate) fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.record(micros).expect("a histogram that grows");
    }

    /// The latency in milliseconds that so many percent are not above.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        millis(self.0.value_at_quantile(percent / 100.0))
    }

    /// The slowest, in milliseconds.
    pub(crate) fn slowest(&self) -> f64 {
        millis(self.0.max())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a latency is far below the 285 years that a float counts exactly")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// A count as a number to compute with.
#[expect(clippy::cast_precision_loss, reason = "nothing here counts to 2^53")]
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}

/// How many there were in a second.
pub(crate) fn per_second(count: usize, took: Duration) -> f64 {
    number(count) / took.as_secs_f64()
}

/// Bytes as MiB.
#[expect(clippy::cast_precision_loss, reason = "no size here comes near 2^53")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
