//! Targets and grants that pin a namespace by its uid.

use serde_json::{Value, json};

use super::app;
use crate::harness::Bench;

const WRONG: &str = "00000000-0000-0000-0000-000000000000";

async fn uid(bench: &Bench, namespace: &str) -> String {
    bench.kubectl_says(&["get", "namespace", namespace, "-o=jsonpath={.metadata.uid}"]).await
}

/// An operator that looks at pins, and the namespace `staging`.
async fn looking(name: &str) -> Bench {
    let mut bench = Bench::idle_with_others(name, &["staging"]).await;
    bench.operator.add(&["--namespace-pins"]);
    bench.operator.start();
    bench
}

fn pinned(bench: &Bench, uid: &str) -> Value {
    json!({"targets": [{"namespace": bench.ns("staging"), "namespaceUID": uid}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_where_a_pin_does_not_fit() {
    let bench = looking("pins").await;
    bench.grant("staging", "").await;
    bench.apply_in("home", &app(&format!("targets: [{{namespace: $staging, namespaceUID: {WRONG}}}]"))).await;
    let told = bench.not_ready("app", "NamespaceChanged").await.message("Synced");
    assert!(told.starts_with(&format!("namespace {}: is not the one that is pinned", bench.ns("staging"))), "{told}");
    bench.at_rest().await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_none());
    let right = uid(&bench, &bench.ns("staging")).await;
    bench.edit("app", pinned(&bench, &right)).await;
    bench.ready("app").await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_some());
    bench.at_rest().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_another_namespace_is_left_alone() {
    let mut bench = looking("pins-left").await;
    bench.grant("staging", "").await;
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    bench.ready("app").await;
    bench.operator.terminate().await;
    // As a backup of the former namespace would be restored into the new one: all marks, another uid.
    let mut restored = bench.get_in("staging", "Secret", "app").await.expect("it was written");
    bench.delete_in("staging", "Secret", "app").await;
    let metadata = restored["metadata"].as_object_mut().expect("metadata");
    metadata.retain(|field, _| ["name", "namespace", "labels", "annotations"].contains(&field.as_str()));
    bench.apply_in("staging", &restored.to_string()).await;
    bench.edit("app", pinned(&bench, WRONG)).await;
    let before = bench.versions().await;
    bench.operator.start();
    let credential = bench.not_ready("app", "NamespaceChanged").await;
    let told = json!([{"outputs": [format!("ConfigMap/{}/app", bench.ns("staging"))]}]);
    assert_eq!(credential.0["status"]["detachedOutputs"], told);
    bench.at_rest().await;
    assert_eq!(bench.versions().await, before, "nothing is written, adopted or deleted");
    bench.delete("AppCredential", "app").await;
    bench.wait_until("the credential is gone", async || bench.credential("app").await.is_none()).await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_some(), "the restored Secret is not ours");
    assert!(bench.get_in("staging", "ConfigMap", "app").await.is_none(), "the ConfigMap is the one that was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_with_a_pin_that_does_not_fit_is_no_consent() {
    let bench = looking("pins-grant").await;
    let grant = |uid: &str| {
        let from = json!([{"namespace": bench.namespace, "namespaceUID": uid}]);
        json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredentialGrant", "metadata": {"name": "pinned"}, "spec": {"from": from}})
    };
    bench.apply_in("staging", &grant(WRONG).to_string()).await;
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    let told = bench.not_ready("app", "NamespaceChanged").await.message("Synced");
    assert!(told.contains(&format!("as a grant in {} names it", bench.ns("staging"))), "{told}");
    let right = uid(&bench, &bench.namespace).await;
    bench.apply_in("staging", &grant(&right).to_string()).await;
    bench.ready("app").await;
    bench.apply_in("staging", &grant(WRONG).to_string()).await;
    bench.not_ready("app", "NamespaceChanged").await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_none(), "consent was taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_does_not_look_at_pins_says_so() {
    let bench = Bench::start_with_others("pins-off", &["staging"]).await;
    bench.grant("staging", "").await;
    let right = uid(&bench, &bench.ns("staging")).await;
    bench.apply_in("home", &app(&format!("targets: [{{namespace: $staging, namespaceUID: {right}}}]"))).await;
    bench.not_ready("app", "PinsDisabled").await;
    bench.at_rest().await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_none());
}
