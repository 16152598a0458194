//! What the conditions of a credential say where several operators have entries in its status.
//!
//! An entry has the reason and the message of its environment and names the first condition that the environment keeps from
//! being `True` (`unmet`): that is enough, so no operator needs to know what another one found.

use std::collections::BTreeSet;

use super::CONDITIONS;
use super::verdict::{self, Verdict, Verdicts};
use appcredential_api::status::EnvironmentStatus;
use appcredential_api::{Disposition, Problem, Reason};

/// Returns the generation of the spec that an entry is about.
pub(super) fn generation(entry: &EnvironmentStatus) -> i64 {
    entry.handled_by.as_ref().map_or(0, |it| it.observed_generation)
}

/// Summarizes the entries of several operators.
pub(super) fn together(entries: &[&EnvironmentStatus], newest: i64) -> Verdicts {
    let mut failed: Vec<Failed<'_>> =
        entries.iter().filter(|entry| !entry.ready).map(|entry| Failed::of(entry)).collect();
    failed.sort_by_key(|it| CONDITIONS.iter().position(|condition| *condition == it.unmet));
    let behind: Vec<Problem> =
        entries.iter().filter(|entry| generation(entry) < newest).map(|entry| behind(entry, newest)).collect();
    let ready = match (failed.first(), behind.first()) {
        (Some(first), _) => Verdict::new("False", first.reason, messages(failed.iter())),
        (None, Some(first)) => {
            Verdict::new("Unknown", first.reason, verdict::join(&behind.iter().collect::<Vec<_>>(), 0))
        }
        (None, None) => Verdict::new("True", Reason::Ready, verdict::READY),
    };
    let stalled = failed.iter().all(|it| it.reason.disposition() == Disposition::Stalled);
    let first = failed.iter().find(|it| stalled && it.reason != Reason::Suspended);
    let stalled = first.map(|first| Verdict::new("True", first.reason, messages(failed.iter())));
    let (accepted, resolved, synced) = (accepted(&failed), resolved(&failed), synced(&failed));
    Verdicts { accepted, resolved, synced, ready, stalled }
}

/// An entry that is not ready.
struct Failed<'a> {
    reason: Reason,
    message: &'a str,
    unmet: &'a str,
}

impl<'a> Failed<'a> {
    fn of(entry: &'a EnvironmentStatus) -> Self {
        let reason = entry.reason.as_deref().and_then(Reason::from_word).unwrap_or(Reason::WriteFailed);
        let unmet = entry.handled_by.as_ref().and_then(|it| it.unmet.as_deref()).unwrap_or("Synced");
        Self { reason, message: entry.message.as_deref().unwrap_or_default(), unmet }
    }
}

/// The messages of entries, each once.
fn messages<'a>(failed: impl Iterator<Item = &'a Failed<'a>>) -> String {
    let mut seen = BTreeSet::new();
    let messages: Vec<&str> = failed.map(|it| it.message).filter(|message| seen.insert(*message)).collect();
    verdict::cut(messages.join("; "), verdict::MESSAGE_MAX)
}

/// Why a condition is not true: the reason of the first entry that keeps it from that, and the messages of all.
fn of_condition(failed: &[Failed<'_>], unmet: &str) -> Option<(Reason, String)> {
    let of = || failed.iter().filter(|it| it.unmet == unmet);
    of().next().map(|first| (first.reason, messages(of())))
}

fn accepted(failed: &[Failed<'_>]) -> Verdict {
    match of_condition(failed, "Accepted") {
        None => Verdict::new("True", Reason::Valid, verdict::VALID),
        // The operator itself failed: of the spec nothing is known.
        Some((Reason::InternalError, message)) => Verdict::new("Unknown", Reason::InternalError, message),
        Some((reason, message)) => Verdict::new("False", reason, message),
    }
}

fn resolved(failed: &[Failed<'_>]) -> Verdict {
    match (of_condition(failed, "ResolvedRefs"), of_condition(failed, "Accepted")) {
        (Some((Reason::Suspended, message)), _) => Verdict::new("Unknown", Reason::Suspended, message),
        (Some((reason, message)), _) => Verdict::new("False", reason, message),
        (None, Some((Reason::InternalError, message))) => Verdict::new("Unknown", Reason::InternalError, message),
        (None, Some((reason, _))) => Verdict::new("Unknown", reason, verdict::NOT_ACCEPTED),
        (None, None) => Verdict::new("True", Reason::Resolved, verdict::RESOLVED),
    }
}

fn synced(failed: &[Failed<'_>]) -> Verdict {
    let kept = |first: &Failed<'_>| match (first.unmet, first.reason) {
        (_, Reason::InternalError) => first.message.to_owned(),
        (_, Reason::Suspended) => verdict::SUSPENDED.to_owned(),
        ("Accepted", _) => verdict::NOT_ACCEPTED.to_owned(),
        _ => verdict::UNRESOLVED.to_owned(),
    };
    match (of_condition(failed, "Synced"), failed.first()) {
        (Some((reason, message)), _) => Verdict::new("False", reason, message),
        (None, Some(first)) => Verdict::new("False", first.reason, kept(first)),
        (None, None) => Verdict::new("True", Reason::Synced, verdict::SYNCED),
    }
}

/// An entry whose operator has not looked at the newest spec.
fn behind(entry: &EnvironmentStatus, newest: i64) -> Problem {
    let message = format!(
        "was last reconciled at generation {}, and the spec has generation {newest}; wait for the operator that handles it, or start that operator",
        generation(entry)
    );
    Problem::about(Reason::AwaitingOperator, format!("environment {}", entry.name), message)
}
