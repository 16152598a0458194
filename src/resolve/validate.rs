//! What is wrong with an effective environment: every problem, each with its field path.
//!
//! It repeats those rules of admission that matter for safety (names, forms), because a resource may have
//! been stored before the schema was tightened, and adds what only the merged environment shows.

use std::collections::BTreeMap;

use super::leaves::Collector;
use super::merge::Merged;
use super::{Class, Environment, Leaf, Origin, Selection, Target, key};
use super::{names, targets};
use crate::api::dns::{is_label, is_subdomain};
use crate::api::{AppCredentialSpec, Kind, Problem, Reason};

/// Turns a merged environment into an effective one and adds what is wrong to `problems`.
pub(super) fn environment(
    spec: &AppCredentialSpec,
    names: &names::Names<'_>,
    merged: Merged,
    selection: &Selection,
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
    let targets = targets::of(names, &merged, selection, problems);
    for (index, target) in targets.iter().enumerate() {
        conflicts(&leaves, target, problems);
        targets::keys(&leaves, target, &format!("{}.targets[{index}]", merged.path), problems);
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

/// A key of a Secret or ConfigMap, as Kubernetes validates it.
fn is_data_key(key: &str) -> bool {
    let letters = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (1..=253).contains(&key.len()) && letters && key != "." && !key.starts_with("..")
}
