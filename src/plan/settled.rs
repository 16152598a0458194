//! Whether a credential is as its status says, without reading any source: what a restart asks of each.
//!
//! The status records which versions of which objects the outputs were made of and became. Where all of them are still
//! there, and the same operator would look at the same spec, there is nothing to be done. Anything else is walked.

use std::collections::BTreeSet;

use super::{Consent, ObjectKey, Observed, place};
use crate::api::status::{ObjectVersion, TargetStatus};
use crate::api::{AppCredentialStatus, Identity, Kind};
use crate::resolve::Selection;

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
    /// Its outputs, as they are.
    pub observed: &'a [Observed],
}

/// Whether nothing has to be done. `source` tells the version of an object of the credential's namespace.
#[must_use]
pub fn is_settled(
    status: &AppCredentialStatus,
    situation: &Situation<'_>,
    source: impl Fn(Kind, &str) -> Option<String>,
) -> bool {
    let spoken = status.observed_generation == Some(situation.generation)
        && status.rendered_by.as_deref() == Some(situation.rendered_by)
        && status.conditions.len() == 4
        && status.conditions.iter().all(|condition| condition.status == "True");
    let held = situation.held != status.detached_outputs.is_empty();
    let mut sources = status.environments.iter().flat_map(|environment| &environment.sources);
    let targets: Vec<&TargetStatus> = status.environments.iter().flat_map(|it| &it.targets).collect();
    spoken
        && held
        && sources.all(|known| source(known.kind, &known.name) == known.resource_version)
        && targets.iter().all(|target| is_as_written(target, situation))
        && nothing_else(&targets, status, situation)
}

/// Whether a target's objects are those that were written last, and may be where they are.
fn is_as_written(target: &TargetStatus, situation: &Situation<'_>) -> bool {
    let same = |kind: Kind, name: &str, version: Option<&ObjectVersion>| {
        let there = situation
            .observed
            .iter()
            .find(|there| there.kind == kind && there.namespace == target.namespace && there.name == name);
        let same = there.zip(version).is_some_and(|(there, version)| {
            there.uid == version.uid && there.resource_version == version.resource_version && !there.deleting
        });
        same && situation.consent.permits(situation.owner, kind, &target.namespace, name)
    };
    same(Kind::Secret, &target.secret_name, target.secret.as_ref())
        && same(Kind::ConfigMap, &target.config_map_name, target.config_map.as_ref())
}

/// Whether there is no output that would have to go.
fn nothing_else(targets: &[&TargetStatus], status: &AppCredentialStatus, situation: &Situation<'_>) -> bool {
    let objects = targets.iter().flat_map(|target| {
        let key = |kind, name: &String| -> ObjectKey { (kind, target.namespace.clone(), name.clone()) };
        [key(Kind::Secret, &target.secret_name), key(Kind::ConfigMap, &target.config_map_name)]
    });
    let objects: BTreeSet<ObjectKey> = objects.collect();
    let told: BTreeSet<&String> = status.detached_outputs.iter().collect();
    situation.observed.iter().all(|there| {
        objects.contains(&there.key())
            || !situation.selection.handles(there.environment.as_deref())
            || !there.is_output_of(situation.owner, told.contains(&place(&there.key())))
    })
}
