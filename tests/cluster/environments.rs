//! Environments come, go and get other names; one's failure is its own; and an operator that handles some of
//! them leaves the outputs of the others alone.

use serde_json::json;

use crate::harness::{Bench, text};
use crate::manifests::shop_environment;

const BOTH: [&str; 4] =
    ["ConfigMap/shop-production", "ConfigMap/shop-staging", "Secret/shop-production", "Secret/shop-staging"];

#[tokio::test(flavor = "multi_thread")]
async fn environments_that_come_and_go_take_their_outputs_with_them() {
    let bench = Bench::start("environments").await;
    bench.shop().await;
    assert_eq!(bench.output_names().await, BOTH);
    let staging = bench.outputs_now("shop-staging").await.versions();

    bench.source("shop-source-qa", &[("password", b"q5")]).await;
    let three = json!([shop_environment("staging"), shop_environment("production"), shop_environment("qa")]);
    bench.edit("shop", json!({"environments": three})).await;
    let credential = bench.ready("shop").await;
    assert_eq!(credential.0["status"]["environmentNames"], "staging,production,qa");
    let qa = bench.outputs_now("shop-qa").await;
    assert_eq!(qa.secret_text(), text(&[("username", "shop"), ("password", "q5")]));
    assert_eq!(qa.secret.metadata.labels.clone().unwrap()["appcredential.io/environment"], "qa");

    // Removed: pruned. Renamed: pruned under the old name, there under the new one.
    bench.source("shop-source-live", &[("password", b"p4")]).await;
    bench.edit("shop", json!({"environments": [shop_environment("staging"), shop_environment("live")]})).await;
    let credential = bench.ready("shop").await;
    assert_eq!(credential.0["status"]["environmentNames"], "staging,live");
    let wanted = ["ConfigMap/shop-live", "ConfigMap/shop-staging", "Secret/shop-live", "Secret/shop-staging"];
    bench.wait_until("only the present environments are there", async || bench.output_names().await == wanted).await;
    assert_eq!(bench.outputs_now("shop-staging").await.versions(), staging, "it was not concerned");

    // None at all: the base has no password, so it is not accepted and the last good outputs stay.
    bench.edit("shop", json!({"environments": null})).await;
    bench.not_ready("shop", "InvalidSpec").await;
    assert_eq!(bench.output_names().await, wanted);
    bench.edit("shop", json!({"authentication": {"basic": {"password": {"value": "plain"}}}})).await;
    let credential = bench.ready("shop").await;
    assert!(credential.0["status"]["environmentNames"].is_null());
    let wanted = ["ConfigMap/shop", "Secret/shop"];
    bench.wait_until("only the one without a name is there", async || bench.output_names().await == wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reaches_exactly_the_environments_it_concerns() {
    let bench = Bench::start("overrides").await;
    bench.shop().await;
    let production = bench.outputs_now("shop-production").await.versions();
    let mut staging = shop_environment("staging");
    staging["excludedParameters"] = json!(["pool"]);
    staging["parameters"] = json!([{"name": "charset", "value": "latin1"}]);
    staging["scopes"] = json!(["read"]);
    bench.edit("shop", json!({"environments": [staging, shop_environment("production")]})).await;
    let outputs = bench.at_revision("shop-staging", 2).await;
    let wanted = [
        ("auth-type", "Basic"),
        ("environment", "staging"),
        ("host", "mysql.staging"),
        ("port", "3306"),
        ("charset", "latin1"),
        ("scopes", "read"),
    ];
    assert_eq!(outputs.settings(), text(&wanted));
    bench.ready("shop").await;
    assert_eq!(bench.outputs_now("shop-production").await.versions(), production);

    bench.edit("shop", json!({"connection": {"port": 3307}})).await;
    let staging = bench.at_revision("shop-staging", 3).await;
    let production = bench.at_revision("shop-production", 2).await;
    assert_eq!([&staging.settings()["port"], &production.settings()["port"]], ["3307", "3307"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failure_of_one_environment_does_not_stop_another() {
    let bench = Bench::start("apart").await;
    bench.shop().await;
    bench.delete("Secret", "shop-source-staging").await;
    bench.not_ready("shop", "SecretNotFound").await;
    let staging = bench.outputs_now("shop-staging").await.versions();
    bench.source("shop-source-production", &[("password", b"p5")]).await;
    let production = bench.at_revision("shop-production", 2).await;
    assert_eq!(production.secret_text()["password"], "p5");
    let credential = bench
        .credential_when("shop", "production is ready under revision 2", |credential| {
            credential.environment("production")["targets"][0]["revision"] == 2
        })
        .await;
    assert_eq!(credential.environment("production")["ready"], true);
    let failed = credential.environment("staging");
    assert_eq!((&failed["ready"], &failed["reason"]), (&json!(false), &json!("SecretNotFound")));
    let message = failed["message"].as_str().unwrap();
    assert!(message.starts_with("spec.environments[staging].authentication.basic.password: "), "{message}");
    assert!(message.contains("Secret shop-source-staging"), "{message}");
    assert_eq!(bench.outputs_now("shop-staging").await.versions(), staging, "the last good outputs stay");
    assert_eq!(
        credential.conditions(),
        [
            "Accepted=True/Valid",
            "ResolvedRefs=False/SecretNotFound",
            "Synced=False/SecretNotFound",
            "Ready=False/SecretNotFound"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_of_one_environment_leaves_the_others_alone() {
    let mut bench = Bench::start("selected").await;
    bench.shop().await;
    let staging = bench.outputs_now("shop-staging").await.versions();
    bench.operator.terminate().await;
    let namespace = bench.namespace.clone();
    bench.operator.start_with(&["--namespace", &namespace, "--environments", "production"]);

    // The source of staging is gone and staging is not even declared any more: no matter here.
    bench.delete("Secret", "shop-source-staging").await;
    let mut production = shop_environment("production");
    production["connection"]["host"] = json!("mysql2.production");
    bench.edit("shop", json!({"environments": [shop_environment("staging"), production]})).await;
    let credential = bench.ready("shop").await;
    assert_eq!(credential.0["status"]["environmentNames"], "production");
    assert_eq!(bench.at_revision("shop-production", 2).await.settings()["host"], "mysql2.production");
    bench.edit("shop", json!({"environments": [production]})).await;
    bench.ready("shop").await;
    bench.at_rest().await;
    assert_eq!(bench.outputs_now("shop-staging").await.versions(), staging);
    assert_eq!(bench.output_names().await, BOTH);

    // Drift of the other's output is none of its business; a deleted output of its own is.
    bench.patch("ConfigMap", "shop-staging", json!({"data": {"host": "elsewhere"}})).await;
    bench.delete("ConfigMap", "shop-production").await;
    bench.event("shop", "OutputRestored").await;
    bench.at_rest().await;
    assert_eq!(bench.outputs_now("shop-staging").await.settings()["host"], "elsewhere");
    assert_eq!(bench.output_names().await, BOTH);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_handles_none_of_the_environments_says_so() {
    let mut bench = Bench::idle("unselected").await;
    let namespace = bench.namespace.clone();
    bench.operator.start_with(&["--namespace", &namespace, "--environments", "elsewhere"]);
    bench.apply(crate::manifests::SHOP).await;
    let what = "Ready=True/NotSelected";
    let wanted = ("True".to_owned(), "NotSelected".to_owned());
    bench.credential_when("shop", what, |credential| credential.condition("Ready") == wanted).await;
    assert!(bench.output_names().await.is_empty());
}
