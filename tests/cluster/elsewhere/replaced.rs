//! A change of a Secret's type: it is deleted and created again, and an event tells of it. Where the new one would be refused
//! the old one is still there.

use serde_json::{Value, json};

use super::named;
use crate::harness::{Refused, TestNamespace};

/// A credential `db` with targets at home and in `staging`.
fn database(kind: &str) -> String {
    let target = format!("targets: [{{secret: {{type: {kind}}}}}, {{namespace: $staging, secret: {{type: {kind}}}}}]");
    let basic = "{type: Basic, basic: {username: {value: app}, password: {value: p}}}";
    named("db", &target).replace("{type: BearerToken, bearerToken: {token: {value: t0ken}}}", basic)
}

fn targets(test: &TestNamespace, kind: &str) -> Value {
    json!({"targets": [{"secret": {"type": kind}}, {"namespace": test.ns("staging"), "secret": {"type": kind}}]})
}

async fn written(name: &str) -> TestNamespace {
    let test = TestNamespace::start_with_others(name, &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &database("Opaque")).await;
    test.ready("db").await;
    test.at_rest().await;
    test
}

fn uid(version: &str) -> &str {
    version.split(' ').next().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_type_replaces_the_secret_and_tells_of_it() {
    let test = written("replaced").await;
    let before = test.versions().await;
    test.edit("db", targets(&test, "kubernetes.io/basic-auth")).await;
    test.ready("db").await;
    let after = test.versions().await;
    for (place, version) in &after {
        assert_eq!(uid(version) != uid(&before[place]), place.starts_with("Secret/"), "{place}");
    }
    for namespace in ["home", "staging"] {
        let secret = test.get_in(namespace, "Secret", "db").await.unwrap();
        assert_eq!(secret["type"], "kubernetes.io/basic-auth");
        assert_eq!(secret["metadata"]["annotations"]["appcredential.io/revision"], "2");
    }
    let place = format!("Secret {}/db was deleted and created again", test.ns("staging"));
    let told = async || {
        let events = test.events("db").await;
        let replaced: Vec<&Value> = events.iter().filter(|event| event["reason"] == "OutputReplaced").collect();
        replaced.len() == 2
            && replaced.iter().any(|event| event["note"].as_str().is_some_and(|note| note.starts_with(&place)))
    };
    test.wait_until("an event tells of each", told).await;
    test.at_rest().await;
    assert_eq!(test.versions().await, after, "and once is enough");
}

/// Whether the namespace `staging` would take a Secret like the replaced one, under this name.
async fn admits(test: &TestNamespace, name: &str) -> bool {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/basic-auth", "data": {"username": "eA=="}});
    let params = kube::api::PostParams { dry_run: true, ..Default::default() };
    let secret = serde_json::from_value(secret).unwrap();
    match test.objects("staging", "Secret").create(&params, &secret).await {
        Ok(_) => true,
        // It is there already, and would have been admitted.
        Err(kube::Error::Api(status)) => status.code == 409,
        Err(error) => panic!("{error}"),
    }
}

/// The old Secret of `staging` is there as it was, while that at home is replaced.
async fn assert_kept(test: &TestNamespace, before: &std::collections::BTreeMap<String, String>, reason: &str) {
    let credential = test.not_ready("db", reason).await;
    let place = format!("Secret {}/db: could not be written", test.ns("staging"));
    assert!(credential.message("Synced").starts_with(&place), "{}", credential.message("Synced"));
    let after = test.versions().await;
    for place in ["Secret/staging/db", "ConfigMap/staging/db"] {
        assert_eq!(after.get(place), before.get(place), "{place} is as it was");
    }
    assert_ne!(after.get("Secret/home/db"), before.get("Secret/home/db"), "the other target went on");
}

async fn refused_by_policy(name: &str, expression: &str) {
    let test = written(name).await;
    let what = ("", "secrets");
    test.refuse("staging", &Refused { what, operation: "CREATE", expression, reason: "Invalid" }).await;
    test.wait_until("the policy is in force", async || !admits(&test, "db").await).await;
    let before = test.versions().await;
    test.edit("db", targets(&test, "kubernetes.io/basic-auth")).await;
    assert_kept(&test, &before, "WriteFailed").await;
    // It is tried again by itself.
    test.allow_again().await;
    test.ready("db").await;
    assert_eq!(test.get_in("staging", "Secret", "db").await.unwrap()["type"], "kubernetes.io/basic-auth");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_whose_new_type_a_policy_refuses_stays_as_it_is() {
    refused_by_policy("policy", "object.type != 'kubernetes.io/basic-auth'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_stays_when_a_policy_refuses_its_new_type() {
    refused_by_policy("named", "object.type != 'kubernetes.io/basic-auth' || object.metadata.name != 'db'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_whose_replacement_a_quota_refuses_stays_as_it_is() {
    let test = written("quota").await;
    test.apply_in(
        "staging",
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {count/secrets: '0'}}",
    )
    .await;
    test.wait_until("the quota is in force", async || !admits(&test, "another").await).await;
    let before = test.versions().await;
    test.edit("db", targets(&test, "kubernetes.io/basic-auth")).await;
    assert_kept(&test, &before, "Forbidden").await;
    let told = test.not_ready("db", "Forbidden").await.message("Synced");
    assert!(told.contains("exceeded quota: few"), "{told}");
    test.delete_in("staging", "ResourceQuota", "few").await;
    test.ready("db").await;
    assert_eq!(test.get_in("staging", "Secret", "db").await.unwrap()["type"], "kubernetes.io/basic-auth");
}
