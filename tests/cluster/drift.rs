//! Outputs that somebody else changes or deletes are put right as soon as a watch tells of it; what others put
//! beside our marks stays.

use serde_json::{Value, json};

use crate::harness::{Bench, Outputs};

/// What an output is, without what every write changes.
fn essence(outputs: &Outputs) -> [Value; 2] {
    outputs.json().map(|mut object| {
        let meta = object["metadata"].as_object_mut().unwrap();
        for field in ["resourceVersion", "managedFields", "uid", "creationTimestamp"] {
            meta.remove(field);
        }
        meta["annotations"].as_object_mut().unwrap().remove("appcredential.io/revision");
        object
    })
}

async fn put_right(bench: &Bench, what: &str, wanted: &[Value; 2]) -> Outputs {
    let right = |outputs: &Outputs| outputs.revision().is_some() && essence(outputs) == *wanted;
    bench.wait_for(what, async || bench.outputs("orders").await.filter(right)).await
}

/// A drift: what it is, which object, and the merge patch that somebody else sends.
fn drifts() -> Vec<(&'static str, &'static str, Value)> {
    let labels = |patch: Value| json!({"metadata": {"labels": patch}});
    let annotations = |patch: Value| json!({"metadata": {"annotations": patch}});
    vec![
        ("a value changed", "Secret", json!({"stringData": {"password": "mine"}})),
        ("a key added", "Secret", json!({"stringData": {"extra": "x"}})),
        ("a key removed", "Secret", json!({"data": {"username": null}})),
        ("all data removed", "Secret", json!({"data": null})),
        ("a setting changed", "ConfigMap", json!({"data": {"host": "elsewhere"}})),
        ("a setting added", "ConfigMap", json!({"data": {"extra": "x"}})),
        ("a setting removed", "ConfigMap", json!({"data": {"port": null}})),
        ("binary data added", "ConfigMap", json!({"binaryData": {"extra": "AP8="}})),
        ("the label that we watch by removed", "Secret", labels(json!({"app.kubernetes.io/managed-by": null}))),
        ("the label that we watch by changed", "ConfigMap", labels(json!({"app.kubernetes.io/managed-by": "helm"}))),
        ("the label of the credential changed", "Secret", labels(json!({"appcredential.io/name": "another"}))),
        ("an environment's label added", "ConfigMap", labels(json!({"appcredential.io/environment": "qa"}))),
        ("all labels removed", "ConfigMap", labels(Value::Null)),
        ("the owner's annotation removed", "Secret", annotations(json!({"appcredential.io/owner-uid": null}))),
        ("the revision removed", "ConfigMap", annotations(json!({"appcredential.io/revision": null}))),
        ("the revision made no number", "Secret", annotations(json!({"appcredential.io/revision": "newest"}))),
        ("all annotations removed", "Secret", annotations(Value::Null)),
        ("the owner removed", "Secret", json!({"metadata": {"ownerReferences": null}})),
        ("the owner removed there", "ConfigMap", json!({"metadata": {"ownerReferences": null}})),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changes_in_an_output_is_reverted() {
    // A few to a credential: whoever goes on and on is made to wait.
    for (index, drifts) in drifts().chunks(4).enumerate() {
        revert_all(&Bench::start(&format!("drift-{index}")).await, drifts).await;
    }
}

async fn revert_all(bench: &Bench, drifts: &[(&'static str, &'static str, Value)]) {
    let first = bench.orders().await;
    let wanted = essence(&first);
    let mut revision = 1;
    for (what, kind, patch) in drifts {
        bench.patch(kind, "orders", patch.clone()).await;
        let outputs = put_right(bench, what, &wanted).await;
        assert_eq!(outputs.uids(), first.uids(), "in place: {what}");
        let next = outputs.revision().unwrap();
        assert!(next >= revision, "a revision never falls: {what}");
        revision = next;
    }
    let event = bench.event("orders", "OutputRestored").await;
    assert_eq!(event["type"], "Normal");
    bench.ready("orders").await;
    // Had one of them been put right twice, or been fought over, it would not come to rest.
    bench.at_rest().await;
    let credential = bench.ready("orders").await;
    assert_eq!(
        credential.environment("default")["targets"][0]["revision"],
        bench.outputs_now("orders").await.revision().unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_output_is_back_at_once_under_a_higher_revision() {
    let bench = Bench::start("deleted").await;
    let first = bench.orders().await;
    let wanted = essence(&first);
    for (revision, kind) in (2..).zip(["Secret", "ConfigMap"]) {
        bench.delete(kind, "orders").await;
        let outputs = put_right(&bench, "both are there again", &wanted).await;
        assert_eq!(outputs.revision(), Some(revision), "{kind}");
        let note = format!("{kind} orders was deleted by somebody else and is restored");
        bench.wait_until(&note, async || bench.events("orders").await.iter().any(|event| event["note"] == *note)).await;
    }
    bench.delete("Secret", "orders").await;
    bench.delete("ConfigMap", "orders").await;
    let outputs = put_right(&bench, "both are there again", &wanted).await;
    assert!(outputs.revision() > Some(3), "even where no output is left to count from: {:?}", outputs.revision());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_somebody_made_immutable_is_replaced() {
    let bench = Bench::start("immutable").await;
    let first = bench.orders().await;
    let wanted = essence(&first);
    for (index, kind) in ["Secret", "ConfigMap"].into_iter().enumerate() {
        bench.patch(kind, "orders", json!({"immutable": true})).await;
        let outputs = put_right(&bench, "it can be changed again", &wanted).await;
        assert_ne!(outputs.uids()[index], first.uids()[index], "{kind}");
        let starts = format!("{kind} orders was deleted and created again");
        let told = |event: &Value| event["note"].as_str().is_some_and(|note| note.starts_with(&starts));
        bench.wait_until(&starts, async || bench.events("orders").await.iter().any(told)).await;
    }
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    bench.ready("orders").await;
    assert_eq!(bench.outputs_now("orders").await.settings()["host"], "pg2.internal");
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_annotations_of_others_survive_every_write_of_ours() {
    let bench = Bench::start("others").await;
    bench.orders().await;
    bench.at_rest().await;
    let asked = bench.requests().len();
    let theirs = json!({"metadata": {"labels": {"team": "shop"}, "annotations": {"example.com/note": "kept"}}});
    for kind in ["Secret", "ConfigMap"] {
        bench.patch(kind, "orders", theirs.clone()).await;
    }
    bench.at_rest().await;
    if bench.counts_requests() {
        let writes = bench.requests().into_iter().skip(asked).filter(|request| request.is_write()).count();
        assert_eq!(writes, 0, "what is not ours is no drift");
    }
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    let outputs = bench.at_revision("orders", 2).await;
    for object in outputs.json() {
        assert_eq!(object["metadata"]["labels"]["team"], "shop");
        assert_eq!(object["metadata"]["annotations"]["example.com/note"], "kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_while_no_operator_runs_is_reverted_at_the_next_start() {
    let mut bench = Bench::start("offline").await;
    let first = bench.orders().await;
    let wanted = essence(&first);
    bench.operator.terminate().await;
    bench.patch("Secret", "orders", json!({"stringData": {"password": "mine"}})).await;
    bench.delete("ConfigMap", "orders").await;
    bench.operator.start();
    put_right(&bench, "both are as they should be", &wanted).await;
    bench.ready("orders").await;
}
