//! What is known of an object in the cluster, and who owns it.
//!
//! ```text
//! the wanted place   another controller's reference     foreign
//!                    our reference, or our uid in the
//!                    annotation, or the uid that our
//!                    status recorded and labels that
//!                    name the credential                ours
//!                    that uid and none of these         stripped
//!                    retained by us, or by a former
//!                    credential of this name and the
//!                    policy of the target is Retain     adopted
//!                    anything else                      foreign
//! another place      all ownership labels, naming itself, and
//!                    - our reference, or
//!                    - recorded in our status           ours: pruned
//!                    anything else                      foreign
//! ```
//!
//! It takes both. Only the operator writes the status, so whoever can write an object cannot make the operator delete
//! it where it never was an output, whatever ownership labels it gets. And an object without ownership labels is not
//! ours because a status says so, so whoever can write a status cannot make the operator adopt a Secret of somebody
//! else.

use serde::{Deserialize, Serialize};

use appcredential_api::{Identity, Kind, NamespacedName, ObjectRef, ResourceVersion, Uid};

use super::Fingerprint;
use crate::render::Object;

/// What is known of an object in the cluster: no value of it. It has a JSON form to be kept in memory, and must not
/// leave the process: a fingerprint means nothing outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: Uid,
    /// Its resourceVersion.
    pub resource_version: ResourceVersion,
    /// Namespace and name of the credential that its labels name.
    pub credential: Option<NamespacedName>,
    /// The environment that its label names.
    pub environment: Option<String>,
    /// The uid in its annotation.
    pub owner_uid: Option<Uid>,
    /// The uid of its controller owner reference.
    pub controller_uid: Option<Uid>,
    /// Whether its annotation with the output's name names itself.
    pub names_itself: bool,
    /// Whether its annotation says that it is to be retained.
    pub retain: bool,
    /// The uid of the credential that left it behind.
    pub retained_from: Option<Uid>,
    /// The revision in its annotation.
    pub revision: Option<i64>,
    /// The type of a Secret.
    pub secret_type: Option<String>,
    /// Whether its data can be changed at all (`immutable`).
    pub immutable: bool,
    /// Whether it has labels at all, ours or others'.
    pub has_labels: bool,
    /// Whether it has annotations at all, ours or others'.
    pub has_annotations: bool,
    /// Those of our optional annotations, and of the labels and annotations that a target added, that it has now.
    pub removable: Vec<Removable>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// The field manager that changed it after our last write, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// The keys of its data, each with a hash of its value that tells whether it changed. For logs: what decides is the
    /// fingerprint.
    pub keys: Vec<(String, u32)>,
    /// What it holds.
    pub fingerprint: Fingerprint,
}

/// Something of an output's metadata that a later version of the target may not have any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Removable {
    /// A label of this key.
    Label(String),
    /// An annotation of this key.
    Annotation(String),
}

/// Whose object it is, seen from what is desired in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Ours, or taken over.
    Ours,
    /// Of a former credential of the same name.
    Former,
    /// Our status recorded it, and it carries no mark of ours.
    Stripped,
    /// Somebody else's.
    Foreign,
}

impl Observed {
    /// Returns whose object it is; `recorded` says whether our status knows this very object as the output.
    pub(super) fn standing(&self, desired: &Object, recorded: bool) -> Standing {
        let owner = &desired.owner;
        let is_ours = |uid: &Option<Uid>| uid.as_ref() == Some(&owner.uid);
        let named = self.credential.as_ref().is_some_and(|named| owner.is_named(named));
        let left_behind = named && (self.retained_from.is_some() || self.owner_uid.is_some());
        if self.controller_uid.is_some() {
            return match is_ours(&self.controller_uid) {
                true => Standing::Ours,
                false if left_behind && !is_ours(&self.owner_uid) => Standing::Former,
                false => Standing::Foreign,
            };
        }
        let taken_over = left_behind && (is_ours(&self.retained_from) || desired.retain);
        if is_ours(&self.owner_uid) || taken_over || (recorded && named) {
            Standing::Ours
        } else if left_behind {
            Standing::Former
        } else if recorded && self.credential.is_none() && self.owner_uid.is_none() {
            Standing::Stripped
        } else {
            Standing::Foreign
        }
    }

    /// Returns whether it is an output of this credential in any namespace; `recorded` says whether our status knows
    /// its place.
    #[must_use]
    pub fn is_output_of(&self, owner: &Identity, recorded: bool) -> bool {
        let is_ours = |uid: &Option<Uid>| uid.as_ref() == Some(&owner.uid);
        let referred = self.namespace == owner.namespace && is_ours(&self.controller_uid);
        let detached = self.controller_uid.is_none() && recorded;
        is_ours(&self.owner_uid) && self.names_itself && (referred || detached)
    }

    /// Returns which object it is.
    #[must_use]
    pub fn object_ref(&self) -> ObjectRef {
        ObjectRef::new(self.kind, self.namespace.clone(), self.name.clone())
    }
}
