//! Merging: an environment that says nothing changes nothing, one that is laid over twice is laid over once, and none
//! depends on another.

use std::collections::{BTreeMap, BTreeSet};

use appcredential_api::credential::Environment;
use appcredential_api::{AppCredentialSpec, FieldPath, NamedValue};
use appcredential_core::resolve::{Merged, merge};
use serde_json::{Value, json};

use super::support;

pub(super) fn run(data: &[u8]) {
    let Some(spec) = support::spec(data) else { return };
    // Admission refuses two entries of one name, and so does what validates the merged environment.
    if names_one_twice(&json!(spec)) {
        return;
    }
    let merged = merge(&spec);
    let declared = spec.environments.as_deref().unwrap_or_default();
    assert_eq!(merged.len(), declared.len().max(1), "each environment is merged");
    for (environment, once) in declared.iter().zip(&merged) {
        says_what_it_has(environment, once);
        let again = merge(&AppCredentialSpec { environments: Some(vec![environment.clone()]), ..as_base(&spec, once) });
        assert_eq!(again.iter().map(content).collect::<Vec<_>>(), [content(once)], "laid over twice");
        let alone = merge(&AppCredentialSpec { environments: Some(vec![environment.clone()]), ..spec.clone() });
        assert_eq!(alone, std::slice::from_ref(once), "an environment depends on another");
    }
    let silent = Environment { name: "silent".to_owned(), ..Environment::default() };
    let silent = merge(&AppCredentialSpec { environments: Some(vec![silent]), ..spec.clone() });
    let base = merge(&AppCredentialSpec { environments: None, ..spec.clone() });
    assert_eq!(silent.iter().map(values).collect::<Vec<_>>(), base.iter().map(values).collect::<Vec<_>>());
}

/// Whether a list somewhere in a spec has two entries of one name.
fn names_one_twice(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(names_one_twice),
        Value::Array(list) => {
            let mut seen = BTreeSet::new();
            let mut names = list.iter().filter_map(|entry| entry.get("name").and_then(Value::as_str));
            names.any(|name| !seen.insert(name)) || list.iter().any(names_one_twice)
        }
        _ => false,
    }
}

/// What an environment says of a field wins over the base, and what it excludes is gone.
fn says_what_it_has(environment: &Environment, merged: &Merged) {
    let parameters = by_name(&merged.parameters);
    for parameter in by_name(environment.parameters.as_deref().unwrap_or_default()).values() {
        assert_eq!(parameters.get(parameter.name.as_str()), Some(parameter), "a parameter of the environment wins");
    }
    let set = |name: &String| environment.parameters.iter().flatten().any(|parameter| parameter.name == *name);
    for excluded in environment.excluded_parameters.iter().flatten().filter(|name| !set(name)) {
        assert!(!parameters.contains_key(excluded.as_str()), "an excluded parameter is there");
    }
    if let Some(scopes) = &environment.scopes {
        assert_eq!(scopes, &merged.scopes);
    }
    let over = environment.authentication.as_ref();
    if let Some(kind) = over.and_then(|over| over.kind) {
        assert_eq!(merged.authentication.kind, Some(kind), "the type of the environment wins");
    }
    let host = environment.connection.as_ref().and_then(|connection| connection.host.as_ref());
    assert!(host.is_none_or(|host| merged.connection.host.as_ref() == Some(host)));
}

/// Parameters by name; of several of one name, which admission refuses, the last.
fn by_name(list: &[NamedValue]) -> BTreeMap<&str, &NamedValue> {
    list.iter().map(|entry| (entry.name.as_str(), entry)).collect()
}

/// A spec whose base is what came out.
fn as_base(spec: &AppCredentialSpec, merged: &Merged) -> AppCredentialSpec {
    AppCredentialSpec {
        authentication: Some(merged.authentication.clone()),
        connection: Some(merged.connection.clone()),
        scopes: Some(merged.scopes.clone()),
        parameters: Some(merged.parameters.clone()),
        ..spec.clone()
    }
}

/// What has a value, without regard to the order of parameters.
fn values(merged: &Merged) -> Merged {
    Merged { name: None, path: FieldPath::spec(), ..content(merged) }
}

fn content(merged: &Merged) -> Merged {
    let mut parameters = merged.parameters.clone();
    parameters.sort_by(|a, b| a.name.cmp(&b.name));
    Merged { parameters, targets: Vec::new(), contradictions: Vec::new(), ..merged.clone() }
}
