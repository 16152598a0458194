//! Detached outputs, which Kubernetes does not collect: those in other namespaces, and those with the policy Retain.
//!
//! ```text
//! announce   the finalizer is set and the status names the places    before the first write there
//! prune      outputs no longer wanted or permitted are pruned         on each walk, and when the credential is deleted
//! settle     the finalizer is removed with the last of them           at the end of each walk
//! ```
//!
//! So whenever such an output exists, the credential is held and its status says where to look: a crash between any
//! two steps loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use tracing::{info, warn};

use super::super::report;
use super::super::status_writes::status_word;
use super::execute::{Walk, reason};
use appcredential_api::status::{Place, UNKNOWN_PLACE};
use appcredential_api::{AppCredentialStatus, Disposition, FieldPath, ObjectRef, Problem, Reason, ResourceVersion};
use appcredential_cluster::{CallError, Hold, Refusal, StatusWrite};
use appcredential_core::plan::{self, Observed, Scope};
use appcredential_core::status;

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
            Problem::about(Reason::WriteFailed, "AppCredential", format!("outputs in other namespaces wait: {message}"))
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

    /// Lets our finalizer hold the credential, or lets go of it. Whether that is so now, and the credential is still
    /// what this walk started from.
    async fn hold(&mut self, held: bool) -> Result<bool, CallError> {
        let there = match self.cluster.hold(self.record, held, &self.places.told).await? {
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
            self.stands(there.resource_version(), status);
        }
        Ok(is_same)
    }

    /// Takes over what stands in the cluster after a write of our own.
    fn stands(&mut self, version: ResourceVersion, status: Option<AppCredentialStatus>) {
        self.learned.version = Some(version.clone());
        (self.basis.version, self.basis.status) = (version, status);
    }

    /// Returns the problem of a status that could not be read, as long as it matters.
    pub(super) fn unreadable(&mut self) -> Option<Problem> {
        let problem = |field: FieldPath, message: &str| Some(Problem::at(Reason::StatusUnreadable, field, message));
        match &self.places.unreadable {
            Some(field) if !self.places.held => {
                warn!(%field, "the status cannot be read; it is written again");
                None
            }
            Some(field) => {
                // Once it is written anew, what it names is looked at.
                self.learned.disposition = Some(Disposition::Retry);
                problem(
                    field.clone(),
                    "cannot be read; until it is rewritten, the operator deletes nothing in other namespaces and keeps the finalizer",
                )
            }
            None if self.places.told.iter().any(|place| place.output == UNKNOWN_PLACE) => problem(
                FieldPath::status().field("detachedOutputs"),
                "could not be read, so the operator does not know the outputs in other namespaces; list them in the place of `unknown`, or remove `unknown` if there are none",
            ),
            None => None,
        }
    }

    /// Prunes what is no longer wanted: deletes it, or retains it without ownership labels. Returns problems for the rest.
    pub(super) async fn prune(&mut self, scope: Scope<'_>) -> Vec<Problem> {
        // On the word of a status that cannot be read nothing is taken away.
        let told = if self.places.unreadable.is_some() { BTreeSet::new() } else { self.told_here() };
        let going = plan::prune(self.knowledge.0.values(), self.identity, &told, scope);
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
        let output = observed.object_ref();
        info!(object = %output, retained = observed.retain, "pruned");
        self.context.metrics.wrote(observed.kind.word(), if observed.retain { "release" } else { "delete" });
        let note = if observed.retain { report::retained } else { report::pruned };
        self.context.events.send(note(self.identity, output.clone()));
        self.knowledge.0.remove(&output);
        self.learned.deleted.push((output, observed.uid.clone()));
    }

    /// Returns the places where outputs without an owner reference are or may be now. Those of environments that are
    /// not handled here stay as the status has them: another operator adds and removes them.
    pub(super) fn detached(&self, wanted: &BTreeSet<ObjectRef>) -> BTreeSet<Place> {
        let places = &self.places;
        let stays = |place: &&Place| {
            // Nothing is known of a namespace that is not seen: what was there is there.
            let is_kept = places.unreadable.is_some() || place.output == UNKNOWN_PLACE;
            is_kept || !self.is_mine(place) || places.wanted.contains(place) || self.obstacle(&place.output).is_some()
        };
        let mut now: BTreeSet<Place> = places.told.iter().filter(stays).cloned().collect();
        for (key, observed) in &self.knowledge.0 {
            let handled = self.context.selection.handles(observed.environment.as_deref());
            if observed.controller_uid.is_some() || !handled {
                continue;
            }
            let output = key.record();
            let at = |place: &&Place| place.output == output;
            let marked = observed.owner_uid.as_deref() == Some(self.identity.uid.as_str());
            let asked_for: Vec<&Place> = places.wanted.iter().filter(at).collect();
            let told: Vec<&Place> = places.told.iter().filter(|place| self.is_mine(place)).filter(at).collect();
            if !asked_for.is_empty() && wanted.contains(key) && marked {
                now.extend(asked_for.into_iter().cloned());
            } else if observed.is_output_of(self.identity, !told.is_empty()) {
                now.extend(told.into_iter().cloned());
            }
        }
        now
    }

    /// Whether a place is of an environment that is handled here.
    fn is_mine(&self, place: &Place) -> bool {
        self.context.selection.handles(place.environment.as_deref())
    }

    /// Returns the outputs that the status tells of the environments that are handled here.
    pub(super) fn told_here(&self) -> BTreeSet<String> {
        self.places.told.iter().filter(|place| self.is_mine(place)).map(|place| place.output.clone()).collect()
    }

    /// Why the namespace of a place is not seen, as after a start with fewer namespaces, or where it is pinned and cannot be read.
    fn obstacle(&self, place: &str) -> Option<Reason> {
        let namespace = ObjectRef::namespace_in(place)?;
        self.consent.sight.obstacle(namespace).or_else(|| self.places.unread.get(namespace).copied())
    }

    /// Lets the finalizer hold the credential just as long as there are such outputs.
    pub(super) async fn settle(&mut self, detached: &BTreeSet<Place>) {
        let held = !detached.is_empty() || (self.places.held && self.places.unreadable.is_some());
        if held == self.places.held {
            return;
        }
        match self.hold(held).await {
            Ok(_) => {}
            Err(error) => {
                warn!(%error, "the finalizer could not be changed; the operator retries");
                self.learned.disposition = Some(Disposition::Retry);
            }
        }
    }

    /// Takes away the outputs of a credential that goes, or leaves them behind where it is deleted with
    /// `--cascade=orphan`; then the finalizer. Returns the problems that are in the way, and the places that are left
    /// where all of them are another operator's: the last operator takes the finalizer off.
    pub(super) async fn take_down(&mut self) -> (Vec<Problem>, Option<BTreeSet<Place>>) {
        let context = self.context;
        let mut problems = self.prune(Scope::All(&context.selection)).await;
        problems.extend(self.told_here().iter().filter_map(|place| {
            let reason = self.obstacle(place)?;
            let message = match reason {
                Reason::NamespaceForbidden => "is in a namespace that this operator may not list; give its service account its role there or, if that namespace is gone, give the output up by removing the finalizer",
                Reason::Forbidden | Reason::ReadFailed => "is in a namespace that is pinned by its uid, which cannot be read; the operator retries",
                _ => "is in a namespace that this operator no longer watches; add the namespace to --namespace, or give the output up by removing the finalizer",
            };
            Some(Problem::about(reason, place, message))
        }));
        problems.extend(self.unreadable());
        if !problems.is_empty() {
            return (problems, None);
        }
        let left: BTreeSet<Place> = self.places.told.iter().filter(|place| !self.is_mine(place)).cloned().collect();
        if !left.is_empty() {
            return (awaited(&left), Some(left));
        }
        let problem = match self.cluster.hold(self.record, false, &self.places.told).await {
            Ok(Hold::Done(_) | Hold::Gone) => return (Vec::new(), None),
            Ok(Hold::Changed) => release_problem("it was changed just now"),
            Err(error) => release_problem(&error.to_string()),
        };
        (vec![problem], None)
    }
}

/// Whom the deletion of a credential waits for: each environment that has outputs left.
fn awaited(left: &BTreeSet<Place>) -> Vec<Problem> {
    let mut outputs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for place in left {
        outputs.entry(place.environment.as_deref().unwrap_or_default()).or_default().push(&place.output);
    }
    let problem = |(environment, outputs): (&str, Vec<&str>)| {
        let message = format!(
            "has outputs that only the operator of this environment deletes ({}); start that operator, or give the outputs up by removing the finalizer",
            outputs.join(", ")
        );
        Problem::about(Reason::AwaitingOperator, format!("environment {environment}"), message)
    };
    outputs.into_iter().map(problem).collect()
}

fn release_problem(message: &str) -> Problem {
    Problem::at(
        Reason::WriteFailed,
        FieldPath::metadata("finalizers"),
        format!("cannot be changed: {message}; the operator retries"),
    )
}

fn not_gone(observed: &Observed, refusal: Refusal) -> Problem {
    let place = observed.object_ref();
    let failed = |error: &CallError| {
        Problem::about(reason(error), &place, format!("is no longer wanted and could not be pruned: {error}"))
    };
    match refusal {
        Refusal::Failed(error) => failed(&error),
        Refusal::Outdated(_) => {
            let message = "is no longer wanted and was changed just now; the operator retries";
            Problem::about(Reason::WriteFailed, &place, message)
        }
    }
}
