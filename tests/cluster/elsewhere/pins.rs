//! Targets and grants that pin a namespace by its uid.

use serde_json::{Value, json};

use super::app;
use crate::harness::TestNamespace;

const WRONG: &str = "00000000-0000-0000-0000-000000000000";

async fn uid(test: &TestNamespace, namespace: &str) -> String {
    test.kubectl_says(&["get", "namespace", namespace, "-o=jsonpath={.metadata.uid}"]).await
}

/// An operator that looks at pins, and the namespace `staging`.
async fn looking(name: &str) -> TestNamespace {
    let mut test = TestNamespace::idle_with_others(name, &["staging"]).await;
    test.operator.add(&["--namespace-pins"]);
    test.operator.start();
    test
}

fn pinned(test: &TestNamespace, uid: &str) -> Value {
    json!({"targets": [{"namespace": test.ns("staging"), "namespaceUID": uid}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_where_a_pin_does_not_fit() {
    let test = looking("pins").await;
    test.grant("staging", "").await;
    test.apply_in("home", &app(&format!("targets: [{{namespace: $staging, namespaceUID: {WRONG}}}]"))).await;
    let told = test.not_ready("app", "NamespaceChanged").await.message("Synced");
    assert!(
        told.starts_with(&format!("namespace {}: has another uid than the pinned one", test.ns("staging"))),
        "{told}"
    );
    test.at_rest().await;
    assert!(test.get_in("staging", "Secret", "app").await.is_none());
    let right = uid(&test, &test.ns("staging")).await;
    test.edit("app", pinned(&test, &right)).await;
    test.ready("app").await;
    assert!(test.get_in("staging", "Secret", "app").await.is_some());
    test.at_rest().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_another_namespace_is_left_alone() {
    let mut test = looking("pins-left").await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.ready("app").await;
    test.operator.terminate().await;
    // As a backup of the former namespace would be restored into the new one: all marks, another uid.
    let mut restored = test.get_in("staging", "Secret", "app").await.expect("it was written");
    test.delete_in("staging", "Secret", "app").await;
    let metadata = restored["metadata"].as_object_mut().expect("metadata");
    metadata.retain(|field, _| ["name", "namespace", "labels", "annotations"].contains(&field.as_str()));
    test.apply_in("staging", &restored.to_string()).await;
    test.edit("app", pinned(&test, WRONG)).await;
    let before = test.versions().await;
    test.operator.start();
    let credential = test.not_ready("app", "NamespaceChanged").await;
    let told = json!([{"outputs": [format!("ConfigMap/{}/app", test.ns("staging"))]}]);
    assert_eq!(credential.0["status"]["detachedOutputs"], told);
    test.at_rest().await;
    assert_eq!(test.versions().await, before, "nothing is written, adopted or deleted");
    test.delete("AppCredential", "app").await;
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
    assert!(test.get_in("staging", "Secret", "app").await.is_some(), "the restored Secret is not ours");
    assert!(test.get_in("staging", "ConfigMap", "app").await.is_none(), "the ConfigMap is the one that was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_with_a_pin_that_does_not_fit_is_no_consent() {
    let test = looking("pins-grant").await;
    let grant = |uid: &str| {
        let from = json!([{"namespace": test.namespace, "namespaceUID": uid}]);
        json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredentialGrant", "metadata": {"name": "pinned"}, "spec": {"from": from}})
    };
    test.apply_in("staging", &grant(WRONG).to_string()).await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    let told = test.not_ready("app", "NamespaceChanged").await.message("Synced");
    assert!(told.contains(&format!("as a grant in {} names it", test.ns("staging"))), "{told}");
    let right = uid(&test, &test.namespace).await;
    test.apply_in("staging", &grant(&right).to_string()).await;
    test.ready("app").await;
    test.apply_in("staging", &grant(WRONG).to_string()).await;
    test.not_ready("app", "NamespaceChanged").await;
    assert!(test.get_in("staging", "Secret", "app").await.is_none(), "consent was taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_does_not_look_at_pins_says_so() {
    let test = TestNamespace::start_with_others("pins-off", &["staging"]).await;
    test.grant("staging", "").await;
    let right = uid(&test, &test.ns("staging")).await;
    test.apply_in("home", &app(&format!("targets: [{{namespace: $staging, namespaceUID: {right}}}]"))).await;
    test.not_ready("app", "PinsDisabled").await;
    test.at_rest().await;
    assert!(test.get_in("staging", "Secret", "app").await.is_none());
}
