//! The way to another version of the API: what refers to an earlier one is written anew, what refers to a later one is
//! left alone, and a CRD that is ahead of the operator is told of instead of being served by halves.

use std::time::Duration;

use kube::api::PostParams;
use serde_json::{Value, json};

use crate::harness::{Bench, Plane, definitions, documents};
use crate::manifests::SMALL;

/// The owner reference of an output, as an operator of another version of the API would have written it.
async fn refer(bench: &Bench, kind: &str, version: &str) {
    let object = bench.get_in("home", kind, "small").await.expect("it is there");
    let mut owners = object["metadata"]["ownerReferences"].clone();
    owners[0]["apiVersion"] = json!(format!("appcredential.io/{version}"));
    bench.patch(kind, "small", json!({"metadata": {"ownerReferences": owners}})).await;
}

async fn referred(bench: &Bench, kind: &str) -> Value {
    let object = bench.get_in("home", kind, "small").await.expect("it is there");
    object["metadata"]["ownerReferences"][0]["apiVersion"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_references_of_an_earlier_version_are_written_anew() {
    let mut bench = Bench::start("earlier").await;
    let before = bench.small().await;
    bench.operator.terminate().await;
    for kind in ["Secret", "ConfigMap"] {
        refer(&bench, kind, "v1alpha0").await;
    }
    bench.operator.start();
    for kind in ["Secret", "ConfigMap"] {
        let what = format!("{kind} refers to this version");
        bench.wait_until(&what, async || referred(&bench, kind).await == "appcredential.io/v1alpha1").await;
    }
    bench.ready("small").await;
    bench.at_rest().await;
    assert_eq!(bench.outputs_now("small").await.uids(), before.uids(), "they are the same objects");
}

/// Two operators may run beside each other while one takes the place of the other: one must not undo what the other writes.
#[tokio::test(flavor = "multi_thread")]
async fn owner_references_of_a_later_version_are_left_alone() {
    let bench = Bench::start("later").await;
    bench.small().await;
    for kind in ["Secret", "ConfigMap"] {
        refer(&bench, kind, "v1").await;
    }
    bench.at_rest().await;
    for kind in ["Secret", "ConfigMap"] {
        assert_eq!(referred(&bench, kind).await, "appcredential.io/v1", "{kind}");
    }
    // They are ours all the same.
    bench.edit("small", json!({"connection": {"host": "redis2.internal"}})).await;
    bench.at_revision("small", 2).await;
    bench.ready("small").await;
    bench.at_rest().await;
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
    let mut bench = Bench::on(plane, "ahead").await;
    bench.operator.start();
    bench.small().await;
    bench.at_rest().await;
    let before = bench.outputs_now("small").await.versions();

    bench.edit("small", json!({"rotation": {"every": "hunter2"}, "connection": {"host": "redis2.internal"}})).await;
    let told = bench.not_ready("small", "UnknownField").await;
    assert_eq!(told.condition("Accepted"), ("False".to_owned(), "UnknownField".to_owned()));
    let message = told.message("Accepted");
    assert!(message.starts_with("spec.rotation: ") && message.contains("upgrade the operator"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
    bench.at_rest().await;
    assert_eq!(bench.outputs_now("small").await.versions(), before, "the last good outputs stay");

    bench.edit("small", json!({"rotation": null})).await;
    bench.at_revision("small", 2).await;
    bench.ready("small").await;
    // What is created as a `v1` is the same to it.
    let mut next = documents(SMALL).remove(0);
    (next["apiVersion"], next["metadata"]["name"]) = (json!("appcredential.io/v1"), json!("next"));
    let resource =
        kube::api::ApiResource::from_gvk(&kube::core::GroupVersionKind::gvk("appcredential.io", "v1", "AppCredential"));
    let v1: kube::Api<kube::api::DynamicObject> =
        kube::Api::namespaced_with(bench.client.clone(), &bench.namespace, &resource);
    v1.create(&PostParams::default(), &serde_json::from_value(next).expect("an object")).await.expect("created");
    bench.ready("next").await;
    bench.at_rest().await;
    bench.delete("AppCredential", "next").await;
    if bench.plane.collects_garbage() {
        // The collector learns of the new version of the kind with its next look at what kinds there are, every 30 s.
        let collected = async || bench.outputs("next").await.is_none().then_some(());
        bench.wait_within(Duration::from_secs(90), "its outputs are collected", collected).await;
    }
}
