//! Namespaces: one operator for several, one of them deleted, and all of them.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::DeleteParams;
use serde_json::json;

use crate::harness::{CRDS, Plane, TestNamespace};

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_namespace_does_not_disturb_the_others() {
    // Its role in the one that goes ends with it.
    let stays = TestNamespace::idle("stays").await.denied_at_times();
    let goes = TestNamespace::idle("goes").await;
    let mut test = stays;
    let (first, second) = (test.namespace.clone(), goes.namespace.clone());
    test.allowed_in(&second).await;
    test.operator.start_with(&["--namespace", &first, "--namespace", &second]);
    test.orders().await;
    goes.orders().await;

    let namespaces: Api<Namespace> = Api::all(test.client.clone());
    namespaces.delete(&goes.namespace, &DeleteParams::background()).await.expect("deleted");
    // Somebody works on the other one meanwhile.
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    assert_eq!(test.at_revision("orders", 2).await.settings()["host"], "pg2.internal");
    if test.plane.collects_garbage() {
        let gone = async || namespaces.get_opt(&goes.namespace).await.expect("an answer").is_none().then_some(());
        test.wait_within(Duration::from_secs(60), "the namespace is gone", gone).await;
    }
    test.source("orders-source", &[("password", b"hunter3"), ("replica-password", b"replica2")]).await;
    assert_eq!(test.at_revision("orders", 3).await.secret_text()["password"], "hunter3");
    test.ready("orders").await;
    assert!(test.operator.is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_without_namespaces_handles_all_of_them() {
    // It would reconcile what other tests look at, so it has a control plane of its own.
    let plane = Plane::of_its_own(CRDS).await;
    let mut everywhere = TestNamespace::on(Arc::clone(&plane), "everywhere").await;
    let other = TestNamespace::on(plane, "other").await;
    everywhere.allowed_everywhere().await;
    everywhere.operator.start_with(&["--environments", "only-here"]);
    let one = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: one}
spec:
  application: {type: redis}
  authentication: {type: None}
  environments: [{name: only-here, connection: {host: h}}]
";
    for test in [&everywhere, &other] {
        test.apply(one).await;
        test.ready("one").await;
        assert_eq!(test.outputs_now("one-only-here").await.settings()["host"], "h");
    }
}
