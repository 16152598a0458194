//! Rest with outputs elsewhere: a restart writes nothing, and what a grant tells of its users is right within seconds and
//! not written again.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::{app, named};
use crate::harness::Bench;

/// Credentials, each with outputs in two namespaces.
const MANY: usize = 1000;
/// How long all of them may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// How often the operator wrote the status of a grant.
fn told(bench: &Bench) -> usize {
    bench.requests().iter().filter(|it| it.resource == "appcredentialgrants/status" && it.is_write()).count()
}

async fn status(bench: &Bench, namespace: &str) -> Value {
    bench.get_in(namespace, "AppCredentialGrant", "grant").await.unwrap_or_default()["status"].clone()
}

/// Waits until a grant says who uses it.
async fn used_by(bench: &Bench, namespace: &str, names: &[&str]) {
    let users: Vec<Value> = names.iter().map(|name| json!({"namespace": bench.namespace, "name": name})).collect();
    let right = async || {
        let status = status(bench, namespace).await;
        let condition = &status["conditions"][0];
        let generation =
            bench.get_in(namespace, "AppCredentialGrant", "grant").await.unwrap()["metadata"]["generation"].clone();
        status["inUse"] == names.len()
            && status["credentials"].as_array().cloned().unwrap_or_default() == users
            && status["observedGeneration"] == generation
            && condition["type"] == "Accepted"
            && condition["status"] == "True"
            && condition["message"] == "the grant is in force"
    };
    bench
        .wait_within(Duration::from_secs(10), &format!("{namespace} is used by {names:?}"), async || {
            right().await.then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_status_names_its_users_and_changes_only_with_them() {
    let mut bench = Bench::start_with_others("users", &["staging", "production"]).await;
    for namespace in ["staging", "production"] {
        bench.grant(namespace, "").await;
        used_by(&bench, namespace, &[]).await;
    }
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    bench.apply_in("home", &named("both", "targets: [{namespace: $staging}, {namespace: $production}]")).await;
    used_by(&bench, "staging", &["app", "both"]).await;
    used_by(&bench, "production", &["both"]).await;
    // Narrowed, it is used by whom it still allows.
    bench.grant("staging", "{from: [{namespace: $home, name: both}]}").await;
    used_by(&bench, "staging", &["both"]).await;
    bench.edit("both", json!({"targets": [{"namespace": bench.ns("production")}]})).await;
    used_by(&bench, "staging", &[]).await;
    // Somebody else's hand in it is put right.
    let path = json!({"status": {"inUse": 7, "credentials": []}});
    let grants = bench.objects("production", "AppCredentialGrant");
    grants.patch_status("grant", &Default::default(), &kube::api::Patch::Merge(&path)).await.expect("patched");
    used_by(&bench, "production", &["both"]).await;

    bench.at_rest().await;
    let (writes, version) = (told(&bench), status(&bench, "production").await);
    bench.edit("both", json!({"connection": {"port": 1}})).await;
    bench.ready("both").await;
    bench.operator.terminate().await;
    bench.operator.start();
    bench.operator.ready().await;
    bench.at_rest().await;
    if bench.counts_requests() {
        assert_eq!(told(&bench), writes, "an edit and a restart are no news to a grant");
    }
    assert_eq!(status(&bench, "production").await, version);
    bench.delete("AppCredential", "both").await;
    used_by(&bench, "production", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_over_1000_credentials_in_two_namespaces_is_idle() {
    let mut bench = Bench::start_with_others("thousand-elsewhere", &["staging", "production"]).await;
    for namespace in ["staging", "production"] {
        bench.grant(namespace, "").await;
    }
    let started = Instant::now();
    let bench_ref = &bench;
    let create = |index: usize| async move {
        let both = "targets: [{namespace: $staging}, {namespace: $production}]";
        bench_ref.apply_in("home", &named(&format!("app-{index:04}"), both)).await;
    };
    stream::iter((0..MANY).map(create)).buffer_unordered(24).for_each(async |()| {}).await;
    let ready = async || {
        let all = bench.credentials().list(&Default::default()).await.expect("a list").items;
        (all.iter().filter(|it| it.data["status"]["conditions"][3]["status"] == "True").count() == MANY).then_some(())
    };
    bench.wait_within(LIMIT, "all are ready", ready).await;
    let synced = started.elapsed();
    for namespace in ["staging", "production"] {
        let users: Vec<Value> =
            (0..100).map(|user| json!({"namespace": bench.namespace, "name": format!("app-{user:04}")})).collect();
        let right = async || {
            let status = status(&bench, namespace).await;
            status["inUse"] == MANY && status["credentials"] == json!(users)
        };
        bench.wait_until("the grant tells how many use it, and the first hundred", right).await;
    }
    bench.at_rest().await;
    if bench.counts_requests() {
        assert!(
            told(&bench) <= 2 * usize::try_from(synced.as_secs()).unwrap() + 10,
            "{} statuses of grants",
            told(&bench)
        );
    }
    bench.operator.terminate().await;
    let before = bench.requests().len();
    let restarted = Instant::now();
    bench.operator.start();
    bench.operator.ready().await;
    let in_sync = async || (bench.operator.said("in sync").len() >= MANY).then_some(());
    bench.wait_within(LIMIT, "all are in sync again", in_sync).await;
    let done = restarted.elapsed();
    bench.at_rest().await;
    println!("{MANY} in sync elsewhere after {synced:.1?}; a restart was done after {done:.1?}");
    if bench.counts_requests() {
        let writes: Vec<_> = bench.requests().into_iter().skip(before).filter(|request| request.is_write()).collect();
        assert!(writes.is_empty(), "{} writes, such as {:?}", writes.len(), writes.first());
    }
}
