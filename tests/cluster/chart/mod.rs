//! The chart, installed by helm into a real API server: whether all of it is accepted, and what its roles and policies let
//! through.
//!
//! ```text
//! release    helm install for the namespaces of a test; people who may do a little     release.rs
//! sources    who may refer to what, and have what written                               sources.rs, targets.rs, cost.rs
//! review     what was stored before the policy on sources                               review.rs
//! marks      who may write what marks an output                                         marks.rs
//! status     who may write a status; two releases                                       status.rs
//! own        what the operator's own account may write                                  own.rs
//! warnings   secrets as plain text, targets in other namespaces                         warnings.rs, plain.rs
//! people     view, edit and admin                                                       people.rs
//! lifecycle  install, upgrade, rollback and uninstall, on an API server of its own      lifecycle.rs
//! process    the operator as the Deployment starts it                                   process.rs
//! monitors   what Prometheus and its operator read                                     monitors.rs
//! rights     what is granted, held against what is used                                 rights.rs
//! page       the commands of docs/install.md                                            page.rs
//! ```
//!
//! Policies hold for the whole cluster, and all tests share one: the policies of each release are bound to the namespaces of its
//! test (`release.rs`), but for those of `lifecycle.rs`. There is no kubelet: pods stay Pending, and nothing waits for them.

mod cost;
mod lifecycle;
mod marks;
mod monitors;
mod own;
mod page;
mod people;
mod plain;
mod process;
mod release;
mod review;
mod rights;
mod sources;
mod status;
mod targets;
mod warnings;
