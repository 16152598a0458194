//! Pruning: outputs that are no longer wanted, and those that former targets keep for a while.

use std::collections::BTreeSet;

use super::{Consent, Observed};
use crate::resolve::Selection;
use appcredential_api::status::TargetStatus;
use appcredential_api::{Identity, ObjectRef};

/// Which of the credential's outputs are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// Those of the environments that are handled and not among the wanted ones.
    Unwanted(&'a Wanted, &'a Selection),
    /// Those in namespaces that no longer consent.
    Revoked(&'a Consent),
    /// Those of the environments that are handled: the credential goes.
    All(&'a Selection),
}

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The objects of all permitted targets, also of those whose values are missing at the moment.
    pub objects: BTreeSet<ObjectRef>,
    /// The places ([`ObjectRef::record`]) of what targets keep that are not as they should be yet ([`keeps`]).
    pub kept: BTreeSet<String>,
}

/// The most that a target keeps: a Secret and a ConfigMap of each target that an environment can have.
const KEPT: usize = 16;

/// A target after it was looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Its outputs.
    pub objects: [ObjectRef; 2],
    /// Whether they are what they should be.
    pub complete: bool,
}

/// Returns the outputs of former targets that each target of an environment keeps, so that a renamed target never
/// leaves an application with neither the former outputs nor the new ones.
///
/// A target that is new, and is not as it should be, keeps what the targets had that went with the same edit: their
/// last good outputs or, where one of them never had any, what that one kept. It lets go of them once it is as it
/// should be, or goes itself. So what stays for a target that is blocked for ever is what there was before it came, and
/// the renames of others leave nothing behind. `found` are the outputs of the environment that are there, for where the
/// status does not know it.
#[must_use]
pub fn keeps(before: Option<&[TargetStatus]>, now: &[Looked], found: &BTreeSet<String>) -> Vec<BTreeSet<String>> {
    let wanted: BTreeSet<String> = now.iter().flat_map(|target| target.objects.iter().map(ObjectRef::record)).collect();
    let same = |target: &Looked, known: &TargetStatus| target.objects == known.objects();
    let gone = || before.into_iter().flatten().filter(|known| !now.iter().any(|target| same(target, known)));
    let of_former = |known: &TargetStatus| match known.revision {
        Some(_) => known.objects().iter().map(ObjectRef::record).collect(),
        None => known.keeps.clone(),
    };
    let kept = |target: &Looked| -> Vec<String> {
        match before.map(|before| before.iter().find(|known| same(target, known))) {
            _ if target.complete => Vec::new(),
            Some(Some(known)) => known.keeps.clone(),
            Some(None) => gone().flat_map(of_former).collect(),
            None => found.iter().cloned().collect(),
        }
    };
    let kept = |target| kept(target).into_iter().filter(|place| !wanted.contains(place)).take(KEPT).collect();
    now.iter().map(kept).collect()
}

/// Decides which outputs of a credential are pruned.
///
/// `detached` are the places that its status records ([`ObjectRef::record`]) of the environments that are handled. See
/// [`Observed::is_output_of`] for what counts as an output.
#[must_use]
pub fn prune<'a>(
    observed: impl IntoIterator<Item = &'a Observed>,
    owner: &Identity,
    detached: &BTreeSet<String>,
    scope: Scope<'_>,
) -> Vec<&'a Observed> {
    let goes = |observed: &&Observed| {
        let key = observed.object_ref();
        !observed.deleting
            && observed.is_output_of(owner, detached.contains(&key.record()))
            && match scope {
                // What the status names is of these environments, whatever its label says.
                Scope::All(selection) => {
                    observed.controller_uid.is_none() || selection.handles(observed.environment.as_deref())
                }
                Scope::Unwanted(wanted, selection) => {
                    selection.handles(observed.environment.as_deref())
                        && !wanted.kept.contains(&key.record())
                        && !wanted.objects.contains(&key)
                }
                Scope::Revoked(consent) => consent.is_revoked(owner, &key),
            }
    };
    observed.into_iter().filter(goes).collect()
}
