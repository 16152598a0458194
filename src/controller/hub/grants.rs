//! Grants: who may write where, whom a change of consent concerns, and who uses each grant.
//!
//! The status of a grant follows its users with a delay (`SETTLE`): thousands of credentials that come at once
//! cost a write or two, not thousands.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::queue::{Key, Lane};
use super::{Elsewhere, Hub};
use crate::api::grant::GrantUser;
use crate::api::{AppCredentialGrantSpec, AppCredentialGrantStatus, Identity, Kind};
use crate::cluster::GrantRecord;

/// How long news of users are gathered before the status of a grant is looked at.
const SETTLE: Duration = Duration::from_secs(1);
/// When a status that could not be written is looked at again.
const AGAIN: Duration = Duration::from_secs(10);

/// A grant: namespace and name.
pub(in super::super) type GrantKey = (String, String);

/// What is known of a grant.
struct Grant {
    identity: Identity,
    version: String,
    generation: i64,
    /// None where it cannot be understood.
    spec: Option<Arc<AppCredentialGrantSpec>>,
    status: Option<AppCredentialGrantStatus>,
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
    known: BTreeMap<GrantKey, Grant>,
    /// Credentials with a target in a namespace.
    targeting: HashMap<String, BTreeSet<Key>>,
    due: BTreeMap<GrantKey, Instant>,
}

/// What the status of a grant is made of.
pub(in super::super) struct GrantJob {
    /// The grant.
    pub(in super::super) identity: Identity,
    /// Its version.
    pub(in super::super) version: String,
    /// The generation of its spec.
    pub(in super::super) generation: i64,
    /// Its status as it was seen or written last.
    pub(in super::super) status: Option<AppCredentialGrantStatus>,
    /// Who uses it; none where it cannot be understood.
    pub(in super::super) users: Option<BTreeSet<GrantUser>>,
}

impl Grants {
    /// The grants of namespaces that speak of credentials of `from`.
    pub(super) fn of<'a>(
        &self,
        from: &str,
        namespaces: impl Iterator<Item = &'a str>,
    ) -> Vec<(String, Arc<AppCredentialGrantSpec>)> {
        let namespaces: BTreeSet<&str> = namespaces.filter(|namespace| *namespace != from).collect();
        let speaks = |spec: &Arc<AppCredentialGrantSpec>| spec.from.iter().any(|it| it.namespace == from);
        let mut out = Vec::new();
        for namespace in namespaces {
            let specs = self.within(namespace).filter_map(|(_, grant)| grant.spec.clone()).filter(speaks);
            out.extend(specs.map(|spec| (namespace.to_owned(), spec)));
        }
        out
    }

    fn within(&self, namespace: &str) -> impl Iterator<Item = (&GrantKey, &Grant)> {
        let first = (namespace.to_owned(), String::new());
        self.known.range(first..).take_while(move |((at, _), _)| at == namespace)
    }

    /// The grants that are known, in a namespace or everywhere.
    pub(super) fn existing(&self, namespace: Option<&str>) -> Vec<GrantKey> {
        self.known.keys().filter(|(at, _)| namespace.is_none_or(|namespace| namespace == at)).cloned().collect()
    }

    /// Everything in a namespace is known: who uses its grants, and who of it uses those of others.
    pub(super) fn touch_all_of(&mut self, namespace: &str) {
        let concerned =
            |(key, grant): &(&GrantKey, &Grant)| key.0 == namespace || grant.named().any(|it| it == namespace);
        let keys: Vec<GrantKey> = self.known.iter().filter(concerned).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.due.entry(key).or_insert_with(|| Instant::now() + SETTLE);
        }
    }

    /// The users of the grants of a namespace have changed.
    fn touch(&mut self, namespace: &str) {
        let keys: Vec<GrantKey> = self.within(namespace).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.due.entry(key).or_insert_with(|| Instant::now() + SETTLE);
        }
    }
}

impl Hub {
    #[expect(clippy::needless_pass_by_value, reason = "the other kinds are kept, and all are handed on alike")]
    pub(super) fn grant(&mut self, record: GrantRecord, lane: Lane) {
        let identity = record.identity();
        let key = (identity.namespace.clone(), identity.name.clone());
        let status = record.status.as_ref().and_then(|raw| AppCredentialGrantStatus::read(raw.get()));
        let same = |known: &&mut Grant| known.identity == identity && known.generation == record.generation;
        let version = record.resource_version().to_owned();
        if let Some(known) = self.grants.known.get_mut(&key).filter(same) {
            known.version = version;
            // Ours, or somebody else's hand in it: then it is put right.
            if known.status != status {
                known.status = status;
                self.grants.touch(&key.0);
            }
            return;
        }
        // A grant that is going has been taken back.
        let spec = record.spec.as_ref().filter(|_| !record.deleting);
        let spec = spec.and_then(|spec| serde_json::from_str(spec.get()).ok()).map(Arc::new);
        let generation = record.generation;
        self.grants.known.insert(key.clone(), Grant { identity, version, generation, spec, status });
        self.consent_changed(&key.0, lane);
    }

    pub(super) fn grant_gone(&mut self, record: &GrantRecord) {
        let identity = record.identity();
        self.grant_removed(&(identity.namespace, identity.name));
    }

    pub(super) fn grant_removed(&mut self, key: &GrantKey) {
        self.grants.known.remove(key);
        self.grants.due.remove(key);
        self.consent_changed(&key.0, Lane::Change);
    }

    /// Wakes whoever has, or wants, outputs in a namespace.
    fn consent_changed(&mut self, namespace: &str, lane: Lane) {
        self.grants.touch(namespace);
        let mut concerned = self.outputs.credentials_in(namespace);
        concerned.extend(self.grants.targeting.get(namespace).into_iter().flatten().cloned());
        for key in concerned.iter().filter(|key| self.credentials.contains_key(*key)) {
            self.queue.push(key, lane);
        }
    }

    /// A credential has other targets than before.
    pub(super) fn retarget(&mut self, key: &Key, before: &[Elsewhere], after: &[Elsewhere]) {
        if before == after {
            return;
        }
        for target in before {
            if let Some(keys) = self.grants.targeting.get_mut(&target.namespace) {
                keys.remove(key);
                if keys.is_empty() {
                    self.grants.targeting.remove(&target.namespace);
                }
            }
        }
        for target in after {
            self.grants.targeting.entry(target.namespace.clone()).or_default().insert(key.clone());
        }
        for target in before.iter().chain(after) {
            self.grants.touch(&target.namespace);
        }
    }

    /// When the status of a grant is to be looked at next.
    pub(in super::super) fn next_grant_due(&self) -> Option<Instant> {
        self.grants.due.values().min().copied()
    }

    /// The grants whose status is to be looked at now.
    pub(in super::super) fn due_grants(&mut self, now: Instant) -> Vec<GrantJob> {
        let due: Vec<GrantKey> =
            self.grants.due.iter().filter(|(_, at)| **at <= now).map(|(key, _)| key.clone()).collect();
        let mut jobs = Vec::new();
        for key in due {
            self.grants.due.remove(&key);
            let Some(grant) = self.grants.known.get(&key).filter(|grant| self.knows_users(&key.0, grant)) else {
                continue;
            };
            jobs.push(GrantJob {
                identity: grant.identity.clone(),
                version: grant.version.clone(),
                generation: grant.generation,
                status: grant.status.clone(),
                users: grant.spec.as_ref().map(|spec| self.users(&key.0, spec)),
            });
        }
        jobs
    }

    /// Whether it is known who uses a grant: neither its namespace nor one that it names is set aside.
    fn knows_users(&self, namespace: &str, grant: &Grant) -> bool {
        let forbidden = |namespace: &str| self.is_forbidden(namespace);
        !forbidden(namespace) && !grant.named().any(forbidden)
    }

    /// The credentials with a target that a grant allows by itself.
    fn users(&self, namespace: &str, spec: &AppCredentialGrantSpec) -> BTreeSet<GrantUser> {
        let keys = self.grants.targeting.get(namespace).into_iter().flatten();
        let uses = |key: &&Key| {
            let Some(entry) = self.credentials.get(*key) else { return false };
            let allowed = |kind, name: &str| spec.permits(&key.namespace, &key.name, kind, name);
            let here = entry.targets.iter().filter(|target| target.namespace == namespace);
            here.into_iter().any(|target| {
                allowed(Kind::Secret, &target.secret_name) || allowed(Kind::ConfigMap, &target.config_map_name)
            })
        };
        keys.filter(uses).map(|key| GrantUser { namespace: key.namespace.clone(), name: key.name.clone() }).collect()
    }

    /// Takes over the status of a grant as it was written; it is looked at again where it was not.
    pub(in super::super) fn grant_told(&mut self, grant: &Identity, told: Option<(String, AppCredentialGrantStatus)>) {
        let key = (grant.namespace.clone(), grant.name.clone());
        let Some(known) = self.grants.known.get_mut(&key).filter(|known| known.identity == *grant) else { return };
        match told {
            Some((version, status)) => (known.version, known.status) = (version, Some(status)),
            None => drop(self.grants.due.entry(key).or_insert_with(|| Instant::now() + AGAIN)),
        }
    }
}
