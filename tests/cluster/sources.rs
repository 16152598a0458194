//! Sources change, vanish, go empty and come back. A failure of a source never blanks an output: the last
//! good one stays, and the condition says why.

use serde_json::json;

use crate::harness::{Bench, Outputs};

async fn assert_kept(bench: &Bench, before: &Outputs) {
    assert_eq!(bench.outputs_now("orders").await.versions(), before.versions(), "the last good outputs stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_reaches_the_outputs_at_once() {
    let bench = Bench::start("sources").await;
    bench.orders().await;
    bench.patch("Secret", "orders-source", json!({"stringData": {"password": "hunter3"}})).await;
    let outputs = bench.at_revision("orders", 2).await;
    assert_eq!(outputs.secret_text()["password"], "hunter3");
    assert_eq!(outputs.secret_text()["replica-password"], "replica2");
    bench.settings("orders-ca", &[("ca.crt", "the next CA\n")]).await;
    let outputs = bench.at_revision("orders", 3).await;
    assert_eq!(outputs.settings()["ca.crt"], "the next CA\n");
    // What nobody refers to is no news to anybody.
    bench.patch("Secret", "orders-source", json!({"stringData": {"unreferenced": "x"}})).await;
    bench.settings("somebody-elses", &[("a", "b")]).await;
    bench.at_rest().await;
    assert_eq!(bench.outputs_now("orders").await.versions(), outputs.versions());
    let credential = bench.ready("orders").await;
    assert_eq!(credential.environment("default")["targets"][0]["revision"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_source_leaves_the_last_good_output() {
    let bench = Bench::start("gone").await;
    let before = bench.orders().await;
    bench.delete("Secret", "orders-source").await;
    let credential = bench.not_ready("orders", "SecretNotFound").await;
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
    let event = bench.event("orders", "SecretNotFound").await;
    assert_eq!(event["type"], "Warning");
    assert_kept(&bench, &before).await;

    // Drift in the meantime: there is no good value to put it right with, so nothing is made worse.
    bench.delete("ConfigMap", "orders-ca").await;
    bench
        .credential_when("orders", "the ConfigMap is named too", |credential| {
            credential.message("ResolvedRefs").contains("ConfigMap orders-ca does not exist")
        })
        .await;
    assert_kept(&bench, &before).await;

    bench.orders_sources().await;
    bench.ready("orders").await;
    assert_kept(&bench, &before).await;
    let event = bench.event("orders", "Recovered").await;
    assert_eq!(event["type"], "Normal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_goes_or_is_empty_leaves_the_last_good_output() {
    let bench = Bench::start("empty").await;
    let before = bench.orders().await;
    bench.patch("Secret", "orders-source", json!({"data": {"password": ""}})).await;
    let credential = bench.not_ready("orders", "ValueEmpty").await;
    assert!(credential.message("Ready").contains("Secret orders-source has an empty key password"));
    assert_kept(&bench, &before).await;
    bench.patch("Secret", "orders-source", json!({"data": {"password": null}})).await;
    let credential = bench.not_ready("orders", "KeyNotFound").await;
    assert!(credential.message("Ready").contains("Secret orders-source has no key password"));
    assert_kept(&bench, &before).await;
    bench.patch("ConfigMap", "orders-ca", json!({"data": {"ca.crt": ""}})).await;
    bench
        .credential_when("orders", "the CA is named too", |credential| {
            credential.message("Ready").contains("spec.connection.tls.ca: ConfigMap orders-ca has an empty key ca.crt")
        })
        .await;
    assert_kept(&bench, &before).await;
    bench.patch("ConfigMap", "orders-ca", json!({"data": {"ca.crt": "another CA"}})).await;
    bench.patch("Secret", "orders-source", json!({"stringData": {"password": "hunter4"}})).await;
    bench.ready("orders").await;
    let outputs = bench.outputs_now("orders").await;
    assert_eq!(outputs.secret_text()["password"], "hunter4");
    assert_eq!(outputs.settings()["ca.crt"], "another CA");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_source_is_waited_for_and_nothing_is_half_filled() {
    let bench = Bench::start("early").await;
    bench.apply(crate::manifests::ORDERS).await;
    let credential = bench.not_ready("orders", "SecretNotFound").await;
    assert!(credential.environment("default")["targets"][0]["revision"].is_null());
    assert!(bench.output_names().await.is_empty());
    bench.settings("orders-ca", &[("ca.crt", "the CA\n")]).await;
    bench
        .credential_when("orders", "only the Secret is missing", |credential| {
            !credential.message("Ready").contains("orders-ca")
        })
        .await;
    assert!(bench.output_names().await.is_empty());
    bench.orders_sources().await;
    bench.ready("orders").await;
    crate::manifests::assert_orders(&bench.at_revision("orders", 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_reference_leaves_its_key_out_until_it_appears() {
    let bench = Bench::start("optional").await;
    bench.orders().await;
    let optional = |kind: &str, name: &str| json!({"valueFrom": {kind: {"name": name, "key": "k", "optional": true}}});
    let mut secret = optional("secretKeyRef", "later-secret");
    secret["name"] = json!("from-secret");
    let mut settings = optional("configMapKeyRef", "later-settings");
    settings["name"] = json!("from-settings");
    let ca = json!({"tls": {"ca": optional("configMapKeyRef", "later-settings")}});
    bench.edit("orders", json!({"parameters": [secret, settings], "connection": ca})).await;
    bench.ready("orders").await;
    let outputs = bench.at_revision("orders", 2).await;
    assert_eq!(outputs.secret_text().into_keys().collect::<Vec<_>>(), ["password", "username"]);
    assert!(!outputs.settings().contains_key("from-settings") && !outputs.settings().contains_key("ca.crt"));

    bench.source("later-secret", &[("k", b"s")]).await;
    assert_eq!(bench.at_revision("orders", 3).await.secret_text()["from-secret"], "s");
    bench.settings("later-settings", &[("k", "c")]).await;
    let outputs = bench.at_revision("orders", 4).await;
    assert_eq!((&*outputs.settings()["from-settings"], &*outputs.settings()["ca.crt"]), ("c", "c"));

    // An optional one that goes empty or goes takes its key with it: that is what optional means.
    bench.source("later-secret", &[("k", b"")]).await;
    assert!(!bench.at_revision("orders", 5).await.secret_text().contains_key("from-secret"));
    bench.delete("ConfigMap", "later-settings").await;
    assert!(!bench.at_revision("orders", 6).await.settings().contains_key("from-settings"));
    bench.ready("orders").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_followed_when_an_edit_refers_to_another_one() {
    let bench = Bench::start("followed").await;
    bench.small().await;
    bench.source("small-source-2", &[("token", b"second")]).await;
    let other = json!({"bearerToken": {"token": {"valueFrom": {"secretKeyRef": {"name": "small-source-2"}}}}});
    bench.edit("small", json!({"authentication": other})).await;
    assert_eq!(bench.at_revision("small", 2).await.secret_text()["token"], "second");
    bench.source("small-source-2", &[("token", b"third")]).await;
    let outputs = bench.at_revision("small", 3).await;
    assert_eq!(outputs.secret_text()["token"], "third");
    // The former one is of no interest any more.
    bench.at_rest().await;
    let asked = bench.requests().len();
    bench.source("small-source", &[("token", b"ignored")]).await;
    bench.delete("Secret", "small-source").await;
    bench.at_rest().await;
    assert!(bench.tally_since(asked).is_empty());
    assert_eq!(bench.outputs_now("small").await.versions(), outputs.versions());
}
