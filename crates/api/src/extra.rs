//! Labels and annotations that a target may add to its outputs: an allow-list.
//!
//! A label or annotation may be an order to another controller (to copy a Secret, to restart a workload, to load a
//! dashboard, to prune), and the operator would carry it into a namespace where its author may not write. So
//! only keys that are known to be for people are let through: the recommended labels, a few plain words, and keys under
//! prefixes that whoever runs the operator has allowed (`--allow-metadata-prefix`).

use std::collections::BTreeSet;

use super::dns;

/// The recommended labels (`app.kubernetes.io/...`), but for `managed-by`, which is ours.
pub const RECOMMENDED: [&str; 5] = [
    "app.kubernetes.io/component",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
];
/// Plain words that people sort by and no controller acts on.
pub const PLAIN: [&str; 8] = ["app", "component", "contact", "cost-center", "description", "project", "team", "tier"];
/// Domains, with all below them, of Kubernetes, of ourselves and of controllers that act on metadata: never allowed.
pub const RESERVED: [&str; 16] = [
    "appcredential.io",
    "argoproj.io",
    "bitnami.com",
    "cert-manager.io",
    "emberstack.com",
    "external-secrets.io",
    "fluxcd.io",
    "helm.sh",
    "istio.io",
    "k8s.io",
    "kubernetes.io",
    "linkerd.io",
    "mittwald.de",
    "openshift.io",
    "stakater.com",
    "vault.hashicorp.com",
];

/// Why a key is not allowed; none where it is.
#[must_use]
pub fn refusal(key: &str, allowed: &BTreeSet<String>) -> Option<&'static str> {
    if PLAIN.contains(&key) || RECOMMENDED.contains(&key) {
        return None;
    }
    let Some((prefix, name)) = key.split_once('/') else {
        return Some("is not one of the plain keys that are allowed; give it a prefix, such as example.com/team");
    };
    if RESERVED.iter().any(|domain| is_below(prefix, domain)) {
        return Some("belongs to Kubernetes or to another controller; remove it");
    }
    if !dns::is_subdomain(prefix) || !is_name(name) {
        return Some("is no valid key: a domain in lower case, then /, then letters, digits, -, _ and ., at most 63");
    }
    let known = allowed.iter().any(|domain| is_below(prefix, domain));
    (!known).then_some("has a prefix that this operator does not allow; ask for it in --allow-metadata-prefix")
}

fn is_below(prefix: &str, domain: &str) -> bool {
    prefix == domain || prefix.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The name of a label or annotation, and the value of a label where it is not empty.
fn is_name(name: &str) -> bool {
    let inner = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let ends = [name.chars().next(), name.chars().last()];
    (1..=63).contains(&name.len()) && inner && ends.iter().flatten().all(char::is_ascii_alphanumeric)
}

/// Whether this can be the value of a label.
#[must_use]
pub fn is_label_value(value: &str) -> bool {
    value.is_empty() || is_name(value)
}
