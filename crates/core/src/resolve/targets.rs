//! Targets: the namespaces, names, types and labels of outputs, and their problems.
//!
//! Whether another namespace consents does not follow from the spec: `plan` asks the grants.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::at::At;
use super::merge::Merged;
use super::names::Names;
use super::{Environment, Selection, Target};
use appcredential_api::credential::{DeletionPolicy, Layout, Target as TargetSpec};
use appcredential_api::dns::{is_label, is_subdomain};
use appcredential_api::{FieldPath, Identity, Kind, ObjectRef, Reason, extra, reserved};

/// Resolves the targets of an environment and validates them, at `targets`. An environment that names none has one, in
/// its credential's namespace.
pub(super) fn resolve_all(names: &Names<'_>, merged: &Merged, selection: &Selection, at: &At<'_>) -> Vec<Target> {
    let implicit = [TargetSpec::default()];
    let declared = if merged.targets.is_empty() { implicit.as_slice() } else { merged.targets.as_slice() };
    let one = |(index, target): (usize, &TargetSpec)| {
        let at = at.index(index);
        let namespace = target.namespace.as_ref().unwrap_or(&names.identity.namespace);
        let resolved = resolve(names.identity, target, || names.default_in(namespace, merged.name.as_deref()));
        let resolved = shaped(resolved, merged, target, &at);
        validate_names(names, target, &resolved, &at);
        validate_metadata(target, selection, &at);
        let has_type = target.secret.as_ref().is_some_and(|secret| secret.secret_type.is_some());
        if resolved.layout == Layout::ServiceBinding && has_type {
            let message = "does not go together with layout ServiceBinding, which has a type of its own; remove it";
            at.field("secret.type").invalid(message);
        }
        resolved
    };
    declared.iter().enumerate().map(one).collect()
}

/// Gives a target the shape of its environment, with its own over it.
fn shaped(resolved: Target, merged: &Merged, declared: &TargetSpec, at: &At<'_>) -> Target {
    let shape = match &declared.output {
        None => Arc::clone(&merged.shape),
        Some(own) => Arc::new(merged.shape.over(Some(own), at.field("output").path())),
    };
    Target { shape, ..resolved }
}

/// Completes a target with what it leaves out.
pub(super) fn resolve(identity: &Identity, target: &TargetSpec, default_name: impl Fn() -> String) -> Target {
    let namespace = target.namespace.as_ref().unwrap_or(&identity.namespace);
    let secret = target.secret.clone().unwrap_or_default();
    let config_map = target.config_map.clone().unwrap_or_default();
    let retain = target.deletion_policy == Some(DeletionPolicy::Retain);
    Target {
        namespace: namespace.clone(),
        namespace_uid: target.namespace_uid.clone(),
        secret_name: secret.name.unwrap_or_else(&default_name),
        config_map_name: config_map.name.unwrap_or_else(&default_name),
        layout: secret.layout.unwrap_or(Layout::Split),
        secret_type: secret.secret_type.unwrap_or_default(),
        retain,
        detached: retain || *namespace != identity.namespace,
        labels: target.labels.clone().unwrap_or_default(),
        annotations: target.annotations.clone().unwrap_or_default(),
        shape: Arc::default(),
    }
}

/// Validates the names of a target: no object can have them, somebody else owns them, or the credential reads those objects.
fn validate_names(names: &Names<'_>, declared: &TargetSpec, target: &Target, at: &At<'_>) {
    let secret_is_named = declared.secret.as_ref().is_some_and(|secret| secret.name.is_some());
    let config_map_is_named = declared.config_map.as_ref().is_some_and(|config_map| config_map.name.is_some());
    if !is_label(&target.namespace) {
        at.field("namespace").invalid("must be the name of a namespace: lower-case letters, digits and -, at most 63");
    }
    for ObjectRef { kind, namespace, name } in target.objects() {
        let (field, is_named) = match kind {
            Kind::Secret => ("secret", secret_is_named),
            Kind::ConfigMap => ("configMap", config_map_is_named),
        };
        let at = at.field(field).field("name");
        if !is_subdomain(&name) {
            at.invalid("must be the name of an object: lower-case letters, digits, - and ., at most 253");
        }
        if let Some(owner) = reserved::owner(&name) {
            let message = format!("is {name}, which belongs to {owner}; {}", remedy(is_named, field));
            at.wrong(Reason::ReservedName, message);
        }
        if namespace == names.identity.namespace && names.is_source(kind, &name) {
            let message = if is_named {
                format!("is the {kind} {name}, which this credential reads; give the output another name")
            } else {
                format!(
                    "is {name} by default, a {kind} that this credential reads; rename the source, or set targets[].{field}.name"
                )
            };
            at.wrong(Reason::TargetConflict, message);
        }
    }
}

/// Returns what to do about the name of an output.
fn remedy(is_named: bool, field: &str) -> String {
    if is_named { "choose another name".to_owned() } else { format!("set targets[].{field}.name") }
}

/// Validates labels and annotations: what is not on the allow-list, and values that no label can have.
fn validate_metadata(target: &TargetSpec, selection: &Selection, at: &At<'_>) {
    for (field, map) in [("labels", &target.labels), ("annotations", &target.annotations)] {
        for (key, value) in map.iter().flatten() {
            let wrong = extra::refusal(key, &selection.prefixes).or_else(|| {
                let fits = field == "annotations" || extra::is_label_value(value);
                (!fits).then_some("has a value that no label can have: letters, digits, -, _ and ., at most 63")
            });
            if let Some(message) = wrong {
                at.field(field).entry(key).invalid(message);
            }
        }
    }
}

/// Validates that there are the keys that Kubernetes demands of the Secret's type.
pub(super) fn validate_keys(keys: &BTreeSet<String>, target: &Target, at: &At<'_>) {
    if let Some(needs) = target.secret_type.missing(keys.iter().map(String::as_str)) {
        let message = format!("{} needs the key {needs}, which no field gives", target.secret_type.word());
        at.field("secret.type").invalid(message);
    }
}

/// Finds two targets on one object, within an environment or between them. `at` is the spec.
pub(super) fn find_conflicts(environments: &[Environment], at: &At<'_>) {
    let mut seen: BTreeMap<ObjectRef, FieldPath> = BTreeMap::new();
    for environment in environments {
        let name = environment.name.as_deref();
        let at = name.map_or_else(|| at.clone(), |name| at.field("environments").entry(name));
        for (index, target) in environment.targets.iter().enumerate() {
            let at = at.field("targets").index(index);
            for object in target.objects() {
                let ObjectRef { kind, namespace, name } = &object;
                if let Some(first) = seen.get(&object) {
                    let message = format!(
                        "is the {kind} {namespace}/{name}, which {first} is already; give one of them another name"
                    );
                    at.wrong(Reason::TargetConflict, message);
                } else {
                    seen.insert(object, at.path().clone());
                }
            }
        }
    }
}
