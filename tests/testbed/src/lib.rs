//! A real Kubernetes control plane for the tests and the playground: etcd, kube-apiserver and
//! kube-controller-manager on free loopback ports, in a temporary folder of their own, with no
//! container engine and no kubelet (pods stay Pending).
//!
//! ```text
//! ControlPlane::start(Options)
//!   assets   which programs: KUBEBUILDER_ASSETS, else the cache, else
//!   build      compile them once with Go (cache: where they are kept; progress: what is said)
//!   room     a temporary folder, its processes, and the guard that ends them with us
//!   boot     ports, files and flags; start one after the other; wait until they serve
//! ```
//!
//! `tool("helm")` finds or builds a pinned program of `tests/tools` or `tests/runtime` in the same way, and
//! `node_programs()` kubelet and kube-scheduler: what it takes to run a node is the business of `tests/node`.
//!
//! Everything blocks and nothing needs an async runtime. Whatever way the process ends that
//! started a control plane (return, panic, ctrl-C, SIGKILL), the control plane ends with it.

mod assets;
mod boot;
mod build;
mod cache;
mod controlplane;
mod error;
mod files;
mod module;
mod options;
mod ports;
mod progress;
mod room;
mod tools;
mod wait;

pub use assets::{is_at_hand, node_programs, prepare, tool};
pub use controlplane::ControlPlane;
pub use error::{Error, Needs};
pub use options::{Options, User};
