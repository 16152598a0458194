//! News of the watches: what each event changes, and whom it wakes.
//!
//! Whether an event is news is decided here, so that our own writes wake nobody and a restart at rest finds nothing
//! to do.

use std::collections::BTreeSet;

use kube::Resource;
use kube::runtime::watcher::Event;
use tokio::time::Instant;

use super::super::interest::is_newer;
use super::super::queue::{Key, Lane};
use super::super::{Namespace, Scoped, decode};
use super::kept::Kept;
use super::packed::Packed;
use super::tally::Tally;
use super::{Elsewhere, Entry, Hub, List, News};
use crate::api::{AppCredentialStatus, Kind};
use crate::cluster::Record;
use crate::cluster::objects::{CoreKind, Named, OutputObject};
use crate::cluster::watch::Change;
use crate::plan::ObjectKey;
use crate::resolve;
use crate::status;

impl Hub {
    /// Takes over what a watch told.
    pub(in super::super) fn changed(&mut self, scoped: Scoped) {
        let at = scoped.namespace;
        match scoped.change {
            Change::Credential(event) => {
                self.event(List::Credentials, at, event, Self::credential, Self::credential_gone)
            }
            Change::Grant(event) => self.event(List::Grants, at, event, Self::grant, Self::grant_gone),
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
            Change::Forbidden => self.forbidden(&at),
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
                self.listed.insert((list, at.clone()));
                self.sees(&at);
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
            List::Grants => {
                for grant in self.grants.existing(scope) {
                    if gone(&grant.0, &grant.1) {
                        self.grant_removed(&grant);
                    }
                }
            }
            List::Outputs(kind) => {
                for (object, uid) in self.outputs.existing(kind, scope) {
                    if gone(&object.1, &object.2) {
                        // Unless the watch of the others knows it in another version by now.
                        if self.outputs.version(&object) == self.interests.version(&object) {
                            let woken = self.interests.deleted(&object, None);
                            self.wake(woken);
                        }
                        self.output_removed(&object, &uid);
                    }
                }
            }
            List::Names(kind) => {
                for object in self.interests.existing(kind, scope) {
                    // Outputs are not in this list.
                    if gone(&object.1, &object.2) && self.outputs.version(&object).is_none() {
                        let woken = self.interests.deleted(&object, None);
                        self.wake(woken);
                    }
                }
            }
        }
    }

    pub(super) fn credential(&mut self, mut record: Record, lane: Lane) {
        let identity = record.identity();
        let key = Key { namespace: identity.namespace.clone(), name: identity.name.clone() };
        if record.deleting && !record.is_held() {
            // Its outputs go with it, by owner reference.
            self.forget(&key);
            return;
        }
        let status = record.status.take().and_then(|raw| AppCredentialStatus::read(raw.get()));
        if self.credentials.get(&key).is_some_and(|known| known.kept.is_of_the_spec_of(&record)) {
            self.told_again(&key, record, status.as_ref(), lane);
            return;
        }
        let packed = status.as_ref().and_then(Packed::of);
        let (sources, targets) = self.reach(&record);
        let mut former = self.credentials.remove(&key);
        let mut tally = former.as_mut().and_then(|former| former.tally.take());
        let before = former.as_ref().map(Entry::interests).unwrap_or_default();
        self.interests.replace(&key, &before, &sources);
        let before = former.as_ref().map(|former| former.targets.as_slice()).unwrap_or_default();
        self.retarget(&key, before, &targets);
        // What is known of outputs since the last reconcile, or during one that is under way, outlasts an edit.
        let former = former.filter(|former| *former.kept.uid == *identity.uid);
        // So does what the last reconcile has to say.
        let edited = former.as_ref().map(|former| former.edited.unwrap_or_else(Instant::now));
        let (touched, meanwhile, report) =
            former.map(|former| (former.touched, former.meanwhile, former.report)).unwrap_or_default();
        let counted = Tally::of(&key.namespace, &status.unwrap_or_default());
        Tally::replace(&mut tally, counted, &self.metrics);
        let entry = Entry {
            version: None,
            fresh: true,
            held: record.is_held(),
            kept: Kept::of(record),
            status: packed,
            report,
            sources: sources.into_iter().collect(),
            blocked: Vec::new(),
            targets,
            failures: 0,
            tally,
            edited: edited.or_else(|| (lane == Lane::Change).then(Instant::now)),
            touched,
            meanwhile,
        };
        self.credentials.insert(key.clone(), entry);
        self.queue.push(&key, lane);
    }

    /// A credential whose spec is known: its status or its metadata may be news.
    fn told_again(&mut self, key: &Key, record: Record, status: Option<&AppCredentialStatus>, lane: Lane) {
        let Some(known) = self.credentials.get_mut(key) else { return };
        let ours = known.version.as_deref().is_some_and(|ours| !is_newer(record.resource_version(), ours));
        let held = record.is_held();
        known.kept = Kept::of(record);
        if ours || self.queue.is_reconciling(key) {
            return;
        }
        let is_no_news = |known: Option<AppCredentialStatus>| match (&known, status) {
            (Some(known), Some(found)) => status::is_no_news(known, found),
            (known, found) => known.as_ref() == found,
        };
        // What is being written just now may be told before the answer to it comes.
        let report = known.report.as_ref().and_then(Packed::unpack).map(|report| report.status);
        let same = is_no_news(known.status()) || (report.is_some() && is_no_news(report));
        let echo = same && known.held == held;
        (known.status, known.held) = (status.and_then(Packed::of), held);
        if !echo {
            self.queue.push(key, lane);
        }
    }

    /// The objects that a credential refers to, and its targets in other namespaces. One that cannot be decoded has none.
    fn reach(&self, record: &Record) -> (BTreeSet<ObjectKey>, Vec<Elsewhere>) {
        let Ok(spec) = decode::spec(record) else { return Default::default() };
        let identity = record.identity();
        let sources = resolve::sources(&spec, &self.selection).into_iter();
        let sources = sources.map(|source| (source.kind, identity.namespace.clone(), source.name)).collect();
        let targets = resolve::targets_elsewhere(&spec, &identity, &self.selection).into_iter();
        let targets = targets.map(|target| Elsewhere {
            namespace: target.namespace,
            secret_name: target.secret_name,
            config_map_name: target.config_map_name,
        });
        (sources, targets.collect())
    }

    fn credential_gone(&mut self, record: &Record) {
        let identity = record.identity();
        let key = Key { namespace: identity.namespace, name: identity.name };
        if self.credentials.get(&key).is_some_and(|known| *known.kept.uid == *identity.uid) {
            self.forget(&key);
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(entry) = self.credentials.remove(key) {
            self.interests.replace(key, &entry.interests(), &BTreeSet::new());
            self.retarget(key, &entry.targets, &[]);
            if let Some(tally) = entry.tally {
                tally.count(-1, &self.metrics);
            }
        }
        self.queue.forget(key);
    }

    #[expect(clippy::needless_pass_by_value, reason = "the other kinds are kept, and all are handed on alike")]
    fn output<K: CoreKind>(&mut self, object: OutputObject<K>, lane: Lane) {
        let object_key = object.observed.key();
        let version = object.observed.resource_version.clone();
        // An output may be the source of another credential, or in its way.
        for credential in self.interests.applied(&object_key, &version) {
            self.queue.push(&credential, lane);
        }
        for key in self.outputs.apply(&object.observed) {
            self.output_news(&key, News { object: object_key.clone(), what: Ok(version.clone()) }, lane);
        }
    }

    fn output_gone<K: CoreKind>(&mut self, object: &OutputObject<K>) {
        let key = object.observed.key();
        let woken = self.interests.deleted(&key, Some(&object.observed.resource_version));
        self.wake(woken);
        self.output_removed(&key, &object.observed.uid);
    }

    fn output_removed(&mut self, object: &ObjectKey, uid: &str) {
        for key in self.outputs.remove(object, uid) {
            self.output_news(&key, News { object: object.clone(), what: Err(uid.to_owned()) }, Lane::Change);
        }
    }

    fn output_news(&mut self, key: &Key, news: News, lane: Lane) {
        let Some(entry) = self.credentials.get_mut(key) else { return };
        if self.queue.is_reconciling(key) {
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
        let (key, version) = named(object);
        let woken = self.interests.deleted(&key, Some(&version));
        self.wake(woken);
    }

    fn wake(&mut self, keys: Vec<Key>) {
        for key in keys {
            self.queue.push(&key, Lane::Change);
        }
    }
}

fn named<K: CoreKind>(object: &Named<K>) -> (ObjectKey, String) {
    let meta = object.meta();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    ((K::KIND, text(&meta.namespace), text(&meta.name)), text(&meta.resource_version))
}
