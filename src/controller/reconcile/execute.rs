//! Carrying out plans: a target's Secret, then its ConfigMap.
//!
//! If the cluster differs from what the plan assumed, the refusal returns the present object, and the target is
//! planned again with it, a few times. So a stale watch, a lost answer or another writer costs a
//! round and never an overwritten object.

use std::collections::{BTreeMap, BTreeSet};

use tracing::info;

use super::super::job::{Context, Learned};
use super::super::life::Contested;
use super::super::report;
use appcredential_api::status::{ObjectVersion, Place, UNKNOWN_PLACE};
use appcredential_api::{AppCredentialStatus, FieldPath, Identity, ObjectRef, Problem, Reason};
use appcredential_cluster::objects::fingerprinter;
use appcredential_cluster::{Basis, CallError, Cluster, Record, Refusal};
use appcredential_core::plan::{self, Consent, Known, Observed, Step};
use appcredential_core::render::{Object, Output};

/// How often a target is planned anew within one reconcile.
const ROUNDS: usize = 4;

/// What is known of outputs while a reconcile runs.
pub(super) struct Knowledge(pub(super) BTreeMap<ObjectRef, Observed>);

impl Knowledge {
    /// Starts with what is known of these outputs.
    pub(super) fn new(observed: Vec<Observed>) -> Self {
        Self(observed.into_iter().map(|observed| (observed.object_ref(), observed)).collect())
    }

    fn of(&self, object: &Object) -> Option<&Observed> {
        self.0.get(&object.object_ref())
    }
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
    /// When the reconcile began.
    pub(super) began: tokio::time::Instant,
    pub(super) context: &'a Context,
    /// The API server, whose large answers take a share of what all reconciles may hold.
    pub(super) cluster: &'a Cluster,
    pub(super) record: &'a Record,
    pub(super) identity: &'a Identity,
    pub(super) consent: Consent,
    pub(super) knowledge: Knowledge,
    /// The environments of the credential that other operators handle.
    pub(super) others: BTreeSet<String>,
    /// Outputs that somebody else changed or deleted since the last reconcile: each revert gets an Event.
    pub(super) touched: BTreeSet<ObjectRef>,
    /// Outputs that somebody else changes again and again.
    pub(super) contested: Contested,
    /// The status as the last reconcile left it, written or not.
    pub(super) status: &'a mut Option<AppCredentialStatus>,
    /// What stands in the cluster, our own writes included.
    pub(super) basis: &'a mut Basis,
    /// What is or may be at places that Kubernetes does not clean up (`detached`).
    pub(super) places: Places,
    pub(super) learned: &'a mut Learned,
}

/// Places of outputs without an owner reference.
#[derive(Default)]
pub(super) struct Places {
    /// Those that the status tells, other operators' among them.
    pub(super) told: BTreeSet<Place>,
    /// Those that the permitted targets ask for.
    pub(super) wanted: BTreeSet<Place>,
    /// Whether our finalizer holds the credential.
    pub(super) held: bool,
    /// Namespaces that a target pins and that could not be read: nothing of what is there goes until they can be.
    pub(super) unread: BTreeMap<String, Reason>,
    /// The field of the status that could not be read before the walk: `told` is all that is known of it.
    pub(super) unreadable: Option<FieldPath>,
}

impl Places {
    /// Returns what is known before the walk.
    pub(super) fn told_by(basis: &Basis) -> Self {
        let told = basis.status.as_ref().map(AppCredentialStatus::places).unwrap_or_default().into_iter();
        // A credential that is not held never had an output that Kubernetes does not collect.
        let told = told.filter(|place| basis.held || place.output != UNKNOWN_PLACE).collect();
        let (wanted, unread) = (BTreeSet::new(), BTreeMap::new());
        Self { told, wanted, held: basis.held, unread, unreadable: basis.unreadable.clone() }
    }
}

/// A target that is what it should be.
pub(super) struct Synced {
    /// The revision that both objects carry.
    pub(super) revision: i64,
    /// Whether something was written.
    pub(super) wrote: bool,
}

impl Walk<'_> {
    /// Brings a target to what it should be.
    ///
    /// # Errors
    /// The problem that is in the way.
    pub(super) async fn sync(&mut self, output: &Output, known: Known<'_>) -> Result<Synced, Problem> {
        let mut wrote = false;
        for _ in 0..ROUNDS {
            let plan = plan::target(output, |object| self.knowledge.of(object), known, fingerprinter());
            let secret = self.step(&plan.output.secret, &plan.secret, plan.revision).await;
            wrote |= plan.secret != Step::Unchanged || plan.config_map != Step::Unchanged;
            let done = match secret {
                Ok(()) => self.step(&plan.output.config_map, &plan.config_map, plan.revision).await,
                halt => halt,
            };
            match done {
                Ok(()) => return Ok(Synced { revision: plan.revision, wrote }),
                Err(Halt::Problem(problem)) => return Err(problem),
                Err(Halt::Again) => {}
            }
        }
        let message = "is changed by somebody else all the time; the operator retries";
        Err(Problem::about(Reason::WriteFailed, output.secret.object_ref(), message))
    }

    /// Returns the version of an output, as it is known now.
    pub(super) fn version(&self, object: &Object) -> Option<ObjectVersion> {
        let version = |observed: &Observed| ObjectVersion {
            uid: observed.uid.clone(),
            resource_version: observed.resource_version.clone(),
        };
        self.knowledge.of(object).map(version)
    }

    /// Looks at places where what is known may be out of date, before anything is planned on it.
    pub(super) async fn look_at(&mut self, places: BTreeSet<ObjectRef>) {
        for place in places {
            match self.cluster.observe(place.kind, &place.namespace, &place.name).await {
                Ok(there) => {
                    match &there {
                        Some(there) => self.knowledge.0.insert(place.clone(), there.clone()),
                        None => self.knowledge.0.remove(&place),
                    };
                    self.learned.verified.push((place, there));
                }
                Err(_) => self.learned.unseen.push(place),
            }
        }
    }

    async fn step(&mut self, object: &Object, step: &Step, revision: i64) -> Result<(), Halt> {
        match step {
            Step::Unchanged => return Ok(()),
            Step::Blocked(problem) => {
                if problem.reason == Reason::NotOwned {
                    self.learned.blocked.insert(object.object_ref());
                }
                return Err(Halt::Problem(problem.clone()));
            }
            Step::Create | Step::Update { .. } | Step::Replace { .. } => {}
        }
        if object.is_detached() {
            self.announce().await.map_err(Halt::Problem)?;
        } else if self.knowledge.of(object).is_some_and(|there| there.controller_uid.is_none()) {
            self.not_orphaned(object).await?;
        }
        match self.write(object, step, revision).await {
            Ok(observed) => {
                self.log(object, step, revision);
                self.context.metrics.wrote(object.kind.word(), name(step));
                if self.touched.remove(&object.object_ref()) {
                    self.restored(object, step);
                }
                let as_desired = observed.fingerprint == fingerprinter().of_object(object);
                self.knowledge.0.insert(object.object_ref(), observed.clone());
                self.learned.written.push(observed);
                if as_desired { Ok(()) } else { Err(Halt::Problem(altered(object))) }
            }
            Err(Refusal::Outdated(now)) => {
                // Who changes it faster than it can be restored is a rival too.
                if self.touched.contains(&object.object_ref()) {
                    self.answered(object);
                }
                match now {
                    Some(now) => self.knowledge.0.insert(object.object_ref(), *now),
                    None => self.knowledge.0.remove(&object.object_ref()),
                };
                Err(Halt::Again)
            }
            Err(Refusal::Failed(error)) => Err(Halt::Problem(write_problem(object, &error))),
        }
    }

    /// Takes in that an output which somebody else had changed was restored.
    fn restored(&mut self, object: &Object, step: &Step) {
        let was_deleted = matches!(step, Step::Create);
        self.context.events.send(report::restored(self.identity, object.object_ref(), was_deleted));
        self.answered(object);
    }

    /// Takes in that a change by somebody else was answered.
    fn answered(&mut self, object: &Object) {
        let by = self.knowledge.of(object).and_then(|observed| observed.changed_by.clone());
        if self.contested.is_next {
            self.contested.outputs.insert(object.object_ref(), by.clone());
        }
        self.learned.restored.insert(object.object_ref(), by);
    }

    /// Returns the problem of a target with an output that somebody else changes again and again.
    pub(super) fn contest_about(&self, output: &Output) -> Option<Problem> {
        let objects = [&output.secret, &output.config_map];
        let (object, by) =
            objects.into_iter().find_map(|object| Some((object, self.contested.outputs.get(&object.object_ref())?)))?;
        let (by, it) = match by {
            Some(manager) => (format!("field manager \"{manager}\""), manager.as_str()),
            None => ("somebody else".to_owned(), "whoever does that"),
        };
        let message = format!(
            "is changed or deleted again and again by {by}; the operator reverts each change, after a pause of up to a minute; stop {it} from writing it"
        );
        Some(Problem::about(Reason::Contested, object.object_ref(), message))
    }

    /// Makes sure that the owner reference of an output is not missing because the credential was deleted with
    /// `--cascade=orphan`. The garbage collector takes it off only after the deletion, of which a read therefore tells;
    /// put on again, it would cost the output once the credential is gone.
    async fn not_orphaned(&self, object: &Object) -> Result<(), Halt> {
        match self.context.cluster.current(self.identity).await {
            Ok(Some(there)) if !there.deleting => Ok(()),
            Ok(_) => {
                let message = "is left as it is, since the credential is being deleted";
                Err(Halt::Problem(Problem::about(Reason::WriteFailed, object.object_ref(), message)))
            }
            Err(error) => Err(Halt::Problem(write_problem(object, &error))),
        }
    }

    /// The line of a change: what was written, which keys of it, how long after the reconcile began, and, where an edit
    /// of the credential is the cause, by whom.
    fn log(&self, object: &Object, step: &Step, revision: i64) {
        let keys = plan::changed_keys(self.knowledge.of(object), object, fingerprinter());
        let seen = self.status.as_ref().and_then(|status| status.observed_generation);
        let edited_by = self.record.edited_by.as_deref().filter(|_| seen != Some(self.record.generation));
        let took = format!("{:.1}", self.began.elapsed().as_secs_f64() * 1000.0);
        info!(object = %object.object_ref(), step = name(step), revision, keys, edited_by, milliseconds = took, "written");
    }

    async fn write(&mut self, object: &Object, step: &Step, revision: i64) -> Result<Observed, Refusal> {
        let cluster = self.cluster;
        let replaced = match step {
            Step::Update(observed) => return cluster.update(object, revision, observed).await,
            Step::Replace(observed) => observed,
            Step::Create | Step::Unchanged | Step::Blocked(_) => return cluster.create(object, revision).await,
        };
        // What would be refused must not cost the one that is there.
        cluster.try_create(object, revision).await?;
        cluster.delete(replaced).await?;
        // From here on nothing is there: whatever comes next must know.
        self.learned.deleted.push((object.object_ref(), replaced.uid.clone()));
        self.context.events.send(report::replaced(self.identity, object.object_ref()));
        self.knowledge.0.remove(&object.object_ref());
        cluster.create(object, revision).await
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

/// Returns the reason of a condition for a failed call.
pub(super) fn reason(error: &CallError) -> Reason {
    match error.code() {
        Some(403) if error.names("NamespaceTerminating") => Reason::NamespaceTerminating,
        Some(403) => Reason::Forbidden,
        Some(413) => Reason::TooLarge,
        _ => Reason::WriteFailed,
    }
}

/// What was written is not what the API server has now: it must never count as synced.
fn altered(object: &Object) -> Problem {
    let message = "was written and is different now; look for a mutating admission policy or webhook that changes it";
    Problem::about(Reason::WriteFailed, object.object_ref(), message)
}

fn write_problem(object: &Object, error: &CallError) -> Problem {
    Problem::about(reason(error), object.object_ref(), format!("could not be written: {error}"))
}
