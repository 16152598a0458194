//! Who uses a grant: counted as credentials and grants come and go, never over all of both.
//!
//! ```text
//! a grant is new or edited         looks at the credentials with targets in its namespace, of those that it names
//! a credential has other targets   looks at the grants there that speak of its namespace
//! ```

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::super::life::Elsewhere;
use super::super::queue::Key;
use super::Hub;
use super::batch::{BATCH, batch};
use super::chores::{Chore, Progress};
use super::grants::Grant;
use appcredential_api::{AppCredentialGrantSpec, Kind};

/// Whether a grant by itself allows a credential one of its targets.
fn is_used(spec: &AppCredentialGrantSpec, namespace: &str, key: &Key, targets: &[Elsewhere]) -> bool {
    let allowed = |kind, name: &str| spec.permits(&key.namespace, &key.name, kind, name);
    let mut here = targets.iter().filter(|target| target.namespace == namespace);
    here.any(|target| allowed(Kind::Secret, &target.secret_name) || allowed(Kind::ConfigMap, &target.config_map_name))
}

impl Hub {
    /// Takes in that a credential has other targets than before.
    pub(super) fn retarget(&mut self, key: &Key, before: &[Elsewhere], after: &[Elsewhere]) {
        if before == after {
            return;
        }
        self.grants.retarget(key, before, after);
        let namespaces = before.iter().chain(after).map(|target| target.namespace.clone()).collect();
        self.chores.ask(Chore::UserOf(key.clone()), None, namespaces);
    }

    /// Counts the users of a grant anew.
    pub(super) fn recount(&mut self, key: &Key) {
        if let Some(grant) = self.grants.get_mut(key) {
            grant.users = BTreeSet::new();
            grant.is_counting = true;
            self.chores.ask(Chore::UsersOf(key.clone()), None, BTreeSet::new());
        }
    }

    /// Looks at a batch of credentials that a grant names. Returns whether that was the last.
    pub(super) fn count_users(&mut self, key: &Key, progress: &mut Progress, now: Instant) -> bool {
        let Some(grant) = self.grants.get(key) else { return true };
        let from = grant.spec.as_ref().and_then(|spec| spec.from.get(progress.step));
        let Some((from, spec)) = from.map(|from| from.namespace.clone()).zip(grant.spec.clone()) else {
            if let Some(grant) = self.grants.get_mut(key) {
                grant.is_counting = false;
            }
            self.touch_grant(key, now);
            return true;
        };
        let keys = batch(
            |range| Box::new(self.grants.targeting(&key.namespace, range)),
            Key { namespace: from.clone(), name: String::new() },
            progress.key.take(),
            |credential| credential.namespace == from,
        );
        let uses = |credential: &&Key| {
            self.known(credential).is_some_and(|known| is_used(&spec, &key.namespace, credential, &known.targets))
        };
        let users: Vec<Key> = keys.iter().filter(uses).cloned().collect();
        if let Some(grant) = self.grants.get_mut(key) {
            grant.users.extend(users);
        }
        progress.key = keys.last().cloned();
        if keys.len() < BATCH {
            progress.next_step();
        }
        false
    }

    /// Looks at a batch of grants that speak of a credential's namespace. Returns whether that was the last.
    pub(super) fn count_user(&mut self, key: &Key, progress: &mut Progress, now: Instant) -> bool {
        let Some(namespace) = progress.namespaces.first().cloned() else { return true };
        let targets = self.known(key).map(|known| known.targets.to_vec()).unwrap_or_default();
        let names = self.grants.speaking(&namespace, &key.namespace, progress.key.as_ref().map(|key| &key.name));
        for name in &names {
            let grant = Key { namespace: namespace.clone(), name: name.clone() };
            if self.grants.get_mut(&grant).is_some_and(|it| recount_one(it, &namespace, key, &targets)) {
                self.touch_grant(&grant, now);
            }
        }
        if names.len() < BATCH {
            progress.namespaces.pop_first();
            progress.key = None;
        } else {
            progress.key = names.last().map(|name| Key { namespace, name: name.clone() });
        }
        progress.namespaces.is_empty()
    }
}

/// Counts one credential among the users of a grant, or takes it out. Returns whether that is new.
fn recount_one(grant: &mut Grant, namespace: &str, key: &Key, targets: &[Elsewhere]) -> bool {
    let uses = grant.spec.as_ref().is_some_and(|spec| is_used(spec, namespace, key, targets));
    if uses { grant.users.insert(key.clone()) } else { grant.users.remove(key) }
}
