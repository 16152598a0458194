//! Rest with outputs elsewhere: a restart writes nothing, and what a grant tells of its users is right within seconds and
//! not written again.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::{app, named};
use crate::harness::TestNamespace;

/// Credentials, each with outputs in two namespaces.
const MANY: usize = 1000;
/// How long all of them may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// How often the operator wrote the status of a grant.
fn told(test: &TestNamespace) -> usize {
    test.requests().iter().filter(|it| it.resource == "appcredentialgrants/status" && it.is_write()).count()
}

async fn status(test: &TestNamespace, namespace: &str) -> Value {
    test.get_in(namespace, "AppCredentialGrant", "grant").await.unwrap_or_default()["status"].clone()
}

/// Waits until a grant says who uses it.
async fn used_by(test: &TestNamespace, namespace: &str, names: &[&str]) {
    let users: Vec<Value> = names.iter().map(|name| json!({"namespace": test.namespace, "name": name})).collect();
    let right = async || {
        let status = status(test, namespace).await;
        let condition = &status["conditions"][0];
        let generation =
            test.get_in(namespace, "AppCredentialGrant", "grant").await.unwrap()["metadata"]["generation"].clone();
        status["inUse"] == names.len()
            && status["credentials"].as_array().cloned().unwrap_or_default() == users
            && status["observedGeneration"] == generation
            && condition["type"] == "Accepted"
            && condition["status"] == "True"
            && condition["message"] == "the grant is in force"
    };
    test.wait_within(Duration::from_secs(10), &format!("{namespace} is used by {names:?}"), async || {
        right().await.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_status_names_its_users_and_changes_only_with_them() {
    let mut test = TestNamespace::start_with_others("users", &["staging", "production"]).await;
    for namespace in ["staging", "production"] {
        test.grant(namespace, "").await;
        used_by(&test, namespace, &[]).await;
    }
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.apply_in("home", &named("both", "targets: [{namespace: $staging}, {namespace: $production}]")).await;
    used_by(&test, "staging", &["app", "both"]).await;
    used_by(&test, "production", &["both"]).await;
    // Narrowed, it is used by whom it still allows.
    test.grant("staging", "{from: [{namespace: $home, name: both}]}").await;
    used_by(&test, "staging", &["both"]).await;
    test.edit("both", json!({"targets": [{"namespace": test.ns("production")}]})).await;
    used_by(&test, "staging", &[]).await;
    // Somebody else's hand in it is put right.
    let path = json!({"status": {"inUse": 7, "credentials": []}});
    let grants = test.objects("production", "AppCredentialGrant");
    grants.patch_status("grant", &Default::default(), &kube::api::Patch::Merge(&path)).await.expect("patched");
    used_by(&test, "production", &["both"]).await;

    test.at_rest().await;
    let (writes, version) = (told(&test), status(&test, "production").await);
    test.edit("both", json!({"connection": {"port": 1}})).await;
    test.ready("both").await;
    test.operator.terminate().await;
    test.operator.start();
    test.operator.ready().await;
    test.at_rest().await;
    if test.counts_requests() {
        assert_eq!(told(&test), writes, "an edit and a restart are no news to a grant");
    }
    assert_eq!(status(&test, "production").await, version);
    test.delete("AppCredential", "both").await;
    used_by(&test, "production", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_over_1000_credentials_in_two_namespaces_is_idle() {
    let mut test = TestNamespace::start_with_others("thousand-elsewhere", &["staging", "production"]).await;
    for namespace in ["staging", "production"] {
        test.grant(namespace, "").await;
    }
    let started = Instant::now();
    let shared = &test;
    let create = |index: usize| async move {
        let both = "targets: [{namespace: $staging}, {namespace: $production}]";
        shared.apply_in("home", &named(&format!("app-{index:04}"), both)).await;
    };
    stream::iter((0..MANY).map(create)).buffer_unordered(24).for_each(async |()| {}).await;
    let ready = async || {
        let all = test.credentials().list(&Default::default()).await.expect("a list").items;
        (all.iter().filter(|it| it.data["status"]["conditions"][3]["status"] == "True").count() == MANY).then_some(())
    };
    test.wait_within(LIMIT, "all are ready", ready).await;
    let synced = started.elapsed();
    for namespace in ["staging", "production"] {
        let users: Vec<Value> =
            (0..100).map(|user| json!({"namespace": test.namespace, "name": format!("app-{user:04}")})).collect();
        let right = async || {
            let status = status(&test, namespace).await;
            status["inUse"] == MANY && status["credentials"] == json!(users)
        };
        test.wait_until("the grant tells how many use it, and the first hundred", right).await;
    }
    test.at_rest().await;
    if test.counts_requests() {
        assert!(
            told(&test) <= 2 * usize::try_from(synced.as_secs()).unwrap() + 10,
            "{} statuses of grants",
            told(&test)
        );
    }
    test.operator.terminate().await;
    let before = test.requests().len();
    let restarted = Instant::now();
    test.operator.start();
    test.operator.ready().await;
    let in_sync = async || (test.operator.said("in sync").len() >= MANY).then_some(());
    test.wait_within(LIMIT, "all are in sync again", in_sync).await;
    let done = restarted.elapsed();
    test.at_rest().await;
    println!("{MANY} in sync elsewhere after {synced:.1?}; a restart was done after {done:.1?}");
    if test.counts_requests() {
        let writes: Vec<_> = test.requests().into_iter().skip(before).filter(|request| request.is_write()).collect();
        assert!(writes.is_empty(), "{} writes, such as {:?}", writes.len(), writes.first());
    }
}
