//! Sources change, vanish, go empty and come back. A failure of a source never blanks an output: the last
//! good one stays, and the condition says why.

use serde_json::json;

use crate::harness::{Outputs, TestNamespace};

async fn assert_kept(test: &TestNamespace, before: &Outputs) {
    assert_eq!(test.outputs_now("orders").await.versions(), before.versions(), "the last good outputs stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_reaches_the_outputs_at_once() {
    let test = TestNamespace::start("sources").await;
    test.orders().await;
    test.patch("Secret", "orders-source", json!({"stringData": {"password": "hunter3"}})).await;
    let outputs = test.at_revision("orders", 2).await;
    assert_eq!(outputs.secret_text()["password"], "hunter3");
    assert_eq!(outputs.secret_text()["replica-password"], "replica2");
    test.settings("orders-ca", &[("ca.crt", "the next CA\n")]).await;
    let outputs = test.at_revision("orders", 3).await;
    assert_eq!(outputs.settings()["ca.crt"], "the next CA\n");
    // What nobody refers to is no news to anybody.
    test.patch("Secret", "orders-source", json!({"stringData": {"unreferenced": "x"}})).await;
    test.settings("somebody-elses", &[("a", "b")]).await;
    test.at_rest().await;
    assert_eq!(test.outputs_now("orders").await.versions(), outputs.versions());
    let credential = test.ready("orders").await;
    assert_eq!(credential.environment("default")["targets"][0]["revision"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_source_leaves_the_last_good_output() {
    let test = TestNamespace::start("gone").await;
    let before = test.orders().await;
    test.delete("Secret", "orders-source").await;
    let credential = test.not_ready("orders", "SecretNotFound").await;
    let message = credential.message("ResolvedRefs");
    for path in ["spec.authentication.basic.password: ", "spec.parameters[replica-password]: "] {
        assert!(message.contains(path), "both places are named: {message}");
    }
    assert!(message.contains("Secret orders-source does not exist"), "{message}");
    assert_eq!(
        credential.conditions(),
        [
            "Accepted=True/Valid",
            "ResolvedRefs=False/SecretNotFound",
            "Synced=False/SecretNotFound",
            "Ready=False/SecretNotFound"
        ]
    );
    let event = test.event("orders", "SecretNotFound").await;
    assert_eq!(event["type"], "Warning");
    assert_kept(&test, &before).await;

    // Drift in the meantime: there is no good value to put it right with, so nothing is made worse.
    test.delete("ConfigMap", "orders-ca").await;
    test.credential_when("orders", "the ConfigMap is named too", |credential| {
        credential.message("ResolvedRefs").contains("ConfigMap orders-ca does not exist")
    })
    .await;
    assert_kept(&test, &before).await;

    test.orders_sources().await;
    test.ready("orders").await;
    assert_kept(&test, &before).await;
    let event = test.event("orders", "Recovered").await;
    assert_eq!(event["type"], "Normal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_goes_or_is_empty_leaves_the_last_good_output() {
    let test = TestNamespace::start("empty").await;
    let before = test.orders().await;
    test.patch("Secret", "orders-source", json!({"data": {"password": ""}})).await;
    let credential = test.not_ready("orders", "ValueEmpty").await;
    assert!(credential.message("Ready").contains("Secret orders-source has an empty key password"));
    assert_kept(&test, &before).await;
    test.patch("Secret", "orders-source", json!({"data": {"password": null}})).await;
    let credential = test.not_ready("orders", "KeyNotFound").await;
    assert!(credential.message("Ready").contains("Secret orders-source has no key password"));
    assert_kept(&test, &before).await;
    test.patch("ConfigMap", "orders-ca", json!({"data": {"ca.crt": ""}})).await;
    test.credential_when("orders", "the CA is named too", |credential| {
        credential.message("Ready").contains("spec.connection.tls.ca: ConfigMap orders-ca has an empty key ca.crt")
    })
    .await;
    assert_kept(&test, &before).await;
    test.patch("ConfigMap", "orders-ca", json!({"data": {"ca.crt": "another CA"}})).await;
    test.patch("Secret", "orders-source", json!({"stringData": {"password": "hunter4"}})).await;
    test.ready("orders").await;
    let outputs = test.outputs_now("orders").await;
    assert_eq!(outputs.secret_text()["password"], "hunter4");
    assert_eq!(outputs.settings()["ca.crt"], "another CA");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_source_is_waited_for_and_nothing_is_half_filled() {
    let test = TestNamespace::start("early").await;
    test.apply(crate::manifests::ORDERS).await;
    let credential = test.not_ready("orders", "SecretNotFound").await;
    assert!(credential.environment("default")["targets"][0]["revision"].is_null());
    assert!(test.output_names().await.is_empty());
    test.settings("orders-ca", &[("ca.crt", "the CA\n")]).await;
    test.credential_when("orders", "only the Secret is missing", |credential| {
        !credential.message("Ready").contains("orders-ca")
    })
    .await;
    assert!(test.output_names().await.is_empty());
    test.orders_sources().await;
    test.ready("orders").await;
    crate::manifests::assert_orders(&test.at_revision("orders", 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_reference_leaves_its_key_out_until_it_appears() {
    let test = TestNamespace::start("optional").await;
    test.orders().await;
    let optional = |kind: &str, name: &str| json!({"valueFrom": {kind: {"name": name, "key": "k", "optional": true}}});
    let mut secret = optional("secretKeyRef", "later-secret");
    secret["name"] = json!("from-secret");
    let mut settings = optional("configMapKeyRef", "later-settings");
    settings["name"] = json!("from-settings");
    let ca = json!({"tls": {"ca": optional("configMapKeyRef", "later-settings")}});
    test.edit("orders", json!({"parameters": [secret, settings], "connection": ca})).await;
    test.ready("orders").await;
    let outputs = test.at_revision("orders", 2).await;
    assert_eq!(outputs.secret_text().into_keys().collect::<Vec<_>>(), ["password", "username"]);
    assert!(!outputs.settings().contains_key("from-settings") && !outputs.settings().contains_key("ca.crt"));

    test.source("later-secret", &[("k", b"s")]).await;
    assert_eq!(test.at_revision("orders", 3).await.secret_text()["from-secret"], "s");
    test.settings("later-settings", &[("k", "c")]).await;
    let outputs = test.at_revision("orders", 4).await;
    assert_eq!((&*outputs.settings()["from-settings"], &*outputs.settings()["ca.crt"]), ("c", "c"));

    // An optional one that goes empty or goes takes its key with it: that is what optional means.
    test.source("later-secret", &[("k", b"")]).await;
    assert!(!test.at_revision("orders", 5).await.secret_text().contains_key("from-secret"));
    test.delete("ConfigMap", "later-settings").await;
    assert!(!test.at_revision("orders", 6).await.settings().contains_key("from-settings"));
    test.ready("orders").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_followed_when_an_edit_refers_to_another_one() {
    let test = TestNamespace::start("followed").await;
    test.small().await;
    test.source("small-source-2", &[("token", b"second")]).await;
    let other = json!({"bearerToken": {"token": {"valueFrom": {"secretKeyRef": {"name": "small-source-2"}}}}});
    test.edit("small", json!({"authentication": other})).await;
    assert_eq!(test.at_revision("small", 2).await.secret_text()["token"], "second");
    test.source("small-source-2", &[("token", b"third")]).await;
    let outputs = test.at_revision("small", 3).await;
    assert_eq!(outputs.secret_text()["token"], "third");
    // The former one is of no interest any more.
    test.at_rest().await;
    let asked = test.requests().len();
    test.source("small-source", &[("token", b"ignored")]).await;
    test.delete("Secret", "small-source").await;
    test.at_rest().await;
    assert!(test.tally_since(asked).is_empty());
    assert_eq!(test.outputs_now("small").await.versions(), outputs.versions());
}
