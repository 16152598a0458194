//! How long each leg took, as the table that the test prints and docs/node.md has.

use std::time::{Duration, Instant};

use crate::wait::say;

/// The legs so far.
#[derive(Default)]
pub(crate) struct Legs {
    rows: Vec<(String, Duration)>,
}

impl Legs {
    /// Does something, which takes as long as the leg.
    pub(crate) fn time<T>(&mut self, leg: &str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        self.took(leg, started.elapsed());
        done
    }

    /// Takes down how long a leg took.
    pub(crate) fn took(&mut self, leg: &str, time: Duration) {
        say(&format!("node: {leg}: {} ms", time.as_millis()));
        self.rows.push((leg.to_owned(), time));
    }

    /// Prints them.
    pub(crate) fn print(&self) {
        say("\n| Leg | ms |\n|---|---:|");
        for (leg, time) in &self.rows {
            say(&format!("| {leg} | {} |", time.as_millis()));
        }
        say("");
    }
}

/// The one in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
