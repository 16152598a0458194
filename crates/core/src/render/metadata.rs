//! The metadata of outputs: ownership labels, annotations, owner reference. Only `plan` adds to them later: the
//! revision.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::resolve::Target;
use appcredential_api::{Identity, labels};

/// Returns the ownership labels of an environment's outputs and those that the target adds.
pub(super) fn labels(identity: &Identity, environment: Option<&str>, target: &Target) -> BTreeMap<String, String> {
    let own = [
        (labels::MANAGED_BY, labels::MANAGER),
        (labels::NAME, identity.name.as_str()),
        (labels::NAMESPACE, identity.namespace.as_str()),
    ];
    let environment = environment.map(|environment| (labels::ENVIRONMENT, environment));
    let own = own.into_iter().chain(environment).map(|(key, value)| (key.to_owned(), value.to_owned()));
    // A target cannot add what is ours: `api::extra` refuses it.
    target.labels.clone().into_iter().chain(own).collect()
}

/// Returns the annotations of an output: whose it is, what it is called, what becomes of it, and which labels and
/// annotations the target adds; with the latter.
pub(super) fn annotations(identity: &Identity, target: &Target, name: &str) -> BTreeMap<String, String> {
    let keys = |map: &BTreeMap<String, String>| map.keys().cloned().collect::<Vec<_>>().join(",");
    let mut out = target.annotations.clone();
    let mut add = |key: &str, value: String| {
        out.insert(key.to_owned(), value);
    };
    add(labels::OWNER_UID, identity.uid.to_string());
    add(labels::OUTPUT, format!("{}/{name}", target.namespace));
    if target.retain {
        add(labels::DELETION_POLICY, labels::RETAIN.to_owned());
    }
    for (annotation, map) in [(labels::EXTRA_LABELS, &target.labels), (labels::EXTRA_ANNOTATIONS, &target.annotations)]
    {
        if !map.is_empty() {
            add(annotation, keys(map));
        }
    }
    out
}

/// Returns the owner reference by which Kubernetes collects an output with its credential; none for a detached target.
pub(super) fn owner_reference(identity: &Identity, target: &Target) -> Option<OwnerReference> {
    (!target.detached).then(|| OwnerReference {
        api_version: format!("{}/{}", labels::GROUP, labels::VERSION),
        kind: "AppCredential".to_owned(),
        name: identity.name.clone(),
        uid: identity.uid.to_string(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    })
}
