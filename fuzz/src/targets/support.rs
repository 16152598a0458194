//! What the targets share: one credential, canaries, and looking for them.

use std::collections::BTreeMap;
use std::fmt::Debug;

use appcredential_api::{AppCredentialSpec, Identity, Kind, SensitiveBytes};
use appcredential_core::resolve::{Environment, Inputs, Origin, Source, SourceKey};
use serde_json::{Value, json};

/// A value that may stand in the data of a Secret and nowhere else.
pub(super) const CANARY: &str = "CANARY-OF-A-SECRET";

/// The credential of the targets: `team/app`.
#[must_use]
pub(super) fn identity() -> Identity {
    Identity { namespace: "team".to_owned(), name: "app".to_owned(), uid: "uid-of-app".into() }
}

/// Reads a spec; none where it is none. The application is filled in, so that small inputs get somewhere.
#[must_use]
pub(super) fn spec(data: &[u8]) -> Option<AppCredentialSpec> {
    let mut value: Value = serde_json::from_slice(data).ok()?;
    value.as_object_mut()?.entry("application").or_insert_with(|| json!({"type": "db"}));
    serde_json::from_value(value).ok()
}

/// Sources that have all that the environments ask for. Secrets hold canaries, and so does every ConfigMap that
/// authentication reads.
#[must_use]
pub(super) fn inputs<'a>(environments: impl IntoIterator<Item = &'a Environment>) -> Inputs {
    let leaves: Vec<_> = environments.into_iter().flat_map(|environment| &environment.leaves).collect();
    let mut data: BTreeMap<SourceKey, BTreeMap<String, SensitiveBytes>> = BTreeMap::new();
    for leaf in leaves {
        let Origin::Source { source, key, .. } = &leaf.origin else { continue };
        let value = if source.kind == Kind::Secret { CANARY } else { "plain" };
        data.entry(source.clone()).or_default().insert(key.clone(), SensitiveBytes::from(value));
    }
    data.into_iter().map(|(source, data)| (source, Source::Found(data))).collect()
}

/// Fails where a canary shows in what is printed of something.
#[track_caller]
pub(super) fn assert_hidden(what: &str, thing: &impl Debug) {
    assert!(!format!("{thing:?}").contains(CANARY), "{what} shows a secret value");
}

/// Every text that stands as a value somewhere in a document, and every key of it.
#[must_use]
pub(super) fn texts(value: &Value) -> (Vec<&str>, Vec<&str>) {
    let (mut values, mut keys, mut rest) = (Vec::new(), Vec::new(), vec![value]);
    while let Some(value) = rest.pop() {
        match value {
            Value::String(text) => values.push(text.as_str()),
            Value::Array(list) => rest.extend(list),
            Value::Object(map) => {
                keys.extend(map.keys().map(String::as_str));
                rest.extend(map.values());
            }
            _ => {}
        }
    }
    (values, keys)
}

/// Whether Kubernetes takes this for a key of a Secret or ConfigMap; written apart from the code that is tried.
#[must_use]
pub(super) fn is_key(key: &str) -> bool {
    let letters = key.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    (1..=253).contains(&key.len()) && letters && key != "." && !key.starts_with("..")
}

/// Whether Kubernetes takes this for the name of a namespace.
#[must_use]
pub(super) fn is_label(name: &str) -> bool {
    let letters = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    (1..=63).contains(&name.len()) && letters && !name.starts_with('-') && !name.ends_with('-')
}

/// Whether Kubernetes takes this for the name of an object.
#[must_use]
pub(super) fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let letters =
            part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
        !part.is_empty() && letters && !part.starts_with('-') && !part.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_part)
}
