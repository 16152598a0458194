//! The metrics of the operator, in the OpenMetrics format.
//!
//! No label has more values than there are words in this program, but for the namespace of a credential, which can be
//! switched off; the series of a namespace go with its last credential (`namespaces`). Names of credentials and
//! anything that a user writes are never labels.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

mod namespaces;
#[cfg(target_os = "linux")]
mod process;

use namespaces::Namespaces;

/// Bounds of short times: a call, a reconcile, an edit.
const SHORT: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
/// Bounds of times that a backlog can make long.
const LONG: [f64; 12] = [0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lane {
    lane: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Write {
    kind: &'static str,
    action: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusWrite {
    kind: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    verb: &'static str,
    resource: &'static str,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Duty {
    verb: &'static str,
    resource: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Resource {
    resource: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Watch {
    watch: &'static str,
}

/// All metrics. Clones are the same ones.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    namespaces: Arc<Namespaces>,
    durations: Histogram,
    waits: Family<Lane, Histogram, fn() -> Histogram>,
    edits: Histogram,
    targets: Gauge,
    writes: Family<Write, Counter>,
    status_writes: Family<StatusWrite, Counter>,
    requests: Family<Request, Counter>,
    request_durations: Family<Duty, Histogram, fn() -> Histogram>,
    watch_starts: Family<Resource, Counter>,
    watch_events: Family<Watch, Gauge>,
    dropped_events: Counter,
    leader: Gauge,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(true)
    }
}

fn short() -> Histogram {
    Histogram::new(SHORT)
}

fn long() -> Histogram {
    Histogram::new(LONG)
}

impl Metrics {
    /// All at zero; `namespaces` says whether metrics have a label for the namespace of a credential.
    #[must_use]
    pub fn new(namespaces: bool) -> Self {
        let mut metrics = Self {
            registry: Arc::new(Registry::default()),
            namespaces: Arc::new(Namespaces::new(namespaces)),
            durations: short(),
            waits: Family::new_with_constructor(long),
            edits: long(),
            targets: Gauge::default(),
            writes: Family::default(),
            status_writes: Family::default(),
            requests: Family::default(),
            request_durations: Family::new_with_constructor(short),
            watch_starts: Family::default(),
            watch_events: Family::default(),
            dropped_events: Counter::default(),
            leader: Gauge::default(),
        };
        metrics.registry = Arc::new(metrics.registered());
        metrics
    }

    fn registered(&self) -> Registry {
        let mut all = Registry::default();
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        all.register("appcredential_build", "The version of the operator", build);
        let ours = all.sub_registry_with_prefix("appcredential");
        ours.register("reconciles", "Reconciles by outcome", self.namespaces.reconciles());
        ours.register(
            "reconcile_duration_seconds",
            "How long a reconcile took, its status not included",
            self.durations.clone(),
        );
        ours.register(
            "queue_wait_seconds",
            "How long a credential waited for its reconcile, by lane",
            self.waits.clone(),
        );
        ours.register(
            "edit_to_synced_seconds",
            "Time from the watch event of an edited spec to the write of its outputs",
            self.edits.clone(),
        );
        ours.register("credentials", "Credentials by their Ready condition", self.namespaces.credentials());
        ours.register("targets", "Targets of all credentials", self.targets.clone());
        ours.register("output_writes", "Successful writes of outputs", self.writes.clone());
        ours.register("status_writes", "Status writes by result", self.status_writes.clone());
        ours.register(
            "api_requests",
            "Requests to the API server; code is the status, or why there was none",
            self.requests.clone(),
        );
        ours.register(
            "api_request_duration_seconds",
            "Time until the answer of the API server began",
            self.request_durations.clone(),
        );
        ours.register(
            "watch_starts",
            "Starts of watches: one every two minutes or so for each",
            self.watch_starts.clone(),
        );
        ours.register(
            "watch_last_event_timestamp_seconds",
            "When the last event of a watch came",
            self.watch_events.clone(),
        );
        ours.register(
            "events_dropped",
            "Events that were not written, since too many of their namespace were waiting",
            self.dropped_events.clone(),
        );
        ours.register("leader", "1 if this process leads or has no others beside it, else 0", self.leader.clone());
        #[cfg(target_os = "linux")]
        all.register_collector(Box::new(process::Process));
        all
    }

    /// All metrics as OpenMetrics text.
    ///
    /// # Errors
    /// When a metric cannot be formatted.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// A reconcile has ended.
    pub fn reconciled(&self, namespace: &str, outcome: &'static str, reason: &'static str, took: Duration) {
        self.namespaces.reconciled(namespace, outcome, reason);
        self.durations.observe(took.as_secs_f64());
    }

    /// A credential has waited for its reconcile.
    pub fn waited(&self, lane: &'static str, waited: Duration) {
        self.waits.get_or_create(&Lane { lane }).observe(waited.as_secs_f64());
    }

    /// An edit has arrived in all outputs.
    pub fn arrived(&self, took: Duration) {
        self.edits.observe(took.as_secs_f64());
    }

    /// There are so many more credentials of this condition, or fewer.
    pub fn credentials(&self, namespace: &str, ready: &'static str, reason: &'static str, more: i64) {
        self.namespaces.count(namespace, ready, reason, more);
    }

    /// There are so many more targets, or fewer.
    pub fn targets(&self, more: i64) {
        self.targets.inc_by(more);
    }

    /// An output was written.
    pub fn wrote(&self, kind: &'static str, action: &'static str) {
        self.writes.get_or_create(&Write { kind, action }).inc();
    }

    /// A status was to be written.
    pub fn wrote_status(&self, kind: &'static str, result: &'static str) {
        self.status_writes.get_or_create(&StatusWrite { kind, result }).inc();
    }

    /// The API server has answered, or has not.
    pub fn requested(&self, verb: &'static str, resource: &'static str, code: String, took: Duration) {
        self.requests.get_or_create(&Request { verb, resource, code }).inc();
        self.request_durations.get_or_create(&Duty { verb, resource }).observe(took.as_secs_f64());
    }

    /// A watch was started.
    pub fn watch_started(&self, resource: &'static str) {
        self.watch_starts.get_or_create(&Resource { resource }).inc();
    }

    /// Counts a watch event.
    pub fn watch_told(&self, watch: &'static str) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.watch_events.get_or_create(&Watch { watch }).set(i64::try_from(now.as_secs()).unwrap_or_default());
    }

    /// An Event was dropped.
    pub fn event_dropped(&self) {
        self.dropped_events.inc();
    }

    /// Whether this process leads.
    pub fn leading(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }
}

#[cfg(test)]
mod tests;
