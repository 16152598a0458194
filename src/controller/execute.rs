//! Carrying out plans: a target's Secret, then its ConfigMap, and what is pruned.
//!
//! When the cluster turns out to differ from what was planned on, the refusal brings what is there, and the
//! target is planned anew with it, a few times. So a stale watch, a lost answer or another writer costs a
//! round and never an overwritten object.

use std::collections::{BTreeMap, BTreeSet};

use tracing::info;

use super::job::{Context, Learned};
use super::report;
use crate::api::{Identity, Problem, Reason};
use crate::cluster::objects::fingerprinter;
use crate::cluster::{CallError, Refusal};
use crate::plan::{self, ObjectKey, Observed, Step};
use crate::render::{Object, Output};

/// How often a target is planned anew within one reconcile.
const ROUNDS: usize = 4;

/// What is known of outputs while a reconcile runs.
pub(super) struct Knowledge(BTreeMap<ObjectKey, Observed>);

impl Knowledge {
    pub(super) fn new(observed: Vec<Observed>) -> Self {
        Self(observed.into_iter().map(|observed| (observed.key(), observed)).collect())
    }

    fn of(&self, object: &Object) -> Option<&Observed> {
        self.0.get(&key(object))
    }
}

fn key(object: &Object) -> ObjectKey {
    (object.kind, object.namespace.clone(), object.name.clone())
}

fn place(object: &Object) -> String {
    format!("{} {}/{}", object.kind, object.namespace, object.name)
}

/// Why a step ended without its write.
enum Halt {
    /// Plan anew: the knowledge has changed.
    Again,
    /// It cannot be written now.
    Problem(Problem),
}

/// The part of a reconcile that writes.
pub(super) struct Walk<'a> {
    pub(super) context: &'a Context,
    pub(super) identity: &'a Identity,
    pub(super) knowledge: Knowledge,
    /// Outputs that somebody else changed or deleted since the last reconcile: what is put right is told.
    pub(super) touched: BTreeSet<ObjectKey>,
    pub(super) learned: &'a mut Learned,
}

impl Walk<'_> {
    /// Brings a target to what it should be: the revision that both its objects carry then.
    ///
    /// # Errors
    /// The problem that is in the way.
    pub(super) async fn sync(&mut self, output: Output, synced: Option<i64>) -> Result<i64, Problem> {
        for _ in 0..ROUNDS {
            let plan = plan::target(output.clone(), |object| self.knowledge.of(object), synced, fingerprinter());
            let secret = self.step(&plan.output.secret, &plan.secret, plan.revision).await;
            let done = match secret {
                Ok(()) => self.step(&plan.output.config_map, &plan.config_map, plan.revision).await,
                halt => halt,
            };
            match done {
                Ok(()) => return Ok(plan.revision),
                Err(Halt::Problem(problem)) => return Err(problem),
                Err(Halt::Again) => {}
            }
        }
        let message = "is changed by somebody else all the time; it is tried again";
        Err(Problem::new(Reason::WriteFailed, place(&output.secret), message))
    }

    async fn step(&mut self, object: &Object, step: &Step, revision: i64) -> Result<(), Halt> {
        let cluster = &self.context.cluster;
        let written = match step {
            Step::Unchanged => return Ok(()),
            Step::Blocked(problem) => {
                if problem.reason == Reason::NotOwned {
                    self.learned.blocked.insert(key(object));
                }
                return Err(Halt::Problem(problem.clone()));
            }
            Step::Create => cluster.create(object, revision).await,
            Step::Update { .. } => match self.knowledge.of(object) {
                Some(observed) => cluster.update(object, revision, observed).await,
                None => return Err(Halt::Again),
            },
            Step::Replace { uid, resource_version } => {
                match cluster.delete(object.kind, &object.namespace, &object.name, uid, resource_version).await {
                    Ok(()) => {
                        self.learned.deleted.push((key(object), uid.clone()));
                        self.context.events.send(report::replaced(self.identity, key(object)));
                        cluster.create(object, revision).await
                    }
                    Err(refusal) => Err(refusal),
                }
            }
        };
        match written {
            Ok(observed) => {
                info!(object = place(object), revision, step = name(step), "written");
                if self.touched.remove(&key(object)) {
                    self.context.events.send(report::restored(
                        self.identity,
                        key(object),
                        matches!(step, Step::Create),
                    ));
                }
                let as_desired = observed.fingerprint == fingerprinter().of_object(object);
                self.knowledge.0.insert(key(object), observed.clone());
                self.learned.written.push(observed);
                if as_desired { Ok(()) } else { Err(Halt::Problem(altered(object))) }
            }
            Err(Refusal::Outdated(now)) => {
                match now {
                    Some(now) => self.knowledge.0.insert(key(object), *now),
                    None => self.knowledge.0.remove(&key(object)),
                };
                Err(Halt::Again)
            }
            Err(Refusal::Failed(error)) => Err(Halt::Problem(write_problem(object, &error))),
        }
    }

    /// Deletes what is no longer wanted. What cannot be deleted is told.
    pub(super) async fn prune(&mut self, wanted: &BTreeSet<ObjectKey>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for prune in plan::prune(self.knowledge.0.values(), wanted, self.identity, &self.context.selection) {
            let place = format!("{} {}/{}", prune.kind, prune.namespace, prune.name);
            match self
                .context
                .cluster
                .delete(prune.kind, &prune.namespace, &prune.name, &prune.uid, &prune.resource_version)
                .await
            {
                Ok(()) => {
                    info!(object = place, "pruned");
                    let output = (prune.kind, prune.namespace, prune.name);
                    self.context.events.send(report::pruned(self.identity, output.clone()));
                    self.learned.deleted.push((output, prune.uid));
                }
                Err(Refusal::Outdated(_)) => {
                    problems.push(Problem::new(
                        Reason::WriteFailed,
                        place,
                        "is no longer wanted and was changed just now; its deletion is tried again",
                    ));
                }
                Err(Refusal::Failed(error)) => {
                    problems.push(Problem::new(
                        reason(&error),
                        place,
                        format!("is no longer wanted and could not be deleted: {error}"),
                    ));
                }
            }
        }
        problems
    }
}

fn name(step: &Step) -> &'static str {
    match step {
        Step::Create => "create",
        Step::Update { .. } => "update",
        Step::Replace { .. } => "replace",
        Step::Unchanged => "unchanged",
        Step::Blocked(_) => "blocked",
    }
}

fn reason(error: &CallError) -> Reason {
    match error.code() {
        Some(403) => Reason::Forbidden,
        Some(413) => Reason::TooLarge,
        _ => Reason::WriteFailed,
    }
}

/// What was written is not what the API server has now: it must never count as synced.
fn altered(object: &Object) -> Problem {
    let message = "was written and came out different; look for a mutating admission policy or webhook that changes it";
    Problem::new(Reason::WriteFailed, place(object), message)
}

fn write_problem(object: &Object, error: &CallError) -> Problem {
    Problem::new(reason(error), place(object), format!("could not be written: {error}"))
}
