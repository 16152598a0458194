//! What every test stands on.
//!
//! ```text
//! Plane      one control plane for the whole process, with the CRDs          plane.rs
//!  └─ TestNamespace  one namespace, one operator, and all that a test asks of them   namespace.rs, reads.rs, rest.rs
//!      ├─ Account    as whom it acts, with the roles of the chart              account.rs, helm.rs
//!      ├─ Operator   the binary as a process, its log in a file              operator.rs
//!      │   └─ Cgroup     how much memory it may have                         cgroup.rs
//!      ├─ Credential what the API server says of one                         credential.rs
//!      ├─ others     more namespaces, and everything that is in all of them    others.rs
//!      ├─ Pair       a second operator beside the first                        beside.rs
//!      └─ requests   what the operator asked of the API server (audit log)   audit.rs
//! ```
//!
//! Nothing waits for a time: everything waits for a condition, and a deadline makes a failure of it.

mod account;
mod audit;
mod beside;
mod cgroup;
mod credential;
mod helm;
mod namespace;
mod operator;
mod others;
mod plane;
mod policy;
mod reads;
mod report;
mod rest;

pub(crate) use account::SYSTEM;
pub(crate) use beside::Pair;
pub(crate) use cgroup::Cgroup;
pub(crate) use credential::{Credential, good_conditions};
pub(crate) use helm::{CHART, helm, succeeded, template};
pub(crate) use namespace::{TestNamespace, documents};
pub(crate) use operator::Operator;
pub(crate) use others::Mark;
pub(crate) use plane::{CRDS, Plane, client, definitions};
pub(crate) use policy::Refused;
pub(crate) use reads::{Outputs, text};
pub(crate) use rest::Tally;
