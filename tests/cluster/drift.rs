//! Outputs that somebody else changes or deletes are put right as soon as a watch tells of it; what others put
//! beside our marks stays.

use serde_json::{Value, json};

use crate::harness::{Outputs, TestNamespace};

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

async fn put_right(test: &TestNamespace, what: &str, wanted: &[Value; 2]) -> Outputs {
    let right = |outputs: &Outputs| outputs.revision().is_some() && essence(outputs) == *wanted;
    test.wait_for(what, async || test.outputs("orders").await.filter(right)).await
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
        revert_all(&TestNamespace::start(&format!("drift-{index}")).await, drifts).await;
    }
}

async fn revert_all(test: &TestNamespace, drifts: &[(&'static str, &'static str, Value)]) {
    let first = test.orders().await;
    let wanted = essence(&first);
    let mut revision = 1;
    for (what, kind, patch) in drifts {
        test.patch(kind, "orders", patch.clone()).await;
        let outputs = put_right(test, what, &wanted).await;
        assert_eq!(outputs.uids(), first.uids(), "in place: {what}");
        let next = outputs.revision().unwrap();
        assert!(next >= revision, "a revision never falls: {what}");
        revision = next;
    }
    let event = test.event("orders", "OutputRestored").await;
    assert_eq!(event["type"], "Normal");
    test.ready("orders").await;
    // Had one of them been put right twice, or been fought over, it would not come to rest.
    test.at_rest().await;
    let credential = test.ready("orders").await;
    assert_eq!(
        credential.environment("default")["targets"][0]["revision"],
        test.outputs_now("orders").await.revision().unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_output_is_back_at_once_under_a_higher_revision() {
    let test = TestNamespace::start("deleted").await;
    let first = test.orders().await;
    let wanted = essence(&first);
    for (revision, kind) in (2..).zip(["Secret", "ConfigMap"]) {
        test.delete(kind, "orders").await;
        let outputs = put_right(&test, "both are there again", &wanted).await;
        assert_eq!(outputs.revision(), Some(revision), "{kind}");
        let note = format!("{kind} orders was deleted by somebody else; the operator reverted that");
        test.wait_until(&note, async || test.events("orders").await.iter().any(|event| event["note"] == *note)).await;
    }
    test.delete("Secret", "orders").await;
    test.delete("ConfigMap", "orders").await;
    let outputs = put_right(&test, "both are there again", &wanted).await;
    assert!(outputs.revision() > Some(3), "even where no output is left to count from: {:?}", outputs.revision());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_somebody_made_immutable_is_replaced() {
    let test = TestNamespace::start("immutable").await;
    let first = test.orders().await;
    let wanted = essence(&first);
    for (index, kind) in ["Secret", "ConfigMap"].into_iter().enumerate() {
        test.patch(kind, "orders", json!({"immutable": true})).await;
        let outputs = put_right(&test, "it can be changed again", &wanted).await;
        assert_ne!(outputs.uids()[index], first.uids()[index], "{kind}");
        let starts = format!("{kind} orders was deleted and created again");
        let told = |event: &Value| event["note"].as_str().is_some_and(|note| note.starts_with(&starts));
        test.wait_until(&starts, async || test.events("orders").await.iter().any(told)).await;
    }
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    test.ready("orders").await;
    assert_eq!(test.outputs_now("orders").await.settings()["host"], "pg2.internal");
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_annotations_of_others_survive_every_write_of_ours() {
    let test = TestNamespace::start("others").await;
    test.orders().await;
    test.at_rest().await;
    let asked = test.requests().len();
    let theirs = json!({"metadata": {"labels": {"team": "shop"}, "annotations": {"example.com/note": "kept"}}});
    for kind in ["Secret", "ConfigMap"] {
        test.patch(kind, "orders", theirs.clone()).await;
    }
    test.at_rest().await;
    if test.counts_requests() {
        let writes = test.requests().into_iter().skip(asked).filter(|request| request.is_write()).count();
        assert_eq!(writes, 0, "what is not ours is no drift");
    }
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    let outputs = test.at_revision("orders", 2).await;
    for object in outputs.json() {
        assert_eq!(object["metadata"]["labels"]["team"], "shop");
        assert_eq!(object["metadata"]["annotations"]["example.com/note"], "kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_while_no_operator_runs_is_reverted_at_the_next_start() {
    let mut test = TestNamespace::start("offline").await;
    let first = test.orders().await;
    let wanted = essence(&first);
    test.operator.terminate().await;
    test.patch("Secret", "orders", json!({"stringData": {"password": "mine"}})).await;
    test.delete("ConfigMap", "orders").await;
    test.operator.start();
    put_right(&test, "both are as they should be", &wanted).await;
    test.ready("orders").await;
}
