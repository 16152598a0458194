//! Whether a credential is as its status says, without reading any source: the check of each credential at a restart.
//!
//! The status records which versions of which objects the outputs were made of and became. If all of them still
//! exist, and the same operator would render the same spec, nothing has to be done. Anything else is reconciled.

use std::collections::BTreeSet;

use super::{Consent, Observed, Verdict};
use crate::resolve::Selection;
use appcredential_api::status::{EnvironmentStatus, ObjectVersion, TargetStatus};
use appcredential_api::{AppCredentialStatus, Identity, Kind, ObjectRef, ResourceVersion};

/// What is known of a credential and what concerns it.
pub struct Situation<'a> {
    /// The credential.
    pub owner: &'a Identity,
    /// The generation of its spec.
    pub generation: i64,
    /// Whether our finalizer holds it.
    pub held: bool,
    /// Which operator this is.
    pub rendered_by: &'a str,
    /// The environments that are handled.
    pub selection: &'a Selection,
    /// What other namespaces consent to.
    pub consent: &'a Consent,
    /// What is concluded of its review.
    pub review: &'a Verdict,
    /// Its outputs, as they are.
    pub observed: &'a [Observed],
}

/// Returns whether nothing has to be done. `source` returns the version of an object of the credential's namespace.
#[must_use]
pub fn is_settled(
    status: &AppCredentialStatus,
    situation: &Situation<'_>,
    source: impl Fn(Kind, &str) -> Option<ResourceVersion>,
) -> bool {
    let Some(entries) = spoken(status, situation).filter(|_| situation.review.is_settled(status)) else { return false };
    let held = situation.held != status.detached_outputs.is_empty();
    let mut sources = entries.iter().flat_map(|entry| &entry.sources);
    let targets: Vec<&TargetStatus> = entries.iter().flat_map(|entry| &entry.targets).collect();
    held && sources.all(|known| source(known.kind, &known.name) == known.resource_version)
        && targets.iter().all(|target| is_as_written(target, situation))
        && nothing_else(&targets, status, situation)
}

/// The entries of the environments that are handled, if this operator has looked at this spec and all was good. What
/// others say of theirs is theirs to look at.
fn spoken<'a>(status: &'a AppCredentialStatus, situation: &Situation<'_>) -> Option<Vec<&'a EnvironmentStatus>> {
    let Situation { generation, rendered_by, selection, .. } = situation;
    let entries = &status.environments;
    if selection.is_restricted() && entries.iter().any(|entry| entry.handled_by.is_some()) {
        let own: Vec<_> = entries.iter().filter(|entry| selection.handles(Some(&entry.name))).collect();
        let is_good = |entry: &&EnvironmentStatus| {
            let by = entry.handled_by.as_ref();
            entry.ready && by.is_some_and(|it| it.observed_generation == *generation && it.operator == *rendered_by)
        };
        return (!own.is_empty() && own.iter().all(is_good)).then_some(own);
    }
    let declares_none = status.environment_names.is_none() && !entries.is_empty();
    let rendered_by =
        if declares_none { selection.without_environments(rendered_by) } else { (*rendered_by).to_owned() };
    let is_good = status.observed_generation == Some(*generation)
        && status.rendered_by.as_ref() == Some(&rendered_by)
        && status.conditions.len() == 4
        && status.conditions.iter().all(|condition| condition.status == "True");
    is_good.then(|| entries.iter().collect())
}

/// Whether a target's objects are those that were written last, and may be where they are.
fn is_as_written(target: &TargetStatus, situation: &Situation<'_>) -> bool {
    let same = |object: &ObjectRef, version: Option<&ObjectVersion>| {
        let there = situation.observed.iter().find(|there| there.object_ref() == *object);
        let same = there.zip(version).is_some_and(|(there, version)| {
            there.uid == version.uid && there.resource_version == version.resource_version && !there.deleting
        });
        same && situation.consent.permits(situation.owner, object)
    };
    let [secret, config_map] = target.objects();
    same(&secret, target.secret.as_ref()) && same(&config_map, target.config_map.as_ref())
}

/// Whether there is no output that would have to go.
fn nothing_else(targets: &[&TargetStatus], status: &AppCredentialStatus, situation: &Situation<'_>) -> bool {
    let objects: BTreeSet<ObjectRef> = targets.iter().flat_map(|target| target.objects()).collect();
    let selection = situation.selection;
    let own = status.detached_outputs.iter().filter(|group| selection.handles(group.environment.as_deref()));
    let told = own.flat_map(|group| &group.outputs);
    let told: BTreeSet<&String> = told.collect();
    situation.observed.iter().all(|there| {
        objects.contains(&there.object_ref())
            || !situation.selection.handles(there.environment.as_deref())
            || !there.is_output_of(situation.owner, told.contains(&there.object_ref().record()))
    })
}
