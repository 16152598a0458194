//! Rest: when the operator has done all that it will do, and what it asked for on the way.
//!
//! Nothing says "done": a later retry or an echo would look just so. So rest is a status that speaks of the
//! present spec, and then silence for longer than the first retry takes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::audit::Request;
use super::namespace::{DEADLINE, POLL, TestNamespace};

/// How long silence has to last.
const SILENCE: Duration = Duration::from_millis(1500);

/// Requests by what they are, such as `get secrets` or `patch appcredentials/status`.
pub(crate) type Tally = BTreeMap<String, usize>;

impl TestNamespace {
    /// Every request of the operator up to now; none where there is no audit log.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests_of(&self.user)
    }

    /// The same of another user.
    pub(crate) fn requests_of(&self, user: &str) -> Vec<Request> {
        let audit = self.plane.audit.as_ref().map(|audit| audit.lock().expect("the audit log").of(user).to_vec());
        audit.unwrap_or_default()
    }

    /// The requests that the operator had no right to.
    pub(super) fn denied(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.denied).collect()
    }

    /// Whether requests can be counted here; says that a test skips a part where they cannot.
    pub(crate) fn counts_requests(&self) -> bool {
        if self.plane.audit.is_none() {
            eprintln!("skipped: this cluster has no audit log to count requests in");
        }
        self.plane.audit.is_some()
    }

    /// The requests since there were `before`, but for lists and watches.
    pub(crate) fn tally_since(&self, before: usize) -> Tally {
        let mut tally = Tally::new();
        for request in self.requests().iter().skip(before).filter(|request| !is_watching(request)) {
            // A second event of a kind is a patch of the first.
            let what = match request.resource.as_str() {
                "events" => "events".to_owned(),
                resource => format!("{} {resource}", request.verb),
            };
            *tally.entry(what).or_default() += 1;
        }
        tally
    }

    /// Waits until every credential's status speaks of its spec and the operator asks for nothing more.
    pub(crate) async fn at_rest(&self) {
        let deadline = Instant::now() + DEADLINE;
        let mut last = self.traces().await;
        let mut since = Instant::now();
        while since.elapsed() < SILENCE {
            if Instant::now() >= deadline {
                panic!("no rest in {DEADLINE:?}\n{}", self.report().await);
            }
            tokio::time::sleep(POLL).await;
            let now = self.traces().await;
            if now != last || now.is_none() {
                last = now;
                since = Instant::now();
            }
        }
    }

    /// What changes when the operator does anything; none while a status is behind its spec.
    async fn traces(&self) -> Option<String> {
        let credentials = self.credentials().list(&Default::default()).await.expect("an answer");
        for credential in &credentials {
            if !super::Credential(json!(credential)).is_observed() {
                return None;
            }
        }
        if self.plane.audit.is_some() {
            return Some(self.requests().iter().filter(|request| !is_watching(request)).count().to_string());
        }
        let version = |meta: kube::core::ObjectMeta| meta.resource_version.unwrap_or_default();
        let secrets = self.secrets().list_metadata(&Default::default()).await.expect("an answer");
        let config_maps = self.config_maps().list_metadata(&Default::default()).await.expect("an answer");
        let mut versions: Vec<String> = credentials.items.into_iter().map(|object| version(object.metadata)).collect();
        versions.extend(secrets.items.into_iter().map(|object| version(object.metadata)));
        versions.extend(config_maps.items.into_iter().map(|object| version(object.metadata)));
        Some(versions.join(" "))
    }
}

fn is_watching(request: &Request) -> bool {
    matches!(request.verb.as_str(), "list" | "watch")
}
