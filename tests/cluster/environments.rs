//! Environments come, go and get other names; one's failure is its own; and an operator that handles some of
//! them leaves the outputs of the others alone.

use serde_json::json;

use crate::harness::{TestNamespace, text};
use crate::manifests::shop_environment;

const BOTH: [&str; 4] =
    ["ConfigMap/shop-production", "ConfigMap/shop-staging", "Secret/shop-production", "Secret/shop-staging"];

#[tokio::test(flavor = "multi_thread")]
async fn environments_that_come_and_go_take_their_outputs_with_them() {
    let test = TestNamespace::start("environments").await;
    test.shop().await;
    assert_eq!(test.output_names().await, BOTH);
    let staging = test.outputs_now("shop-staging").await.versions();

    test.source("shop-source-qa", &[("password", b"q5")]).await;
    let three = json!([shop_environment("staging"), shop_environment("production"), shop_environment("qa")]);
    test.edit("shop", json!({"environments": three})).await;
    let credential = test.ready("shop").await;
    assert_eq!(credential.0["status"]["environmentNames"], "staging,production,qa");
    let qa = test.outputs_now("shop-qa").await;
    assert_eq!(qa.secret_text(), text(&[("username", "shop"), ("password", "q5")]));
    assert_eq!(qa.secret.metadata.labels.clone().unwrap()["appcredential.io/environment"], "qa");

    // Removed: pruned. Renamed: pruned under the old name, there under the new one.
    test.source("shop-source-live", &[("password", b"p4")]).await;
    test.edit("shop", json!({"environments": [shop_environment("staging"), shop_environment("live")]})).await;
    let credential = test.ready("shop").await;
    assert_eq!(credential.0["status"]["environmentNames"], "staging,live");
    let wanted = ["ConfigMap/shop-live", "ConfigMap/shop-staging", "Secret/shop-live", "Secret/shop-staging"];
    test.wait_until("only the present environments are there", async || test.output_names().await == wanted).await;
    assert_eq!(test.outputs_now("shop-staging").await.versions(), staging, "it was not concerned");

    // None at all: the base has no password, so it is not accepted and the last good outputs stay.
    test.edit("shop", json!({"environments": null})).await;
    test.not_ready("shop", "InvalidSpec").await;
    assert_eq!(test.output_names().await, wanted);
    test.edit("shop", json!({"authentication": {"basic": {"password": {"value": "plain"}}}})).await;
    let credential = test.ready("shop").await;
    assert!(credential.0["status"]["environmentNames"].is_null());
    let wanted = ["ConfigMap/shop", "Secret/shop"];
    test.wait_until("only the one without a name is there", async || test.output_names().await == wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reaches_exactly_the_environments_it_concerns() {
    let test = TestNamespace::start("overrides").await;
    test.shop().await;
    let production = test.outputs_now("shop-production").await.versions();
    let mut staging = shop_environment("staging");
    staging["excludedParameters"] = json!(["pool"]);
    staging["parameters"] = json!([{"name": "charset", "value": "latin1"}]);
    staging["scopes"] = json!(["read"]);
    test.edit("shop", json!({"environments": [staging, shop_environment("production")]})).await;
    let outputs = test.at_revision("shop-staging", 2).await;
    let wanted = [
        ("auth-type", "Basic"),
        ("environment", "staging"),
        ("host", "mysql.staging"),
        ("port", "3306"),
        ("charset", "latin1"),
        ("scopes", "read"),
    ];
    assert_eq!(outputs.settings(), text(&wanted));
    test.ready("shop").await;
    assert_eq!(test.outputs_now("shop-production").await.versions(), production);

    test.edit("shop", json!({"connection": {"port": 3307}})).await;
    let staging = test.at_revision("shop-staging", 3).await;
    let production = test.at_revision("shop-production", 2).await;
    assert_eq!([&staging.settings()["port"], &production.settings()["port"]], ["3307", "3307"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_failure_of_one_environment_does_not_stop_another() {
    let test = TestNamespace::start("apart").await;
    test.shop().await;
    test.delete("Secret", "shop-source-staging").await;
    test.not_ready("shop", "SecretNotFound").await;
    let staging = test.outputs_now("shop-staging").await.versions();
    test.source("shop-source-production", &[("password", b"p5")]).await;
    let production = test.at_revision("shop-production", 2).await;
    assert_eq!(production.secret_text()["password"], "p5");
    let credential = test
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
    assert_eq!(test.outputs_now("shop-staging").await.versions(), staging, "the last good outputs stay");
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
    let mut test = TestNamespace::start("selected").await;
    test.shop().await;
    let staging = test.outputs_now("shop-staging").await.versions();
    test.operator.terminate().await;
    let namespace = test.namespace.clone();
    test.operator.start_with(&["--namespace", &namespace, "--environments", "production"]);

    // The source of staging is gone and staging is not even declared any more: no matter here.
    test.delete("Secret", "shop-source-staging").await;
    let mut production = shop_environment("production");
    production["connection"]["host"] = json!("mysql2.production");
    test.edit("shop", json!({"environments": [shop_environment("staging"), production]})).await;
    let credential = test.ready("shop").await;
    assert_eq!(credential.0["status"]["environmentNames"], "production");
    assert_eq!(test.at_revision("shop-production", 2).await.settings()["host"], "mysql2.production");
    test.edit("shop", json!({"environments": [production]})).await;
    test.ready("shop").await;
    test.at_rest().await;
    assert_eq!(test.outputs_now("shop-staging").await.versions(), staging);
    assert_eq!(test.output_names().await, BOTH);

    // Drift of the other's output is none of its business; a deleted output of its own is.
    test.patch("ConfigMap", "shop-staging", json!({"data": {"host": "elsewhere"}})).await;
    test.delete("ConfigMap", "shop-production").await;
    test.event("shop", "OutputRestored").await;
    test.at_rest().await;
    assert_eq!(test.outputs_now("shop-staging").await.settings()["host"], "elsewhere");
    assert_eq!(test.output_names().await, BOTH);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_handles_none_of_the_environments_says_so() {
    let mut test = TestNamespace::idle("unselected").await;
    let namespace = test.namespace.clone();
    test.operator.start_with(&["--namespace", &namespace, "--environments", "elsewhere"]);
    test.apply(crate::manifests::SHOP).await;
    let what = "Ready=True/NotSelected";
    let wanted = ("True".to_owned(), "NotSelected".to_owned());
    test.credential_when("shop", what, |credential| credential.condition("Ready") == wanted).await;
    assert!(test.output_names().await.is_empty());
}
