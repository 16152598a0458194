//! The fixtures and the examples on a real API server: every output, byte for byte, against expectations that
//! were written by hand, with everything that stands around the data: labels, annotations, owner, status.

use std::collections::BTreeMap;
use std::path::Path;

use futures::future::join_all;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{Credential, TestNamespace, documents, good_conditions};

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What a credential's environment must become.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Expected {
    pub(crate) credential: String,
    pub(crate) environment: Option<String>,
    secret: ExpectedSecret,
    config_map: ExpectedConfigMap,
}

#[derive(Debug, Deserialize)]
struct ExpectedSecret {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    /// In base64.
    data: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct ExpectedConfigMap {
    name: String,
    data: BTreeMap<String, String>,
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn expected(yaml: &str) -> Vec<Expected> {
    serde_saphyr::from_str(yaml).expect("expectations")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ten_fixtures_become_what_was_written_down_by_hand() {
    let test = TestNamespace::start("fixtures").await;
    ten(&test).await;
    test.at_rest().await;
    assert_eq!(test.output_names().await.len(), 40, "and nothing else is there");
}

/// Applies the ten fixtures with their sources and waits until every output is what was written down.
pub(crate) async fn ten(test: &TestNamespace) {
    let fixtures = Path::new(ROOT).join("tests/fixtures");
    test.apply(&read(&fixtures.join("sources.yaml"))).await;
    test.apply(&read(&fixtures.join("appcredentials.yaml"))).await;
    let expected = expected(&read(&fixtures.join("expected.yaml")));
    assert_eq!(expected.len(), 20);
    check(test, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_becomes_what_was_written_down_by_hand() {
    let examples = Path::new(ROOT).join("examples");
    let files: Vec<_> = std::fs::read_dir(&examples).unwrap().map(|entry| entry.unwrap().path()).collect();
    let files: Vec<_> = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    assert!(files.len() >= 9, "the examples are found");
    // A few at a time: each has an operator of its own.
    for some in files.chunks(3) {
        join_all(some.iter().map(|path| example(path))).await;
    }
}

async fn example(path: &Path) {
    let test = TestNamespace::start("example").await;
    test.apply(&read(path)).await;
    let oracle = path.parent().unwrap().join("expected").join(path.file_name().unwrap());
    let expected = expected(&read(&oracle));
    check(&test, &expected).await;
    test.at_rest().await;
    assert_eq!(test.output_names().await.len(), 2 * expected.len(), "{}", path.display());
    for source in documents(&read(path)).iter().filter(|document| document["kind"] != "AppCredential") {
        let name = source["metadata"]["name"].as_str().unwrap();
        let there = match source["kind"].as_str().unwrap() {
            "Secret" => test.secret(name).await.map(|secret| json!(secret)),
            _ => test.config_map(name).await.map(|config_map| json!(config_map)),
        };
        let there = there.expect("the source");
        assert!(there["metadata"]["ownerReferences"].is_null(), "a source is never touched: {name}");
    }
}

async fn check(test: &TestNamespace, expected: &[Expected]) {
    let mut names: Vec<&str> = expected.iter().map(|one| one.credential.as_str()).collect();
    names.dedup();
    for name in names {
        let credential = test.ready(name).await;
        let environments: Vec<&Expected> = expected.iter().filter(|one| one.credential == name).collect();
        for one in &environments {
            let secret = test.secret(&one.secret.name).await.expect("the Secret");
            let config_map = test.config_map(&one.config_map.name).await.expect("the ConfigMap");
            check_data(one, &secret, &config_map);
            for meta in [&secret.metadata, &config_map.metadata] {
                check_metadata(test, &credential, one.environment.as_deref(), meta);
            }
        }
        check_status(test, &credential, &environments);
    }
}

pub(crate) fn check_data(expected: &Expected, secret: &Secret, config_map: &ConfigMap) {
    let Expected { credential, environment, .. } = expected;
    let place = format!("{credential}, {environment:?}");
    let base64 = |value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned();
    let data: BTreeMap<String, String> =
        secret.data.iter().flatten().map(|(key, value)| (key.clone(), base64(value))).collect();
    assert!(data == expected.secret.data, "the Secret of {place}: {data:#?}\nis not {:#?}", expected.secret.data);
    assert_eq!(secret.type_.as_deref(), Some(expected.secret.kind.as_str()), "{place}");
    assert_eq!(secret.immutable, None, "{place}");
    assert_eq!(config_map.data.clone().unwrap_or_default(), expected.config_map.data, "the ConfigMap of {place}");
    assert!(config_map.binary_data.is_none() && config_map.immutable.is_none(), "{place}");
}

/// Exactly our labels, annotations and owner, and no finalizer.
fn check_metadata(test: &TestNamespace, credential: &Credential, environment: Option<&str>, meta: &ObjectMeta) {
    let name = &credential.0["metadata"]["name"];
    let mut labels = json!({
        "app.kubernetes.io/managed-by": "appcredential-operator",
        "appcredential.io/name": name,
        "appcredential.io/namespace": test.namespace,
    });
    if let Some(environment) = environment {
        labels["appcredential.io/environment"] = json!(environment);
    }
    assert_eq!(json!(meta.labels), labels, "{name}");
    let itself =
        format!("{}/{}", meta.namespace.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default());
    let annotations = json!({
        "appcredential.io/output": itself, "appcredential.io/owner-uid": credential.uid(), "appcredential.io/revision": "1",
    });
    assert_eq!(json!(meta.annotations), annotations, "{name}");
    let owner = json!([{
        "apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "name": name, "uid": credential.uid(),
        "controller": true, "blockOwnerDeletion": true,
    }]);
    assert_eq!(json!(meta.owner_references), owner, "{name}");
    assert_eq!(meta.finalizers, None, "{name}");
}

fn check_status(test: &TestNamespace, credential: &Credential, expected: &[&Expected]) {
    let environment = |one: &&Expected| {
        let target = json!({
            "namespace": test.namespace, "secretName": one.secret.name, "configMapName": one.config_map.name,
            "revision": 1,
        });
        json!({"name": one.environment.as_deref().unwrap_or("default"), "ready": true, "targets": [target]})
    };
    let environments: Vec<Value> = expected.iter().map(environment).collect();
    let mut status = json!({"observedGeneration": 1, "conditions": good_conditions(1), "environments": environments});
    let names: Vec<&str> = expected.iter().filter_map(|one| one.environment.as_deref()).collect();
    if !names.is_empty() {
        status["environmentNames"] = json!(names.join(","));
    }
    if let Some(binding) = expected.iter().find(|one| one.secret.kind.starts_with("servicebinding.io/")) {
        status["binding"] = json!({"name": binding.secret.name});
    }
    assert_eq!(credential.status_without_times(), status);
    assert!(credential.0["metadata"]["finalizers"].is_null(), "outputs beside the credential need no finalizer");
}
