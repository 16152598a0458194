//! One reconcile: decode -> resolve -> read sources -> render -> plan -> write -> prune -> status -> events.
//!
//! It works on a snapshot (`Job`) and returns what it learned (`Learned`); it shares nothing with other
//! reconciles. Each environment is walked on its own, so that one's failure does not stop another's. There is a
//! status to be written on every way out, a panic and a time-out among them. It is written by an errand of its own
//! (`status_writes`), for which applications with new outputs need not wait.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tracing::{Instrument, debug, info};

use super::decode;
use super::errand::trace;
use super::execute::{Knowledge, Places, Walk};
use super::job::{Context, Job, Learned, Report};
use super::queue::Key;
use super::report;
use super::sources::Sources;
use appcredential_api::status::{ObjectVersion, Place, SourceVersion, TargetStatus, UNKNOWN_PLACE};
use appcredential_api::{
    AppCredentialSpec, AppCredentialStatus, Disposition, FieldPath, Identity, Kind, Layout, ObjectRef, Problem,
    Problems, Reason,
};
use appcredential_cluster::{Basis, Cluster, Record, Versions};
use appcredential_core::plan::{self, Known, Scope, Verdict, Wanted};
use appcredential_core::render::Output;
use appcredential_core::resolve::{self, Environment};
use appcredential_core::status::{self, EnvironmentOutcome, Facts, Outcome, Share, TargetOutcome};

/// How long a reconcile may take.
const RECONCILE_TIMEOUT: Duration = Duration::from_secs(60);

/// Reconciles a credential. It never fails: what goes wrong is in the status and in what is returned.
pub(super) async fn reconcile(context: Arc<Context>, job: Job) -> Learned {
    let identity = job.record.identity();
    // Not `name`: in JSON a span has a field of that name already, its own, and readers keep one of the two.
    let span =
        tracing::info_span!("reconcile", trace = trace(), namespace = identity.namespace, credential = identity.name);
    run(&context, job, &identity).instrument(span).await
}

async fn run(context: &Context, job: Job, identity: &Identity) -> Learned {
    let began = tokio::time::Instant::now();
    let mut status = status::rebased(job.status.clone(), job.basis.status.as_ref(), &context.selection);
    let mut found = Found { generation: job.record.generation, ..Found::default() };
    let mut learned = Learned::default();
    let mut basis = job.basis.clone();
    if let Some(status) = status.as_mut().filter(|_| !basis.held) {
        let mut places = status.places();
        places.retain(|place| place.output != UNKNOWN_PLACE);
        status.set_places(&places);
    }
    let cluster = context.cluster.metered(job.patience);
    let (touched, uncertain) = (job.touched.clone(), job.uncertain.clone());
    let stands = (&mut status, &mut basis, &mut found);
    let walk = AssertUnwindSafe(walk(context, &cluster, job, identity, stands, &mut learned)).catch_unwind();
    let walked = tokio::select! {
        walked = tokio::time::timeout(RECONCILE_TIMEOUT, walk) => walked,
        () = cluster.refused() => {
            debug!("it is large, and others have the memory for that; it is put off");
            (learned.large, learned.put_off, learned.touched) = (true, true, touched);
            learned.give_back(uncertain);
            return learned;
        }
    };
    learned.large = cluster.has_share();
    if !matches!(walked, Ok(Ok(_))) {
        learned.give_back(uncertain);
    }
    let failed =
        |message: String| (Outcome::Failed(Problem::about(Reason::InternalError, place(identity), message)), None);
    let (outcome, detached) = match walked {
        Ok(Ok(Some(walked))) => walked,
        // It is gone, and nobody is left to be told.
        Ok(Ok(None)) => return learned,
        Ok(Err(_panic)) => {
            failed("the operator failed on this credential; nothing more was written, and it is tried again".to_owned())
        }
        Err(_late) => failed(format!("took longer than {} s; it is tried again", RECONCILE_TIMEOUT.as_secs())),
    };
    let disposition = outcome.disposition();
    context.metrics.reconciled(&identity.namespace, disposition.word(), outcome.reason().word(), began.elapsed());
    learned.disposition = learned.disposition.max(Some(disposition));
    log(&outcome);
    let rendered_by = match found.declared.as_deref() {
        Some([]) => context.selection.without_environments(&context.rendered_by),
        _ => context.rendered_by.to_string(),
    };
    let share = Some(Share { selection: &context.selection, declared: found.declared.as_deref() });
    let review = found.review.as_ref().and_then(Verdict::record);
    let facts =
        Facts { generation: found.generation, detached: detached.as_ref(), rendered_by: &rendered_by, review, share };
    let next = status::next(status.as_ref(), &outcome, facts, k8s_openapi::jiff::Timestamp::now());
    let field = outcome.field().map(ToString::to_string);
    learned.report = next.map(|status| Report { basis, status, field });
    learned
}

/// The environments that a credential declares, where they matter: others may handle some of them. None where its spec
/// cannot be understood.
fn declared(context: &Context, record: &Record) -> Option<Vec<String>> {
    let restricted = context.selection.is_restricted();
    let spec = restricted.then(|| decode::spec(record).ok()).flatten()?;
    Some(spec.environments.into_iter().flatten().map(|environment| environment.name).collect())
}

fn place(identity: &Identity) -> String {
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

/// What became of a walk, and the outputs without an owner reference; nothing where the credential is gone.
type Walked = Option<(Outcome, Option<BTreeSet<Place>>)>;

/// What a walk finds of the credential, for its status.
#[derive(Default)]
struct Found {
    generation: i64,
    /// The environments that it declares, where they matter.
    declared: Option<Vec<String>>,
    review: Option<Verdict>,
}

/// What a walk finds and leaves behind: the status, what stands in the cluster, and what it found.
type Stands<'a> = (&'a mut Option<AppCredentialStatus>, &'a mut Basis, &'a mut Found);

async fn walk(
    context: &Context,
    cluster: &Cluster,
    job: Job,
    identity: &Identity,
    (status, basis, found): Stands<'_>,
    learned: &mut Learned,
) -> Walked {
    let record = match whole(cluster, job.record, identity).await {
        Ok(record) => record?,
        Err(problem) => return Some((Outcome::Failed(problem), None)),
    };
    found.generation = record.generation;
    found.review = Some(plan::review(context.policy.as_deref(), record.stored(), status.as_ref()));
    let is_new = status.as_ref().and_then(|status| status.observed_generation) != Some(record.generation);
    if record.has_repaired_secret && is_new && !record.deleting {
        // Told once for a spec: the status that follows says that it was looked at.
        context.events.send(report::remembered(identity));
    }
    found.declared = declared(context, &record);
    let others = found.declared.iter().flatten().filter(|name| !context.selection.handles(Some(name)));
    let mut walk = Walk {
        began: tokio::time::Instant::now(),
        context,
        cluster,
        record: &record,
        identity,
        consent: job.consent,
        others: others.cloned().collect(),
        knowledge: Knowledge::new(job.observed),
        touched: job.touched,
        contested: job.contested,
        status,
        places: Places::told_by(basis),
        basis,
        learned,
    };
    walk.look_at(job.uncertain).await;
    walk.look_at_pins().await;
    if record.deleting {
        let (problems, left) = walk.take_down().await;
        return (!problems.is_empty()).then_some((Outcome::Terminating(problems), left));
    }
    let (outcome, wanted) = match accepted(context, &record, identity, found.review.as_ref(), &job.ring) {
        Ok(environments) => walk_all(&mut walk, &environments, &job.sources).await,
        Err(outcome) => {
            // Whatever the spec says: a namespace that no longer consents is not written to, and keeps nothing of ours.
            let consent = walk.consent.clone();
            if !walk.prune(Scope::Revoked(&consent)).await.is_empty() {
                walk.learned.disposition = Some(Disposition::Retry);
            }
            (outcome, Wanted::default())
        }
    };
    let outcome = with_leftover(outcome, walk.unreadable());
    let detached = walk.detached(&wanted.objects);
    walk.settle(&detached).await;
    Some((outcome, Some(detached)))
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

/// The problem of a credential that closes a ring.
fn cycle(ring: &[Key]) -> Problem {
    let names: Vec<String> = ring.iter().chain(ring.first()).map(ToString::to_string).collect();
    let message = format!(
        "refers to an output that is made of this credential's own outputs: {}; let one of these refer to something else",
        names.join(" reads from ")
    );
    Problem::at(Reason::ReferenceCycle, FieldPath::spec(), message)
}

/// The record with its spec, which is read again where it was too large to be kept; nothing where the credential is gone.
async fn whole(cluster: &Cluster, record: Record, identity: &Identity) -> Result<Option<Record>, Problem> {
    let Some(bytes) = record.unread else { return Ok(Some(record)) };
    // It is in memory twice, as it came and decoded.
    cluster.reserve(bytes.saturating_mul(2)).await;
    let problem = |error| Problem::about(Reason::ReadFailed, place(identity), format!("could not be read: {error}"));
    let mut there = cluster.current(identity).await.map_err(problem)?;
    if let Some(there) = &mut there {
        // That it is deleted with its outputs to stay is told once, and may have been told before.
        there.orphans |= record.orphans;
    }
    Ok(there)
}

/// The effective environments, or what is told instead.
fn accepted(
    context: &Context,
    record: &Record,
    identity: &Identity,
    review: Option<&Verdict>,
    ring: &[Key],
) -> Result<Vec<Environment>, Outcome> {
    // What nobody has looked at is not even read.
    if let (Some(Verdict::Unreviewed(_)), Some(policy)) = (review, context.policy.as_deref()) {
        return Err(Outcome::Rejected(vec![plan::unreviewed(policy, identity)].into()));
    }
    if !ring.is_empty() {
        return Err(Outcome::Rejected(vec![cycle(ring)].into()));
    }
    let spec: AppCredentialSpec = decode::spec(record).map_err(|problems| Outcome::Rejected(problems.into()))?;
    let environments = resolve::environments(&spec, identity, &context.selection).map_err(Outcome::Rejected)?;
    if spec.suspend == Some(true) { Err(Outcome::Suspended) } else { Ok(environments) }
}

/// Walks every environment, then takes away what is no longer wanted. Also the objects that are.
async fn walk_all(walk: &mut Walk<'_>, environments: &[Environment], known: &Versions) -> (Outcome, Wanted) {
    let identity = walk.identity;
    let mut sources = Sources::new(walk.cluster, &identity.namespace, known, environments);
    let mut wanted = Wanted::default();
    for environment in environments {
        for target in &environment.targets {
            let keys = target.objects();
            if walk.consent.target(identity, target).is_err() {
                // Nothing is written to it. What it had stays, but for what is no longer permitted (`Scope::Revoked`).
                wanted.kept.extend(keys.iter().map(ObjectRef::record));
                continue;
            }
            if target.detached {
                let place = |key: &ObjectRef| Place { environment: environment.name.clone(), output: key.record() };
                walk.places.wanted.extend(keys.iter().map(place));
            }
            wanted.objects.extend(keys);
        }
    }
    let mut outcomes = Vec::with_capacity(environments.len());
    for environment in environments {
        let mut outcome = one(walk, environment, &mut sources).await;
        keep(walk, environment, &mut outcome);
        wanted.kept.extend(outcome.targets.iter().flat_map(|target| target.keeps.iter().cloned()));
        outcomes.push(outcome);
    }
    (walk.learned.sources, walk.learned.missing) = (sources.first, sources.missing);
    let mut leftover = walk.prune(Scope::Unwanted(&wanted, &walk.context.selection)).await;
    // What is no longer permitted goes at once, complete or not.
    let consent = walk.consent.clone();
    leftover.extend(walk.prune(Scope::Revoked(&consent)).await);
    (Outcome::Walked(outcomes, leftover), wanted)
}

/// Notes which outputs of former targets stay for those of an environment.
fn keep(walk: &Walk<'_>, environment: &Environment, outcome: &mut EnvironmentOutcome) {
    let before = walk.status.as_ref().and_then(|status| {
        status.environments.iter().find(|known| known.name == outcome.name).map(|known| known.targets.as_slice())
    });
    let resolved = outcome.unresolved.is_empty();
    // A contested target has been written: somebody else writes it too.
    let is_written =
        |target: &TargetOutcome| target.problem.as_ref().is_none_or(|problem| problem.reason == Reason::Contested);
    let looked = |target: &TargetOutcome| {
        let key = |kind, name: &String| ObjectRef::new(kind, target.namespace.clone(), name.clone());
        let objects = [key(Kind::Secret, &target.secret_name), key(Kind::ConfigMap, &target.config_map_name)];
        plan::Looked { objects, complete: resolved && is_written(target) }
    };
    let now: Vec<plan::Looked> = outcome.targets.iter().map(looked).collect();
    let here = walk.knowledge.0.iter().filter(|(_, observed)| observed.environment == environment.name);
    let found = here.map(|(key, _)| key.record()).collect();
    for (target, keeps) in outcome.targets.iter_mut().zip(plan::keeps(before, &now, &found)) {
        target.keeps = keeps;
    }
}

/// Walks one environment.
async fn one(walk: &mut Walk<'_>, environment: &Environment, sources: &mut Sources<'_>) -> EnvironmentOutcome {
    let name = environment.label().to_owned();
    let declared = environment.name.is_some();
    let mut filled = match environment.fill(sources.of(environment).await) {
        Ok(filled) => filled,
        Err(unresolved) => {
            let targets = environment.targets.iter().map(|target| target_outcome(walk, target)).collect();
            return EnvironmentOutcome { name, declared, unresolved, targets, sources: Vec::new() };
        }
    };
    let mut targets = Vec::new();
    // One after the other: no more than one rendered output is in memory.
    for target in std::mem::take(&mut filled.targets) {
        filled.targets = vec![target];
        for output in (walk.context.render)(walk.identity, &filled) {
            targets.push(sync(walk, &name, &output).await);
        }
    }
    let sources = environment.sources().into_iter().map(|source| SourceVersion {
        resource_version: sources.version(&source),
        kind: source.kind,
        name: source.name,
    });
    EnvironmentOutcome { name, declared, unresolved: Problems::default(), targets, sources: sources.collect() }
}

/// Brings one target of an environment to what it should be.
async fn sync(walk: &mut Walk<'_>, environment: &str, output: &Output) -> TargetOutcome {
    let mut outcome = target_outcome(walk, &output.target);
    if outcome.problem.is_some() {
        return outcome;
    }
    let others = walk.others.clone();
    let before = known_target(walk.status.as_ref(), environment, &outcome);
    let uid = |version: &Option<ObjectVersion>| version.as_ref().map(|version| version.uid.clone());
    let (secret_uid, config_map_uid) =
        before.as_ref().map(|it| (uid(&it.secret), uid(&it.config_map))).unwrap_or_default();
    let known = Known {
        revision: before.as_ref().and_then(|target| target.revision),
        secret_uid: secret_uid.as_deref(),
        config_map_uid: config_map_uid.as_deref(),
        others: Some(&others),
    };
    match walk.sync(output, known).await {
        Ok(synced) => {
            outcome.revision = Some(synced.revision);
            outcome.wrote = synced.wrote;
            outcome.secret = walk.version(&output.secret);
            outcome.config_map = walk.version(&output.config_map);
            outcome.problem = walk.contest_about(output);
        }
        Err(problem) => outcome.problem = Some(problem),
    }
    outcome
}

/// A target before anything is written to it; its problem where that is not permitted.
fn target_outcome(walk: &Walk<'_>, target: &resolve::Target) -> TargetOutcome {
    TargetOutcome {
        namespace: target.namespace.clone(),
        secret_name: target.secret_name.clone(),
        config_map_name: target.config_map_name.clone(),
        binds: target.layout == Layout::ServiceBinding && target.namespace == walk.identity.namespace,
        problem: walk.consent.target(walk.identity, target).err(),
        ..TargetOutcome::default()
    }
}

/// What the status last said of a target.
fn known_target(
    status: Option<&AppCredentialStatus>,
    environment: &str,
    target: &TargetOutcome,
) -> Option<TargetStatus> {
    let environment = status?.environments.iter().find(|known| known.name == environment)?;
    let same = |known: &&TargetStatus| {
        known.namespace == target.namespace
            && known.secret_name == target.secret_name
            && known.config_map_name == target.config_map_name
    };
    environment.targets.iter().find(same).cloned()
}
