//! Status, reason and message of each condition for an outcome.

use super::{EnvironmentOutcome, Outcome};
use appcredential_api::{Disposition, Problem, Problems, Reason};

/// The longest message of a condition: Kubernetes allows 32 KiB.
pub(super) const MESSAGE_MAX: usize = 32_000;

pub(super) const VALID: &str = "the spec is valid";
pub(super) const RESOLVED: &str = "every source was found";
pub(super) const SYNCED: &str = "every output is written as the credential says";
pub(super) const READY: &str = "every environment is ready";
pub(super) const NOT_ACCEPTED: &str = "the spec is not accepted; the last good outputs stay as they are";
pub(super) const UNRESOLVED: &str = "sources are missing; the last good outputs stay as they are";
pub(super) const SUSPENDED: &str = "spec.suspend is true: the operator writes nothing and the outputs stay as they are";

/// What a condition says.
pub(super) struct Verdict {
    pub(super) status: &'static str,
    pub(super) reason: Reason,
    pub(super) message: String,
}

/// What all conditions say.
pub(super) struct Verdicts {
    pub(super) accepted: Verdict,
    pub(super) resolved: Verdict,
    pub(super) synced: Verdict,
    pub(super) ready: Verdict,
    /// There only where nothing but an edit helps.
    pub(super) stalled: Option<Verdict>,
}

impl Verdict {
    /// Makes a verdict.
    pub(super) fn new(status: &'static str, reason: Reason, message: impl Into<String>) -> Self {
        Self { status, reason, message: message.into() }
    }

    /// Returns what these problems say, of which `more` are not listed; that all is good where there are none.
    fn of(problems: &[&Problem], more: usize, good: Reason, message: &str) -> Self {
        match problems.first() {
            None => Self::new("True", good, message),
            Some(first) => Self::new("False", first.reason, join(problems, more)),
        }
    }

    fn valid() -> Self {
        Self::new("True", Reason::Valid, VALID)
    }
}

/// Returns what the conditions say of an outcome.
pub(super) fn of(outcome: &Outcome) -> Verdicts {
    let stalled = stalled(outcome);
    match outcome {
        Outcome::Rejected(problems) => {
            let all: Vec<&Problem> = problems.iter().collect();
            let accepted = Verdict::of(&all, problems.more(), Reason::Valid, "");
            let (reason, message) = (accepted.reason, accepted.message.clone());
            let kept = |status| Verdict::new(status, reason, NOT_ACCEPTED);
            let ready = Verdict::new("False", reason, message);
            Verdicts { accepted, resolved: kept("Unknown"), synced: kept("False"), ready, stalled }
        }
        Outcome::Suspended => {
            let suspended = |status| Verdict::new(status, Reason::Suspended, SUSPENDED);
            let [resolved, synced, ready] = ["Unknown", "False", "False"].map(suspended);
            Verdicts { accepted: Verdict::valid(), resolved, synced, ready, stalled }
        }
        Outcome::Failed(problem) => {
            let failed = |status| Verdict::new(status, problem.reason, problem.to_string());
            let [accepted, resolved, synced, ready] = ["Unknown", "Unknown", "False", "False"].map(failed);
            Verdicts { accepted, resolved, synced, ready, stalled }
        }
        Outcome::Terminating(problems) => {
            let all: Vec<&Problem> = problems.iter().collect();
            let left = || Verdict::of(&all, 0, Reason::Synced, "every output is gone");
            let resolved = Verdict::new("Unknown", left().reason, "the credential is being deleted");
            Verdicts { accepted: Verdict::valid(), resolved, synced: left(), ready: left(), stalled }
        }
        Outcome::Walked(environments, leftover) => walked(environments, leftover, stalled),
    }
}

/// What is said of a credential that waits for an edit. Being suspended is what somebody wanted.
fn stalled(outcome: &Outcome) -> Option<Verdict> {
    let stalled = outcome.disposition() == Disposition::Stalled && *outcome != Outcome::Suspended;
    let problems: Vec<&Problem> = outcome.problems().filter(|_| stalled).collect();
    problems.first().map(|first| Verdict::new("True", first.reason, join(&problems, outcome.more())))
}

fn walked(environments: &[EnvironmentOutcome], leftover: &[Problem], stalled: Option<Verdict>) -> Verdicts {
    let unresolved: Vec<&Problem> = environments.iter().flat_map(|environment| environment.unresolved.iter()).collect();
    let more = environments.iter().map(|environment| environment.unresolved.more()).sum();
    let targets = environments.iter().flat_map(|environment| &environment.targets);
    let mut unsynced: Vec<&Problem> = targets.filter_map(|target| target.problem.as_ref()).collect();
    unsynced.extend(leftover);
    let resolved = Verdict::of(&unresolved, more, Reason::Resolved, RESOLVED);
    let synced = match (unsynced.is_empty(), unresolved.first()) {
        (true, Some(first)) => Verdict::new("False", first.reason, UNRESOLVED),
        _ => Verdict::of(&unsynced, 0, Reason::Synced, SYNCED),
    };
    let problems: Vec<&Problem> = unresolved.iter().chain(&unsynced).copied().collect();
    let ready = if environments.is_empty() {
        Verdict::of(&problems, more, Reason::NotSelected, "this operator handles none of the environments")
    } else {
        Verdict::of(&problems, more, Reason::Ready, READY)
    };
    Verdicts { accepted: Verdict::valid(), resolved, synced, ready, stalled }
}

/// Joins problems to one message: the first, as far as a condition can hold them, and how many there are besides, of
/// which `more` are not listed.
pub(super) fn join(problems: &[&Problem], more: usize) -> String {
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

/// Cuts a text to its beginning of at most so many bytes.
pub(super) fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = (0..=most).rev().find(|index| text.is_char_boundary(*index)).unwrap_or(0);
        text.truncate(end);
    }
    text
}
