//! What is no longer wanted, and the places where outputs without an owner reference stand.

use std::collections::BTreeSet;

use super::{Consent, ObjectKey, Observed};
use crate::api::{Identity, Kind};
use crate::resolve::Selection;

/// Which of the credential's outputs are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// Those of the environments that are handled and not among the wanted ones. `wanted` are the objects of all
    /// permitted targets, also of those whose values are missing at the moment.
    Unwanted(&'a BTreeSet<ObjectKey>, &'a Selection),
    /// Those in namespaces that no longer consent.
    Revoked(&'a Consent),
    /// All of them: the credential goes.
    All,
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
                    selection.handles(observed.environment.as_deref()) && !wanted.contains(&key)
                }
                Scope::Revoked(consent) => !consent.permits(owner, key.0, &key.1, &key.2),
            }
    };
    observed.into_iter().filter(goes).collect()
}

/// An object as the status records it: `Secret/namespace/name`.
#[must_use]
pub fn place((kind, namespace, name): &ObjectKey) -> String {
    format!("{kind}/{namespace}/{name}")
}

/// Reads a place.
#[must_use]
pub fn parse_place(place: &str) -> Option<ObjectKey> {
    let mut parts = place.splitn(3, '/');
    let kind = match parts.next()? {
        "Secret" => Kind::Secret,
        "ConfigMap" => Kind::ConfigMap,
        _ => return None,
    };
    Some((kind, parts.next()?.to_owned(), parts.next()?.to_owned()))
}
