//! The hub: what the operator knows, and which event wakes which credential.
//!
//! The hub owns all state and is only ever used by one task: no locks. News of watches go in (`news`), errands come
//! out (`next`), what they bring back goes in again (`done`). What follows from each for a credential is decided by
//! its life (`super::life`); the hub routes. Work over many objects is a chore (`chores`), done in batches
//! between other work.

mod answers;
mod batch;
mod chores;
mod grants;
pub(super) mod kept;
mod news;
pub(super) mod packed;
mod rings;
mod sight;
pub(super) mod tally;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::Instant;
use tracing::debug;

use super::Namespace;
use super::errand::{Errand, Work};
use super::interest::Interests;
use super::job::{Job, Report};
use super::life::{Effect, Elsewhere, Known, Life};
use super::outputs::Outputs;
use super::queue::{Class, Key, Queue, Subject, Turn};
use crate::metrics::Metrics;
use appcredential_api::{Kind, ObjectRef};
use appcredential_cluster::Patience;
use appcredential_core::plan::{self, Consent, Observed, Policy, Sight, Situation};
use appcredential_core::resolve::{Selection, SourceKey};
use chores::Chores;
use grants::Grants;
use rings::Rings;

/// The hub.
pub(super) struct Hub {
    selection: Selection,
    lives: BTreeMap<Key, Life>,
    outputs: Outputs,
    interests: Interests,
    grants: Grants,
    rings: Rings,
    sight: Sight,
    chores: Chores,
    rendered_by: Arc<str>,
    policy: Option<Arc<Policy>>,
    metrics: Metrics,
    pub(super) queue: Queue,
    /// Lists that are complete.
    listed: BTreeSet<(List, Namespace)>,
}

/// The lists that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum List {
    /// Of credentials.
    Credentials,
    /// Of grants.
    Grants,
    /// Of outputs of a kind.
    Outputs(Kind),
    /// Of names of a kind.
    Names(Kind),
}

impl Hub {
    /// Returns a hub that knows nothing. `watched` are the namespaces that are watched; none is all of them.
    pub(super) fn new(
        selection: Selection,
        watched: &[String],
        rendered_by: Arc<str>,
        concurrency: usize,
        metrics: Metrics,
    ) -> Self {
        let watched = (!watched.is_empty()).then(|| Arc::new(watched.iter().cloned().collect()));
        Self {
            selection,
            sight: Sight { watched, ..Sight::default() },
            rendered_by,
            policy: None,
            metrics,
            grants: Grants::default(),
            rings: Rings::default(),
            lives: BTreeMap::new(),
            outputs: Outputs::default(),
            interests: Interests::default(),
            chores: Chores::default(),
            queue: Queue::new(concurrency),
            listed: BTreeSet::new(),
        }
    }

    /// Lets it know the admission policy that specs have to have been seen by.
    pub(super) fn reviewed_by(self, policy: Option<Arc<Policy>>) -> Self {
        Self { policy, ..self }
    }

    /// Takes all credentials out of what is counted: whoever comes after counts them anew.
    pub(super) fn retire(&self) {
        let tallies = self.lives.values().filter_map(|life| life.known.as_ref()?.tally.as_ref());
        tallies.for_each(|tally| tally.count(-1, &self.metrics));
    }

    /// Returns how many credentials there are.
    pub(super) fn credentials(&self) -> usize {
        self.lives.values().filter(|life| life.known.is_some()).count()
    }

    fn known(&self, key: &Key) -> Option<&Known> {
        self.lives.get(key)?.known.as_deref()
    }

    /// Lets a credential's life go on, and carries out what that asks for.
    fn live(&mut self, key: &Key, now: Instant, transition: impl FnOnce(&mut Life) -> Vec<Effect>) {
        if let Some(life) = self.lives.get_mut(key) {
            let effects = transition(life);
            self.carry_out(key, effects, now);
        }
    }

    fn carry_out(&mut self, key: &Key, effects: Vec<Effect>, now: Instant) {
        let subject = || Subject::Credential(key.clone());
        for effect in effects {
            match effect {
                Effect::Start(class) => self.queue.ask(&subject(), self.class_of(key, class), now),
                Effect::RetryAt(when) => self.queue.ask_at(&subject(), self.class_of(key, Class::Background), when),
                Effect::Forget => self.queue.forget(&subject()),
                Effect::Arrived(took) => self.metrics.arrived(took),
            }
        }
    }

    /// Returns the class of what is asked for: a reconcile of a large credential is in one of its own.
    fn class_of(&self, key: &Key, class: Class) -> Class {
        let is_large =
            matches!(class, Class::Change | Class::Background) && self.known(key).is_some_and(Known::is_large);
        if is_large { Class::Large } else { class }
    }

    /// Wakes credentials that depend on something that has changed.
    fn wake(&mut self, keys: impl IntoIterator<Item = Key>, now: Instant) {
        for key in keys {
            self.live(&key, now, |life| life.woken(now));
        }
    }

    /// Returns the next errand, if there is one.
    pub(super) fn next(&mut self, now: Instant) -> Option<Errand> {
        loop {
            let Turn { ticket, subject, class, waited } = self.queue.pop(now)?;
            let work = match &subject {
                Subject::Credential(key) if class == Class::Status => self.report(key).map(Work::Status),
                // It has turned out to be large while it waited.
                Subject::Credential(key) if self.class_of(key, class) != class => {
                    self.queue.done(ticket);
                    self.queue.ask(&subject, Class::Large, now);
                    continue;
                }
                Subject::Credential(key) => {
                    self.metrics.waited(class.word(), waited);
                    self.job(key, class, now).map(|job| Work::Reconcile(Box::new(job)))
                }
                Subject::Grant(key) => self.grant_report(key).map(Work::GrantStatus),
            };
            match work {
                Some(work) => return Some(Errand { ticket, work }),
                None => drop(self.queue.done(ticket)),
            }
        }
    }

    /// Returns what a reconcile starts from; nothing where there is nothing to be done.
    fn job(&mut self, key: &Key, class: Class, now: Instant) -> Option<Job> {
        // It is looked at once everything in its namespace is known.
        if self.is_forbidden(&key.namespace) || self.is_settled(key) {
            if let Some(known) = self.lives.get_mut(key).and_then(|life| life.known.as_deref_mut()) {
                known.not_started();
            }
            return None;
        }
        let observed = self.observed(key);
        let ring = self.find_ring(key, &observed);
        let known = self.lives.get_mut(key)?.started(class)?;
        let consent = consent(&self.grants, self.sight.clone(), key, &known.targets, &observed);
        let (record, status) = (known.kept.record(key), known.latest());
        // A status that was not written yet names nothing that could be relied on after a crash.
        let basis = known.basis(key);
        let sources = known.sources.iter().filter_map(|object| {
            let source = SourceKey { kind: object.kind, name: object.name.clone() };
            Some((source, self.interests.version(object)?))
        });
        let sources = sources.collect();
        let (touched, uncertain) = (known.take_touched(), known.take_uncertain());
        let contested = known.contested(now);
        let patience = if class == Class::Large { Patience::Waits } else { Patience::IsRefused };
        Some(Job { record, status, basis, observed, touched, uncertain, contested, sources, consent, ring, patience })
    }

    /// Returns whether a credential that was not looked at yet is as its status says.
    fn is_settled(&mut self, key: &Key) -> bool {
        let Some(known) = self.lives.get_mut(key).and_then(|life| life.known.as_deref_mut()) else { return false };
        if !known.take_fresh() || known.kept.deleting {
            return false;
        }
        let observed = self.observed(key);
        let Some((known, status)) = self.known(key).and_then(|known| Some((known, known.status()?))) else {
            return false;
        };
        let consent = consent(&self.grants, self.sight.clone(), key, &known.targets, &observed);
        let situation = Situation {
            owner: &known.kept.identity(key),
            generation: known.kept.generation,
            held: known.held,
            rendered_by: &self.rendered_by,
            selection: &self.selection,
            consent: &consent,
            review: &plan::review(self.policy.as_deref(), known.kept.stored(), Some(&status)),
            observed: &observed,
        };
        let settled = plan::is_settled(&status, &situation, |kind, name| {
            self.interests.version(&ObjectRef::new(kind, key.namespace.clone(), name))
        });
        if settled {
            debug!(namespace = key.namespace, credential = key.name, "in sync");
        }
        settled
    }

    /// Returns the status that is to be written.
    fn report(&mut self, key: &Key) -> Option<Box<Report>> {
        let life = self.lives.get_mut(key)?;
        let report = life.known.as_ref()?.to_report()?;
        life.started(Class::Status)?;
        Some(Box::new(report))
    }

    /// Forgets a life of which nothing is left.
    fn bury(&mut self, key: &Key) {
        if self.lives.get(key).is_some_and(Life::is_over) {
            self.lives.remove(key);
        }
    }
}

/// Returns what concerns a credential of the consent of other namespaces.
fn consent(grants: &Grants, sight: Sight, key: &Key, targets: &[Elsewhere], observed: &[Observed]) -> Consent {
    let elsewhere = targets.iter().map(|target| target.namespace.as_str());
    let elsewhere = elsewhere.chain(observed.iter().map(|output| output.namespace.as_str()));
    Consent { grants: grants.of(&key.namespace, elsewhere), sight, ..Consent::default() }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
