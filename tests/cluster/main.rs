//! Everything that needs a real API server: the operator's own binary against a control plane that the run
//! starts itself (`harness`), one namespace and one operator for each test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod a_thousand;
mod at_rest;
mod binding;
mod canary;
mod chart;
mod cli;
mod conditions;
mod drift;
mod edits;
mod elsewhere;
mod environments;
mod events;
mod faults;
mod fixtures;
mod foreign;
mod gitops;
mod harness;
mod kubectl;
mod logs;
mod manifests;
mod memory;
mod namespaces;
mod orphaned;
mod panics;
#[allow(dead_code, reason = "the names and texts of the table are the policy's and the operator's")]
#[path = "../plain/cases.rs"]
mod plain_cases;
mod poison;
mod refused;
mod replicas;
mod restart;
mod restored;
mod rights;
mod rivals;
mod serving;
mod shapes;
mod sharing;
mod sources;
mod statuses;
mod stops;
mod suspend;
mod unreadable;
mod values;
mod versions;
mod went_back;
