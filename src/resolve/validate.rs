//! What is wrong with an effective environment: every problem, each with its field path.
//!
//! It repeats those rules of admission that matter for safety (names, forms), because a resource may have
//! been stored before the schema was tightened, and adds what only the merged environment shows.

use std::collections::BTreeMap;

use super::leaves::Collector;
use super::merge::Merged;
use super::names;
use super::{Class, Environment, Leaf, Origin, Target, key};
use crate::api::credential::{DeletionPolicy, Layout, Target as TargetSpec};
use crate::api::{AppCredentialSpec, Identity, Kind, Problem, Reason};

/// Turns a merged environment into an effective one and adds what is wrong to `problems`.
pub(super) fn environment(
    spec: &AppCredentialSpec,
    names: &names::Names<'_>,
    merged: Merged,
    problems: &mut Vec<Problem>,
) -> Environment {
    authentication(&merged, problems);
    for name in &merged.contradictions {
        let message = format!("{name} is set in parameters of the same environment; keep one of the two");
        problems.push(Problem::new(Reason::InvalidSpec, format!("{}.excludedParameters", merged.path), message));
    }
    if let Some(name) = &merged.name
        && !is_label(name)
    {
        problems.push(Problem::new(
            Reason::InvalidSpec,
            merged.path.clone(),
            "the name must be lower-case letters, digits and -, at most 63",
        ));
    }
    addresses(&merged, problems);
    let mut collector = Collector { leaves: Vec::new(), problems };
    collector.collect(spec, &merged);
    let leaves = std::mem::take(&mut collector.leaves);
    for leaf in &leaves {
        leaf_problems(leaf, problems);
    }
    let targets = targets(names, &merged, problems);
    for target in &targets {
        conflicts(&leaves, target, problems);
    }
    Environment { name: merged.name, leaves, targets, application: spec.application.kind.clone() }
}

fn authentication(merged: &Merged, problems: &mut Vec<Problem>) {
    let path = format!("{}.authentication", merged.path);
    let Some(kind) = merged.authentication.kind else {
        problems.push(Problem::new(
            Reason::InvalidSpec,
            format!("{path}.type"),
            "is missing; set the type, which is None where the application asks for no authentication",
        ));
        return;
    };
    for other in merged.authentication.members().into_iter().filter(|member| *member != kind) {
        if let Some(member) = other.member() {
            let message = format!(
                "belongs to type {}, and the type is {}; remove it, or set type: {}",
                other.word(),
                kind.word(),
                other.word()
            );
            problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.{member}"), message));
        }
    }
    for field in merged.authentication.missing() {
        let message = format!("is missing; type {} needs it", kind.word());
        problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.{field}"), message));
    }
}

/// Connection settings go to a ConfigMap: an address with a password in it must not.
fn addresses(merged: &Merged, problems: &mut Vec<Problem>) {
    if merged.connection.port.is_some_and(|port| !(1..=65535).contains(&port)) {
        problems.push(Problem::new(
            Reason::InvalidSpec,
            format!("{}.connection.port", merged.path),
            "must be between 1 and 65535",
        ));
    }
    let endpoints = merged.connection.endpoints.iter().flatten().map(|endpoint| ("endpoints", endpoint));
    for (field, address) in merged.connection.uri.iter().map(|uri| ("uri", uri)).chain(endpoints) {
        if has_password(address) {
            let message =
                "holds a password, and it goes to a ConfigMap; use authentication type ConnectionString instead";
            problems.push(Problem::new(Reason::InvalidSpec, format!("{}.connection.{field}", merged.path), message));
        }
    }
}

/// `user:password@` before the host, or a parameter that is named so.
fn has_password(address: &str) -> bool {
    let authority = address.split_once("//").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(rest));
    let user = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    let lower = address.to_ascii_lowercase();
    let mut parameters = lower.split(['?', '&', ';']).skip(1).filter_map(|parameter| parameter.split_once('='));
    user || parameters.any(|(name, _)| ["password", "passwd", "pwd"].contains(&name))
}

fn leaf_problems(leaf: &Leaf, problems: &mut Vec<Problem>) {
    let mut wrong = |message: &str| problems.push(Problem::new(Reason::InvalidSpec, leaf.path.clone(), message));
    if !is_data_key(&leaf.key) {
        wrong(
            "its name becomes a key of the output, which has 1 to 253 letters, digits, -, _ and ., and not only dots",
        );
    }
    match &leaf.origin {
        Origin::Plain(text) if text.expose().is_empty() && leaf.class == Class::Secret => {
            wrong("is empty; give it a value, or remove it");
        }
        Origin::Source { source, key, .. } if !is_subdomain(&source.name) || !is_data_key(key) => {
            wrong("its reference has a name or key that no object can have");
        }
        _ => {}
    }
}

fn targets(names: &names::Names<'_>, merged: &Merged, problems: &mut Vec<Problem>) -> Vec<Target> {
    let default_name = names.default_for(merged.name.as_deref());
    let implicit = [TargetSpec::default()];
    let declared = if merged.targets.is_empty() { implicit.as_slice() } else { merged.targets.as_slice() };
    let mut out = Vec::new();
    for (index, target) in declared.iter().enumerate() {
        let path = format!("{}.targets[{index}]", merged.path);
        unsupported(names.identity, target, &path, problems);
        let secret = target.secret.clone().unwrap_or_default();
        let config_map = target.config_map.clone().unwrap_or_default();
        let resolved = Target {
            namespace: names.identity.namespace.clone(),
            secret_name: secret.name.unwrap_or_else(|| default_name.clone()),
            config_map_name: config_map.name.unwrap_or_else(|| default_name.clone()),
            layout: secret.layout.unwrap_or(Layout::Split),
        };
        for (kind, field, name) in
            [(Kind::Secret, "secret", &resolved.secret_name), (Kind::ConfigMap, "configMap", &resolved.config_map_name)]
        {
            if !is_subdomain(name) {
                let message = "must be the name of an object: lower-case letters, digits, - and ., at most 253";
                problems.push(Problem::new(Reason::InvalidSpec, format!("{path}.{field}.name"), message));
            }
            if names.is_source(kind, name) {
                let message =
                    format!("is the {kind} {name}, which this credential reads; give the output another name");
                problems.push(Problem::new(Reason::TargetConflict, format!("{path}.{field}.name"), message));
            }
        }
        out.push(resolved);
    }
    out
}

fn unsupported(identity: &Identity, target: &TargetSpec, path: &str, problems: &mut Vec<Problem>) {
    if target.namespace.as_ref().is_some_and(|namespace| *namespace != identity.namespace) {
        let message = "is another namespace than the credential's, which this version does not write to; remove it";
        problems.push(Problem::new(Reason::UnsupportedTarget, format!("{path}.namespace"), message));
    }
    if target.deletion_policy == Some(DeletionPolicy::Retain) {
        let message = "Retain is not supported by this version; remove it";
        problems.push(Problem::new(Reason::UnsupportedTarget, format!("{path}.deletionPolicy"), message));
    }
}

/// Two leaves on one key of one output.
fn conflicts(leaves: &[Leaf], target: &Target, problems: &mut Vec<Problem>) {
    for kind in [Kind::Secret, Kind::ConfigMap] {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for leaf in leaves {
            let Some(name) = key(leaf.class, &leaf.key, kind, target.layout) else { continue };
            let Some(first) = seen.insert(name, &leaf.path) else { continue };
            let message =
                format!("gives the key {name} in the {kind}, which {first} gives already; rename one of them");
            let problem = Problem::new(Reason::KeyConflict, leaf.path.clone(), message);
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
}

/// Two targets on one object, within an environment or between them.
pub(super) fn distinct_targets(environments: &[Environment], problems: &mut Vec<Problem>) {
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

/// A key of a Secret or ConfigMap, as Kubernetes validates it.
fn is_data_key(key: &str) -> bool {
    let letters = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (1..=253).contains(&key.len()) && letters && key != "." && !key.starts_with("..")
}

/// A DNS label (RFC 1123).
fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_label_of_any_length(name)
}

/// A DNS subdomain (RFC 1123), as objects are named.
fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label_of_any_length)
}

fn is_label_of_any_length(part: &str) -> bool {
    let inner = part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    !part.is_empty() && inner && !part.starts_with('-') && !part.ends_with('-')
}
