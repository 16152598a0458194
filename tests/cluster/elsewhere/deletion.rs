//! Whatever goes takes just what was ours with it: a credential, a target, an environment, a grant, a namespace; of a
//! credential that is suspended or not accepted as well.

use std::collections::BTreeMap;

use serde_json::json;

use super::{app, named};
use crate::harness::TestNamespace;

/// Objects that look as much like outputs of `app` as somebody else can make them, in each namespace.
pub(super) async fn lookalikes(test: &TestNamespace, namespaces: &[&str]) {
    let uid = test.credential("app").await.map(|it| it.uid().to_owned()).unwrap_or_default();
    for namespace in namespaces {
        for (name, output) in [("copy", "$THERE/app"), ("itself", "$THERE/itself")] {
            let output = output.replace("$THERE", &test.ns(namespace));
            let metadata = format!(
                "{{name: {name}, labels: {{app.kubernetes.io/managed-by: appcredential-operator, appcredential.io/name: app, appcredential.io/namespace: $home}},
  annotations: {{appcredential.io/owner-uid: '{uid}', appcredential.io/output: {output}, appcredential.io/revision: '1'}}}}"
            );
            test.apply_in(
                namespace,
                &format!("apiVersion: v1\nkind: Secret\nmetadata: {metadata}\nstringData: {{theirs: x}}"),
            )
            .await;
            test.apply_in(
                namespace,
                &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\ndata: {{theirs: x}}"),
            )
            .await;
        }
    }
}

/// The versions of what is neither `app` nor another of these names.
pub(super) fn others(versions: BTreeMap<String, String>, ours: &[&str]) -> BTreeMap<String, String> {
    let is_ours = |place: &String| ours.iter().any(|name| place.ends_with(&format!("/{name}")));
    versions.into_iter().filter(|(place, _)| !is_ours(place)).collect()
}

/// Waits until nothing of these names is anywhere.
pub(super) async fn gone(test: &TestNamespace, ours: &[&str]) {
    let gone = async || {
        let all = test.versions().await;
        others(all.clone(), ours).len() == all.len()
    };
    test.wait_until(&format!("{ours:?} are gone everywhere"), gone).await;
}

const TWO: &str =
    "environments: [{name: qa, targets: [{namespace: $staging}]}, {name: live, targets: [{namespace: $production}]}]";

async fn two(name: &str) -> TestNamespace {
    let test = TestNamespace::start_with_others(name, &["staging", "production"]).await;
    for namespace in ["staging", "production"] {
        test.grant(namespace, "").await;
    }
    test.apply_in("home", &app(TWO)).await;
    test.ready("app").await;
    lookalikes(&test, &["home", "staging", "production"]).await;
    test.at_rest().await;
    test
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_goes_takes_its_outputs_and_no_lookalike() {
    let test = two("goes").await;
    let before = others(test.versions().await, &["app"]);
    test.delete("AppCredential", "app").await;
    gone(&test, &["app"]).await;
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
    assert_eq!(test.versions().await, before);
    for event in ["staging", "production"].map(|namespace| format!("{}/app is no longer wanted", test.ns(namespace))) {
        let told = test
            .events("app")
            .await
            .iter()
            .filter(|it| it["note"].as_str().is_some_and(|note| note.contains(&event)))
            .count();
        assert!(told <= 2, "a deletion is told once for each output");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_goes_takes_its_outputs_and_nothing_else() {
    let test = two("less").await;
    let mut before = test.versions().await;
    test.edit("app", json!({"environments": [{"name": "live", "targets": [{"namespace": test.ns("production")}]}]}))
        .await;
    let ready = test.ready("app").await;
    test.at_rest().await;
    before.remove("Secret/staging/app").expect("it was there");
    before.remove("ConfigMap/staging/app").expect("it was there");
    assert_eq!(test.versions().await, before);
    let places = ["ConfigMap", "Secret"].map(|kind| format!("{kind}/{}/app", test.ns("production")));
    assert_eq!(ready.0["status"]["environmentNames"], "live");
    let credential = test.credential("app").await.unwrap();
    assert_eq!(credential.0["status"]["detachedOutputs"], json!([{"environment": "live", "outputs": places}]));
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_finalizer_stays_and_ours_goes_by_itself() {
    let test = two("finalizers").await;
    test.patch(
        "AppCredential",
        "app",
        json!({"metadata": {"finalizers": ["appcredential.io/outputs", "example.com/theirs"]}}),
    )
    .await;
    test.delete("AppCredential", "app").await;
    gone(&test, &["app"]).await;
    let held = async || {
        let credential = test.credential("app").await.expect("it is held");
        credential.0["metadata"]["finalizers"] == json!(["example.com/theirs"])
    };
    test.wait_until("only the other finalizer is left", held).await;
    test.patch("AppCredential", "app", json!({"metadata": {"finalizers": null}})).await;
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_finalizer_comes_back_when_somebody_takes_it_off() {
    let test = two("unheld").await;
    test.patch("AppCredential", "app", json!({"metadata": {"finalizers": null}})).await;
    let held = async || {
        test.credential("app").await.unwrap().0["metadata"]["finalizers"] == json!(["appcredential.io/outputs"])
    };
    test.wait_until("it is held again", held).await;
}

/// What keeps a credential from being written: each leaves it with its outputs until something of them is taken back.
fn halted() -> [(&'static str, serde_json::Value, &'static str); 2] {
    [
        ("suspended", json!({"suspend": true}), "Suspended"),
        ("refused", json!({"parameters": [{"name": "host", "value": "twice"}]}), "KeyConflict"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_suspended_or_refused_credential_prunes_outputs() {
    for (name, spec, reason) in halted() {
        let test = two(name).await;
        test.edit("app", spec).await;
        test.not_ready("app", reason).await;
        let before = others(test.versions().await, &["app"]);
        assert_eq!(before.len() + 4, test.versions().await.len(), "{reason}: the outputs stay");
        test.delete("AppCredential", "app").await;
        gone(&test, &["app"]).await;
        test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
        assert_eq!(test.versions().await, before, "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_counts_for_suspended_and_refused_credentials() {
    for (name, spec, reason) in halted() {
        let test = two(name).await;
        test.edit("app", spec).await;
        test.not_ready("app", reason).await;
        let mut before = test.versions().await;
        test.revoke("staging").await;
        test.wait_until("its outputs there are gone", async || test.get_in("staging", "Secret", "app").await.is_none())
            .await;
        test.at_rest().await;
        before.remove("Secret/staging/app").expect("it was there");
        before.remove("ConfigMap/staging/app").expect("it was there");
        assert_eq!(test.versions().await, before, "{reason}");
        let credential = test.not_ready("app", reason).await;
        let places = ["ConfigMap", "Secret"].map(|kind| format!("{kind}/{}/app", test.ns("production")));
        let told = json!([{"environment": "live", "outputs": places}]);
        assert_eq!(credential.0["status"]["detachedOutputs"], told, "{reason}");
        // Nor does a new grant bring them back before the credential is written again.
        test.grant("staging", "").await;
        test.at_rest().await;
        assert_eq!(test.versions().await, before, "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_credential_without_outputs_waits_for_nothing() {
    let test = TestNamespace::start_with_others("nowhere", &["staging"]).await;
    test.apply_in("home", &named("one", "targets: [{namespace: $staging}]")).await;
    let credential = test.not_ready("one", "NotGranted").await;
    assert!(credential.0["metadata"]["finalizers"].is_null(), "nothing was written: nothing holds it");
    test.delete("AppCredential", "one").await;
    assert!(test.credential("one").await.is_none());
}
