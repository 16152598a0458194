//! Outputs that Kubernetes does not collect by itself: those in other namespaces, and those to be retained.
//!
//! ```text
//! announce   the finalizer is set and the status names the places    before the first write there
//! prune      what is no longer wanted, or no longer permitted, goes   on each walk, and when the credential goes
//! settle     the finalizer goes with the last of them                 at the end of each walk
//! ```
//!
//! So whenever such an output exists, the credential is held and its status says where to look: a crash between any
//! two steps loses nothing.

use std::collections::BTreeSet;

use tracing::{info, warn};

use super::execute::{Walk, reason};
use super::reconcile::status_word;
use super::report;
use crate::api::status::UNKNOWN_PLACE;
use crate::api::{AppCredentialStatus, Disposition, Problem, Reason};
use crate::cluster::{CallError, Hold, Refusal, StatusWrite};
use crate::plan::{self, ObjectKey, Observed, Scope};
use crate::status;

impl Walk<'_> {
    /// Makes sure that what is written next is found again.
    ///
    /// # Errors
    /// Why nothing may be written.
    pub(super) async fn announce(&mut self) -> Result<(), Problem> {
        if self.places.held && self.places.told.is_superset(&self.places.wanted) {
            return Ok(());
        }
        let problem = |message: String| {
            Problem::new(Reason::WriteFailed, "AppCredential", format!("outputs elsewhere wait: {message}"))
        };
        let changed = || problem("the credential is being deleted or was changed just now".to_owned());
        // One after the other: both change the credential, each on condition of its version.
        if !self.places.held {
            match self.hold(true).await {
                Ok(true) => {}
                Ok(false) => return Err(changed()),
                Err(error) => return Err(problem(format!("the finalizer could not be set: {error}"))),
            }
        }
        let status = status::announce(self.status.as_ref(), &self.places.wanted);
        let written = self.cluster.write_status(self.basis, &status).await;
        self.context.metrics.wrote_status("AppCredential", status_word(&written));
        match written {
            Ok(StatusWrite::Written(version)) => {
                self.stands(version, Some(status.clone()));
                self.basis.unreadable = None;
            }
            Ok(StatusWrite::Outdated(_) | StatusWrite::Gone) => return Err(changed()),
            Err(error) => return Err(problem(format!("the status could not be written: {error}"))),
        }
        self.places.told.extend(self.places.wanted.iter().cloned());
        self.learned.status = Some(status.clone());
        *self.status = Some(status);
        Ok(())
    }

    /// Lets our finalizer hold the credential, or lets go of it. Whether that is so now, and the credential is still what
    /// this walk started from.
    async fn hold(&mut self, held: bool) -> Result<bool, CallError> {
        let there = match self.cluster.hold(self.record, held).await? {
            Hold::Done(there) => there,
            Hold::Changed => return Ok(false),
            Hold::Gone => return Ok(!held),
        };
        self.places.held = held;
        self.learned.held = Some(held);
        self.basis.held = held;
        let is_same = self.basis.holds(&there);
        // Where somebody else wrote in between, the news of that are still to come: they must not count as our own.
        if is_same {
            let status = self.basis.status.take();
            self.stands(there.resource_version().to_owned(), status);
        }
        Ok(is_same)
    }

    /// Takes over what stands in the cluster after a write of our own.
    fn stands(&mut self, version: String, status: Option<AppCredentialStatus>) {
        self.learned.version = Some(version.clone());
        (self.basis.version, self.basis.status) = (version, status);
    }

    /// The problem of a status that could not be read, as long as it matters.
    pub(super) fn unreadable(&mut self) -> Option<Problem> {
        let problem = |field: &str, message: &str| Some(Problem::new(Reason::StatusUnreadable, field, message));
        match &self.places.unreadable {
            Some(field) if !self.places.held => {
                warn!(field, "the status cannot be read; it is written anew");
                None
            }
            Some(field) => {
                // Once it is written anew, what it names is looked at.
                self.learned.disposition = Some(Disposition::Retry);
                problem(
                    field,
                    "cannot be read; until it is written anew, nothing is deleted in other namespaces and the finalizer stays",
                )
            }
            None if self.places.told.contains(UNKNOWN_PLACE) => problem(
                "status.detachedOutputs",
                "could not be read once, so it is not known which outputs there are in other namespaces; list them in the place of `unknown`, or take it out if there are none",
            ),
            None => None,
        }
    }

    /// Takes away what is no longer wanted: it is deleted, or left behind without our marks. What cannot be is told.
    pub(super) async fn prune(&mut self, scope: Scope<'_>) -> Vec<Problem> {
        // On the word of a status that cannot be read nothing is taken away.
        let nothing = BTreeSet::new();
        let told = if self.places.unreadable.is_some() { &nothing } else { &self.places.told };
        let going = plan::prune(self.knowledge.0.values(), self.identity, told, scope);
        let is_read = |observed: &&Observed| !self.places.unread.contains_key(&observed.namespace);
        let going: Vec<Observed> = going.into_iter().filter(is_read).cloned().collect();
        let orphans = self.record.deleting && self.record.orphans;
        let mut problems = Vec::new();
        for mut observed in going {
            if orphans && observed.controller_uid.is_some() {
                // The garbage collector takes our owner reference off it.
                continue;
            }
            observed.retain |= orphans;
            let cluster = self.cluster;
            let done = if observed.retain { cluster.release(&observed).await } else { cluster.delete(&observed).await };
            match done {
                Ok(()) => self.gone(&observed),
                Err(refusal) => problems.push(not_gone(&observed, refusal)),
            }
        }
        problems
    }

    fn gone(&mut self, observed: &Observed) {
        let output = observed.key();
        info!(object = plan::place(&output), retained = observed.retain, "pruned");
        self.context.metrics.wrote(observed.kind.word(), if observed.retain { "release" } else { "delete" });
        let note = if observed.retain { report::retained } else { report::pruned };
        self.context.events.send(note(self.identity, output.clone()));
        self.knowledge.0.remove(&output);
        self.learned.deleted.push((output, observed.uid.clone()));
    }

    /// The places where outputs without an owner reference are or may be now.
    pub(super) fn detached(&self, wanted: &BTreeSet<ObjectKey>) -> BTreeSet<String> {
        let places = &self.places;
        let mut now: BTreeSet<String> = places.told.intersection(&places.wanted).cloned().collect();
        // Nothing is known of a namespace that is not seen: what was there is there.
        let is_kept = |place: &&String| places.unreadable.is_some() || *place == UNKNOWN_PLACE;
        now.extend(places.told.iter().filter(|place| is_kept(place) || self.obstacle(place).is_some()).cloned());
        for (key, observed) in &self.knowledge.0 {
            let place = plan::place(key);
            let told = places.told.contains(&place);
            let marked = observed.owner_uid.as_deref() == Some(self.identity.uid.as_str());
            let is_wanted = places.wanted.contains(&place) && wanted.contains(key) && marked;
            if observed.controller_uid.is_none() && (is_wanted || observed.is_output_of(self.identity, told)) {
                now.insert(place);
            }
        }
        now
    }

    /// Why the namespace of a place is not seen, as after a start with fewer namespaces, or where it is pinned and cannot be read.
    fn obstacle(&self, place: &str) -> Option<Reason> {
        let namespace = plan::namespace_of(place)?;
        self.consent.sight.obstacle(namespace).or_else(|| self.places.unread.get(namespace).copied())
    }

    /// Lets the finalizer hold the credential just as long as there are such outputs.
    pub(super) async fn settle(&mut self, detached: &BTreeSet<String>) {
        let held = !detached.is_empty() || (self.places.held && self.places.unreadable.is_some());
        if held == self.places.held {
            return;
        }
        match self.hold(held).await {
            Ok(_) => {}
            Err(error) => {
                warn!(%error, "the finalizer could not be changed; it is tried again");
                self.learned.disposition = Some(Disposition::Retry);
            }
        }
    }

    /// The credential goes: so do its outputs, or they are left behind where it is deleted with `--cascade=orphan`; then the
    /// finalizer. The problems that are in the way.
    pub(super) async fn take_down(&mut self) -> Vec<Problem> {
        let mut problems = self.prune(Scope::All).await;
        problems.extend(self.places.told.iter().filter_map(|place| {
            let reason = self.obstacle(place)?;
            let message = match reason {
                Reason::NamespaceForbidden => "is where this operator may not list; give its service account its role there or, if that namespace is gone, give it up by taking off the finalizer",
                Reason::Forbidden | Reason::ReadFailed => "is in a namespace that is pinned by its uid, which cannot be read; it is tried again",
                _ => "is where this operator does not watch any more; add its namespace to --namespace, or give it up by taking off the finalizer",
            };
            Some(Problem::new(reason, place, message))
        }));
        problems.extend(self.unreadable());
        if !problems.is_empty() {
            return problems;
        }
        match self.cluster.hold(self.record, false).await {
            Ok(Hold::Done(_) | Hold::Gone) => Vec::new(),
            Ok(Hold::Changed) => vec![release_problem("it was changed just now")],
            Err(error) => vec![release_problem(&error.to_string())],
        }
    }
}

fn release_problem(message: &str) -> Problem {
    Problem::new(Reason::WriteFailed, "metadata.finalizers", format!("cannot be changed: {message}; it is tried again"))
}

fn not_gone(observed: &Observed, refusal: Refusal) -> Problem {
    let Observed { kind, namespace, name, .. } = observed;
    let place = format!("{kind} {namespace}/{name}");
    let failed = |error: &CallError| {
        Problem::new(reason(error), place.clone(), format!("is no longer wanted and could not be taken away: {error}"))
    };
    match refusal {
        Refusal::Failed(error) => failed(&error),
        Refusal::Outdated(_) => {
            let message = "is no longer wanted and was changed just now; it is tried again";
            Problem::new(Reason::WriteFailed, place.clone(), message)
        }
    }
}
