//! Target namespaces that are not there yet, that go, and that come back; and namespaces that are no longer watched.

use std::time::Duration;

use serde_json::json;

use super::{app, named};
use crate::harness::TestNamespace;

/// How long a namespace may take to go: Kubernetes asks for so much on its way that many of them wait for each other.
const GONE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn a_target_namespace_that_does_not_exist_yet_is_waited_for() {
    let mut test = TestNamespace::idle("early").await;
    test.expect_namespace("later").await;
    test.operator.start();
    test.apply_in("home", &app("targets: [{namespace: $later}]")).await;
    test.not_ready("app", "NotGranted").await;
    test.at_rest().await;
    let asked = test.requests().len();
    test.create_namespace("later").await;
    test.grant("later", "").await;
    let credential = test.ready("app").await;
    assert!(test.get_in("later", "ConfigMap", "app").await.is_some());
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
    if test.counts_requests() {
        // Found out by watch: between the grant and the outputs it asked for nothing but what it wrote.
        let reads: Vec<_> = test.requests().into_iter().skip(asked).filter(|it| it.verb == "get").collect();
        assert!(reads.iter().all(|read| read.resource == "appcredentials"), "{reads:?}");
    }
}

/// Waits until Kubernetes has come to the grant of a namespace that is being deleted.
async fn grant_goes(test: &TestNamespace, namespace: &str) {
    let going = async || {
        let grant = test.get_in(namespace, "AppCredentialGrant", "grant").await;
        grant.is_none_or(|it| !it["metadata"]["deletionTimestamp"].is_null()).then_some(())
    };
    if test.plane.collects_garbage() {
        test.wait_within(GONE, "its grant goes", going).await;
    } else {
        test.revoke(namespace).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_target_namespace_hangs_nothing() {
    let mut test = TestNamespace::start_with_others("ending", &["staging", "production"]).await;
    // Roles in these namespaces would end with them.
    test.allowed_everywhere().await;
    for namespace in ["staging", "production"] {
        test.grant(namespace, "").await;
    }
    test.apply_in("home", &app("targets: [{namespace: $staging}, {namespace: $production, deletionPolicy: Retain}]"))
        .await;
    test.apply_in("home", &named("other", "targets: [{}]")).await;
    test.ready("app").await;
    test.ready("other").await;
    test.delete_namespace("staging").await;
    test.delete_namespace("production").await;
    for namespace in ["staging", "production"] {
        grant_goes(&test, namespace).await;
    }
    // Others are served meanwhile.
    test.edit("other", json!({"connection": {"host": "other.internal"}})).await;
    test.ready("other").await;
    test.not_ready("app", "NotGranted").await;
    if test.plane.collects_garbage() {
        for namespace in ["staging", "production"] {
            let gone = async || (!test.has_namespace(namespace).await).then_some(());
            test.wait_within(GONE, "the namespace is gone", gone).await;
        }
    }
    test.at_rest().await;
    let credential = test.not_ready("app", "NotGranted").await;
    assert!(credential.0["status"]["detachedOutputs"].is_null(), "{}", credential.0["status"]);
    assert!(credential.0["metadata"]["finalizers"].is_null(), "nothing is left that would hold it");
    assert!(test.operator.is_running());
    test.delete("AppCredential", "app").await;
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminating_target_namespace_is_reported_not_hammered() {
    let mut test = TestNamespace::start_with_others("held", &["staging"]).await;
    // A role in that namespace would end with it.
    test.allowed_everywhere().await;
    test.grant("staging", "").await;
    // A finalizer of somebody else keeps the namespace, with its grant, from going.
    test.patch_in(
        "staging",
        "AppCredentialGrant",
        "grant",
        json!({"metadata": {"finalizers": ["example.com/theirs"]}}),
    )
    .await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.ready("app").await;
    test.operator.terminate().await;
    test.delete_namespace("staging").await;
    grant_goes(&test, "staging").await;
    test.operator.start();
    // A grant that is going has been taken back, whoever holds it.
    let credential = test.not_ready("app", "NotGranted").await;
    assert!(credential.0["metadata"]["finalizers"].is_null());
    test.patch_in("staging", "AppCredentialGrant", "grant", json!({"metadata": {"finalizers": null}})).await;
    if test.plane.collects_garbage() {
        let gone = async || (!test.has_namespace("staging").await).then_some(());
        test.wait_within(GONE, "the namespace is gone", gone).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_goes_although_its_target_namespace_terminates() {
    let mut test = TestNamespace::start_with_others("both-go", &["staging"]).await;
    test.allowed_everywhere().await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.ready("app").await;
    test.operator.terminate().await;
    test.delete_namespace("staging").await;
    test.delete("AppCredential", "app").await;
    test.operator.start();
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
}

/// A restart with fewer namespaces must not lose sight of what stands in the others: it is no longer seen, and still there.
#[tokio::test(flavor = "multi_thread")]
async fn an_unwatched_namespace_keeps_outputs_in_status_and_finalizer() {
    let mut test = TestNamespace::start_with_others("blind", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    let before = test.ready("app").await;
    test.at_rest().await;
    test.operator.terminate().await;
    test.watching_only(&["home"]);
    test.operator.start();
    test.operator.ready().await;
    let credential = test.not_ready("app", "OutOfScope").await;
    test.at_rest().await;
    assert!(test.get_in("staging", "Secret", "app").await.is_some(), "nobody touched it");
    let credential = test.credential("app").await.unwrap_or(credential);
    assert_eq!(credential.0["status"]["detachedOutputs"], before.0["status"]["detachedOutputs"]);
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));

    // Nor does a deletion forget it: it waits, and says for what.
    test.delete("AppCredential", "app").await;
    let told = test.not_ready("app", "OutOfScope").await.message("Synced");
    let place = format!("Secret/{}/app", test.ns("staging"));
    assert!(told.contains(&format!("{place}: is in a namespace that this operator no longer watches")), "{told}");
    test.at_rest().await;
    assert!(test.get_in("staging", "Secret", "app").await.is_some());
    // With all its namespaces again it finds everything.
    test.operator.terminate().await;
    test.watching(&[]);
    test.operator.start();
    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
    assert!(test.get_in("staging", "Secret", "app").await.is_none());
}
