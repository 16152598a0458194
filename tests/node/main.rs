//! The whole chain on a real node: the image in containerd, the chart installed by helm, an application whose container's
//! files change with a credential.
//!
//! ```text
//! gate       whether it is asked for, and whether this machine can
//! namespace  the test runs itself again as process 1 of a machine of its own (outside.sh, inside.sh)
//!   node       containerd and kubelet (config: their files), stopped, started, and the power cut
//!   cluster    kubectl, helm, and values that are watched as they change
//!   application the pod that mounts a credential and prints it
//!   chain      what is done and what must come of it; legs: how long each took
//! ```
//!
//! It is one test, since each leg starts where the one before it ended. It runs with `APPCREDENTIAL_TEST_NODE=1`
//! only: it needs root, and its first run builds a kubelet and a containerd.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod application;
mod chain;
mod cluster;
mod config;
mod gate;
mod image;
mod legs;
mod namespace;
mod node;
mod wait;

#[test]
fn an_edit_reaches_files_of_a_container_through_node_failures() {
    if let Some(folder) = namespace::inside() {
        chain::run(&folder);
        return;
    }
    match gate::check() {
        gate::Verdict::Run(wanted) => namespace::enter(&wanted),
        gate::Verdict::Skip(why) => wait::say(&format!("the test of the node is skipped: {why}")),
    }
}
