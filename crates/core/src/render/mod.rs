//! From a filled environment to finished objects. Pure and infallible: whatever is accepted can be rendered.
//!
//! Which leaf goes to which object, and under which key, is the sensitivity table's (`resolve::key`).

use std::collections::BTreeMap;

use crate::resolve::{self, Filled, Target};
use appcredential_api::credential::Layout;
use appcredential_api::{Identity, Kind, SensitiveBytes, labels};

/// An object as it should be, but for its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The type of a Secret; none for a ConfigMap.
    pub secret_type: Option<String>,
    /// The labels that are ours.
    pub labels: BTreeMap<&'static str, String>,
    /// The labels that the target adds.
    pub extra_labels: BTreeMap<String, String>,
    /// The annotations that the target adds.
    pub extra_annotations: BTreeMap<String, String>,
    /// The credential that owns it.
    pub owner: Identity,
    /// Whether it has no owner reference: see [`Target::detached`].
    pub detached: bool,
    /// Whether it is left behind when it is no longer wanted.
    pub retain: bool,
    /// Its data.
    pub data: BTreeMap<String, SensitiveBytes>,
}

/// What a target gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The target.
    pub target: Target,
    /// Its Secret.
    pub secret: Object,
    /// Its ConfigMap.
    pub config_map: Object,
}

/// The outputs of an environment, one for each target.
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
        labels: own_labels(identity, environment.name.as_deref()),
        extra_labels: target.labels.clone(),
        extra_annotations: target.annotations.clone(),
        owner: identity.clone(),
        detached: target.detached,
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

fn own_labels(identity: &Identity, environment: Option<&str>) -> BTreeMap<&'static str, String> {
    let mut out = BTreeMap::from([
        (labels::MANAGED_BY, labels::MANAGER.to_owned()),
        (labels::NAME, identity.name.clone()),
        (labels::NAMESPACE, identity.namespace.clone()),
    ]);
    if let Some(environment) = environment {
        out.insert(labels::ENVIRONMENT, environment.to_owned());
    }
    out
}

fn data(environment: &Filled, kind: Kind, layout: Layout) -> BTreeMap<String, SensitiveBytes> {
    let entries = environment.leaves.iter().filter_map(|leaf| {
        let key = resolve::key(leaf.class, &leaf.key, kind, layout)?;
        Some((key.to_owned(), leaf.value.clone()))
    });
    entries.collect()
}
