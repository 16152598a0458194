//! The layout of the Service Binding specification, and the way there and back: a Secret's type cannot be
//! changed in place.

use serde_json::json;

use crate::harness::{TestNamespace, text};
use crate::manifests::assert_orders;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_layout_replaces_the_secret_and_keeps_the_config_map() {
    let test = TestNamespace::start("layout").await;
    let first = test.orders().await;
    test.edit("orders", json!({"targets": [{"secret": {"layout": "ServiceBinding"}}]})).await;
    let outputs = test.at_revision("orders", 2).await;
    let wanted = [
        ("type", "postgresql"),
        ("provider", "aws-rds"),
        ("username", "orders_app"),
        ("password", "hunter2"),
        ("replica-password", "replica2"),
        ("protocol", "postgresql"),
        ("host", "pg.internal"),
        ("port", "5432"),
        ("tls-mode", "VerifyFull"),
        ("certificates", "the CA\n"),
        ("sslcompression", "0"),
        ("scopes", "orders:read"),
        ("pool", "10"),
    ];
    assert_eq!(outputs.secret_text(), text(&wanted));
    assert_eq!(outputs.secret.type_.as_deref(), Some("servicebinding.io/postgresql"));
    assert_eq!(outputs.settings(), first.settings());
    assert_ne!(outputs.uids()[0], first.uids()[0], "replaced");
    assert_eq!(outputs.uids()[1], first.uids()[1], "kept");
    let event = test.event("orders", "OutputReplaced").await;
    assert_eq!(event["type"], "Normal");

    // A value changes in place as anywhere.
    test.source("orders-source", &[("password", b"hunter3"), ("replica-password", b"replica2")]).await;
    let changed = test.at_revision("orders", 3).await;
    assert_eq!(changed.secret_text()["password"], "hunter3");
    assert_eq!(changed.uids(), outputs.uids());
    test.orders_sources().await;
    test.at_revision("orders", 4).await;

    test.edit("orders", json!({"targets": null})).await;
    let back = test.at_revision("orders", 5).await;
    assert_orders(&back);
    assert_eq!(back.secret.type_.as_deref(), Some("Opaque"));
    assert_ne!(back.uids()[0], outputs.uids()[0]);
    assert_eq!(back.uids()[1], first.uids()[1]);
    test.ready("orders").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_layouts_of_one_credential_stand_side_by_side() {
    let test = TestNamespace::start("layouts").await;
    test.orders().await;
    let binding = json!({"secret": {"name": "orders-binding", "layout": "ServiceBinding"}, "configMap": {"name": "orders-binding"}});
    test.edit("orders", json!({"targets": [{}, binding]})).await;
    test.ready("orders").await;
    assert_orders(&test.outputs_now("orders").await);
    let binding = test.outputs_now("orders-binding").await;
    assert_eq!(binding.secret_text()["type"], "postgresql");
    assert!(!binding.secret_text().contains_key("auth-type"));
}
