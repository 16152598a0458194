//! Validation of an effective environment: every problem, each with its field path.
//!
//! It repeats those rules of admission that matter for safety (names, forms), because a resource may have
//! been stored before the schema was tightened, and adds what only the merged environment shows.

use super::at::At;
use super::leaves::Leaves;
use super::merge::Merged;
use super::names::Names;
use super::{Class, Leaf, Origin, Selection, Target, targets};
use appcredential_api::dns::{is_data_key, is_label, is_subdomain};
use appcredential_api::plain;
use appcredential_api::problem::{HOLDS_PASSWORD, NO_TYPE, RELATIVE_URI};
use appcredential_api::value::{BAD_KEY, BAD_NAME};

/// Validates a merged environment at its place. Returns its targets.
pub(super) fn validate_environment(
    names: &Names<'_>,
    merged: &Merged,
    leaves: &Leaves,
    selection: &Selection,
    at: &At<'_>,
) -> Vec<Target> {
    validate_authentication(merged, &at.field("authentication"));
    for name in &merged.contradictions {
        let message = format!("{name} is set in parameters of the same environment; keep one of the two");
        at.field("excludedParameters").invalid(message);
    }
    if merged.name.as_ref().is_some_and(|name| !is_label(name)) {
        at.invalid("the name must be lower-case letters, digits and -, at most 63");
    }
    validate_connection(merged, &at.field("connection"));
    for (path, wrong) in &leaves.wrong {
        at.jump(path).invalid(*wrong);
    }
    let leaves = &leaves.leaves;
    for leaf in leaves {
        validate_leaf(leaf, &at.jump(&leaf.path));
    }
    targets::resolve_all(names, merged, selection, &at.field("targets"))
}

fn validate_authentication(merged: &Merged, at: &At<'_>) {
    let Some(kind) = merged.authentication.kind else {
        at.field("type").invalid(NO_TYPE);
        return;
    };
    for other in merged.authentication.members().into_iter().filter(|member| *member != kind) {
        if let Some(member) = other.member() {
            let (other, kind) = (other.word(), kind.word());
            let message = format!("belongs to type {other}, and the type is {kind}; remove it, or set type: {other}");
            at.field(member).invalid(message);
        }
    }
    for field in merged.authentication.missing() {
        at.field(&field).invalid(format!("is missing; type {} needs it", kind.word()));
    }
}

/// Connection settings go to a ConfigMap: an address with a password in it must not.
fn validate_connection(merged: &Merged, at: &At<'_>) {
    let connection = &merged.connection;
    if connection.port.is_some_and(|port| !(1..=65535).contains(&port)) {
        at.field("port").invalid("must be between 1 and 65535");
    }
    let uri = connection.uri.as_deref();
    if uri.is_some_and(|uri| !is_absolute(uri)) {
        at.field("uri").invalid(RELATIVE_URI);
    }
    if uri.is_some_and(plain::is_in_uri) {
        at.field("uri").invalid(HOLDS_PASSWORD);
    }
    if connection.endpoints.iter().flatten().any(|endpoint| plain::is_in_address(endpoint)) {
        at.field("endpoints").invalid(HOLDS_PASSWORD);
    }
}

fn validate_leaf(leaf: &Leaf, at: &At<'_>) {
    if !is_data_key(&leaf.key) {
        at.invalid(
            "its name becomes a key of the output, which has 1 to 253 letters, digits, -, _ and ., and not only dots",
        );
    }
    match &leaf.origin {
        Origin::Plain(text) if text.expose().is_empty() && leaf.class == Class::Secret => {
            at.invalid("is empty; give it a value, or remove it");
        }
        Origin::Source { source, .. } if !is_subdomain(&source.name) => at.invalid(BAD_NAME),
        Origin::Source { key, .. } if !is_data_key(key) => at.invalid(BAD_KEY),
        _ => {}
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
