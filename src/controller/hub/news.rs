//! Watch events: what each changes, and which credentials it wakes.
//!
//! Whether an event is news is decided here and in the credential's life, so that our own writes wake nobody and a
//! restart in sync finds nothing to do.

use std::collections::BTreeSet;

use kube::Resource;
use kube::runtime::watcher::Event;
use tokio::time::Instant;

use super::super::life::{Life, News, Origin, Reach, interests};
use super::super::queue::{Key, Subject};
use super::super::{Namespace, Scoped, decode};
use super::tally::Tally;
use super::{Hub, List};
use crate::controller::life::Elsewhere;
use appcredential_api::status::Reading;
use appcredential_api::{Kind, ObjectRef, ResourceVersion, Uid};
use appcredential_cluster::Record;
use appcredential_cluster::objects::{CoreKind, Named, OutputObject};
use appcredential_cluster::watch::Change;
use appcredential_core::resolve;

/// What a credential depends on: the objects that it asks for, its targets in other namespaces, and the ring that it
/// waits for.
struct Reached {
    interests: BTreeSet<ObjectRef>,
    targets: Vec<Elsewhere>,
    ring: Vec<Key>,
}

impl Hub {
    /// Takes in a watch event.
    pub(in super::super) fn changed(&mut self, scoped: Scoped, now: Instant) {
        let at = scoped.namespace;
        match scoped.change {
            Change::Credential(event) => {
                self.event(List::Credentials, at, event, now, Self::credential, Self::credential_gone)
            }
            Change::Grant(event) => self.event(List::Grants, at, event, now, Self::grant, Self::grant_gone),
            Change::OutputSecret(event) => {
                self.event(List::Outputs(Kind::Secret), at, event, now, Self::output, Self::output_gone)
            }
            Change::OutputConfigMap(event) => {
                self.event(List::Outputs(Kind::ConfigMap), at, event, now, Self::output, Self::output_gone)
            }
            Change::Secret(event) => self.event(List::Names(Kind::Secret), at, event, now, Self::name, Self::name_gone),
            Change::ConfigMap(event) => {
                self.event(List::Names(Kind::ConfigMap), at, event, now, Self::name, Self::name_gone)
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
        now: Instant,
        applied: fn(&mut Self, K, Origin, Instant),
        deleted: fn(&mut Self, &K, Instant),
    ) {
        match event {
            Event::Init => {
                self.listed_meanwhile(list, &at);
                self.chores.list_begins(list, at);
            }
            Event::InitApply(object) => {
                self.named(list, &at, &object);
                let first = !self.listed.contains(&(list, at));
                applied(self, object, if first { Origin::FirstList } else { Origin::List }, now);
            }
            Event::InitDone => {
                self.listed_meanwhile(list, &at);
                self.chores.list_ends(list, at);
            }
            Event::Apply(object) => {
                // What a list that is not taken over to its end yet did not name is another one.
                if let Some(key) = self.chores.name_after(list, &at, || key_of(&object)) {
                    self.sweep_away(list, &key, now);
                }
                applied(self, object, Origin::Event, now);
            }
            Event::Delete(object) => deleted(self, &object, now),
        }
    }

    /// A list has named an object.
    fn named<K: Resource>(&mut self, list: List, at: &Namespace, object: &K) {
        let key = key_of(object);
        // Of the names of all Secrets and ConfigMaps only those are held that somebody asks for.
        let held = if let List::Names(kind) = list { self.interests.knows(kind, &key) } else { true };
        if held {
            self.chores.name(list, at, key);
        }
    }

    /// A list begins or is complete: reconciles that are under way may have been answered before it.
    fn listed_meanwhile(&mut self, list: List, at: &Namespace) {
        let (List::Outputs(kind) | List::Names(kind)) = list else { return };
        let running: Vec<Key> = self.queue.credentials_running().cloned().collect();
        for key in running {
            if let Some(running) = self.lives.get_mut(&key).and_then(Life::running) {
                running.relisted(kind, at);
            }
        }
    }

    /// Takes in a credential as a watch saw it.
    pub(super) fn credential(&mut self, mut record: Record, origin: Origin, now: Instant) {
        let identity = record.identity();
        let key = Key { namespace: identity.namespace, name: identity.name };
        if record.deleting && !record.is_held() {
            // Its outputs go with it, by owner reference.
            self.forget(&key, None, now);
            return;
        }
        let Reading { status, unreadable } = record.reading();
        (record.status, record.unreadable) = (None, unreadable);
        let life = self.lives.entry(key.clone()).or_default();
        if life.has_spec_of(&record, origin) {
            // Another operator may have said something new of environments of its own.
            let told = status.as_ref().filter(|_| self.selection.is_restricted());
            let counted = told.map(|status| Tally::of(&key.namespace, status));
            let selection = self.selection.clone();
            self.live(&key, now, |life| life.seen_again(record, (status, &selection), origin, now));
            let known = self.lives.get_mut(&key).and_then(|life| life.known.as_mut());
            if let (Some(known), Some(counted)) = (known, counted) {
                Tally::replace(&mut known.tally, counted, &self.metrics);
            }
            return;
        }
        let counted = Tally::of(&key.namespace, &status.clone().unwrap_or_default());
        let reach = self.reach(&record);
        let before = self.reached(&key);
        let mut tally = self.lives.get_mut(&key).and_then(|life| life.known.as_mut()?.tally.take());
        let selection = self.selection.clone();
        self.live(&key, now, |life| life.seen(record, (status, &selection), reach, origin, now));
        Tally::replace(&mut tally, counted, &self.metrics);
        if let Some(known) = self.lives.get_mut(&key).and_then(|life| life.known.as_mut()) {
            known.tally = tally;
        }
        self.reach_changed(&key, &before);
        self.wake_ring(&key, now);
    }

    fn reached(&self, key: &Key) -> Reached {
        let known = self.known(key);
        Reached {
            interests: interests(known),
            targets: known.map(|known| known.targets.to_vec()).unwrap_or_default(),
            ring: known.map(|known| known.ring.to_vec()).unwrap_or_default(),
        }
    }

    /// Takes over what a credential reaches now.
    fn reach_changed(&mut self, key: &Key, before: &Reached) {
        let after = self.reached(key);
        self.interests.replace(key, &before.interests, &after.interests);
        self.retarget(key, &before.targets, &after.targets);
        if after.ring != before.ring {
            self.leave_ring(key, &before.ring);
        }
    }

    /// The objects that a credential refers to, and its targets in other namespaces. One that cannot be decoded has none.
    fn reach(&self, record: &Record) -> Reach {
        let Some(spec) = decode::understood(record) else { return Reach::default() };
        let identity = record.identity();
        let sources = resolve::sources(&spec, &self.selection).into_iter();
        let sources = sources.map(|source| source.in_namespace(&identity.namespace)).collect();
        let targets = resolve::targets_elsewhere(&spec, &identity).into_iter();
        let targets = targets.map(|target| Elsewhere {
            namespace: target.namespace,
            secret_name: target.secret_name,
            config_map_name: target.config_map_name,
        });
        Reach { sources, targets: targets.collect() }
    }

    fn credential_gone(&mut self, record: &Record, now: Instant) {
        let identity = record.identity();
        let key = Key { namespace: identity.namespace, name: identity.name };
        self.forget(&key, Some(&identity.uid), now);
    }

    /// Forgets a credential that is gone, if it is of this uid. An errand that runs for it is let go.
    pub(super) fn forget(&mut self, key: &Key, uid: Option<&str>, now: Instant) {
        let before = self.reached(key);
        let Some(life) = self.lives.get_mut(key) else { return };
        if let Some((mut known, effects)) = life.gone(uid) {
            // Nobody is left to look at them. What is there is found out when it is in somebody's way.
            for place in known.take_uncertain() {
                self.outputs.forget(&place);
            }
            if let Some(tally) = &known.tally {
                tally.count(-1, &self.metrics);
            }
            self.carry_out(key, effects, now);
            self.reach_changed(key, &before);
            self.wake_ring(key, now);
        }
        self.bury(key);
    }

    #[expect(clippy::needless_pass_by_value, reason = "the other kinds are kept, and all are handed on alike")]
    fn output<K: CoreKind>(&mut self, object: OutputObject<K>, origin: Origin, now: Instant) {
        let object_key = object.observed.object_ref();
        let version = object.observed.resource_version.clone();
        // An output may be the source of another credential, or in its way.
        for credential in self.interests.applied(&object_key, &version) {
            self.woken_by(&credential, origin, now);
        }
        let concerned = match origin {
            Origin::Event => self.outputs.apply(&object.observed),
            Origin::FirstList | Origin::List => self.outputs.set(&object.observed),
        };
        for key in concerned {
            self.output_news(
                &key,
                News { object: object_key.clone(), what: Ok(version.clone()), is_known: true },
                origin,
                now,
            );
        }
    }

    fn woken_by(&mut self, key: &Key, origin: Origin, now: Instant) {
        self.live(key, now, |life| match origin {
            Origin::FirstList => life.start(origin.class()),
            Origin::List | Origin::Event => life.woken(now),
        });
    }

    fn output_gone<K: CoreKind>(&mut self, object: &OutputObject<K>, now: Instant) {
        let key = object.observed.object_ref();
        let woken = self.interests.deleted(&key, Some(&object.observed.resource_version));
        self.wake(woken, now);
        let named = object.observed.credential.clone();
        self.output_removed(&key, &object.observed.uid, named, now);
    }

    /// Takes in that an output is gone. One that is not known may be in the answer to a write that is still under way:
    /// then the credential that it names is informed too.
    pub(super) fn output_removed(&mut self, object: &ObjectRef, uid: &Uid, named: Option<Key>, now: Instant) {
        let concerned = self.outputs.remove(object, uid);
        let running = |key: &Key| self.queue.is_running(&Subject::Credential(key.clone()));
        let others = named.filter(|key| !concerned.contains(key) && running(key));
        let concerned = concerned.into_iter().map(|key| (key, true)).chain(others.map(|key| (key, false)));
        for (key, is_known) in concerned.collect::<Vec<_>>() {
            let news = News { object: object.clone(), what: Err(uid.clone()), is_known };
            self.output_news(&key, news, Origin::Event, now);
        }
    }

    fn output_news(&mut self, key: &Key, news: News, origin: Origin, now: Instant) {
        self.live(key, now, |life| life.output_changed(news, origin, now));
    }

    #[expect(clippy::needless_pass_by_value, reason = "the other kinds are kept, and all are handed on alike")]
    fn name<K: CoreKind>(&mut self, object: Named<K>, origin: Origin, now: Instant) {
        let (key, version) = named(&object);
        for credential in self.interests.applied(&key, &version) {
            self.woken_by(&credential, origin, now);
        }
    }

    fn name_gone<K: CoreKind>(&mut self, object: &Named<K>, now: Instant) {
        let (key, version) = named(object);
        let woken = self.interests.deleted(&key, Some(&version));
        self.wake(woken, now);
    }
}

fn key_of<K: Resource>(object: &K) -> Key {
    let meta = object.meta();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Key { namespace: text(&meta.namespace), name: text(&meta.name) }
}

fn named<K: CoreKind>(object: &Named<K>) -> (ObjectRef, ResourceVersion) {
    let meta = object.meta();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    (ObjectRef::new(K::KIND, text(&meta.namespace), text(&meta.name)), text(&meta.resource_version).into())
}
