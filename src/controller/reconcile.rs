//! One reconcile: decode -> resolve -> read sources -> render -> plan -> write -> status -> events.
//!
//! It works on a snapshot (`Job`) and returns what it learned (`Learned`); it shares nothing with other
//! reconciles. Each environment is walked on its own, so that one's failure does not stop another's. The
//! status is written on every way out, a panic and a time-out among them.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tracing::{Instrument, debug, info, warn};

use super::decode;
use super::execute::{Knowledge, Walk};
use super::job::{Context, Job, Learned};
use super::report;
use crate::api::{AppCredentialSpec, AppCredentialStatus, Disposition, Identity, Problem, Reason};
use crate::plan::ObjectKey;
use crate::resolve::{self, Inputs};
use crate::status::{self, EnvironmentOutcome, Outcome, TargetOutcome};

/// How long a reconcile may take.
const RECONCILE_TIMEOUT: Duration = Duration::from_secs(60);

/// Reconciles a credential. It never fails: what goes wrong is in the status and in what is returned.
pub(super) async fn reconcile(context: Arc<Context>, job: Job) -> Learned {
    let identity = job.record.identity();
    let span = tracing::info_span!("reconcile", namespace = identity.namespace, name = identity.name);
    run(&context, job, &identity).instrument(span).await
}

async fn run(context: &Context, job: Job, identity: &Identity) -> Learned {
    let previous = job.status.clone();
    let generation = job.record.generation;
    let mut learned = Learned::default();
    let walk = AssertUnwindSafe(walk(context, job, identity, previous.as_ref(), &mut learned)).catch_unwind();
    let outcome = match tokio::time::timeout(RECONCILE_TIMEOUT, walk).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => {
            let message = "the operator failed on this credential; nothing more was written, and it is tried again";
            Outcome::Failed(Problem::new(Reason::InternalError, place(identity), message))
        }
        Err(_late) => {
            let message = format!("took longer than {} s; it is tried again", RECONCILE_TIMEOUT.as_secs());
            Outcome::Failed(Problem::new(Reason::InternalError, place(identity), message))
        }
    };
    learned.disposition = Some(outcome.disposition());
    log(&outcome);
    conclude(context, identity, previous, generation, &outcome, &mut learned).await;
    learned
}

fn place(identity: &Identity) -> String {
    format!("AppCredential {}/{}", identity.namespace, identity.name)
}

fn log(outcome: &Outcome) {
    match outcome.disposition() {
        Disposition::Done => debug!("in sync"),
        _ => {
            for problem in outcome.problems().take(20) {
                info!(reason = problem.reason.word(), path = problem.path, "{}", problem.message);
            }
        }
    }
}

/// Writes the status if there is something new to say, and tells the events.
async fn conclude(
    context: &Context,
    identity: &Identity,
    previous: Option<AppCredentialStatus>,
    generation: i64,
    outcome: &Outcome,
    learned: &mut Learned,
) {
    let now = k8s_openapi::jiff::Timestamp::now();
    let Some(next) = status::next(previous.as_ref(), generation, outcome, now) else {
        learned.status = previous;
        return;
    };
    match context.cluster.write_status(identity, &next).await {
        Ok(true) => {
            if let Some(note) = report::transitions(identity, previous.as_ref(), &next) {
                context.events.send(note);
            }
            learned.status = Some(next);
        }
        Ok(false) => debug!("the credential is gone; its status was not written"),
        Err(error) => {
            warn!(%error, "the status could not be written; it is tried again");
            learned.disposition = Some(Disposition::Retry);
        }
    }
}

async fn walk(
    context: &Context,
    job: Job,
    identity: &Identity,
    previous: Option<&AppCredentialStatus>,
    learned: &mut Learned,
) -> Outcome {
    let spec: AppCredentialSpec = match decode::spec(&job.record) {
        Ok(spec) => spec,
        Err(problem) => return Outcome::Rejected(vec![problem]),
    };
    let environments = match resolve::environments(&spec, identity, &context.selection) {
        Ok(environments) => environments,
        Err(problems) => return Outcome::Rejected(problems),
    };
    if spec.suspend == Some(true) {
        return Outcome::Suspended;
    }
    let sources = environments.iter().flat_map(resolve::Environment::sources).collect();
    let (inputs, versions) = context.cluster.read_sources(&identity.namespace, sources).await;
    learned.sources = versions;
    let wanted = environments.iter().flat_map(|environment| &environment.targets).flat_map(resolve::Target::objects);
    let wanted: BTreeSet<ObjectKey> =
        wanted.map(|(kind, namespace, name)| (kind, namespace.to_owned(), name.to_owned())).collect();
    let mut walk = Walk { context, identity, knowledge: Knowledge::new(job.observed), touched: job.touched, learned };
    let mut outcomes = Vec::with_capacity(environments.len());
    for environment in &environments {
        outcomes.push(one(&mut walk, environment, &inputs, previous).await);
    }
    let leftover = walk.prune(&wanted).await;
    Outcome::Walked(outcomes, leftover)
}

/// Walks one environment.
async fn one(
    walk: &mut Walk<'_>,
    environment: &resolve::Environment,
    inputs: &Inputs,
    previous: Option<&AppCredentialStatus>,
) -> EnvironmentOutcome {
    let name = environment.label().to_owned();
    let declared = environment.name.is_some();
    let filled = match environment.fill(inputs) {
        Ok(filled) => filled,
        Err(unresolved) => {
            let targets = environment.targets.iter().map(target_outcome).collect();
            return EnvironmentOutcome { name, declared, unresolved, targets };
        }
    };
    let mut targets = Vec::new();
    for output in (walk.context.render)(walk.identity, &filled) {
        let mut outcome = target_outcome(&output.target);
        let synced = synced_revision(previous, &name, &outcome);
        match walk.sync(output, synced).await {
            Ok(revision) => outcome.revision = Some(revision),
            Err(problem) => outcome.problem = Some(problem),
        }
        targets.push(outcome);
    }
    EnvironmentOutcome { name, declared, unresolved: Vec::new(), targets }
}

fn target_outcome(target: &resolve::Target) -> TargetOutcome {
    TargetOutcome {
        namespace: target.namespace.clone(),
        secret_name: target.secret_name.clone(),
        config_map_name: target.config_map_name.clone(),
        revision: None,
        problem: None,
    }
}

/// The revision under which the status last saw the target complete.
fn synced_revision(previous: Option<&AppCredentialStatus>, environment: &str, target: &TargetOutcome) -> Option<i64> {
    let environment = previous?.environments.iter().find(|known| known.name == environment)?;
    let known = environment
        .targets
        .iter()
        .find(|known| known.secret_name == target.secret_name && known.config_map_name == target.config_map_name)?;
    known.revision
}
