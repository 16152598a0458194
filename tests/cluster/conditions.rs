//! What a credential is told when it is not accepted: everything at once, with the path of each field, while the
//! last good outputs stay; and that the next edit puts it right.

use serde_json::json;

use crate::harness::{Credential, TestNamespace};
use crate::manifests::shop_environment;

fn assert_refused(credential: &Credential, reason: &str, paths: &[&str]) {
    let accepted = credential.condition("Accepted");
    assert_eq!(accepted, ("False".to_owned(), reason.to_owned()));
    assert_eq!(credential.condition("ResolvedRefs"), ("Unknown".to_owned(), reason.to_owned()));
    assert_eq!(credential.condition("Synced"), ("False".to_owned(), reason.to_owned()));
    let message = credential.message("Accepted");
    assert_eq!(credential.message("Ready"), message);
    for path in paths {
        assert!(message.contains(&format!("{path}: ")), "{path} is not in: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_problems_are_reported_at_once_and_good_outputs_stay() {
    let test = TestNamespace::start("refused").await;
    test.shop().await;
    test.at_rest().await;
    let before = [test.outputs_now("shop-staging").await, test.outputs_now("shop-production").await];
    let asked = test.requests().len();

    let mut staging = shop_environment("staging");
    let mut production = shop_environment("production");
    staging["authentication"] = json!(null);
    production["authentication"] = json!(null);
    staging["parameters"] = json!([{"name": "host", "value": "twice"}]);
    for environment in [&mut staging, &mut production] {
        environment.as_object_mut().unwrap().remove("authentication");
        environment["targets"] = json!([{"secret": {"name": "same"}}]);
    }
    test.edit("shop", json!({"environments": [staging, production]})).await;
    let credential = test.not_ready("shop", "InvalidSpec").await;
    let paths = [
        "spec.environments[staging].authentication.basic.password",
        "spec.environments[production].authentication.basic.password",
        "spec.environments[staging].parameters[host]",
        "spec.environments[production].targets[0]",
    ];
    assert_refused(&credential, "InvalidSpec", &paths);
    let event = test.event("shop", "InvalidSpec").await;
    assert_eq!(event["type"], "Warning");
    test.at_rest().await;
    for (before, name) in before.iter().zip(["shop-staging", "shop-production"]) {
        assert_eq!(test.outputs_now(name).await.versions(), before.versions());
    }
    assert_eq!(credential.environment("staging")["ready"], true, "what is known of the outputs stays in the status");
    if test.counts_requests() {
        let tally = test.tally_since(asked);
        let wanted = [("patch appcredentials/status", 1), ("events", 1)];
        assert_eq!(tally, wanted.map(|(what, count)| (what.to_owned(), count)).into(), "and no source is read");
    }

    let mut production = shop_environment("production");
    production["connection"]["host"] = json!("mysql2.production");
    test.edit("shop", json!({"environments": [shop_environment("staging"), production]})).await;
    test.ready("shop").await;
    assert_eq!(test.at_revision("shop-production", 2).await.settings()["host"], "mysql2.production");
    assert_eq!(test.outputs_now("shop-staging").await.versions(), before[0].versions());
    test.event("shop", "Recovered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_have_reasons_of_their_own() {
    let test = TestNamespace::start("conflicts").await;
    let first = test.orders().await;
    test.edit("orders", json!({"connection": {"properties": [{"name": "pool", "value": "1"}]}})).await;
    let credential = test.not_ready("orders", "KeyConflict").await;
    assert_refused(&credential, "KeyConflict", &["spec.parameters[pool]"]);

    let target = json!({"secret": {"name": "a"}, "configMap": {"name": "b"}});
    test.edit("orders", json!({"connection": {"properties": null}, "targets": [target, target]})).await;
    let credential = test.not_ready("orders", "TargetConflict").await;
    assert_refused(&credential, "TargetConflict", &["spec.targets[1]"]);

    // A source of the credential is not a name for its output.
    test.edit("orders", json!({"targets": [{"secret": {"name": "orders-source"}}]})).await;
    let credential = test.not_ready("orders", "TargetConflict").await;
    assert_refused(&credential, "TargetConflict", &["spec.targets[0].secret.name"]);
    assert_eq!(test.outputs_now("orders").await.versions(), first.versions());

    test.edit("orders", json!({"targets": null})).await;
    test.ready("orders").await;
    test.at_rest().await;
    assert_eq!(test.outputs_now("orders").await.settings(), {
        let mut settings = first.settings();
        settings.remove("sslcompression");
        settings
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_somebody_else_overwrote_is_written_again() {
    let test = TestNamespace::start("status").await;
    test.small().await;
    let good = test.credential("small").await.unwrap().status_without_times();
    let output = test
        .kubectl(
            &[
                "patch",
                "appcred",
                "small",
                "--subresource=status",
                "--type=merge",
                "-p",
                r#"{"status":{"conditions":[],"environments":null}}"#,
            ],
            "",
        )
        .await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let same = |credential: &Credential| credential.status_without_times() == good;
    test.credential_when("small", "the status is as it was", same).await;
}
