//! Labels and annotations that a target may add: each key, by itself and with prefixes that the operator allows.

use std::collections::BTreeSet;

use appcredential_api::extra::{PLAIN, RECOMMENDED, RESERVED, is_label_value, refusal};

/// Why a key is refused, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Allowed,
    NotPlain,
    Reserved,
    NoKey,
    Unknown,
}
use Why::{Allowed, NoKey, NotPlain, Reserved, Unknown};

fn why(key: &str, prefixes: &[&str]) -> Why {
    let prefixes: BTreeSet<String> = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
    match refusal(key, &prefixes) {
        None => Allowed,
        Some(said) if said.starts_with("is not one of the plain keys") => NotPlain,
        Some(said) if said.starts_with("belongs to Kubernetes or to another controller") => Reserved,
        Some(said) if said.starts_with("is no valid key") => NoKey,
        Some(said) if said.starts_with("has a prefix that this operator does not allow") => Unknown,
        Some(said) => panic!("{key}: {said}"),
    }
}

/// A key, what becomes of it without prefixes, and with `example.com` allowed.
#[rustfmt::skip]
const KEYS: &[(&str, Why, Why)] = &[
    ("team", Allowed, Allowed),
    ("app.kubernetes.io/name", Allowed, Allowed),
    ("app.kubernetes.io/managed-by", Reserved, Reserved),
    ("app.kubernetes.io/created-by", Reserved, Reserved),
    ("Team", NotPlain, NotPlain),
    ("owner", NotPlain, NotPlain),
    ("grafana_dashboard", NotPlain, NotPlain),
    ("", NotPlain, NotPlain),
    ("example.com/team", Unknown, Allowed),
    ("a.example.com/team", Unknown, Allowed),
    ("a.b.example.com/team", Unknown, Allowed),
    // Not below example.com, though it ends so.
    ("bad-example.com/team", Unknown, Unknown),
    ("example.com.evil.org/team", Unknown, Unknown),
    ("com/team", Unknown, Unknown),
    ("example.com/", NoKey, NoKey),
    ("example.com/a/b", NoKey, NoKey),
    ("example.com/-a", NoKey, NoKey),
    ("example.com/a.", NoKey, NoKey),
    ("example.com/a b", NoKey, NoKey),
    ("example.com/ä", NoKey, NoKey),
    // A prefix that no key can have: it would be refused when the output is written, again and again.
    ("/team", NoKey, NoKey),
    (".example.com/team", NoKey, NoKey),
    ("a..example.com/team", NoKey, NoKey),
    ("A.example.com/team", NoKey, NoKey),
    ("a b.example.com/team", NoKey, NoKey),
    ("a,b.example.com/team", NoKey, NoKey),
    ("appcredential.io/name", Reserved, Reserved),
    ("x.appcredential.io/name", Reserved, Reserved),
    ("notappcredential.io/name", Unknown, Unknown),
    ("argocd.argoproj.io/sync-options", Reserved, Reserved),
    ("reflector.v1.k8s.emberstack.com/reflection-allowed", Reserved, Reserved),
    ("kubectl.kubernetes.io/last-applied-configuration", Reserved, Reserved),
    ("helm.sh/resource-policy", Reserved, Reserved),
    ("meta.helm.sh/release-name", Reserved, Reserved),
    ("node.k8s.io/x", Reserved, Reserved),
];

#[test]
fn every_key_is_allowed_or_refused_as_the_table_says() {
    for (key, without, with) in KEYS {
        assert_eq!(why(key, &[]), *without, "{key}");
        assert_eq!(why(key, &["example.com"]), *with, "{key}, where example.com is allowed");
    }
}

#[test]
fn a_reserved_domain_cannot_be_allowed_by_a_flag() {
    for domain in RESERVED {
        for key in [format!("{domain}/x"), format!("a.{domain}/x"), format!("a.b.{domain}/x")] {
            let parent = domain.split_once('.').map_or(domain, |(_, parent)| parent);
            assert_eq!(why(&key, &[domain, parent, &format!("a.{domain}")]), Reserved, "{key}");
        }
    }
}

#[test]
fn what_is_on_the_lists_is_allowed_and_none_of_it_is_ours() {
    for key in PLAIN.iter().chain(&RECOMMENDED) {
        assert_eq!(why(key, &[]), Allowed, "{key}");
        assert!(!key.contains("managed-by") && !key.starts_with("appcredential.io"), "{key}");
    }
}

#[test]
fn key_names_and_label_values_have_at_most_63_characters() {
    let long = |length: usize| format!("example.com/{}", "a".repeat(length));
    assert_eq!(why(&long(63), &["example.com"]), Allowed);
    assert_eq!(why(&long(64), &["example.com"]), NoKey);
    let values = [
        ("", true),
        ("a", true),
        ("A-b_c.d", true),
        ("-a", false),
        ("a.", false),
        ("a b", false),
        ("a/b", false),
        ("ä", false),
    ];
    for (value, fits) in values {
        assert_eq!(is_label_value(value), fits, "{value:?}");
    }
    assert!(is_label_value(&"a".repeat(63)));
    assert!(!is_label_value(&"a".repeat(64)));
}
