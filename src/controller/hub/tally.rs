//! How metrics count a credential, until its status changes.

use std::sync::Arc;

use crate::metrics::Metrics;
use appcredential_api::{AppCredentialStatus, Reason};

/// What was counted for a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Tally {
    namespace: Arc<str>,
    ready: &'static str,
    reason: &'static str,
    targets: i64,
}

impl Tally {
    /// Reads what a status says. One without a readiness counts as unknown.
    pub(in super::super) fn of(namespace: &str, status: &AppCredentialStatus) -> Self {
        let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready");
        let targets: usize = status.environments.iter().map(|environment| environment.targets.len()).sum();
        Self {
            namespace: namespace.into(),
            ready: match ready.map(|condition| condition.status.as_str()) {
                Some("True") => "True",
                Some("False") => "False",
                _ => "Unknown",
            },
            reason: ready.and_then(|condition| Reason::from_word(&condition.reason)).map_or("Unknown", Reason::word),
            targets: i64::try_from(targets).unwrap_or(i64::MAX),
        }
    }

    /// Counts this instead of what was counted before.
    pub(in super::super) fn replace(known: &mut Option<Self>, now: Self, metrics: &Metrics) {
        if known.as_ref() != Some(&now) {
            now.count(1, metrics);
            if let Some(before) = known.replace(now) {
                before.count(-1, metrics);
            }
        }
    }

    /// Adds it to what is counted, or takes it away.
    pub(in super::super) fn count(&self, by: i64, metrics: &Metrics) {
        metrics.credentials(&self.namespace, self.ready, self.reason, by);
        metrics.targets(by * self.targets);
    }
}
