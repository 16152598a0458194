//! `deletionPolicy: Retain`, in the own namespace and in others: what is left behind has no mark of ours, is no longer
//! written, and is taken over by the rule and only by it.

use serde_json::{Value, json};

use super::app;
use crate::harness::TestNamespace;

const BOTH: &str = "targets: [{deletionPolicy: Retain}, {namespace: $staging, deletionPolicy: Retain}]";
const DELETE: &str = "targets: [{}, {namespace: $staging}]";

/// Labels, annotations and owner references of an object.
async fn metadata(test: &TestNamespace, namespace: &str, kind: &str) -> Value {
    let object = test.get_in(namespace, kind, "app").await.unwrap_or_else(|| panic!("no {kind} in {namespace}"));
    let meta = &object["metadata"];
    json!({"labels": meta["labels"], "annotations": meta["annotations"], "owners": meta["ownerReferences"]})
}

async fn retained(name: &str) -> (TestNamespace, String) {
    let test = TestNamespace::start_with_others(name, &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app(BOTH)).await;
    let uid = test.ready("app").await.uid().to_owned();
    test.at_rest().await;
    (test, uid)
}

async fn left(name: &str) -> (TestNamespace, String) {
    let (test, uid) = retained(name).await;
    test.delete("AppCredential", "app").await;
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
    (test, uid)
}

#[tokio::test(flavor = "multi_thread")]
async fn retain_annotates_an_output_until_it_is_retained() {
    let (test, uid) = retained("marks").await;
    let home = test.namespace.clone();
    for namespace in ["home", "staging"] {
        for kind in ["Secret", "ConfigMap"] {
            let output = format!("{}/app", test.ns(namespace));
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
            assert_eq!(metadata(&test, namespace, kind).await, wanted, "{kind} in {namespace}");
        }
    }
    test.delete("AppCredential", "app").await;
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
    for namespace in ["home", "staging"] {
        for kind in ["Secret", "ConfigMap"] {
            let output = format!("{}/app", test.ns(namespace));
            let wanted = json!({
                "labels": {"appcredential.io/name": "app", "appcredential.io/namespace": home},
                "annotations": {
                    "appcredential.io/retained-from": uid, "appcredential.io/output": output, "appcredential.io/revision": "1",
                },
                "owners": null,
            });
            assert_eq!(metadata(&test, namespace, kind).await, wanted, "{kind} in {namespace}");
        }
    }
    for event in test.events("app").await.iter().filter(|event| event["reason"] == "OutputRetained") {
        assert_eq!(event["type"], "Normal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_output_is_adopted_where_the_target_says_retain() {
    let (test, former) = left("over").await;
    let before = test.versions().await;
    test.apply_in("home", &app(BOTH).replace("t0ken", "second")).await;
    let credential = test.ready("app").await;
    assert_ne!(credential.uid(), former);
    for (place, version) in test.versions().await {
        let uid = |version: &str| version.split(' ').next().map(str::to_owned);
        assert_eq!(uid(&version), before.get(&place).and_then(|it| uid(it)), "{place} is the same object");
    }
    for namespace in ["home", "staging"] {
        let annotations = metadata(&test, namespace, "Secret").await["annotations"].clone();
        assert_eq!(annotations["appcredential.io/owner-uid"], credential.uid());
        assert_eq!(annotations["appcredential.io/revision"], "2", "the counter goes on");
        assert!(annotations["appcredential.io/retained-from"].is_null());
        assert_eq!(test.get_in(namespace, "Secret", "app").await.unwrap()["data"]["token"], "c2Vjb25k");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_output_is_not_adopted_where_it_says_delete() {
    let (test, _) = left("not-over").await;
    let before = test.versions().await;
    test.apply_in("home", &app(DELETE).replace("t0ken", "second")).await;
    let credential = test.not_ready("app", "NotOwned").await;
    let former = "was left by a former credential of this name; delete it, or adopt it with deletionPolicy: Retain";
    let wanted = ["home", "staging"].map(|namespace| format!("Secret {}/app: {former}", test.ns(namespace)));
    assert_eq!(credential.message("Synced"), wanted.join("; "), "in the own namespace nobody collects it either");
    test.at_rest().await;
    assert_eq!(test.versions().await, before, "untouched");
    // Either way out that the message names works.
    test.edit("app", json!({"targets": [{"deletionPolicy": "Retain"}, {"namespace": test.ns("staging")}]})).await;
    for kind in ["Secret", "ConfigMap"] {
        test.delete_in("staging", kind, "app").await;
    }
    test.ready("app").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_another_name_or_namespace_takes_nothing_over() {
    let (test, _) = left("strangers").await;
    let before = test.versions().await;
    let other = "targets: [{deletionPolicy: Retain, secret: {name: app}, configMap: {name: app}}, {namespace: $staging, deletionPolicy: Retain, secret: {name: app}, configMap: {name: app}}]";
    test.apply_in("home", &super::named("other", other)).await;
    test.grant("home", "{from: [{namespace: $staging}]}").await;
    test.apply_in("staging", &app("targets: [{namespace: $home, deletionPolicy: Retain}]")).await;
    let credential = test.not_ready("other", "NotOwned").await;
    let taken = "exists and is not an output of this credential; delete or rename it, or give the target another name";
    let wanted = ["home", "staging"].map(|namespace| format!("Secret {}/app: {taken}", test.ns(namespace)));
    assert_eq!(credential.message("Synced"), wanted.join("; "));
    test.at_rest().await;
    assert_eq!(test.versions().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_output_survives_switching_its_policy_and_back() {
    let (test, uid) = retained("policy").await;
    let first = test.outputs_now("app").await.uids();
    test.edit("app", json!({"targets": [{}]})).await;
    test.ready("app").await;
    let owned = metadata(&test, "home", "Secret").await;
    assert_eq!(owned["owners"][0]["uid"], uid, "collected with its credential again");
    assert!(owned["annotations"]["appcredential.io/deletion-policy"].is_null());
    test.at_rest().await;
    assert!(test.credential("app").await.unwrap().0["metadata"]["finalizers"].is_null());
    test.edit("app", json!({"targets": [{"deletionPolicy": "Retain"}]})).await;
    test.ready("app").await;
    assert!(metadata(&test, "home", "Secret").await["owners"].is_null());
    assert_eq!(test.outputs_now("app").await.uids(), first, "the same objects all the time");
    test.delete("AppCredential", "app").await;
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
    assert_eq!(test.outputs_now("app").await.uids(), first);
    assert!(test.get_in("staging", "Secret", "app").await.is_some(), "left when its target was dropped");
}
