//! The chart, rendered by the real helm and without a cluster; and everything in it that is generated from the code.
//!
//! ```text
//! alerts      metrics, alerts, dashboard and runbooks, held against each other and against promtool
//! generated   CRDs, rights, policies, references, deploy/install.yaml: compared with the code, or written (UPDATE_DOCS=1)
//! matrix      values/*.yaml rendered whole, against snapshots
//! refusals    wrong values, and what is said of them
//! promises    what has to hold of each rendering: restricted pods, rights, names, arguments
//! ```
//!
//! `UPDATE_DOCS=1 cargo test --test chart generated` writes the generated files anew, `INSTA_UPDATE=always` the snapshots.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod alerts;
mod generated;
mod helm;
mod matrix;
mod promises;
mod refusals;
