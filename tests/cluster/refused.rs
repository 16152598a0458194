//! Bad manifests: what kubectl says of those that admission refuses, that those at the edge are admitted, what the
//! status says of those that only the merged environment or a source shows, and that none of them touches
//! the last good outputs.
//!
//! The cases are data: `tests/fixtures/{refused,accepted,conditions}.yaml`. kubectl itself runs where its words are
//! compared; elsewhere the client asks the same of the API server, since each kubectl takes a quarter of a second.

use std::collections::BTreeSet;
use std::sync::Arc;

use kube::api::{DynamicObject, PostParams};
use kube::core::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{Credential, Outputs, Plane, TestNamespace};

/// kubectls at once: each takes a core while it runs.
const AT_ONCE: usize = 3;
/// Refused cases that are applied as an update, at the least.
const UPDATES: usize = 64;

#[derive(Clone, Deserialize)]
struct Case {
    name: String,
    given: Option<Value>,
    manifest: Value,
    repeat: Option<Repeat>,
    long: Option<Long>,
    #[serde(default)]
    message: String,
}

#[derive(Clone, Deserialize)]
struct Repeat {
    path: String,
    count: usize,
}

#[derive(Clone, Deserialize)]
struct Long {
    path: String,
    length: usize,
}

#[derive(Deserialize)]
struct Told {
    name: String,
    manifest: Value,
    conditions: Vec<Value>,
}

impl Case {
    /// The manifest, with what `repeat` and `long` ask for.
    fn manifest(&self) -> Value {
        let mut manifest = self.manifest.clone();
        if let Some(Repeat { path, count }) = &self.repeat {
            let list = place(&mut manifest, path);
            let item = list[0].clone();
            *list = (1..=*count).map(|number| numbered(&item, number)).collect();
        }
        if let Some(Long { path, length }) = &self.long {
            let text = place(&mut manifest, path);
            *text = json!(text.as_str().expect("a text").repeat(*length));
        }
        manifest
    }
}

/// The place of a path such as `spec.parameters[0].value`.
fn place<'a>(manifest: &'a mut Value, path: &str) -> &'a mut Value {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    manifest.pointer_mut(&pointer).unwrap_or_else(|| panic!("{path} is not there"))
}

fn numbered(item: &Value, number: usize) -> Value {
    let mut item = item.clone();
    if let Some(name) = item.get("name").and_then(Value::as_str).and_then(|name| name.strip_suffix('1')) {
        item["name"] = json!(format!("{name}{number}"));
    }
    item
}

/// YAML as kubectl reads it: `y` is a text.
fn cases<T: for<'de> Deserialize<'de>>(yaml: &str) -> Vec<T> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(yaml, options).expect("cases")
}

fn refused() -> Vec<Case> {
    cases(include_str!("../fixtures/refused.yaml"))
}

fn accepted() -> Vec<Case> {
    cases(include_str!("../fixtures/accepted.yaml"))
}

/// Applies every case in a namespace of its own for this worker, and tells what differs. An older API server has words of
/// its own.
fn apply_all(plane: &Plane, namespace: &str, cases: &[Case], older: bool) -> Vec<String> {
    let run = |args: &[&str], input: &str| {
        let namespace = format!("--namespace={namespace}");
        let output = plane.kubectl(&[&[namespace.as_str()], args].concat(), input);
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let mut differ = Vec::new();
    for case in cases {
        if let Some(given) = &case.given {
            assert_eq!(run(&["apply", "-f=-"], &given.to_string()), "", "{}", case.name);
        }
        let said = run(&["apply", "-f=-"], &case.manifest().to_string());
        if !says(older, &lines(&said), &lines(&case.message)) {
            differ.push(format!("{}\n  expected {:#?}\n  got {:#?}", case.name, lines(&case.message), lines(&said)));
        }
        if case.given.is_some() {
            run(&["delete", "appcred", "x"], "");
        }
    }
    differ
}

/// The API server does not promise an order of what it finds.
fn lines(text: &str) -> BTreeSet<&str> {
    text.trim().lines().map(str::trim_end).collect()
}

/// Whether kubectl's lines are those that are expected. Up to Kubernetes 1.33 an API server names the type of what is wrong
/// where a newer one shows it, or nothing where it is an object; shows objects as Go does; and says one thing less of a
/// number that should be an integer.
fn says(older: bool, said: &BTreeSet<&str>, expected: &BTreeSet<&str>) -> bool {
    const WRONG: &str = "Invalid value: ";
    const NOT_SAID: &str = "Checked value must be of type integer";
    let alike = |said: &str, expected: &str| {
        let split = said.split_once(WRONG).and_then(|(field, rest)| Some((field, rest.split_once("\": ")?.1)));
        split.is_some_and(|(field, rule)| {
            let shown = expected.strip_prefix(field).and_then(|rest| rest.strip_prefix(WRONG));
            shown.is_some_and(|shown| shown.ends_with(rule))
        })
    };
    if !older {
        return said == expected;
    }
    let said: BTreeSet<String> = said.iter().map(|line| line.replace("map[string]interface {}", "")).collect();
    let expected: Vec<&str> = expected.iter().copied().filter(|line| !line.contains(NOT_SAID)).collect();
    let expects = |said: &String| expected.iter().any(|line| said == line || alike(said, line));
    said.len() == expected.len() && said.iter().all(expects)
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_says_of_every_bad_manifest_exactly_what_is_wrong() {
    let cases = refused();
    assert!(cases.len() >= 170, "{} cases", cases.len());
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..AT_ONCE {
        let test = TestNamespace::idle("admission").await;
        let older = test.client.apiserver_version().await.expect("a version").minor == "33";
        let cases: Vec<Case> = cases.iter().skip(worker).step_by(AT_ONCE).cloned().collect();
        workers.spawn_blocking(move || apply_all(&Arc::clone(&test.plane), &test.namespace, &cases, older));
    }
    let differ: Vec<String> = workers.join_all().await.into_iter().flatten().collect();
    assert!(differ.is_empty(), "{} of {} differ:\n{}", differ.len(), cases.len(), differ.join("\n"));
}

/// Asks as `kubectl create --dry-run=server --validate=strict` does.
async fn dry_run(test: &TestNamespace, method: &str, name: &str, manifest: &Value) -> Result<(), String> {
    let path = format!("/apis/appcredential.io/v1alpha1/namespaces/{}/appcredentials", test.namespace);
    let uri = format!("{path}{name}?dryRun=All&fieldValidation=Strict");
    let request = http::Request::builder().method(method).uri(uri).header("content-type", "application/json");
    let request = request.body(manifest.to_string().into_bytes().into()).expect("a request");
    let answer = test.client.send(request).await.expect("an answer");
    let warnings: Vec<_> = answer.headers().get_all("warning").iter().cloned().collect();
    let status = answer.status();
    let body = answer.into_body().collect_bytes().await.expect("a body");
    if status.is_success() && warnings.is_empty() {
        return Ok(());
    }
    let start: String = String::from_utf8_lossy(&body).chars().take(600).collect();
    Err(format!("{status} {warnings:?} {start}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_at_the_limits_are_admitted_without_a_warning() {
    let test = TestNamespace::idle("accepted").await;
    let mut wrong = Vec::new();
    for case in accepted() {
        let mut manifest = case.manifest();
        let admitted = match &case.given {
            None => dry_run(&test, "POST", "", &manifest).await,
            Some(given) => {
                let given: DynamicObject = serde_json::from_value(given.clone()).expect("a manifest");
                let made = test.credentials().create(&PostParams::default(), &given).await.expect("admitted");
                manifest["metadata"]["resourceVersion"] = json!(made.metadata.resource_version);
                let name = made.metadata.name.expect("a name");
                let admitted = dry_run(&test, "PUT", &format!("/{name}"), &manifest).await;
                test.delete("AppCredential", &name).await;
                admitted
            }
        };
        wrong.extend(admitted.err().map(|said| format!("{}: {said}", case.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A good credential; it can be made any of the bad ones.
fn good(name: &str) -> Value {
    json!({
        "apiVersion": "appcredential.io/v1alpha1",
        "kind": "AppCredential",
        "metadata": {"name": name},
        "spec": {
            "application": {"type": "postgresql"},
            "authentication": {"type": "Basic", "basic": {
                "username": {"value": "app"},
                "password": {"valueFrom": {"secretKeyRef": {"name": "source", "key": "password"}}},
            }},
            "connection": {"host": "pg.internal"},
        },
    })
}

async fn sources(test: &TestNamespace) {
    test.source("source", &[("password", b"hunter2"), ("empty", b"")]).await;
    test.settings("settings", &[("region", "eu")]).await;
}

fn versions(outputs: &Outputs) -> String {
    format!("{:?} {:?}", outputs.uids(), outputs.versions())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_update_leaves_credential_and_outputs_unchanged() {
    let test = TestNamespace::start("refused-updates").await;
    sources(&test).await;
    test.apply_one(good("x")).await;
    test.ready("x").await;
    test.at_rest().await;
    let before = (test.credential("x").await.expect("x"), versions(&test.outputs_now("x").await));
    // The type of an application cannot be changed: a case with another one would be refused for that alone.
    let same_type = |case: &Case| case.manifest["spec"]["application"]["type"] == "postgresql";
    let updates: Vec<Case> = refused()
        .into_iter()
        .filter(|case| case.given.is_none() && case.manifest["metadata"]["name"] == "x" && same_type(case))
        .collect();
    assert!(updates.len() >= UPDATES, "{} updates", updates.len());
    for case in &updates {
        let mut manifest = case.manifest();
        manifest["metadata"]["resourceVersion"] = before.0.0["metadata"]["resourceVersion"].clone();
        let uri = format!("/apis/appcredential.io/v1alpha1/namespaces/{}/appcredentials", test.namespace);
        let params = PostParams { dry_run: false, field_manager: Some("test".to_owned()) };
        let mut request =
            Request::new(uri).replace("x", &params, manifest.to_string().into_bytes()).expect("a request");
        let strict = format!("{}&fieldValidation=Strict", request.uri());
        *request.uri_mut() = strict.parse().expect("a URI");
        match test.client.request::<Value>(request).await {
            Err(kube::Error::Api(status)) => {
                assert!(matches!(status.code, 400 | 422), "{}: {} {}", case.name, status.code, status.message);
            }
            other => panic!("{}: {other:?}", case.name),
        }
    }
    // An edit that goes through shows that the operator has seen whatever came before it.
    test.edit("x", json!({"description": "Stores orders"})).await;
    let credential = test.ready("x").await;
    assert_eq!(credential.0["metadata"]["generation"], 2, "none of {} updates went through", updates.len());
    test.at_rest().await;
    assert_eq!(versions(&test.outputs_now("x").await), before.1);
}

fn told() -> Vec<Told> {
    cases(include_str!("../fixtures/conditions.yaml"))
}

/// What a credential's conditions differ in from what a case says.
fn difference(case: &Told, namespace: &str, credential: &Credential) -> Option<String> {
    let mut got = credential.0["status"]["conditions"].clone();
    for condition in got.as_array_mut().expect("conditions") {
        let condition = condition.as_object_mut().expect("a condition");
        condition.remove("lastTransitionTime").expect("a time");
        let generation = condition.remove("observedGeneration");
        assert_eq!(generation.as_ref(), Some(&credential.0["metadata"]["generation"]), "{}", case.name);
    }
    let mut conditions = case.conditions.clone();
    if conditions[0]["status"] == "False" || conditions[3]["reason"] == "OutOfScope" {
        // Only an edit helps, which is told to tools that would wait.
        let mut stalled = conditions[3].clone();
        (stalled["type"], stalled["status"]) = (json!("Stalled"), json!("True"));
        conditions.push(stalled);
    }
    let expected = json!(conditions).to_string().replace("NAMESPACE", namespace);
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    (got != expected).then(|| format!("{}\n  expected {expected:#}\n  got {got:#}", case.name))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_admission_cannot_see_is_reported_in_conditions() {
    let test = TestNamespace::start("conditions").await;
    sources(&test).await;
    let cases = told();
    for case in &cases {
        test.apply_one(case.manifest.clone()).await;
    }
    let mut differ = Vec::new();
    for case in &cases {
        let name = case.manifest["metadata"]["name"].as_str().expect("a name");
        let credential = test.credential_when(name, "Ready=False", |it| it.condition("Ready").0 == "False").await;
        differ.extend(difference(case, &test.namespace, &credential));
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert_eq!(test.output_names().await, [""; 0], "nothing is written for any of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_credential_that_goes_bad_keeps_its_last_good_outputs() {
    let test = TestNamespace::start("gone-bad").await;
    sources(&test).await;
    let cases = told();
    let names: Vec<&str> =
        cases.iter().map(|case| case.manifest["metadata"]["name"].as_str().expect("a name")).collect();
    for name in &names {
        test.apply_one(good(name)).await;
    }
    let mut before = Vec::new();
    for name in &names {
        test.ready(name).await;
        before.push(versions(&test.outputs_now(name).await));
    }
    let outputs = test.output_names().await;
    for case in &cases {
        test.apply_one(case.manifest.clone()).await;
    }
    let mut differ = Vec::new();
    for (case, name) in cases.iter().zip(&names) {
        let credential = test.credential_when(name, "Ready=False", |it| it.condition("Ready").0 == "False").await;
        differ.extend(difference(case, &test.namespace, &credential));
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    test.at_rest().await;
    let after: Vec<String> = {
        let mut after = Vec::new();
        for name in &names {
            after.push(versions(&test.outputs_now(name).await));
        }
        after
    };
    assert_eq!(after, before);
    assert_eq!(test.output_names().await, outputs, "nothing is deleted and nothing is added");
}

/// A good credential with this connection.
fn connected(connection: &Value) -> Value {
    let mut credential = good("x");
    credential["spec"]["connection"] = connection.clone();
    credential
}

/// The table of plain secrets against the schema: the operator's own check is held against it in `tests/pure/plain.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_refuses_passwords_in_addresses_and_no_others() {
    use crate::plain_cases::{HARMLESS_ADDRESSES, HARMLESS_URIS, SECRET_ADDRESSES, SECRET_URIS};
    let test = TestNamespace::idle("plain-addresses").await;
    let mut wrong = Vec::new();
    for (cases, is_secret) in [(SECRET_URIS, true), (HARMLESS_URIS, false)] {
        for uri in cases {
            let said = dry_run(&test, "POST", "", &connected(&json!({"uri": uri}))).await;
            let told = said
                .as_ref()
                .is_err_and(|said| said.contains("spec.connection.uri") && said.contains("holds a password"));
            wrong.extend((told != is_secret || said.is_err() != is_secret).then(|| format!("{uri}: {said:?}")));
        }
    }
    for (cases, is_secret) in [(SECRET_ADDRESSES, true), (HARMLESS_ADDRESSES, false)] {
        for address in cases {
            let said = dry_run(&test, "POST", "", &connected(&json!({"endpoints": [address]}))).await;
            let told = said.as_ref().is_err_and(|said| said.contains("holds a password"));
            wrong.extend((told != is_secret).then(|| format!("{address}: {said:?}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What no output may be named, by a name that is given and by default.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_refuses_every_reserved_name_of_an_output() {
    use appcredential_api::reserved::RESERVED;
    let test = TestNamespace::idle("reserved").await;
    for reserved in RESERVED {
        let name = if reserved.prefix { format!("{}x", reserved.name) } else { reserved.name.to_owned() };
        for target in [json!({"secret": {"name": name}}), json!({"configMap": {"name": name}})] {
            let mut given = good("x");
            given["spec"]["targets"] = json!([target]);
            let said = dry_run(&test, "POST", "", &given).await.expect_err("refused");
            assert!(said.contains("choose another one"), "{name}: {said}");
        }
        let said = dry_run(&test, "POST", "", &good(&name)).await.expect_err("refused");
        assert!(said.contains("gives an output a name"), "{name}: {said}");
        let mut elsewhere = good(&name);
        elsewhere["spec"]["targets"] = json!([{"secret": {"name": "s"}, "configMap": {"name": "m"}}]);
        dry_run(&test, "POST", "", &elsewhere).await.unwrap_or_else(|said| panic!("{name}: {said}"));
        if let Some((credential, environment)) =
            reserved.name.rsplit_once('-').filter(|_| !reserved.prefix && !name.contains('.'))
        {
            let mut together = good(credential);
            together["spec"]["environments"] = json!([{"name": environment}]);
            let said = dry_run(&test, "POST", "", &together).await.expect_err("refused");
            assert!(said.contains("gives an output a name"), "{name}: {said}");
        }
    }
}
