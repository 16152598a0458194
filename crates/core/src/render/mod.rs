//! From a filled environment to finished objects. Infallible: whatever is accepted can be rendered.
//!
//! Which leaf goes to which object, and under which key, is the sensitivity table's (`resolve::key`).

mod metadata;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::resolve::{self, Filled, Target};
use appcredential_api::credential::Layout;
use appcredential_api::{Identity, Kind, ObjectRef, SensitiveBytes};

/// An object as it should be, finished but for its revision, which `plan` counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The type of a Secret; none for a ConfigMap.
    pub secret_type: Option<String>,
    /// The ownership labels and those that the target adds.
    pub labels: BTreeMap<String, String>,
    /// Its annotations but for the revision.
    pub annotations: BTreeMap<String, String>,
    /// The owner reference; none where Kubernetes does not collect the object: see [`Target::detached`].
    pub owner_reference: Option<OwnerReference>,
    /// The credential that owns it.
    pub owner: Identity,
    /// Whether it is left behind when it is no longer wanted.
    pub retain: bool,
    /// Its data.
    pub data: BTreeMap<String, SensitiveBytes>,
}

impl Object {
    /// Returns which object it is.
    #[must_use]
    pub fn object_ref(&self) -> ObjectRef {
        ObjectRef::new(self.kind, self.namespace.clone(), self.name.clone())
    }

    /// Returns whether Kubernetes does not collect it with its credential.
    #[must_use]
    pub fn is_detached(&self) -> bool {
        self.owner_reference.is_none()
    }
}

/// What a target gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The target.
    pub target: Target,
    /// Its Secret.
    pub secret: Object,
    /// Its ConfigMap.
    pub config_map: Object,
}

/// Renders the outputs of an environment, one for each target.
#[must_use]
pub fn outputs(identity: &Identity, environment: &Filled) -> Vec<Output> {
    environment.targets.iter().map(|target| output(identity, environment, target)).collect()
}

fn output(identity: &Identity, environment: &Filled, target: &Target) -> Output {
    let object = |kind: Kind, name: &str| Object {
        kind,
        namespace: target.namespace.clone(),
        name: name.to_owned(),
        secret_type: (kind == Kind::Secret).then(|| secret_type(environment, target)),
        labels: metadata::labels(identity, environment.name.as_deref(), target),
        annotations: metadata::annotations(identity, target, name),
        owner_reference: metadata::owner_reference(identity, target),
        owner: identity.clone(),
        retain: target.retain,
        data: data(environment, kind, target.layout),
    };
    Output {
        secret: object(Kind::Secret, &target.secret_name),
        config_map: object(Kind::ConfigMap, &target.config_map_name),
        target: target.clone(),
    }
}

/// The target's type, or the one that the Service Binding specification gives to binding Secrets.
fn secret_type(environment: &Filled, target: &Target) -> String {
    match target.layout {
        Layout::Split => target.secret_type.word().to_owned(),
        Layout::ServiceBinding => format!("servicebinding.io/{}", environment.application),
    }
}

fn data(environment: &Filled, kind: Kind, layout: Layout) -> BTreeMap<String, SensitiveBytes> {
    let entries = environment.leaves.iter().filter_map(|leaf| {
        let key = resolve::key(leaf.class, &leaf.key, kind, layout)?;
        Some((key.to_owned(), leaf.value.clone()))
    });
    entries.collect()
}
