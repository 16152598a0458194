//! What of a shared status is an operator's own, and whether the rest of it fits.

use std::collections::BTreeSet;

use super::shared::{is_mine, names};
use super::together::{generation, together};
use crate::resolve::Selection;
use appcredential_api::AppCredentialStatus;
use appcredential_api::status::{EnvironmentStatus, Place};

/// What of a status is an operator's own.
#[derive(PartialEq)]
pub(super) struct Part<'a> {
    entries: Vec<Told<'a>>,
    places: BTreeSet<Place>,
}

/// Returns a status with this operator's entries of another one.
pub(super) fn rebased(
    own: &AppCredentialStatus,
    theirs: &AppCredentialStatus,
    selection: &Selection,
) -> AppCredentialStatus {
    let of = |status: &AppCredentialStatus, mine: bool| {
        let declared = names(status);
        let entries = status.environments.iter().filter(|entry| is_mine(selection, &declared, &entry.name) == mine);
        entries.cloned().collect::<Vec<_>>()
    };
    AppCredentialStatus { environments: [of(own, true), of(theirs, false)].concat(), ..theirs.clone() }
}

/// Returns what of a status is an operator's own.
pub(super) fn part<'a>(status: &'a AppCredentialStatus, selection: &Selection) -> Part<'a> {
    let declared = names(status);
    let mine = status.environments.iter().filter(|entry| is_mine(selection, &declared, &entry.name));
    // An entry that an operator for everything wrote is of the generation of the status.
    let of = |entry: &EnvironmentStatus| entry.handled_by.as_ref().map(|it| it.observed_generation);
    let told = |entry| Told { entry, generation: of(entry).or(status.observed_generation) };
    let places = status.places().into_iter().filter(|place| selection.handles(place.environment.as_deref()));
    Part { entries: mine.map(told).collect(), places: places.collect() }
}

/// Returns whether the readiness in the status follows from its entries: another operator may word the rest in its own way.
pub(super) fn is_consistent(status: &AppCredentialStatus) -> bool {
    let declared = names(status);
    let newest = status.environments.iter().map(generation).max().unwrap_or_default();
    let counts = |entry: &&EnvironmentStatus| declared.contains(&entry.name) || generation(entry) == newest;
    let counting: Vec<&EnvironmentStatus> = status.environments.iter().filter(counts).collect();
    let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready");
    let entries = together(&counting, newest).ready;
    counting.is_empty() || ready.is_some_and(|ready| ready.status == entries.status)
}

/// An entry, compared by what it tells: not by the versions of its sources, nor by who wrote it.
struct Told<'a> {
    entry: &'a EnvironmentStatus,
    generation: Option<i64>,
}

impl PartialEq for Told<'_> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.entry, other.entry);
        (&a.name, a.ready, &a.reason, &a.message, &a.targets) == (&b.name, b.ready, &b.reason, &b.message, &b.targets)
            && self.generation == other.generation
    }
}
