//! The way to another version of the API: what refers to an earlier one is written anew, what refers to a later one is
//! left alone, and a CRD that is ahead of the operator is told of instead of being served by halves.

use std::time::Duration;

use kube::api::PostParams;
use serde_json::{Value, json};

use crate::harness::{Plane, TestNamespace, definitions, documents};
use crate::manifests::SMALL;

/// The owner reference of an output, as an operator of another version of the API would have written it.
async fn refer(test: &TestNamespace, kind: &str, version: &str) {
    let object = test.get_in("home", kind, "small").await.expect("it is there");
    let mut owners = object["metadata"]["ownerReferences"].clone();
    owners[0]["apiVersion"] = json!(format!("appcredential.io/{version}"));
    test.patch(kind, "small", json!({"metadata": {"ownerReferences": owners}})).await;
}

async fn referred(test: &TestNamespace, kind: &str) -> Value {
    let object = test.get_in("home", kind, "small").await.expect("it is there");
    object["metadata"]["ownerReferences"][0]["apiVersion"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_references_of_an_earlier_version_are_written_anew() {
    let mut test = TestNamespace::start("earlier").await;
    let before = test.small().await;
    test.operator.terminate().await;
    for kind in ["Secret", "ConfigMap"] {
        refer(&test, kind, "v1alpha0").await;
    }
    test.operator.start();
    for kind in ["Secret", "ConfigMap"] {
        let what = format!("{kind} refers to this version");
        test.wait_until(&what, async || referred(&test, kind).await == "appcredential.io/v1alpha1").await;
    }
    test.ready("small").await;
    test.at_rest().await;
    assert_eq!(test.outputs_now("small").await.uids(), before.uids(), "they are the same objects");
}

/// Two operators may run beside each other while one takes the place of the other: one must not undo what the other writes.
#[tokio::test(flavor = "multi_thread")]
async fn owner_references_of_a_later_version_are_left_alone() {
    let test = TestNamespace::start("later").await;
    test.small().await;
    for kind in ["Secret", "ConfigMap"] {
        refer(&test, kind, "v1").await;
    }
    test.at_rest().await;
    for kind in ["Secret", "ConfigMap"] {
        assert_eq!(referred(&test, kind).await, "appcredential.io/v1", "{kind}");
    }
    // They are ours all the same.
    test.edit("small", json!({"connection": {"host": "redis2.internal"}})).await;
    test.at_revision("small", 2).await;
    test.ready("small").await;
    test.at_rest().await;
}

/// The CRDs of a later release: they serve and store `v1`, still serve this version, and have a field that is new.
fn ahead() -> String {
    let ahead = definitions().map(|mut crd| {
        let versions = crd["spec"]["versions"].as_array_mut().expect("versions");
        let spec = "/schema/openAPIV3Schema/properties/spec/properties";
        if let Some(fields) = versions[0].pointer_mut(spec) {
            fields["rotation"] = json!({"type": "object", "properties": {"every": {"type": "string"}}});
        }
        let mut next = versions[0].clone();
        next["name"] = json!("v1");
        versions[0]["storage"] = json!(false);
        versions.push(next);
        crd.to_string()
    });
    ahead.collect::<Vec<_>>().join("\n---\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_older_than_the_crd_names_the_unknown_field() {
    let plane = Plane::of_its_own(&ahead()).await;
    let mut test = TestNamespace::on(plane, "ahead").await;
    test.operator.start();
    test.small().await;
    test.at_rest().await;
    let before = test.outputs_now("small").await.versions();

    test.edit("small", json!({"rotation": {"every": "hunter2"}, "connection": {"host": "redis2.internal"}})).await;
    let told = test.not_ready("small", "UnknownField").await;
    assert_eq!(told.condition("Accepted"), ("False".to_owned(), "UnknownField".to_owned()));
    let message = told.message("Accepted");
    assert!(message.starts_with("spec.rotation: ") && message.contains("upgrade the operator"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
    test.at_rest().await;
    assert_eq!(test.outputs_now("small").await.versions(), before, "the last good outputs stay");

    test.edit("small", json!({"rotation": null})).await;
    test.at_revision("small", 2).await;
    test.ready("small").await;
    // What is created as a `v1` is the same to it.
    let mut next = documents(SMALL).remove(0);
    (next["apiVersion"], next["metadata"]["name"]) = (json!("appcredential.io/v1"), json!("next"));
    let resource =
        kube::api::ApiResource::from_gvk(&kube::core::GroupVersionKind::gvk("appcredential.io", "v1", "AppCredential"));
    let v1: kube::Api<kube::api::DynamicObject> =
        kube::Api::namespaced_with(test.client.clone(), &test.namespace, &resource);
    v1.create(&PostParams::default(), &serde_json::from_value(next).expect("an object")).await.expect("created");
    test.ready("next").await;
    test.at_rest().await;
    test.delete("AppCredential", "next").await;
    if test.plane.collects_garbage() {
        // The collector learns of the new version of the kind with its next look at what kinds there are, every 30 s.
        let collected = async || test.outputs("next").await.is_none().then_some(());
        test.wait_within(Duration::from_secs(90), "its outputs are collected", collected).await;
    }
}
