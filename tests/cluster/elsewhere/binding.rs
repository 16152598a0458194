//! Service Binding: the Provisioned Service of the specification, and a consumer that knows nothing but the specification.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::app;
use crate::harness::TestNamespace;

const DATABASE: &str = "
apiVersion: v1
kind: Secret
metadata: {name: source}
stringData: {password: 'p@ss w0rd'}
---
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: db}
spec:
  application: {type: postgresql, provider: aws-rds}
  authentication:
    type: Basic
    basic: {username: {value: app}, password: {valueFrom: {secretKeyRef: {name: source, key: password}}}}
  connection: {host: pg.internal, port: 5432, database: orders}
  targets: [{secret: {layout: ServiceBinding}}]
";

/// What a workload is given: a folder below SERVICE_BINDING_ROOT with a file for each key.
struct Mounted {
    root: PathBuf,
}

impl Mounted {
    /// As the kubelet mounts a Secret: the files are links into a folder of their version.
    fn new(test: &TestNamespace, name: &str, data: &Value) -> Self {
        let root = test.plane.folder().join(format!("bindings-{}", test.namespace));
        let folder = root.join(name);
        let version = folder.join("..2026_01_01");
        std::fs::create_dir_all(&version).expect("a folder");
        for (key, value) in data.as_object().expect("data") {
            let value: k8s_openapi::ByteString = serde_json::from_value(value.clone()).expect("base64");
            std::fs::write(version.join(key), value.0).expect("a file");
            std::os::unix::fs::symlink(version.join(key), folder.join(key)).expect("a link");
        }
        Self { root }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// A consumer: finds the bindings of a type, and of a provider where it cares, and connects.
fn connect(root: &Path, kind: &str, provider: Option<&str>) -> Result<String, String> {
    for folder in std::fs::read_dir(root).map_err(|error| error.to_string())? {
        let folder = folder.map_err(|error| error.to_string())?.path();
        let files = std::fs::read_dir(&folder).map_err(|error| error.to_string())?;
        let names =
            files.filter_map(|file| file.ok()?.file_name().into_string().ok()).filter(|name| !name.starts_with(".."));
        let entries: BTreeMap<String, String> =
            names.map(|name| (name.clone(), std::fs::read_to_string(folder.join(name)).unwrap_or_default())).collect();
        let entry = |key: &str| entries.get(key).map(String::as_str).ok_or(format!("{}: no {key}", folder.display()));
        if entry("type")? != kind
            || provider.is_some_and(|wanted| entries.get("provider").map(String::as_str) != Some(wanted))
        {
            continue;
        }
        let [user, password, host, port, database] = ["username", "password", "host", "port", "database"].map(entry);
        return Ok(format!("{}:{} at {}:{}/{}", user?, password?, host?, port?, database?));
    }
    Err(format!("no binding of type {kind}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_knows_the_specification_connects() {
    let test = TestNamespace::start("consumer").await;
    test.apply(DATABASE).await;
    let credential = test.ready("db").await;
    assert_eq!(credential.0["status"]["binding"], json!({"name": "db"}));
    let name = credential.0["status"]["binding"]["name"].as_str().unwrap();
    let secret = test.get_in("home", "Secret", name).await.expect("the Secret that it names");
    assert_eq!(secret["type"], "servicebinding.io/postgresql");
    let mounted = Mounted::new(&test, name, &secret["data"]);
    let wanted = Ok("app:p@ss w0rd at pg.internal:5432/orders".to_owned());
    assert_eq!(connect(&mounted.root, "postgresql", None), wanted);
    assert_eq!(connect(&mounted.root, "postgresql", Some("aws-rds")), wanted);
    assert!(connect(&mounted.root, "postgresql", Some("another")).is_err());
    assert!(connect(&mounted.root, "mysql", None).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_left_out_where_there_is_none() {
    let test = TestNamespace::start("no-provider").await;
    test.apply(&DATABASE.replace(", provider: aws-rds", "")).await;
    test.ready("db").await;
    let data = test.get_in("home", "Secret", "db").await.unwrap()["data"].clone();
    assert!(data["provider"].is_null() && data["type"].is_string());
    let mounted = Mounted::new(&test, "db", &data);
    assert!(connect(&mounted.root, "postgresql", None).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binding_is_that_of_the_first_target_in_the_own_namespace() {
    let test = TestNamespace::start_with_others("first", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging, secret: {layout: ServiceBinding}}]")).await;
    let name = |credential: &crate::harness::Credential| credential.0["status"]["binding"]["name"].clone();
    assert!(name(&test.ready("app").await).is_null(), "a workload cannot bind across namespaces");
    let elsewhere = json!({"namespace": test.ns("staging"), "secret": {"layout": "ServiceBinding"}});
    let binding =
        |name: &str| json!({"secret": {"name": name, "layout": "ServiceBinding"}, "configMap": {"name": name}});
    let split = json!({"secret": {"name": "split"}, "configMap": {"name": "split"}});
    test.edit("app", json!({"targets": [elsewhere, split, binding("one"), binding("two")]})).await;
    assert_eq!(name(&test.ready("app").await), "one");
    test.edit("app", json!({"targets": [elsewhere, split, binding("two"), binding("one")]})).await;
    assert_eq!(name(&test.ready("app").await), "two");
    test.edit("app", json!({"targets": [elsewhere, split]})).await;
    assert!(name(&test.ready("app").await).is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_stays_as_long_as_its_last_good_secret_does() {
    let test = TestNamespace::start("lasting").await;
    test.apply(DATABASE).await;
    test.ready("db").await;
    let before = test.get_in("home", "Secret", "db").await.unwrap()["metadata"]["uid"].clone();
    let name = |credential: crate::harness::Credential| credential.0["status"]["binding"]["name"].clone();
    // A source that vanishes takes nothing away from those who are bound.
    test.delete("Secret", "source").await;
    assert_eq!(name(test.not_ready("db", "SecretNotFound").await), "db");
    test.edit("db", json!({"parameters": [{"name": "host", "value": "twice"}]})).await;
    assert_eq!(name(test.not_ready("db", "KeyConflict").await), "db");
    test.edit("db", json!({"parameters": null, "suspend": true})).await;
    assert_eq!(name(test.not_ready("db", "Suspended").await), "db");
    assert_eq!(test.get_in("home", "Secret", "db").await.unwrap()["metadata"]["uid"], before);
}
