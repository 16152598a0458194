//! `spec.suspend`: what is there is kept and nothing is written, whatever happens meanwhile.

use serde_json::json;

use crate::harness::TestNamespace;

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_credential_keeps_outputs_until_it_is_resumed() {
    let test = TestNamespace::start("suspend").await;
    let first = test.orders().await;
    test.edit("orders", json!({"suspend": true})).await;
    let credential = test.not_ready("orders", "Suspended").await;
    assert_eq!(
        credential.conditions(),
        ["Accepted=True/Valid", "ResolvedRefs=Unknown/Suspended", "Synced=False/Suspended", "Ready=False/Suspended"]
    );
    test.at_rest().await;
    let asked = test.requests().len();

    // An edit, a source, drift, a deletion: nothing is put right.
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    test.source("orders-source", &[("password", b"hunter3"), ("replica-password", b"replica2")]).await;
    test.patch("Secret", "orders", json!({"stringData": {"username": "mine"}})).await;
    test.delete("ConfigMap", "orders").await;
    test.not_ready("orders", "Suspended").await;
    test.at_rest().await;
    assert_eq!(test.secret("orders").await.unwrap().data.unwrap()["username"].0, b"mine");
    assert!(test.config_map("orders").await.is_none());
    if test.counts_requests() {
        let writes: Vec<_> = test.requests().into_iter().skip(asked).filter(|request| request.is_write()).collect();
        assert!(writes.iter().all(|request| request.resource == "appcredentials/status"), "{writes:?}");
        assert!(!test.tally_since(asked).contains_key("get secrets"), "nor is a source read");
    }

    test.edit("orders", json!({"suspend": null})).await;
    test.ready("orders").await;
    let outputs = test.outputs_now("orders").await;
    assert_eq!(outputs.secret_text()["username"], "orders_app");
    assert_eq!(outputs.secret_text()["password"], "hunter3");
    assert_eq!(outputs.settings()["host"], "pg2.internal");
    assert!(outputs.revision() > first.revision());
    assert_eq!(outputs.uids()[0], first.uids()[0], "the Secret was there all the time");
    test.at_rest().await;
    let told = test.events("orders").await;
    let warnings = told.iter().filter(|event| event["type"] == "Warning").count();
    assert_eq!(warnings, 0, "to suspend is no failure: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_created_suspended_writes_nothing_until_resumed() {
    let test = TestNamespace::start("suspended").await;
    test.orders_sources().await;
    test.apply(&crate::manifests::ORDERS.replace("spec:\n", "spec:\n  suspend: true\n")).await;
    test.not_ready("orders", "Suspended").await;
    test.at_rest().await;
    assert!(test.output_names().await.is_empty());
    // What would not be accepted is said even so.
    test.edit("orders", json!({"parameters": [{"name": "host", "value": "twice"}]})).await;
    test.not_ready("orders", "KeyConflict").await;
    test.edit("orders", json!({"parameters": null, "suspend": false})).await;
    test.ready("orders").await;
    assert_eq!(test.outputs_now("orders").await.revision(), Some(1));
}
