//! Targets: where outputs go, under which names, of which type, with which labels; and what is wrong with that.
//!
//! Whether another namespace consents is no matter of the spec: `plan` asks the grants for it.

use std::collections::BTreeMap;

use super::merge::Merged;
use super::names::Names;
use super::{Environment, Leaf, Selection, Target, key};
use crate::api::credential::{DeletionPolicy, Layout, Target as TargetSpec};
use crate::api::dns::{is_label, is_subdomain};
use crate::api::{Identity, Kind, Problem, Reason, extra};

/// The targets of an environment; the own namespace where it names none.
pub(super) fn of(
    names: &Names<'_>,
    merged: &Merged,
    selection: &Selection,
    problems: &mut Vec<Problem>,
) -> Vec<Target> {
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
            problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.secret.type"), message));
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
fn named(names: &Names<'_>, declared: &TargetSpec, target: &Target, path: &str, problems: &mut Vec<Problem>) {
    let secret_is_named = declared.secret.as_ref().is_some_and(|secret| secret.name.is_some());
    let config_map_is_named = declared.config_map.as_ref().is_some_and(|config_map| config_map.name.is_some());
    if !is_label(&target.namespace) {
        let message = "must be the name of a namespace: lower-case letters, digits and -, at most 63";
        problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.namespace"), message));
    }
    for (kind, namespace, name) in target.objects() {
        let (field, is_named) = match kind {
            Kind::Secret => ("secret", secret_is_named),
            Kind::ConfigMap => ("configMap", config_map_is_named),
        };
        if !is_subdomain(name) {
            let message = "must be the name of an object: lower-case letters, digits, - and ., at most 253";
            problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.{field}.name"), message));
        }
        if namespace == names.identity.namespace && names.is_source(kind, name) {
            let message = if is_named {
                format!("is the {kind} {name}, which this credential reads; give the output another name")
            } else {
                format!(
                    "is {name} by default, a {kind} that this credential reads; rename the source, or set targets[].{field}.name"
                )
            };
            problems.push(Problem::new(Reason::TargetConflict, format!("{path}.{field}.name"), message));
        }
    }
}

/// Labels and annotations that are not on the allow-list.
fn added(target: &TargetSpec, selection: &Selection, path: &str, problems: &mut Vec<Problem>) {
    for (field, map) in [("labels", &target.labels), ("annotations", &target.annotations)] {
        for (key, value) in map.iter().flatten() {
            let wrong = extra::refusal(key, &selection.prefixes).or_else(|| {
                let fits = field == "annotations" || extra::is_label_value(value);
                (!fits).then_some("has a value that no label can have: letters, digits, -, _ and ., at most 63")
            });
            if let Some(message) = wrong {
                problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.{field}[{key}]"), message));
            }
        }
    }
}

/// The keys that Kubernetes demands of the Secret's type.
pub(super) fn keys(leaves: &[Leaf], target: &Target, path: &str, problems: &mut Vec<Problem>) {
    let there = leaves.iter().filter_map(|leaf| key(leaf.class, &leaf.key, Kind::Secret, target.layout));
    if let Some(needs) = target.secret_type.missing(there) {
        let message = format!("{} needs the key {needs}, which no field gives", target.secret_type.word());
        problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.secret.type"), message));
    }
}

/// Two targets on one object, within an environment or between them.
pub(super) fn distinct(environments: &[Environment], problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<(Kind, String, String), String> = BTreeMap::new();
    for environment in environments {
        let base =
            environment.name.as_ref().map_or_else(|| "spec".to_owned(), |name| format!("spec.environments[{name}]"));
        for (index, target) in environment.targets.iter().enumerate() {
            for (kind, namespace, name) in target.objects() {
                let path = format!("{base}.targets[{index}]");
                if let Some(first) = seen.insert((kind, namespace.to_owned(), name.to_owned()), path.clone()) {
                    let message = format!(
                        "is the {kind} {namespace}/{name}, which {first} is already; give one of them another name"
                    );
                    problems.push(Problem::new(Reason::TargetConflict, path, message));
                }
            }
        }
    }
}
