//! What is wrong with an effective environment: every problem, each with its field path.
//!
//! It repeats those rules of admission that matter for safety (names, forms), because a resource may have
//! been stored before the schema was tightened, and adds what only the merged environment shows.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::leaves::Leaves;
use super::merge::Merged;
use super::names::Names;
use super::{Class, Leaf, Origin, Selection, Target, key, targets};
use appcredential_api::credential::Layout;
use appcredential_api::dns::{is_label, is_subdomain};
use appcredential_api::problem::{Finder, HOLDS_PASSWORD, NO_TYPE, RELATIVE_URI};
use appcredential_api::value::{BAD_KEY, BAD_NAME};
use appcredential_api::{Kind, Reason, plain};

/// Returns the targets of a merged environment and adds what is wrong with the environment to `problems`.
pub(super) fn environment(
    names: &Names<'_>,
    merged: &Merged,
    leaves: &Leaves,
    selection: &Selection,
    problems: &mut Finder,
) -> Vec<Target> {
    authentication(merged, problems);
    for name in &merged.contradictions {
        let message = format!("{name} is set in parameters of the same environment; keep one of the two");
        problems.add(Reason::InvalidSpec, format!("{}.excludedParameters", merged.path), message);
    }
    if let Some(name) = &merged.name
        && !is_label(name)
    {
        let message = "the name must be lower-case letters, digits and -, at most 63";
        problems.add(Reason::InvalidSpec, &merged.path, message);
    }
    addresses(merged, problems);
    for (path, wrong) in &leaves.wrong {
        problems.add(Reason::InvalidSpec, path, *wrong);
    }
    let leaves = &leaves.leaves;
    for leaf in leaves {
        leaf_problems(leaf, problems);
    }
    let targets = targets::of(names, merged, selection, problems);
    // Targets of one layout have the same keys: however many there are, the keys are looked at once.
    for layout in [Layout::Split, Layout::ServiceBinding] {
        if targets.iter().any(|target| target.layout == layout) {
            conflicts(leaves, layout, problems);
        }
    }
    for (index, target) in targets.iter().enumerate() {
        targets::keys(leaves, target, &format!("{}.targets[{index}]", merged.path), problems);
    }
    targets
}

fn authentication(merged: &Merged, problems: &mut Finder) {
    let path = format!("{}.authentication", merged.path);
    let Some(kind) = merged.authentication.kind else {
        problems.add(Reason::InvalidSpec, format!("{path}.type"), NO_TYPE);
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
            problems.add(Reason::InvalidSpec, format!("{path}.{member}"), message);
        }
    }
    for field in merged.authentication.missing() {
        let message = format!("is missing; type {} needs it", kind.word());
        problems.add(Reason::InvalidSpec, format!("{path}.{field}"), message);
    }
}

/// Connection settings go to a ConfigMap: an address with a password in it must not.
fn addresses(merged: &Merged, problems: &mut Finder) {
    if merged.connection.port.is_some_and(|port| !(1..=65535).contains(&port)) {
        problems.add(Reason::InvalidSpec, format!("{}.connection.port", merged.path), "must be between 1 and 65535");
    }
    let path = |field: &str| format!("{}.connection.{field}", merged.path);
    let uri = merged.connection.uri.as_deref();
    if uri.is_some_and(|uri| !is_absolute(uri)) {
        problems.add(Reason::InvalidSpec, path("uri"), RELATIVE_URI);
    }
    if uri.is_some_and(plain::is_in_uri) {
        problems.add(Reason::InvalidSpec, path("uri"), HOLDS_PASSWORD);
    }
    if merged.connection.endpoints.iter().flatten().any(|endpoint| plain::is_in_address(endpoint)) {
        problems.add(Reason::InvalidSpec, path("endpoints"), HOLDS_PASSWORD);
    }
}

fn leaf_problems(leaf: &Leaf, problems: &mut Finder) {
    let mut wrong = |message: &str| problems.add(Reason::InvalidSpec, leaf.path.clone(), message);
    if !is_data_key(&leaf.key) {
        wrong(
            "its name becomes a key of the output, which has 1 to 253 letters, digits, -, _ and ., and not only dots",
        );
    }
    match &leaf.origin {
        Origin::Plain(text) if text.expose().is_empty() && leaf.class == Class::Secret => {
            wrong("is empty; give it a value, or remove it");
        }
        Origin::Source { source, .. } if !is_subdomain(&source.name) => wrong(BAD_NAME),
        Origin::Source { key, .. } if !is_data_key(key) => wrong(BAD_KEY),
        _ => {}
    }
}

/// Two leaves on one key of one output.
fn conflicts(leaves: &[Leaf], layout: Layout, problems: &mut Finder) {
    for kind in [Kind::Secret, Kind::ConfigMap] {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for leaf in leaves {
            let Some(name) = key(leaf.class, &leaf.key, kind, layout) else { continue };
            match seen.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(&leaf.path);
                }
                Entry::Occupied(first) => {
                    let first = first.get();
                    let message =
                        format!("gives the key {name} in the {kind}, which {first} gives already; rename one of them");
                    problems.add(Reason::KeyConflict, &leaf.path, message);
                }
            }
        }
    }
}

/// A scheme and something after it, without white space.
fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(letters)
        && !rest.is_empty()
        && !rest.contains([' ', '\t', '\r', '\n'])
}

/// A key of a Secret or ConfigMap, as Kubernetes validates it.
fn is_data_key(key: &str) -> bool {
    let letters = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    (1..=253).contains(&key.len()) && letters && key != "." && !key.starts_with("..")
}
