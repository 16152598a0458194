//! Objects that are not ours: never overwritten, adopted or deleted, always named, and waited for. And what
//! becomes of our own when their credential goes.

use std::time::Duration;

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::harness::TestNamespace;
use crate::manifests::{ORDERS, assert_orders};

/// The garbage collector takes its time on a busy machine.
const COLLECTED: Duration = Duration::from_secs(60);

fn foreign(kind: &str, name: &str, metadata: &Value) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": {"theirs": "eA=="}});
    object["metadata"]["name"] = json!(name);
    object
}

async fn version(test: &TestNamespace, kind: &str, name: &str) -> Option<String> {
    match kind {
        "Secret" => test.secret(name).await.and_then(|object| object.metadata.resource_version),
        _ => test.config_map(name).await.and_then(|object| object.metadata.resource_version),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_object_is_named_kept_and_waited_for() {
    for kind in ["Secret", "ConfigMap"] {
        let test = TestNamespace::start("foreign").await;
        test.orders_sources().await;
        test.apply_one(foreign(kind, "orders", &json!({}))).await;
        let before = version(&test, kind, "orders").await;
        test.apply(ORDERS).await;
        let credential = test.not_ready("orders", "NotOwned").await;
        let named = format!("{kind} {}/orders: exists and is not an output of this credential", test.namespace);
        assert!(credential.message("Synced").contains(&named), "{}", credential.message("Synced"));
        assert_eq!(
            credential.conditions(),
            ["Accepted=True/Valid", "ResolvedRefs=True/Resolved", "Synced=False/NotOwned", "Ready=False/NotOwned"]
        );
        test.event("orders", "NotOwned").await;
        if kind == "Secret" {
            assert!(test.config_map("orders").await.is_none(), "a target is not written by halves");
        }
        test.at_rest().await;
        assert_eq!(version(&test, kind, "orders").await, before, "untouched");

        test.delete(kind, "orders").await;
        test.ready("orders").await;
        assert_orders(&test.outputs_now("orders").await);
        test.event("orders", "Recovered").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_took_the_place_of_an_output_is_left_alone() {
    let mut test = TestNamespace::start("usurped").await;
    test.orders().await;
    test.operator.terminate().await;
    test.delete("Secret", "orders").await;
    test.apply_one(foreign("Secret", "orders", &json!({}))).await;
    let before = version(&test, "Secret", "orders").await;
    test.operator.start();
    test.not_ready("orders", "NotOwned").await;
    // While it is in the way nothing of the target is written: an edit, a change of a source.
    let config_map = version(&test, "ConfigMap", "orders").await;
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    test.not_ready("orders", "NotOwned").await;
    test.at_rest().await;
    assert_eq!(version(&test, "Secret", "orders").await, before);
    assert_eq!(version(&test, "ConfigMap", "orders").await, config_map);
    test.delete("Secret", "orders").await;
    test.ready("orders").await;
    assert_eq!(test.outputs_now("orders").await.settings()["host"], "pg2.internal");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_looks_like_an_output_is_not_written_or_pruned() {
    let test = TestNamespace::start("lookalike").await;
    let outputs = test.orders().await;
    let labels = json!(outputs.secret.metadata.labels);
    let uid = test.credential("orders").await.unwrap().uid().to_owned();
    let annotations = json!({"appcredential.io/owner-uid": uid, "appcredential.io/revision": "1"});
    let other = json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "0-0-0", "controller": true}]);
    test.apply_one(foreign("ConfigMap", "labels-only", &json!({"labels": labels}))).await;
    test.apply_one(foreign("ConfigMap", "no-owner", &json!({"labels": labels, "annotations": annotations}))).await;
    let metadata = json!({"labels": labels, "annotations": annotations, "ownerReferences": other});
    // Without a garbage collector, or with one that has not looked yet: the owner does not exist.
    test.apply_one(foreign("Secret", "other-owner", &metadata)).await;
    let names = [("ConfigMap", "labels-only"), ("ConfigMap", "no-owner")];
    let mut before = Vec::new();
    for (kind, name) in names {
        before.push(version(&test, kind, name).await.expect("it is there"));
    }
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    test.ready("orders").await;
    test.at_rest().await;
    for ((kind, name), before) in names.into_iter().zip(before) {
        assert_eq!(version(&test, kind, name).await, Some(before), "{kind} {name}");
    }
    if test.counts_requests() {
        let touched = |name: &str| test.requests().iter().any(|request| request.is_write() && request.name == name);
        assert!(!touched("other-owner"), "another controller's object is not ours, whatever else it says");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_credential_takes_only_its_own_outputs_with_it() {
    let test = TestNamespace::start("collected").await;
    test.orders().await;
    test.settings("theirs", &[("a", "b")]).await;
    test.at_rest().await;
    let asked = test.requests().len();
    test.delete("AppCredential", "orders").await;
    if test.plane.collects_garbage() {
        let gone = async || test.output_names().await.is_empty().then_some(());
        test.wait_within(COLLECTED, "the outputs are collected", gone).await;
    }
    test.at_rest().await;
    assert!(test.secret("orders-source").await.is_some(), "a source stays");
    assert!(test.config_map("orders-ca").await.is_some(), "a source stays");
    assert!(test.config_map("theirs").await.is_some(), "what is not ours stays");
    assert!(
        test.tally_since(asked).is_empty(),
        "the operator has nothing to do with it: {:?}",
        test.tally_since(asked)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_deleted_and_created_again_gets_new_outputs() {
    let test = TestNamespace::start("again").await;
    let first = test.orders().await;
    let uid = test.credential("orders").await.unwrap().uid().to_owned();
    test.delete("AppCredential", "orders").await;
    test.apply(ORDERS).await;
    if !test.plane.collects_garbage() {
        // The former outputs belong to the former credential until somebody takes them away.
        test.not_ready("orders", "NotOwned").await;
        return;
    }
    let ready = |credential: &crate::harness::Credential| credential.condition("Ready").0 == "True";
    let found =
        async || test.credential("orders").await.filter(|credential| credential.is_observed() && ready(credential));
    let credential = test.wait_within(COLLECTED, "the new one is ready", found).await;
    assert_ne!(credential.uid(), uid);
    let outputs = test.outputs_now("orders").await;
    assert_orders(&outputs);
    for (now, before) in outputs.uids().into_iter().zip(first.uids()) {
        assert_ne!(now, before);
    }
    for object in outputs.json() {
        assert_eq!(object["metadata"]["annotations"]["appcredential.io/owner-uid"], credential.uid());
        assert_eq!(object["metadata"]["ownerReferences"][0]["uid"], credential.uid());
    }
    test.at_rest().await;
    assert_eq!(test.outputs_now("orders").await.uids(), outputs.uids(), "they stay");
}

/// What somebody with rights on statuses, and none on Secrets, would write to have one of somebody else taken over.
#[tokio::test(flavor = "multi_thread")]
async fn a_uid_in_a_status_does_not_make_a_foreign_secret_ours() {
    let mut test = TestNamespace::idle("claimed-by-status").await;
    test.orders_sources().await;
    test.apply_one(foreign("Secret", "orders", &json!({}))).await;
    test.apply(ORDERS).await;
    let meta = test.secret("orders").await.unwrap().metadata;
    let secret = json!({"uid": meta.uid, "resourceVersion": meta.resource_version});
    let target = json!({"namespace": test.namespace, "secretName": "orders", "configMapName": "orders", "revision": 1, "secret": secret});
    let status = json!({"status": {"environments": [{"name": "default", "targets": [target]}]}});
    let patched = test.credentials().patch_status("orders", &PatchParams::default(), &Patch::Merge(&status)).await;
    patched.expect("written");
    let before = version(&test, "Secret", "orders").await;
    test.operator.start();
    let message = test.not_ready("orders", "NotOwned").await.message("Synced");
    assert!(message.contains("no longer has its ownership labels"), "{message}");
    test.at_rest().await;
    assert_eq!(version(&test, "Secret", "orders").await, before, "untouched");

    // Where it was ours and somebody took all marks off it, the remedy that is told helps.
    let labels = json!({
        "appcredential.io/name": "orders", "appcredential.io/namespace": test.namespace,
        "app.kubernetes.io/managed-by": "appcredential-operator",
    });
    test.patch("Secret", "orders", json!({"metadata": {"labels": labels}})).await;
    test.ready("orders").await;
    assert_orders(&test.outputs_now("orders").await);
}

/// One target of an environment whose place is taken for good, and another that is renamed again and again.
#[tokio::test(flavor = "multi_thread")]
async fn renames_beside_a_blocked_target_leave_nothing_behind() {
    let test = TestNamespace::start("renamed-beside").await;
    test.orders_sources().await;
    test.apply_one(foreign("Secret", "taken", &json!({}))).await;
    test.apply(ORDERS).await;
    test.ready("orders").await;
    let targets = |name: &str| json!({"targets": [{"secret": {"name": "taken"}}, {"secret": {"name": name}, "configMap": {"name": name}}]});
    for index in 0..5 {
        let name = format!("renamed-{index}");
        test.edit("orders", targets(&name)).await;
        let last = [format!("ConfigMap/{name}"), format!("Secret/{name}")];
        // The first edit puts `taken` in the place of the default name: that target keeps what there was before.
        let kept = ["ConfigMap/orders".to_owned(), "Secret/orders".to_owned()];
        let expected: Vec<String> =
            kept[..1].iter().chain(&last[..1]).chain(&kept[1..]).chain(&last[1..]).cloned().collect();
        test.wait_until(&format!("just {expected:?}"), async || test.output_names().await == expected).await;
    }
    test.not_ready("orders", "NotOwned").await;
    test.at_rest().await;
    test.delete("Secret", "taken").await;
    test.ready("orders").await;
    let names = ["ConfigMap/orders", "ConfigMap/renamed-4", "Secret/renamed-4", "Secret/taken"];
    test.wait_until("what was kept goes", async || test.output_names().await == names).await;
}
