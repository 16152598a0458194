//! Statuses that somebody else may have written: what is read is the same once it was written, and a status that follows from
//! it says all there is to say at once.
//!
//! The input is a status. What became of a reconcile is made of its words, so that they meet every bound.

use std::collections::BTreeSet;

use appcredential_api::status::{EnvironmentStatus, TargetStatus, UNOBSERVED};
use appcredential_api::{AppCredentialGrantStatus, AppCredentialStatus, Problem, Reason};
use appcredential_core::status::{self, EnvironmentOutcome, Facts, Outcome, TargetOutcome};
use k8s_openapi::jiff::Timestamp;
use serde_json::json;

/// What the schema lets a message have.
const MESSAGE_MAX: usize = 32_768;

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(grant) = AppCredentialGrantStatus::read(text).status {
        assert_eq!(
            AppCredentialGrantStatus::read(&json!(grant).to_string()).status,
            Some(grant),
            "a status of a grant"
        );
    }
    let Some(known) = AppCredentialStatus::read(text).status else { return };
    assert_eq!(
        AppCredentialStatus::read(&json!(known).to_string()).status.as_ref(),
        Some(&known),
        "it is the same again"
    );
    assert!(known.observed_generation != Some(UNOBSERVED), "what nobody looked at has no status");
    let problems = problems(&known);
    let walked = Outcome::Walked(environments(&known, &problems), problems.clone());
    let failed = problems.first().cloned().map(Outcome::Failed);
    let more = [Outcome::Suspended, Outcome::Rejected(problems.clone().into()), Outcome::Terminating(problems), walked];
    for outcome in more.iter().chain(&failed) {
        follows(&known, outcome);
    }
}

fn follows(known: &AppCredentialStatus, outcome: &Outcome) {
    let facts = || Facts { generation: 7, rendered_by: "fuzz", ..Facts::default() };
    let [now, later] = [1_000, 2_000].map(|at| Timestamp::from_second(at).unwrap_or_default());
    let next = status::next(Some(known), outcome, facts(), now);
    let Some(next) = next.or_else(|| status::next(None, outcome, facts(), now)) else { return };
    let again = status::next(Some(&next), outcome, facts(), later);
    assert_eq!(again, None, "what was said is said again");
    let read = AppCredentialStatus::read(&json!(next).to_string());
    assert_eq!((read.status.as_ref(), read.unreadable), (Some(&next), None), "what is written is read back");
    assert_eq!(next.observed_generation, Some(7));
    let said = next.conditions.iter().map(|condition| condition.message.len());
    let said = said.chain(next.environments.iter().filter_map(|it| it.message.as_ref()).map(String::len));
    assert!(said.max().is_none_or(|most| most <= MESSAGE_MAX), "a message is longer than the schema allows");
    let targets = next.environments.iter().flat_map(|environment| &environment.targets);
    let kept = matches!(outcome, Outcome::Walked(..));
    assert!(!kept || targets.filter_map(|it| it.message.as_ref()).all(|it| it.chars().count() <= 1024));
    assert!((4..=5).contains(&next.conditions.len()));
}

/// Problems out of the messages of a status.
fn problems(known: &AppCredentialStatus) -> Vec<Problem> {
    let reasons = [Reason::NotOwned, Reason::InvalidSpec, Reason::WriteFailed, Reason::KeyNotFound];
    let messages = known.conditions.iter().map(|condition| (&condition.type_, &condition.message));
    // Later ones are long, up to more than the schema allows for all together.
    let each = reasons.iter().cycle().zip(messages).enumerate();
    each.map(|(index, (reason, (path, message)))| Problem::about(*reason, path.clone(), message.repeat(1 + 32 * index)))
        .collect()
}

/// What became of the environments that a status has.
fn environments(known: &AppCredentialStatus, problems: &[Problem]) -> Vec<EnvironmentOutcome> {
    let mut problems = problems.iter().cycle().cloned();
    let mut each = |environment: &EnvironmentStatus| EnvironmentOutcome {
        name: environment.name.clone(),
        declared: environment.ready,
        unresolved: if environment.reason.is_some() {
            problems.next().into_iter().collect::<Vec<_>>().into()
        } else {
            Vec::new().into()
        },
        targets: distinct(&environment.targets).map(|target| target_outcome(target, problems.next())).collect(),
        sources: environment.sources.clone(),
    };
    // No credential has two environments of one name, nor two targets on one object.
    let mut seen = BTreeSet::new();
    let all: Vec<&EnvironmentStatus> =
        known.environments.iter().filter(|environment| seen.insert(environment.name.as_str())).collect();
    all.into_iter().map(&mut each).collect()
}

fn target_outcome(target: &TargetStatus, problem: Option<Problem>) -> TargetOutcome {
    TargetOutcome {
        namespace: target.namespace.clone(),
        secret_name: target.secret_name.clone(),
        config_map_name: target.config_map_name.clone(),
        revision: target.revision,
        secret: target.secret.clone(),
        config_map: target.config_map.clone(),
        problem: problem.filter(|_| target.message.is_some()),
        ..TargetOutcome::default()
    }
}

fn distinct(targets: &[TargetStatus]) -> impl Iterator<Item = &TargetStatus> {
    let mut seen = BTreeSet::new();
    targets.iter().filter(move |it| seen.insert((&it.namespace, &it.secret_name, &it.config_map_name)))
}
