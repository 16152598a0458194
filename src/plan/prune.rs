//! What is no longer wanted, and the places where outputs without an owner reference stand.

use std::collections::BTreeSet;

use super::{Consent, ObjectKey, Observed};
use crate::api::Identity;
use crate::resolve::Selection;

/// Which of the credential's outputs are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// Those of the environments that are handled and not among the wanted ones.
    Unwanted(&'a Wanted, &'a Selection),
    /// Those in namespaces that no longer consent.
    Revoked(&'a Consent),
    /// All of them: the credential goes.
    All,
}

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The objects of all permitted targets, also of those whose values are missing at the moment.
    pub objects: BTreeSet<ObjectKey>,
    /// The environments (none is the one of a credential without) of which a target is not as it should be: what they had
    /// before stays until it is, so that an application is never left with neither.
    pub incomplete: BTreeSet<Option<String>>,
}

/// What of a credential's outputs has to go.
///
/// `detached` are the places that its status records ([`place`]). See [`Observed::is_output_of`] for what counts as an
/// output.
#[must_use]
pub fn prune<'a>(
    observed: impl IntoIterator<Item = &'a Observed>,
    owner: &Identity,
    detached: &BTreeSet<String>,
    scope: Scope<'_>,
) -> Vec<&'a Observed> {
    let goes = |observed: &&Observed| {
        let key = observed.key();
        !observed.deleting
            && observed.is_output_of(owner, detached.contains(&place(&key)))
            && match scope {
                Scope::All => true,
                Scope::Unwanted(wanted, selection) => {
                    selection.handles(observed.environment.as_deref())
                        && !wanted.incomplete.contains(&observed.environment)
                        && !wanted.objects.contains(&key)
                }
                Scope::Revoked(consent) => consent.is_revoked(owner, key.0, &key.1, &key.2),
            }
    };
    observed.into_iter().filter(goes).collect()
}

/// An object as the status records it: `Secret/namespace/name`.
#[must_use]
pub fn place((kind, namespace, name): &ObjectKey) -> String {
    format!("{kind}/{namespace}/{name}")
}

/// The namespace of a place.
#[must_use]
pub fn namespace_of(place: &str) -> Option<&str> {
    place.split('/').nth(1)
}
