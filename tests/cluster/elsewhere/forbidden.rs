//! Namespaces that the operator is told to watch and may not list: a role that is not there yet, or went with its namespace.

use std::time::Duration;

use serde_json::{Value, json};

use super::{app, named};
use crate::harness::{Credential, TestNamespace};

/// How long until a namespace that was refused is asked again, and taken in.
const ASKED: Duration = Duration::from_secs(90);

/// Takes away the operator's role in a namespace, and waits until it is gone from what the API server knows.
async fn take_away(test: &TestNamespace, other: &str) {
    let namespace = format!("--namespace={}", test.ns(other));
    test.kubectl_says(&["delete", "roles,rolebindings", "--all", &namespace]).await;
    let user = format!("--as={}", test.user);
    let may =
        async || test.kubectl(&["auth", "can-i", "list", "secrets", &namespace, &user], "").await.status.success();
    test.wait_until("it may not", async || !may().await).await;
}

async fn is_ready_in(test: &TestNamespace, other: &str, name: &str) -> bool {
    let credential = test.get_in(other, "AppCredential", name).await.expect("it is there");
    Credential(credential).condition("Ready").0 == "True"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_namespace_delays_no_other_and_is_served_later() {
    let mut test = TestNamespace::idle("no-role").await.denied_at_times();
    test.add_namespace("staging").await;
    test.grant("staging", "").await;
    test.apply_in("home", &named("here", "targets: [{}]")).await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.apply_in("staging", &named("there", "targets: [{}]")).await;
    test.operator.start();
    test.ready("here").await;
    let told = test.not_ready("app", "NamespaceForbidden").await.message("Synced");
    let namespace = format!("namespace {}", test.ns("staging"));
    assert!(
        told.starts_with(&format!(
            "{namespace}: cannot be listed by this operator; give the operator's service account"
        )),
        "{told}"
    );
    test.at_rest().await;
    let there = test.get_in("staging", "AppCredential", "there").await.expect("it is there");
    assert_eq!(there["status"]["observedGeneration"], -1, "nobody has looked at it");

    test.allowed_in(&test.ns("staging")).await;
    let served = async || is_ready_in(&test, "staging", "there").await.then_some(());
    test.wait_within(ASKED, "it is served", served).await;
    test.ready("app").await;
    assert!(test.get_in("staging", "Secret", "there").await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_role_keeps_its_outputs_in_status_and_the_finalizer() {
    let mut test = TestNamespace::start_with_others("lost-role", &["staging"]).await.denied_at_times();
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.apply_in("staging", &named("there", "targets: [{}]")).await;
    let before = test.ready("app").await;
    test.wait_until("it is served", async || is_ready_in(&test, "staging", "there").await).await;
    test.operator.terminate().await;
    take_away(&test, "staging").await;
    let versions = test.versions().await;
    test.operator.start();
    test.operator.ready().await;
    let credential = test.not_ready("app", "NamespaceForbidden").await;
    test.at_rest().await;
    let credential = test.credential("app").await.unwrap_or(credential);
    assert_eq!(credential.0["status"]["detachedOutputs"], before.0["status"]["detachedOutputs"]);
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
    test.delete("AppCredential", "app").await;
    let place = format!("Secret/{}/app", test.ns("staging"));
    let told = async || {
        let credential = test.credential("app").await?;
        credential
            .message("Synced")
            .contains(&format!("{place}: is in a namespace that this operator may not list;"))
            .then_some(())
    };
    test.wait_for("its deletion waits, and says for what", told).await;
    assert_eq!(test.versions().await, versions, "nobody touched what is there");

    test.allowed_in(&test.ns("staging")).await;
    let gone = async || test.credential("app").await.is_none().then_some(());
    test.wait_within(ASKED, "the credential is gone", gone).await;
    assert!(test.get_in("staging", "Secret", "app").await.is_none());
    assert!(is_ready_in(&test, "staging", "there").await, "the other one was and is served");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_sees_outputs_but_no_grants_leaves_them() {
    let mut test = TestNamespace::start_with_others("no-grants", &["staging"]).await.denied_at_times();
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.ready("app").await;
    test.operator.terminate().await;
    let versions = test.versions().await;
    let namespace = format!("--namespace={}", test.ns("staging"));
    let roles = test.kubectl_says(&["get", "roles", "-o=json", &namespace]).await;
    let mut role = serde_json::from_str::<Value>(&roles).expect("JSON")["items"][0].take();
    let rules = role["rules"].as_array_mut().expect("rules");
    rules.retain(|rule| !rule["resources"][0].as_str().is_some_and(|resource| resource.contains("grants")));
    let output = test.kubectl(&["replace", "-f", "-", &namespace], &role.to_string()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let user = format!("--as={}", test.user);
    let list = ["auth", "can-i", "list", "appcredentialgrants", &namespace, &user];
    test.wait_until("it may not", async || !test.kubectl(&list, "").await.status.success()).await;
    test.operator.start();
    test.not_ready("app", "NamespaceForbidden").await;
    test.edit("app", json!({"connection": {"host": "redis2.internal"}})).await;
    test.at_rest().await;
    assert_eq!(test.versions().await, versions, "nobody touched what is there");
}
