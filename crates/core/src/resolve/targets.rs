//! Targets: where outputs go, under which names, of which type, with which labels; and what is wrong with that.
//!
//! Whether another namespace consents is no matter of the spec: `plan` asks the grants for it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::merge::Merged;
use super::names::Names;
use super::{Environment, Leaf, Selection, Target, key};
use appcredential_api::credential::{DeletionPolicy, Layout, Target as TargetSpec};
use appcredential_api::dns::{is_label, is_subdomain};
use appcredential_api::problem::Finder;
use appcredential_api::{Identity, Kind, Reason, extra, reserved};

/// The targets of an environment; the own namespace where it names none.
pub(super) fn of(names: &Names<'_>, merged: &Merged, selection: &Selection, problems: &mut Finder) -> Vec<Target> {
    let implicit = [TargetSpec::default()];
    let declared = if merged.targets.is_empty() { implicit.as_slice() } else { merged.targets.as_slice() };
    let one = |(index, target): (usize, &TargetSpec)| {
        let path = format!("{}.targets[{index}]", merged.path);
        let namespace = target.namespace.as_ref().unwrap_or(&names.identity.namespace);
        let resolved = resolve(names.identity, target, || names.default_in(namespace, merged.name.as_deref()));
        named(names, target, &resolved, &path, problems);
        added(target, selection, &path, problems);
        if resolved.layout == Layout::ServiceBinding
            && target.secret.as_ref().is_some_and(|it| it.secret_type.is_some())
        {
            let message = "does not go together with layout ServiceBinding, which has a type of its own; remove it";
            problems.add(Reason::InvalidSpec, format!("{path}.secret.type"), message);
        }
        resolved
    };
    declared.iter().enumerate().map(one).collect()
}

/// A target with what it leaves out.
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
    }
}

/// Names that no object can have, and those of objects that the credential reads.
fn named(names: &Names<'_>, declared: &TargetSpec, target: &Target, path: &str, problems: &mut Finder) {
    let secret_is_named = declared.secret.as_ref().is_some_and(|secret| secret.name.is_some());
    let config_map_is_named = declared.config_map.as_ref().is_some_and(|config_map| config_map.name.is_some());
    if !is_label(&target.namespace) {
        let message = "must be the name of a namespace: lower-case letters, digits and -, at most 63";
        problems.add(Reason::InvalidSpec, format!("{path}.namespace"), message);
    }
    for (kind, namespace, name) in target.objects() {
        let (field, is_named) = match kind {
            Kind::Secret => ("secret", secret_is_named),
            Kind::ConfigMap => ("configMap", config_map_is_named),
        };
        if !is_subdomain(name) {
            let message = "must be the name of an object: lower-case letters, digits, - and ., at most 253";
            problems.add(Reason::InvalidSpec, format!("{path}.{field}.name"), message);
        }
        if let Some(owner) = reserved::owner(name) {
            let message = format!("is {name}, which belongs to {owner}; {}", remedy(is_named, field));
            problems.add(Reason::ReservedName, format!("{path}.{field}.name"), message);
        }
        if namespace == names.identity.namespace && names.is_source(kind, name) {
            let message = if is_named {
                format!("is the {kind} {name}, which this credential reads; give the output another name")
            } else {
                format!(
                    "is {name} by default, a {kind} that this credential reads; rename the source, or set targets[].{field}.name"
                )
            };
            problems.add(Reason::TargetConflict, format!("{path}.{field}.name"), message);
        }
    }
}

/// Returns what to do about the name of an output.
fn remedy(is_named: bool, field: &str) -> String {
    if is_named { "choose another name".to_owned() } else { format!("set targets[].{field}.name") }
}

/// Labels and annotations that are not on the allow-list.
fn added(target: &TargetSpec, selection: &Selection, path: &str, problems: &mut Finder) {
    for (field, map) in [("labels", &target.labels), ("annotations", &target.annotations)] {
        for (key, value) in map.iter().flatten() {
            let wrong = extra::refusal(key, &selection.prefixes).or_else(|| {
                let fits = field == "annotations" || extra::is_label_value(value);
                (!fits).then_some("has a value that no label can have: letters, digits, -, _ and ., at most 63")
            });
            if let Some(message) = wrong {
                problems.add(Reason::InvalidSpec, format!("{path}.{field}[{key}]"), message);
            }
        }
    }
}

/// The keys that Kubernetes demands of the Secret's type.
pub(super) fn keys(leaves: &[Leaf], target: &Target, path: &str, problems: &mut Finder) {
    let there = leaves.iter().filter_map(|leaf| key(leaf.class, &leaf.key, Kind::Secret, target.layout));
    if let Some(needs) = target.secret_type.missing(there) {
        let message = format!("{} needs the key {needs}, which no field gives", target.secret_type.word());
        problems.add(Reason::InvalidSpec, format!("{path}.secret.type"), message);
    }
}

/// Two targets on one object, within an environment or between them.
pub(super) fn distinct(environments: &[Environment], problems: &mut Finder) {
    let mut seen: BTreeMap<(Kind, &str, &str), String> = BTreeMap::new();
    for environment in environments {
        let base =
            environment.name.as_ref().map_or_else(|| "spec".to_owned(), |name| format!("spec.environments[{name}]"));
        for (index, target) in environment.targets.iter().enumerate() {
            for (kind, namespace, name) in target.objects() {
                let path = format!("{base}.targets[{index}]");
                match seen.entry((kind, namespace, name)) {
                    Entry::Vacant(place) => {
                        place.insert(path);
                    }
                    Entry::Occupied(first) => {
                        let message = format!(
                            "is the {kind} {namespace}/{name}, which {} is already; give one of them another name",
                            first.get()
                        );
                        problems.add(Reason::TargetConflict, path, message);
                    }
                }
            }
        }
    }
}
