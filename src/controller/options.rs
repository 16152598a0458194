//! How the controller runs.

use super::job::Render;
use crate::metrics::Metrics;
use crate::observer::ClientObserver;
use crate::pulse::Pulse;
use appcredential_cluster::observer::SharedObserver;
use appcredential_cluster::watch::Lists;
use appcredential_core::render;
use appcredential_core::resolve::Selection;

/// How the controller runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespaces that are watched; none is all of them.
    pub namespaces: Vec<String>,
    /// The environments that are handled.
    pub selection: Selection,
    /// How many credentials are reconciled at once.
    pub concurrency: usize,
    /// Whether namespaces are looked at that a target or a grant pins by uid.
    pub namespace_pins: bool,
    /// The name of the admission policy on sources; where it is there, only what it has seen is rendered. None asks for nothing.
    pub review_policy: Option<String>,
    /// How watches begin.
    pub lists: Lists,
    /// What renders. Anything but the default is for tests.
    pub render: Render,
    /// Where it is counted what becomes of credentials.
    pub metrics: Metrics,
    /// Where it is noted that the work goes on.
    pub pulse: Pulse,
}

impl Options {
    /// Returns who is told of requests.
    pub(super) fn observer(&self) -> SharedObserver {
        SharedObserver::new(ClientObserver { metrics: self.metrics.clone(), pulse: self.pulse.clone() })
    }
}

impl Default for Options {
    fn default() -> Self {
        let (namespaces, selection, lists) = (Vec::new(), Selection::default(), Lists::default());
        let (metrics, pulse) = (Metrics::default(), Pulse::default());
        Self {
            namespaces,
            selection,
            concurrency: 16,
            namespace_pins: false,
            review_policy: None,
            lists,
            render: render::outputs,
            metrics,
            pulse,
        }
    }
}
