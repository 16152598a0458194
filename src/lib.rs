//! A Kubernetes operator for application credentials: it keeps a Secret and a ConfigMap for each environment of an
//! `AppCredential`.
//!
//! An edit passes these layers:
//!
//! ```text
//!  api ──> resolve ──> render ──> plan ──> cluster ──> status
//!  what    which       which      what     the API     what people
//!  people  environ-    objects    has to   server      see
//!  write   ments                  be done
//! ```
//!
//! `appcredential-api` has the kinds, `appcredential-core` the pure decisions, and only `appcredential-cluster` talks
//! to the API server. Here `controller` wires them together; `leadership` decides whether it may, and `backoff` when a
//! failed credential is retried. `cli` starts it all; `telemetry`, `metrics`, `pulse`, `observer` and `serve` report on
//! it; `thread` is for what must not wait for the work. `rights` is the table of the operator's rights, from which the
//! chart is generated.

pub mod backoff;
pub mod cli;
pub mod controller;
pub mod leadership;
pub mod metrics;
pub mod observer;
pub mod pulse;
pub mod rights;
pub mod serve;
pub mod telemetry;
pub mod thread;
