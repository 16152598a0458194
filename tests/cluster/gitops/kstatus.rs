//! kstatus, the library by which Flux, Helm and others decide that what they applied is there: it must not be content before a
//! credential is ready, and must not wait where only an edit helps.

use serde_json::{Value, json};

use super::{Health, as_it_is, health, refused};
use crate::harness::TestNamespace;
use crate::manifests::ORDERS;

async fn kstatus(object: &Value) -> Health {
    health(&["kstatus"], object).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kstatus_waits_until_the_operator_reports_ready() {
    let mut test = TestNamespace::idle("kstatus").await;
    test.apply(ORDERS).await;
    test.grant("home", "{from: [{namespace: elsewhere}]}").await;
    let new = kstatus(&as_it_is(&test, "orders").await).await;
    assert_eq!(new.status, "InProgress", "no operator has looked at it: {new:?}");
    let grant = test.get_in("home", "AppCredentialGrant", "grant").await.expect("it is there");
    assert_eq!(kstatus(&grant).await.status, "InProgress", "nor at the grant");

    test.operator.start();
    let missing = test.not_ready("orders", "SecretNotFound").await;
    let waits = kstatus(&missing.0).await;
    assert_eq!((waits.status.as_str(), waits.message), ("InProgress", missing.message("Ready")));

    test.orders_sources().await;
    test.kubectl_says(&["wait", "--for=condition=Ready", "appcred/orders", "--timeout=30s"]).await;
    assert_eq!(kstatus(&as_it_is(&test, "orders").await).await.status, "Current");
    let observed = async || {
        let grant = test.get_in("home", "AppCredentialGrant", "grant").await?;
        (kstatus(&grant).await.status == "Current").then_some(())
    };
    test.wait_for("the grant is current", observed).await;

    // An edit that nobody has seen yet.
    test.operator.terminate().await;
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    let edited = kstatus(&as_it_is(&test, "orders").await).await;
    assert_eq!(edited.status, "InProgress", "{edited:?}");
    test.operator.start();
    assert_eq!(kstatus(&test.ready("orders").await.0).await.status, "Current");
}

#[tokio::test(flavor = "multi_thread")]
async fn kstatus_fails_where_only_an_edit_helps_and_passes_after_it() {
    let test = TestNamespace::start("kstatus-refused").await;
    test.orders().await;
    test.edit("orders", refused()).await;
    let told = test.not_ready("orders", "KeyConflict").await;
    let failed = kstatus(&told.0).await;
    assert_eq!((failed.status.as_str(), failed.message.clone()), ("Failed", told.message("Ready")));
    assert!(failed.message.starts_with("spec.parameters[host]"), "it says where: {failed:?}");

    test.edit("orders", json!({"parameters": []})).await;
    let ready = test.ready("orders").await;
    assert_eq!(kstatus(&ready.0).await.status, "Current");
    assert_eq!(ready.condition("Stalled"), (String::new(), String::new()), "the condition is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn kstatus_rejects_suspended_and_terminating_credentials() {
    let mut test = TestNamespace::start("kstatus-suspended").await;
    test.orders().await;
    test.edit("orders", json!({"suspend": true, "targets": [{"deletionPolicy": "Retain"}]})).await;
    let suspended = kstatus(&test.not_ready("orders", "Suspended").await.0).await;
    assert_eq!(suspended.status, "InProgress", "{suspended:?}");

    test.edit("orders", json!({"suspend": false})).await;
    test.ready("orders").await;
    test.operator.terminate().await;
    test.delete("AppCredential", "orders").await;
    let going = kstatus(&as_it_is(&test, "orders").await).await;
    assert_eq!(going.status, "Terminating", "its finalizer holds it: {going:?}");
}
