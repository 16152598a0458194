//! The health check for Argo CD that the documentation gives, run as Argo CD runs it, over what an operator tells.

use serde_json::{Value, json};

use super::{Health, as_it_is, health, refused};
use crate::harness::TestNamespace;
use crate::manifests::ORDERS;

const PAGE: &str = include_str!("../../../docs/gitops.md");

/// The check of the page, in a file.
fn script(test: &TestNamespace) -> String {
    let (_, rest) = PAGE.split_once("```lua\n").expect("a check");
    let (check, _) = rest.split_once("```").expect("its end");
    let path = test.plane.folder().join(format!("{}.lua", test.namespace));
    std::fs::write(&path, check).expect("written");
    path.display().to_string()
}

async fn argocd(script: &str, object: &Value) -> Health {
    health(&["argocd", script], object).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_health_check_tells_every_state_apart() {
    let mut test = TestNamespace::idle("argocd").await;
    let script = script(&test);
    test.apply(ORDERS).await;
    let mut told: Vec<(&str, Health)> = Vec::new();
    told.push(("new", argocd(&script, &as_it_is(&test, "orders").await).await));

    test.operator.start();
    let missing = test.not_ready("orders", "SecretNotFound").await;
    told.push(("missing source", argocd(&script, &missing.0).await));
    test.orders_sources().await;
    told.push(("ready", argocd(&script, &test.ready("orders").await.0).await));

    test.edit("orders", refused()).await;
    told.push(("refused", argocd(&script, &test.not_ready("orders", "KeyConflict").await.0).await));
    test.edit("orders", json!({"parameters": [], "suspend": true})).await;
    told.push(("suspended", argocd(&script, &test.not_ready("orders", "Suspended").await.0).await));

    test.settings("taken", &[("a", "b")]).await;
    test.edit("orders", json!({"suspend": null, "targets": [{"configMap": {"name": "taken"}}]})).await;
    told.push(("somebody else's", argocd(&script, &test.not_ready("orders", "NotOwned").await.0).await));

    let statuses: Vec<(&str, &str)> = told.iter().map(|(what, health)| (*what, health.status.as_str())).collect();
    let expected = [
        ("new", "Progressing"),
        ("missing source", "Progressing"),
        ("ready", "Healthy"),
        ("refused", "Degraded"),
        ("suspended", "Suspended"),
        ("somebody else's", "Degraded"),
    ];
    assert_eq!(statuses, expected, "{told:#?}");
    assert!(told.iter().all(|(_, health)| !health.message.is_empty() && health.name == "orders"), "{told:#?}");
    assert_eq!(told[1].1.message, missing.message("Ready"));
}
