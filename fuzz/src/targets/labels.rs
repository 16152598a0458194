//! Labels and annotations that a target adds: only what Kubernetes takes, and never what belongs to somebody else.
//!
//! The input is `{allowed: [prefix], labels: {}, annotations: {}}`.

use std::collections::{BTreeMap, BTreeSet};

use appcredential_api::credential::Target;
use appcredential_api::extra::{PLAIN, RECOMMENDED, RESERVED};
use appcredential_api::{AppCredentialSpec, Authentication, AuthenticationType};
use appcredential_core::resolve::{self, Selection};
use serde::Deserialize;

use super::support::{identity, is_name};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Input {
    allowed: Vec<String>,
    labels: Map,
    annotations: Map,
}

type Map = BTreeMap<String, String>;

pub(super) fn run(data: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Input>(data) else { return };
    let Input { allowed, labels, annotations } = input;
    let accepted = is_accepted(&allowed, &labels, &annotations);
    let each = |(map, is_labels): (&Map, bool)| {
        map.iter().all(|(key, value)| {
            let one: Map = [(key.clone(), value.clone())].into();
            let alone = if is_labels {
                is_accepted(&allowed, &one, &Map::new())
            } else {
                is_accepted(&allowed, &Map::new(), &one)
            };
            assert!(!alone || is_fine(key, value, is_labels, &allowed), "{key}: {value} must not be accepted");
            alone
        })
    };
    let all = [(&labels, true), (&annotations, false)].map(each);
    assert_eq!(accepted, all == [true, true], "an entry is accepted or not whatever stands beside it");
    assert!(accepted || !is_accepted(&[], &labels, &annotations), "a prefix that is allowed forbids nothing");
}

fn is_accepted(allowed: &[String], labels: &Map, annotations: &Map) -> bool {
    let target = Target { labels: Some(labels.clone()), annotations: Some(annotations.clone()), ..Target::default() };
    let spec = AppCredentialSpec {
        authentication: Some(Authentication { kind: Some(AuthenticationType::None), ..Authentication::default() }),
        targets: Some(vec![target]),
        ..AppCredentialSpec::default()
    };
    let selection = Selection::default().allowing(allowed.iter().cloned());
    resolve::environments(&spec, &identity(), &selection).is_ok()
}

/// What an entry that is accepted has to be; written apart from the code that is tried.
fn is_fine(key: &str, value: &str, is_label: bool, allowed: &[String]) -> bool {
    let is_part = |text: &str| {
        let inner = text.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it));
        let end = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
        (1..=63).contains(&text.len()) && inner && end(text.chars().next()) && end(text.chars().next_back())
    };
    let takes_value = !is_label || value.is_empty() || is_part(value);
    let known: BTreeSet<&str> = PLAIN.into_iter().chain(RECOMMENDED).collect();
    let is_free = |prefix: &str| {
        let below = |domain: &str| prefix == domain || prefix.ends_with(&format!(".{domain}"));
        is_name(prefix) && !RESERVED.into_iter().any(below) && allowed.iter().any(|domain| below(domain))
    };
    let own = key.split_once('/').is_some_and(|(prefix, name)| is_free(prefix) && is_part(name));
    takes_value && (known.contains(key) || own)
}
