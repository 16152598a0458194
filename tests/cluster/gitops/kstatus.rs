//! kstatus, the library by which Flux, Helm and others decide that what they applied is there: it must not be content before a
//! credential is ready, and must not wait where only an edit helps.

use serde_json::{Value, json};

use super::{Health, as_it_is, health, refused};
use crate::harness::Bench;
use crate::manifests::ORDERS;

async fn kstatus(object: &Value) -> Health {
    health(&["kstatus"], object).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kstatus_waits_until_the_operator_reports_ready() {
    let mut bench = Bench::idle("kstatus").await;
    bench.apply(ORDERS).await;
    bench.grant("home", "{from: [{namespace: elsewhere}]}").await;
    let new = kstatus(&as_it_is(&bench, "orders").await).await;
    assert_eq!(new.status, "InProgress", "no operator has looked at it: {new:?}");
    let grant = bench.get_in("home", "AppCredentialGrant", "grant").await.expect("it is there");
    assert_eq!(kstatus(&grant).await.status, "InProgress", "nor at the grant");

    bench.operator.start();
    let missing = bench.not_ready("orders", "SecretNotFound").await;
    let waits = kstatus(&missing.0).await;
    assert_eq!((waits.status.as_str(), waits.message), ("InProgress", missing.message("Ready")));

    bench.orders_sources().await;
    bench.kubectl_says(&["wait", "--for=condition=Ready", "appcred/orders", "--timeout=30s"]).await;
    assert_eq!(kstatus(&as_it_is(&bench, "orders").await).await.status, "Current");
    let observed = async || {
        let grant = bench.get_in("home", "AppCredentialGrant", "grant").await?;
        (kstatus(&grant).await.status == "Current").then_some(())
    };
    bench.wait_for("the grant is current", observed).await;

    // An edit that nobody has seen yet.
    bench.operator.terminate().await;
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    let edited = kstatus(&as_it_is(&bench, "orders").await).await;
    assert_eq!(edited.status, "InProgress", "{edited:?}");
    bench.operator.start();
    assert_eq!(kstatus(&bench.ready("orders").await.0).await.status, "Current");
}

#[tokio::test(flavor = "multi_thread")]
async fn kstatus_fails_where_only_an_edit_helps_and_passes_after_it() {
    let bench = Bench::start("kstatus-refused").await;
    bench.orders().await;
    bench.edit("orders", refused()).await;
    let told = bench.not_ready("orders", "KeyConflict").await;
    let failed = kstatus(&told.0).await;
    assert_eq!((failed.status.as_str(), failed.message.clone()), ("Failed", told.message("Ready")));
    assert!(failed.message.starts_with("spec.parameters[host]"), "it says where: {failed:?}");

    bench.edit("orders", json!({"parameters": []})).await;
    let ready = bench.ready("orders").await;
    assert_eq!(kstatus(&ready.0).await.status, "Current");
    assert_eq!(ready.condition("Stalled"), (String::new(), String::new()), "the condition is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn kstatus_rejects_suspended_and_terminating_credentials() {
    let mut bench = Bench::start("kstatus-suspended").await;
    bench.orders().await;
    bench.edit("orders", json!({"suspend": true, "targets": [{"deletionPolicy": "Retain"}]})).await;
    let suspended = kstatus(&bench.not_ready("orders", "Suspended").await.0).await;
    assert_eq!(suspended.status, "InProgress", "{suspended:?}");

    bench.edit("orders", json!({"suspend": false})).await;
    bench.ready("orders").await;
    bench.operator.terminate().await;
    bench.delete("AppCredential", "orders").await;
    let going = kstatus(&as_it_is(&bench, "orders").await).await;
    assert_eq!(going.status, "Terminating", "its finalizer holds it: {going:?}");
}
