//! What marks an output is the operator's: nobody else sets, changes or removes it, and everything else of the object is free.

use serde_json::{Value, json};

use super::release::{Person, Release};
use crate::harness::TestNamespace;

const ALL: &str = "[{apiGroups: [''], resources: [secrets, configmaps], verbs: ['*']}]";

fn object(kind: &str, name: &str, metadata: &Value) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    for (key, value) in metadata.as_object().expect("metadata") {
        object["metadata"][key] = value.clone();
    }
    object
}

/// Marks that somebody may try to set.
fn forged() -> Vec<Value> {
    vec![
        json!({"labels": {"app.kubernetes.io/managed-by": "appcredential-operator"}}),
        json!({"labels": {"appcredential.io/name": "orders"}}),
        json!({"labels": {"team": "shop", "appcredential.io/namespace": "orders"}}),
        json!({"labels": {"appcredential.io/anything": ""}}),
        json!({"annotations": {"appcredential.io/owner-uid": "d0f5"}}),
        json!({"annotations": {"appcredential.io/revision": "7"}}),
        json!({"annotations": {"appcredential.io/retained-from": "d0f5"}}),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_operator_creates_objects_with_ownership_labels() {
    let test = TestNamespace::idle("chart-forged").await;
    // Whether an object is an output as a whole is for the policy on the operator's account.
    let release = Release::install(&test, &[], json!({"policies": {"operator": "Allow"}})).await;
    let jo = Person::with(&test, "jo", ALL).await;
    let operator = Person::named(&test, &release.operator()).await;
    jo.is_refused(&object("Secret", "forged", &forged()[0])).await;
    for kind in ["Secret", "ConfigMap"] {
        for metadata in &forged() {
            let forged = object(kind, "forged", metadata);
            let said = jo.tries(&forged).await.expect_err("refused");
            let key = metadata.to_string().split('"').find(|word| word.contains(".io/")).expect("a key").to_owned();
            assert!(
                said.contains(&format!("only the operator sets, changes and removes {key}; leave")),
                "{key}: {said}"
            );
            operator.tries(&forged).await.unwrap_or_else(|said| panic!("the operator, {key}: {said}"));
        }
        let plain = json!({"labels": {"app.kubernetes.io/managed-by": "Helm", "appcredential": "x"}, "annotations": {"io/a": "b"}});
        jo.tries(&object(kind, "plain", &plain)).await.expect("what is not ours is free");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ownership_labels_stay_and_other_metadata_is_free() {
    let mut test = TestNamespace::idle("chart-marks").await;
    // The operator is none of this release: it is known by its rights.
    let _release = Release::install(&test, &[], json!({})).await;
    test.operator.start();
    test.small().await;
    let jo = Person::with(&test, "jo", ALL).await;
    jo.is_refused(&object("Secret", "forged", &forged()[0])).await;
    for (path, value) in [
        ("labels", json!({"app.kubernetes.io/managed-by": "jo"})),
        ("labels", json!({"app.kubernetes.io/managed-by": null})),
        ("labels", json!({"appcredential.io/name": "other"})),
        ("labels", json!({"appcredential.io/name": null, "appcredential.io/namespace": null})),
        ("labels", json!(null)),
        ("labels", json!({"appcredential.io/new": "x"})),
        ("annotations", json!({"appcredential.io/revision": "9"})),
        ("annotations", json!({"appcredential.io/owner-uid": null})),
        ("annotations", json!(null)),
    ] {
        for kind in ["Secret", "ConfigMap"] {
            let said = jo.edits(kind, "small", json!({"metadata": {path: value}})).await.expect_err("refused");
            assert!(said.contains("only the operator sets, changes and removes"), "{path} {value}: {said}");
        }
    }
    let versions = test.outputs_now("small").await.uids();
    jo.edits("Secret", "small", json!({"metadata": {"labels": {"team": "jo"}, "annotations": {"note": "x"}}}))
        .await
        .expect("free");
    jo.edits("Secret", "small", json!({"stringData": {"token": "by hand"}})).await.expect("free, and put right");
    let outputs = test.at_revision("small", 2).await;
    assert_eq!(outputs.secret_text()["token"], "t0ken");
    assert_eq!(outputs.uids(), versions);
    test.delete("ConfigMap", "small").await;
    test.at_revision("small", 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_tool_restores_outputs_where_it_is_exempt() {
    let test = TestNamespace::idle("chart-backup").await;
    let exempt = json!({"marks": {"serviceAccounts": [{"namespace": "velero", "name": "velero"}]}});
    let _release = Release::install(&test, &[], json!({"policies": {"exempt": exempt}})).await;
    let rules = "[{apiGroups: ['', appcredential.io], resources: [secrets, configmaps, appcredentials], verbs: [create, patch]}]";
    let velero = Person::with(&test, "system:serviceaccount:velero:velero", rules).await;
    let other = Person::with(&test, "system:serviceaccount:velero:other", rules).await;
    let restored = object("Secret", "restored", &json!({"labels": {"appcredential.io/name": "orders"}}));
    let said = other.is_refused(&restored).await;
    assert!(said.ends_with("ask whoever runs the operator for policies.exempt.marks"), "{said}");
    velero.is_accepted(&restored).await;
    let said = velero.is_refused(&super::release::one(crate::manifests::SMALL)).await;
    assert!(said.contains("Secret small-source"), "each exemption is for one policy: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_do_everything_is_no_operator() {
    let test = TestNamespace::idle("chart-admin").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let tried = async || {
        let manifest = object("ConfigMap", "forged", &forged()[1]).to_string();
        let output = test.kubectl(&["create", "--dry-run=server", "-f", "-"], &manifest).await;
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let said = test.wait_for("an administrator is refused", tried).await;
    assert!(said.contains("only the operator sets, changes and removes appcredential.io/name"), "{said}");
    let all = "[{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]";
    let owner = Person::with(&test, "owner", all).await;
    owner.is_accepted(&object("ConfigMap", "plain", &json!({}))).await;
    owner.tries(&object("ConfigMap", "forged", &forged()[1])).await.expect_err("nor is who owns a namespace");
    let render = "[{apiGroups: [appcredential.io], resources: [appcredentials], verbs: [render]}, {apiGroups: [''], resources: ['*'], verbs: ['*']}]";
    let pretender = Person::with(&test, "pretender", render).await;
    pretender.is_accepted(&object("ConfigMap", "plain", &json!({}))).await;
    pretender
        .tries(&object("ConfigMap", "forged", &forged()[1]))
        .await
        .expect_err("nor can the owner of a namespace appoint one");
}
