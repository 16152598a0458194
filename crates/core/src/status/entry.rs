//! The entry of an environment and its targets in the status.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;

use super::{EnvironmentOutcome, TargetOutcome, verdict};
use appcredential_api::status::{Binding, EnvironmentStatus, ObjectVersion, TargetStatus};
use appcredential_api::{AppCredentialStatus, Problem, Reason};

/// Returns the Secret of the first target that workloads can bind to: a complete one, or the one bound so far, as long
/// as its last good Secret is left as it is.
pub(super) fn binding(environments: &[EnvironmentOutcome], known: Option<&Binding>) -> Option<Binding> {
    let targets = environments.iter().flat_map(|environment| &environment.targets);
    let is_lost = |target: &TargetOutcome| target.problem.as_ref().is_some_and(|it| it.reason == Reason::NotOwned);
    let is_kept = |target: &TargetOutcome| known.is_some_and(|it| it.name == target.secret_name) && !is_lost(target);
    let mut bound = targets.filter(|target| target.binds && (target.secret.is_some() || is_kept(target)));
    bound.next().map(|target| Binding { name: target.secret_name.clone() })
}

/// Returns the status entry of an environment that was walked.
pub(super) fn environment(
    known: &AppCredentialStatus,
    outcome: &EnvironmentOutcome,
    now: Timestamp,
) -> EnvironmentStatus {
    let before = known.environments.iter().find(|environment| environment.name == outcome.name);
    let targets = outcome.targets.iter().map(|target| {
        let same = |known: &&TargetStatus| {
            known.namespace == target.namespace
                && known.secret_name == target.secret_name
                && known.config_map_name == target.config_map_name
        };
        let before = before.and_then(|environment| environment.targets.iter().find(same));
        target_status(before, target, now)
    });
    let mut problems: Vec<&Problem> = outcome.unresolved.iter().collect();
    problems.extend(outcome.targets.iter().filter_map(|target| target.problem.as_ref()));
    EnvironmentStatus {
        name: outcome.name.clone(),
        ready: problems.is_empty(),
        reason: problems.first().map(|problem| problem.reason.word().to_owned()),
        message: (!problems.is_empty()).then(|| verdict::join(&problems, outcome.unresolved.more())),
        targets: targets.collect(),
        sources: outcome.sources.clone(),
        handled_by: None,
    }
}

fn target_status(before: Option<&TargetStatus>, outcome: &TargetOutcome, now: Timestamp) -> TargetStatus {
    let revision = outcome.revision.or_else(|| before.and_then(|target| target.revision));
    let time = match before {
        Some(target) if target.revision == revision && target.last_sync_time.is_some() => target.last_sync_time.clone(),
        _ => outcome.revision.map(|_| seconds(now)),
    };
    // Others may change what is not ours of an output: its version is that of our last write, so that this costs no write.
    let version = |now: &Option<ObjectVersion>, before: Option<&ObjectVersion>| match (now, before) {
        (Some(now), Some(before)) if !outcome.wrote && now.uid == before.uid => Some(before.clone()),
        (Some(now), _) => Some(now.clone()),
        (None, before) => before.cloned(),
    };
    TargetStatus {
        secret: version(&outcome.secret, before.and_then(|target| target.secret.as_ref())),
        config_map: version(&outcome.config_map, before.and_then(|target| target.config_map.as_ref())),
        namespace: outcome.namespace.clone(),
        secret_name: outcome.secret_name.clone(),
        config_map_name: outcome.config_map_name.clone(),
        revision,
        last_sync_time: time,
        keeps: outcome.keeps.iter().cloned().collect(),
        message: outcome.problem.as_ref().map(|problem| verdict::cut(problem.to_string(), 1000)),
    }
}

/// Rounds down to whole seconds, as Kubernetes times have: a status that is read back must equal what was written.
pub(super) fn seconds(now: Timestamp) -> Time {
    Time(Timestamp::from_second(now.as_second()).unwrap_or(now))
}
