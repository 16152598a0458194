//! Two operators in one cluster that share credentials by their environments (`--environments`), each with a Lease of its
//! own: neither writes because the other did, and each takes away what is its own.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Credential, Pair, TestNamespace};

/// How long two operators at rest are watched: a loop would write hundreds of times.
const WINDOW: Duration = Duration::from_secs(20);

/// A credential with two environments, of which both may be in other namespaces.
fn app(test: &TestNamespace, name: &str, elsewhere: bool) -> Value {
    let environment = |environment: &str| match elsewhere {
        true => json!({"name": environment, "targets": [{"namespace": test.ns(environment)}, {}]}),
        false => json!({"name": environment}),
    };
    json!({
        "apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": name},
        "spec": {
            "application": {"type": "redis"},
            "authentication": {"type": "BearerToken", "bearerToken": {"token": {"value": "t0ken"}}},
            "connection": {"host": "redis.internal"},
            "environments": [environment("staging"), environment("production")],
        },
    })
}

async fn pair(name: &str) -> Pair {
    let pair = Pair::start(name, &["staging", "production"], ["staging", "production"]).await;
    for namespace in ["staging", "production"] {
        pair.test.grant(namespace, "").await;
    }
    pair
}

/// A credential, once both operators have looked at it and all is well.
async fn ready(test: &TestNamespace, name: &str) -> Credential {
    let both = |it: &Credential| {
        it.condition("Ready").0 == "True" && it.0["status"]["environmentNames"] == "staging,production"
    };
    test.credential_when(name, "both environments are ready", both).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_share_credentials_and_then_write_nothing() {
    let mut pair = pair("sharing").await;
    let names: Vec<String> = (0..10).map(|index| format!("app-{index}")).collect();
    for (index, name) in names.iter().enumerate() {
        pair.test.apply_one(app(&pair.test, name, index % 2 == 0)).await;
    }
    join_all(names.iter().map(|name| ready(&pair.test, name))).await;
    pair.at_rest().await;
    let credential = ready(&pair.test, "app-0").await;
    for environment in ["staging", "production"] {
        let by = credential.environment(environment)["handledBy"]["operator"].to_string();
        assert!(by.contains(&format!("environments={environment}")), "{by}");
    }
    let before = pair.requests();
    tokio::time::sleep(WINDOW).await;
    assert_eq!(pair.requests().len(), before.len(), "{:#?}", pair.requests().split_off(before.len()));

    // An edit reaches the outputs of both, and is at rest again.
    join_all(names.iter().map(|name| pair.test.edit(name, json!({"connection": {"host": "redis2.internal"}})))).await;
    for name in &names {
        ready(&pair.test, name).await;
        for environment in ["staging", "production"] {
            let outputs = pair.test.at_revision(&format!("{name}-{environment}"), 2).await;
            assert_eq!(outputs.settings()["host"], "redis2.internal");
        }
    }
    pair.at_rest().await;

    // What both have written is in sync after a restart, whoever wrote the rest of the status.
    pair.test.operator.terminate().await;
    pair.second.terminate().await;
    let before = pair.requests().len();
    pair.test.operator.start();
    pair.second.start();
    pair.test.operator.ready().await;
    pair.second.ready().await;
    pair.at_rest().await;
    assert_eq!(pair.requests().len(), before, "{:#?}", pair.requests().split_off(before));

    join_all(names.iter().map(|name| pair.test.delete("AppCredential", name))).await;
    for name in &names {
        pair.test.wait_until("the credential is gone", async || pair.test.credential(name).await.is_none()).await;
    }
    let left = async || {
        let all = pair.test.everything(&[]).await;
        // What is in the own namespace goes by owner reference.
        all.into_iter().filter(|it| !it.contains("/home/") || pair.test.plane.collects_garbage()).count() == 0
    };
    pair.test.wait_until("nothing is left in any namespace", left).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_waits_for_a_stopped_operator_and_says_so() {
    let mut pair = pair("awaited").await;
    pair.test.apply_one(app(&pair.test, "app", true)).await;
    ready(&pair.test, "app").await;
    pair.at_rest().await;
    pair.second.terminate().await;
    pair.test.delete("AppCredential", "app").await;
    let awaited = ("False".to_owned(), "AwaitingOperator".to_owned());
    let find = async || pair.test.credential("app").await.filter(|it| it.condition("Ready") == awaited);
    let credential = pair.test.wait_for("the deletion waits", find).await;
    let message = pair.test.unfill(&credential.message("Ready"));
    assert!(message.starts_with("environment production: has outputs that only the operator of this environment deletes (ConfigMap/$production/app, Secret/$production/app)"), "{message}");
    let places = ["ConfigMap", "Secret"].map(|kind| format!("{kind}/{}/app", pair.test.ns("production")));
    assert_eq!(credential.0["status"]["detachedOutputs"], json!([{"environment": "production", "outputs": places}]));
    pair.at_rest().await;
    assert!(pair.test.get_in("staging", "Secret", "app").await.is_none(), "its own outputs are gone");
    assert!(pair.test.get_in("production", "Secret", "app").await.is_some(), "the other one's are not");
    assert!(pair.test.events("app").await.iter().all(|event| event["reason"] != "AwaitingOperator"));
    pair.second.start();
    pair.test.wait_until("the credential is gone", async || pair.test.credential("app").await.is_none()).await;
    assert!(pair.test.get_in("production", "Secret", "app").await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_one_operator_has_not_seen_is_not_ready() {
    let mut pair = pair("behind").await;
    pair.test.apply_one(app(&pair.test, "app", false)).await;
    let before = ready(&pair.test, "app").await;
    pair.at_rest().await;
    pair.second.terminate().await;
    pair.test.edit("app", json!({"connection": {"host": "redis2.internal"}})).await;
    let awaited = ("Unknown".to_owned(), "AwaitingOperator".to_owned());
    let find = async || pair.test.credential("app").await.filter(|it| it.condition("Ready") == awaited);
    let credential = pair.test.wait_for("nobody has looked at production", find).await;
    assert!(!credential.is_observed(), "tools that wait for the generation wait on");
    assert_eq!(credential.environment("production"), before.environment("production"));
    pair.test.at_revision("app-staging", 2).await;

    // An environment that nobody handles any more blocks nobody once it is taken out of the spec.
    pair.test.edit("app", json!({"environments": [{"name": "staging"}]})).await;
    let credential = pair.test.ready("app").await;
    assert_eq!(credential.0["status"]["environmentNames"], "staging");
    pair.second.start();
    pair.test.wait_until("its outputs go", async || pair.test.secret("app-production").await.is_none()).await;
    pair.at_rest().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_do_not_fight_over_one_object() {
    let pair = pair("one-object").await;
    let mut credential = app(&pair.test, "app", false);
    for environment in credential["spec"]["environments"].as_array_mut().unwrap() {
        environment["targets"] = json!([{"secret": {"name": "same"}}]);
    }
    pair.test.apply_one(credential.clone()).await;
    let taken = pair.test.not_ready("app", "NotOwned").await;
    let message = taken.message("Synced");
    assert!(message.starts_with("Secret ") && message.contains("which another operator handles"), "{message}");
    pair.at_rest().await;
    let before = pair.requests().len();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(pair.requests().len(), before);
    credential["spec"]["environments"][1]["targets"] = json!([{"secret": {"name": "other"}}]);
    pair.test.apply_one(credential).await;
    ready(&pair.test, "app").await;
}
