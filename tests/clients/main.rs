//! Each preset is read back by real clients: with hostile values in every field, what the client finds is what went in, byte by
//! byte, or the operator refuses the value with a reason that the format gives.
//!
//! A client reads all values in one process. One that is not on this machine is reported and skipped; `tests/clients/install` installs them.
//! `APPCREDENTIAL_TEST_FULL` reads 10,000 values instead of 300.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod client;
mod files;
mod render;
mod urls;
mod values;
