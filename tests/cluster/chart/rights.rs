//! What the chart grants, held against what the operator asks for: equal, in both directions.
//!
//! The operator's process runs as the Deployment says, as the chart's service account, under the chart's roles and policies.
//! It is brought to do everything that it ever does, and the audit log tells what it asked for.

use std::collections::BTreeSet;

use appcredential_operator::rights::{ALL, Asked};
use serde_json::json;

use super::process::Process;
use super::release::Release;
use crate::harness::TestNamespace;

/// Group, resource and verb.
type Used = BTreeSet<(String, String, String)>;

fn granted() -> Used {
    let mut all = Used::new();
    for right in ALL.iter().filter(|right| right.asked == Asked::Requested) {
        for resource in right.resources {
            all.extend(
                right.verbs.iter().map(|verb| (right.group.to_owned(), (*resource).to_owned(), (*verb).to_owned())),
            );
        }
    }
    all
}

fn used(test: &TestNamespace, user: &str) -> Used {
    let requests = test.requests_of(user).into_iter();
    requests.map(|request| (request.group, request.resource, request.verb)).collect()
}

/// An edit, drift twice (the second event is counted with the first), another name for the outputs.
async fn everyday(test: &TestNamespace) {
    test.orders().await;
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    test.at_revision("orders", 2).await;
    for revision in [3, 4] {
        test.patch("Secret", "orders", json!({"stringData": {"password": "by hand"}})).await;
        test.at_revision("orders", revision).await;
    }
    test.event("orders", "OutputRestored").await;
    test.edit("orders", json!({"targets": [{"secret": {"name": "renamed"}, "configMap": {"name": "renamed"}}]})).await;
    test.wait_until("the old outputs are pruned", async || test.outputs("orders").await.is_none()).await;
    test.ready("orders").await;
}

/// A target elsewhere, whose namespace is pinned, of a credential that somebody else changes all the time: the finalizer meets a newer version.
async fn elsewhere(test: &TestNamespace, user: &str) {
    let namespace = test.ns("staging");
    let uid = test.kubectl_says(&["get", "namespace", &namespace, "-o=jsonpath={.metadata.uid}"]).await;
    test.grant("staging", "").await;
    let read_again = |used: &Used| used.iter().any(|(_, resource, verb)| resource == "appcredentials" && verb == "get");
    for attempt in 0..50 {
        let home = json!([{"namespace": test.namespace}]);
        let away = json!([{"namespace": namespace, "namespaceUID": uid}]);
        for targets in [away, home] {
            test.edit("orders", json!({"targets": targets})).await;
            for label in 0..5 {
                let labels = json!({"touched": format!("{attempt}-{label}")});
                test.patch("AppCredential", "orders", json!({"metadata": {"labels": labels}})).await;
            }
            test.ready("orders").await;
        }
        if read_again(&used(test, user)) {
            return;
        }
    }
}

/// Somebody asks for metrics.
async fn scraped(test: &TestNamespace, process: &Process) {
    let token = test.kubectl_says(&["create", "token", "default"]).await;
    let header = [format!("Authorization: Bearer {}", token.trim())];
    let (status, text) = crate::serving::get(process.address("--metrics-address"), "/metrics", &header).await;
    assert_eq!(status, 403, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chart_grants_exactly_what_the_operator_uses() {
    let test = TestNamespace::idle_with_others("chart-rights", &["staging"]).await;
    if !test.plane.collects_garbage() || !test.counts_requests() {
        return;
    }
    let policies = json!({"plainSecrets": "Warn"});
    let values = json!({
        "replicas": 1, "metrics": {"access": "token"}, "watch": {"pagedLists": true}, "namespacePins": true, "policies": policies,
    });
    let release = Release::install(&test, &["staging"], values).await;
    let mut process = Process::start(&test, &release).await;
    crate::fixtures::ten(&test).await;
    everyday(&test).await;
    elsewhere(&test, &release.operator()).await;
    scraped(&test, &process).await;
    let (granted, user) = (granted(), release.operator());
    let missing = || granted.difference(&used(&test, &user)).cloned().collect::<Vec<_>>();
    // Who uses a grant is told a moment after it is known, and not any more by one that ends.
    let told = || used(&test, &user).iter().any(|(_, resource, _)| resource == "appcredentialgrants/status");
    test.wait_until("the grant says who uses it", async || told()).await;
    // Watches are told when they end.
    process.stop();
    test.wait_until(&format!("everything is used but {:?}", missing()), async || missing().is_empty()).await;
    assert_eq!(used(&test, &user), granted);
    let denied = test.requests_of(&user).into_iter().filter(|request| request.code == 403);
    assert_eq!(denied.collect::<Vec<_>>(), [], "{}", process.log());
}
