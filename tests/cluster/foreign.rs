//! Objects that are not ours: never overwritten, adopted or deleted, always named, and waited for. And what
//! becomes of our own when their credential goes.

use std::time::Duration;

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::harness::Bench;
use crate::manifests::{ORDERS, assert_orders};

/// The garbage collector takes its time on a busy machine.
const COLLECTED: Duration = Duration::from_secs(60);

fn foreign(kind: &str, name: &str, metadata: &Value) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": {"theirs": "eA=="}});
    object["metadata"]["name"] = json!(name);
    object
}

async fn version(bench: &Bench, kind: &str, name: &str) -> Option<String> {
    match kind {
        "Secret" => bench.secret(name).await.and_then(|object| object.metadata.resource_version),
        _ => bench.config_map(name).await.and_then(|object| object.metadata.resource_version),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_object_is_named_kept_and_waited_for() {
    for kind in ["Secret", "ConfigMap"] {
        let bench = Bench::start("foreign").await;
        bench.orders_sources().await;
        bench.apply_one(foreign(kind, "orders", &json!({}))).await;
        let before = version(&bench, kind, "orders").await;
        bench.apply(ORDERS).await;
        let credential = bench.not_ready("orders", "NotOwned").await;
        let named = format!("{kind} {}/orders: exists and is not ours", bench.namespace);
        assert!(credential.message("Synced").contains(&named), "{}", credential.message("Synced"));
        assert_eq!(
            credential.conditions(),
            ["Accepted=True/Valid", "ResolvedRefs=True/Resolved", "Synced=False/NotOwned", "Ready=False/NotOwned"]
        );
        bench.event("orders", "NotOwned").await;
        if kind == "Secret" {
            assert!(bench.config_map("orders").await.is_none(), "a target is not written by halves");
        }
        bench.at_rest().await;
        assert_eq!(version(&bench, kind, "orders").await, before, "untouched");

        bench.delete(kind, "orders").await;
        bench.ready("orders").await;
        assert_orders(&bench.outputs_now("orders").await);
        bench.event("orders", "Recovered").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_took_the_place_of_an_output_is_left_alone() {
    let mut bench = Bench::start("usurped").await;
    bench.orders().await;
    bench.operator.terminate().await;
    bench.delete("Secret", "orders").await;
    bench.apply_one(foreign("Secret", "orders", &json!({}))).await;
    let before = version(&bench, "Secret", "orders").await;
    bench.operator.start();
    bench.not_ready("orders", "NotOwned").await;
    // While it is in the way nothing of the target is written: an edit, a change of a source.
    let config_map = version(&bench, "ConfigMap", "orders").await;
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    bench.not_ready("orders", "NotOwned").await;
    bench.at_rest().await;
    assert_eq!(version(&bench, "Secret", "orders").await, before);
    assert_eq!(version(&bench, "ConfigMap", "orders").await, config_map);
    bench.delete("Secret", "orders").await;
    bench.ready("orders").await;
    assert_eq!(bench.outputs_now("orders").await.settings()["host"], "pg2.internal");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_looks_like_an_output_is_not_written_or_pruned() {
    let bench = Bench::start("lookalike").await;
    let outputs = bench.orders().await;
    let labels = json!(outputs.secret.metadata.labels);
    let uid = bench.credential("orders").await.unwrap().uid().to_owned();
    let annotations = json!({"appcredential.io/owner-uid": uid, "appcredential.io/revision": "1"});
    let other = json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "0-0-0", "controller": true}]);
    bench.apply_one(foreign("ConfigMap", "labels-only", &json!({"labels": labels}))).await;
    bench.apply_one(foreign("ConfigMap", "no-owner", &json!({"labels": labels, "annotations": annotations}))).await;
    let metadata = json!({"labels": labels, "annotations": annotations, "ownerReferences": other});
    // Without a garbage collector, or with one that has not looked yet: the owner does not exist.
    bench.apply_one(foreign("Secret", "other-owner", &metadata)).await;
    let names = [("ConfigMap", "labels-only"), ("ConfigMap", "no-owner")];
    let mut before = Vec::new();
    for (kind, name) in names {
        before.push(version(&bench, kind, name).await.expect("it is there"));
    }
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    bench.ready("orders").await;
    bench.at_rest().await;
    for ((kind, name), before) in names.into_iter().zip(before) {
        assert_eq!(version(&bench, kind, name).await, Some(before), "{kind} {name}");
    }
    if bench.counts_requests() {
        let touched = |name: &str| bench.requests().iter().any(|request| request.is_write() && request.name == name);
        assert!(!touched("other-owner"), "another controller's object is not ours, whatever else it says");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_credential_takes_only_its_own_outputs_with_it() {
    let bench = Bench::start("collected").await;
    bench.orders().await;
    bench.settings("theirs", &[("a", "b")]).await;
    bench.at_rest().await;
    let asked = bench.requests().len();
    bench.delete("AppCredential", "orders").await;
    if bench.plane.collects_garbage() {
        let gone = async || bench.output_names().await.is_empty().then_some(());
        bench.wait_within(COLLECTED, "the outputs are collected", gone).await;
    }
    bench.at_rest().await;
    assert!(bench.secret("orders-source").await.is_some(), "a source stays");
    assert!(bench.config_map("orders-ca").await.is_some(), "a source stays");
    assert!(bench.config_map("theirs").await.is_some(), "what is not ours stays");
    assert!(
        bench.tally_since(asked).is_empty(),
        "the operator has nothing to do with it: {:?}",
        bench.tally_since(asked)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_deleted_and_created_again_gets_new_outputs() {
    let bench = Bench::start("again").await;
    let first = bench.orders().await;
    let uid = bench.credential("orders").await.unwrap().uid().to_owned();
    bench.delete("AppCredential", "orders").await;
    bench.apply(ORDERS).await;
    if !bench.plane.collects_garbage() {
        // The former outputs belong to the former credential until somebody takes them away.
        bench.not_ready("orders", "NotOwned").await;
        return;
    }
    let ready = |credential: &crate::harness::Credential| credential.condition("Ready").0 == "True";
    let found =
        async || bench.credential("orders").await.filter(|credential| credential.is_observed() && ready(credential));
    let credential = bench.wait_within(COLLECTED, "the new one is ready", found).await;
    assert_ne!(credential.uid(), uid);
    let outputs = bench.outputs_now("orders").await;
    assert_orders(&outputs);
    for (now, before) in outputs.uids().into_iter().zip(first.uids()) {
        assert_ne!(now, before);
    }
    for object in outputs.json() {
        assert_eq!(object["metadata"]["annotations"]["appcredential.io/owner-uid"], credential.uid());
        assert_eq!(object["metadata"]["ownerReferences"][0]["uid"], credential.uid());
    }
    bench.at_rest().await;
    assert_eq!(bench.outputs_now("orders").await.uids(), outputs.uids(), "they stay");
}

/// What somebody with rights on statuses, and none on Secrets, would write to have one of somebody else taken over.
#[tokio::test(flavor = "multi_thread")]
async fn a_uid_in_a_status_does_not_make_a_foreign_secret_ours() {
    let mut bench = Bench::idle("claimed-by-status").await;
    bench.orders_sources().await;
    bench.apply_one(foreign("Secret", "orders", &json!({}))).await;
    bench.apply(ORDERS).await;
    let meta = bench.secret("orders").await.unwrap().metadata;
    let secret = json!({"uid": meta.uid, "resourceVersion": meta.resource_version});
    let target = json!({"namespace": bench.namespace, "secretName": "orders", "configMapName": "orders", "revision": 1, "secret": secret});
    let status = json!({"status": {"environments": [{"name": "default", "targets": [target]}]}});
    let patched = bench.credentials().patch_status("orders", &PatchParams::default(), &Patch::Merge(&status)).await;
    patched.expect("written");
    let before = version(&bench, "Secret", "orders").await;
    bench.operator.start();
    let message = bench.not_ready("orders", "NotOwned").await.message("Synced");
    assert!(message.contains("carries none of its labels any more"), "{message}");
    bench.at_rest().await;
    assert_eq!(version(&bench, "Secret", "orders").await, before, "untouched");

    // Where it was ours and somebody took all marks off it, the remedy that is told helps.
    let labels = json!({
        "appcredential.io/name": "orders", "appcredential.io/namespace": bench.namespace,
        "app.kubernetes.io/managed-by": "appcredential-operator",
    });
    bench.patch("Secret", "orders", json!({"metadata": {"labels": labels}})).await;
    bench.ready("orders").await;
    assert_orders(&bench.outputs_now("orders").await);
}

/// One target of an environment whose place is taken for good, and another that is renamed again and again.
#[tokio::test(flavor = "multi_thread")]
async fn renames_beside_a_blocked_target_leave_nothing_behind() {
    let bench = Bench::start("renamed-beside").await;
    bench.orders_sources().await;
    bench.apply_one(foreign("Secret", "taken", &json!({}))).await;
    bench.apply(ORDERS).await;
    bench.ready("orders").await;
    let targets = |name: &str| json!({"targets": [{"secret": {"name": "taken"}}, {"secret": {"name": name}, "configMap": {"name": name}}]});
    for index in 0..5 {
        let name = format!("renamed-{index}");
        bench.edit("orders", targets(&name)).await;
        let last = [format!("ConfigMap/{name}"), format!("Secret/{name}")];
        // The first edit puts `taken` in the place of the default name: that target keeps what there was before.
        let kept = ["ConfigMap/orders".to_owned(), "Secret/orders".to_owned()];
        let expected: Vec<String> =
            kept[..1].iter().chain(&last[..1]).chain(&kept[1..]).chain(&last[1..]).cloned().collect();
        bench.wait_until(&format!("just {expected:?}"), async || bench.output_names().await == expected).await;
    }
    bench.not_ready("orders", "NotOwned").await;
    bench.at_rest().await;
    bench.delete("Secret", "taken").await;
    bench.ready("orders").await;
    let names = ["ConfigMap/orders", "ConfigMap/renamed-4", "Secret/renamed-4", "Secret/taken"];
    bench.wait_until("what was kept goes", async || bench.output_names().await == names).await;
}
