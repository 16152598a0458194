//! Everything that needs no cluster: what is written, what is refused, what is done and what people are told.
//!
//! The oracles are of four kinds: expectations by hand (`fixtures`, the tables), properties that must hold for any
//! input (`properties`), snapshots of whole objects (`snapshots`), and generated files that are compared with
//! what is committed (`generated`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "tests read files; what they test does not")]

mod support;

mod fixtures;

mod admission;
mod authentication;
mod connecting;
mod merging;
mod naming;
mod rows;

mod conflicts;
mod filling;
mod keys;
mod presets;
mod renames;
mod required;
mod review;
mod templates;
mod validation;

mod consent;
mod detached;
mod extra;
mod ownership;
mod pages;
mod pins;
mod secret_types;

mod sensitivity;
mod settled;

mod planning;
mod pruning;
mod simulated;

mod sharing;
mod status;
mod status_times;

mod bounds;
mod plain;

#[path = "../plain/cases.rs"]
mod plain_cases;

mod choices;
mod properties;
mod provenance;
mod secrecy;
mod shapes;
mod specs;

mod snapshots;

mod generated;
mod schema;

mod readers;
mod redaction;

mod crates;
mod documents;
mod wording;
