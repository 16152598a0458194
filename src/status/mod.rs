//! From what became of a reconcile to the status that is written, if it is not there already.
//!
//! Pure: the previous status, the outcome and the time give the next status, or nothing when only a time would
//! change. Messages name objects and fields; a value never gets here, since an outcome holds none.

mod grant;
mod outcome;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use crate::api::status::{Binding, EnvironmentStatus, ObjectVersion, TargetStatus};
use crate::api::{AppCredentialStatus, Disposition, Problem, Problems, Reason};
pub use grant::{Users, of_grant};
pub use outcome::{EnvironmentOutcome, Outcome, TargetOutcome};

/// The longest message of a condition: Kubernetes allows 32 KiB.
const MESSAGE_MAX: usize = 32_000;

/// The conditions that every status has, in the order in which they are shown.
pub const CONDITIONS: [&str; 4] = ["Accepted", "ResolvedRefs", "Synced", "Ready"];

/// The condition that is there, and then `True`, only where nothing but an edit of the credential helps: tools that wait by the
/// rules of kstatus (Flux, Helm) would wait for it in vain, and fail at once instead.
pub const STALLED: &str = "Stalled";

struct Verdict {
    status: &'static str,
    reason: Reason,
    message: String,
}

impl Verdict {
    fn new(status: &'static str, reason: Reason, message: impl Into<String>) -> Self {
        Self { status, reason, message: message.into() }
    }

    /// Returns what these problems say, of which `more` are not listed; that all is good where there are none.
    fn of(problems: &[&Problem], more: usize, good: Reason, message: &str) -> Self {
        match problems.first() {
            None => Self::new("True", good, message),
            Some(first) => Self::new("False", first.reason, join(problems, more)),
        }
    }
}

/// The status that is written before the first output at these places: nothing is created where the status does not say
/// that something may be found.
#[must_use]
pub fn announce(previous: Option<&AppCredentialStatus>, places: &BTreeSet<String>) -> AppCredentialStatus {
    let mut status = previous.cloned().unwrap_or_default();
    let known = std::mem::take(&mut status.detached_outputs);
    status.detached_outputs = places.iter().cloned().chain(known).collect::<BTreeSet<_>>().into_iter().collect();
    status
}

/// What the status says besides the outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The generation of the spec that was looked at.
    pub generation: i64,
    /// The outputs without an owner reference that there are now; without it they are as before.
    pub detached: Option<&'a BTreeSet<String>>,
    /// Which operator looked at it.
    pub rendered_by: &'a str,
}

/// The next status, or none when there is nothing new to say.
#[must_use]
pub fn next(
    previous: Option<&AppCredentialStatus>,
    outcome: &Outcome,
    facts: Facts<'_>,
    now: Timestamp,
) -> Option<AppCredentialStatus> {
    let generation = facts.generation;
    let empty = AppCredentialStatus::default();
    let known = previous.unwrap_or(&empty);
    let environments = match outcome {
        Outcome::Walked(environments, _) => {
            environments.iter().map(|environment| environment_status(known, environment, now)).collect()
        }
        _ => known.environments.clone(),
    };
    let binding = match outcome {
        Outcome::Walked(environments, _) => binding(environments, known.binding.as_ref()),
        _ => known.binding.clone(),
    };
    let environment_names = match outcome {
        Outcome::Walked(environments, _) => {
            let declared = environments.iter().filter(|environment| environment.declared);
            let names: Vec<&str> = declared.map(|environment| environment.name.as_str()).collect();
            (!names.is_empty()).then(|| names.join(","))
        }
        _ => known.environment_names.clone(),
    };
    let conditions = CONDITIONS
        .into_iter()
        .zip(verdicts(outcome))
        .chain(stalled(outcome).map(|verdict| (STALLED, verdict)))
        .map(|(name, verdict)| condition(&known.conditions, name, verdict, generation, now));
    let next = AppCredentialStatus {
        observed_generation: Some(generation),
        conditions: conditions.collect(),
        environment_names,
        environments,
        binding,
        rendered_by: Some(facts.rendered_by.to_owned()),
        detached_outputs: match facts.detached {
            Some(places) => places.iter().cloned().collect(),
            None => known.detached_outputs.clone(),
        },
    };
    (!previous.is_some_and(|previous| says_the_same(previous, &next))).then_some(next)
}

/// Whether two statuses differ in nothing but the versions of sources: a source may change where no credential looks,
/// and that is not worth a write.
fn says_the_same(previous: &AppCredentialStatus, next: &AppCredentialStatus) -> bool {
    previous.rendered_by == next.rendered_by && is_no_news(previous, next)
}

/// Whether a status that was found says what is known, whoever wrote it. That another operator wrote it is no reason to
/// write it again: two of them would go on for ever.
#[must_use]
pub fn is_no_news(known: &AppCredentialStatus, found: &AppCredentialStatus) -> bool {
    let without = |status: &AppCredentialStatus| {
        let mut status = status.clone();
        status.rendered_by = None;
        status.environments.iter_mut().for_each(|environment| environment.sources.clear());
        status
    };
    without(known) == without(found)
}

/// The Secret of the first target that workloads can bind to: a complete one, or the one that they are bound to, as long as
/// its last good Secret is left as it is.
fn binding(environments: &[EnvironmentOutcome], known: Option<&Binding>) -> Option<Binding> {
    let targets = environments.iter().flat_map(|environment| &environment.targets);
    let is_lost = |target: &TargetOutcome| target.problem.as_ref().is_some_and(|it| it.reason == Reason::NotOwned);
    let is_kept = |target: &TargetOutcome| known.is_some_and(|it| it.name == target.secret_name) && !is_lost(target);
    let mut bound = targets.filter(|target| target.binds && (target.secret.is_some() || is_kept(target)));
    bound.next().map(|target| Binding { name: target.secret_name.clone() })
}

/// The four conditions, in the order of [`CONDITIONS`].
fn verdicts(outcome: &Outcome) -> [Verdict; 4] {
    match outcome {
        Outcome::Rejected(problems) => {
            let all: Vec<&Problem> = problems.iter().collect();
            let accepted = Verdict::of(&all, problems.more(), Reason::Valid, "");
            let (reason, message) = (accepted.reason, accepted.message.clone());
            let kept = "the spec is not accepted; the last good outputs are left as they are";
            [
                accepted,
                Verdict::new("Unknown", reason, kept),
                Verdict::new("False", reason, kept),
                Verdict::new("False", reason, message),
            ]
        }
        Outcome::Suspended => {
            let kept = "spec.suspend is true: what is there is kept, nothing is written";
            let suspended = |status| Verdict::new(status, Reason::Suspended, kept);
            [
                Verdict::new("True", Reason::Valid, "the spec is valid"),
                suspended("Unknown"),
                suspended("False"),
                suspended("False"),
            ]
        }
        Outcome::Failed(problem) => {
            let failed = |status| Verdict::new(status, problem.reason, problem.to_string());
            [failed("Unknown"), failed("Unknown"), failed("False"), failed("False")]
        }
        Outcome::Terminating(problems) => {
            let all: Vec<&Problem> = problems.iter().collect();
            let left = || Verdict::of(&all, 0, Reason::Synced, "every output is gone");
            let gone = Verdict::new("Unknown", left().reason, "the credential is being deleted");
            [Verdict::new("True", Reason::Valid, "the spec is valid"), gone, left(), left()]
        }
        Outcome::Walked(environments, leftover) => walked(environments, leftover),
    }
}

/// What is said of a credential that waits for an edit. Being suspended is what somebody wanted.
fn stalled(outcome: &Outcome) -> Option<Verdict> {
    let stalled = outcome.disposition() == Disposition::Stalled && *outcome != Outcome::Suspended;
    let problems: Vec<&Problem> = outcome.problems().filter(|_| stalled).collect();
    problems.first().map(|first| Verdict::new("True", first.reason, join(&problems, outcome.more())))
}

fn walked(environments: &[EnvironmentOutcome], leftover: &[Problem]) -> [Verdict; 4] {
    let unresolved: Vec<&Problem> = environments.iter().flat_map(|environment| environment.unresolved.iter()).collect();
    let more = environments.iter().map(|environment| environment.unresolved.more()).sum();
    let mut unsynced: Vec<&Problem> = environments
        .iter()
        .flat_map(|environment| &environment.targets)
        .filter_map(|target| target.problem.as_ref())
        .collect();
    unsynced.extend(leftover);
    let resolved = Verdict::of(&unresolved, more, Reason::Resolved, "every source was found");
    let synced = match (unsynced.is_empty(), unresolved.first()) {
        (true, Some(first)) => {
            Verdict::new("False", first.reason, "sources are missing; the last good outputs are left as they are")
        }
        _ => Verdict::of(&unsynced, 0, Reason::Synced, "every output is what the credential says"),
    };
    let problems: Vec<&Problem> = unresolved.iter().chain(&unsynced).copied().collect();
    let ready = if environments.is_empty() {
        Verdict::of(&problems, more, Reason::NotSelected, "none of the environments is handled by this operator")
    } else {
        Verdict::of(&problems, more, Reason::Ready, "every environment is ready")
    };
    [Verdict::new("True", Reason::Valid, "the spec is valid"), resolved, synced, ready]
}

fn condition(known: &[Condition], name: &str, verdict: Verdict, generation: i64, now: Timestamp) -> Condition {
    let before = known.iter().find(|condition| condition.type_ == name && condition.status == verdict.status);
    Condition {
        type_: name.to_owned(),
        status: verdict.status.to_owned(),
        reason: verdict.reason.word().to_owned(),
        message: verdict.message,
        observed_generation: Some(generation),
        last_transition_time: before.map_or_else(|| seconds(now), |condition| condition.last_transition_time.clone()),
    }
}

fn environment_status(known: &AppCredentialStatus, outcome: &EnvironmentOutcome, now: Timestamp) -> EnvironmentStatus {
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
        message: (!problems.is_empty()).then(|| join(&problems, outcome.unresolved.more())),
        targets: targets.collect(),
        sources: outcome.sources.clone(),
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
        message: outcome.problem.as_ref().map(|problem| cut(problem.to_string(), 1000)),
    }
}

/// Kubernetes times have whole seconds; a status that is read back must equal what was written.
fn seconds(now: Timestamp) -> Time {
    Time(Timestamp::from_second(now.as_second()).unwrap_or(now))
}

/// Joins problems to one message: the first, as far as a condition can hold them, and how many there are besides, of which
/// `more` are not listed.
fn join(problems: &[&Problem], more: usize) -> String {
    let mut out = String::new();
    let mut told = 0;
    for problem in problems.iter().take(Problems::MOST) {
        let text = problem.to_string();
        if told > 0 && out.len() + text.len() > MESSAGE_MAX {
            break;
        }
        if told > 0 {
            out.push_str("; ");
        }
        out.push_str(&cut(text, MESSAGE_MAX));
        told += 1;
    }
    match problems.len() - told + more {
        0 => out,
        left => out + &format!("; and {left} more"),
    }
}

fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = (0..=most).rev().find(|index| text.is_char_boundary(*index)).unwrap_or(0);
        text.truncate(end);
    }
    text
}
