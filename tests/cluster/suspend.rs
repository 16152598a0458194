//! `spec.suspend`: what is there is kept and nothing is written, whatever happens meanwhile.

use serde_json::json;

use crate::harness::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_credential_keeps_outputs_until_it_is_resumed() {
    let bench = Bench::start("suspend").await;
    let first = bench.orders().await;
    bench.edit("orders", json!({"suspend": true})).await;
    let credential = bench.not_ready("orders", "Suspended").await;
    assert_eq!(
        credential.conditions(),
        ["Accepted=True/Valid", "ResolvedRefs=Unknown/Suspended", "Synced=False/Suspended", "Ready=False/Suspended"]
    );
    bench.at_rest().await;
    let asked = bench.requests().len();

    // An edit, a source, drift, a deletion: nothing is put right.
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    bench.source("orders-source", &[("password", b"hunter3"), ("replica-password", b"replica2")]).await;
    bench.patch("Secret", "orders", json!({"stringData": {"username": "mine"}})).await;
    bench.delete("ConfigMap", "orders").await;
    bench.not_ready("orders", "Suspended").await;
    bench.at_rest().await;
    assert_eq!(bench.secret("orders").await.unwrap().data.unwrap()["username"].0, b"mine");
    assert!(bench.config_map("orders").await.is_none());
    if bench.counts_requests() {
        let writes: Vec<_> = bench.requests().into_iter().skip(asked).filter(|request| request.is_write()).collect();
        assert!(writes.iter().all(|request| request.resource == "appcredentials/status"), "{writes:?}");
        assert!(!bench.tally_since(asked).contains_key("get secrets"), "nor is a source read");
    }

    bench.edit("orders", json!({"suspend": null})).await;
    bench.ready("orders").await;
    let outputs = bench.outputs_now("orders").await;
    assert_eq!(outputs.secret_text()["username"], "orders_app");
    assert_eq!(outputs.secret_text()["password"], "hunter3");
    assert_eq!(outputs.settings()["host"], "pg2.internal");
    assert!(outputs.revision() > first.revision());
    assert_eq!(outputs.uids()[0], first.uids()[0], "the Secret was there all the time");
    bench.at_rest().await;
    let told = bench.events("orders").await;
    let warnings = told.iter().filter(|event| event["type"] == "Warning").count();
    assert_eq!(warnings, 0, "to suspend is no failure: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_created_suspended_writes_nothing_until_resumed() {
    let bench = Bench::start("suspended").await;
    bench.orders_sources().await;
    bench.apply(&crate::manifests::ORDERS.replace("spec:\n", "spec:\n  suspend: true\n")).await;
    bench.not_ready("orders", "Suspended").await;
    bench.at_rest().await;
    assert!(bench.output_names().await.is_empty());
    // What would not be accepted is said even so.
    bench.edit("orders", json!({"parameters": [{"name": "host", "value": "twice"}]})).await;
    bench.not_ready("orders", "KeyConflict").await;
    bench.edit("orders", json!({"parameters": null, "suspend": false})).await;
    bench.ready("orders").await;
    assert_eq!(bench.outputs_now("orders").await.revision(), Some(1));
}
