//! Writing a status: on top of what it was computed from or not at all, and again where it is refused.

use appcredential_api::status::Reading;
use appcredential_api::{AppCredentialStatus, Identity};
use appcredential_cluster::{Basis, Cluster, StatusWrite};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::harness::{Refused, TestNamespace};
use crate::manifests::SMALL;

/// The status of a generation.
fn says(generation: i64) -> AppCredentialStatus {
    AppCredentialStatus { observed_generation: Some(generation), ..AppCredentialStatus::default() }
}

/// Writes a status as a person would.
async fn overwrite(test: &TestNamespace, kind: &str, status: Value) -> Result<(), u16> {
    let patch = Patch::Merge(json!({"status": status}));
    match test.objects("home", kind).patch_status("small", &PatchParams::default(), &patch).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) => Err(status.code),
        Err(error) => panic!("{error}"),
    }
}

/// The credential `small`, of which no operator knows, and what a status of it is computed from.
async fn unobserved(name: &str) -> (TestNamespace, Cluster, Basis) {
    let test = TestNamespace::idle(name).await;
    test.apply(SMALL).await;
    let cluster = Cluster::new(test.operator_client().await);
    let basis = basis(&test).await;
    (test, cluster, basis)
}

async fn basis(test: &TestNamespace) -> Basis {
    let small = test.credential("small").await.expect("it is there");
    let Reading { status, unreadable } = AppCredentialStatus::read(&small.0["status"].to_string());
    let version = small.0["metadata"]["resourceVersion"].as_str().expect("a version").into();
    let identity = Identity { namespace: test.namespace.clone(), name: "small".to_owned(), uid: small.uid().into() };
    Basis { identity, version, status, unreadable, held: false, deleting: false }
}

async fn observed_generation(test: &TestNamespace) -> Value {
    test.credential("small").await.expect("it is there").0["status"]["observedGeneration"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_write_applies_only_to_the_version_it_came_from() {
    let (test, cluster, first) = unobserved("basis").await;
    // What does not concern it costs no new reconcile.
    test.patch("AppCredential", "small", json!({"metadata": {"labels": {"team": "a"}, "finalizers": ["test/theirs"]}}))
        .await;
    let written = cluster.write_status(&first, &says(1)).await.expect("an answer");
    let StatusWrite::Written(version) = written else { panic!("{written:?}") };
    assert_eq!(basis(&test).await.version, version);
    // An answer that was lost: what was to be written stands there.
    let again = cluster.write_status(&first, &says(1)).await.expect("an answer");
    assert!(matches!(&again, StatusWrite::Written(now) if *now == version), "{again:?}");

    let second = basis(&test).await;
    overwrite(&test, "AppCredential", json!({"observedGeneration": 7})).await.expect("written");
    let outdated = cluster.write_status(&second, &says(2)).await.expect("an answer");
    let StatusWrite::Outdated(there) = outdated else { panic!("{outdated:?}") };
    assert_eq!(there.resource_version(), basis(&test).await.version);
    assert_eq!(observed_generation(&test).await, 7, "what somebody else wrote is not overwritten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_is_not_written_beside_a_finalizer_or_a_deletion() {
    let (test, cluster, first) = unobserved("beside").await;
    let finalizers = json!({"metadata": {"finalizers": ["appcredential.io/outputs"]}});
    test.patch("AppCredential", "small", finalizers).await;
    let held = cluster.write_status(&first, &says(1)).await.expect("an answer");
    assert!(matches!(held, StatusWrite::Outdated(_)), "{held:?}");
    let second = Basis { held: true, ..basis(&test).await };
    test.delete("AppCredential", "small").await;
    let deleting = cluster.write_status(&second, &says(1)).await.expect("an answer");
    assert!(matches!(deleting, StatusWrite::Outdated(_)), "{deleting:?}");
    assert_eq!(observed_generation(&test).await, -1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_one_that_is_gone_is_not_written_to_the_next() {
    let (test, cluster, first) = unobserved("next").await;
    test.delete("AppCredential", "small").await;
    let gone = cluster.write_status(&first, &says(1)).await.expect("an answer");
    assert!(matches!(gone, StatusWrite::Gone), "{gone:?}");
    test.apply(SMALL).await;
    let another = cluster.write_status(&first, &says(1)).await.expect("an answer");
    assert!(matches!(another, StatusWrite::Gone), "{another:?}");
    assert_eq!(observed_generation(&test).await, -1);
}

/// Refuses every status of a kind, as by a policy of the cluster that somebody got wrong.
async fn refuse(test: &TestNamespace, kind: &str, resource: &str, reason: &str) {
    let what = ("appcredential.io", resource);
    test.refuse("home", &Refused { what, operation: "UPDATE", expression: "false", reason }).await;
    let refused = async || overwrite(test, kind, json!({"conditions": []})).await.is_err();
    test.wait_until("the policy is in force", refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_status_is_logged_and_written_once_allowed() {
    for (reason, code) in [("Invalid", "422"), ("Forbidden", "403")] {
        let mut test = TestNamespace::idle("refused-status").await.denied_at_times();
        test.source("small-source", &[("token", b"t0ken")]).await;
        test.apply(SMALL).await;
        refuse(&test, "AppCredential", "appcredentials/status", reason).await;
        test.operator.start();
        test.wait_until("outputs need no status", async || test.outputs("small").await.is_some()).await;
        let line = format!("the API server answered {code} {reason}");
        test.wait_until("it is logged", async || !test.operator.said_anything_like(&line).is_empty()).await;
        test.allow_again().await;
        test.ready("small").await;
        test.at_rest().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_grant_status_is_logged_and_written_once_allowed() {
    let mut test = TestNamespace::idle("refused-grant").await.denied_at_times();
    let grant = "{apiVersion: appcredential.io/v1alpha1, kind: AppCredentialGrant, metadata: {name: small}, spec: {from: [{namespace: other}]}}";
    test.apply(grant).await;
    refuse(&test, "AppCredentialGrant", "appcredentialgrants/status", "Invalid").await;
    test.operator.start();
    let line = "the status of a grant could not be written";
    test.wait_until("it is logged", async || !test.operator.said_anything_like(line).is_empty()).await;
    test.allow_again().await;
    let written = async || {
        let grant = test.get_in("home", "AppCredentialGrant", "small").await.unwrap_or_default();
        grant["status"]["observedGeneration"] == 1
    };
    test.wait_until("its status is written", written).await;
}
