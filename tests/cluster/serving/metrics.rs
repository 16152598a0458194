//! `/metrics`: what is counted, that nothing of a user stands in it, and who may see it.

use serde_json::json;

use super::{Served, get};
use crate::harness::TestNamespace;

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_credentials_is_counted() {
    let served = Served::start("metrics", &[]).await;
    let test = &served.test;
    test.orders().await;
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    test.at_revision("orders", 2).await;
    test.ready("orders").await;
    let namespace = &test.namespace;
    let ready =
        format!("appcredential_credentials{{ready=\"True\",reason=\"Ready\",credential_namespace=\"{namespace}\"}}");
    test.wait_until("it is counted as ready", async || served.scrape().await.get(&ready) == Some(&1.0)).await;
    let metrics = served.scrape().await;
    let of = |name: &str| metrics.get(name).copied().unwrap_or_default();
    assert_eq!(of("appcredential_targets"), 1.0);
    assert_eq!(of("appcredential_leader"), 1.0);
    assert_eq!(of("appcredential_output_writes_total{kind=\"Secret\",action=\"create\"}"), 1.0);
    assert_eq!(of("appcredential_output_writes_total{kind=\"ConfigMap\",action=\"update\"}"), 1.0);
    assert!(of("appcredential_edit_to_synced_seconds_count") >= 1.0);
    assert!(of("appcredential_reconcile_duration_seconds_count") >= 2.0);
    assert!(of("appcredential_queue_wait_seconds_count{lane=\"change\"}") >= 1.0);
    assert!(of("appcredential_api_requests_total{verb=\"create\",resource=\"secrets\",code=\"201\"}") >= 1.0);
    assert!(of("appcredential_watch_starts_total{resource=\"appcredentials\"}") >= 1.0);
    assert!(of("appcredential_watch_last_event_timestamp_seconds{watch=\"appcredentials\"}") > 1.0e9);
    test.delete("AppCredential", "orders").await;
    test.wait_until("it is not counted any more", async || !served.scrape().await.contains_key(&ready)).await;
    let metrics = served.scrape().await;
    assert_eq!(metrics.get("appcredential_targets"), Some(&0.0));
    let left: Vec<&String> = metrics.keys().filter(|name| name.contains(namespace.as_str())).collect();
    assert!(left.is_empty(), "every series of a namespace goes with its last credential: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_user_writes_stands_in_the_metrics() {
    let served = Served::start("metrics-canary", &["--metrics-namespace-label=false"]).await;
    served.test.orders().await;
    served.test.source("canary-source", &[("password", b"canary-value")]).await;
    served.test.edit("orders", json!({"parameters": [{"name": "canary-key", "value": "canary-text"}]})).await;
    served.test.at_revision("orders", 2).await;
    let (_, text) = get(served.metrics, "/metrics", &[]).await;
    for word in ["canary", "orders", served.test.namespace.as_str()] {
        assert!(!text.contains(word), "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn access_by_token_serves_only_those_who_may_get_the_path() {
    let served = Served::start("metrics-token", &["--metrics-access", "token"]).await;
    let test = &served.test;
    assert_eq!(get(served.metrics, "/metrics", &[]).await.0, 401);
    assert_eq!(get(served.metrics, "/metrics", &["Authorization: Bearer made-up".to_owned()]).await.0, 401);
    test.kubectl_says(&["create", "serviceaccount", "prometheus"]).await;
    let token = test.kubectl_says(&["create", "token", "prometheus"]).await;
    let header = [format!("Authorization: Bearer {}", token.trim())];
    let (status, text) = get(served.metrics, "/metrics", &header).await;
    assert_eq!(status, 403, "{text}");
    assert!(text.contains("nonResourceURLs"), "it says what to ask for: {text}");
    let allowed = allowed(test).await;
    let header = [format!("Authorization: Bearer {}", allowed.trim())];
    test.wait_until("it is shown", async || get(served.metrics, "/metrics", &header).await.0 == 200).await;
    assert!(!test.operator.whole_log().contains(allowed.trim()), "the token is in no log");
}

/// The token of a service account that may get the metrics.
pub(super) async fn allowed(test: &TestNamespace) -> String {
    let name = format!("{}-scraper", test.namespace);
    test.kubectl_says(&["create", "clusterrole", &name, "--verb=get", "--non-resource-url=/metrics"]).await;
    let subject = format!("--serviceaccount={}:{name}", test.namespace);
    test.kubectl_says(&["create", "serviceaccount", &name]).await;
    let role = format!("--clusterrole={name}");
    test.kubectl_says(&["create", "clusterrolebinding", &name, &role, &subject]).await;
    test.kubectl_says(&["create", "token", &name]).await
}
