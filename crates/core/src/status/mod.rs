//! From the outcome of a reconcile to the status, if the status has changed.
//!
//! Pure: the previous status, the outcome and the time give the next status, or nothing when only a time would
//! change. Messages name objects and fields; a value never gets here, since an outcome holds none. Operators that
//! share a credential by their environments each have a part of its status (`shared`).

mod entry;
mod grant;
mod outcome;
mod part;
mod shared;
mod together;
mod verdict;

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::jiff::Timestamp;

use crate::resolve::Selection;
use appcredential_api::AppCredentialStatus;
use appcredential_api::status::{EnvironmentStatus, Place, Review};
pub use grant::{Users, of_grant};
pub use outcome::{EnvironmentOutcome, Outcome, TargetOutcome};
pub use shared::Share;
use verdict::{Verdict, Verdicts};

/// The conditions that every status has, in the order in which they are shown.
pub const CONDITIONS: [&str; 4] = ["Accepted", "ResolvedRefs", "Synced", "Ready"];

/// The condition that is there, and then `True`, only where nothing but an edit of the credential helps: tools that
/// wait by the rules of kstatus (Flux, Helm) would wait for it in vain, and fail at once instead.
pub const STALLED: &str = "Stalled";

/// Returns the status that is written before the first output at these places: nothing is created where the status does
/// not say that something may be found.
#[must_use]
pub fn announce(previous: Option<&AppCredentialStatus>, places: &BTreeSet<Place>) -> AppCredentialStatus {
    let mut status = previous.cloned().unwrap_or_default();
    status.set_places(&(&status.places() | places));
    status
}

/// What the status says besides the outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The generation of the spec that was looked at.
    pub generation: i64,
    /// The outputs without an owner reference that there are now; without it they are as before.
    pub detached: Option<&'a BTreeSet<Place>>,
    /// Which operator looked at it.
    pub rendered_by: &'a str,
    /// What is remembered of the credential's review; without it that is as before.
    pub review: Option<&'a Review>,
    /// Which part of the status is its own; all of it where there is none.
    pub share: Option<Share<'a>>,
}

/// Returns the next status, or none if nothing changed.
#[must_use]
pub fn next(
    previous: Option<&AppCredentialStatus>,
    outcome: &Outcome,
    facts: Facts<'_>,
    now: Timestamp,
) -> Option<AppCredentialStatus> {
    let empty = AppCredentialStatus::default();
    let known = previous.unwrap_or(&empty);
    let mut next = match facts.share.filter(|share| share.applies(known)) {
        Some(share) => shared::status(known, outcome, facts, share, now),
        None => whole(known, outcome, facts, now),
    };
    if let Some(places) = facts.detached {
        next.set_places(places);
    }
    if let Some(review) = facts.review {
        next.review = Some(review.clone());
    }
    (!previous.is_some_and(|previous| says_the_same(previous, &next))).then_some(next)
}

/// The status of a credential all of which is handled here.
fn whole(known: &AppCredentialStatus, outcome: &Outcome, facts: Facts<'_>, now: Timestamp) -> AppCredentialStatus {
    let generation = facts.generation;
    let mut next = AppCredentialStatus {
        observed_generation: Some(generation),
        conditions: conditions(&known.conditions, verdict::of(outcome), generation, now),
        rendered_by: Some(facts.rendered_by.to_owned()),
        ..known.clone()
    };
    if let Outcome::Walked(environments, _) = outcome {
        let declared = environments.iter().filter(|environment| environment.declared);
        let names: Vec<&str> = declared.map(|environment| environment.name.as_str()).collect();
        next.environment_names = (!names.is_empty()).then(|| names.join(","));
        next.environments = environments.iter().map(|it| entry::environment(known, it, now)).collect();
        next.binding = entry::binding(environments, known.binding.as_ref());
    }
    // Whoever had a part in it before has none now.
    next.environments.iter_mut().for_each(|entry| entry.handled_by = None);
    next
}

/// Returns the status as the last reconcile left it, written or not, with what others have a part in as it stands in
/// the cluster: what is theirs is never written from memory.
#[must_use]
pub fn rebased(
    latest: Option<AppCredentialStatus>,
    there: Option<&AppCredentialStatus>,
    selection: &Selection,
) -> Option<AppCredentialStatus> {
    match (latest, there) {
        (Some(latest), Some(there)) if selection.is_restricted() && latest != *there => {
            Some(part::rebased(&latest, there, selection))
        }
        (latest, _) => latest,
    }
}

/// Whether two statuses differ in nothing but the versions of sources: a source may change where no credential looks,
/// and that is not worth a write.
fn says_the_same(previous: &AppCredentialStatus, next: &AppCredentialStatus) -> bool {
    without(previous, |entry| entry.sources.clear()) == without(next, |entry| entry.sources.clear())
}

/// Returns whether a status in the cluster says what is known, whoever wrote it. That another operator wrote it is no
/// reason to write it again: two of them would go on for ever. So where several share a credential, only entries of the
/// handled environments count; other operators write theirs, and the rest follows from all entries.
#[must_use]
pub fn is_no_news(known: &AppCredentialStatus, found: &AppCredentialStatus, selection: &Selection) -> bool {
    if selection.is_restricted() && (shared::is_shared(known) || shared::is_shared(found)) {
        // Where others have taken away the last of their outputs, the finalizer is for whoever is left to take off.
        let is_last = found.detached_outputs.is_empty() && !known.detached_outputs.is_empty();
        let same = part::part(known, selection) == part::part(found, selection);
        return same && !is_last && part::is_consistent(found);
    }
    let told = |status| {
        let told = |entry: &mut EnvironmentStatus| {
            entry.sources.clear();
            entry.handled_by = None;
        };
        AppCredentialStatus { rendered_by: None, ..without(status, told) }
    };
    told(known) == told(found)
}

/// A status without a part of its entries.
fn without(status: &AppCredentialStatus, strip: impl FnMut(&mut EnvironmentStatus)) -> AppCredentialStatus {
    let mut status = status.clone();
    status.environments.iter_mut().for_each(strip);
    status
}

/// The conditions of a status, which remember when they changed.
fn conditions(known: &[Condition], verdicts: Verdicts, generation: i64, now: Timestamp) -> Vec<Condition> {
    let Verdicts { accepted, resolved, synced, ready, stalled } = verdicts;
    let all = CONDITIONS.into_iter().zip([accepted, resolved, synced, ready]);
    let all = all.chain(stalled.map(|verdict| (STALLED, verdict)));
    all.map(|(name, verdict)| condition(known, name, verdict, generation, now)).collect()
}

fn condition(known: &[Condition], name: &str, verdict: Verdict, generation: i64, now: Timestamp) -> Condition {
    let before = known.iter().find(|condition| condition.type_ == name && condition.status == verdict.status);
    Condition {
        type_: name.to_owned(),
        status: verdict.status.to_owned(),
        reason: verdict.reason.word().to_owned(),
        message: verdict.message,
        observed_generation: Some(generation),
        last_transition_time: before.map_or_else(|| entry::seconds(now), |it| it.last_transition_time.clone()),
    }
}
