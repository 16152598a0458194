//! Chores: work over many objects, done in batches between other work.
//!
//! A list of ten thousand objects, or a grant that concerns as many credentials, must not keep the hub from the edit
//! that comes next. So a chore remembers how far it has come, goes on with a batch at a time, and takes turns with the
//! others. One that is asked for again begins anew: each stands here once, however often it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use tokio::time::Instant;

use super::super::Namespace;
use super::super::queue::{Class, Key};
use super::batch::{BATCH, batch};
use super::{Hub, List};
use appcredential_api::ObjectRef;

/// The chores, with how far each has come.
#[derive(Default)]
pub(super) struct Chores {
    /// Lists that are under way: what they have named so far.
    listing: BTreeMap<(List, Namespace), BTreeSet<Key>>,
    waiting: BTreeMap<Chore, Progress>,
    /// The one that was worked on last.
    last: Option<Chore>,
}

/// A chore.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Chore {
    /// To forget what a list that is complete did not name.
    Sweep(List, Namespace),
    /// To wake whoever has, or wants, outputs in a namespace whose consent has changed.
    Consent(String),
    /// To look again at everything that has to do with a namespace.
    Namespace(String),
    /// To count the users of a grant.
    UsersOf(Key),
    /// To count a credential among the users of grants.
    UserOf(Key),
}

/// How far a chore has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// What the list named.
    named: BTreeSet<Key>,
    /// How urgent it is for those that are woken.
    pub(super) class: Option<Class>,
    /// The namespaces that are left, for a credential that is a user of grants there.
    pub(super) namespaces: BTreeSet<String>,
    /// The step of the chore, and the last key or object that was looked at in it.
    pub(super) step: usize,
    pub(super) key: Option<Key>,
    object: Option<ObjectRef>,
}

impl Progress {
    /// Goes on to the next step.
    pub(super) fn next_step(&mut self) {
        (self.step, self.key, self.object) = (self.step + 1, None, None);
    }
}

impl Chores {
    /// Returns whether there is something to do.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Asks for a chore from its beginning.
    pub(super) fn ask(&mut self, chore: Chore, class: Option<Class>, namespaces: BTreeSet<String>) {
        let known = self.waiting.remove(&chore).unwrap_or_default();
        let class = known.class.into_iter().chain(class).min();
        let namespaces = known.namespaces.into_iter().chain(namespaces).collect();
        self.waiting.insert(chore, Progress { class, namespaces, ..Progress::default() });
    }

    /// Takes in that a list begins.
    pub(super) fn list_begins(&mut self, list: List, at: Namespace) {
        // The list before is no longer of interest.
        self.waiting.remove(&Chore::Sweep(list, at.clone()));
        self.listing.insert((list, at), BTreeSet::new());
    }

    /// Takes in that a list has named an object.
    pub(super) fn name(&mut self, list: List, at: &Namespace, name: Key) {
        if let Some(named) = self.listing.get_mut(&(list, at.clone())) {
            named.insert(name);
        }
    }

    /// Takes in that the watch after a list has named an object. Returns whether the list had not: then what is known
    /// of it is still to be swept away.
    pub(super) fn name_after(&mut self, list: List, at: &Namespace, name: impl FnOnce() -> Key) -> Option<Key> {
        let sweep = self.waiting.get_mut(&Chore::Sweep(list, at.clone()))?;
        let name = name();
        sweep.named.insert(name.clone()).then_some(name)
    }

    /// Takes in that a list is complete.
    pub(super) fn list_ends(&mut self, list: List, at: Namespace) {
        let named = self.listing.remove(&(list, at.clone())).unwrap_or_default();
        self.waiting.insert(Chore::Sweep(list, at), Progress { named, ..Progress::default() });
    }

    fn next(&mut self) -> Option<(Chore, Progress)> {
        let after = self.last.take().map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.waiting.range((after, Bound::Unbounded)).next().or_else(|| self.waiting.iter().next());
        let chore = next.map(|(chore, _)| chore.clone())?;
        self.last = Some(chore.clone());
        let progress = self.waiting.remove(&chore)?;
        Some((chore, progress))
    }
}

impl Hub {
    /// Returns whether there are chores.
    pub(in super::super) fn has_chores(&self) -> bool {
        !self.chores.is_empty()
    }

    /// Goes on with the chore whose turn it is, by a batch.
    pub(in super::super) fn work(&mut self, now: Instant) {
        let Some((chore, mut progress)) = self.chores.next() else { return };
        let done = match &chore {
            Chore::Sweep(list, at) => self.sweep(*list, at, &mut progress, now),
            Chore::Consent(namespace) => self.wake_by_consent(namespace, &mut progress, now),
            Chore::Namespace(namespace) => self.look_again_at(namespace, &mut progress, now),
            Chore::UsersOf(grant) => self.count_users(grant, &mut progress, now),
            Chore::UserOf(credential) => self.count_user(credential, &mut progress, now),
        };
        if !done {
            // Unless it was asked for again meanwhile, and begins anew.
            self.chores.waiting.entry(chore).or_insert(progress);
        } else if let Chore::Sweep(list, at) = chore {
            self.listed.insert((list, at.clone()));
            self.sees(&at);
        }
    }

    /// Forgets a batch of what a list did not name. Returns whether that was the last.
    fn sweep(&mut self, list: List, at: &Namespace, progress: &mut Progress, now: Instant) -> bool {
        let scope = at.as_deref();
        let within = |namespace: &str| scope.is_none_or(|scope| scope == namespace);
        let first = Key { namespace: scope.unwrap_or_default().to_owned(), name: String::new() };
        match list {
            List::Credentials | List::Grants => {
                let range = |range| -> Box<dyn Iterator<Item = &Key>> {
                    match list {
                        List::Grants => Box::new(self.grants.keys(range)),
                        _ => Box::new(self.lives.range(range).map(|(key, _)| key)),
                    }
                };
                let keys = batch(range, first, progress.key.take(), |key| within(&key.namespace));
                for key in keys.iter().filter(|key| !progress.named.contains(key)) {
                    self.sweep_away(list, key, now);
                }
                progress.key = keys.last().cloned();
                keys.len() < BATCH
            }
            List::Outputs(kind) | List::Names(kind) => {
                let range = |range| -> Box<dyn Iterator<Item = &ObjectRef>> {
                    match list {
                        List::Outputs(_) => Box::new(self.outputs.keys(range)),
                        _ => Box::new(self.interests.keys(range)),
                    }
                };
                let first = ObjectRef::new(kind, first.namespace, first.name);
                let inside = |object: &ObjectRef| object.kind == kind && within(&object.namespace);
                let objects = batch(range, first, progress.object.take(), inside);
                for object in &objects {
                    let name = Key::new(object.namespace.clone(), object.name.clone());
                    if !progress.named.contains(&name) {
                        self.sweep_away(list, &name, now);
                    }
                }
                progress.object = objects.last().cloned();
                objects.len() < BATCH
            }
        }
    }

    /// Takes in that something is gone: a list did not name it.
    pub(super) fn sweep_away(&mut self, list: List, key: &Key, now: Instant) {
        match list {
            List::Credentials => self.forget(key, None, now),
            List::Grants => self.grant_removed(key, now),
            List::Outputs(kind) | List::Names(kind) => {
                self.missed(list, &ObjectRef::new(kind, key.namespace.clone(), key.name.clone()), now);
            }
        }
    }

    fn missed(&mut self, list: List, object: &ObjectRef, now: Instant) {
        let output = self.outputs.version(object);
        if let List::Outputs(_) = list {
            // Unless the watch of the others knows it in another version by now.
            if output == self.interests.version(object) {
                let woken = self.interests.deleted(object, None);
                self.wake(woken, now);
            }
            if let Some(uid) = self.outputs.uid(object) {
                self.output_removed(object, &uid, None, now);
            }
        } else if output.is_none() && self.interests.version(object).is_some() {
            // Outputs are not in the list of names.
            let woken = self.interests.deleted(object, None);
            self.wake(woken, now);
        }
    }

    /// Wakes a batch of those that have, or want, outputs in a namespace. Returns whether that was the last.
    fn wake_by_consent(&mut self, namespace: &str, progress: &mut Progress, now: Instant) -> bool {
        let class = progress.class.unwrap_or(Class::Change);
        let first = Key { namespace: String::new(), name: String::new() };
        let (keys, is_last) = match progress.step {
            0 => {
                let keys = batch(
                    |range| Box::new(self.grants.targeting(namespace, range)),
                    first,
                    progress.key.take(),
                    |_| true,
                );
                progress.key = keys.last().cloned();
                let is_last = keys.len() < BATCH;
                (keys, is_last)
            }
            step => {
                let kind = if step == 1 { appcredential_api::Kind::Secret } else { appcredential_api::Kind::ConfigMap };
                let objects = batch(
                    |range| Box::new(self.outputs.keys(range)),
                    ObjectRef::new(kind, namespace, ""),
                    progress.object.take(),
                    |object| object.kind == kind && object.namespace == namespace,
                );
                progress.object = objects.last().cloned();
                let keys: BTreeSet<Key> = objects.iter().filter_map(|object| self.outputs.named_by(object)).collect();
                (keys.into_iter().collect(), objects.len() < BATCH)
            }
        };
        for key in keys {
            self.live(&key, now, |life| if class == Class::Change { life.woken(now) } else { life.start(class) });
        }
        if is_last {
            progress.next_step();
        }
        progress.step > 2
    }

    /// Looks again at a batch of what has to do with a namespace. Returns whether that was the last.
    fn look_again_at(&mut self, namespace: &str, progress: &mut Progress, now: Instant) -> bool {
        let first = Key { namespace: String::new(), name: String::new() };
        if progress.step == 0 {
            let range =
                |range| -> Box<dyn Iterator<Item = &Key>> { Box::new(self.lives.range(range).map(|(key, _)| key)) };
            let keys = batch(range, first, progress.key.take(), |_| true);
            for key in &keys {
                if self.concerns(key, namespace) {
                    self.live(key, now, |life| life.start(Class::Background));
                }
            }
            progress.key = keys.last().cloned();
            if keys.len() < BATCH {
                progress.next_step();
            }
            return false;
        }
        let range = |range| -> Box<dyn Iterator<Item = &Key>> { Box::new(self.grants.keys(range)) };
        let keys = batch(range, first, progress.key.take(), |_| true);
        for key in &keys {
            if self.grants.speaks_of(key, namespace) {
                self.touch_grant(key, now);
            }
        }
        progress.key = keys.last().cloned();
        keys.len() < BATCH
    }

    /// Returns whether a credential is in a namespace, or has or wants outputs there.
    fn concerns(&self, key: &Key, namespace: &str) -> bool {
        let Some(known) = self.known(key) else { return false };
        let told = || known.latest().map(|status| status.places()).unwrap_or_default();
        key.namespace == namespace
            || known.targets.iter().any(|target| target.namespace == namespace)
            || told().iter().any(|place| ObjectRef::namespace_in(&place.output) == Some(namespace))
    }
}
