//! One reconcile: read -> accept -> look -> resolve, fill, render, plan, write -> prune -> settle -> status.
//!
//! It works on a snapshot (`Job`) and returns what it learned (`Learned`); it shares nothing with other
//! reconciles. Each environment is walked on its own, so that one's failure does not stop another's. There is a
//! status to be written on every way out, a panic and a time-out among them. It is written by an errand of its own
//! (`status_writes`), for which applications with new outputs need not wait.

mod accept;
mod detached;
mod environments;
mod execute;
mod pins;
mod sources;

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::Instant;
use tokio::time::error::Elapsed;
use tracing::{Instrument, debug, info};

use super::errand::trace;
use super::job::{Context, Job, Learned, Report};
use super::report;
use accept::{accept, declared_environments, read_whole};
use appcredential_api::status::{Place, UNKNOWN_PLACE};
use appcredential_api::{AppCredentialStatus, Disposition, Identity, Problem, Reason};
use appcredential_cluster::{Basis, Cluster};
use appcredential_core::plan::{self, Scope, Verdict, Wanted};
use appcredential_core::resolve::Environment;
use appcredential_core::status::{self, Facts, Outcome, Share};
use environments::walk_all;
use execute::{Knowledge, Places, Walk};

/// How long a reconcile may take.
const RECONCILE_TIMEOUT: Duration = Duration::from_secs(60);

/// Reconciles a credential. It never fails: what goes wrong is in the status and in what is returned.
pub(super) async fn reconcile(context: Arc<Context>, job: Job) -> Learned {
    let identity = job.record.identity();
    // Not `name`: in JSON a span has a field of that name already, its own, and readers keep one of the two.
    let span =
        tracing::info_span!("reconcile", trace = trace(), namespace = identity.namespace, credential = identity.name);
    guard(&context, job, &identity).instrument(span).await
}

/// What a walk ends with: the outcome and the places of outputs without an owner reference; nothing where the credential is gone.
type Walked = Option<(Outcome, Option<BTreeSet<Place>>)>;

/// What the status is made of, as far as the walk came.
struct Findings {
    /// The status as the last reconcile left it.
    status: Option<AppCredentialStatus>,
    /// What stands in the cluster, our own writes included.
    basis: Basis,
    /// The generation of the spec that was looked at.
    generation: i64,
    /// The environments that the credential declares, where others may handle some of them.
    declared: Option<Vec<String>>,
    /// What is concluded of its review.
    review: Option<Verdict>,
}

impl Findings {
    fn before(context: &Context, job: &Job) -> Self {
        let basis = job.basis.clone();
        let mut status = status::rebased(job.status.clone(), basis.status.as_ref(), &context.selection);
        // A credential that is not held has no output that would have been forgotten.
        if let Some(status) = status.as_mut().filter(|_| !basis.held) {
            let mut places = status.places();
            places.retain(|place| place.output != UNKNOWN_PLACE);
            status.set_places(&places);
        }
        Self { status, basis, generation: job.record.generation, declared: None, review: None }
    }
}

/// Walks a credential within its time and its share of memory, whatever happens on the way, and makes its status.
async fn guard(context: &Context, job: Job, identity: &Identity) -> Learned {
    let began = Instant::now();
    let mut findings = Findings::before(context, &job);
    let mut learned = Learned::default();
    let cluster = context.cluster.metered(job.patience);
    // What a walk that is cut short has not looked at is looked at by the next.
    let (touched, uncertain) = (job.touched.clone(), job.uncertain.clone());
    let walk = AssertUnwindSafe(walk(context, &cluster, job, identity, &mut findings, &mut learned)).catch_unwind();
    let walked = tokio::select! {
        walked = tokio::time::timeout(RECONCILE_TIMEOUT, walk) => walked,
        () = cluster.refused() => {
            debug!("the credential is large, and other reconciles use the memory for that; it waits");
            (learned.large, learned.put_off, learned.touched) = (true, true, touched);
            learned.give_back(uncertain);
            return learned;
        }
    };
    learned.large = cluster.has_share();
    if !matches!(walked, Ok(Ok(_))) {
        learned.give_back(uncertain);
    }
    if let Some((outcome, detached)) = outcome_of(walked, identity) {
        conclude(context, &findings, &outcome, detached.as_ref(), began, &mut learned);
    }
    learned
}

/// Returns what a walk ended with; that it panicked or took too long is an outcome like others.
fn outcome_of(walked: Result<Result<Walked, Box<dyn Any + Send>>, Elapsed>, identity: &Identity) -> Walked {
    let message = match walked {
        Ok(Ok(walked)) => return walked,
        Ok(Err(_panic)) => "the operator failed on this credential and wrote nothing more; it retries".to_owned(),
        Err(_late) => format!("took longer than {} s; the operator retries", RECONCILE_TIMEOUT.as_secs()),
    };
    Some((Outcome::Failed(Problem::about(Reason::InternalError, about(identity), message)), None))
}

/// Takes the steps of a reconcile, in their order.
async fn walk(
    context: &Context,
    cluster: &Cluster,
    mut job: Job,
    identity: &Identity,
    findings: &mut Findings,
    learned: &mut Learned,
) -> Walked {
    // Read (client): the spec, where it was too large to be kept.
    job.record = match read_whole(cluster, job.record, identity).await {
        Ok(record) => record?,
        Err(problem) => return Some((Outcome::Failed(problem), None)),
    };
    // Accept (no client): the effective environments, or why there are none.
    let accepted = examine(context, &job, identity, findings);
    // Look (client): at places of which the watches are not sure, and at pinned namespaces.
    let (uncertain, sources) = (std::mem::take(&mut job.uncertain), std::mem::take(&mut job.sources));
    let mut walk = start(context, cluster, &mut job, identity, findings, learned);
    walk.look_at(uncertain).await;
    walk.look_at_pins().await;
    if walk.record.deleting {
        let (problems, left) = walk.take_down().await;
        return (!problems.is_empty()).then_some((Outcome::Terminating(problems), left));
    }
    let (outcome, wanted) = match accepted {
        // Fill (client: sources), render and plan (no client), write (client), environment by environment; then prune (client).
        Ok(environments) => walk_all(&mut walk, &environments, &sources).await,
        Err(outcome) => {
            // Whatever the spec says: a namespace that no longer consents is not written to, and keeps nothing of ours.
            let consent = walk.consent.clone();
            if !walk.prune(Scope::Revoked(&consent)).await.is_empty() {
                walk.learned.disposition = Some(Disposition::Retry);
            }
            (outcome, Wanted::default())
        }
    };
    // Settle (client): the finalizer holds as long as there are outputs that Kubernetes does not collect.
    let outcome = with_leftover(outcome, walk.unreadable());
    let detached = walk.detached(&wanted.objects);
    walk.settle(&detached).await;
    Some((outcome, Some(detached)))
}

/// Examines the record: notes what the status says of it, and decides whether it is accepted.
fn examine(
    context: &Context,
    job: &Job,
    identity: &Identity,
    findings: &mut Findings,
) -> Result<Vec<Environment>, Outcome> {
    let record = &job.record;
    findings.generation = record.generation;
    findings.review = Some(plan::review(context.policy.as_deref(), record.stored(), findings.status.as_ref()));
    findings.declared = declared_environments(context, record);
    let is_new = findings.status.as_ref().and_then(|status| status.observed_generation) != Some(record.generation);
    if record.has_repaired_secret && is_new && !record.deleting {
        // Once for a spec: the status that follows says that it was looked at.
        context.events.send(report::remembered(identity));
    }
    if record.deleting {
        // Nothing of it is rendered any more.
        return Ok(Vec::new());
    }
    accept(context, record, identity, findings.review.as_ref(), &job.ring)
}

/// Starts the part of a reconcile that writes.
fn start<'a>(
    context: &'a Context,
    cluster: &'a Cluster,
    job: &'a mut Job,
    identity: &'a Identity,
    findings: &'a mut Findings,
    learned: &'a mut Learned,
) -> Walk<'a> {
    let others = findings.declared.iter().flatten().filter(|name| !context.selection.handles(Some(name)));
    Walk {
        began: Instant::now(),
        context,
        cluster,
        identity,
        consent: std::mem::take(&mut job.consent),
        others: others.cloned().collect(),
        knowledge: Knowledge::new(std::mem::take(&mut job.observed)),
        touched: std::mem::take(&mut job.touched),
        contested: std::mem::take(&mut job.contested),
        record: &job.record,
        places: Places::told_by(&findings.basis),
        status: &mut findings.status,
        basis: &mut findings.basis,
        learned,
    }
}

/// Makes the status, and counts and logs the outcome.
fn conclude(
    context: &Context,
    findings: &Findings,
    outcome: &Outcome,
    detached: Option<&BTreeSet<Place>>,
    began: Instant,
    learned: &mut Learned,
) {
    let (disposition, selection) = (outcome.disposition(), &context.selection);
    let namespace = &findings.basis.identity.namespace;
    context.metrics.reconciled(namespace, disposition.word(), outcome.reason().word(), began.elapsed());
    log(outcome);
    learned.disposition = learned.disposition.max(Some(disposition));
    let declared = findings.declared.as_deref();
    let rendered_by = match declared {
        Some([]) => selection.without_environments(&context.rendered_by),
        _ => context.rendered_by.to_string(),
    };
    let facts = Facts {
        generation: findings.generation,
        detached,
        rendered_by: &rendered_by,
        review: findings.review.as_ref().and_then(Verdict::record),
        share: Some(Share { selection, declared }),
    };
    // The one place where a reconcile asks for the time: the status has times to the second.
    let next = status::next(findings.status.as_ref(), outcome, facts, k8s_openapi::jiff::Timestamp::now());
    let field = outcome.field().map(ToString::to_string);
    learned.report = next.map(|status| Report { basis: findings.basis.clone(), status, field });
}

/// Returns the credential for texts of problems.
fn about(identity: &Identity) -> String {
    format!("AppCredential {}/{}", identity.namespace, identity.name)
}

fn log(outcome: &Outcome) {
    match outcome.disposition() {
        Disposition::Done => debug!("in sync"),
        _ => {
            for problem in outcome.problems().take(20) {
                info!(reason = problem.reason.word(), path = problem.path(), "{}", problem.message);
            }
        }
    }
}

/// Adds a problem to those that pruning left.
fn with_leftover(outcome: Outcome, problem: Option<Problem>) -> Outcome {
    match outcome {
        Outcome::Walked(environments, leftover) => {
            Outcome::Walked(environments, leftover.into_iter().chain(problem).collect())
        }
        outcome => outcome,
    }
}
