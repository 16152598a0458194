//! What the operator knows, and who is woken by what.
//!
//! The hub owns all state and is only ever used by one task: no locks. News of watches go in (`news`), jobs
//! come out (`next`), what a reconcile learned comes back (`finished`). Who may write where is kept in `grants`.

mod grants;
mod kept;
mod news;
pub(super) mod packed;
mod sight;
mod tally;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::time::Instant;
use tracing::debug;

use super::Namespace;
use super::interest::{Interests, is_newer};
use super::job::{Job, Learned, Report, Reported};
use super::outputs::Outputs;
use super::queue::{Key, Lane, Queue, Turn};
use crate::api::{AppCredentialStatus, Disposition, Kind};
use crate::backoff;
use crate::cluster::Basis;
use crate::metrics::Metrics;
use crate::plan::{self, Consent, ObjectKey, Observed, Sight, Situation};
use crate::resolve::{Selection, SourceKey};
use grants::Grants;
use kept::Kept;
use packed::Packed;
use tally::Tally;

/// What is known of a credential.
struct Entry {
    kept: Kept,
    /// The status that we wrote or saw last; an event with this status is no news.
    status: Option<Packed<AppCredentialStatus>>,
    /// The status that is to be written.
    report: Option<Packed<Report>>,
    /// The sources that it refers to.
    sources: Vec<ObjectKey>,
    /// The objects of others that are in its way.
    blocked: Vec<ObjectKey>,
    failures: u32,
    /// Its targets in other namespaces.
    targets: Vec<Elsewhere>,
    /// The version of the credential after our last write of its status: older ones are no news.
    version: Option<String>,
    /// Whether it was never looked at since the start: then its status may tell that there is nothing to do.
    fresh: bool,
    /// Whether our finalizer holds it, as we saw or wrote it last.
    held: bool,
    /// How it is counted.
    tally: Option<Tally>,
    /// Since when an edit waits for its outputs.
    edited: Option<Instant>,
    /// Outputs that somebody else changed or deleted since the last reconcile.
    touched: BTreeSet<ObjectKey>,
    /// News of outputs while it was being reconciled: they may be echoes of its own writes.
    meanwhile: Vec<News>,
}

impl Entry {
    /// The status, as it was written or seen last.
    fn status(&self) -> Option<AppCredentialStatus> {
        self.status.as_ref()?.unpack()
    }

    /// The status, as the last reconcile left it.
    fn latest(&self) -> Option<AppCredentialStatus> {
        match &self.report {
            Some(report) => Some(report.unpack()?.status),
            None => self.status(),
        }
    }

    /// What is known to stand in the cluster.
    fn basis(&self, key: &Key) -> Basis {
        let kept = self.kept.version();
        let version = self.version.as_deref().filter(|ours| is_newer(ours, kept)).unwrap_or(kept);
        Basis {
            identity: self.kept.identity(key),
            version: version.to_owned(),
            status: self.status(),
            held: self.held,
            deleting: self.kept.deleting,
        }
    }

    /// The objects that it asks for.
    fn interests(&self) -> BTreeSet<ObjectKey> {
        self.sources.iter().chain(&self.blocked).cloned().collect()
    }
}

/// A target in another namespace than the credential's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Elsewhere {
    namespace: String,
    secret_name: String,
    config_map_name: String,
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
    grants: Grants,
    sight: Sight,
    rendered_by: Arc<str>,
    metrics: Metrics,
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
    /// Of grants.
    Grants,
    /// Of outputs of a kind.
    Outputs(Kind),
    /// Of names of a kind.
    Names(Kind),
}

impl Hub {
    /// `watched` are the namespaces that are watched; none is all of them.
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
            metrics,
            grants: Grants::default(),
            credentials: HashMap::new(),
            outputs: Outputs::default(),
            interests: Interests::default(),
            queue: Queue::new(concurrency),
            listing: HashMap::new(),
            listed: BTreeSet::new(),
        }
    }

    /// How many credentials there are.
    pub(super) fn credentials(&self) -> usize {
        self.credentials.len()
    }

    /// The next job, if there is one.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Key, Job)> {
        loop {
            let Turn { key, lane, waited } = self.queue.pop(now)?;
            self.metrics.waited(lane.word(), waited);
            // It is looked at once everything in its namespace is known.
            if self.is_forbidden(&key.namespace) {
                self.queue.done(&key);
                continue;
            }
            if self.is_settled(&key) {
                debug!(namespace = key.namespace, credential = key.name, "in sync");
                self.queue.done(&key);
                continue;
            }
            let observed = self.observed(&key);
            match self.credentials.get_mut(&key) {
                Some(entry) => {
                    let touched = std::mem::take(&mut entry.touched);
                    let consent = consent(&self.grants, self.sight.clone(), &key, &entry.targets, &observed);
                    let (record, status) = (entry.kept.record(&key), entry.latest());
                    // A status that was not written yet names nothing that could be relied on after a crash.
                    let basis = entry.basis(&key);
                    let sources = entry.sources.iter().filter_map(|object| {
                        let source = SourceKey { kind: object.0, name: object.2.clone() };
                        Some((source, self.interests.version(object)?))
                    });
                    let sources = sources.collect();
                    let job = Job { record, status, basis, observed, touched, sources, consent };
                    return Some((key, job));
                }
                None => self.queue.done(&key),
            }
        }
    }

    /// Whether a credential that was not looked at yet is as its status says.
    fn is_settled(&mut self, key: &Key) -> bool {
        let Some(entry) = self.credentials.get_mut(key) else { return false };
        if !std::mem::take(&mut entry.fresh) || entry.kept.deleting {
            return false;
        }
        let (observed, Some(entry)) = (self.observed(key), self.credentials.get(key)) else { return false };
        let Some(status) = entry.status() else { return false };
        let consent = consent(&self.grants, self.sight.clone(), key, &entry.targets, &observed);
        let situation = Situation {
            owner: &entry.kept.identity(key),
            generation: entry.kept.generation,
            held: entry.held,
            rendered_by: &self.rendered_by,
            selection: &self.selection,
            consent: &consent,
            observed: &observed,
        };
        plan::is_settled(&status, &situation, |kind, name| {
            self.interests.version(&(kind, key.namespace.clone(), name.to_owned()))
        })
    }

    /// Takes over what a reconcile learned.
    pub(super) fn finished(&mut self, key: &Key, learned: Learned, jitter: f64) {
        for written in &learned.written {
            self.outputs.apply(written);
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
        let before = entry.interests();
        let blocked_anew = learned.blocked.difference(&before).next().is_some();
        entry.blocked = learned.blocked.into_iter().collect();
        self.interests.replace(key, &before, &entry.interests());
        if let Some(status) = learned.status {
            // Whatever waited to be written is part of it.
            (entry.status, entry.report) = (Packed::of(&status), None);
        }
        if let Some(report) = learned.report {
            Tally::replace(&mut entry.tally, Tally::of(&key.namespace, &report.status), &self.metrics);
            entry.report = Packed::of(&report);
        }
        if disposition == Some(Disposition::Done)
            && let Some(edited) = entry.edited.take()
        {
            self.metrics.arrived(edited.elapsed());
        }
        if entry.report.is_some() {
            self.queue.push_report(key);
        }
        if let Some(held) = learned.held {
            entry.held = held;
        }
        if learned.version.is_some() {
            entry.version = learned.version;
        }
        for news in std::mem::take(&mut entry.meanwhile) {
            if is_echo(&news, &learned.written, &learned.deleted) {
                continue;
            }
            // The answer to a write may have come before the news that its object was deleted, and be taken over after them.
            if let Err(uid) = &news.what {
                self.outputs.remove(&news.object, uid);
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

    /// The next status to be written, if there is one.
    pub(super) fn next_report(&mut self, now: Instant) -> Option<(Key, Report)> {
        loop {
            let key = self.queue.pop_report(now)?;
            match self.credentials.get(&key).and_then(|entry| entry.report.as_ref()?.unpack()) {
                Some(report) => return Some((key, report)),
                None => self.queue.done(&key),
            }
        }
    }

    /// Takes over what became of a report.
    pub(super) fn reported(&mut self, key: &Key, of: &str, reported: Reported, jitter: f64) {
        self.queue.done(key);
        // Another of that name owes nothing to this one.
        let Some(entry) = self.credentials.get_mut(key).filter(|entry| *entry.kept.uid == *of) else {
            return;
        };
        match reported {
            Reported::Written(version) => {
                let report = entry.report.take().and_then(|report| report.unpack());
                entry.status = report.and_then(|report| Packed::of(&report.status));
                entry.version = Some(version);
                if !self.queue.is_later(key) {
                    entry.failures = 0;
                }
            }
            Reported::Outdated(there) => {
                entry.report = None;
                // The watch may have told more than that by now.
                if is_newer(there.resource_version(), entry.kept.version()) {
                    self.credential(*there, Lane::Change);
                }
                self.queue.push(key, Lane::Change);
            }
            Reported::Gone => entry.report = None,
            Reported::Failed => self.schedule(key, Some(Disposition::Retry), jitter),
        }
    }

    fn schedule(&mut self, key: &Key, disposition: Option<Disposition>, jitter: f64) {
        let Some(entry) = self.credentials.get_mut(key) else { return };
        if disposition != Some(Disposition::Retry) {
            // A status that cannot be written is a failure too, and is not over before it is.
            if entry.report.is_none() {
                entry.failures = 0;
            }
            return;
        }
        entry.failures = entry.failures.saturating_add(1);
        let delay = backoff::delay(entry.failures, jitter);
        debug!(namespace = key.namespace, credential = key.name, ?delay, "tried again later");
        if !self.queue.is_waiting(key) {
            self.queue.push_later(key, Instant::now() + delay);
        }
    }
}

/// What concerns a credential of the consent of other namespaces.
fn consent(grants: &Grants, sight: Sight, key: &Key, targets: &[Elsewhere], observed: &[Observed]) -> Consent {
    let elsewhere = targets.iter().map(|target| target.namespace.as_str());
    let elsewhere = elsewhere.chain(observed.iter().map(|output| output.namespace.as_str()));
    Consent { grants: grants.of(&key.namespace, elsewhere), sight }
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
mod tests;
