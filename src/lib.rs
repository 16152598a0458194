//! A Kubernetes operator for application credentials: what an `AppCredential` says, kept true in a Secret and
//! a ConfigMap for each environment.
//!
//! One edit walks one way:
//!
//! ```text
//!  api ──> resolve ──> render ──> plan ──> cluster ──> status
//!  what    which       which      what     the API     what people
//!  people  environ-    objects    has to   server      are told
//!  write   ments                  be done
//! ```
//!
//! `resolve`, `render`, `plan`, `status` and `backoff` are pure: no client, no clock, no randomness. Only `cluster`
//! talks to the API server. `controller` wires them together; `leadership` decides whether it may. `cli` starts it all,
//! `telemetry`, `metrics`, `pulse` and `serve` tell of it; `thread` is for what must not wait for the work.
//! `rights` is the table of what the operator may do, which the chart is made of.

pub mod api;
pub mod backoff;
pub mod cli;
pub mod cluster;
pub mod controller;
pub mod leadership;
pub mod metrics;
pub mod plan;
pub mod pulse;
pub mod render;
pub mod resolve;
pub mod rights;
pub mod serve;
pub mod status;
pub mod telemetry;
pub mod thread;
