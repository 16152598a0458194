//! Marks that others set, take off or copy; owner references that others set; and objects that others put where one of ours
//! is just being taken away.

use futures::future::join;
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};

use super::app;
use super::deletion::{lookalikes, others};
use crate::harness::TestNamespace;

/// How often two things are made to happen at the same moment.
const ROUNDS: usize = 12;
const NAMESPACES: [&str; 3] = ["home", "staging", "production"];

async fn at_staging(name: &str) -> TestNamespace {
    let test = TestNamespace::start_with_others(name, &["staging", "production"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.ready("app").await;
    test
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_ownership_labels_cause_no_overwrite_and_no_prune() {
    let mut test = at_staging("lookalikes").await;
    lookalikes(&test, &NAMESPACES).await;
    test.at_rest().await;
    let before = others(test.versions().await, &["app", "renamed"]);
    assert_eq!(before.len(), 12);
    let renamed =
        json!({"namespace": test.ns("staging"), "secret": {"name": "renamed"}, "configMap": {"name": "renamed"}});
    test.edit("app", json!({"targets": [renamed]})).await;
    test.ready("app").await;
    test.revoke("staging").await;
    test.not_ready("app", "NotGranted").await;
    test.grant("staging", "").await;
    test.ready("app").await;
    test.at_rest().await;
    assert_eq!(others(test.versions().await, &["app", "renamed"]), before);
    test.operator.terminate().await;
    test.delete("AppCredential", "app").await;
    test.operator.start();
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
    test.at_rest().await;
    assert_eq!(test.versions().await, before);
}

/// A tool that copies Secrets with all their metadata, into other namespaces and under other names.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_an_output_is_left_alone() {
    let test = at_staging("copies").await;
    test.edit("app", json!({"targets": [{}, {"namespace": test.ns("staging")}]})).await;
    test.ready("app").await;
    for (from, to, name) in [
        ("home", "home", "copy"),
        ("staging", "production", "app"),
        ("staging", "staging", "copy"),
        ("home", "production", "copy"),
    ] {
        let mut copy = test.get_in(from, "Secret", "app").await.unwrap();
        for field in ["resourceVersion", "uid", "creationTimestamp", "managedFields"] {
            copy["metadata"].as_object_mut().unwrap().remove(field);
        }
        copy["metadata"]["namespace"] = json!(test.ns(to));
        copy["metadata"]["name"] = json!(name);
        // A copy that refers to an owner of another namespace is collected by Kubernetes, not by us.
        if to != from {
            copy["metadata"].as_object_mut().unwrap().remove("ownerReferences");
        }
        let copy = serde_json::from_value(copy).unwrap();
        test.objects(to, "Secret").create(&PostParams::default(), &copy).await.expect("a copy");
    }
    test.at_rest().await;
    let ours = |all: std::collections::BTreeMap<String, String>| -> Vec<_> {
        all.into_iter().filter(|(place, _)| place.ends_with("/copy") || place == "Secret/production/app").collect()
    };
    let before = ours(test.versions().await);
    assert_eq!(before.len(), 4);
    test.edit("app", json!({"targets": [{"secret": {"name": "x"}}], "connection": {"port": 1}})).await;
    test.ready("app").await;
    test.at_rest().await;
    assert_eq!(ours(test.versions().await), before);
}

/// What somebody else makes of a detached output, which is put right.
fn drifts() -> Vec<(&'static str, &'static str, Value)> {
    let owner = |kind: &str, uid: &str, controller: bool| json!({"apiVersion": "v1", "kind": kind, "name": "nobody", "uid": uid, "controller": controller});
    let annotations = |patch: Value| json!({"metadata": {"annotations": patch}});
    vec![
        (
            "an owner that does not exist",
            "Secret",
            json!({"metadata": {"ownerReferences": [owner("ConfigMap", "11111111-2222-3333-4444-555555555555", false)]}}),
        ),
        (
            "a controller that does not exist",
            "ConfigMap",
            json!({"metadata": {"ownerReferences": [owner("ConfigMap", "11111111-2222-3333-4444-555555555555", true)]}}),
        ),
        (
            "the label that we watch by",
            "Secret",
            json!({"metadata": {"labels": {"app.kubernetes.io/managed-by": null}}}),
        ),
        ("all labels", "ConfigMap", json!({"metadata": {"labels": null}})),
        ("the owner's annotation", "Secret", annotations(json!({"appcredential.io/owner-uid": "another"}))),
        ("the name of itself", "ConfigMap", annotations(json!({"appcredential.io/output": "elsewhere/app"}))),
        (
            "a policy that nobody asked for",
            "Secret",
            annotations(json!({"appcredential.io/deletion-policy": "Retain"})),
        ),
        ("that it was left behind", "ConfigMap", annotations(json!({"appcredential.io/retained-from": "another"}))),
        ("extra labels that it never had", "Secret", annotations(json!({"appcredential.io/extra-labels": "team"}))),
        ("all annotations", "Secret", json!({"metadata": {"annotations": null}})),
        ("a value", "Secret", json!({"stringData": {"token": "mine"}})),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_make_of_a_detached_output_is_reverted() {
    // A few to a credential: whoever goes on and on is made to wait.
    for (index, drifts) in drifts().chunks(4).enumerate() {
        revert_all(&at_staging(&format!("drift-{index}")).await, drifts).await;
    }
}

async fn revert_all(test: &TestNamespace, drifts: &[(&'static str, &'static str, Value)]) {
    test.at_rest().await;
    let essence = async |kind: &str| {
        let object = test.get_in("staging", kind, "app").await?;
        let mut meta = json!({"labels": object["metadata"]["labels"], "annotations": object["metadata"]["annotations"], "owners": object["metadata"]["ownerReferences"]});
        meta["annotations"].as_object_mut()?.remove("appcredential.io/revision");
        Some((meta, object["data"].clone()))
    };
    let mut wanted = Vec::new();
    for kind in ["Secret", "ConfigMap"] {
        wanted.push((kind, essence(kind).await.expect("it is there")));
    }
    for (what, kind, patch) in drifts {
        test.patch_in("staging", kind, "app", patch.clone()).await;
        // Where the owner does not exist Kubernetes may have been faster: then it is written anew.
        let right = async || {
            let mut right = true;
            for (kind, wanted) in &wanted {
                right &= essence(kind).await.as_ref() == Some(wanted);
            }
            right
        };
        test.wait_until(&format!("put right: {what}"), right).await;
        test.ready("app").await;
        test.at_rest().await;
        assert!(right().await, "and so it stays: {what}");
    }
    let credential = test.credential("app").await.unwrap();
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
    test.delete("AppCredential", "app").await;
    test.wait_until("all is gone", async || test.versions().await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_in_another_namespace_does_not_lose_an_output() {
    let test = at_staging("across").await;
    let uid = test.credential("app").await.unwrap().uid().to_owned();
    // Kubernetes looks for owners in the namespace of what they own: to it this one does not exist.
    let owner = json!([{"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "name": "app", "uid": uid, "controller": true}]);
    for kind in ["Secret", "ConfigMap"] {
        test.patch_in("staging", kind, "app", json!({"metadata": {"ownerReferences": owner}})).await;
    }
    let right = async || {
        let mut right = true;
        for kind in ["Secret", "ConfigMap"] {
            right &=
                test.get_in("staging", kind, "app").await.is_some_and(|it| it["metadata"]["ownerReferences"].is_null());
        }
        right
    };
    test.wait_until("reverted", right).await;
    test.ready("app").await;
    test.at_rest().await;
    assert!(right().await, "and so it stays");
}

/// An output that another controller claims is that controller's: a reference to a controller that exists is no drift.
#[tokio::test(flavor = "multi_thread")]
async fn an_output_another_controller_claims_is_reported_and_kept() {
    let test = at_staging("claimed").await;
    test.apply_in("staging", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: claimer}").await;
    let claimer = test.get_in("staging", "ConfigMap", "claimer").await.unwrap()["metadata"]["uid"].clone();
    let owner =
        json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "claimer", "uid": claimer, "controller": true}]);
    test.patch_in("staging", "Secret", "app", json!({"metadata": {"ownerReferences": owner}})).await;
    let message = test.not_ready("app", "NotOwned").await.message("Synced");
    let wanted = format!(
        "Secret {}/app: exists and is not an output of this credential; delete or rename it, or give the target another name",
        test.ns("staging")
    );
    assert_eq!(message, wanted);
    test.patch_in("staging", "Secret", "app", json!({"metadata": {"ownerReferences": null}})).await;
    test.ready("app").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_object_in_the_place_of_a_pruned_one_survives() {
    let test = at_staging("re-created").await;
    let mut survived = 0;
    for round in 0..ROUNDS {
        let (old, new) = if round.is_multiple_of(2) { ("app", "other") } else { ("other", "app") };
        let target = json!({"namespace": test.ns("staging"), "secret": {"name": new}, "configMap": {"name": new}});
        let secrets = test.objects("staging", "Secret");
        let theirs =
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": old}, "data": {"theirs": "eA=="}});
        let theirs = serde_json::from_value(theirs).unwrap();
        let usurp = async {
            let _ = secrets.delete(old, &DeleteParams::default()).await;
            secrets.create(&PostParams::default(), &theirs).await.ok()
        };
        let (made, ()) = join(usurp, test.edit("app", json!({"targets": [target]}))).await;
        test.ready("app").await;
        test.at_rest().await;
        if let Some(made) = made {
            survived += 1;
            let now = test.get_in("staging", "Secret", old).await.expect("it survives");
            assert_eq!(Some(now["metadata"]["uid"].as_str().unwrap()), made.metadata.uid.as_deref(), "round {round}");
            assert_eq!(now["data"], json!({"theirs": "eA=="}), "round {round}");
            test.delete_in("staging", "Secret", old).await;
        } else {
            assert!(test.get_in("staging", "Secret", old).await.is_none(), "round {round}");
        }
    }
    assert!(survived > 0, "no round had a foreign object in it");
}
