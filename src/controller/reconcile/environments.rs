//! The environments of an accepted credential: sources read, outputs rendered, planned and written, one environment after
//! the other, so that one that fails stops no other.

use super::execute::Walk;
use super::sources::Sources;
use appcredential_api::status::{ObjectVersion, Place, SourceVersion, TargetStatus};
use appcredential_api::{AppCredentialStatus, Layout, ObjectRef, Problems, Reason};
use appcredential_cluster::Versions;
use appcredential_core::plan::{self, Known, Scope, Wanted};
use appcredential_core::render::Output;
use appcredential_core::resolve::{self, Environment};
use appcredential_core::status::{EnvironmentOutcome, Outcome, TargetOutcome};

/// Walks every environment, then takes away what is no longer wanted. Also the objects that are.
pub(super) async fn walk_all(walk: &mut Walk<'_>, environments: &[Environment], known: &Versions) -> (Outcome, Wanted) {
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
        let mut outcome = walk_environment(walk, environment, &mut sources).await;
        note_kept(walk, environment, &mut outcome);
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
fn note_kept(walk: &Walk<'_>, environment: &Environment, outcome: &mut EnvironmentOutcome) {
    let before = walk.status.as_ref().and_then(|status| {
        status.environments.iter().find(|known| known.name == outcome.name).map(|known| known.targets.as_slice())
    });
    let resolved = outcome.unresolved.is_empty();
    // A contested target has been written: somebody else writes it too.
    let is_written =
        |target: &TargetOutcome| target.problem.as_ref().is_none_or(|problem| problem.reason == Reason::Contested);
    let looked = |target: &TargetOutcome| {
        let objects = ObjectRef::of_target(&target.namespace, &target.secret_name, &target.config_map_name);
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
async fn walk_environment(
    walk: &mut Walk<'_>,
    environment: &Environment,
    sources: &mut Sources<'_>,
) -> EnvironmentOutcome {
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
        match (walk.context.render)(walk.identity, &filled) {
            Ok(outputs) => {
                for output in outputs {
                    targets.push(sync_target(walk, &name, &output).await);
                }
            }
            // The last good output stays. That its namespace does not consent comes first.
            Err(problem) => targets.extend(filled.targets.iter().map(|target| {
                let outcome = target_outcome(walk, target);
                TargetOutcome { problem: outcome.problem.clone().or_else(|| Some(problem.clone())), ..outcome }
            })),
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
async fn sync_target(walk: &mut Walk<'_>, environment: &str, output: &Output) -> TargetOutcome {
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
