//! Target namespaces that are not there yet, that go, and that come back; and namespaces that are no longer watched.

use std::time::Duration;

use serde_json::json;

use super::{app, named};
use crate::harness::Bench;

/// How long a namespace may take to go: Kubernetes asks for so much on its way that many of them wait for each other.
const GONE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn a_target_namespace_that_does_not_exist_yet_is_waited_for() {
    let mut bench = Bench::idle("early").await;
    bench.expect_namespace("later").await;
    bench.operator.start();
    bench.apply_in("home", &app("targets: [{namespace: $later}]")).await;
    bench.not_ready("app", "NotGranted").await;
    bench.at_rest().await;
    let asked = bench.requests().len();
    bench.create_namespace("later").await;
    bench.grant("later", "").await;
    let credential = bench.ready("app").await;
    assert!(bench.get_in("later", "ConfigMap", "app").await.is_some());
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
    if bench.counts_requests() {
        // Found out by watch: between the grant and the outputs it asked for nothing but what it wrote.
        let reads: Vec<_> = bench.requests().into_iter().skip(asked).filter(|it| it.verb == "get").collect();
        assert!(reads.iter().all(|read| read.resource == "appcredentials"), "{reads:?}");
    }
}

/// Waits until Kubernetes has come to the grant of a namespace that is being deleted.
async fn grant_goes(bench: &Bench, namespace: &str) {
    let going = async || {
        let grant = bench.get_in(namespace, "AppCredentialGrant", "grant").await;
        grant.is_none_or(|it| !it["metadata"]["deletionTimestamp"].is_null()).then_some(())
    };
    if bench.plane.collects_garbage() {
        bench.wait_within(GONE, "its grant goes", going).await;
    } else {
        bench.revoke(namespace).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_target_namespace_hangs_nothing() {
    let mut bench = Bench::start_with_others("ending", &["staging", "production"]).await;
    // Roles in these namespaces would end with them.
    bench.allowed_everywhere().await;
    for namespace in ["staging", "production"] {
        bench.grant(namespace, "").await;
    }
    bench
        .apply_in("home", &app("targets: [{namespace: $staging}, {namespace: $production, deletionPolicy: Retain}]"))
        .await;
    bench.apply_in("home", &named("other", "targets: [{}]")).await;
    bench.ready("app").await;
    bench.ready("other").await;
    bench.delete_namespace("staging").await;
    bench.delete_namespace("production").await;
    for namespace in ["staging", "production"] {
        grant_goes(&bench, namespace).await;
    }
    // Others are served meanwhile.
    bench.edit("other", json!({"connection": {"host": "other.internal"}})).await;
    bench.ready("other").await;
    bench.not_ready("app", "NotGranted").await;
    if bench.plane.collects_garbage() {
        for namespace in ["staging", "production"] {
            let gone = async || (!bench.has_namespace(namespace).await).then_some(());
            bench.wait_within(GONE, "the namespace is gone", gone).await;
        }
    }
    bench.at_rest().await;
    let credential = bench.not_ready("app", "NotGranted").await;
    assert!(credential.0["status"]["detachedOutputs"].is_null(), "{}", credential.0["status"]);
    assert!(credential.0["metadata"]["finalizers"].is_null(), "nothing is left that would hold it");
    assert!(bench.operator.is_running());
    bench.delete("AppCredential", "app").await;
    bench.wait_until("the credential is gone", async || bench.credential("app").await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminating_target_namespace_is_reported_not_hammered() {
    let mut bench = Bench::start_with_others("held", &["staging"]).await;
    // A role in that namespace would end with it.
    bench.allowed_everywhere().await;
    bench.grant("staging", "").await;
    // A finalizer of somebody else keeps the namespace, with its grant, from going.
    bench
        .patch_in("staging", "AppCredentialGrant", "grant", json!({"metadata": {"finalizers": ["example.com/theirs"]}}))
        .await;
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    bench.ready("app").await;
    bench.operator.terminate().await;
    bench.delete_namespace("staging").await;
    grant_goes(&bench, "staging").await;
    bench.operator.start();
    // A grant that is going has been taken back, whoever holds it.
    let credential = bench.not_ready("app", "NotGranted").await;
    assert!(credential.0["metadata"]["finalizers"].is_null());
    bench.patch_in("staging", "AppCredentialGrant", "grant", json!({"metadata": {"finalizers": null}})).await;
    if bench.plane.collects_garbage() {
        let gone = async || (!bench.has_namespace("staging").await).then_some(());
        bench.wait_within(GONE, "the namespace is gone", gone).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_goes_although_its_target_namespace_terminates() {
    let mut bench = Bench::start_with_others("both-go", &["staging"]).await;
    bench.allowed_everywhere().await;
    bench.grant("staging", "").await;
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    bench.ready("app").await;
    bench.operator.terminate().await;
    bench.delete_namespace("staging").await;
    bench.delete("AppCredential", "app").await;
    bench.operator.start();
    bench.wait_until("the credential is gone", async || bench.credential("app").await.is_none()).await;
}

/// A restart with fewer namespaces must not lose sight of what stands in the others: it is no longer seen, and still there.
#[tokio::test(flavor = "multi_thread")]
async fn an_unwatched_namespace_keeps_outputs_in_status_and_finalizer() {
    let mut bench = Bench::start_with_others("blind", &["staging"]).await;
    bench.grant("staging", "").await;
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    let before = bench.ready("app").await;
    bench.at_rest().await;
    bench.operator.terminate().await;
    bench.watching_only(&["home"]);
    bench.operator.start();
    bench.operator.ready().await;
    let credential = bench.not_ready("app", "OutOfScope").await;
    bench.at_rest().await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_some(), "nobody touched it");
    let credential = bench.credential("app").await.unwrap_or(credential);
    assert_eq!(credential.0["status"]["detachedOutputs"], before.0["status"]["detachedOutputs"]);
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));

    // Nor does a deletion forget it: it waits, and says for what.
    bench.delete("AppCredential", "app").await;
    let told = bench.not_ready("app", "OutOfScope").await.message("Synced");
    let place = format!("Secret/{}/app", bench.ns("staging"));
    assert!(told.contains(&format!("{place}: is where this operator does not watch any more")), "{told}");
    bench.at_rest().await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_some());
    // With all its namespaces again it finds everything.
    bench.operator.terminate().await;
    bench.watching(&[]);
    bench.operator.start();
    bench.wait_until("the credential is gone", async || bench.credential("app").await.is_none()).await;
    assert!(bench.get_in("staging", "Secret", "app").await.is_none());
}
