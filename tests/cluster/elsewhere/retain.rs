//! `deletionPolicy: Retain`, in the own namespace and in others: what is left behind has no mark of ours, is no longer
//! written, and is taken over by the rule and only by it.

use serde_json::{Value, json};

use super::app;
use crate::harness::Bench;

const BOTH: &str = "targets: [{deletionPolicy: Retain}, {namespace: $staging, deletionPolicy: Retain}]";
const DELETE: &str = "targets: [{}, {namespace: $staging}]";

/// Labels, annotations and owner references of an object.
async fn metadata(bench: &Bench, namespace: &str, kind: &str) -> Value {
    let object = bench.get_in(namespace, kind, "app").await.unwrap_or_else(|| panic!("no {kind} in {namespace}"));
    let meta = &object["metadata"];
    json!({"labels": meta["labels"], "annotations": meta["annotations"], "owners": meta["ownerReferences"]})
}

async fn retained(name: &str) -> (Bench, String) {
    let bench = Bench::start_with_others(name, &["staging"]).await;
    bench.grant("staging", "").await;
    bench.apply_in("home", &app(BOTH)).await;
    let uid = bench.ready("app").await.uid().to_owned();
    bench.at_rest().await;
    (bench, uid)
}

async fn left(name: &str) -> (Bench, String) {
    let (bench, uid) = retained(name).await;
    bench.delete("AppCredential", "app").await;
    bench.wait_until("the credential is gone", async || bench.credential("app").await.is_none()).await;
    (bench, uid)
}

#[tokio::test(flavor = "multi_thread")]
async fn retain_labels_the_output_and_relabels_it_once_released() {
    let (bench, uid) = retained("marks").await;
    let home = bench.namespace.clone();
    for namespace in ["home", "staging"] {
        for kind in ["Secret", "ConfigMap"] {
            let output = format!("{}/app", bench.ns(namespace));
            let wanted = json!({
                "labels": {
                    "app.kubernetes.io/managed-by": "appcredential-operator",
                    "appcredential.io/name": "app", "appcredential.io/namespace": home,
                },
                "annotations": {
                    "appcredential.io/owner-uid": uid, "appcredential.io/output": output,
                    "appcredential.io/deletion-policy": "Retain", "appcredential.io/revision": "1",
                },
                "owners": null,
            });
            assert_eq!(metadata(&bench, namespace, kind).await, wanted, "{kind} in {namespace}");
        }
    }
    bench.delete("AppCredential", "app").await;
    bench.wait_until("the credential is gone", async || bench.credential("app").await.is_none()).await;
    for namespace in ["home", "staging"] {
        for kind in ["Secret", "ConfigMap"] {
            let output = format!("{}/app", bench.ns(namespace));
            let wanted = json!({
                "labels": {"appcredential.io/name": "app", "appcredential.io/namespace": home},
                "annotations": {
                    "appcredential.io/retained-from": uid, "appcredential.io/output": output, "appcredential.io/revision": "1",
                },
                "owners": null,
            });
            assert_eq!(metadata(&bench, namespace, kind).await, wanted, "{kind} in {namespace}");
        }
    }
    for event in bench.events("app").await.iter().filter(|event| event["reason"] == "OutputRetained") {
        assert_eq!(event["type"], "Normal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_output_is_adopted_where_the_target_says_retain() {
    let (bench, former) = left("over").await;
    let before = bench.versions().await;
    bench.apply_in("home", &app(BOTH).replace("t0ken", "second")).await;
    let credential = bench.ready("app").await;
    assert_ne!(credential.uid(), former);
    for (place, version) in bench.versions().await {
        let uid = |version: &str| version.split(' ').next().map(str::to_owned);
        assert_eq!(uid(&version), before.get(&place).and_then(|it| uid(it)), "{place} is the same object");
    }
    for namespace in ["home", "staging"] {
        let annotations = metadata(&bench, namespace, "Secret").await["annotations"].clone();
        assert_eq!(annotations["appcredential.io/owner-uid"], credential.uid());
        assert_eq!(annotations["appcredential.io/revision"], "2", "the counter goes on");
        assert!(annotations["appcredential.io/retained-from"].is_null());
        assert_eq!(bench.get_in(namespace, "Secret", "app").await.unwrap()["data"]["token"], "c2Vjb25k");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_output_is_not_adopted_where_it_says_delete() {
    let (bench, _) = left("not-over").await;
    let before = bench.versions().await;
    bench.apply_in("home", &app(DELETE).replace("t0ken", "second")).await;
    let credential = bench.not_ready("app", "NotOwned").await;
    let former = "was left by a former credential of this name; delete it, or take it over with deletionPolicy: Retain";
    let wanted = ["home", "staging"].map(|namespace| format!("Secret {}/app: {former}", bench.ns(namespace)));
    assert_eq!(credential.message("Synced"), wanted.join("; "), "in the own namespace nobody collects it either");
    bench.at_rest().await;
    assert_eq!(bench.versions().await, before, "untouched");
    // Either way out that the message names works.
    bench.edit("app", json!({"targets": [{"deletionPolicy": "Retain"}, {"namespace": bench.ns("staging")}]})).await;
    for kind in ["Secret", "ConfigMap"] {
        bench.delete_in("staging", kind, "app").await;
    }
    bench.ready("app").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_another_name_or_namespace_takes_nothing_over() {
    let (bench, _) = left("strangers").await;
    let before = bench.versions().await;
    let other = "targets: [{deletionPolicy: Retain, secret: {name: app}, configMap: {name: app}}, {namespace: $staging, deletionPolicy: Retain, secret: {name: app}, configMap: {name: app}}]";
    bench.apply_in("home", &super::named("other", other)).await;
    bench.grant("home", "{from: [{namespace: $staging}]}").await;
    bench.apply_in("staging", &app("targets: [{namespace: $home, deletionPolicy: Retain}]")).await;
    let credential = bench.not_ready("other", "NotOwned").await;
    let taken = "exists and is not ours; delete or rename it, or give the target another name";
    let wanted = ["home", "staging"].map(|namespace| format!("Secret {}/app: {taken}", bench.ns(namespace)));
    assert_eq!(credential.message("Synced"), wanted.join("; "));
    bench.at_rest().await;
    assert_eq!(bench.versions().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_output_survives_switching_its_policy_and_back() {
    let (bench, uid) = retained("policy").await;
    let first = bench.outputs_now("app").await.uids();
    bench.edit("app", json!({"targets": [{}]})).await;
    bench.ready("app").await;
    let owned = metadata(&bench, "home", "Secret").await;
    assert_eq!(owned["owners"][0]["uid"], uid, "collected with its credential again");
    assert!(owned["annotations"]["appcredential.io/deletion-policy"].is_null());
    bench.at_rest().await;
    assert!(bench.credential("app").await.unwrap().0["metadata"]["finalizers"].is_null());
    bench.edit("app", json!({"targets": [{"deletionPolicy": "Retain"}]})).await;
    bench.ready("app").await;
    assert!(metadata(&bench, "home", "Secret").await["owners"].is_null());
    assert_eq!(bench.outputs_now("app").await.uids(), first, "the same objects all the time");
    bench.delete("AppCredential", "app").await;
    bench.wait_until("the credential is gone", async || bench.credential("app").await.is_none()).await;
    assert_eq!(bench.outputs_now("app").await.uids(), first);
    assert!(bench.get_in("staging", "Secret", "app").await.is_some(), "left when its target was dropped");
}
