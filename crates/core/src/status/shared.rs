//! The status of a credential that several operators share, each with environments of its own (`--environments`).
//!
//! ```text
//! environments[], detachedOutputs   the operator of the environment writes its entry; others leave it as it is
//! review                            of the whole credential; each operator concludes the same
//! everything else                   follows from the entries, whoever computes it
//! ```
//!
//! An entry says which generation its operator has seen, and which condition of the credential is not `True` because of
//! it (`together`). So two operators compute the same, and neither has to write because the other did.

use k8s_openapi::jiff::Timestamp;

use super::entry;
use super::together::{generation, together};
use super::verdict::{self, Verdict};
use super::{EnvironmentOutcome, Facts, Outcome, conditions};
use crate::resolve::Selection;
use appcredential_api::status::{Binding, EnvironmentStatus, HandledBy, UNDECLARED};
use appcredential_api::{AppCredentialStatus, Problem, Reason};

/// Which part of a status is an operator's own.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    /// The environments that are handled.
    pub selection: &'a Selection,
    /// Those that the spec declares, in its order; none where the spec cannot be understood.
    pub declared: Option<&'a [String]>,
}

impl Share<'_> {
    /// Returns whether the status has entries of several operators, or may get them. It has not where an operator
    /// handles everything, nor where the credential declares no environments: each operator handles such a credential
    /// whole.
    pub(super) fn applies(self, known: &AppCredentialStatus) -> bool {
        let has_environments = match self.declared {
            Some(declared) => !declared.is_empty(),
            None => is_shared(known),
        };
        self.selection.is_restricted() && has_environments
    }
}

/// What a status is computed with.
struct Desk<'a> {
    known: &'a AppCredentialStatus,
    outcome: &'a Outcome,
    facts: Facts<'a>,
    selection: &'a Selection,
    declared: Vec<String>,
}

/// Returns the next status.
pub(super) fn status(
    known: &AppCredentialStatus,
    outcome: &Outcome,
    facts: Facts<'_>,
    share: Share<'_>,
    now: Timestamp,
) -> AppCredentialStatus {
    let declared = share.declared.map_or_else(|| names(known), <[String]>::to_vec);
    let mut desk = Desk { known, outcome, facts, selection: share.selection, declared };
    let mine = desk.own_entries(now);
    let others = desk.entries_of_others();
    let had_any = known.environments.iter().any(|entry| desk.is_mine(&entry.name));
    let none = Outcome::Walked(Vec::new(), Vec::new());
    if mine.is_empty() && !had_any && !matches!(outcome, Outcome::Terminating(_)) {
        // Nothing of this credential is handled here, so nothing that was found is worth telling: who handles it tells of
        // it, or somebody has said already that nobody does.
        let newest = desk.newest(&others);
        if others.iter().any(|entry| desk.counts(entry, newest)) || is_not_selected(known, facts.generation) {
            return known.clone();
        }
        desk.outcome = &none;
    }
    desk.put_together([mine, others].concat(), now)
}

/// Whether the status says of this generation that none of the environments is handled.
fn is_not_selected(status: &AppCredentialStatus, generation: i64) -> bool {
    let mut conditions = status.conditions.iter();
    let is_said = conditions.any(|condition| condition.reason == Reason::NotSelected.word());
    is_said && status.observed_generation == Some(generation)
}

impl Desk<'_> {
    fn is_mine(&self, name: &str) -> bool {
        is_mine(self.selection, &self.declared, name)
    }

    /// The entries of the environments that are handled here. A reconcile that did not get to them says so in each.
    fn own_entries(&self, now: Timestamp) -> Vec<EnvironmentStatus> {
        if let Outcome::Walked(environments, leftover) = self.outcome {
            let walked = environments.iter().map(|environment| self.walked(environment, now));
            return self.with_leftover(walked.collect(), leftover);
        }
        let known = self.known.environments.iter().map(|entry| &entry.name);
        let gone = known.filter(|name| !self.declared.contains(name));
        let names = self.declared.iter().chain(gone).filter(|name| self.is_mine(name));
        let problems: Vec<&Problem> = self.outcome.problems().collect();
        names.map(|name| self.failed(self.known_entry(name), &problems)).collect()
    }

    fn known_entry(&self, name: &str) -> EnvironmentStatus {
        let known = self.known.environments.iter().find(|entry| entry.name == name);
        known.cloned().unwrap_or_else(|| EnvironmentStatus { name: name.to_owned(), ..EnvironmentStatus::default() })
    }

    fn walked(&self, environment: &EnvironmentOutcome, now: Timestamp) -> EnvironmentStatus {
        let mut entry = entry::environment(self.known, environment, now);
        let unmet = match (environment.unresolved.is_empty(), entry.ready) {
            (false, _) => Some("ResolvedRefs"),
            (true, false) => Some("Synced"),
            (true, true) => None,
        };
        let bound = self.known_entry(&environment.name).handled_by.and_then(|it| it.binding);
        let bound = bound.or_else(|| self.known.binding.clone());
        let binding = entry::binding(std::slice::from_ref(environment), bound.as_ref());
        entry.handled_by = Some(self.handled_by(unmet, binding));
        entry
    }

    /// What could not be pruned, reported for the first environment; where none is left, for one that there was.
    fn with_leftover(&self, mut entries: Vec<EnvironmentStatus>, leftover: &[Problem]) -> Vec<EnvironmentStatus> {
        if leftover.is_empty() {
            return entries;
        }
        if entries.is_empty() {
            let gone = self.known.environments.iter().filter(|entry| self.is_mine(&entry.name));
            let gone = gone.min_by_key(|entry| &entry.name);
            let blank = |entry: &EnvironmentStatus| EnvironmentStatus {
                name: entry.name.clone(),
                ready: true,
                ..EnvironmentStatus::default()
            };
            entries = gone.map(blank).into_iter().collect();
        }
        let problems: Vec<&Problem> = leftover.iter().collect();
        if let Some(first) = entries.first_mut() {
            let told = first.message.take().filter(|_| !first.ready);
            let message = told.into_iter().chain([verdict::join(&problems, 0)]).collect::<Vec<_>>().join("; ");
            first.message = Some(verdict::cut(message, verdict::MESSAGE_MAX));
            if first.ready {
                first.reason = problems.first().map(|problem| problem.reason.word().to_owned());
                let binding = first.handled_by.take().and_then(|it| it.binding);
                first.handled_by = Some(self.handled_by(Some("Synced"), binding));
            }
            first.ready = false;
        }
        entries
    }

    /// An entry of an environment that the reconcile did not get to.
    fn failed(&self, entry: EnvironmentStatus, problems: &[&Problem]) -> EnvironmentStatus {
        let unmet = match self.outcome {
            Outcome::Terminating(_) => "Synced",
            Outcome::Suspended => "ResolvedRefs",
            _ => "Accepted",
        };
        let message = if problems.is_empty() {
            verdict::SUSPENDED.to_owned()
        } else {
            verdict::join(problems, self.outcome.more())
        };
        let binding = entry.handled_by.and_then(|it| it.binding);
        EnvironmentStatus {
            ready: false,
            reason: Some(self.outcome.reason().word().to_owned()),
            message: Some(message),
            handled_by: Some(self.handled_by(Some(unmet), binding)),
            ..entry
        }
    }

    fn handled_by(&self, unmet: Option<&str>, binding: Option<Binding>) -> HandledBy {
        HandledBy {
            operator: self.facts.rendered_by.to_owned(),
            observed_generation: self.facts.generation,
            unmet: unmet.map(str::to_owned),
            binding,
        }
    }

    /// The entries of the environments that others handle. What an operator for everything wrote is nobody's now that
    /// there is one for some: whoever handles such an environment tells of it anew.
    fn entries_of_others(&self) -> Vec<EnvironmentStatus> {
        let others = self.known.environments.iter().filter(|entry| !self.is_mine(&entry.name));
        others.filter(|entry| entry.handled_by.is_some()).cloned().collect()
    }

    /// The generation of whoever has seen the newest spec.
    fn newest(&self, entries: &[EnvironmentStatus]) -> i64 {
        entries.iter().map(generation).max().unwrap_or_default().max(self.facts.generation)
    }

    /// Whether an entry has a say. What is left of an environment that is gone is its operator's to clear away, and
    /// keeps nobody waiting.
    fn counts(&self, entry: &EnvironmentStatus, newest: i64) -> bool {
        self.declared.contains(&entry.name) || generation(entry) == newest
    }

    fn put_together(&self, mut entries: Vec<EnvironmentStatus>, now: Timestamp) -> AppCredentialStatus {
        let place = |entry: &EnvironmentStatus| self.declared.iter().position(|name| *name == entry.name);
        entries.sort_by_key(|entry| (place(entry).unwrap_or(usize::MAX), entry.name.clone()));
        let told = |name: &&String| entries.iter().any(|entry| entry.name == **name);
        let (handled, unhandled): (Vec<&String>, Vec<&String>) = self.declared.iter().partition(told);
        let newest = self.newest(&entries);
        let counting: Vec<&EnvironmentStatus> = entries.iter().filter(|entry| self.counts(entry, newest)).collect();
        // That the credential goes concerns it whole; and where nobody handles anything, no entry says so.
        let is_whole = counting.is_empty() || matches!(self.outcome, Outcome::Terminating(_));
        let mut verdicts = if is_whole { verdict::of(self.outcome) } else { together(&counting, newest) };
        if !counting.is_empty() && !unhandled.is_empty() && verdicts.ready.status == "True" {
            let unhandled = list(&unhandled);
            let message = format!("every environment that is handled here is ready; not handled here: {unhandled}");
            verdicts.ready = Verdict::new("True", Reason::Ready, message);
        }
        let oldest = counting.iter().map(|entry| generation(entry)).min().unwrap_or(newest);
        AppCredentialStatus {
            observed_generation: Some(oldest),
            conditions: conditions(&self.known.conditions, verdicts, oldest, now),
            environment_names: (!handled.is_empty()).then(|| list(&handled)),
            binding: counting.iter().find_map(|entry| entry.handled_by.as_ref()?.binding.clone()),
            rendered_by: counting.is_empty().then(|| self.facts.rendered_by.to_owned()),
            detached_outputs: self.known.detached_outputs.clone(),
            review: self.known.review.clone(),
            environments: entries,
        }
    }
}

fn list(names: &[&String]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",")
}

/// Returns the declared environments, as the status tells them.
pub(super) fn names(status: &AppCredentialStatus) -> Vec<String> {
    status.environment_names.iter().flat_map(|names| names.split(',')).map(str::to_owned).collect()
}

/// Returns whether an entry belongs to an operator. That of a credential without environments is everybody's.
pub(super) fn is_mine(selection: &Selection, declared: &[String], name: &str) -> bool {
    selection.handles(Some(name)) || (name == UNDECLARED && !declared.iter().any(|it| it == name))
}

/// Returns whether the status is made of entries that several operators can have.
pub(super) fn is_shared(status: &AppCredentialStatus) -> bool {
    status.environments.iter().any(|entry| entry.handled_by.is_some())
}
