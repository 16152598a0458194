//! The oracle: credentials of real life and what they must render to, by hand, byte for byte.
//!
//! `tests/fixtures/` has ten credentials with two environments each and awkward values; `examples/` has those that people
//! copy. Both have expectations that no program produced, so they tell when code and design part.

use std::collections::{BTreeMap, BTreeSet};

use appcredential_api::{AppCredential, Kind, SensitiveBytes};
use appcredential_core::render::{self, Object, Output};
use appcredential_core::resolve::{self, Inputs, Selection, Source, SourceKey};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use serde::Deserialize;
use serde_json::Value;

use crate::support::{named, read, root};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    credential: String,
    environment: Option<String>,
    secret: ExpectedSecret,
    config_map: ExpectedConfigMap,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedSecret {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    data: BTreeMap<String, ByteString>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedConfigMap {
    name: String,
    data: BTreeMap<String, String>,
}

/// Manifests of several kinds: the credentials and what they refer to.
#[derive(Default)]
pub(crate) struct Manifests {
    credentials: Vec<(Value, AppCredential)>,
    inputs: Inputs,
}

impl Manifests {
    /// Adds the manifests of a file.
    pub(crate) fn read(mut self, text: &str) -> Self {
        for document in serde_saphyr::from_multiple::<Value>(text).unwrap() {
            match document["kind"].as_str().unwrap() {
                "AppCredential" => {
                    let typed = serde_json::from_value(document.clone()).unwrap();
                    self.credentials.push((document, typed));
                }
                "Secret" => {
                    let secret: Secret = serde_json::from_value(document).unwrap();
                    let plain = secret.string_data.unwrap_or_default();
                    let data = secret.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.0));
                    let data = data.chain(plain.into_iter().map(|(key, value)| (key, value.into_bytes())));
                    self.insert(Kind::Secret, secret.metadata.name.unwrap(), data);
                }
                "ConfigMap" => {
                    let map: ConfigMap = serde_json::from_value(document).unwrap();
                    let data = map.data.unwrap_or_default().into_iter().map(|(key, value)| (key, value.into_bytes()));
                    self.insert(Kind::ConfigMap, map.metadata.name.unwrap(), data);
                }
                other => panic!("a {other} is not expected here"),
            }
        }
        self
    }

    fn insert(&mut self, kind: Kind, name: String, data: impl Iterator<Item = (String, Vec<u8>)>) {
        let data = data.map(|(key, value)| (key, SensitiveBytes::from(value))).collect();
        self.inputs.insert(SourceKey { kind, name }, Source::Found(data));
    }

    /// All outputs, by credential and environment.
    pub(crate) fn outputs(&self) -> BTreeMap<(String, Option<String>), Output> {
        let mut out = BTreeMap::new();
        for (_, credential) in &self.credentials {
            let identity = named(credential.metadata.name.as_deref().unwrap());
            let environments = resolve::environments(&credential.spec, &identity, &Selection::default());
            for environment in environments.unwrap_or_else(|problems| panic!("{}: {problems:#?}", identity.name)) {
                let filled = environment.fill(&self.inputs).unwrap_or_else(|problems| panic!("{problems:#?}"));
                let mut outputs = render::outputs(&identity, &filled).unwrap();
                assert_eq!(outputs.len(), 1, "{}: one target is expected", identity.name);
                out.insert((identity.name.clone(), environment.name.clone()), outputs.remove(0));
            }
        }
        out
    }
}

/// What differs between an object and its expectation, key by key.
fn differences(object: &Object, name: &str, data: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let place = format!("{} {}", object.kind, object.name);
    let mut out = Vec::new();
    if object.name != name {
        out.push(format!("{place}: expected the name {name}"));
    }
    let keys: BTreeSet<&String> = object.data.keys().chain(data.keys()).collect();
    for key in keys {
        match (object.data.get(key).map(SensitiveBytes::expose), data.get(key).map(Vec::as_slice)) {
            (Some(_), None) => out.push(format!("{place}: key {key} is not expected")),
            (None, Some(_)) => out.push(format!("{place}: key {key} is missing")),
            (Some(actual), Some(expected)) if actual != expected => {
                let show = |bytes: &[u8]| bytes.escape_ascii().to_string();
                out.push(format!("{place}: key {key} is `{}`, expected `{}`", show(actual), show(expected)));
            }
            _ => {}
        }
    }
    out
}

/// Compares all outputs with all expectations: how many environments there were, or what differs.
fn compare(manifests: &Manifests, expected: &str) -> Result<usize, String> {
    let mut outputs = manifests.outputs();
    let expected: Vec<Expected> = serde_saphyr::from_str(expected).unwrap();
    let count = expected.len();
    let mut wrong = Vec::new();
    for expected in expected {
        let place = (expected.credential, expected.environment);
        let Some(output) = outputs.remove(&place) else {
            wrong.push(format!("{place:?} gives no output"));
            continue;
        };
        let secret = expected.secret.data.into_iter().map(|(key, value)| (key, value.0)).collect();
        let config_map = expected.config_map.data.into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
        wrong.extend(differences(&output.secret, &expected.secret.name, &secret));
        wrong.extend(differences(&output.config_map, &expected.config_map.name, &config_map));
        if output.secret.secret_type.as_deref() != Some(&expected.secret.kind) {
            wrong.push(format!("{place:?}: the Secret's type is not {}", expected.secret.kind));
        }
        assert_eq!(output.config_map.secret_type, None, "a ConfigMap has no type");
    }
    wrong.extend(outputs.keys().map(|place| format!("{place:?} is not expected")));
    if wrong.is_empty() { Ok(count) } else { Err(wrong.join("\n")) }
}

#[test]
fn ten_real_credentials_render_byte_for_byte_as_expected() {
    let manifests = Manifests::default()
        .read(&read("tests/fixtures/appcredentials.yaml"))
        .read(&read("tests/fixtures/sources.yaml"));
    let count = compare(&manifests, &read("tests/fixtures/expected.yaml"));
    assert_eq!(count.unwrap_or_else(|wrong| panic!("{wrong}")), 20);
}

/// The names of the examples; each has an expectation of the same name.
fn examples() -> Vec<String> {
    let list = |folder: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        entries.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".yaml")).collect()
    };
    let examples = list("examples");
    assert_eq!(examples, list("examples/expected"), "every example has an expectation and the reverse");
    assert!(examples.len() >= 9, "the examples are there");
    examples.into_iter().collect()
}

#[test]
fn every_example_renders_byte_for_byte_as_expected_by_hand() {
    for name in examples() {
        let manifests = Manifests::default().read(&read(&format!("examples/{name}")));
        let count = compare(&manifests, &read(&format!("examples/expected/{name}")));
        assert!(count.unwrap_or_else(|wrong| panic!("{name}: {wrong}")) > 0, "{name}");
    }
}

#[test]
fn examples_and_fixtures_parse_without_an_unknown_field() {
    let examples = examples().into_iter().map(|name| format!("examples/{name}"));
    for path in examples.chain(["tests/fixtures/appcredentials.yaml".to_owned()]) {
        let manifests = Manifests::default().read(&read(&path));
        assert!(!manifests.credentials.is_empty(), "{path} has a credential");
        for (raw, typed) in &manifests.credentials {
            assert_eq!(&serde_json::to_value(typed).unwrap()["spec"], &raw["spec"], "{path}");
            assert_eq!(raw["apiVersion"], "appcredential.io/v1alpha1", "{path}");
            assert_eq!(raw["metadata"].as_object().unwrap().len(), 1, "{path}: only the name");
        }
    }
}

#[test]
fn every_source_of_an_example_stands_in_the_example_and_is_used() {
    for name in examples() {
        let manifests = Manifests::default().read(&read(&format!("examples/{name}")));
        let used: BTreeSet<SourceKey> = manifests
            .credentials
            .iter()
            .flat_map(|(_, credential)| resolve::sources(&credential.spec, &Selection::default()))
            .collect();
        assert_eq!(used, manifests.inputs.keys().cloned().collect(), "{name}");
    }
}

/// The oracle itself must notice a wrong byte, key, name and environment.
#[test]
fn a_difference_of_one_byte_or_key_is_noticed() {
    let text = read("examples/01-postgresql.yaml");
    let expected = read("examples/expected/01-postgresql.yaml");
    for (from, to) in [
        ("value: orders_app", "value: orders_app_"),
        ("change-me", "change-me\\n"),
        ("port: 5432", "port: 5433"),
        ("protocol: postgresql", "path: postgresql"),
        ("metadata:\n  name: orders-db\n", "metadata:\n  name: other-db\n"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from} is there");
        let manifests = Manifests::default().read(&changed);
        assert!(compare(&manifests, &expected).is_err(), "{from} -> {to} goes unnoticed");
    }
}
