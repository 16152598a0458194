//! Pins: the uids that pinned namespaces must have.
//!
//! Consent is by the name of a namespace, as in the Gateway API's `ReferenceGrant`. A namespace that was deleted and
//! created again is another one: a pin distinguishes the two. If a uid is not known for certain, nothing is permitted
//! or revoked.

use std::collections::{BTreeMap, BTreeSet};

use super::Observed;
use appcredential_api::{AppCredentialStatus, Kind, ObjectRef, Reason};

/// What was seen of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It has this uid.
    Uid(String),
    /// There is none of that name.
    Missing,
    /// It could not be read: the reason, and what the API server said.
    Failed(Reason, String),
}

/// The namespaces that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// Whether this operator looks at namespaces (`--namespace-pins`).
    pub enabled: bool,
    /// What it saw of each.
    pub seen: BTreeMap<String, Seen>,
}

impl Pins {
    /// Returns why a namespace does not count as the one with this uid; nothing where it is that one.
    #[must_use]
    pub fn misfit(&self, namespace: &str, uid: &str) -> Option<(Reason, String)> {
        let told = |reason, message: &str| Some((reason, message.to_owned()));
        if !self.enabled {
            return told(
                Reason::PinsDisabled,
                "is pinned by its uid, and this operator does not check uids; start the operator with --namespace-pins, or remove namespaceUID",
            );
        }
        match self.seen.get(namespace) {
            Some(Seen::Uid(now)) if now == uid => None,
            Some(Seen::Uid(_)) => told(
                Reason::NamespaceChanged,
                "has another uid than the pinned one: it was deleted and created again; if you mean the new one, set namespaceUID to its uid",
            ),
            Some(Seen::Missing) => told(
                Reason::NamespaceChanged,
                "is pinned by its uid and does not exist; create it, and set namespaceUID to its uid",
            ),
            Some(Seen::Failed(reason, message)) => {
                Some((*reason, format!("is pinned by its uid, which could not be read: {message}")))
            }
            None => told(Reason::ReadFailed, "is pinned by its uid, which has not been read yet; the operator retries"),
        }
    }

    /// Returns whether a namespace is known for certain not to be the one with this uid.
    #[must_use]
    pub fn is_another(&self, namespace: &str, uid: &str) -> bool {
        self.misfit(namespace, uid).is_some_and(|(reason, _)| reason == Reason::NamespaceChanged)
    }
}

/// Returns those of the recorded places that still tell of outputs of the credential.
///
/// In a namespace that is not the one that a target pins, or of which nobody knows whether it is, a place by its name
/// says nothing: what stands there may be somebody's restored backup, with all our marks. There the record holds for
/// the very object that was written, which has the uid in the status.
#[must_use]
pub fn recorded<'a>(
    told: &BTreeSet<String>,
    pinned: &BTreeMap<String, BTreeSet<String>>,
    pins: &Pins,
    status: Option<&AppCredentialStatus>,
    observed: impl IntoIterator<Item = &'a Observed>,
) -> BTreeSet<String> {
    let fits = |namespace: &str| {
        let mut uids = pinned.get(namespace).into_iter().flatten();
        uids.all(|uid| pins.misfit(namespace, uid).is_none())
    };
    let there: BTreeMap<String, &Observed> =
        observed.into_iter().map(|observed| (observed.object_ref().record(), observed)).collect();
    let is_ours = |place: &String| {
        let Some(namespace) = ObjectRef::namespace_in(place).filter(|namespace| !fits(namespace)) else { return true };
        let unread = pins.enabled && !matches!(pins.seen.get(namespace), Some(Seen::Uid(_) | Seen::Missing));
        // Nothing is known of a namespace that could not be read: the record stays until it is.
        unread
            || there
                .get(place)
                .is_some_and(|observed| uid_in(status, &observed.object_ref()) == Some(observed.uid.as_str()))
    };
    told.iter().filter(|place| is_ours(place)).cloned().collect()
}

/// Returns the uid that the status has of an output.
fn uid_in<'a>(
    status: Option<&'a AppCredentialStatus>,
    ObjectRef { kind, namespace, name }: &ObjectRef,
) -> Option<&'a str> {
    let targets = status?.environments.iter().flat_map(|environment| &environment.targets);
    let mut here = targets.filter(|target| target.namespace == *namespace);
    let version = match kind {
        Kind::Secret => here.find(|target| target.secret_name == *name)?.secret.as_ref(),
        Kind::ConfigMap => here.find(|target| target.config_map_name == *name)?.config_map.as_ref(),
    };
    version.map(|version| version.uid.as_str())
}
