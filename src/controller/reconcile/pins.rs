//! Checking pinned namespaces: a request for each, when a credential with a pin is reconciled.
//!
//! Nothing is watched for it: what is in a namespace goes with it, and that wakes the credential.

use std::collections::{BTreeMap, BTreeSet};

use super::super::decode;
use super::execute::Walk;
use appcredential_api::Reason;
use appcredential_api::status::Place;
use appcredential_cluster::{CallError, Record};
use appcredential_core::plan::{self, Seen};
use appcredential_core::resolve;

/// The field, as it stands in a spec.
const FIELD: &str = "\"namespaceUID\"";

impl Walk<'_> {
    /// Learns the uids that are pinned, and takes from the record what no longer tells of outputs of the credential.
    pub(super) async fn look_at_pins(&mut self) {
        let pinned = pinned(self.record);
        let mut names: BTreeSet<&str> = pinned.keys().map(String::as_str).collect();
        let own = self.identity.namespace.as_str();
        let mut from = self.consent.grants.iter().flat_map(|(_, grant)| &grant.from);
        if from.any(|from| from.namespace == own && from.namespace_uid.is_some()) {
            names.insert(own);
        }
        self.consent.pins.enabled = self.context.namespace_pins;
        if self.context.namespace_pins {
            for name in names {
                let seen = match self.cluster.namespace_uid(name).await {
                    Ok(Some(uid)) => Seen::Uid(uid),
                    Ok(None) => Seen::Missing,
                    Err(error) => {
                        if pinned.contains_key(name) {
                            self.places.unread.insert(name.to_owned(), reason(&error));
                        }
                        Seen::Failed(reason(&error), error.to_string())
                    }
                };
                self.consent.pins.seen.insert(name.to_owned(), seen);
            }
        }
        if pinned.is_empty() {
            return;
        }
        let (pins, observed) = (&self.consent.pins, self.knowledge.0.values());
        // From here on the record is what may be deleted: a place that is dropped is never deleted again.
        let kept = plan::recorded(&self.told_here(), &pinned, pins, self.status.as_ref(), observed);
        let selection = &self.context.selection;
        let is_kept = |place: &Place| !selection.handles(place.environment.as_deref()) || kept.contains(&place.output);
        self.places.told.retain(is_kept);
    }
}

/// The namespaces that targets pin. Most specs pin none, and are not decoded to learn that.
fn pinned(record: &Record) -> BTreeMap<String, BTreeSet<String>> {
    let may_pin = record.spec.as_ref().is_some_and(|spec| spec.get().contains(FIELD));
    let spec = if may_pin { decode::understood(record) } else { None };
    spec.map(|spec| resolve::pinned_namespaces(&spec, &record.identity())).unwrap_or_default()
}

fn reason(error: &CallError) -> Reason {
    if error.code() == Some(403) { Reason::Forbidden } else { Reason::ReadFailed }
}
