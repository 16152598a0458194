//! Events: what they say, which field they name, and that the latest failure is among them.

use serde_json::{Value, json};

use crate::harness::TestNamespace;

/// The field of the only value of `small` that comes from elsewhere.
const TOKEN: &str = "spec.authentication.bearerToken.token";

/// Refers to another source.
async fn refer_to(test: &TestNamespace, source: &str) {
    let token = json!({"valueFrom": {"secretKeyRef": {"name": source, "key": "token"}}});
    test.edit("small", json!({"authentication": {"bearerToken": {"token": token}}})).await;
}

/// The event that says that a source is missing.
async fn says_missing(test: &TestNamespace, source: &str) -> Value {
    let names = |event: &Value| {
        let note = event["note"].as_str().unwrap_or_default();
        event["reason"] == "SecretNotFound" && note.contains(&format!("Secret {source} does not exist"))
    };
    let find = async || test.events("small").await.into_iter().find(names);
    test.wait_for(&format!("an event that {source} is missing"), find).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_failure_is_reported_where_only_its_text_is_new() {
    let test = TestNamespace::start("events-latest").await;
    test.apply(crate::manifests::SMALL).await;
    let first = says_missing(&test, "small-source").await;
    assert_eq!(first["regarding"]["fieldPath"], TOKEN);
    refer_to(&test, "another-source").await;
    let second = says_missing(&test, "another-source").await;
    assert_eq!(second["regarding"]["fieldPath"], TOKEN, "the same field and reason");
    // The first again: it is the same event, counted up.
    refer_to(&test, "small-source").await;
    let counted = async || says_missing(&test, "small-source").await["series"]["count"] == 2;
    test.wait_until("it is counted", counted).await;
    assert_eq!(test.events("small").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_somebody_deleted_is_written_again() {
    let test = TestNamespace::start("events-deleted").await;
    test.apply(crate::manifests::SMALL).await;
    says_missing(&test, "small-source").await;
    refer_to(&test, "another-source").await;
    says_missing(&test, "another-source").await;
    test.kubectl_says(&["delete", "events.events.k8s.io", "--all"]).await;
    refer_to(&test, "small-source").await;
    let event = says_missing(&test, "small-source").await;
    assert_eq!(event["series"], Value::Null, "a new one");
}

const PLAIN: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: small}
spec:
  application: {type: api}
  authentication: {type: BearerToken, bearerToken: {token: {value: hunter2}}}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_secret_in_last_applied_gets_one_event_an_edit() {
    let test = TestNamespace::start("events-remembered").await;
    test.source("small-source", &[("token", b"t")]).await;
    assert!(test.kubectl(&["apply", "--filename", "-"], PLAIN).await.status.success());
    test.ready("small").await;
    let repaired = json!({"value": null, "valueFrom": {"secretKeyRef": {"name": "small-source", "key": "token"}}});
    test.edit("small", json!({"authentication": {"bearerToken": {"token": repaired}}})).await;
    let event = test.event("small", "PlainSecretRemembered").await;
    let note = event["note"].as_str().expect("a note");
    let remedy = "kubectl annotate appcredential small kubectl.kubernetes.io/last-applied-configuration-";
    assert!(note.contains(remedy) && !note.contains("hunter2"), "{note}");
    assert_eq!(event["series"], Value::Null, "told once");

    test.kubectl_says(&remedy.split(' ').skip(1).collect::<Vec<_>>()).await;
    test.edit("small", json!({"suspend": true})).await;
    test.event("small", "Suspended").await;
    let all = test.events("small").await;
    let told: Vec<&Value> = all.iter().filter(|event| event["reason"] == "PlainSecretRemembered").collect();
    assert!(told.len() == 1 && told[0]["series"].is_null(), "it stands nowhere any more: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_field_of_an_event_is_a_field_or_nothing() {
    let test = TestNamespace::start("events-field").await;
    test.small().await;
    test.edit("small", json!({"suspend": true})).await;
    let event = test.event("small", "Suspended").await;
    assert_eq!(event["regarding"]["fieldPath"], Value::Null, "{}", event["note"]);
    test.edit("small", json!({"suspend": false, "targets": [{"secret": {"name": "small-source"}}]})).await;
    let event = test.event("small", "TargetConflict").await;
    assert_eq!(event["regarding"]["fieldPath"], "spec.targets[0].secret.name");
    // What is in the way is an object, not a field.
    test.source("taken", &[("theirs", b"x")]).await;
    test.edit("small", json!({"targets": [{"secret": {"name": "taken"}}]})).await;
    let event = test.event("small", "NotOwned").await;
    assert_eq!(event["regarding"]["fieldPath"], Value::Null, "{}", event["note"]);
}
