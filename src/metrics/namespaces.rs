//! What is counted for each namespace, for as long as it has a credential.
//!
//! Whoever may create namespaces could otherwise leave a series behind for each that there ever was. A reconcile that
//! ends after the last credential of its namespace is gone counts nowhere.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reconcile {
    outcome: &'static str,
    reason: &'static str,
    /// Not `namespace`: a scraped pod's own is called that.
    credential_namespace: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Ready {
    ready: &'static str,
    reason: &'static str,
    /// Not `namespace`: a scraped pod's own is called that.
    credential_namespace: String,
}

/// What there is of a namespace.
#[derive(Debug, Default)]
struct Shown {
    credentials: i64,
    /// The outcomes and reasons of its reconciles, each of which is a series.
    reconciles: BTreeSet<(&'static str, &'static str)>,
}

/// The series with a namespace as label.
#[derive(Debug)]
pub(super) struct Namespaces {
    /// Whether there is a label for namespaces.
    apart: bool,
    reconciles: Family<Reconcile, Counter>,
    credentials: Family<Ready, Gauge>,
    /// Held while series come and go, so that none comes back after its namespace went.
    shown: Mutex<HashMap<String, Shown>>,
}

impl Namespaces {
    pub(super) fn new(apart: bool) -> Self {
        Self { apart, reconciles: Family::default(), credentials: Family::default(), shown: Mutex::default() }
    }

    pub(super) fn reconciles(&self) -> Family<Reconcile, Counter> {
        self.reconciles.clone()
    }

    pub(super) fn credentials(&self) -> Family<Ready, Gauge> {
        self.credentials.clone()
    }

    fn label(&self, namespace: &str) -> String {
        if self.apart { namespace.to_owned() } else { String::new() }
    }

    /// Counts a reconcile.
    pub(super) fn reconciled(&self, namespace: &str, outcome: &'static str, reason: &'static str) {
        let credential_namespace = self.label(namespace);
        let labels = Reconcile { outcome, reason, credential_namespace };
        if !self.apart {
            self.reconciles.get_or_create(&labels).inc();
            return;
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shown) = shown.get_mut(namespace) {
            shown.reconciles.insert((outcome, reason));
            self.reconciles.get_or_create(&labels).inc();
        }
    }

    /// Counts so many more credentials of this condition, or fewer.
    pub(super) fn count(&self, namespace: &str, ready: &'static str, reason: &'static str, more: i64) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let labels = Ready { ready, reason, credential_namespace: self.label(namespace) };
        let now = self.credentials.get_or_create(&labels).inc_by(more) + more;
        if now == 0 {
            self.credentials.remove(&labels);
        }
        if !self.apart {
            return;
        }
        let known = shown.entry(namespace.to_owned()).or_default();
        known.credentials += more;
        if known.credentials == 0 {
            for (outcome, reason) in std::mem::take(&mut known.reconciles) {
                let credential_namespace = self.label(namespace);
                self.reconciles.remove(&Reconcile { outcome, reason, credential_namespace });
            }
            shown.remove(namespace);
        }
    }
}
