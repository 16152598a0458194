//! Grants: who may write where, which credentials a change of consent concerns, and the status of each grant.
//!
//! The status of a grant follows its users with a delay (`SETTLE`): thousands of credentials that come at once cost a
//! write or two, not thousands. It is written by an errand like any other, a few at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::Hub;
use super::batch::BATCH;
use super::chores::Chore;
use crate::controller::decode;
use crate::controller::job::{GrantReport, GrantReported};
use crate::controller::life::{Elsewhere, Origin};
use crate::controller::queue::{Class, Key, Subject};
use appcredential_api::grant::GrantUser;
use appcredential_api::{AppCredentialGrantSpec, AppCredentialGrantStatus, Identity, ResourceVersion};
use appcredential_cluster::GrantRecord;

/// How long news of users are gathered before the status of a grant is looked at.
const SETTLE: Duration = Duration::from_secs(1);
/// When a status that could not be written is looked at again.
const AGAIN: Duration = Duration::from_secs(10);

/// What is known of a grant.
pub(super) struct Grant {
    identity: Identity,
    version: ResourceVersion,
    generation: i64,
    /// None where it cannot be understood.
    pub(super) spec: Option<Arc<AppCredentialGrantSpec>>,
    status: Option<AppCredentialGrantStatus>,
    /// The credentials with a target that it allows by itself.
    pub(super) users: BTreeSet<Key>,
    /// Whether they are still being counted.
    pub(super) is_counting: bool,
}

impl Grant {
    /// The namespaces whose credentials it lets in.
    fn named(&self) -> impl Iterator<Item = &str> {
        self.spec.iter().flat_map(|spec| &spec.from).map(|from| from.namespace.as_str())
    }
}

/// The grants.
#[derive(Default)]
pub(super) struct Grants {
    known: BTreeMap<Key, Grant>,
    /// The names of a namespace's grants that speak of another namespace.
    speaking: HashMap<(String, String), BTreeSet<String>>,
    /// Credentials with a target in a namespace.
    targeting: HashMap<String, BTreeSet<Key>>,
}

impl Grants {
    /// Returns the grants of namespaces that speak of credentials of `from`.
    pub(super) fn of<'a>(
        &self,
        from: &str,
        namespaces: impl Iterator<Item = &'a str>,
    ) -> Vec<(String, Arc<AppCredentialGrantSpec>)> {
        let namespaces: BTreeSet<&str> = namespaces.filter(|namespace| *namespace != from).collect();
        let mut out = Vec::new();
        for namespace in namespaces {
            let names = self.speaking.get(&(namespace.to_owned(), from.to_owned())).into_iter().flatten();
            let grants = names.filter_map(|name| {
                let key = Key { namespace: namespace.to_owned(), name: name.clone() };
                self.known.get(&key)?.spec.clone()
            });
            out.extend(grants.map(|spec| (namespace.to_owned(), spec)));
        }
        out
    }

    /// Returns a grant.
    pub(super) fn get(&self, key: &Key) -> Option<&Grant> {
        self.known.get(key)
    }

    /// Returns a grant, to change it.
    pub(super) fn get_mut(&mut self, key: &Key) -> Option<&mut Grant> {
        self.known.get_mut(key)
    }

    /// Returns the grants within a range.
    pub(super) fn keys(&self, range: (Bound<Key>, Bound<Key>)) -> impl Iterator<Item = &Key> {
        self.known.range(range).map(|(key, _)| key)
    }

    /// Returns the credentials with a target in a namespace, within a range.
    pub(super) fn targeting(
        &self,
        namespace: &str,
        range: (Bound<Key>, Bound<Key>),
    ) -> impl Iterator<Item = &Key> + use<'_> {
        self.targeting.get(namespace).into_iter().flat_map(move |keys| keys.range(range.clone()))
    }

    /// Returns the names of a batch of a namespace's grants that speak of another one, after a name.
    pub(super) fn speaking(&self, namespace: &str, from: &str, after: Option<&String>) -> Vec<String> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let names = self.speaking.get(&(namespace.to_owned(), from.to_owned()));
        let names = names.into_iter().flat_map(|names| names.range::<String, _>((after, Bound::Unbounded)));
        names.take(BATCH).cloned().collect()
    }

    /// Returns whether a grant is in a namespace or names it.
    pub(super) fn speaks_of(&self, key: &Key, namespace: &str) -> bool {
        let names = |grant: &Grant| grant.named().any(|it| it == namespace);
        key.namespace == namespace || self.known.get(key).is_some_and(names)
    }

    /// Takes in that a credential has other targets in other namespaces than before.
    pub(super) fn retarget(&mut self, key: &Key, before: &[Elsewhere], after: &[Elsewhere]) {
        for target in before {
            if let Some(keys) = self.targeting.get_mut(&target.namespace) {
                keys.remove(key);
                if keys.is_empty() {
                    self.targeting.remove(&target.namespace);
                }
            }
        }
        for target in after {
            self.targeting.entry(target.namespace.clone()).or_default().insert(key.clone());
        }
    }

    fn insert(&mut self, key: &Key, grant: Grant) {
        self.remove(key);
        for from in grant.named() {
            let pair = (key.namespace.clone(), from.to_owned());
            self.speaking.entry(pair).or_default().insert(key.name.clone());
        }
        self.known.insert(key.clone(), grant);
    }

    fn remove(&mut self, key: &Key) {
        let Some(grant) = self.known.remove(key) else { return };
        for from in grant.named() {
            let pair = (key.namespace.clone(), from.to_owned());
            if let Some(names) = self.speaking.get_mut(&pair) {
                names.remove(&key.name);
                if names.is_empty() {
                    self.speaking.remove(&pair);
                }
            }
        }
    }
}

impl Hub {
    /// Takes in a grant as a watch saw it.
    #[expect(clippy::needless_pass_by_value, reason = "the other kinds are kept, and all are handed on alike")]
    pub(super) fn grant(&mut self, record: GrantRecord, origin: Origin, now: Instant) {
        let identity = record.identity();
        let key = Key { namespace: identity.namespace.clone(), name: identity.name.clone() };
        let status = record.status.as_ref().map(|raw| AppCredentialGrantStatus::read(raw.get())).unwrap_or_default();
        if let Some(field) = status.unreadable {
            let Identity { namespace, name, .. } = &identity;
            warn!(namespace, grant = name, %field, "the status of a grant cannot be read; it is written again");
        }
        let status = status.status;
        // A grant that is going has been taken back.
        let spec = if record.deleting { None } else { decode::grant(&record).map(Arc::new) };
        let (version, generation) = (record.resource_version(), record.generation);
        let same =
            |known: &&mut Grant| known.identity == identity && known.generation == generation && known.spec == spec;
        if let Some(known) = self.grants.known.get_mut(&key).filter(same) {
            known.version = version;
            // Ours, or somebody else's hand in it: then it is written anew.
            if known.status != status {
                known.status = status;
                self.touch_grant(&key, now);
            }
            return;
        }
        let grant = Grant { identity, version, generation, spec, status, users: BTreeSet::new(), is_counting: true };
        self.grants.insert(&key, grant);
        self.recount(&key);
        // Until everything is listed nobody has been looked at: then all are, grants included.
        if origin != Origin::FirstList {
            self.consent_changed(&key.namespace, origin.class());
        }
    }

    /// Takes in that a watch saw a grant go.
    pub(super) fn grant_gone(&mut self, record: &GrantRecord, now: Instant) {
        let identity = record.identity();
        self.grant_removed(&Key { namespace: identity.namespace, name: identity.name }, now);
    }

    /// Forgets a grant, and wakes the credentials that may lose its consent.
    pub(super) fn grant_removed(&mut self, key: &Key, _now: Instant) {
        self.grants.remove(key);
        self.queue.forget(&Subject::Grant(key.clone()));
        self.consent_changed(&key.namespace, Class::Change);
    }

    /// Wakes whoever has, or wants, outputs in a namespace.
    fn consent_changed(&mut self, namespace: &str, class: Class) {
        self.chores.ask(Chore::Consent(namespace.to_owned()), Some(class), BTreeSet::new());
    }

    /// Has the status of a grant looked at soon.
    pub(super) fn touch_grant(&mut self, key: &Key, now: Instant) {
        self.queue.ask_at(&Subject::Grant(key.clone()), Class::GrantStatus, now + SETTLE);
    }

    /// Returns what the status of a grant is made of; nothing while that is not known.
    pub(super) fn grant_report(&self, key: &Key) -> Option<Box<GrantReport>> {
        let grant = self.grants.known.get(key).filter(|grant| !grant.is_counting)?;
        // Neither its namespace nor one that it names may be set aside: its users there are not known.
        if self.is_forbidden(&key.namespace) || grant.named().any(|namespace| self.is_forbidden(namespace)) {
            return None;
        }
        let user = |key: &Key| GrantUser { namespace: key.namespace.clone(), name: key.name.clone() };
        Some(Box::new(GrantReport {
            identity: grant.identity.clone(),
            version: grant.version.clone(),
            generation: grant.generation,
            before: grant.status.clone(),
            users: grant.spec.as_ref().map(|_| grant.users.iter().map(user).collect()),
        }))
    }

    /// Takes over the status of a grant as it was written; it is looked at again where it was not.
    pub(super) fn grant_reported(&mut self, key: &Key, reported: GrantReported, now: Instant) {
        let same = |known: &&mut Grant| known.identity == reported.identity;
        let Some(known) = self.grants.known.get_mut(key).filter(same) else { return };
        match reported.told {
            Some((version, status)) => (known.version, known.status) = (version, Some(status)),
            None => self.queue.ask_at(&Subject::Grant(key.clone()), Class::GrantStatus, now + AGAIN),
        }
    }
}
