//! What the benchmarks compute from what they measure, tested as the rest of the code is: percentiles, goals,
//! request counts, the command line, the table and the plot.
//!
//! The benchmarks themselves are no tests: they take minutes, and what they find is a matter of the machine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod checks;
mod goals;
mod options;
mod plot;
mod report;
mod results;
mod statistics;

#[path = "../cluster"]
#[allow(dead_code, reason = "the benchmarks use what the tests do not")]
mod cluster {
    pub(crate) mod checks;
    pub(crate) mod goals;
    pub(crate) mod options;
    pub(crate) mod plot;
    pub(crate) mod report;
    pub(crate) mod results;
    pub(crate) mod statistics;
}
