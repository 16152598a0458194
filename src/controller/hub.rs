//! What the operator knows, and who is woken by what.
//!
//! The hub owns all state and is only ever used by one task: no locks. News of watches go in (`changed`), jobs
//! come out (`next`), what a reconcile learned comes back (`finished`). Whether an event is news is decided
//! here, so that our own writes wake nobody and a restart at rest finds nothing to do.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use kube::Resource;
use kube::runtime::watcher::Event;
use tokio::time::Instant;
use tracing::debug;

use super::interest::Interests;
use super::job::{Job, Learned};
use super::outputs::Outputs;
use super::queue::{Key, Lane, Queue};
use super::{Namespace, Scoped, decode};
use crate::api::{AppCredentialStatus, Disposition, Kind};
use crate::backoff;
use crate::cluster::Record;
use crate::cluster::objects::{CoreKind, Named, OutputObject};
use crate::cluster::watch::Change;
use crate::plan::ObjectKey;
use crate::resolve::{self, Selection};

/// What is known of a credential.
struct Entry {
    record: Arc<Record>,
    /// The status that we wrote or saw last; an event with this status is no news.
    status: Option<AppCredentialStatus>,
    /// The sources that it refers to and the objects that are in its way.
    interests: BTreeSet<ObjectKey>,
    sources: BTreeSet<ObjectKey>,
    failures: u32,
    /// Outputs that somebody else changed or deleted since the last reconcile.
    touched: BTreeSet<ObjectKey>,
    /// News of outputs while it was being reconciled: they may be echoes of its own writes.
    meanwhile: Vec<News>,
}

/// News of an output.
struct News {
    object: ObjectKey,
    /// The version, or the uid of what was deleted.
    what: Result<String, String>,
}

/// The hub.
pub(super) struct Hub {
    selection: Selection,
    credentials: HashMap<Key, Entry>,
    outputs: Outputs,
    interests: Interests,
    pub(super) queue: Queue,
    /// Lists that are under way: what they have not named when they end is gone.
    listing: HashMap<(List, Namespace), BTreeSet<(String, String)>>,
    /// Lists that are complete.
    listed: BTreeSet<(List, Namespace)>,
}

/// The lists that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum List {
    /// Of credentials.
    Credentials,
    /// Of outputs of a kind.
    Outputs(Kind),
    /// Of names of a kind.
    Names(Kind),
}

impl Hub {
    pub(super) fn new(selection: Selection) -> Self {
        Self {
            selection,
            credentials: HashMap::new(),
            outputs: Outputs::default(),
            interests: Interests::default(),
            queue: Queue::default(),
            listing: HashMap::new(),
            listed: BTreeSet::new(),
        }
    }

    /// How many lists are complete.
    pub(super) fn listed(&self, wanted: impl Fn(List) -> bool) -> usize {
        self.listed.iter().filter(|(list, _)| wanted(*list)).count()
    }

    /// How many credentials there are.
    pub(super) fn credentials(&self) -> usize {
        self.credentials.len()
    }

    /// Takes over what a watch told.
    pub(super) fn changed(&mut self, scoped: Scoped) {
        let at = scoped.namespace;
        match scoped.change {
            Change::Credential(event) => {
                self.event(List::Credentials, at, event, Self::credential, Self::credential_gone)
            }
            Change::OutputSecret(event) => {
                self.event(List::Outputs(Kind::Secret), at, event, Self::output, Self::output_gone)
            }
            Change::OutputConfigMap(event) => {
                self.event(List::Outputs(Kind::ConfigMap), at, event, Self::output, Self::output_gone)
            }
            Change::Secret(event) => self.event(List::Names(Kind::Secret), at, event, Self::name, Self::name_gone),
            Change::ConfigMap(event) => {
                self.event(List::Names(Kind::ConfigMap), at, event, Self::name, Self::name_gone)
            }
        }
    }

    /// A list is taken over object by object, and what it did not name is gone when it ends.
    fn event<K: Resource>(
        &mut self,
        list: List,
        at: Namespace,
        event: Event<K>,
        applied: fn(&mut Self, K, Lane),
        deleted: fn(&mut Self, &K),
    ) {
        let first = !self.listed.contains(&(list, at.clone()));
        match event {
            Event::Init => {
                self.listing.insert((list, at), BTreeSet::new());
            }
            Event::InitApply(object) => {
                let meta = object.meta();
                let name = (meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default());
                // Of the names of all Secrets and ConfigMaps only those are held that somebody asks for.
                let held = if let List::Names(kind) = list { self.interests.knows(kind, &name) } else { true };
                if let Some(named) = self.listing.get_mut(&(list, at)).filter(|_| held) {
                    named.insert(name);
                }
                applied(self, object, if first { Lane::Background } else { Lane::Change });
            }
            Event::InitDone => {
                let named = self.listing.remove(&(list, at.clone())).unwrap_or_default();
                self.sweep(list, &at, &named);
                self.listed.insert((list, at));
            }
            Event::Apply(object) => applied(self, object, Lane::Change),
            Event::Delete(object) => deleted(self, &object),
        }
    }

    /// Takes over the deletion of what a new list did not name.
    fn sweep(&mut self, list: List, at: &Namespace, named: &BTreeSet<(String, String)>) {
        let scope = at.as_deref();
        let gone = |namespace: &str, name: &str| !named.contains(&(namespace.to_owned(), name.to_owned()));
        match list {
            List::Credentials => {
                let here = |key: &&Key| {
                    scope.is_none_or(|namespace| namespace == key.namespace) && gone(&key.namespace, &key.name)
                };
                let keys: Vec<Key> = self.credentials.keys().filter(here).cloned().collect();
                keys.iter().for_each(|key| self.forget(key));
            }
            List::Outputs(kind) => {
                for (object, uid) in self.outputs.existing(kind, scope) {
                    if gone(&object.1, &object.2) {
                        self.output_removed(&object, &uid);
                    }
                }
            }
            List::Names(kind) => {
                for object in self.interests.existing(kind, scope) {
                    if gone(&object.1, &object.2) {
                        let woken = self.interests.deleted(&object);
                        self.wake(woken);
                    }
                }
            }
        }
    }

    fn credential(&mut self, record: Record, lane: Lane) {
        let identity = record.identity();
        let key = Key { namespace: identity.namespace.clone(), name: identity.name.clone() };
        if record.deleting {
            // Its outputs go with it, by owner reference.
            self.forget(&key);
            return;
        }
        let status: Option<AppCredentialStatus> =
            record.status.as_ref().and_then(|status| serde_json::from_str(status.get()).ok());
        let is_same =
            |known: &&mut Entry| known.record.identity() == identity && known.record.generation == record.generation;
        if let Some(known) = self.credentials.get_mut(&key).filter(is_same) {
            let echo = known.status == status;
            known.record = Arc::new(record);
            if !echo && !self.queue.is_running(&key) {
                known.status = status;
                self.queue.push(&key, lane);
            }
            return;
        }
        let sources = self.sources(&record);
        let before = self.credentials.get(&key).map(|known| known.interests.clone()).unwrap_or_default();
        self.interests.replace(&key, &before, &sources);
        let entry = Entry {
            record: Arc::new(record),
            status,
            interests: sources.clone(),
            sources,
            failures: 0,
            touched: BTreeSet::new(),
            meanwhile: Vec::new(),
        };
        self.credentials.insert(key.clone(), entry);
        self.queue.push(&key, lane);
    }

    /// The objects that a credential refers to. One that cannot be decoded refers to none.
    fn sources(&self, record: &Record) -> BTreeSet<ObjectKey> {
        let Ok(spec) = decode::spec(record) else { return BTreeSet::new() };
        let namespace = record.identity().namespace;
        let sources = resolve::sources(&spec, &self.selection).into_iter();
        sources.map(|source| (source.kind, namespace.clone(), source.name)).collect()
    }

    fn credential_gone(&mut self, record: &Record) {
        let identity = record.identity();
        let key = Key { namespace: identity.namespace, name: identity.name };
        if self.credentials.get(&key).is_some_and(|known| known.record.identity().uid == identity.uid) {
            self.forget(&key);
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(entry) = self.credentials.remove(key) {
            self.interests.replace(key, &entry.interests, &BTreeSet::new());
        }
        self.queue.forget(key);
    }

    fn output<K: CoreKind>(&mut self, object: OutputObject<K>, lane: Lane) {
        let object_key = object.observed.key();
        let version = object.observed.resource_version.clone();
        for key in self.outputs.apply(object.observed) {
            self.output_news(&key, News { object: object_key.clone(), what: Ok(version.clone()) }, lane);
        }
    }

    fn output_gone<K: CoreKind>(&mut self, object: &OutputObject<K>) {
        self.output_removed(&object.observed.key(), &object.observed.uid);
    }

    fn output_removed(&mut self, object: &ObjectKey, uid: &str) {
        for key in self.outputs.remove(object, uid) {
            self.output_news(&key, News { object: object.clone(), what: Err(uid.to_owned()) }, Lane::Change);
        }
    }

    fn output_news(&mut self, key: &Key, news: News, lane: Lane) {
        let Some(entry) = self.credentials.get_mut(key) else { return };
        if self.queue.is_running(key) {
            entry.meanwhile.push(news);
            return;
        }
        if lane == Lane::Change {
            entry.touched.insert(news.object);
        }
        self.queue.push(key, lane);
    }

    #[expect(clippy::needless_pass_by_value, reason = "the other kinds are kept, and all are handed on alike")]
    fn name<K: CoreKind>(&mut self, object: Named<K>, lane: Lane) {
        let (key, version) = named(&object);
        for credential in self.interests.applied(&key, &version) {
            self.queue.push(&credential, lane);
        }
    }

    fn name_gone<K: CoreKind>(&mut self, object: &Named<K>) {
        let (key, _) = named(object);
        let woken = self.interests.deleted(&key);
        self.wake(woken);
    }

    fn wake(&mut self, keys: Vec<Key>) {
        for key in keys {
            self.queue.push(&key, Lane::Change);
        }
    }

    /// The next job, if there is one.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Key, Job)> {
        loop {
            let key = self.queue.pop(now)?;
            match self.credentials.get_mut(&key) {
                Some(entry) => {
                    let touched = std::mem::take(&mut entry.touched);
                    let job = Job {
                        record: Arc::clone(&entry.record),
                        status: entry.status.clone(),
                        observed: self.outputs.of(&key),
                        touched,
                    };
                    return Some((key, job));
                }
                None => self.queue.done(&key),
            }
        }
    }

    /// Takes over what a reconcile learned.
    pub(super) fn finished(&mut self, key: &Key, learned: Learned, jitter: f64) {
        for written in &learned.written {
            self.outputs.apply(written.clone());
        }
        for (object, uid) in &learned.deleted {
            self.outputs.remove(object, uid);
        }
        let mut disposition = learned.disposition;
        for (source, version) in &learned.sources {
            // A read that went through a cache on its way may be older than what the watch has told.
            if self.interests.read(&(source.kind, key.namespace.clone(), source.name.clone()), version) {
                disposition = disposition.max(Some(Disposition::Retry));
            }
        }
        self.queue.done(key);
        let Some(entry) = self.credentials.get_mut(key) else { return };
        let blocked_anew = learned.blocked.difference(&entry.interests).next().is_some();
        let interests: BTreeSet<ObjectKey> = entry.sources.union(&learned.blocked).cloned().collect();
        self.interests.replace(key, &entry.interests, &interests);
        entry.interests = interests;
        if let Some(status) = learned.status {
            entry.status = Some(status);
        }
        for news in std::mem::take(&mut entry.meanwhile) {
            if is_echo(&news, &learned.written, &learned.deleted) {
                continue;
            }
            entry.touched.insert(news.object);
            self.queue.push(key, Lane::Change);
        }
        // What is in the way may have gone before anybody listened for it: look once more.
        if blocked_anew {
            self.queue.push(key, Lane::Change);
        }
        self.schedule(key, disposition, jitter);
    }

    fn schedule(&mut self, key: &Key, disposition: Option<Disposition>, jitter: f64) {
        let Some(entry) = self.credentials.get_mut(key) else { return };
        if disposition != Some(Disposition::Retry) {
            entry.failures = 0;
            return;
        }
        entry.failures = entry.failures.saturating_add(1);
        let delay = backoff::delay(entry.failures, jitter);
        debug!(namespace = key.namespace, name = key.name, ?delay, "tried again later");
        if !self.queue.is_waiting(key) {
            self.queue.push_later(key, Instant::now() + delay);
        }
    }
}

fn named<K: CoreKind>(object: &Named<K>) -> (ObjectKey, String) {
    let meta = object.meta();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    ((K::KIND, text(&meta.namespace), text(&meta.name)), text(&meta.resource_version))
}

/// Whether news are of our own write or deletion.
fn is_echo(news: &News, written: &[crate::plan::Observed], deleted: &[(ObjectKey, String)]) -> bool {
    match &news.what {
        Ok(version) => {
            written.iter().any(|observed| observed.key() == news.object && observed.resource_version == *version)
        }
        Err(uid) => deleted.iter().any(|(object, deleted)| *object == news.object && deleted == uid),
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
