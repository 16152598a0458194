//! What the operator learns from its own requests: metrics count them, and the liveness probe sees that watches go on.

use appcredential_cluster::observer::{Answered, Observer};

use crate::metrics::Metrics;
use crate::pulse::Pulse;

/// Takes in what is asked of the API server. Clones tell the same metrics and the same pulse.
#[derive(Clone, Debug, Default)]
pub struct ClientObserver {
    /// Where requests are counted.
    pub metrics: Metrics,
    /// Where it is noted that watches go on.
    pub pulse: Pulse,
}

impl Observer for ClientObserver {
    fn watching(&self, watch: &str) {
        self.pulse.watching(watch);
    }

    fn answered(&self, request: Answered<'_>) {
        let Answered { verb, resource, code, took } = request;
        self.metrics.requested(verb, resource, code.to_owned(), took);
        if verb == "watch" {
            self.metrics.watch_started(resource);
        }
    }

    fn event_dropped(&self) {
        self.metrics.event_dropped();
    }
}
